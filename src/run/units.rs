//! The units of one source: what is counted for each, and its last lines.
//!
//! In: records, one after the other, each with the number of its unit. Out: tallies and tails. A unit is found by host and
//! name without an allocation; units of one stem share their last lines, because text forms name the process and systemd
//! the unit.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::base::{Level, Place, Stamp, UnitTally, stem};

use super::tail::{Lines, Said, TAILS, Tail, Tails};

/// Host, and unit or the stem of one.
type Key = (Arc<str>, Arc<str>);

#[derive(Default)]
pub(super) struct Units {
    index: HashMap<String, usize, foldhash::fast::RandomState>,
    tails_index: HashMap<String, usize, foldhash::fast::RandomState>,
    all: Vec<Unit>,
    /// Units with records that were not taken out yet.
    counted: Vec<usize>,
    tails: Vec<(Key, Tail)>,
    /// Tails of which some lines still stand in the block only.
    loose: Vec<usize>,
    key: String,
}

struct Unit {
    host: Arc<str>,
    name: Arc<str>,
    tail: usize,
    tally: UnitTally,
}

impl Units {
    /// There are more units than last lines are kept of: how many. Whoever goes on and on begins anew then.
    pub(super) fn too_many(&self) -> Option<u64> {
        (self.tails.len() > TAILS).then_some(self.tails.len() as u64)
    }

    /// The number of a unit.
    pub(super) fn find(&mut self, host: &str, unit: &str) -> usize {
        self.key.clear();
        self.key.push_str(host);
        self.key.push('\0');
        self.key.push_str(unit);
        if let Some(&found) = self.index.get(self.key.as_str()) {
            return found;
        }
        let tail = self.tail_index(host, unit);
        let found = self.all.len();
        self.all.push(Unit { host: host.into(), name: unit.into(), tail, tally: UnitTally::default() });
        self.index.insert(format!("{host}\0{unit}"), found);
        found
    }

    /// How many units have a number.
    pub(super) fn count_of_units(&self) -> usize {
        self.all.len()
    }

    /// Counts a record of the unit with this number.
    pub(super) fn count(&mut self, unit: usize, level: Option<Level>, time: Option<Stamp>) {
        if let Some(known) = self.all.get_mut(unit) {
            if known.tally.records == 0 {
                self.counted.push(unit);
            }
            known.tally.count(level, time);
        }
    }

    /// Keeps a record as the last line of the unit with this number. `block`: the bytes that it may stand in; they must
    /// come once more, to [`Units::keep`], before they go away.
    pub(super) fn push(&mut self, unit: usize, said: Said<'_>, time: Stamp, place: Place, block: &[u8]) {
        let Some(unit) = self.all.get(unit) else { return };
        let Some((_, tail)) = self.tails.get_mut(unit.tail) else { return };
        if tail.push(&unit.name, said, time, place, block) {
            self.loose.push(unit.tail);
        }
    }

    /// Copies what is kept out of the block.
    pub(super) fn keep(&mut self, block: &[u8]) {
        for tail in self.loose.drain(..) {
            if let Some((_, tail)) = self.tails.get_mut(tail) {
                tail.keep(block);
            }
        }
    }

    /// The last lines of a unit, of which some may still stand in the block only.
    pub(super) fn lines(&mut self, host: &str, unit: &str, block: &[u8]) -> Lines {
        let index = self.tail_index(host, unit);
        let Some((_, tail)) = self.tails.get_mut(index) else { return Lines::default() };
        tail.keep(block);
        tail.lines()
    }

    /// Takes out what was counted since the last call.
    pub(super) fn tallies(&mut self, into: &mut BTreeMap<(Arc<str>, Arc<str>), UnitTally>) {
        // Live reading asks after every line: what was not counted since costs nothing.
        for unit in self.counted.drain(..) {
            if let Some(unit) = self.all.get_mut(unit) {
                into.insert((unit.host.clone(), unit.name.clone()), std::mem::take(&mut unit.tally));
            }
        }
    }

    /// Takes out the last lines of all units, none of which stands in a block only.
    pub(super) fn tails(&mut self, into: &mut Tails) {
        for (key, tail) in &mut self.tails {
            let lines = tail.lines();
            if !lines.lines.is_empty() {
                into.insert(key.clone(), lines);
            }
            tail.clear();
        }
    }

    fn tail_index(&mut self, host: &str, unit: &str) -> usize {
        let key = format!("{host}\0{}", stem(unit));
        let tails = &mut self.tails;
        *self.tails_index.entry(key).or_insert_with(|| {
            tails.push(((host.into(), stem(unit).into()), Tail::default()));
            tails.len() - 1
        })
    }
}
