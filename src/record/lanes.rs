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

/// Is any byte of a short text equal to `byte`?
#[inline]
pub(super) fn has(text: &[u8], byte: u8) -> bool {
    let wanted = u8x16::splat(byte);
    let mut any = u8x16::ZERO;
    // The last rows reach back over bytes that were seen already, as far as there are any.
    let Some(last) = text.last_chunk::<{ 4 * ROW }>() else { return text.contains(&byte) };
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
