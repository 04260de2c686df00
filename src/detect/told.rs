//! What was told of one key: a finding that is open, or one that is over and may come back.

use crate::base::{Span, Stamp};
use crate::rules::DetectorRule;

use super::board::{Board, MOST_EVIDENCE};
use super::finding::Finding;

/// The latest finding of a key. What comes back soon is the same finding again; what comes back late is a new one.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    index: Option<usize>,
    /// Since when nothing of it was left.
    over: Option<Stamp>,
}

/// How long after its end the same failure is the same finding again: once more its window.
pub(super) fn soon(rule: &DetectorRule) -> Span {
    rule.numbers.within.unwrap_or(SOON)
}

/// The same for rules without a window.
const SOON: Span = Span::seconds(600);

impl Told {
    /// The finding, while it is open.
    pub(super) fn open(&self) -> Option<usize> {
        self.index.filter(|_| self.over.is_none())
    }

    /// Nothing was ever told.
    pub(super) fn is_empty(&self) -> bool {
        self.index.is_none()
    }

    /// Since when nothing of it was left, while it is over.
    pub(super) fn over(&self) -> Option<Stamp> {
        self.over
    }

    /// What begins at this moment is the finding before again.
    pub(super) fn returns(&self, at: Stamp, soon: Span) -> bool {
        self.index.is_some() && self.over.is_some_and(|over| at.since(over) <= soon)
    }

    /// It holds, since `at`: the finding before is open again when it was over for at most `soon`, else this one is new.
    /// Its `count` and `evidence` are those that were not told before.
    pub(super) fn begin(&mut self, at: Stamp, soon: Span, finding: Finding, board: &mut Board) -> Option<usize> {
        match (self.index, self.over) {
            (Some(index), Some(_)) if self.returns(at, soon) => {
                board.reopen(index);
                let known = board.get_mut(index);
                known.count += finding.count;
                known.last_seen = known.last_seen.max(finding.last_seen);
                let room = MOST_EVIDENCE.saturating_sub(known.evidence.len());
                let told = |place| known.evidence.iter().any(|e| e.place == place);
                let new: Vec<_> = finding.evidence.into_iter().filter(|e| !told(e.place)).take(room).collect();
                known.evidence.extend(new);
                known.facts.extend(finding.facts);
            }
            _ => self.index = board.open(finding),
        }
        self.over = None;
        self.index
    }

    /// It is over: the finding says `resolved`, and `soon` is counted from `since`.
    pub(super) fn end(&mut self, resolved: Stamp, since: Stamp, board: &mut Board) {
        if let Some(index) = self.open() {
            // What comes late cannot end it before it began.
            let first = board.get_mut(index).first_seen;
            board.resolve(index, resolved.max(first));
            self.over = Some(since);
        }
    }
}
