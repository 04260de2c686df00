//! What a detector says.

use std::collections::BTreeMap;

use crate::base::{Class, FindingKind, Number, Place, Severity, Span, Stamp};
use crate::scan::Event;

use super::board::evidence;

/// What a detector says about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The same for the same failure in any run over the same log: a hash of detector, key and first moment.
    pub id: String,
    /// The full id of the signature or detector that speaks; `lifecycle/...` for the built-in life-cycle detector.
    pub detector: String,
    /// `signature`, `lifecycle`, `burst`, or the pack's detector kind (`count`, `sequence`).
    pub kind: &'static str,
    /// The word for what happened.
    pub finding: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// The kind of failure.
    pub class: Class,
    /// The unit it is about; empty when it is about none.
    pub unit: String,
    /// The host it was on; empty where the log does not say.
    pub host: String,
    /// The key that the detector looked at, by name.
    pub key: BTreeMap<String, String>,
    /// Named parts of the first event's message, to fill into commands.
    pub named: BTreeMap<String, String>,
    /// One line for people, without the unit's name.
    pub title: String,
    /// How many events it rests on.
    pub count: u64,
    /// The number that was compared.
    pub value: Option<Number>,
    /// What it was compared with.
    pub threshold: Option<Number>,
    /// What else the detector worked out, by name: `change`, `p`, `top`.
    pub facts: BTreeMap<String, String>,
    /// The window it was counted in.
    pub window: Option<Span>,
    /// The first event.
    pub first_seen: Stamp,
    /// The last event.
    pub last_seen: Stamp,
    /// How often it came after it had been away for [`AWAY`](super::AWAY), the first time included.
    pub occasions: u64,
    /// The last event of the occasion before the last one.
    pub before: Option<Stamp>,
    /// When it was over, if it is.
    pub resolved: Option<Stamp>,
    /// The earliest places that show it, in order.
    pub evidence: Vec<Evidence>,
    /// For findings about crashes: each one, in order, the first and the latest ones kept.
    pub crashes: Vec<Crash>,
}

impl Finding {
    /// A finding of one event, for a judge to fill in. Its key is the event's unit, and the host where it is known.
    pub(super) fn of(event: &Event, detector: &str, kind: &'static str) -> Finding {
        let mut key = BTreeMap::from([("unit".to_owned(), event.unit.to_string())]);
        if !event.host.is_empty() {
            key.insert("host".to_owned(), event.host.to_string());
        }
        // Of several captures of one name the first counts, as in `Event::capture`.
        let named = event.captures.iter().rev().map(|c| (c.name.to_string(), c.value.to_string())).collect();
        Finding {
            id: String::new(),
            detector: detector.to_owned(),
            kind,
            finding: FindingKind::Failure,
            severity: Severity::Degraded,
            class: Class::Unknown,
            unit: event.unit.to_string(),
            host: event.host.to_string(),
            key,
            named,
            title: String::new(),
            count: 1,
            value: None,
            threshold: None,
            facts: BTreeMap::new(),
            window: None,
            first_seen: event.time,
            last_seen: event.time,
            occasions: 1,
            before: None,
            resolved: None,
            evidence: vec![evidence(event)],
            crashes: Vec::new(),
        }
    }

    /// The finding of a unit's first death.
    pub(super) fn of_crash(event: &Event, class: Class, how: &str) -> Finding {
        let title = how.to_owned();
        Finding { severity: Severity::Down, class, title, ..Finding::of(event, "lifecycle/crash", "lifecycle") }
    }

    /// Still going on at the end of the log, or over.
    pub fn state(&self) -> State {
        if self.resolved.is_some() { State::Resolved } else { State::Open }
    }
}

/// Is it over?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Going on at the end of the log.
    Open,
    /// Over.
    Resolved,
}

/// A place in the log that shows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// When.
    pub time: Stamp,
    /// The unit the record is about.
    pub unit: String,
    /// Where.
    pub place: Place,
    /// The journal cursor, empty when there is none.
    pub cursor: String,
    /// The line.
    pub text: String,
}

/// One death of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// When it died.
    pub time: Stamp,
    /// How, for people: `exited, status 1`, `killed by SIGSEGV`, `result oom-kill`.
    pub how: String,
    /// What was known to be wrong before it: the event of its unit, since its last death, that says most.
    pub said: Option<Said>,
    /// The last lines of that invocation before the exit, in order.
    pub last_words: Vec<Evidence>,
}

/// An event of a unit that may explain its death.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The signature that knows it, as index of the plan; `None` for an error that no signature knows.
    pub signature: Option<u32>,
    /// The line.
    pub line: Evidence,
}
