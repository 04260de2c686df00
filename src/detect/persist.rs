//! `persist`: the same key in several snapshots.

use crate::base::Stamp;
use crate::rules::DetectorRule;

use super::board::Board;
use super::rules::{Sight, Watch};

#[derive(Debug)]
pub(super) struct Persist {}

impl Persist {
    pub(super) fn new() -> Persist {
        Persist {}
    }
}

impl Watch for Persist {
    fn observe(&mut self, _sight: &Sight<'_>, _board: &mut Board) {}

    fn due(&self) -> Option<Stamp> {
        None
    }

    fn ring(&mut self, _rule: &DetectorRule, _now: Stamp, _board: &mut Board) {}
}
