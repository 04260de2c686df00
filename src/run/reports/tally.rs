//! Counting by name, with a bound: names beyond it are counted together.

use std::collections::BTreeMap;

use crate::report::kinds::{Share, Who};

/// How often each name came.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    names: BTreeMap<String, u64>,
    most: usize,
    /// Counts of names that found no room.
    pub(super) beyond: u64,
}

impl Tally {
    /// A tally of at most so many names.
    pub(super) fn new(most: usize) -> Tally {
        Tally { names: BTreeMap::new(), most, beyond: 0 }
    }

    /// Once more.
    pub(super) fn add(&mut self, name: &str) {
        if let Some(count) = self.names.get_mut(name) {
            *count += 1;
        } else if self.names.len() < self.most {
            self.names.insert(name.to_owned(), 1);
        } else {
            self.beyond += 1;
        }
    }

    /// If there is one.
    pub(super) fn maybe(&mut self, name: Option<&str>) {
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.add(name);
        }
    }

    /// The most frequent first, then by name.
    pub(super) fn shares(&self) -> Vec<Share> {
        let mut shares: Vec<Share> =
            self.names.iter().map(|(name, count)| Share { name: name.clone(), count: *count }).collect();
        shares.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
        shares
    }

    /// How many different ones there are.
    pub(super) fn who(&self) -> Option<Who> {
        let top = self.shares().into_iter().next()?;
        let distinct = u64::try_from(self.names.len()).unwrap_or(u64::MAX);
        let of = self.names.values().sum::<u64>() + self.beyond;
        Some(Who { distinct, more: self.beyond > 0, top, of })
    }
}

/// Numbers, of which the median is asked: at most so many are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    kept: Vec<i64>,
}

impl Values {
    /// Values that are kept.
    const MOST: usize = 20_000;

    /// One more.
    pub(super) fn add(&mut self, value: i64) {
        if self.kept.len() < Values::MOST {
            self.kept.push(value);
        }
    }

    /// The one in the middle; of an even number the mean of both, rounded down.
    pub(super) fn median(&self) -> Option<i64> {
        let mut sorted = self.kept.clone();
        sorted.sort_unstable();
        let half = sorted.len() / 2;
        let upper = *sorted.get(half)?;
        if sorted.len() % 2 == 1 {
            return Some(upper);
        }
        let lower = *sorted.get(half.checked_sub(1)?)?;
        Some(lower + (upper - lower) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_bound_are_counted_together() {
        let mut tally = Tally::new(2);
        for name in ["b", "a", "b", "c", "d", "a", "b"] {
            tally.add(name);
        }
        let shares: Vec<(String, u64)> = tally.shares().into_iter().map(|share| (share.name, share.count)).collect();
        assert_eq!((shares, tally.beyond), (vec![("b".to_owned(), 3), ("a".to_owned(), 2)], 2));
        let who = tally.who().unwrap();
        assert_eq!((who.distinct, who.more, who.of), (2, true, 7));
        assert_eq!(Tally::new(2).who(), None);
    }

    #[test]
    fn the_median() {
        let median = |values: &[i64]| {
            let mut all = Values::default();
            values.iter().for_each(|value| all.add(*value));
            all.median()
        };
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some(7));
        assert_eq!(median(&[9, 1, 5]), Some(5));
        assert_eq!(median(&[9, 1, 5, 6]), Some(5));
    }
}
