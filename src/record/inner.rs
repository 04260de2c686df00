//! The message inside a message: JSON, logfmt or a stated level in what a journal, container or syslog entry carried.
//!
//! In: a record whose message is decoded. Out: the same record with the level, the message and the detail that the
//! inner form states. One look only: what is inside the inner message stays as it is. The time, the unit and the host
//! of the outer form stay, because they were taken by the machine that ran the program.

use std::borrow::Cow;

use super::json::unescape;
use super::{Fields, Record, Reference, header, jsonl, logfmt, stamp};
use crate::base::{Certainty, Level, Stamp};

/// How many details of one record are kept.
const DETAILS: usize = 4;

/// Replaces level, message and detail by those that the message states itself.
///
/// `inner` and `detail` are the buffers of the thread; the message itself must not stand in one of them.
pub fn look_inside<'a>(record: &mut Record<'a>, inner: &'a mut Vec<u8>, detail: &'a mut Vec<u8>) {
    let message = record.message;
    let text = message.trim_ascii_start();
    match text.first() {
        None => {}
        Some(b'{') if jsonl::is_object(text) => {
            let Some(parts) = jsonl::parts(text) else { return };
            record.inner = Fields::Json(text);
            parts.apply_message(record, inner, detail);
        }
        Some(_) if logfmt::starts(text) => {
            record.inner = Fields::Logfmt(text);
            logfmt::parts(text).apply_message(record, inner, detail);
        }
        Some(_) => {
            if let Some(level) = header::read(message).level {
                record.state(Some(level));
                if let [b'<', b'0'..=b'7', b'>', rest @ ..] = message {
                    record.message = rest;
                }
            }
        }
    }
}

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text<'a> {
    /// The bytes between the quotes.
    pub raw: &'a [u8],
    /// They hold escapes.
    pub escaped: bool,
}

impl<'a> Text<'a> {
    pub(super) fn append(self, out: &mut Vec<u8>) {
        if self.escaped { unescape(self.raw, out) } else { out.extend_from_slice(self.raw) }
    }

    fn to_str(self) -> Cow<'a, str> {
        if !self.escaped {
            return String::from_utf8_lossy(self.raw);
        }
        let mut out = Vec::with_capacity(self.raw.len());
        unescape(self.raw, &mut out);
        Cow::Owned(String::from_utf8_lossy(&out).into_owned())
    }

    fn has_space(self) -> bool {
        memchr::memchr(b' ', self.raw).is_some()
    }
}

/// What the usual keys of an object or of a line of pairs say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'a> {
    level: Option<Level>,
    message: Option<Text<'a>>,
    /// `@mt`, and an `event` that is prose: a message where no other is.
    spare: Option<Text<'a>>,
    /// An `event` that is one word: it names what the message tells of.
    event: Option<Text<'a>>,
    details: [Option<Text<'a>>; DETAILS],
    time: Option<Text<'a>>,
    logger: Option<Text<'a>>,
    host: Option<Text<'a>>,
    pid: Option<u32>,
    row: Row<'a>,
}

/// What a row of a document says about itself, beside all other keys.
#[derive(Clone, Copy, Debug, Default)]
struct Row<'a> {
    name: Option<Text<'a>>,
    at: Option<Text<'a>>,
    time: Option<Text<'a>>,
    unit: Option<Text<'a>>,
}

/// [`Parts`] that say nothing but level, time, message and who printed it, as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub struct PlainParts<'a> {
    pub level: Option<Level>,
    pub time: Option<Text<'a>>,
    pub message: Option<Text<'a>>,
    pub logger: &'a [u8],
    pub host: &'a [u8],
    pub pid: Option<u32>,
}

