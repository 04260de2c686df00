//! Words at the front of a line, and what they may be: a level, a logger, a number.

use crate::base::Level;

/// A word of three letters or more that is a level and nothing else.
pub(super) fn sure_word(word: &[u8]) -> Option<Level> {
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
pub(super) fn level_word(word: &[u8], near: bool) -> Option<(Level, usize)> {
    if let Some(level) = usual_word(word) {
        return Some((level, word.len()));
    }
    // Most words are prose: nothing surrounds them, and nothing in them sets a level apart.
    if word.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return if near { sure_word(word).map(|level| (level, word.len())) } else { None };
    }
    split_word(word, near)
}

/// The same, of any words.
pub(super) fn split_word(word: &[u8], near: bool) -> Option<(Level, usize)> {
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

/// The words that nearly every logger uses, as they stand.
pub(super) fn usual_word(word: &[u8]) -> Option<Level> {
    Some(match word {
        b"DEBUG" => Level::Debug,
        b"INFO" => Level::Info,
        b"WARN" | b"WARNING" => Level::Warning,
        b"ERROR" => Level::Err,
        _ => return None,
    })
}

pub(super) fn letter(one: &[u8]) -> Option<Level> {
    if one == b"V" { Some(Level::Debug) } else { Level::from_word(one) }
}

/// A name such as a logger has: letters first, then letters, digits, dots, colons, dollars, dashes. What was thrown
/// (`sqlite3.OperationalError: database is locked`) is the message, not who said it.
pub(super) fn is_logger(word: &[u8]) -> bool {
    let name = trim_word(word);
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.len() <= 100
        && !names_exception(name)
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'$' | b'-' | b'/'))
}

/// `KeyError`, `java.io.IOException`, `neo4j.exceptions.ServiceUnavailable`, but not `uvicorn.error`.
pub(in crate::record) fn names_exception(name: &[u8]) -> bool {
    let mut parts = name.rsplit(|b| *b == b'.');
    let last = parts.next().unwrap_or_default();
    if !last.first().is_some_and(u8::is_ascii_uppercase) {
        return last == b"gaierror";
    }
    let thrown = |end: &[u8]| last.len() > end.len() && last.ends_with(end);
    thrown(b"Error") || thrown(b"Exception") || parts.next() == Some(b"exceptions")
}

pub(super) fn bracketed(word: &[u8]) -> bool {
    matches!((word.first(), word.last()), (Some(b'['), _) | (Some(b'<'), Some(b'>')) | (Some(b'('), Some(b')')))
}

/// The number inside `[34]`, `[34]:`, `2833#0:` or a word of digits.
pub(super) fn bracket_number(word: &[u8]) -> Option<u32> {
    let inner = trim_word(word);
    let inner = inner.split(|b| *b == b'#').next()?;
    number(inner)
}

pub(super) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
}

/// Without the brackets and separators around it.
pub(super) fn trim_word(word: &[u8]) -> &[u8] {
    let is_edge = |b: &u8| matches!(b, b'[' | b']' | b'<' | b'>' | b'(' | b')' | b':' | b',' | b'|' | b' ');
    let start = word.iter().position(|b| !is_edge(b)).unwrap_or(word.len());
    let end = word.iter().rposition(|b| !is_edge(b)).map_or(start, |last| last + 1);
    word.get(start..end).unwrap_or_default()
}

/// `1.06.520.077`: minutes, seconds, milli- and microseconds since the start.
pub(super) fn elapsed(word: &[u8]) -> bool {
    let mut parts = 0;
    for part in word.split(|b| *b == b'.') {
        if part.is_empty() || part.len() > 4 || !part.iter().all(u8::is_ascii_digit) {
            return false;
        }
        parts += 1;
    }
    parts == 4 && word.len() >= 11
}

pub(super) fn words_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| matches!(b, b' ' | b'\t' | b'|')).filter(|w| !w.is_empty())
}

/// The word at `at`: up to white space or a bar; a bracket that opens reaches to where it closes.
pub(super) fn word_at(window: &[u8], at: usize) -> Option<(usize, usize)> {
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
pub(super) fn skip_separators(window: &[u8], mut at: usize) -> usize {
    loop {
        match window.get(at) {
            Some(b' ' | b'\t' | b'|') => at += 1,
            Some(b':') => at += 1,
            Some(b'-') if window.get(at + 1) == Some(&b' ') => at += 1,
            _ => return at,
        }
    }
}
