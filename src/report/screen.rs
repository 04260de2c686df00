//! The terminal: what may reach it, how wide a text is on it, and where lines break.
//!
//! In: any text, also text that somebody wrote into a log to attack the reader. Out: text without control characters,
//! in lines that fit. Never: an escape sequence, a bidi control, a line wider than asked.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Where a text report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Columns. Less than 20 counts as 20, more than 160 as 160.
    pub width: usize,
    /// May colours be used? Without, the output has no ESC byte.
    pub color: bool,
    /// 0: the first screen. 1 and more: also evidence, all findings, signatures, templates, units and sources.
    pub verbose: u8,
}

impl Default for Screen {
    fn default() -> Screen {
        Screen { width: 80, color: false, verbose: 0 }
    }
}

impl Screen {
    /// The columns that are really used: lines longer than 160 are hard to read, shorter than 20 impossible to lay out.
    pub(super) fn columns(&self) -> usize {
        self.width.clamp(20, 160)
    }
}

/// One line that is safe to print: escape sequences and bidi controls are gone, line ends are ` ⏎ `, tabs are spaces,
/// other control characters are shown as their picture (`␇`).
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| matches!(c, '\n' | '\t') || is_unsafe(c)) {
        return Cow::Borrowed(text);
    }
    let clean = clean(text);
    let mut line = String::with_capacity(clean.len());
    let mut pending = false; // A line end is shown only when something follows it.
    for c in clean.chars() {
        match c {
            '\n' => pending = !line.is_empty(),
            '\t' | ' ' if pending => {}
            _ => {
                if std::mem::take(&mut pending) {
                    line.truncate(line.trim_end().len());
                    line.push_str(" ⏎ ");
                }
                line.push(if c == '\t' { ' ' } else { c });
            }
        }
    }
    Cow::Owned(line)
}

