//! Packs carry their own tests: samples that must match and lines that must not.

use crate::base::{Place, SourceId, Stamp};
use crate::record::{Format, Record, Reference, Scratch};
use crate::rules::Signature;

use super::classify::Classifier;
use super::plan::Plan;

/// One sentence for each sample that does not match and each counter-sample that does, by the fast and by the slow way.
pub fn prove(plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut fast = Classifier::new(plan);
    let mut slow = Classifier::naive(plan);
    for (index, signature) in (0u32..).zip(plan.signatures()) {
        for (text, expected) in wanted(signature) {
            let (by_fast, by_slow) = (speaks(&mut fast, index, text), speaks(&mut slow, index, text));
            let id = &signature.id;
            if by_fast != by_slow {
                wrong.push(format!("{id}: the fast and the slow matcher differ on {text:?} (a fault of ours)"));
            } else if by_fast && !expected {
                wrong.push(format!("{id}: must not match its counter-sample {text:?}"));
            } else if !by_fast && expected {
                wrong.push(format!("{id}: must match its sample {text:?}"));
            }
        }
    }
    wrong
}

fn wanted(signature: &Signature) -> impl Iterator<Item = (&str, bool)> {
    let must = signature.sample.iter().map(|s| (s.as_str(), true));
    must.chain(signature.not.iter().map(|s| (s.as_str(), false)))
}

fn speaks(classifier: &mut Classifier<'_>, index: u32, sample: &str) -> bool {
    let reference =
        Reference { now: Stamp(0), zone: jiff::tz::TimeZone::UTC, unit: String::new(), boot: None, dated: false };
    let mut scratch = Scratch::default();
    let record = if sample.starts_with('{') {
        let format = if sample.contains("\"MESSAGE\"") { Format::JournalJson } else { Format::JsonLines };
        format.parse(sample.as_bytes(), &reference, &mut scratch)
    } else {
        Some(Record::plain(sample.as_bytes(), &reference))
    };
    let Some(record) = record else { return false };
    let place = Place { source: SourceId::of("sample"), offset: 0 };
    classifier.classify(&record, Stamp(0), record.certainty, place).is_some_and(|event| event.hits.contains(&index))
}
