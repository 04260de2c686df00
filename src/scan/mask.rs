//! The shape of a message: what is left when everything that varies is masked.
//!
//! In: one line. Out: the same line with numbers, ids, paths, addresses and quoted text replaced by a word in angle
//! brackets. It looks at nothing but the line, so that the same line has the same shape in every run, in every part of a
//! distributed run, and whatever came before it (tree-based template mining cannot say that). It never fails.

/// Longest shape in bytes; the rest of the line is not looked at.
const SHAPE_BYTES: usize = 240;

/// The shape of a line.
pub fn shape(line: &str) -> String {
    let mut out = String::with_capacity(line.len().min(SHAPE_BYTES));
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() && out.len() < SHAPE_BYTES {
        let (mask, len) = varying(line, at);
        match mask {
            Some(mask) => {
                push_mask(&mut out, mask);
                at += len;
            }
            None => {
                out.push_str(&line[at..at + len]);
                at += len;
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// `a, b, c` of the same kind say no more than one of them: lists of any length have one shape.
fn push_mask(out: &mut String, mask: &str) {
    for joint in [", ", ",", " "] {
        if out.strip_suffix(joint).is_some_and(|o| o.ends_with(mask)) {
            out.truncate(out.len() - joint.len());
            return;
        }
    }
    out.push_str(mask);
}

/// What stands at `at`: a mask for something that varies, or plain text; and its length in bytes.
fn varying(line: &str, at: usize) -> (Option<&'static str>, usize) {
    let rest = &line[at..];
    let before = line[..at].chars().next_back();
    let fresh = before.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    let first = rest.chars().next().unwrap_or(' ');
    if before == Some('=')
        && let Some(len) = value(&line[..at], rest)
    {
        return (Some("<value>"), len);
    }
    if fresh {
        if let Some(len) = quoted(rest, first) {
            return (Some("<text>"), len);
        }
        if let Some(len) = path(rest, first) {
            return (Some("<path>"), len);
        }
    }
    if first == '{'
        && let Some(len) = object(rest)
    {
        return (Some("<json>"), len);
    }
    if !is_word(first) {
        return (None, first.len_utf8());
    }
    let len = word(rest);
    let text = &rest[..len];
    if let Some(name) = before_number(text) {
        return (None, name);
    }
    if let Some(url) = url(rest, len) {
        return (Some("<url>"), url);
    }
    (mask_of(text), len)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A run of letters and digits with joints (`-`, `.`, `:`, `@`) inside.
fn word(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let joint = matches!(c, '-' | '.' | ':' | '@' | '+') && next.is_some_and(is_word)
            || c == ':' && next == Some(':') && shortened_address(rest, at);
        if !is_word(c) && !joint {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// `fe80::1`: the gap of an IPv6 address, not the joint of `crate::name`.
fn shortened_address(rest: &str, gap: usize) -> bool {
    let group = |c: char| c.is_ascii_hexdigit() || c == ':';
    let after = rest[gap + 2..].chars().next();
    rest[..gap].chars().all(group) && after.is_some_and(|c| c.is_ascii_hexdigit())
}

/// `store.go:118`, `user:4a1`: the name says something, what follows it does not. Not `fe:80:..`, which is one thing.
fn before_number(text: &str) -> Option<usize> {
    let (name, rest) = text.split_once(':')?;
    let named = !name.bytes().all(|b| b.is_ascii_hexdigit()) && !name.bytes().any(|b| b.is_ascii_digit());
    (named && !text.contains('@') && rest.bytes().any(|b| b.is_ascii_digit())).then_some(name.len())
}

/// What follows `name=`: whatever it looks like today, tomorrow it looks different.
fn value(before: &str, rest: &str) -> Option<usize> {
    let name = before.strip_suffix('=')?.chars().next_back()?;
    let first = rest.chars().next()?;
    if !is_word(name) || !(is_word(first) || matches!(first, '"' | '\'' | '`' | '/' | '-' | '+' | '.' | '[' | '{')) {
        return None;
    }
    if let Some(len) = quoted(rest, first).or_else(|| object(rest)) {
        return Some(len);
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | ')' | ']' | '}' | '>' | '|' | '"' | '\'');
    let body = if first == '[' { rest.find(']').map_or(rest.len(), |at| at + 1) } else { 0 };
    let len = body.max(rest.find(ends).unwrap_or(rest.len()));
    let len = rest[..len].trim_end_matches(['.', ':']).len();
    (len > 0).then_some(len)
}

/// A JSON object (or a dictionary as Python prints it), to its closing brace or, when it was cut, to the end.
fn object(rest: &str) -> Option<usize> {
    if !rest.strip_prefix('{')?.trim_start().starts_with(['"', '\'']) {
        return None;
    }
    let (mut depth, mut quote, mut escaped) = (0usize, None, false);
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + c.len_utf8());
        }
    }
    Some(rest.len())
}

fn quoted(rest: &str, first: char) -> Option<usize> {
    let closes: &[char] = match first {
        '"' => &['"'],
        '\'' => &['\''],
        '`' => &['`', '\''],
        '“' => &['”'],
        '„' => &['“', '”'],
        '‘' => &['’'],
        '«' => &['»'],
        '「' => &['」'],
        _ => return None,
    };
    let inner = &rest[first.len_utf8()..];
    let (end, close) = inner.char_indices().take(512).find(|(_, c)| closes.contains(c))?;
    let after = inner[end + close.len_utf8()..].chars().next();
    // An apostrophe in front of a letter is not a closing quote: 'it isn't'.
    if after.is_some_and(char::is_alphanumeric) { None } else { Some(first.len_utf8() + end + close.len_utf8()) }
}

/// `/a/b`, `./a`, `~/a`, `C:\a`, and `a/b/c` is left to its words.
fn path(rest: &str, first: char) -> Option<usize> {
    let starts = match first {
        '/' => rest[1..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '~' | '@')),
        '.' => rest.starts_with("./") || rest.starts_with("../"),
        '~' => rest.starts_with("~/"),
        _ => first.is_ascii_alphabetic() && rest[1..].starts_with(":\\"),
    };
    if !starts {
        return None;
    }
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ')' | ']' | '}' | '>' | '|' | '(');
    let len = rest.find(ends).unwrap_or(rest.len());
    Some(rest[..len].trim_end_matches(['.', ':']).len())
}

fn url(rest: &str, scheme: usize) -> Option<usize> {
    if !rest[scheme..].starts_with("://") {
        return None;
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ')' | '>' | '|');
    Some(rest.find(ends).unwrap_or(rest.len()))
}

/// Words without a digit are text, other words are `<n>`: a counter, a duration and an id look alike too often (one
/// hexadecimal id in forty of eight digits has no letter) to have masks of their own.
fn mask_of(text: &str) -> Option<&'static str> {
    if text.contains('@') {
        return Some("<mail>");
    }
    let hex = text.len() >= 7 && text.bytes().all(|b| b.is_ascii_hexdigit());
    (hex || text.bytes().any(|b| b.is_ascii_digit())).then_some("<n>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_masked() {
        for (line, expected) in [
            ("job 8812 finished in 429 ms", "job <n> finished in <n> ms"),
            ("took 12ms, 1.5s", "took <n>"),
            ("user 'anna' not in \"ops\"", "user <text> not in <text>"),
            ("cannot open /var/lib/x/1.db: gone", "cannot open <path>: gone"),
            ("can't open it, isn't there", "can't open it, isn't there"),
            ("GET https://a.example/x?id=7 failed", "GET <url> failed"),
            ("id 3f2a9c1e-1111-2222-3333-444455556666 gone", "id <n> gone"),
            ("peer 10.0.0.7:4222 lost", "peer <n> lost"),
            ("at 0x7ffe12ab pc=deadbeef01", "at <n> pc=<value>"),
            ("shards [1, 2, 3] behind", "shards [<n>] behind"),
            ("shards [1] behind", "shards [<n>] behind"),
            ("retry=3 user=u-77", "retry=<value> user=<value>"),
            ("mail to a@b.example bounced", "mail to <mail> bounced"),
            ("ref 4b131afa and 65129516 and feedcafe", "ref <n> and <n> and <n>"),
            ("waited 450µs, then 2m3s", "waited <n>, then <n>"),
            ("tenant=acme node=10.0.0.7:80 why='x y'", "tenant=<value> node=<value> why=<value>"),
            ("seal (by=bob, tags=[a b]) broke", "seal (by=<value>, tags=<value>) broke"),
            ("a == b, c = d, e=", "a == b, c = d, e="),
            (r#"bad {"id":1,"tags":[],"q":"a}\"b"} here"#, "bad <json> here"),
            ("bad {'id': 1, 'x': {'y': [2]}}", "bad <json>"),
            ("set {a, b} and {{x}}", "set {a, b} and {{x}}"),
            (r#"cut {"id":[{"#, "cut <json>"),
            ("für „Zoë“ und 「東京」", "für <text> und <text>"),
            ("lease of fe80::ba64:3 and ::1 in std::io::v2", "lease of <n> and ::<n> in std::io::<n>"),
            ("[user:4a1] or [user:417] in a@b.example:7", "[user:<n>] or [user:<n>] in <mail>"),
            ("store.go:118] no, localhost:8080 no", "store.go:<n>] no, localhost:<n> no"),
            ("", ""),
            ("naïve größe 7 µs", "naïve größe <n> µs"),
        ] {
            assert_eq!(shape(line), expected, "{line}");
        }
    }

    #[test]
    fn a_shape_is_short() {
        assert!(shape(&"wörd ".repeat(10_000)).len() <= SHAPE_BYTES + 8);
    }
}
