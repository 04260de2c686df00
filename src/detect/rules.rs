//! The detectors of the packs: which events each one looks at, and by which key.

use std::collections::BTreeMap;

use crate::base::{Certainty, Class, Severity, Stamp};
use crate::rules::{DetectorKind, DetectorRule, Selector};
use crate::scan::{Event, Plan};

use super::board::Board;
use super::count::Count;
use super::finding::Finding;
use super::sequence::Sequence;

/// Keys that one detector watches at once; new ones beyond it are not judged.
pub(super) const MOST_KEYS: usize = 20_000;

/// All of them.
#[derive(Debug)]
pub(super) struct Rules {
    all: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    rule: DetectorRule,
    judge: Judge,
}

#[derive(Debug)]
enum Judge {
    Count(Count),
    Sequence(Sequence),
}

/// For each signature of the plan: is it named?
pub(super) type Named = Vec<bool>;

impl Rules {
    pub(super) fn new(plan: &Plan) -> Rules {
        let named = |selectors: &[Selector]| -> Named {
            plan.signatures().iter().map(|s| selectors.iter().any(|sel| sel.names(&s.id, s.class))).collect()
        };
        let all = plan.detectors().iter().map(|rule| {
            let judge = match &rule.kind {
                DetectorKind::Count { on, at_least, within } => Judge::Count(Count::new(named(on), *at_least, *within)),
                DetectorKind::Sequence { steps, within } => {
                    Judge::Sequence(Sequence::new(steps.iter().map(|s| named(s)).collect(), *within))
                }
            };
            Rule { rule: rule.clone(), judge }
        });
        Rules { all: all.collect() }
    }

    pub(super) fn observe(&mut self, plan: &Plan, event: &Event, board: &mut Board) {
        if event.hits.is_empty() {
            return;
        }
        // Who wrote a noise signature knew the line: what it hides from the reader it hides from detectors too.
        let known = event.hits.iter().any(|&hit| plan.signature(hit).class == Class::Noise);
        let hidden = |hit: u32| known && plan.signature(hit).severity == Severity::Degraded;
        let visible: Vec<u32> = event.hits.iter().copied().filter(|&hit| !hidden(hit)).collect();
        for Rule { rule, judge } in &mut self.all {
            match judge {
                Judge::Count(count) => count.observe(plan, rule, event, &visible, board),
                Judge::Sequence(sequence) => sequence.observe(plan, rule, event, &visible, board),
            }
        }
    }

    pub(super) fn advance(&mut self, now: Stamp, board: &mut Board) {
        for Rule { judge, .. } in &mut self.all {
            match judge {
                Judge::Count(count) => count.advance(now, board),
                Judge::Sequence(sequence) => sequence.advance(now, board),
            }
        }
    }
}

/// The first of these signatures that stands in the table.
pub(super) fn hit(named: &Named, hits: &[u32]) -> Option<u32> {
    hits.iter().copied().find(|&h| named.get(h as usize) == Some(&true))
}

/// The values of the rule's key in this event. An event without one of them has an empty value there.
pub(super) fn key(plan: &Plan, rule: &DetectorRule, hit: u32, event: &Event) -> BTreeMap<String, String> {
    let value = |name: &String| match name.as_str() {
        "unit" => event.unit.to_string(),
        "host" => event.host.to_string(),
        "signature" => plan.signature(hit).id.clone(),
        name => event.capture(name).unwrap_or("").to_owned(),
    };
    rule.by.iter().map(|name| (name.clone(), value(name))).collect()
}

/// The finding of a pack's detector, at the event that decided it.
pub(super) fn finding(
    plan: &Plan,
    rule: &DetectorRule,
    hit: u32,
    key: &BTreeMap<String, String>,
    event: &Event,
) -> Finding {
    // Without times nobody knows whether it was in a minute or in a week.
    let timed = event.certainty != Certainty::None;
    Finding {
        finding: rule.finding,
        severity: if timed { rule.severity } else { rule.severity.min(Severity::Degraded) },
        class: rule.class.unwrap_or(plan.signature(hit).class),
        unit: key.get("unit").cloned().unwrap_or_else(|| event.unit.to_string()),
        key: key.clone(),
        title: rule.title.clone(),
        ..Finding::of(event, &rule.id, rule.kind.word())
    }
}
