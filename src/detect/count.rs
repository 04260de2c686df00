//! `count`: so many events of one key in a sliding window. Over when the window has emptied.

use std::collections::BTreeMap;

use crate::base::{Span, Stamp};
use crate::rules::DetectorRule;
use crate::scan::{Event, Plan};

use super::board::{Board, MOST_EVIDENCE, evidence};
use super::finding::Evidence;
use super::rules::{self, MOST_KEYS, Named};
use super::window::Window;

#[derive(Debug)]
pub(super) struct Count {
    on: Named,
    at_least: u32,
    within: Span,
    keys: BTreeMap<BTreeMap<String, String>, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    window: Window,
    recent: Vec<Evidence>,
    open: Option<usize>,
}

impl Count {
    pub(super) fn new(on: Named, at_least: u32, within: Span) -> Count {
        Count { on, at_least, within, keys: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, plan: &Plan, rule: &DetectorRule, event: &Event, hits: &[u32], board: &mut Board) {
        let Some(hit) = rules::hit(&self.on, hits) else { return };
        let key = rules::key(plan, rule, hit, event);
        if self.keys.len() >= MOST_KEYS && !self.keys.contains_key(&key) {
            board.refuse("count keys");
            return;
        }
        let seen = self.keys.entry(key.clone()).or_default();
        let count = seen.window.add(event.time, self.within);
        seen.recent.retain(|e| event.time.since(e.time) <= self.within);
        if seen.recent.len() < MOST_EVIDENCE {
            seen.recent.push(evidence(event));
        }
        match seen.open {
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
                let finding = board.get_mut(index);
                finding.value = finding.value.max(Some(count as i64));
            }
            None if count >= self.at_least as usize => {
                let mut finding = rules::finding(plan, rule, hit, &key, event);
                finding.first_seen = seen.window.count(self.within).1.unwrap_or(event.time);
                finding.count = count as u64;
                finding.value = Some(count as i64);
                finding.threshold = Some(i64::from(self.at_least));
                finding.window = Some(self.within);
                finding.evidence = std::mem::take(&mut seen.recent);
                seen.open = board.open(finding);
            }
            None => {}
        }
    }

    pub(super) fn advance(&mut self, now: Stamp, board: &mut Board) {
        for seen in self.keys.values() {
            if let (Some(index), Some(last)) = (seen.open, seen.window.last())
                && now.since(last) > self.within
            {
                board.resolve(index, last);
            }
        }
    }
}
