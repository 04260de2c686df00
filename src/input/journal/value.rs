//! The payload of a DATA object: `KEY=value`, plain or compressed.

use std::borrow::Cow;
use std::io::Read;

use super::file::u64_at;

const XZ: u8 = 1;
const LZ4: u8 = 2;
const ZSTD: u8 = 4;

/// No value is larger once it is plain. journald allows more, but nobody reads a line of that length.
const LARGEST: u64 = 64 << 20;
/// The memory that a decoder of XZ may ask for; journald's own settings need 1 MiB.
const XZ_MEMORY: u64 = 128 << 20;
/// The window that a decoder of ZSTD may ask for, as a power of two.
const ZSTD_WINDOW: u32 = 27;

/// Is the payload of a DATA object compressed, in whatever way?
pub(super) fn is_packed(object: &[u8]) -> bool {
    object.get(1).is_some_and(|flags| flags & (XZ | LZ4 | ZSTD) != 0)
}

/// The plain payload of a DATA object. `budget` is what all values may still expand to, and goes down: many entries
/// can name one large value.
pub(super) fn payload<'a>(object: &'a [u8], compact: bool, budget: &mut u64) -> Result<Cow<'a, [u8]>, &'static str> {
    let raw =
        object.get(if compact { 72 } else { 64 }..).ok_or("expected a value, found an object too short for one")?;
    // The other bits have no meaning yet, and readers pass over them.
    let flags = object.get(1).copied().unwrap_or(0) & (XZ | LZ4 | ZSTD);
    let limit = LARGEST.min(*budget);
    if flags == 0 {
        if raw.len() as u64 > limit {
            return Err("expected a value of at most 64 MiB, found a larger one");
        }
        *budget -= raw.len() as u64;
        return Ok(Cow::Borrowed(raw));
    }
    let plain = match flags {
        XZ => xz(raw, limit),
        LZ4 => lz4(raw, limit),
        ZSTD => zstd(raw, limit),
        _ => return Err("expected a value compressed with XZ, LZ4 or ZSTD, found other flags"),
    };
    let plain = plain.ok_or("expected a compressed value, found bytes that do not decompress or grow too large")?;
    *budget = budget.saturating_sub(plain.len() as u64);
    Ok(Cow::Owned(plain))
}

/// Reads all of `from`, `None` when it fails or is longer than `limit`.
fn all(from: impl Read, limit: u64) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    from.take(limit + 1).read_to_end(&mut plain).ok()?;
    (plain.len() as u64 <= limit).then_some(plain)
}

fn xz(raw: &[u8], limit: u64) -> Option<Vec<u8>> {
    let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0).ok()?;
    all(liblzma::read::XzDecoder::new_stream(raw, stream), limit)
}

/// A block of LZ4 after its plain length in 8 bytes.
fn lz4(raw: &[u8], limit: u64) -> Option<Vec<u8>> {
    let block = raw.get(8..)?;
    let length = u64_at(raw, 0).filter(|length| *length <= limit)?;
    let length = usize::try_from(length).ok()?;
    // A byte of a block stands for at most 255 bytes: a length beyond that is wrong, and is not allocated.
    if length / 255 > block.len() {
        return None;
    }
    let mut plain = vec![0; length];
    let filled = lz4_flex::block::decompress_into(block, &mut plain).ok()?;
    (filled == length).then_some(plain)
}

fn zstd(raw: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(raw).ok()?.single_frame();
    decoder.window_log_max(ZSTD_WINDOW).ok()?;
    all(decoder, limit)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn object(flags: u8, head: usize, payload: &[u8]) -> Vec<u8> {
        let mut object = vec![0; head];
        object[1] = flags;
        object.extend_from_slice(payload);
        object
    }

    #[test]
    fn every_compression_reads_back() {
        let text = b"MESSAGE=".iter().copied().chain((0..3000).map(|n| b'a' + (n % 7) as u8)).collect::<Vec<u8>>();
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 6);
        xz.write_all(&text).unwrap();
        let lz4 = [&(text.len() as u64).to_le_bytes()[..], &lz4_flex::block::compress(&text)].concat();
        for (flags, packed) in
            [(0, text.clone()), (XZ, xz.finish().unwrap()), (LZ4, lz4), (ZSTD, zstd::encode_all(&text[..], 3).unwrap())]
        {
            for (compact, head) in [(false, 64), (true, 72)] {
                let mut budget = 10_000;
                assert_eq!(payload(&object(flags, head, &packed), compact, &mut budget).as_deref(), Ok(&text[..]));
                assert_eq!(budget, 10_000 - text.len() as u64);
                assert!(payload(&object(flags, head, &packed), compact, &mut 100).is_err(), "{flags}");
                if flags != 0 {
                    let half = &packed[..packed.len() / 2];
                    assert!(payload(&object(flags, head, half), compact, &mut budget).is_err(), "{flags}");
                }
            }
        }
    }

    #[test]
    fn wrong_lengths_and_flags_are_refused() {
        let huge = [&u64::MAX.to_le_bytes()[..], b"x"].concat();
        let large = [&(1u64 << 20).to_le_bytes()[..], b"x"].concat();
        for (flags, packed) in [(LZ4, &huge[..]), (LZ4, &large), (LZ4, b"x"), (XZ, b"x"), (ZSTD, b""), (3, b"x")] {
            assert!(payload(&object(flags, 64, packed), false, &mut (1 << 30)).is_err(), "{flags}");
        }
        assert!(payload(&[0; 40], false, &mut 0).is_err());
    }
}
