//! Which signatures nearly match a record, and what it lacks.
//!
//! In: a plan and one record. Out: the signatures whose words stand in it and that do not match all the same, each with
//! every condition that is not met, as [`verify`](super::verify) says. This is for authors of packs, one record at a
//! time; the hot path is `classify`.

use std::collections::BTreeMap;

use crate::record::Record;

use super::classify::whole;
use super::miss::Miss;
use super::plan::Plan;

/// A signature that does not match.
#[derive(Clone, Debug)]
pub struct Near<'p> {
    /// Its index in the plan.
    pub signature: u32,
    /// The longest of its words that stands in the message; empty when none does.
    pub literal: String,
    /// What is missing, never empty.
    pub misses: Vec<Miss<'p>>,
}

impl Near<'_> {
    /// The message does not say what the signature looks for; else only its surroundings differ.
    pub fn lacks_words(&self) -> bool {
        self.misses.iter().any(|miss| matches!(miss, Miss::Words | Miss::All(_)))
    }
}

/// The near misses of a record, the nearest first: those that lack no words, then those with the longest literal. With
/// `only`, the signature with this index is asked even if none of its words stands in the record, and no other is.
pub fn near_misses<'p>(plan: &'p Plan, record: &Record<'_>, only: Option<u32>) -> Vec<Near<'p>> {
    let mut buffer = Vec::new();
    let text = whole(record, &mut buffer);
    let mut literals: BTreeMap<u32, &[u8]> = BTreeMap::new();
    plan.needles().found(record.message_id, text, |signature, literal| {
        let longest = literals.entry(signature).or_default();
        if literal.len() > longest.len() {
            *longest = literal;
        }
    });
    if let Some(only) = only {
        literals.entry(only).or_default();
        literals.retain(|signature, _| *signature == only);
    }
    let mut near: Vec<Near<'p>> = Vec::new();
    for (index, literal) in literals {
        let misses = misses(plan, index, record, text);
        if !misses.is_empty() {
            near.push(Near { signature: index, literal: String::from_utf8_lossy(literal).into_owned(), misses });
        }
    }
    near.sort_by_key(|near| (near.lacks_words(), std::cmp::Reverse(near.literal.len()), near.signature));
    near
}

/// Every condition of one signature that the record does not meet; none: it matches.
fn misses<'p>(plan: &'p Plan, index: u32, record: &Record<'_>, text: &[u8]) -> Vec<Miss<'p>> {
    let mut captures = Vec::new();
    let signature = plan.signature(index);
    let misses = plan.verifier(index).misses(signature, record, text, &mut captures);
    misses.collect()
}

#[cfg(test)]
mod tests {
    use super::super::proof::with_sample;
    use super::*;
    use crate::rules;

    /// One source of truth: what is told about a record is what the scanner does with it.
    #[test]
    fn an_explanation_never_disagrees_with_the_verifier() {
        let plan = Plan::new(rules::load(&[], true).packs).unwrap();
        let (mut compared, mut samples) = (0, 0);
        for signature in plan.signatures() {
            for text in signature.sample.iter().chain(&signature.not) {
                with_sample(text, |record| {
                    let mut buffer = Vec::new();
                    let whole = whole(record, &mut buffer);
                    let near = near_misses(&plan, record, None);
                    // All that came near, and others in turn: each sample against each signature takes minutes.
                    let mut asked: Vec<u32> = near.iter().map(|near| near.signature).collect();
                    asked.extend((samples % 41..plan.count() as u32).step_by(41));
                    samples += 1;
                    for index in asked {
                        let known = plan.signature(index);
                        let matches = plan.verifier(index).matches(known, record, whole, &mut Vec::new());
                        assert_eq!(matches, misses(&plan, index, record, whole).is_empty(), "{} on {text}", known.id);
                        assert!(!matches || near.iter().all(|n| n.signature != index), "{} on {text}", known.id);
                        compared += 1;
                    }
                    for near in near {
                        let known = plan.signature(near.signature);
                        assert!(near.misses.iter().all(|miss| !miss.told(known, record).is_empty()));
                    }
                });
            }
        }
        assert!(compared > 10_000, "{compared}");
    }
}
