//! Where strings begin in a line of JSON: a mask of quotes for every 64 bytes, instead of a look at each byte.
//!
//! In: bytes that begin outside of a string. Out: the position of every quote that opens a string, from front to back,
//! and between which bytes there are backslashes. It believes that quotes open and close strings in turn: whoever asks must
//! check what stands between the strings, and give up on a backslash there.

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// The quotes that open strings.
pub(super) struct Marks<'m> {
    /// A bit for each.
    blocks: &'m [u64],
    /// The bytes end within a string.
    pub(super) cut: bool,
    /// Where the first backslash stands and where the last one ends; the first behind the last when there is none.
    pub(super) backslashes: (usize, usize),
}

impl<'m> Marks<'m> {
    /// Of these bytes. `blocks` is room to work in.
    pub(super) fn new(bytes: &[u8], blocks: &'m mut Vec<u64>) -> Marks<'m> {
        // What stood there before is written over.
        let count = bytes.len() / BLOCK + 1;
        if blocks.len() < count {
            blocks.resize(count, 0);
        }
        let blocks = blocks.get_mut(..count).unwrap_or_default();
        // All ones when the block ends within a string; and when its last byte is a backslash that hides the next one.
        let (mut within, mut hiding) = (0_u64, false);
        let mut backslashes = (usize::MAX, 0);
        let (whole, rest) = bytes.as_chunks::<BLOCK>();
        let last = padded(rest);
        let mut at = 0;
        for (to, block) in blocks.iter_mut().zip(whole.iter().chain([&last])) {
            let mut quotes = mask(block, b'"');
            // Few blocks have a backslash.
            if hiding || has(block, b'\\') {
                let slashes = mask(block, b'\\');
                if slashes != 0 {
                    backslashes.0 = backslashes.0.min(at + slashes.trailing_zeros() as usize);
                    backslashes.1 = at + BLOCK - slashes.leading_zeros() as usize;
                }
                let hidden;
                (hidden, hiding) = behind(slashes, hiding);
                quotes &= !hidden;
            }
            // A bit for every byte of a string, its opening quote included.
            let mut inside = quotes;
            for shift in [1, 2, 4, 8, 16, 32] {
                inside ^= inside << shift;
            }
            inside ^= within;
            within = 0_u64.wrapping_sub(inside >> (BLOCK - 1));
            *to = quotes & inside;
            at += BLOCK;
        }
        Marks { blocks, cut: within != 0, backslashes }
    }

    /// Their positions, in order.
    #[inline(always)]
    pub(super) fn openings(&self) -> Openings<'m> {
        Openings { blocks: self.blocks.iter(), base: 0_usize.wrapping_sub(BLOCK), open: 0 }
    }

    /// May a backslash stand between these two positions?
    #[inline(always)]
    pub(super) fn may_have_backslash(&self, from: usize, to: usize) -> bool {
        self.backslashes.0 < to && self.backslashes.1 > from
    }
}

/// The positions of the quotes that open strings.
pub(super) struct Openings<'m> {
    blocks: std::slice::Iter<'m, u64>,
    /// Where the present one begins.
    base: usize,
    /// What was not told yet of it.
    open: u64,
}

impl Openings<'_> {
    /// The next one.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.open == 0 {
            self.open = *self.blocks.next()?;
            self.base = self.base.wrapping_add(BLOCK);
        }
        let at = self.base + self.open.trailing_zeros() as usize;
        self.open &= self.open - 1;
        Some(at)
    }
}

/// What stands behind a backslash that is not hidden itself, and whether the last byte is such a backslash. `hiding`: the
/// byte before the first is one.
#[inline(never)]
fn behind(backslashes: u64, hiding: bool) -> (u64, bool) {
    let mut hidden = u64::from(hiding);
    let mut hides_next = false;
    let mut left = backslashes & !hidden;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        hidden |= bit << 1;
        hides_next = bit << 1 == 0;
        left &= !(bit | bit << 1);
    }
    (hidden, hides_next)
}

/// The last bytes, filled up to a block.
fn padded(bytes: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    if let Some(front) = block.get_mut(..bytes.len()) {
        front.copy_from_slice(bytes);
    }
    block
}

/// The bit of each byte among those that have the same place in their eight.
const BITS: [u8; BLOCK] = {
    let mut bits = [0; BLOCK];
    let mut at = 0;
    while at < BLOCK {
        bits[at] = 1 << (at / 8);
        at += 1;
    }
    bits
};

/// A bit for every byte that is equal to this one.
///
/// Written so that compilers use the widest registers they are allowed to: eight rows of eight bytes are laid over each
/// other, a bit for each row, and the square of bits is turned over.
#[inline(always)]
fn mask(block: &[u8; BLOCK], byte: u8) -> u64 {
    let mut equal = [0; BLOCK];
    for at in 0..BLOCK {
        equal[at] = if block[at] == byte { BITS[at] } else { 0 };
    }
    let mut both = 0_u128;
    for rows in equal.as_chunks::<16>().0 {
        both |= u128::from_le_bytes(*rows);
    }
    let mut square = both as u64 | (both >> 64) as u64;
    for (shift, corner) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let swap = (square ^ square >> shift) & corner;
        square ^= swap ^ swap << shift;
    }
    square
}

/// Is any byte equal to this one?
#[inline(always)]
fn has(block: &[u8; BLOCK], byte: u8) -> bool {
    let mut any = 0;
    for other in block {
        any |= u8::from(*other == byte);
    }
    any != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, byte by byte.
    fn openings(bytes: &[u8]) -> (Vec<usize>, bool) {
        let (mut found, mut inside, mut hidden) = (Vec::new(), false, false);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if hidden => hidden = false,
                b'\\' => hidden = true,
                b'"' => {
                    inside = !inside;
                    if inside {
                        found.push(at);
                    }
                }
                _ => {}
            }
        }
        (found, inside)
    }

    proptest! {
        #[test]
        fn openings_are_those_of_a_walk_over_bytes(bytes in proptest::collection::vec(
            prop_oneof![Just(b'"'), Just(b'\\'), Just(b'x'), any::<u8>()], 0..400)
        ) {
            let mut blocks = Vec::new();
            let marks = Marks::new(&bytes, &mut blocks);
            let mut quick = marks.openings();
            let found: Vec<usize> = std::iter::from_fn(|| quick.next()).collect();
            prop_assert_eq!((found, marks.cut), openings(&bytes));
            let first = bytes.iter().position(|b| *b == b'\\').unwrap_or(usize::MAX);
            let last = bytes.iter().rposition(|b| *b == b'\\').map_or(0, |at| at + 1);
            prop_assert_eq!(marks.backslashes, (first, last));
        }

        #[test]
        fn a_mask_has_a_bit_for_every_equal_byte(bytes in proptest::collection::vec(
            prop_oneof![Just(b'"'), any::<u8>()], BLOCK)
        ) {
            let block: &[u8; BLOCK] = bytes.first_chunk().unwrap();
            let bits = bytes.iter().enumerate().filter(|(_, b)| **b == b'"').map(|(at, _)| 1_u64 << at).sum::<u64>();
            prop_assert_eq!(mask(block, b'"'), bits);
            prop_assert_eq!(has(block, b'"'), bits != 0);
        }
    }
}
