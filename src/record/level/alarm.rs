//! Does prose speak of a failure? For records whose form and message carry no level at all.
//!
//! Conservative: a false alarm costs more than a miss. A word of failure counts only as a whole word, and not where
//! the words beside it make it harmless (`0 errors`, `no error`, `error_rate=0.0`, `recovered from error`).

use super::start::{any_start, told};

/// How much of a message is looked at: a failure is told early.
pub(super) const LIMIT: usize = 4096;

/// Does the prose of `message` speak of a failure?
pub fn alarming(message: &[u8]) -> bool {
    let text = message.get(..LIMIT.min(message.len())).unwrap_or(message);
    any_start(text, |start| told(text, start).is_some_and(|word| counts(text, &word)))
}

/// Does a word of failure stand in `text`, harmless or not?
pub fn has_alarm(text: &[u8]) -> bool {
    any_start(text, |start| told(text, start).is_some())
}

pub(super) fn is_in_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

/// One word and where it stands.
pub(super) struct Word<'a> {
    pub(super) text: &'a [u8],
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Steps through runs of letters, digits and underscores.
pub(super) struct Words<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a [u8]) -> Words<'a> {
        Words { text, at: 0 }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let in_word = |b: &u8| is_in_word(*b);
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.iter().position(in_word)?;
        let len = self.text.get(start..)?.iter().take_while(|b| in_word(b)).count();
        self.at = start + len;
        Some(Word { text: self.text.get(start..start + len)?, start, end: start + len })
    }
}

/// Stands the text behind `before` in double quotes that name a thing: `article "Permission denied"`? A value
/// (`msg="request failed"`, `reason: "..."`) is not cited, it is said.
fn cited(before: &[u8]) -> bool {
    let Some(open) = memchr::memrchr(b'"', before) else { return false };
    let odd = memchr::memchr_iter(b'"', before).count() % 2 == 1;
    let named = before.get(..open).unwrap_or_default();
    odd && matches!(named, [.., b, b' '] if b.is_ascii_alphanumeric())
}

