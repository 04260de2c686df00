//! What `kubectl` prints about pods and events: tables, `describe`, and event objects in JSON.
//!
//! In: one line, or one object of a list. Out: a record about the pod or other object that the row names, with the
//! type of the event as level and the reason of the event beside the message. Ages count back from the time of the
//! source, so a table tells the order in which things happened, and about when.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::json::{Members, Value, is_escaped, unescape};
use super::{Buffers, Fields, Record, Reference, fallback, stamp};
use crate::base::{Certainty, Level, Span};

/// How far the end of an event object is looked for.
const OBJECT: usize = 64 * 1024;

/// How much of a line may stand before the message of a row.
const FRONT: usize = 1024;

/// Is this page the output of `kubectl describe` or a list of events?
pub fn is_page(page: &[u8]) -> bool {
    named(page).is_some()
        || page.starts_with(b"{") && memmem::find(page, b"\"involvedObject\"").is_some()
        || page.starts_with(b"LAST SEEN ") && memmem::find(page, b" REASON ").is_some()
        || page.starts_with(b"NAMESPACE ") && memmem::find(page, b" REASON ").is_some()
}

/// Is this line a row of a table of events or pods?
pub fn is_row(line: &[u8]) -> bool {
    Event::row(line).is_some() || pod(line).is_some()
}

/// The object that `kubectl describe` tells of, if the page tells of one.
pub fn named(page: &[u8]) -> Option<&str> {
    let mut names = page.split(|b| *b == b'\n').filter_map(|l| l.strip_prefix(b"Name:")).map(<[u8]>::trim_ascii);
    let name = names.next().filter(|_| page.starts_with(b"Name:"))?;
    let kind = [b"\nNamespace:".as_slice(), b"\nLabels:", b"\nRoles:"];
    if names.next().is_some() || !kind.iter().any(|k| memmem::find(page, k).is_some()) {
        return None;
    }
    std::str::from_utf8(name).ok().filter(|n| is_name(n.as_bytes()))
}

/// The length of the first record: an object of a list, or a line.
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    let Some(first) = memchr(b'\n', bytes) else { return end.then_some(bytes.len()).filter(|len| *len > 0) };
    let head = bytes.get(..first).unwrap_or_default();
    let margin = head.iter().take_while(|b| **b == b' ').count();
    if head.trim_ascii() != b"{" {
        return Some(first + 1);
    }
    // The list itself is no record, its members are; an object at the margin is one when it is not a list.
    let mut at = first + 1;
    while at < OBJECT {
        let Some(len) = bytes.get(at..).and_then(|rest| memchr(b'\n', rest)) else {
            if end || bytes.len() >= OBJECT {
                return Some(if end && closes(bytes.get(at..)?, margin) { bytes.len() } else { first + 1 });
            }
            return None;
        };
        let line = bytes.get(at..at + len).unwrap_or_default();
        at += len + 1;
        if margin == 0 && line.trim_ascii() == b"\"items\": [" {
            return Some(first + 1);
        }
        if closes(line, margin) {
            return Some(at);
        }
    }
    Some(first + 1)
}

/// `}` or `},` at this margin.
fn closes(line: &[u8], margin: usize) -> bool {
    line.iter().take_while(|b| **b == b' ').count() == margin && matches!(line.trim_ascii(), b"}" | b"},")
}

/// Reads one record.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    let text = raw.trim_ascii();
    if text.starts_with(b"{") && memmem::find(text, b"\"involvedObject\"").is_some() {
        return Some(object(text, reference, scratch.inner));
    }
    if is_frame(text) {
        return None;
    }
    let mut record = if let Some(event) = Event::row(raw) {
        event.record(raw, reference)
    } else if let Some(name) = pod(raw) {
        Record { unit: String::from_utf8_lossy(name), parsed: true, ..Record::plain(text, reference) }
    } else if raw.starts_with(b" ") || is_heading(raw) {
        Record { parsed: true, ..Record::plain(raw, reference) }
    } else {
        return fallback::parse(raw, reference, scratch);
    };
    if record.time.is_none() {
        record.time = Some(reference.now);
        record.certainty = Certainty::AssumedYear;
    }
    Some(record)
}

