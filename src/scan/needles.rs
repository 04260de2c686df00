//! The prefilter: which signatures may match this record?
//!
//! In: the message of a record (with its detail, never its other fields), and its MESSAGE_ID. Out: the signatures that may
//! match, and what of them; `verify` decides. It can be fooled into too many candidates, never into too few:
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
    /// Of each clue: its signature, and the two halves of what it asks.
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

/// A signature that may match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Candidate {
    /// Its index in the plan.
    pub(super) index: u32,
    /// What of it may match: see [`Clue::asks`](crate::rules::Clue::asks).
    pub(super) asks: u64,
}

/// What a search works with: one for each thread.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// What it found, by signature in ascending order, each once.
    pub(super) candidates: Vec<Candidate>,
    clues: Vec<u32>,
    low: Low,
}

/// A text in lower case, once somebody asked for it.
#[derive(Debug, Default)]
struct Low {
    text: Vec<u8>,
    /// A bit for each pair of bytes in it, by hash: most words that do not stand in a short text lack a pair.
    pairs: [u64; 16],
}

impl Low {
    fn clear(&mut self) {
        self.text.clear();
    }

    fn read(&mut self, text: &[u8]) {
        if self.text.is_empty() {
            self.text.extend_from_slice(text);
            self.text.make_ascii_lowercase();
            self.pairs = [0; 16];
            for (word, bit) in self.text.windows(2).map(pair) {
                self.pairs.get_mut(word).into_iter().for_each(|pairs| *pairs |= bit);
            }
        }
    }

    fn has(&self, word: &[u8]) -> bool {
        let known = |(at, bit): (usize, u64)| self.pairs.get(at).is_some_and(|pairs| pairs & bit != 0);
        word.windows(2).map(pair).all(known) && memmem::find(&self.text, word).is_some()
    }
}

/// The place of two bytes among 1,024 bits.
#[inline]
fn pair(bytes: &[u8]) -> (usize, u64) {
    let number = bytes.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
    let hash = number.wrapping_mul(0x9E37_79B1) >> 22;
    ((hash >> 6) as usize, 1 << (hash & 63))
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
            candidates.push(Candidate { index: signature, asks: 0 });
        }
        merge(candidates);
    }

    /// Shows all signatures that have a clue in the text, with the literal that was found for them; none for a MESSAGE_ID.
    /// One signature may come several times.
    pub(super) fn found<'t>(&self, message_id: Option<u128>, text: &'t [u8], mut see: impl FnMut(u32, &'t [u8])) {
        let always = self.always.row(0).iter().filter_map(|&clue| self.candidate(clue)).map(|found| found.index);
        let by_id = message_id.map_or(&[][..], |id| self.of_message_id(id)).iter().copied();
        always.chain(by_id).for_each(|signature| see(signature, b""));
        self.scan(text, &mut |owners, part| {
            let found = owners.iter().filter_map(|&clue| self.candidate(clue));
            found.for_each(|found| see(found.index, part));
        });
    }

    pub(super) fn candidate(&self, clue: u32) -> Option<Candidate> {
        let [index, low, high] = *self.clues.row(clue) else { return None };
        Some(Candidate { index, asks: u64::from(high) << 32 | u64::from(low) })
    }

    pub(super) fn of_message_id(&self, id: u128) -> &[u32] {
        let parts = parts(id);
        match self.ids.find(&parts) {
            Some(row) => self.of_id.row(row),
            None => &[],
        }
    }

    /// Does all stand in the text that must stand beside the words of a clue? `low` is the text in lower case, once
    /// somebody needed it.
    fn is_beside(&self, clue: u32, text: &[u8], low: &mut Low) -> bool {
        let sets = self.beside.row(clue);
        if !sets.is_empty() {
            low.read(text);
        }
        let stands = |word: &u32| low.has(self.words.row(*word));
        sets.iter().all(|set| self.sets.row(*set).iter().any(stands))
    }

    pub(super) fn scan<'t>(&self, text: &'t [u8], see: &mut impl FnMut(&[u32], &'t [u8])) {
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
        // Eight places of a text, in twos, given the slots of the first two: what they hit, and the slots of the next two.
        let block = |first: u8, second: u8, bytes: &[u8; 10]| {
            let [c0, c1, c2, c3, c4, c5, c6, c7, c8, c9] = *bytes;
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
            (hits, fifth, sixth)
        };
        let first_two = |bytes: &[u8; 6]| {
            let [b0, b1, b2, b3, b4, b5] = *bytes;
            (slot([b0, b1, b2, b3]), slot([b2, b3, b4, b5]))
        };
        let mut look = |at: usize, hits: [u8; 4]| {
            if hits[0] | hits[1] | hits[2] | hits[3] != 0 {
                let places = (at..).step_by(2).zip(hits);
                places.filter(|(_, hit)| *hit != 0).for_each(|(at, hit)| self.compare(text, at, hit, see));
            }
        };
        let mut at = 0;
        let (mut first, mut second) = text.first_chunk().map_or((0, 0), first_two);
        while let Some(bytes) = text.get(at + 4..).and_then(|rest| rest.first_chunk()) {
            let (hits, fifth, sixth) = block(first, second, bytes);
            look(at, hits);
            (first, second) = (fifth, sixth);
            at += 8;
        }
        // What is left, at most thirteen bytes, and nothing behind it: a literal of three bytes may stand at the very end.
        let rest = text.get(at..).unwrap_or_default();
        let mut end = [0; 32];
        end.get_mut(..rest.len()).into_iter().for_each(|end| end.copy_from_slice(rest));
        for from in (0..rest.len()).step_by(8) {
            let bytes = end.get(from..).unwrap_or_default();
            if let (Some(two), Some(next)) = (bytes.first_chunk(), bytes.get(4..).and_then(|rest| rest.first_chunk())) {
                let (first, second) = first_two(two);
                look(at + from, block(first, second, next).0);
            }
        }
    }

    /// Compares the literals of these classes that may stand at this place.
    #[cold]
    fn compare<'t>(&self, text: &'t [u8], at: usize, hit: u8, see: &mut impl FnMut(&[u32], &'t [u8])) {
        let rest = text.get(at..).unwrap_or_default();
        let mut of = |kind: Kind| {
            for spot in self.grams.spots(kind, rest) {
                let literal = self.literals.row(spot.literal);
                let start = (at + 1).checked_sub(spot.after as usize);
                let part = start.and_then(|start| text.get(start..start + literal.len()));
                if let Some(part) = part.filter(|part| part.eq_ignore_ascii_case(literal)) {
                    see(self.owners.row(spot.literal), part);
                }
            }
        };
        if hit & ALONE != 0 {
            of(Kind::Alone);
        }
        if hit & PAIRS != 0 {
            of(Kind::Pair);
        }
        if hit & !(ALONE | PAIRS) != 0 {
            of(Kind::Long);
        }
    }
}

/// Puts candidates in order, each signature once.
pub(super) fn merge(candidates: &mut Vec<Candidate>) {
    if candidates.len() > 1 {
        candidates.sort_unstable_by_key(|found| found.index);
        candidates.dedup_by(|next, first| {
            first.asks |= if next.index == first.index { next.asks } else { 0 };
            next.index == first.index
        });
    }
}

/// A MESSAGE_ID in the parts by which it is kept, the high one first.
pub(super) fn parts(id: u128) -> [u32; 4] {
    [(id >> 96) as u32, (id >> 64) as u32, (id >> 32) as u32, id as u32]
}

#[cfg(test)]
mod tests;
