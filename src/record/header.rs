//! The front of a text line: time, level, logger and process id in any usual order, and where the message begins.
//!
//! In: one line (or a message that a wrapper carried). Out: what its front states. Only the front is read, at most
//! `WINDOW` bytes; words of the message itself are never taken for a level.

mod first;
#[cfg(test)]
mod tests;
mod word;

use std::ops::Range;

use self::first::first_word;
pub(super) use self::word::names_exception;
use self::word::{
    bracket_number, bracketed, is_logger, level_word, number, skip_separators, trim_word, word_at, words_of,
};
use super::places::{Places, Sign};
use super::stamp::{self, Seen};
use crate::base::Level;

/// How far the front of a line reaches.
pub(super) const WINDOW: usize = 256;
/// How many words may stand between a time and a level.
const WORDS: usize = 7;
/// How many words may stand before a time, and before one in brackets.
const OPEN_TO: usize = 6;
const IN_BRACKETS: usize = 14;
/// How many lines tell whether times have a date.
const LINES: usize = 400;

/// What the front of a line states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The time that stands at the front (or in the brackets of an access log).
    pub time: Option<Seen>,
    /// The level in the logger's own words.
    pub level: Option<Level>,
    /// The logger's name.
    pub logger: Option<Range<usize>>,
    /// The process id.
    pub pid: Option<u32>,
    /// Where the message begins; 0 when the front is not surely a prefix.
    pub body: usize,
}

/// Have most of the times at the fronts of these lines a date?
pub fn mostly_dated(page: &[u8]) -> bool {
    let (mut dated, mut bare) = (0usize, 0usize);
    for seen in page.split(|b| *b == b'\n').take(LINES).filter_map(|line| read(line).time) {
        if seen.is_dated() { dated += 1 } else { bare += 1 }
    }
    dated > bare
}

/// The last time of day without a date at the front of one of these lines.
pub fn last_clock(page: &[u8]) -> Option<Seen> {
    let fronts = page.split(|b| *b == b'\n').rev().take(LINES);
    fronts.filter_map(|line| read(line).time).find(|seen| !seen.is_dated())
}

/// May a word of `text` be taken for a level, wherever its front is said to end? `false`: there is no such word.
pub(super) fn names_level(text: &[u8]) -> bool {
    let is_letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphabetic);
    let mut from = 0;
    while from < text.len() {
        let mut to = from;
        while is_letter(to) {
            to += 1;
        }
        let word = text.get(from..to).unwrap_or_default();
        let known = Level::from_word(word).is_some() || matches!(word, b"V" | b"v" | b"NOTE" | b"Note" | b"System");
        // Nothing but separators stands beside a level, or a number behind it (`debug2`, `E0517`).
        let apart = |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|b| SEPARATORS.contains(b));
        let numbered = text.get(to).is_some_and(u8::is_ascii_digit);
        if known && apart(from.checked_sub(1)) && (numbered || apart(Some(to))) {
            return true;
        }
        from = to + 1;
    }
    false
}

/// What may stand beside a level; the quote closes a time before it.
const SEPARATORS: &[u8] = b" \t\n|:.[]<>(),/-\"";

/// Reads the front of `text`.
pub fn read(text: &[u8]) -> Header {
    let mut header = Header::default();
    let window = text.get(..WINDOW.min(text.len())).unwrap_or(text);
    match text.first() {
        None => return header,
        Some(b'<') => {
            // `<3>text`, the way a process tells journald its level.
            if let [b'<', n @ b'0'..=b'7', b'>', ..] = text {
                header.level = Level::from_number(n - b'0');
                header.body = 3;
                return header;
            }
        }
        Some(b'I' | b'W' | b'E' | b'F' | b'D') if super::klog::starts(text) => {
            header.level = Level::from_word(text.get(..1).unwrap_or_default());
            return header;
        }
        _ => {}
    }
    let Some((start, seen)) = front_time(window) else {
        first_word(window, &mut header);
        return header;
    };
    header.time = Some(seen);
    let before = window.get(..start).unwrap_or_default();
    let after = start + seen.len;
    if before.len() > 48 || before.iter().filter(|b| **b == b' ').count() > 3 {
        // The time stands inside the line (access logs): the message is the whole line.
        if window.get(after) != Some(&b']') || !seen.is_dated() {
            first_word(window, &mut header);
        }
        return header;
    }
    header.level = level_before(before);
    process_before(before, &mut header);
    behind_time(text, window, after, before, &mut header);
    header
}

