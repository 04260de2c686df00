//! The prefilter: one automaton over the required literals of all signatures.
//!
//! Every signature that looks at text has literals one of which stands in every match (`rules::required`; a pack without
//! them is refused). One pass over a message, ignoring ASCII case, finds them all, overlapping, whatever their number;
//! the signatures behind them are candidates that `verify` decides on. It can be fooled into too many
//! candidates (short literals), never into too few: `naive` is compared with it on every test.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::base::Error;
use crate::rules::{self, Signature};

/// Finds the candidates of a record.
pub struct Needles {
    automaton: AhoCorasick,
    /// For each pattern of the automaton, the signatures that need it.
    owners: Vec<Vec<u32>>,
    by_message_id: BTreeMap<u128, Vec<u32>>,
}

impl Needles {
    pub(super) fn new(signatures: &[Signature]) -> Result<Needles, Error> {
        let mut patterns: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        let mut by_message_id: BTreeMap<u128, Vec<u32>> = BTreeMap::new();
        for (index, signature) in (0u32..).zip(signatures) {
            for id in &signature.message_ids {
                by_message_id.entry(*id).or_default().push(index);
            }
            let rules::Needles::AnyOf(needles) = rules::required(signature);
            for needle in needles {
                patterns.entry(needle).or_default().push(index);
            }
        }
        let (texts, owners): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&texts)
            .map_err(|err| Error::new("the literals of all packs do not fit into one automaton").because(err))?;
        Ok(Needles { automaton, owners, by_message_id })
    }

    /// Adds the signatures that may match to `candidates`, each once, in ascending order.
    pub fn candidates(&self, message_id: Option<u128>, text: &[u8], candidates: &mut Vec<u32>) {
        candidates.clear();
        if let Some(owners) = message_id.and_then(|id| self.by_message_id.get(&id)) {
            candidates.extend_from_slice(owners);
        }
        for hit in self.automaton.find_overlapping_iter(text) {
            candidates.extend_from_slice(&self.owners[hit.pattern().as_usize()]);
        }
        if candidates.len() > 1 {
            candidates.sort_unstable();
            candidates.dedup();
        }
    }
}
