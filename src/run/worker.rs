//! The worker: from the bytes of one source to a [`Segment`]. Every driver comes through here.
//!
//! In: bytes that begin where the last call stopped. Out: events, pieces of traces, counts. It reads each record once,
//! borrows it, and owns only what somebody has to hear about. It never looks at other sources, never waits, and never
//! decides whether something is a failure.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::base::{Certainty, Place, Stamp, Step, UnitTally, stem};
use crate::record::{Format, Gate, Record, Scratch};
use crate::scan::{Classifier, Event};

use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::tail::Tail;

/// Longest record that is read whole, in bytes. A longer one is cut here, and counted.
pub const RECORD_BYTES: usize = 1 << 20;

/// Bytes that are collected at most before a record is cut: entries with large binary fields fit.
pub(super) const WAIT_BYTES: usize = 16 << 20;

/// Works on one source, from front to back.
pub struct Worker<'p> {
    pipeline: &'p Pipeline,
    source: SourceInfo,
    classifier: Classifier<'p>,
    scratch: Scratch,
    gate: Gate,
    units: Units,
    segment: Segment,
    /// The rest of a record that was cut: skipped up to the next line end.
    skipping: bool,
    /// Stands in for the time of records that have none when no record before them had one (live reading).
    arrival: Option<Stamp>,
}

/// Host, and unit or the stem of one.
type Key = (Arc<str>, Arc<str>);

/// The units of the source, found by host and name without an allocation.
#[derive(Default)]
struct Units {
    index: HashMap<String, usize, foldhash::fast::RandomState>,
    tails_index: HashMap<String, usize, foldhash::fast::RandomState>,
    all: Vec<Unit>,
    tails: Vec<(Key, Tail)>,
    key: String,
}

struct Unit {
    host: Arc<str>,
    name: Arc<str>,
    tail: usize,
    tally: UnitTally,
}

impl<'p> Worker<'p> {
    /// A worker for the source, from byte `start` on.
    pub fn new(pipeline: &'p Pipeline, source: SourceInfo, start: u64) -> Worker<'p> {
        let plan = pipeline.plan();
        Worker {
            pipeline,
            classifier: if pipeline.naive { Classifier::naive(plan) } else { Classifier::new(plan) },
            scratch: Scratch::default(),
            gate: Gate::new(),
            units: Units::default(),
            segment: Segment::empty(source.id, start),
            source,
            skipping: false,
            arrival: None,
        }
    }

    /// The source that it works on.
    pub fn source(&self) -> &SourceInfo {
        &self.source
    }

    /// The moment at which what follows was read: for live sources whose records carry no time.
    pub fn arrived(&mut self, now: Stamp) {
        self.arrival = Some(now);
    }

    /// Works on all whole records at the front of `bytes`; with `end`, on all of it. Returns how many bytes are done
    /// with: what is left is the beginning of a record and comes again, longer, in the next call.
    pub fn feed(&mut self, bytes: &[u8], end: bool) -> usize {
        let mut at = 0;
        let base = self.segment.end;
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
            self.segment.end = base + at as u64;
            if raw.len() > RECORD_BYTES {
                self.segment.truncated += 1;
            }
            let place = Place { source: self.source.id, offset: base + at as u64 };
            self.record(raw.get(..RECORD_BYTES).unwrap_or(raw), place);
            at += len;
        }
        self.segment.end = base + at as u64;
        at
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

    fn record(&mut self, raw: &[u8], place: Place) {
        let Some(record) = self.source.format.parse(raw, &self.source.reference, &mut self.scratch) else { return };
        let segment = &mut self.segment;
        let own = record.time;
        let time = own.or(segment.clock).or(self.arrival);
        if let Some(own) = own {
            segment.clock = Some(own);
        }
        if !self.pipeline.filter.takes(&record, time) {
            return;
        }
        let ours = self.pipeline.filter.takes_unit(&record.unit);
        let (when, certainty) =
            (time.unwrap_or(Stamp::MIN), if own.is_some() { record.certainty } else { Certainty::None });
        let mut event = self.classifier.classify(&record, when, certainty, place);
        let step = event.as_ref().is_some_and(|e| has_step(self.pipeline, e));
        // A step in the life of a unit never waits: only here are the last lines before it known, and a gate holds more
        // records where a stretch begins.
        let held = ours && (!step || Gate::looks_joined(&record)) && self.gate.holds(&record);
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
        let formless = matches!(self.source.format, Format::Plain | Format::JournalCat);
        if !record.parsed && (!formless || is_binary(raw)) {
            segment.unparsed += 1;
        }
        if let Some(own) = own {
            segment.first = Some(segment.first.map_or(own, |first| first.min(own)));
            segment.last = segment.last.max(Some(own));
        }
        let unit = self.units.find(&record.host, &record.unit);
        if held {
            let mut piece = record.to_owned(place);
            piece.time = time;
            segment.pieces.push(piece);
        } else {
            segment.records += 1;
            self.units.all[unit].tally.count(record.level, time);
        }
        if let Some(mut event) = event {
            if step && ends_process(self.pipeline, &event) {
                let lines = self.units.tail(&event.host, &event.unit).lines();
                event.before = lines.lines;
                event.before_open = lines.open;
            }
            segment.events.push(event);
        }
        if !step && !is_manager(&record) {
            let tail = self.units.all[unit].tail;
            self.units.tails[tail].1.push(&record, when, place);
        }
    }

    /// Takes out what was found since the last call. The worker goes on where it is.
    pub fn take(&mut self) -> Segment {
        let mut taken = Segment::empty(self.source.id, self.segment.end);
        taken.clock = self.segment.clock;
        std::mem::swap(&mut taken, &mut self.segment);
        for unit in &mut self.units.all {
            let tally = std::mem::take(&mut unit.tally);
            if tally != UnitTally::default() {
                taken.units.insert((unit.host.clone(), unit.name.clone()), tally);
            }
        }
        taken
    }

    /// Takes out everything, the last lines of all units included: for a stretch that will be joined with others.
    pub fn finish(mut self) -> Segment {
        let mut taken = self.take();
        for (key, tail) in &self.units.tails {
            let lines = tail.lines();
            if !lines.lines.is_empty() {
                taken.tails.insert(key.clone(), lines);
            }
        }
        taken
    }
}

impl Units {
    fn find(&mut self, host: &str, unit: &str) -> usize {
        self.key.clear();
        self.key.push_str(host);
        self.key.push('\0');
        self.key.push_str(unit);
        if let Some(&found) = self.index.get(self.key.as_str()) {
            return found;
        }
        let tail = self.tail_index(host, unit);
        let found = self.all.len();
        self.all.push(Unit { host: host.into(), name: unit.into(), tail, tally: UnitTally::default() });
        self.index.insert(format!("{host}\0{unit}"), found);
        found
    }

    fn tail_index(&mut self, host: &str, unit: &str) -> usize {
        let key = format!("{host}\0{}", stem(unit));
        let tails = &mut self.tails;
        *self.tails_index.entry(key).or_insert_with(|| {
            tails.push(((host.into(), stem(unit).into()), Tail::default()));
            tails.len() - 1
        })
    }

    fn tail(&mut self, host: &str, unit: &str) -> &Tail {
        let index = self.tail_index(host, unit);
        &self.tails[index].1
    }
}

/// Lines of the service manager about a unit are not the unit's own words.
fn is_manager(record: &Record<'_>) -> bool {
    record.identifier == "systemd" || record.identifier == "init"
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
