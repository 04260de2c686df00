//! Where the judges write what they find, and where everybody else reads it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};

use crate::base::{Number, Severity, Span, Stamp};
use crate::rules::DetectorRule;
use crate::scan::{Event, Line};

use super::finding::{Evidence, Finding};
use super::keys::Key;
use super::metric::Metrics;

/// Findings kept at most; beyond it new ones are counted, not kept.
pub const MOST_FINDINGS: usize = 10_000;

/// Places kept for one finding: the earliest.
pub const MOST_EVIDENCE: usize = 5;

/// What a signature knows, or a burst of what none knows, is another occasion when nothing was heard of it for so long.
/// (An hour: longer than any retry, shorter than what comes every night.)
pub const AWAY: Span = Span::seconds(3600);

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Opened,
    /// Its severity rose, or it became another kind of finding.
    Worse,
    /// It is over.
    Resolved,
    /// It was over and began again.
    Reopened,
    /// It was told before everything had come, and what came then says otherwise. No judge says this.
    Withdrawn,
}

/// All findings of a run, in the order in which they opened.
#[derive(Clone, Debug, Default)]
pub struct Board {
    findings: Vec<Finding>,
    changes: Vec<(usize, Change)>,
    dropped: BTreeMap<Cow<'static, str>, u64>,
    metrics: Metrics,
}

impl Board {
    /// All findings.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What was not kept because a bound was reached, by the name of the bound.
    pub fn dropped(&self) -> &BTreeMap<Cow<'static, str>, u64> {
        &self.dropped
    }

    /// The numbers that detectors looked at.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Notes a number that a detector looks at.
    pub(super) fn note(&mut self, rule: &DetectorRule, key: &Key, value: Number) {
        if !self.metrics.note(rule, key, value) {
            self.refuse("metrics");
        }
    }

    /// Says what a detector thinks of the course of the numbers of a key.
    pub(super) fn judge(&mut self, rule: &DetectorRule, key: &Key, verdict: Option<&'static str>) {
        self.metrics.judge(rule, key, verdict);
    }

    /// Counts something that a bound kept out.
    pub(super) fn refuse(&mut self, bound: impl Into<Cow<'static, str>>) {
        *self.dropped.entry(bound.into()).or_default() += 1;
    }

    pub(super) fn open(&mut self, mut finding: Finding) -> Option<usize> {
        if self.findings.len() >= MOST_FINDINGS {
            self.refuse("findings");
            return None;
        }
        finding.id = identify(&finding);
        let index = self.findings.len();
        self.findings.push(finding);
        self.changes.push((index, Change::Opened));
        Some(index)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> &mut Finding {
        &mut self.findings[index]
    }

    /// Adds a part to the key of a finding that has just opened: its id is about the whole key.
    pub(super) fn set_key(&mut self, index: usize, name: &str, value: &str) {
        let finding = &mut self.findings[index];
        finding.key.insert(name.to_owned(), value.to_owned());
        finding.id = identify(finding);
    }

    pub(super) fn worse(&mut self, index: usize) {
        self.changes.push((index, Change::Worse));
    }

    pub(super) fn severity(&mut self, index: usize, severity: Severity) {
        let before = std::mem::replace(&mut self.findings[index].severity, severity);
        if severity > before {
            self.worse(index);
        }
    }

    pub(super) fn resolve(&mut self, index: usize, at: Stamp) {
        if self.findings[index].resolved.replace(at).is_none() {
            self.changes.push((index, Change::Resolved));
        }
    }

    pub(super) fn reopen(&mut self, index: usize) {
        if self.findings[index].resolved.take().is_some() {
            self.changes.push((index, Change::Reopened));
        }
    }

    /// Counts one more event for a finding and keeps its place while there is room.
    pub(super) fn count(&mut self, index: usize, event: &Event) {
        let finding = &mut self.findings[index];
        finding.count += 1;
        if matches!(finding.kind, "signature" | "burst") && event.time.since(finding.last_seen) >= AWAY {
            finding.occasions += 1;
            finding.before = Some(finding.last_seen);
        }
        finding.last_seen = finding.last_seen.max(event.time);
        if finding.evidence.len() < MOST_EVIDENCE {
            finding.evidence.push(evidence(event));
        }
    }

    pub(super) fn take_changes(&mut self) -> Vec<(usize, Change)> {
        std::mem::take(&mut self.changes)
    }
}

/// The place of an event.
pub(super) fn evidence(event: &Event) -> Evidence {
    Evidence {
        time: event.time,
        unit: event.unit.to_string(),
        place: event.place,
        cursor: event.cursor.to_string(),
        text: event.text.to_string(),
    }
}

/// The lines since the previous death: those of the invocation that died.
pub(super) fn last_words(before: &[Line], source: u64, previous: u64) -> Vec<Evidence> {
    let since = |line: &&Line| line.place.source.0 != source || previous == 0 || line.place.offset > previous;
    let quote = |line: &Line| Evidence {
        time: line.time,
        unit: line.unit.to_string(),
        place: line.place,
        cursor: line.cursor.to_string(),
        text: line.text.to_string(),
    };
    before.iter().filter(since).map(quote).collect()
}

/// Not a counter: the same failure has the same id in every run over the same log.
pub(super) fn identify(finding: &Finding) -> String {
    let mut hasher = foldhash::quality::FixedState::with_seed(2).build_hasher();
    for part in [finding.detector.as_str(), finding.unit.as_str()] {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    for (name, value) in &finding.key {
        hasher.write(name.as_bytes());
        hasher.write_u8(0xfe);
        hasher.write(value.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.write_i64(finding.first_seen.0);
    format!("{:016x}", hasher.finish())
}
