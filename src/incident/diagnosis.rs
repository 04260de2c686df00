//! The diagnosis: all that the report tells, and nothing about how it is told. Its serde form is the JSON contract
//! `logtriage.diagnosis/1`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::base::{Class, FindingKind, Level, Number, Severity, Stamp};

/// The name and version of the JSON form.
pub const SCHEMA: &str = "logtriage.diagnosis/1";

/// The report on everything that was read.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Who made it.
    pub tool: Tool,
    /// The verdict: `healthy`, `degraded` or `down`.
    pub severity: Severity,
    /// The verdict in one sentence.
    pub summary: String,
    /// From the first to the last record that had a time.
    pub period: Option<Period>,
    /// What was read.
    pub input: Input,
    /// Where the evidence is incomplete.
    pub blind: Vec<Blind>,
    /// The stories, worst first, then earliest.
    pub incidents: Vec<Incident>,
    /// What the detectors said, in time order.
    pub findings: Vec<FindingReport>,
    /// What matched, most frequent first.
    pub signatures: Vec<SignatureReport>,
    /// Errors that no signature knows, most frequent first.
    pub unclassified: Vec<Unclassified>,
    /// The units, by name.
    pub units: Vec<UnitReport>,
    /// Numbers that detectors looked at, by the id of the detector and its key: `llm/latency unit=gateway`. At most 200
    /// names.
    pub metrics: BTreeMap<String, Metric>,
}

/// Who made a diagnosis.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    /// `logtriage`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first moment.
    #[serde(serialize_with = "rfc3339")]
    pub from: Stamp,
    /// The last moment.
    #[serde(serialize_with = "rfc3339")]
    pub to: Stamp,
}

/// What was read, and what could not be.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Input {
    /// Records, a joined trace counted as one.
    pub records: u64,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines that did not have the form of their source; they were searched all the same.
    pub unparsed: u64,
    /// Lines that were longer than the limit and were cut.
    pub truncated: u64,
    /// Records that came later than the lateness allows and were judged out of order.
    pub late: u64,
    /// Lines that the log itself says were lost (rate limits, missed kernel messages).
    pub suppressed: u64,
    /// Things dropped because a bound was reached, by the name of the bound.
    pub dropped: BTreeMap<String, u64>,
    /// By name.
    pub sources: Vec<SourceReport>,
    /// What could not be read at all, or not to the end, with the reason.
    pub unreadable: Vec<Unreadable>,
}

/// One source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceReport {
    /// The path, `-` for standard input, `journal`.
    pub name: String,
    /// The format that was found.
    pub format: String,
    /// Records.
    pub records: u64,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines without the form.
    pub unparsed: u64,
    /// Lines that were cut.
    pub truncated: u64,
    /// Records that were left out because they stand in another source too; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<u64>,
    /// The first and last moment.
    pub period: Option<Period>,
}

/// A source that could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct Unreadable {
    /// The path.
    pub name: String,
    /// What was expected, what was found, at which offset, what to do.
    pub why: String,
}

/// A stretch in which lines are missing: counts in it are lower bounds.
#[derive(Clone, Debug, Serialize)]
pub struct Blind {
    /// `suppressed`, `missed`, `truncated`, `late`, `unparsed`, `unreadable`, `dropped`.
    pub kind: &'static str,
    /// The unit whose lines are missing; `null` when it can be any.
    pub unit: Option<String>,
    /// The source it was seen in; empty when it is about all.
    pub source: String,
    /// From when to when, if known.
    pub period: Option<Period>,
    /// How many lines, if known.
    pub lines: Option<u64>,
    /// For people: `4499 lines of api.service suppressed 10:02-10:04`.
    pub text: String,
}

