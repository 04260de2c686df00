//! A quick look at an entry of `journalctl -o json`: one walk from member to member.
//!
//! In: one line. Out: a [`Glance`], or nothing unless the line is an object of strings with no white space between them;
//! only the message may be an array of byte values, or hold escapes.

use memchr::{memchr, memchr2};

use super::Glance;
use super::bytes;
use super::entry::Entry;
use super::names::{self, MESSAGE};
use super::window::Sight;
use crate::record::container::trim_line_end;
use crate::record::journal::fields::Raw;
use crate::record::{Fields, Scratch};

/// Lines up to this length are looked at quickly.
const LONGEST: usize = 1 << 20;

/// How the message is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Escaped,
    Bytes,
}

pub(super) fn glance<'a>(raw: &'a [u8], scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let raw = trim_line_end(raw);
    let [b'{', b'"', .., _, _] = raw else { return None };
    if raw.len() > LONGEST {
        return None;
    }
    let mut entry = Entry::new(raw);
    let mut form = Form::Text;
    let mut backslash = next_backslash(raw, 0);
    let mut sight = Sight::new();
    // Behind the quote that opens a key.
    let mut at = 2;
    loop {
        let window = sight.from(raw, at);
        let quotes = window.equal(b'"');
        let len = if quotes == 0 { long_name(raw, at)? } else { quotes.trailing_zeros() };
        let name = names::number(&window, len);
        if !stands_at(raw, at + len, b"\":\"") {
            let (start, end) = bytes_of_message(raw, at, &mut scratch.message)?;
            entry.set(MESSAGE, start, end);
            form = Form::Bytes;
            match raw.get(end as usize..)? {
                [b',', b'"', ..] => at = end + 2,
                [b'}'] => break,
                _ => return None,
            }
            continue;
        }
        let start = at + len + 3;
        // Without the quote that ends the key and the one that opens the value.
        let quotes = quotes & quotes.wrapping_sub(1);
        let quotes = quotes & quotes.wrapping_sub(1);
        let mut end = if quotes == 0 { quote(raw, start)? } else { at + quotes.trailing_zeros() };
        if end > backslash {
            end = escaped(raw, start, backslash)?;
            backslash = next_backslash(raw, end);
            match name {
                MESSAGE => form = Form::Escaped,
                0 => {}
                _ => return None,
            }
        }
        entry.set(name, start, end);
        if !stands_at(raw, end, b"\",\"") {
            if raw.get(end as usize..)? != b"\"}" {
                return None;
            }
            break;
        }
        at = end + 3;
    }
    let message = entry.find(MESSAGE).map(|text| match form {
        Form::Text => Raw::Plain(text),
        Form::Escaped => Raw::Escaped(text),
        Form::Bytes => Raw::Decoded,
    });
    entry.glance(message, Fields::Json(raw), scratch)
}

/// Do these three bytes, which are never the last ones, stand at this place?
#[inline(always)]
fn stands_at(raw: &[u8], at: u32, three: &[u8; 3]) -> bool {
    let Some(four) = raw.get(at as usize..at as usize + 4).and_then(<[u8]>::first_chunk::<4>) else { return false };
    let [a, b, c] = *three;
    u32::from_le_bytes(*four) << 8 == u32::from_le_bytes([0, a, b, c])
}

/// Where the next quote is.
#[inline]
fn quote(raw: &[u8], from: u32) -> Option<u32> {
    Some(from + memchr(b'"', raw.get(from as usize..)?)? as u32)
}

/// The length of a name that does not end in its window.
#[cold]
fn long_name(raw: &[u8], from: u32) -> Option<u32> {
    Some(quote(raw, from)? - from)
}

/// Where the next backslash is, or the end.
#[inline]
fn next_backslash(raw: &[u8], from: u32) -> u32 {
    let rest = raw.get(from as usize..).unwrap_or_default();
    from + memchr(b'\\', rest).unwrap_or(rest.len()) as u32
}

/// Where the value ends that begins at `start` and has its first backslash here. Nothing where the key has it.
#[cold]
fn escaped(raw: &[u8], start: u32, backslash: u32) -> Option<u32> {
    if backslash < start {
        return None;
    }
    let mut at = backslash as usize + 2;
    loop {
        at += memchr2(b'"', b'\\', raw.get(at..)?)?;
        if raw.get(at) == Some(&b'"') {
            return Some(at as u32);
        }
        at += 2;
    }
}

