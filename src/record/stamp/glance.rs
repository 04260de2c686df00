//! Can a time begin here at all?
//!
//! Most numbers and words in messages are none, and a few bytes tell. In: bytes that may begin with a time. Out: `false` only
//! where [`read`](super::read) would find none. It never reads a time itself.

use crate::record::lanes::{self, Numbers};

/// How far the blocks that are looked at together reach into each other: over the longest sign but one byte.
const OVERLAP: usize = 8;

/// May a time stand anywhere in `text`? All have a time of day or many digits: `3:0`, `3.04.0`, twice six digits, nine in a
/// row, or `@4` of TAI64N.
pub fn may_hold(text: &[u8]) -> bool {
    let mut rest = text;
    let mut sixes = 0;
    while let Some(rows) = rest.first_chunk() {
        if holds(rows, &mut sixes) {
            return true;
        }
        rest = rest.get(rows.len() - OVERLAP..).unwrap_or_default();
    }
    // Those that were seen already are seen again.
    match text.last_chunk() {
        Some(rows) => rest.len() > OVERLAP && holds(rows, &mut sixes),
        None => holds(&lanes::filled(rest), &mut sixes),
    }
}

/// The same of one block; `sixes` counts the runs of six digits and more, some of them twice.
#[inline]
fn holds(rows: &[u8; 64], sixes: &mut u32) -> bool {
    let Numbers { digits, colons, dots, ats } = lanes::numbers(rows);
    let two = digits & digits >> 1;
    let four = two & two >> 2;
    let nine = four & four >> 4 & digits >> 8;
    let clock = digits & colons >> 1 & digits >> 2;
    let dotted = digits & dots >> 1 & two >> 2 & dots >> 4 & digits >> 5;
    *sixes += (four & two >> 4 & !(digits << 1)).count_ones();
    nine | clock | dotted | ats & digits >> 1 != 0 || *sixes > 1
}

/// May `text` begin with a time?
#[inline]
pub(super) fn may_begin(text: &[u8]) -> bool {
    match text.first() {
        Some(b'0'..=b'9') => number(text),
        Some(b'A'..=b'Z' | b'a'..=b'z') => name(text),
        Some(b'@') => true,
        _ => false,
    }
}

fn number(text: &[u8]) -> bool {
    let run = digits(text);
    let next = text.get(run);
    match run {
        1 | 2 => match next {
            Some(b':') => matches!(text.get(run + 1..), Some([b'0'..=b'9', b'0'..=b'9', ..])),
            Some(b' ') => text.get(run + 1..).is_some_and(name),
            Some(b'.') => match text.get(run + 1) {
                Some(b'0'..=b'9') => dotted(text.get(run + 1..).unwrap_or_default()),
                other => other.is_some(),
            },
            other => matches!(other, Some(b'/' | b'-')),
        },
        4 => matches!(next, Some(b'-' | b'/' | b'.')),
        6 => matches!(text.get(run..), Some([b' ', b'0'..=b'9' | b' ', ..])),
        8 => matches!(next, Some(b'T' | b' ' | b't' | b'_' | b':' | b'-' | b'.' | b',')),
        // Digits only, and counts from 1970.
        14 | 9 | 10 | 12 | 13 | 15 | 16 | 18 | 19 => true,
        _ => false,
    }
}

/// Month and year of `21.11.2026`: not the second number of `10.1.254.7` or `10.25`.
fn dotted(text: &[u8]) -> bool {
    let month = digits(text);
    matches!(month, 1 | 2)
        && text.get(month) == Some(&b'.')
        && text.get(month + 1..).is_some_and(|year| matches!(digits(year), 2 | 4))
}

