//! The prefilter: which signatures may match this record?
//!
//! In: the message of a record (with its detail, never its other fields), and its MESSAGE_ID. Out: the signatures that may
//! match, on which `verify` decides. It can be fooled into too many candidates (short literals), never into too few: the
//! tests compare it with `naive` on every corpus.
//!
//! The matcher is built for what packs ask of it:
//!
//! - **Literals are known beforehand.** [`required`](crate::rules::required) finds those of which one stands in every
//!   match; a pattern without any is refused with its pack, so no signature has to be tried on every record.
//! - **One pass, whatever the number of signatures.** Of each literal four bytes in a row are chosen, its *gram*, as rare
//!   ones as it has. A message is looked at four bytes at a time, and one bit tells whether any literal has these four.
//!   Only then the literals with this gram are compared. More signatures set more of the 131,072 bits; they add no step.
//! - **All that match, not the leftmost.** Hits may overlap: `no space left` must not hide `space left on device`.
//! - **Nothing to compile.** A start fills one table; there is no automaton to build, whose size and time would grow with
//!   the packs.
//! - **ASCII only.** Letter case is ignored here for A to Z, and signatures for which it counts are sorted out by `verify`,
//!   whose patterns have ASCII classes and word boundaries: no tables of Unicode, and bytes that are no text do no harm.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::rules::Signature;

/// The bytes of a gram.
const GRAM: usize = 4;

/// The bits of the table, as a power of two: 16 KiB, which stay in the nearest cache.
const BITS: u32 = 17;

/// Finds the candidates of a record.
pub(super) struct Needles {
    /// A bit for each gram, by its hash.
    bits: Vec<u64>,
    /// The literals that have this gram, and where in them it stands.
    grams: HashMap<u32, Vec<Spot>, foldhash::fast::FixedState>,
    literals: Vec<Literal>,
    by_message_id: BTreeMap<u128, Vec<u32>>,
    /// Signatures made by hand whose pattern needs no literal: they are asked about every record.
    always: Vec<u32>,
}

/// Where a gram stands in a literal.
#[derive(Clone, Copy, Debug)]
struct Spot {
    literal: u32,
    offset: u32,
}

#[derive(Debug)]
struct Literal {
    /// Lower-cased.
    text: Vec<u8>,
    /// The signatures that need it.
    owners: Vec<u32>,
}

impl Needles {
    pub(super) fn new(signatures: &[Signature]) -> Needles {
        let mut texts: BTreeMap<&[u8], Vec<u32>> = BTreeMap::new();
        let mut by_message_id: BTreeMap<u128, Vec<u32>> = BTreeMap::new();
        for (index, signature) in (0u32..).zip(signatures) {
            for id in &signature.message_ids {
                by_message_id.entry(*id).or_default().push(index);
            }
            for needle in &signature.needles {
                let owners = texts.entry(needle).or_default();
                if owners.last() != Some(&index) {
                    owners.push(index);
                }
            }
        }
        let mut needles = Needles {
            bits: vec![0; 1 << (BITS - 6)],
            grams: HashMap::default(),
            literals: Vec::with_capacity(texts.len()),
            by_message_id,
            always: Vec::new(),
        };
        for (text, owners) in texts {
            needles.add(text, owners);
        }
        needles.always.sort_unstable();
        needles.always.dedup();
        needles
    }

    fn add(&mut self, text: &[u8], owners: Vec<u32>) {
        let literal = self.literals.len() as u32;
        match text.len() {
            0..GRAM if text.len() < GRAM - 1 => self.always.extend(&owners),
            // Its gram is followed by any byte.
            0..GRAM => {
                for last in 0..=u8::MAX {
                    let gram = fold([text[0], text[1], text[2], last]);
                    self.mark(gram, Spot { literal, offset: 0 });
                }
            }
            _ => {
                let (offset, gram) = self.rarest(text);
                self.mark(gram, Spot { literal, offset });
            }
        }
        self.literals.push(Literal { text: text.to_vec(), owners });
    }

    fn mark(&mut self, gram: u32, spot: Spot) {
        let hash = hash(gram);
        self.bits[hash >> 6] |= 1 << (hash & 63);
        let spots = self.grams.entry(gram).or_default();
        // Folding makes pairs of the 256 last bytes.
        if spots.last().is_none_or(|last| (last.literal, last.offset) != (spot.literal, spot.offset)) {
            spots.push(spot);
        }
    }

    /// The gram of the literal that is seen least in logs and that fewest other literals have.
    fn rarest(&self, text: &[u8]) -> (u32, u32) {
        let grams = (0u32..).zip(text.windows(GRAM).map(|w| fold([w[0], w[1], w[2], w[3]])));
        let cost = |&(_, gram): &(u32, u32)| {
            let common: u32 = gram.to_le_bytes().iter().map(|byte| commonness(*byte)).sum();
            common + self.grams.get(&gram).map_or(0, |spots| spots.len() as u32)
        };
        grams.min_by_key(cost).unwrap_or_default()
    }

    /// Puts the signatures that may match into `candidates`, each once, in ascending order.
    #[cfg(test)]
    pub(super) fn candidates(&self, message_id: Option<u128>, text: &[u8], candidates: &mut Vec<u32>) {
        candidates.clear();
        self.found(message_id, text, |owners, _| candidates.extend_from_slice(owners));
        if candidates.len() > 1 {
            candidates.sort_unstable();
            candidates.dedup();
        }
    }

