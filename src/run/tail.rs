//! The last lines of every unit, kept in case it dies: a crash is mostly explained by what was said just before.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::{Place, Stamp};
use crate::record::{self, Record};
use crate::scan::Line;

/// Lines kept for each unit.
pub const LINES: usize = 12;

/// The last lines of one unit. The slots are used again and again: a line costs a copy, not an allocation.
#[derive(Debug, Default)]
pub(super) struct Tail {
    slots: Vec<Slot>,
    next: usize,
    unit: Arc<str>,
}

#[derive(Debug)]
struct Slot {
    unit: Arc<str>,
    time: Stamp,
    place: Place,
    cursor: Vec<u8>,
    text: Vec<u8>,
}

impl Tail {
    pub(super) fn push(&mut self, record: &Record<'_>, time: Stamp, place: Place) {
        if *self.unit != *record.unit {
            self.unit = record.unit.as_ref().into();
        }
        if self.slots.len() < LINES {
            self.slots.push(Slot { unit: self.unit.clone(), time, place, cursor: Vec::new(), text: Vec::new() });
            self.next = self.slots.len() - 1;
        }
        let slot = &mut self.slots[self.next];
        if !Arc::ptr_eq(&slot.unit, &self.unit) {
            slot.unit = self.unit.clone();
        }
        slot.time = time;
        slot.place = place;
        slot.cursor.clear();
        slot.cursor.extend_from_slice(record.cursor);
        let one_line = memchr::memchr(b'\n', record.message).is_none();
        let text = if one_line { record.message } else { record::headline(record.message) };
        let text = record.row().unwrap_or(text);
        slot.text.clear();
        slot.text.extend_from_slice(text.get(..Line::TEXT_BYTES).unwrap_or(text));
        self.next = (self.next + 1) % LINES;
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

/// By host and stem of the unit: text forms name the process, systemd the unit.
pub type Tails = BTreeMap<(Arc<str>, Arc<str>), Lines>;
