//! Times as logs write them.
//!
//! In: bytes that may begin with a time, and the [`Reference`] of their source. Out: the moment, how sure it is, and
//! how many bytes it took. What a time lacks (year, date, zone) comes from the reference alone, never from lines before
//! it, so that a line means the same wherever the input is cut.

mod civil;
mod glance;
mod minute;
mod scan;
mod shape;
mod tail;
#[cfg(test)]
mod tests;
mod zone;

pub use glance::may_hold;
pub use minute::{Lacks, Minute};
pub use shape::{Moment, Seen, read};

use jiff::tz::TimeZone;

use super::view::Reference;
use crate::base::{Certainty, Span, Stamp};

/// How much later than the reference a record may claim to be: one day of clock error.
const SLACK: Span = Span::seconds(86_400);
/// The same for times without a date, where a day would put them on the wrong one.
const CLOCK_SLACK: Span = Span::seconds(3_600);

impl Moment {
    /// The point in time, completed from `reference`. `None` for dates that do not exist.
    pub fn resolve(self, reference: &Reference) -> Option<(Stamp, Certainty)> {
        match self {
            Moment::Instant(stamp) => Some((stamp, Certainty::Exact)),
            Moment::Local { year, month, day, second, nanos } => {
                let stamp = civil::local(year, month, day, second, nanos, &reference.zone)?;
                Some((stamp, Certainty::AssumedZone))
            }
            Moment::Yearless { month, day, second, nanos, offset } => {
                let limit = reference.now.plus(SLACK);
                let newest = civil::year_of(limit.plus(SLACK));
                // Nine years back there is always a leap year, also around 1900 and 2100.
                (newest - 9..=newest).rev().find_map(|year| {
                    let stamp = at(year, month, day, second, nanos, offset, &reference.zone)?;
                    (stamp <= limit).then_some((stamp, Certainty::AssumedYear))
                })
            }
            Moment::Clock { .. } if reference.dated => None,
            Moment::Clock { second, nanos, offset } => {
                let limit = reference.now.plus(CLOCK_SLACK);
                let local = limit.plus(SLACK).to_jiff().to_zoned(reference.zone.clone()).date();
                // The day after the limit for zones ahead of it, the day itself, the day before.
                let mut date = local;
                for _ in 0..4 {
                    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
                    let stamp = at(i32::from(date.year()), month, day, second, nanos, offset, &reference.zone);
                    if let Some(stamp) = stamp.filter(|s| *s <= limit) {
                        return Some((stamp, Certainty::AssumedYear));
                    }
                    date = date.yesterday().ok()?;
                }
                None
            }
        }
    }
}

/// A date and time with its offset from UTC, or in the zone that is assumed.
fn at(year: i32, month: u8, day: u8, second: u32, nanos: u32, offset: Option<i32>, zone: &TimeZone) -> Option<Stamp> {
    match offset {
        Some(offset) => civil::with_offset(year, month, day, second, nanos, offset),
        None => civil::local(year, month, day, second, nanos, zone),
    }
}

/// The time at the start of `text`, resolved, and the bytes it took.
pub fn read_at(text: &[u8], reference: &Reference) -> Option<(Stamp, Certainty, usize)> {
    let seen = read(text)?;
    let (stamp, certainty) = seen.moment.resolve(reference)?;
    Some((stamp, certainty, seen.len))
}

/// A number that counts from 1970, in the unit that its size tells: seconds, milli-, micro- or nanoseconds.
///
/// `text` is digits with an optional fraction; years 1990 to 2262 are believed.
pub fn epoch(text: &[u8]) -> Option<Stamp> {
    shape::epoch_number(text).filter(|(_, len)| *len == text.len()).map(|(stamp, _)| stamp)
}
