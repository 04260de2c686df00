//! `threshold`: a number against a limit, so many times in a row.
//!
//! It opens when the newest `at-least` readings of a key are all on the bad side (and lie within `within`, where the rule
//! says so). It is over with the first reading that is in bounds, by a reset, or when no reading has come for longer than
//! `within`.

use crate::base::{Certainty, Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::{Key, Keys};
use super::readings::Readings;
use super::rules::{Sight, Watch, forgot, measure};
use super::spell::{Beginning, Spell};

#[derive(Clone, Debug)]
pub(super) struct Threshold {
    keys: Keys<Series>,
}

#[derive(Clone, Debug, Default)]
struct Series {
    /// Each value, and whether it is on the bad side.
    readings: Readings<(Number, bool)>,
    /// How many of the newest are, one after the other.
    run: usize,
    spell: Spell,
}

impl Threshold {
    pub(super) fn new() -> Threshold {
        Threshold { keys: Keys::new() }
    }
}

impl Watch for Threshold {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets()
            && let Some(mut series) = self.keys.remove(&key)
        {
            series.spell.end(event.time, board);
        }
        let Some(hit) = sight.on() else { return };
        let Some((value, bad)) = reading(sight) else { return };
        let key = sight.key(hit);
        board.note(rule, &key, value);
        let (series, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        series.add(sight, value, bad);
        let newest = series.readings.last().map_or(event.time, |newest| newest.time);
        if series.run == 0 {
            series.spell.end(newest, board);
            series.spell.forget();
        } else if bad {
            series.spell.note(event, rule.numbers.within());
            if (series.spell.is_on() || series.is_enough(rule))
                && let Some(index) = series.tell(sight, hit, &key, value, board)
            {
                board.get_mut(index).facts.insert("newest".to_owned(), value.to_string());
            }
        }
        // Without times nobody knows how long it was silent.
        let timed = event.certainty != Certainty::None;
        let silent = rule.numbers.within.filter(|_| timed && series.spell.is_on()).map(|within| newest.plus(within));
        self.keys.wake(&key, silent);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        if let Some(series) = self.keys.get_mut(&key)
            && let Some(newest) = series.readings.last()
        {
            series.spell.fade(newest.time, at, board);
        }
    }
}

impl Series {
    fn add(&mut self, sight: &Sight<'_>, value: Number, bad: bool) {
        let later = self.readings.add(sight.event, (value, bad));
        self.run = match (later, bad) {
            (0, true) => self.run + 1,
            (0, false) => 0,
            _ => self.readings.iter().rev().take_while(|reading| reading.what.1).count(),
        };
        // The run is counted on; of its readings only the newest matter.
        self.readings.pop_beyond(sight.rule.numbers.at_least());
    }

    /// The newest are all bad, and near enough to each other.
    fn is_enough(&self, rule: &DetectorRule) -> bool {
        let least = rule.numbers.at_least();
        let ends = self.readings.last().zip(self.readings.before_last(least.saturating_sub(1)));
        self.run >= least && ends.is_some_and(|(last, first)| last.time.since(first.time) <= rule.numbers.within())
    }

    fn tell(&mut self, sight: &Sight<'_>, hit: u32, key: &Key, value: Number, board: &mut Board) -> Option<usize> {
        let on = self.spell.is_on();
        let now = self.readings.last().map_or(sight.event.time, |newest| newest.time);
        let run = self.readings.iter().rev().take_while(|reading| reading.what.1);
        let run = run.filter(|reading| now.since(reading.time) <= sight.rule.numbers.within());
        let (mut first, mut count, mut again) = (now, 0, 0);
        for reading in run {
            (first, count) = (first.min(reading.time), count + 1);
            again += usize::from(self.spell.over().is_none_or(|over| over < reading.time));
        }
        let index = self.spell.go_on(sight, hit, key, Beginning { first, last: now, count, again }, board)?;
        measure(sight.rule, index, value, board);
        if !on {
            // It begins with several readings, and the worst of them counts.
            let newest = self.readings.iter().rev().take(count).map(|reading| reading.what.0);
            newest.for_each(|value| measure(sight.rule, index, value, board));
        }
        Some(index)
    }
}

/// What the rule looks at, and whether it is on the bad side. With `per` it is a share: of nothing there is none.
fn reading(sight: &Sight<'_>) -> Option<(Number, bool)> {
    let compare = sight.rule.numbers.compare?;
    let value = sight.value()?;
    let per = &sight.rule.names.per;
    if per.is_empty() {
        return Some((value, compare.holds(value)));
    }
    let mut all = Number::ZERO;
    for name in per {
        all = all.plus(sight.number(name)?);
    }
    (all > Number::ZERO).then_some(())?;
    Some((Number::share(value, all)?, compare.holds_share(value, all)))
}

#[cfg(test)]
mod tests;
