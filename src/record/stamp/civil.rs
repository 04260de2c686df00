//! The calendar: dates and times of day to moments.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::base::Stamp;

/// Days from 1970-01-01 to a date of the Gregorian calendar; `None` for a date that does not exist.
pub(super) fn days(year: i32, month: u8, day: u8) -> Option<i64> {
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    };
    if day == 0 || day > length {
        return None;
    }
    // The year begins in March, so that the leap day is the last of its year.
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The year of a moment in UTC.
pub(super) fn year_of(stamp: Stamp) -> i32 {
    let days = stamp.0.div_euclid(86_400_000_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    i32::try_from(year + era * 400 + i64::from(of_year >= 306)).unwrap_or(1970)
}

/// A date and a second of the day with a known offset from UTC.
pub(super) fn with_offset(year: i32, month: u8, day: u8, second: u32, nanos: u32, offset: i32) -> Option<Stamp> {
    let seconds = days(year, month, day)? * 86_400 + i64::from(second) - i64::from(offset);
    Stamp::from_seconds(seconds, i64::from(nanos))
}

/// The same in a zone: a time that the clock skipped is moved forward, of a time that it showed twice the first counts.
pub(super) fn local(year: i32, month: u8, day: u8, second: u32, nanos: u32, zone: &TimeZone) -> Option<Stamp> {
    let narrow = |n: u8| i8::try_from(n).ok();
    let date = Date::new(i16::try_from(year).ok()?, narrow(month)?, narrow(day)?).ok()?;
    // A leap second is the last second of its minute.
    let second = if second >= 86_400 { 86_399 } else { second };
    let part = |n: u32| i8::try_from(n).ok();
    let time =
        Time::new(part(second / 3_600)?, part(second / 60 % 60)?, part(second % 60)?, i32::try_from(nanos).ok()?)
            .ok()?;
    Stamp::from_jiff(zone.to_timestamp(date.to_datetime(time)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_years_agree_with_the_calendar() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(2000, 2, 29), Some(11_016));
        assert_eq!(days(1900, 2, 29), None);
        assert_eq!(days(2026, 4, 31), None);
        for year in 1700..2250 {
            let first = days(year, 1, 1).unwrap() * 86_400_000_000_000;
            assert_eq!(year_of(Stamp(first)), year);
            assert_eq!(year_of(Stamp(first - 1)), year - 1);
        }
    }
}
