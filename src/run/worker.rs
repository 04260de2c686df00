//! The worker: from the bytes of one source to a [`Segment`]. Every driver comes through here.
//!
//! In: bytes that begin where the last call stopped. Out: events, pieces of traces, counts. It reads each record once,
//! borrows it, and owns only what somebody has to hear about. It never looks at other sources, never waits, and never
//! decides whether something is a failure.

use crate::base::{Place, Stamp};
use crate::record::{Gate, Glance, Origin, Origins, Scratch};

use super::desk::{Desk, Mark, Raw};
use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::units::Units;

/// Longest record that is read whole, in bytes. A longer one is cut here, and counted.
pub const RECORD_BYTES: usize = 1 << 20;

/// Bytes that are collected at most before a record is cut: entries with large binary fields fit.
pub(super) const WAIT_BYTES: usize = 16 << 20;

/// Units that a worker remembers from one stretch to the next.
const UNITS: usize = 16_384;

/// New units of one stretch: with more of them it takes much memory until it is joined.
const CROWD: usize = 4_096;

/// Works on one source, from front to back.
pub struct Worker<'p> {
    source: SourceInfo,
    scratch: Scratch,
    /// Who wrote what was read quickly.
    origins: Origins<Mark>,
    /// The key of an origin that is not known yet.
    key: Vec<u8>,
    desk: Desk<'p>,
    /// Looks at records quickly where that is possible.
    quick: bool,
    /// The rest of a record that was cut: skipped up to the next line end.
    skipping: bool,
    /// Units that had a number when the stretch began.
    known: usize,
}

