//! An entry of the journal export format: `KEY=value` lines, binary values with their length, an empty line at the end.
//!
//! A binary value stands after its key's line: 8 bytes of length (little endian), the value, a line end. A length that
//! cannot be right does not swallow the entries after it: reading goes on at the next empty line or the next line that
//! begins with `__CURSOR=`.

use memchr::memchr;

use super::fields::{Known, Raw};
use crate::record::{Fields, Record, Reference, Scratch};

/// journald takes no field larger than this.
const LARGEST: u64 = 768 << 20;

/// One step through the lines of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::record) enum Step<'a> {
    /// A field, and the bytes it took.
    Field { key: &'a [u8], value: &'a [u8], len: usize },
    /// A line that is not a field, and its length.
    Junk(usize),
    /// A value whose length is wrong: the entry cannot be followed any further by its own lengths. The length of the
    /// line of its key.
    Broken(usize),
    /// The empty line.
    End,
    /// The bytes end before the line or the value does; the value so far of a `KEY=value` line.
    Short,
}

/// Reads the line (or binary field) at the start of `bytes`.
#[inline]
pub(in crate::record) fn step(bytes: &[u8]) -> Step<'_> {
    let Some(end) = memchr(b'\n', bytes) else { return Step::Short };
    let (Some(line), Some(rest)) = (bytes.get(..end), bytes.get(end + 1..)) else { return Step::Short };
    if line.is_empty() {
        return Step::End;
    }
    if let Some(at) = memchr(b'=', line) {
        let (Some(key), Some(value)) = (line.get(..at), line.get(at + 1..)) else { return Step::Junk(end + 1) };
        return Step::Field { key, value, len: end + 1 };
    }
    if !is_key(line) {
        return Step::Junk(end + 1);
    }
    let Some(length) = rest.first_chunk::<8>() else { return Step::Short };
    let length = u64::from_le_bytes(*length);
    let Some(length) = usize::try_from(length).ok().filter(|_| length <= LARGEST) else {
        return Step::Broken(end + 1);
    };
    match (rest.get(8..8 + length), rest.get(8 + length)) {
        (Some(value), Some(b'\n')) => Step::Field { key: line, value, len: end + 1 + 8 + length + 1 },
        (Some(_), Some(_)) => Step::Broken(end + 1),
        _ => Step::Short,
    }
}

/// Names of fields: capital letters, digits and underscores.
pub(crate) fn is_key(name: &[u8]) -> bool {
    !name.is_empty() && name.len() <= 64 && name.iter().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
}

/// How many bytes the entry at the start of `bytes` takes, its empty line included; `None` when more bytes are needed.
///
/// Empty lines before an entry belong to it, so that the answer does not depend on how far the reader has read. With
/// `end`, nothing follows `bytes`.
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    let blank = bytes.iter().take_while(|b| **b == b'\n').count();
    let mut at = blank;
    loop {
        let rest = bytes.get(at..)?;
        match step(rest) {
            Step::Field { len, .. } | Step::Junk(len) => at += len,
            Step::End => return Some(at + 1),
            Step::Broken(len) => return resume(bytes, at + len, end),
            Step::Short if !end => return None,
            Step::Short => {
                // The last line has no end, or a value ends too early: what follows the latter may be whole entries.
                return match memchr(b'\n', rest) {
                    Some(line) => resume(bytes, at + line + 1, end),
                    None => Some(bytes.len()).filter(|len| *len > 0),
                };
            }
        }
    }
}

/// The end of an entry whose lengths are wrong from `at` on.
fn resume(bytes: &[u8], at: usize, end: bool) -> Option<usize> {
    let mut at = at;
    while let Some(rest) = bytes.get(at..) {
        if rest.starts_with(b"__CURSOR=") {
            return Some(at);
        }
        match memchr(b'\n', rest) {
            Some(0) => return Some(at + 1),
            Some(line) => at += line + 1,
            None => break,
        }
    }
    end.then_some(bytes.len())
}

/// An entry without its empty line and the last line end before that.
pub fn trim_end(raw: &[u8]) -> &[u8] {
    raw.strip_suffix(b"\n\n").or(raw.strip_suffix(b"\n")).unwrap_or(raw)
}

/// Reads one entry; `None` when no field in it names a journal entry.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Record<'a>> {
    let mut known = Known::default();
    each(raw, &mut |key, value| known.set(key, Raw::Plain(value)));
    known.is_entry().then(|| known.record(Fields::Export(raw), reference, scratch))
}

