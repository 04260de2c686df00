//! Sixteen bytes looked at together.
//!
//! In: rows of bytes. Out: which of them are a byte that is looked for, a bit for each, the first in the lowest bit. Only for
//! what stands near: over long stretches `memchr` is faster. Nothing here knows what the bytes mean.

use memchr::memchr;
use wide::u8x16;

/// How many bytes a row has.
pub(super) const ROW: usize = 16;

/// How many pairs of rows are looked at before `memchr` is asked.
const PAIRS: usize = 8;

/// The bytes of a row that are equal to `byte`.
#[inline(always)]
pub(super) fn equal(row: &[u8; ROW], byte: u8) -> u32 {
    u8x16::new(*row).cmp_eq(u8x16::splat(byte)).move_mask() as u32
}

/// The same of two rows.
#[inline(always)]
pub(super) fn equal_32(rows: &[u8; 2 * ROW], byte: u8) -> u32 {
    match rows.as_chunks::<ROW>().0 {
        [first, second] => equal(first, byte) | equal(second, byte) << ROW,
        _ => 0,
    }
}

/// The same of four rows.
#[inline(always)]
pub(super) fn equal_64(rows: &[u8; 4 * ROW], byte: u8) -> u64 {
    match rows.as_chunks::<{ 2 * ROW }>().0 {
        [first, second] => u64::from(equal_32(first, byte)) | u64::from(equal_32(second, byte)) << (2 * ROW),
        _ => 0,
    }
}

/// Which of 64 bytes are letters, and which belong to words: letters, digits, `_`, all that is not ASCII.
#[inline]
pub(super) fn words(rows: &[u8; 4 * ROW]) -> (u64, u64) {
    let (mut letters, mut words) = (0, 0);
    for (n, row) in rows.as_chunks::<ROW>().0.iter().enumerate() {
        let bytes = u8x16::new(*row);
        let letter = up_to(bytes | u8x16::splat(0x20), b'a', 25);
        // The top bit of a byte that is not ASCII is its own.
        let word = letter | up_to(bytes, b'0', 9) | bytes.cmp_eq(u8x16::splat(b'_')) | bytes;
        letters |= bits(letter) << (n * ROW);
        words |= bits(word) << (n * ROW);
    }
    (letters, words)
}

/// Which of 64 bytes are digits, and which are the signs that stand between the numbers of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) digits: u64,
    pub(super) colons: u64,
    pub(super) dots: u64,
    pub(super) ats: u64,
}

/// The digits and signs of 64 bytes.
#[inline]
pub(super) fn numbers(rows: &[u8; 4 * ROW]) -> Numbers {
    let mut numbers = Numbers::default();
    for (n, row) in rows.as_chunks::<ROW>().0.iter().enumerate() {
        let bytes = u8x16::new(*row);
        let sign = |sign: u8| bits(bytes.cmp_eq(u8x16::splat(sign))) << (n * ROW);
        numbers.digits |= bits(up_to(bytes, b'0', 9)) << (n * ROW);
        numbers.colons |= sign(b':');
        numbers.dots |= sign(b'.');
        numbers.ats |= sign(b'@');
    }
    numbers
}

/// The bytes from `first` on, and so many more.
#[inline(always)]
fn up_to(bytes: u8x16, first: u8, more: u8) -> u8x16 {
    let from = bytes - u8x16::splat(first);
    from.min(u8x16::splat(more)).cmp_eq(from)
}

/// The top bit of each byte.
#[inline(always)]
fn bits(bytes: u8x16) -> u64 {
    u64::from(bytes.move_mask() as u32)
}

/// Less than 64 bytes, filled up with zeros.
pub(super) fn filled(text: &[u8]) -> [u8; 4 * ROW] {
    let mut rows = [0; 4 * ROW];
    if let Some(front) = rows.get_mut(..text.len()) {
        front.copy_from_slice(text);
    }
    rows
}

/// Is any byte of a short text equal to `byte`?
#[inline]
pub(super) fn has(text: &[u8], byte: u8) -> bool {
    let wanted = u8x16::splat(byte);
    let mut any = u8x16::ZERO;
    // The last rows reach back over bytes that were seen already, as far as there are any.
    let Some(last) = text.last_chunk::<{ 4 * ROW }>() else {
        let Some(last) = text.last_chunk::<ROW>() else { return text.contains(&byte) };
        for row in text.as_chunks::<ROW>().0.iter().chain([last]) {
            any |= u8x16::new(*row).cmp_eq(wanted);
        }
        return any.any();
    };
    for rows in text.as_chunks::<{ 4 * ROW }>().0.iter().chain([last]) {
        for row in rows.as_chunks::<ROW>().0 {
            any |= u8x16::new(*row).cmp_eq(wanted);
        }
    }
    any.any()
}

/// The first place of a byte that stands near.
#[inline]
pub(super) fn find(text: &[u8], byte: u8) -> Option<usize> {
    let mut at = 0;
    for rows in text.as_chunks::<{ 2 * ROW }>().0.iter().take(PAIRS) {
        let found = equal_32(rows, byte);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += 2 * ROW;
    }
    memchr(byte, text.get(at..)?).map(|found| at + found)
}

/// The first place where one of two bytes stands near.
#[inline]
pub(super) fn find_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    let mut at = 0;
    for rows in text.as_chunks::<{ 2 * ROW }>().0.iter().take(PAIRS) {
        let found = equal_32(rows, one) | equal_32(rows, other);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += 2 * ROW;
    }
    memchr::memchr2(one, other, text.get(at..)?).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn kinds_of_bytes_are_told(bytes in prop::collection::vec(any::<u8>(), 64)) {
            let rows = bytes.first_chunk().unwrap();
            let which = |is: &dyn Fn(&u8) -> bool| {
                bytes.iter().enumerate().filter(|(_, b)| is(b)).map(|(at, _)| 1_u64 << at).sum::<u64>()
            };
            let (letters, in_words) = words(rows);
            prop_assert_eq!(letters, which(&u8::is_ascii_alphabetic));
            prop_assert_eq!(in_words, which(&|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80));
            let digits = which(&u8::is_ascii_digit);
            let (colons, dots, ats) = (which(&|b| *b == b':'), which(&|b| *b == b'.'), which(&|b| *b == b'@'));
            prop_assert_eq!(numbers(rows), Numbers { digits, colons, dots, ats });
            prop_assert_eq!(filled(&bytes[..40])[..40].to_vec(), bytes[..40].to_vec());
        }

        #[test]
        fn what_is_found_is_the_first(text in prop::collection::vec(prop::sample::select(&b"xxxxxxxxxxxxxxxxxx:\n\xff"[..]), 0..600)) {
            let first = |wanted: &[u8]| text.iter().position(|b| wanted.contains(b));
            prop_assert_eq!(find(&text, b':'), first(b":"));
            prop_assert_eq!(has(&text, 0xff), first(b"\xff").is_some());
            prop_assert_eq!(find(&text, b'\n'), first(b"\n"));
            prop_assert_eq!(find_either(&text, b'\xff', b':'), first(b"\xff:"));
            if let Some(rows) = text.first_chunk::<64>() {
                let bits = rows.iter().enumerate().filter(|(_, b)| **b == b':').map(|(at, _)| 1_u64 << at).sum::<u64>();
                prop_assert_eq!(equal_64(rows, b':'), bits);
            }
        }
    }
}