impl<'p> Worker<'p> {
    /// A worker for the source, from byte `start` on.
    pub fn new(pipeline: &'p Pipeline, source: SourceInfo, start: u64) -> Worker<'p> {
        Worker {
            desk: Desk::new(pipeline, &source, start),
            scratch: Scratch::default(),
            origins: Origins::default(),
            key: Vec::new(),
            quick: !pipeline.naive,
            source,
            skipping: false,
            known: 0,
        }
    }

    /// The source that it works on.
    pub fn source(&self) -> &SourceInfo {
        &self.source
    }

    /// The byte after the last record.
    pub(super) fn end(&self) -> u64 {
        self.desk.segment.end
    }

    /// The moment at which what follows was read: for live sources whose records carry no time.
    pub fn arrived(&mut self, now: Stamp) {
        self.desk.arrival = Some(now);
    }

    /// Works on all whole records at the front of `bytes`; with `end`, on all of it. Returns how many bytes are done
    /// with: what is left is the beginning of a record and comes again, longer, in the next call.
    pub fn feed(&mut self, bytes: &[u8], end: bool) -> usize {
        let done = self.feed_beside(bytes, end, bytes);
        self.keep(bytes);
        done
    }

    /// [`Worker::feed`], while the last lines of units stand in another `block`.
    pub(super) fn feed_beside(&mut self, bytes: &[u8], end: bool, block: &[u8]) -> usize {
        let mut at = 0;
        let base = self.desk.segment.end;
        self.scratch.plain = memchr::memchr(0x1b, bytes).is_none();
        while at < bytes.len() {
            let rest = &bytes[at..];
            if self.skipping {
                match memchr::memchr(b'\n', rest) {
                    Some(line_end) => {
                        at += line_end + 1;
                        self.skipping = false;
                    }
                    None => at = bytes.len(),
                }
                continue;
            }
            self.desk.segment.end = base + at as u64;
            if let Some(len) = self.first(rest, block) {
                at += len;
                continue;
            }
            let len = match self.source.format.extent(rest, end) {
                // Always at the same byte, however much of it is there already.
                Some(len) if len > WAIT_BYTES => self.skip_after(WAIT_BYTES),
                Some(len) => len.clamp(1, rest.len()),
                None if rest.len() >= WAIT_BYTES => self.skip_after(WAIT_BYTES),
                None if rest.len() > RECORD_BYTES && self.is_line(rest) => self.skip_after(rest.len()),
                None => break,
            };
            let raw = &rest[..len];
            self.desk.segment.truncated += u64::from(raw.len() > RECORD_BYTES);
            let place = Place { source: self.source.id, offset: base + at as u64 };
            self.record(Raw { bytes: raw.get(..RECORD_BYTES).unwrap_or(raw), block, place });
            at += len;
        }
        self.desk.segment.end = base + at as u64;
        at
    }

    /// Copies what is still kept of a block before that goes away.
    pub(super) fn keep(&mut self, block: &[u8]) {
        self.desk.units.keep(block);
    }

    /// The record is longer than anybody waits for: what follows these bytes is dropped up to the next line end.
    fn skip_after(&mut self, len: usize) -> usize {
        self.skipping = true;
        len
    }

    /// No line end within the longest record: it is one line, whatever the format.
    fn is_line(&self, rest: &[u8]) -> bool {
        memchr::memchr(b'\n', &rest[..RECORD_BYTES]).is_none()
    }

    /// Reads the first record, where its end is seen in the same quick look, and tells its length.
    #[inline]
    fn first(&mut self, rest: &[u8], block: &[u8]) -> Option<usize> {
        let short = rest.get(..RECORD_BYTES).unwrap_or(rest);
        let (len, glance) = self.quick.then(|| self.source.format.first(short, &mut self.scratch))??;
        let (origin, mark) = self.origins.find(glance.key)?;
        let place = Place { source: self.source.id, offset: self.desk.segment.end };
        let raw = Raw { bytes: rest.get(..len)?, block, place };
        self.desk.see(glance, origin, raw, *mark);
        Some(len)
    }

    /// Reads one record, quickly where it has nothing unusual about it and somebody like its writer wrote before.
    fn record(&mut self, raw: Raw<'_>) {
        let (format, reference) = (self.source.format, &self.source.reference);
        let mut news = false;
        if self.quick
            && let Some(glance) = format.glance(raw.bytes, reference, &mut self.scratch)
        {
            if let Some((origin, mark)) = self.origins.find(glance.key) {
                return self.desk.see(glance, origin, raw, *mark);
            }
            if format.vouches(glance.key) {
                self.key.clear();
                self.key.extend_from_slice(glance.key);
                news = true;
            }
        }
        let Some(record) = format.parse(raw.bytes, reference, &mut self.scratch) else { return };
        let mark = self.desk.mark(&record);
        if news {
            self.origins.learn(&self.key, Origin::of(&record), mark);
        }
        self.desk.look(&record, raw, mark);
    }

    /// Works on the next record, which was read quickly and would take `size` bytes in its own form.
    pub(super) fn glance(&mut self, glance: Glance<'_>, origin: &Origin, mark: Mark, size: u64, block: &[u8]) {
        let segment = &self.desk.segment;
        let place = Place { source: segment.source, offset: segment.end };
        self.desk.see(glance, origin, Raw { bytes: b"", block, place }, mark);
        self.desk.segment.end += size;
    }

    /// The origin of a raw record, and what is known of its other records.
    pub(super) fn origin(&mut self, raw: &[u8]) -> Option<(Origin, Mark)> {
        let record = self.source.format.parse(raw, &self.source.reference, &mut self.scratch)?;
        Some((Origin::of(&record), self.desk.mark(&record)))
    }

    /// Takes out what was found since the last call. The worker goes on where it is.
    pub fn take(&mut self) -> Segment {
        self.desk.take(self.source.id)
    }

    /// Begins anew with units, right after [`Worker::take`], where there are too many of them: for who reads on and on. Says
    /// of how many the last lines are forgotten.
    pub(super) fn forget(&mut self) -> u64 {
        let Some(units) = self.desk.units.too_many() else { return 0 };
        self.desk.units = Units::default();
        self.origins = Origins::default();
        units
    }

    /// Takes out everything, the last lines of all units included: for a stretch that will be joined with others.
    pub fn finish(mut self) -> Segment {
        self.end_stretch()
    }

    /// [`Worker::finish`], for a worker that goes on with another stretch of the same source.
    pub(super) fn end_stretch(&mut self) -> Segment {
        let mut taken = self.take();
        self.desk.units.tails(&mut taken.tails);
        taken
    }

    /// The stretch brought so many new units, and a record begins here: what follows had better be another stretch.
    pub(super) fn is_crowded(&self) -> bool {
        !self.skipping && self.desk.units.count_of_units().saturating_sub(self.known) > CROWD
    }

    /// Goes on at byte `start`, where it knows nothing of what stands before it: as a new worker would, but for what it
    /// remembers of the source and the packs, which changes no answer.
    pub(super) fn begin_stretch(&mut self, start: u64) {
        self.desk.segment = Segment::empty(self.source.id, start);
        self.desk.gate = Gate::new();
        self.skipping = false;
        if self.desk.units.count_of_units() > UNITS {
            self.desk.units = Units::default();
            self.origins = Origins::default();
        }
        self.known = self.desk.units.count_of_units();
    }
}
