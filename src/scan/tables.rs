//! The tables of the prefilter, filled.
//!
//! In: the clues and MESSAGE_IDs of signatures, in the order of their numbers. Out: [`Needles`]. The same signatures give
//! the same tables, so they can be worked out while the program is built.

use std::collections::BTreeMap;

use crate::rules::Clue;

use super::grams::Grams;
use super::needles::{Needles, parts};
use super::rows::Rows;

/// The least bytes of a literal that can be looked for.
const SHORTEST: usize = 3;

/// What the prefilter must know of a signature: its clues, and its MESSAGE_IDs.
pub(super) type Wanted<'s> = (&'s [Clue], &'s [u128]);

impl Needles {
    /// The tables of these signatures.
    pub(super) fn new<'s>(signatures: impl Iterator<Item = Wanted<'s>>) -> Needles {
        let mut literals: BTreeMap<&[u8], (u32, Vec<u32>)> = BTreeMap::new();
        let mut ids: BTreeMap<u128, Vec<u32>> = BTreeMap::new();
        let mut sets: BTreeMap<&[Vec<u8>], u32> = BTreeMap::new();
        let mut words: BTreeMap<&[u8], u32> = BTreeMap::new();
        let mut always = Vec::new();
        let mut needles = Needles {
            grams: Grams::new(&[]),
            literals: Rows::new(),
            owners: Rows::new(),
            clues: Rows::new(),
            beside: Rows::new(),
            sets: Rows::new(),
            words: Rows::new(),
            ids: Rows::new(),
            of_id: Rows::new(),
            always: Rows::new(),
        };
        for (signature, (clues, message_ids)) in (0u32..).zip(signatures) {
            for id in message_ids {
                ids.entry(*id).or_default().push(signature);
            }
            for Clue { needles: wanted, beside, asks } in clues {
                let clue = needles.clues.push([signature, *asks as u32, (*asks >> 32) as u32]);
                for needle in wanted {
                    if needle.text.len() < SHORTEST {
                        always.push(clue);
                    } else {
                        literals.entry(&needle.text).or_insert((needle.at, Vec::new())).1.push(clue);
                    }
                }
                let mut numbers = Vec::new();
                for set in beside {
                    numbers.push(*sets.entry(set).or_insert_with(|| {
                        let word =
                            |word| *words.entry(word).or_insert_with(|| needles.words.push(word.iter().copied()));
                        let all: Vec<u32> = set.iter().map(Vec::as_slice).map(word).collect();
                        needles.sets.push(all)
                    }));
                }
                needles.beside.push(numbers);
            }
        }
        needles.grams = Grams::new(&literals.iter().map(|(text, (at, _))| (*text, *at)).collect::<Vec<_>>());
        for (text, (_, mut owners)) in literals {
            owners.dedup();
            needles.literals.push(text.iter().copied());
            needles.owners.push(owners);
        }
        for (id, mut signatures) in ids {
            signatures.dedup();
            needles.ids.push(parts(id));
            needles.of_id.push(signatures);
        }
        always.dedup();
        needles.always.push(always);
        needles
    }
}
