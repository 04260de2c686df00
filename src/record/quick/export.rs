//! A quick look at an entry of `journalctl -o export`: one walk from field to field.
//!
//! In: one entry, with or without its empty line. Out: a [`Glance`], or nothing when a line of it is no field. Values
//! with their length are stepped over as any other.

use super::Glance;
use super::entry::Entry;
use super::names::{self, MESSAGE};
use crate::record::journal::export::{Step, last_field, step, trim_end};
use crate::record::journal::fields::Raw;
use crate::record::{Fields, Scratch};

/// Entries up to this length are looked at quickly.
const LONGEST: usize = 1 << 20;

pub(super) fn glance<'a>(raw: &'a [u8], scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    let raw = trim_end(raw);
    if raw.len() > LONGEST || raw.first()?.is_ascii_whitespace() {
        return None;
    }
    let mut entry = Entry::new(raw);
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let (key, value, len) = match step(rest) {
            Step::Field { key, value, len } => (key, value, len),
            // The line end of the last one is gone.
            Step::Short if memchr::memchr(b'\n', rest).is_none() => {
                let (key, value) = last_field(rest)?;
                (key, value, rest.len() + 1)
            }
            _ => return None,
        };
        let name = names::number(raw, at, key.len());
        let to = at + len - 1;
        entry.set(name, to - value.len(), to);
        at += len;
    }
    entry.glance(entry.find(MESSAGE).map(Raw::Plain), Fields::Export(raw), scratch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_binary_values_are_looked_at() {
        let mut entry =
            b"__REALTIME_TIMESTAMP=1768000000033771\n_PID=7\nMESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nPRIORITY=3\n\n".to_vec();
        let mut scratch = Scratch::default();
        let key = {
            let glance = glance(&entry, &mut scratch).unwrap();
            assert_eq!((glance.message, glance.level.map(|l| l as u8)), (&b"a\nb"[..], Some(3)));
            assert_eq!(glance.time.map(|t| t.0), Some(1_768_000_000_033_771_000));
            glance.key.to_vec()
        };
        entry.truncate(entry.len() - 2);
        assert_eq!(glance(&entry, &mut scratch).unwrap().key, key);
        assert_ne!(glance(b"MESSAGE=x\n_PID=8", &mut scratch).unwrap().key, key);
    }

    #[test]
    fn what_is_unusual_is_left_alone() {
        let mut scratch = Scratch::default();
        for raw in [
            &b""[..],
            b"\n",
            b"\nMESSAGE=a\n",
            b"A=1\n\n",
            b"-- Boot x --\nMESSAGE=a\n",
            b"MESSAGE=a\nMESSAGE=b\n",
            b"MESSAGE=a\n_PID\n\xff\xff\xff\xff\xff\xff\xff\xff\n",
            b"MESSAGE=a\n_PID\n\x09\0\0\0\0\0\0\0ab\n",
            b"MESSAGE=a\nword",
            b"MESSAGE=a\nSYSLOG_IDENTIFIER=systemd\n",
        ] {
            assert!(glance(raw, &mut scratch).is_none(), "{}", String::from_utf8_lossy(raw));
        }
    }
}
