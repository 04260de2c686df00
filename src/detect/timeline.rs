//! What happened to one key, in the order in which it happened, whatever the order in which it came; bounded.

use std::collections::VecDeque;

use crate::base::{Place, Stamp};

/// Readings kept of one key. What falls out of a window that was not over yet is told by the detector.
pub(super) const MOST_READINGS: usize = 4096;

/// Readings with their moments and places.
#[derive(Clone, Debug)]
pub(super) struct Timeline<T> {
    all: VecDeque<(Stamp, Place, T)>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Timeline<T> {
        Timeline { all: VecDeque::new() }
    }
}

impl<T> Timeline<T> {
    /// Puts a reading where it belongs.
    pub(super) fn add(&mut self, (time, place): (Stamp, Place), reading: T) {
        let late = self.all.back().is_some_and(|(last, at, _)| (*last, *at) > (time, place));
        let at = match late {
            true => self.all.partition_point(|(t, p, _)| (*t, *p) <= (time, place)),
            false => self.all.len(),
        };
        self.all.insert(at, (time, place, reading));
    }

    /// The moment of the latest reading.
    pub(super) fn newest(&self) -> Option<Stamp> {
        self.all.back().map(|(time, ..)| *time)
    }

    /// The moment of the earliest reading that is kept.
    pub(super) fn oldest(&self) -> Option<Stamp> {
        self.all.front().map(|(time, ..)| *time)
    }

    /// Forgets the earliest reading.
    pub(super) fn drop_oldest(&mut self) -> Option<T> {
        self.all.pop_front().map(|(.., reading)| reading)
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// All that are kept, in order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (Stamp, &T)> {
        self.all.iter().map(|(time, _, reading)| (*time, reading))
    }

    /// The same, to change them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (Stamp, &mut T)> {
        self.all.iter_mut().map(|(time, _, reading)| (*time, reading))
    }
}
