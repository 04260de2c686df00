//! Writes rows: values on one line, keys, pointers.
//!
//! In: JSON as it stands in a document. Out: the same on one line. Nothing is decoded that need not be, and nothing recurses.

use super::super::json::Value;

/// Adds a step to a JSON pointer; `key` is escaped as in JSON, and stays so.
pub(super) fn pointer(key: &[u8], at: &mut Vec<u8>) {
    at.push(b'/');
    for byte in key {
        match byte {
            b'~' => at.extend_from_slice(b"~0"),
            b'/' if at.last() == Some(&b'\\') => {
                at.pop();
                at.extend_from_slice(b"~1");
            }
            b'/' => at.extend_from_slice(b"~1"),
            byte => at.push(*byte),
        }
    }
}

/// Writes a value on one line.
pub(super) fn write(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Str(raw) => {
            out.push(b'"');
            plain(raw, out);
            out.push(b'"');
        }
        Value::Object(raw) | Value::Array(raw) => compact(raw, out),
        other => out.extend_from_slice(other.scalar().unwrap_or(b"null")),
    }
}

/// Copies a value on one line, without the white space between its parts. What is no number becomes `null`.
fn compact(raw: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'"' => {
                let rest = raw.get(at + 1..).unwrap_or_default();
                let len = string_len(rest);
                out.push(b'"');
                plain(rest.get(..len).unwrap_or(rest), out);
                out.push(b'"');
                at += len + 2;
            }
            b'N' | b'I' | b'-' if !raw.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                out.extend_from_slice(b"null");
                let rest = raw.get(at + 1..).unwrap_or_default();
                at += 1 + rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
            }
            b'0'..=b'9' | b'a'..=b'z' | b'-' => {
                let rest = raw.get(at..).unwrap_or_default();
                let end = |b: &u8| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
                let len = rest.iter().position(end).unwrap_or(rest.len());
                out.extend_from_slice(rest.get(..len).unwrap_or(rest));
                at += len;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

/// Up to the closing quote.
fn string_len(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(skip) = rest.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += skip;
        if rest.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    rest.len()
}

/// Copies what stands between quotes; control characters, which should not, are escaped: a row is one line.
fn plain(raw: &[u8], out: &mut Vec<u8>) {
    for byte in raw {
        match byte {
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(*byte),
        }
    }
}

/// Writes `text` as it has to stand between quotes.
pub(super) fn escape(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(*byte),
        }
    }
}

/// Writes `text` as a JSON string.
pub(super) fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    escape(text, out);
    out.push(b'"');
}
