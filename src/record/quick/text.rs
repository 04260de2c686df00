//! A quick look at the lines of text loggers: `2026-01-09 23:06:40,123 INFO app.core: text`. Logger and process decide the
//! origin. What stands between the time and the message is read as always; only the time is remembered.

use super::super::{Fields, Reference, Scratch, header};
use super::Glance;
use super::line::Line;

/// A quick look at one line.
#[inline]
pub(super) fn glance<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let (line, key) = Line::with_key(raw, scratch);
    let text = line.text;
    if !text.first()?.is_ascii_alphanumeric() {
        return None;
    }
    let told = line.minute.read(text, reference)?;
    if text.get(told.len).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_') {
        return None;
    }
    let front = header::behind(text, told.len);
    let mut origin = match front.logger {
        Some(range) => text.get(range)?,
        None => b"",
    };
    if let Some(pid) = front.pid {
        // No logger has a blank in its name.
        key.clear();
        key.extend_from_slice(origin);
        key.push(b' ');
        key.extend_from_slice(&pid.to_le_bytes());
        origin = key;
    }
    Some(Glance {
        key: origin,
        time: Some(told.time),
        certainty: told.certainty,
        level: front.level,
        message: text.get(front.body..)?,
        message_id: None,
        cursor: b"",
        partial: false,
        fields: Fields::None,
        inner: line.inner,
        detail: line.detail,
        inside: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::are_quick;

    #[test]
    fn lines_are_read_quickly_or_left_to_the_parser() {
        let lines = [
            ("2026-01-09 23:06:40,123 INFO app.core: text", true),
            ("2026-01-09 23:06:41,123 - app.core - ERROR - text", true),
            ("2026-01-09T23:06:42.1Z WARN [main] org.apache.X: text", true),
            ("2026-01-09 23:06:43.123 [1234] LOG:  checkpoint starting", true),
            ("2026-01-09 23:06:43.123 UTC [1234] ERROR:  relation does not exist", true),
            ("2026-01-09 23:06:44 level=info msg=x", true),
            ("2026/01/09 23:06:44 no level here", true),
            ("2026-01-09 23:06:44", true),
            ("Jan  9 23:06:44 INFO x", true),
            ("2026-01-09 23:06:44 \x1b[31mERROR\x1b[0m app.core: red", true),
            ("2026-01-09 23:06:44x", false),
            ("[2026-01-09 23:06:44] INFO x", false),
            ("INFO x", false),
            ("E0517 15:04:22.619632    1234 file.go:253] text", false),
            ("23:06:44 INFO x", false),
            ("level=info msg=x ts=2026-01-09T23:06:44Z", false),
            ("{\"level\":\"info\"}", false),
            ("", false),
        ];
        are_quick(Format::Text, &lines);
    }
}