/// Findings that are one story.
#[derive(Clone, Debug, Serialize)]
pub struct Incident {
    /// The same for the same story in any run over the same log.
    pub id: String,
    /// How bad.
    pub severity: Severity,
    /// For people: `indexer.service crash-loops; systemd gave up after 4 starts in 19 s`.
    pub title: String,
    /// `open` or `resolved`.
    pub state: &'static str,
    /// The first event.
    #[serde(serialize_with = "rfc3339")]
    pub first_seen: Stamp,
    /// The last event.
    #[serde(serialize_with = "rfc3339")]
    pub last_seen: Stamp,
    /// What started it, as far as the evidence goes.
    pub root_cause: RootCause,
    /// What else it could be, and what speaks for or against it.
    pub alternatives: Vec<Alternative>,
    /// What happened, in order.
    pub chain: Vec<Link>,
    /// The units that are part of it, the root's first.
    pub affected: Vec<String>,
    /// What to do, in order.
    pub fixes: Vec<FixReport>,
    /// The lines that show it, in order.
    pub evidence: Vec<EvidenceReport>,
    /// For crash loops: what the crashes have in common.
    pub crashes: Option<CrashReport>,
    /// Ids of the findings that it is made of.
    pub findings: Vec<String>,
    /// Was it here before? `null` where no history is kept.
    pub recurring: Option<Recurring>,
}

/// How sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One sign among others.
    Low,
    /// The signs agree, but something else could look the same.
    Medium,
    /// The log says so in so many words, every time.
    High,
}

