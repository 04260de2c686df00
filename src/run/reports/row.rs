//! A row: the fields of a record by the names that several systems give to one thing.

use std::borrow::Cow;

use crate::base::Stamp;
use crate::record::{Fields, Record};

/// Bytes of a value that are kept.
const LONGEST: usize = 400;

/// Names of the time of a row that the reader of records does not know.
const TIMES: &[&str] = &[
    "@time",
    "recorded_at",
    "startTime",
    "start_time",
    "updatedAt",
    "updated_at",
    "observed_at",
    "generated_at",
    "written_at",
];

/// The fields of a record.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    fields: Fields<'a>,
}

impl<'a> Row<'a> {
    /// The row that a record is: its own fields, or those of the JSON in its message.
    pub(super) fn of(record: &Record<'a>) -> Option<Row<'a>> {
        match record.said() {
            fields @ Fields::Json(_) => Some(Row { fields }),
            _ => None,
        }
    }

    /// The first of these fields that is there, not null and not empty.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().filter_map(|name| self.fields.get(name)).map(shortened).find(|text| !text.is_empty())
    }

    /// Is one of these fields there, whatever it holds?
    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.fields.get(name).is_some())
    }

    /// The first of these fields that is a whole number.
    pub(super) fn number(&self, names: &[&str]) -> Option<i64> {
        let text = self.text(names)?;
        let whole = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
        whole.parse().ok()
    }

    /// The first of these fields that is a time: ISO with or without zone (then UTC), or seconds, milliseconds,
    /// microseconds or nanoseconds since 1970.
    pub(super) fn time_of(&self, names: &[&str]) -> Option<Stamp> {
        names.iter().filter_map(|name| self.fields.get(name)).find_map(|raw| moment(std::str::from_utf8(&raw).ok()?))
    }

    /// The time of the row, by names that mean it in any system.
    pub(super) fn time(&self) -> Option<Stamp> {
        self.time_of(TIMES)
    }

    /// The latest of all times that it names.
    pub(super) fn latest(&self) -> Option<Stamp> {
        TIMES.iter().filter_map(|name| self.time_of(&[name])).max()
    }
}

fn shortened(raw: Cow<'_, [u8]>) -> String {
    let text = String::from_utf8_lossy(&raw);
    let mut text = text.trim();
    if text.len() > LONGEST {
        let mut end = LONGEST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text = text.get(..end).unwrap_or_default();
    }
    text.to_owned()
}

/// A time as rows write it.
pub(super) fn moment(text: &str) -> Option<Stamp> {
    let text = text.trim();
    if let Ok(exact) = text.parse::<jiff::Timestamp>() {
        return Stamp::from_jiff(exact);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return epoch(text);
    }
    let civil: jiff::civil::DateTime = text.replace(' ', "T").parse().ok()?;
    Stamp::from_jiff(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// Seconds, milliseconds, microseconds or nanoseconds, told apart by their size.
fn epoch(text: &str) -> Option<Stamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i64 = whole.parse().ok()?;
    let unit: i64 = match whole.len() {
        9 | 10 => 1_000_000_000,
        12 | 13 => 1_000_000,
        15 | 16 => 1_000,
        18 | 19 => 1,
        _ => return None,
    };
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let part = if unit == 1_000_000_000 { digits.parse::<i64>().ok()? } else { 0 };
    Some(Stamp(number.checked_mul(unit)?.checked_add(part)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_all_systems() {
        for (text, want) in [
            ("1769811245", "2026-01-30T22:14:05Z"),
            ("1769811245.25", "2026-01-30T22:14:05.250Z"),
            ("1769811245123", "2026-01-30T22:14:05.123Z"),
            ("1769811245123456", "2026-01-30T22:14:05.123456Z"),
            ("2026-01-30T22:14:05.123Z", "2026-01-30T22:14:05.123Z"),
            ("2026-05-15T18:07:20.123456+00:00", "2026-05-15T18:07:20.123456Z"),
            ("2026-05-15T18:07:20+02:00", "2026-05-15T16:07:20Z"),
            ("2026-02-12T21:40:02.114201", "2026-02-12T21:40:02.114201Z"),
            ("2026-02-12 21:40:02", "2026-02-12T21:40:02Z"),
        ] {
            assert_eq!(moment(text).map(|at| at.rfc3339()).as_deref(), Some(want), "{text}");
        }
        for text in ["", "12", "yesterday", "2026-13-01", "99999999999999999999"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
