//! The prefilter: which signatures may match this record?
//!
//! In: the message of a record (with its detail, never its other fields), and its MESSAGE_ID. Out: the signatures that may
//! match, and by which of their patterns; `verify` decides. It can be fooled into too many candidates, never into too few:
//! the tests compare it with `naive` on every corpus.
//!
//! The matcher is built for what packs ask of it:
//!
//! - **Literals are known beforehand.** [`clues`](crate::rules::clues) finds those of which one stands in every match; a
//!   pattern without any is refused with its pack, so no signature has to be tried on every record.
//! - **One pass over every second place, whatever the number of signatures.** Of each literal nine bytes in a row are
//!   chosen, as rare ones as it has. From an even place and from an odd one they hold three grams of four bytes, two bytes
//!   apart, and a table has a byte for each hash of a gram, with a bit for each class of literals. Where three grams in a
//!   row have a bit in common, and only there, eight bytes are looked up, and the literals that have them are compared.
//!   Shorter literals have classes that need fewer grams. More signatures set more bits; they add no step.
//! - **All that match, not the leftmost.** Hits may overlap: `no space left` must not hide `space left on device`.
//! - **Words alone are no candidate.** What else every match holds is looked for before a pattern is asked.
//! - **Nothing to compile.** A start fills the tables; there is no automaton to build, whose size and time would grow
//!   with the packs.
//! - **ASCII only.** Letter case is ignored here for A to Z, and signatures for which it counts are sorted out by `verify`,
//!   whose patterns have ASCII classes and word boundaries: no tables of Unicode, and bytes that are no text do no harm.

use memchr::memmem;

use super::grams::{ALONE, GRAM, Grams, Kind, LARGE, PAIRS, SMALL, Slots, fold, hash};
use super::rows::Rows;

/// Finds the candidates of a record.
#[derive(Debug, PartialEq)]
pub(super) struct Needles {
    pub(super) grams: Grams,
    /// The text of each literal, lower-cased.
    pub(super) literals: Rows<u8>,
    /// The clues of each literal.
    pub(super) owners: Rows<u32>,
    /// Of each clue: its signature, and the two halves of the bits of its patterns.
    pub(super) clues: Rows<u32>,
    /// The sets that must stand beside a clue, and the words of each set.
    pub(super) beside: Rows<u32>,
    pub(super) sets: Rows<u32>,
    pub(super) words: Rows<u8>,
    /// MESSAGE_IDs in order, in four parts, and the signatures of each.
    pub(super) ids: Rows<u32>,
    pub(super) of_id: Rows<u32>,
    /// Clues of signatures made by hand whose pattern needs no literal: they are asked about every record.
    pub(super) always: Rows<u32>,
}

/// A signature that may match, and the bits of its patterns that may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) signature: u32,
    pub(super) patterns: u64,
}

/// What a search works with: one for each thread.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// What it found, by signature in ascending order, each once.
    pub(super) candidates: Vec<Candidate>,
    clues: Vec<u32>,
    low: Vec<u8>,
}

impl Needles {
    /// Finds the signatures that may match.
    pub(super) fn search(&self, message_id: Option<u128>, text: &[u8], search: &mut Search) {
        let Search { candidates, clues, low } = search;
        candidates.clear();
        clues.clear();
        clues.extend_from_slice(self.always.row(0));
        self.scan(text, &mut |owners, _| clues.extend_from_slice(owners));
        if !clues.is_empty() {
            if clues.len() > 1 {
                clues.sort_unstable();
                clues.dedup();
            }
            low.clear();
            for &clue in clues.iter() {
                if self.is_beside(clue, text, low)
                    && let Some(candidate) = self.candidate(clue)
                {
                    candidates.push(candidate);
                }
            }
        }
        for &signature in message_id.map_or(&[][..], |id| self.of_message_id(id)) {
            candidates.push(Candidate { signature, patterns: 0 });
        }
        if candidates.len() > 1 {
            candidates.sort_unstable_by_key(|found| found.signature);
            candidates.dedup_by(|next, first| {
                first.patterns |= if next.signature == first.signature { next.patterns } else { 0 };
                next.signature == first.signature
            });
        }
    }

    /// Shows all signatures that have a clue in the text, with the literal that was found for them; none for a MESSAGE_ID.
    /// One signature may come several times.
    pub(super) fn found<'t>(&self, message_id: Option<u128>, text: &'t [u8], mut see: impl FnMut(u32, &'t [u8])) {
        let always = self.always.row(0).iter().filter_map(|&clue| self.candidate(clue)).map(|found| found.signature);
        let by_id = message_id.map_or(&[][..], |id| self.of_message_id(id)).iter().copied();
        always.chain(by_id).for_each(|signature| see(signature, b""));
        self.scan(text, &mut |owners, part| {
            let found = owners.iter().filter_map(|&clue| self.candidate(clue));
            found.for_each(|found| see(found.signature, part));
        });
    }

