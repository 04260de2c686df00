//! What stands behind a time of day: `Z`, `+01:00`, ` +0000 UTC`, ` PDT`.

/// Abbreviations that mean one offset only, in seconds. Those with several meanings (CST, IST, BST of Bangladesh) are
/// read the way most logs mean them, or left to the assumed zone.
fn offset_of(name: &[u8]) -> Option<i32> {
    Some(match name {
        b"UTC" | b"GMT" | b"WET" => 0,
        b"EST" | b"CDT" => -18_000,
        b"EDT" => -14_400,
        b"CST" | b"MDT" => -21_600,
        b"MST" | b"PDT" => -25_200,
        b"PST" => -28_800,
        b"BST" | b"WEST" | b"CET" => 3_600,
        b"CEST" | b"EET" => 7_200,
        b"EEST" | b"MSK" => 10_800,
        b"JST" | b"KST" => 32_400,
        b"AEST" => 36_000,
        b"AEDT" => 39_600,
        b"NZST" => 43_200,
        b"NZDT" => 46_800,
        _ => return None,
    })
}

/// The offset in seconds at the start of `text`, and the bytes it took with its space.
pub(super) fn read(text: &[u8]) -> Option<(i32, usize)> {
    let space = usize::from(text.first() == Some(&b' '));
    let rest = text.get(space..)?;
    match rest.first()? {
        b'Z' | b'z' if space == 0 && ends(rest.get(1)) => Some((0, 1)),
        b'+' | b'-' => {
            let (offset, len) = numeric(rest)?;
            // A lone `-05` or ` -1` behind a space is more often a dash or a number than an offset.
            if space == 1 && len < 5 {
                return None;
            }
            let mut end = space + len;
            if let Some((_, more)) = text.get(end..).and_then(name_behind) {
                end += more;
            }
            Some((offset, end))
        }
        b'A'..=b'Z' => {
            let (offset, len) = named(rest)?;
            Some((offset, space + len))
        }
        _ => None,
    }
}

/// ` CEST` behind `+0200`, as Go and journalctl write it.
fn name_behind(text: &[u8]) -> Option<((), usize)> {
    let rest = text.strip_prefix(b" ")?;
    named(rest).map(|(_, len)| ((), len + 1))
}

/// A known abbreviation, as a word of its own.
pub(super) fn named(text: &[u8]) -> Option<(i32, usize)> {
    // No name begins as `INFO` and its like do.
    if matches!(text.first(), Some(b'D' | b'F' | b'I' | b'L' | b'S' | b'T' | b'V')) {
        return None;
    }
    let len = text.iter().take(6).take_while(|b| b.is_ascii_uppercase()).count();
    let (word, rest) = text.split_at_checked(len)?;
    if !ends(rest.first()) {
        return None;
    }
    offset_of(word).map(|offset| (offset, len))
}

/// `+01:00`, `+0100`, `+01`.
fn numeric(text: &[u8]) -> Option<(i32, usize)> {
    let two = |at: usize| -> Option<i32> {
        match text.get(at..at + 2)? {
            [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(i32::from(a - b'0') * 10 + i32::from(b - b'0')),
            _ => None,
        }
    };
    let hours = two(1)?;
    let (minutes, len) = match text.get(3) {
        Some(b':') => (two(4)?, 6),
        Some(b'0'..=b'9') => (two(3)?, 5),
        _ => (0, 3),
    };
    if hours > 15 || minutes > 59 || text.get(len).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let offset = hours * 3_600 + minutes * 60;
    Some((if text.first() == Some(&b'-') { -offset } else { offset }, len))
}

fn ends(next: Option<&u8>) -> bool {
    next.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_')
}
