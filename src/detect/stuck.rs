//! `stuck`: opened and not closed in time.

use crate::base::Stamp;
use crate::rules::DetectorRule;

use super::board::Board;
use super::rules::{Sight, Watch};

#[derive(Debug)]
pub(super) struct Stuck {}

impl Stuck {
    pub(super) fn new() -> Stuck {
        Stuck {}
    }
}

impl Watch for Stuck {
    fn observe(&mut self, _sight: &Sight<'_>, _board: &mut Board) {}

    fn due(&self) -> Option<Stamp> {
        None
    }

    fn ring(&mut self, _rule: &DetectorRule, _now: Stamp, _board: &mut Board) {}
}
