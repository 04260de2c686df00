//! A quick look at the lines of applications that are pairs themselves: JSON objects and logfmt. Logger, host and process
//! decide the origin. The pairs are read as always; only the time is remembered, and nothing is built of who wrote it.

use super::super::container::trim_line_end;
use super::super::inner::{self, Parts};
use super::super::{Fields, Reference, Scratch, header, jsonl, lanes, logfmt};
use super::Glance;
use crate::base::Certainty;

/// A quick look at one object.
#[inline(never)]
pub(super) fn object<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let text = raw.trim_ascii();
    if text.first() != Some(&b'{') || !jsonl::is_object(text) {
        return None;
    }
    glance(text, Fields::Json(text), &jsonl::parts(text)?, reference, scratch)
}

/// A quick look at one line of pairs.
#[inline(never)]
pub(super) fn line<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let text = trim_line_end(raw);
    if !logfmt::starts(text) {
        return None;
    }
    glance(text, Fields::Logfmt(text), &logfmt::parts(text), reference, scratch)
}

fn glance<'a>(
    text: &'a [u8],
    fields: Fields<'a>,
    parts: &Parts<'a>,
    reference: &Reference,
    scratch: &'a mut Scratch,
) -> Option<Glance<'a>> {
    let Scratch { message: decoded, inner, detail, key, minute, plain, .. } = scratch;
    let parts = parts.plain()?;
    // Colours are taken out of the line before it is read.
    if !*plain && lanes::has(text, 0x1b) {
        return None;
    }
    let time = parts.time.and_then(|text| match minute.read(text.raw, reference) {
        Some(told) => inner::is_whole(told.len, text).then_some((told.time, told.certainty)),
        None => inner::read_time(text, reference),
    });
    // With the length of the first name, so that two names are never taken for two others.
    key.clear();
    key.extend_from_slice(parts.logger);
    key.extend_from_slice(parts.host);
    key.extend_from_slice(&parts.logger.len().to_le_bytes());
    key.extend_from_slice(&parts.pid.unwrap_or_default().to_le_bytes());
    key.push(u8::from(parts.pid.is_some()));
    let mut level = parts.level;
    let mut message = text;
    if let Some(said) = parts.message {
        message = said.raw;
        if said.escaped {
            decoded.clear();
            said.append(decoded);
            message = decoded;
        }
        message = trim_line_end(message);
        level = level.or_else(|| header::read(message).level);
    }
    Some(Glance {
        key,
        time: time.map(|(time, _)| time),
        certainty: time.map_or(Certainty::None, |(_, certainty)| certainty),
        level,
        message,
        message_id: None,
        cursor: b"",
        partial: false,
        fields,
        inner,
        detail,
        inside: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::are_quick;

    #[test]
    fn objects_are_read_quickly_or_left_to_the_parser() {
        let lines = [
            (r#"{"time":"2026-01-09T23:06:40.123Z","level":"info","logger":"app.core","msg":"text"}"#, true),
            (
                r#"{"time":"2026-01-09T23:06:41.5Z","level":"error","logger":"app.core","pid":7,"msg":"a \"b\"\n"}"#,
                true,
            ),
            (r#"{"level":30,"time":1768000000123,"pid":7,"hostname":"node-7","msg":"text"}"#, true),
            (r#"{"ts":1768000000.5,"level":"warn","msg":""}"#, true),
            (r#"{"ts":"2026-01-09 23:06:40 and so on, and on","msg":"ERROR text"}"#, true),
            (r#"{"ts":"23:06:40","msg":"<3>text"}"#, true),
            (r#"{"msg":"text","logger":"ab","host":"c"}"#, true),
            (r#"{"msg":"text","logger":"a","host":"bc"}"#, true),
            (r#"{"msg":"text","pid":0}"#, true),
            (r#"{"a":{"b":[1,2]}}"#, true),
            (r#"  {"msg":"text", "level":"info"}  "#, true),
            (r#"{"msg":"text","level":"info""#, true),
            (r#"{"msg":"text","err":"none such"}"#, false),
            (r#"{"msg":"text","error":{"message":"none such"}}"#, false),
            (r#"{"msg":"text","event":"started"}"#, false),
            (r#"{"msg":"text","logger":"a\u0062"}"#, false),
            (r#"{"msg":"text","@row":"usage","@at":"/1"}"#, false),
            (r#"{"msg":"text","@unit":"web"}"#, false),
            ("{\"msg\":\"\x1b[31mred\x1b[0m\"}", false),
            ("{}", false),
            ("{text}", false),
            ("text", false),
            ("", false),
        ];
        are_quick(Format::JsonLines, &lines);
    }

    #[test]
    fn lines_of_pairs_are_read_quickly_or_left_to_the_parser() {
        let lines = [
            ("time=2026-01-09T23:06:40.123Z level=info logger=app.core msg=\"text\"", true),
            ("time=\"2026-01-09T23:06:40Z\" level=error msg=\"a \\\"b\\\"\"", true),
            ("ts=1768000000.5 level=warn msg=x pid=7 host=node-7", true),
            ("level=info msg=\"no time\" other=1", true),
            ("t=23:06:40 msg=x lvl=dbug", true),
            ("level=error msg=x err=\"no space left\"", false),
            ("level=info event=started msg=x", false),
            ("key=value other=1", false),
            ("level=info", false),
            ("msg=\"\x1b[31mred\x1b[0m\" level=info", false),
            ("text", false),
            ("", false),
        ];
        are_quick(Format::Logfmt, &lines);
    }
}
