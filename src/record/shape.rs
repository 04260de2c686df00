//! The shape of a message: what stays the same when a program writes the same line again.
//!
//! In: a message. Out: the message with one `0` for every run of digits, and for every word of hexadecimal digits that has a
//! digit in it (ids, addresses, hashes); and what surely holds for all messages of one shape. Nothing else about a message
//! may be left out of its shape: whoever remembers something about a shape says it about every message that has it.

mod words;

pub use self::words::Words;
use super::join::is_ordinary;
use super::{header, level, logfmt};

/// Messages up to this length have a shape. The front of a line is not longer, so no word of it is cut there.
pub const LONGEST: usize = header::WINDOW;

/// Words of hexadecimal digits from this length on are ids; shorter ones are names such as `eth0` or units such as `5b`.
const ID: usize = 4;

/// Room for the shape of the longest message, with whole words of eight bytes behind it, at every place that [`LAST`] allows.
const ROOM: usize = LAST + 1 + 8;
const LAST: usize = 2 * LONGEST - 1;

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// The shape of one message after the other.
#[derive(Debug)]
pub struct Shape([u8; ROOM]);

impl Default for Shape {
    fn default() -> Shape {
        Shape([0; ROOM])
    }
}

impl Shape {
    /// The shape of this message; `None` where it is too long to have one.
    #[inline]
    pub fn of(&mut self, message: &[u8]) -> Option<&[u8]> {
        if message.len() > LONGEST {
            return None;
        }
        let bytes = &mut self.0;
        let (mut at, mut len) = (0, 0);
        while at < message.len() {
            let eight = load(message, at);
            store(bytes, len, eight);
            let digits = digits(eight);
            if digits == 0 {
                at += 8;
                len += 8;
                continue;
            }
            let before = digits.trailing_zeros() as usize / 8;
            let from = at + before;
            len += before;
            at = behind_number(message, from, digits >> (8 * before));
            let letter = |at: usize| message.get(at).is_some_and(|byte| is_id(*byte));
            if (letter(from.wrapping_sub(1)) || letter(at))
                && let Some((start, end)) = id(message, from, at)
            {
                // No digit stands before the first one of a word: so much of it is in the shape already.
                len -= from - start;
                at = end;
            }
            bytes[len & LAST] = b'0';
            len += 1;
        }
        // What was put together beyond the end.
        bytes.get(..len - (at - message.len()))
    }
}

/// Where the run of digits at `from` ends; `digits` are those among the bytes from there on that were looked at already.
#[inline(always)]
fn behind_number(text: &[u8], from: usize, digits: u64) -> usize {
    let mut at = from;
    let mut others = !digits & HIGH;
    // Bytes that were not looked at count as others, and are looked at now.
    loop {
        let run = others.trailing_zeros() as usize / 8;
        at += run;
        if run == 0 || !text.get(at).is_some_and(u8::is_ascii_digit) {
            return at;
        }
        others = !self::digits(load(text, at)) & HIGH;
    }
}

/// The eight bytes at `at`, the first one lowest, and zeros for those behind the end.
#[inline(always)]
fn load(text: &[u8], at: usize) -> u64 {
    if let Some(eight) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        return u64::from_le_bytes(*eight);
    }
    let rest = text.get(at..).unwrap_or_default();
    match text.last_chunk() {
        Some(eight) if !rest.is_empty() => u64::from_le_bytes(*eight) >> (64 - 8 * rest.len()),
        _ => rest.iter().rev().fold(0, |eight, byte| eight << 8 | u64::from(*byte)),
    }
}

#[inline(always)]
fn store(bytes: &mut [u8; ROOM], at: usize, eight: u64) {
    let at = at & LAST;
    if let Some(room) = bytes.get_mut(at..at + 8).and_then(|room| room.first_chunk_mut()) {
        *room = eight.to_le_bytes();
    }
}

/// The highest bit of each byte that is a digit.
#[inline(always)]
fn digits(eight: u64) -> u64 {
    let low = eight ^ (ONES * 0x30);
    !(((low & !HIGH) + ONES * 0x76) | low) & HIGH
}

/// Is it a letter of a number in hexadecimal digits?
#[inline(always)]
fn is_id(byte: u8) -> bool {
    let letter = byte | 0x20;
    (letter.wrapping_sub(b'a') < 6) | (letter == b'x')
}

