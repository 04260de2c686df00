//! Records that are lines: where one ends, and where a file of them can be cut.

use memchr::memchr;

/// The length of the first line with its line end; `None` when its end is not there yet.
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    match memchr(b'\n', bytes) {
        Some(at) => Some(at + 1),
        None if end && !bytes.is_empty() => Some(bytes.len()),
        None => None,
    }
}

/// The first beginning of a whole line at or after `at` that `fits`.
pub fn cut(bytes: &[u8], at: usize, fits: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let mut start = if at == 0 { 0 } else { memchr(b'\n', bytes.get(at - 1..)?)? + at };
    loop {
        let rest = bytes.get(start..)?;
        let len = memchr(b'\n', rest)?;
        let line = rest.get(..len)?;
        if fits(line.strip_suffix(b"\r").unwrap_or(line)) {
            return Some(start);
        }
        start += len + 1;
    }
}
