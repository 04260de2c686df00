//! A journal entry whose fields were found quickly, in whichever form: its origin key, and what changes from line to line.
//!
//! In: where the values of the fields with our [`names`](super::names) stand. Out: a [`Glance`]. Whom an entry is about
//! may follow from its message (what managers, podman and the kubelet write about others): those it leaves alone.

use super::Glance;
use super::names::{
    BOOT, COMM, CONTAINER, CONTAINER_ID, CONTAINER_ID_FULL, COREDUMP_UNIT, COREDUMP_USER_UNIT, CURSOR, HOST,
    IDENTIFIER, INVOCATION, MESSAGE, MESSAGE_ID, OBJECT_UNIT, OBJECT_USER_UNIT, OWN_INVOCATION, OWN_UNIT,
    OWN_USER_UNIT, PARTIAL, PARTIAL_LAST, PID, PRIORITY, REALTIME, SLOTS, SOURCE_REALTIME, SYSLOG_PID, TRANSPORT, UNIT,
    USER_INVOCATION, USER_UNIT,
};
use crate::base::{Certainty, Level, Stamp, unit_kind};
use crate::record::journal::fields::{self, Raw};
use crate::record::{Fields, Scratch};

/// The fields that tell the origin.
const ORIGIN: u32 = bit(HOST)
    | bit(IDENTIFIER)
    | bit(COMM)
    | bit(PID)
    | bit(SYSLOG_PID)
    | bit(TRANSPORT)
    | bit(UNIT)
    | bit(USER_UNIT)
    | bit(OWN_UNIT)
    | bit(OWN_USER_UNIT)
    | bit(OBJECT_UNIT)
    | bit(OBJECT_USER_UNIT)
    | bit(COREDUMP_UNIT)
    | bit(COREDUMP_USER_UNIT)
    | bit(INVOCATION)
    | bit(USER_INVOCATION)
    | bit(OWN_INVOCATION)
    | bit(CONTAINER)
    | bit(CONTAINER_ID)
    | bit(CONTAINER_ID_FULL);

/// Bytes of a value of the key that are copied at once.
const COPIED: usize = 32;

/// Room for a key of usual length, and then some.
const ROOM: usize = 512;

/// Any of these makes it an entry.
const ENTRY: u32 = bit(REALTIME) | bit(CURSOR) | bit(BOOT) | bit(MESSAGE);

const fn bit(name: usize) -> u32 {
    1 << name
}

/// Where the values of an entry stand.
pub(super) struct Entry<'a> {
    raw: &'a [u8],
    /// The first is the place for all that nobody asks for.
    spans: [(u32, u32); SLOTS],
    seen: u32,
    /// How many values have one of our names.
    count: u32,
}

impl<'a> Entry<'a> {
    /// Of these bytes, which must be shorter than 4 GiB.
    #[inline(always)]
    pub(super) fn new(raw: &'a [u8]) -> Entry<'a> {
        Entry { raw, spans: [(0, 0); SLOTS], seen: 0, count: 0 }
    }

    /// The value of the name with this number; 0 is any other name.
    #[inline(always)]
    pub(super) fn set(&mut self, name: usize, from: u32, to: u32) {
        let name = name % SLOTS;
        self.count += u32::from(name != 0);
        self.seen |= bit(name);
        self.spans[name] = (from, to);
    }

    fn has(&self, name: usize) -> bool {
        self.seen & bit(name) != 0
    }

    fn value(&self, name: usize) -> &'a [u8] {
        let (from, to) = self.spans[name % SLOTS];
        self.raw.get(from as usize..to as usize).unwrap_or_default()
    }

