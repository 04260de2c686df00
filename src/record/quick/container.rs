//! A quick look at what `docker|podman|kubectl logs -t` print: a time with nine digits of a fraction, perhaps behind the
//! name of the container, which decides the origin.

use super::super::{Reference, Scratch, container, lanes};
use super::Glance;
use super::line::{Line, Said};

/// How far the name of a container and its bar reach.
const REACH: usize = 240;

/// A quick look at one line.
#[inline]
pub(super) fn glance<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let line = Line::new(raw, scratch);
    let (key, rest) = front(line.text)?;
    let shape = rest.get(10) == Some(&b'T') && rest.get(19) == Some(&b'.');
    let fraction: &[u8; 9] = rest.get(20..)?.first_chunk()?;
    if !shape || !fraction.iter().all(u8::is_ascii_digit) || rest.get(29).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let told = line.minute.read(rest, reference)?;
    let message = match rest.get(told.len..)? {
        [] => b"".as_slice(),
        [b' ', message @ ..] => message,
        _ => return None,
    };
    let (time, certainty) = (Some(told.time), told.certainty);
    Some(line.glance(Said { key, time, certainty, level: None, message, partial: false }))
}

/// What stands before the time: `app-1  | `, `[pod/web-1/app] `, nothing.
#[inline]
fn front(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = match text.first()? {
        // No container's name begins with a digit here.
        b'0'..=b'9' => 0,
        b'[' => text.len() - container::prefix(text)?.1.len(),
        // Whether what stands before the bar is a name follows from it alone.
        _ => match text.get(lanes::find(text.get(..REACH.min(text.len()))?, b'|')?..) {
            Some(rest @ [b'|', b' ', ..]) => text.len() - rest.len() + 2,
            _ => return None,
        },
    };
    text.split_at_checked(len)
}

/// Is this key surely what stands before a time?
pub(super) fn vouches(key: &[u8]) -> bool {
    key.is_empty() || container::prefix(key).is_some_and(|(_, rest)| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::are_quick;

    #[test]
    fn lines_are_read_quickly_or_left_to_the_parser() {
        let lines = [
            ("2026-01-09T23:06:40.123456789Z text", true),
            ("2026-01-09T23:06:41.123456789+01:00 ERROR text", true),
            ("2026-01-09T23:06:41.123456789Z", true),
            ("app-1  | 2026-01-09T23:06:41.123456789Z text", true),
            ("app-2  | 2026-01-09T23:06:42.123456789Z text", true),
            ("[pod/web-1/app] 2026-01-09T23:06:42.123456789Z {\"level\":\"warn\",\"msg\":\"x\"}", true),
            ("app-1  | text", false),
            ("app.1| 2026-01-09T23:06:42.123456789Z text", false),
            ("INFO | 2026-01-09T23:06:42.123456789Z text", false),
            ("my app | 2026-01-09T23:06:42.123456789Z text", false),
            ("2026-01-09 | 2026-01-09T23:06:42.123456789Z text", false),
            ("app-1 2026-01-09T23:06:42.123456789Z text", false),
            ("2026-01-09T23:06:40.123456Z text", false),
            ("2026-01-09T23:06:40.1234567890Z text", false),
            ("2026-01-09T23:06:40.1234567890", false),
            ("2026-01-09T23:06:40.123456789Ztext", false),
            ("text", false),
            ("", false),
        ];
        are_quick(Format::ContainerLogs, &lines);
    }
}
