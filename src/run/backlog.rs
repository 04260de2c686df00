//! The backlog: events that wait until everything is read, in little memory however many there are.
//!
//! In: events in any order, packed into [`Packed`] where they were found. Out: all of them, in the order in which they
//! happened. What fits into the budget stays in memory; beyond it sorted runs go to a temporary file that has no name and
//! is gone with the process. When there is no room for such a file, memory it is: nothing is lost, and somebody is told.
//! It never looks into an event.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use crate::base::{Place, SourceId, Stamp};
use crate::scan::Event;

/// Bytes of packed events that are kept in memory; [`PipelineBuilder::memory`] sets another number.
///
/// [`PipelineBuilder::memory`]: super::PipelineBuilder::memory
pub const BUDGET: usize = 16 << 20;

/// Bytes that all runs together are read back with, but no run with less than [`LEAST`].
const READ_BACK: usize = 8 << 20;
const LEAST: usize = 4 << 10;

/// Bytes of one piece of the memory in which events wait: no piece is ever copied to grow.
const PIECE: usize = 1 << 20;

/// Bytes in front of an event in a run: its time, its place, its length.
const HEADER: usize = 28;

/// When and where.
type Order = (Stamp, Place);

/// Events as bytes, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Packed {
    bytes: Vec<u8>,
    events: Vec<(Order, usize)>,
}

impl Packed {
    /// Packs one more.
    pub(super) fn push(&mut self, event: &Event) -> Result<(), String> {
        let start = self.bytes.len();
        let mut room = 1 << 10;
        loop {
            self.bytes.resize(start + room, 0);
            let free = self.bytes.get_mut(start..).unwrap_or_default();
            match postcard::to_slice(event, free).map(|used| used.len()) {
                Ok(used) => {
                    self.bytes.truncate(start + used);
                    self.events.push((event.order(), used));
                    return Ok(());
                }
                Err(postcard::Error::SerializeBufferFull) => room *= 2,
                Err(err) => {
                    self.bytes.truncate(start);
                    return Err(format!("an event cannot be kept: {err}"));
                }
            }
        }
    }
}

/// Events that wait.
#[derive(Debug)]
pub(super) struct Backlog {
    budget: usize,
    pieces: Vec<Vec<u8>>,
    waiting: Vec<Slot>,
    file: Option<File>,
    /// Bytes in the file.
    written: u64,
    runs: Vec<Run>,
    /// Where stretches begin whose first records had no time, and the time that stands in for it.
    fronts: BTreeMap<Place, Stamp>,
    trouble: Option<String>,
    /// The most that was ever held in memory.
    peak: usize,
}

/// Where an event stands in memory.
#[derive(Clone, Copy, Debug)]
struct Slot {
    order: Order,
    piece: u32,
    at: u32,
    len: u32,
}

/// A sorted part of the file.
#[derive(Debug)]
struct Run {
    at: u64,
    end: u64,
}

impl Backlog {
    /// Nothing waits.
    pub(super) fn new(budget: usize) -> Backlog {
        Backlog {
            budget,
            pieces: Vec::new(),
            waiting: Vec::new(),
            file: None,
            written: 0,
            runs: Vec::new(),
            fronts: BTreeMap::new(),
            trouble: None,
            peak: 0,
        }
    }

    /// Takes packed events; `packed` is empty afterwards.
    pub(super) fn take(&mut self, packed: &mut Packed) {
        let mut at = 0;
        for (order, len) in packed.events.drain(..) {
            let bytes = packed.bytes.get(at..at + len).unwrap_or_default();
            at += len;
            self.keep(order, bytes);
        }
        packed.bytes.clear();
    }

    fn keep(&mut self, order: Order, bytes: &[u8]) {
        if self.pieces.last().is_none_or(|piece| piece.len() + bytes.len() > piece.capacity()) {
            if self.held() >= self.budget && self.trouble.is_none() {
                self.spill();
            }
            self.pieces.push(Vec::with_capacity(PIECE.min(self.budget.max(1)).max(bytes.len())));
        }
        let piece = self.pieces.len() - 1;
        let Some(room) = self.pieces.last_mut() else { return };
        // Pieces are no longer than one event or a megabyte, and there are fewer than events.
        let slot = Slot { order, piece: piece as u32, at: room.len() as u32, len: bytes.len() as u32 };
        room.extend_from_slice(bytes);
        self.waiting.push(slot);
        self.peak = self.peak.max(self.held());
    }

