//! Numbers, times and losses in words.

use crate::base::{Span, Stamp, stem};
use crate::incident::{Diagnosis, Incident, Period, Unreadable};

/// `1,912`.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 entry`, `1,912 entries`.
pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// The length of a collection, for [`count`].
pub(super) fn len(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// `1st`, `2nd`, `3rd`, `11th`.
pub(super) fn ordinal(n: u64) -> String {
    let end = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{}{end}", number(n))
}

/// `2026-05-11 22:40:02 to 22:40:21 UTC`; seconds are left out where they are noise, in a period of hours.
pub(super) fn period(from: Stamp, to: Stamp) -> String {
    let long = from.date() != to.date() || to.since(from) >= Span::seconds(600);
    let forms = periods(Some(Period { from, to }));
    if long { forms.last() } else { forms.first() }.cloned().unwrap_or_default()
}

/// The ways to write a period, the longest first: with seconds, and without.
pub(super) fn periods(period: Option<Period>) -> Vec<String> {
    let Some(Period { from, to }) = period else { return vec!["no times".to_owned()] };
    let write = |clock: fn(Stamp) -> String| {
        let (day, last, begin, end) = (from.date(), to.date(), clock(from), clock(to));
        match (day == last, begin == end) {
            (true, true) => format!("{day} {begin} UTC"),
            (true, false) => format!("{day} {begin} to {end} UTC"),
            // The year once, if it is one.
            _ if day.get(..4) == last.get(..4) => {
                format!("{day} {begin} to {} {end} UTC", last.get(5..).unwrap_or(&last))
            }
            _ => format!("{day} {begin} to {last} {end} UTC"),
        }
    };
    vec![write(Stamp::clock), write(minute)]
}

/// `22:40`.
fn minute(at: Stamp) -> String {
    at.clock().chars().take(5).collect()
}

/// `2026-05-11 22:40 UTC`.
pub(super) fn moment(at: Stamp) -> String {
    format!("{} {} UTC", at.date(), minute(at))
}

/// `05-11 22:40:02`, for lists that cross midnight and for live output.
pub(super) fn day_clock(at: Stamp) -> String {
    let date = at.date();
    format!("{} {}", date.get(5..).unwrap_or(&date), at.clock())
}

/// How times are written in a list: with the day only when not all of it happened on one.
pub(super) fn clock_for(diagnosis: &Diagnosis, times: impl Iterator<Item = Stamp>) -> fn(Stamp) -> String {
    // No record had a time: those of the findings stand in for times that nobody knows.
    if diagnosis.period.is_none() {
        return |_| String::new();
    }
    let mut dates = times.map(|t| t.date());
    let first = dates.next();
    if dates.all(|d| Some(&d) == first.as_ref()) { Stamp::clock_tenths } else { day_clock }
}

/// What is missing from the evidence, each in a few words; empty when nothing is.
pub(super) fn losses(diagnosis: &Diagnosis) -> Vec<String> {
    let input = &diagnosis.input;
    let mut out = Vec::new();
    let mut say = |n: u64, one: &str, many: &str| {
        if n > 0 {
            out.push(count(n, one, many));
        }
    };
    say(input.suppressed, "line lost", "lines lost");
    say(len(input.unreadable.len()), "source incomplete", "sources incomplete");
    say(input.truncated, "line cut", "lines cut");
    say(input.late, "record late", "records late");
    let unparsed = input.sources.iter().filter(|source| !source.is_loose()).map(|source| source.unparsed).sum();
    say(unparsed, "line in another form", "lines in another form");
    for (name, &n) in &input.dropped {
        if n > 0 {
            out.push(format!("{} dropped ({name})", number(n)));
        }
    }
    if out.is_empty() && !diagnosis.blind.is_empty() {
        out.push(count(len(diagnosis.blind.len()), "blind stretch", "blind stretches"));
    }
    out
}

/// `nothing lost`, or what was.
pub(super) fn completeness(diagnosis: &Diagnosis) -> String {
    let losses = losses(diagnosis);
    let lost = if losses.is_empty() { "nothing lost".to_owned() } else { losses.join(", ") };
    match diagnosis.input.sources.iter().filter_map(|source| source.duplicates).sum() {
        0 => lost,
        n => format!("{lost}, {} left out", count(n, "duplicate", "duplicates")),
    }
}

/// `1,912 entries, 7 units`.
pub(super) fn amount(diagnosis: &Diagnosis) -> String {
    let entries = count(diagnosis.input.records, "entry", "entries");
    match diagnosis.units.len() {
        0 => entries,
        n => format!("{entries}, {}", count(len(n), "unit", "units")),
    }
}

/// The period in words, or that no record had a time.
pub(super) fn period_of(period_: Option<Period>) -> String {
    match period_ {
        Some(p) => period(p.from, p.to),
        None => "no times".to_owned(),
    }
}

/// `3rd time in 7 d; before this at 2026-05-10 22:40 UTC`, or nothing when it is the first time.
pub(super) fn seen_before(incident: &Incident) -> Option<String> {
    let past = incident.recurring.as_ref().filter(|r| r.times > 1)?;
    let now = if past.first == incident.first_seen { incident.last_seen } else { incident.first_seen };
    let span = now.since(past.first);
    Some(format!("{} time in {span}; before this at {}", ordinal(past.times), moment(past.last)))
}

/// `api, ingest and 3 more`: names of units, short.
pub(super) fn names<'a>(units: impl IntoIterator<Item = &'a str>, max: usize) -> String {
    let mut all: Vec<&str> = units.into_iter().map(stem).collect();
    all.dedup();
    let more = all.len().saturating_sub(max);
    all.truncate(max);
    let list = all.join(", ");
    if more == 0 { list } else { format!("{list} and {} more", number(len(more))) }
}

