//! `absence`: a sign of life that stopped: none of a key for longer than `within`, after it was seen `at-least` times. Over
//! when it comes again, or by a reset, as after a stop that was planned: until it is seen again, nobody waits for it.
//!
//! A sign without a time of its own shows that the key lives, but not since when: nobody waits for the next one then.

use std::collections::BTreeMap;

use crate::base::{Certainty, Number, Span, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::{Key, Keys};
use super::rules::{Kept, Sight, Watch, forgot, measure};
use super::told::{Told, soon};

#[derive(Clone, Debug)]
pub(super) struct Absence {
    keys: Keys<Life>,
    /// The values of `expect` that were not seen yet, each with its finding.
    missing: BTreeMap<Box<str>, Option<usize>>,
    /// The first sign of life of any key: from then on the others are waited for.
    begin: Option<Kept>,
    /// When those that are missing are told.
    due: Option<Stamp>,
}

/// The signs of life of one key.
#[derive(Clone, Debug, Default)]
struct Life {
    seen: usize,
    /// The latest that has a time.
    last: Option<Kept>,
    told: Told,
}

impl Absence {
    pub(super) fn new(rule: &DetectorRule) -> Absence {
        let missing = rule.names.expect.iter().map(|value| (value.as_str().into(), None)).collect();
        Absence { keys: Keys::new(), missing, begin: None, due: None }
    }

    /// A key was seen, or was stopped on purpose: it is not missing.
    fn found(&mut self, rule: &DetectorRule, key: &Key, now: Stamp, board: &mut Board) {
        let found = key.first().and_then(|value| self.missing.remove(value));
        if let (Some(Some(index)), Some(begin)) = (found, &self.begin) {
            let first = board.get_mut(index).first_seen;
            measure(rule, index, seconds(now.since(begin.event.time)), board);
            board.resolve(index, now.max(first));
        }
    }

    /// Tells which of the expected keys were never seen.
    fn tell_missing(&mut self, rule: &DetectorRule, at: Stamp, board: &mut Board) {
        let (Some(begin), Some(name)) = (&self.begin, rule.by.first()) else { return };
        for (value, index) in &mut self.missing {
            let mut parts: Vec<Box<str>> = vec!["".into(); rule.by.len()];
            if let Some(first) = parts.first_mut() {
                first.clone_from(value);
            }
            // All that is known of it is its name: that of a unit, where those that were seen are named by their units.
            let named = name == "unit" || begin.event.capture(name) == Some(&begin.event.unit);
            let mut finding = begin.finding(rule, &parts.into());
            if named {
                finding.unit = value.to_string();
            }
            finding.named.clear();
            if name != "unit" {
                finding.named.insert(name.clone(), value.to_string());
            }
            finding.evidence.clear();
            finding.facts.insert("last".to_owned(), "never".to_owned());
            (finding.first_seen, finding.last_seen) = (at, at);
            finding.threshold = rule.numbers.within.map(seconds);
            *index = board.open(finding);
            if let Some(index) = *index {
                measure(rule, index, seconds(rule.numbers.within()), board);
            }
        }
    }
}

impl Watch for Absence {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets() {
            self.found(rule, &key, event.time, board);
            if let Some(mut life) = self.keys.remove(&key) {
                life.told.end(event.time, event.time, board);
            }
        }
        let Some(hit) = sight.on() else { return };
        let key = sight.key(hit);
        let timed = event.certainty != Certainty::None;
        self.found(rule, &key, event.time, board);
        if timed && self.begin.is_none() && !self.missing.is_empty() {
            self.begin = Some(sight.keep(hit));
            self.due = Some(event.time.plus(rule.numbers.within()));
        }
        let (life, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        life.seen = life.seen.saturating_add(1);
        let last = life.last.as_ref().map(|kept| kept.event.time);
        if timed && last.is_some_and(|last| event.time < last) {
            // It comes late, and says nothing of the silence since the latest.
            return;
        }
        if let Some(index) = life.told.open() {
            let silence = last.map_or(Span::ZERO, |last| event.time.since(last));
            measure(rule, index, seconds(silence), board);
            life.told.end(event.time, event.time, board);
        }
        if timed {
            life.last = Some(sight.keep(hit));
        }
        let waited = timed && life.seen >= rule.numbers.at_least();
        let due = life.last.as_ref().filter(|_| waited).map(|kept| kept.event.time.plus(rule.numbers.within()));
        self.keys.wake(&key, due);
    }

    fn due(&self) -> Option<Stamp> {
        [self.due, self.keys.due()].into_iter().flatten().min()
    }

    fn ring(&mut self, rule: &DetectorRule, now: Stamp, board: &mut Board) {
        if let Some(due) = self.due.filter(|due| *due < now && self.keys.due().is_none_or(|key| *due <= key)) {
            self.due = None;
            self.tell_missing(rule, due, board);
            return;
        }
        let Some((at, key)) = self.keys.ring(now) else { return };
        let Some(Life { last: Some(last), told, .. }) = self.keys.get_mut(&key) else { return };
        let silent = last.event.time;
        if let Some(index) = told.open() {
            // It is silent for so long now that it is down.
            measure(rule, index, rule.numbers.down_at.unwrap_or_default(), board);
            return;
        }
        let mut finding = last.finding(rule, &key);
        (finding.first_seen, finding.last_seen) = (at, at);
        finding.threshold = rule.numbers.within.map(seconds);
        finding.facts.insert("last".to_owned(), silent.rfc3339());
        if let Some(index) = told.begin(silent, soon(rule), finding, board) {
            measure(rule, index, seconds(rule.numbers.within()), board);
            self.keys.wake(&key, down(rule, silent));
        }
    }
}

/// How long, in seconds.
pub(super) fn seconds(span: Span) -> Number {
    Number(span.0 / 1_000)
}

/// After which moment what began at `since` has lasted for `down-at` seconds, when that is later than `within`.
pub(super) fn down(rule: &DetectorRule, since: Stamp) -> Option<Stamp> {
    let down_at = rule.numbers.down_at.filter(|at| *at > seconds(rule.numbers.within()))?;
    // An alarm rings after its moment, and at `down-at` itself it is down already.
    Some(since.plus(Span(down_at.0.saturating_mul(1_000).saturating_sub(1))))
}

#[cfg(test)]
mod tests;