    fn candidate(&self, clue: u32) -> Option<Candidate> {
        let [signature, low, high] = *self.clues.row(clue) else { return None };
        Some(Candidate { signature, patterns: u64::from(high) << 32 | u64::from(low) })
    }

    fn of_message_id(&self, id: u128) -> &[u32] {
        let parts = parts(id);
        match self.ids.find(&parts) {
            Some(row) => self.of_id.row(row),
            None => &[],
        }
    }

    /// Does all stand in the text that must stand beside the words of a clue? `low` is the text in lower case, once
    /// somebody needed it.
    fn is_beside(&self, clue: u32, text: &[u8], low: &mut Vec<u8>) -> bool {
        let sets = self.beside.row(clue);
        if !sets.is_empty() && low.is_empty() {
            low.extend_from_slice(text);
            low.make_ascii_lowercase();
        }
        let stands = |word: &u32| memmem::find(low, self.words.row(*word)).is_some();
        sets.iter().all(|set| self.sets.row(*set).iter().any(stands))
    }

    fn scan<'t>(&self, text: &'t [u8], see: &mut impl FnMut(&[u32], &'t [u8])) {
        match &self.grams.slots {
            Slots::Ahead(slots) => self.pass::<SMALL>(slots, text, see),
            Slots::Small(slots) => self.pass::<SMALL>(slots, text, see),
            Slots::Large(slots) => self.pass::<LARGE>(slots, text, see),
        }
    }

    /// The pass over a text, eight bytes at a time.
    fn pass<'t, const N: usize>(&self, slots: &[u8; N], text: &'t [u8], see: &mut impl FnMut(&[u32], &'t [u8])) {
        let slot = |bytes: [u8; GRAM]| slots.get(hash::<N>(fold(bytes))).copied().unwrap_or(0);
        let hit = |first: u8, second: u8, third: u8| first & (second | ALONE) & (third | ALONE | PAIRS);
        let mut at = 0;
        if let Some(&[b0, b1, b2, b3, b4, b5]) = text.first_chunk::<6>() {
            let (mut first, mut second) = (slot([b0, b1, b2, b3]), slot([b2, b3, b4, b5]));
            while let Some(block) = text.get(at + 4..).and_then(|rest| rest.first_chunk::<10>()) {
                let [c0, c1, c2, c3, c4, c5, c6, c7, c8, c9] = *block;
                let third = slot([c0, c1, c2, c3]);
                let fourth = slot([c2, c3, c4, c5]);
                let fifth = slot([c4, c5, c6, c7]);
                let sixth = slot([c6, c7, c8, c9]);
                let hits = [
                    hit(first, second, third),
                    hit(second, third, fourth),
                    hit(third, fourth, fifth),
                    hit(fourth, fifth, sixth),
                ];
                if hits[0] | hits[1] | hits[2] | hits[3] != 0 {
                    let places = (at..).step_by(2).zip(hits);
                    places.filter(|(_, hit)| *hit != 0).for_each(|(at, hit)| self.compare(text, at, hit, see));
                }
                (first, second) = (fifth, sixth);
                at += 8;
            }
        }
        let slot_at =
            |at: usize| text.get(at..).and_then(|rest| rest.first_chunk::<GRAM>()).map_or(0, |bytes| slot(*bytes));
        while at + GRAM <= text.len() {
            let hit = hit(slot_at(at), slot_at(at + 2), slot_at(at + 4));
            if hit != 0 {
                self.compare(text, at, hit, see);
            }
            at += 2;
        }
        // A literal of three bytes may stand at the very end.
        if let Some(&[a, b, c]) = text.get(at..)
            && slot([a, b, c, 0]) & ALONE != 0
        {
            self.compare(text, at, ALONE, see);
        }
    }

    /// Compares the literals of these classes that may stand at this place.
    #[cold]
    fn compare<'t>(&self, text: &'t [u8], at: usize, hit: u8, see: &mut impl FnMut(&[u32], &'t [u8])) {
        let rest = text.get(at..).unwrap_or_default();
        for (kind, _) in Kind::ALL.into_iter().filter(|(_, bits)| hit & bits != 0) {
            for spot in self.grams.spots(kind, rest) {
                let literal = self.literals.row(spot.literal);
                let start = (at + 1).checked_sub(spot.after as usize);
                let part = start.and_then(|start| text.get(start..start + literal.len()));
                if let Some(part) = part.filter(|part| part.eq_ignore_ascii_case(literal)) {
                    see(self.owners.row(spot.literal), part);
                }
            }
        }
    }
}

/// A MESSAGE_ID in the parts by which it is kept, the high one first.
pub(super) fn parts(id: u128) -> [u32; 4] {
    [(id >> 96) as u32, (id >> 64) as u32, (id >> 32) as u32, id as u32]
}

mod tables;

#[cfg(test)]
mod tests;
