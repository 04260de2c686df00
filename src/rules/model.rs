//! What a pack says once it is read and found right.

use serde::{Deserialize, Serialize};

use super::clue::Clue;
use super::kind::DetectorKind;
use super::list::List;
use super::numbers::Numbers;
use super::origin::Origins;
use crate::base::{Class, FindingKind, Glob, Level, Number, Problem, Severity, Span, Step};

/// How much a pack is about. Of two packs that know a line equally well, the one that is about less says more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum About {
    /// One application, with its own units and remedies.
    Application,
    /// One system that many applications use: a database, a gateway, a web server.
    #[default]
    System,
    /// A language or its libraries, or hardware: what programs of many kinds print.
    Runtime,
    /// Texts that any program may print.
    Anything,
}

impl About {
    /// The words of packs.
    pub const WORDS: &'static [(&'static str, About)] = &[
        ("application", About::Application),
        ("system", About::System),
        ("runtime", About::Runtime),
        ("anything", About::Anything),
    ];
}

/// A file of signatures, detectors and links, all about one system.
#[derive(Clone, Debug, Serialize)]
pub struct Pack {
    /// The first half of every full id: `nats` in `nats/no-servers`.
    pub name: String,
    /// For people.
    pub title: String,
    /// Raised when the meaning of the pack changes.
    pub version: u32,
    /// How much it is about.
    pub about: About,
    /// The file it was read from, as shown in messages.
    pub file: String,
    /// In the order of the file.
    pub signatures: List<Signature>,
    /// In the order of the file.
    pub detectors: List<DetectorRule>,
    /// Every mention of a signature by id, in the order of the file; see [`check_links`](super::check_links).
    #[serde(skip)]
    pub links: Vec<Link>,
    /// Every capture by which a detector groups its events, checked with the links.
    #[serde(skip)]
    pub keys: Vec<Key>,
}

/// A mention of signatures by id, which may be in any pack.
#[derive(Clone, Debug)]
pub struct Link {
    /// What it names.
    pub selector: Selector,
    /// What to tell, with its place, when no loaded pack has such a signature.
    pub problem: Problem,
}

/// A capture by which a detector groups its events; the signatures may be in any pack.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name of the capture.
    pub name: String,
    /// The events of the detector.
    pub selectors: Vec<Selector>,
    /// What to tell, with its place, when no event has such a capture.
    pub problem: Problem,
}

/// A pattern that somebody wrote down, with what it means and what to do.
///
/// A record matches when one of `message_ids`, `any` or `regex` speaks about it, all of `all` stand in its message, none
/// of `none` does, and it lies within `scope`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// Full id: `pack/name`.
    pub id: String,
    /// How much its pack is about.
    pub about: About,
    /// For people: one short line ("NATS server cannot be reached"). Falls back to the id's words.
    pub title: String,
    /// The kind of failure.
    pub class: Class,
    /// How bad one match is.
    pub severity: Severity,
    /// One of these literals stands in the message.
    pub any: Vec<String>,
    /// All of these literals stand in the message.
    pub all: Vec<String>,
    /// None of these literals stands in the message.
    pub none: Vec<String>,
    /// One of these patterns is found in the message. Named groups become captures of the event; the group `unit` names
    /// what the record is about.
    pub regex: Vec<String>,
    /// The record carries one of these MESSAGE_IDs.
    pub message_ids: Vec<u128>,
    /// Literals and patterns match letters of either case (ASCII).
    pub ignore_case: bool,
    /// Only records within this scope.
    pub scope: Scope,
    /// Fields that become captures of the event: the name of the capture, and the field.
    pub capture: Vec<(String, String)>,
    /// It only says that something else does not answer: the cause is looked for in other units first.
    pub symptom: bool,
    /// It counts even when the record itself states the level info or debug.
    pub any_level: bool,
    /// The step in the life of the unit that a match marks.
    pub step: Option<Step>,
    /// For a `failure` finding: so many matches of one unit within `within`. 1 tells at once.
    pub at_least: u32,
    /// See `at_least`.
    pub within: Span,
    /// A `noise` signature is told after all when one of these matched the same unit within `within` before it; any
    /// other signature is then not told.
    pub unless: Vec<Selector>,
    /// By which words of a message it is worth asking; see [`clues`](super::clues). A plan leaves them out.
    #[serde(skip)]
    pub clues: Vec<Clue>,
    /// Why this happens, one sentence.
    pub cause: String,
    /// What to do, in order.
    pub fixes: Vec<Fix>,
    /// What to do when it comes back.
    pub if_recurring: Option<String>,
    /// Which signatures or classes this one brings about in other units.
    pub leads_to: Vec<Selector>,
    /// What is over in the same unit when this one matches.
    pub clears: Vec<Selector>,
    /// Messages that must match. One that begins with `{` is a record in JSON: of the journal when it has the key
    /// `MESSAGE`, else of an application. Everything else is a message.
    pub sample: Vec<String>,
    /// Messages that must not.
    pub not: Vec<String>,
    /// `false`: switched off by the configuration; it is as if the pack did not have it.
    pub enabled: bool,
    /// Where its numbers were set.
    pub set: Origins,
}

