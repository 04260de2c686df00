//! The shapes of times: which bytes are one, without asking what they lack.

use super::civil;
use super::scan::{Clock, Scan, is_weekday};
use crate::base::Stamp;

/// A time as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Complete.
    Instant(Stamp),
    /// Date and time of day without a zone.
    Local {
        /// With century.
        year: i32,
        /// From 1.
        month: u8,
        /// From 1.
        day: u8,
        /// Of the day.
        second: u32,
        /// Of the second.
        nanos: u32,
    },
    /// Date and time of day without a year.
    Yearless {
        /// From 1.
        month: u8,
        /// From 1.
        day: u8,
        /// Of the day.
        second: u32,
        /// Of the second.
        nanos: u32,
        /// Seconds east of UTC, if the text names its zone.
        offset: Option<i32>,
    },
    /// Time of day only.
    Clock {
        /// Of the day.
        second: u32,
        /// Of the second.
        nanos: u32,
        /// Seconds east of UTC, if the text names its zone.
        offset: Option<i32>,
    },
}

/// A time and the bytes that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The time.
    pub moment: Moment,
    /// Its length in the text.
    pub len: usize,
}

impl Seen {
    /// A date is part of it, or it counts from 1970.
    pub fn is_dated(&self) -> bool {
        !matches!(self.moment, Moment::Clock { .. })
    }
}

/// Reads the time at the start of `text`, in any shape known here. The byte after it is not a digit.
#[inline]
pub fn read(text: &[u8]) -> Option<Seen> {
    if super::glance::may_begin(text) { look(text) } else { None }
}

