//! The names of the fields of a journal entry that a record is made of, and which of them a name is.
//!
//! In: the bytes where a name begins, and its length. Out: a number. One multiplication and one comparison, without a
//! branch: in a journal the fields of an entry come in any order, and a machine guesses each branch wrong.

/// Bytes that are compared: the longest of our names and what stands behind it.
pub(super) const WINDOW: usize = 32;

macro_rules! names {
    ($($constant:ident = $name:literal),+ $(,)?) => {
        names!(@count 1usize; $($constant)+);
        const NAMES: &[&[u8]] = &[$($name),+];
    };
    (@count $n:expr; $first:ident $($rest:ident)*) => {
        pub(super) const $first: usize = $n;
        names!(@count $n + 1; $($rest)*);
    };
    (@count $n:expr;) => {};
}

names! {
    REALTIME = b"__REALTIME_TIMESTAMP",
    SOURCE_REALTIME = b"_SOURCE_REALTIME_TIMESTAMP",
    CURSOR = b"__CURSOR",
    BOOT = b"_BOOT_ID",
    PRIORITY = b"PRIORITY",
    HOST = b"_HOSTNAME",
    MESSAGE = b"MESSAGE",
    MESSAGE_ID = b"MESSAGE_ID",
    IDENTIFIER = b"SYSLOG_IDENTIFIER",
    COMM = b"_COMM",
    PID = b"_PID",
    SYSLOG_PID = b"SYSLOG_PID",
    TRANSPORT = b"_TRANSPORT",
    UNIT = b"UNIT",
    USER_UNIT = b"USER_UNIT",
    OWN_UNIT = b"_SYSTEMD_UNIT",
    OWN_USER_UNIT = b"_SYSTEMD_USER_UNIT",
    OBJECT_UNIT = b"OBJECT_SYSTEMD_UNIT",
    OBJECT_USER_UNIT = b"OBJECT_SYSTEMD_USER_UNIT",
    COREDUMP_UNIT = b"COREDUMP_UNIT",
    COREDUMP_USER_UNIT = b"COREDUMP_USER_UNIT",
    INVOCATION = b"INVOCATION_ID",
    USER_INVOCATION = b"USER_INVOCATION_ID",
    OWN_INVOCATION = b"_SYSTEMD_INVOCATION_ID",
    CONTAINER = b"CONTAINER_NAME",
    CONTAINER_ID = b"CONTAINER_ID",
    CONTAINER_ID_FULL = b"CONTAINER_ID_FULL",
    PARTIAL = b"CONTAINER_PARTIAL_MESSAGE",
    PARTIAL_LAST = b"CONTAINER_PARTIAL_LAST",
}

/// Room for a value of every name, and for the values of all others at 0.
pub(super) const SLOTS: usize = 32;

const TABLE: usize = 128;

/// A name, to be compared with 32 bytes.
#[derive(Clone, Copy)]
struct Name {
    text: [u64; 4],
    mask: [u64; 4],
    len: usize,
}

const ENTRIES: [Name; SLOTS] = entries();
const FACTOR: u64 = factor();
const INDEX: [u8; TABLE] = match index(FACTOR) {
    Some(index) => index,
    None => [0; TABLE],
};

const fn entries() -> [Name; SLOTS] {
    let mut entries = [Name { text: [0; 4], mask: [0; 4], len: usize::MAX }; SLOTS];
    let mut n = 0;
    while n < NAMES.len() {
        let name = NAMES[n];
        let mut at = 0;
        while at < name.len() {
            entries[n + 1].text[at / 8] |= (name[at] as u64) << (at % 8 * 8);
            entries[n + 1].mask[at / 8] |= 0xff << (at % 8 * 8);
            at += 1;
        }
        entries[n + 1].len = name.len();
        n += 1;
    }
    entries
}

/// Four letters and the length tell our names apart.
const fn hash(start: u64, len: usize, factor: u64) -> usize {
    let key = (start & 0xffff_ffff) | (len as u64) << 32;
    (key.wrapping_mul(factor) >> 57) as usize % TABLE
}

/// Which name has which hash; `None` when two have the same.
const fn index(factor: u64) -> Option<[u8; TABLE]> {
    let mut index = [0; TABLE];
    let mut n = 1;
    while n <= NAMES.len() {
        let at = hash(ENTRIES[n].text[0], ENTRIES[n].len, factor);
        if index[at] != 0 {
            return None;
        }
        index[at] = n as u8;
        n += 1;
    }
    Some(index)
}

/// A factor with which no two names have the same hash.
const fn factor() -> u64 {
    let mut factor: u64 = 0x9e37_79b9_7f4a_7c15;
    while index(factor).is_none() {
        factor = factor.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(2);
    }
    factor
}

/// The number of the name of this length that begins at `from`; 0 for any that is not ours.
#[inline(always)]
pub(super) fn number(bytes: &[u8], from: usize, len: usize) -> usize {
    let words = match bytes.get(from..from + WINDOW).and_then(<[u8]>::first_chunk::<WINDOW>) {
        Some(window) => words(window),
        None => words(&padded(bytes, from)),
    };
    let number = usize::from(INDEX[hash(words[0], len, FACTOR)]) % SLOTS;
    let entry = &ENTRIES[number];
    let other = |at: usize| (words[at] ^ entry.text[at]) & entry.mask[at];
    let other = other(0) | other(1) | other(2) | other(3);
    // No branch, see above.
    number * usize::from(other | (entry.len ^ len) as u64 == 0)
}

#[inline(always)]
fn words(window: &[u8; WINDOW]) -> [u64; 4] {
    let (words, _) = window.as_chunks::<8>();
    let word = |n: usize| words.get(n).map_or(0, |bytes| u64::from_le_bytes(*bytes));
    [word(0), word(1), word(2), word(3)]
}

#[cold]
fn padded(bytes: &[u8], from: usize) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    for (to, byte) in window.iter_mut().zip(bytes.get(from..).unwrap_or_default()) {
        *to = *byte;
    }
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_nothing_else() {
        for (n, name) in NAMES.iter().enumerate() {
            let number_of = |name: &[u8]| number(name, 0, name.len());
            assert_eq!(number_of(name), n + 1);
            assert_eq!(number(&[name, &b"\":\"value of it that is long enough"[..]].concat(), 0, name.len()), n + 1);
            for at in 0..name.len() {
                let mut other = name.to_vec();
                other[at] ^= 1;
                assert_ne!(number_of(&other), n + 1, "{}", String::from_utf8_lossy(&other));
            }
            assert_ne!(number_of(&name[1..]), n + 1);
            assert_ne!(number_of(&name[..name.len() - 1]), n + 1);
            assert_ne!(number_of(&[name, &b"X"[..]].concat()), n + 1);
        }
        for other in [&b""[..], b"X", b"_EXE", b"_SYSTEMD_SLICE", b"_A_NAME_THAT_IS_LONGER_THAN_THE_WINDOW_OF_BYTES"] {
            assert_eq!(number(other, 0, other.len()), 0);
        }
    }
}
