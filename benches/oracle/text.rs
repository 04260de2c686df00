//! Lines of text, cut by functions on text.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Read, level, without_colours};

/// docker's json-file driver.
pub fn docker(bytes: &[u8], unit: &str, each: &mut dyn FnMut(Read)) -> Result<(), String> {
    for line in lines(bytes)? {
        let value: Value = serde_json::from_str(line).map_err(|why| why.to_string())?;
        let (log, time) = (value["log"].as_str().ok_or("no log")?, value["time"].as_str().ok_or("no time")?);
        let message = without_colours(log.trim_end_matches('\n').as_bytes());
        each(Read { time: timestamp(time)?, unit: unit.to_owned(), level: level(&message, None), message });
    }
    Ok(())
}

/// `time stream F message`.
pub fn cri(bytes: &[u8], unit: &str, each: &mut dyn FnMut(Read)) -> Result<(), String> {
    for line in lines(bytes)? {
        let mut parts = line.splitn(4, ' ');
        let mut next = || parts.next().ok_or_else(|| format!("cut: {line}"));
        let (time, _stream, mark, message) = (next()?, next()?, next()?, next()?);
        if mark != "F" {
            return Err(format!("expected a whole line, found {line}"));
        }
        let message = without_colours(message.as_bytes());
        each(Read { time: timestamp(time)?, unit: unit.to_owned(), level: level(&message, None), message });
    }
    Ok(())
}

/// `2026-01-09T12:00:00+0000 host program[pid]: message`.
pub fn short_iso(bytes: &[u8], each: &mut dyn FnMut(Read)) -> Result<(), String> {
    for line in lines(bytes)? {
        let (time, rest) = line.split_once("+0000 ").ok_or_else(|| format!("no time: {line}"))?;
        each(said(timestamp(&format!("{time}Z"))?, rest, None)?);
    }
    Ok(())
}

/// `<30>Jan  9 12:00:00 host program[pid]: message`, all of one year.
pub fn syslog(bytes: &[u8], each: &mut dyn FnMut(Read)) -> Result<(), String> {
    for line in lines(bytes)? {
        let (priority, rest) = line.trim_start_matches('<').split_once('>').ok_or_else(|| format!("cut: {line}"))?;
        let priority: u8 = priority.parse().map_err(|_| format!("no priority: {line}"))?;
        let (time, rest) = rest.split_at_checked(15).ok_or_else(|| format!("no time: {line}"))?;
        let time = DateTime::strptime("%Y %b %e %H:%M:%S", format!("2026 {time}")).map_err(|why| why.to_string())?;
        let time = time.to_zoned(TimeZone::UTC).map_err(|why| why.to_string())?.timestamp();
        each(said(nanos(time)?, rest.trim_start(), Some(priority % 8))?);
    }
    Ok(())
}

/// `host program[pid]: message`. The manager's words are about the unit that they name.
fn said(time: i64, rest: &str, priority: Option<u8>) -> Result<Read, String> {
    let cut = || format!("cut: {rest}");
    let (_host, rest) = rest.split_once(' ').ok_or_else(cut)?;
    let (program, message) = rest.split_once(": ").ok_or_else(cut)?;
    let program = program.split_once('[').map_or(program, |(name, _)| name);
    let unit = if program == "systemd" {
        let named = message.split([' ', ':']).map(|word| word.trim_end_matches('.'));
        named.into_iter().find(|word| word.ends_with(".service")).ok_or_else(cut)?
    } else {
        program
    };
    let message = without_colours(message.as_bytes());
    Ok(Read { time, unit: unit.to_owned(), level: level(&message, priority), message })
}

fn lines(bytes: &[u8]) -> Result<std::str::Lines<'_>, String> {
    std::str::from_utf8(bytes).map(str::lines).map_err(|why| why.to_string())
}

fn timestamp(text: &str) -> Result<i64, String> {
    nanos(text.parse::<Timestamp>().map_err(|why| format!("{text}: {why}"))?)
}

fn nanos(time: Timestamp) -> Result<i64, String> {
    i64::try_from(time.as_nanosecond()).map_err(|why| why.to_string())
}
