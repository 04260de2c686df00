//! `streak`: so many in a row of one key without a reset between.

use crate::base::Stamp;
use crate::rules::DetectorRule;

use super::board::Board;
use super::rules::{Sight, Watch};

#[derive(Debug)]
pub(super) struct Streak {}

impl Streak {
    pub(super) fn new() -> Streak {
        Streak {}
    }
}

impl Watch for Streak {
    fn observe(&mut self, _sight: &Sight<'_>, _board: &mut Board) {}

    fn due(&self) -> Option<Stamp> {
        None
    }

    fn ring(&mut self, _rule: &DetectorRule, _now: Stamp, _board: &mut Board) {}
}
