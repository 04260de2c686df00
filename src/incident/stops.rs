//! What planned stops have to do with what was found.
//!
//! In: the findings and the stops of a run. Out: the findings to tell of. Clients that were refused only while a unit
//! was restarted on purpose are left out: that is what a restart looks like. Where clients fail for longer because a
//! unit was stopped, the stop is told as a finding, so that the story begins with it.

use crate::base::{Class, Severity, Span, Stamp, stem};
use crate::detect::{Finding, Stop};
use crate::scan::Plan;

use super::link::AFTER;
use super::mentions::mentions;

/// A restart that takes longer is an outage.
const RESTART: Span = Span::seconds(60);

/// Clocks, and the time that a unit needs after its start until it listens.
const SLACK: (Span, Span) = (Span::seconds(1), Span::seconds(5));

/// A client that does not name the unit fails so soon after its stop, if because of it.
const SOON: Span = Span::seconds(30);

/// The findings to tell of.
pub(super) fn judged(plan: &Plan, findings: &[Finding], stops: &[Stop]) -> Vec<Finding> {
    let mut all: Vec<Finding> =
        findings.iter().filter(|f| !waits(plan, f) || !stops.iter().any(|s| is_blip(f, s))).cloned().collect();
    let behind: Vec<Finding> = stops
        .iter()
        .filter(|stop| all.iter().any(|f| waits(plan, f) && explains(stop, f, stops)))
        .map(Stop::finding)
        .collect();
    all.extend(behind);
    all
}

/// It says that something else does not answer, and no more.
fn waits(plan: &Plan, finding: &Finding) -> bool {
    let symptom = plan.find(&finding.detector).is_some_and(|index| plan.signature(index).symptom);
    finding.severity < Severity::Down
        && (symptom || (finding.kind == "count" && matches!(finding.class, Class::Network | Class::Timeout)))
}

fn is_blip(finding: &Finding, stop: &Stop) -> bool {
    let Some(until) = stop.until else { return false };
    let at = stop.at.time;
    stop.host == finding.host
        && until.since(at) <= RESTART
        && finding.first_seen >= at.minus(SLACK.0)
        && finding.last_seen <= until.plus(SLACK.1)
}

/// The client names the unit, or this is the only unit that had been stopped right before, and was still down.
fn explains(stop: &Stop, finding: &Finding, stops: &[Stop]) -> bool {
    let down = |s: &Stop, within: Span| {
        let at = s.at.time.minus(SLACK.0);
        s.host == finding.host
            && stem(&s.unit) != stem(&finding.unit)
            && finding.first_seen >= at
            && finding.first_seen <= s.until.unwrap_or(Stamp::MAX)
            && finding.first_seen.since(at) <= within
    };
    let named = finding.evidence.iter().any(|e| mentions(&e.text, &stop.unit));
    let alone = || stops.iter().filter(|s| down(s, SOON)).count() == 1;
    (named && down(stop, AFTER)) || (down(stop, SOON) && alone())
}
