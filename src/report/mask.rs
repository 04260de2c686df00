//! Secrets: found by their key (`password=...`), by their form (`ghp_...`, a JWT) or by their place (`://user:here@`).
//!
//! In: any text. Out: the same text with `[masked]` where a secret stood; the key, the scheme and the vendor's prefix stay,
//! for they help to find the leak. Never: an ordinary word (`password authentication failed`, `token expired`).
//!
//! One pass from left to right: Aho-Corasick finds the places to look at, each look is a short hand-written scan. It judges
//! from a bounded number of bytes ([`value::LOOK`] after the word, less before it); only what is accepted as a secret is
//! followed to its end, and the pass goes on behind it. So the work is linear in the text, whatever the text is.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};

mod keywords;
mod value;
mod words;

use keywords::{KEYWORDS, Look};
use value::{Name, basic_value, keyed, long_secret, looks_secret, near, quoted, run, steps};

/// What stands for a secret.
const MASK: &str = "[masked]";

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(KEYWORDS.iter().map(|(word, _)| word))
        .ok()
});

/// The text with its secrets replaced by `[masked]`. Masking twice is masking once.
pub fn mask_secrets(text: &str) -> Cow<'_, str> {
    // The finder is built from constants; should that ever fail, nothing leaves rather than everything.
    let Some(finder) = FINDER.as_ref() else { return Cow::Borrowed(MASK) };
    let mut out = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(hit) = finder.find(Input::new(text).span(at..text.len())) {
        let Some((_, look)) = KEYWORDS.get(hit.pattern().as_usize()) else { break };
        // A refused `-p` may be the beginning of `-password`.
        at = if matches!(look, Look::Option(_)) { hit.start() + 1 } else { hit.end() };
        let Some((from, to)) = secret(text, hit.start(), hit.end(), *look) else { continue };
        let (Some(before), Some(found)) = (text.get(done..from), text.get(from..to)) else { continue };
        if found.is_empty() || found == MASK {
            continue;
        }
        out.push_str(before);
        out.push_str(MASK);
        done = to;
        at = at.max(to);
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or(""));
    Cow::Owned(out)
}

/// Is this the name of something secret, as in `{"api_token": ...}`?
pub(super) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    KEYWORDS.iter().any(|(word, look)| {
        lower.ends_with(word)
            && matches!(look, Look::Key(Name::Password | Name::Secret | Name::Token) | Look::Authorization)
    })
}

/// The secret that the keyword at `start..end` announces.
fn secret(text: &str, start: usize, end: usize, look: Look) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
    let boundary = !before.is_ascii_alphanumeric();
    match look {
        Look::Key(Name::Pass) if !boundary => None,
        Look::Key(Name::Bare) => boundary.then(|| long_secret(text, end)).flatten(),
        Look::Key(name) => keyed(text, start, end, name).or_else(|| match name {
            Name::Secret | Name::Token => long_secret(text, end),
            // `ALTER ROLE app PASSWORD 'here'`
            Name::Password => quoted(text, end, b"'", true),
            _ => None,
        }),
        Look::Authorization => keyed(text, start, end, Name::Authorization),
        Look::Bearer if boundary => {
            let part = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
            follow(text, end, part, |value, _| value.len() >= 8 && looks_secret(value))
        }
        Look::Basic if boundary => {
            let part = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
            follow(text, end, part, |value, _| basic_value(value))
        }
        Look::Bearer | Look::Basic => None,
        Look::Cookie => {
            let rest = text.get(end..)?;
            let value = rest.strip_prefix(": ").or_else(|| rest.strip_prefix(':'))?;
            let part = |b: u8| !matches!(b, b'"' | b'\'' | b'\n' | b'\r');
            follow(text, text.len() - value.len(), part, |value, _| value.contains('='))
        }
        Look::Url => credentials(text, end),
        Look::Prefix(prefix, least) => {
            if !boundary || before == b'_' || !text.get(start..end)?.eq(prefix) {
                return None;
            }
            let part = |b: u8| b.is_ascii_alphanumeric() || (b"-_".contains(&b) && prefix != "npm_");
            // A name in kebab case is no token: those have digits or capitals.
            let odd = |token: &str| token.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
            follow(text, end, part, |token, _| token.len() >= least && odd(token))
        }
        Look::Hook => {
            let part = |b: u8| b.is_ascii_alphanumeric() || b"-_/".contains(&b);
            follow(text, end, part, |path, _| path.len() >= 10)
        }
        Look::Jwt => {
            if !boundary || b"-_.".contains(&before) || text.get(start..end)? != "eyJ" {
                return None;
            }
            let part = |b: u8| b.is_ascii_alphanumeric() || b"-_.=".contains(&b);
            // The dots of a long one may be out of sight; so much base64 of an object is worth hiding in any case.
            let token = |token: &str, whole: bool| token.len() >= 20 && (!whole || token.matches('.').count() >= 2);
            follow(text, start, part, token)
        }
        Look::Telegram => {
            let digits = bytes.get(..start)?.iter().rev().take(13).take_while(|b| b.is_ascii_digit()).count();
            let part = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
            let (_, to) = follow(text, end, part, |token, _| token.len() >= 28)?;
            (6..=12).contains(&digits).then_some((start - digits, to))
        }
        Look::Pem => {
            let head = run(near(text, end), end, |b| b.is_ascii_uppercase() || b == b' ');
            if head - end > 40 || !text.get(end..head)?.contains("PRIVATE KEY") {
                return None;
            }
            let from = run(near(text, head), head, |b| b == b'-');
            let rest = text.get(from..).filter(|rest| !rest.starts_with(MASK))?;
            // A block that is cut off has no end; then all of the rest is key.
            let to = rest.find("-----END").map_or(text.len(), |at| from + at);
            steps(to - from);
            Some((from, to))
        }
        Look::Option(letter) => option(text, start, end, letter),
        Look::Sql => quoted(text, end, b"'\"", false),
    }
}

