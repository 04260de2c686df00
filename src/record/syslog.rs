//! syslog: RFC 3164 (with or without its priority) and RFC 5424.

use std::borrow::Cow;

use super::inner::look_inside;
use super::{Buffers, Record, Reference, short, stamp};
use crate::base::Level;

/// Reads a line of either RFC.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    match read(raw, reference) {
        Some(mut record) => {
            look_inside(&mut record, scratch.inner, scratch.detail);
            Some(record)
        }
        None => short::parse(raw, reference, scratch),
    }
}

/// Reads a line that begins with a priority, without a look inside its message.
pub fn read<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    let (level, rest) = priority(raw)?;
    let mut record = match rest {
        [b'1'..=b'9', b' ', rest @ ..] => structured(rest, reference)?,
        _ => match short::read(rest, reference) {
            Some(record) => record,
            // `<30>program[pid]: text`, as a local program writes it.
            None => {
                let mut record = Record::plain(rest, reference);
                record.parsed = true;
                if let Some(named) = short::origin_without_host(rest, reference) {
                    record = named;
                }
                record
            }
        },
    };
    if record.level.is_none() {
        record.level = Some(level);
    }
    Some(record)
}

/// `<165>`: the level and what follows.
pub fn priority(raw: &[u8]) -> Option<(Level, &[u8])> {
    let digit = |b: &u8| u16::from(b - b'0');
    let (number, rest) = match raw {
        [b'<', a @ b'0'..=b'9', b'>', rest @ ..] => (digit(a), rest),
        [b'<', a @ b'0'..=b'9', b @ b'0'..=b'9', b'>', rest @ ..] => (digit(a) * 10 + digit(b), rest),
        [b'<', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'>', rest @ ..] => {
            (digit(a) * 100 + digit(b) * 10 + digit(c), rest)
        }
        _ => return None,
    };
    if number > 191 {
        return None;
    }
    Some((Level::from_number(u8::try_from(number & 7).ok()?)?, rest))
}

/// `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`.
fn structured<'a>(rest: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    let mut record = Record::plain(rest, reference);
    record.parsed = true;
    let (time, rest) = word(rest)?;
    if time != b"-" {
        let (stamp, certainty, len) = stamp::read_at(time, reference)?;
        if len != time.len() {
            return None;
        }
        record.time = Some(stamp);
        record.certainty = certainty;
    }
    let (host, rest) = word(rest)?;
    let (app, rest) = word(rest)?;
    let (pid, rest) = word(rest)?;
    let (_id, rest) = word(rest)?;
    let message = match rest.strip_prefix(b"-") {
        Some(rest) => rest,
        None => rest.get(data_len(rest)?..)?,
    };
    let message = message.strip_prefix(b" ").unwrap_or(message);
    record.message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    if host != b"-" {
        record.host = String::from_utf8_lossy(host);
    }
    record.pid = std::str::from_utf8(pid).ok().and_then(|p| p.parse().ok());
    if app != b"-" {
        short::name_unit(&mut record, app);
    }
    if record.unit.is_empty() {
        record.unit = Cow::Borrowed(&reference.unit);
    }
    Some(record)
}

fn word(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    match memchr::memchr(b' ', rest) {
        Some(at) => Some((rest.get(..at)?, rest.get(at + 1..)?)),
        None if !rest.is_empty() => Some((rest, b"")),
        None => None,
    }
}

/// The length of `[id key="value"][...]`; a bracket inside a quoted value does not end it.
pub(super) fn data_len(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    while rest.get(at) == Some(&b'[') {
        let mut quoted = false;
        loop {
            at += 1;
            match rest.get(at)? {
                b'\\' if quoted => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    (at > 0).then_some(at)
}
