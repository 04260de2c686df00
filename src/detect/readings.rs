//! What was read of one key, in the order in which it happened.
//!
//! In: moments with what was read then. Out: the same, sorted by time and place, without what is too old. What comes late is
//! put where it belongs. It never decides anything.

use std::collections::VecDeque;

use crate::base::{Place, Span, Stamp};
use crate::scan::Event;

/// Readings kept of one key at once.
pub(super) const MOST_READINGS: usize = 4096;

/// The latest readings, in order.
#[derive(Clone, Debug)]
pub(super) struct Readings<T> {
    all: VecDeque<Reading<T>>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading<T> {
    pub(super) time: Stamp,
    pub(super) place: Place,
    pub(super) what: T,
}

impl<T> Default for Readings<T> {
    fn default() -> Readings<T> {
        Readings { all: VecDeque::new() }
    }
}

impl<T> Readings<T> {
    /// Puts a reading where it belongs; how many are later than it.
    pub(super) fn add(&mut self, event: &Event, what: T) -> usize {
        let reading = Reading { time: event.time, place: event.place, what };
        let later = self.all.iter().rev().take_while(|r| (r.time, r.place) > event.order()).count();
        self.all.insert(self.all.len() - later, reading);
        later
    }

    /// The earliest, if it lies more than `within` before `now`: it is too old.
    pub(super) fn pop_older(&mut self, now: Stamp, within: Span) -> Option<Reading<T>> {
        let from = now.minus(within);
        self.all.front().filter(|r| r.time < from)?;
        self.all.pop_front()
    }

    /// The earliest, if there are more than `most`.
    pub(super) fn pop_beyond(&mut self, most: usize) -> Option<Reading<T>> {
        if self.all.len() > most { self.all.pop_front() } else { None }
    }

    /// The earliest.
    pub(super) fn first(&self) -> Option<&Reading<T>> {
        self.all.front()
    }

    /// The latest.
    pub(super) fn last(&self) -> Option<&Reading<T>> {
        self.all.back()
    }

    /// The one that so many are later than.
    pub(super) fn before_last(&self, later: usize) -> Option<&Reading<T>> {
        self.all.get(self.all.len().checked_sub(later)?.checked_sub(1)?)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Reading<T>> + ExactSizeIterator {
        self.all.iter()
    }

    /// All of them, to be worked on.
    pub(super) fn all_mut(&mut self) -> &mut VecDeque<Reading<T>> {
        &mut self.all
    }
}