/// Brackets and members of a list around its objects, heads of tables.
fn is_frame(text: &[u8]) -> bool {
    let heads = [b"LAST SEEN ".as_slice(), b"NAMESPACE ", b"NAME ", b"----", b"\""];
    text.len() < 3
        || heads.iter().any(|head| text.starts_with(head))
        || text.starts_with(b"Type ") && memmem::find(text, b" Reason ").is_some()
}

/// `Events:`, `Node-Selectors:  <none>`
fn is_heading(line: &[u8]) -> bool {
    let Some(colon) = memchr(b':', line) else { return false };
    let capital = line.first().is_some_and(u8::is_ascii_uppercase);
    capital && matches!(line.get(colon + 1..), Some([] | [b' ', b' ', ..]))
}

/// A row of a table of events.
struct Event<'a> {
    level: Level,
    reason: &'a [u8],
    /// The object, or who reported it.
    about: &'a [u8],
    age: Option<Span>,
    message: &'a [u8],
}

impl<'a> Event<'a> {
    /// `[NAMESPACE] LAST-SEEN TYPE REASON OBJECT MESSAGE`, or in `describe` `TYPE REASON AGE FROM MESSAGE`.
    fn row(line: &'a [u8]) -> Option<Event<'a>> {
        let mut words = Words { line, at: 0 };
        let first = words.next()?;
        let level = match first {
            b"Normal" => Level::Info,
            b"Warning" => Level::Warning,
            _ => return Event::listed(first, words),
        };
        if !line.starts_with(b"  ") {
            return None;
        }
        let reason = words.next().filter(|w| is_reason(w))?;
        let age = words.age()?;
        let about = words.next()?;
        let message = words.rest();
        Some(Event { level, reason, about, age, message })
    }

    fn listed(first: &'a [u8], mut words: Words<'a>) -> Option<Event<'a>> {
        if !first.first()?.is_ascii_alphanumeric() && first.first() != Some(&b'<') {
            return None;
        }
        let start = words.at - first.len();
        words.at = start;
        let age = match words.age() {
            Some(age) => age,
            // With -A the namespace stands first.
            None => {
                words.at = start + first.len();
                words.age()?
            }
        };
        let level = match words.next()? {
            b"Normal" => Level::Info,
            b"Warning" => Level::Warning,
            _ => return None,
        };
        let reason = words.next().filter(|w| is_reason(w))?;
        let about = words.next().filter(|w| memchr(b'/', w).is_some())?;
        Some(Event { level, reason, about, age, message: words.rest() })
    }

    fn record(self, raw: &'a [u8], reference: &'a Reference) -> Record<'a> {
        let mut record = Record::plain(raw, reference);
        record.parsed = true;
        record.state(Some(self.level));
        record.message = self.message;
        record.detail = self.reason;
        match memchr(b'/', self.about).and_then(|at| self.about.get(at + 1..)) {
            Some(name) if is_name(name) => record.unit = String::from_utf8_lossy(name),
            _ => record.identifier = String::from_utf8_lossy(self.about),
        }
        if let Some(age) = self.age {
            record.time = Some(reference.now.minus(age));
            record.certainty = Certainty::AssumedYear;
        }
        record
    }
}

/// The words of a line.
struct Words<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        if self.at > FRONT || rest.is_empty() {
            return None;
        }
        let start = self.line.len() - rest.len();
        let len = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        self.at = start + len;
        rest.get(..len)
    }

    fn rest(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or_default().trim_ascii_start()
    }

    /// `94s`, `3m8s`, `88s (x2 over 94s)`, `<unknown>`. The outer `None`: no age stands here.
    fn age(&mut self) -> Option<Option<Span>> {
        let word = self.next()?;
        let age = match word {
            b"<unknown>" | b"<invalid>" => None,
            word => Some(age(word)?),
        };
        if self.rest().starts_with(b"(x") {
            let close = memchr(b')', self.rest())?;
            self.at = self.line.len() - self.rest().len() + close + 1;
        }
        Some(age)
    }
}

