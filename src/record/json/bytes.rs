//! Bytes that are no text, as the journal writes them in JSON: an array of numbers.
//!
//! In: the array as it stands. Out: its bytes, or nothing when one of its items is no byte.

/// Appends the bytes of an array of byte values (`[27,91,51]`, as the journal writes what is not UTF-8) to `out`.
///
/// `false`, and nothing appended, when `raw` is anything else.
pub fn byte_array(raw: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(inner) = raw.strip_prefix(b"[").and_then(|r| r.strip_suffix(b"]")) else { return false };
    let start = out.len();
    if inner.trim_ascii().is_empty() || digits(inner, out) {
        return true;
    }
    out.truncate(start);
    for item in inner.split(|b| *b == b',') {
        let number = std::str::from_utf8(item.trim_ascii()).ok().and_then(|n| n.parse::<u8>().ok());
        match number {
            Some(byte) => out.push(byte),
            None => {
                out.truncate(start);
                return false;
            }
        }
    }
    true
}

/// Appends numbers with nothing but commas between them. `false` when there is anything else, or no byte has this number.
fn digits(numbers: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(numbers.len() / 2 + 1);
    // Nothing read yet of a number is none at all.
    let mut number = None;
    for &byte in numbers {
        number = match (byte, number) {
            (b'0'..=b'9', None) => Some(u32::from(byte - b'0')),
            (b'0'..=b'9', Some(front @ ..=255)) => Some(front * 10 + u32::from(byte - b'0')),
            (b',', Some(whole @ ..=255)) => {
                out.push(whole as u8);
                None
            }
            _ => return false,
        };
    }
    let Some(whole @ ..=255) = number else { return false };
    out.push(whole as u8);
    true
}