/// Decodes the array that is the value of the message whose key begins at `key`. Where its numbers begin, and where it ends.
#[cold]
#[inline(never)]
fn bytes_of_message(raw: &[u8], key: u32, message: &mut Vec<u8>) -> Option<(u32, u32)> {
    let list = raw.get(key as usize..)?.strip_prefix(b"MESSAGE\":[")?;
    let start = (raw.len() - list.len()) as u32;
    message.clear();
    let end = bytes::array(raw, start, message)?;
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Message, key and cursor of a line, if it is looked at quickly.
    fn look(line: &str) -> Option<(String, Vec<u8>, String)> {
        let mut scratch = Scratch::default();
        let glance = glance(line.as_bytes(), &mut scratch)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(glance.message), glance.key.to_vec(), text(glance.cursor)))
    }

    #[test]
    fn a_line_of_strings_is_looked_at() {
        let (message, key, cursor) =
            look("{\"MESSAGE\":\"a, b\",\"X\":\"a\\\\n\\\"\",\"__CURSOR\":\"s=1\",\"_PID\":\"7\"}\n").unwrap();
        assert_eq!((message.as_str(), cursor.as_str()), ("a, b", "s=1"));
        let (other, same_key, _) = look("{\"_PID\":\"7\",\"MESSAGE\":\"c\"}").unwrap();
        assert_eq!((other.as_str(), &same_key), ("c", &key));
        assert_ne!(look("{\"_PID\":\"8\",\"MESSAGE\":\"c\"}").unwrap().1, key);
        assert_ne!(look("{\"SYSLOG_PID\":\"7\",\"MESSAGE\":\"c\"}").unwrap().1, key);
    }

    #[test]
    fn messages_are_decoded() {
        for (value, message) in [
            (r#""a\n\u00e9\"b\"""#, "a\né\"b\""),
            (r#""\u001b[31mred\u001b[0m\r\n""#, "red"),
            ("[27,91,49,109,97,27,91,48,109]", "a"),
            (r#"",""#, ","),
            (r#""""#, ""),
        ] {
            for line in [
                format!("{{\"MESSAGE\":{value},\"_BOOT_ID\":\"b\"}}"),
                format!("{{\"_BOOT_ID\":\"b\",\"MESSAGE\":{value}}}"),
                format!("{{\"_SELINUX_CONTEXT\":\"unconfined\\n\",\"MESSAGE\":{value},\"_BOOT_ID\":\"b\"}}"),
            ] {
                assert_eq!(look(&line).unwrap().0, message, "{line}");
            }
        }
    }

    #[test]
    fn what_is_unusual_is_left_alone() {
        for line in [
            "",
            "{}",
            "-- Boot x --",
            r#"{"A":"1"}"#,
            r#"{"MESSAGE":"a""#,
            r#"{"MESSAGE":"a}"#,
            r#"{"MESSAGE":"a"} x"#,
            r#"{"MESSAGE":"a"\"}"#,
            r#"{"MESSAGE":"a"\","A":"b"}"#,
            r#"{"MESSAGE": "a"}"#,
            r#"{"MESSAGE":"a", "A":"b"}"#,
            r#"{"MESSAGE":"a","A":null}"#,
            r#"{"MESSAGE":"a","A":[1]}"#,
            r#"{"MESSAGE":"a","A":1}"#,
            r#"{"MESSAGE":"a","_PID":"1","_PID":"2"}"#,
            r#"{"MESSAGE":"a","_HOSTNAME":"x\ty"}"#,
            r#"{"MESSAGE":[1,2}"#,
            r#"{"MESSAGE":[1,2],}"#,
            r#"{"MESSAGE":["a","b"]}"#,
            r#"{"MESSAGE":[]}"#,
            r#"{"MESSAGE":[1 2]}"#,
            r#"{"MESSAGE":"a","SYSLOG_IDENTIFIER":"systemd"}"#,
            r#"{"MESSAGE":"a","SYSLOG_IDENTIFIER":"kubelet"}"#,
            r#"{"MESSAGE":"a","_COMM":"podman"}"#,
            r#"{"MESSAGE":"a","_SYSTEMD_UNIT":"init.scope"}"#,
        ] {
            assert_eq!(look(line), None, "{line}");
        }
        // With the name of a unit it follows from that.
        assert!(look(r#"{"MESSAGE":"a","SYSLOG_IDENTIFIER":"systemd","UNIT":"b.service"}"#).is_some());
        assert!(look(r#"{"MESSAGE":"a","SYSLOG_IDENTIFIER":"systemd","_TRANSPORT":"kernel"}"#).is_some());
    }
}
