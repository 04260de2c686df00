//! Everything that is known at the end of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{Place, SourceId, SourceName, SourceTally, Stamp, UnitTally, stem, unit_kind};
use crate::detect::{Detectors, Evidence};
use crate::scan::{Event, Plan};

use super::diagnosis::{EvidenceReport, Unreadable};
use super::strangers::Strangers;

/// The findings and counts of a run.
pub struct Case<'a> {
    /// What was looked for.
    pub plan: &'a Plan,
    /// What was found.
    pub detectors: &'a Detectors<'a>,
    /// The end of the log: the moment that counts as "now".
    pub end: Stamp,
    /// The sources by id.
    pub names: &'a BTreeMap<SourceId, SourceName>,
    /// Counts by source.
    pub sources: &'a BTreeMap<SourceId, SourceTally>,
    /// Counts by host and unit.
    pub units: &'a BTreeMap<(Arc<str>, Arc<str>), UnitTally>,
    /// Records of units of which there are too many to count each.
    pub beyond: u64,
    /// Units of which there are too many to keep the last lines of each.
    pub forgotten: u64,
    /// Counts by signature.
    pub signatures: &'a BTreeMap<u32, SignatureTally>,
    /// Errors that no signature knows.
    pub strangers: &'a Strangers,
    /// Events that came too late for their place in the order.
    pub late: u64,
    /// What could not be read.
    pub unreadable: &'a [Unreadable],
}

/// Units named for one signature: those that it matched first.
const UNITS: usize = 1_000;

/// How often a signature matched.
#[derive(Clone, Debug)]
pub struct SignatureTally {
    /// Records.
    pub count: u64,
    /// By unit.
    pub units: BTreeMap<Arc<str>, u64>,
    /// Records of further units.
    pub beyond: u64,
    /// The first match.
    pub first: Stamp,
    /// The last match.
    pub last: Stamp,
}

impl Default for SignatureTally {
    fn default() -> SignatureTally {
        SignatureTally { count: 0, units: BTreeMap::new(), beyond: 0, first: Stamp::MAX, last: Stamp::MIN }
    }
}

impl SignatureTally {
    /// Counts one match.
    pub fn add(&mut self, event: &Event) {
        self.count += 1;
        if self.units.len() < UNITS || self.units.contains_key(&event.unit) {
            *self.units.entry(event.unit.clone()).or_default() += 1;
        } else {
            self.beyond += 1;
        }
        self.first = self.first.min(event.time);
        self.last = self.last.max(event.time);
    }
}

/// One name for each unit: text forms name the process (`indexer`), the service manager names the unit
/// (`indexer.service`). Where the log has both, the unit's name is used for both.
pub(super) struct Names {
    by_stem: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn new(case: &Case<'_>) -> Names {
        let counted = case.units.keys().map(|(_, unit)| &**unit);
        let lived = case.detectors.units().map(|(unit, ..)| unit);
        let named = counted.chain(lived).filter(|u| unit_kind(u) == Some("service"));
        Names { by_stem: named.map(|u| (stem(u).to_owned(), u.to_owned())).collect() }
    }

    pub(super) fn of(&self, unit: &str) -> String {
        self.by_stem.get(stem(unit)).cloned().unwrap_or_else(|| unit.to_owned())
    }
}

impl Case<'_> {
    pub(super) fn source(&self, place: Place) -> &str {
        self.names.get(&place.source).map_or("?", |n| n.name.as_str())
    }

    pub(super) fn report(&self, names: &Names, evidence: &Evidence) -> EvidenceReport {
        EvidenceReport::of(evidence, names.of(&evidence.unit), self.source(evidence.place).to_owned())
    }
}

impl EvidenceReport {
    pub(super) fn of(evidence: &Evidence, unit: String, source: String) -> EvidenceReport {
        EvidenceReport {
            time: evidence.time,
            unit,
            source,
            offset: evidence.place.offset,
            cursor: (!evidence.cursor.is_empty()).then(|| evidence.cursor.clone()),
            text: evidence.text.clone(),
        }
    }
}
