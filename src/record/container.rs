//! Containers: docker's json-file, the k8s-file of CRI and podman, and what `docker|podman|kubectl logs` print.

use std::borrow::Cow;

use super::inner::look_inside;
use super::json::{Members, Value, unescape};
use super::{Buffers, Record, Reference, Scratch, Stream, fallback, header, stamp};

/// Reads a line of docker's json-file: `{"log":"text\n","stream":"stderr","time":"..."}`.
pub fn docker<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Record<'a>> {
    if !is_docker(raw) {
        return fallback::parse(raw, reference, Buffers::of(scratch));
    }
    let Scratch { message, inner, detail, .. } = scratch;
    message.clear();
    let mut record = Record::plain(b"", reference);
    record.parsed = true;
    for (key, value) in Members::new(raw).map_while(Result::ok) {
        match (key, value) {
            (b"log", Value::Str(text)) => {
                message.clear();
                unescape(text, message);
            }
            (b"stream", Value::Str(text)) => record.stream = stream(text),
            (b"time", Value::Str(text)) => set_time(&mut record, text, reference),
            (b"attrs", Value::Object(object)) => {
                for (key, value) in Members::new(object).map_while(Result::ok) {
                    if let (b"name" | b"com.docker.compose.service" | b"tag", Value::Str(name)) = (key, value)
                        && !name.is_empty()
                    {
                        record.unit = String::from_utf8_lossy(name);
                    }
                }
            }
            _ => {}
        }
    }
    record.partial = !message.is_empty() && !message.ends_with(b"\n");
    strip_colours(message);
    record.message = trim_line_end(message);
    if !record.partial {
        look_inside(&mut record, inner, detail);
    }
    Some(record)
}

/// Is `raw` an object of the json-file driver?
pub fn is_docker(raw: &[u8]) -> bool {
    raw.starts_with(b"{\"log\":\"") || {
        let mut seen = 0;
        raw.starts_with(b"{")
            && Members::new(raw).take(4).map_while(Result::ok).any(|(key, _)| {
                seen += u8::from(matches!(key, b"log" | b"stream" | b"time"));
                seen == 3
            })
    }
}

/// Reads a line of a CRI log: `2016-10-06T00:17:09.669794202Z stdout F text`.
pub fn cri<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    let Some(mut record) = cri_line(raw, reference) else { return fallback::parse(raw, reference, scratch) };
    if !record.partial {
        look_inside(&mut record, scratch.inner, scratch.detail);
    }
    Some(record)
}

/// The line without a look inside.
pub fn cri_line<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    if !raw.first()?.is_ascii_digit() {
        return None;
    }
    let seen = stamp::read(raw)?;
    let rest = raw.get(seen.len..)?.strip_prefix(b" ")?;
    let rest_of = |word: &[u8]| rest.strip_prefix(word);
    let (stream, rest) = match (rest_of(b"stdout "), rest_of(b"stderr ")) {
        (Some(rest), _) => (Stream::Stdout, rest),
        (_, Some(rest)) => (Stream::Stderr, rest),
        _ => return None,
    };
    let (tag, message) = match memchr::memchr(b' ', rest) {
        Some(at) => (rest.get(..at)?, rest.get(at + 1..)?),
        None => (rest, b"".as_slice()),
    };
    let partial = match tag.first()? {
        b'P' if tag.len() == 1 || tag.get(1) == Some(&b':') => true,
        b'F' if tag.len() == 1 || tag.get(1) == Some(&b':') => false,
        _ => return None,
    };
    let mut record = Record::plain(message, reference);
    record.parsed = true;
    record.stream = stream;
    record.partial = partial;
    let (time, certainty) = seen.moment.resolve(reference)?;
    record.time = Some(time);
    record.certainty = certainty;
    Some(record)
}

