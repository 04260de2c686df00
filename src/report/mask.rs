//! Secrets: found by their key (`password=...`), by their form (`ghp_...`, a JWT) or by their place (`://user:here@`).
//!
//! In: any text. Out: the same text with `[masked]` where a secret stood; the key, the scheme and the vendor's prefix stay,
//! for they help to find the leak. Never: an ordinary word (`password authentication failed`, `token expired`).
//!
//! One Aho-Corasick pass finds the places to look at; each look is a short hand-written scan. All scans together are
//! linear: what fails looks at a bounded number of bytes or only at the start of a run, what succeeds is skipped.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

mod value;

use value::{Name, basic_value, keyed, long_secret, looks_secret, near, run};

/// What stands for a secret.
const MASK: &str = "[masked]";

/// What a keyword tells us to look for.
#[derive(Clone, Copy)]
enum Look {
    /// The name of a secret: a value may follow.
    Key(Name),
    /// `Authorization`: a scheme and a value follow.
    Authorization,
    /// `Bearer` or `Basic` on its own.
    Bearer,
    /// As above.
    Basic,
    /// `Cookie` or `Set-Cookie`.
    Cookie,
    /// `://`: credentials may follow.
    Url,
    /// A vendor's prefix: so many characters of the token follow at least; case counts.
    Prefix(&'static str, usize),
    /// The path of a web hook.
    Hook,
    /// `eyJ`: three parts with dots between them.
    Jwt,
    /// `:AA` in `bot123456:AA...`.
    Telegram,
    /// `-----BEGIN ... PRIVATE KEY`.
    Pem,
}

const KEYWORDS: &[(&str, Look)] = &[
    ("password", Look::Key(Name::Password)),
    ("passwd", Look::Key(Name::Password)),
    ("passphrase", Look::Key(Name::Password)),
    ("pwd", Look::Key(Name::Directory)),
    ("pass", Look::Key(Name::Pass)),
    ("secret", Look::Key(Name::Secret)),
    ("token", Look::Key(Name::Token)),
    ("key", Look::Key(Name::Bare)),
    ("api_key", Look::Key(Name::Secret)),
    ("api-key", Look::Key(Name::Secret)),
    ("apikey", Look::Key(Name::Secret)),
    ("access_key", Look::Key(Name::Secret)),
    ("access-key", Look::Key(Name::Secret)),
    ("accesskey", Look::Key(Name::Secret)),
    ("secret_key", Look::Key(Name::Secret)),
    ("secret-key", Look::Key(Name::Secret)),
    ("secretkey", Look::Key(Name::Secret)),
    ("secret_key_base", Look::Key(Name::Secret)),
    ("private_key", Look::Key(Name::Secret)),
    ("privatekey", Look::Key(Name::Secret)),
    ("signing_key", Look::Key(Name::Secret)),
    ("encryption_key", Look::Key(Name::Secret)),
    ("accountkey", Look::Key(Name::Secret)),
    ("master_key", Look::Key(Name::Secret)),
    ("auth_key", Look::Key(Name::Secret)),
    ("x-amz-signature", Look::Key(Name::Secret)),
    ("&sig", Look::Key(Name::Pass)),
    ("?sig", Look::Key(Name::Pass)),
    ("authorization", Look::Authorization),
    ("bearer ", Look::Bearer),
    ("basic ", Look::Basic),
    ("cookie", Look::Cookie),
    ("://", Look::Url),
    ("ghp_", Look::Prefix("ghp_", 20)),
    ("gho_", Look::Prefix("gho_", 20)),
    ("ghu_", Look::Prefix("ghu_", 20)),
    ("ghs_", Look::Prefix("ghs_", 20)),
    ("ghr_", Look::Prefix("ghr_", 20)),
    ("github_pat_", Look::Prefix("github_pat_", 20)),
    ("glpat-", Look::Prefix("glpat-", 16)),
    ("xoxa-", Look::Prefix("xoxa-", 10)),
    ("xoxb-", Look::Prefix("xoxb-", 10)),
    ("xoxp-", Look::Prefix("xoxp-", 10)),
    ("xoxr-", Look::Prefix("xoxr-", 10)),
    ("xoxs-", Look::Prefix("xoxs-", 10)),
    ("xapp-", Look::Prefix("xapp-", 10)),
    ("sk_live_", Look::Prefix("sk_live_", 10)),
    ("sk_test_", Look::Prefix("sk_test_", 10)),
    ("rk_live_", Look::Prefix("rk_live_", 10)),
    ("whsec_", Look::Prefix("whsec_", 16)),
    ("sk-", Look::Prefix("sk-", 20)),
    ("akia", Look::Prefix("AKIA", 16)),
    ("asia", Look::Prefix("ASIA", 16)),
    ("aiza", Look::Prefix("AIza", 30)),
    ("ya29.", Look::Prefix("ya29.", 20)),
    ("npm_", Look::Prefix("npm_", 30)),
    ("hf_", Look::Prefix("hf_", 30)),
    ("pypi-", Look::Prefix("pypi-", 40)),
    ("dop_v1_", Look::Prefix("dop_v1_", 40)),
    ("hooks.slack.com/services/", Look::Hook),
    ("/api/webhooks/", Look::Hook),
    ("eyj", Look::Jwt),
    (":aa", Look::Telegram),
    ("-----begin ", Look::Pem),
];

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
    for hit in finder.find_iter(text) {
        if hit.start() < done {
            continue;
        }
        let Some((_, look)) = KEYWORDS.get(hit.pattern().as_usize()) else { continue };
        let Some((from, to)) = secret(text, hit.start(), hit.end(), *look) else { continue };
        let (Some(before), Some(found)) = (text.get(done..from), text.get(from..to)) else { continue };
        if found.is_empty() || found.contains(MASK) {
            continue;
        }
        out.push_str(before);
        out.push_str(MASK);
        done = to;
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
            _ => None,
        }),
        Look::Authorization => keyed(text, start, end, Name::Authorization),
        Look::Bearer => {
            let to = run(bytes, end, |b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b));
            (boundary && to - end >= 8 && looks_secret(text.get(end..to)?)).then_some((end, to))
        }
        Look::Basic => {
            let to = run(bytes, end, |b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
            (boundary && basic_value(text.get(end..to)?)).then_some((end, to))
        }
        Look::Cookie => {
            let rest = text.get(end..)?;
            let value = rest.strip_prefix(": ").or_else(|| rest.strip_prefix(':'))?;
            let from = text.len() - value.len();
            let part = |b: u8| !matches!(b, b'"' | b'\'' | b'\n' | b'\r');
            let to = run(near(text, from), from, part);
            text.get(from..to)?.contains('=').then(|| (from, run(bytes, from, part)))
        }
        Look::Url => credentials(text, end),
        Look::Prefix(prefix, least) => {
            if !boundary || before == b'_' || !text.get(start..end)?.eq(prefix) {
                return None;
            }
            let to = run(bytes, end, |b| b.is_ascii_alphanumeric() || (b"-_".contains(&b) && prefix != "npm_"));
            let token = text.get(end..to)?;
            // A name in kebab case is no token: those have digits or capitals.
            let odd = token.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
            (token.len() >= least && odd).then_some((end, to))
        }
        Look::Hook => {
            let to = run(bytes, end, |b| b.is_ascii_alphanumeric() || b"-_/".contains(&b));
            (to - end >= 10).then_some((end, to))
        }
        Look::Jwt => {
            if !boundary || b"-_.".contains(&before) || text.get(start..end)? != "eyJ" {
                return None;
            }
            let to = run(bytes, start, |b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b));
            let token = text.get(start..to)?;
            (token.len() >= 20 && token.matches('.').count() >= 2).then_some((start, to))
        }
        Look::Telegram => {
            let digits = bytes.get(..start)?.iter().rev().take(13).take_while(|b| b.is_ascii_digit()).count();
            let to = run(bytes, end, |b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            ((6..=12).contains(&digits) && to - end >= 28).then_some((start - digits, to))
        }
        Look::Pem => {
            let head = run(bytes, end, |b| b.is_ascii_uppercase() || b == b' ');
            if head - end > 40 || !text.get(end..head)?.contains("PRIVATE KEY") {
                return None;
            }
            let from = run(bytes, head, |b| b == b'-');
            // A block that is cut off has no end; then all of the rest is key.
            let to = text.get(from..)?.find("-----END").map_or(text.len(), |at| from + at);
            Some((from, to))
        }
    }
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
    (!value.is_empty() && !value::placeholder(value)).then_some((from + start, from + at))
}

#[cfg(test)]
mod tests;
