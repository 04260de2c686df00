//! A quick look at the lines of RFC 3164, with or without their priority, and of RFC 5424.

use super::super::lanes;
use super::super::stamp::Minute;
use super::super::syslog::{data_len, priority};
use super::super::{Reference, Scratch};
use super::line::{Line, Said, names_itself};
use super::{Glance, short};
use crate::base::{Certainty, Level};

/// A quick look at one line.
#[inline]
pub(super) fn glance<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let line = Line::new(raw, scratch);
    let said = if line.text.first() == Some(&b'<') {
        let (level, rest) = priority(line.text)?;
        match rest {
            [b'1'..=b'9', b' ', rest @ ..] => structured(rest, level, reference, line.minute)?,
            _ => short::said(rest, Some(level), reference, line.minute)?,
        }
    } else {
        short::said(line.text, None, reference, line.minute)?
    };
    Some(line.glance(said))
}

/// `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`: host, program and process decide the origin.
#[inline]
fn structured<'a>(rest: &'a [u8], level: Level, reference: &Reference, minute: &mut Minute) -> Option<Said<'a>> {
    let (time, certainty, len) = match rest {
        [b'-', b' ', ..] => (None, Certainty::None, 1),
        _ => {
            let told = minute.read(rest, reference)?;
            // It is one word, and the whole of it.
            if lanes::find(rest, b' ') != Some(told.len) {
                return None;
            }
            (Some(told.time), told.certainty, told.len)
        }
    };
    let rest = rest.get(len + 1..)?;
    let [host, app, pid, id] = blanks(rest)?;
    let (key, app) = (rest.get(..pid)?, rest.get(host + 1..app)?);
    let body = rest.get(id + 1..)?;
    let body = match body.strip_prefix(b"-") {
        Some(body) => body,
        None => body.get(data_len(body)?..)?,
    };
    let message = body.strip_prefix(b" ").unwrap_or(body);
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    // The kernel may put its own time before its words.
    if !names_itself(app) || (app == b"kernel" && message.first() == Some(&b'[')) {
        return None;
    }
    Some(Said { key, time, certainty, level: Some(level), message, partial: false })
}

/// Is this key one of RFC 5424 (looked at with every line), or one of the short forms that holds? Only those end in a colon,
/// or nearly so.
pub(super) fn vouches(key: &[u8]) -> bool {
    !key.ends_with(b":") || short::vouches(key)
}

/// Where the first four blanks stand.
#[inline]
fn blanks(text: &[u8]) -> Option<[usize; 4]> {
    let mut places = [0; 4];
    if let Some(front) = text.first_chunk() {
        let mut found = lanes::equal_64(front, b' ');
        if found.count_ones() >= 4 {
            for place in &mut places {
                *place = found.trailing_zeros() as usize;
                found &= found - 1;
            }
            return Some(places);
        }
    }
    let mut found = memchr::memchr_iter(b' ', text);
    for place in &mut places {
        *place = found.next()?;
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{reference, same};
    use super::super::{Format, Origins, Scratch};

    fn quick(lines: &[&str]) -> Vec<bool> {
        let (mut scratch, mut origins) = (Scratch::default(), Origins::default());
        let reference = reference(None);
        let look =
            |line: &&str| same("made up", Format::Syslog5424, line.as_bytes(), &reference, &mut scratch, &mut origins);
        lines.iter().map(look).collect()
    }

    #[test]
    fn usual_lines_are_read_quickly() {
        let lines = [
            "<30>Jan  9 23:06:40 node-7 api[312]: text",
            "<0>2026-01-09T23:06:40.5+01:00 node-7 api: text",
            "Jan  9 23:06:40 node-7 api[312]: text",
            "<165>1 2026-01-09T23:06:40.003Z node-7 api 312 ID47 - text",
            "<165>1 2026-01-09T23:06:40.003Z node-7 api - - - \u{feff}text",
            "<165>1 2026-01-09T23:06:40Z - api - ID47 [x y=\"a ]\\\" b\"][z] text",
            "<165>1 - node-7 - 312 - -",
            "<13>1 2026-01-09T23:06:40Z  api  - - two blanks",
            "<13>1 2026-01-09T23:06:40Z a-host-with-a-name-that-is-longer-than-what-is-looked-at-together api 3 - - x",
        ];
        assert_eq!(quick(&lines), vec![true; lines.len()]);
    }

    #[test]
    fn unusual_lines_are_left_to_the_parser() {
        let lines = [
            "<192>Jan  9 23:06:40 node-7 api[312]: text",
            "<30>api[312]: text",
            "<30>Jan  9 23:06:40 node-7 user.warn api[312]: text",
            "<30>Jan  9 23:06:40 node-7 systemd[1]: Started web.service.",
            "<30>1 2026-01-09T23:06:40Z node-7 systemd 1 - - Started web.service.",
            "<30>1 2026-01-09T23:06:40Z node-7 kernel - - - [    1.000000] x",
            "<30>1 2026-01-09T23:06:40Zx node-7 api 1 - - text",
            "<30>1 23:06:40 node-7 api 1 - - text",
            "<30>1 2026-01-09T23:06:40 UTC node-7 api 1 - - text",
            "<30>1 2026-01-09 23:06:40Z node-7 api 1 - - text",
            "<30>1 2026-01-09T23:06:40Z node-7 api",
            "<30>1 2026-01-09T23:06:40Z node-7 api 1 - text without data",
            "<30>",
        ];
        assert_eq!(quick(&lines), vec![false; lines.len()]);
    }
}
