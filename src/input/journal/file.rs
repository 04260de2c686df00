//! The file: its header, and the objects in it by their offsets.

use std::borrow::Cow;

use super::entry::Entry;
use super::value::{is_packed, payload};
use crate::base::Error;

/// The first bytes of a journal file.
const SIGNATURE: &[u8] = b"LPKSHHRH";
/// The header as the first version wrote it; later versions only add to it.
const HEADER: usize = 208;
/// What every object begins with: type, flags, six reserved bytes, size.
const OBJECT: usize = 16;

/// XZ, LZ4, keyed hashes, ZSTD, compact: the changes of the format that this reader knows.
const KNOWN_FLAGS: u32 = 0b1_1111;
const COMPACT: u32 = 1 << 4;

/// The types of objects that hold entries; the others are indexes and seals.
pub(super) const DATA: u8 = 1;
pub(super) const ENTRY: u8 = 3;
pub(super) const ENTRY_ARRAY: u8 = 6;
const LAST_TYPE: u8 = 7;

/// Do these bytes begin a native journal file?
pub fn is_journal(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE)
}

/// A native journal file in memory.
#[derive(Clone, Copy, Debug)]
pub struct JournalFile<'a> {
    bytes: &'a [u8],
    compact: bool,
    header_size: u64,
    seqnum_id: u128,
    entries: u64,
    entry_array: u64,
}

impl<'a> JournalFile<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// When `bytes` do not begin with a whole header, or the file says that it needs a newer reader.
    pub fn open(bytes: &'a [u8]) -> Result<JournalFile<'a>, Error> {
        if !is_journal(bytes) {
            return Err(Error::new("expected a journal file, which begins with 'LPKSHHRH', found other bytes"));
        }
        if bytes.len() < HEADER {
            let found = bytes.len();
            return Err(Error::new(format!(
                "expected a journal header of {HEADER} bytes, found the file's end at {found}"
            ))
            .help("the file was cut off; there are no entries in it"));
        }
        let flags = u32_at(bytes, 12).unwrap_or(0);
        if flags & !KNOWN_FLAGS != 0 {
            let unknown = flags & !KNOWN_FLAGS;
            return Err(Error::new(format!(
                "expected a journal file of systemd 258 or older, found feature {unknown:#x}"
            ))
            .help("print it with the journalctl of the machine that wrote it: journalctl --file FILE -o export"));
        }
        let word = |at| u64_at(bytes, at).unwrap_or(0);
        Ok(JournalFile {
            bytes,
            compact: flags & COMPACT != 0,
            header_size: word(88).max(HEADER as u64),
            seqnum_id: id_at(bytes, 72).unwrap_or(0),
            entries: word(152),
            entry_array: word(176),
        })
    }

    /// How many entries the header counts. Damage may leave fewer.
    pub fn count(&self) -> u64 {
        self.entries
    }

    /// The id that the file got when it was made. Copies have it too.
    pub fn id(&self) -> u128 {
        id_at(self.bytes, 24).unwrap_or(0)
    }

    /// The entries in up to so many parts; see [`Entries::parts`](super::Entries).
    pub fn parts(&self, parts: u64) -> Option<Vec<super::Entries<'a>>> {
        super::Entries::parts(*self, parts)
    }

    /// The entries, from the first.
    pub fn entries(&self) -> super::Entries<'a> {
        super::Entries::new(*self)
    }

    /// The plain value at `offset`: `KEY=value`.
    pub fn value(&self, offset: u64) -> Option<Cow<'a, [u8]>> {
        let mut any = u64::MAX;
        payload(self.object(offset, DATA).ok()?, self.compact, &mut any).ok()
    }

    /// The same where it stands in the file as it is; `None` for values that are packed.
    pub fn plain_value(&self, offset: u64) -> Option<&'a [u8]> {
        let object = self.object(offset, DATA).ok()?;
        if is_packed(object) { None } else { object.get(if self.compact { 72 } else { 64 }..) }
    }

    /// The cursor of the entry at `offset`, empty when there is none.
    pub fn cursor(&self, offset: u64) -> Vec<u8> {
        Entry::read(*self, offset, 0).map(|entry| entry.cursor()).unwrap_or_default()
    }

    pub(super) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn is_compact(&self) -> bool {
        self.compact
    }

    pub(super) fn seqnum_id(&self) -> u128 {
        self.seqnum_id
    }

    /// Where the list of entries begins.
    pub(super) fn entry_array(&self) -> u64 {
        self.entry_array
    }

    /// Where the first object stands.
    pub(super) fn first_object(&self) -> u64 {
        self.header_size.checked_next_multiple_of(8).unwrap_or(HEADER as u64)
    }

    /// The whole object at `offset`, if it is of type `kind`.
    pub(super) fn object(&self, offset: u64, kind: u8) -> Result<&'a [u8], &'static str> {
        match self.any_object(offset)? {
            (found, object) if found == kind => Ok(object),
            _ => Err("expected another type of object"),
        }
    }

    /// The whole object at `offset` and its type.
    pub(super) fn any_object(&self, offset: u64) -> Result<(u8, &'a [u8]), &'static str> {
        if !offset.is_multiple_of(8) || offset < HEADER as u64 {
            return Err("expected an object, found an offset that none can have");
        }
        let outside = "expected an object, found the end of the file";
        let rest = usize::try_from(offset).ok().and_then(|at| self.bytes.get(at..)).ok_or(outside)?;
        let size = u64_at(rest, 8).ok_or(outside)?;
        let kind = *rest.first().ok_or(outside)?;
        if kind == 0 || kind > LAST_TYPE || size < OBJECT as u64 {
            return Err("expected an object, found other bytes");
        }
        let object = usize::try_from(size).ok().and_then(|size| rest.get(..size)).ok_or(outside)?;
        Ok((kind, object))
    }
}

/// The little-endian number at `at`.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

/// The little-endian number at `at`.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|b| u64::from_le_bytes(*b))
}

/// The id at `at`: its hexadecimal form has the bytes in the order of the file.
pub(super) fn id_at(bytes: &[u8], at: usize) -> Option<u128> {
    bytes.get(at..)?.first_chunk().map(|b| u128::from_be_bytes(*b))
}
