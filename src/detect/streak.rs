//! `streak`: so many in a row of one key without a reset between; with `within`, only those of a sliding window are in the
//! row. Over by a reset, and with `within` also when the window has emptied.

use crate::base::{Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::Keys;
use super::recent::Recent;
use super::rules::{Sight, Watch, forgot, measure};
use super::told::{Told, soon};
use super::window::Window;

#[derive(Clone, Debug)]
pub(super) struct Streak {
    keys: Keys<Row>,
}

#[derive(Clone, Debug, Default)]
struct Row {
    /// All since the last reset.
    count: usize,
    first: Option<Stamp>,
    last: Option<Stamp>,
    window: Window,
    recent: Recent,
    told: Told,
}

impl Streak {
    pub(super) fn new() -> Streak {
        Streak { keys: Keys::new() }
    }
}

impl Watch for Streak {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(mut row) = sight.resets().and_then(|key| self.keys.remove(&key)) {
            row.told.end(event.time, event.time, board);
        }
        let Some(hit) = sight.on() else { return };
        let key = sight.key(hit);
        let (row, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        let (count, first) = row.add(sight);
        let last = row.last.unwrap_or(event.time);
        match row.told.open() {
            Some(index) => {
                board.count(index, event);
                measure(rule, index, Number::count(count), board);
            }
            None if count >= rule.numbers.at_least() => {
                let mut finding = sight.finding(hit, &key);
                (finding.first_seen, finding.last_seen) = (first, last);
                finding.count = count as u64;
                finding.threshold = Some(Number::count(rule.numbers.at_least()));
                finding.evidence = row.recent.take();
                if let Some(index) = row.told.begin(event.time, soon(rule), finding, board) {
                    measure(rule, index, Number::count(count), board);
                }
            }
            None => {}
        }
        let over = row.told.open().and(rule.numbers.within).map(|within| last.plus(within));
        self.keys.wake(&key, over);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        if let Some(row) = self.keys.get_mut(&key)
            && let Some(last) = row.last
        {
            row.told.end(last, at, board);
        }
    }
}

impl Row {
    /// Adds the event: how long is the row now, and when did it begin?
    fn add(&mut self, sight: &Sight<'_>) -> (usize, Stamp) {
        let now = sight.event.time;
        self.last = self.last.max(Some(now));
        let Some(within) = sight.rule.numbers.within else {
            self.count += 1;
            self.recent.add(sight.event);
            let first = self.first.map_or(now, |first| first.min(now));
            self.first = Some(first);
            return (self.count, first);
        };
        let count = self.window.add(now, within);
        self.recent.forget_before(self.window.last().unwrap_or(now).minus(within));
        self.recent.add(sight.event);
        (count, self.window.count(within).1.unwrap_or(now))
    }
}

#[cfg(test)]
mod tests;
