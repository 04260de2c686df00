//! The last lines of every unit, kept in case it dies: a crash is mostly explained by what was said just before.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::{Place, Stamp};
use crate::input::journal::JournalFile;
use crate::record::{self, Fields, Record};
use crate::scan::Line;

/// Lines kept for each unit.
pub const LINES: usize = 12;

/// The last lines of one unit. The slots are used again and again: a line costs a few numbers, and a copy only when it is
/// still among the last when its block goes away.
#[derive(Debug, Default)]
pub(super) struct Tail {
    slots: Vec<Slot>,
    next: usize,
    loose: bool,
}

#[derive(Debug)]
struct Slot {
    unit: Arc<str>,
    time: Stamp,
    place: Place,
    cursor: Vec<u8>,
    text: Vec<u8>,
    /// Where cursor and message stand in the block, until they are copied.
    loose: Option<(Cursor, Range<usize>)>,
}

/// Where a cursor stands in the block.
#[derive(Debug)]
enum Cursor {
    /// As text.
    Text(Range<usize>),
    /// The block is a native journal file, and it is that of the entry at this offset.
    Entry(u64),
}

/// What is kept of a record.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) cursor: &'a [u8],
    pub(super) fields: &'a Fields<'a>,
    pub(super) message: &'a [u8],
}

impl<'a> Said<'a> {
    pub(super) fn by(record: &'a Record<'a>) -> Said<'a> {
        Said { cursor: record.cursor, fields: &record.fields, message: record.message }
    }
}

impl Tail {
    /// Keeps a record. `true` when from now on lines stand in the block only, which must come to [`Tail::keep`].
    pub(super) fn push(&mut self, unit: &Arc<str>, said: Said<'_>, time: Stamp, place: Place, block: &[u8]) -> bool {
        if self.slots.len() < LINES {
            let (cursor, text) = (Vec::new(), Vec::new());
            self.slots.push(Slot { unit: unit.clone(), time, place, cursor, text, loose: None });
            self.next = self.slots.len() - 1;
        }
        let Some(slot) = self.slots.get_mut(self.next) else { return false };
        self.next = (self.next + 1) % LINES;
        if !Arc::ptr_eq(&slot.unit, unit) {
            slot.unit = unit.clone();
        }
        slot.time = time;
        slot.place = place;
        // Rows of documents are kept without what they say about themselves, now.
        let plain = said.message.first() != Some(&b'{');
        let cursor = match said.fields {
            Fields::Native(entry) => Some(Cursor::Entry(entry.offset())),
            _ => within(block, said.cursor).map(Cursor::Text),
        };
        slot.loose = cursor.zip(within(block, said.message)).filter(|_| plain);
        if slot.loose.is_none() {
            slot.cursor.clear();
            slot.cursor.extend_from_slice(&record::whole_cursor(said.cursor, said.fields));
            let row = record::said_by_row(said.message);
            slot.copy(row.unwrap_or(said.message), row.is_none());
            return false;
        }
        !std::mem::replace(&mut self.loose, true)
    }

    /// Copies what still stands in the block only.
    pub(super) fn keep(&mut self, block: &[u8]) {
        self.loose = false;
        for slot in &mut self.slots {
            if let Some((cursor, message)) = slot.loose.take() {
                slot.cursor.clear();
                match cursor {
                    Cursor::Text(range) => slot.cursor.extend_from_slice(block.get(range).unwrap_or_default()),
                    Cursor::Entry(offset) => slot.cursor = cursor_in(block, offset),
                }
                slot.copy(block.get(message).unwrap_or_default(), true);
            }
        }
    }

    /// Forgets all lines.
    pub(super) fn clear(&mut self) {
        *self = Tail::default();
    }

    /// The lines in order, and whether there may have been more before them.
    pub(super) fn lines(&self) -> Lines {
        let (new, old) = self.slots.split_at(self.next.min(self.slots.len()));
        let line = |slot: &Slot| Line {
            time: slot.time,
            place: slot.place,
            unit: slot.unit.clone(),
            cursor: String::from_utf8_lossy(&slot.cursor).into(),
            text: String::from_utf8_lossy(&slot.text).into(),
        };
        Lines { lines: old.iter().chain(new).map(line).collect(), open: self.slots.len() < LINES }
    }
}

impl Slot {
    /// Keeps the line of a message that a person would quote, or all of it.
    fn copy(&mut self, message: &[u8], headline: bool) {
        let one_line = !headline || memchr::memchr(b'\n', message).is_none();
        let text = if one_line { message } else { record::headline(message) };
        self.text.clear();
        self.text.extend_from_slice(text.get(..Line::TEXT_BYTES).unwrap_or(text));
    }
}

/// The cursor of an entry of a native journal file.
fn cursor_in(file: &[u8], offset: u64) -> Vec<u8> {
    JournalFile::open(file).map(|file| file.cursor(offset)).unwrap_or_default()
}

/// Where `part` stands in `block`, if it is a part of it.
fn within(block: &[u8], part: &[u8]) -> Option<Range<usize>> {
    if part.is_empty() {
        return Some(0..0);
    }
    let start = (part.as_ptr() as usize).checked_sub(block.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (end <= block.len()).then_some(start..end)
}

/// The last lines of a unit, taken out of a [`Tail`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// In order.
    pub lines: Vec<Line>,
    /// There is room for lines that stand further left.
    pub open: bool,
}

impl Lines {
    /// Puts the lines of the stretch to the left in front, as far as there is room.
    pub(super) fn extend_left(&mut self, left: Option<&Lines>) {
        if !self.open {
            return;
        }
        let Some(left) = left else { return };
        let room = LINES - self.lines.len().min(LINES);
        let from = left.lines.len().saturating_sub(room);
        self.lines.splice(0..0, left.lines[from..].iter().cloned());
        self.open = left.open && self.lines.len() < LINES;
    }
}

/// Units whose last lines are kept; beyond it those that were silent for longest lose theirs.
pub(super) const TAILS: usize = 8_192;

/// Forgets the lines of units that were silent for longest, where there are too many, and says of how many.
pub(super) fn forget(tails: &mut Tails) -> u64 {
    if tails.len() <= TAILS {
        return 0;
    }
    let last = |lines: &Lines| lines.lines.last().map(|line| line.place);
    let mut places: Vec<_> = tails.values().map(last).collect();
    places.sort_unstable();
    // A quarter more than must be, so that it is not done again at once.
    let from = places.get(places.len() - TAILS * 3 / 4).copied().flatten();
    let before = tails.len();
    tails.retain(|_, lines| last(lines) >= from);
    (before - tails.len()) as u64
}

/// By host and stem of the unit: text forms name the process, systemd the unit.
pub type Tails = BTreeMap<(Arc<str>, Arc<str>), Lines>;
