//! `absence`: a sign of life that stopped.

use crate::base::Stamp;
use crate::rules::DetectorRule;

use super::board::Board;
use super::rules::{Sight, Watch};

#[derive(Debug)]
pub(super) struct Absence {}

impl Absence {
    pub(super) fn new(_rule: &DetectorRule) -> Absence {
        Absence {}
    }
}

impl Watch for Absence {
    fn observe(&mut self, _sight: &Sight<'_>, _board: &mut Board) {}

    fn due(&self) -> Option<Stamp> {
        None
    }

    fn ring(&mut self, _rule: &DetectorRule, _now: Stamp, _board: &mut Board) {}
}
