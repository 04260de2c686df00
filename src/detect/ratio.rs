//! `ratio`: the share of failures among the newest `last`, those of the last `within`, or both. It opens with an event; it
//! is over when the share is on the good side again, when too few are left in the window, or by a reset.

use std::sync::Arc;

use crate::base::{Number, Place, Stamp};
use crate::rules::{Comparison, DetectorRule};

use super::board::Board;
use super::keys::Keys;
use super::recent::Recent;
use super::rules::{Sight, Watch, forgot, measure};
use super::timeline::{MOST_READINGS, Timeline};
use super::told::{Told, soon};
use super::values::Values;

#[derive(Clone, Debug)]
pub(super) struct Ratio {
    keys: Keys<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    readings: Timeline<Reading>,
    /// How many of them are `on`.
    on: usize,
    /// The values of `uniform` among them.
    versions: Values,
    /// Those of the side that is bad.
    recent: Recent,
    /// The latest signature of that side.
    hit: Option<u32>,
    told: Told,
}

#[derive(Clone, Debug)]
struct Reading {
    on: bool,
    version: Option<Arc<str>>,
    /// A finding has counted it.
    told: bool,
}

impl Ratio {
    pub(super) fn new() -> Ratio {
        Ratio { keys: Keys::new() }
    }
}

impl Watch for Ratio {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(mut seen) = sight.resets().and_then(|key| self.keys.remove(&key)) {
            seen.told.end(event.time, event.time, board);
        }
        let Some((hit, on)) = sight.on().map(|hit| (hit, true)).or_else(|| Some((sight.good()?, false))) else {
            return;
        };
        let key = sight.key(hit);
        let (seen, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        let version = rule.names.uniform.as_deref().and_then(|name| sight.word(name, hit));
        let version = version.filter(|version| !version.is_empty());
        // Where too small a share is bad, it is the others that show it.
        let bad = on != is_low(rule);
        let told = bad && seen.told.open().is_some();
        seen.add(rule, event.order(), Reading { on, version: None, told }, version, board);
        if bad {
            seen.recent.add(event);
            seen.hit = Some(hit);
        }
        if let Some(index) = seen.told.open().filter(|_| told) {
            board.count(index, event);
        }
        match seen.told.open() {
            Some(_) if !seen.holds(rule) => seen.told.end(event.time, event.time, board),
            Some(index) => seen.measure(rule, index, board),
            None if seen.holds(rule) => {
                let mut finding = sight.finding(seen.hit.unwrap_or(hit), &key);
                let times = || seen.readings.iter().filter(|(_, r)| r.on != is_low(rule)).map(|(time, _)| time);
                finding.first_seen = times().next().unwrap_or(event.time);
                finding.last_seen = times().next_back().unwrap_or(event.time);
                let (all, new) = (times().count() as u64, seen.count_new(rule));
                finding.count = if seen.told.returns(event.time, soon(rule)) { new } else { all };
                finding.evidence = seen.recent.all();
                if let Some(index) = seen.told.begin(event.time, soon(rule), finding, board) {
                    seen.measure(rule, index, board);
                }
            }
            None => {}
        }
        let next = seen.told.open().and_then(|_| seen.leaves(rule));
        self.keys.wake(&key, next);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        let Some(seen) = self.keys.get_mut(&key) else { return };
        // Everything whose time ended at this moment leaves.
        while seen.leaves(rule).is_some_and(|leaves| leaves <= at) {
            seen.drop_oldest();
        }
        if !seen.holds(rule) {
            seen.told.end(at, at, board);
        }
        let next = seen.told.open().and_then(|_| seen.leaves(rule));
        self.keys.wake(&key, next);
    }
}

impl Seen {
    /// Adds a reading, and forgets what is not looked at any more.
    fn add(
        &mut self,
        rule: &DetectorRule,
        at: (Stamp, Place),
        reading: Reading,
        version: Option<&str>,
        board: &mut Board,
    ) {
        self.on += usize::from(reading.on);
        let version = version.map(|version| self.versions.add(version));
        self.readings.add(at, Reading { version, ..reading });
        let newest = self.readings.newest().unwrap_or(at.0);
        while self.leaves(rule).is_some_and(|leaves| leaves < newest) {
            self.drop_oldest();
        }
        let last = rule.numbers.last.map_or(usize::MAX, |last| last as usize);
        while self.readings.len() > last.min(MOST_READINGS) {
            if self.readings.len() <= last {
                board.refuse(format!("readings of {}", rule.id));
            }
            self.drop_oldest();
        }
        self.recent.forget_before(self.readings.oldest().unwrap_or(newest));
    }

    fn drop_oldest(&mut self) {
        let Some(reading) = self.readings.drop_oldest() else { return };
        self.on -= usize::from(reading.on);
        if let Some(version) = &reading.version {
            self.versions.remove(version);
        }
    }

    /// After which moment the oldest reading is no part of the window any more.
    fn leaves(&self, rule: &DetectorRule) -> Option<Stamp> {
        Some(self.readings.oldest()?.plus(rule.numbers.within?))
    }

    fn holds(&self, rule: &DetectorRule) -> bool {
        let all = self.readings.len();
        let share = |compare: Comparison| compare.holds_share(Number::count(self.on), Number::count(all));
        all >= rule.numbers.at_least() && self.versions.len() <= 1 && rule.numbers.compare.is_some_and(share)
    }

    /// How many on the bad side no finding has counted yet; now they are.
    fn count_new(&mut self, rule: &DetectorRule) -> u64 {
        let bad = |reading: &&mut Reading| reading.on != is_low(rule) && !reading.told;
        self.readings.iter_mut().map(|(_, reading)| reading).filter(bad).map(|reading| reading.told = true).count()
            as u64
    }

    fn measure(&self, rule: &DetectorRule, index: usize, board: &mut Board) {
        let Some(share) = Number::share(Number::count(self.on), Number::count(self.readings.len())) else { return };
        let before = board.get_mut(index).value;
        measure(rule, index, share, board);
        let finding = board.get_mut(index);
        if finding.value != before {
            finding.facts.insert("share".to_owned(), format!("{} of {}", self.on, self.readings.len()));
        }
    }
}

fn is_low(rule: &DetectorRule) -> bool {
    rule.numbers.compare.is_some_and(|compare| compare.is_low())
}

#[cfg(test)]
mod tests;
