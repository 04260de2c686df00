//! Sixty-four bytes seen together: which of them are equal to one byte, as a mask, instead of a look at each.
//!
//! In: bytes and a place in them. Out: masks, a bit for each byte, the first byte the lowest. Behind the last byte there
//! are zeros, which no mask that is asked for shows. It knows nothing of what the bytes mean.

use wide::u8x16;

/// Bytes in a window.
pub(super) const WINDOW: usize = 64;

/// Bytes that a machine compares at once.
const LANES: usize = 16;

/// What is seen from one place on.
#[derive(Clone, Copy)]
pub(super) struct Window {
    lanes: [u8x16; WINDOW / LANES],
    /// The first four bytes as a number.
    pub(super) first: u32,
}

/// Room for what is seen where fewer bytes than a window are left.
pub(super) struct Sight([u8; WINDOW]);

impl Sight {
    pub(super) fn new() -> Sight {
        Sight([0; WINDOW])
    }

    /// What is seen from `at` on.
    #[inline(always)]
    pub(super) fn from(&mut self, bytes: &[u8], at: u32) -> Window {
        let seen = match bytes.get(at as usize..at as usize + WINDOW).and_then(<[u8]>::first_chunk) {
            Some(whole) => whole,
            None => self.fill(bytes, at),
        };
        Window::of(seen)
    }

    /// What is left from `at` on, filled up.
    #[cold]
    #[inline(never)]
    fn fill(&mut self, bytes: &[u8], at: u32) -> &[u8; WINDOW] {
        let Sight(window) = self;
        let left = bytes.get(at as usize..).unwrap_or_default();
        *window = [0; WINDOW];
        if let Some(front) = window.get_mut(..left.len()) {
            front.copy_from_slice(left);
        }
        window
    }
}

impl Window {
    #[inline(always)]
    fn of(bytes: &[u8; WINDOW]) -> Window {
        let (lanes, _) = bytes.as_chunks::<LANES>();
        let lanes = match lanes {
            [a, b, c, d] => [u8x16::new(*a), u8x16::new(*b), u8x16::new(*c), u8x16::new(*d)],
            _ => [u8x16::ZERO; WINDOW / LANES],
        };
        Window { lanes, first: bytes.first_chunk().map_or(0, |four| u32::from_le_bytes(*four)) }
    }

    /// The bytes that are equal to this one, which must not be zero.
    #[inline(always)]
    pub(super) fn equal(&self, byte: u8) -> u64 {
        let byte = u8x16::splat(byte);
        let [a, b, c, d] = self.lanes;
        (equal(a, byte) | equal(b, byte) << 16) | (equal(c, byte) | equal(d, byte) << 16) << 32
    }

    /// Those of the first 32.
    #[inline(always)]
    pub(super) fn equal_in_front(&self, byte: u8) -> u32 {
        let byte = u8x16::splat(byte);
        let [a, b, ..] = self.lanes;
        (equal(a, byte) | equal(b, byte) << 16) as u32
    }

    /// Which of the first 32 bytes are equal to these.
    #[inline(always)]
    pub(super) fn equal_to(&self, other: &Front) -> u32 {
        let ([a, b, ..], [c, d]) = (self.lanes, other.0);
        (equal(a, c) | equal(b, d) << 16) as u32
    }
}

/// A bit for every byte that is the same in both.
#[inline(always)]
fn equal(one: u8x16, other: u8x16) -> u64 {
    one.cmp_eq(other).move_mask() as u64
}

/// Thirty-two bytes to compare with.
#[derive(Clone, Copy)]
pub(super) struct Front([u8x16; 2]);

impl Front {
    /// Of these bytes.
    pub(super) const fn new(bytes: [u8; 32]) -> Front {
        let (mut low, mut high) = ([0; LANES], [0; LANES]);
        let mut at = 0;
        while at < LANES {
            low[at] = bytes[at];
            high[at] = bytes[at + LANES];
            at += 1;
        }
        Front([u8x16::new(low), u8x16::new(high)])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mask_has_a_bit_for_every_equal_byte(
            bytes in proptest::collection::vec(prop_oneof![Just(b'"'), 1_u8..], 0..130), at in 0_u32..140
        ) {
            let window = Sight::new().from(&bytes, at);
            let seen: Vec<u8> = bytes.iter().skip(at as usize).take(WINDOW).copied().collect();
            let bits = |byte: u8| seen.iter().enumerate().filter(|(_, b)| **b == byte).map(|(at, _)| 1_u64 << at).sum::<u64>();
            prop_assert_eq!(window.equal(b'"'), bits(b'"'));
            prop_assert_eq!(window.equal_in_front(b'"'), bits(b'"') as u32);
            let mut four = [0; 4];
            four.iter_mut().zip(&seen).for_each(|(to, byte)| *to = *byte);
            prop_assert_eq!(window.first, u32::from_le_bytes(four));
            let mut front = [0; 32];
            front.iter_mut().zip(seen.iter().chain(&[b'x'; WINDOW])).for_each(|(to, byte)| *to = *byte);
            prop_assert_eq!(window.equal_to(&Front::new(front)) as u64 | u64::MAX << seen.len().min(32), u64::MAX);
            if let Some(first) = front.first_mut() {
                *first ^= 1;
            }
            prop_assert_eq!(window.equal_to(&Front::new(front)) & 1, 0);
        }
    }
}
