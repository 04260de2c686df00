//! The worker: from the bytes of one source to a [`Segment`]. Every driver comes through here.
//!
//! In: bytes that begin where the last call stopped. Out: events, pieces of traces, counts. It reads each record once,
//! borrows it, and owns only what somebody has to hear about. It never looks at other sources, never waits, and never
//! decides whether something is a failure.

use crate::base::{Certainty, Place, SourceId, Stamp, Step};
use crate::record::{Format, Gate, Glance, Origin, Origins, Record, Scratch};
use crate::scan::{Classifier, Event};

use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::tail::Said;
use super::units::Units;

/// Longest record that is read whole, in bytes. A longer one is cut here, and counted.
pub const RECORD_BYTES: usize = 1 << 20;

/// Bytes that are collected at most before a record is cut: entries with large binary fields fit.
pub(super) const WAIT_BYTES: usize = 16 << 20;

/// Units that a worker remembers from one stretch to the next.
const UNITS: usize = 16_384;

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
}

/// What looks at one record after the other, however it was read.
struct Desk<'p> {
    pipeline: &'p Pipeline,
    classifier: Classifier<'p>,
    gate: Gate,
    units: Units,
    segment: Segment,
    /// Its records have no form that a line could miss.
    formless: bool,
    /// Stands in for the time of records that have none when no record before them had one (live reading).
    arrival: Option<Stamp>,
}

/// What a worker knows of the records of one origin beside the origin itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// Of its unit.
    unit: usize,
    /// Of its lines, to the gate.
    lane: u64,
    /// The unit is one that was asked for.
    ours: bool,
    /// The service manager printed them: its lines about a unit are not the unit's own words.
    manager: bool,
}

/// A raw record, and where it stands.
#[derive(Clone, Copy)]
struct Raw<'a> {
    bytes: &'a [u8],
    /// All bytes that are there at the moment.
    block: &'a [u8],
    place: Place,
}

