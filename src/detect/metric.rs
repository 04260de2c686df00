//! The numbers that detectors looked at: how many, from what to what, and which way they go.
//!
//! In: each number, with the detector and the key that it belongs to. Out: a [`Metric`] by name (the id of the detector, then
//! `key=value` of its `by`). A thousand numbers of a name are kept one by one and their quantiles are exact; beyond that a
//! histogram keeps three digits of them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::base::Number;
use crate::rules::DetectorRule;

use super::kendall::Kendall;
use super::keys::Key;

/// Names kept at most; numbers of further names are counted, not kept.
pub const MOST_METRICS: usize = 200;

/// So many numbers of a name are kept one by one.
const EXACT: usize = 1000;

/// So many stretches of a series are compared to say which way it goes.
const STRETCHES: usize = 256;

/// Digits that a histogram keeps.
const DIGITS: u8 = 3;

/// All metrics of a run.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// By the id of the detector.
    detectors: BTreeMap<String, Named>,
    names: usize,
}

#[derive(Clone, Debug, Default)]
struct Named {
    by: Vec<String>,
    keys: BTreeMap<Key, Metric>,
}

/// The numbers of one name.
#[derive(Clone, Debug)]
pub struct Metric {
    n: u64,
    min: Number,
    max: Number,
    spread: Spread,
    course: Course,
    verdict: Option<&'static str>,
}

/// How the numbers are distributed.
#[derive(Clone, Debug)]
enum Spread {
    /// Each of them.
    Exact(Vec<Number>),
    /// Those below zero by their size, and the others.
    Rounded(Box<[Histogram<u32>; 2]>),
}

/// The sums of stretches of equal length, in the order in which they were read.
#[derive(Clone, Debug)]
struct Course {
    stretches: Vec<i128>,
    /// Numbers in each stretch.
    length: u32,
    /// The stretch that is not full yet, and how many numbers it has.
    last: (i128, u32),
}

impl Metrics {
    /// Notes a number. `false`: there are too many names, it is not kept.
    pub(super) fn note(&mut self, rule: &DetectorRule, key: &Key, value: Number) -> bool {
        if let Some(metric) = self.detectors.get_mut(&rule.id).and_then(|named| named.keys.get_mut(key)) {
            metric.add(value);
            return true;
        }
        if self.names >= MOST_METRICS {
            return false;
        }
        self.names += 1;
        let named = self.detectors.entry(rule.id.clone()).or_default();
        named.by.clone_from(&rule.by);
        named.keys.insert(key.clone(), Metric::new(value));
        true
    }

    /// Says what a detector thinks of the course of a metric; `None`: nothing, the numbers speak for themselves.
    pub(super) fn judge(&mut self, rule: &DetectorRule, key: &Key, verdict: Option<&'static str>) {
        if let Some(metric) = self.detectors.get_mut(&rule.id).and_then(|named| named.keys.get_mut(key)) {
            metric.verdict = verdict;
        }
    }

    /// All metrics with their names.
    pub fn iter(&self) -> impl Iterator<Item = (String, &Metric)> {
        self.detectors.iter().flat_map(|(id, named)| {
            named.keys.iter().map(move |(key, metric)| {
                let parts = named.by.iter().zip(key.iter()).map(|(name, value)| format!(" {name}={value}"));
                (parts.fold(id.clone(), |name, part| name + &part), metric)
            })
        })
    }
}

impl Metric {
    fn new(value: Number) -> Metric {
        let spread = Spread::Exact(Vec::new());
        let course = Course { stretches: Vec::new(), length: 1, last: (0, 0) };
        let mut metric = Metric { n: 0, min: value, max: value, spread, course, verdict: None };
        metric.add(value);
        metric
    }

    fn add(&mut self, value: Number) {
        self.n += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.course.add(value);
        if let Spread::Exact(all) = &mut self.spread {
            if all.len() < EXACT {
                all.push(value);
                return;
            }
            // The digits are a number that histograms have, so both are made.
            let (Ok(below), Ok(others)) = (Histogram::new(DIGITS), Histogram::new(DIGITS)) else { return };
            let mut rounded = [below, others];
            all.iter().for_each(|&value| record(&mut rounded, value));
            self.spread = Spread::Rounded(Box::new(rounded));
        }
        if let Spread::Rounded(rounded) = &mut self.spread {
            record(rounded, value);
        }
    }

    /// How many numbers.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The smallest.
    pub fn min(&self) -> Number {
        self.min
    }

    /// The largest.
    pub fn max(&self) -> Number {
        self.max
    }

    /// The smallest number that so many of a hundred are not above.
    pub fn percentile(&self, percent: u8) -> Number {
        let rank = (u128::from(self.n) * u128::from(percent)).div_ceil(100).max(1);
        let rank = u64::try_from(rank).unwrap_or(u64::MAX).min(self.n);
        let found = match &self.spread {
            Spread::Exact(all) => {
                let mut sorted = all.clone();
                sorted.sort_unstable();
                usize::try_from(rank - 1).ok().and_then(|at| sorted.get(at).copied())
            }
            Spread::Rounded(rounded) => ranked(rounded, rank),
        };
        found.unwrap_or(self.max).clamp(self.min, self.max)
    }

