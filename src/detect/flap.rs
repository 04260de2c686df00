//! `flap`: so many changes of a state within a time. The state is the value of a capture, or which signature matched. Over
//! when the state has not changed for that time.

use std::collections::VecDeque;

use crate::base::{Certainty, Number, Place, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::Keys;
use super::recent::Recent;
use super::rules::{Sight, Watch, forgot, measure};
use super::told::{Told, soon};

/// Changes kept of one key; no rule asks for more.
const MOST_CHANGES: usize = 4096;

/// Different states that a finding names.
const SHOWN: usize = 5;

#[derive(Clone, Debug)]
pub(super) struct Flap {
    keys: Keys<Seen>,
}

/// The stretches in which the state was the same, each with its first and last reading. Each but the first began with a
/// change.
#[derive(Clone, Debug, Default)]
struct Seen {
    runs: VecDeque<Run>,
    recent: Recent,
    told: Told,
}

#[derive(Clone, Debug)]
struct Run {
    first: (Stamp, Place),
    last: (Stamp, Place),
    state: Box<str>,
}

impl Flap {
    pub(super) fn new() -> Flap {
        Flap { keys: Keys::new() }
    }
}

impl Watch for Flap {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        let within = rule.numbers.within();
        if let Some(mut seen) = sight.resets().and_then(|key| self.keys.remove(&key)) {
            seen.told.end(event.time, event.time, board);
        }
        let Some(hit) = sight.on() else { return };
        let name = rule.names.state.as_deref().unwrap_or("signature");
        let Some(state) = sight.word(name, hit).filter(|state| !state.is_empty()) else { return };
        let key = sight.key(hit);
        let (seen, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        if !seen.add(event.order(), state) {
            return;
        }
        let Some(last) = seen.runs.back().map(|run| run.first.0).filter(|_| seen.runs.len() > 1) else { return };
        let from = last.minus(within);
        while seen.runs.len() > MOST_CHANGES + 1 || seen.runs.get(1).is_some_and(|run| run.first.0 < from) {
            seen.runs.pop_front();
        }
        let count = seen.runs.len().saturating_sub(1);
        let first = seen.runs.get(1).map_or(event.time, |run| run.first.0);
        seen.recent.forget_before(from);
        seen.recent.add(event);
        match seen.told.open() {
            Some(index) => {
                board.count(index, event);
                measure(rule, index, Number::count(count), board);
            }
            // Without times of their own, changes of a whole day can seem to come at once.
            None if event.certainty == Certainty::None && first == event.time => {}
            None if count >= rule.numbers.at_least() => {
                let mut finding = sight.finding(hit, &key);
                (finding.first_seen, finding.last_seen) = (first, last);
                finding.count = count as u64;
                finding.threshold = Some(Number::count(rule.numbers.at_least()));
                finding.evidence = seen.recent.take();
                finding.facts.insert("states".to_owned(), seen.states());
                if let Some(index) = seen.told.begin(event.time, soon(rule), finding, board) {
                    measure(rule, index, Number::count(count), board);
                }
            }
            None => {}
        }
        let over = seen.told.open().map(|_| last.plus(within));
        self.keys.wake(&key, over);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        if let Some(seen) = self.keys.get_mut(&key)
            && let Some(last) = seen.runs.back()
        {
            seen.told.end(last.first.0, at, board);
        }
    }
}

impl Seen {
    /// Adds a reading where it belongs. Is there another change now?
    fn add(&mut self, at: (Stamp, Place), state: &str) -> bool {
        let run = |first, last| Run { first, last, state: state.into() };
        match self.runs.back_mut() {
            Some(latest) if latest.last <= at && *latest.state == *state => {
                latest.last = at;
                return false;
            }
            Some(latest) if latest.last <= at => {
                self.runs.push_back(run(at, at));
                return true;
            }
            None => {
                self.runs.push_back(run(at, at));
                return false;
            }
            Some(_) => {}
        }
        // It comes late: within a stretch, or between two of them.
        let next = self.runs.partition_point(|known| known.first <= at);
        let after = self.runs.get(next).filter(|known| *known.state == *state).is_some();
        let split = match next.checked_sub(1).and_then(|before| self.runs.get_mut(before)) {
            Some(before) if *before.state == *state => return false,
            Some(before) if at < before.last => {
                let rest = Run { first: before.last, last: before.last, state: before.state.clone() };
                before.last = before.first;
                Some(rest)
            }
            _ => None,
        };
        match split {
            Some(rest) => {
                self.runs.insert(next, rest);
                self.runs.insert(next, run(at, at));
            }
            None if after => {
                if let Some(known) = self.runs.get_mut(next) {
                    known.first = at;
                }
                return false;
            }
            None => self.runs.insert(next, run(at, at)),
        }
        true
    }

    /// The states, in the order of their first appearance.
    fn states(&self) -> String {
        let mut states: Vec<&str> = Vec::new();
        for run in &self.runs {
            if !states.contains(&&*run.state) && states.len() < SHOWN {
                states.push(&run.state);
            }
        }
        states.join(", ")
    }
}

#[cfg(test)]
mod tests;
