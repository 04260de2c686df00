//! A sliding window: how many moments lie within the last so many seconds?

use std::collections::VecDeque;

use crate::base::{Span, Stamp};

/// The latest moments, at most so many, in order.
#[derive(Clone, Debug, Default)]
pub struct Window {
    moments: VecDeque<Stamp>,
}

/// Moments kept by one window: no detector needs more than its threshold, and none asks for more than this.
pub const MOST: usize = 4096;

impl Window {
    /// Adds a moment, forgets those that are more than `within` older, and counts what is left (itself included).
    pub fn add(&mut self, at: Stamp, within: Span) -> usize {
        let late = self.moments.back().is_some_and(|last| *last > at);
        self.moments.push_back(at);
        if late {
            self.moments.make_contiguous().sort_unstable();
        }
        self.trim(within);
        if self.moments.len() > MOST {
            self.moments.pop_front();
        }
        self.moments.len()
    }

    /// How many moments lie within `within` before the latest one, and the earliest of these.
    pub fn count(&self, within: Span) -> (usize, Option<Stamp>) {
        let Some(last) = self.moments.back() else { return (0, None) };
        let from = last.minus(within);
        let older = self.moments.partition_point(|m| *m < from);
        (self.moments.len() - older, self.moments.get(older).copied())
    }

    /// The latest moment.
    pub fn last(&self) -> Option<Stamp> {
        self.moments.back().copied()
    }

    /// The middle one of the distances between neighbours.
    pub fn median_gap(&self) -> Option<Span> {
        let mut gaps: Vec<Span> =
            self.moments.iter().zip(self.moments.iter().skip(1)).map(|(a, b)| b.since(*a)).collect();
        gaps.sort_unstable();
        gaps.get(gaps.len() / 2).copied()
    }

    fn trim(&mut self, within: Span) {
        let Some(from) = self.last().map(|last| last.minus(within)) else { return };
        while self.moments.front().is_some_and(|m| *m < from) {
            self.moments.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Stamp {
        Stamp(s * 1_000_000_000)
    }

    #[test]
    fn a_window_holds_as_many_as_a_rule_may_ask_for() {
        assert_eq!(crate::rules::AT_LEAST.end(), &(MOST as u32));
    }

    #[test]
    fn the_edge_of_the_window_is_inside() {
        let mut window = Window::default();
        assert_eq!(window.add(at(0), Span::seconds(60)), 1);
        assert_eq!(window.add(at(60), Span::seconds(60)), 2);
        assert_eq!(window.add(at(61), Span::seconds(60)), 2);
    }

    #[test]
    fn a_late_moment_counts_where_it_belongs() {
        let mut window = Window::default();
        window.add(at(0), Span::seconds(60));
        window.add(at(50), Span::seconds(60));
        assert_eq!(window.add(at(40), Span::seconds(60)), 3);
        assert_eq!(window.last(), Some(at(50)));
        assert_eq!(window.count(Span::seconds(10)), (2, Some(at(40))));
        assert_eq!(window.median_gap(), Some(Span::seconds(40)));
    }
}
