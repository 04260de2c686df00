//! A quick look at `time host program[pid]: message`.

use super::super::header::names_exception;
use super::super::stamp::{Lacks, Minute};
use super::super::{Reference, Scratch, short};
use super::Glance;
use super::line::{Line, Said, names_itself, word};
use crate::base::{Certainty, Level, Stamp};

/// How far host and program reach: less than what [`short::read`] looks at for each.
const REACH: usize = 240;

/// A quick look at one line.
#[inline]
pub(super) fn glance<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let line = Line::new(raw, scratch);
    let said = said(line.text, None, reference, line.minute)?;
    Some(line.glance(said))
}

/// What a line says, perhaps behind a priority.
#[inline]
pub(super) fn said<'a>(
    text: &'a [u8],
    level: Option<Level>,
    reference: &Reference,
    minute: &mut Minute,
) -> Option<Said<'a>> {
    let (time, certainty, len, strict) = time(text, reference, minute)?;
    let rest = text.get(len..)?.strip_prefix(b" ")?;
    let (key, message) = origin(rest, strict)?;
    Some(Said { key, time, certainty, level, message, partial: false })
}

/// The time, its length, and whether what follows must have both host and program.
#[inline]
fn time(text: &[u8], reference: &Reference, minute: &mut Minute) -> Option<(Option<Stamp>, Certainty, usize, bool)> {
    let first = *text.first()?;
    if first == b'[' {
        let (since, len) = short::monotonic(text)?;
        return Some(match reference.boot {
            Some(boot) => (Some(boot.plus(since)), Certainty::AssumedYear, len, true),
            None => (None, Certainty::None, len, true),
        });
    }
    let told = minute.read(text, reference)?;
    // Text loggers write a date with a year and no zone, and one without a year that begins with a digit.
    let strict = told.lacks != Lacks::Year;
    if !first.is_ascii_alphabetic() && (told.lacks == Lacks::Zone || !strict) {
        return None;
    }
    Some((Some(told.time), told.certainty, told.len, strict))
}

/// `host program[pid]:`, which decides the origin, and the message.
#[inline]
fn origin(rest: &[u8], strict: bool) -> Option<(&[u8], &[u8])> {
    let host_len = word(rest, REACH)?;
    let (host, body) = rest.split_at_checked(host_len)?;
    if matches!(host, [] | [b'[', ..] | [.., b':']) || (strict && !is_host(host)) {
        return None;
    }
    let body = body.get(1..)?;
    let end = word(body, REACH)?;
    let (front, message) = (body.get(..end)?.strip_suffix(b":")?, body.get(end + 1..)?);
    let name = match front {
        [inner @ .., b']'] => {
            let digits = inner.iter().rev().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            inner.get(..inner.len() - digits)?.strip_suffix(b"[")?
        }
        _ if names_exception(front) => return None,
        _ => front,
    };
    if name.is_empty() || !names_itself(name, message) {
        return None;
    }
    Some((rest.get(..host_len + 1 + front.len())?, message))
}

/// Is it surely a host, where a text logger has its level or what was thrown?
#[inline]
fn is_host(word: &[u8]) -> bool {
    // A level is letters only; what is thrown has capitals in its name or is a `gaierror`.
    let plain = word.iter().any(|b| !b.is_ascii_alphabetic()) && !word.ends_with(b"error");
    (plain && !word.iter().any(u8::is_ascii_uppercase)) || (Level::from_word(word).is_none() && !names_exception(word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{reference, same};
    use super::super::{Format, Origins, Scratch};

    /// Whether there is a glance at each of these lines; what it says is compared.
    fn quick(lines: &[&str]) -> Vec<bool> {
        let (mut scratch, mut origins) = (Scratch::default(), Origins::default());
        let reference = reference(None);
        let look = |line: &&str| {
            same("made up", Format::JournalShort, line.as_bytes(), &reference, &mut scratch, &mut origins)
        };
        lines.iter().map(look).collect()
    }

    #[test]
    fn usual_lines_are_read_quickly() {
        let lines = [
            "2026-01-09T23:06:40+0000 node-7 api[312]: text",
            "2026-01-09T23:06:40.123456+0000 node-7 api[312]: text: more",
            "2026-01-09T23:06:41+00:00 web kernel: text",
            "Jan  9 23:06:40 node-7 api[312]: text",
            "Jan  9 23:06:40 LabSZ sshd[24200]: reverse mapping checking getaddrinfo for x [1.2.3.4] failed",
            "Jan 09 23:06:40.123456 node-7 CRON[1]: (root) CMD (x)",
            "Fri 2026-01-09 23:06:40 UTC node-7 user@1500.service/indexer.service[71]: x",
            "Fri 2026-01-09 23:06:40 CET node-7 api[312]: x",
            "1768000000.123456 node-7 api[312]: x",
            "[   12.345678] node-7 api[312]: x",
            "Jan  9 23:06:40 node-7 api[312]: \x1b[31mERROR\x1b[0m red",
            "\x1b[1mJan  9 23:06:40 node-7 api[312]: bold\x1b[0m",
            "Jan  9 23:06:40 node-7 api[312]: {\"level\":\"error\",\"msg\":\"x\"}",
        ];
        assert_eq!(quick(&lines), vec![true; lines.len()]);
    }

    #[test]
    fn unusual_lines_are_left_to_the_parser() {
        let lines = [
            "",
            " ",
            "-- Boot 0123 --",
            "2026-01-09T23:06:40+0000 node-7 systemd[1]: Started web.service.",
            "2026-01-09T23:06:40+0000 node-7 user@1.service/init.scope[1]: Started web.service.",
            "2026-01-09T23:06:40+0000 node-7 kernel: [    1.000000] x",
            "2026-01-09T23:06:40+0000 node-7 podman[1]: x",
            "2026-01-09T23:06:40+0000 ERROR api[312]: text",
            "2026-01-09T23:06:40+0000 info api: text",
            "2026-01-09T23:06:40+0000 KeyError api: text",
            "2026-01-09T23:06:40+0000 socket.gaierror api: text",
            "2026-01-09T23:06:40+0000 java.lang.IOError api: text",
            "2026-01-09T23:06:40+0000 [main] api: text",
            "2026-01-09T23:06:40+0000 node-7 no program here: text",
            "2026-01-09T23:06:40+0000 node-7 sqlite3.OperationalError: text",
            "2026-01-09T23:06:40+0000 node-7 tab\tbed: text",
            "2026-01-09T23:06:40+0000 node-7 api[312]:",
            "2026-01-09T23:06:40+0000 node-7 [312]: text",
            "2026-01-09T23:06:40+0000 node-7 api[]: text",
            "2026-01-09T23:06:40+0000 node-7 \"api\": text",
            "2026-01-09 23:06:40 node-7 api[312]: text",
            "Jan  9 23:06:40 pop3-login: text",
            "Jan  9 23:06:40 node-7 user.warn api[1]: text",
            "Jan  9 23:06:40 node-7 [24] x: text",
            "Jan  9 23:06:40  api[1]: text",
            "Jan 39 23:06:40 node-7 api[1]: text",
            "23:06:40 node-7 api[1]: text",
            "Traceback (most recent call last):",
        ];
        assert_eq!(quick(&lines), vec![false; lines.len()]);
    }
}
