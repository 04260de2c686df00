//! `count`: so many events of one key in a sliding window, or so many different values of a capture. Over when the window
//! has emptied, or by a reset.

use std::collections::BTreeMap;

use crate::base::{Number, Span, Stamp};
use crate::rules::DetectorRule;

use super::board::{Board, MOST_EVIDENCE, evidence};
use super::finding::Evidence;
use super::keys::Keys;
use super::rules::{Sight, Watch, forgot, measure};
use super::window::Window;

/// Different values kept for one key; no rule needs more than its threshold.
const MOST_VALUES: usize = 4096;

#[derive(Debug)]
pub(super) struct Count {
    keys: Keys<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    window: Window,
    /// Of `distinct`: each value with its latest moment.
    values: BTreeMap<Box<str>, Stamp>,
    recent: Vec<Evidence>,
    open: Option<usize>,
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
        if let Some(key) = sight.resets()
            && let Some(Seen { open: Some(index), .. }) = self.keys.remove(&key)
        {
            board.resolve(index, event.time);
        }
        let Some(hit) = sight.on() else { return };
        let key = sight.key(hit);
        let (seen, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        let Some(count) = seen.add(sight, hit, within) else { return };
        seen.recent.retain(|e| event.time.since(e.time) <= within);
        if seen.recent.len() < MOST_EVIDENCE {
            seen.recent.push(evidence(event));
        }
        match seen.open {
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
                measure(rule, index, Number::count(count), board);
            }
            None if count >= rule.numbers.at_least() => {
                let mut finding = sight.finding(hit, &key);
                finding.first_seen = seen.window.count(within).1.unwrap_or(event.time);
                finding.count = seen.window.count(within).0 as u64;
                finding.threshold = Some(Number::count(rule.numbers.at_least()));
                finding.evidence = std::mem::take(&mut seen.recent);
                seen.open = board.open(finding);
                if let Some(index) = seen.open {
                    measure(rule, index, Number::count(count), board);
                }
            }
            None => {}
        }
        let over = seen.open.and(seen.window.last()).map(|last| last.plus(within));
        self.keys.wake(&key, over);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((_, key)) = self.keys.ring(now) else { return };
        if let Some(seen) = self.keys.get(&key)
            && let (Some(index), Some(last)) = (seen.open, seen.window.last())
        {
            board.resolve(index, last);
        }
    }
}

impl Seen {
    /// Counts the event; `None` when it has no value to count.
    fn add(&mut self, sight: &Sight<'_>, hit: u32, within: Span) -> Option<usize> {
        let now = sight.event.time;
        let Some(name) = &sight.rule.names.distinct else { return Some(self.window.add(now, within)) };
        let value = sight.word(name, hit).filter(|value| !value.is_empty())?;
        self.window.add(now, within);
        if self.values.len() < MOST_VALUES || self.values.contains_key(value) {
            let last = self.values.entry(value.into()).or_insert(now);
            *last = now.max(*last);
        }
        let from = self.window.last().unwrap_or(now).minus(within);
        self.values.retain(|_, last| *last >= from);
        Some(self.values.len())
    }
}
