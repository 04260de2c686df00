//! The fields of an entry that a record is made of, as they stand in the text, and the record made of them.

use std::borrow::Cow;

use memchr::memchr;

use super::unit;
use crate::base::{Certainty, Level, Stamp};
use crate::record::json::{byte_array, unescape};
use crate::record::{Fields, Record, Reference, Scratch, Stream};

/// A value as its form writes it.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) enum Raw<'a> {
    /// The value itself.
    Plain(&'a [u8]),
    /// A JSON string with escapes.
    Escaped(&'a [u8]),
    /// A JSON array of byte values: the journal's way to write what is not printable text.
    Bytes(&'a [u8]),
    /// Lines with this many spaces before each but the first, as `-o verbose` sets them.
    Indented(&'a [u8], usize),
    /// A message that stands decoded in its buffer.
    Decoded,
}

impl<'a> Raw<'a> {
    /// The value as text; borrowed when it stands there as it is.
    pub(super) fn text(self) -> Cow<'a, str> {
        if let Raw::Plain(bytes) = self {
            return String::from_utf8_lossy(bytes);
        }
        let mut decoded = Vec::new();
        self.append(&mut decoded);
        Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
    }

    /// The value's bytes where they stand, `None` when they must be decoded first.
    pub(super) fn plain(self) -> Option<&'a [u8]> {
        if let Raw::Plain(bytes) = self { Some(bytes) } else { None }
    }

    /// Appends the decoded value.
    pub(super) fn append(self, out: &mut Vec<u8>) {
        match self {
            Raw::Plain(bytes) => out.extend_from_slice(bytes),
            Raw::Escaped(raw) => unescape(raw, out),
            Raw::Bytes(raw) => {
                byte_array(raw, out);
            }
            Raw::Decoded => {}
            Raw::Indented(raw, indent) => {
                for (n, line) in raw.split(|b| *b == b'\n').enumerate() {
                    let spaces = line.iter().take(indent).take_while(|b| **b == b' ').count();
                    if n > 0 {
                        out.push(b'\n');
                    }
                    out.extend_from_slice(if n > 0 { line.get(spaces..).unwrap_or(b"") } else { line });
                }
            }
        }
    }
}

macro_rules! known {
    ($($name:ident = $key:literal),+ $(,)?) => {
        /// What a record needs of an entry. The first value of a repeated field counts.
        #[derive(Clone, Copy, Debug, Default)]
        pub(super) struct Known<'a> {
            $(pub(super) $name: Option<Raw<'a>>,)+
        }

        impl<'a> Known<'a> {
            /// Keeps `value` if the key is one of ours.
            pub(super) fn set(&mut self, key: &[u8], value: Raw<'a>) {
                let slot = match key {
                    $($key => &mut self.$name,)+
                    _ => return,
                };
                if slot.is_none() {
                    *slot = Some(value);
                }
            }

            /// Is this key one of ours?
            pub(super) fn has(key: &[u8]) -> bool {
                matches!(key, $($key)|+)
            }
        }
    };
}

known! {
    realtime = b"__REALTIME_TIMESTAMP",
    source_realtime = b"_SOURCE_REALTIME_TIMESTAMP",
    cursor = b"__CURSOR",
    boot = b"_BOOT_ID",
    priority = b"PRIORITY",
    host = b"_HOSTNAME",
    message = b"MESSAGE",
    message_id = b"MESSAGE_ID",
    identifier = b"SYSLOG_IDENTIFIER",
    comm = b"_COMM",
    pid = b"_PID",
    syslog_pid = b"SYSLOG_PID",
    transport = b"_TRANSPORT",
    unit = b"UNIT",
    user_unit = b"USER_UNIT",
    own_unit = b"_SYSTEMD_UNIT",
    own_user_unit = b"_SYSTEMD_USER_UNIT",
    object_unit = b"OBJECT_SYSTEMD_UNIT",
    object_user_unit = b"OBJECT_SYSTEMD_USER_UNIT",
    coredump_unit = b"COREDUMP_UNIT",
    coredump_user_unit = b"COREDUMP_USER_UNIT",
    invocation = b"INVOCATION_ID",
    user_invocation = b"USER_INVOCATION_ID",
    own_invocation = b"_SYSTEMD_INVOCATION_ID",
    container = b"CONTAINER_NAME",
    container_id = b"CONTAINER_ID",
    container_id_full = b"CONTAINER_ID_FULL",
    partial = b"CONTAINER_PARTIAL_MESSAGE",
    partial_last = b"CONTAINER_PARTIAL_LAST",
}

impl<'a> Known<'a> {
    /// Does anything here say that this is an entry of a journal?
    pub(super) fn is_entry(&self) -> bool {
        self.realtime.is_some() || self.cursor.is_some() || self.boot.is_some() || self.message.is_some()
    }

    /// The record of these fields.
    pub(super) fn record(&self, fields: Fields<'a>, reference: &'a Reference, scratch: &'a mut Scratch) -> Record<'a> {
        let Scratch { message, inner, detail, .. } = scratch;
        let message = decode_message(self.message, message);
        let about = unit::about(self, message, reference);
        let time = number(self.realtime).or_else(|| number(self.source_realtime)).and_then(Stamp::from_micros);
        let stream = match (self.container, self.transport.and_then(Raw::plain)) {
            // The journald log drivers of docker and podman: 3 is what came on standard error, 6 on standard output.
            (Some(_), _) => match number(self.priority) {
                Some(3) => Stream::Stderr,
                Some(6) => Stream::Stdout,
                _ => Stream::Unknown,
            },
            (None, Some(b"stdout")) => Stream::Stdout,
            _ => Stream::Unknown,
        };
        let record = Record {
            time,
            certainty: if time.is_some() { Certainty::Exact } else { Certainty::None },
            level: level(self.priority),
            stated: false,
            host: text(self.host),
            unit: about.unit,
            identifier: text(self.identifier.or(self.comm)),
            invocation: about.invocation,
            pid: number(self.pid).or_else(|| number(self.syslog_pid)).and_then(|n| u32::try_from(n).ok()),
            stream,
            message,
            detail: b"",
            message_id: self.message_id.and_then(message_id),
            cursor: self.cursor.and_then(Raw::plain).unwrap_or(b""),
            partial: is_true(self.partial) && !is_true(self.partial_last),
            parsed: true,
            fields,
            inner: Fields::None,
        };
        finish(record, inner, detail)
    }
}

/// The look inside the message.
fn finish<'a>(mut record: Record<'a>, inner: &'a mut Vec<u8>, detail: &'a mut Vec<u8>) -> Record<'a> {
    crate::record::inner::look_inside(&mut record, inner, detail);
    record
}

