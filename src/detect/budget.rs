//! `budget`: a sum in a window or a day.

use crate::base::Stamp;
use crate::rules::DetectorRule;

use super::board::Board;
use super::rules::{Sight, Watch};

#[derive(Debug)]
pub(super) struct Budget {}

impl Budget {
    pub(super) fn new() -> Budget {
        Budget {}
    }
}

impl Watch for Budget {
    fn observe(&mut self, _sight: &Sight<'_>, _board: &mut Board) {}

    fn due(&self) -> Option<Stamp> {
        None
    }

    fn ring(&mut self, _rule: &DetectorRule, _now: Stamp, _board: &mut Board) {}
}
