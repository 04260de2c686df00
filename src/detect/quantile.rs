//! `quantile`: the newest readings against those before.
//!
//! It opens when the quantile `q` of the `recent` newest readings (one, where the rule does not say) is more than `times`
//! that of the `last` before them, of which there are at least `at-least`. Between two readings a quantile lies on the
//! straight line between them, so that 0.5 is the usual median. It is over with the first reading after which that is not
//! so any more, or by a reset. Against readings of which the quantile is nothing there is nothing to tell: any number is
//! many times nothing.

use crate::base::{Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::Keys;
use super::readings::Readings;
use super::rules::{Sight, Watch, forgot, measure};
use super::spell::{Beginning, Spell};

#[derive(Clone, Debug)]
pub(super) struct Quantile {
    keys: Keys<Series>,
}

#[derive(Clone, Debug, Default)]
struct Series {
    /// The newest, and those before them.
    readings: Readings<Number>,
    /// The values of the newest, sorted.
    recent: Sorted,
    /// The values of those before, sorted.
    before: Sorted,
    spell: Spell,
}

/// Numbers in their order.
#[derive(Clone, Debug, Default)]
struct Sorted {
    all: Vec<Number>,
}

impl Quantile {
    pub(super) fn new() -> Quantile {
        Quantile { keys: Keys::new() }
    }
}

impl Watch for Quantile {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets()
            && let Some(mut series) = self.keys.remove(&key)
        {
            series.spell.end(event.time, board);
        }
        let (Some(hit), Some(value)) = (sight.on(), sight.value()) else { return };
        let key = sight.key(hit);
        board.note(rule, &key, value);
        let (series, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        series.add(sight, value);
        let Some(shift) = series.shift(rule) else { return };
        let (oldest, newest) = series.ends(recent(rule)).unwrap_or((event.time, event.time));
        if !shift.holds {
            series.spell.end(newest, board);
            series.spell.note(event, newest.since(oldest));
            return;
        }
        series.spell.note(event, newest.since(oldest));
        let beginning = Beginning { first: oldest, last: newest, count: recent(rule), again: 1 };
        let Some(index) = series.spell.go_on(sight, hit, &key, beginning, board) else { return };
        let worst = board.get_mut(index).value.is_none_or(|worst| shift.recent > worst);
        measure(rule, index, shift.recent, board);
        if worst {
            let finding = board.get_mut(index);
            finding.threshold = Some(shift.limit);
            for (name, value) in [
                ("before", shift.before.to_string()),
                ("times", Number::share(shift.recent, shift.before).unwrap_or_default().to_string()),
                ("q", rule.numbers.q.unwrap_or_default().to_string()),
            ] {
                finding.facts.insert(name.to_owned(), value);
            }
        }
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    /// Nothing happens between readings.
    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, _board: &mut Board) {
        self.keys.ring(now);
    }
}

/// The newest against those before.
struct Shift {
    recent: Number,
    before: Number,
    limit: Number,
    holds: bool,
}

fn recent(rule: &DetectorRule) -> usize {
    rule.numbers.recent.map_or(1, |n| n as usize)
}

impl Series {
    fn add(&mut self, sight: &Sight<'_>, value: Number) {
        let recent = recent(sight.rule);
        let last = sight.rule.numbers.last.map_or(1, |n| n as usize);
        let later = self.readings.add(sight.event, value);
        let oldest = self.readings.pop_beyond(recent.saturating_add(last));
        if later > 0 {
            let parts = self.readings.len().saturating_sub(recent);
            self.before = Sorted::of(self.readings.iter().take(parts).map(|reading| reading.what));
            self.recent = Sorted::of(self.readings.iter().skip(parts).map(|reading| reading.what));
            return;
        }
        self.recent.add(value);
        // The oldest of the newest is the newest of those before.
        if let Some(passed) = self.readings.before_last(recent) {
            self.recent.remove(passed.what);
            self.before.add(passed.what);
        }
        if let Some(oldest) = oldest {
            self.before.remove(oldest.what);
        }
    }

    /// `None`: there are too few readings.
    fn shift(&self, rule: &DetectorRule) -> Option<Shift> {
        let numbers = &rule.numbers;
        let (q, times) = (numbers.q?, numbers.times?);
        let enough = self.recent.all.len() >= recent(rule) && self.before.all.len() >= numbers.at_least();
        let (recent, before) = (self.recent.quantile(q), self.before.quantile(q));
        let ((recent, before), true) = (recent.zip(before)?, enough) else { return None };
        let limit = i128::from(times.0).saturating_mul(before);
        let holds = before > 0 && recent.saturating_mul(1_000_000) > limit;
        let number = |fine: i128| Number(i64::try_from(fine / 1_000_000).unwrap_or(i64::MAX));
        Some(Shift { recent: number(recent), before: number(before), limit: number(limit / 1_000_000), holds })
    }

    /// When the newest readings begin and end.
    fn ends(&self, recent: usize) -> Option<(Stamp, Stamp)> {
        Some((self.readings.before_last(recent.saturating_sub(1))?.time, self.readings.last()?.time))
    }
}

impl Sorted {
    fn of(numbers: impl Iterator<Item = Number>) -> Sorted {
        let mut all: Vec<Number> = numbers.collect();
        all.sort_unstable();
        Sorted { all }
    }

    fn add(&mut self, number: Number) {
        self.all.insert(self.all.partition_point(|n| *n < number), number);
    }

    fn remove(&mut self, number: Number) {
        if let Ok(at) = self.all.binary_search(&number) {
            self.all.remove(at);
        }
    }

    /// The quantile in millionths of millionths: no digit is lost between two readings.
    fn quantile(&self, q: Number) -> Option<i128> {
        let place = i128::from(q.0) * i128::try_from(self.all.len().checked_sub(1)?).ok()?;
        let (at, beyond) = (usize::try_from(place / 1_000_000).ok()?, place % 1_000_000);
        let low = i128::from(self.all.get(at)?.0);
        let high = self.all.get(at + 1).map_or(low, |high| i128::from(high.0));
        Some(low * 1_000_000 + (high - low) * beyond)
    }
}

#[cfg(test)]
mod tests;