/// Calls `f` with key and value of each field, in order. Also reads an entry whose end is missing.
pub(crate) fn each<'a>(raw: &'a [u8], f: &mut dyn FnMut(&'a [u8], &'a [u8])) {
    let mut rest = raw.trim_ascii_start();
    while !rest.is_empty() {
        let len = match step(rest) {
            Step::Field { key, value, len } => {
                if is_key(key) {
                    f(key, value);
                }
                len
            }
            Step::Junk(len) | Step::Broken(len) => len,
            Step::End => 1,
            Step::Short => {
                let last = last_field(rest);
                if let Some((key, value)) = last {
                    f(key, value);
                }
                // Past a value that is not whole there may be lines again.
                memchr(b'\n', rest).filter(|_| last.is_none()).map_or(rest.len(), |line| line + 1)
            }
        };
        rest = rest.get(len..).unwrap_or(b"");
    }
}

/// The field at the end of the bytes whose line end is missing.
pub(in crate::record) fn last_field(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let Some(line) = memchr(b'\n', rest) else {
        let at = memchr(b'=', rest)?;
        return Some((rest.get(..at).filter(|key| is_key(key))?, rest.get(at + 1..)?));
    };
    let key = rest.get(..line).filter(|key| is_key(key))?;
    let (length, value) = rest.get(line + 1..)?.split_first_chunk::<8>()?;
    (u64::from_le_bytes(*length) == value.len() as u64).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(key: &str, length: u64, value: &[u8]) -> Vec<u8> {
        [key.as_bytes(), b"\n", &length.to_le_bytes(), value].concat()
    }

    #[test]
    fn an_entry_ends_at_its_empty_line() {
        for (bytes, end, len) in [
            (&b"A=1\nB=2\n\nA=2\n"[..], false, Some(9)),
            (b"A=1\n", false, None),
            (b"A=1\n", true, Some(4)),
            (b"A=1", true, Some(3)),
            (b"\n\nA=1\n\n", false, Some(7)),
            (b"\n\n", false, None),
            (b"\n\n", true, Some(2)),
            (b"", true, None),
            (b"-- Boot x --\nA=1\n\n", false, Some(18)),
        ] {
            assert_eq!(extent(bytes, end), len, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn empty_lines_inside_a_value_do_not_end_an_entry() {
        let bytes = [binary("M", 4, b"a\n\nb"), b"\n\n".to_vec()].concat();
        assert_eq!(extent(&bytes, false), Some(bytes.len()));
        for short in 0..bytes.len() {
            assert_eq!(extent(&bytes[..short], false), None, "{short}");
        }
    }

    #[test]
    fn the_last_line_end_may_be_missing() {
        let short = binary("MESSAGE", 9, b"a\nA=1");
        for (raw, fields) in [
            (&b"B=1\nMESSAGE=x"[..], &[("B", "1"), ("MESSAGE", "x")][..]),
            (&binary("M", 3, b"a\nb"), &[("M", "a\nb")]),
            // A value that is not whole is left out; a line in it may look like a field.
            (&short, &[("A", "1")]),
        ] {
            let mut told = Vec::new();
            each(raw, &mut |key, value| {
                told.push((std::str::from_utf8(key).unwrap(), std::str::from_utf8(value).unwrap()));
            });
            assert_eq!(told, fields);
        }
    }

    #[test]
    fn a_last_value_may_end_in_line_ends() {
        let raw = [binary("MESSAGE", 6, b"a\n\nb\n\n"), b"\n\n".to_vec()].concat();
        for end in [raw.len(), raw.len() - 1, raw.len() - 2] {
            let mut told = Vec::new();
            each(if end == raw.len() { trim_end(&raw) } else { &raw[..end] }, &mut |_, value| {
                told.push(value.to_vec())
            });
            assert_eq!(told, [b"a\n\nb\n\n".to_vec()], "{end}");
        }
        for (raw, trimmed) in [("A=1\n\n", "A=1"), ("A=1\n", "A=1"), ("A=1", "A=1"), ("\n\n\n", "\n"), ("", "")] {
            assert_eq!(trim_end(raw.as_bytes()), trimmed.as_bytes());
        }
    }

    #[test]
    fn wrong_lengths_lose_one_entry_and_not_the_next() {
        let next = b"__CURSOR=x\nMESSAGE=next\n\n";
        for bad in [
            binary("M", u64::MAX, b"abc\n\n"),
            binary("M", 1 << 40, b"abc\n\n"),
            binary("M", 2, b"abc\n\n"),
            binary("M", u64::MAX, b"abc\n"),
        ] {
            let bytes = [&bad[..], next].concat();
            assert_eq!(extent(&bytes, false), Some(bad.len()));
            assert_eq!(extent(&bytes, true), Some(bad.len()));
        }
        // A length that could be right waits for its bytes, and gives up when there are none.
        let bad = binary("M", 1000, b"abc\n\n");
        let bytes = [&bad[..], next].concat();
        assert_eq!(extent(&bytes, false), None);
        assert_eq!(extent(&bytes, true), Some(bad.len()));
    }
}
