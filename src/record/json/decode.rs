//! A string of JSON with its escapes, in one pass.
//!
//! In: the bytes behind an opening quote. Out: the text, and where the string ends. What [`super::unescape`] makes of the
//! same string is the law.

use super::unicode;

/// Appends the text of the string that begins at the front of `raw`, behind its opening quote, to `out`, as `unescape` does,
/// and returns the position of its closing quote. `None`, and nothing appended: it has none.
///
/// For strings with many escapes: one pass, eight bytes at a time.
pub fn decode(raw: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let start = out.len();
    // No text is longer than what it was written as; whole steps are copied.
    out.resize(start + raw.len() + 8, 0);
    let (len, end) = match decoded(raw, out.get_mut(start..)?) {
        Some((len, end)) => (len, Some(end)),
        None => (0, None),
    };
    out.truncate(start + len);
    end
}

/// Writes the text of a string into `out`: its length, and the position of the closing quote.
fn decoded(raw: &[u8], out: &mut [u8]) -> Option<(usize, usize)> {
    let (mut at, mut len) = (0, 0);
    loop {
        let mut step = [0; 8];
        let rest = raw.get(at..)?;
        match rest.first_chunk() {
            Some(bytes) => step = *bytes,
            None => step.get_mut(..rest.len())?.copy_from_slice(rest),
        }
        *out.get_mut(len..)?.first_chunk_mut()? = step;
        let word = u64::from_le_bytes(step);
        let plain = (zeros(word ^ 0x2222_2222_2222_2222) | zeros(word ^ 0x5c5c_5c5c_5c5c_5c5c)).trailing_zeros() / 8;
        at += plain as usize;
        len += plain as usize;
        if plain == 8 {
            continue;
        }
        let rest = raw.get(at..)?;
        let (text, read) = match *rest {
            [b'"', ..] => return Some((len, at)),
            [_, b'n', ..] => (b'\n', 2),
            [_, b @ (b'"' | b'\\' | b'/'), ..] => (b, 2),
            [_, b't', ..] => (b'\t', 2),
            [_, b'r', ..] => (b'\r', 2),
            [_, b'b', ..] => (0x08, 2),
            [_, b'f', ..] => (0x0c, 2),
            [_, b'u', ..] => {
                let Some((c, read)) = unicode(rest) else {
                    out.get_mut(len..len + 2)?.copy_from_slice(b"\\u");
                    (at, len) = (at + 2, len + 2);
                    continue;
                };
                len += c.encode_utf8(out.get_mut(len..)?).len();
                at += read;
                continue;
            }
            [_, _, ..] => (b'\\', 1),
            _ => return None,
        };
        *out.get_mut(len)? = text;
        (at, len) = (at + read, len + 1);
    }
}

/// The top bits of the bytes that are zero, of which the lowest is right, those above it perhaps not.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080
}

#[cfg(test)]
mod tests {
    use super::super::{string_end, unescape};
    use super::*;

    fn slowly(raw: &[u8]) -> Option<(usize, Vec<u8>)> {
        let end = string_end(raw, 0)?;
        let mut out = b"x".to_vec();
        unescape(&raw[..end], &mut out);
        Some((end, out))
    }

    fn quickly(raw: &[u8]) -> Option<(usize, Vec<u8>)> {
        let mut out = b"x".to_vec();
        match decode(raw, &mut out) {
            Some(end) => Some((end, out)),
            None => {
                assert_eq!(out, b"x");
                None
            }
        }
    }

    #[test]
    fn a_string_is_decoded_in_one_pass() {
        for raw in [
            r#"a\nb\t\"\\\/\b\f\r" tail"#,
            r#"\u00e9\ud83d\ude00" "#,
            r#"\ud83d"\ude00"#,
            r#"\ud83d\u12" "#,
            r#"\u12" "#,
            r#"\q\x", "#,
            r#"12345678"#,
            r#"1234567\"#,
            r#"12345678""#,
            r#"123456789012345\"67""#,
            r#"\u0000 not the end""#,
            "",
            "\\",
            "\"",
        ] {
            assert_eq!(quickly(raw.as_bytes()), slowly(raw.as_bytes()), "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_string_is_decoded_in_one_pass(raw in "([a-z\u{e9}\u{0}]{0,12}|[\\\\\"ntu/q]|\\\\u[0-9a-fA-F]{0,5}|\\\\ud83d\\\\ude0[0-9]){0,12}") {
            proptest::prop_assert_eq!(quickly(raw.as_bytes()), slowly(raw.as_bytes()));
        }
    }
}