    /// Shows all signatures that may match, in groups, with the literal that was found for them; none for a MESSAGE_ID. One
    /// signature may come several times.
    pub(super) fn found<'t>(&self, message_id: Option<u128>, text: &'t [u8], mut see: impl FnMut(&[u32], &'t [u8])) {
        if !self.always.is_empty() {
            see(&self.always, b"");
        }
        if let Some(owners) = message_id.and_then(|id| self.by_message_id.get(&id)) {
            see(owners, b"");
        }
        for (at, window) in text.windows(GRAM).enumerate() {
            let gram = fold([window[0], window[1], window[2], window[3]]);
            if self.has(gram) {
                self.compare(gram, text, at, &mut see);
            }
        }
        // A literal of three bytes may stand at the very end.
        if let [.., a, b, c] = text {
            let gram = fold([*a, *b, *c, 0]);
            if self.has(gram) {
                self.compare(gram, text, text.len() - (GRAM - 1), &mut see);
            }
        }
    }

    #[inline]
    fn has(&self, gram: u32) -> bool {
        let hash = hash(gram);
        self.bits[hash >> 6] >> (hash & 63) & 1 == 1
    }

    #[cold]
    fn compare<'t>(&self, gram: u32, text: &'t [u8], at: usize, see: &mut impl FnMut(&[u32], &'t [u8])) {
        for spot in self.grams.get(&gram).into_iter().flatten() {
            let literal = &self.literals[spot.literal as usize];
            let start = at.checked_sub(spot.offset as usize);
            let part = start.and_then(|start| text.get(start..start + literal.text.len()));
            if let Some(part) = part.filter(|part| part.eq_ignore_ascii_case(&literal.text)) {
                see(&literal.owners, part);
            }
        }
    }
}

/// Four bytes as a number, letters in lower case. Some signs fall together too; the comparison tells them apart.
#[inline]
fn fold(bytes: [u8; GRAM]) -> u32 {
    u32::from_le_bytes(bytes) | 0x2020_2020
}

#[inline]
fn hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

/// How often a byte is seen in logs, roughly: digits and the letters of English first.
fn commonness(folded: u8) -> u32 {
    match folded {
        b' ' | b'e' | b't' => 12,
        b'0'..=b'2' | b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 10,
        b'3'..=b'9' | b'c' | b'd' | b'l' => 8,
        b'-' | b':' | b'.' | b'm' | b'p' | b'u' | b'/' | b'_' | 0x7f => 6,
        b'b' | b'f' | b'g' | b'h' | b'y' | b'v' | b'w' | b'=' | b',' | b'"' => 5,
        b'k' | b'x' | b'(' | b')' | b'{' | b'}' => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules;

    fn signatures() -> Vec<Signature> {
        rules::load(&[], true).packs.into_iter().flat_map(|p| p.signatures).collect()
    }

    /// A copy of every signature costs no second pass: the table stays the same, and where an original is a candidate, so
    /// is its copy.
    #[test]
    fn twice_the_signatures_are_one_pass() {
        let originals = signatures();
        let copies = originals.iter().map(|s| Signature { id: format!("copy-of-{}", s.id), ..s.clone() });
        let doubled: Vec<Signature> = originals.iter().cloned().chain(copies).collect();
        let (once, twice) = (Needles::new(&originals), Needles::new(&doubled));
        assert_eq!(once.bits, twice.bits);
        assert_eq!(once.literals.len(), twice.literals.len());
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

    /// The table must stay mostly empty: what is set is compared.
    #[test]
    fn hardly_any_bit_is_set() {
        let needles = Needles::new(&signatures());
        let set: u32 = needles.bits.iter().map(|word| word.count_ones()).sum();
        println!("{} literals, {} grams, {set} bits", needles.literals.len(), needles.grams.len());
        assert!(set < 1 << (BITS - 3), "{set}");
        assert!(needles.always.is_empty());
    }

    fn needing(needles: &[&str]) -> Vec<Signature> {
        let blank = signatures().swap_remove(0);
        let one = |text: &&str| Signature {
            needles: vec![text.as_bytes().to_vec()],
            message_ids: Vec::new(),
            ..blank.clone()
        };
        needles.iter().map(one).collect()
    }

    proptest! {
        /// Exactly the literals that stand in the text are found, wherever, in whatever case.
        #[test]
        fn finds_what_a_search_finds(text in "[abAB. ]{0,40}", wanted in prop::collection::vec("[ab. ]{3,6}", 1..8)) {
            let words: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let needles = Needles::new(&needing(&words));
            let mut found = Vec::new();
            needles.candidates(None, text.as_bytes(), &mut found);
            let low = text.to_ascii_lowercase();
            let expected: Vec<u32> = (0u32..).zip(&words).filter(|(_, w)| low.contains(**w)).map(|(i, _)| i).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn literals_of_three_bytes_are_found_at_every_place() {
        let needles = Needles::new(&needing(&["oom", "xyz"]));
        let mut found = Vec::new();
        for (text, expected) in [
            ("oom", vec![0]),
            ("an OOM", vec![0]),
            ("oom kill", vec![0]),
            ("oo", vec![]),
            ("oo m", vec![]),
            ("xoomyzxyz", vec![0, 1]),
            ("", vec![]),
        ] {
            needles.candidates(None, text.as_bytes(), &mut found);
            assert_eq!(found, expected, "{text}");
        }
    }
}
