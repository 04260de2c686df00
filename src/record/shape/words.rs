//! Words that may stand in some messages of a shape and not in others, because of their numbers.
//!
//! In: words, once. Out: for a shape, those of them that may stand in one of its messages. It asks [`may_stand`] about few of
//! them: what stands beside a number decides which.

use super::{depends_on_numbers, digits_in_front, id_in_front, may_stand, may_stand_at};

/// Words that [depend on numbers](depends_on_numbers), by what stands beside these.
#[derive(Debug, Default)]
pub struct Words {
    all: Vec<(u32, Box<[u8]>)>,
    /// What stands before a number in a word, in order: the byte, the word, and where the number begins.
    before: Vec<(u8, u32, u32)>,
    /// What stands behind a number that a word begins with, in order; `None` where it ends with it too.
    behind: Vec<(Option<u8>, u32)>,
}

impl Words {
    /// Those of these words, each with its name and in lower case, that depend on numbers.
    pub fn new<'w>(words: impl Iterator<Item = (u32, &'w [u8])>) -> Words {
        let mut all = Words::default();
        for (name, word) in words.filter(|(_, word)| depends_on_numbers(word)) {
            let index = all.all.len() as u32;
            all.all.push((name, word.into()));
            if let run @ 1.. = id_in_front(word, true) {
                all.behind.push((word.get(run).copied(), index));
                // Digits may end where letters go on: `5bar` behind a `0` that stands beside a letter.
                let digits = digits_in_front(word);
                if (1..run).contains(&digits) {
                    all.behind.push((word.get(digits).copied(), index));
                }
            }
            for (at, pair) in word.windows(2).enumerate() {
                let [before, _] = *pair else { continue };
                let rest = word.get(at + 1..).unwrap_or_default();
                // An id that the word does not end with has a digit in it.
                let id = rest.get(..id_in_front(rest, false)).unwrap_or_default();
                let ends = id.len() == rest.len() || id.iter().any(u8::is_ascii_digit);
                let number = digits_in_front(rest) > 0 && !before.is_ascii_digit()
                    || !id.is_empty() && ends && !before.is_ascii_alphanumeric();
                if number {
                    all.before.push((before, index, at as u32 + 1));
                }
            }
        }
        all.before.sort_unstable();
        all.behind.sort_unstable();
        all
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Shows the names of those that may stand in a message of this shape, which is in lower case, and that a number has a part
    /// in; a name may come several times. Those that stand in every message of it are not shown for that.
    pub fn may_stand(&self, shape: &[u8], mut see: impl FnMut(u32)) {
        for number in memchr::memchr_iter(b'0', shape) {
            let front = shape.get(..number).unwrap_or_default();
            if let Some(&last) = front.last() {
                let from = self.before.partition_point(|(before, ..)| *before < last);
                let same =
                    self.before.get(from..).unwrap_or_default().iter().take_while(|(before, ..)| *before == last);
                for &(_, index, at) in same {
                    let Some((name, word)) = self.all.get(index as usize) else { continue };
                    let stands = match begins(front, word.get(..at as usize).unwrap_or_default()) {
                        Begin::Nowhere => false,
                        Begin::At(place) => may_stand_at(shape, place, word),
                        Begin::InNumber => may_stand(shape, word),
                    };
                    if stands {
                        see(*name);
                    }
                }
            }
            let next = shape.get(number + 1).copied();
            for next in [None, next].into_iter().take(if next.is_some() { 2 } else { 1 }) {
                let from = self.behind.partition_point(|(behind, _)| *behind < next);
                let same = self.behind.get(from..).unwrap_or_default().iter().take_while(|(behind, _)| *behind == next);
                for (_, index) in same {
                    if let Some((name, word)) = self.all.get(*index as usize)
                        && may_stand_at(shape, number, word)
                    {
                        see(*name);
                    }
                }
            }
        }
    }
}

/// Where a word begins.
enum Begin {
    Nowhere,
    At(usize),
    /// In a number further left, or behind one.
    InNumber,
}

/// Where a word begins whose part `word` stands right before the end of `front`.
fn begins(front: &[u8], word: &[u8]) -> Begin {
    let pairs = front.iter().rev().zip(word.iter().rev());
    let same = pairs.take_while(|(one, other)| **one != b'0' && one == other).count();
    if same == word.len() {
        Begin::At(front.len() - same)
    } else if front.iter().rev().nth(same) == Some(&b'0') {
        Begin::InNumber
    } else {
        Begin::Nowhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asking all of them finds the same.
    #[test]
    fn the_words_that_may_stand_are_those_that_a_slow_reader_finds() {
        let words: Vec<&[u8]> = [
            "code 137",
            "code 1",
            "bad ",
            "429",
            " 5",
            "5bar",
            "12ab",
            "v2.",
            "0x1f",
            "x1",
            ": 0",
            "a1b2",
            "be",
            "1 of 2",
            "failed",
            "is added",
            "dead-",
            "7:",
            "(3)",
            "e5",
            "1a",
            "9x",
            "é1",
            "1.2.3",
            "retry 3 of 5 times",
            "0.",
            "/1/",
            "ff",
        ]
        .map(str::as_bytes)
        .to_vec();
        let index = Words::new((0..).zip(words.iter().copied()));
        let shapes = [
            "exit code 0",
            "id 0 done",
            "a0b0",
            "0",
            "0.0.0.0:0",
            "bad request 0",
            "v0.0 is 0bar",
            "retry 0 of 0 times",
            "x 0",
            "0x",
            "0x0",
            "u0 (0) 0: 0-0",
            "é0é",
            "/0/",
            "is 0",
            "a0",
            "0a",
            "0ab",
            "nothing",
            "",
            "e0 0e",
            "code 0ab 0",
            "(0)",
            "dead-0 0-",
        ];
        let mut found = 0;
        for shape in shapes.map(str::as_bytes) {
            let mut seen = Vec::new();
            index.may_stand(shape, |name| seen.push(name));
            seen.sort_unstable();
            seen.dedup();
            for (name, word) in (0u32..).zip(&words).filter(|(_, word)| depends_on_numbers(word)) {
                let text = format!("{} in {}", String::from_utf8_lossy(word), String::from_utf8_lossy(shape));
                let (quick, slow) = (seen.contains(&name), may_stand(shape, word));
                let always = memchr::memmem::find(shape, word).is_some();
                assert!(quick == slow || !quick && always, "{text}: {quick} {slow}");
                found += usize::from(quick);
            }
        }
        assert!(found > 50, "{found}");
    }
}