    /// Bytes held in memory.
    fn held(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(Vec::capacity).sum();
        pieces + self.waiting.len() * size_of::<Slot>()
    }

    /// A stretch begins here.
    pub(super) fn begin(&mut self, start: Place) {
        self.fronts.insert(start, Stamp::MIN);
    }

    /// The records of this stretch that stand before its first time are of the time `front`.
    pub(super) fn set_front(&mut self, start: Place, front: Stamp) {
        self.fronts.insert(start, front);
    }

    /// Why events are held in memory that should not be.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The most bytes that were held at once, and the bytes that went to a file.
    #[cfg(test)]
    pub(super) fn account(&self) -> (usize, u64) {
        (self.peak, self.written)
    }

    /// Writes what is in memory to the file as a run.
    fn spill(&mut self) {
        self.waiting.sort_unstable_by_key(|slot| slot.order);
        match self.write() {
            Ok(runs) => {
                self.runs.extend(runs);
                self.pieces.clear();
                self.waiting.clear();
            }
            Err(err) => {
                self.trouble = Some(format!(
                    "what was found waits in memory: no temporary file can be written in {}: {err}",
                    folder().display()
                ));
            }
        }
    }

    fn write(&mut self) -> io::Result<Vec<Run>> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(folder())?),
        };
        file.seek(SeekFrom::Start(self.written))?;
        let mut out = io::BufWriter::with_capacity(256 << 10, file);
        let (mut runs, mut at) = (Vec::new(), self.written);
        let mut last = None;
        for slot in &self.waiting {
            let (time, place) = slot.order;
            // The time of what has none is known when its stretch was read to its end: it stands among other times then.
            let apart = (time == Stamp::MIN).then(|| stretch(&self.fronts, place).map(|(start, _)| *start));
            if last != Some(apart) {
                runs.push(Run { at, end: at });
                last = Some(apart);
            }
            out.write_all(&time.0.to_le_bytes())?;
            out.write_all(&place.source.0.to_le_bytes())?;
            out.write_all(&place.offset.to_le_bytes())?;
            out.write_all(&slot.len.to_le_bytes())?;
            out.write_all(bytes_of(&self.pieces, slot))?;
            at += HEADER as u64 + u64::from(slot.len);
            if let Some(run) = runs.last_mut() {
                run.end = at;
            }
        }
        out.flush()?;
        self.written = at;
        Ok(runs)
    }

    /// Hands out all events, in the order of [`Event::order`].
    ///
    /// # Errors
    /// When the file cannot be read back: the events that are left in it are lost.
    pub(super) fn drain(mut self, mut judge: impl FnMut(Event)) -> Result<(), String> {
        let fronts = std::mem::take(&mut self.fronts);
        let order = |(time, place): Order| (if time == Stamp::MIN { front(&fronts, place) } else { time }, place);
        for slot in &mut self.waiting {
            slot.order = order(slot.order);
        }
        self.waiting.sort_unstable_by_key(|slot| slot.order);
        let mut file = self.file.take();
        let size = (READ_BACK / (self.runs.len() + 1)).clamp(LEAST, 256 << 10);
        let mut cursors: Vec<Cursor> = self.runs.iter().map(|run| Cursor::new(run, size)).collect();
        let mut next = BinaryHeap::new();
        for (n, cursor) in cursors.iter_mut().enumerate() {
            next.extend(cursor.peek(file.as_mut())?.map(|found| Reverse((order(found), n))));
        }
        let memory = cursors.len();
        let mut slots = self.waiting.iter().peekable();
        next.extend(slots.peek().map(|slot| Reverse((slot.order, memory))));
        while let Some(Reverse((_, n))) = next.pop() {
            let event = match cursors.get_mut(n) {
                Some(cursor) => {
                    let event = unpack(cursor.body());
                    cursor.skip();
                    next.extend(cursor.peek(file.as_mut())?.map(|found| Reverse((order(found), n))));
                    event
                }
                None => {
                    let event = slots.next().and_then(|slot| unpack(bytes_of(&self.pieces, slot)));
                    next.extend(slots.peek().map(|slot| Reverse((slot.order, memory))));
                    event
                }
            };
            let mut event = event.ok_or("what waited in a temporary file cannot be read back: it is damaged")?;
            settle_times(&mut event, &fronts);
            judge(event);
        }
        Ok(())
    }
}

