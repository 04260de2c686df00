//! One finding of one key through its life: it begins, goes on, is over, and perhaps begins again.
//!
//! In: the events that belong to it. Out: the finding on the board. What begins again within an hour (or within the window of
//! the rule, when that is longer) is the same finding; later it is a new one.

use crate::base::{Span, Stamp};
use crate::rules::DetectorRule;
use crate::scan::Event;

use super::board::{Board, MOST_EVIDENCE, evidence};
use super::finding::{Evidence, Finding};
use super::keys::Key;
use super::rules::Sight;

/// What begins again so soon is the same finding.
pub(super) const SOON: Span = Span::seconds(3600);

/// The finding of a key.
#[derive(Debug, Default)]
pub(super) struct Spell {
    index: Option<usize>,
    over: Option<Stamp>,
    /// The earliest events that would belong to a finding, while there is none.
    recent: Vec<Evidence>,
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
        self.index.is_some() && self.over.is_none()
    }

    /// When it was over last, while it is.
    pub(super) fn over(&self) -> Option<Stamp> {
        self.over
    }

    /// Keeps the place of an event that may belong to a finding soon, and forgets those more than `within` before it.
    pub(super) fn note(&mut self, event: &Event, within: Span) {
        if self.is_on() {
            return;
        }
        self.recent.retain(|e| event.time.since(e.time) <= within);
        if self.recent.len() < MOST_EVIDENCE {
            self.recent.push(evidence(event));
        }
    }

    /// What was noted does not belong to a finding after all.
    pub(super) fn forget(&mut self) {
        self.recent.clear();
    }

    /// The finding while it goes on, for its judge to fill in. `None`: the board is full.
    pub(super) fn index(&self) -> Option<usize> {
        self.index.filter(|_| self.over.is_none())
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
        match (self.index, self.over) {
            (Some(index), None) => {
                board.count(index, event);
                Some(index)
            }
            (Some(index), Some(over)) if event.time.since(over) <= soon(rule) => {
                board.reopen(index);
                self.over = None;
                let places = self.places();
                let finding = board.get_mut(index);
                finding.count += beginning.again as u64;
                finding.last_seen = finding.last_seen.max(beginning.last);
                let room = MOST_EVIDENCE.saturating_sub(finding.evidence.len());
                finding.evidence.extend(places.into_iter().take(room));
                Some(index)
            }
            _ => {
                let places = self.places();
                let mut finding = sight.finding(hit, key);
                (finding.first_seen, finding.last_seen) = (beginning.first, beginning.last);
                finding.count = beginning.count as u64;
                if !places.is_empty() {
                    finding.evidence = places;
                }
                self.open(finding, board)
            }
        }
    }

    /// Opens a finding that its judge has filled in.
    pub(super) fn open(&mut self, finding: Finding, board: &mut Board) -> Option<usize> {
        self.index = board.open(finding);
        self.over = None;
        self.index
    }

    /// It is over since `at`, if it was going on.
    pub(super) fn end(&mut self, at: Stamp, board: &mut Board) {
        if let Some(index) = self.index()
            && self.over.replace(at).is_none()
        {
            board.resolve(index, at);
        }
    }

    fn places(&mut self) -> Vec<Evidence> {
        let mut places = std::mem::take(&mut self.recent);
        places.sort_by_key(|e| (e.time, e.place));
        places
    }
}

/// How long after its end a finding may begin again.
fn soon(rule: &DetectorRule) -> Span {
    rule.numbers.within.map_or(SOON, |within| within.max(SOON))
}