impl Signature {
    /// A signature of this id that says nothing.
    pub(super) fn new(id: String) -> Signature {
        Signature {
            id,
            about: About::default(),
            title: String::new(),
            class: Class::Unknown,
            severity: Severity::Info,
            any: Vec::new(),
            all: Vec::new(),
            none: Vec::new(),
            regex: Vec::new(),
            message_ids: Vec::new(),
            ignore_case: false,
            scope: Scope::default(),
            capture: Vec::new(),
            symptom: false,
            any_level: false,
            step: None,
            at_least: 1,
            within: Signature::WITHIN,
            unless: Vec::new(),
            clues: Vec::new(),
            cause: String::new(),
            fixes: Vec::new(),
            if_recurring: None,
            leads_to: Vec::new(),
            clears: Vec::new(),
            sample: Vec::new(),
            not: Vec::new(),
            enabled: true,
            set: Origins::default(),
        }
    }

    /// `within`, where nobody sets it.
    pub const WITHIN: Span = Span::seconds(600);

    /// Whoever wrote it knows the line as harmless: other signatures are not told of it, unless they say `down`. A noise
    /// signature that captures fields reads numbers out of a record and says nothing about the rest of it.
    pub fn hides(&self) -> bool {
        self.class == Class::Noise && self.capture.is_empty()
    }

    /// Why nobody counts its matches up to `at-least`, if nobody does at this severity.
    pub fn uncounted(&self, severity: Severity) -> Option<&'static str> {
        let noise = self.class == Class::Noise;
        if noise && self.unless.is_empty() {
            Some("noise is never told")
        } else if !noise && self.step.is_some() {
            Some("it marks a step in the life of a unit, and the life-cycle judges do the counting")
        } else if !noise && severity < Severity::Degraded {
            Some("what is 'info' is counted and never told; severity 'degraded' or 'down' would be")
        } else {
            None
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What and why, for people.
    pub text: String,
    /// A command to copy; `{unit}` and other captures in braces are filled in, quoted for the shell. Never run by us.
    pub run: Option<String>,
    /// When this is the right thing to do.
    pub when: Option<String>,
    /// A command that shows whether it helped.
    pub verify: Option<String>,
}

/// Where a signature applies. Empty: everywhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Scope {
    /// The unit (or its stem) fits one of these.
    pub unit: Vec<Glob>,
    /// The identifier fits one of these.
    pub identifier: Vec<Glob>,
    /// The host fits one of these.
    pub host: Vec<Glob>,
    /// The level is known and this or worse.
    pub level: Option<Level>,
    /// Each named field is there and fits one of its patterns.
    pub fields: Vec<(String, Vec<Glob>)>,
}

