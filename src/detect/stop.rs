//! Planned stops: no failure by themselves, but others may fail because of them.

use crate::base::{Class, FindingKind, Severity, Stamp};
use crate::scan::Event;

use super::board::{evidence, identify};
use super::finding::{Evidence, Finding};

/// A unit that was stopped on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Its name.
    pub unit: String,
    /// The host it was on; empty where the log does not say.
    pub host: String,
    /// When the stop was asked for, and where that stands.
    pub at: Evidence,
    /// When it was started again, if it was.
    pub until: Option<Stamp>,
}

impl Stop {
    /// The detector that its findings name.
    pub const DETECTOR: &'static str = "lifecycle/stopped";

    pub(super) fn of(event: &Event) -> Stop {
        Stop { unit: event.unit.to_string(), host: event.host.to_string(), at: evidence(event), until: None }
    }

    /// What is found when others failed because of it.
    pub fn finding(&self) -> Finding {
        let title = match self.until {
            Some(until) => format!("stopped on purpose, started again at {}", until.clock()),
            None => "stopped on purpose and not started again".to_owned(),
        };
        let mut finding = Finding {
            id: String::new(),
            detector: Stop::DETECTOR.to_owned(),
            kind: "lifecycle",
            finding: FindingKind::Failure,
            severity: Severity::Degraded,
            class: Class::DependencyMissing,
            unit: self.unit.clone(),
            host: self.host.clone(),
            key: [("unit".to_owned(), self.unit.clone())].into(),
            named: Default::default(),
            title,
            count: 1,
            value: None,
            threshold: None,
            facts: Default::default(),
            window: None,
            first_seen: self.at.time,
            last_seen: self.until.unwrap_or(self.at.time),
            occasions: 1,
            before: None,
            resolved: self.until,
            evidence: vec![self.at.clone()],
            crashes: Vec::new(),
        };
        finding.id = identify(&finding);
        finding
    }
}
