//! The front of a text line: time, level, logger and process id in any usual order, and where the message begins.
//!
//! In: one line (or a message that a wrapper carried). Out: what its front states. Only the front is read, at most
//! [`WINDOW`] bytes; words of the message itself are never taken for a level.

use std::ops::Range;

use super::stamp::{self, Seen};
use crate::base::Level;

/// How far the front of a line reaches.
const WINDOW: usize = 256;
/// How many words may stand between a time and a level.
const WORDS: usize = 7;

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
    redis_role(before, &mut header);
    behind_time(text, window, after, before, &mut header);
    header
}

/// The time at the front: at the first byte, or behind a few words such as `[`, `1:M `, `ts=`, `host nginx[2833]: `,
/// `1.2.3.4 - - [`.
fn front_time(window: &[u8]) -> Option<(usize, Seen)> {
    let first = *window.first()?;
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
    let mut words = 0usize;
    for (at, pair) in window.windows(2).enumerate() {
        let [before, b] = pair else { break };
        if *before == b' ' {
            words += 1;
        }
        let opens = matches!(before, b' ' | b'[' | b'(' | b'"' | b'=' | b'|' | b'\t' | b':' | b'>' | b']');
        if !opens || !(b.is_ascii_digit() || b.is_ascii_uppercase() || *b == b'@') {
            continue;
        }
        let start = at + 1;
        let Some(seen) = window.get(start..).and_then(stamp::read) else { continue };
        let next = window.get(start + seen.len);
        if next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            continue;
        }
        let bracketed = *before == b'[' || *before == b'(';
        // Deep inside a line a date is what the line talks about, unless it stands in brackets.
        if words > if bracketed { 14 } else { 6 } {
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
    let mut words = words_of(before);
    let word = words.next()?;
    level_word(word, true).map(|(level, _)| level)
}

/// `1:M ` before a Redis time, `[3574] ` before that of a Sentinel or a NATS server.
fn redis_role(before: &[u8], header: &mut Header) {
    let text = before.trim_ascii().trim_ascii_end();
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
    if let Some(level) = header.level {
        header.level = Some(level);
        header.body = plain_body;
        return;
    }
    let mut logger: Option<Range<usize>> = None;
    for count in 0..WORDS {
        let Some((start, end)) = word_at(window, at) else { break };
        let word = window.get(start..end).unwrap_or_default();
        let first = count == 0 && before.len() <= 1;
        if let Some((level, rest)) = level_word(word, first || bracketed(word)) {
            header.level = Some(level);
            let mut body = start + rest;
            body = skip_separators(window, body);
            if logger.is_none()
                && let Some((range, next)) = logger_behind(window, body)
            {
                logger = Some(range);
                body = next;
            }
            header.logger = logger;
            header.body = body.min(text.len());
            return;
        }
        if let Some(pid) = bracket_number(word) {
            header.pid = header.pid.or(Some(pid));
        } else if logger.is_none() && is_logger(word) {
            let trimmed = trim_word(word);
            let offset = start + (word.len() - word.trim_ascii_start().len());
            let lead = word.iter().position(|b| trimmed.first() == Some(b)).unwrap_or(0);
            logger = Some(offset + lead..offset + lead + trimmed.len());
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

/// A word that states a level at the very start of a line that has no time.
fn first_word(window: &[u8], header: &mut Header) {
    let line = window.split(|b| *b == b'\n').next().unwrap_or_default();
    let trimmed = line.trim_ascii_start();
    let lead = line.len() - trimmed.len();
    if lead > 0 && !matches!(trimmed.first(), Some(b'[')) {
        return;
    }
    let Some((start, end)) = word_at(line, lead) else { return };
    let word = line.get(start..end).unwrap_or_default();
    // `1.06.520.077 E text`: time since the start of the program.
    if elapsed(word) {
        let next = word_at(line, end + 1).and_then(|(s, e)| line.get(s..e).map(|w| (w, e)));
        if let Some((letter @ [_], end)) = next {
            header.level = Level::from_word(letter);
            header.body = if header.level.is_some() { (end + 1).min(line.len()) } else { 0 };
        }
        return;
    }
    if bracketed(word) {
        if let Some((level, _)) = level_word(word, true) {
            header.level = Some(level);
            return;
        }
        // `[goal] ERROR x`, `[skillomatic:error] x`
        let inside = trim_word(word);
        if let Some(colon) = inside.iter().rposition(|b| *b == b':')
            && let Some(level) = inside.get(colon + 1..).and_then(sure_word)
        {
            header.level = Some(level);
            return;
        }
        if let Some((start, end)) = word_at(line, skip_separators(line, end)) {
            let next = line.get(start..end).unwrap_or_default();
            header.level = stated_word(next);
        }
        return;
    }
    header.level = stated_word(word);
    // `main: ERROR x`, `app.worker ERROR: x`: a single name before an upper-case level with its colon.
    if header.level.is_none()
        && is_logger(word)
        && let Some((start, end)) = word_at(line, skip_separators(line, end))
    {
        let next = line.get(start..end).unwrap_or_default();
        if next.ends_with(b":") || bracketed(next) {
            header.level = stated_word(next).filter(|_| trim_word(next).iter().all(u8::is_ascii_uppercase));
        }
    }
}

/// `ERROR`, `ERROR:`, `Error:`, `warning:`, `[ERR]` as a first word. Words in lower case need their colon.
fn stated_word(word: &[u8]) -> Option<Level> {
    if bracketed(word) {
        return level_word(word, true).map(|(level, _)| level);
    }
    if let Some(name) = word.strip_suffix(b":") {
        // `INFO:root:text` splits below; here the whole word is the level.
        return sure_word(name);
    }
    if let Some(colon) = memchr::memchr(b':', word) {
        let name = word.get(..colon)?;
        return if name.iter().all(u8::is_ascii_uppercase) { sure_word(name) } else { None };
    }
    let name = word.strip_suffix(b",").unwrap_or(word);
    match name {
        b"ERROR" | b"ERR" | b"WARN" | b"WARNING" | b"INFO" | b"DEBUG" | b"TRACE" | b"FATAL" | b"CRITICAL" | b"CRIT"
        | b"SEVERE" | b"VERBOSE" => Level::from_word(name),
        _ => None,
    }
}

/// A word of three letters or more that is a level and nothing else.
fn sure_word(word: &[u8]) -> Option<Level> {
    if word.len() < 3 || word == b"log" || word == b"fine" || word == b"failure" || word == b"Failure" {
        return None;
    }
    let known = Level::from_word(word);
    // Windows and Java: a level with a number (`debug2`), a thread in brackets behind it.
    known.or_else(|| {
        let stem = word.strip_suffix(b"2").or_else(|| word.strip_suffix(b"3"))?;
        if stem.eq_ignore_ascii_case(b"debug") { Some(Level::Debug) } else { None }
    })
}

/// Does `word` state a level? Returns it with the bytes of the word that belong to it. `near`: the word stands where a
/// level is expected, so lower case and single letters count.
fn level_word(word: &[u8], near: bool) -> Option<(Level, usize)> {
    let inner = trim_word(word);
    if inner.is_empty() {
        return None;
    }
    let upper = inner.iter().all(|b| b.is_ascii_uppercase());
    if inner.len() == 1 {
        // `E`, `[E]`: letters that loggers use alone.
        let known = matches!(inner, b"E" | b"W" | b"I" | b"D" | b"F" | b"V" | b"T");
        return if known && near { Some((letter(inner)?, word.len())) } else { None };
    }
    if (upper || near || word.ends_with(b":"))
        && let Some(level) = sure_word(inner)
    {
        return Some((level, word.len()));
    }
    if upper && inner == b"NOTE" || near && (inner == b"Note" || inner == b"System") {
        return Some((Level::Notice, word.len()));
    }
    // `NOTICE[1638]`, `auth_basic:error`, `local.ERROR:`, `Proxy:ERROR:`, `ERROR:module:text`, `25376]INFO:x`
    let open = memchr::memchr(b'[', inner);
    if let Some(name) = open.and_then(|at| inner.get(..at))
        && name.iter().all(u8::is_ascii_uppercase)
        && let Some(level) = sure_word(name)
    {
        return Some((level, word.len()));
    }
    let mut from = 0;
    for part in inner.split(|b| matches!(b, b':' | b'.' | b']' | b'[' | b'|' | b'/')).take(6) {
        let end = from + part.len();
        let loud = part.len() >= 3 && part.iter().all(u8::is_ascii_uppercase);
        let last = end == inner.len();
        if (loud || (bracketed(word) && last && part.len() >= 3))
            && let Some(level) = sure_word(part)
        {
            let lead = word.len() - inner.len();
            let front = word.iter().take(lead).take_while(|b| inner.first() != Some(b)).count();
            return Some((level, if bracketed(word) || last { word.len() } else { front + end }));
        }
        // `V/Tag( 1766):`
        if near && from == 0 && part.len() == 1 && inner.get(1) == Some(&b'/') {
            return letter(part).map(|level| (level, 2));
        }
        from = end + 1;
    }
    None
}

fn letter(one: &[u8]) -> Option<Level> {
    if one == b"V" { Some(Level::Debug) } else { Level::from_word(one) }
}

/// The name of a logger behind the level: `lyra.core.x: `, `[main] org.apache.X: `, `app - `.
fn logger_behind(window: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let (start, end) = word_at(window, at)?;
    let word = window.get(start..end)?;
    let name = word.strip_suffix(b":").or_else(|| {
        let rest = window.get(end..)?;
        let dash = rest.starts_with(b" - ") || rest.starts_with(b" | ") || rest.starts_with(b" : ");
        if dash { Some(word) } else { None }
    })?;
    if !is_logger(name) {
        return None;
    }
    let next = skip_separators(window, start + name.len());
    Some((start..start + name.len(), next))
}

/// A name such as a logger has: letters first, then letters, digits, dots, colons, dollars, dashes.
fn is_logger(word: &[u8]) -> bool {
    let name = trim_word(word);
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.len() <= 100
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'$' | b'-' | b'/'))
}

fn bracketed(word: &[u8]) -> bool {
    matches!((word.first(), word.last()), (Some(b'['), _) | (Some(b'<'), Some(b'>')) | (Some(b'('), Some(b')')))
}

/// The number inside `[34]`, `[34]:`, `2833#0:` or a word of digits.
fn bracket_number(word: &[u8]) -> Option<u32> {
    let inner = trim_word(word);
    let inner = inner.split(|b| *b == b'#').next()?;
    number(inner)
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
}

/// Without the brackets and separators around it.
fn trim_word(word: &[u8]) -> &[u8] {
    let is_edge = |b: &u8| matches!(b, b'[' | b']' | b'<' | b'>' | b'(' | b')' | b':' | b',' | b'|' | b' ');
    let start = word.iter().position(|b| !is_edge(b)).unwrap_or(word.len());
    let end = word.iter().rposition(|b| !is_edge(b)).map_or(start, |last| last + 1);
    word.get(start..end).unwrap_or_default()
}

/// `1.06.520.077`: minutes, seconds, milli- and microseconds since the start.
fn elapsed(word: &[u8]) -> bool {
    let mut parts = 0;
    for part in word.split(|b| *b == b'.') {
        if part.is_empty() || part.len() > 4 || !part.iter().all(u8::is_ascii_digit) {
            return false;
        }
        parts += 1;
    }
    parts == 4 && word.len() >= 11
}

fn words_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| matches!(b, b' ' | b'\t' | b'|')).filter(|w| !w.is_empty())
}

/// The word at `at`: up to white space or a bar; a bracket that opens reaches to where it closes.
fn word_at(window: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = window.get(at..)?;
    let first = *rest.first()?;
    if first == b'\n' {
        return None;
    }
    if first == b'[' {
        let close = rest.iter().take(96).position(|b| *b == b']').map(|p| p + 1);
        if let Some(mut end) = close {
            if rest.get(end) == Some(&b':') {
                end += 1;
            }
            return Some((at, at + end));
        }
    }
    let len = rest.iter().position(|b| matches!(b, b' ' | b'\t' | b'|' | b'\n')).unwrap_or(rest.len());
    // `WARN[0010] x`, `NOTICE[1638] x` stay whole, `a]b` too; `[x][y]` was split above.
    if len == 0 { None } else { Some((at, at + len)) }
}

/// Steps over blanks, bars, lone dashes and colons.
fn skip_separators(window: &[u8], mut at: usize) -> usize {
    loop {
        match window.get(at) {
            Some(b' ' | b'\t' | b'|') => at += 1,
            Some(b':') => at += 1,
            Some(b'-') if window.get(at + 1) == Some(&b' ') => at += 1,
            _ => return at,
        }
    }
}
