//! What the rules say about the lines of a log: the document of `rules test -o json`.
//!
//! In: records, one after the other, each with the event that it is; at the end the diagnosis of the same log. Out: a
//! [`Report`]. What a rule says is asked of `scan` and `detect`, and put into words here. A few lines are told one by one,
//! many by their template; no more than [`GROUPS`] templates are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::base::{Class, Step};
use crate::detect::{self, Outcome};
use crate::incident::Diagnosis;
use crate::record::Record;
use crate::report::prepare_text;
use crate::rules::Signature;
use crate::scan::{self, Event, Near, Plan, mask};

/// So many lines are told one by one.
const FEW: usize = 12;
/// Templates kept; lines of further ones are only counted.
const GROUPS: usize = 5_000;
/// Near misses kept of one line.
const NEAR: usize = 20;
/// A signature of a built-in pack that lacks the right words is near when so many bytes of its words are there: `status`
/// stands in every other line.
const WORDS: usize = 10;

/// All that is said.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) schema: &'static str,
    /// The rule that was asked about, if it was one.
    pub(super) rule: Option<String>,
    pub(super) summary: Summary,
    /// Lines, or templates of lines when there are many.
    pub(super) lines: Vec<Line>,
    /// What logtriage tells about the whole log; with a rule, what this one tells.
    pub(super) findings: Vec<Found>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    pub(super) lines: u64,
    pub(super) matched: u64,
    pub(super) near_misses: u64,
    /// Errors that no signature knows, and their templates.
    pub(super) unknown_errors: u64,
    pub(super) unknown_templates: u64,
    /// Lines of templates beyond those that are kept.
    pub(super) beyond: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) count: u64,
    /// The unit of the first one.
    pub(super) unit: String,
    /// The first one.
    pub(super) text: String,
    pub(super) template: String,
    /// `told`, `counted`, `calm`, `info`, `noise`, `step`, `unknown_error`, `silent`.
    pub(super) outcome: &'static str,
    /// What that means for this line, in words.
    pub(super) says: String,
    /// All signatures that match, best first.
    pub(super) matches: Vec<Match>,
    pub(super) near: Vec<NearMiss>,
    #[serde(skip)]
    told: Option<u32>,
    #[serde(skip)]
    hits: Vec<u32>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Match {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) class: &'static str,
    pub(super) severity: &'static str,
    /// Why the one before it in the list is told and not this one.
    pub(super) behind: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct NearMiss {
    pub(super) id: String,
    /// Its words that stand in the line; empty when none does.
    pub(super) literal: String,
    pub(super) reasons: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Found {
    pub(super) detector: String,
    pub(super) severity: &'static str,
    pub(super) unit: String,
    pub(super) count: u64,
    pub(super) title: String,
}

/// What is asked about.
pub(super) enum Asked {
    /// Everything.
    All,
    /// One signature.
    One(u32),
    /// The signatures that a detector or a judge looks at.
    These(BTreeSet<u32>),
}

/// Outcome, signatures that match, near misses, template.
type Key = (&'static str, Vec<u32>, Vec<String>, String);

/// Hears records and keeps what is said about them.
pub(super) struct Verdicts<'p> {
    plan: &'p Plan,
    asked: Asked,
    /// The names of packs that are not built in: whoever brings packs asks about these first.
    own: Vec<String>,
    summary: Summary,
    first: Vec<Line>,
    groups: BTreeMap<Key, Line>,
    unknown: BTreeSet<String>,
}

impl<'p> Verdicts<'p> {
    pub(super) fn new(plan: &'p Plan, asked: Asked, own: Vec<String>) -> Verdicts<'p> {
        let (summary, first) = (Summary::default(), Vec::new());
        Verdicts { plan, asked, own, summary, first, groups: BTreeMap::new(), unknown: BTreeSet::new() }
    }

    pub(super) fn hear(&mut self, record: &Record<'_>, event: Option<&Event>) {
        let line = self.line(record, event);
        self.summary.lines += 1;
        let asked = |hit: &u32| match &self.asked {
            Asked::All => true,
            Asked::One(one) => one == hit,
            Asked::These(these) => these.contains(hit),
        };
        let matched = line.hits.iter().any(asked);
        let near = line.near.iter().any(|near| !near.literal.is_empty());
        let unknown = line.outcome == "unknown_error";
        self.summary.matched += u64::from(matched);
        self.summary.near_misses += u64::from(near);
        self.summary.unknown_errors += u64::from(unknown);
        if unknown && self.unknown.len() < GROUPS {
            self.unknown.insert(line.template.clone());
        }
        if self.first.len() <= FEW {
            self.first.push(line.clone());
        }
        let of_interest = matched || near || (unknown && matches!(self.asked, Asked::All));
        if !of_interest {
            return;
        }
        let ids = line.near.iter().map(|near| near.id.clone()).collect();
        let key = (line.outcome, line.hits.clone(), ids, line.template.clone());
        let full = self.groups.len() >= GROUPS;
        match self.groups.get_mut(&key) {
            Some(known) => known.count += 1,
            None if full => self.summary.beyond += 1,
            None => {
                self.groups.insert(key, line);
            }
        }
    }

    fn line(&self, record: &Record<'_>, event: Option<&Event>) -> Line {
        let text = scan::quote(record);
        let hits = event.map_or_else(Vec::new, |event| event.hits.clone());
        let (outcome, told) = self.outcome(event);
        Line {
            count: 1,
            unit: prepare_text(event.map_or(&record.unit, |event| &event.unit), true),
            template: mask::shape(&prepare_text(&text, true)),
            text: prepare_text(&text, true),
            outcome,
            says: String::new(),
            matches: self.matches(&hits),
            near: self.near(record),
            told,
            hits,
        }
    }

    fn near(&self, record: &Record<'_>) -> Vec<NearMiss> {
        let own = |near: &Near<'_>| {
            let id = &self.plan.signature(near.signature).id;
            self.own.iter().any(|pack| id.strip_prefix(pack.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        let mut near = match self.asked {
            Asked::One(one) => scan::near_misses(self.plan, record, Some(one)),
            _ => scan::near_misses(self.plan, record, None),
        };
        match &self.asked {
            Asked::One(_) => {}
            Asked::These(these) => near.retain(|near| these.contains(&near.signature)),
            Asked::All => near.retain(|near| !near.lacks_words() || near.literal.len() >= WORDS || own(near)),
        }
        near.sort_by_key(|near| !own(near));
        let told = near.into_iter().take(NEAR).map(|near| {
            let signature = self.plan.signature(near.signature);
            let reasons = if near.literal.is_empty() && near.lacks_words() {
                vec!["none of its words stands in it".to_owned()]
            } else {
                near.misses.iter().map(|miss| prepare_text(&miss.told(signature, record), true)).collect()
            };
            NearMiss { id: signature.id.clone(), literal: prepare_text(&near.literal, true), reasons }
        });
        told.collect()
    }

    fn matches(&self, hits: &[u32]) -> Vec<Match> {
        let mut before = None;
        let one = |&hit: &u32| {
            let s = self.plan.signature(hit);
            let behind = before.replace(hit).and_then(|before| self.plan.why(before, hit));
            Match {
                id: s.id.clone(),
                title: s.title.clone(),
                class: s.class.word(),
                severity: s.severity.word(),
                behind,
            }
        };
        hits.iter().map(one).collect()
    }

    /// What the line amounts to by itself, and by which signature.
    fn outcome(&self, event: Option<&Event>) -> (&'static str, Option<u32>) {
        let Some(event) = event else { return ("silent", None) };
        let of = |wanted: &dyn Fn(&Signature) -> bool| {
            event.hits.iter().copied().find(|&hit| wanted(self.plan.signature(hit)))
        };
        match detect::outcome(self.plan, event) {
            Outcome::Counted(index) => ("counted", Some(index)),
            Outcome::Calm(index) => ("calm", Some(index)),
            Outcome::Mild(index) => ("info", Some(index)),
            Outcome::Left if event.hits.is_empty() => ("unknown_error", None),
            // Noise can mark a step all the same: a stop that was asked for.
            Outcome::Left => match of(&|s| s.step.is_some()) {
                Some(step) => ("step", Some(step)),
                None => ("noise", of(&|s| s.class == Class::Noise)),
            },
        }
    }

    /// Everything, with what the diagnosis of the same log told.
    pub(super) fn finish(mut self, rule: Option<&str>, diagnosis: &Diagnosis) -> Report {
        self.summary.unknown_templates = self.unknown.len() as u64;
        let few = self.summary.lines <= FEW as u64;
        let mut lines: Vec<Line> = if few { self.first } else { self.groups.into_values().collect() };
        for line in &mut lines {
            let told = line.told.map(|told| self.plan.signature(told));
            let found = told.is_some_and(|s| diagnosis.findings.iter().any(|f| f.detector == s.id));
            line.says = says(line.outcome, told, found, &line.matches);
            if line.outcome == "counted" && found {
                line.outcome = "told";
            }
        }
        if !few {
            lines.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.template.cmp(&b.template)));
        }
        let asked = |detector: &str| rule.is_none_or(|rule| rule == detector);
        let findings = diagnosis.findings.iter().filter(|f| asked(&f.detector)).map(|f| Found {
            detector: f.detector.clone(),
            severity: f.severity.word(),
            unit: prepare_text(&f.unit, true),
            count: f.count,
            title: prepare_text(&f.title, true),
        });
        let rule = rule.map(str::to_owned);
        Report { schema: "logtriage.rules-test/1", rule, summary: self.summary, lines, findings: findings.collect() }
    }
}

/// The outcome in words.
fn says(outcome: &str, told: Option<&Signature>, found: bool, matches: &[Match]) -> String {
    let Some(s) = told else {
        return match outcome {
            "unknown_error" => "an error that no rule knows".to_owned(),
            _ => "no rule speaks about it".to_owned(),
        };
    };
    let (n, within) = (s.at_least, s.within);
    match outcome {
        "counted" if n > 1 && found => format!("told: at-least {n} within {within} was reached"),
        "counted" if n > 1 => format!("not told: at-least {n} within {within} was not reached"),
        "counted" if found => "told at once".to_owned(),
        "counted" => "left out: another record already told of it".to_owned(),
        "calm" => format!(
            "not told: the line states a harmless level, and '{}' needs 'any-level = true' to count all the same",
            s.severity
        ),
        "info" => "counted, changes nothing: severity 'info'".to_owned(),
        "noise" if found => "noise, told after all: what 'unless' names came with it".to_owned(),
        "noise" => {
            let silenced: Vec<&str> = matches.iter().filter(|m| m.class != "noise").map(|m| m.id.as_str()).collect();
            let unless = if s.unless.is_empty() { "" } else { "; what 'unless' names did not come with it" };
            match silenced.as_slice() {
                [] => format!("noise: not told{unless}"),
                ids => format!("noise: not told, and {} neither{unless}", ids.join(", ")),
            }
        }
        _ => {
            let step = s.step.and_then(|step| Step::WORDS.iter().find(|(_, known)| *known == step));
            let step = step.map_or("", |(word, _)| word);
            format!("marks the step '{step}' in the life of the unit: the life-cycle judges decide")
        }
    }
}
