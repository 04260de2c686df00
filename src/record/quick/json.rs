//! A quick look at an entry of `journalctl -o json`: one walk from string to string.
//!
//! In: one line. Out: a [`Glance`], or nothing unless the line is an object of strings with no white space between them;
//! only the message may be an array of byte values, or hold escapes.

use super::Glance;
use super::entry::Entry;
use super::marks::Marks;
use super::names::{self, MESSAGE};
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
    let marks = Marks::new(raw, &mut scratch.marks);
    let mut openings = marks.openings();
    let mut entry = Entry::new(raw);
    let mut form = Form::Text;
    let mut opening = openings.next()?;
    loop {
        let key = opening + 1;
        let value = openings.next();
        let next;
        if let Some(value) = value.filter(|&value| stands_before(raw, value, b':')) {
            let name = names::number(raw, key, value - 2 - key);
            let start = value + 1;
            let behind = openings.next();
            let end = match behind {
                Some(behind) if stands_before(raw, behind, b',') => behind - 2,
                None if !marks.cut && stands_before(raw, raw.len(), b'}') => raw.len() - 2,
                _ => return None,
            };
            entry.set(name, start, end);
            if marks.may_have_backslash(start, end) && has_backslash(raw, start, end) {
                match name {
                    MESSAGE => form = Form::Escaped,
                    0 => {}
                    _ => return None,
                }
            }
            next = behind;
        } else {
            let (start, end) = bytes_of_message(raw, key)?;
            match (raw.get(end..)?, value) {
                ([b',', b'"', ..], Some(value)) if value == end + 1 => {}
                ([b'}'], None) => {}
                _ => return None,
            }
            entry.set(MESSAGE, start, end);
            form = Form::Bytes;
            next = value;
        }
        match next {
            Some(next) => opening = next,
            None => break,
        }
    }
    let message = entry.find(MESSAGE).map(|text| match form {
        Form::Text => Raw::Plain(text),
        Form::Escaped => Raw::Escaped(text),
        Form::Bytes => Raw::Bytes(text),
    });
    entry.glance(message, Fields::Json(raw), scratch)
}

/// Do a quote that ends a string and this byte stand before `at`? (Where a backslash stands before them, nobody says so.)
#[inline(always)]
fn stands_before(raw: &[u8], at: usize, byte: u8) -> bool {
    let Some(four) = raw.get(at.wrapping_sub(4)..at).and_then(<[u8]>::first_chunk::<4>) else {
        return false;
    };
    let [_, before, quote, last] = *four;
    u16::from_le_bytes([quote, last]) == u16::from_le_bytes([b'"', byte]) && before != b'\\'
}

#[cold]
fn has_backslash(raw: &[u8], start: usize, end: usize) -> bool {
    memchr::memchr(b'\\', raw.get(start..end).unwrap_or_default()).is_some()
}

/// Where the array stands that is the value of the message whose key begins at `key`.
#[cold]
fn bytes_of_message(raw: &[u8], key: usize) -> Option<(usize, usize)> {
    let list = raw.get(key..)?.strip_prefix(b"MESSAGE\":")?;
    let len = memchr::memchr(b']', list)? + 1;
    let [b'[', b'0'..=b'9', ..] = list else { return None };
    if !list.get(1..len - 1)?.iter().all(|b| matches!(b, b'0'..=b'9' | b',')) {
        return None;
    }
    let start = raw.len() - list.len();
    Some((start, start + len))
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
