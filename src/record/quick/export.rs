//! A quick look at an entry of `journalctl -o export`: one walk from field to field.
//!
//! In: one entry, with or without its empty line. Out: a [`Glance`], or nothing when a line of it is no field. Values
//! with their length are stepped over as any other.

use memchr::memchr;

use super::Glance;
use super::entry::Entry;
use super::names::{self, MESSAGE};
use super::window::{Sight, Window};
use crate::record::journal::export::{Step, last_field, step, trim_end};
use crate::record::journal::fields::Raw;
use crate::record::{Fields, Scratch};

/// Entries up to this length are looked at quickly.
const LONGEST: usize = 1 << 20;

pub(super) fn glance<'a>(raw: &'a [u8], scratch: &'a mut Scratch) -> Option<Glance<'a>> {
    if raw.len() > LONGEST || raw.first()?.is_ascii_whitespace() {
        return None;
    }
    let mut entry = Entry::new(raw);
    let at = walk(raw, &mut |window, field| name(&mut entry, window, field));
    match raw.get(at as usize..)? {
        b"\n" => {}
        // The parser takes the end of a last value for the empty line that is missing.
        [] if raw.ends_with(b"\n\n") => return None,
        [] => {}
        // The line end of the last one is gone.
        last => {
            let (key, value) = last_field(last).filter(|_| memchr(b'\n', last).is_none())?;
            let start = at + key.len() as u32 + 1;
            let name = names::number(&Sight::new().from(raw, at), key.len() as u32);
            entry.set(name, start, start + value.len() as u32);
        }
    }
    entry.glance(entry.find(MESSAGE).map(Raw::Plain), Fields::Export(trim_end(raw)), scratch)
}

/// A quick look at the whole entry at the front of `bytes`, and its length: what [`extent`] says of it. Nothing also where
/// more bytes are needed.
///
/// [`extent`]: crate::record::journal::export::extent
pub(super) fn first<'a>(bytes: &'a [u8], scratch: &'a mut Scratch) -> Option<(usize, Glance<'a>)> {
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    if bytes.first()?.is_ascii_whitespace() {
        return None;
    }
    let mut entry = Entry::new(bytes);
    let end = walk(bytes, &mut |window, field| name(&mut entry, window, field)) as usize;
    if bytes.get(end) != Some(&b'\n') {
        return None;
    }
    let raw = trim_end(bytes.get(..=end)?);
    let glance = entry.glance(entry.find(MESSAGE).map(Raw::Plain), Fields::Export(raw), scratch)?;
    Some((end + 1, glance))
}

/// The length of the whole entry at the front of `bytes`, where nothing about it is unusual: what [`extent`] says of it.
///
/// [`extent`]: crate::record::journal::export::extent
pub fn length(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    let end = walk(bytes, &mut |_, _| ()) as usize;
    (end > 0 && bytes.get(end) == Some(&b'\n')).then_some(end + 1)
}

/// Where the name of a field ends, and where its value stands.
struct Field {
    len: u32,
    start: u32,
    end: u32,
}

#[inline(always)]
fn name(entry: &mut Entry<'_>, window: &Window, field: Field) {
    entry.set(names::number(window, field.len), field.start, field.end);
}

/// Walks from field to field, up to the first line that is none or has no end, and shows each with the window that begins with
/// its name. Where that line begins.
#[inline(always)]
fn walk(bytes: &[u8], see: &mut impl FnMut(&Window, Field)) -> u32 {
    let mut sight = Sight::new();
    let mut at = 0;
    loop {
        let window = sight.from(bytes, at);
        let ends = window.equal(b'\n');
        // The first of them, unless it stands in a value.
        let signs = window.equal_in_front(b'=') & (ends.wrapping_sub(1) & !ends) as u32;
        if signs == 0 {
            let Some(next) = other(bytes, at, see) else { return at };
            at = next;
            continue;
        }
        let len = signs.trailing_zeros();
        let start = at + len + 1;
        let end = if ends != 0 {
            at + ends.trailing_zeros()
        } else {
            match bytes.get(start as usize..).and_then(|rest| memchr(b'\n', rest)) {
                Some(len) => start + len as u32,
                None => return at,
            }
        };
        see(&window, Field { len, start, end });
        at = end + 1;
    }
}

/// A field with a long name or with the length of its value, and where the next line begins.
#[cold]
#[inline(never)]
fn other(bytes: &[u8], at: u32, see: &mut impl FnMut(&Window, Field)) -> Option<u32> {
    let rest = bytes.get(at as usize..)?;
    let Step::Field { key, value, len } = step(rest) else { return None };
    let next = at + len as u32;
    let field = Field { len: key.len() as u32, start: next - 1 - value.len() as u32, end: next - 1 };
    see(&Sight::new().from(rest, 0), field);
    Some(next)
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
    fn one_walk_tells_length_and_look() {
        let mut scratch = Scratch::default();
        let mut length = |bytes: &[u8]| first(bytes, &mut scratch).map(|(len, _)| len);
        let long = format!("MESSAGE={}\n", "=".repeat(100));
        for (bytes, len) in [
            (&b"MESSAGE=a\n\nMESSAGE=b\n\n"[..], Some(11)),
            (b"MESSAGE=a=b\n_EXE\n\x03\0\0\0\0\0\0\0\n\n=\n\n", Some(30)),
            (b"A_NAME_THAT_IS_LONGER_THAN_ANY_OF_OURS=1\nMESSAGE=a\n\n", Some(52)),
            (&[long.as_bytes(), b"\n"].concat(), Some(110)),
            (long.as_bytes(), None),
            (b"MESSAGE=a\n", None),
            (b"MESSAGE=a", None),
            (b"MESSAGE=a\n_EXE\n\x03\0\0\0\0\0\0\0a", None),
            (b"MESSAGE=a\nword\n\n", None),
            (b"\nMESSAGE=a\n\n", None),
            (b"A=1\n\n", None),
            (b"", None),
        ] {
            assert_eq!(length(bytes), len, "{}", String::from_utf8_lossy(bytes));
        }
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
