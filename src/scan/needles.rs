//! The prefilter: one automaton over the required literals of all signatures.
//!
//! In: the message of a record (with its detail, never its other fields), and its MESSAGE_ID. Out: the signatures that may
//! match, on which `verify` decides. It can be fooled into too many candidates (short literals), never into too few: the
//! tests compare it with `naive` on every corpus.
//!
//! The matcher is built for what packs ask of it:
//!
//! - **One pass, whatever the number of signatures.** The literals of all of them are in one automaton, a literal that
//!   several signatures need is in it once, and a message goes through it once.
//! - **All that match, not the leftmost.** Hits may overlap: `no space left` must not hide `space left on device`.
//! - **Literals are known beforehand.** [`required`](crate::rules::required) finds those of which one stands in every match; a pattern
//!   without any is refused with its pack, so no signature has to be tried on every record.
//! - **ASCII only.** Letter case is ignored here for A to Z, and signatures for which it counts are sorted out by `verify`,
//!   whose patterns have ASCII classes and word boundaries: no tables of Unicode, and bytes that are no text do no harm.
//!
//! What is not measured yet: there is no benchmark in this repository. The contiguous NFA was chosen because it stays small
//! and is built in a moment, at every start; whether a DFA, which is larger and takes longer to build, would win that back
//! on long inputs is open. The work for a record also grows with the candidates that its words hit: each signature costs
//! little until its literals are common words.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::base::Error;
use crate::rules::Signature;

/// Finds the candidates of a record.
pub(super) struct Needles {
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
            for needle in signature.needles.iter().cloned() {
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

    /// Puts the signatures that may match into `candidates`, each once, in ascending order.
    pub(super) fn candidates(&self, message_id: Option<u128>, text: &[u8], candidates: &mut Vec<u32>) {
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

    /// The same, with the literal that was found for each; none for a MESSAGE_ID. One signature may come several times.
    pub(super) fn found<'t>(&self, message_id: Option<u128>, text: &'t [u8], mut see: impl FnMut(u32, &'t [u8])) {
        for owner in message_id.and_then(|id| self.by_message_id.get(&id)).into_iter().flatten() {
            see(*owner, b"");
        }
        for hit in self.automaton.find_overlapping_iter(text) {
            for owner in &self.owners[hit.pattern().as_usize()] {
                see(*owner, text.get(hit.range()).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    /// A copy of every signature costs no second pass: the automaton stays the same, and where an original is a candidate,
    /// so is its copy.
    #[test]
    fn twice_the_signatures_are_one_pass() {
        let originals: Vec<Signature> = rules::load(&[], true).packs.into_iter().flat_map(|p| p.signatures).collect();
        let copies = originals.iter().map(|s| Signature { id: format!("copy-of-{}", s.id), ..s.clone() });
        let doubled: Vec<Signature> = originals.iter().cloned().chain(copies).collect();
        let (once, twice) = (Needles::new(&originals).unwrap(), Needles::new(&doubled).unwrap());
        assert_eq!(once.automaton.patterns_len(), twice.automaton.patterns_len());
        let count = u32::try_from(originals.len()).unwrap();
        let (mut found, mut both) = (Vec::new(), Vec::new());
        for text in originals.iter().flat_map(|s| s.sample.iter().chain(&s.not)) {
            once.candidates(None, text.as_bytes(), &mut found);
            twice.candidates(None, text.as_bytes(), &mut both);
            let expected: Vec<u32> = found.iter().copied().chain(found.iter().map(|index| index + count)).collect();
            assert_eq!(both, expected, "{text}");
        }
        for &id in originals.iter().flat_map(|s| &s.message_ids) {
            once.candidates(Some(id), b"", &mut found);
            twice.candidates(Some(id), b"", &mut both);
            assert_eq!((both.len(), found.is_empty()), (2 * found.len(), false), "{id:032x}");
        }
    }
}
