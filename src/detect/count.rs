//! `count`: so many events of one key in a sliding window, or so many different values of a capture. Over when the window
//! has emptied, or by a reset.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::{Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::Keys;
use super::recent::Recent;
use super::rules::{Sight, Watch, forgot, measure};
use super::told::{Told, soon};
use super::window::Window;

/// Different values kept for one key, the latest; no rule asks for more.
const MOST_VALUES: usize = 4096;

#[derive(Clone, Debug)]
pub(super) struct Count {
    keys: Keys<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    window: Window,
    values: Latest,
    recent: Recent,
    told: Told,
}

/// Of `distinct`: each value with its latest moment.
#[derive(Clone, Debug, Default)]
struct Latest {
    moments: BTreeMap<Arc<str>, Stamp>,
    order: BTreeSet<(Stamp, Arc<str>)>,
}

impl Count {
    pub(super) fn new() -> Count {
        Count { keys: Keys::new() }
    }
}

impl Watch for Count {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        let within = rule.numbers.within();
        if let Some(mut seen) = sight.resets().and_then(|key| self.keys.remove(&key)) {
            seen.told.end(event.time, event.time, board);
        }
        let Some(hit) = sight.on() else { return };
        let key = sight.key(hit);
        let value = match &rule.names.distinct {
            Some(name) => match sight.word(name, hit).filter(|value| !value.is_empty()) {
                Some(value) => Some(value),
                // Without a value there is nothing to tell apart.
                None => return,
            },
            None => None,
        };
        let (seen, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        let events = seen.window.add(event.time, within);
        let last = seen.window.last().unwrap_or(event.time);
        let count = value.map_or(events, |value| seen.values.add(value, event.time, last.minus(within)));
        seen.recent.forget_before(last.minus(within));
        seen.recent.add(event);
        match seen.told.open() {
            Some(index) => {
                board.count(index, event);
                measure(rule, index, Number::count(count), board);
            }
            None if count >= rule.numbers.at_least() => {
                let mut finding = sight.finding(hit, &key);
                finding.first_seen = seen.window.count(within).1.unwrap_or(event.time);
                finding.last_seen = last;
                finding.count = events as u64;
                finding.threshold = Some(Number::count(rule.numbers.at_least()));
                finding.evidence = seen.recent.take();
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
            && let Some(last) = seen.window.last()
        {
            seen.told.end(last, at, board);
        }
    }
}

impl Latest {
    /// Adds a value and forgets those that were last there before `from`: how many are left?
    fn add(&mut self, value: &str, now: Stamp, from: Stamp) -> usize {
        let known = self.moments.get_key_value(value).map(|(value, last)| (value.clone(), *last));
        let (value, last) = known.unwrap_or_else(|| (value.into(), now));
        self.order.remove(&(last, value.clone()));
        self.order.insert((last.max(now), value.clone()));
        self.moments.insert(value, last.max(now));
        while let Some((last, value)) = self.order.first().cloned()
            && (last < from || self.order.len() > MOST_VALUES)
        {
            self.order.remove(&(last, value.clone()));
            self.moments.remove(&value);
        }
        self.order.len()
    }
}

#[cfg(test)]
mod tests;
