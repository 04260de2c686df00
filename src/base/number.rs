//! Decimal numbers: what detectors compare, sum up and show.
//!
//! Six places behind the point are enough for money, shares and seconds, and integers have sums that do not depend on the
//! order, which binary fractions do not have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A decimal number of millionths, from about -9.2 to +9.2 million million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub i64);

/// Millionths of one.
const ONE: i64 = 1_000_000;

impl Number {
    /// Nothing.
    pub const ZERO: Number = Number(0);
    /// One.
    pub const ONE: Number = Number(ONE);

    /// A whole number; what is too large becomes the largest.
    pub fn whole(n: i64) -> Number {
        Number(n.saturating_mul(ONE))
    }

    /// A count; what is too large becomes the largest.
    pub fn count(n: usize) -> Number {
        Number::whole(i64::try_from(n).unwrap_or(i64::MAX))
    }

    /// The share `part / all`, rounded down to millionths; `None` of nothing.
    pub fn share(part: Number, all: Number) -> Option<Number> {
        let share = (i128::from(part.0) * i128::from(ONE)).checked_div(i128::from(all.0))?;
        Some(Number(saturated(share)))
    }

    /// The sum; what is too large becomes the largest.
    pub fn plus(self, other: Number) -> Number {
        Number(self.0.saturating_add(other.0))
    }

    /// The difference; what is too small becomes the smallest.
    pub fn minus(self, other: Number) -> Number {
        Number(self.0.saturating_sub(other.0))
    }

    /// The product, rounded towards nothing.
    pub fn times(self, other: Number) -> Number {
        Number(saturated(i128::from(self.0) * i128::from(other.0) / i128::from(ONE)))
    }

    /// As a share, in hundredths with one place: `83.3 %`.
    pub fn percent(self) -> String {
        let tenths = (i128::from(self.0) + if self.0 < 0 { -500 } else { 500 }) / 1_000;
        let text = Number(saturated(tenths * i128::from(ONE) / 10)).to_string();
        format!("{text} %")
    }

    /// The nearest binary fraction, for statistics that are shown and never compared.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / ONE as f64
    }

    /// The nearest decimal; `None` for what is no number or far too large.
    pub fn from_f64(value: f64) -> Option<Number> {
        let millionths = (value * ONE as f64).round();
        (millionths.abs() < i64::MAX as f64).then_some(Number(millionths as i64))
    }
}

fn saturated(n: i128) -> i64 {
    n.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// `12`, `-0.5`, `.5`, `1e-7`, `6.3E2`. What is finer than a millionth is cut; there are no separators and no units.
impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Number, NotANumber> {
        let text = text.trim();
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let (mantissa, rest) = text.split_at(at);
                (mantissa, rest.get(1..).and_then(|rest| rest.parse::<i32>().ok()).ok_or(NotANumber)?)
            }
            None => (text, 0),
        };
        let negative = mantissa.starts_with('-');
        let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let sound = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && part.is_empty()) || !sound(whole) || !sound(part) {
            return Err(NotANumber);
        }
        // The place of a digit: 0 is the last before the point.
        let mut millionths: i128 = 0;
        let first = i64::try_from(whole.len()).map_err(|_| NotANumber)? - 1;
        for (at, digit) in (0..).zip(whole.bytes().chain(part.bytes())) {
            let place = first - at + i64::from(exponent) + 6;
            let digit = i128::from(digit - b'0');
            if digit == 0 || place < 0 {
                continue;
            }
            let power = u32::try_from(place).ok().and_then(|place| 10i128.checked_pow(place)).ok_or(NotANumber)?;
            millionths = digit.checked_mul(power).and_then(|n| millionths.checked_add(n)).ok_or(NotANumber)?;
        }
        let millionths = if negative { -millionths } else { millionths };
        i64::try_from(millionths).map(Number).map_err(|_| NotANumber)
    }
}

/// A text that is no decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber;

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a number such as 12 or 0.8")
    }
}

impl std::error::Error for NotANumber {}

/// As short as it can be: `12`, `0.8`, `-1.25`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / ONE as u64, self.0.unsigned_abs() % ONE as u64);
        let sign = if self.0 < 0 { "-" } else { "" };
        if part == 0 {
            return f.pad(&format!("{sign}{whole}"));
        }
        f.pad(format!("{sign}{whole}.{part:06}").trim_end_matches('0'))
    }
}

/// In JSON a number; in binary forms the millionths.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() || self.0 % ONE == 0 {
            let n = if serializer.is_human_readable() { self.0 / ONE } else { self.0 };
            return serializer.serialize_i64(n);
        }
        serializer.serialize_f64(self.to_f64())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Number);
        }
        let value = f64::deserialize(deserializer)?;
        Number::from_f64(value).ok_or_else(|| serde::de::Error::custom(NotANumber))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_and_programs_write_them() {
        for (text, millionths) in [
            ("12", 12_000_000),
            ("-0.5", -500_000),
            (".5", 500_000),
            ("5.", 5_000_000),
            ("0.1234567", 123_456),
            ("1e-7", 0),
            ("6.3E2", 630_000_000),
            ("1.5e-3", 1_500),
            ("+7", 7_000_000),
            ("9223372036854", 9_223_372_036_854_000_000),
            (" 3 ", 3_000_000),
            ("000000000000000000000000000000000000000001", 1_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Number(millionths)), "{text}");
        }
        for text in
            ["", "-", ".", "1,5", "12MB", "0x10", "1e", "e5", "NaN", "inf", "9223372036855", "1e99", "1e999999999999"]
        {
            assert_eq!(text.parse::<Number>(), Err(NotANumber), "{text}");
        }
    }

    #[test]
    fn numbers_are_shown_as_short_as_they_are() {
        for (millionths, text) in
            [(12_000_000, "12"), (800_000, "0.8"), (-1_250_000, "-1.25"), (1, "0.000001"), (0, "0")]
        {
            assert_eq!(Number(millionths).to_string(), text);
            assert_eq!(
                serde_json::to_string(&Number(millionths)).unwrap(),
                if millionths == 1 { "1e-6" } else { text }
            );
            assert_eq!(text.parse(), Ok(Number(millionths)));
        }
    }

    #[test]
    fn shares_and_products_do_not_overflow() {
        assert_eq!(Number::share(Number::whole(4), Number::whole(5)), Some(Number(800_000)));
        assert_eq!(Number::share(Number::whole(1), Number::ZERO), None);
        assert_eq!(Number(i64::MAX).times(Number::whole(2)), Number(i64::MAX));
        assert_eq!(Number(i64::MAX).plus(Number::ONE), Number(i64::MAX));
        assert_eq!(Number::whole(3).times(Number(1_500_000)), Number(4_500_000));
    }

    #[test]
    fn shares_are_shown_in_hundredths() {
        for (millionths, text) in
            [(833_333, "83.3 %"), (800_000, "80 %"), (50, "0 %"), (999_600, "100 %"), (-125_000, "-12.5 %")]
        {
            assert_eq!(Number(millionths).percent(), text);
        }
    }

    #[test]
    fn binary_forms_keep_every_digit() {
        for n in [Number(1), Number(-987_654_321), Number(i64::MAX)] {
            assert_eq!(postcard::from_bytes(&postcard::to_stdvec(&n).unwrap()), Ok(n));
        }
    }
}
