//! From entry to entry: along the file's own list, and past its damage.
//!
//! The header leads to a chain of ENTRY_ARRAY objects that name every entry in order. Where the chain is broken or
//! shorter than the header counts, the objects are walked one after the other, as they stand in the file.

use super::entry::{Entry, ITEMS, items};
use super::export::{Stamps, field};
use super::file::{DATA, ENTRY, ENTRY_ARRAY, JournalFile, u32_at, u64_at};
use super::value::payload;

/// At most so many places of damage are kept; the others are counted.
const KEPT: usize = 64;
/// journald takes no entry with more fields.
const FIELDS: usize = 1024;
/// An entry is cut off where it gets larger than this: nobody reads it, and it must fit into memory.
const LARGEST: usize = 64 << 20;
/// All entries together may be this many times the size of the file. Values that many entries share stand in it once,
/// so real files reach 100; a file made to exhaust us would not stop at 1000.
const EXPANSION: u64 = 1000;

/// Something in the file that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where in the file.
    pub offset: u64,
    /// What was expected and what was found.
    pub what: &'static str,
}

/// Where the next entry is looked for.
#[derive(Clone, Copy, Debug)]
enum At<'a> {
    /// Before the ENTRY_ARRAY object at `next`, the one before it ending at `end`.
    Chain { next: u64, end: u64 },
    /// In an array: what is left of its slots, where it ends, and the array after it.
    Slots { slots: &'a [u8], end: u64, next: u64 },
    /// At any object, in the order of the file; `lost` when it is not known where the next one begins.
    Objects { offset: u64, lost: bool },
    /// After the last.
    End,
}

/// Steps through the entries of a file.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    file: JournalFile<'a>,
    at: At<'a>,
    /// Entries that were told or are known to be lost.
    seen: u64,
    /// The offset of the entry told last, and where it ends.
    last: u64,
    last_end: u64,
    /// Entries from here on are others' business.
    stop: u64,
    budget: u64,
    damage: Vec<Damage>,
    damaged: u64,
}

