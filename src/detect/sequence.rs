//! `sequence`: one event of each step, in order, from first to last within a time. Two events of the same moment are in
//! order if they stand so in one source.

use crate::base::{Span, Stamp};
use crate::rules::DetectorRule;
use crate::scan::Event;

use super::board::{Board, evidence};
use super::finding::Evidence;
use super::keys::Keys;
use super::rules::{Sight, Watch, forgot};
use super::told::{Told, soon};

#[derive(Clone, Debug)]
pub(super) struct Sequence {
    keys: Keys<Progress>,
}

/// For each step the trail that reached it and began latest: no other trail can finish in time when this one cannot.
#[derive(Clone, Debug, Default)]
struct Progress {
    trails: Vec<Option<Vec<Evidence>>>,
    told: Told,
    last: Option<Stamp>,
}

impl Sequence {
    pub(super) fn new() -> Sequence {
        Sequence { keys: Keys::new() }
    }
}

impl Watch for Sequence {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        let within = rule.numbers.within();
        if let Some(mut progress) = sight.resets().and_then(|key| self.keys.remove(&key)) {
            progress.told.end(event.time, event.time, board);
        }
        let Some(hit) = (0..sight.steps()).find_map(|step| sight.step(step)) else { return };
        let key = sight.key(hit);
        let (progress, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        progress.trails.resize(sight.steps(), None);
        // From the last step to the first, so that one event is never two steps of the same trail.
        for step in (0..sight.steps()).rev() {
            if sight.step(step).is_none() {
                continue;
            }
            let mut trail = match step {
                0 => Vec::new(),
                _ => match progress.trails.get(step - 1) {
                    Some(Some(trail)) if in_time(trail, event, within) => trail.clone(),
                    _ => continue,
                },
            };
            trail.push(evidence(event));
            // A late event must not put an older trail in the place of a newer one.
            let begin = |trail: &[Evidence]| trail.first().map(|first| first.time);
            if let Some(place) = progress.trails.get_mut(step)
                && place.as_deref().is_none_or(|known| begin(known) <= begin(&trail))
            {
                *place = Some(trail);
            }
        }
        let Some(trail) = progress.trails.last_mut().and_then(Option::take) else { return };
        progress.last = progress.last.max(Some(event.time));
        match progress.told.open() {
            Some(index) => board.count(index, event),
            None => {
                let mut finding = sight.finding(hit, &key);
                if let Some(first) = trail.first() {
                    finding.first_seen = first.time;
                    // Over several units it is about the one in which it began.
                    if !finding.key.contains_key("unit") {
                        finding.unit = first.unit.clone();
                    }
                }
                finding.evidence = trail;
                progress.told.begin(event.time, soon(rule), finding, board);
            }
        }
        let over = progress.told.open().and(progress.last).map(|last| last.plus(within));
        self.keys.wake(&key, over);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        if let Some(progress) = self.keys.get_mut(&key)
            && let Some(last) = progress.last
        {
            progress.told.end(last, at, board);
        }
    }
}

fn in_time(trail: &[Evidence], event: &Event, within: Span) -> bool {
    let Some((first, last)) = trail.first().zip(trail.last()) else { return false };
    let beside = last.place.source != event.place.source || last.place < event.place;
    let ordered = last.time < event.time || (last.time == event.time && beside);
    ordered && event.time.since(first.time) <= within
}

#[cfg(test)]
mod tests;
