//! The value after a key: where it begins and ends, and whether it can be a secret.

use super::words::{NOTHING, PROSE, placeholder, sentence};

/// What kind of name a key is; it decides how much a value must look like a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// `password`: nearly anything that follows is one.
    Password,
    /// `pwd`: a password, or the working directory.
    Directory,
    /// `pass`, `sig`: also a word of test reports; only with `=`.
    Pass,
    /// `secret`, `api_key`.
    Secret,
    /// `token`: also a word of parsers and of language models.
    Token,
    /// `key`: only a long random value.
    Bare,
    /// `Authorization`.
    Authorization,
}

/// How key and value are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    /// `k=v`
    Equals,
    /// `k: v`
    Colon,
    /// `"k": "v"`
    Quoted,
    /// `--k v`
    Flag,
}

/// So many bytes after a word are enough to judge.
pub(super) const LOOK: usize = 256;

#[cfg(test)]
thread_local! {
    /// Bytes that scans have looked at, for the proof that masking is linear.
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts the bytes that a scan has looked at; in tests only.
pub(super) fn steps(_bytes: usize) {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + _bytes));
}

/// The first index from `at` on whose byte is not `of` the kind.
pub(super) fn run(bytes: &[u8], at: usize, of: impl Fn(u8) -> bool) -> usize {
    let to = bytes.get(at..).map_or(at, |rest| at + rest.iter().position(|&b| !of(b)).unwrap_or(rest.len()));
    steps(to - at);
    to
}

/// The secret value of the key that stands at `start..end`.
pub(super) fn keyed(text: &str, start: usize, end: usize, name: Name) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let (join, mut at) = join(text, start, end)?;
    if text.get(at..)?.starts_with("Some(") {
        at += 5;
    }
    let scheme = scheme(text, at);
    let schemed = scheme > 0;
    at += scheme;
    let slashes = run(bytes, at, |b| b == b'\\') - at;
    let quote = bytes.get(at + slashes).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let (from, to) = match quote {
        Some(quote) => {
            let from = at + slashes + 1;
            let inner = self::scheme(text, from);
            (from + inner, closing(near(text, from + inner), from + inner, quote, slashes))
        }
        None if structure(near(text, at), at) => return None,
        None => (at, unquoted(near(text, at), at)),
    };
    let value = text.get(from..to)?;
    if value.is_empty() || placeholder(value) || !value.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80) {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let word = lower.trim_end_matches(['.', ',', ':', ';', '!', ')']);
    if NOTHING.contains(&word) {
        return None;
    }
    let prose = quote.is_none() && (PROSE.contains(&word) || sentence(text, from, to));
    let secret = match (name, join) {
        (Name::Pass, Join::Equals) => !value.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
        (Name::Pass | Name::Bare, _) => false,
        (Name::Directory, _) if value.starts_with(['/', '~', '.']) => false,
        (Name::Authorization, _) => schemed && !prose || looks_secret(value),
        (Name::Token, _) if value.len() <= 9 && value.bytes().all(|b| b.is_ascii_digit()) => false,
        (Name::Token | Name::Secret, Join::Colon) => !prose && looks_secret(value),
        (_, Join::Flag) => !prose && !value.starts_with('-') && (name == Name::Password || looks_secret(value)),
        (_, Join::Colon) => !prose,
        (_, Join::Equals | Join::Quoted) => true,
    };
    if !secret {
        return None;
    }
    // Only what was accepted is followed to its end, so that many refused values stay cheap.
    Some((from, quote.map_or_else(|| unquoted(bytes, from), |quote| closing(bytes, from, quote, slashes))))
}

/// The text up to [`LOOK`] bytes after `at`.
pub(super) fn near(text: &str, at: usize) -> &[u8] {
    let mut end = text.len().min(at.saturating_add(LOOK));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.as_bytes().get(..end).unwrap_or_default()
}

/// Reads what joins a key that ends at `end` to its value: how, and where the value begins.
fn join(text: &str, start: usize, end: usize) -> Option<(Join, usize)> {
    let bytes = text.as_bytes();
    let slashes = run(bytes, end, |b| b == b'\\');
    let quoted = matches!(bytes.get(slashes), Some(b'"' | b'\''));
    let after = if quoted { slashes + 1 } else { end };
    let spaces = run(bytes, after, |b| matches!(b, b' ' | b'\t'));
    let blank = |at: usize| run(bytes, at, |b| matches!(b, b' ' | b'\t'));
    match bytes.get(spaces) {
        Some(b'=') => Some((
            if quoted { Join::Quoted } else { Join::Equals },
            blank(run(bytes, spaces, |b| matches!(b, b'=' | b'>'))),
        )),
        Some(b':') => match bytes.get(spaces + 1) {
            // A path of a program (`token::next`) or a URL (`secret://`).
            Some(b':' | b'/') => None,
            Some(b'=') => Some((Join::Equals, blank(spaces + 2))),
            _ => Some((if quoted { Join::Quoted } else { Join::Colon }, blank(spaces + 1))),
        },
        Some(b'%') if text.get(spaces..spaces + 3).is_some_and(|s| s.eq_ignore_ascii_case("%3d")) => {
            Some((Join::Equals, spaces + 3))
        }
        _ if spaces > end && !quoted => {
            // `--db-password value`: the word that the key ends must begin with `--`.
            let head = bytes.get(start.saturating_sub(40)..start)?;
            let name = head.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
            let flag = head.get(head.len() - name..)?;
            flag.starts_with(b"--").then_some((Join::Flag, spaces))
        }
        _ => None,
    }
}