/// A value of `part`s that begins at `from`: judged by what is near (and whether that is all of it), then followed to its
/// end.
fn follow(
    text: &str,
    from: usize,
    part: impl Fn(u8) -> bool,
    accept: impl Fn(&str, bool) -> bool,
) -> Option<(usize, usize)> {
    let window = near(text, from);
    let to = run(window, from, &part);
    let whole = to < window.len() || to == text.len();
    accept(text.get(from..to)?, whole).then(|| (from, if whole { to } else { run(text.as_bytes(), from, part) }))
}

/// The secret of a short option, if a program that takes one there stands before it on the line.
fn option(text: &str, start: usize, end: usize, letter: u8) -> Option<(usize, usize)> {
    let programs: &[&[u8]] = match letter {
        b'p' => &[b"mysql", b"mariadb", b"sshpass"],
        b'a' => &[b"redis-cli"],
        _ => &[b"curl"],
    };
    let bytes = text.as_bytes();
    if !bytes.get(start..end)?.contains(&letter) {
        return None; // `-P` is a port.
    }
    let value = bytes.get(end).copied().filter(|b| !matches!(b, b'-' | b'=' | b'\n'))?;
    let before = bytes.get(start.saturating_sub(128)..start)?;
    let line = before.rsplit(|&b| b == b'\n').next()?;
    let program = programs.iter().find(|p| line.windows(p.len()).any(|w| w.eq_ignore_ascii_case(p)))?;
    // Only `sshpass` takes its password after a space; with the others that is another argument.
    let from = match value {
        b' ' if *program == b"sshpass" => end + 1,
        b' ' => return None,
        _ => end,
    };
    let (from, to) = quoted(text, from, b"'\"", false).or_else(|| {
        follow(text, from, |b| !b.is_ascii_whitespace() && !b"\"'`".contains(&b), |value, _| !value.is_empty())
    })?;
    let value = text.get(from..to)?;
    let skip = if letter == b'u' { value.find(':')? + 1 } else { 0 };
    let value = value.get(skip..)?;
    (!value.is_empty() && !words::placeholder(value)).then_some((from + skip, to))
}

/// `user:here@host`, after the `://`.
fn credentials(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let window = bytes.get(from..)?;
    let window = window.get(..window.len().min(512)).unwrap_or(window);
    let authority =
        window.iter().position(|b| b.is_ascii_whitespace() || b"/?#\"'<>`".contains(b)).unwrap_or(window.len());
    let at = window.get(..authority)?.iter().rposition(|&b| b == b'@')?;
    let user = window.get(..at)?;
    let start = match user.iter().position(|&b| b == b':') {
        Some(colon) => colon + 1,
        // `https://token@host`
        None if looks_secret(std::str::from_utf8(user).ok()?) && user.len() >= 16 => 0,
        None => return None,
    };
    let value = text.get(from + start..from + at)?;
    (!value.is_empty() && !words::placeholder(value)).then_some((from + start, from + at))
}

#[cfg(test)]
mod tests;
