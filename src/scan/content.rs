//! What stands in a text?
//!
//! In: a text, and words one after the other. Out: which of them stand in it. Most words that are asked for do not, and have four
//! bytes in a row that the text has not: those of the text are noted once, so that such a word costs two looks. The answer
//! is always that of a search.

use memchr::memmem;
use memchr::{memchr_iter, memchr2_iter};

use super::grams::{GRAM, fold, hash};

/// Notes on the grams of a text, by their hash.
const NOTES: usize = 1 << 11;
/// A longer text is searched for words whose case counts in a way that no text can slow down.
const LONG: usize = 1 << 12;
/// The bits of a note that hold a place, of texts that are no longer; the others hold the number of the text.
const PLACES: u32 = 16;

/// What is known of one text after the other.
#[derive(Debug)]
pub(super) struct Content {
    /// Which text had a gram last, as a number from 1 on, and where.
    notes: Box<[u32; NOTES]>,
    number: u32,
    known: bool,
}

impl Default for Content {
    fn default() -> Content {
        Content { notes: Box::new([0; NOTES]), number: 0, known: false }
    }
}

/// What is known of one text.
pub(super) struct Notes<'c> {
    notes: &'c [u32; NOTES],
    number: u32,
    text: &'c [u8],
}

impl Content {
    /// What follows is asked about another text.
    pub(super) fn clear(&mut self) {
        self.known = false;
    }

    /// The notes on a text. It is the same one until [`Content::clear`].
    #[inline]
    pub(super) fn of<'c>(&'c mut self, text: &'c [u8]) -> Notes<'c> {
        if !self.known {
            self.read(text);
        }
        Notes { notes: &self.notes, number: self.number, text }
    }

    fn read(&mut self, text: &[u8]) {
        self.known = true;
        self.number += 1;
        if self.number >> (u32::BITS - PLACES) != 0 {
            self.notes.fill(0);
            self.number = 1;
        }
        let mut note = self.number << PLACES;
        let last = note | ((1 << PLACES) - 1);
        let mut rest = text;
        while let (Some(gram), Some((_, next))) = (rest.first_chunk(), rest.split_first()) {
            if let Some(old) = self.notes.get_mut(place(gram)) {
                *old = note;
            }
            note = last.min(note + 1);
            rest = next;
        }
    }
}

impl Notes<'_> {
    /// Does the word stand in the text?
    #[inline]
    pub(super) fn has(&self, word: &[u8], ignore_case: bool) -> bool {
        let note = |gram| self.notes.get(place(gram)).copied().filter(|note| note >> PLACES == self.number);
        match (word.first_chunk(), word.last_chunk()) {
            (Some(first), Some(last)) => match note(first) {
                Some(first) if note(last).is_some() => self.finds(word, ignore_case, first),
                _ => false,
            },
            _ => stands(self.text, word, ignore_case),
        }
    }

    /// Looks first where the note says that a gram stands with the hash of the first one.
    #[cold]
    fn finds(&self, word: &[u8], ignore_case: bool, note: u32) -> bool {
        let at = (note & ((1 << PLACES) - 1)) as usize;
        let there = self.text.get(at..at + word.len());
        there.is_some_and(|there| is(there, word, ignore_case)) || stands(self.text, word, ignore_case)
    }
}

#[inline(always)]
fn place(gram: &[u8; GRAM]) -> usize {
    hash::<NOTES>(fold(*gram))
}

fn is(part: &[u8], word: &[u8], ignore_case: bool) -> bool {
    if ignore_case { part.eq_ignore_ascii_case(word) } else { part == word }
}

/// Looks for the byte of the word that logs have least, and compares only there.
fn stands(text: &[u8], word: &[u8], ignore_case: bool) -> bool {
    let common = |byte: &u8| COMMON.get(usize::from(byte.to_ascii_lowercase()));
    let rarest = word.iter().enumerate().min_by_key(|(_, byte)| common(byte));
    let Some((at, &byte)) = rarest else { return true };
    let Some(last) = text.len().checked_sub(word.len()) else { return false };
    let places = text.get(at..=last + at).unwrap_or_default();
    let is_there = |from: usize| text.get(from..from + word.len()).is_some_and(|part| is(part, word, ignore_case));
    if ignore_case {
        memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), places).any(is_there)
    } else if text.len() > LONG {
        memmem::find(text, word).is_some()
    } else {
        memchr_iter(byte, places).any(is_there)
    }
}

/// How common a byte is in logs, roughly.
const COMMON: [u8; 256] = {
    let mut left: &[u8] = b"mpudclrhsnioate ";
    let mut common = [0; 256];
    let mut rank = 1;
    while let [byte, rest @ ..] = left {
        common[*byte as usize] = rank;
        (rank, left) = (rank + 1, rest);
    }
    common
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// For one text after the other, whatever was asked before.
        #[test]
        fn it_says_what_a_search_says(
            texts in prop::collection::vec("[abAB. xé]{0,40}", 1..5),
            words in prop::collection::vec("[abAB. ]{0,6}|[aA]{1,3}x", 1..8),
        ) {
            let mut content = Content::default();
            for text in &texts {
                content.clear();
                for word in &words {
                    let (text, word) = (text.as_bytes(), word.as_bytes());
                    prop_assert_eq!(content.of(text).has(word, false), memmem::find(text, word).is_some());
                    let (low, low_word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
                    prop_assert_eq!(content.of(text).has(word, true), memmem::find(&low, &low_word).is_some());
                }
            }
        }
    }

    #[test]
    fn words_are_found_in_a_long_text_and_after_many_texts() {
        let mut content = Content::default();
        let long = [&b"connection ".repeat(1_000)[..], b"Refused"].concat();
        for n in 0..70_000 {
            let short = format!("text number {n}");
            content.clear();
            assert!(content.of(short.as_bytes()).has(format!("number {n}").as_bytes(), false));
            assert!(!content.of(short.as_bytes()).has(format!("number {}", n + 1).as_bytes(), n % 2 == 0));
        }
        content.clear();
        assert!(content.of(&long).has(b"Refused", false) && content.of(&long).has(b"refuseD", true));
        assert!(!content.of(&long).has(b"refused", false) && !content.of(&long).has(b"rejected", true));
        assert!(content.of(&long).has(b"", false) && content.of(&long).has(b"", true));
    }
}
