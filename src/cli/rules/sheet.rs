//! What is known about one rule: the document of `rules explain -o json`.
//!
//! Types and docs only. docs/json.md tells of the keys; they are added, never renamed.

use serde::Serialize;

use crate::rules::Fix;

/// All about one rule.
#[derive(Debug, Default, Serialize)]
pub(super) struct Sheet {
    pub(super) schema: &'static str,
    /// `signature`, `detector` or `judge`.
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) class: Option<&'static str>,
    pub(super) severity: Option<&'static str>,
    /// The words for what a detector or a judge finds.
    pub(super) findings: Vec<&'static str>,
    /// `None` for judges, which no pack holds.
    pub(super) pack: Option<PackName>,
    /// Switched off by the configuration when `false`.
    pub(super) enabled: bool,
    /// In order, what must hold: the name of a condition, and its texts.
    pub(super) looks_for: Vec<Condition>,
    pub(super) thresholds: Vec<Threshold>,
    pub(super) cause: Option<String>,
    pub(super) fixes: Vec<Step>,
    pub(super) if_recurring: Option<String>,
    pub(super) leads_to: Vec<Named>,
    pub(super) led_to_by: Vec<Named>,
    pub(super) clears: Vec<Named>,
    pub(super) cleared_by: Vec<Named>,
    /// Of noise: what makes it matter. Of any other class: what it is not told after.
    pub(super) unless: Vec<Named>,
    /// Detectors and judges that look at it.
    pub(super) used_by: Vec<Named>,
    /// Signatures that a detector or a judge looks at.
    pub(super) uses: Vec<Named>,
    pub(super) samples: Vec<String>,
    pub(super) counter_samples: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct PackName {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) version: u32,
    pub(super) file: String,
    pub(super) built_in: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Condition {
    pub(super) name: String,
    pub(super) texts: Vec<String>,
}

/// A number in force.
#[derive(Debug, Default, Serialize)]
pub(super) struct Threshold {
    pub(super) key: &'static str,
    pub(super) value: String,
    /// `default` (of the language), `pack`, `config`, or `built_in`.
    pub(super) set_by: &'static str,
    /// Where it stands, when somebody wrote it.
    pub(super) file: Option<String>,
    pub(super) line: Option<usize>,
    /// What it is for, or why nobody looks at it.
    pub(super) note: Option<String>,
    /// What it would be without the configuration.
    pub(super) before: Option<Before>,
}

#[derive(Debug, Serialize)]
pub(super) struct Before {
    pub(super) value: String,
    pub(super) file: Option<String>,
    pub(super) line: Option<usize>,
}

/// One thing to do.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) run: Option<String>,
    pub(super) when: Option<String>,
    pub(super) verify: Option<String>,
}

impl From<&Fix> for Step {
    fn from(fix: &Fix) -> Step {
        let Fix { text, run, when, verify } = fix.clone();
        Step { text, run, when, verify }
    }
}

/// A rule by name, or all rules that a selector names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Named {
    /// As it is written: an id, a pattern, `class:...`.
    pub(super) id: String,
    /// Of a single rule.
    pub(super) title: Option<String>,
    /// The ids that a pattern or a class stands for.
    pub(super) rules: Vec<String>,
}

/// Several rules, for a class or a pattern.
#[derive(Debug, Serialize)]
pub(super) struct List {
    pub(super) schema: &'static str,
    /// `class` or `list`.
    pub(super) kind: &'static str,
    pub(super) id: String,
    /// Of a class: what it means.
    pub(super) meaning: Option<&'static str>,
    pub(super) rules: Vec<Entry>,
}

#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) class: Option<&'static str>,
    pub(super) severity: Option<&'static str>,
    pub(super) title: String,
}
