//! The slow way, and the definition of right: every signature is asked about every record, without a prefilter.
//!
//! Tests and benches hold [`needles`](super::needles) to it; nothing else uses it.

use crate::record::Record;

use super::event::Capture;
use super::plan::Plan;

/// The indexes of all signatures that match, in ascending order, and their captures.
pub fn matches(plan: &Plan, record: &Record<'_>, text: &[u8]) -> (Vec<u32>, Vec<Capture>) {
    let mut hits = Vec::new();
    let mut captures = Vec::new();
    for (index, signature) in (0u32..).zip(plan.signatures()) {
        if plan.verifier(index).matches(signature, record, text, &mut captures) {
            hits.push(index);
        }
    }
    (hits, captures)
}