/// A digit, a capital or `@` (the sign before the capitals) behind a sign that may stand before a time.
struct Opening;

impl Sign for Opening {
    #[inline]
    fn is(before: u8, byte: u8) -> bool {
        let opens = (before == b' ')
            | (before == b'[')
            | (before == b'(')
            | (before == b'"')
            | (before == b'=')
            | (before == b'|')
            | (before == b'\t')
            | (before == b':')
            | (before == b'>')
            | (before == b']');
        opens & ((byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'@') < 27))
    }
}

/// Reads what stands behind a time that takes the first `len` bytes of `text`, as [`read`] does after that time.
pub fn behind(text: &[u8], len: usize) -> Header {
    let mut header = Header::default();
    let window = text.get(..WINDOW.min(text.len())).unwrap_or(text);
    behind_time(text, window, len, b"", &mut header);
    header
}

/// The time at the front: at the first byte, or behind a few words such as `[`, `1:M `, `ts=`, `host nginx[2833]: `,
/// `1.2.3.4 - - [`.
fn front_time(window: &[u8]) -> Option<(usize, Seen)> {
    let first = *window.first()?;
    if !stamp::may_hold(window) {
        return None;
    }
    if (first.is_ascii_alphanumeric() || first == b'@' || first >= 0x80)
        && let Some(seen) = stamp::read(window)
    {
        // A bare epoch or clock must stand alone.
        let next = window.get(seen.len);
        if next.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_' || *b == b'T') {
            return Some((0, seen));
        }
    }
    let mut clock = None;
    for start in Places::<Opening>::new(window) {
        // A name of a month or a weekday has three letters here; most words are sorted out by this.
        if window.get(start).is_some_and(u8::is_ascii_uppercase)
            && !matches!(window.get(start + 3), Some(b' ' | b',' | b'/' | b'-' | b'.'))
        {
            continue;
        }
        let Some(seen) = window.get(start..).and_then(stamp::read) else { continue };
        let next = window.get(start + seen.len);
        if next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            continue;
        }
        let before = window.get(..start).unwrap_or_default();
        let words = before.iter().filter(|b| **b == b' ').count();
        if words > IN_BRACKETS {
            break;
        }
        let bracketed = matches!(before.last(), Some(b'[' | b'('));
        // Deep inside a line a date is what the line talks about, unless it stands in brackets.
        if words > OPEN_TO && !bracketed {
            continue;
        }
        let bare_number = window.get(start..start + seen.len).is_some_and(|t| t.iter().all(u8::is_ascii_digit));
        if !seen.is_dated() {
            if start <= 16 && words <= 1 && clock.is_none() {
                clock = Some((start, seen));
            }
        } else if !bare_number || (start <= 16 && words <= 1) {
            return Some((start, seen));
        }
    }
    clock
}

/// What may stand before the time: `I [`, `E `, `INFO   | jvm 1    | `, `[INFO:logger] `.
fn level_before(before: &[u8]) -> Option<Level> {
    let mut words = words_of(before).enumerate().take(4);
    words.find_map(|(n, word)| level_word(word, n == 0).map(|(level, _)| level))
}

/// `1:M ` before a Redis time, `[3574] ` before that of a Sentinel or a NATS server.
fn process_before(before: &[u8], header: &mut Header) {
    let text = before.trim_ascii();
    let digits = match text {
        [b'[', inner @ .., b']'] => inner,
        [inner @ .., b':', b'M' | b'S' | b'C' | b'X'] => inner,
        _ => return,
    };
    header.pid = number(digits);
}