impl<'a> Parts<'a> {
    /// What they say, if it is nothing but the usual: no failure, no event, no row of a document, no escaped name.
    pub fn plain(&self) -> Option<PlainParts<'a>> {
        let Parts { level, message, spare, event, details, time, logger, host, pid, row } = *self;
        let name = |text: Option<Text<'a>>| match text {
            None => Some(b"".as_slice()),
            Some(text) => (!text.escaped).then_some(text.raw),
        };
        let row = row.name.or(row.at).or(row.time).or(row.unit);
        if event.is_some() || row.is_some() || details.iter().any(Option::is_some) {
            return None;
        }
        let message = message.or(spare).filter(|text| !text.raw.is_empty());
        Some(PlainParts { level, time, message, logger: name(logger)?, host: name(host)?, pid })
    }

    /// The level that was stated.
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// Takes a scalar by its key; the first of several keys for one thing counts.
    pub fn set(&mut self, key: &[u8], text: Text<'a>) {
        match key {
            b"level" | b"severity" | b"lvl" | b"log.level" | b"levelname" | b"PRIORITY" | b"priority" | b"@l"
            | b"severityText" | b"severity_text" | b"SeverityText" | b"loglevel" | b"log_level" | b"level_name"
            | b"Level" | b"Severity" | b"LEVEL" => self.level = self.level.or_else(|| level(text.raw)),
            b"severityNumber" | b"severity_number" | b"SeverityNumber" => {
                self.level = self.level.or_else(|| otlp(text.raw));
            }
            b"s" if matches!(text.raw, b"F" | b"E" | b"W" | b"I") => {
                self.level = self.level.or_else(|| Level::from_word(text.raw));
            }
            b"msg" | b"message" | b"MESSAGE" | b"@m" | b"short_message" | b"body" | b"Message" | b"Body"
            | b"stringValue" | b"log" => self.message = self.message.or(Some(text)),
            b"@mt" => self.spare = Some(text),
            b"event" if text.has_space() => self.spare = self.spare.or(Some(text)),
            b"event" => self.event = self.event.or(Some(text)),
            b"err"
            | b"error"
            | b"exception"
            | b"stack"
            | b"stacktrace"
            | b"stack_trace"
            | b"exc_info"
            | b"@x"
            | b"error.message"
            | b"error.stack_trace"
            | b"traceback"
            | b"exc_text"
            | b"full_message"
            | b"errorVerbose"
            | b"exception.message"
            | b"exception.stacktrace"
            | b"cause"
            | b"reason" => self.detail(text),
            b"time"
            | b"ts"
            | b"timestamp"
            | b"@timestamp"
            | b"asctime"
            | b"eventTime"
            | b"datetime"
            | b"date"
            | b"t"
            | b"@t"
            | b"timeUnixNano"
            | b"timestamp_ns"
            | b"time_unix_nano"
            | b"Timestamp"
            | b"$date"
            | b"started_at"
            | b"createdAt"
            | b"created_at"
            | b"CreationTime"
            | b"EdgeStartTimestamp"
            | b"at"
            | b"observedTimeUnixNano"
            | b"eventTimestamp"
            | b"_timestamp"
            | b"timeMillis"
            | b"TimeStamp"
            | b"Time" => {
                self.time = self.time.or(Some(text));
            }
            b"logger" | b"logger_name" | b"loggerName" | b"log.logger" | b"name" | b"module" | b"target"
            | b"component" | b"source" | b"c" | b"cl" => self.logger = self.logger.or(Some(text)),
            b"hostname" | b"host" | b"host.name" => self.host = self.host.or(Some(text)),
            b"pid" | b"process.pid" | b"process" => {
                self.pid = self.pid.or_else(|| std::str::from_utf8(text.raw).ok()?.parse().ok());
            }
            b"@row" => self.row.name = Some(text),
            b"@at" => self.row.at = Some(text),
            b"@time" => self.row.time = Some(text),
            b"@unit" => self.row.unit = Some(text),
            _ => {}
        }
    }

    /// Keeps what tells about a failure.
    pub fn detail(&mut self, text: Text<'a>) {
        if text.raw.is_empty() || matches!(text.raw, b"false" | b"null" | b"0" | b"true" | b"None") {
            return;
        }
        if let Some(free) = self.details.iter_mut().find(|d| d.is_none()) {
            *free = Some(text);
        }
    }

    /// The object is a row of a document: what it says about itself comes before all else, and it has no level, for it
    /// is a state and no complaint. `false`: it is none, or a line of text that only came the same way.
    pub fn apply_row(&self, record: &mut Record<'a>, reference: &Reference) -> bool {
        let Some(name) = self.row.name else { return false };
        let time = self.row.time.or(self.time);
        if let Some((time, certainty)) = time.and_then(|text| read_time(text, reference)) {
            record.time = Some(time);
            record.certainty = certainty;
        }
        if let Some(unit) = self.row.unit.filter(|unit| !unit.raw.is_empty()) {
            record.unit = unit.to_str();
        }
        if let Some(at) = self.row.at {
            // The document as a whole has the empty pointer.
            record.cursor = if at.raw.is_empty() { b"/" } else { at.raw };
        }
        name.raw != b"line"
    }

    /// Time, logger, host and process, for files whose lines are of this form themselves. A line that stood in the answer of
    /// a probe says when it was read, of which unit and where it stood as rows do, and is a line all the same.
    pub fn apply_origin(&self, record: &mut Record<'a>, reference: &Reference) {
        for time in [self.time, self.row.time].into_iter().flatten() {
            if let Some((time, certainty)) = read_time(time, reference) {
                record.time = Some(time);
                record.certainty = certainty;
            }
        }
        if let Some(unit) = self.row.unit.filter(|unit| !unit.raw.is_empty()) {
            record.unit = unit.to_str();
        }
        if let Some(at) = self.row.at {
            // The document as a whole has the empty pointer.
            record.cursor = if at.raw.is_empty() { b"/" } else { at.raw };
        }
        if let Some(logger) = self.logger {
            record.identifier = logger.to_str();
        }
        if let Some(host) = self.host {
            record.host = host.to_str();
        }
        record.pid = self.pid.or(record.pid);
    }

    /// Level, message and detail.
    pub fn apply_message(&self, record: &mut Record<'a>, inner: &'a mut Vec<u8>, detail: &'a mut Vec<u8>) {
        record.state(self.level);
        match self.message.or(self.spare) {
            Some(text) if !text.raw.is_empty() => {
                if text.escaped {
                    inner.clear();
                    text.append(inner);
                    record.message = inner;
                } else {
                    record.message = text.raw;
                }
                while let [rest @ .., b'\n' | b'\r'] = record.message {
                    record.message = rest;
                }
                if self.level.is_none() {
                    record.state(header::read(record.message).level);
                }
            }
            _ => {}
        }
        let mut told = *self;
        if let (Some(event), Some(message)) = (self.event, self.message.or(self.spare))
            && event.raw != message.raw
        {
            told.detail(event);
        }
        match told.details {
            [None, ..] => {}
            [Some(Text { raw, escaped: false }), None, ..] => record.detail = raw,
            many => {
                detail.clear();
                for text in many.into_iter().flatten() {
                    if !detail.is_empty() {
                        detail.push(b'\n');
                    }
                    text.append(detail);
                }
                record.detail = detail;
            }
        }
    }
}

