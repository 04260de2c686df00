//! What all forms of one line have in common: the line without its end and colours, what it says, who names himself.

use super::super::container::{strip_colours, trim_line_end};
use super::super::lanes::{self, ROW};
use super::super::stamp::Minute;
use super::super::{Fields, Scratch};
use super::Glance;
use crate::base::{Certainty, Level, Stamp};

/// A line to be read, and what its glance needs.
pub(super) struct Line<'a> {
    /// Without its end and its colours.
    pub(super) text: &'a [u8],
    pub(super) minute: &'a mut Minute,
    pub(super) inner: &'a mut Vec<u8>,
    pub(super) detail: &'a mut Vec<u8>,
}

/// What a line says.
pub(super) struct Said<'a> {
    pub(super) key: &'a [u8],
    pub(super) time: Option<Stamp>,
    pub(super) certainty: Certainty,
    pub(super) level: Option<Level>,
    pub(super) message: &'a [u8],
    pub(super) partial: bool,
}

impl<'a> Line<'a> {
    #[inline]
    pub(super) fn new(raw: &'a [u8], scratch: &'a mut Scratch) -> Line<'a> {
        Line::with_key(raw, scratch).0
    }

    /// The same, with the buffer for a key that does not stand in the line.
    #[inline]
    pub(super) fn with_key(raw: &'a [u8], scratch: &'a mut Scratch) -> (Line<'a>, &'a mut Vec<u8>) {
        let Scratch { message, inner, detail, key, minute, plain, .. } = scratch;
        let mut text = trim_line_end(raw);
        if !*plain && lanes::has(text, 0x1b) {
            message.clear();
            message.extend_from_slice(text);
            strip_colours(message);
            text = message;
        }
        (Line { text, minute, inner, detail }, key)
    }

    /// The glance at this line.
    #[inline]
    pub(super) fn glance(self, said: Said<'a>) -> Glance<'a> {
        Glance {
            key: said.key,
            time: said.time,
            certainty: said.certainty,
            level: said.level,
            message: said.message,
            message_id: None,
            cursor: b"",
            partial: said.partial,
            fields: Fields::None,
            inner: self.inner,
            detail: self.detail,
            inside: !said.partial,
        }
    }
}

/// The first colon with a blank behind it that stands among the first `most` bytes of `text`, more or less: up to fifteen
/// more are looked at.
#[inline]
pub(super) fn colon(text: &[u8], most: usize) -> Option<usize> {
    let mut at = 0;
    while at < most {
        let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk::<{ ROW + 1 }>) else { break };
        let (Some(row), Some(behind)) = (window.first_chunk(), window.last_chunk()) else { break };
        let found = lanes::equal(row, b':') & lanes::equal(behind, b' ');
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += ROW;
    }
    let rest = text.get(at..).filter(|_| at < most)?;
    rest.windows(2).position(|pair| pair == b": ").map(|found| at + found)
}

/// Does the unit of a line of this program follow from its name alone? That of the manager's and the engines' words follows
/// from what they say.
#[inline]
pub(super) fn names_itself(program: &[u8]) -> bool {
    match program {
        b"systemd" | b"podman" | b"dockerd" | b"kubelet" | b"kube-scheduler" | b"kube-controller-manager" => false,
        _ => !program.ends_with(b"init.scope"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_with_a_blank_behind_it() {
        for text in [
            "",
            ":",
            ": ",
            "a: b",
            "1234567: x",
            "12345678: x",
            "123456789:",
            "a:b:c::: d",
            "::1 x:y\tz: w",
            "\u{ba}\u{3a}\u{bb} x: y",
        ] {
            assert_eq!(colon(text.as_bytes(), 100), text.find(": "), "{text:?}");
        }
        assert_eq!(colon(format!("{}: x", "y".repeat(300)).as_bytes(), 240), None);
    }

    #[test]
    fn who_does_not_name_itself() {
        for name in ["systemd", "init.scope", "user@1.service/init.scope", "podman", "kubelet"] {
            assert!(!names_itself(name.as_bytes()), "{name}");
        }
        assert!(names_itself(b"systemd-logind") && names_itself(b"kernel"));
    }
}
