//! JSON application logs: one object a line, or pretty-printed over several.

use memchr::memchr;

use super::inner::{Parts, Text};
use super::json::{Members, Value, is_escaped};
use super::{Buffers, Fields, Record, Reference};

/// How far the end of a pretty-printed object is looked for.
const PRETTY: usize = 256 * 1024;

/// Does `text` begin like an object? (`{` and a quote or `}`.)
pub fn is_object(text: &[u8]) -> bool {
    let Some(rest) = text.trim_ascii_start().strip_prefix(b"{") else { return false };
    matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}'))
}

/// What the usual keys of an object say, also of one that is cut or broken further on. `None` for no member at all.
pub fn parts(raw: &[u8]) -> Option<Parts<'_>> {
    let mut parts = Parts::default();
    let mut any = false;
    for member in Members::new(raw) {
        let Ok((key, value)) = member else { break };
        any = true;
        take(&mut parts, key, value);
    }
    any.then_some(parts)
}

fn text(value: Value<'_>) -> Option<Text<'_>> {
    match value {
        Value::Str(raw) => Some(Text { raw, escaped: is_escaped(raw) }),
        other => other.scalar().map(|raw| Text { raw, escaped: false }),
    }
}

/// One member of the outer object; objects with known names are opened once.
fn take<'a>(parts: &mut Parts<'a>, key: &'a [u8], value: Value<'a>) {
    let Value::Object(object) = value else {
        if let Some(text) = text(value) {
            parts.set(key, text);
        } else if let (Value::Array(raw), b"stack" | b"stack_trace" | b"errors" | b"exception") = (value, key) {
            parts.detail(Text { raw, escaped: is_escaped(raw) });
        }
        return;
    };
    match key {
        b"fields" | b"@fields" | b"log" | b"record" | b"body" | b"Body" => {
            for (key, value) in Members::new(object).map_while(Result::ok) {
                match (key, value) {
                    // loguru: {"level": {"name": "ERROR"}, "time": {"timestamp": 1.2}}
                    (b"level" | b"time", Value::Object(inner)) => {
                        for (name, value) in Members::new(inner).map_while(Result::ok) {
                            if let (b"name" | b"timestamp", Some(text)) = (name, text(value)) {
                                parts.set(key, text);
                            }
                        }
                    }
                    _ => {
                        if let Some(text) = text(value) {
                            parts.set(key, text);
                        }
                    }
                }
            }
        }
        b"err" | b"error" | b"exception" | b"exc" => {
            let mut any = false;
            for (key, value) in Members::new(object).map_while(Result::ok) {
                if let (
                    b"message" | b"msg" | b"stack" | b"stack_trace" | b"stacktrace" | b"type" | b"name",
                    Some(text),
                ) = (key, text(value))
                {
                    parts.detail(text);
                    any = true;
                }
            }
            if !any {
                parts.detail(Text { raw: object, escaped: false });
            }
        }
        // MongoDB: {"msg": "WiredTiger error", "attr": {"error": 28, "message": "... No space left on device"}}
        b"attr" => {
            for (key, value) in Members::new(object).map_while(Result::ok) {
                if let (b"error" | b"message" | b"errmsg" | b"reason", Value::Str(raw)) = (key, value) {
                    parts.detail(Text { raw, escaped: is_escaped(raw) });
                }
            }
        }
        b"t" | b"time" | b"timestamp" | b"host" | b"process" => {
            for (inner, value) in Members::new(object).map_while(Result::ok) {
                if let (b"$date" | b"name" | b"hostname" | b"pid", Some(text)) = (inner, text(value)) {
                    parts.set(if inner == b"$date" || inner == b"pid" { inner } else { b"hostname" }, text);
                }
            }
        }
        _ => {}
    }
}

/// Reads one object; a line that only looks like one is kept as it is.
pub fn read<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    let raw = raw.trim_ascii();
    let mut record = Record::plain(raw, reference);
    let Some(parts) = parts(raw) else { return Some(record) };
    record.parsed = true;
    record.fields = Fields::Json(raw);
    if parts.apply_row(&mut record, reference) {
        return Some(record);
    }
    if record.time.is_none() && record.cursor.is_empty() {
        parts.apply_origin(&mut record, reference);
    }
    let Buffers { inner, detail } = scratch;
    parts.apply_message(&mut record, inner, detail);
    Some(record)
}

