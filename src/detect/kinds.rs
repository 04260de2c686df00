//! Which detector does a rule ask for? One kind a file; here is the list of them.

use crate::rules::{DetectorKind, DetectorRule};

use super::absence::Absence;
use super::budget::Budget;
use super::calibration::Calibration;
use super::count::Count;
use super::flap::Flap;
use super::novelty::Novelty;
use super::persist::Persist;
use super::quantile::Quantile;
use super::ratio::Ratio;
use super::rules::Watch;
use super::sequence::Sequence;
use super::spread::Spread;
use super::streak::Streak;
use super::stuck::Stuck;
use super::threshold::Threshold;
use super::trend::Trend;

/// A detector of this rule that has seen nothing.
pub(super) fn watch(rule: &DetectorRule) -> Box<dyn Watch> {
    match rule.kind {
        DetectorKind::Count => Box::new(Count::new()),
        DetectorKind::Streak => Box::new(Streak::new()),
        DetectorKind::Ratio => Box::new(Ratio::new()),
        DetectorKind::Flap => Box::new(Flap::new()),
        DetectorKind::Absence => Box::new(Absence::new(rule)),
        DetectorKind::Stuck => Box::new(Stuck::new()),
        DetectorKind::Threshold => Box::new(Threshold::new()),
        DetectorKind::Budget => Box::new(Budget::new()),
        DetectorKind::Trend => Box::new(Trend::new()),
        DetectorKind::Quantile => Box::new(Quantile::new()),
        DetectorKind::Persist => Box::new(Persist::new()),
        DetectorKind::Sequence => Box::new(Sequence::new()),
        DetectorKind::Spread => Box::new(Spread::new()),
        DetectorKind::Novelty => Box::new(Novelty::new()),
        DetectorKind::Calibration => Box::new(Calibration::new()),
    }
}
