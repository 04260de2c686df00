//! The journal of systemd as journalctl prints it: json (also seq, sse and pretty), export, verbose.
//!
//! In: one raw entry. Out: one [`Record`](super::Record), the same from every form of the same entry. The order of the
//! fields is arbitrary and no field is required but one of those that name a journal entry. An entry that is not of
//! its form is `None`, and the caller keeps it as text; nothing here drops or invents an entry.

use memchr::memchr;

pub mod export;
mod fields;
pub mod json;
pub mod pretty;
mod unit;
pub mod verbose;

#[cfg(test)]
mod tests;

/// The first line of `bytes` at or after `at` that `begins` a record. The first line is one, whatever it looks like.
fn next_line(bytes: &[u8], at: usize, begins: fn(&[u8]) -> bool) -> Option<usize> {
    if at == 0 {
        return Some(0).filter(|_| !bytes.is_empty());
    }
    // A line begins where the byte before it ends one.
    let mut start = at - 1;
    loop {
        start += memchr(b'\n', bytes.get(start..)?)? + 1;
        let line = bytes.get(start..).filter(|line| !line.is_empty())?;
        let line = line.get(..memchr(b'\n', line).unwrap_or(line.len())).unwrap_or(line);
        if begins(line) {
            return Some(start);
        }
    }
}
