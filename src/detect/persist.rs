//! `persist`: the same key in several snapshots, not necessarily one after the other.
//!
//! It opens when a key stands in `at-least` different snapshots: of the newest `last`, and of those within `within`, where
//! the rule says so. Snapshots belong together when all parts of the key but the last are the same; an event with an empty
//! last part only says that there is such a snapshot. It is over when it stands in too few of the newest `last` (a snapshot
//! counts against it once the next one begins: until then it may still come), at the moment at which too few lie within
//! `within`, or by a reset.

use std::collections::{BTreeSet, VecDeque};

use crate::base::{Certainty, Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::{Key, Keys};
use super::rules::{Sight, Watch, forgot, measure};
use super::spell::{Beginning, Spell};

/// Snapshots remembered of one key; no rule asks for more.
const MOST_SNAPSHOTS: usize = 4096;

#[derive(Clone, Debug)]
pub(super) struct Persist {
    /// By the key without its last part.
    series: Keys<Series>,
    keys: Keys<Seen>,
}

/// The newest snapshots, in order, and the keys with a finding.
#[derive(Clone, Debug, Default)]
struct Series {
    snapshots: VecDeque<Snapshot>,
    open: BTreeSet<Key>,
}

/// A snapshot with the moment at which it began, or in which a key was seen in it first.
#[derive(Clone, Debug)]
struct Snapshot {
    name: Box<str>,
    time: Stamp,
}

/// The snapshots in which a key stands, in order.
#[derive(Clone, Debug, Default)]
struct Seen {
    snapshots: VecDeque<Snapshot>,
    spell: Spell,
}

impl Persist {
    pub(super) fn new() -> Persist {
        Persist { series: Keys::new(), keys: Keys::new() }
    }
}

impl Watch for Persist {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets()
            && let Some(mut seen) = self.keys.remove(&key)
        {
            seen.spell.end(event.time, board);
        }
        let (Some(hit), Some(name)) = (sight.on(), rule.names.snapshot.as_ref()) else { return };
        let Some(snapshot) = sight.word(name, hit).filter(|snapshot| !snapshot.is_empty()) else { return };
        let snapshot = Snapshot { name: snapshot.into(), time: event.time };
        let key = sight.key(hit);
        if rule.numbers.last.is_some() && !self.begin(rule, &key, &snapshot, board) {
            return;
        }
        if key.last().is_some_and(|thing| thing.is_empty()) {
            return;
        }
        let (seen, dropped) = self.keys.touch(&key, event.time);
        forgot(rule, dropped.as_ref(), board);
        if !seen.add(snapshot) {
            return;
        }
        let latest = seen.snapshots.back().map_or(event.time, |latest| latest.time);
        let standing = match self.series.get(&rest(&key)) {
            Some(series) if rule.numbers.last.is_some() => seen.standing(rule, latest, series.newest(rule)),
            _ => seen.standing(rule, latest, None),
        };
        seen.spell.note(event, event.time.since(standing.first));
        if seen.spell.is_on() || standing.times >= rule.numbers.at_least() {
            let beginning = Beginning { first: standing.first, last: latest, count: standing.times, again: 1 };
            if let Some(index) = seen.spell.go_on(sight, hit, &key, beginning, board) {
                let times = Number::count(standing.times);
                measure(rule, index, times, board);
                let finding = board.get_mut(index);
                finding.threshold = Some(Number::count(rule.numbers.at_least()));
                let all = standing.all.map_or_else(String::new, |all| format!(" of the newest {all}"));
                finding.facts.insert("snapshots".to_owned(), format!("{}{all}", standing.times));
            }
        }
        let on = seen.spell.is_on();
        let timed = event.certainty != Certainty::None;
        let leaves = seen.leaves(rule).filter(|_| timed && on);
        self.keys.wake(&key, leaves);
        if on && let Some(series) = self.series.get_mut(&rest(&key)) {
            series.open.insert(key);
        }
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        if let Some(seen) = self.keys.get_mut(&key) {
            seen.spell.end(at, board);
        }
    }
}

