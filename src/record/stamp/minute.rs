//! The minute of the time before: nearly all lines of a log are of the same minute as the line before them, so their time
//! is that minute and a few digits.
//!
//! In: text that begins with a time, of one source. Out: what [`read`] and [`Moment::resolve`] say of it, to the
//! nanosecond. A minute is remembered only where both its ends resolve alike (no change of the clock, no turn of the
//! assumed year within it), so the memory is exact and not a guess.

use super::tail::{Tail, ahead, mask, seconds};
use super::{Moment, read, zone};
use crate::base::{Certainty, Stamp};
use crate::record::Reference;

/// From the first to the last nanosecond of a minute.
const MINUTE: i64 = 59_999_999_999;

/// What kind of time it is: what it lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lacks {
    /// Nothing.
    #[default]
    Nothing,
    /// The zone.
    Zone,
    /// The year.
    Year,
}

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Resolved.
    pub time: Stamp,
    /// How sure it is.
    pub certainty: Certainty,
    /// What the text lacks.
    pub lacks: Lacks,
    /// Its length in the text.
    pub len: usize,
}

/// The minute that was read last, and its zone.
#[derive(Clone, Copy, Debug)]
pub struct Minute {
    /// The text before the seconds: its first 16 bytes at most, and its last 8.
    first: u128,
    /// Which of the first 16 bytes are of that text.
    first_mask: u128,
    last: u64,
    /// The length of that text; 0 before the first time.
    len: usize,
    /// What stood behind it the last time.
    tail: Tail,
    /// What stands behind the seconds and their fraction, with the byte that ends it.
    zone: u64,
    zone_len: usize,
    /// What follows the zone may belong to it. Nothing follows a `Z`.
    open: bool,
    start: i64,
    certainty: Certainty,
    lacks: Lacks,
}

impl Default for Minute {
    fn default() -> Minute {
        let (certainty, lacks) = (Certainty::None, Lacks::Nothing);
        let (tail, first_mask) = (Tail::default(), 0);
        Minute {
            first: 0,
            first_mask,
            last: 0,
            len: 0,
            tail,
            zone: 0,
            zone_len: 0,
            open: false,
            start: 0,
            certainty,
            lacks,
        }
    }
}

impl Minute {
    /// The time at the start of `text`. `None`: there is none that has a date, or it does not resolve. All calls are about
    /// one reference.
    #[inline]
    pub fn read(&mut self, text: &[u8], reference: &Reference) -> Option<Told> {
        if let Some(told) = self.alike(text) {
            return Some(told);
        }
        self.other(text, reference)
    }

    /// The time, if it is of the minute that is known, and written with as many digits as the time before.
    #[inline]
    fn alike(&self, text: &[u8]) -> Option<Told> {
        let Some(rest) = text.get(self.len.checked_sub(8)?..)?.first_chunk() else {
            return self.alike_to_the_end(text);
        };
        let first = u128::from_le_bytes(*text.first_chunk()?);
        self.alike_in(text, first, rest)
    }

    /// The same where the text ends soon: zeros stand in for what is not there.
    #[inline(never)]
    fn alike_to_the_end(&self, text: &[u8]) -> Option<Told> {
        let mut filled = [0; 64];
        filled.get_mut(..text.len())?.copy_from_slice(text);
        let first = u128::from_le_bytes(*filled.first_chunk()?);
        self.alike_in(text, first, filled.get(self.len.checked_sub(8)?..)?.first_chunk()?)
            .filter(|told| told.len <= text.len())
    }

    /// The same, of the first 16 bytes of the text and the 24 that stand around the end of the minute.
    #[inline(always)]
    fn alike_in(&self, text: &[u8], first: u128, rest: &[u8; 24]) -> Option<Told> {
        let (last, tail) = (u64::from_le_bytes(*rest.first_chunk()?), u128::from_le_bytes(*rest.last_chunk()?));
        if ((first ^ self.first) & self.first_mask) | u128::from(last ^ self.last) != 0 {
            return None;
        }
        let (second, nanos) = self.tail.read(tail)?;
        let end = self.len + self.tail.len;
        if self.open
            && let Some(b'+' | b'-' | b'A'..=b'Z' | b'a' | b'p') = text.get(end)
            && self.goes_on(text, end)
        {
            return None;
        }
        Some(Told {
            time: Stamp(self.start + second * 1_000_000_000 + nanos),
            certainty: self.certainty,
            lacks: self.lacks,
            len: end - 1,
        })
    }

