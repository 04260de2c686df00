//! An entry of `journalctl -o verbose`: a line with the time and, in brackets, the cursor, then the fields, indented.
//!
//! The exact time stands in the cursor. The further lines of a value are indented to stand below its first.

use std::borrow::Cow;

use memchr::{memchr, memmem, memrchr};

use super::export::is_key;
use super::fields::{Known, Raw};
use crate::base::{Certainty, Stamp};
use crate::record::{Fields, Record, Reference, Scratch};

const INDENT: &[u8] = b"    ";

/// How many bytes the entry at the start of `bytes` takes: its first line and all that are indented or empty.
/// `None` when more bytes are needed. With `end`, nothing follows `bytes`.
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        match rest.first() {
            Some(b' ' | b'\n') => {}
            Some(_) if at == 0 => {}
            Some(_) => return Some(at),
            None => return Some(at).filter(|_| end && at > 0),
        }
        match memchr(b'\n', rest) {
            Some(line) => at += line + 1,
            None => return end.then_some(bytes.len()),
        }
    }
}

/// Reads one entry; `None` when its first line does not end with a cursor in brackets.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Record<'a>> {
    let cursor = cursor(raw)?;
    let mut known = Known { cursor: Some(Raw::Plain(cursor)), ..Known::default() };
    each(raw, &mut |key, value| known.set(key, value));
    let mut record = known.record(Fields::Verbose(raw), reference, scratch);
    if let Some(time) = realtime(cursor) {
        record.time = Some(time);
        record.certainty = Certainty::Exact;
    }
    Some(record)
}

/// The cursor at the end of the first line.
fn cursor(raw: &[u8]) -> Option<&[u8]> {
    let line = raw.get(..memchr(b'\n', raw).unwrap_or(raw.len()))?.trim_ascii_end();
    let inner = line.strip_suffix(b"]")?;
    let cursor = inner.get(memrchr(b'[', inner)? + 1..)?;
    cursor.starts_with(b"s=").then_some(cursor)
}

/// The `t=` of a cursor: microseconds, hexadecimal.
fn realtime(cursor: &[u8]) -> Option<Stamp> {
    let hex = cursor.get(memmem::find(cursor, b";t=")? + 3..)?;
    let hex = hex.get(..memchr(b';', hex).unwrap_or(hex.len()))?;
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    Stamp::from_micros(i64::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?)
}

/// Calls `f` with key and value of each field, in order.
pub(super) fn each<'a>(raw: &'a [u8], f: &mut dyn FnMut(&'a [u8], Raw<'a>)) {
    let mut rest = raw.get(line_end(raw)..).unwrap_or(b"");
    while !rest.is_empty() {
        let first = line_end(rest);
        let Some((key, start)) = head(rest.get(..first).unwrap_or(rest)) else {
            rest = rest.get(first..).unwrap_or(b"");
            continue;
        };
        let mut end = first;
        while let Some(more) = rest.get(end..).filter(|more| !more.is_empty()) {
            let len = line_end(more);
            if head(more.get(..len).unwrap_or(more)).is_some() {
                break;
            }
            end += len;
        }
        let value = rest.get(start..end).unwrap_or(b"");
        let value = value.strip_suffix(b"\n").unwrap_or(value);
        let value = if end > first { Raw::Indented(value, start) } else { Raw::Plain(value) };
        f(key, value);
        rest = rest.get(end..).unwrap_or(b"");
    }
}

/// Calls `f` with key and decoded value of each field, in order.
pub(crate) fn each_value<'a>(raw: &'a [u8], f: &mut dyn FnMut(&'a [u8], Cow<'a, [u8]>)) {
    each(raw, &mut |key, value| match value.plain() {
        Some(plain) => f(key, Cow::Borrowed(plain)),
        None => {
            let mut decoded = Vec::new();
            value.append(&mut decoded);
            f(key, Cow::Owned(decoded));
        }
    });
}

/// The length of the first line with its line end.
fn line_end(bytes: &[u8]) -> usize {
    memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1)
}

/// The key of a line that begins a field, and where its value begins in the line.
fn head(line: &[u8]) -> Option<(&[u8], usize)> {
    let field = line.strip_prefix(INDENT)?;
    let at = memchr(b'=', field)?;
    let key = field.get(..at).filter(|key| is_key(key))?;
    Some((key, INDENT.len() + at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::journal::tests::reference;

    const ENTRY: &[u8] = b"Thu 1970-01-01 00:00:01.000002 UTC [s=a;i=1;b=b;m=1;t=f4242;x=c]\n    PRIORITY=3\n    \
        MESSAGE=one\n            two=2\n              three\n    _SYSTEMD_UNIT=web.service\n";

    #[test]
    fn lines_below_a_value_belong_to_it() {
        let (reference, mut scratch) = (reference(), Scratch::default());
        let record = parse(ENTRY, &reference, &mut scratch).unwrap();
        assert_eq!(record.message, b"one\ntwo=2\n  three");
        assert_eq!(record.unit, "web.service");
        assert_eq!(record.time, Some(Stamp(1_000_002_000)));
        assert_eq!(record.cursor, b"s=a;i=1;b=b;m=1;t=f4242;x=c");
    }

    #[test]
    fn an_entry_ends_where_a_line_is_not_indented() {
        assert_eq!(extent(ENTRY, false), None);
        assert_eq!(extent(ENTRY, true), Some(ENTRY.len()));
        let two = [ENTRY, ENTRY].concat();
        assert_eq!(extent(&two, false), Some(ENTRY.len()));
        assert_eq!(extent(b"", true), None);
    }

    #[test]
    fn other_lines_are_not_entries() {
        let (reference, mut scratch) = (reference(), Scratch::default());
        for text in ["", "-- Boot x --", "a [b]", "[s=", "    MESSAGE=x\n"] {
            assert!(parse(text.as_bytes(), &reference, &mut scratch).is_none(), "{text}");
        }
    }
}
