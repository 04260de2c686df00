//! logfmt: `time=... level=info msg="..." key=value`.
//!
//! Values may be quoted, with the escapes of JSON. A word without `=` is a part of the line that is stepped over.

use memchr::memchr;

use super::inner::{self, Parts};
use super::{Buffers, Fields, Record, Reference, fallback, lanes};

/// Steps through the pairs of a line: key, value, and whether the value was quoted (and is still escaped).
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Pairs<'a> {
    /// The pairs of `line`.
    pub fn new(line: &'a [u8]) -> Pairs<'a> {
        Pairs { rest: line }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8], bool);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.rest.is_empty() {
                return None;
            }
            let key_len = self.rest.iter().position(|b| !is_key(*b)).unwrap_or(self.rest.len());
            if key_len > 0 && self.rest.get(key_len) == Some(&b'=') {
                let key = self.rest.get(..key_len)?;
                let after = self.rest.get(key_len + 1..)?;
                if let Some(text) = after.strip_prefix(b"\"") {
                    let end = quote_end(text);
                    let value = text.get(..end)?;
                    self.rest = text.get(end + 1..).unwrap_or_default();
                    return Some((key, value, true));
                }
                let end = after.iter().position(|b| matches!(b, b' ' | b'\t' | b'\n')).unwrap_or(after.len());
                let (value, rest) = after.split_at_checked(end)?;
                self.rest = rest;
                return Some((key, value, false));
            }
            let end = memchr(b' ', self.rest).unwrap_or(self.rest.len());
            self.rest = self.rest.get(end..)?;
        }
    }
}

/// The position of the closing quote, or the end.
fn quote_end(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(b) = text.get(at) {
        match b {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn is_key(b: u8) -> bool {
    KEY.get(usize::from(b)).copied().unwrap_or_default()
}

/// Does a key with its sign stand at the very front?
pub(super) fn begins_with_key(line: &[u8]) -> bool {
    let len = line.iter().take_while(|b| is_key(**b)).count();
    line.get(len) == Some(&b'=')
}

/// The bytes of keys.
const KEY: [bool; 256] = {
    let mut key = [false; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        key[b] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/');
        b += 1;
    }
    key
};

/// Is `line` a line of pairs that states a level, a time or a message? The first word must be a pair.
pub fn starts(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    // Nearly all prose has a blank before any `=`.
    if let Some(front) = line.first_chunk() {
        let (equal, blank) = (lanes::equal_32(front, b'='), lanes::equal_32(front, b' '));
        if blank != 0 && blank.trailing_zeros() < equal.trailing_zeros() {
            return false;
        }
    }
    let mut key_len = 0;
    while key_len < 40 && line.get(key_len).is_some_and(|b| is_key(*b)) {
        key_len += 1;
    }
    if key_len == 0 || line.get(key_len) != Some(&b'=') || !line.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    // Linux audit: its time stands inside the value, where the text reader finds it.
    if line.starts_with(b"type=") && memchr::memmem::find(line, b" msg=audit(").is_some() {
        return false;
    }
    let (mut pairs, mut known) = (0, false);
    for (key, _, _) in Pairs::new(line).take(12) {
        pairs += 1;
        known |= matches!(
            key,
            b"level" | b"lvl" | b"severity" | b"msg" | b"message" | b"time" | b"ts" | b"t" | b"timestamp"
        );
        if known && pairs >= 2 {
            return true;
        }
    }
    false
}

/// Reads one line.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    if starts(raw) { read(raw, reference, scratch) } else { fallback::parse(raw, reference, scratch) }
}

/// Reads one line that [`starts`].
pub fn read<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    let mut record = Record::plain(raw, reference);
    record.parsed = true;
    record.fields = Fields::Logfmt(raw);
    let parts = parts(raw);
    parts.apply_origin(&mut record, reference);
    let Buffers { inner, detail } = scratch;
    parts.apply_message(&mut record, inner, detail);
    Some(record)
}

/// What the usual keys of a line say.
pub fn parts(line: &[u8]) -> Parts<'_> {
    let mut parts = Parts::default();
    for (key, value, quoted) in Pairs::new(line).take(200) {
        parts.set(key, inner::Text { raw: value, escaped: quoted && memchr(b'\\', value).is_some() });
    }
    parts
}
