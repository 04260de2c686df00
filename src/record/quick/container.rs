//! A quick look at what `docker|podman|kubectl logs -t` print: a time with nine digits of a fraction, perhaps behind the
//! name of the container, which decides the origin.

use super::super::{Reference, Scratch, container};
use super::Glance;
use super::line::{Line, Said};

/// A quick look at one line.
#[inline]
pub(super) fn glance<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let line = Line::new(raw, scratch);
    // No container's name begins with a digit here.
    let (key, rest) = match line.text.first()? {
        b'0'..=b'9' => (b"".as_slice(), line.text),
        _ => {
            let (_, rest) = container::prefix(line.text)?;
            (line.text.get(..line.text.len() - rest.len())?, rest)
        }
    };
    let shape = rest.get(10) == Some(&b'T') && rest.get(19) == Some(&b'.');
    if !shape || rest.get(20..)?.iter().take(10).take_while(|b| b.is_ascii_digit()).count() != 9 {
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
