//! Counts by unit, of no more units than are kept.
//!
//! In: counts of stretches, in any order. Out: the counts of the units whose names come first, each complete, and how many
//! records the others had. Which units are kept depends only on which there are: not on the order in which they come.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::UnitTally;

/// Units kept. A log with more of them has names that are made for one use each.
const MOST: usize = 20_000;

/// Host and unit.
pub(super) type Key = (Arc<str>, Arc<str>);

/// Counts by host and unit.
#[derive(Debug)]
pub(super) struct Tallies {
    all: BTreeMap<Key, UnitTally>,
    beyond: u64,
    most: usize,
}

impl Default for Tallies {
    fn default() -> Tallies {
        Tallies { all: BTreeMap::new(), beyond: 0, most: MOST }
    }
}

impl Tallies {
    /// Adds the counts of a stretch.
    pub(super) fn add(&mut self, key: Key, tally: &UnitTally) {
        if let Some(known) = self.all.get_mut(&key) {
            return known.add(tally);
        }
        if self.all.len() >= self.most {
            match self.all.last_entry() {
                Some(last) if *last.key() > key => self.beyond += last.remove().records,
                _ => {
                    self.beyond += tally.records;
                    return;
                }
            }
        }
        self.all.insert(key, *tally);
    }

    /// Adds what another one has counted.
    pub(super) fn merge(&mut self, other: Tallies) {
        self.beyond += other.beyond;
        for (key, tally) in other.all {
            self.add(key, &tally);
        }
    }

    /// The units that are kept.
    pub(super) fn all(&self) -> &BTreeMap<Key, UnitTally> {
        &self.all
    }

    /// The same, to change their counts.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut UnitTally> {
        self.all.values_mut()
    }

    /// Records of units that are not kept.
    pub(super) fn beyond(&self) -> u64 {
        self.beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_units_are_kept_does_not_depend_on_the_order() {
        let tally = |records| UnitTally { records, ..UnitTally::default() };
        let records: Vec<(Key, UnitTally)> =
            (0..600u64).map(|n| (("h".into(), format!("u{}", n * 7 % 50).into()), tally(n))).collect();
        let count = |parts: &[&[(Key, UnitTally)]]| {
            let mut whole = Tallies { most: 20, ..Tallies::default() };
            for part in parts {
                let mut tallies = Tallies { most: 20, ..Tallies::default() };
                part.iter().for_each(|(key, tally)| tallies.add(key.clone(), tally));
                assert!(tallies.all.len() <= 20);
                whole.merge(tallies);
            }
            (whole.all, whole.beyond)
        };
        let backwards: Vec<_> = records.iter().rev().cloned().collect();
        let (left, right) = records.split_at(100);
        let (all, beyond) = count(&[&records]);
        assert_eq!(count(&[&backwards]), (all.clone(), beyond));
        assert_eq!(count(&[right, left]), (all.clone(), beyond));
        assert_eq!(all.len(), 20);
        let kept: u64 = all.values().map(|tally| tally.records).sum();
        assert_eq!(kept + beyond, (0..600).sum::<u64>());
    }
}