    /// The time, if it is not quite like the one before.
    #[inline(never)]
    fn other(&mut self, text: &[u8], reference: &Reference) -> Option<Told> {
        let Some(told) = self.again(text) else { return self.anew(text, reference) };
        self.tail = Tail::of(text, self.len, self.zone_len);
        Some(told)
    }

    /// The time, if it is of the minute that is known, and its zone the same.
    fn again(&self, text: &[u8]) -> Option<Told> {
        let (first, last) = front(text, self.len)?;
        if first != self.first || last != self.last {
            return None;
        }
        let (second, nanos, at) = seconds(text, self.len)?;
        if ahead(text, at) & mask(self.zone_len) != self.zone || self.goes_on(text, at + self.zone_len) {
            return None;
        }
        Some(Told {
            time: Stamp(self.start + second * 1_000_000_000 + nanos),
            certainty: self.certainty,
            lacks: self.lacks,
            len: at + self.zone_len - 1,
        })
    }

    /// May what stands at `at`, behind the byte that ended the zone before, belong to the time of this line? (`AM`, a
    /// zone, or the name of one.)
    #[inline(never)]
    fn goes_on(&self, text: &[u8], at: usize) -> bool {
        let Some(behind @ [next, rest @ ..]) = text.get(at..) else { return false };
        if !self.open {
            return false;
        }
        match next {
            b'+' | b'-' => true,
            b'A'..=b'Z' | b'a' | b'p' if matches!(rest.first(), Some(b'm' | b'M')) => true,
            b'A'..=b'Z' => zone::named(behind).is_some(),
            _ => false,
        }
    }

    /// Reads a time as always, and remembers its minute.
    fn anew(&mut self, text: &[u8], reference: &Reference) -> Option<Told> {
        let seen = read(text)?;
        let (time, certainty) = seen.moment.resolve(reference)?;
        let lacks = match seen.moment {
            Moment::Instant(_) => Lacks::Nothing,
            Moment::Local { .. } => Lacks::Zone,
            Moment::Yearless { .. } => Lacks::Year,
            Moment::Clock { .. } => return None,
        };
        if let Some(minute) = learn(text, seen.len, seen.moment, reference) {
            *self = Minute { certainty, lacks, ..minute };
        }
        Some(Told { time, certainty, lacks, len: seen.len })
    }
}

/// The minute of a time of `len` bytes, if it has one of the usual shapes and is the same from end to end.
fn learn(text: &[u8], len: usize, moment: Moment, reference: &Reference) -> Option<Minute> {
    let front_len = shape(text)?;
    let (first, last) = front(text, front_len)?;
    let (second, nanos, at) = seconds(text, front_len)?;
    let zone_len = (len + 1).checked_sub(at).filter(|n| (1..=8).contains(n))?;
    let zone = ahead(text, at) & mask(zone_len);
    // The byte that ends it is a blank, or nothing.
    if !matches!(text.get(len), None | Some(b' ' | b'"')) {
        return None;
    }
    let start = match moment {
        Moment::Instant(stamp) => stamp.0.checked_sub(second * 1_000_000_000 + nanos)?,
        _ => at_second(moment, second, 0, 0)?.resolve(reference)?.0.0,
    };
    let end = match moment {
        Moment::Instant(_) => start.checked_add(MINUTE)?,
        _ => at_second(moment, second, 59, 999_999_999)?.resolve(reference)?.0.0,
    };
    let first_mask = if front_len < 16 { (1 << (front_len * 8)) - 1 } else { u128::MAX };
    let tail = Tail::of(text, front_len, zone_len);
    let minute = Minute {
        first,
        first_mask,
        last,
        len: front_len,
        tail,
        zone,
        zone_len,
        open: zone as u8 != b'Z',
        start,
        ..Minute::default()
    };
    (end.checked_sub(start)? == MINUTE).then_some(minute)
}

/// The same moment at another second of its minute.
fn at_second(moment: Moment, from: i64, to: u32, nanos: u32) -> Option<Moment> {
    let from = u32::try_from(from).ok()?;
    Some(match moment {
        Moment::Local { year, month, day, second, .. } => {
            Moment::Local { year, month, day, second: second.checked_sub(from)? + to, nanos }
        }
        Moment::Yearless { month, day, second, offset, .. } => {
            Moment::Yearless { month, day, second: second.checked_sub(from)? + to, nanos, offset }
        }
        Moment::Instant(_) | Moment::Clock { .. } => return None,
    })
}

