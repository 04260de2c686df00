use proptest::prelude::*;

use super::first::{is_prose, state_first};
use super::*;
use crate::record::tests::each_line;

/// Looks at every byte, and asks for a time wherever one may stand.
fn front_time_slowly(window: &[u8]) -> Option<(usize, Seen)> {
    let first = *window.first()?;
    if (first.is_ascii_alphanumeric() || first == b'@' || first >= 0x80)
        && let Some(seen) = stamp::read(window)
    {
        let next = window.get(seen.len);
        if next.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_' || *b == b'T') {
            return Some((0, seen));
        }
    }
    let mut clock = None;
    let mut words = 0usize;
    for (at, pair) in window.windows(2).enumerate() {
        let [before, b] = pair else { break };
        words += usize::from(*before == b' ');
        if words > IN_BRACKETS {
            break;
        }
        let opens = matches!(before, b' ' | b'[' | b'(' | b'"' | b'=' | b'|' | b'\t' | b':' | b'>' | b']');
        if !opens || !(b.is_ascii_digit() || b.is_ascii_uppercase() || *b == b'@') {
            continue;
        }
        let start = at + 1;
        if b.is_ascii_uppercase() && !matches!(window.get(start + 3), Some(b' ' | b',' | b'/' | b'-' | b'.')) {
            continue;
        }
        let Some(seen) = stamp::read(&window[start..]) else { continue };
        if window.get(start + seen.len).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            continue;
        }
        let bracketed = *before == b'[' || *before == b'(';
        if words > OPEN_TO && !bracketed {
            continue;
        }
        let bare_number = window[start..start + seen.len].iter().all(u8::is_ascii_digit);
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

fn same(text: &[u8]) {
    let window = &text[..text.len().min(WINDOW)];
    assert_eq!(front_time(window), front_time_slowly(window), "{}", String::from_utf8_lossy(window));
    if is_prose(window) {
        let mut header = Header::default();
        state_first(window, &mut header);
        assert_eq!(header, Header::default(), "{}", String::from_utf8_lossy(window));
    }
}

#[test]
fn the_fronts_of_all_logs_say_the_same_to_a_slow_reader() {
    let mut prose = 0usize;
    let lines = each_line(&mut |line| {
        same(line);
        prose += usize::from(is_prose(line));
    });
    println!("{lines} lines, {prose} fronts of prose");
    assert!(lines > 1_000 && prose > lines, "{prose} of {lines}");
}

proptest! {
    #[test]
    fn so_do_words_that_may_be_levels(
        text in "((?i)(error|err|warn|info|debug|fatal|note|é|log|trace2)|[a-z0-9.]{0,4}|1\\.02\\.003\\.004)[:,\\[\\]()<> |\t\n-]{0,2}(\\[?[a-zA-Z.]{0,5}[:\\])>]{0,2}|(?i)(error|info|warning)[:,]?) (E|x|[A-Z]{1,6}:) .{0,9}"
    ) {
        same(text.as_bytes());
    }

    #[test]
    fn so_do_numbers_that_may_be_times(
        text in "([a-z]{0,3}[ (\\[:=\"|>\t@-])?([0-9]{1,4}[-/:. ,T]){0,7}[0-9]{0,4}(\\]| [A-Z][a-z]{2} [0-9]{1,2} [0-9:]{3,8})?"
    ) {
        same(text.as_bytes());
    }
}

#[test]
fn usual_words_are_the_levels_that_they_are() {
    for word in ["DEBUG", "INFO", "WARN", "WARNING", "ERROR"] {
        let level = word::usual_word(word.as_bytes());
        assert!(level.is_some() && level == Level::from_word(word.as_bytes()), "{word}");
        assert_eq!(level, word::sure_word(word.as_bytes()), "{word}");
    }
}

proptest! {
    #[test]
    fn words_are_what_they_are_when_they_are_taken_apart(
        word in "(?i)(debug2?|info|warn(ing)?|error|err|log|fine|[a-z0-9]{0,6}|e|notice|failure)|[\\[(]?[a-zA-Z]{0,5}[\\]):]?",
        near in any::<bool>()
    ) {
        let word = word.as_bytes();
        prop_assert_eq!(word::level_word(word, near), word::split_word(word, near));
    }
}
