//! `sequence`: one event of each step, in order, from first to last within a time. Two events of the same moment are in
//! order if they stand so in one source.

use std::collections::BTreeMap;

use crate::base::{Span, Stamp};
use crate::rules::DetectorRule;
use crate::scan::{Event, Plan};

use super::board::{Board, evidence};
use super::finding::Evidence;
use super::rules::{self, MOST_KEYS, Named};

#[derive(Debug)]
pub(super) struct Sequence {
    steps: Vec<Named>,
    within: Span,
    keys: BTreeMap<BTreeMap<String, String>, Progress>,
}

/// For each step the trail that reached it and began latest: no other trail can finish in time when this one cannot.
#[derive(Debug, Default)]
struct Progress {
    trails: Vec<Option<Vec<Evidence>>>,
    open: Option<usize>,
    last: Option<Stamp>,
}

impl Sequence {
    pub(super) fn new(steps: Vec<Named>, within: Span) -> Sequence {
        Sequence { steps, within, keys: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, plan: &Plan, rule: &DetectorRule, event: &Event, hits: &[u32], board: &mut Board) {
        let Some(hit) = self.steps.iter().find_map(|named| rules::hit(named, hits)) else { return };
        let key = rules::key(plan, rule, hit, event);
        if self.keys.len() >= MOST_KEYS && !self.keys.contains_key(&key) {
            board.refuse("sequence keys");
            return;
        }
        let progress = self.keys.entry(key.clone()).or_default();
        progress.trails.resize(self.steps.len(), None);
        // From the last step to the first, so that one event is never two steps of the same trail.
        for step in (0..self.steps.len()).rev() {
            if rules::hit(&self.steps[step], hits).is_none() {
                continue;
            }
            let mut trail = match step {
                0 => Vec::new(),
                _ => match &progress.trails[step - 1] {
                    Some(trail) if in_time(trail, event, self.within) => trail.clone(),
                    _ => continue,
                },
            };
            trail.push(evidence(event));
            progress.trails[step] = Some(trail);
        }
        let Some(trail) = progress.trails.last_mut().and_then(Option::take) else { return };
        progress.last = Some(event.time);
        match progress.open {
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
            }
            None => {
                let mut finding = rules::finding(plan, rule, hit, &key, event);
                if let Some(first) = trail.first() {
                    finding.first_seen = first.time;
                    // Over several units it is about the one in which it began.
                    if !key.contains_key("unit") {
                        finding.unit = first.unit.clone();
                    }
                }
                finding.window = Some(self.within);
                finding.evidence = trail;
                progress.open = board.open(finding);
            }
        }
    }

    pub(super) fn advance(&mut self, now: Stamp, board: &mut Board) {
        for progress in self.keys.values() {
            if let (Some(index), Some(last)) = (progress.open, progress.last)
                && now.since(last) > self.within
            {
                board.resolve(index, last);
            }
        }
    }
}

fn in_time(trail: &[Evidence], event: &Event, within: Span) -> bool {
    let Some((first, last)) = trail.first().zip(trail.last()) else { return false };
    let ordered = last.time < event.time || last.place.source != event.place.source || last.place < event.place;
    ordered && event.time.since(first.time) <= within
}