/// The word around a run of digits, if it is one of hexadecimal digits only (behind `0x`, or at least [`ID`] long) and the run is
/// its first.
fn id(message: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    let hexadecimal = |at: usize| message.get(at).is_some_and(u8::is_ascii_hexdigit);
    let in_word = |at: usize| message.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut start = from;
    while let Some(before) = start.checked_sub(1).filter(|before| hexadecimal(*before)) {
        if message.get(before).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        start = before;
    }
    if start.checked_sub(1).is_some_and(in_word) {
        return None;
    }
    let marked = message.get(start..to) == Some(b"0") && message.get(to) == Some(&b'x') && hexadecimal(to + 1);
    let mut end = if marked { to + 1 } else { to };
    while hexadecimal(end) {
        end += 1;
    }
    (!in_word(end) && (marked || end - start >= ID)).then_some((start, end))
}

/// May a `0` in a shape stand for letters too? Only where no letter or digit stands beside it.
fn stands_alone(shape: &[u8], at: usize) -> bool {
    let beside = |at: Option<usize>| at.and_then(|at| shape.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    !beside(at.checked_sub(1)) && !beside(Some(at + 1))
}

/// May `word` stand in a message of this shape? Both are in lower case. Never `false` where it may.
pub fn may_stand(shape: &[u8], word: &[u8]) -> bool {
    let Some(&first) = word.first() else { return true };
    let begins = |at: usize| may_stand_at(shape, at, word);
    memchr::memchr_iter(first, shape).any(begins)
        || (first.is_ascii_hexdigit() || first == b'x') && memchr::memchr_iter(b'0', shape).any(begins)
}

/// May `word` begin at this place of the shape (or within what the `0` there stands for)?
fn may_stand_at(shape: &[u8], start: usize, word: &[u8]) -> bool {
    let (mut at, mut done) = (start, 0);
    while let [first, ..] = word.get(done..).unwrap_or_default() {
        let rest = word.get(done..).unwrap_or_default();
        match shape.get(at) {
            None => return false,
            Some(b'0') => {
                let alone = stands_alone(shape, at);
                let run = if alone { id_in_front(rest, at == start) } else { digits_in_front(rest) };
                done += run;
                // What goes on behind must have had a digit in it, unless it began before the word.
                let digits = rest.iter().take(run).any(u8::is_ascii_digit);
                if run == 0 || run < rest.len() && !digits && at > start {
                    return false;
                }
            }
            Some(byte) if byte == first => done += 1,
            Some(_) => return false,
        }
        at += 1;
    }
    true
}

fn digits_in_front(word: &[u8]) -> usize {
    word.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// How many bytes at the front may be of one id; it may have begun before the word. The `x` of an id stands behind its first `0`.
fn id_in_front(word: &[u8], inside: bool) -> usize {
    let front = match word {
        [b'0', b'x' | b'X', ..] => 2,
        [b'x' | b'X', ..] if inside => 1,
        _ => 0,
    };
    let rest = word.get(front..).unwrap_or_default();
    front + rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count()
}

/// Is this a word that may stand in more messages of one shape than others, because of what a `0` stands for? Of all other
/// words each message of a shape has the same.
pub fn depends_on_numbers(word: &[u8]) -> bool {
    let within = |run: &[u8]| !run.is_empty() && id_in_front(run, true) == run.len();
    let mut runs = word.split(|byte| !byte.is_ascii_alphanumeric());
    word.iter().any(u8::is_ascii_digit) || runs.next().is_some_and(within) || runs.next_back().is_some_and(within)
}

/// Do all messages of this shape say nothing about themselves: no level and no part of a trace, and are they no object and
/// no line of pairs? `false` where that is not sure.
pub fn says_nothing(shape: &[u8]) -> bool {
    let [first @ (b'a'..=b'z' | b'A'..=b'Z'), rest @ ..] = shape else { return false };
    // `E0517 15:04:22`
    let dated = matches!(first, b'E' | b'W' | b'I' | b'F' | b'D') && rest.first() == Some(&b'0');
    !dated
        && memchr::memchr2(b'\n', 0x1b, shape).is_none()
        && !logfmt::begins_with_key(shape)
        && !header::names_level(shape)
        && is_ordinary(shape)
}

/// Has no message of this shape a word of failure in it?
pub fn names_no_failure(shape: &[u8]) -> bool {
    !level::has_alarm(shape)
}

#[cfg(test)]
mod tests;
