//! How often which value stands in a window.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Values with how often each is there, and the most frequent at hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    counts: BTreeMap<Arc<str>, usize>,
    ranks: BTreeSet<(Reverse<usize>, Arc<str>)>,
}

impl Values {
    /// Counts one more of `value`, and returns it as it is kept.
    pub(super) fn add(&mut self, value: &str) -> Arc<str> {
        let value = self.counts.get_key_value(value).map_or_else(|| value.into(), |(known, _)| known.clone());
        self.change(&value, |n| n + 1);
        value
    }

    /// Counts one less of it.
    pub(super) fn remove(&mut self, value: &Arc<str>) {
        self.change(value, |n| n.saturating_sub(1));
    }

    fn change(&mut self, value: &Arc<str>, change: impl Fn(usize) -> usize) {
        let before = self.counts.get(value).copied().unwrap_or(0);
        let after = change(before);
        self.ranks.remove(&(Reverse(before), value.clone()));
        if after == 0 {
            self.counts.remove(value);
        } else {
            self.counts.insert(value.clone(), after);
            self.ranks.insert((Reverse(after), value.clone()));
        }
    }

    /// How many different values there are.
    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    /// The most frequent value, of several the first by name, and how often it is there.
    pub(super) fn top(&self) -> Option<(&str, usize)> {
        self.ranks.first().map(|(Reverse(n), value)| (&**value, *n))
    }
}
