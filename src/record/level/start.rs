//! The words that tell a failure, and where one of them may begin.
//!
//! In: the text of a message. Out: each place where a letter begins a word, and whether a word of failure does. Most words of
//! most messages are sorted out by their first three letters. What stands beside a word is not looked at here.

use super::alarm::{Word, is_in_word};
use crate::record::lanes;

/// Words that tell a failure wherever they stand, in alphabetical order.
pub(super) const WORDS: [&[u8]; 35] = [
    b"abort",
    b"aborted",
    b"cannot",
    b"core",
    b"corrupt",
    b"corrupted",
    b"corruption",
    b"crash",
    b"crashed",
    b"deadlock",
    b"denied",
    b"err",
    b"error",
    b"errors",
    b"exception",
    b"failed",
    b"fails",
    b"failure",
    b"failures",
    b"fatal",
    b"killed",
    b"no",
    b"not",
    b"oom",
    b"out",
    b"panic",
    b"panicked",
    b"refused",
    b"segfault",
    b"timed",
    b"timeout",
    b"traceback",
    b"unable",
    b"unreachable",
    b"unrecoverable",
];

/// Is there a place where a letter begins what may be a word of failure, of which `is` is true?
#[inline]
pub(super) fn any_start(text: &[u8], mut is: impl FnMut(usize) -> bool) -> bool {
    let mut any = |base: usize, mut starts: u64| {
        while starts != 0 {
            let at = base + starts.trailing_zeros() as usize;
            if may_be_told(text, at) && is(at) {
                return true;
            }
            starts &= starts - 1;
        }
        false
    };
    let (whole, rest) = text.as_chunks::<BLOCK>();
    // The last byte of the block before is of a word.
    let mut before = 0;
    let mut base = 0;
    for rows in whole {
        let (letters, words) = lanes::words(rows);
        if any(base, letters & !(words << 1 | before)) {
            return true;
        }
        before = words >> (BLOCK - 1);
        base += BLOCK;
    }
    if rest.is_empty() {
        return false;
    }
    let Some(last) = text.last_chunk::<BLOCK>() else {
        let (letters, words) = lanes::words(&lanes::filled(rest));
        return any(0, letters & !(words << 1));
    };
    // It reaches back over bytes that were seen already.
    let seen = BLOCK - rest.len();
    let (letters, words) = lanes::words(last);
    any(base - seen, letters & !(words << 1) & u64::MAX << seen)
}

/// How many bytes are looked at together.
const BLOCK: usize = 64;

/// The word at `start`, if it is one of failure.
#[inline(never)]
pub(super) fn told(text: &[u8], start: usize) -> Option<Word<'_>> {
    let rest = text.get(start..)?;
    let mut lower = [0; LONGEST];
    let mut len = 0;
    while let Some(byte) = rest.get(len).filter(|b| is_in_word(**b)) {
        *lower.get_mut(len)? = byte.to_ascii_lowercase();
        len += 1;
    }
    let word = lower.get(..len)?;
    let known = WORDS.get(FIRST.get(letter(*rest.first()?)).copied().map(usize::from)?..)?;
    let known = known.iter().take_while(|known| known.first() == word.first()).any(|known| *known == word);
    known.then_some(Word { text: rest.get(..len)?, start, end: start + len })
}

/// The length of the longest of `WORDS`.
const LONGEST: usize = 13;

/// Which letters may be the third behind the first two, as bits; the last stands for all that is no letter. Most words are
/// sorted out by them.
const THIRDS: [u32; WIDTH * WIDTH] = {
    let mut thirds = [0; WIDTH * WIDTH];
    let mut at = 0;
    while at < WORDS.len() {
        let word = WORDS[at];
        let pair = (word[0] - b'a') as usize * WIDTH + (word[1] - b'a') as usize;
        thirds[pair] |= if word.len() > 2 { 1 << (word[2] - b'a') } else { 1 << OTHER };
        at += 1;
    }
    thirds
};
const WIDTH: usize = 32;
const OTHER: usize = WIDTH - 1;

/// The number of a letter, [`OTHER`] for what is none.
const LETTERS: [u8; 256] = {
    let mut letters = [OTHER as u8; 256];
    let mut at = 0;
    while at < 26 {
        letters[b'a' as usize + at] = at as u8;
        letters[b'A' as usize + at] = at as u8;
        at += 1;
    }
    letters
};

#[inline(always)]
fn letter(b: u8) -> usize {
    usize::from(LETTERS[usize::from(b)]) % WIDTH
}

/// Do the first letters of the word at `at` fit?
#[inline(always)]
fn may_be_told(text: &[u8], at: usize) -> bool {
    let (a, b, third) = match text.get(at..) {
        Some(&[a, b, c, ..]) => (a, b, letter(c)),
        Some(&[a, b]) => (a, b, OTHER),
        _ => return false,
    };
    THIRDS[letter(a) * WIDTH + letter(b)] >> third & 1 != 0
}

/// Where the words with a first letter begin among `WORDS`.
const FIRST: [u8; 26] = {
    let mut first = [0; 26];
    let mut at = WORDS.len();
    while at > 0 {
        at -= 1;
        first[(WORDS[at][0] - b'a') as usize] = at as u8;
    }
    first
};