fn bytes_of<'a>(pieces: &'a [Vec<u8>], slot: &Slot) -> &'a [u8] {
    let piece = pieces.get(slot.piece as usize).map_or(&[][..], Vec::as_slice);
    piece.get(slot.at as usize..(slot.at + slot.len) as usize).unwrap_or_default()
}

fn unpack(bytes: &[u8]) -> Option<Event> {
    postcard::from_bytes(bytes).ok()
}

/// The stretch that a place is in.
fn stretch(fronts: &BTreeMap<Place, Stamp>, place: Place) -> Option<(&Place, &Stamp)> {
    fronts.range(Place { source: place.source, offset: 0 }..=place).next_back()
}

/// The time that stands in for that of a record before the first one with a time.
fn front(fronts: &BTreeMap<Place, Stamp>, place: Place) -> Stamp {
    stretch(fronts, place).map_or(Stamp::MIN, |(_, front)| *front)
}

fn settle_times(event: &mut Event, fronts: &BTreeMap<Place, Stamp>) {
    if event.time == Stamp::MIN {
        event.time = front(fronts, event.place);
    }
    for line in event.before.iter_mut().filter(|line| line.time == Stamp::MIN) {
        line.time = front(fronts, event.place);
    }
}

/// Where large files that nobody keeps belong: `TMPDIR` where somebody set it. `/tmp` is often memory.
fn folder() -> PathBuf {
    let large = PathBuf::from("/var/tmp");
    if std::env::var_os("TMPDIR").is_none() && large.is_dir() { large } else { std::env::temp_dir() }
}

/// Reads a run from front to back.
struct Cursor {
    /// What of it is not in memory yet.
    at: u64,
    end: u64,
    size: usize,
    read: Vec<u8>,
    /// What of `read` is done with.
    done: usize,
    /// The length of the event that was peeked at.
    len: usize,
}

impl Cursor {
    fn new(run: &Run, size: usize) -> Cursor {
        Cursor { at: run.at, end: run.end, size, read: Vec::new(), done: 0, len: 0 }
    }

    /// The order of its next event, whose bytes are in memory then.
    fn peek(&mut self, file: Option<&mut File>) -> Result<Option<Order>, String> {
        let Some(file) = file.filter(|_| self.at < self.end || self.done < self.read.len()) else { return Ok(None) };
        let lost = |err: io::Error| format!("what waited in a temporary file cannot be read back: {err}");
        self.fill(file, HEADER).map_err(lost)?;
        let header = self.read.get(self.done..).and_then(|rest| rest.first_chunk::<HEADER>());
        let [t0, t1, t2, t3, t4, t5, t6, t7, rest @ ..] = header.copied().unwrap_or([0; HEADER]);
        let [s0, s1, s2, s3, s4, s5, s6, s7, rest @ ..] = rest;
        let [o0, o1, o2, o3, o4, o5, o6, o7, l0, l1, l2, l3] = rest;
        self.done += HEADER;
        self.len = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        self.fill(file, self.len).map_err(lost)?;
        let source = SourceId(u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]));
        let place = Place { source, offset: u64::from_le_bytes([o0, o1, o2, o3, o4, o5, o6, o7]) };
        Ok(Some((Stamp(i64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7])), place)))
    }

    /// Has at least so many bytes in memory.
    fn fill(&mut self, file: &mut File, least: usize) -> io::Result<()> {
        if self.read.len() - self.done >= least {
            return Ok(());
        }
        self.read.drain(..self.done);
        self.done = 0;
        let more = (self.size.max(least) as u64).min(self.end - self.at);
        file.seek(SeekFrom::Start(self.at))?;
        self.at += file.take(more).read_to_end(&mut self.read)? as u64;
        if self.read.len() < least { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// The bytes of the event that was peeked at.
    fn body(&self) -> &[u8] {
        self.read.get(self.done..self.done + self.len).unwrap_or_default()
    }

    fn skip(&mut self) {
        self.done += self.len;
    }
}

#[cfg(test)]
mod tests;