impl Confidence {
    /// The word in JSON and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// What started an incident.
#[derive(Clone, Debug, Serialize)]
pub struct RootCause {
    /// The signature that names it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The detector that names it, if no signature does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// The unit it began in.
    pub unit: String,
    /// The kind of failure.
    pub class: Class,
    /// The line, or a sentence, that names it.
    pub text: String,
    /// What the signature's author says about it.
    pub cause: String,
    /// Why we think so: `last error before the exit in 4 of 4 crashes; first at 22:40:02.9`.
    pub why: String,
    /// How sure.
    pub confidence: Confidence,
}

/// Another possible cause.
#[derive(Clone, Debug, Serialize)]
pub struct Alternative {
    /// What it would be.
    pub text: String,
    /// What speaks for or against it: `no sign of it in these logs`.
    pub why: String,
    /// How sure.
    pub confidence: Confidence,
}

/// One step of the chain.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub time: Stamp,
    /// Whom it happened to.
    pub unit: String,
    /// The kind of finding or the class that it belongs to.
    pub finding: String,
    /// What happened.
    pub text: String,
    /// The source, if one line shows it.
    pub source: Option<String>,
    /// Its offset in the source.
    pub offset: Option<u64>,
    /// The journal cursor, or where the row stands in its document (a JSON pointer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FixReport {
    /// What and why.
    pub text: String,
    /// A command to copy, unit names quoted; never run by us.
    pub run: Option<String>,
    /// When this is the right thing.
    pub when: Option<String>,
    /// A command that shows whether it helped.
    pub verify: Option<String>,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceReport {
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub time: Stamp,
    /// The unit that the line is about.
    pub unit: String,
    /// The source.
    pub source: String,
    /// The offset of the record in its (decompressed) source.
    pub offset: u64,
    /// The journal cursor, or where the row stands in its document (a JSON pointer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The line.
    pub text: String,
}

/// What the crashes of a unit have in common.
#[derive(Clone, Debug, Serialize)]
pub struct CrashReport {
    /// How many crashes there were.
    pub total: u64,
    /// Of so many the last lines are known.
    pub with_last_words: u64,
    /// The line that repeats most (numbers and ids apart), and in how many of `with_last_words`.
    pub repeats: Option<Repeat>,
    /// The first crash, often the one that tells.
    pub first: Option<CrashLines>,
    /// The latest crash.
    pub last: Option<CrashLines>,
}

/// A line that crashes share.
#[derive(Clone, Debug, Serialize)]
pub struct Repeat {
    /// The line, as it stood before the first crash that has it.
    pub text: String,
    /// Before so many crashes.
    pub crashes: u64,
}

/// One crash.
#[derive(Clone, Debug, Serialize)]
pub struct CrashLines {
    /// When the unit died.
    #[serde(serialize_with = "rfc3339")]
    pub time: Stamp,
    /// How: `exited, status 1`.
    pub how: String,
    /// Its last lines, in order.
    pub last_words: Vec<EvidenceReport>,
}

/// An incident that was here before.
#[derive(Clone, Debug, Serialize)]
pub struct Recurring {
    /// How often, this time included.
    pub times: u64,
    /// The first time.
    #[serde(serialize_with = "rfc3339")]
    pub first: Stamp,
    /// The time before this one.
    #[serde(serialize_with = "rfc3339")]
    pub last: Stamp,
    /// What the signature's author advises when it comes back.
    pub advice: Option<String>,
}

/// What a detector said.
#[derive(Clone, Debug, Serialize)]
pub struct FindingReport {
    /// Stable id.
    pub id: String,
    /// Who said it.
    pub detector: String,
    /// The kind of detector.
    pub kind: &'static str,
    /// The word for it.
    pub finding: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// The kind of failure.
    pub class: Class,
    /// The unit it is about.
    pub unit: String,
    /// What the detector grouped by.
    pub key: BTreeMap<String, String>,
    /// One line for people, without the unit's name.
    pub title: String,
    /// How many events.
    pub count: u64,
    /// The number that was compared.
    pub value: Option<Number>,
    /// What it was compared with.
    pub threshold: Option<Number>,
    /// What else the detector worked out, by name: `change`, `p`, `top`.
    pub facts: BTreeMap<String, String>,
    /// The window in seconds.
    pub window_s: Option<i64>,
    /// The first event.
    #[serde(serialize_with = "rfc3339")]
    pub first_seen: Stamp,
    /// The last event.
    #[serde(serialize_with = "rfc3339")]
    pub last_seen: Stamp,
    /// `open` or `resolved`.
    pub state: &'static str,
    /// The earliest lines that show it.
    pub evidence: Vec<EvidenceReport>,
}

/// How often a signature matched.
#[derive(Clone, Debug, Serialize)]
pub struct SignatureReport {
    /// Full id.
    pub id: String,
    /// Its class.
    pub class: Class,
    /// Its severity.
    pub severity: Severity,
    /// Records that it matched.
    pub count: u64,
    /// By unit.
    pub units: BTreeMap<String, u64>,
    /// The first match.
    #[serde(serialize_with = "rfc3339")]
    pub first_seen: Stamp,
    /// The last match.
    #[serde(serialize_with = "rfc3339")]
    pub last_seen: Stamp,
}

/// Errors of one shape that no signature knows.
#[derive(Clone, Debug, Serialize)]
pub struct Unclassified {
    /// The shape: numbers, ids, paths and quoted text masked.
    pub template: String,
    /// The worst level among them; `null` when the form carries none and the words gave it away.
    pub level: Option<Level>,
    /// How many.
    pub count: u64,
    /// In which units.
    pub units: Vec<String>,
    /// The first.
    #[serde(serialize_with = "rfc3339")]
    pub first_seen: Stamp,
    /// The last.
    #[serde(serialize_with = "rfc3339")]
    pub last_seen: Stamp,
    /// The first one's text.
    pub sample: String,
}

/// One unit.
#[derive(Clone, Debug, Serialize)]
pub struct UnitReport {
    /// Its name.
    pub unit: String,
    /// Records about it.
    pub records: u64,
    /// Of these with level err or worse.
    pub errors: u64,
    /// Of these with level warning.
    pub warnings: u64,
    /// Starts that the manager did by itself.
    pub restarts: u64,
    /// `up`, `starting`, `stopping`, `stopped`, `failed`, `restarting`, `given-up`, `unknown`.
    pub state: &'static str,
    /// Its last record.
    #[serde(serialize_with = "maybe_rfc3339")]
    pub last_seen: Option<Stamp>,
}

/// A number seen many times. Up to a thousand readings the percentiles are exact, then right to three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// How often.
    pub n: u64,
    /// Smallest.
    pub min: Number,
    /// Median.
    pub p50: Number,
    /// 90th percentile.
    pub p90: Number,
    /// 99th percentile.
    pub p99: Number,
    /// Largest.
    pub max: Number,
    /// `improving`, `degrading` or `stagnant` where a detector of kind `trend` gives a verdict; else `rising`, `falling` or
    /// `flat`.
    pub trend: &'static str,
}

fn rfc3339<S: Serializer>(time: &Stamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&time.rfc3339())
}

fn maybe_rfc3339<S: Serializer>(time: &Option<Stamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.serialize_str(&time.rfc3339()),
        None => to.serialize_none(),
    }
}
