//! `trend`: the newest reading against the oldest, over at least so many of them.
//!
//! A verdict is given at each reading: `degrading` when the change from the oldest to the newest is `change` or more in the
//! bad direction, `improving` when it is as much in the good one, else none. `stagnant` is the verdict on all values of
//! `together` at once: none of them goes anywhere, and each has enough readings. Only `degrading` is a finding; the others
//! are told as the trend of the metric. Whether the course may be chance (Mann and Kendall) is told beside it and decides
//! nothing. It is over when the verdict is another, by a reset, or when the window has emptied.

use std::collections::BTreeMap;

use crate::base::{Certainty, Number, Stamp};
use crate::rules::{DetectorRule, Direction};

use super::board::Board;
use super::kendall::Kendall;
use super::keys::{Key, Keys};
use super::readings::Readings;
use super::rules::{Sight, Watch, forgot, measure};
use super::spell::{Beginning, Spell};

/// Readings of one series that are compared pair by pair; of a longer one the oldest and the newest.
const MOST_PAIRED: usize = 1000;

/// Values of `together` with one key.
const MOST_TOGETHER: usize = 100;

/// Without `values`, a verdict on several series is one on two or more.
const TOGETHER: usize = 2;

#[derive(Clone, Debug)]
pub(super) struct Trend {
    /// By the key without its part `together`.
    keys: Keys<Group>,
}

/// The series that a verdict is given on together, by their part of the key.
#[derive(Clone, Debug, Default)]
struct Group {
    series: BTreeMap<Box<str>, Series>,
}

#[derive(Clone, Debug)]
struct Series {
    key: Key,
    readings: Readings<Number>,
    kendall: Kendall,
    verdict: Option<Verdict>,
    spell: Spell,
}

/// What is thought of a series with enough readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Improving,
    Degrading,
    /// It goes nowhere.
    Steady,
}

impl Trend {
    pub(super) fn new() -> Trend {
        Trend { keys: Keys::new() }
    }
}

impl Watch for Trend {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets() {
            self.reset(rule, &key, event.time, board);
        }
        let Some(hit) = sight.on() else { return };
        let Some(value) = sight.value() else { return };
        let key = sight.key(hit);
        board.note(rule, &key, value);
        let (short, part) = split(rule, &key);
        let (group, dropped) = self.keys.touch(&short, event.time);
        forgot(rule, dropped.as_ref(), board);
        if group.series.len() >= MOST_TOGETHER && !group.series.contains_key(&part) {
            board.refuse(format!("series of {}", rule.id));
            return;
        }
        let series = group.series.entry(part).or_insert_with(|| Series::of(&key));
        series.add(sight, value, board);
        let newest = series.readings.last().map_or(event.time, |newest| newest.time);
        series.verdict = series.judged(rule);
        if series.verdict == Some(Verdict::Degrading) {
            series.tell(sight, hit, board);
        } else {
            series.spell.end(newest, board);
            series.spell.note(event, rule.numbers.within());
        }
        group.word(rule, board);
        let timed = event.certainty != Certainty::None;
        let empty = rule.numbers.within.filter(|_| timed).and_then(|within| Some(group.oldest_end()?.plus(within)));
        self.keys.wake(&short, empty);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        let within = rule.numbers.within();
        let Some(group) = self.keys.get_mut(&key) else { return };
        for series in group.series.values_mut() {
            if let Some(newest) = series.readings.last()
                && newest.time.plus(within) <= at
            {
                series.spell.fade(newest.time, at, board);
            }
        }
        let next = group.oldest_end().map(|end| end.plus(within));
        self.keys.wake(&key, next);
    }
}

impl Trend {
    /// Ends and forgets the series of a key; without the part `together`, all of its group.
    fn reset(&mut self, rule: &DetectorRule, key: &Key, at: Stamp, board: &mut Board) {
        let (short, part) = split(rule, key);
        let Some(group) = self.keys.get_mut(&short) else { return };
        let all = rule.names.together.is_some() && part.is_empty();
        for (name, series) in &mut group.series {
            if all || *name == part {
                series.spell.end(at, board);
            }
        }
        group.series.retain(|name, _| !(all || *name == part));
        if group.series.is_empty() {
            self.keys.remove(&short);
        }
    }
}

impl Group {
    /// The newest reading of the series with a finding that has been silent for longest.
    fn oldest_end(&self) -> Option<Stamp> {
        let open = self.series.values().filter(|series| series.spell.is_on());
        open.filter_map(|series| Some(series.readings.last()?.time)).min()
    }

