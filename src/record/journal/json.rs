//! An entry as `journalctl -o json`, `json-seq`, `json-sse` and `json-pretty` print it: one object of strings.
//!
//! A value that is not printable text is an array of byte values, a repeated field an array of values, a field that
//! is too large `null`.

use super::fields::{Known, Raw};
use crate::record::json::{Members, Value, is_escaped};
use crate::record::{Fields, Record, Reference, Scratch};

/// What RFC 7464 puts before each text of a sequence.
const RECORD_SEPARATOR: u8 = 0x1e;

/// Reads one entry; `None` when `raw` is not an object with at least one field that names a journal entry.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Record<'a>> {
    let object = object(raw);
    let mut members = Members::new(object);
    let mut known = Known::default();
    for member in members.by_ref() {
        let (key, value) = member.ok()?;
        if let Some(value) = first(value) {
            known.set(key, value);
        }
    }
    if !known.is_entry() {
        return None;
    }
    let object = object.get(..members.offset()).unwrap_or(object);
    Some(known.record(Fields::Json(object), reference, scratch))
}

/// The text of the object without what the streaming forms put before it.
fn object(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_prefix(&[RECORD_SEPARATOR]).unwrap_or(raw).trim_ascii_start();
    raw.strip_prefix(b"data:").unwrap_or(raw).trim_ascii_start()
}

/// The value, or the first of the values of a repeated field. `None` for `null` (left out by journalctl: too large).
fn first(value: Value<'_>) -> Option<Raw<'_>> {
    match value {
        Value::Str(text) if is_escaped(text) => Some(Raw::Escaped(text)),
        Value::Array(list) => match Value::first_item(list) {
            Some(Value::Number(_)) => Some(Raw::Bytes(list)),
            Some(Value::Str(text)) if is_escaped(text) => Some(Raw::Escaped(text)),
            Some(Value::Str(text)) => Some(Raw::Plain(text)),
            Some(Value::Array(bytes)) => Some(Raw::Bytes(bytes)),
            _ => None,
        },
        other => other.scalar().map(Raw::Plain),
    }
}