/// The same without a glance before.
pub(super) fn look(text: &[u8]) -> Option<Seen> {
    let mut scan = Scan { text, at: 0 };
    let moment = match text.first()? {
        b'0'..=b'9' => match scan.run() {
            4 => year_first(&mut scan),
            8 => compact(&mut scan),
            6 => short_compact(&mut scan),
            14 => digits_only(&mut scan),
            1 | 2 => match text.get(scan.run())? {
                b':' => scan.clock(false).map(|c| c.moment()),
                _ => day_or_month_first(&mut scan),
            },
            _ => {
                let (stamp, len) = epoch_number(text)?;
                scan.at = len;
                Some(Moment::Instant(stamp))
            }
        },
        b'@' => tai64n(&mut scan),
        b'A'..=b'Z' | b'a'..=b'z' => month_or_weekday(&mut scan),
        _ => None,
    }?;
    if scan.peek().is_some_and(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(Seen { moment, len: scan.at })
}

/// `2026-11-21T10:00:00.123Z`, `2026/11/21 - 10:00:00`, `2012-025T10:22:40`, `2005-06-03-15.42.50.675872`.
fn year_first(scan: &mut Scan<'_>) -> Option<Moment> {
    let year = i32::try_from(scan.number(4)?).ok()?;
    if !(1900..2300).contains(&year) {
        return None;
    }
    let sep = scan.one_of(b"-/.")?;
    if scan.run() == 3 {
        let day_of_year = scan.number(3)?;
        scan.gap()?;
        let clock = scan.clock(true)?;
        let (month, day) = (1..=12u8).rev().find_map(|month| {
            let before = civil::days(year, month, 1)? - civil::days(year, 1, 1)?;
            let day = i64::from(day_of_year) - before;
            (day >= 1).then(|| u8::try_from(day).ok().map(|day| (month, day)))?
        })?;
        return clock.on(Some(year), month, day);
    }
    let month = if scan.peek()?.is_ascii_digit() {
        match scan.run() {
            n @ (1 | 2) => scan.small(n)?,
            _ => return None,
        }
    } else {
        scan.month()?
    };
    scan.eat(sep)?;
    let day = match scan.run() {
        n @ (1 | 2) => scan.small(n)?,
        _ => return None,
    };
    scan.gap()?;
    let clock = scan.clock(true)?;
    clock.on(Some(year), month, day)
}

/// `20120702.102240,672`, `20200308 23:47:32.089`, `20261121T100000Z`.
fn compact(scan: &mut Scan<'_>) -> Option<Moment> {
    let year = i32::try_from(scan.number(4)?).ok()?;
    if !(1970..2100).contains(&year) {
        return None;
    }
    let (month, day) = (scan.small(2)?, scan.small(2)?);
    scan.gap()?;
    let clock = packed_clock(scan)?;
    clock.on(Some(year), month, day)
}

/// `170213 16:00:33`, `081109 203615`.
fn short_compact(scan: &mut Scan<'_>) -> Option<Moment> {
    let year = i32::from(scan.small(2)?);
    let (month, day) = (scan.small(2)?, scan.small(2)?);
    scan.eat(b' ')?;
    if scan.peek() == Some(b' ') {
        scan.at += 1;
    }
    let clock = packed_clock(scan)?;
    clock.on(Some(century(year)), month, day)
}

/// `20261121100000`.
fn digits_only(scan: &mut Scan<'_>) -> Option<Moment> {
    let year = i32::try_from(scan.number(4)?).ok().filter(|y| (1990..2100).contains(y))?;
    let (month, day) = (scan.small(2)?, scan.small(2)?);
    let clock = six_digits(scan)?;
    clock.on(Some(year), month, day)
}

fn packed_clock(scan: &mut Scan<'_>) -> Option<Clock> {
    if scan.run() == 6 { six_digits(scan) } else { scan.clock(false) }
}

fn six_digits(scan: &mut Scan<'_>) -> Option<Clock> {
    let (hour, minute, second) = (scan.number(2)?, scan.number(2)?, scan.number(2)?);
    scan.finish(hour, minute, second)
}

/// A year of two digits, the way POSIX reads it.
fn century(year: i32) -> i32 {
    if year < 69 { 2000 + year } else { 1900 + year }
}

/// `10/Oct/2000:13:55:36 -0700`, `10 May 18:42:33.089`, `03-17 16:13:38.811`, `17/06/09 20:10:40`, `12/31/2026 ...`.
fn day_or_month_first(scan: &mut Scan<'_>) -> Option<Moment> {
    let first = scan.run();
    let a = scan.small(first)?;
    let sep = scan.one_of(b"/-. ")?;
    if scan.peek()?.is_ascii_digit() {
        return numbers(scan, a, sep);
    }
    let month = scan.month()?;
    if sep == b' ' {
        scan.eat(b',');
    }
    let mark = scan.at;
    scan.one_of(b"/- :")?;
    if scan.run() == 4 {
        let year = i32::try_from(scan.number(4)?).ok()?;
        scan.gap()?;
        let clock = scan.clock(true)?;
        return clock.on(Some(year), month, a);
    }
    if scan.run() == 2 && sep != b' ' && scan.text.get(scan.at + 2) != Some(&b':') {
        let year = century(i32::from(scan.small(2)?));
        scan.gap()?;
        let clock = scan.clock(true)?;
        return clock.on(Some(year), month, a);
    }
    scan.at = mark;
    scan.one_of(b" :")?;
    let clock = scan.clock(false)?;
    // `14 Oct 03:00:46 2026`
    let mark = scan.at;
    if scan.eat(b' ').is_some() && scan.run() == 4 {
        let year = i32::try_from(scan.number(4)?).ok()?;
        if (1970..2100).contains(&year) {
            return clock.on(Some(year), month, a);
        }
    }
    scan.at = mark;
    clock.on(None, month, a)
}

/// Dates of two or three numbers. `/` is the American order unless the numbers say otherwise, `.` and
/// `-` are the European one.
fn numbers(scan: &mut Scan<'_>, a: u8, sep: u8) -> Option<Moment> {
    if sep == b' ' {
        return None;
    }
    let b = match scan.run() {
        n @ (1 | 2) => scan.small(n)?,
        _ => return None,
    };
    if scan.peek() == Some(sep) {
        scan.at += 1;
        let run = scan.run();
        let (year, month, day) = match run {
            4 => {
                let year = i32::try_from(scan.number(4)?).ok()?;
                if matches!(sep, b'.' | b'-') || a > 12 { (year, b, a) } else { (year, a, b) }
            }
            // `17/06/09`: year first, as Java's short form has it; a first number that is no year decides otherwise.
            2 => {
                let c = scan.small(2)?;
                if sep == b'.' { (century(i32::from(c)), b, a) } else { (century(i32::from(a)), b, c) }
            }
            _ => return None,
        };
        scan.gap()?;
        let clock = scan.clock(true)?;
        return clock.on(Some(year), month, day);
    }
    if sep == b'.' {
        return None;
    }
    // `03-17 16:13:38.811`, `03/17 16:13:38`
    if !matches!(scan.one_of(b" -"), Some(b' ' | b'-')) {
        return None;
    }
    let clock = scan.clock(false)?;
    clock.on(None, a, b)
}

/// `Nov  3 09:23:38`, `Jun 12, 2026 3:04:05 PM`, `Sat Apr 27 03:33:07 PDT 2013`, `Wed 2026-11-21 10:00:00 UTC`,
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn month_or_weekday(scan: &mut Scan<'_>) -> Option<Moment> {
    let rest = scan.rest();
    let len = rest.iter().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
    let mut weekday = false;
    if is_weekday(rest.get(..len)?) {
        weekday = true;
        scan.at += len;
        scan.eat(b',');
        scan.eat(b' ')?;
        if scan.peek()?.is_ascii_digit() {
            return match scan.run() {
                4 => year_first(scan),
                1 | 2 => day_or_month_first(scan),
                _ => None,
            };
        }
    }
    let month = scan.month()?;
    scan.one_of(b" /-")?;
    let day = scan.padded()?;
    let comma = scan.eat(b',').is_some();
    scan.one_of(b" /-:")?;
    if scan.peek() == Some(b' ') {
        scan.at += 1;
    }
    if scan.run() == 4 {
        let year = i32::try_from(scan.number(4)?).ok()?;
        scan.eat(b',');
        scan.gap()?;
        let clock = scan.clock(true)?;
        return clock.on(Some(year), month, day);
    }
    if comma {
        return None;
    }
    let clock = scan.clock(false)?;
    // The year behind the time: asctime. A bare number there belongs to the message, unless a weekday stood in front.
    let mark = scan.at;
    if scan.eat(b' ').is_some()
        && scan.run() == 4
        && scan.text.get(scan.at + 4).is_none_or(|b| b" ]:,)\t\"".contains(b))
    {
        let year = i32::try_from(scan.number(4)?).ok()?;
        if weekday && (1900..2300).contains(&year) {
            return clock.on(Some(year), month, day);
        }
    }
    scan.at = mark;
    // `Sat Apr 27 03:33:07 NOVT 2013`: a zone that is not known, between time and year.
    if weekday && clock.offset.is_none() {
        let word = scan.rest().iter().skip(1).take(6).take_while(|b| b.is_ascii_uppercase()).count();
        if scan.peek() == Some(b' ') && word >= 3 {
            scan.at += word + 1;
            if scan.eat(b' ').is_some() && scan.run() == 4 {
                let year = i32::try_from(scan.number(4)?).ok()?;
                return clock.on(Some(year), month, day);
            }
            scan.at = mark;
        }
    }
    clock.on(None, month, day)
}

/// `@4000000043322583` + 8 digits of nanoseconds: TAI64N, as djb's tools write it (ten leap seconds, as they count).
fn tai64n(scan: &mut Scan<'_>) -> Option<Moment> {
    let hex = scan.text.get(1..25)?;
    let number = |range: std::ops::Range<usize>| {
        let text = std::str::from_utf8(hex.get(range)?).ok()?;
        if text.bytes().all(|b| b.is_ascii_hexdigit()) { u64::from_str_radix(text, 16).ok() } else { None }
    };
    let seconds = i64::try_from(number(0..16)?.checked_sub(1 << 62)?).ok()?.checked_sub(10)?;
    let nanos = i64::try_from(number(16..24)?).ok().filter(|n| *n < 1_000_000_000)?;
    scan.at = 25;
    Stamp::from_seconds(seconds, nanos).map(Moment::Instant)
}

/// A number of seconds, milli-, micro- or nanoseconds since 1970 at the start of `text`.
pub(super) fn epoch_number(text: &[u8]) -> Option<(Stamp, usize)> {
    let len = text.iter().take(24).take_while(|b| b.is_ascii_digit()).count();
    let digits = std::str::from_utf8(text.get(..len)?).ok()?;
    let number: i64 = digits.parse().ok()?;
    let scale = match len {
        9 | 10 => 1_000_000_000,
        12 | 13 => 1_000_000,
        15 | 16 => 1_000,
        18 | 19 => 1,
        _ => return None,
    };
    let mut nanos = number.checked_mul(scale)?;
    let mut end = len;
    if let Some(b'.' | b',') = text.get(len) {
        let fraction = text.get(len + 1..).unwrap_or_default();
        let more = fraction.iter().take(20).take_while(|b| b.is_ascii_digit()).count();
        if more > 0 {
            let mut step = scale;
            for d in fraction.iter().take(more) {
                step /= 10;
                nanos = nanos.checked_add(i64::from(d - b'0') * step)?;
            }
            end += 1 + more;
        }
    }
    // Before 1990 it is another number.
    (nanos > 631_152_000_000_000_000).then_some((Stamp(nanos), end))
}
