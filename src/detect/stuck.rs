//! `stuck`: opened, and not closed in time. Opened again before it was closed it is as old as the first time. Over when it
//! is closed, or by a reset.
//!
//! What is opened without a time of its own is not waited for: nobody knows when its time is over.

use crate::base::{Certainty, Place, Stamp};
use crate::rules::DetectorRule;
use crate::scan::Event;

use super::absence::{down, seconds};
use super::board::{Board, MOST_EVIDENCE, evidence};
use super::finding::Evidence;
use super::keys::{Key, Keys};
use super::rules::{Kept, Sight, Watch, forgot, measure};
use super::told::{Told, soon};

#[derive(Clone, Debug)]
pub(super) struct Stuck {
    keys: Keys<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    opened: Option<Opened>,
    told: Told,
}

/// What waits to be closed.
#[derive(Clone, Debug)]
struct Opened {
    first: Kept,
    /// The times after the first that it was opened: the latest, how many, and where.
    last: Stamp,
    more: u64,
    places: Vec<Evidence>,
}

impl Stuck {
    pub(super) fn new() -> Stuck {
        Stuck { keys: Keys::new() }
    }

    /// The key was closed; unless that was before it was opened.
    fn close(&mut self, rule: &DetectorRule, key: &Key, event: &Event, board: &mut Board) {
        let Some(state) = self.keys.get_mut(key) else { return };
        let timed = event.certainty != Certainty::None;
        let Some(opened) = state.opened.take_if(|opened| !timed || opened.since() <= event.order()) else { return };
        let Some(index) = state.told.open() else {
            if state.told.is_empty() {
                self.keys.remove(key);
            } else {
                self.keys.wake(key, None);
            }
            return;
        };
        measure(rule, index, seconds(event.time.since(opened.since().0)), board);
        state.told.end(event.time, event.time, board);
        self.keys.wake(key, None);
    }
}

impl Watch for Stuck {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.closes() {
            self.close(rule, &key, event, board);
        }
        if let Some(mut state) = sight.resets().and_then(|key| self.keys.remove(&key)) {
            state.told.end(event.time, event.time, board);
        }
        let Some(hit) = sight.opens().filter(|_| event.certainty != Certainty::None) else { return };
        let key = sight.key(hit);
        let (state, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        match &mut state.opened {
            Some(opened) if opened.since() <= event.order() => {
                if let Some(index) = state.told.open() {
                    board.count(index, event);
                } else {
                    opened.add(event);
                }
                return;
            }
            // It comes late: this was the first time.
            Some(opened) => opened.begin(sight.keep(hit)),
            none => *none = Some(Opened { first: sight.keep(hit), last: event.time, more: 0, places: Vec::new() }),
        }
        if state.told.open().is_none() {
            self.keys.wake(&key, Some(event.time.plus(rule.numbers.within())));
        }
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((_, key)) = self.keys.ring(now) else { return };
        let Some(State { opened: Some(opened), told }) = self.keys.get_mut(&key) else { return };
        if let Some(index) = told.open() {
            // It is open for so long now that it is down.
            measure(rule, index, rule.numbers.down_at.unwrap_or_default(), board);
            return;
        }
        let since = opened.since().0;
        let mut finding = opened.first.finding(rule, &key);
        finding.threshold = rule.numbers.within.map(seconds);
        finding.count += opened.more;
        finding.last_seen = opened.last;
        finding.evidence.append(&mut opened.places);
        if let Some(index) = told.begin(since, soon(rule), finding, board) {
            measure(rule, index, seconds(rule.numbers.within()), board);
            self.keys.wake(&key, down(rule, since));
        }
    }
}

impl Opened {
    fn since(&self) -> (Stamp, Place) {
        self.first.event.order()
    }

    fn add(&mut self, event: &Event) {
        self.more += 1;
        self.last = self.last.max(event.time);
        let at = self.places.partition_point(|e| (e.time, e.place) <= event.order());
        if at + 1 < MOST_EVIDENCE {
            self.places.insert(at, evidence(event));
            self.places.truncate(MOST_EVIDENCE - 1);
        }
    }

    /// Begins with an earlier event.
    fn begin(&mut self, first: Kept) {
        let later = std::mem::replace(&mut self.first, first);
        self.add(&later.event);
    }
}

#[cfg(test)]
mod tests;
