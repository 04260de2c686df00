//! Words that follow a key and are no secret: placeholders, "none", and the beginnings of sentences.

use super::value::{near, run};

/// Words that say that there is no value.
pub(super) const NOTHING: &[&str] = &[
    "null",
    "none",
    "nil",
    "true",
    "false",
    "yes",
    "no",
    "empty",
    "undefined",
    "unset",
    "redacted",
    "masked",
    "hidden",
    "missing",
    "n/a",
    "expired",
    "invalid",
    "required",
    "failed",
    "denied",
    "unknown",
];

/// Words that begin what people write after `password:`.
pub(super) const PROSE: &[&str] = &[
    "not",
    "is",
    "was",
    "must",
    "has",
    "have",
    "cannot",
    "can't",
    "unable",
    "unauthorized",
    "forbidden",
    "incorrect",
    "wrong",
    "mismatch",
    "revoked",
    "rejected",
    "set",
    "disabled",
    "enabled",
    "optional",
    "ok",
    "error",
    "unexpected",
    "permission",
    "rotated",
    "changed",
    "updated",
    "accepted",
    "found",
    "provided",
    "used",
    "present",
    "absent",
    "default",
    "failure",
    "the",
    "a",
    "an",
    "for",
    "in",
    "of",
    "to",
    "on",
    "authentication",
    "refreshed",
    "renewed",
];

/// Does the value look like the first word of a sentence: letters only, and another word that is no key follows?
pub(super) fn sentence(text: &str, from: usize, to: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(value) = text.get(from..to) else { return false };
    let inner = value.trim_end_matches([',', ':', '.', '\'', ')']);
    if inner.chars().skip(1).any(|c| !c.is_alphabetic() || c.is_uppercase()) {
        return false;
    }
    let next = run(near(text, to), to, |b| matches!(b, b' ' | b',' | b'\''));
    if next == to {
        return false;
    }
    let word = bytes.get(next..).unwrap_or_default();
    let name = word.iter().take(41).take_while(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b)).count();
    let starts = word.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'"' | b'\''));
    starts && !matches!(word.get(name), Some(b'=' | b':'))
}

/// A value that stands for another: `$PASSWORD`, `${X}`, `<token>`, `{{ x }}`, `%s`, `****`, `[masked]`.
pub(super) fn placeholder(value: &str) -> bool {
    let rest = value.strip_prefix('$');
    let variable = rest.is_some_and(|r| {
        r.starts_with(['{', '('])
            || !r.is_empty() && r.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    variable
        || value
            .find(super::MASK)
            .is_some_and(|at| at > 0 || !value.bytes().skip(super::MASK.len()).any(|b| b.is_ascii_alphanumeric()))
        || value.starts_with('<') && value.ends_with('>')
        || value.starts_with("{{")
        || bracketed(value)
        || value == "%s"
        || value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '•' | '.' | '…' | '#' | '-' | '_'))
}

/// `[REDACTED]`, `{password}`: a word that stands for a value, in brackets.
fn bracketed(value: &str) -> bool {
    let inner = value.strip_prefix('[').and_then(|v| v.strip_suffix(']'));
    let inner = inner.or_else(|| value.strip_prefix('{').and_then(|v| v.strip_suffix('}')));
    inner.is_some_and(|word| {
        let word = word.to_ascii_lowercase();
        NOTHING.contains(&word.as_str())
            || ["filtered", "removed", "password", "secret", "token"].contains(&word.as_str())
    })
}
