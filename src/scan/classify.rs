//! From a record to an event: which signatures match, what to keep of the record.
//!
//! This is the hot path. A record that nobody has to hear about costs one pass over its message and no allocation; what
//! is cloned here is cloned for an event, and events are few.

use std::sync::Arc;

use crate::base::{Certainty, Level, Place, Stamp};
use crate::record::{self, Record};

use super::event::{Capture, Event};
use super::familiar::Familiar;
use super::joint::Joints;
use super::naive;
use super::needles::Search;
use super::plan::Plan;

use super::tester::Memory;

/// Classifies records one after the other; one for each thread.
pub struct Classifier<'p> {
    plan: &'p Plan,
    naive: bool,
    search: Search,
    memory: Memory,
    joints: Joints,
    familiar: Familiar,
    text: Vec<u8>,
    last_unit: Arc<str>,
    last_host: Arc<str>,
}

impl<'p> Classifier<'p> {
    /// A classifier of this plan.
    pub fn new(plan: &'p Plan) -> Classifier<'p> {
        Classifier {
            plan,
            naive: false,
            search: Search::default(),
            memory: Memory::default(),
            joints: Joints::default(),
            familiar: Familiar::default(),
            text: Vec::new(),
            last_unit: "".into(),
            last_host: "".into(),
        }
    }

    /// The same answers, without the prefilter: the oracle for tests.
    pub fn naive(plan: &'p Plan) -> Classifier<'p> {
        Classifier { naive: true, ..Classifier::new(plan) }
    }

    /// The event that this record is, if anybody has to hear about it: a signature matches, or it is an error.
    ///
    /// `time` and `certainty` are the record's own or those that stand in for it.
    pub fn classify(&mut self, record: &Record<'_>, time: Stamp, certainty: Certainty, place: Place) -> Option<Event> {
        let (mut hits, captures, calm) = self.hits(record);
        if hits.is_empty() && (calm && record.level.is_none() || !is_error(record)) {
            return None;
        }
        self.plan.rank(&mut hits);
        let named = captures.iter().find(|c| &*c.name == "unit").map(|c| about(&c.value));
        let unit = named.unwrap_or(&record.unit);
        if *self.last_unit != *unit {
            self.last_unit = unit.into();
        }
        if *self.last_host != *record.host {
            self.last_host = record.host.as_ref().into();
        }
        Some(Event {
            time,
            certainty,
            place,
            unit: self.last_unit.clone(),
            host: self.last_host.clone(),
            invocation: record.invocation.as_ref().into(),
            pid: record.pid,
            level: record.level,
            calm: is_calm(record),
            hits,
            text: quote(record).into(),
            cursor: String::from_utf8_lossy(&record.whole_cursor()).into(),
            captures,
            before: Vec::new(),
            before_open: false,
        })
    }

    /// Is it known of a message of this level, however it was read, that nobody has to hear about it, that a look inside finds
    /// nothing, and that it is no line of a trace? Such a record has no [`message_id`](Record::message_id).
    pub fn passes(&mut self, message: &[u8], level: Option<Level>) -> bool {
        let known = if self.naive { None } else { self.familiar.look(self.plan, message) };
        known.is_some_and(|known| {
            known.settled
                && known.candidates.is_empty()
                && match level {
                    Some(level) => level > Level::Err,
                    None => known.calm || !record::alarming(message),
                }
        })
    }

    /// The signatures that match, best first, and their captures; no event is made.
    pub(super) fn ranked(&mut self, record: &Record<'_>) -> (Vec<u32>, Vec<Capture>) {
        let (mut hits, captures, _) = self.hits(record);
        self.plan.rank(&mut hits);
        (hits, captures)
    }

    /// The signatures that match, their captures, and whether the message surely has no word of failure.
    fn hits(&mut self, record: &Record<'_>) -> (Vec<u32>, Vec<Capture>, bool) {
        let text = whole(record, &mut self.text);
        if self.naive {
            let (hits, captures) = naive::matches(self.plan, record, text);
            return (hits, captures, false);
        }
        let by_id = record.message_id.is_some_and(|id| !self.plan.needles().of_message_id(id).is_empty());
        let known = if by_id || !record.detail.is_empty() { None } else { self.familiar.look(self.plan, text) };
        let (candidates, calm) = match known {
            Some(known) => (&*known.candidates, known.calm),
            None => {
                self.plan.needles().search(record.message_id, text, &mut self.search);
                (&*self.search.candidates, false)
            }
        };
        let (mut hits, mut captures) = (Vec::new(), Vec::new());
        if candidates.is_empty() {
            return (hits, captures, calm);
        }
        let found = self.joints.ask(candidates, |index| self.plan.signature(index), text);
        for &candidate in candidates {
            let index = candidate.index;
            let signature = self.plan.signature(index);
            let memory = &mut self.memory;
            if self.plan.verifier(index).confirms(signature, candidate, record, text, found, memory, &mut captures) {
                hits.push(index);
            }
        }
        (hits, captures, calm)
    }
}

/// The message itself states a harmless level. The kernel writes `INFO: ` in front of tasks that hang and processors that
/// stall.
pub(super) fn is_calm(record: &Record<'_>) -> bool {
    record.stated
        && record.level.is_some_and(|level| level >= Level::Info)
        && &*record.identifier != "kernel"
        && !answered_badly(record.message)
}

/// What signatures are asked about: the message, and what stood beside it as further lines.
pub(super) fn whole<'t>(record: &'t Record<'_>, buffer: &'t mut Vec<u8>) -> &'t [u8] {
    if record.detail.is_empty() {
        return record.message;
    }
    buffer.clear();
    buffer.extend_from_slice(record.message);
    buffer.push(b'\n');
    buffer.extend_from_slice(record.detail);
    buffer
}

