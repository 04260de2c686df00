//! Any read size gives the same records, and every input ends.

use super::super::{export, json, pretty, verbose};
use super::{all, export_of};

/// Reads `bytes` in pieces of `size`, as they would come from a pipe.
fn drip(bytes: &[u8], size: usize, extent: fn(&[u8], bool) -> Option<usize>) -> Vec<usize> {
    let (mut starts, mut start, mut filled) = (Vec::new(), 0, 0);
    while filled < bytes.len() {
        filled = (filled + size).min(bytes.len());
        while let Some(len) = extent(&bytes[start..filled], filled == bytes.len()) {
            starts.push(start);
            start += len;
        }
    }
    starts
}

#[test]
fn any_read_size_gives_the_same_records() {
    let entry = |n: &str, m: &str| export_of(&[("__CURSOR", n), ("MESSAGE", m), ("PRIORITY", "3")]);
    let mut bytes = [entry("a", "x"), entry("b", "x\n\ny\n\n__CURSOR=no"), entry("c", "z")].concat();
    bytes.extend_from_slice(b"\n\nBAD\n\xff\xff\xff\xff\xff\xff\xff\xffno\nend\n");
    bytes.extend_from_slice(&entry("d", "last"));
    let whole = drip(&bytes, bytes.len(), export::extent);
    assert_eq!(whole.len(), 5);
    for size in 1..bytes.len() {
        assert_eq!(drip(&bytes, size, export::extent), whole, "{size}");
    }
}

proptest::proptest! {
    #[test]
    fn noise_is_read_to_its_end(bytes in proptest::collection::vec(0u8..=255, 0..400)) {
        for extent in [export::extent, verbose::extent, pretty::extent] {
            all(&bytes, extent, export::parse);
            all(&bytes, extent, verbose::parse);
            all(&bytes, extent, json::parse);
        }
    }

    #[test]
    fn noise_that_looks_like_entries_is_read_the_same_from_any_read_size(
        pieces in proptest::collection::vec(0usize..10, 0..40), size in 1usize..7,
    ) {
        let words: [&[u8]; 10] = [
            b"\n", b"A=1\n", b"B\n\x02\0\0\0\0\0\0\0ab\n", b"B\n\x05\0\0\0\0\0\0\0a\n", b"__CURSOR=x\n", b"    A=1\n",
            b"{\n", b"}\n", b"B\n\xff\xff\xff\xff\xff\xff\xff\xff", b"x",
        ];
        let bytes: Vec<u8> = pieces.iter().filter_map(|p| words.get(*p)).copied().flatten().copied().collect();
        for extent in [export::extent, verbose::extent, pretty::extent] {
            proptest::prop_assert_eq!(drip(&bytes, size, extent), drip(&bytes, bytes.len().max(1), extent));
        }
    }
}
