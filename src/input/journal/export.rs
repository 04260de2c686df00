//! An entry in the words of `journalctl -o export`.

use std::fmt::Write as _;

use super::file::{JournalFile, id_at, u64_at};

/// What stands in an entry beside its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        out.extend_from_slice(b"__CURSOR=");
        self.cursor(file, out);
        let Stamps { realtime, monotonic, boot, .. } = self;
        let mut text = String::with_capacity(128);
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n__REALTIME_TIMESTAMP={realtime}\n__MONOTONIC_TIMESTAMP={monotonic}\n_BOOT_ID={boot:032x}\n",
        );
        out.extend_from_slice(text.as_bytes());
    }

    /// Appends the cursor: `s=...;i=...;b=...;m=...;t=...;x=...`
    pub(super) fn cursor(&self, file: &JournalFile<'_>, out: &mut Vec<u8>) {
        let Stamps { seqnum, realtime, monotonic, boot, xor_hash } = *self;
        out.extend_from_slice(b"s=");
        hex(file.seqnum_id(), 32, out);
        let short = [(&b";i="[..], u128::from(seqnum), 1), (b";b=", boot, 32), (b";m=", u128::from(monotonic), 1)];
        let rest = [(&b";t="[..], u128::from(realtime), 1), (b";x=", u128::from(xor_hash), 1)];
        for (name, number, digits) in short.into_iter().chain(rest) {
            out.extend_from_slice(name);
            hex(number, digits, out);
        }
    }

    /// The bytes that [`Stamps::write`] appends.
    pub(super) fn size(&self) -> u64 {
        const WORDS: &str = "__CURSOR=s=;i=;b=;m=;t=;x=\n__REALTIME_TIMESTAMP=\n__MONOTONIC_TIMESTAMP=\n_BOOT_ID=\n";
        const IDS: u64 = 3 * 32;
        let hex = |number: u64| u64::from((64 - number.leading_zeros()).div_ceil(4).max(1));
        let decimal = |number: u64| u64::from(number.checked_ilog10().unwrap_or(0) + 1);
        let Stamps { seqnum, realtime, monotonic, xor_hash, .. } = *self;
        let cursor = hex(seqnum) + hex(monotonic) + hex(realtime) + hex(xor_hash);
        WORDS.len() as u64 + IDS + cursor + decimal(realtime) + decimal(monotonic)
    }
}

/// Appends a number with at least `least` hexadecimal digits.
fn hex(number: u128, least: u32, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let count = (128 - number.leading_zeros()).div_ceil(4).max(least).max(1);
    let digits = (0..count).rev().map(|place| (number >> (4 * place)) & 15);
    out.extend(digits.map(|digit| DIGITS.get(digit as usize).copied().unwrap_or(b'0')));
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

/// How many bytes `field` appends for this payload; `None` where it appends nothing because there is no key.
pub fn field_size(payload: &[u8]) -> Option<u64> {
    let at = memchr::memchr(b'=', payload.get(..65.min(payload.len()))?)?;
    let (key, value) = (payload.get(..at)?, payload.get(at + 1..)?);
    if key.is_empty() || !key.iter().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_')) {
        return None;
    }
    Some(match () {
        () if key == b"_BOOT_ID" => 0,
        () => export_size(payload, value),
    })
}

/// How many bytes `field` appends for this payload, which ends in this value of a good name.
#[inline]
pub fn export_size(payload: &[u8], value: &[u8]) -> u64 {
    payload.len() as u64 + if is_line(value) { 1 } else { 9 }
}

/// Is `value` one line of text without control characters, tabs allowed? journalctl writes nothing else as a line.
fn is_line(value: &[u8]) -> bool {
    let plain = |b: &u8| (b' '..0x7f).contains(b) || *b == b'\t';
    // Whole pieces at once: the compiler makes few steps of them.
    let (pieces, rest) = value.as_chunks::<16>();
    if pieces.iter().all(|piece| piece.iter().fold(true, |all, b| all & plain(b))) && rest.iter().all(plain) {
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
            assert_eq!(field_size(payload), Some(out.len() as u64));
        }
        for wrong in [&b""[..], b"A", b"=x", b"a=x", b"A B=x"] {
            assert!(!field(wrong, &mut Vec::new()));
            assert_eq!(field_size(wrong), None);
        }
    }
}
