//! Moments and spans, in whole nanoseconds: sums of integers do not depend on their order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment: nanoseconds since 1970-01-01T00:00:00Z. Covers the years 1678 to 2262.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp(pub i64);

impl Stamp {
    /// The earliest moment that can be written.
    pub const MIN: Stamp = Stamp(i64::MIN);
    /// The latest moment that can be written.
    pub const MAX: Stamp = Stamp(i64::MAX);

    /// From microseconds, as the journal counts; `None` outside of the range.
    pub fn from_micros(us: i64) -> Option<Stamp> {
        us.checked_mul(1_000).map(Stamp)
    }

    /// From seconds and nanoseconds; `None` outside of the range.
    pub fn from_seconds(seconds: i64, nanos: i64) -> Option<Stamp> {
        seconds.checked_mul(1_000_000_000)?.checked_add(nanos).map(Stamp)
    }

    /// From jiff's timestamp; `None` outside of the years 1678 to 2262.
    pub fn from_jiff(ts: jiff::Timestamp) -> Option<Stamp> {
        i64::try_from(ts.as_nanosecond()).ok().map(Stamp)
    }

    /// As jiff's timestamp.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The time that passed since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Stamp) -> Span {
        Span(self.0.saturating_sub(earlier.0).max(0))
    }

    /// The moment `span` later, at most [`Stamp::MAX`].
    pub fn plus(self, span: Span) -> Stamp {
        Stamp(self.0.saturating_add(span.0))
    }

    /// The moment `span` earlier, at least [`Stamp::MIN`].
    pub fn minus(self, span: Span) -> Stamp {
        Stamp(self.0.saturating_sub(span.0))
    }

    /// `2026-05-11T22:40:02.913Z`: RFC 3339 in UTC, with as many digits of a second as needed (0, 3, 6 or 9).
    pub fn rfc3339(self) -> String {
        let ts = self.to_jiff();
        let nanos = self.0.rem_euclid(1_000_000_000);
        let form = match nanos {
            0 => "%Y-%m-%dT%H:%M:%SZ",
            n if n % 1_000_000 == 0 => "%Y-%m-%dT%H:%M:%S.%3fZ",
            n if n % 1_000 == 0 => "%Y-%m-%dT%H:%M:%S.%6fZ",
            _ => "%Y-%m-%dT%H:%M:%S.%9fZ",
        };
        ts.strftime(form).to_string()
    }

    /// `22:40:02`, in UTC.
    pub fn clock(self) -> String {
        self.to_jiff().strftime("%H:%M:%S").to_string()
    }

    /// `22:40:02.9`, in UTC.
    pub fn clock_tenths(self) -> String {
        let tenth = self.0.rem_euclid(1_000_000_000) / 100_000_000;
        format!("{}.{tenth}", self.clock())
    }

    /// `2026-05-11`, in UTC.
    pub fn date(self) -> String {
        self.to_jiff().strftime("%Y-%m-%d").to_string()
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// How sure the time of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Date, time and zone were in the record.
    Exact,
    /// The record had no zone; the reference zone was assumed.
    AssumedZone,
    /// The record had no year (or no date); the one nearest before the reference time was assumed.
    AssumedYear,
    /// The record had no time of its own; that of its source (the record before it, or the moment of reading) stands in.
    None,
}

/// A length of time in nanoseconds, never negative when it comes from this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Span(pub i64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// So many seconds.
    pub const fn seconds(s: i64) -> Span {
        Span(s.saturating_mul(1_000_000_000))
    }

    /// So many milliseconds.
    pub const fn millis(ms: i64) -> Span {
        Span(ms.saturating_mul(1_000_000))
    }

    /// Whole seconds, rounded down.
    pub fn as_seconds(self) -> i64 {
        self.0 / 1_000_000_000
    }
}

/// `350 ms`, `19 s`, `4 min`, `1 h 20 min`, `3 d`: two units at most, the way a person would say it.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1_000_000;
        let s = ms / 1_000;
        let pair = |f: &mut fmt::Formatter<'_>, big: i64, unit: &str, small: i64, below: &str| {
            if small == 0 { write!(f, "{big} {unit}") } else { write!(f, "{big} {unit} {small} {below}") }
        };
        match s {
            0 => write!(f, "{ms} ms"),
            1..=119 => write!(f, "{s} s"),
            120..=3599 => write!(f, "{} min", s / 60),
            3600..=86_399 => pair(f, s / 3600, "h", s % 3600 / 60, "min"),
            _ => pair(f, s / 86_400, "d", s % 86_400 / 3600, "h"),
        }
    }
}

/// Reads `60s`, `5 min`, `1h`, `90`, `1d 2h`; a number without a unit is seconds.
impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        let wrong = || format!("expected a span such as '60s', '5min' or '6h', found '{text}'");
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        let mut sum: i64 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
            rest = rest[digits..].trim_start();
            let word = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let unit: i64 = match &rest[..word] {
                "ms" | "msec" => 1_000_000,
                "" | "s" | "sec" | "second" | "seconds" => 1_000_000_000,
                "m" | "min" | "minute" | "minutes" => 60_000_000_000,
                "h" | "hr" | "hour" | "hours" => 3_600_000_000_000,
                "d" | "day" | "days" => 86_400_000_000_000,
                "w" | "week" | "weeks" => 604_800_000_000_000,
                _ => return Err(wrong()),
            };
            rest = rest[word..].trim_start();
            sum = number.checked_mul(unit).and_then(|n| sum.checked_add(n)).ok_or_else(wrong)?;
        }
        Ok(Span(sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_print_as_few_digits_as_they_need() {
        assert_eq!(Stamp(0).rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(Stamp(1_500_000_000).rfc3339(), "1970-01-01T00:00:01.500Z");
        assert_eq!(Stamp(1_000_001_000).rfc3339(), "1970-01-01T00:00:01.000001Z");
        assert_eq!(Stamp(-1).rfc3339(), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(Stamp(1_950_000_000).clock_tenths(), "00:00:01.9");
    }

    #[test]
    fn spans_read_and_print() {
        assert_eq!("60s".parse(), Ok(Span::seconds(60)));
        assert_eq!("5 min".parse(), Ok(Span::seconds(300)));
        assert_eq!("1h 30min".parse(), Ok(Span::seconds(5400)));
        assert_eq!("90".parse(), Ok(Span::seconds(90)));
        assert!("".parse::<Span>().is_err());
        assert!("5 parsecs".parse::<Span>().is_err());
        assert!("99999999999999999999s".parse::<Span>().is_err());
        assert_eq!(Span::seconds(19).to_string(), "19 s");
        assert_eq!(Span::seconds(4800).to_string(), "1 h 20 min");
        assert_eq!(Span::millis(350).to_string(), "350 ms");
        assert_eq!(Span::seconds(259_200).to_string(), "3 d");
    }
}