/// A level by word or by number: syslog's 0 to 7, or the tens of pino and bunyan.
fn level(raw: &[u8]) -> Option<Level> {
    if raw.first().is_some_and(u8::is_ascii_digit) {
        return match std::str::from_utf8(raw).ok()?.parse::<u8>().ok()? {
            n @ 0..=7 => Level::from_number(n),
            10..=29 => Some(Level::Debug),
            30..=39 => Some(Level::Info),
            40..=49 => Some(Level::Warning),
            50..=59 => Some(Level::Err),
            60..=69 => Some(Level::Crit),
            _ => None,
        };
    }
    Level::from_word(raw).or_else(|| {
        // `DEBUG5`, `SEVERITY_ERROR`, `ERROR2`
        let word = raw.strip_prefix(b"SEVERITY_").unwrap_or(raw);
        let end = word.iter().rposition(|b| !b.is_ascii_digit())? + 1;
        Level::from_word(word.get(..end)?)
    })
}

/// OpenTelemetry's severity numbers.
fn otlp(raw: &[u8]) -> Option<Level> {
    Some(match std::str::from_utf8(raw).ok()?.parse::<u8>().ok()? {
        1..=8 => Level::Debug,
        9..=12 => Level::Info,
        13..=16 => Level::Warning,
        17..=20 => Level::Err,
        21..=24 => Level::Crit,
        _ => return None,
    })
}

/// The time that a value is.
pub(super) fn read_time(text: Text<'_>, reference: &Reference) -> Option<(Stamp, Certainty)> {
    if let Some(stamp) = stamp::epoch(text.raw) {
        return Some((stamp, Certainty::Exact));
    }
    let (time, certainty, len) = stamp::read_at(text.raw, reference)?;
    is_whole(len, text).then_some((time, certainty))
}

/// Is the value nothing but the time of this length at its front? A sentence that begins with one is more.
pub(super) fn is_whole(len: usize, text: Text<'_>) -> bool {
    len + 8 > text.raw.len()
}
