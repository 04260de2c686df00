//! A quick look at `time host program[pid]: message`.

use super::super::header::names_exception;
use super::super::stamp::{Lacks, Minute};
use super::super::{Reference, Scratch, short};
use super::Glance;
use super::line::{Line, Said, colon, names_itself};
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
#[inline(always)]
pub(super) fn said<'a>(
    text: &'a [u8],
    level: Option<Level>,
    reference: &Reference,
    minute: &mut Minute,
) -> Option<Said<'a>> {
    let (time, certainty, len) = time(text, reference, minute)?;
    let rest = text.get(len..)?.strip_prefix(b" ")?;
    let (key, message) = origin(rest)?;
    Some(Said { key, time, certainty, level, message, partial: false })
}

/// The time and its length.
#[inline]
fn time(text: &[u8], reference: &Reference, minute: &mut Minute) -> Option<(Option<Stamp>, Certainty, usize)> {
    let first = *text.first()?;
    if first == b'[' {
        let (since, len) = short::monotonic(text)?;
        return Some(match reference.boot {
            Some(boot) => (Some(boot.plus(since)), Certainty::AssumedYear, len),
            None => (None, Certainty::None, len),
        });
    }
    let told = minute.read(text, reference)?;
    // Text loggers write a date with a year and no zone, and one without a year that begins with a digit.
    if told.lacks != Lacks::Nothing && !first.is_ascii_alphabetic() {
        return None;
    }
    Some((Some(told.time), told.certainty, told.len))
}

/// `host program[pid]:`, which decides the origin, and the message.
#[inline(always)]
fn origin(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = colon(rest, REACH)?;
    let (key, message) = (rest.get(..=colon)?, rest.get(colon + 2..)?);
    // The kernel may put its own time before its words.
    if message.first() == Some(&b'[') && key.ends_with(b" kernel:") {
        return None;
    }
    Some((key, message))
}

/// Is this key surely `host program[pid]:` or `host program:`, of a program whose unit follows from its name alone?
/// That of the manager's and the engines' words follows from what they say.
pub(super) fn vouches(key: &[u8]) -> bool {
    named(key).is_some_and(|(host, program)| {
        let words = !host.is_empty() && !matches!(host, [b'[', ..] | [.., b':']) && is_host(host);
        words && !program.is_empty() && names_itself(program)
    })
}

/// Host and program of a key.
fn named(key: &[u8]) -> Option<(&[u8], &[u8])> {
    if key.iter().any(|b| matches!(b, 0..=0x1f | b'"')) {
        return None;
    }
    let space = memchr::memchr(b' ', key)?;
    let (host, front) = (key.get(..space)?, key.get(space + 1..)?.strip_suffix(b":")?);
    if front.contains(&b' ') {
        return None;
    }
    let Some(inner) = front.strip_suffix(b"]") else {
        // `sqlite3.OperationalError: text` is what was thrown, not who printed it.
        return (!names_exception(front)).then_some((host, front));
    };
    let digits = inner.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let program = inner.get(..inner.len() - digits)?.strip_suffix(b"[")?;
    (digits > 0).then_some((host, program))
}

/// Is it surely a host, where a text logger has its level or what was thrown?
fn is_host(word: &[u8]) -> bool {
    Level::from_word(word).is_none() && !names_exception(word)
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
