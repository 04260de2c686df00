//! The numbers of a detector, and how they are compared.

use serde::{Deserialize, Serialize};

use crate::base::{Number, Span};

/// The numbers of a detector. The configuration can change each that its kind looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// How many events, readings, changes.
    pub at_least: Option<u32>,
    /// The window; the time allowed.
    pub within: Option<Span>,
    /// How long nothing is new yet.
    pub after: Option<Span>,
    /// Only so many of the newest; of those before.
    pub last: Option<u32>,
    /// How many of the newest are looked at.
    pub recent: Option<u32>,
    /// So many different values.
    pub values: Option<u32>,
    /// The limit.
    pub compare: Option<Comparison>,
    /// The share by which the last differs from the first.
    pub change: Option<Number>,
    /// How many times as much.
    pub times: Option<Number>,
    /// Which quantile, from 0 to 1.
    pub q: Option<Number>,
    /// From this value on it is down.
    pub down_at: Option<Number>,
    /// Days of UTC instead of a sliding window.
    pub per_day: bool,
    /// The direction that is bad.
    pub worse: Direction,
}

impl Numbers {
    /// How many; 1 where the rule does not say.
    pub fn at_least(&self) -> usize {
        self.at_least.unwrap_or(1) as usize
    }

    /// The window; all time where the rule does not say.
    pub fn within(&self) -> Span {
        self.within.unwrap_or(Span(i64::MAX))
    }
}

/// The direction that is bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// More is worse.
    #[default]
    Up,
    /// Less is worse.
    Down,
}

/// A limit, and which side of it is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// More than it.
    Above(Number),
    /// It or more.
    From(Number),
    /// Less than it.
    Below(Number),
    /// It or less.
    To(Number),
}

impl Comparison {
    /// The comparison of this key of packs.
    pub fn of(key: &str, limit: Number) -> Option<Comparison> {
        Some(match key {
            "above" => Comparison::Above(limit),
            "from" => Comparison::From(limit),
            "below" => Comparison::Below(limit),
            "to" => Comparison::To(limit),
            _ => return None,
        })
    }

    /// Is the value on the bad side?
    pub fn holds(self, value: Number) -> bool {
        match self {
            Comparison::Above(limit) => value > limit,
            Comparison::From(limit) => value >= limit,
            Comparison::Below(limit) => value < limit,
            Comparison::To(limit) => value <= limit,
        }
    }

    /// Is the share `part / all` on the bad side? Exact, whatever the division leaves over.
    pub fn holds_share(self, part: Number, all: Number) -> bool {
        let side = |limit: Number| (i128::from(part.0) * 1_000_000).cmp(&(i128::from(limit.0) * i128::from(all.0)));
        match self {
            Comparison::Above(limit) => side(limit).is_gt(),
            Comparison::From(limit) => side(limit).is_ge(),
            Comparison::Below(limit) => side(limit).is_lt(),
            Comparison::To(limit) => side(limit).is_le(),
        }
    }

    /// The limit.
    pub fn limit(self) -> Number {
        match self {
            Comparison::Above(n) | Comparison::From(n) | Comparison::Below(n) | Comparison::To(n) => n,
        }
    }

    /// The key of packs.
    pub fn word(self) -> &'static str {
        match self {
            Comparison::Above(_) => "above",
            Comparison::From(_) => "from",
            Comparison::Below(_) => "below",
            Comparison::To(_) => "to",
        }
    }

    /// Less is bad.
    pub fn is_low(self) -> bool {
        matches!(self, Comparison::Below(_) | Comparison::To(_))
    }
}
