//! What stands behind the minute of a time: seconds, fraction, zone.
//!
//! In: the bytes there. Out: seconds and nanoseconds, read eight bytes at a time; and how they were written, so that the next
//! time, which is nearly always written alike, is read without a look at each byte. What a zone means is not known here.

/// How what stands behind the minute is written: two digits of seconds, a fraction, a zone, and the byte that ends it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    /// All of it but the digits of the seconds and of the fraction, and where it stands among 16 bytes.
    fixed: u128,
    fixed_mask: u128,
    /// Where the first eight digits of the fraction stand behind its point.
    fraction: u64,
    /// The fraction has nine digits.
    ninth: bool,
    pub(super) len: usize,
}

impl Default for Tail {
    /// One that no text has.
    fn default() -> Tail {
        Tail { fixed: 1, fixed_mask: 0, fraction: 0, ninth: false, len: 1 }
    }
}

impl Tail {
    /// That of a text which was read: with `at` bytes before the seconds and `zone_len` behind their fraction.
    pub(super) fn of(text: &[u8], at: usize, zone_len: usize) -> Tail {
        let Some((_, _, end)) = seconds(text, at) else { return Tail::default() };
        let len = end - at + zone_len;
        if len > 16 {
            return Tail::default();
        }
        let digits = (end - at).saturating_sub(3);
        let whole = if len == 16 { u128::MAX } else { (1 << (len * 8)) - 1 };
        let moving = if digits == 0 { 0xffff } else { 0xffff | ((1 << (digits * 8)) - 1) << 24 };
        let fixed_mask = whole & !moving;
        let fixed = (u128::from(ahead(text, at)) | u128::from(ahead(text, at + 8)) << 64) & fixed_mask;
        Tail { fixed, fixed_mask, fraction: mask(digits), ninth: digits == 9, len }
    }

    /// Seconds and nanoseconds, if these 16 bytes are written so.
    #[inline]
    pub(super) fn read(&self, bytes: u128) -> Option<(i64, i64)> {
        if bytes & self.fixed_mask != self.fixed {
            return None;
        }
        let (tens, ones) = (bytes as u8 ^ b'0', (bytes >> 8) as u8 ^ b'0');
        // The leap second is another minute's business.
        if tens > 5 || ones > 9 {
            return None;
        }
        let second = i64::from(tens) * 10 + i64::from(ones);
        if self.fraction == 0 {
            return Some((second, 0));
        }
        let digits = ((bytes >> 24) as u64 ^ 0x3030_3030_3030_3030) & self.fraction;
        if (digits.wrapping_add(0x0606_0606_0606_0606) | digits) & 0xf0f0_f0f0_f0f0_f0f0 != 0 {
            return None;
        }
        let mut nanos = eight(digits) * 10;
        if self.ninth {
            let ninth = (bytes >> 88) as u8 ^ b'0';
            if ninth > 9 {
                return None;
            }
            nanos += i64::from(ninth);
        }
        Some((second, nanos))
    }
}

/// Two digits of seconds at `at`, with their fraction: seconds, nanoseconds, and where they end.
#[inline]
pub(super) fn seconds(text: &[u8], at: usize) -> Option<(i64, i64, usize)> {
    let [tens, ones] = *text.get(at..at + 2)?.first_chunk()?;
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    // The leap second is another minute's business.
    if tens > 5 || ones > 9 {
        return None;
    }
    let second = i64::from(tens * 10 + ones);
    let at = at + 2;
    if !matches!(text.get(at), Some(b'.' | b',')) {
        return Some((second, 0, at));
    }
    let (value, mut len) = decimals(ahead(text, at + 1));
    let mut nanos = value * 10;
    if len == 8
        && let Some(ninth @ b'0'..=b'9') = text.get(at + 9)
    {
        nanos += i64::from(ninth - b'0');
        len = 9;
        if text.get(at + 10).is_some_and(u8::is_ascii_digit) {
            return None;
        }
    }
    (len > 0).then_some((second, nanos, at + 1 + len))
}

/// The digits at the front of eight bytes, filled up with zeros to eight, and how many there are.
#[inline]
fn decimals(word: u64) -> (i64, usize) {
    let digits = word ^ 0x3030_3030_3030_3030;
    // What carries out of a byte comes from one that is no digit itself, so the first is found surely.
    let wrong = (digits.wrapping_add(0x0606_0606_0606_0606) | digits) & 0xf0f0_f0f0_f0f0_f0f0;
    let len = (wrong.trailing_zeros() / 8) as usize;
    (eight(digits & mask(len)), len)
}

/// The number that eight digits make, the first in the lowest byte.
#[inline]
fn eight(digits: u64) -> i64 {
    let pairs = (digits.wrapping_mul(10) + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let eight = (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff;
    i64::try_from(eight).unwrap_or(0)
}

/// The eight bytes at `at`; zeros stand in for those behind the end.
#[inline]
pub(super) fn ahead(text: &[u8], at: usize) -> u64 {
    if let Some(bytes) = text.get(at..at + 8).and_then(<[u8]>::first_chunk) {
        return u64::from_le_bytes(*bytes);
    }
    let behind = (at + 8).saturating_sub(text.len());
    match text.last_chunk() {
        Some(bytes) if behind < 8 => u64::from_le_bytes(*bytes) >> (behind * 8),
        _ => 0,
    }
}

/// The lowest `len` bytes of eight.
#[inline]
pub(super) fn mask(len: usize) -> u64 {
    if len >= 8 { u64::MAX } else { (1 << (len * 8)) - 1 }
}
