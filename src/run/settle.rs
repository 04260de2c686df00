//! The settler: one thread, a thousand times less data. Traces are joined, events put in order, detectors asked.
//!
//! In: segments of each source, from left to right. Out: what changed (live) and at the end the diagnosis. Events are
//! held back until no source can bring an earlier one; what comes later still is judged out of order and counted as late.
//! What they come to if nothing overtakes them is told before ([`Settler::foresee`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{Place, SourceId, SourceName, SourceTally, Span, Stamp, UnitTally};
use crate::detect::{Change, Detectors, Finding};
use crate::incident::{self, Case, Diagnosis, SignatureTally, Strangers, Unreadable};
use crate::record::{Joiner, OwnedRecord};
use crate::scan::{Classifier, Event};

use super::fetch::fetch;
use super::foresight::{self, Foresight};
use super::ledger::Ledger;
use super::partial::Partial;
use super::pipeline::Pipeline;
use super::segment::Segment;
use super::tallies::Tallies;

/// After all places of one moment.
const LAST_PLACE: Place = Place { source: SourceId(u64::MAX), offset: u64::MAX };

/// What is told while reading.
#[derive(Clone, Debug)]
pub struct Told {
    /// The finding as it is now.
    pub finding: Finding,
    /// What happened to it.
    pub change: Change,
}

/// How often what was seen, whatever it amounts to.
#[derive(Default)]
struct Counts {
    signatures: BTreeMap<u32, SignatureTally>,
    strangers: Strangers,
}

impl Counts {
    fn add(&mut self, event: &Event) {
        for &hit in &event.hits {
            self.signatures.entry(hit).or_default().add(event);
        }
        if event.hits.is_empty() {
            self.strangers.add(event);
        }
    }
}

/// Judges what workers found.
pub struct Settler<'p> {
    pipeline: &'p Pipeline,
    classifier: Classifier<'p>,
    detectors: Detectors<'p>,
    names: BTreeMap<SourceId, SourceName>,
    sources: BTreeMap<SourceId, SourceTally>,
    joiners: BTreeMap<SourceId, Joiner>,
    units: Tallies,
    counts: Counts,
    /// Events that are held back, in the order in which they happened.
    waiting: BTreeMap<(Stamp, Place), Event>,
    pub(super) foresight: Foresight<'p>,
    /// Everything up to here was judged: what comes for an earlier moment is late.
    settled: Stamp,
    /// When the detectors were last asked what is over, in the time of the log.
    looked: Stamp,
    /// The latest time of any record so far.
    latest: Option<Stamp>,
    late: u64,
    /// Units whose last lines were forgotten.
    forgotten: u64,
    unreadable: Vec<Unreadable>,
}

