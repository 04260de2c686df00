//! `calibration`: what came of things against what was expected of them, by group.
//!
//! Of the outcomes of a key within `within`, sorted by the word in `value`: the share of good ones, divided by the share that
//! is `expected` for the word. It opens when that ratio is on the bad side of the limit, with `at-least` outcomes or more.
//! An outcome that is one of both `on` and `good` is good; words of which nothing is expected do not count. It is over with
//! the first outcome after which the ratio is in bounds or there are too few, by a reset, or when the window has emptied.

use std::collections::BTreeMap;

use crate::base::{Certainty, Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::{Key, Keys};
use super::readings::{MOST_READINGS, Readings};
use super::rules::{Sight, Watch, forgot, measure};
use super::spell::{Beginning, Spell};

#[derive(Clone, Debug)]
pub(super) struct Calibration {
    keys: Keys<Group>,
}

/// Outcomes by what was expected; no more words than the rule has.
#[derive(Clone, Debug, Default)]
struct Group {
    outcomes: BTreeMap<Box<str>, Outcomes>,
}

#[derive(Clone, Debug, Default)]
struct Outcomes {
    /// Was it good?
    readings: Readings<bool>,
    good: usize,
    spell: Spell,
}

impl Calibration {
    pub(super) fn new() -> Calibration {
        Calibration { keys: Keys::new() }
    }
}

impl Watch for Calibration {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets()
            && let Some(group) = self.keys.remove(&key)
        {
            group.outcomes.into_values().for_each(|mut outcomes| outcomes.spell.end(event.time, board));
        }
        let good = sight.good();
        let (Some(hit), Some(name)) = (good.or_else(|| sight.on()), rule.names.value.as_ref()) else { return };
        let Some(word) = sight.word(name, hit) else { return };
        let expected = rule.names.expected.iter().find(|(known, _)| known == word).map(|(_, share)| *share);
        let Some(expected) = expected.filter(|share| *share > Number::ZERO) else { return };
        let key = sight.key(hit);
        let (group, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        let outcomes = group.outcomes.entry(word.into()).or_default();
        outcomes.add(sight, good.is_some(), board);
        let newest = outcomes.readings.last().map_or(event.time, |newest| newest.time);
        outcomes.spell.note(event, rule.numbers.within());
        if outcomes.is_off(rule, expected) {
            outcomes.tell(sight, hit, &key, (name, word, expected), board);
        } else {
            outcomes.spell.end(newest, board);
        }
        let timed = event.certainty != Certainty::None;
        let empty = rule.numbers.within.filter(|_| timed).and_then(|within| Some(group.oldest_end()?.plus(within)));
        self.keys.wake(&key, empty);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        let within = rule.numbers.within();
        let Some(group) = self.keys.get_mut(&key) else { return };
        for outcomes in group.outcomes.values_mut() {
            if let Some(newest) = outcomes.readings.last()
                && newest.time.plus(within) <= at
            {
                outcomes.spell.fade(newest.time, at, board);
            }
        }
        let next = group.oldest_end().map(|end| end.plus(within));
        self.keys.wake(&key, next);
    }
}

impl Group {
    /// The newest outcome of the word with a finding that has been silent for longest.
    fn oldest_end(&self) -> Option<Stamp> {
        let open = self.outcomes.values().filter(|outcomes| outcomes.spell.is_on());
        open.filter_map(|outcomes| Some(outcomes.readings.last()?.time)).min()
    }
}

impl Outcomes {
    fn add(&mut self, sight: &Sight<'_>, good: bool, board: &mut Board) {
        self.readings.add(sight.event, good);
        self.good += usize::from(good);
        let newest = self.readings.last().map_or(sight.event.time, |newest| newest.time);
        while let Some(old) = self.readings.pop_older(newest, sight.rule.numbers.within()) {
            self.good -= usize::from(old.what);
        }
        if let Some(old) = self.readings.pop_beyond(MOST_READINGS) {
            self.good -= usize::from(old.what);
            board.refuse(format!("readings of {}", sight.rule.id));
        }
    }

    /// Enough outcomes, and their ratio on the bad side: `good / all / expected` against the limit.
    fn is_off(&self, rule: &DetectorRule, expected: Number) -> bool {
        let all = Number::count(self.readings.len()).times(expected);
        let enough = self.readings.len() >= rule.numbers.at_least();
        enough && rule.numbers.compare.is_some_and(|compare| compare.holds_share(Number::count(self.good), all))
    }

    fn tell(
        &mut self,
        sight: &Sight<'_>,
        hit: u32,
        key: &Key,
        (name, word, expected): (&String, &str, Number),
        board: &mut Board,
    ) {
        let (n, good) = (Number::count(self.readings.len()), Number::count(self.good));
        let ends = self.readings.first().zip(self.readings.last()).map(|(first, last)| (first.time, last.time));
        let (first, last) = ends.unwrap_or((sight.event.time, sight.event.time));
        let on = self.spell.is_on();
        let beginning = Beginning { first, last, count: self.readings.len(), again: 1 };
        let Some(index) = self.spell.go_on(sight, hit, key, beginning, board) else { return };
        if !on {
            // Of several words of one key each has its own finding.
            board.set_key(index, name, word);
        }
        measure(sight.rule, index, Number::share(good, n.times(expected)).unwrap_or_default(), board);
        let facts = &mut board.get_mut(index).facts;
        for (name, value) in [
            ("n", n.to_string()),
            ("good", good.to_string()),
            ("observed", Number::share(good, n).unwrap_or_default().to_string()),
            ("expected", expected.to_string()),
        ] {
            facts.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests;
