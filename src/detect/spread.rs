//! `spread`: is it one value or many? The share of the most frequent value of a window, or how many different values it
//! holds; of both, both must hold. It opens with an event; it is over when it does not hold any more, when too few events
//! are left in the window, or by a reset.

use std::sync::Arc;

use crate::base::{Certainty, Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::Keys;
use super::recent::Recent;
use super::rules::{Sight, Watch, forgot, measure};
use super::timeline::{MOST_READINGS, Timeline};
use super::told::{Told, soon};
use super::values::Values;

#[derive(Clone, Debug)]
pub(super) struct Spread {
    keys: Keys<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    readings: Timeline<Reading>,
    values: Values,
    recent: Recent,
    told: Told,
}

#[derive(Clone, Debug)]
struct Reading {
    value: Arc<str>,
    /// A finding has counted it.
    told: bool,
}

impl Spread {
    pub(super) fn new() -> Spread {
        Spread { keys: Keys::new() }
    }
}

impl Watch for Spread {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(mut seen) = sight.resets().and_then(|key| self.keys.remove(&key)) {
            seen.told.end(event.time, event.time, board);
        }
        let (Some(hit), Some(name)) = (sight.on(), &rule.names.value) else { return };
        let Some(value) = sight.word(name, hit).filter(|value| !value.is_empty()) else { return };
        let key = sight.key(hit);
        let (seen, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        let reading = Reading { value: seen.values.add(value), told: seen.told.open().is_some() };
        seen.readings.add(event.order(), reading);
        let newest = seen.readings.newest().unwrap_or(event.time);
        while seen.leaves(rule).is_some_and(|leaves| leaves < newest) {
            seen.drop_oldest();
        }
        if seen.readings.len() > MOST_READINGS {
            board.refuse(format!("readings of {}", rule.id));
            seen.drop_oldest();
        }
        let oldest = seen.readings.oldest().unwrap_or(newest);
        seen.recent.forget_before(oldest);
        seen.recent.add(event);
        if let Some(index) = seen.told.open() {
            board.count(index, event);
        }
        match seen.told.open() {
            Some(_) if !seen.holds(rule) => seen.told.end(event.time, event.time, board),
            Some(index) => seen.measure(rule, index, board),
            // Without times of their own, events of a whole day can seem to come at once.
            None if event.certainty == Certainty::None && oldest == event.time => {}
            None if seen.holds(rule) => {
                let mut finding = sight.finding(hit, &key);
                (finding.first_seen, finding.last_seen) = (oldest, newest);
                let (all, new) = (seen.readings.len() as u64, seen.count_new());
                finding.count = if seen.told.returns(event.time, soon(rule)) { new } else { all };
                finding.evidence = seen.recent.all();
                if let (None, Some(values)) = (rule.numbers.compare, rule.numbers.values) {
                    finding.threshold = Some(Number::whole(i64::from(values)));
                }
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
    fn drop_oldest(&mut self) {
        if let Some(reading) = self.readings.drop_oldest() {
            self.values.remove(&reading.value);
        }
    }

    /// After which moment the oldest reading is no part of the window any more.
    fn leaves(&self, rule: &DetectorRule) -> Option<Stamp> {
        Some(self.readings.oldest()?.plus(rule.numbers.within()))
    }

    fn holds(&self, rule: &DetectorRule) -> bool {
        let (all, top) = (self.readings.len(), self.values.top().map_or(0, |(_, n)| n));
        let share = rule.numbers.compare.is_none_or(|c| c.holds_share(Number::count(top), Number::count(all)));
        let values = rule.numbers.values.is_none_or(|values| self.values.len() >= values as usize);
        all >= rule.numbers.at_least() && share && values
    }

    /// How many no finding has counted yet; now they are.
    fn count_new(&mut self) -> u64 {
        let new = self.readings.iter_mut().map(|(_, reading)| reading).filter(|reading| !reading.told);
        new.map(|reading| reading.told = true).count() as u64
    }

    fn measure(&self, rule: &DetectorRule, index: usize, board: &mut Board) {
        let (all, Some((value, top))) = (self.readings.len(), self.values.top()) else { return };
        let number = match rule.numbers.compare {
            Some(_) => Number::share(Number::count(top), Number::count(all)).unwrap_or_default(),
            None => Number::count(self.values.len()),
        };
        let before = board.get_mut(index).value;
        measure(rule, index, number, board);
        let finding = board.get_mut(index);
        if finding.value != before {
            finding.facts.insert("top".to_owned(), format!("{value}: {top} of {all}"));
            finding.facts.insert("values".to_owned(), self.values.len().to_string());
        }
    }
}

#[cfg(test)]
mod tests;
