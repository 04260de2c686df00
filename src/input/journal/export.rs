//! An entry in the words of `journalctl -o export`.

use std::fmt::Write as _;

use super::file::{JournalFile, id_at, u64_at};

/// What stands in an entry beside its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamps {
    pub(super) seqnum: u64,
    pub(super) realtime: u64,
    monotonic: u64,
    boot: u128,
    xor_hash: u64,
}

/// Later than this no clock of a journal goes (the year 3111): microseconds that cannot be right are damage.
const LATEST: u64 = 1 << 55;

impl Stamps {
    /// Reads them from an ENTRY object; `None` when they cannot be right.
    pub(super) fn read(object: &[u8]) -> Option<Stamps> {
        let stamps = Stamps {
            seqnum: u64_at(object, 16)?,
            realtime: u64_at(object, 24)?,
            monotonic: u64_at(object, 32)?,
            boot: id_at(object, 40)?,
            xor_hash: u64_at(object, 56)?,
        };
        let right = stamps.seqnum > 0 && (1..LATEST).contains(&stamps.realtime) && stamps.monotonic < LATEST;
        right.then_some(stamps)
    }

    /// Appends the lines that journalctl puts before the fields.
    pub(super) fn write(&self, file: &JournalFile<'_>, out: &mut Vec<u8>) {
        let Stamps { seqnum, realtime, monotonic, boot, xor_hash } = self;
        let mut text = String::with_capacity(256);
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "__CURSOR=s={:032x};i={seqnum:x};b={boot:032x};m={monotonic:x};t={realtime:x};x={xor_hash:x}\n\
             __REALTIME_TIMESTAMP={realtime}\n__MONOTONIC_TIMESTAMP={monotonic}\n_BOOT_ID={boot:032x}\n",
            file.seqnum_id(),
        );
        out.extend_from_slice(text.as_bytes());
    }
}

/// Appends one `KEY=value`, with its length where it is not a line of text. `false`, and nothing, when there is no key.
pub(super) fn field(payload: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(at) = memchr::memchr(b'=', payload.get(..65.min(payload.len())).unwrap_or(b"")) else { return false };
    let (Some(key), Some(value)) = (payload.get(..at), payload.get(at + 1..)) else { return false };
    if key.is_empty() || !key.iter().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_')) {
        return false;
    }
    if key == b"_BOOT_ID" {
        // Told before the fields already, from the entry itself.
        return true;
    }
    if is_line(value) {
        out.extend_from_slice(payload);
    } else {
        out.extend_from_slice(key);
        out.push(b'\n');
        out.extend_from_slice(&(value.len() as u64).to_le_bytes());
        out.extend_from_slice(value);
    }
    out.push(b'\n');
    true
}

/// Is `value` one line of text without control characters, tabs allowed? journalctl writes nothing else as a line.
fn is_line(value: &[u8]) -> bool {
    let plain = |b: &u8| (b' '..0x7f).contains(b) || *b == b'\t';
    if value.iter().all(plain) {
        return true;
    }
    std::str::from_utf8(value).is_ok_and(|text| {
        text.chars().all(|c| {
            let code = u32::from(c);
            let control = c != '\t' && c.is_control();
            let nothing = (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe;
            !control && !nothing
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_line_has_its_length() {
        for (payload, text) in [
            (&b"A=1"[..], &b"A=1\n"[..]),
            (b"A=", b"A=\n"),
            (b"A=b=c\td", b"A=b=c\td\n"),
            ("A=\u{e9}".as_bytes(), "A=\u{e9}\n".as_bytes()),
            (b"A=x\ny", b"A\n\x03\0\0\0\0\0\0\0x\ny\n"),
            (b"A=\xff", b"A\n\x01\0\0\0\0\0\0\0\xff\n"),
            (b"A=\x7f", b"A\n\x01\0\0\0\0\0\0\0\x7f\n"),
            (b"A=\xc2\x85", b"A\n\x02\0\0\0\0\0\0\0\xc2\x85\n"),
            (b"A=\xef\xbf\xbf", b"A\n\x03\0\0\0\0\0\0\0\xef\xbf\xbf\n"),
            (b"_BOOT_ID=1", b""),
        ] {
            let mut out = Vec::new();
            assert!(field(payload, &mut out));
            assert_eq!(out, text, "{}", String::from_utf8_lossy(payload));
        }
        for wrong in [&b""[..], b"A", b"=x", b"a=x", b"A B=x"] {
            assert!(!field(wrong, &mut Vec::new()));
        }
    }
}