impl<'p> Settler<'p> {
    /// A settler that has seen nothing.
    pub fn new(pipeline: &'p Pipeline) -> Settler<'p> {
        Settler {
            pipeline,
            classifier: Classifier::new(pipeline.plan()),
            detectors: Detectors::new(pipeline.plan()),
            names: BTreeMap::new(),
            sources: BTreeMap::new(),
            joiners: BTreeMap::new(),
            units: Tallies::default(),
            counts: Counts::default(),
            waiting: BTreeMap::new(),
            foresight: Foresight::default(),
            settled: Stamp::MIN,
            looked: Stamp::MIN,
            latest: None,
            late: 0,
            forgotten: 0,
            unreadable: Vec::new(),
        }
    }

    /// The diagnosis of a partial result: everything at once, in order.
    pub fn diagnose(pipeline: &'p Pipeline, partial: Partial) -> Diagnosis {
        Settler::settle(pipeline, Ledger::of(pipeline, partial), false)
    }

    /// The diagnosis of everything that a ledger holds, in order. With `beside`, a thread of its own fetches the events.
    pub(super) fn settle(pipeline: &'p Pipeline, mut ledger: Ledger<'p>, beside: bool) -> Diagnosis {
        let mut settler = Settler::new(pipeline);
        ledger.close();
        if let Some(first) = ledger.first {
            settler.detectors.begin(first);
        }
        let (detectors, counts) = (&mut settler.detectors, &mut settler.counts);
        let last = fetch(&mut ledger, beside, |event| counts.add(event), |event| detectors.observe(event));
        settler.unreadable = ledger.failures();
        settler.latest = ledger.latest;
        settler.names = ledger.names;
        settler.sources = ledger.sources;
        settler.units = ledger.units;
        settler.forgotten = ledger.forgotten;
        settler.conclude(last).0
    }

    /// Names a source, before its first segment comes.
    pub fn name(&mut self, id: SourceId, name: SourceName) {
        self.names.insert(id, name);
    }

    /// Notes something that could not be read.
    pub fn unreadable(&mut self, name: &str, why: String) {
        // The same mishap again is told once.
        if !self.unreadable.iter().rev().take(64).any(|known| known.name == name && known.why == why) {
            self.unreadable.push(Unreadable { name: name.to_owned(), why });
        }
    }

    /// Takes the next segment of its source.
    ///
    /// Its events name signatures of the plan of this settler's pipeline; others are left out.
    pub fn absorb(&mut self, mut segment: Segment) {
        let known = self.pipeline.plan().count();
        segment.events.iter_mut().for_each(|e| e.hits.retain(|&hit| (hit as usize) < known));
        if let Some(name) = self.names.get(&segment.source) {
            // What stands before the first record with a time is no older than the file's times begin, as far as anybody knows.
            segment.set_clock(segment.first.unwrap_or(name.now));
        }
        let source = self.sources.entry(segment.source).or_default();
        let gap = source.end != segment.start && source.end != 0;
        source.records += segment.records;
        source.bytes += segment.end - segment.start;
        source.unparsed += segment.unparsed;
        source.truncated += segment.truncated;
        source.end = segment.end;
        source.first = [source.first, segment.first].into_iter().flatten().min();
        source.last = source.last.max(segment.last);
        self.latest = self.latest.max(segment.last).max(segment.clock);
        if let Some(first) = segment.first {
            self.detectors.begin(first);
        }
        for (key, tally) in segment.units {
            self.units.add(key, &tally);
        }
        for event in segment.events {
            self.wait(event);
        }
        let joiner = self.joiners.entry(segment.source).or_default();
        let mut joined = Vec::new();
        if gap {
            joiner.finish(&mut joined);
        }
        for piece in segment.pieces {
            joiner.push(piece, &mut joined);
        }
        self.records(joined);
    }

    /// What the joiner let go: looked at as workers look at records.
    fn records(&mut self, joined: Vec<OwnedRecord>) {
        for owned in joined {
            let record = owned.view();
            let (time, certainty) = (owned.time.unwrap_or(Stamp::MIN), owned.certainty);
            let key = (Arc::from(&*owned.host), Arc::from(&*owned.unit));
            let mut tally = UnitTally::default();
            tally.count(record.level, owned.time);
            self.units.add(key, &tally);
            self.sources.entry(owned.place.source).or_default().records += 1;
            if let Some(event) = self.classifier.classify(&record, time, certainty, owned.place) {
                self.wait(event);
            }
        }
    }

    fn wait(&mut self, event: Event) {
        if event.time < self.settled {
            self.late += 1;
        }
        self.foresight.note(event.order());
        self.waiting.insert(event.order(), event);
    }

    /// The last lines of so many units were forgotten, for there are too many units.
    pub(super) fn forgot(&mut self, units: u64) {
        self.forgotten += units;
    }

    /// The latest time that any record carried.
    pub fn latest(&self) -> Option<Stamp> {
        self.latest
    }

    /// Lets traces go whose last line is older than `mark`, although nothing has followed it yet.
    pub fn loosen(&mut self, mark: Stamp) {
        let mut joined = Vec::new();
        for joiner in self.joiners.values_mut() {
            joiner.flush_before(mark, &mut joined);
        }
        self.records(joined);
    }

    /// No source will bring anything before `mark`: judges all events up to it, and tells what changed.
    pub fn advance(&mut self, mark: Stamp) -> Vec<Told> {
        // A trace that waits for its other lines is an event of the time at which it began.
        let waiting = self.joiners.values().filter_map(Joiner::oldest).min();
        let mark = waiting.map_or(mark, |oldest| mark.min(Stamp(oldest.0.saturating_sub(1))));
        if self.waiting.first_key_value().is_some_and(|((time, _), _)| *time <= mark) {
            let later = self.waiting.split_off(&(mark, LAST_PLACE));
            let ready = std::mem::replace(&mut self.waiting, later);
            ready.into_values().for_each(|event| self.judge(&event));
        }
        self.settled = self.settled.max(mark);
        self.foresight.pass(mark);
        // What is over is looked for once a second of the log: nobody waits for that.
        if mark.since(self.looked) >= Span::seconds(1) {
            self.looked = mark;
            self.detectors.advance(mark);
            self.foresight.advance(mark);
        }
        self.told()
    }

    /// Everything that is there was read, and now somebody waits for more: tells what changes if nothing that comes then
    /// belongs before it. [`Settler::advance`] has the last word.
    pub fn foresee(&mut self) -> Vec<Told> {
        self.foresight.look(&self.detectors, &self.waiting)
    }

    /// Nothing has come for a while, and by the clock of the log it is `now`: what was due until then is told. What comes
    /// after all may still be older.
    pub fn tick(&mut self, now: Stamp) -> Vec<Told> {
        if now.since(self.looked) >= Span::seconds(1) {
            self.looked = now;
            self.detectors.wait_until(now);
            self.foresight.wait_until(now);
        }
        self.told()
    }

    fn told(&mut self) -> Vec<Told> {
        let said = foresight::changes(&mut self.detectors);
        self.foresight.confirm(said, self.settled)
    }

    fn judge(&mut self, event: &Event) {
        self.counts.add(event);
        self.detectors.observe(event);
    }

    /// Judges what is left and writes the diagnosis. The end of the log is "now", unless the pipeline
    /// says a later moment.
    pub fn finish(self) -> Diagnosis {
        self.finish_with().0
    }

    /// [`Settler::finish`], with what changed at the very end, for live output.
    pub fn finish_with(mut self) -> (Diagnosis, Vec<Told>) {
        let mut joined = Vec::new();
        for joiner in self.joiners.values_mut() {
            joiner.finish(&mut joined);
        }
        self.records(joined);
        let ready = std::mem::take(&mut self.waiting);
        let last = ready.keys().next_back().map(|(time, _)| *time);
        ready.into_values().for_each(|event| self.judge(&event));
        self.conclude(last)
    }

    /// Everything was judged; the last event was of the time `last`.
    fn conclude(mut self, last: Option<Stamp>) -> (Diagnosis, Vec<Told>) {
        // The time of a file whose lines have none is no end of the logs beside it.
        let timed = self.sources.values().filter_map(|source| source.last).max();
        let end = timed.or(self.latest.max(last)).unwrap_or(Stamp::MIN);
        self.detectors.advance(end);
        let end = end.max(self.pipeline.now.unwrap_or(end));
        self.detectors.wait_until(end);
        self.settled = Stamp::MAX;
        let told = self.told();
        let case = Case {
            plan: self.pipeline.plan(),
            detectors: &self.detectors,
            names: &self.names,
            end,
            sources: &self.sources,
            units: self.units.all(),
            beyond: self.units.beyond(),
            forgotten: self.forgotten,
            signatures: &self.counts.signatures,
            strangers: &self.counts.strangers,
            late: self.late,
            unreadable: &self.unreadable,
        };
        (incident::diagnose(&case), told)
    }
}