/// Is the word at its place a failure, and not its absence or a name?
pub(super) fn counts(text: &[u8], word: &Word<'_>) -> bool {
    let before = text.get(..word.start).unwrap_or_default();
    let after = text.get(word.end..).unwrap_or_default();
    let lower = word.text.to_ascii_lowercase();
    let next: Vec<Vec<u8>> = Words::new(after.get(..64.min(after.len())).unwrap_or_default())
        .take(3)
        .map(|w| w.text.to_ascii_lowercase())
        .collect();
    let next = |n: usize| next.get(n).map_or(b"".as_slice(), Vec::as_slice);
    let adjoins = after.first() == Some(&b' ');
    match lower.as_slice() {
        b"unable" => return adjoins && next(0) == b"to",
        b"not" => {
            return adjoins && last_word(before).is_some_and(|w| w == b"could");
        }
        b"out" => return adjoins && next(0) == b"of" && matches!(next(1), b"memory" | b"space" | b"disk" | b"vram"),
        b"timed" => return adjoins && next(0) == b"out",
        b"timeout" => {
            return matches!(next(0), b"exceeded" | b"expired" | b"waiting" | b"while" | b"reached" | b"occurred")
                && adjoins;
        }
        b"no" => {
            return adjoins
                && matches!(
                    (next(0), next(1)),
                    (b"space", b"left") | (b"route", b"to") | (b"such", b"host") | (b"such", b"file")
                );
        }
        b"deadlock" => return adjoins && matches!(next(0), b"detected" | b"found"),
        b"panic" if !(matches!(after.first(), Some(b':' | b'(')) || matches!(next(0), b"in" | b"at" | b"on")) => {
            return false;
        }
        _ if cited(before) => return false,
        b"core" => return next(0) == b"dumped" || (adjoins && next(0) == b"dump"),
        _ => {}
    }
    // A part of a name: `error_rate`, `error-handler`, `on.error`, `/error`, `error.html`, `err=...` with nothing.
    let joined = |b: Option<&u8>| matches!(b, Some(b'-' | b'/' | b'$' | b'@' | b'\\' | b'+' | b'%'));
    if joined(before.last()) || joined(after.first()) {
        return false;
    }
    if after.first() == Some(&b'.') && after.get(1).is_some_and(u8::is_ascii_alphanumeric)
        || before.last() == Some(&b'.')
            && before.len() >= 2
            && before.get(before.len() - 2).is_some_and(u8::is_ascii_alphanumeric)
    {
        return false;
    }
    // `errors=0`, `failed: 0`, `errors: none`, `error=null`, `error: false`, `"error":null`
    let value = after.iter().position(|b| !matches!(b, b'=' | b':' | b' ' | b'"' | b'\''));
    if matches!(after.first(), Some(b'=' | b':' | b'"' | b'\''))
        && let Some(value) = value.and_then(|at| after.get(at..))
    {
        let end = value.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'.').unwrap_or(value.len());
        let value = value.get(..end).unwrap_or_default().to_ascii_lowercase();
        let value = value.strip_suffix(b".").unwrap_or(&value);
        if matches!(value, b"none" | b"null" | b"nil" | b"false" | b"no" | b"ok")
            || (!value.is_empty() && value.iter().all(|b| matches!(b, b'0' | b'.')))
        {
            return false;
        }
    } else if matches!(after.first(), Some(b'=' | b':')) && value.is_none() && after.first() == Some(&b'=') {
        return false;
    }
    // `err` alone is a key: `err=timeout` tells, `err` in prose does not.
    if lower == b"err" {
        return matches!(after.first(), Some(b'=' | b':'));
    }
    let mut back = before;
    let mut previous: [Vec<u8>; 3] = Default::default();
    for slot in &mut previous {
        if let Some((word, rest)) = pop_word(back) {
            *slot = word.to_ascii_lowercase();
            back = rest;
        }
    }
    let [one, two, three] = &previous;
    let zero = |w: &[u8]| !w.is_empty() && w.iter().all(|b| *b == b'0');
    let negates = |w: &[u8]| {
        zero(w)
            || matches!(
                w,
                b"no"
                    | b"not"
                    | b"without"
                    | b"zero"
                    | b"never"
                    | b"non"
                    | b"any"
                    | b"if"
                    | b"ignore"
                    | b"ignored"
                    | b"ignoring"
                    | b"ignores"
                    | b"recovered"
                    | b"cleared"
                    | b"fixed"
                    | b"resolved"
                    | b"corrected"
                    | b"clean"
                    | b"previous"
                    | b"previously"
                    | b"last"
                    | b"isn"
                    | b"unless"
                    | b"until"
                    | b"avoid"
                    | b"prevent"
                    | b"expected"
                    | b"handle"
                    | b"handles"
                    | b"handling"
                    | b"handled"
                    | b"max"
                    | b"on"
                    | b"log"
                    | b"parity"
            )
    };
    if negates(one) && one.as_slice() != b"on"
        || (one.as_slice() == b"on"
            && matches!(lower.as_slice(), b"error" | b"failure" | b"exception" | b"panic" | b"crash"))
    {
        // `last error: x` and `previous failure: x` do tell one.
        if !(matches!(one.as_slice(), b"last" | b"previous" | b"log" | b"handling") && after.first() == Some(&b':')) {
            return false;
        }
    }
    if (matches!(two.as_slice(), b"no" | b"without" | b"recovered" | b"after" | b"not") || zero(two))
        && !matches!(lower.as_slice(), b"cannot" | b"refused" | b"denied")
    {
        let harmless = two.as_slice() != b"after" || matches!(three.as_slice(), b"succeeded" | b"recovered" | b"retry");
        let not_all = two.as_slice() != b"not" || matches!(one.as_slice(), b"an" | b"a" | b"be");
        if harmless && not_all {
            return false;
        }
    }
    if matches!(three.as_slice(), b"succeeded" | b"recovered" | b"successfully")
        || one.as_slice() == b"after" && matches!(two.as_slice(), b"succeeded" | b"recovered")
    {
        return false;
    }
    // The word that follows makes it a name or a remedy.
    if adjoins
        && matches!(
            lower.as_slice(),
            b"error"
                | b"errors"
                | b"exception"
                | b"failure"
                | b"failures"
                | b"panic"
                | b"crash"
                | b"abort"
                | b"err"
                | b"oom"
                | b"fatal"
        )
        && matches!(
            next(0),
            b"handler"
                | b"handlers"
                | b"handling"
                | b"reporting"
                | b"reporter"
                | b"rate"
                | b"rates"
                | b"log"
                | b"logs"
                | b"logging"
                | b"page"
                | b"pages"
                | b"code"
                | b"codes"
                | b"count"
                | b"counts"
                | b"counter"
                | b"budget"
                | b"recovery"
                | b"correction"
                | b"detection"
                | b"threshold"
                | b"tracking"
                | b"injection"
                | b"messages"
                | b"level"
                | b"cleared"
                | b"resolved"
                | b"corrected"
                | b"recovered"
                | b"stats"
                | b"free"
                | b"types"
                | b"policy"
                | b"domain"
                | b"domains"
                | b"killer"
                | b"score"
                | b"mode"
                | b"margin"
                | b"template"
                | b"file"
        )
        && !matches!((lower.as_slice(), next(0)), (b"error", b"code"))
    {
        return false;
    }
    // `error code 0`, `error code: 0`
    if lower == b"error" && next(0) == b"code" && (zero(next(1)) || next(1).is_empty()) {
        return false;
    }
    true
}

fn last_word(before: &[u8]) -> Option<Vec<u8>> {
    pop_word(before).map(|(word, _)| word.to_ascii_lowercase())
}

/// The last word of `text` and what stands before it.
fn pop_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let in_word = |b: &u8| is_in_word(*b);
    let end = text.iter().rposition(in_word)? + 1;
    let start = text.get(..end)?.iter().rposition(|b| !in_word(b)).map_or(0, |at| at + 1);
    Some((text.get(start..end)?, text.get(..start)?))
}