/// The length of a scheme and its space at `at`: `Bearer `, `Basic `.
fn scheme(text: &str, at: usize) -> usize {
    const SCHEMES: [&str; 9] = ["bearer", "basic", "token", "digest", "negotiate", "apikey", "bot", "key", "ntlm"];
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    SCHEMES
        .iter()
        .find(|s| {
            rest.get(..s.len()).is_some_and(|head| head.eq_ignore_ascii_case(s.as_bytes()))
                && rest.get(s.len()) == Some(&b' ')
        })
        .map_or(0, |s| s.len() + 1)
}

/// Where a value in quotes ends: at the quote with as many backslashes before it as the opening one had. The end of the
/// line when there is none, for a line can be cut.
fn closing(bytes: &[u8], from: usize, quote: u8, slashes: usize) -> usize {
    let mut before = 0;
    let ended = |at: usize| {
        steps(at.saturating_sub(from));
        at
    };
    for (i, &b) in bytes.iter().enumerate().skip(from) {
        match b {
            b'\\' => before += 1,
            b'\n' => return ended(i),
            b if b == quote && (before == slashes || slashes == 0 && before % 2 == 0) => {
                return ended(i - before.min(slashes));
            }
            _ => before = 0,
        }
    }
    ended(bytes.len())
}

/// The inside of the quotes that stand at `at`, behind spaces; one `word` only, where a sentence could stand.
pub(super) fn quoted(text: &str, at: usize, quotes: &[u8], word: bool) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let open = run(near(text, at), at, |b| b == b' ');
    let quote = bytes.get(open).copied().filter(|b| quotes.contains(b))?;
    let value = text.get(open + 1..closing(near(text, open + 1), open + 1, quote, 0))?;
    let refused = value.is_empty() || placeholder(value) || word && value.contains(' ');
    (!refused).then(|| (open + 1, closing(bytes, open + 1, quote, 0)))
}

/// Does a closed JSON structure stand here, with nothing stuck to its end? It is no value but has values, each looked at
/// under its own key. Anything else that begins with a bracket is a value like others: `[abc`, `{SSHA}x9`, `[abc]`.
fn structure(bytes: &[u8], from: usize) -> bool {
    let Some(window) = bytes.get(from..).filter(|w| matches!(w.first(), Some(b'[' | b'{'))) else { return false };
    let inner = window.get(1..).unwrap_or_default().trim_ascii_start();
    let json = inner.first().is_some_and(|b| b.is_ascii_digit() || b"\"'[{]}-".contains(b));
    if !json && ![b"true".as_slice(), b"false", b"null"].iter().any(|word| inner.starts_with(word)) {
        return false;
    }
    let (mut depth, mut string, mut escaped) = (0usize, None, false);
    for (i, &b) in window.iter().enumerate() {
        match string {
            Some(_) if escaped => escaped = false,
            Some(_) if b == b'\\' => escaped = true,
            Some(quote) if b == quote => string = None,
            Some(_) => {}
            None => match b {
                b'"' | b'\'' => string = Some(b),
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
        if depth == 0 && string.is_none() {
            return window.get(i + 1).is_none_or(|b| b" \t\r\n,;)]}\"'&".contains(b));
        }
    }
    false
}

/// Where a value without quotes ends: at a space, a quote or `&`; at a comma or semicolon only when something that looks
/// like the next key, a space or nothing follows, for passwords have commas.
fn unquoted(bytes: &[u8], from: usize) -> usize {
    let mut to = from;
    while let Some(&b) = bytes.get(to) {
        match b {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'&' => break,
            b',' | b';' if next_key(bytes, to + 1) => break,
            _ => to += 1,
        }
    }
    steps(to - from);
    while to > from && bytes.get(to - 1).is_some_and(|b| b")]}>,;".contains(b)) {
        to -= 1;
    }
    // `[masked]` and `$(...)` keep their brackets.
    let opened = bytes.get(from).copied();
    if matches!(opened, Some(b'[' | b'<' | b'{' | b'(')) || opened == Some(b'$') {
        to = run(bytes, to, |b| b")]}>".contains(&b));
    }
    to
}

/// Is this the end, a space, or `name=` / `name:`?
fn next_key(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        None | Some(b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'') => true,
        Some(_) => {
            let window = bytes.get(at..).unwrap_or_default();
            let name = window.iter().take(41).take_while(|b| b.is_ascii_alphanumeric() || b"_.- ".contains(b)).count();
            name > 0 && matches!(window.get(name), Some(b'=' | b':'))
        }
    }
}

/// Does the text look random: a digit among letters, capitals in the middle, or very long, and no spaces?
pub(super) fn looks_secret(text: &str) -> bool {
    let digit = text.bytes().any(|b| b.is_ascii_digit());
    let letter = text.bytes().any(|b| b.is_ascii_alphabetic());
    let humps = text
        .as_bytes()
        .windows(2)
        .filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count();
    text.len() >= 6 && !text.contains(' ') && (digit && letter || humps >= 2 || text.len() >= 24 && letter)
}

/// The base64 of `user:password`, as far as its form tells.
pub(super) fn basic_value(text: &str) -> bool {
    text.len() >= 8 && (text.ends_with('=') || looks_secret(text))
}

/// A long random value within a few characters after a word such as `key`.
pub(super) fn long_secret(text: &str, end: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let window = bytes.get(end..).unwrap_or_default();
    let from = end + window.iter().take(6).take_while(|b| b" \t:='\"\\".contains(b)).count();
    if from == end {
        return None;
    }
    let part = |b: u8| b.is_ascii_alphanumeric() || b"+/=_".contains(&b);
    let value = text.get(from..run(near(text, from), from, part))?;
    let has = |of: fn(&u8) -> bool| value.as_bytes().iter().any(of);
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let random = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && (hex || mixed) && !value.starts_with('/');
    (value.len() >= 24 && random).then(|| (from, run(bytes, from, part)))
}
