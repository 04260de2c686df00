//! `trend`: oldest to newest over several readings.

use crate::base::Stamp;
use crate::rules::DetectorRule;

use super::board::Board;
use super::rules::{Sight, Watch};

#[derive(Debug)]
pub(super) struct Trend {}

impl Trend {
    pub(super) fn new() -> Trend {
        Trend {}
    }
}

impl Watch for Trend {
    fn observe(&mut self, _sight: &Sight<'_>, _board: &mut Board) {}

    fn due(&self) -> Option<Stamp> {
        None
    }

    fn ring(&mut self, _rule: &DetectorRule, _now: Stamp, _board: &mut Board) {}
}