/// Reads a line of `docker|podman|kubectl logs`, with or without `-t` and the prefixes of compose and kubectl.
pub fn logs<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    let (unit, rest) = match prefix(raw) {
        Some((unit, rest)) => (Some(unit), rest),
        None => (None, raw),
    };
    let printed = printed_time(rest);
    if unit.is_none() && printed.is_none() {
        return fallback::parse(raw, reference, scratch);
    }
    let mut record = Record::plain(rest, reference);
    record.parsed = true;
    if let Some(unit) = unit {
        record.unit = unit;
    }
    if let Some(seen) = printed {
        if let Some((time, certainty)) = seen.moment.resolve(reference) {
            record.time = Some(time);
            record.certainty = certainty;
        }
        let message = rest.get(seen.len..)?;
        record.message = message.strip_prefix(b" ").unwrap_or(message);
    } else if let Some((time, certainty)) = header::read(rest).time.and_then(|seen| seen.moment.resolve(reference)) {
        record.time = Some(time);
        record.certainty = certainty;
    }
    look_inside(&mut record, scratch.inner, scratch.detail);
    Some(record)
}

/// The nine digits of a fraction and the `Z` (or offset) that `-t` prints.
pub fn printed_time(rest: &[u8]) -> Option<stamp::Seen> {
    if rest.get(10) != Some(&b'T') || rest.get(19) != Some(&b'.') {
        return None;
    }
    let digits = rest.get(20..)?.iter().take_while(|b| b.is_ascii_digit()).count();
    let seen = stamp::read(rest)?;
    (digits == 9 && matches!(rest.get(seen.len), None | Some(b' '))).then_some(seen)
}

/// `[pod/web-1/app] text`, `app-1  | text`.
pub fn prefix(raw: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    if let Some(inner) = raw.strip_prefix(b"[pod/") {
        let close = inner.iter().take(512).position(|b| *b == b']')?;
        let rest = inner.get(close + 1..)?;
        return Some((String::from_utf8_lossy(inner.get(..close)?), rest.strip_prefix(b" ").unwrap_or(rest)));
    }
    let raw = raw.strip_prefix(b"\x1b[2K").unwrap_or(raw);
    let name_len =
        raw.iter().take(80).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/')).count();
    let (name, rest) = raw.split_at_checked(name_len).filter(|(name, _)| !name.is_empty())?;
    let bar = rest.iter().position(|b| *b != b' ')?;
    if bar == 0 || rest.get(bar) != Some(&b'|') {
        return None;
    }
    let rest = rest.get(bar + 1..)?;
    if !rest.is_empty() && !rest.starts_with(b" ") {
        return None;
    }
    // `2026-02-12 | x` and `INFO | x` are columns of a text logger.
    if name.first().is_some_and(u8::is_ascii_digit) || crate::base::Level::from_word(name).is_some() {
        return None;
    }
    Some((String::from_utf8_lossy(name), rest.strip_prefix(b" ").unwrap_or(rest)))
}

fn stream(text: &[u8]) -> Stream {
    match text {
        b"stdout" => Stream::Stdout,
        b"stderr" => Stream::Stderr,
        _ => Stream::Unknown,
    }
}

fn set_time(record: &mut Record<'_>, text: &[u8], reference: &Reference) {
    if let Some((time, certainty, _)) = stamp::read_at(text, reference) {
        record.time = Some(time);
        record.certainty = certainty;
    }
}

/// Without the final line end.
pub fn trim_line_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., b'\n' | b'\r'] = text {
        text = rest;
    }
    text
}

/// Takes terminal colours (`ESC [ ... letter`) and titles (`ESC ] ... BEL`) out of `text`, in place.
pub fn strip_colours(text: &mut Vec<u8>) {
    let Some(first) = memchr::memchr(0x1b, text) else { return };
    let (mut read, mut write) = (first, first);
    while let Some(sequence) = text.get(read..).filter(|rest| !rest.is_empty()) {
        read = text.len().min(read + escape_len(sequence));
        let plain = text.get(read..).map_or(0, |rest| memchr::memchr(0x1b, rest).unwrap_or(rest.len()));
        text.copy_within(read..read + plain, write);
        read += plain;
        write += plain;
    }
    text.truncate(write);
}

/// The length of the escape sequence at the start of `text`, at least 1.
fn escape_len(text: &[u8]) -> usize {
    match text.get(1) {
        Some(b'[') => match text.iter().skip(2).take(32).position(|b| (0x40..0x7f).contains(b)) {
            Some(end) => end + 3,
            None => 2,
        },
        Some(b']') => match text.iter().take(256).position(|b| *b == 0x07) {
            Some(end) => end + 1,
            None => 2,
        },
        _ => 1,
    }
}
