//! What is told of starts that were never finished.
//!
//! In: the findings of a run, and the programs that were still getting ready when the log ended. Out: findings for those
//! of them that nothing else explains. A start that failed is told by what it failed of, not once more as unfinished.

use crate::base::stem;
use crate::detect::{Finding, State, Unfinished};

use super::case::Case;

/// The findings to add.
pub(super) fn unfinished(case: &Case<'_>, findings: &[Finding]) -> Vec<Finding> {
    let explained = |start: &Unfinished| {
        let of_unit = |f: &Finding| stem(&f.unit) == stem(&start.unit) && f.state() == State::Open;
        // Text forms can name the process in its own lines and the unit in those of the manager.
        let died = |f: &Finding| !f.crashes.is_empty() && f.last_seen >= start.since();
        findings.iter().any(|f| f.host == start.host && (of_unit(f) || died(f)))
    };
    // A line without a time has that of the reading, which is no part of the log.
    let end = case.sources.values().filter_map(|source| source.last).max();
    let last = |start: &Unfinished| {
        let same = |host: &str, unit: &str| host == start.host && stem(unit) == stem(&start.unit);
        let of_unit = case.units.iter().filter(|((host, unit), _)| same(host, unit));
        of_unit.filter_map(|(_, tally)| tally.last).max().min(end).unwrap_or(start.since())
    };
    case.detectors.unfinished().filter(|s| !explained(s)).map(|s| s.finding(last(&s))).collect()
}
