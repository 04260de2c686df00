//! One entry, before its values are looked at.
//!
//! In: the offset of an ENTRY object. Out: what stands in the object itself (stamps, and offsets of values), and the whole
//! entry in the export form for those who ask. It never tells damage: who steps through the entries does.

use super::export::{Stamps, field};
use super::file::{ENTRY, JournalFile, u32_at, u64_at};

/// Where the items of an ENTRY object begin.
pub(super) const ITEMS: usize = 64;

/// The offsets in the items of an entry.
pub(super) fn items<'o>(items: &'o [u8], compact: bool) -> impl DoubleEndedIterator<Item = u64> + use<'o> {
    let items = items.chunks_exact(width(compact));
    items.filter_map(move |item| if compact { u32_at(item, 0).map(u64::from) } else { u64_at(item, 0) })
}

/// The bytes of an item.
fn width(compact: bool) -> usize {
    if compact { 4 } else { 16 }
}

/// One entry, whose values are looked at when somebody asks.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    file: JournalFile<'a>,
    pub(super) offset: u64,
    pub(super) object: &'a [u8],
    pub(super) stamps: Stamps,
    /// The items of values that stand before the entry before this one, as they stand in the file.
    shared: &'a [u8],
    /// The other items.
    fresh: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Reads what stands in it beside its values; `last` is the offset of the entry before it.
    pub(super) fn read(file: JournalFile<'a>, offset: u64, last: u64) -> Result<Entry<'a>, &'static str> {
        let object = file.object(offset, ENTRY)?;
        let stamps = Stamps::read(object).ok_or("expected an entry, found impossible numbers in it")?;
        let compact = file.is_compact();
        let raw = object.get(ITEMS..).unwrap_or(b"");
        // Items stand in the order of their offsets.
        let new = items(raw, compact).rev().take_while(|item| *item > last).count();
        let old = raw.len().saturating_sub(new * width(compact));
        let (shared, fresh) = raw.split_at_checked(old).unwrap_or((raw, b""));
        Ok(Entry { file, offset, object, stamps, shared, fresh })
    }

    /// Its number in the sequence of its journal.
    pub fn seqnum(&self) -> u64 {
        self.stamps.seqnum
    }

    /// Is it the same entry in another copy of the file?
    pub fn is_copy_of(&self, other: &Entry<'_>) -> bool {
        self.stamps == other.stamps && self.file.seqnum_id() == other.file.seqnum_id()
    }

    /// The file that it stands in.
    pub fn file(&self) -> JournalFile<'a> {
        self.file
    }

    /// When it was written, in microseconds.
    pub fn realtime(&self) -> u64 {
        self.stamps.realtime
    }

    /// Which values it shares with entries further left, as bytes that are equal for the same values in the same order.
    /// They come before all others.
    pub fn shared(&self) -> &'a [u8] {
        self.shared
    }

    /// The offsets of the values it shares with entries further left.
    pub fn shared_values(&self) -> impl Iterator<Item = u64> + use<'a> {
        items(self.shared, self.file.is_compact())
    }

    /// The offsets of the other values.
    pub fn fresh_values(&self) -> impl Iterator<Item = u64> + use<'a> {
        items(self.fresh, self.file.is_compact())
    }

    /// How many values it has.
    pub fn count(&self) -> usize {
        (self.shared.len() + self.fresh.len()) / width(self.file.is_compact())
    }

    /// Its cursor.
    pub fn cursor(&self) -> Vec<u8> {
        let mut cursor = Vec::with_capacity(128);
        self.stamps.cursor(&self.file, &mut cursor);
        cursor
    }

    /// Where in the file it stands.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes of its rendering beside its fields.
    pub fn frame_size(&self) -> u64 {
        self.stamps.size() + 1
    }

    /// It in the journal export format, without its last line end and its empty line. What cannot be read is left out.
    pub fn to_export(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.stamps.write(&self.file, &mut out);
        for value in self.shared_values().chain(self.fresh_values()).filter_map(|at| self.file.value(at)) {
            field(&value, &mut out);
        }
        out.pop();
        out
    }
}