    /// The value, if there is one.
    pub(super) fn find(&self, name: usize) -> Option<&'a [u8]> {
        self.has(name).then(|| self.value(name))
    }

    fn field(&self, name: usize) -> Option<Raw<'a>> {
        self.find(name).map(Raw::Plain)
    }

    /// Does the message decide whom this is about?
    fn is_about_others(&self) -> bool {
        if self.value(TRANSPORT) == b"kernel" {
            return false;
        }
        let identifier = self.value(if self.has(IDENTIFIER) { IDENTIFIER } else { COMM });
        let manager = identifier == b"systemd"
            || self.value(OWN_UNIT) == b"init.scope"
            || self.value(OWN_USER_UNIT) == b"init.scope"
            || self.is_helper();
        if manager {
            let names = |name| std::str::from_utf8(self.value(name)).is_ok_and(|unit| unit_kind(unit).is_some());
            return !names(USER_UNIT) && !names(UNIT);
        }
        identifier == b"podman" || identifier == b"kubelet"
    }

    /// What writes with `UNIT=` may be one of the manager's helpers.
    fn is_helper(&self) -> bool {
        let who = self.value(COMM);
        self.seen & (bit(UNIT) | bit(USER_UNIT)) != 0
            && (self.has(MESSAGE_ID) || who.starts_with(b"systemd") || who.starts_with(b"("))
    }

    /// Which fields there are of those that tell the origin.
    fn keyed(&self) -> u32 {
        let mut keyed = self.seen & ORIGIN;
        // What stands in for another field says nothing beside it.
        if !self.value(IDENTIFIER).is_empty() && self.seen & (bit(UNIT) | bit(USER_UNIT)) == 0 {
            keyed &= !bit(COMM);
        }
        if self.value(PID).iter().all(u8::is_ascii_digit) && (1..=9).contains(&self.value(PID).len()) {
            keyed &= !bit(SYSLOG_PID);
        }
        // The log drivers of docker and podman tell the stream by the priority.
        if self.has(CONTAINER) {
            keyed |= self.seen & bit(PRIORITY);
        }
        keyed
    }

    /// Writes which fields there are, and their values with their lengths. How long that is.
    #[inline(always)]
    fn write_key(&self, keyed: u32, key: &mut Vec<u8>) -> usize {
        if key.len() < ROOM {
            key.resize(ROOM, 0);
        }
        let mut to = 0;
        if let Some(front) = key.first_chunk_mut() {
            *front = keyed.to_le_bytes();
            to = front.len();
        }
        let mut left = keyed & !bit(0);
        while left != 0 {
            let (from, end) = self.spans[left.trailing_zeros() as usize % SLOTS];
            left &= left - 1;
            let len = end.wrapping_sub(from);
            // More than there is, which is faster than just these bytes: the next value writes over the rest.
            let value = self.raw.get(from as usize..from as usize + COPIED).and_then(<[u8]>::first_chunk::<COPIED>);
            let room = key.get_mut(to..).and_then(<[u8]>::first_chunk_mut::<{ COPIED + 4 }>);
            match (value, room) {
                (Some(value), Some([a, b, c, d, behind @ ..])) if len as usize <= COPIED => {
                    [*a, *b, *c, *d] = len.to_le_bytes();
                    *behind = *value;
                }
                _ => self.write_long(from, end, to, key),
            }
            to += 4 + len as usize;
        }
        to
    }

    /// Writes a value that is long, stands near the end, or for which there is no room.
    #[cold]
    #[inline(never)]
    fn write_long(&self, from: u32, end: u32, to: usize, key: &mut Vec<u8>) {
        let value = self.raw.get(from as usize..end as usize).unwrap_or_default();
        let behind = to + 4 + value.len();
        if key.len() < behind + ROOM {
            key.resize(behind + ROOM, 0);
        }
        if let Some((front, behind)) = key.get_mut(to..behind).and_then(<[u8]>::split_first_chunk_mut) {
            *front = (value.len() as u32).to_le_bytes();
            behind.copy_from_slice(value);
        }
    }

    /// The look, if nothing about the entry is unusual.
    #[inline(always)]
    pub(super) fn glance(
        &self,
        message: Option<Raw<'a>>,
        fields: Fields<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Glance<'a>> {
        // One that came twice is unusual.
        if self.count != (self.seen & !bit(0)).count_ones() || self.seen & ENTRY == 0 || self.is_about_others() {
            return None;
        }
        let Scratch { message: buffer, inner, detail, key, .. } = scratch;
        // A helper is told by a message id, whichever.
        let keyed = self.keyed();
        let keyed = keyed | u32::from(self.has(MESSAGE_ID) && self.is_helper());
        let len = self.write_key(keyed, key);
        let time = micros(self.value(REALTIME))
            .or_else(|| fields::number(self.field(REALTIME)))
            .or_else(|| fields::number(self.field(SOURCE_REALTIME)))
            .and_then(Stamp::from_micros);
        let level = match self.value(PRIORITY) {
            [digit @ b'0'..=b'7'] => Level::from_number(digit - b'0'),
            [] => None,
            _ => fields::level(self.field(PRIORITY)),
        };
        Some(Glance {
            key: key.get(..len)?,
            time,
            certainty: if time.is_some() { Certainty::Exact } else { Certainty::None },
            level,
            message: fields::decode_message(message, buffer),
            message_id: self.field(MESSAGE_ID).and_then(fields::message_id),
            cursor: self.value(CURSOR),
            partial: self.has(PARTIAL) && self.value(PARTIAL) == b"true" && self.value(PARTIAL_LAST) != b"true",
            fields,
            inner,
            detail,
            inside: true,
        })
    }
}

/// The sixteen digits of a time of our years.
#[inline(always)]
fn micros(digits: &[u8]) -> Option<i64> {
    let digits: &[u8; 16] = digits.try_into().ok()?;
    let high = eight(digits.first_chunk()?)?;
    let low = eight(digits.last_chunk()?)?;
    Some(high * 100_000_000 + low)
}

/// Eight digits, two by two.
#[inline(always)]
fn eight(digits: &[u8; 8]) -> Option<i64> {
    const ONES: u64 = u64::MAX / 255;
    let digits = u64::from_le_bytes(*digits) ^ (ONES * 0x30);
    if (digits | (digits + ONES * 6)) & (ONES * 0xf0) != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some(((fours * 10_000 + (fours >> 32)) & 0xffff_ffff) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sixteen_digits_are_read_as_any_number(text in "[0-9]{16}|[0-9:/ ]{16}|[0-9]{15,17}|.{14,18}") {
            let read = text.parse::<i64>().ok().filter(|_| text.len() == 16 && !text.starts_with(['+', '-']));
            prop_assert_eq!(micros(text.as_bytes()), read);
        }
    }
}
