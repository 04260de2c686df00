//! Text loggers: Python logging and everything that writes time, level and logger in some order.

use super::{Record, Reference, header};

/// Reads one line, `None` when its front states neither a time nor a level.
pub fn read<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    let header = header::read(raw);
    if header.time.is_none() && header.level.is_none() {
        return None;
    }
    let mut record = Record::plain(raw, reference);
    record.parsed = true;
    record.state(header.level);
    record.pid = header.pid;
    if let Some((time, certainty)) = header.time.and_then(|seen| seen.moment.resolve(reference)) {
        record.time = Some(time);
        record.certainty = certainty;
        // Without a time the front may be all there is to recognise the message by.
        record.message = raw.get(header.body..).unwrap_or(raw);
    }
    if let Some(name) = header.logger.and_then(|range| raw.get(range)) {
        record.identifier = String::from_utf8_lossy(name);
    }
    Some(record)
}