/// The length of the text before the seconds, if `text` has one of the usual shapes: `2026-01-09T23:06:`,
/// `Jan  9 23:06:`, `Fri 2026-01-09 23:06:`.
fn shape(text: &[u8]) -> Option<usize> {
    let is = |marks: &[(usize, u8)]| marks.iter().all(|(at, byte)| text.get(*at) == Some(byte));
    match text.first()? {
        b'0'..=b'9' if is(&[(13, b':'), (16, b':')]) => {
            let dashes = matches!((text.get(4), text.get(7)), (Some(b'-'), Some(b'-')) | (Some(b'/'), Some(b'/')));
            (dashes && matches!(text.get(10), Some(b'T' | b' '))).then_some(17)
        }
        b'0'..=b'9' => None,
        _ if is(&[(3, b' '), (6, b' '), (9, b':'), (12, b':')]) => Some(13),
        _ if is(&[(3, b' '), (8, b'-'), (11, b'-'), (14, b' '), (17, b':'), (20, b':')]) => Some(21),
        _ => None,
    }
}

/// The first `len` bytes of a text as numbers: up to 16 from the front, and 8 from the end.
#[inline]
fn front(text: &[u8], len: usize) -> Option<(u128, u64)> {
    let first = u128::from_le_bytes(*text.first_chunk()?);
    let last = u64::from_le_bytes(*text.get(len.checked_sub(8)?..len)?.first_chunk()?);
    let known = if len < 16 { first & ((1 << (len * 8)) - 1) } else { first };
    Some((known, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn reference(zone: &str, now: &str) -> Reference {
        let now = Stamp::from_jiff(now.parse().unwrap()).unwrap();
        Reference { now, zone: TimeZone::get(zone).unwrap(), unit: "u".into(), boot: None, dated: false }
    }

    fn slow(text: &[u8], reference: &Reference) -> Option<Told> {
        let seen = read(text)?;
        let lacks = match seen.moment {
            Moment::Instant(_) => Lacks::Nothing,
            Moment::Local { .. } => Lacks::Zone,
            Moment::Yearless { .. } => Lacks::Year,
            Moment::Clock { .. } => return None,
        };
        let (time, certainty) = seen.moment.resolve(reference)?;
        Some(Told { time, certainty, lacks, len: seen.len })
    }

    /// How many of the texts are of the minute before.
    fn same(texts: &[&str], reference: &Reference) -> usize {
        let mut minute = Minute::default();
        let mut again = 0;
        for text in texts {
            let known = minute.again(text.as_bytes());
            let alike = minute.alike(text.as_bytes());
            assert!(alike.is_none() || alike == known, "{text}: {alike:?}");
            again += usize::from(known.is_some());
            let told = minute.read(text.as_bytes(), reference);
            assert_eq!(told, slow(text.as_bytes(), reference), "{text}");
        }
        again
    }

    #[test]
    fn times_of_one_minute_are_known() {
        let utc = reference("UTC", "2026-11-21T10:00:00Z");
        for texts in [
            ["2026-01-09T23:06:40+0000 h x", "2026-01-09T23:06:59+0000 h x", "2026-01-09T23:06:00+0000 Host x"],
            ["2026-01-09T23:06:40.123456+01:00 h", "2026-01-09T23:06:40.1+01:00 h", "2026-01-09T23:06:41+01:00 h"],
            ["2026-01-09T23:06:40.123456789Z stdout F", "2026-01-09T23:06:40.1Z UTC", "2026-01-09T23:06:40Z AM"],
            ["2026-01-09T23:06:40.000000000Z", "2026-01-09T23:06:40Z", "2026-01-09T23:06:41,5Z"],
            ["Jan  9 23:06:40 node-7 x", "Jan  9 23:06:41 LabSZ x", "Jan  9 23:06:42.000123 pam x"],
            ["Jan 29 23:06:40 node-7 x", "Jan 29 23:06:41 2026 x", "Jan 29 23:06:42 1 x"],
            ["Fri 2026-01-09 23:06:40 UTC n", "Fri 2026-01-09 23:06:41 UTC n", "Fri 2026-01-09 23:06:42.5 UTC 2026"],
            ["2026-01-09 23:06:40,123 INFO", "2026-01-09 23:06:40,999 x", "2026-01-09 23:06:41 [x]"],
            ["2026-01-09T23:06:40.123Z", "2026-01-09T23:06:40.999Z", "2026-01-09T23:06:41.000Z\0"],
            ["2026/01/09 23:06:40 [error] x", "2026/01/09 23:06:41.5 x", "2026/01/09 23:06:59 y"],
        ] {
            assert_eq!(same(&texts, &utc), 2, "{texts:?}");
        }
    }

    #[test]
    fn what_follows_a_time_may_belong_to_it() {
        let utc = reference("UTC", "2026-11-21T10:00:00Z");
        for texts in [
            ["Jan  9 11:06:40 node-7 x", "Jan  9 11:06:41 PM x", "Jan  9 11:06:42 UTC x"],
            ["Jan  9 11:06:40 node-7 x", "Jan  9 11:06:41 pm x", "Jan  9 11:06:42 +0100 x"],
            ["Jan  9 11:06:40 node-7 x", "Jan  9 11:06:61 node-7 x", "Jan  9 11:06:4 node-7"],
            ["2026-01-09T23:06:40+0100 h x", "2026-01-09T23:06:40+0200 h x", "2026-01-09T23:06:40+0200 CEST x"],
            ["2026-01-09T23:06:40Z", "2026-01-09T23:06:60Z", "2026-01-09T23:06:40.1234567890Z"],
            ["2026-01-09 23:06:40 x", "2026-01-09 23:06:40 EST", "2026-01-09 23:06:4"],
            ["Fri 2026-01-09 23:06:40 x", "Fri 2026-01-09 23:06:40 CET x", "Fri 2026-01-09 23:06:401 x"],
        ] {
            assert_eq!(same(&texts, &utc), 0, "{texts:?}");
        }
    }

    #[test]
    fn the_turn_of_the_year_within_a_minute_is_kept() {
        // A record may be one day later than the reference: the year turns there.
        let turn = reference("UTC", "2026-01-08T23:06:30.5Z");
        same(&["Jan  9 23:06:29 h x", "Jan  9 23:06:30 h x", "Jan  9 23:06:30.6 h x", "Jan  9 23:06:31 h x"], &turn);
        let leap = reference("UTC", "2026-03-08T10:00:00Z");
        same(&["Feb 29 10:00:00 h x", "Feb 29 10:00:01 h x", "Feb 30 10:00:02 h x"], &leap);
        for now in ["2026-03-30T10:00:00Z", "2026-10-26T10:00:00Z"] {
            let zurich = reference("Europe/Zurich", now);
            same(
                &["Mar 29 01:59:59 h x", "Mar 29 02:00:00 h x", "Mar 29 02:59:01 h x", "Mar 29 03:00:00 h x"],
                &zurich,
            );
            same(&["Oct 25 01:59:59 h", "Oct 25 02:00:00 h", "Oct 25 02:30:01 h", "Oct 25 03:00:00 h"], &zurich);
        }
        same(&["2262-04-11T23:47:16Z", "2262-04-11T23:47:16.9Z", "2262-04-11T23:47:15Z"], &turn);
    }

    proptest! {
        #[test]
        fn a_time_is_what_it_is_without_the_memory(
            fronts in prop::collection::vec(prop::sample::select(vec![
                "2026-01-09T23:06:", "2026/01/09 23:06:", "Jan  9 23:06:", "Jan 29 02:30:", "Feb 29 00:00:",
                "Fri 2026-01-09 23:06:", "Mar 29 02:59:", "Dec 31 23:59:", "Sat 27 23:06:", "2024-02-30T10:00:",
            ]), 2),
            rests in prop::collection::vec(
                (0u32..62, "([.,:][0-9]{0,11})?", "(Z|\\+0000|-05:30|\\+01| UTC| CEST| AM|z|)", "([ \"]|)([a-zA-Z0-9+-]{0,5}|AM |UTC |2026 )"),
                2..8,
            ),
            now in 1_700_000_000i64..1_800_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Zurich", "America/St_Johns"]),
        ) {
            let mut reference = reference(zone, "2026-11-21T10:00:00Z");
            reference.now = Stamp(now * 1_000_000_000);
            let texts: Vec<String> = rests.iter().enumerate().map(|(n, (second, fraction, zone, behind))| {
                format!("{}{second:02}{fraction}{zone}{behind}", fronts[n % 5 / 4])
            }).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            same(&texts, &reference);
        }
    }
}
