//! The tables by which literals are found: a byte for each hash of a gram, and the literals that have the gram.
//!
//! In: literals and the places of their rarest bytes. Out: [`Grams`]. `needles` looks things up in them.

use std::borrow::Cow;
use std::iter;

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
/// The bytes by which short literals are told apart, and so many bits for their hashes: hardly any is set by chance.
const SHORT: usize = 3;
const SHORTS: u32 = 16;

/// How a literal is found, by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Three to six bytes: by three of them, which may stand one byte behind the place.
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

    /// The bit of a literal of this kind.
    fn bit(self, text: &[u8]) -> u8 {
        // Any class will do, as long as it is the same in every build.
        let sum = text.iter().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
        match self {
            Kind::Alone => ALONE,
            Kind::Pair => 0x20 << (sum % 2),
            Kind::Long => 1 << (sum % CLASSES),
        }
    }

    /// The bytes by which its spots are found.
    #[inline]
    fn bytes(self) -> usize {
        match self {
            Kind::Alone => SHORT,
            Kind::Pair => GRAM + 2,
            Kind::Long => GRAM + 4,
        }
    }

    /// Of eight folded bytes those by which its spots are found.
    #[inline]
    pub(super) fn key(self, bytes: u64) -> u64 {
        bytes & (u64::MAX >> (64 - 8 * self.bytes()))
    }
}

/// The eight bytes with which a text begins as a number, letters in lower case. Behind its end there is nothing.
#[inline]
pub(super) fn eight(text: &[u8]) -> u64 {
    let bytes = text.first_chunk::<8>().copied().unwrap_or_else(|| {
        let mut all = [0; 8];
        all.iter_mut().zip(text).for_each(|(one, byte)| *one = *byte);
        all
    });
    u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020
}

/// All grams of all literals.
#[derive(Debug, PartialEq)]
pub(super) struct Grams {
    pub(super) slots: Slots,
    /// A bit for each hash of the bytes of a short literal.
    pub(super) shorts: Cow<'static, [u64]>,
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
    /// Their offset in the literal, and its length.
    pub(super) after: u32,
    pub(super) len: u32,
    /// Its last four bytes, folded: many literals begin alike. Of a literal of three bytes the key says it all.
    pub(super) end: u32,
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
        let mut shorts = vec![0u64; 1 << (SHORTS - 6)];
        for (literal, (text, at)) in (0u32..).zip(literals) {
            let kind = Kind::of(text);
            let bit = kind.bit(text);
            for window in windows(text, *at as usize) {
                for bytes in window.windows(GRAM).step_by(2).filter_map(|window| window.first_chunk()) {
                    let gram = fold(*bytes);
                    let slot = if small { hash::<SMALL>(gram) } else { hash::<LARGE>(gram) };
                    slots.get_mut(slot).into_iter().for_each(|slot| *slot |= bit);
                }
            }
            for after in places(text, *at as usize) {
                let key = kind.key(eight(text.get(after..).unwrap_or_default()));
                let end = text.last_chunk().map_or(0, |end| fold(*end));
                spots.push(Spot { key, literal, after: after as u32, len: text.len() as u32, end });
                if kind == Kind::Alone {
                    let (word, bit) = short(key);
                    shorts.get_mut(word).into_iter().for_each(|bits| *bits |= bit);
                }
            }
        }
        spots.sort_unstable_by_key(|spot| (list(spot.key), *spot));
        let mut ends = vec![0; 1 << LISTS];
        spots.iter().for_each(|spot| ends.get_mut(list(spot.key)).into_iter().for_each(|end| *end += 1));
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        Grams { slots: boxed(slots), shorts: shorts.into(), ends: ends.into(), spots: spots.into() }
    }

    /// May a short literal have this key?
    #[inline]
    pub(super) fn has_short(&self, key: u64) -> bool {
        let (word, bit) = short(key);
        self.shorts.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// The spots with this key.
    #[inline]
    pub(super) fn spots(&self, key: u64) -> impl Iterator<Item = &Spot> {
        let list = list(key);
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = list.checked_sub(1).map_or(0, end);
        self.spots.get(start..end(list)).unwrap_or_default().iter().filter(move |spot| spot.key == key)
    }
}

impl Spot {
    /// The part of a text that may be its literal, whose bytes stand at this place.
    #[inline]
    pub(super) fn part<'t>(&self, text: &'t [u8], at: usize) -> Option<&'t [u8]> {
        let start = at.checked_sub(self.after as usize)?;
        let part = text.get(start..start + self.len as usize)?;
        part.last_chunk().is_none_or(|end| fold(*end) == self.end).then_some(part)
    }
}

/// A table of one of the two sizes.
fn boxed(slots: Vec<u8>) -> Slots {
    match slots.into_boxed_slice().try_into() {
        Ok(small) => Slots::Small(small),
        Err(slots) => Slots::Large(slots.try_into().unwrap_or_else(|_| Box::new([0; LARGE]))),
    }
}

/// The bytes of a literal, of which the grams are found at every second place, from an even place and from an odd one.
fn windows(text: &[u8], at: usize) -> Vec<Vec<u8>> {
    let any = 0..=u8::MAX;
    match *text {
        [a, b, c] => any.flat_map(|any| [vec![a, b, c, any], vec![any, a, b, c]]).collect(),
        [a, b, c, d] => iter::once(vec![a, b, c, d]).chain(any.map(|any| vec![any, a, b, c])).collect(),
        _ => {
            let bytes = Kind::of(text).bytes().max(GRAM);
            let at = place(text, at);
            [at, at + 1].into_iter().filter_map(|at| Some(text.get(at..at + bytes)?.to_vec())).collect()
        }
    }
}

/// Where the bytes of its spots stand in a literal.
fn places(text: &[u8], at: usize) -> Vec<usize> {
    match text.len() {
        0..=GRAM => vec![0],
        // What its two windows have in common.
        _ if Kind::of(text) == Kind::Alone => vec![place(text, at) + 1],
        _ => vec![place(text, at), place(text, at) + 1],
    }
}

/// Where the first window of a literal begins, of five bytes and more: the second one must fit behind it.
fn place(text: &[u8], at: usize) -> usize {
    at.min(text.len().saturating_sub(Kind::of(text).bytes().max(GRAM) + 1))
}

/// The place of the bytes of a short literal among the bits.
#[inline]
fn short(key: u64) -> (usize, u64) {
    let hash = (key as u32).wrapping_mul(0x9E37_79B1) >> (32 - SHORTS);
    ((hash >> 6) as usize, 1 << (hash & 63))
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
#[inline]
fn list(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - LISTS)) as usize
}
