//! Records that are lines: where one ends.

use memchr::memchr;

/// The length of the first line with its line end; `None` when its end is not there yet.
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    match memchr(b'\n', bytes) {
        Some(at) => Some(at + 1),
        None if end && !bytes.is_empty() => Some(bytes.len()),
        None => None,
    }
}
