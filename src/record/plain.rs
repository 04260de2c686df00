//! Lines without a known form: the message is the line, and there are no times.

use super::{Record, Reference, header};

/// Reads one line.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    let mut record = Record::plain(raw, reference);
    let header = header::read(raw);
    record.state(header.level);
    record.parsed = header.level.is_some();
    Some(record)
}