/// Names signatures: by full id (`systemd/exited`), by pattern (`common/*`), or by class (`class:network`); or errors that no
/// signature knows (`unclassified`), for detectors only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Selector {
    /// Full ids that fit the pattern.
    Id(Glob),
    /// All signatures of a class.
    Class(Class),
    /// Errors that no signature knows.
    Unclassified,
}

impl Selector {
    /// The word for errors that no signature knows.
    pub const UNCLASSIFIED: &'static str = "unclassified";

    /// The id, when it names one signature in full.
    pub fn id(&self) -> Option<&str> {
        match self {
            Selector::Id(glob) if !glob.as_str().contains(['*', '?', '[']) => Some(glob.as_str()),
            Selector::Id(_) | Selector::Class(_) | Selector::Unclassified => None,
        }
    }

    /// As it is written in a pack.
    pub fn word(&self) -> String {
        match self {
            Selector::Id(glob) => glob.as_str().to_owned(),
            Selector::Class(class) => format!("class:{class}"),
            Selector::Unclassified => Selector::UNCLASSIFIED.to_owned(),
        }
    }

    /// Does it name this signature?
    pub fn names(&self, id: &str, class: Class) -> bool {
        match self {
            Selector::Id(glob) => glob.matches(id),
            Selector::Class(wanted) => *wanted == class,
            Selector::Unclassified => false,
        }
    }
}

/// A rule over events in time. Which of its parts a kind looks at stands in [`DetectorKind`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DetectorRule {
    /// Full id: `pack/name`.
    pub id: String,
    /// For people.
    pub title: String,
    /// What is counted or compared.
    pub kind: DetectorKind,
    /// The events that it is about: failures, readings, signs of life.
    pub on: Vec<Selector>,
    /// Those that went well.
    pub good: Vec<Selector>,
    /// What begins something that must end.
    pub opens: Vec<Selector>,
    /// What ends it.
    pub closes: Vec<Selector>,
    /// What ends the finding of a key and makes it forget what was counted.
    pub reset: Vec<Selector>,
    /// Two steps or more, in their order.
    pub steps: Vec<Vec<Selector>>,
    /// The captures that it looks at.
    pub names: Names,
    /// The numbers that it compares with.
    pub numbers: Numbers,
    /// The events of one key are looked at together: `unit`, `host`, `signature`, `template`, or the name of a
    /// capture. Empty: all.
    pub by: Vec<String>,
    /// How bad the finding is.
    pub severity: Severity,
    /// The word for it.
    pub finding: FindingKind,
    /// The kind of failure; that of the first event when the rule does not say.
    pub class: Option<Class>,
    /// Why this happens.
    pub cause: String,
    /// What to do.
    pub fixes: Vec<Fix>,
    /// A case file in which it must speak, next to the pack.
    pub sample: Option<String>,
    /// A case file in which it must not.
    pub not: Option<String>,
    /// `false`: switched off by the configuration; it is as if the pack did not have it.
    pub enabled: bool,
    /// Where its numbers were set.
    pub set: Origins,
}

impl DetectorRule {
    /// All events that it looks at.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let DetectorRule { on, good, opens, closes, reset, steps, .. } = self;
        [on, good, opens, closes, reset].into_iter().flatten().chain(steps.iter().flatten())
    }
}

/// The captures that a detector looks at, by name; `unit`, `host`, `signature` and `template` are known for every event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The number that is compared or summed up; of `spread` and `calibration` the word that events are sorted by.
    pub value: Option<String>,
    /// What changes.
    pub state: Option<String>,
    /// Different values of it are counted, not events.
    pub distinct: Option<String>,
    /// Nothing is said while it has several values.
    pub uniform: Option<String>,
    /// The snapshot that an event is part of.
    pub snapshot: Option<String>,
    /// The part of the key over which a verdict is given together.
    pub together: Option<String>,
    /// The number is divided by the sum of these.
    pub per: Vec<String>,
    /// Values of the first part of the key that must be seen.
    pub expect: Vec<String>,
    /// The share that is expected, for each value.
    pub expected: Vec<(String, Number)>,
}