impl<'p> Worker<'p> {
    /// A worker for the source, from byte `start` on.
    pub fn new(pipeline: &'p Pipeline, source: SourceInfo, start: u64) -> Worker<'p> {
        let plan = pipeline.plan();
        Worker {
            desk: Desk {
                pipeline,
                classifier: if pipeline.naive { Classifier::naive(plan) } else { Classifier::new(plan) },
                gate: Gate::new(),
                units: Units::default(),
                segment: Segment::empty(source.id, start),
                formless: matches!(source.format, Format::Plain | Format::JournalCat),
                arrival: None,
            },
            scratch: Scratch::default(),
            origins: Origins::default(),
            key: Vec::new(),
            quick: !pipeline.naive,
            source,
            skipping: false,
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
            let len = match self.source.format.extent(rest, end) {
                // Always at the same byte, however much of it is there already.
                Some(len) if len > WAIT_BYTES => self.skip_after(WAIT_BYTES),
                Some(len) => len.clamp(1, rest.len()),
                None if rest.len() >= WAIT_BYTES => self.skip_after(WAIT_BYTES),
                None if rest.len() > RECORD_BYTES && self.is_line(rest) => self.skip_after(rest.len()),
                None => break,
            };
            let raw = &rest[..len];
            self.desk.segment.end = base + at as u64;
            if raw.len() > RECORD_BYTES {
                self.desk.segment.truncated += 1;
            }
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

    /// Reads one record, quickly where it has nothing unusual about it and somebody like its writer wrote before.
    fn record(&mut self, raw: Raw<'_>) {
        let (format, reference) = (self.source.format, &self.source.reference);
        let mut news = false;
        if self.quick
            && let Some(glance) = format.glance(raw.bytes, reference, &mut self.scratch)
        {
            if let Some((origin, mark)) = self.origins.find(glance.key) {
                if self.desk.passes(&glance, raw, *mark) {
                    return;
                }
                return self.desk.look(&glance.record(origin), raw, *mark);
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
        let raw = Raw { bytes: b"", block, place };
        if !self.desk.passes(&glance, raw, mark) {
            self.desk.look(&glance.record(origin), raw, mark);
        }
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
    }
}

impl Desk<'_> {
    /// What is known of the records of this one's origin.
    fn mark(&mut self, record: &Record<'_>) -> Mark {
        Mark {
            unit: self.units.find(&record.host, &record.unit),
            lane: Gate::lane(record),
            ours: self.pipeline.filter.takes_unit(&record.unit),
            manager: matches!(&*record.identifier, "systemd" | "init"),
        }
    }

    /// Counts a record of which it is known that nobody has to hear about it, as [`Desk::look`] would. `false`: it was not done,
    /// and must be looked at.
    fn passes(&mut self, glance: &Glance<'_>, raw: Raw<'_>, mark: Mark) -> bool {
        if !mark.ours
            || glance.partial
            || glance.message_id.is_some()
            || !self.gate.is_idle(mark.lane)
            || !self.classifier.passes(glance.message, glance.level)
        {
            return false;
        }
        let segment = &mut self.segment;
        let own = glance.time;
        let time = own.or(segment.clock).or(self.arrival);
        segment.clock = own.or(segment.clock);
        if !self.pipeline.filter.takes_level(glance.level, time) {
            return true;
        }
        if let Some(own) = own {
            segment.first = Some(segment.first.map_or(own, |first| first.min(own)));
            segment.last = segment.last.max(Some(own));
        }
        segment.records += 1;
        self.units.count(mark.unit, glance.level, time);
        if !mark.manager {
            let said = Said { cursor: glance.cursor, fields: &glance.fields, message: glance.message };
            self.units.push(mark.unit, said, time.unwrap_or(Stamp::MIN), raw.place, raw.block);
        }
        true
    }

    fn look(&mut self, record: &Record<'_>, raw: Raw<'_>, mark: Mark) {
        let place = raw.place;
        let segment = &mut self.segment;
        let own = record.time;
        let time = own.or(segment.clock).or(self.arrival);
        if let Some(own) = own {
            segment.clock = Some(own);
        }
        if !self.pipeline.filter.takes(record, time) {
            return;
        }
        let ours = mark.ours;
        let (when, certainty) =
            (time.unwrap_or(Stamp::MIN), if own.is_some() { record.certainty } else { Certainty::None });
        let mut event = self.classifier.classify(record, when, certainty, place);
        let step = event.as_ref().is_some_and(|e| has_step(self.pipeline, e));
        // A step in the life of a unit never waits: only here are the last lines before it known, and a gate holds more
        // records where a stretch begins.
        let held = ours && (!step || Gate::looks_joined(record)) && self.gate.holds(record, mark.lane);
        let step = step && !held;
        if held {
            event = None;
        }
        if !ours {
            event = event.filter(|e| self.pipeline.filter.takes_unit(&e.unit));
            if event.is_none() {
                return;
            }
        }
        // Plain lines have no form to miss, unless they are no text at all.
        if !record.parsed && (!self.formless || is_binary(raw.bytes)) {
            segment.unparsed += 1;
        }
        if let Some(own) = own {
            segment.first = Some(segment.first.map_or(own, |first| first.min(own)));
            segment.last = segment.last.max(Some(own));
        }
        if held {
            let mut piece = record.to_owned(place);
            piece.time = time;
            segment.pieces.push(piece);
        } else {
            segment.records += 1;
            self.units.count(mark.unit, record.level, time);
        }
        if let Some(mut event) = event {
            if step && ends_process(self.pipeline, &event) {
                let lines = self.units.lines(&event.host, &event.unit, raw.block);
                event.before = lines.lines;
                event.before_open = lines.open;
            }
            segment.events.push(event);
        }
        if !step && !mark.manager {
            self.units.push(mark.unit, Said::by(record), when, place, raw.block);
        }
    }

    fn take(&mut self, source: SourceId) -> Segment {
        let mut taken = Segment::empty(source, self.segment.end);
        taken.clock = self.segment.clock;
        std::mem::swap(&mut taken, &mut self.segment);
        self.units.tallies(&mut taken.units);
        taken
    }
}

pub(super) fn has_step(pipeline: &Pipeline, event: &Event) -> bool {
    event.hits.iter().any(|&hit| pipeline.plan().signature(hit).step.is_some())
}

fn ends_process(pipeline: &Pipeline, event: &Event) -> bool {
    let step = |&hit: &u32| pipeline.plan().signature(hit).step;
    event
        .hits
        .iter()
        .filter_map(step)
        .any(|s| matches!(s, Step::Exited | Step::Failed | Step::StartFailed | Step::Restart))
}

/// Bytes that no logger writes: a healthy verdict over them would be worth nothing without saying so.
fn is_binary(raw: &[u8]) -> bool {
    raw.iter().any(|b| matches!(b, 0..=0x06 | 0x0e..=0x1a | 0x1c..=0x1f))
}
