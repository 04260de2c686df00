//! A quick look at `2026-01-09T23:06:40.123456789Z stdout F text`: the stream decides the origin.

use super::super::{Reference, Scratch};
use super::Glance;
use super::line::{Line, Said};

/// A quick look at one line.
#[inline]
pub(super) fn glance<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let line = Line::new(raw, scratch);
    if !line.text.first()?.is_ascii_digit() {
        return None;
    }
    let told = line.minute.read(line.text, reference)?;
    let rest = line.text.get(told.len..)?.strip_prefix(b" ")?;
    let key = rest.get(..b"stdout".len()).filter(|key| matches!(*key, b"stdout" | b"stderr"))?;
    let (partial, message) = match rest.get(key.len()..)? {
        [b' ', tag @ (b'F' | b'P'), b' ', message @ ..] => (*tag == b'P', message),
        _ => return None,
    };
    let said = Said { key, time: Some(told.time), certainty: told.certainty, level: None, message, partial };
    Some(line.glance(said))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::are_quick;

    #[test]
    fn lines_are_read_quickly_or_left_to_the_parser() {
        let lines = [
            ("2026-01-09T23:06:40.123456789Z stdout F text", true),
            ("2026-01-09T23:06:40.123456789Z stderr F text", true),
            ("2026-01-09T23:06:40.123456789+01:00 stderr F ERROR \u{1b}[31mred\u{1b}[0m", true),
            ("2026-01-09T23:06:40.123456789Z stdout P ERROR te", true),
            ("2026-01-09T23:06:40.123456789Z stdout F ", true),
            ("2026-01-09T23:06:40.123456789Z stdout F", false),
            ("2026-01-09T23:06:40.123456789Z stdout P:1 x", false),
            ("2026-01-09T23:06:40.123456789Z stdin F x", false),
            ("2026-01-09T23:06:40.123456789Z  stdout F x", false),
            ("Jan  9 23:06:40 stdout F x", false),
            ("stdout F x", false),
            ("", false),
        ];
        are_quick(Format::Cri, &lines);
    }
}
