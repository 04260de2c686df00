//! The short forms of journalctl, and the syslog files that look the same: `time host program[pid]: message`.
//!
//! All variants are read by their time: `Nov 21 10:00:00`, short-iso, short-iso-precise, short-precise, short-full,
//! short-unix, short-monotonic, short-delta; with-unit forms have the unit in place of the program.

use std::borrow::Cow;

use super::inner::look_inside;
use super::{Buffers, Record, Reference, fallback, klog, manager, podman, stamp};
use crate::base::{Certainty, Level, unit_kind};

/// Reads one line; lines that journalctl prints between the records are no records.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    if is_marker(raw) {
        return None;
    }
    match read(raw, reference) {
        Some(mut record) => {
            look_inside(&mut record, scratch.inner, scratch.detail);
            Some(record)
        }
        None => fallback::parse(raw, reference, scratch),
    }
}

/// Does journalctl print this line itself?
pub fn is_marker(raw: &[u8]) -> bool {
    let Some(rest) = raw.strip_prefix(b"-- ") else { return false };
    [b"Boot ".as_slice(), b"Reboot --", b"No entries --", b"Logs begin at", b"Journal begins at"]
        .iter()
        .any(|marker| rest.starts_with(marker))
}

/// Reads one line without a look inside its message.
pub fn read<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    if let Some((seconds, len)) = monotonic(raw) {
        let rest = raw.get(len..)?.strip_prefix(b" ")?;
        let mut record = origin(rest, reference, true)?;
        if let Some(boot) = reference.boot {
            record.time = Some(boot.plus(seconds));
            record.certainty = Certainty::AssumedYear;
        }
        return Some(record);
    }
    let seen = stamp::read(raw)?;
    if !seen.is_dated() {
        return None;
    }
    let rest = raw.get(seen.len..)?.strip_prefix(b" ")?;
    // Text loggers write a date with a year and no zone; the journal does not.
    let strict = !matches!(seen.moment, stamp::Moment::Yearless { .. });
    if matches!(seen.moment, stamp::Moment::Local { .. }) && !raw.first()?.is_ascii_alphabetic() {
        return None;
    }
    if raw.first()?.is_ascii_digit() && !strict {
        return None;
    }
    let mut record = origin(rest, reference, strict)?;
    let (time, certainty) = seen.moment.resolve(reference)?;
    record.time = Some(time);
    record.certainty = certainty;
    Some(record)
}

/// `[   12.345678]` or `[   12.345678 <    0.000123 >]`: the time since the boot and the length.
pub fn monotonic(raw: &[u8]) -> Option<(crate::base::Span, usize)> {
    let inner = raw.strip_prefix(b"[")?;
    let blanks = inner.iter().take(16).take_while(|b| **b == b' ').count();
    let rest = inner.get(blanks..)?;
    let whole = rest.iter().take(12).take_while(|b| b.is_ascii_digit()).count();
    if whole == 0 || rest.get(whole) != Some(&b'.') {
        return None;
    }
    let fraction = rest.get(whole + 1..)?.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
    if !matches!(fraction, 3 | 6 | 9) {
        return None;
    }
    let digits = |from: usize, len: usize| -> Option<i64> {
        std::str::from_utf8(rest.get(from..from + len)?).ok()?.parse().ok()
    };
    let scale = 10i64.checked_pow(u32::try_from(9 - fraction).ok()?)?;
    let nanos = digits(0, whole)?.checked_mul(1_000_000_000)?.checked_add(digits(whole + 1, fraction)? * scale)?;
    let end = whole + 1 + fraction;
    let close = rest.get(end..)?.iter().take(32).position(|b| *b == b']')?;
    if close > 0 && rest.get(end..end + 2)? != b" <" {
        return None;
    }
    Some((crate::base::Span(nanos), 1 + blanks + end + close + 1))
}

/// `host program[pid]: message`. `strict`: host and program must both be there.
pub fn origin<'a>(rest: &'a [u8], reference: &'a Reference, strict: bool) -> Option<Record<'a>> {
    let mut record = Record::plain(rest, reference);
    record.parsed = true;
    let space = memchr::memchr(b' ', rest.get(..256.min(rest.len()))?);
    let host = rest.get(..space.unwrap_or(rest.len()))?;
    if strict && (space.is_none() || host.is_empty() || host.starts_with(b"[") || Level::from_word(host).is_some()) {
        return None;
    }
    if strict && super::header::names_exception(host) {
        return None;
    }
    let (host, mut body) = match space {
        // `pop3-login: text`: no host.
        Some(_) | None if host.ends_with(b":") => (b"".as_slice(), rest),
        Some(at) => (host, rest.get(at + 1..)?),
        None => (host, b"".as_slice()),
    };
    record.host = String::from_utf8_lossy(host);
    if let Some((level, rest)) = facility(body) {
        record.level = level;
        body = rest;
    }
    let Some((program, pid, message)) = program(body) else {
        if strict {
            return None;
        }
        record.message = body;
        return Some(record);
    };
    record.pid = pid;
    record.message = message;
    if program.is_empty() {
        // `sogod [26818]: text`: what stood in the host's place is the program.
        record.identifier = std::mem::take(&mut record.host);
        record.unit = record.identifier.clone();
        return Some(record);
    }
    name_unit(&mut record, program);
    Some(record)
}