/// `5d3h`
fn age(word: &[u8]) -> Option<Span> {
    let (mut seconds, mut number, mut digits) = (0i64, 0i64, 0);
    for b in word {
        let unit = match b {
            b'0'..=b'9' if digits < 6 => {
                number = number * 10 + i64::from(b - b'0');
                digits += 1;
                continue;
            }
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'y' => 365 * 86_400,
            _ => return None,
        };
        if digits == 0 {
            return None;
        }
        seconds += number * unit;
        (number, digits) = (0, 0);
    }
    (digits == 0 && !word.is_empty()).then_some(Span::seconds(seconds))
}

/// `FailedScheduling`
fn is_reason(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_uppercase) && word.iter().all(u8::is_ascii_alphanumeric)
}

/// The name of an object.
fn is_name(word: &[u8]) -> bool {
    let letters = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':');
    !word.is_empty() && word.iter().all(letters)
}

/// The pod of a row of `kubectl get pods`: `[NAMESPACE] NAME 0/1 CrashLoopBackOff 4 (77s ago) 4m55s`.
fn pod(line: &[u8]) -> Option<&[u8]> {
    if !line.first()?.is_ascii_alphanumeric() {
        return None;
    }
    let mut words = Words { line, at: 0 };
    let (mut name, mut ready) = (words.next()?, words.next()?);
    if !is_share(ready) {
        (name, ready) = (ready, words.next()?);
    }
    let status = words.next()?;
    let restarts = words.next()?;
    if words.rest().starts_with(b"(") {
        let close = memchr(b')', words.rest())?;
        words.at = line.len() - words.rest().len() + close + 1;
    }
    words.age()?;
    let fits = is_share(ready)
        && is_name(name)
        && status.first()?.is_ascii_alphabetic()
        && restarts.iter().all(u8::is_ascii_digit);
    fits.then_some(name)
}

/// `0/1`
fn is_share(word: &[u8]) -> bool {
    let Some(slash) = memchr(b'/', word) else { return false };
    let (ready, of) = (word.get(..slash).unwrap_or_default(), word.get(slash + 1..).unwrap_or_default());
    [ready, of].iter().all(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit))
}

/// An event object.
fn object<'a>(raw: &'a [u8], reference: &'a Reference, message: &'a mut Vec<u8>) -> Record<'a> {
    let mut record = Record::plain(raw, reference);
    record.parsed = true;
    record.fields = Fields::Json(raw);
    message.clear();
    let raw = raw.strip_suffix(b",").unwrap_or(raw);
    let text = |raw: &'a [u8]| String::from_utf8_lossy(raw);
    let mut when = [None; 3];
    for (key, value) in Members::new(raw).map_while(Result::ok) {
        match (key, value) {
            (b"message", Value::Str(raw)) if is_escaped(raw) => unescape(raw, message),
            (b"message", Value::Str(raw)) => message.extend_from_slice(raw),
            (b"reason", Value::Str(raw)) => record.detail = raw,
            (b"type", Value::Str(b"Normal")) => record.state(Some(Level::Info)),
            (b"type", Value::Str(b"Warning")) => record.state(Some(Level::Warning)),
            (b"lastTimestamp", Value::Str(raw)) => when[0] = Some(raw),
            (b"eventTime", Value::Str(raw)) => when[1] = Some(raw),
            (b"firstTimestamp", Value::Str(raw)) => when[2] = Some(raw),
            (b"involvedObject", Value::Object(object)) => {
                if let Some(name) = member(object, b"name") {
                    record.unit = text(name);
                }
            }
            (b"source", Value::Object(object)) => {
                if let Some(name) = member(object, b"component") {
                    record.identifier = text(name);
                }
            }
            (b"reportingComponent", Value::Str(name)) if matches!(record.identifier, Cow::Borrowed("")) => {
                record.identifier = text(name);
            }
            _ => {}
        }
    }
    if let Some((time, certainty, _)) = when.into_iter().flatten().find_map(|t| stamp::read_at(t, reference)) {
        record.time = Some(time);
        record.certainty = certainty;
    }
    if !message.is_empty() {
        record.message = message.trim_ascii_end();
    }
    record
}

/// A text member of an object.
fn member<'a>(object: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    Members::new(object).map_while(Result::ok).find_map(|(name, value)| match value {
        Value::Str(text) if name == key && !text.is_empty() => Some(text),
        _ => None,
    })
}