/// An error that must be told even if no signature knows it: its level says so, or, where the form carries no level, its
/// words do. The words of the service manager and the kernel are left to their packs: both say "failed" all day long. So
/// are rows of documents, which are states: many hold a key such as "errors" whose value says that there is none.
pub(super) fn is_error(record: &Record<'_>) -> bool {
    match record.level {
        Some(level) => level <= Level::Err,
        None if record.is_row() => false,
        None => !matches!(&*record.identifier, "systemd" | "kernel") && record::alarming(record.message),
    }
}

/// `user@1500.service/indexer.service` is about `indexer.service`.
fn about(unit: &str) -> &str {
    unit.rsplit('/').find(|part| !part.is_empty()).unwrap_or(unit)
}

/// The line a person would quote, and what stood beside it.
pub fn quote(record: &Record<'_>) -> String {
    if let Some(named) = named(record) {
        return named;
    }
    let head = record::headline(record.message);
    let detail = record::headline(record.detail);
    let mut text = clip(head, Event::TEXT_BYTES);
    if !detail.is_empty() && detail != head {
        text.push_str(": ");
        text.push_str(&clip(detail, Event::TEXT_BYTES.saturating_sub(text.len())));
    }
    text
}

/// An object without a message that names what it tells of: the name first, then what else it says in a word each.
fn named(record: &Record<'_>) -> Option<String> {
    if record.message.first() != Some(&b'{') {
        return None;
    }
    let mut name = None;
    let mut words = None;
    let mut rest = String::new();
    record.said().each(&mut |key, value| {
        let last = key.rsplit('.').next().unwrap_or(key);
        // A row that has a message says it all in that.
        if key == "message" && !value.is_empty() && words.is_none() {
            words = Some(clip(record::headline(value), Event::TEXT_BYTES));
        }
        if key.starts_with('@') {
            // The name of a row stands in where it names nothing itself; its place and time stand beside the text.
            if key == "@row" && name.is_none() {
                name = Some(clip(value, Event::TEXT_BYTES));
            }
        } else if NAMES.contains(&key) && name.is_none() {
            name = Some(clip(value, Event::TEXT_BYTES));
        } else if !UNSAID.contains(&last) && value.len() <= 200 && !value.starts_with(b"{") && !value.starts_with(b"[")
        {
            let quotes = if value.contains(&b' ') { "\"" } else { "" };
            rest.push_str(&format!(" {last}={quotes}{}{quotes}", String::from_utf8_lossy(value)));
        }
    });
    if words.is_some() {
        return words;
    }
    let named = name? + &rest;
    Some(clip(record::headline(named.as_bytes()), Event::TEXT_BYTES))
}

/// Keys that name what an object without a message tells of.
const NAMES: &[&str] = &["event", "kind", "event_type", "error_code", "errorCode"];

/// Keys that say when and where, which stands beside the text anyway, or which are ids that no person reads.
const UNSAID: &[&str] =
    &["timestamp", "ts", "time", "run_id", "level", "cycle", "id", "session_id", "sessionId", "user_id"];

/// At most `most` bytes of `bytes` as text, cut between characters.
fn clip(bytes: &[u8], most: usize) -> String {
    let text = String::from_utf8_lossy(bytes.get(..most).unwrap_or(bytes));
    let mut text = text.into_owned();
    if bytes.len() > most {
        text.truncate(text.trim_end_matches('\u{FFFD}').len());
        text.push('…');
    }
    text
}

/// A line of an access log states info whatever was answered; the status says how it went. 503 is left out: it is how a
/// program tells a probe that it is not ready yet.
fn answered_badly(message: &[u8]) -> bool {
    let Some(version) = memchr::memmem::find(message, b" HTTP/") else { return false };
    let rest = message.get(version + b" HTTP/".len()..).unwrap_or_default();
    let Some(quote) = rest.iter().take(4).position(|b| *b == b'"') else { return false };
    let status = rest.get(quote + 1..).unwrap_or_default();
    [b" 429 ", b" 500 ", b" 502 ", b" 504 "].iter().any(|bad| status.starts_with(*bad))
}

#[cfg(test)]
mod tests {
    use super::answered_badly;

    #[test]
    fn the_status_of_an_access_log_says_how_it_went() {
        for (line, bad) in [
            ("INFO:     10.0.0.9:4123 - \"POST /v1 HTTP/1.1\" 500 Internal Server Error", true),
            ("10.0.0.7 - - [03/Mar/2026:04:11:02 +0000] \"GET /x HTTP/2\" 502 157 \"-\" \"c\"", true),
            ("INFO: \"GET /ready HTTP/1.1\" 503 Service Unavailable", false),
            ("INFO: \"GET /500 HTTP/1.1\" 200 500", false),
            ("INFO: HTTP/1.1 500 is what it said", false),
            ("HTTP/", false),
            (" HTTP/1.1\"", false),
        ] {
            assert_eq!(answered_badly(line.as_bytes()), bad, "{line}");
        }
    }
}
