//! Was it here before? As far as the logs that were read go back.
//!
//! In: incidents, each with how often it came by itself. Out: for each that came back, how often it came, since when, and
//! when last. It knows nothing of earlier runs.

use std::collections::BTreeMap;

use crate::base::{Class, Stamp, stem};

use super::diagnosis::{Incident, Recurring};

/// What makes two incidents the same failure at different times: the unit, and what is said to be wrong.
type Likeness = (String, String, Class);

/// One incident and how often it came by itself.
pub(super) struct Seen {
    /// The incident.
    pub(super) incident: Incident,
    /// Occasions within it; 1 where it went on without a longer pause.
    pub(super) occasions: u64,
    /// The last event of the occasion before the last one of them.
    pub(super) before: Option<Stamp>,
    /// What the author of the signature advises when it comes back.
    pub(super) advice: Option<String>,
}

/// Fills in what came back.
pub(super) fn recurring(mut all: Vec<Seen>) -> Vec<Incident> {
    all.sort_by(|a, b| (a.incident.first_seen, &a.incident.id).cmp(&(b.incident.first_seen, &b.incident.id)));
    let mut known: BTreeMap<Likeness, (u64, Stamp, Stamp)> = BTreeMap::new();
    for Seen { incident, occasions, before, advice } in &mut all {
        let past = known.get(&likeness(incident)).copied();
        let (earlier, first, last) = past.unwrap_or((0, incident.first_seen, incident.first_seen));
        let times = earlier + *occasions;
        if times > 1 {
            let last = before.unwrap_or(last);
            incident.recurring = Some(Recurring { times, first, last, advice: advice.take() });
        }
        known.insert(likeness(incident), (times, first, incident.last_seen));
    }
    all.into_iter().map(|seen| seen.incident).collect()
}

fn likeness(incident: &Incident) -> Likeness {
    let cause = &incident.root_cause;
    let who = cause.signature.clone().or_else(|| cause.detector.clone()).unwrap_or_default();
    (stem(&cause.unit).to_owned(), who, cause.class)
}
