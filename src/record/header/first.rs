//! A level at the very start of a line that has no time: `ERROR x`, `[ERR] x`, `main: ERROR x`.
//!
//! In: the front of such a line. Out: the level that its first words state, in the header. Prose states none, and is turned
//! away by a glance.

use super::Header;
use super::word::{bracketed, elapsed, is_logger, level_word, skip_separators, sure_word, trim_word, word_at};
use crate::base::Level;

/// Do the first two words surely state nothing? Most messages are prose, and a few bytes tell.
pub(super) fn is_prose(window: &[u8]) -> bool {
    match window {
        // `ERROR`, `WARN`, `INFO`, `DEBUG`, `TRACE`, `FATAL`, `CRITICAL`, `SEVERE`, `VERBOSE`
        [b'E' | b'T' | b'C', b'R', ..]
        | [b'W' | b'F', b'A', ..]
        | [b'D' | b'S' | b'V', b'E', ..]
        | [b'I', b'N', ..] => {
            return false;
        }
        [b'a'..=b'z' | b'A'..=b'Z', ..] => {}
        // Levels and names are ASCII.
        [0x80..=0xff, ..] => return true,
        // `1.06.520.077`
        [b'0'..=b'9', ..] => return window.iter().find(|b| !b.is_ascii_digit()) != Some(&b'.'),
        _ => return false,
    }
    let mut first = 0;
    loop {
        match window.get(first).map_or(END, |b| SIGNS.get(usize::from(*b)).copied().unwrap_or_default()) {
            0 => first += 1,
            END => break,
            _ => return false,
        }
    }
    // A word in brackets, or one in capitals with a colon behind it, may be a level behind a name.
    let next = window.get(skip_separators(window, first)..).unwrap_or_default();
    match next.first() {
        Some(b'[' | b'<' | b'(') => false,
        Some(b'a'..=b'z') => true,
        _ => {
            let ends = |b: &u8| SIGNS.get(usize::from(*b)) == Some(&END);
            let len = next.iter().position(ends).unwrap_or(next.len());
            len == 0 || next.get(len - 1) != Some(&b':')
        }
    }
}

/// What ends a word, and what in it may set a level apart.
const END: u8 = 1;
const MARK: u8 = 2;
const SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let [space, tab, bar, line] = [b' ', b'\t', b'|', b'\n'];
    (signs[space as usize], signs[tab as usize], signs[bar as usize], signs[line as usize]) = (END, END, END, END);
    (signs[b':' as usize], signs[b'[' as usize]) = (MARK, MARK);
    signs
};

/// A word that states a level at the very start of a line that has no time.
pub(super) fn first_word(window: &[u8], header: &mut Header) {
    if !is_prose(window) {
        state_first(window, header);
    }
}

/// The same, of any words.
pub(super) fn state_first(window: &[u8], header: &mut Header) {
    let line = memchr::memchr(b'\n', window).and_then(|end| window.get(..end)).unwrap_or(window);
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
        && let Some((start, end)) = word_at(line, skip_separators(line, end))
    {
        let next = line.get(start..end).unwrap_or_default();
        if (next.ends_with(b":") || bracketed(next)) && is_logger(word) {
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
    // `WARN[0010] text`, as logrus prints on a terminal.
    let name = match memchr::memchr(b'[', name) {
        Some(open) if name.ends_with(b"]") => name.get(..open)?,
        _ => name,
    };
    match name {
        b"ERROR" | b"ERR" | b"WARN" | b"WARNING" | b"INFO" | b"DEBUG" | b"TRACE" | b"FATAL" | b"CRITICAL" | b"CRIT"
        | b"SEVERE" | b"VERBOSE" => Level::from_word(name),
        _ => None,
    }
}
