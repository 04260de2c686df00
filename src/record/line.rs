//! Records that are lines: where one ends.

use super::lanes;

/// The length of the first line with its line end; `None` when its end is not there yet.
#[inline]
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    match lanes::find(bytes, b'\n') {
        Some(at) => Some(at + 1),
        None if end && !bytes.is_empty() => Some(bytes.len()),
        None => None,
    }
}
