//! Does it rise? The test of Mann and Kendall: of all pairs of readings, how many rise and how many fall?
//!
//! In: readings in their order. Out: which way they go, whether that may be chance, and how likely chance alone would bring
//! them as far. Counts are whole numbers; only the probability, which is shown and never compared, is a fraction.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::base::Number;

/// Up to so many different readings the probability is counted out, not approximated.
const EXACT: usize = 10;

/// 1.96 squared, in ten-thousandths: chance alone goes as far in one of twenty cases.
const CRITICAL: i128 = 38_416;

/// Readings of one series, counted pair by pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Kendall {
    n: usize,
    /// Pairs that rise less pairs that fall.
    score: i64,
    /// How often each value stands in it.
    values: BTreeMap<Number, u32>,
}

impl Kendall {
    /// The score of these readings.
    pub(super) fn of(readings: impl IntoIterator<Item = Number>) -> Kendall {
        let mut all = Vec::new();
        let mut kendall = Kendall::default();
        for reading in readings {
            kendall.add(reading, all.iter().copied(), std::iter::empty());
            all.push(reading);
        }
        kendall
    }

    /// Adds a reading between those before and those after it.
    pub(super) fn add(
        &mut self,
        value: Number,
        before: impl Iterator<Item = Number>,
        after: impl Iterator<Item = Number>,
    ) {
        self.score += pairs(value, before, after);
        self.n += 1;
        *self.values.entry(value).or_default() += 1;
    }

    /// Takes a reading away from between those before and those after it.
    pub(super) fn remove(
        &mut self,
        value: Number,
        before: impl Iterator<Item = Number>,
        after: impl Iterator<Item = Number>,
    ) {
        self.score -= pairs(value, before, after);
        self.n = self.n.saturating_sub(1);
        if let Some(times) = self.values.get_mut(&value) {
            *times -= 1;
            if *times == 0 {
                self.values.remove(&value);
            }
        }
    }

    /// Which way the readings go, unless that may be chance (one case in twenty, both ways).
    pub(super) fn direction(&self) -> Ordering {
        let far = i128::from(self.score.unsigned_abs()) - 1;
        let sure = far > 0 && far * far * 18 * 10_000 > CRITICAL * self.variance();
        if sure { self.score.cmp(&0) } else { Ordering::Equal }
    }

    /// How likely chance alone goes as far, in either direction: from 0 to 1, in ten-thousandths.
    pub(super) fn probability(&self) -> Number {
        let p = match self.variance() {
            _ if self.score == 0 => 1.0,
            0 => 1.0,
            _ if self.n <= EXACT && self.values.len() == self.n => self.counted(),
            variance => {
                // One pair less, because scores go in steps of two.
                let far = (self.score.unsigned_abs() as f64) - 1.0;
                chance(far / (variance as f64 / 18.0).sqrt())
            }
        };
        Number::from_f64((p.clamp(0.0, 1.0) * 10_000.0).round() / 10_000.0).unwrap_or(Number::ONE)
    }

    /// Eighteen times the variance of the score, with a correction for equal readings.
    fn variance(&self) -> i128 {
        let term = |n: i128| n * (n - 1) * (2 * n + 5);
        term(self.n as i128) - self.values.values().map(|&times| term(i128::from(times))).sum::<i128>()
    }

    /// All orders of `n` different readings, by their number of falling pairs: those that go as far are counted.
    fn counted(&self) -> f64 {
        let mut orders = vec![1u64];
        for n in 2..=self.n {
            let mut next = vec![0u64; orders.len() + n - 1];
            for (falling, count) in orders.iter().enumerate() {
                next.iter_mut().skip(falling).take(n).for_each(|sum| *sum += count);
            }
            orders = next;
        }
        let pairs = orders.len() as i64 - 1;
        let all: u64 = orders.iter().sum();
        let far = |falling: i64| (pairs - 2 * falling).abs() >= self.score.abs();
        let as_far: u64 = (0..).zip(&orders).filter(|(falling, _)| far(*falling)).map(|(_, count)| count).sum();
        as_far as f64 / all as f64
    }
}

/// The pairs of a reading that rise less those that fall.
fn pairs(value: Number, before: impl Iterator<Item = Number>, after: impl Iterator<Item = Number>) -> i64 {
    let before: i64 = before.map(|earlier| sign(earlier.cmp(&value))).sum();
    before + after.map(|later| sign(value.cmp(&later))).sum::<i64>()
}

fn sign(order: Ordering) -> i64 {
    match order {
        Ordering::Less => 1,
        Ordering::Equal => 0,
        Ordering::Greater => -1,
    }
}

/// The two tails of the normal distribution beyond `z` (Abramowitz and Stegun 7.1.26, right to six places).
fn chance(z: f64) -> f64 {
    let x = z.max(0.0) / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let sum = terms.iter().fold(0.0, |sum, term| (sum + term) * t);
    sum * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kendall(readings: &[i64]) -> Kendall {
        Kendall::of(readings.iter().map(|&n| Number::whole(n)))
    }

    #[test]
    fn the_probabilities_are_those_of_the_tables() {
        for (readings, p, direction) in [
            (&[][..], "1", Ordering::Equal),
            (&[1], "1", Ordering::Equal),
            (&[1, 2, 3], "0.3333", Ordering::Equal),
            (&[1, 2, 3, 4], "0.0833", Ordering::Equal),
            (&[1, 2, 3, 4, 5], "0.0167", Ordering::Greater),
            (&[5, 4, 3, 2, 1], "0.0167", Ordering::Less),
            (&[1, 2, 3, 5, 4], "0.0833", Ordering::Equal),
            (&[7, 7, 7, 7, 7, 7], "1", Ordering::Equal),
            // With equal readings: S = 14, variance (6*5*17 - 2*1*9)/18 = 27.33, z = 13/5.228.
            (&[1, 2, 3, 3, 4, 5], "0.0129", Ordering::Greater),
            // Beyond ten: S = 55, variance 165, z = 54/12.845.
            (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], "0", Ordering::Greater),
            // S = 16, equal readings: variance 162, z = 15/12.73.
            (&[2, 1, 4, 3, 6, 5, 4, 7, 3, 8, 2], "0.2386", Ordering::Equal),
        ] {
            let kendall = kendall(readings);
            assert_eq!(
                (kendall.probability().to_string().as_str(), kendall.direction()),
                (p, direction),
                "{readings:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn counting_on_is_counting_anew(
            readings in prop::collection::vec(0i64..6, 1..30),
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0i64..6), 0..30),
        ) {
            let mut numbers: Vec<Number> = readings.iter().map(|&n| Number::whole(n)).collect();
            let mut on = Kendall::of(numbers.iter().copied());
            for (at, value) in changes {
                let at = at.index(numbers.len());
                if value > 2 || numbers.len() == 1 {
                    let (before, after) = numbers.split_at(at);
                    on.add(Number::whole(value), before.iter().copied(), after.iter().copied());
                    numbers.insert(at, Number::whole(value));
                } else {
                    let gone = numbers.remove(at);
                    let (before, after) = numbers.split_at(at);
                    on.remove(gone, before.iter().copied(), after.iter().copied());
                }
            }
            let mut pairs = 0;
            for (at, a) in numbers.iter().enumerate() {
                for b in &numbers[at + 1..] {
                    pairs += i64::from(b > a) - i64::from(b < a);
                }
            }
            let anew = Kendall::of(numbers.iter().copied());
            prop_assert_eq!((on.n, on.score, &on.values), (anew.n, pairs, &anew.values));
            prop_assert_eq!(anew.score, pairs);
        }
    }
}
