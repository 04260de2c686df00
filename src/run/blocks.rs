//! Blocks: the bytes of one input, cut where records end.
//!
//! In: an open input. Out: blocks of whole records, front to back, that are worked on by themselves. However long a
//! record is, no more than [`WAIT_BYTES`] and one read of it are held: the rest of it is skipped up to the next line
//! end, exactly as a [`Worker`](super::Worker) does that reads on from there.

use crate::input::Input;
use crate::record::Scratch;

use super::pipeline::SourceInfo;
use super::worker::WAIT_BYTES;

/// How many records are looked at for one with a time of its own.
const LOOK_BACK: usize = 1000;

/// Whole records.
pub(super) struct Block {
    /// Where it begins in the source.
    pub(super) start: u64,
    /// Its records.
    pub(super) bytes: Vec<u8>,
    /// Bytes after them that were skipped: the rest of a record that is too long.
    pub(super) skipped: u64,
    /// Nothing follows.
    pub(super) last: bool,
}

impl Block {
    /// Those of its records that begin at `from` or later, and before `to`; `None` when there are none.
    pub(super) fn between(mut self, source: &SourceInfo, from: u64, to: u64) -> Option<Block> {
        let (first, after) = (self.start_at(source, from), self.start_at(source, to));
        if after < self.bytes.len() {
            self.bytes.truncate(after);
            self.skipped = 0;
            self.last = false;
        }
        self.bytes.drain(..first.min(self.bytes.len()));
        self.start += first as u64;
        (!self.bytes.is_empty()).then_some(self)
    }

    /// Where in the block the first record stands that begins at `aim` in the source or later; the end when none does.
    fn start_at(&self, source: &SourceInfo, aim: u64) -> usize {
        let mut at = 0;
        while at < self.bytes.len() && self.start + (at as u64) < aim {
            at += source.format.extent(&self.bytes[at..], true).map_or(self.bytes.len(), |len| len.max(1));
        }
        at.min(self.bytes.len())
    }
}

/// Cuts an input into blocks.
pub(super) struct Blocks<'a> {
    source: &'a SourceInfo,
    input: &'a mut Input,
    size: usize,
    rest: Vec<u8>,
    start: u64,
    done: bool,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(source: &'a SourceInfo, input: &'a mut Input, size: usize) -> Blocks<'a> {
        Blocks { source, input, size: size.max(1), rest: Vec::new(), start: 0, done: false }
    }

    /// Where the next block begins.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The next block, `None` after the last. A failure to read comes once, and then a block of what came before it.
    /// `spare` is the memory of a block that nobody needs any more.
    pub(super) fn next(&mut self, spare: Vec<u8>) -> Result<Option<Block>, String> {
        while !self.done {
            self.fill()?;
            let end = if self.done { self.rest.len() } else { whole_records(self.source, &self.rest) };
            if end > 0 {
                return Ok(Some(self.take(end, 0, spare)));
            }
            if self.rest.len() >= WAIT_BYTES {
                let after = self.rest.split_off(WAIT_BYTES);
                let long = std::mem::replace(&mut self.rest, after);
                let skipped = self.skip_line();
                let rest = std::mem::replace(&mut self.rest, long);
                let block = self.take(WAIT_BYTES, skipped?, spare);
                self.rest = rest;
                return Ok(Some(block));
            }
        }
        if self.rest.is_empty() { Ok(None) } else { Ok(Some(self.take(self.rest.len(), 0, spare))) }
    }

    fn take(&mut self, end: usize, skipped: u64, spare: Vec<u8>) -> Block {
        let mut rest = spare;
        rest.clear();
        rest.extend_from_slice(self.rest.get(end..).unwrap_or_default());
        let mut bytes = std::mem::replace(&mut self.rest, rest);
        bytes.truncate(end);
        let start = self.start;
        self.start += end as u64 + skipped;
        Block { start, bytes, skipped, last: self.done && self.rest.is_empty() }
    }

    fn fill(&mut self) -> Result<usize, String> {
        let got = self.input.fill(&mut self.rest, self.size);
        self.done = got.as_ref().map_or(true, |got| *got < self.size);
        got
    }

    /// Drops bytes up to the next line end, and says how many.
    fn skip_line(&mut self) -> Result<u64, String> {
        let mut skipped = 0;
        loop {
            if let Some(line_end) = memchr::memchr(b'\n', &self.rest) {
                self.rest.drain(..=line_end);
                return Ok(skipped + line_end as u64 + 1);
            }
            skipped += self.rest.len() as u64;
            self.rest.clear();
            if self.done {
                return Ok(skipped);
            }
            self.fill()?;
        }
    }
}

/// The length of the whole records at the front of `bytes`, more of which will follow. It ends before a record with a
/// time of its own: what comes after the cut then needs nothing of what comes before it. 0 when that needs more bytes.
/// Where no such record is near, and where nobody waits for more, it ends at the last record end there is.
fn whole_records(source: &SourceInfo, bytes: &[u8]) -> usize {
    whole_lines(source, bytes).unwrap_or_else(|| walk(source, bytes))
}

/// The same, looked for from the end, where it is certain that the last whole lines are records of their own.
fn whole_lines(source: &SourceInfo, bytes: &[u8]) -> Option<usize> {
    let at = memchr::memrchr(b'\n', bytes)? + 1;
    let mut scratch = Scratch::default();
    let mut end = at;
    for _ in 0..LOOK_BACK {
        let before = bytes.get(..end.saturating_sub(1))?;
        let start = memchr::memrchr(b'\n', before).map_or(0, |line_end| line_end + 1);
        let raw = bytes.get(start..end)?;
        // What begins at the first byte may be the rest of something.
        if !source.format.is_record_line(raw) || (start == 0 && bytes.len() >= WAIT_BYTES) {
            return None;
        }
        let record = source.format.parse(raw, &source.reference, &mut scratch);
        if record.is_some_and(|record| record.time.is_some()) {
            return Some(start);
        }
        if start == 0 {
            break;
        }
        end = start;
    }
    Some(at)
}

/// The same for any format: from record to record.
fn walk(source: &SourceInfo, bytes: &[u8]) -> usize {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(len) = source.format.extent(&bytes[at..], false).filter(|len| *len > 0) {
        starts.push(at);
        at += len;
    }
    let mut scratch = Scratch::default();
    let mut end = at;
    for &start in starts.iter().rev().take(LOOK_BACK) {
        let raw = bytes.get(start..end).unwrap_or_default();
        let record = source.format.parse(raw, &source.reference, &mut scratch);
        if record.is_some_and(|record| record.time.is_some()) {
            return if start > 0 || bytes.len() < WAIT_BYTES { start } else { at };
        }
        end = start;
    }
    at
}
