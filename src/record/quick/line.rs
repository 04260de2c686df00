//! What all forms of one line have in common: the line without its end and colours, its words, who may be named in it.

use super::super::container::{strip_colours, trim_line_end};
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
        let Scratch { message, inner, detail, key, minute } = scratch;
        let mut text = trim_line_end(raw);
        if memchr::memchr(0x1b, text).is_some() {
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

/// The length of the word at the front of `text`: up to a blank. `None`: it has no blank behind it within `most` bytes,
/// another control character stands before it, or a quote in it.
#[inline]
pub(super) fn word(text: &[u8], most: usize) -> Option<usize> {
    let mut at = 0;
    while at < most {
        let Some(bytes) = text.get(at..at + 8).and_then(<[u8]>::first_chunk) else {
            let rest = text.get(at..)?;
            let len = rest.iter().position(|b| *b <= b' ')?;
            let (word, end) = rest.split_at_checked(len)?;
            return (end.first() == Some(&b' ') && !word.contains(&b'"')).then_some(at + len);
        };
        let word = u64::from_le_bytes(*bytes);
        let low = below(word, b'!');
        let quotes = below(word ^ 0x2222_2222_2222_2222, 1);
        if low | quotes != 0 {
            let len = at + ((low | quotes).trailing_zeros() / 8) as usize;
            return (text.get(len) == Some(&b' ')).then_some(len);
        }
        at += 8;
    }
    None
}

/// The top bits of the bytes below `limit` (at most 128), of which the lowest is right, those above it perhaps not.
#[inline]
fn below(word: u64, limit: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    word.wrapping_sub(ONES * u64::from(limit)) & !word & (ONES << 7)
}

/// Does the unit of a line of this program follow from its name alone? That of the manager's and the engines' words follows
/// from what they say, and the kernel may put its own time before it.
#[inline]
pub(super) fn names_itself(program: &[u8], message: &[u8]) -> bool {
    match program {
        b"systemd" | b"podman" | b"dockerd" | b"kubelet" | b"kube-scheduler" | b"kube-controller-manager" => false,
        b"kernel" => message.first() != Some(&b'['),
        _ => !program.ends_with(b"init.scope"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_blanks() {
        for (text, len) in [
            ("node-7 x", Some(6)),
            ("a-longer.name.example.net x", Some(25)),
            (" x", Some(0)),
            ("node", None),
            ("12345678", None),
            ("", None),
            ("tab\tin it", None),
            ("12345678\t", None),
            ("quo\"te x", None),
            ("12345678\"90123456 ", None),
            ("12345678901234567890 ", Some(20)),
            ("müller x y z", Some(7)),
            ("\u{80}\u{ff} y", Some(4)),
        ] {
            assert_eq!(word(text.as_bytes(), 200), len, "{text:?}");
        }
        assert_eq!(word(&[b'x'; 300], 200), None);
    }

    #[test]
    fn who_does_not_name_itself() {
        for name in ["systemd", "init.scope", "user@1.service/init.scope", "podman", "kubelet"] {
            assert!(!names_itself(name.as_bytes(), b"x"), "{name}");
        }
        assert!(names_itself(b"systemd-logind", b"x") && names_itself(b"kernel", b"x"));
        assert!(!names_itself(b"kernel", b"[    1.000000] x"));
    }
}