/// The level that a priority stands for.
pub(in crate::record) fn level(raw: Option<Raw<'_>>) -> Option<Level> {
    number(raw).and_then(|n| u8::try_from(n).ok()).and_then(Level::from_number)
}

/// The text of an optional field, empty when it is absent.
pub(super) fn text(raw: Option<Raw<'_>>) -> Cow<'_, str> {
    raw.map_or(Cow::Borrowed(""), Raw::text)
}

pub(super) fn is_true(raw: Option<Raw<'_>>) -> bool {
    raw.and_then(Raw::plain) == Some(b"true")
}

pub(in crate::record) fn number(raw: Option<Raw<'_>>) -> Option<i64> {
    let digits = raw?.plain()?;
    if !digits.first()?.is_ascii_digit() {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

pub(in crate::record) fn message_id(raw: Raw<'_>) -> Option<u128> {
    let hex = raw.plain()?;
    if hex.len() != 32 || !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u128::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

/// The message without escapes, colours and final line ends; in place when it has none of them.
pub(in crate::record) fn decode_message<'a>(raw: Option<Raw<'a>>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    let Some(raw) = raw else { return b"" };
    match raw {
        Raw::Plain(bytes) if memchr(0x1b, bytes).is_none() => return trim_line_end(bytes),
        Raw::Decoded => {}
        _ => {
            buffer.clear();
            raw.append(buffer);
        }
    }
    strip_colours(buffer);
    trim_line_end(buffer)
}

fn trim_line_end(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|b| !matches!(b, b'\n' | b'\r')).map_or(0, |last| last + 1);
    bytes.get(..kept).unwrap_or(bytes)
}

/// Takes the control sequences of a terminal (`ESC [ 1;31 m`) out of `text`.
fn strip_colours(text: &mut Vec<u8>) {
    let (mut read, mut write) = (0, 0);
    while let Some(rest) = text.get(read..).filter(|rest| !rest.is_empty()) {
        if let Some(len) = sequence(rest) {
            read += len;
            continue;
        }
        // Up to the next escape: an escape that begins no sequence stays.
        let plain = memchr(0x1b, rest.get(1..).unwrap_or_default()).map_or(rest.len(), |at| at + 1);
        text.copy_within(read..read + plain, write);
        read += plain;
        write += plain;
    }
    text.truncate(write);
}

/// The length of the control sequence at the start of `text`.
fn sequence(text: &[u8]) -> Option<usize> {
    let parameters = text.strip_prefix(b"\x1b[")?;
    let end = parameters.iter().take(32).position(|b| !matches!(b, b'0'..=b'?'))?;
    matches!(parameters.get(end), Some(b'@'..=b'~')).then_some(2 + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_other_escapes_stay() {
        for (text, plain) in [
            ("\x1b[1;31mred\x1b[0m!", "red!"),
            ("\x1b[K\x1b[mx", "x"),
            ("a\x1bb", "a\x1bb"),
            ("end\x1b[1", "end\x1b[1"),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            strip_colours(&mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), plain);
        }
    }

    #[test]
    fn numbers_are_digits_only() {
        assert_eq!(number(Some(Raw::Plain(b"12"))), Some(12));
        for wrong in ["", "-1", "+1", "1x", "99999999999999999999"] {
            assert_eq!(number(Some(Raw::Plain(wrong.as_bytes()))), None, "{wrong}");
        }
    }

    #[test]
    fn message_ids_are_32_hex_digits() {
        assert_eq!(message_id(Raw::Plain(b"0000000000000000000000000000000f")), Some(15));
        assert_eq!(message_id(Raw::Plain(b"+000000000000000000000000000000f")), None);
        assert_eq!(message_id(Raw::Plain(b"f")), None);
    }
}