/// Like [`visible`], but line ends (as `\n`) and tabs stay: for JSON, where they cannot do harm and carry meaning.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = after;
        match c {
            '\u{1b}' => match after.chars().next() {
                Some('[') => rest = csi(&after[1..]),
                Some(']' | 'P' | 'X' | '^' | '_') => rest = string(&after[1..]),
                _ => rest = short(after),
            },
            '\u{9b}' => rest = csi(after),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => rest = string(after),
            '\r' => {
                rest = after.strip_prefix('\n').unwrap_or(after);
                out.push('\n');
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{80}'..='\u{9f}' => out.push('\u{fffd}'),
            '\u{7f}' => out.push('␡'),
            c if is_invisible(c) => {}
            '\n' | '\t' => out.push(c),
            c if c < ' ' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Nothing but visible ASCII: most texts are, and it is seen in a moment.
pub(super) fn is_plain(text: &str) -> bool {
    text.as_bytes().iter().fold(true, |plain, b| plain & (b' '..=b'~').contains(b))
}

/// A character that must not reach a terminal as it is (line ends and tabs apart).
pub(super) fn is_unsafe(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{2028}' | '\u{2029}') || is_invisible(c)
}

/// Bidi controls, byte order marks and tag characters: they change what a reader sees and show nothing themselves.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What follows a CSI sequence: parameters and intermediates (0x20-0x3f), then one final character.
fn csi(text: &str) -> &str {
    let end = text.find(|c: char| !('\u{20}'..='\u{3f}').contains(&c)).unwrap_or(text.len());
    let rest = text.get(end..).unwrap_or("");
    match rest.chars().next() {
        Some('\u{40}'..='\u{7e}') => &rest[1..],
        // Not a CSI sequence after all: hide nothing.
        _ => text,
    }
}

/// What follows an OSC, DCS, SOS, PM or APC string. One without an end hides nothing, or a stray `ESC ]` would swallow the
/// rest of a trace. Another ESC ends the search, so that many starts without an end stay linear.
fn string(text: &str) -> &str {
    match text.find(['\u{7}', '\u{1b}', '\u{9c}', '\n']) {
        Some(at) => {
            let rest = &text[at..];
            match rest.chars().next() {
                Some('\u{7}') => &rest[1..],
                Some('\u{9c}') => &rest[2..],
                _ => rest.strip_prefix("\u{1b}\\").unwrap_or(text),
            }
        }
        None => text,
    }
}

/// What follows a short escape sequence: intermediates (0x20-0x2f), then one final character (0x30-0x7e).
fn short(text: &str) -> &str {
    let end = text.find(|c: char| !('\u{20}'..='\u{2f}').contains(&c)).unwrap_or(text.len());
    let rest = text.get(end..).unwrap_or("");
    match rest.chars().next() {
        // A space before a letter is rather a stray ESC before a word than a sequence.
        Some('\u{30}'..='\u{7e}') if !text.starts_with(' ') => &rest[1..],
        _ => text,
    }
}

/// How many columns a text takes: wide characters two, combining ones none.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text in at most `max` columns; what does not fit becomes `…`.
pub(super) fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if columns(text) <= max {
        return Cow::Borrowed(text);
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    let mut out = String::new();
    let mut used = 1; // For the `…`.
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > max {
            break;
        }
        out.push(c);
    }
    out.push('…');
    Cow::Owned(out)
}

/// Breaks a text at spaces into lines of `first` columns, then `rest` columns. A word longer than a line is broken where the
/// line ends. More than `limit` lines are cut with `…`.
pub fn wrap(text: &str, first: usize, rest: usize, limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    let room = |done: usize| if done == 0 { first.max(2) } else { rest.max(2) };
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        if lines.len() > limit {
            break;
        }
        let wide = columns(word);
        let gap = usize::from(used > 0);
        if used + gap + wide <= room(lines.len()) {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            used += gap + wide;
            continue;
        }
        // A long word starts on this line only if a good part of it fits there.
        if used > 0 && (wide <= room(1) || used + 8 > room(lines.len())) {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used > 0 && used + wide > room(lines.len()) {
                lines.push(std::mem::take(&mut line));
                used = 0;
                if lines.len() > limit {
                    break;
                }
            }
            line.push(c);
            used += wide;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > limit {
        lines.truncate(limit);
        let width = room(limit.saturating_sub(1));
        if let Some(last) = lines.last_mut() {
            // `at 23:59:14:…` reads like a mistake.
            last.truncate(last.trim_end_matches([' ', ':', ',', ';']).len());
            let longer = format!("{last}…");
            *last = if columns(&longer) <= width { longer } else { cut(last, width.saturating_sub(1)).into_owned() };
            if !last.ends_with('…') {
                last.push('…');
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_stays() {
        for (text, want) in [
            ("plain ✓ 漢字", "plain ✓ 漢字"),
            ("\x1b[31mred\x1b[0m", "red"),
            ("\u{9b}31mred", "red"),
            ("\x1b]0;title\x07after", "after"),
            ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b]0;never ends", "0;never ends"),
            ("\x1bPq#0\x1b\\x", "x"),
            ("\x1b(Bx", "x"),
            ("\x1bcreset", "reset"),
            ("a\x1b", "a"),
            ("a\x1b\x1b[1mb", "ab"),
            ("bell\x07", "bell␇"),
            ("a\r\nb\rc\n", "a ⏎ b ⏎ c"),
            ("a\tb", "a b"),
            ("trace:\n    at x\n    at y\n", "trace: ⏎ at x ⏎ at y"),
            ("\u{202e}gnp.exe\u{202c}", "gnp.exe"),
            ("\u{feff}bom", "bom"),
            ("a\u{2028}b", "a ⏎ b"),
            ("del\u{7f}", "del␡"),
            ("\u{85}\u{84}x", "\u{fffd}x"),
        ] {
            assert_eq!(visible(text), want, "{text:?}");
        }
    }

    #[test]
    fn lines_break_at_words_and_long_words_break_anyway() {
        assert_eq!(wrap("one two three", 7, 7, 9), ["one two", "three"]);
        assert_eq!(wrap("one two three", 3, 20, 9), ["one", "two three"]);
        assert_eq!(wrap("abcdefghij", 4, 4, 9), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("one two three", 5, 5, 2), ["one", "two…"]);
        assert_eq!(wrap("one twoxy three", 5, 5, 2), ["one", "two…"]);
        assert_eq!(wrap("漢字漢字", 5, 5, 9), ["漢字", "漢字"]);
        assert!(wrap("  ", 5, 5, 9).is_empty());
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("漢字漢", 4), "漢…");
    }

    #[test]
    fn many_starts_without_an_end_stay_linear() {
        let text = "\x1b]".repeat(100_000) + &"\x1b[".repeat(100_000);
        assert!(!visible(&text).contains('\x1b'));
    }
}
