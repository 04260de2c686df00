//! Starts that were begun and never finished: no failure that was seen, and no service either.
//!
//! In: where a program said that it begins to get ready, in a log that ends without another word of it. Out: a finding,
//! made when the whole log is known. It must never say why: nothing in the log does.

use crate::base::{Class, FindingKind, Severity, Stamp, Step};
use crate::scan::Event;

use super::board::{evidence, identify};
use super::finding::{Evidence, Finding};

/// Where a program began to get ready, and the latest stage of it, while it has not said that it is, or ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Stages(Vec<Evidence>);

impl Stages {
    /// Notes a step in the life of the unit. `false`: it means nothing, because the program was not getting ready.
    pub(super) fn note(&mut self, step: Step, event: &Event) -> bool {
        match step {
            Step::Loading => {
                self.0.truncate(1);
                self.0.push(evidence(event));
                true
            }
            // What its manager says while it gets ready.
            Step::Started | Step::Lost | Step::Watchdog | Step::Timeout => true,
            _ => !std::mem::take(&mut self.0).is_empty() || step != Step::Ready,
        }
    }

    pub(super) fn all(&self) -> &[Evidence] {
        &self.0
    }
}

/// A program that was still getting ready when the log ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its name.
    pub unit: String,
    /// The host it was on; empty where the log does not say.
    pub host: String,
    /// Where it began, and the latest stage that it told of.
    pub stages: Vec<Evidence>,
}

impl Unfinished {
    /// The detector that its findings name.
    pub const DETECTOR: &'static str = "lifecycle/unfinished";

    pub(super) fn of(host: &str, unit: &str, stages: &[Evidence]) -> Unfinished {
        Unfinished { unit: unit.to_owned(), host: host.to_owned(), stages: stages.to_vec() }
    }

    /// When it began.
    pub fn since(&self) -> Stamp {
        self.stages.first().map_or(Stamp::MIN, |stage| stage.time)
    }

    /// What is told of it where nothing else says why. `last` is when the unit spoke last.
    pub fn finding(&self, last: Stamp) -> Finding {
        let since = self.since();
        let last = last.max(since);
        let mut finding = Finding {
            id: String::new(),
            detector: Unfinished::DETECTOR.to_owned(),
            kind: "lifecycle",
            finding: FindingKind::Stuck,
            severity: Severity::Degraded,
            class: Class::Unknown,
            unit: self.unit.clone(),
            host: self.host.clone(),
            key: [("unit".to_owned(), self.unit.clone())].into(),
            named: Default::default(),
            title: format!("never said that it is ready: the log ends {} into its start", last.since(since)),
            count: 1,
            value: None,
            threshold: None,
            facts: Default::default(),
            window: None,
            first_seen: since,
            last_seen: last,
            occasions: 1,
            before: None,
            resolved: None,
            evidence: self.stages.clone(),
            crashes: Vec::new(),
        };
        finding.id = identify(&finding);
        finding
    }
}