impl<'a> Entries<'a> {
    pub(super) fn new(file: JournalFile<'a>) -> Entries<'a> {
        Entries {
            file,
            at: At::Chain { next: file.entry_array(), end: 0 },
            seen: 0,
            last: 0,
            last_end: file.first_object(),
            stop: u64::MAX,
            budget: budget(file.size()),
            damage: Vec::new(),
            damaged: 0,
        }
    }

    /// The entries in up to so many parts of about the same length, to be read side by side: one after the other they are
    /// all entries. `None` where the list of entries is not whole.
    pub(super) fn parts(file: JournalFile<'a>, parts: u64) -> Option<Vec<Entries<'a>>> {
        let whole = Entries::new(file);
        let (mut cuts, mut seen, mut last): (Vec<Entries<'a>>, u64, u64) = (Vec::new(), 0, 0);
        let (mut next, mut end) = (file.entry_array(), 0);
        while next != 0 {
            let At::Slots { slots, end: after, next: following } = whole.array(next, end).ok()? else { return None };
            let width = if file.is_compact() { 4 } else { 8 };
            for (n, slot) in slots.chunks_exact(width).enumerate() {
                let offset = slot_at(slot);
                if offset == 0 {
                    continue;
                }
                if offset <= last {
                    return None;
                }
                let cut = u128::from(file.count()) * cuts.len() as u128 / u128::from(parts.max(1));
                if u128::from(seen) >= cut && (cuts.len() as u64) < parts {
                    // Values grow within a part as within a file.
                    if let Some(left) = cuts.last_mut() {
                        left.stop = offset;
                        left.budget = budget(offset.saturating_sub(left.last));
                    }
                    let at = At::Slots { slots: slots.get(n * width..)?, end: after, next: following };
                    cuts.push(Entries { at, seen, last, ..whole.clone() });
                }
                (seen, last) = (seen + 1, offset);
            }
            (next, end) = (following, after);
        }
        if let Some(left) = cuts.last_mut() {
            left.budget = budget(file.size().saturating_sub(left.last));
        }
        (seen == file.count()).then_some(cuts)
    }

    /// Appends the next entry to `out`, in the journal export format with its empty line. `false` after the last.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bytes = std::fs::read("system.journal")?;
    /// let mut entries = logtriage::input::journal::JournalFile::open(&bytes)?.entries();
    /// let mut entry = Vec::new();
    /// while entries.next_into(&mut entry) {
    ///     println!("{}", String::from_utf8_lossy(&entry));
    ///     entry.clear();
    /// }
    /// println!("{} places could not be read", entries.damaged());
    /// # Ok(())
    /// # }
    /// ```
    pub fn next_into(&mut self, out: &mut Vec<u8>) -> bool {
        while let Some(entry) = self.step() {
            if self.render(&entry, out) {
                return true;
            }
        }
        false
    }

    /// Steps to the next entry, whose values are not looked at yet. [`Entries::render`] or [`Entries::pass`] it before
    /// the next step.
    pub fn step(&mut self) -> Option<Entry<'a>> {
        while let Some(offset) = self.advance() {
            self.seen += 1;
            match Entry::read(self.file, offset, self.last) {
                Ok(entry) => return Some(entry),
                Err(what) => self.tell(offset, what),
            }
        }
        None
    }

    /// Appends an entry to `out`, in the journal export format with its empty line. `false`, and nothing, when no field of
    /// it can be read.
    pub fn render(&mut self, entry: &Entry<'a>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let fields = self.write(entry, out);
        if fields {
            self.reach(entry);
        } else {
            out.truncate(start);
            self.tell(entry.offset, "expected an entry with fields, found none that can be read");
        }
        fields
    }

    /// Passes by an entry whose values were read otherwise, `plain` bytes of them. `false`: it must be rendered, because
    /// the entries of this file have grown too large together.
    pub fn pass(&mut self, entry: &Entry<'a>, plain: u64) -> bool {
        let Some(left) = self.budget.checked_sub(plain) else { return false };
        self.budget = left;
        self.reach(entry);
        true
    }

    fn reach(&mut self, entry: &Entry<'a>) {
        self.last = entry.offset;
        self.last_end = entry.offset.saturating_add(entry.object.len() as u64);
    }

    /// What could not be read so far: the first places.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// How many places could not be read so far.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// What could not be read so far of a file that was read in these parts, in one sentence.
    pub fn summary(parts: &[Entries<'_>]) -> Option<String> {
        let first = parts.iter().find_map(|part| part.damage.first())?;
        let n: u64 = parts.iter().map(|part| part.damaged).sum();
        Some(format!("{n} damaged places in the journal, the first at byte {}: {}", first.offset, first.what))
    }

    fn tell(&mut self, offset: u64, what: &'static str) {
        self.damaged += 1;
        if self.damage.len() < KEPT {
            self.damage.push(Damage { offset, what });
        }
    }

    /// The offset of the next entry.
    fn advance(&mut self) -> Option<u64> {
        loop {
            match self.at {
                At::Chain { next: 0, end } => {
                    if self.seen >= self.file.count() {
                        self.at = At::End;
                    } else {
                        self.tell(end, "expected more entries in the list, found its end");
                        self.at = At::Objects { offset: self.last_end, lost: false };
                    }
                }
                At::Chain { next, end } => match self.array(next, end) {
                    Ok(slots) => self.at = slots,
                    Err(what) => {
                        self.tell(next, what);
                        self.at = At::Objects { offset: self.last_end, lost: false };
                    }
                },
                At::Slots { slots, end, next } => {
                    let width = if self.file.is_compact() { 4 } else { 8 };
                    let Some((slot, rest)) = slots.split_at_checked(width) else {
                        self.at = At::Chain { next, end };
                        continue;
                    };
                    self.at = At::Slots { slots: rest, end, next };
                    match slot_at(slot) {
                        0 => {} // not used yet
                        offset if offset >= self.stop => self.at = At::End,
                        offset if offset > self.last => return Some(offset),
                        offset => {
                            self.seen += 1;
                            self.tell(offset, "expected an entry after the one before it, found an earlier offset");
                        }
                    }
                }
                At::Objects { offset, lost } => return self.search(offset, lost),
                At::End => return None,
            }
        }
    }

    /// The slots of the ENTRY_ARRAY object at `offset`, which must not begin before `end`.
    fn array(&self, offset: u64, end: u64) -> Result<At<'a>, &'static str> {
        if offset < end {
            return Err("expected the next list of entries, found an earlier offset");
        }
        let object = self.file.object(offset, ENTRY_ARRAY)?;
        let slots = object.get(24..).ok_or("expected a list of entries, found an object too short for one")?;
        Ok(At::Slots { slots, end: offset.saturating_add(object.len() as u64), next: u64_at(object, 16).unwrap_or(0) })
    }

    /// The next ENTRY object at or after `offset`, wherever the list is.
    fn search(&mut self, mut offset: u64, mut lost: bool) -> Option<u64> {
        let from = offset;
        while offset < self.file.size() {
            match self.file.any_object(offset) {
                Ok((ENTRY, object)) if Stamps::read(object).is_some() && (!lost || self.is_whole(object)) => {
                    if lost {
                        self.tell(from, "expected an object, found other bytes up to the next entry");
                    }
                    let end = offset.saturating_add(object.len() as u64);
                    self.at = At::Objects { offset: end.next_multiple_of(8), lost: false };
                    return Some(offset);
                }
                Ok((_, object)) if !lost => {
                    offset = offset.saturating_add(object.len() as u64).checked_next_multiple_of(8)?;
                }
                _ => {
                    lost = true;
                    offset += 8;
                }
            }
        }
        self.at = At::End;
        None
    }

    /// Are the reserved bytes of an ENTRY object zero, and does its first item lead to a value? Asked where the bytes
    /// may only look like an entry.
    fn is_whole(&self, object: &[u8]) -> bool {
        object.get(1..8) == Some(&[0; 7])
            && self.items(object).next().is_some_and(|item| self.file.object(item, DATA).is_ok())
    }

    /// The offsets of the values of an entry.
    fn items<'o>(&self, object: &'o [u8]) -> impl Iterator<Item = u64> + use<'o> {
        items(object.get(ITEMS..).unwrap_or(b""), self.file.is_compact())
    }

    /// Appends an entry; `false` when it has no fields.
    fn write(&mut self, entry: &Entry<'a>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        entry.stamps.write(&self.file, out);
        let mut fields = 0usize;
        for item in self.items(entry.object).take(FIELDS) {
            if out.len() - start > LARGEST {
                self.tell(entry.offset, "expected an entry of at most 64 MiB, found a larger one");
                break;
            }
            let value = self.file.object(item, DATA);
            let value = value.and_then(|object| payload(object, self.file.is_compact(), &mut self.budget));
            match value {
                Ok(value) if field(&value, out) => fields += 1,
                Ok(_) => self.tell(item, "expected KEY=value, found other bytes"),
                Err(what) => self.tell(item, what),
            }
        }
        out.push(b'\n');
        fields > 0
    }
}

/// What all entries in so many bytes of a file may grow to together.
fn budget(bytes: u64) -> u64 {
    bytes.saturating_mul(EXPANSION).saturating_add(LARGEST as u64)
}

/// The offset in a slot of a list.
fn slot_at(slot: &[u8]) -> u64 {
    u64_at(slot, 0).or_else(|| u32_at(slot, 0).map(u64::from)).unwrap_or(0)
}