/// A line of a log without the time and the process number that its program wrote before it: on the screen both stand
/// elsewhere. `2026-03-03 04:13:20.511 UTC [812] PANIC: ...` becomes `PANIC: ...`.
pub(super) fn bare(line: &str) -> &str {
    let mut rest = line.trim_start();
    let mut timed = false;
    let mut bare = line;
    // A date, a time, a zone, a number in brackets: no more than these.
    for _ in 0..5 {
        let Some((word, after)) = rest.split_once(' ') else { break };
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let inner = word.trim_matches(['[', ']', ',']);
        let time = digits >= 4
            && [b':', b'-', b'/'].iter().any(|sign| inner.bytes().filter(|b| b == sign).count() >= 2)
            && inner.bytes().all(|b| b.is_ascii_digit() || b":-/.,TZ+".contains(&b));
        let zone = timed && matches!(word, "UTC" | "GMT" | "Z");
        let process = word.starts_with('[') && word.ends_with(']') && !inner.is_empty() && digits == inner.len();
        if !(time || zone || process) {
            break;
        }
        timed |= time;
        rest = after.trim_start();
        if timed && !rest.is_empty() {
            bare = rest;
        }
    }
    bare
}

/// `journal.json:1661`: where a line stands, without the folders; `usage.json:/events/3` for the row of a document, and
/// `tasks.jsonl:12` for a document in line 12.
pub(super) fn place(source: &str, offset: u64, cursor: Option<&str>) -> String {
    let name = source.rsplit('/').find(|part| !part.is_empty()).unwrap_or(source);
    let in_document = |cursor: &&str| cursor.starts_with(|c: char| c == '/' || c.is_ascii_digit());
    match cursor.filter(in_document) {
        Some(pointer) => format!("{name}:{}", pointer.trim_end_matches(':')),
        None => format!("{name}:{offset}"),
    }
}

/// Why a source could not be read, without its name, which stands in front of it.
pub(super) fn unread(source: &Unreadable) -> &str {
    let rest = source.why.strip_prefix(source.name.as_str()).and_then(|rest| rest.strip_prefix(": "));
    rest.unwrap_or(&source.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(1_234_567, "entry", "entries"), "1,234,567 entries");
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 21, 103].map(ordinal),
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "103rd"]
        );
        let t = |s: i64| Stamp(1_778_539_202_000_000_000).plus(Span::seconds(s));
        assert_eq!(period(t(0), t(19)), "2026-05-11 22:40:02 to 22:40:21 UTC");
        assert_eq!(period(t(0), t(900)), "2026-05-11 22:40 to 22:55 UTC");
        assert_eq!(period(t(0), t(0)), "2026-05-11 22:40:02 UTC");
        assert_eq!(period(t(0), t(7200)), "2026-05-11 22:40 to 05-12 00:40 UTC");
        assert_eq!(periods(None), ["no times"]);
        assert_eq!(names(["a.service", "b.service", "c"], 2), "a, b and 1 more");
        for (line, want) in [
            ("2026-03-03 04:13:20.511 UTC [812] PANIC: full", "PANIC: full"),
            ("[3470] 2026/05/05 16:45:03.401122 [FTL] port", "[FTL] port"),
            ("2026-03-03T04:13:20Z error", "error"),
            ("[12] items left", "[12] items left"),
            ("10.20.30.1:5432 refused", "10.20.30.1:5432 refused"),
            ("2026-03-03 04:13:20", "04:13:20"),
            ("", ""),
        ] {
            assert_eq!(bare(line), want);
        }
        assert_eq!(place("/var/log/a.log", 7, Some("s=ea98;i=1")), "a.log:7");
        assert_eq!(place("state/usage.json", 7, Some("/events/3")), "usage.json:/events/3");
    }
}
