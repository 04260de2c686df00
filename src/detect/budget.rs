//! `budget`: a sum in a sliding window, or in a day of UTC.
//!
//! It opens when the sum is on the bad side of the limit. A sliding window holds the readings that lie no more than `within`
//! before the newest; the finding is over at the moment at which enough of them have left it. A day begins at midnight with
//! nothing; each day has a finding of its own, which is over when the day is. Readings without a time are left out: nobody
//! knows which window they belong to.

use std::collections::VecDeque;

use crate::base::{Certainty, Number, Span, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::{Key, Keys};
use super::readings::{MOST_READINGS, Reading, Readings};
use super::rules::{Sight, Watch, forgot, measure};
use super::spell::{Beginning, Spell};

const DAY: Span = Span::seconds(86_400);

/// Of a window with too many readings, those of each so-many-th part of it are added up.
const PARTS: i64 = 1024;

#[derive(Clone, Debug)]
pub(super) struct Budget {
    keys: Keys<Spent>,
}

#[derive(Clone, Debug, Default)]
struct Spent {
    /// The readings of the window; of a day only the first and the latest are needed.
    readings: Readings<Part>,
    sum: i128,
    count: usize,
    /// The day, counted from the epoch.
    day: Option<i64>,
    spell: Spell,
}

/// One reading, or several that were added up.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// When the first of them was read.
    first: Stamp,
    sum: i128,
    count: usize,
}

impl Budget {
    pub(super) fn new() -> Budget {
        Budget { keys: Keys::new() }
    }
}

impl Watch for Budget {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets()
            && let Some(mut spent) = self.keys.remove(&key)
        {
            spent.spell.end(event.time, board);
        }
        let (Some(hit), Some(compare)) = (sight.on(), rule.numbers.compare) else { return };
        let Some(value) = sight.value() else { return };
        let key = sight.key(hit);
        board.note(rule, &key, value);
        if event.certainty == Certainty::None {
            return;
        }
        let (spent, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        let counted = if rule.numbers.per_day {
            spent.add_to_day(sight, value, board)
        } else {
            spent.add_to_window(sight, value, board)
        };
        if !counted {
            return;
        }
        let sum = spent.sum();
        if compare.holds(sum) {
            if let Some(index) = spent.tell(sight, hit, &key, board) {
                measure(rule, index, sum, board);
            }
        } else {
            spent.spell.end(event.time, board);
        }
        let next = spent.next(rule);
        self.keys.wake(&key, next);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        let Some(spent) = self.keys.get_mut(&key) else { return };
        if rule.numbers.per_day {
            spent.end_day(board);
            return;
        }
        // What lies a whole window before `at` leaves now.
        spent.leave(Stamp(at.0.saturating_add(1)), rule.numbers.within());
        if !rule.numbers.compare.is_some_and(|compare| compare.holds(spent.sum())) {
            spent.spell.end(at, board);
        }
        let next = spent.next(rule);
        self.keys.wake(&key, next);
    }
}

impl Spent {
    fn sum(&self) -> Number {
        Number(i64::try_from(self.sum).unwrap_or(if self.sum < 0 { i64::MIN } else { i64::MAX }))
    }

    /// `false`: the reading came too late, its window is over.
    fn add_to_window(&mut self, sight: &Sight<'_>, value: Number, board: &mut Board) -> bool {
        let Sight { rule, event, .. } = *sight;
        let within = rule.numbers.within();
        let newest = self.readings.last().map_or(event.time, |newest| newest.time.max(event.time));
        if event.time < newest.minus(within) {
            return false;
        }
        self.spell.note(event, within);
        self.readings.add(event, Part { first: event.time, sum: i128::from(value.0), count: 1 });
        self.sum += i128::from(value.0);
        self.count += 1;
        self.leave(newest, within);
        if self.readings.len() > MOST_READINGS {
            self.add_up(within);
            board.refuse(format!("single readings of {}", rule.id));
        }
        true
    }

    /// Takes out what lies more than `within` before `now`.
    fn leave(&mut self, now: Stamp, within: Span) {
        while let Some(reading) = self.readings.pop_older(now, within) {
            self.sum -= reading.what.sum;
            self.count -= reading.what.count;
        }
    }

    /// Adds the readings up that lie in one part of the window; they leave it with the last of them. The parts have fixed
    /// borders, so that it makes no difference when it is done.
    fn add_up(&mut self, within: Span) {
        let width = (within.0 / PARTS).max(1);
        let part = |at: Stamp| at.0.div_euclid(width);
        let all = self.readings.all_mut();
        let mut sums: VecDeque<Reading<Part>> = VecDeque::with_capacity(all.len());
        for reading in all.drain(..) {
            match sums.back_mut() {
                Some(last) if part(last.time) == part(reading.time) => {
                    let (before, now) = (last.what, reading.what);
                    *last = reading;
                    last.what =
                        Part { first: before.first, sum: before.sum + now.sum, count: before.count + now.count };
                }
                _ => sums.push_back(reading),
            }
        }
        *all = sums;
    }

    /// `false`: the reading came too late, its day is over.
    fn add_to_day(&mut self, sight: &Sight<'_>, value: Number, board: &mut Board) -> bool {
        let day = sight.event.time.0.div_euclid(DAY.0);
        if self.day.is_some_and(|today| day < today) {
            return false;
        }
        if self.day != Some(day) {
            self.end_day(board);
            self.day = Some(day);
        }
        self.spell.note(sight.event, DAY);
        self.readings.add(sight.event, Part { first: sight.event.time, sum: 0, count: 1 });
        if self.readings.len() > 2 {
            self.readings.all_mut().remove(1);
        }
        self.sum += i128::from(value.0);
        self.count += 1;
        true
    }

    /// The day is over, and its finding with it.
    fn end_day(&mut self, board: &mut Board) {
        if let Some(day) = self.day {
            self.spell.end(Stamp((day + 1).saturating_mul(DAY.0)), board);
        }
        let today = self.day;
        *self = Spent { day: today, ..Spent::default() };
    }

    /// When a reading leaves the window of a finding, or its day ends: the last moment before that.
    fn next(&self, rule: &DetectorRule) -> Option<Stamp> {
        self.spell.is_on().then_some(())?;
        if rule.numbers.per_day {
            return self.day.map(|day| Stamp((day + 1).saturating_mul(DAY.0).saturating_sub(1)));
        }
        self.readings.first().map(|first| first.time.plus(rule.numbers.within()))
    }

    fn tell(&mut self, sight: &Sight<'_>, hit: u32, key: &Key, board: &mut Board) -> Option<usize> {
        let now = sight.event.time;
        let first = self.readings.first().map_or(now, |first| first.what.first);
        let last = self.readings.last().map_or(now, |last| last.time);
        let over = self.spell.over();
        let again = self.readings.iter().filter(|reading| over.is_none_or(|over| over < reading.time));
        let again = again.map(|reading| reading.what.count).sum::<usize>().max(1);
        let on = self.spell.is_on();
        let beginning = Beginning { first, last, count: self.count, again };
        let index = self.spell.go_on(sight, hit, key, beginning, board)?;
        if !on && sight.rule.numbers.per_day {
            let finding = board.get_mut(index);
            finding.window = Some(DAY);
            finding.facts.insert("day".to_owned(), now.date());
        }
        Some(index)
    }
}

#[cfg(test)]
mod tests;
