//! The tables by which literals are found: a byte for each hash of a gram, and the literals that have the gram.
//!
//! In: literals and the places of their rarest bytes. Out: [`Grams`]. `needles` looks things up in them.

use std::borrow::Cow;

/// The bytes of a gram.
pub(super) const GRAM: usize = 4;
/// Slots of the table; the large one is for packs many times those that are built in.
pub(super) const SMALL: usize = 1 << 17;
pub(super) const LARGE: usize = 1 << 20;
const LITERALS: usize = 20_000;
/// The bits of a slot. Literals of nine bytes and more have one of the five low ones, in three grams in a row, each two
/// bytes behind the one before.
const CLASSES: u32 = 5;
/// Those of seven and eight bytes have one of these, in two grams in a row; the shorter ones have the last, in one.
pub(super) const PAIRS: u8 = 0x60;
pub(super) const ALONE: u8 = 0x80;
/// Spots are kept by the hash of their bytes, in so many lists.
const LISTS: u32 = 14;

/// How a literal is found, by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Three to six bytes: by four of them.
    Alone,
    /// Seven or eight: by six of them.
    Pair,
    /// Nine or more: by eight of them.
    Long,
}

impl Kind {
    fn of(text: &[u8]) -> Kind {
        match text.len() {
            0..7 => Kind::Alone,
            7..9 => Kind::Pair,
            _ => Kind::Long,
        }
    }

    /// The bytes by which it is found.
    fn bytes(self) -> usize {
        match self {
            Kind::Alone => GRAM,
            Kind::Pair => GRAM + 2,
            Kind::Long => GRAM + 4,
        }
    }

    /// These bytes of a text, letters in lower case, as a number.
    fn key(self, bytes: &[u8]) -> u64 {
        if let Some(all) = bytes.first_chunk::<8>() {
            return (u64::from_le_bytes(*all) | 0x2020_2020_2020_2020) & (u64::MAX >> (64 - 8 * self.bytes()));
        }
        let mut all = [0; 8];
        // At the end of a text a literal of three bytes has any fourth.
        let bytes = bytes.iter().chain(std::iter::repeat(&0)).take(self.bytes());
        all.iter_mut().zip(bytes).for_each(|(one, byte)| *one = *byte | 0x20);
        u64::from_le_bytes(all)
    }
}

/// All grams of all literals.
#[derive(Debug, PartialEq)]
pub(super) struct Grams {
    pub(super) slots: Slots,
    /// Where each list of spots ends.
    pub(super) ends: Cow<'static, [u32]>,
    pub(super) spots: Cow<'static, [Spot]>,
}

/// A byte for each hash.
#[derive(Debug)]
pub(super) enum Slots {
    /// Worked out while the program was built.
    Ahead(&'static [u8; SMALL]),
    Small(Box<[u8; SMALL]>),
    Large(Box<[u8; LARGE]>),
}

/// Where the bytes stand by which a literal is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The bytes.
    pub(super) key: u64,
    pub(super) literal: u32,
    /// Their offset in the literal, and one more: a short literal may begin behind the first byte.
    pub(super) after: u32,
}

impl Slots {
    /// All bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Slots::Ahead(slots) => &slots[..],
            Slots::Small(slots) => &slots[..],
            Slots::Large(slots) => &slots[..],
        }
    }
}

impl PartialEq for Slots {
    fn eq(&self, other: &Slots) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Grams {
    /// The grams of these literals, of three bytes and more, each with the place of its rarest bytes.
    pub(super) fn new(literals: &[(&[u8], u32)]) -> Grams {
        let small = literals.len() <= LITERALS;
        let mut slots = vec![0u8; if small { SMALL } else { LARGE }];
        let mut spots: Vec<Spot> = Vec::new();
        for (literal, (text, at)) in (0u32..).zip(literals) {
            for (window, after, bit) in windows(text, *at as usize) {
                let kind = Kind::of(text);
                for bytes in window.windows(GRAM).step_by(2).filter_map(|window| window.first_chunk()) {
                    let gram = fold(*bytes);
                    let slot = if small { hash::<SMALL>(gram) } else { hash::<LARGE>(gram) };
                    slots.get_mut(slot).into_iter().for_each(|slot| *slot |= bit);
                }
                spots.push(Spot { key: kind.key(&window), literal, after });
            }
        }
        spots.sort_unstable_by_key(|spot| (list(spot.key), *spot));
        // Folding makes pairs of the bytes that may stand beside a short literal.
        spots.dedup();
        let mut ends = vec![0; 1 << LISTS];
        spots.iter().for_each(|spot| ends.get_mut(list(spot.key)).into_iter().for_each(|end| *end += 1));
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        Grams { slots: boxed(slots), ends: ends.into(), spots: spots.into() }
    }

    /// The spots of literals of this kind that have the bytes with which a text begins.
    pub(super) fn spots(&self, kind: Kind, text: &[u8]) -> impl Iterator<Item = &Spot> {
        let key = kind.key(text);
        let list = list(key);
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = list.checked_sub(1).map_or(0, end);
        self.spots.get(start..end(list)).unwrap_or_default().iter().filter(move |spot| spot.key == key)
    }
}

/// A table of one of the two sizes.
fn boxed(slots: Vec<u8>) -> Slots {
    match slots.into_boxed_slice().try_into() {
        Ok(small) => Slots::Small(small),
        Err(slots) => Slots::Large(slots.try_into().unwrap_or_else(|_| Box::new([0; LARGE]))),
    }
}

/// The bytes by which a literal is found from an even place and from an odd one, their offset and one more, and the bit.
fn windows(text: &[u8], at: usize) -> Vec<(Vec<u8>, u32, u8)> {
    let mut windows = Vec::new();
    match *text {
        [a, b, c] => {
            for any in 0..=u8::MAX {
                windows.push((vec![a, b, c, any], 1, ALONE));
                windows.push((vec![any, a, b, c], 0, ALONE));
            }
        }
        [a, b, c, d] => {
            windows.push((vec![a, b, c, d], 1, ALONE));
            windows.extend((0..=u8::MAX).map(|any| (vec![any, a, b, c], 0, ALONE)));
        }
        _ => {
            // Any class will do, as long as it is the same in every build.
            let sum = text.iter().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
            let kind = Kind::of(text);
            let bit = match kind {
                Kind::Alone => ALONE,
                Kind::Pair => 0x20 << (sum % 2),
                Kind::Long => 1 << (sum % CLASSES),
            };
            let bytes = kind.bytes();
            let at = at.min(text.len().saturating_sub(bytes + 1));
            let window = |at: usize| Some((text.get(at..at + bytes)?.to_vec(), at as u32 + 1, bit));
            windows.extend([window(at), window(at + 1)].into_iter().flatten());
        }
    }
    windows
}

/// Four bytes as a number, letters in lower case. Some signs fall together too; the comparison tells them apart.
#[inline]
pub(super) fn fold(bytes: [u8; GRAM]) -> u32 {
    u32::from_le_bytes(bytes) | 0x2020_2020
}

/// The slot of a gram in a table of `N` slots.
#[inline]
pub(super) fn hash<const N: usize>(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (32 - N.trailing_zeros())) as usize
}

/// The list of a key.
fn list(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - LISTS)) as usize
}