/// The words between the time and the message.
fn behind_time(text: &[u8], window: &[u8], after: usize, before: &[u8], header: &mut Header) {
    let mut at = after;
    // The quote, bracket or bar that closes the time.
    while let Some(b']' | b')' | b'"' | b':' | b',' | b'|' | b'-' | b' ' | b'\t') = window.get(at) {
        at += 1;
    }
    let plain_body = at;
    // Redis: one sign is the level.
    if let (Some(_), Some([sign @ (b'.' | b'-' | b'*' | b'#'), b' ', ..])) = (header.pid, redis_sign(window, after)) {
        header.level = Some(match sign {
            b'#' => Level::Warning,
            b'*' => Level::Notice,
            _ => Level::Debug,
        });
        header.body = (after + 3).min(text.len());
        return;
    }
    if header.level.is_some() {
        header.body = plain_body;
        return;
    }
    let mut logger: Option<Range<usize>> = None;
    let mut prose = 0;
    let mut number = None;
    let mut numbers = 0;
    let mut in_brackets = false;
    for count in 0..WORDS {
        let Some((start, end)) = word_at(window, at) else { break };
        let word = window.get(start..end).unwrap_or_default();
        let first = count == numbers && before.len() <= 1;
        numbers += usize::from(word.iter().all(u8::is_ascii_digit));
        if let Some((level, rest)) = level_word(word, first || bracketed(word)) {
            header.level = Some(level);
            header.pid = header.pid.or(number);
            let mut body = start + rest;
            body = skip_separators(window, body);
            // A name in brackets before the level is often a thread.
            if (logger.is_none() || in_brackets)
                && let Some((range, next)) = logger_behind(window, body)
            {
                logger = Some(range);
                body = next;
            }
            header.logger = logger;
            header.body = body.min(text.len());
            return;
        }
        // Two words of prose: the message has begun, and a level in it is what it talks about.
        prose += usize::from(word.iter().all(u8::is_ascii_lowercase));
        if prose > 1 {
            break;
        }
        if let Some(pid) = bracket_number(word) {
            // A bare number is a process only where a level follows; in an access log it is a status.
            if bracketed(word) && count <= 1 {
                header.pid = header.pid.or(Some(pid));
            } else {
                number = number.or(Some(pid));
            }
        } else if logger.is_none() && is_logger(word) {
            let trimmed = trim_word(word);
            let offset = start + (word.len() - word.trim_ascii_start().len());
            let lead = word.iter().position(|b| trimmed.first() == Some(b)).unwrap_or(0);
            logger = Some(offset + lead..offset + lead + trimmed.len());
            in_brackets = bracketed(word);
        }
        // A colon ends the front: what follows is the message.
        if word.ends_with(b":") && count > 0 && !bracketed(word) && header.pid.is_none() {
            break;
        }
        at = skip_separators(window, end);
    }
    header.body = if before.is_empty() || before == b"[" { plain_body.min(text.len()) } else { 0 };
}

fn redis_sign(window: &[u8], after: usize) -> Option<&[u8]> {
    window.get(after..)?.strip_prefix(b" ")
}

/// The name of a logger behind the level: `lyra.core.x: `, `[main] org.apache.X: `, `c.e.App - `, `app | `. A single
/// word before a colon is more often the message (`failed: ...`), so a name must look like one.
fn logger_behind(window: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let (mut start, mut end) = word_at(window, at)?;
    if bracketed(window.get(start..end)?) {
        (start, end) = word_at(window, skip_separators(window, end))?;
    }
    let word = window.get(start..end)?;
    let behind = window.get(end..)?;
    let name = match word.strip_suffix(b":") {
        Some(name) => name,
        None if behind.starts_with(b" - ") || behind.starts_with(b" : ") || behind.starts_with(b" | ") => word,
        None => return None,
    };
    let looks =
        name.iter().any(|b| matches!(b, b'.' | b'_' | b'$' | b':')) || behind.starts_with(b" | ") || name == b"root";
    if !looks || !is_logger(name) {
        return None;
    }
    let next = skip_separators(window, start + name.len());
    Some((start..start + name.len(), next))
}