/// What a row of a document says, without what it says about itself (`@row` and the keys behind it). `None`: `line` is none.
pub fn said_by_row(line: &[u8]) -> Option<&[u8]> {
    if line.first() != Some(&b'{') || line.last() != Some(&b'}') {
        return None;
    }
    let at = memchr::memmem::rfind(line, b"\"@row\":\"")?;
    let said = line.get(..at)?;
    Some(said.strip_suffix(b",").unwrap_or(said))
}

/// The length of the object that is printed over several lines from the front of `bytes`: a line `{`, indented lines,
/// a line `}`. `Some(None)`: there is none here, the first line stands alone. `None`: more bytes decide.
pub fn pretty(bytes: &[u8], end: bool) -> Option<Option<usize>> {
    let first = memchr(b'\n', bytes)?;
    if bytes.get(..first)?.trim_ascii_end() != b"{" {
        return Some(None);
    }
    let mut at = first + 1;
    while at < PRETTY {
        let Some(len) = bytes.get(at..).and_then(|rest| memchr(b'\n', rest)) else {
            let last = bytes.get(at..).unwrap_or_default();
            if end {
                return Some((last.trim_ascii_end() == b"}").then_some(bytes.len()));
            }
            return if bytes.len() >= PRETTY { Some(None) } else { None };
        };
        let line = bytes.get(at..at + len).unwrap_or_default();
        at += len + 1;
        match line.first() {
            Some(b'}') => return Some(matches!(line.trim_ascii_end(), b"}" | b"},").then_some(at)),
            // Members are indented; anything at the margin means that this was no object.
            Some(b' ' | b'\t' | b'\r') | None => {}
            Some(_) => return Some(None),
        }
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_when_where_and_of_what_it_is() {
        let line = br#"{"kind":"skip","priority":0,"level":"error","timestamp":"2026-01-01T00:00:00Z","@row":"usage","@at":"/events/3","@time":"2026-05-11T22:40:02.500Z","@unit":"go\"al"}"#;
        let zone = jiff::tz::TimeZone::UTC;
        let reference = Reference { now: crate::base::Stamp(0), zone, unit: "x".into(), boot: None, dated: false };
        let (mut inner, mut detail) = (Vec::new(), Vec::new());
        let record = read(line, &reference, Buffers { inner: &mut inner, detail: &mut detail }).expect("an object");
        assert_eq!(record.time.map(crate::base::Stamp::rfc3339).as_deref(), Some("2026-05-11T22:40:02.500Z"));
        assert_eq!((&*record.unit, record.cursor, record.level), ("go\"al", b"/events/3".as_slice(), None));
        assert_eq!(record.message, line);
        assert!(record.is_row());
        let said = said_by_row(line).expect("a row");
        assert!(said.ends_with(br#""timestamp":"2026-01-01T00:00:00Z""#), "{}", String::from_utf8_lossy(said));
        assert_eq!(said_by_row(br#"{"a":1}"#), None);
        // A document that is one row has an empty pointer.
        assert_eq!(said_by_row(br#"{"a":1,"@row":"r","@at":""}"#), Some(br#"{"a":1"#.as_slice()));
        assert_eq!(said_by_row(br#"{"@row":"r","@at":""}"#), Some(b"{".as_slice()));
    }

    #[test]
    fn mongodb_says_the_reason_among_its_attributes() {
        let line = br#"{"s":"E","c":"STORAGE","msg":"WiredTiger error","attr":{"error":28,"message":"write: No space left on device"}}"#;
        let zone = jiff::tz::TimeZone::UTC;
        let reference = Reference { now: crate::base::Stamp(0), zone, unit: "x".into(), boot: None, dated: false };
        let (mut inner, mut detail) = (Vec::new(), Vec::new());
        let record = read(line, &reference, Buffers { inner: &mut inner, detail: &mut detail }).expect("an object");
        assert_eq!(record.message, b"WiredTiger error");
        assert_eq!(record.detail, b"write: No space left on device");
    }
}