    /// Tells the verdicts as the trends of the metrics.
    fn word(&self, rule: &DetectorRule, board: &mut Board) {
        let least = rule.numbers.values.map_or(TOGETHER, |values| values as usize);
        let steady = self.series.values().all(|series| series.verdict == Some(Verdict::Steady));
        let stagnant = steady && (rule.names.together.is_none() || self.series.len() >= least);
        for series in self.series.values() {
            let word = match series.verdict {
                Some(Verdict::Improving) => Some("improving"),
                Some(Verdict::Degrading) => Some("degrading"),
                Some(Verdict::Steady) if stagnant => Some("stagnant"),
                Some(Verdict::Steady) | None => None,
            };
            board.judge(rule, &series.key, word);
        }
    }
}

impl Series {
    fn of(key: &Key) -> Series {
        Series {
            key: key.clone(),
            readings: Readings::default(),
            kendall: Kendall::default(),
            verdict: None,
            spell: Spell::default(),
        }
    }

    fn add(&mut self, sight: &Sight<'_>, value: Number, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        let later = self.readings.add(event, value);
        let values = |readings: &Readings<Number>| readings.iter().map(|reading| reading.what).collect::<Vec<_>>();
        let at = self.readings.len() - later - 1;
        let all = values(&self.readings);
        let (before, after) = (all.iter().take(at).copied(), all.iter().skip(at + 1).copied());
        self.kendall.add(value, before, after);
        if let Some(within) = rule.numbers.within {
            let newest = self.readings.last().map_or(event.time, |newest| newest.time);
            while let Some(old) = self.readings.pop_older(newest, within) {
                self.kendall.remove(old.what, std::iter::empty(), values(&self.readings).into_iter());
            }
        }
        if self.readings.len() > MOST_PAIRED.max(rule.numbers.at_least())
            && let Some(second) = self.readings.all_mut().remove(1)
        {
            // The oldest stays: it is what the newest is compared with.
            let all = values(&self.readings);
            let (before, after) = (all.iter().take(1).copied(), all.iter().skip(1).copied());
            self.kendall.remove(second.what, before, after);
            board.refuse(format!("readings of {}", rule.id));
        }
    }

    fn ends(&self) -> Option<(Number, Number)> {
        Some((self.readings.first()?.what, self.readings.last()?.what))
    }

    /// `None`: there are too few readings.
    fn judged(&self, rule: &DetectorRule) -> Option<Verdict> {
        let (first, last) = self.ends().filter(|_| self.readings.len() >= rule.numbers.at_least())?;
        let limit = rule.numbers.change?;
        let (from, change) = (i128::from(first.0), i128::from(last.0) - i128::from(first.0));
        // From nothing to something is a change of any share; from nothing to nothing is none.
        let far = change != 0 && change.abs() * 1_000_000 >= i128::from(limit.0) * from.abs();
        Some(match (far, change > 0, rule.numbers.worse) {
            (false, _, _) => Verdict::Steady,
            (true, true, Direction::Up) | (true, false, Direction::Down) => Verdict::Degrading,
            (true, ..) => Verdict::Improving,
        })
    }

    fn tell(&mut self, sight: &Sight<'_>, hit: u32, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        let Some((first, last)) = self.ends() else { return };
        self.spell.note(event, rule.numbers.within());
        let times = self.readings.first().zip(self.readings.last()).map(|(first, last)| (first.time, last.time));
        let (begin, end) = times.unwrap_or((event.time, event.time));
        let beginning = Beginning { first: begin, last: end, count: self.readings.len(), again: 1 };
        let Some(index) = self.spell.go_on(sight, hit, &self.key, beginning, board) else { return };
        let size = |n: Number| Number(n.0.saturating_abs());
        let change = Number::share(last.minus(first), size(first));
        if let Some(change) = change {
            measure(rule, index, size(change), board);
        }
        let finding = board.get_mut(index);
        finding.threshold = rule.numbers.change;
        let change = change.map_or_else(|| "from nothing".to_owned(), |change| change.to_string());
        for (name, value) in [
            ("verdict", "degrading".to_owned()),
            ("change", change),
            ("first", first.to_string()),
            ("last", last.to_string()),
            ("n", self.readings.len().to_string()),
            ("p", self.kendall.probability().to_string()),
        ] {
            finding.facts.insert(name.to_owned(), value);
        }
    }
}

/// The key without its part `together`, and that part.
fn split(rule: &DetectorRule, key: &Key) -> (Key, Box<str>) {
    let together = rule.names.together.as_ref().and_then(|name| rule.by.iter().position(|part| part == name));
    let Some(at) = together else { return (key.clone(), Box::default()) };
    let rest = key.iter().enumerate().filter(|(part, _)| *part != at).map(|(_, value)| value.clone());
    (rest.collect(), key.get(at).cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests;
