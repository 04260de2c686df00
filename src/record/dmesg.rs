//! The kernel's ring buffer: `dmesg` (`[   12.345678] text`, `-T`, `-x`, raw levels) and `/dev/kmsg`.

use std::borrow::Cow;

use super::short::monotonic;
use super::{Buffers, Record, Reference, fallback, stamp};
use crate::base::{Certainty, Level, Span};

/// Reads a line of `dmesg`.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    read(raw, reference).or_else(|| fallback::parse(raw, reference, scratch))
}

/// Reads a line of `dmesg`, `None` when it is not one.
pub fn read<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    let (level, rest) = decoded(raw);
    let mut record = kernel(rest, reference);
    record.level = level;
    let message = if let Some((span, len)) = monotonic(rest) {
        since_boot(&mut record, span, reference);
        rest.get(len..)?
    } else {
        let inner = rest.strip_prefix(b"[")?;
        let seen = stamp::read(inner).filter(|_| inner.first().is_some_and(u8::is_ascii_alphabetic))?;
        if inner.get(seen.len) != Some(&b']') {
            return None;
        }
        let (time, certainty) = seen.moment.resolve(reference)?;
        record.time = Some(time);
        record.certainty = certainty;
        inner.get(seen.len + 1..)?
    };
    // `[ T123]`, `[    C0]`: the task or processor that printed it.
    let message = match message.strip_prefix(b"[") {
        Some(inner) => {
            let close = inner.iter().take(12).position(|b| *b == b']');
            let caller = close.and_then(|c| inner.get(..c)).map(<[u8]>::trim_ascii_start);
            match (caller, close) {
                (Some([b'T' | b'C', ..]), Some(close)) => inner.get(close + 1..)?,
                _ => message,
            }
        }
        None => message,
    };
    record.message = message.strip_prefix(b" ").unwrap_or(message);
    Some(record)
}

fn kernel<'a>(message: &'a [u8], reference: &'a Reference) -> Record<'a> {
    let mut record = Record::plain(message, reference);
    record.parsed = true;
    record.unit = Cow::Borrowed("kernel");
    record.identifier = Cow::Borrowed("kernel");
    record
}

fn since_boot(record: &mut Record<'_>, span: Span, reference: &Reference) {
    if let Some(boot) = reference.boot {
        record.time = Some(boot.plus(span));
        record.certainty = Certainty::AssumedYear;
    }
}

/// `kern  :info  : ` of `dmesg -x`, `<6>` of `dmesg -r`.
fn decoded(raw: &[u8]) -> (Option<Level>, &[u8]) {
    if let Some((level, rest)) = super::syslog::priority(raw) {
        return (Some(level), rest);
    }
    let mut parts = raw.splitn(3, |b| *b == b':');
    if let (Some(facility), Some(level), Some(rest)) = (parts.next(), parts.next(), parts.next())
        && facility.len() <= 10
        && facility.first().is_some_and(u8::is_ascii_lowercase)
        && facility.trim_ascii_end().iter().all(u8::is_ascii_alphanumeric)
        && let Some(level) = Level::from_word(level.trim_ascii())
    {
        return (Some(level), rest.trim_ascii_start());
    }
    (None, raw)
}

/// Reads a line of `/dev/kmsg`: `6,123,456789,-;text`. Lines of the dictionary (` SUBSYSTEM=pci`) are no records.
pub fn kmsg<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    if raw.starts_with(b" ") && memchr::memchr(b'=', raw).is_some() {
        return None;
    }
    kmsg_line(raw, reference).or_else(|| fallback::parse(raw, reference, scratch))
}

/// Reads a line of `/dev/kmsg`, `None` when it is not one.
pub fn kmsg_line<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    if !raw.first()?.is_ascii_digit() {
        return None;
    }
    let semicolon = memchr::memchr(b';', raw.get(..96.min(raw.len()))?)?;
    let mut parts = std::str::from_utf8(raw.get(..semicolon)?).ok()?.split(',');
    let priority: u32 = parts.next()?.parse().ok()?;
    let _sequence: u64 = parts.next()?.parse().ok()?;
    let micros: i64 = parts.next()?.parse().ok()?;
    parts.next()?;
    let mut record = kernel(raw.get(semicolon + 1..)?, reference);
    record.level = Level::from_number(u8::try_from(priority & 7).ok()?);
    since_boot(&mut record, Span(micros.checked_mul(1_000)?), reference);
    Some(record)
}

/// The time since the boot that a line carries.
pub fn elapsed(raw: &[u8]) -> Option<Span> {
    let (_, rest) = decoded(raw);
    if let Some((span, _)) = monotonic(rest) {
        return Some(span);
    }
    let mut parts = std::str::from_utf8(raw.get(..memchr::memchr(b';', raw)?)?).ok()?.split(',');
    let (_, _) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u64>().ok()?);
    let micros: i64 = parts.next()?.parse().ok()?;
    micros.checked_mul(1_000).map(Span)
}
