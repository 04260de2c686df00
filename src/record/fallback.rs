//! The general forms: those of application logs, and of lines that do not have their source's form (JSON or logfmt inside
//! text, text inside JSON, a banner, a trace).

use super::{Buffers, Record, Reference, jsonl, klog, logfmt, text};

/// Reads `raw` in the first general form that it has; `parsed` is false when it has none.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    match raw.trim_ascii_start().first()? {
        b'{' if jsonl::is_object(raw) => return jsonl::read(raw, reference, scratch),
        b'E' | b'W' | b'I' | b'F' | b'D' if klog::starts(raw) => return klog::read(raw, reference),
        _ => {}
    }
    if logfmt::starts(raw) {
        return logfmt::read(raw, reference, scratch);
    }
    Some(text::read(raw, reference).unwrap_or_else(|| Record::plain(raw, reference)))
}
