//! The steps of which times are made: numbers, separators, times of day, names of months.

use super::shape::Moment;
use super::{civil, zone};

/// A position in the text; every step either moves it or says no.
pub(super) struct Scan<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

/// A time of day with what followed it.
pub(super) struct Clock {
    second: u32,
    nanos: u32,
    pub(super) offset: Option<i32>,
}

impl Clock {
    pub(super) fn moment(&self) -> Moment {
        Moment::Clock { second: self.second, nanos: self.nanos, offset: self.offset }
    }

    pub(super) fn on(&self, year: Option<i32>, month: u8, day: u8) -> Option<Moment> {
        let Clock { second, nanos, offset } = *self;
        match (year, offset) {
            (Some(year), Some(offset)) => {
                civil::with_offset(year, month, day, second, nanos, offset).map(Moment::Instant)
            }
            (Some(year), None) => {
                civil::days(year, month, day).map(|_| Moment::Local { year, month, day, second, nanos })
            }
            // 2000 is a leap year: every day of a year without a name may be real.
            (None, _) => civil::days(2000, month, day).map(|_| Moment::Yearless { month, day, second, nanos, offset }),
        }
    }
}

impl<'a> Scan<'a> {
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// How many digits follow.
    pub(super) fn run(&self) -> usize {
        self.rest().iter().take(24).take_while(|b| b.is_ascii_digit()).count()
    }

    pub(super) fn number(&mut self, len: usize) -> Option<u32> {
        let digits = self.text.get(self.at..self.at.checked_add(len)?)?;
        let mut value = 0u32;
        for d in digits {
            if !d.is_ascii_digit() {
                return None;
            }
            value = value.checked_mul(10)?.checked_add(u32::from(d - b'0'))?;
        }
        self.at += len;
        Some(value)
    }

    pub(super) fn small(&mut self, len: usize) -> Option<u8> {
        self.number(len).and_then(|n| u8::try_from(n).ok())
    }

    /// One or two digits, perhaps behind a space that pads them.
    pub(super) fn padded(&mut self) -> Option<u8> {
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        match self.run() {
            n @ (1 | 2) => self.small(n),
            _ => None,
        }
    }

    pub(super) fn eat(&mut self, byte: u8) -> Option<()> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Some(())
        } else {
            None
        }
    }

    pub(super) fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let b = self.peek().filter(|b| set.contains(b))?;
        self.at += 1;
        Some(b)
    }

    /// `HH:MM:SS`, `HH.MM.SS`, with fraction, AM or PM, and zone. `dated`: the seconds may be missing.
    pub(super) fn clock(&mut self, dated: bool) -> Option<Clock> {
        let hour = match self.run() {
            n @ (1 | 2) => self.number(n)?,
            _ => return None,
        };
        let sep = self.one_of(b":.")?;
        let minute = self.number(2)?;
        let second = if self.peek() == Some(sep) && self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            self.number(2)?
        } else if dated && sep == b':' {
            0
        } else {
            return None;
        };
        self.finish(hour, minute, second)
    }

    /// What may follow the seconds.
    pub(super) fn finish(&mut self, mut hour: u32, minute: u32, second: u32) -> Option<Clock> {
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let mut nanos = 0;
        if let Some(sep) = self.peek().filter(|b| matches!(b, b'.' | b',' | b':')) {
            let digits = self.text.get(self.at + 1..).unwrap_or_default();
            let len = digits.iter().take(20).take_while(|b| b.is_ascii_digit()).count();
            if (sep != b':' && (1..=18).contains(&len)) || (sep == b':' && len == 3) {
                for i in 0..9 {
                    let digit = if i < len { digits.get(i).map_or(0, |d| u32::from(d - b'0')) } else { 0 };
                    nanos = nanos * 10 + digit;
                }
                self.at += 1 + len;
            }
        }
        let half = self.rest();
        let half = half.strip_prefix(b" ").unwrap_or(half);
        if let [a @ (b'A' | b'a' | b'P' | b'p'), b'M' | b'm', ..] = half
            && half.get(2).is_none_or(|b| !b.is_ascii_alphanumeric())
            && (1..=12).contains(&hour)
        {
            hour = hour % 12 + if matches!(a, b'P' | b'p') { 12 } else { 0 };
            self.at = self.text.len() - half.len() + 2;
        }
        let mut offset = None;
        if let Some((seconds, len)) = zone::read(self.rest()) {
            offset = Some(seconds);
            self.at += len;
        }
        Some(Clock { second: hour * 3_600 + minute * 60 + second, nanos, offset })
    }

    /// What stands between a date and a time of day.
    pub(super) fn gap(&mut self) -> Option<()> {
        match self.one_of(b"T t_:-.,")? {
            b' ' => {
                while self.peek() == Some(b' ') && self.at < 64 {
                    self.at += 1;
                }
                if self.rest().starts_with(b"- ") {
                    self.at += 2;
                }
            }
            b',' => {
                self.eat(b' ');
            }
            _ => {}
        }
        Some(())
    }

    /// A month's name: three letters or more, in English and the shortest forms of some other languages.
    pub(super) fn month(&mut self) -> Option<u8> {
        let rest = self.rest();
        let len = rest.iter().take(12).take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80).count();
        let month = month_number(rest.get(..len)?)?;
        self.at += len;
        self.eat(b'.');
        Some(month)
    }
}

/// The number of a month's name.
fn month_number(word: &[u8]) -> Option<u8> {
    const ENGLISH: [&[u8]; 12] = [
        b"january",
        b"february",
        b"march",
        b"april",
        b"may",
        b"june",
        b"july",
        b"august",
        b"september",
        b"october",
        b"november",
        b"december",
    ];
    const OTHER: &[(&str, u8)] = &[
        ("janv", 1),
        ("févr", 2),
        ("fév", 2),
        ("mars", 3),
        ("mär", 3),
        ("märz", 3),
        ("avr", 4),
        ("mai", 5),
        ("juin", 6),
        ("juil", 7),
        ("août", 8),
        ("ago", 8),
        ("okt", 10),
        ("déc", 12),
        ("dez", 12),
    ];
    if word.len() < 3 {
        return None;
    }
    let mut lower = [0u8; 12];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    for (number, name) in (1u8..).zip(ENGLISH) {
        if lower.len() <= name.len() && name.starts_with(lower) && (lower.len() == 3 || lower.len() == name.len()) {
            return Some(number);
        }
    }
    if lower == b"sept" {
        return Some(9);
    }
    OTHER.iter().find(|(name, _)| name.as_bytes() == lower).map(|(_, number)| *number)
}

/// `Mon`, `Monday`, with an optional comma.
pub(super) fn is_weekday(word: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] = [b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday"];
    word.len() >= 3
        && DAYS.iter().any(|d| {
            (word.len() == 3 || word.len() == d.len())
                && d.get(..word.len()).is_some_and(|d| d.eq_ignore_ascii_case(word))
        })
}