/// May `text` begin with the name of a month or a weekday? Three letters tell; where they are not ASCII, the reader does.
fn name(text: &[u8]) -> bool {
    let Some(&[a, b, c]) = text.first_chunk::<3>() else { return false };
    if !(a | b | c).is_ascii() {
        return true;
    }
    match a | 0x20 {
        b'j' => matches!((b | 0x20, c | 0x20), (b'a', b'n') | (b'u', b'n' | b'l' | b'i')),
        b'f' => matches!((b | 0x20, c | 0x20), (b'e', b'b') | (b'r', b'i')),
        b'm' => matches!((b | 0x20, c | 0x20), (b'a', b'r' | b'y' | b'i') | (b'o', b'n')),
        b'a' => matches!((b | 0x20, c | 0x20), (b'p' | b'v', b'r') | (b'u', b'g') | (b'g', b'o')),
        b's' => matches!((b | 0x20, c | 0x20), (b'e', b'p') | (b'a', b't') | (b'u', b'n')),
        b'o' => matches!((b | 0x20, c | 0x20), (b'c' | b'k', b't')),
        b'n' => matches!((b | 0x20, c | 0x20), (b'o', b'v')),
        b'd' => matches!((b | 0x20, c | 0x20), (b'e', b'c' | b'z')),
        b't' => matches!((b | 0x20, c | 0x20), (b'u', b'e') | (b'h', b'u')),
        b'w' => matches!((b | 0x20, c | 0x20), (b'e', b'd')),
        _ => false,
    }
}

/// How many digits stand at the front; no more are asked for than the longest number has.
fn digits(text: &[u8]) -> usize {
    let mut run = 0;
    while run < 24 && text.get(run).is_some_and(u8::is_ascii_digit) {
        run += 1;
    }
    run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::shape::{look, read};
    use super::may_hold;

    proptest! {
        /// What the glance turns away, the reader would not take.
        #[test]
        fn nothing_is_turned_away_that_is_a_time(
            text in "[0-9]{1,3}[-/. :T@]?[0-9A-Za-zéäû]{0,5}[-/. :,T]?[0-9]{0,5}[-/. :,][0-9]{0,4}[:. ][0-9]{0,3}[:. ][0-9]{0,4}"
        ) {
            prop_assert_eq!(read(text.as_bytes()), look(text.as_bytes()));
        }

        #[test]
        fn nor_is_a_name_of_a_day_or_a_month(
            name in "(?i)(jan|febr?|mär|mars|mai|août|déc|sept|octo|nov|dez|mond?|tuesday|sun|sat|fév|avr|[a-zé]{3})[a-z]{0,3}",
            rest in "[ ,/-]{1,2}[0-9]{1,4}[ ,/-]{1,2}[0-9]{1,4}[ :][0-9]{1,2}:?[0-9]{0,2}( 20[0-9]{2})?",
            day in "([0-9]{1,2}[ /.-])?"
        ) {
            let text = format!("{day}{name}{rest}");
            prop_assert_eq!(read(text.as_bytes()), look(text.as_bytes()));
        }

        /// What is said to hold none holds none.
        #[test]
        fn a_text_that_holds_a_time_may_hold_one(
            before in "[a-z .:@]{0,150}",
            time in "[0-9]{1,3}[-/. :T@]?[0-9A-Za-zéäû]{0,5}[-/. :,T]?[0-9]{0,5}[-/. :,][0-9]{0,4}[:. ][0-9]{0,3}[:. ][0-9]{0,4}\
                |[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}[T t_:.,-][0-9]{1,2}[:.][0-9]{2}[:.]?[0-9]{0,2}\
                |[0-9]{6,19}[. T]?[0-9]{0,6}|@4[0-9a-f]{23}|(Jan|Fri|mai) [ 0-9][0-9][ :,][0-9]{1,2}[:.][0-9]{2}[:.]?[0-9]{0,2}",
            after in "[a-z .:@]{0,150}",
        ) {
            let text = format!("{before}{time}{after}");
            let text = text.as_bytes();
            prop_assert!(may_hold(text) || (0..text.len()).all(|at| look(&text[at..]).is_none()));
        }

        #[test]
        fn nor_is_anything_else(text in prop::collection::vec(any::<u8>(), 0..30)) {
            prop_assert_eq!(read(&text), look(&text));
        }
    }
}
