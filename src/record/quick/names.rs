//! The names of the fields of a journal entry that a record is made of, and which of them a name is.
//!
//! In: a window in front of which a name stands, and its length. Out: a number. One multiplication and one comparison, without a
//! branch: in a journal the fields of an entry come in any order, and a machine guesses each branch wrong.

use super::window::{Front, Window};

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

/// A name, to be compared with what stands in front of a window.
#[derive(Clone, Copy)]
struct Name {
    text: Front,
    /// A bit for each of its bytes.
    mask: u32,
    len: u32,
}

static ENTRIES: [Name; SLOTS] = entries();
static INDEX: [u8; TABLE] = match index(FACTOR) {
    Some(index) => index,
    None => [0; TABLE],
};
const FACTOR: u64 = factor();

const fn entries() -> [Name; SLOTS] {
    let mut entries = [Name { text: Front::new([0; 32]), mask: 0, len: 0 }; SLOTS];
    let mut n = 0;
    while n < NAMES.len() {
        let name = NAMES[n];
        let mut text = [0; 32];
        let mut at = 0;
        while at < name.len() {
            text[at] = name[at];
            at += 1;
        }
        entries[n + 1] = Name { text: Front::new(text), mask: (1 << name.len()) - 1, len: name.len() as u32 };
        n += 1;
    }
    entries
}

/// Four letters and the length tell our names apart.
#[inline(always)]
const fn hash(start: u32, len: u32, factor: u64) -> usize {
    let key = start as u64 | (len as u64) << 32;
    (key.wrapping_mul(factor) >> 57) as usize % TABLE
}

/// Which name has which hash; `None` when two have the same.
const fn index(factor: u64) -> Option<[u8; TABLE]> {
    let mut index = [0; TABLE];
    let mut n = 0;
    while n < NAMES.len() {
        let name = NAMES[n];
        let at = hash(u32::from_le_bytes([name[0], name[1], name[2], name[3]]), name.len() as u32, factor);
        if index[at] != 0 {
            return None;
        }
        index[at] = n as u8 + 1;
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

/// The number of the name of this length that stands in front; 0 for any that is not ours.
#[inline(always)]
pub(super) fn number(window: &Window, len: u32) -> usize {
    let number = usize::from(INDEX[hash(window.first, len, FACTOR)]) % SLOTS;
    let name = &ENTRIES[number];
    let other = !window.equal_to(&name.text) & name.mask;
    // No branch, see above.
    number * usize::from(other | (name.len ^ len) == 0)
}

#[cfg(test)]
mod tests {
    use super::super::window::Sight;
    use super::*;

    #[test]
    fn every_name_is_found_and_nothing_else() {
        for (n, name) in NAMES.iter().enumerate() {
            let number_of = |name: &[u8]| number(&Sight::new().from(name, 0), name.len() as u32);
            assert_eq!(number_of(name), n + 1);
            let long = [name, &b"\":\"value of it that is long enough"[..]].concat();
            assert_eq!(number(&Sight::new().from(&long, 0), name.len() as u32), n + 1);
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
            assert_eq!(number(&Sight::new().from(other, 0), other.len() as u32), 0);
        }
    }
}