/// `user.warn ` or `<mail.notice> `, as some syslog daemons print facility and level.
fn facility(body: &[u8]) -> Option<(Option<Level>, &[u8])> {
    const FACILITIES: [&[u8]; 13] = [
        b"kern",
        b"user",
        b"mail",
        b"daemon",
        b"auth",
        b"syslog",
        b"lpr",
        b"news",
        b"uucp",
        b"cron",
        b"authpriv",
        b"ftp",
        b"local",
    ];
    let end = memchr::memchr(b' ', body.get(..24.min(body.len()))?)?;
    let word = body.get(..end)?;
    let word = word.strip_prefix(b"<").and_then(|w| w.strip_suffix(b">")).unwrap_or(word);
    let dot = memchr::memchr(b'.', word)?;
    let (facility, level) = (word.get(..dot)?, word.get(dot + 1..)?);
    let facility = if facility.starts_with(b"local") { b"local" } else { facility };
    if !FACILITIES.contains(&facility) {
        return None;
    }
    Some((Some(Level::from_word(level)?), body.get(end + 1..)?))
}

/// `program[pid]: message`, `program: message`, `unit[pid]: message`.
fn program(body: &[u8]) -> Option<(&[u8], Option<u32>, &[u8])> {
    let window = body.get(..256.min(body.len()))?;
    let colon = memchr::memchr_iter(b':', window)
        .find(|at| matches!(body.get(at + 1), None | Some(b' ' | b'\t')) || at + 1 == body.len())?;
    let front = body.get(..colon)?;
    let rest = body.get(colon + 1..)?;
    let message = rest.strip_prefix(b" ").unwrap_or(rest);
    if let Some(inner) = front.strip_suffix(b"]")
        && let Some(open) = memchr::memrchr(b'[', inner)
    {
        let digits = inner.get(open + 1..)?;
        let name = inner.get(..open)?;
        let spaces = name.iter().filter(|b| **b == b' ').count();
        if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && spaces <= 3 && !name.contains(&b'"') {
            let pid = std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok());
            return Some((name.trim_ascii(), pid, message));
        }
    }
    // `sqlite3.OperationalError: text` is what was thrown, not who printed it.
    if front.is_empty() || memchr::memchr2(b' ', b'"', front).is_some() || super::header::names_exception(front) {
        return None;
    }
    Some((front, None, message))
}

/// Sets identifier and unit by the name that stands before the message.
pub fn name_unit<'a>(record: &mut Record<'a>, program: &'a [u8]) {
    // With-unit forms: `user@1500.service/indexer.service`.
    let name = if memchr::memchr(b'/', program).is_some() {
        let last = program.rsplit(|b| *b == b'/').next().unwrap_or(program);
        if std::str::from_utf8(last).is_ok_and(|l| unit_kind(l).is_some()) { last } else { program }
    } else {
        program
    };
    record.identifier = String::from_utf8_lossy(name);
    record.unit = record.identifier.clone();
    match name {
        b"systemd" | b"init.scope" => {
            record.identifier = Cow::Borrowed("systemd");
            match manager::subject(record.message) {
                Some(unit) => record.unit = Cow::Borrowed(unit),
                None => record.unit = Cow::Borrowed("systemd"),
            }
        }
        b"kernel" => {
            if let Some((_, len)) = monotonic(record.message) {
                record.message = record.message.get(len..).unwrap_or_default().trim_ascii_start();
            }
        }
        b"podman" | b"dockerd" => {
            if let Some((unit, id)) = podman::subject(record.message) {
                record.unit = Cow::Borrowed(unit);
                record.invocation = Cow::Borrowed(id);
            }
        }
        b"kubelet" | b"kube-scheduler" | b"kube-controller-manager" => {
            if let Some(pod) = klog::subject(record.message, record.message) {
                record.unit = Cow::Borrowed(pod);
            }
        }
        _ => {}
    }
}

/// `program[pid]: message` alone, as programs send it to a local socket.
pub fn origin_without_host<'a>(rest: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    let (name, pid, message) = program(rest).filter(|(name, _, _)| !name.is_empty())?;
    let mut record = Record::plain(message, reference);
    record.parsed = true;
    record.pid = pid;
    name_unit(&mut record, name);
    Some(record)
}
