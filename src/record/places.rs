//! The places in a text where something may begin, found without looking at each byte alone.
//!
//! In: a text, and a [`Sign`] that tells by two bytes in a row. Out: in order, each place whose byte and the byte before it are
//! such a pair; the first byte of the text is none. Sixteen bytes are looked at together, without a branch, because every
//! message of every log comes through here.

/// What tells a place: the byte before it, and its own. Comparisons only, joined with `&` and `|`: no branch.
pub(super) trait Sign {
    fn is(before: u8, byte: u8) -> bool;
}

use std::marker::PhantomData;

/// How many bytes are looked at together.
const BLOCK: usize = 16;

/// Steps through the places.
pub(super) struct Places<'a, S> {
    text: &'a [u8],
    sign: PhantomData<S>,
    /// Where the block begins that comes next.
    next: usize,
    /// Where the block begins that is looked at, and what is left of it: a byte that is not 0 for each place.
    block: usize,
    places: u128,
}

impl<'a, S: Sign> Places<'a, S> {
    pub(super) fn new(text: &'a [u8]) -> Places<'a, S> {
        Places { text, sign: PhantomData, next: 1, block: 0, places: 0 }
    }
}

impl<S: Sign> Iterator for Places<'_, S> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.places == 0 {
            let from = self.next;
            // The last block reaches back over bytes that were seen already, as far as there are any.
            let start = from.min(self.text.len().saturating_sub(BLOCK).max(1));
            self.next = start + BLOCK;
            self.block = start;
            let block = self.text.get(start..).and_then(|rest| rest.first_chunk::<BLOCK>());
            let before = self.text.get(start - 1..).and_then(|rest| rest.first_chunk::<BLOCK>());
            self.places = match (before, block) {
                _ if from >= self.text.len() => return None,
                (Some(before), Some(block)) => places::<S>(before, block),
                _ => {
                    let filling = 8 * (start + BLOCK).saturating_sub(self.text.len());
                    places::<S>(&padded(self.text, start - 1), &padded(self.text, start)) << filling >> filling
                }
            };
            self.places &= u128::MAX.checked_shl(8 * (from - start) as u32).unwrap_or(0);
        }
        let at = self.places.trailing_zeros() / 8;
        self.places &= self.places - 1;
        Some(self.block + at as usize)
    }
}

/// The bytes from `start` on, filled up.
fn padded(text: &[u8], start: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let rest = text.get(start..).unwrap_or_default();
    for (into, byte) in block.iter_mut().zip(rest) {
        *into = *byte;
    }
    block
}

/// A byte of 1 for each place of the block, the first place in the lowest byte.
#[inline]
fn places<S: Sign>(before: &[u8; BLOCK], block: &[u8; BLOCK]) -> u128 {
    let mut places = [0; BLOCK];
    // By number and not by `zip` or `from_fn`: this is what the compiler makes one step of vectors of. No index is out of
    // bounds, it is that of the arrays.
    for at in 0..BLOCK {
        places[at] = u8::from(S::is(before[at], block[at]));
    }
    u128::from_le_bytes(places)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A letter behind a space, or any byte behind the last one.
    struct Example;

    impl Sign for Example {
        fn is(before: u8, byte: u8) -> bool {
            (before == b' ') & (byte.wrapping_sub(b'a') < 26) | (before == 0xff)
        }
    }

    proptest! {
        #[test]
        fn places_are_those_of_a_slow_search(text in prop::collection::vec(prop::sample::select(&b" a z{`\xff0"[..]), 0..300)) {
            let pairs = text.windows(2).enumerate();
            let slowly: Vec<usize> = pairs.filter(|(_, p)| Example::is(p[0], p[1])).map(|(at, _)| at + 1).collect();
            prop_assert_eq!(Places::<Example>::new(&text).collect::<Vec<_>>(), slowly);
        }
    }
}
