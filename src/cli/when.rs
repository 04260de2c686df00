//! Times as people type them: the forms of systemd.time(7) that `journalctl -S` takes.

use jiff::tz::TimeZone;
use jiff::{Zoned, civil};

use crate::base::{Span, Stamp};

/// Reads a time in this machine's zone, relative to now.
pub(super) fn parse(text: &str) -> Result<Stamp, String> {
    read(text, &Zoned::now())
}

fn read(text: &str, now: &Zoned) -> Result<Stamp, String> {
    let wrong = || {
        format!(
            "expected a time such as '2026-05-11 22:40', '22:40', 'yesterday', '-2h', '30min ago' or '@1778539200', found '{text}'"
        )
    };
    let text = text.trim();
    let present = Stamp::from_jiff(now.timestamp()).ok_or_else(wrong)?;
    let midnight = |days: i64| {
        let day = now.date().checked_add(jiff::Span::new().days(days)).ok()?;
        zoned(day.to_datetime(civil::Time::midnight()), now.time_zone())
    };
    match text {
        "now" => return Ok(present),
        "today" => return midnight(0).ok_or_else(wrong),
        "yesterday" => return midnight(-1).ok_or_else(wrong),
        "tomorrow" => return midnight(1).ok_or_else(wrong),
        _ => {}
    }
    if let Some(epoch) = text.strip_prefix('@') {
        let (seconds, fraction) = epoch.split_once('.').unwrap_or((epoch, ""));
        let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
        let seconds: i64 = seconds.parse().map_err(|_| wrong())?;
        return Stamp::from_seconds(seconds, digits.parse().map_err(|_| wrong())?).ok_or_else(wrong);
    }
    let span = |t: &str| t.trim().parse::<Span>().map_err(|_| wrong());
    if let Some(past) = text.strip_suffix("ago").or_else(|| text.strip_prefix('-')) {
        return Ok(present.minus(span(past)?));
    }
    if let Some(future) = text.strip_prefix('+') {
        return Ok(present.plus(span(future)?));
    }
    if let Ok(exact) = text.parse::<jiff::Timestamp>() {
        return Stamp::from_jiff(exact).ok_or_else(wrong);
    }
    let (text, zone) = match text.strip_suffix(" UTC") {
        Some(rest) => (rest, TimeZone::UTC),
        None => (text, now.time_zone().clone()),
    };
    civil_time(text, now).and_then(|time| zoned(time, &zone)).ok_or_else(wrong)
}

fn civil_time(text: &str, now: &Zoned) -> Option<civil::DateTime> {
    // A weekday in front is allowed and not checked, as systemd prints it.
    let text = match text.split_once(' ') {
        Some((day, rest)) if day.len() == 3 && day.bytes().all(|b| b.is_ascii_alphabetic()) => rest,
        _ => text,
    };
    let text = text.replace('T', " ");
    let (date, time) = match text.split_once(' ') {
        Some((date, time)) => (Some(date.to_owned()), Some(time.trim().to_owned())),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let date = match date {
        Some(date) => date.parse::<civil::Date>().ok()?,
        None => now.date(),
    };
    let time = match time {
        Some(time) if time.matches(':').count() == 1 => format!("{time}:00").parse().ok()?,
        Some(time) => time.parse().ok()?,
        None => civil::Time::midnight(),
    };
    Some(date.to_datetime(time))
}

fn zoned(time: civil::DateTime, zone: &TimeZone) -> Option<Stamp> {
    Stamp::from_jiff(zone.to_ambiguous_timestamp(time).compatible().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_systemd_time() {
        let now: Zoned = "2026-05-11T22:40:00+02:00[Europe/Berlin]".parse().unwrap();
        for (text, expected) in [
            ("now", "2026-05-11T20:40:00Z"),
            ("today", "2026-05-10T22:00:00Z"),
            ("yesterday", "2026-05-09T22:00:00Z"),
            ("-2h", "2026-05-11T18:40:00Z"),
            ("30min ago", "2026-05-11T20:10:00Z"),
            ("1h 30min ago", "2026-05-11T19:10:00Z"),
            ("+1d", "2026-05-12T20:40:00Z"),
            ("@0", "1970-01-01T00:00:00Z"),
            ("@1.5", "1970-01-01T00:00:01.500Z"),
            ("2026-05-11", "2026-05-10T22:00:00Z"),
            ("2026-05-11 22:40", "2026-05-11T20:40:00Z"),
            ("Mon 2026-05-11 22:40:01.25", "2026-05-11T20:40:01.250Z"),
            ("2026-05-11 22:40 UTC", "2026-05-11T22:40:00Z"),
            ("2026-05-11T22:40:00Z", "2026-05-11T22:40:00Z"),
            ("08:15", "2026-05-11T06:15:00Z"),
        ] {
            assert_eq!(read(text, &now).map(|s| s.rfc3339()), Ok(expected.to_owned()), "{text}");
        }
        for text in ["", "soon", "25:00", "2026-13-01", "-", "@x", "ago"] {
            assert!(read(text, &now).unwrap_err().contains("expected a time"), "{text}");
        }
    }
}