impl Persist {
    /// Notes the snapshot in its series. When it is a new one, the one before it is complete: who is in too few of those up to
    /// there is over. `false`: it is older than the newest `last`, and says nothing any more.
    fn begin(&mut self, rule: &DetectorRule, key: &Key, snapshot: &Snapshot, board: &mut Board) -> bool {
        let last = rule.numbers.last.map_or(MOST_SNAPSHOTS, |last| last as usize);
        let (series, dropped) = self.series.touch(&rest(key), snapshot.time);
        forgot(rule, dropped.as_ref(), board);
        if series.snapshots.iter().rev().any(|known| known.name == snapshot.name) {
            return true;
        }
        let newest = series.snapshots.back().is_none_or(|newest| newest.time <= snapshot.time);
        if newest && let Some(complete) = series.snapshots.back().map(|complete| complete.time) {
            let open: Vec<Key> = series.open.iter().cloned().collect();
            for key in open {
                let standing = self.keys.get(&key).map(|seen| seen.standing(rule, complete, series.newest(rule)).times);
                if standing.is_some_and(|times| times >= rule.numbers.at_least()) {
                    continue;
                }
                series.open.remove(&key);
                if let Some(seen) = self.keys.get_mut(&key) {
                    seen.spell.end(complete, board);
                }
            }
        }
        let at = series.snapshots.partition_point(|known| known.time <= snapshot.time);
        if at == 0 && series.snapshots.len() >= last {
            return false;
        }
        series.snapshots.insert(at, snapshot.clone());
        if series.snapshots.len() > last {
            series.snapshots.pop_front();
        }
        true
    }
}

impl Series {
    /// The names of the newest snapshots that count.
    fn newest(&self, rule: &DetectorRule) -> Option<BTreeSet<&str>> {
        rule.numbers.last?;
        Some(self.snapshots.iter().map(|snapshot| &*snapshot.name).collect())
    }
}

/// In how many snapshots a key stands, of how many, and since when.
struct Standing {
    times: usize,
    all: Option<usize>,
    first: Stamp,
}

impl Seen {
    /// `false`: it was seen in this snapshot before, which says nothing more.
    fn add(&mut self, snapshot: Snapshot) -> bool {
        if self.snapshots.iter().rev().any(|known| known.name == snapshot.name) {
            return false;
        }
        let at = self.snapshots.partition_point(|known| known.time <= snapshot.time);
        self.snapshots.insert(at, snapshot);
        if self.snapshots.len() > MOST_SNAPSHOTS {
            self.snapshots.pop_front();
        }
        true
    }

    /// The snapshots that count at this moment; with `last`, only those that are among the newest.
    fn standing(&self, rule: &DetectorRule, now: Stamp, newest: Option<BTreeSet<&str>>) -> Standing {
        let from = now.minus(rule.numbers.within());
        let counts = |snapshot: &&Snapshot| {
            snapshot.time >= from && newest.as_ref().is_none_or(|newest| newest.contains(&*snapshot.name))
        };
        let mut counted = self.snapshots.iter().filter(counts);
        let first = counted.next();
        Standing {
            times: counted.count() + usize::from(first.is_some()),
            all: newest.as_ref().map(BTreeSet::len),
            first: first.map_or(now, |first| first.time),
        }
    }

    /// When too few snapshots are left within the window.
    fn leaves(&self, rule: &DetectorRule) -> Option<Stamp> {
        let needed = self.snapshots.len().checked_sub(rule.numbers.at_least())?;
        Some(self.snapshots.get(needed)?.time.plus(rule.numbers.within?))
    }
}

/// The key without its last part.
fn rest(key: &Key) -> Key {
    let parts = key.len().saturating_sub(1);
    key.iter().take(parts).cloned().collect()
}

#[cfg(test)]
mod tests;
