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

/// Room for the longest message, with a byte before it and whole words of eight bytes behind it, at every place that [`LAST`]
/// allows.
const ROOM: usize = LAST + 1 + 8;
const LAST: usize = 2 * LONGEST - 1;

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// The shape of one message after the other.
#[derive(Debug)]
pub struct Shape {
    /// The message, behind one byte.
    text: [u8; ROOM],
    bytes: [u8; ROOM],
}

impl Default for Shape {
    fn default() -> Shape {
        Shape { text: [0; ROOM], bytes: [0; ROOM] }
    }
}

impl Shape {
    /// The shape of this message; `None` where it is too long to have one.
    pub fn of(&mut self, message: &[u8]) -> Option<&[u8]> {
        if message.len() > LONGEST {
            return None;
        }
        let Shape { text, bytes } = self;
        let end = message.len() + 1;
        text.get_mut(1..end)?.copy_from_slice(message);
        *text.get_mut(end..)?.first_chunk_mut::<16>()? = [0; 16];
        let (mut at, mut len) = (1, 0);
        while at < end {
            let eight = load(text, at);
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
            at = behind_number(text, from, digits >> (8 * before));
            if is_id(text[(from - 1) & LAST]) | is_id(text[at & LAST])
                && let Some((start, end)) = text.get(1..end).and_then(|message| id(message, from - 1, at - 1))
            {
                // No digit stands before the first one of a word: so much of it is in the shape already.
                len -= from - 1 - start;
                at = end + 1;
            }
            bytes[len & LAST] = b'0';
            len += 1;
        }
        // What was put together beyond the end.
        bytes.get(..len - (at - end))
    }
}

/// Where the run of digits at `from` ends; `digits` are those among the bytes from there on that were looked at already.
#[inline(always)]
fn behind_number(text: &[u8; ROOM], from: usize, digits: u64) -> usize {
    let mut at = from;
    let mut others = !digits & HIGH;
    // Bytes that were not looked at count as others, and are looked at now.
    loop {
        let run = others.trailing_zeros() as usize / 8;
        at += run;
        if run == 0 {
            return at;
        }
        others = !self::digits(load(text, at)) & HIGH;
    }
}

/// The eight bytes at `at`, the first one lowest.
#[inline(always)]
fn load(text: &[u8; ROOM], at: usize) -> u64 {
    let at = at & LAST;
    text.get(at..at + 8).and_then(|eight| eight.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight))
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
#[cold]
fn id(message: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    let before = message.get(..from)?.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric());
    let behind = message.get(to..)?.iter().take_while(|byte| byte.is_ascii_alphanumeric());
    let (start, end) = (from - before.count(), to + behind.count());
    let word = message.get(start..end)?;
    let number = word.strip_prefix(b"0x").filter(|number| !number.is_empty());
    let hexadecimal = number.unwrap_or(word).iter().all(u8::is_ascii_hexdigit);
    let first = !message.get(start..from)?.iter().any(u8::is_ascii_digit);
    (first && hexadecimal && (number.is_some() || word.len() >= ID)).then_some((start, end))
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