    /// `improving`, `degrading` or `stagnant` where a detector says so; else `rising`, `falling` or `flat`.
    pub fn trend(&self) -> &'static str {
        self.verdict.unwrap_or_else(|| self.course.word())
    }
}

impl Course {
    fn add(&mut self, value: Number) {
        self.last.0 += i128::from(value.0);
        self.last.1 += 1;
        if self.last.1 < self.length {
            return;
        }
        self.stretches.push(std::mem::take(&mut self.last).0);
        if self.stretches.len() == STRETCHES {
            self.stretches = self.stretches.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.length = self.length.saturating_mul(2);
        }
    }

    fn word(&self) -> &'static str {
        // All stretches are of one length, so their means compare as their sums do.
        let mean = |sum: &i128| i64::try_from(sum / i128::from(self.length)).map_or(Number(i64::MAX), Number);
        match Kendall::of(self.stretches.iter().map(mean)).direction() {
            Ordering::Greater => "rising",
            Ordering::Less => "falling",
            Ordering::Equal => "flat",
        }
    }
}

/// Beyond four thousand million times in one place it counts no further.
fn record(rounded: &mut [Histogram<u32>; 2], value: Number) {
    let [below, others] = rounded;
    let side = if value < Number::ZERO { below } else { others };
    let _ = side.record(value.0.unsigned_abs());
}

/// The number at this place of the order: those below zero from the largest size on, then the others.
fn ranked([below, others]: &[Histogram<u32>; 2], rank: u64) -> Option<Number> {
    let number = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    if rank <= below.len() {
        return Some(Number(-number(at(below, below.len() - rank + 1)?)));
    }
    Some(Number(number(at(others, rank - below.len())?)))
}

/// The value at this place of a histogram.
fn at(histogram: &Histogram<u32>, rank: u64) -> Option<u64> {
    let mut seen = 0;
    let mut values = histogram.iter_recorded();
    values.find_map(|value| {
        seen += value.count_since_last_iteration();
        (seen >= rank).then(|| histogram.highest_equivalent(value.value_iterated_to()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(values: impl IntoIterator<Item = i64>) -> Metric {
        let mut values = values.into_iter().map(Number::whole);
        let mut metric = Metric::new(values.next().unwrap());
        values.for_each(|value| metric.add(value));
        metric
    }

    fn percentiles(metric: &Metric) -> [i64; 5] {
        let whole = |n: Number| n.0 / Number::ONE.0;
        [metric.min(), metric.percentile(50), metric.percentile(90), metric.percentile(99), metric.max()].map(whole)
    }

    #[test]
    fn few_numbers_are_told_exactly() {
        assert_eq!(percentiles(&metric([7])), [7, 7, 7, 7, 7]);
        assert_eq!(percentiles(&metric([3, 1, 2])), [1, 2, 3, 3, 3]);
        assert_eq!(percentiles(&metric([1, 2, 3, 4])), [1, 2, 4, 4, 4]);
        assert_eq!(percentiles(&metric(1..=100)), [1, 50, 90, 99, 100]);
        assert_eq!(percentiles(&metric((1..=1000).rev())), [1, 500, 900, 990, 1000]);
        assert_eq!(percentiles(&metric(-5..=5)), [-5, 0, 4, 5, 5]);
    }

    #[test]
    fn many_numbers_are_told_to_three_digits() {
        for (values, told) in [
            (1..=100_000i64, [1, 50_000, 90_000, 99_000, 100_000]),
            (-50_000..=49_999, [-50_000, -1, 39_999, 48_999, 49_999]),
        ] {
            let metric = metric(values);
            assert_eq!(metric.n(), 100_000);
            for (found, told) in percentiles(&metric).into_iter().zip(told) {
                assert!((found - told).abs() <= told.abs() / 1000 + 1, "{found} for {told}");
            }
        }
        let extreme = metric((0..3000).map(|n| if n % 2 == 0 { i64::MAX } else { i64::MIN }));
        assert_eq!(
            (extreme.percentile(50), extreme.percentile(99)),
            (Number(i64::MIN + 1).max(extreme.min()), extreme.max())
        );
    }

    #[test]
    fn the_course_of_a_long_series_is_that_of_its_stretches() {
        for (values, word) in [
            ((0..4).collect::<Vec<i64>>(), "flat"),
            ((0..5).collect(), "rising"),
            ((0..5).rev().collect(), "falling"),
            ((0..10_000).collect(), "rising"),
            ((0..10_000).map(|n| n % 7).collect(), "flat"),
            ((0..10_000).map(|n| -n / 100 + n % 7).collect(), "falling"),
        ] {
            let metric = metric(values.iter().copied());
            assert!(metric.course.stretches.len() < STRETCHES);
            assert_eq!(metric.trend(), word, "{} numbers", values.len());
        }
    }
}
