//! Messages whose shape is familiar.
//!
//! In: the message of a record. Out: which signatures may match any message of its [`Shape`], mostly none, and what else holds
//! for all of them. Most lines of a log differ from others in their numbers only: for those, what is known of the shape
//! stands in for the search. It must never leave out a candidate that [`Needles::search`] finds.
//!
//! A shape is learnt when it came some times; what is learnt holds for every message of it, whatever its numbers.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::needles::{Candidate, Needles, merge};
use super::plan::Plan;
use crate::record::shape::{self, Shape, Words};

/// Shapes that are remembered, a power of two.
const SHAPES: usize = 4096;

/// A shape is learnt when it comes so often: that costs as much as a hundred searches. One less than a power of two.
const COMINGS: u64 = 3;

/// Literals that are looked for in every message of a shape, at most.
const SOME: usize = 4;

/// What holds for all messages of a shape.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The signatures that may match, by signature in ascending order, each once.
    pub(super) candidates: Box<[Candidate]>,
    /// They state nothing about themselves: see [`shape::says_nothing`].
    pub(super) settled: bool,
    /// They have no word of failure.
    pub(super) calm: bool,
    /// Literals by which other signatures ask about some of them, because of their numbers.
    some: Box<[u32]>,
}

/// The shapes that one thread remembers.
#[derive(Debug, Default)]
pub(super) struct Familiar {
    shape: Shape,
    /// The hashes of shapes that came lately, each in the place that its hash gives.
    lately: Vec<u64>,
    /// The shapes that are known, each in one of the two places that its hash gives.
    known: Vec<Entry>,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    shape: Box<[u8]>,
    /// `None`: too much depends on numbers.
    known: Option<Known>,
    /// It was asked for since somebody wanted its place.
    used: bool,
}

impl Familiar {
    /// What is known of this message; `None`: search.
    #[inline]
    pub(super) fn look(&mut self, plan: &Plan, message: &[u8]) -> Option<&Known> {
        let shape = self.shape.of(message).filter(|shape| !shape.is_empty())?;
        let hash = FixedState::default().hash_one(shape);
        let place = hash as usize & (SHAPES - 1);
        let here = |place: &usize| self.known.get(*place).is_some_and(|entry| *entry.shape == *shape);
        let Some(place) = [place, place ^ 1].into_iter().find(here) else {
            self.meet(plan, message, hash);
            return None;
        };
        let entry = self.known.get_mut(place)?;
        entry.used = true;
        let known = entry.known.as_ref()?;
        let literals = &plan.needles().literals;
        let other = known.some.iter().any(|literal| stands(message, literals.row(*literal)));
        (!other).then_some(known)
    }

    /// A message of a shape that is not known. It is searched; the next one may find what was learnt.
    #[cold]
    fn meet(&mut self, plan: &Plan, message: &[u8], hash: u64) -> Option<()> {
        if self.lately.is_empty() {
            self.lately = vec![0; SHAPES];
        }
        // Other bits than those of its place among the known ones.
        let before = self.lately.get_mut((hash >> 32) as usize & (SHAPES - 1))?;
        // The last bits count how often it came.
        let came = if *before & !COMINGS == hash & !COMINGS { (*before & COMINGS) + 1 } else { 1 };
        *before = hash & !COMINGS | came.min(COMINGS);
        if came < COMINGS {
            return None;
        }
        if self.known.is_empty() {
            self.known = vec![Entry::default(); SHAPES];
        }
        let place = hash as usize & (SHAPES - 1);
        let free = |place: &usize| self.known.get(*place).is_some_and(|entry| !entry.used);
        let Some(place) = [place, place ^ 1].into_iter().find(free) else {
            // Both are in use. The next one that comes here finds room, unless they are asked for once more.
            for place in [place, place ^ 1] {
                self.known.get_mut(place).into_iter().for_each(|entry| entry.used = false);
            }
            return None;
        };
        let shape = self.shape.of(message)?;
        let needles = plan.needles();
        let known = needles.ask(shape, message, plan.numbered()).map(|known| Known {
            settled: shape::says_nothing(shape),
            calm: shape::names_no_failure(shape),
            ..known
        });
        *self.known.get_mut(place)? = Entry { shape: shape.into(), known, used: true };
        None
    }
}

impl Needles {
    /// The candidates that messages of this shape may have, and the literals without which they have no other ones; `None` where
    /// these are too many. `message` is one of them.
    fn ask(&self, shape: &[u8], message: &[u8], numbered: &Words) -> Option<Known> {
        let low = shape.to_ascii_lowercase();
        let stands = |word: &u32| shape::may_stand(&low, self.words.row(*word));
        let is_beside = |clue: &&u32| self.beside.row(**clue).iter().all(|set| self.sets.row(*set).iter().any(stands));
        let mut candidates = Vec::new();
        candidates.extend(self.always.row(0).iter().filter_map(|clue| self.candidate(*clue)));
        self.scan(message, &mut |owners, _| {
            candidates.extend(owners.iter().filter(is_beside).filter_map(|clue| self.candidate(*clue)));
        });
        merge(&mut candidates);
        let (mut some, mut asked) = (Vec::new(), Vec::new());
        numbered.may_stand(&low, |literal| {
            // Many may stand in any number, so they come with each.
            if some.len() <= SOME && !asked.contains(&literal) {
                asked.push(literal);
                if self.owners.row(literal).iter().any(|clue| is_beside(&clue)) {
                    some.push(literal);
                }
            }
        });
        (some.len() <= SOME).then(|| Known { candidates: candidates.into(), some: some.into(), ..Known::default() })
    }

    /// The literals of which messages of one shape may have different ones.
    pub(super) fn numbered(&self) -> Words {
        Words::new((0..self.literals.len() as u32).map(|literal| (literal, self.literals.row(literal))))
    }
}

/// Does this literal, which is in lower case, stand in the text?
fn stands(text: &[u8], literal: &[u8]) -> bool {
    let Some(&first) = literal.first() else { return true };
    let same = |at: usize| text.get(at..at + literal.len()).is_some_and(|part| part.eq_ignore_ascii_case(literal));
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), text).any(same)
}

#[cfg(test)]
mod tests;
