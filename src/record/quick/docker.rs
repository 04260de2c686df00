//! A quick look at a line of docker's json-file: `{"log":"text\n","stream":"stderr","time":"..."}` in this order, as docker
//! writes it. The stream decides the origin.

use super::super::container::{strip_colours, trim_line_end};
use super::super::json::decode;
use super::super::lanes;
use super::super::{Fields, Reference, Scratch};
use super::Glance;

/// A quick look at one line.
#[inline]
pub(super) fn glance<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let Scratch { message, inner, detail, minute, plain: colourless, .. } = scratch;
    // With its line end: times are compared with what stands behind them.
    let log = raw.strip_prefix(b"{\"log\":\"")?;
    let first = lanes::find_either(log, b'"', b'\\')?;
    let text = log.get(..first)?;
    let behind = log.get(first..)?;
    // Nearly every text has no escape but that of its line end: then it stands here as it is.
    let plain = match behind {
        [b'"', ..] => Some((first, !text.is_empty())),
        [b'\\', b'n', b'"', ..] => Some((first + 2, false)),
        _ => None,
    };
    let (end, text, partial) = match plain.filter(|_| *colourless || !lanes::has(text, 0x1b)) {
        Some((end, partial)) => (end, text, partial),
        None => {
            message.clear();
            let end = decode(log, message)?;
            let partial = !message.is_empty() && !message.ends_with(b"\n");
            strip_colours(message);
            (end, message.as_slice(), partial)
        }
    };
    let rest = log.get(end..)?.strip_prefix(b"\",\"stream\":\"")?;
    let key = rest.get(..b"stdout".len()).filter(|key| matches!(*key, b"stdout" | b"stderr"))?;
    let time = rest.get(key.len()..)?.strip_prefix(b"\",\"time\":\"")?;
    let told = minute.read(time, reference)?;
    if trim_line_end(time.get(told.len..)?) != b"\"}" {
        return None;
    }
    Some(Glance {
        key,
        time: Some(told.time),
        certainty: told.certainty,
        level: None,
        message: trim_line_end(text),
        message_id: None,
        cursor: b"",
        partial,
        fields: Fields::None,
        inner,
        detail,
        inside: !partial,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::are_quick;

    #[test]
    fn lines_are_read_quickly_or_left_to_the_parser() {
        let end = r#""stream":"stderr","time":"2026-01-09T23:06:40.123456789Z"}"#;
        let lines = [
            (format!(r#"{{"log":"text\n",{end}"#), true),
            (format!(r#"{{"log":"no line end",{end}"#), true),
            (format!(r#"{{"log":"",{end}"#), true),
            (format!(r#"{{"log":"\n",{end}"#), true),
            (format!(r#"{{"log":"ERROR \u001b[31mred\u001b[0m\r\n",{end}"#), true),
            (format!("{{\"log\":\"ERROR \x1b[31mred\x1b[0m\\n\",{end}"), true),
            (format!("{{\"log\":\"open \x1b[\\n\",{end}"), true),
            (format!(r#"{{"log":"{{\"level\":\"error\",\"msg\":\"a \\\"b\\\"\"}}\n",{end}"#), true),
            (format!(r#"{{"log":"a\\n",{end}"#), true),
            (format!(r#"{{"log":"a\\\n",{end}"#), true),
            (format!(r#"{{"log":"a\\",{end}"#), true),
            (format!(r#"{{"log":"a\",{end}"#), false),
            (format!(r#"{{"log":"a\n", {end}"#), false),
            (format!(r#"{{"log":"a\n",{end} "#), false),
            (format!(r#"{{"log":"a\n","attrs":{{"tag":"web"}},{end}"#), false),
            (r#"{"log":"a\n","stream":"stdout","time":"2026-01-09T23:06:40Z","log":"b\n"}"#.to_owned(), false),
            (r#"{"log":"a\n","stream":"stdout","time":"2026-01-09T23:06:40Z""#.to_owned(), false),
            (r#"{"log":"a\n","stream":"stdout","time":"now"}"#.to_owned(), false),
            (r#"{"log":"a\n","stream":"stdin","time":"2026-01-09T23:06:40Z"}"#.to_owned(), false),
            (r#"{"stream":"stdout","time":"2026-01-09T23:06:40Z","log":"a\n"}"#.to_owned(), false),
            (String::new(), false),
        ];
        are_quick(Format::DockerJson, &lines);
    }
}
