//! One finding of one key through its life: it begins, goes on, is over, and perhaps begins again.
//!
//! In: the events that belong to it. Out: the finding on the board, with the earliest places that show it. It never decides
//! whether something is wrong; its judge does.

use crate::base::{Span, Stamp};
use crate::scan::Event;

use super::board::Board;
use super::keys::Key;
use super::recent::Recent;
use super::rules::Sight;
use super::told::{Told, soon};

/// The finding of a key.
#[derive(Clone, Debug, Default)]
pub(super) struct Spell {
    told: Told,
    /// The earliest events that would belong to a finding, while there is none.
    recent: Recent,
}

/// What a finding begins with.
pub(super) struct Beginning {
    /// Its first event.
    pub(super) first: Stamp,
    /// Its last event.
    pub(super) last: Stamp,
    /// The events that it rests on so far.
    pub(super) count: usize,
    /// Of these, those that are new since it was over, should it begin again.
    pub(super) again: usize,
}

impl Spell {
    /// It goes on.
    pub(super) fn is_on(&self) -> bool {
        self.told.open().is_some()
    }

    /// When it was over last, while it is.
    pub(super) fn over(&self) -> Option<Stamp> {
        self.told.over()
    }

    /// Keeps the place of an event that may belong to a finding soon, and forgets those more than `within` before it.
    pub(super) fn note(&mut self, event: &Event, within: Span) {
        if !self.is_on() {
            self.recent.forget_before(event.time.minus(within));
            self.recent.add(event);
        }
    }

    /// What was noted does not belong to a finding after all.
    pub(super) fn forget(&mut self) {
        self.recent.forget_before(Stamp::MAX);
    }

    /// The event belongs to the finding, which may begin with it. `None`: the board is full.
    pub(super) fn go_on(
        &mut self,
        sight: &Sight<'_>,
        hit: u32,
        key: &Key,
        beginning: Beginning,
        board: &mut Board,
    ) -> Option<usize> {
        let Sight { rule, event, .. } = *sight;
        if let Some(index) = self.told.open() {
            board.count(index, event);
            return Some(index);
        }
        let (at, soon) = (beginning.last, soon(rule));
        let count = if self.told.returns(at, soon) { beginning.again } else { beginning.count };
        let mut finding = sight.finding(hit, key);
        (finding.first_seen, finding.last_seen, finding.count) = (beginning.first, beginning.last, count as u64);
        finding.evidence = self.recent.take();
        self.told.begin(at, soon, finding, board)
    }

    /// It is over since `at`, if it was going on.
    pub(super) fn end(&mut self, at: Stamp, board: &mut Board) {
        self.told.end(at, at, board);
    }

    /// Nothing has come since `last`, and its window has emptied at `at`.
    pub(super) fn fade(&mut self, last: Stamp, at: Stamp, board: &mut Board) {
        self.told.end(last, at, board);
    }
}
