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
    if fresh {
        if let Some(len) = quoted(rest, first) {
            return (Some("<text>"), len);
        }
        if let Some(len) = path(rest, first) {
            return (Some("<path>"), len);
        }
    }
    if !is_word(first) {
        return (None, first.len_utf8());
    }
    let len = word(rest);
    let text = &rest[..len];
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
        let joint = matches!(c, '-' | '.' | ':' | '@' | '+') && chars.peek().is_some_and(|(_, next)| is_word(*next));
        if !is_word(c) && !joint {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn quoted(rest: &str, first: char) -> Option<usize> {
    let close = match first {
        '"' | '\'' | '`' => first,
        '“' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    };
    let inner = &rest[first.len_utf8()..];
    let end = inner.char_indices().take(512).find(|(_, c)| *c == close).map(|(at, _)| at)?;
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

/// Words without a digit are text. `<n>` is a number with or without a unit, `<id>` everything else with a digit in it.
fn mask_of(text: &str) -> Option<&'static str> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        let hex = text.len() >= 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        return (hex || text.contains('@')).then_some("<id>");
    }
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[number.len()..];
    let plain = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'-' | b'_'));
    let dots = number.bytes().filter(|b| *b == b'.').count();
    if plain && dots < 3 && unit.len() <= 4 && !number.contains('-') {
        return Some("<n>");
    }
    Some("<id>")
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
            ("id 3f2a9c1e-1111-2222-3333-444455556666 gone", "id <id> gone"),
            ("peer 10.0.0.7:4222 lost", "peer <id> lost"),
            ("at 0x7ffe12ab pc=deadbeef01", "at <id> pc=<id>"),
            ("shards [1, 2, 3] behind", "shards [<n>] behind"),
            ("shards [1] behind", "shards [<n>] behind"),
            ("retry=3 user=u-77", "retry=<n> user=<id>"),
            ("mail to a@b.example bounced", "mail to <id> bounced"),
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
