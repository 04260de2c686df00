//! Dollars: sums of many small costs, exact to a millionth of a millionth.
//!
//! Costs of single calls are often below a millionth of a dollar, so sums are kept finer than they are shown. All tools
//! show six places.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// Parts of a dollar.
const ONE: i128 = 1_000_000_000_000;
/// Parts of a millionth of a dollar.
const MICRO: i128 = 1_000_000;
/// Nobody spends more at once.
const MOST: i128 = ONE * 1_000_000_000_000;

/// An amount of dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i128);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// Whole dollars.
    pub const fn dollars(n: i64) -> Money {
        Money(n as i128 * ONE)
    }

    /// Rounded to six places, halves to the even neighbour, as the tools round what they print.
    #[must_use]
    pub fn rounded(self) -> Money {
        let (whole, rest) = (self.0.div_euclid(MICRO), self.0.rem_euclid(MICRO));
        let up = rest * 2 > MICRO || (rest * 2 == MICRO && whole.rem_euclid(2) == 1);
        Money((whole + i128::from(up)) * MICRO)
    }

    /// One of `n` equal parts.
    #[must_use]
    pub fn divided(self, n: u32) -> Money {
        Money(self.0 / i128::from(n.max(1)))
    }

    /// In millionths of a dollar, rounded.
    fn micros(self) -> i128 {
        self.rounded().0 / MICRO
    }
}

impl Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Money;

    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(all: I) -> Money {
        all.fold(Money::ZERO, Add::add)
    }
}

/// Reads `6.3`, `0.00012`, `1e-05`, `-2`: what JSON and CSV hold.
impl FromStr for Money {
    type Err = String;

    fn from_str(text: &str) -> Result<Money, String> {
        let wrong = || format!("expected an amount such as '6.3' or '1e-05', found '{text}'");
        let (mantissa, exponent) = match text.trim().split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| wrong())?),
            None => (text.trim(), 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        // The place of the first digit, 0 for that before the point; what lies below the last place is cut.
        let mut place = i64::try_from(whole.len()).map_err(|_| wrong())? - 1 + i64::from(exponent);
        let mut sum: i128 = 0;
        for digit in digits() {
            if place >= -12 && digit != b'0' {
                let power = u32::try_from(place + 12).ok().filter(|power| *power <= 25).ok_or_else(wrong)?;
                sum += i128::from(digit - b'0') * 10_i128.pow(power);
            }
            place -= 1;
        }
        if sum > MOST {
            return Err(wrong());
        }
        Ok(Money(if negative { -sum } else { sum }))
    }
}

/// `$6.30`, `$0.000012`: two places at least, six at most.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.micros();
        let sign = if micros < 0 { "-" } else { "" };
        let (whole, rest) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
        let mut places = format!("{rest:06}");
        while places.len() > 2 && places.ends_with('0') {
            places.pop();
        }
        f.pad(&format!("{sign}${whole}.{places}"))
    }
}

/// A number in dollars, rounded to six places.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // One division of two whole numbers: the nearest double, which is printed as these digits again.
        to.serialize_f64(self.micros() as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Money>().map_or_else(|why| why, |money| money.to_string())
    }

    #[test]
    fn amounts_are_read_and_shown() {
        for (text, want) in [
            ("6.3", "$6.30"),
            ("6.30", "$6.30"),
            ("0", "$0.00"),
            ("-2.5", "-$2.50"),
            ("1e-05", "$0.00001"),
            ("1.5E2", "$150.00"),
            ("0.1234565", "$0.123456"),
            ("0.1234575", "$0.123458"),
            ("0.0000004", "$0.00"),
            (" 12 ", "$12.00"),
            ("00012.", "$12.00"),
            ("1e12", "$1000000000000.00"),
            ("1e-400", "$0.00"),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
        for text in ["", "-", ".", "1e", "0x1", "12 USD", "1e13", "1e400", "NaN", "--1"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn ten_thousand_small_costs_are_one_sum() {
        let cost: Money = "0.00000123".parse().unwrap();
        let sum: Money = std::iter::repeat_n(cost, 10_000).sum();
        assert_eq!(sum.to_string(), "$0.0123");
        assert_eq!(serde_json::to_string(&sum).unwrap(), "0.0123");
        assert_eq!(serde_json::to_string(&"6.3".parse::<Money>().unwrap()).unwrap(), "6.3");
        assert_eq!(serde_json::to_string(&Money::dollars(0)).unwrap(), "0.0");
    }
}
