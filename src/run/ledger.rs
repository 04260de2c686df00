//! The ledger of a batch: what segments amount to, taken one by one, so that none of them is kept.
//!
//! In: the segments of each source, from left to right. Out: counts, and events in a [`Backlog`] that all ledgers of a
//! run share. What a segment leaves to its right neighbour (the time, the last lines of its units, the beginning of a
//! trace) is all that stays of it. It never judges.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Error, Place, SourceId, SourceName, SourceTally, Stamp};
use crate::incident::Unreadable;
use crate::record::{Joiner, OwnedRecord};
use crate::scan::{Classifier, Event};

use super::backlog::{Backlog, Packed};
use super::partial::{Collect, Partial};
use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::tail;
use super::tallies::Tallies;

/// What was read so far.
pub(super) struct Ledger<'p> {
    pipeline: &'p Pipeline,
    classifier: Classifier<'p>,
    backlog: Arc<Mutex<Backlog>>,
    packed: Packed,
    open: Option<Stretch>,
    pub(super) names: BTreeMap<SourceId, SourceName>,
    pub(super) sources: BTreeMap<SourceId, SourceTally>,
    pub(super) units: Tallies,
    /// The earliest time of any record.
    pub(super) first: Option<Stamp>,
    /// The latest.
    pub(super) latest: Option<Stamp>,
    /// Units whose last lines were forgotten.
    pub(super) forgotten: u64,
    unreadable: Vec<(String, String)>,
}

/// A source that is being read: all that its next segment may ask for.
struct Stretch {
    start: Place,
    /// Everything to the left as one segment, without its events.
    left: Segment,
    joiner: Joiner,
    /// Counts of units of which no record had a time when they were counted.
    untimed: Tallies,
}

impl<'p> Ledger<'p> {
    /// Nothing was read.
    pub(super) fn new(pipeline: &'p Pipeline) -> Ledger<'p> {
        Ledger::beside(pipeline, Arc::new(Mutex::new(Backlog::new(pipeline.memory))))
    }

    /// Where its events go.
    pub(super) fn backlog(&self) -> Arc<Mutex<Backlog>> {
        self.backlog.clone()
    }

    /// One of several, each for other sources: what they find goes to the same backlog.
    pub(super) fn beside(pipeline: &'p Pipeline, backlog: Arc<Mutex<Backlog>>) -> Ledger<'p> {
        Ledger {
            pipeline,
            classifier: Classifier::new(pipeline.plan()),
            backlog,
            packed: Packed::default(),
            open: None,
            names: BTreeMap::new(),
            sources: BTreeMap::new(),
            units: Tallies::default(),
            first: None,
            latest: None,
            forgotten: 0,
            unreadable: Vec::new(),
        }
    }

    /// What a partial result says.
    pub(super) fn of(pipeline: &'p Pipeline, partial: Partial) -> Ledger<'p> {
        let mut ledger = Ledger::new(pipeline);
        ledger.unreadable = partial.failures().map(|gone| (gone.name, gone.why)).collect();
        partial.left_out().for_each(|(source, n)| ledger.duplicates(source, n));
        let (names, segments) = partial.into_parts();
        ledger.names = names;
        segments.into_iter().for_each(|segment| ledger.take(segment));
        ledger
    }

    /// Takes the next segment of its source: directly right of the last one, or behind a gap.
    ///
    /// Its events name signatures of the plan of this ledger's pipeline; others are left out.
    pub(super) fn take(&mut self, mut segment: Segment) {
        let known = self.pipeline.plan().count();
        segment.events.iter_mut().for_each(|event| event.hits.retain(|&hit| (hit as usize) < known));
        let mut stretch = match self.open.take() {
            Some(mut open) if (open.left.source, open.left.end) == (segment.source, segment.start) => {
                open.left.append(segment);
                open
            }
            before => {
                before.into_iter().for_each(|before| self.end(before));
                let start = Place { source: segment.source, offset: segment.start };
                self.locked().begin(start);
                Stretch { start, left: segment, joiner: Joiner::new(), untimed: Tallies::default() }
            }
        };
        for event in std::mem::take(&mut stretch.left.events) {
            self.keep(&event);
        }
        let mut joined = Vec::new();
        for piece in std::mem::take(&mut stretch.left.pieces) {
            stretch.joiner.push(piece, &mut joined);
        }
        self.records(joined, &mut stretch.left);
        self.hand_over();
        self.forgotten += tail::forget(&mut stretch.left.tails);
        for (key, tally) in std::mem::take(&mut stretch.left.units) {
            let tallies = if tally.last.is_some() { &mut self.units } else { &mut stretch.untimed };
            tallies.add(key, &tally);
        }
        self.open = Some(stretch);
    }

    /// What the joiner let go: looked at as workers look at records.
    fn records(&mut self, joined: Vec<OwnedRecord>, left: &mut Segment) {
        for owned in joined {
            let record = owned.view();
            let time = owned.time.unwrap_or(Stamp::MIN);
            let key = (Arc::from(&*owned.host), Arc::from(&*owned.unit));
            left.units.entry(key).or_default().count(record.level, owned.time);
            left.records += 1;
            if let Some(event) = self.classifier.classify(&record, time, owned.certainty, owned.place) {
                self.keep(&event);
            }
        }
    }

    fn keep(&mut self, event: &Event) {
        if let Err(why) = self.packed.push(event) {
            self.fail(event.place.source, why);
        }
    }

    fn hand_over(&mut self) {
        let mut packed = std::mem::take(&mut self.packed);
        self.locked().take(&mut packed);
        self.packed = packed;
    }

    fn locked(&self) -> MutexGuard<'_, Backlog> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing follows to the right: what waited is complete.
    fn end(&mut self, stretch: Stretch) {
        let Stretch { start, mut left, mut joiner, mut untimed } = stretch;
        let mut joined = Vec::new();
        joiner.finish(&mut joined);
        self.records(joined, &mut left);
        self.hand_over();
        // What stands before the first record with a time is no older than the file's times begin, as far as anybody knows.
        let now = self.names.get(&left.source).map(|name| name.now);
        let front = left.first.or(now);
        if let Some(front) = front {
            self.locked().set_front(start, front);
        }
        let source = self.sources.entry(left.source).or_default();
        source.records += left.records;
        source.bytes += left.end - left.start;
        source.unparsed += left.unparsed;
        source.truncated += left.truncated;
        source.end = source.end.max(left.end);
        source.first = [source.first, left.first].into_iter().flatten().min();
        source.last = source.last.max(left.last);
        self.first = [self.first, left.first].into_iter().flatten().min();
        self.latest = self.latest.max(left.last).max(left.clock);
        for (key, tally) in left.units {
            untimed.add(key, &tally);
        }
        if let Some(front) = front {
            untimed.values_mut().for_each(|tally| tally.last = tally.last.or(Some(front)));
        }
        self.units.merge(untimed);
    }

    /// Nothing follows.
    pub(super) fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.end(open);
        }
    }

    fn fail(&mut self, source: SourceId, why: String) {
        let name = self.names.get(&source).map_or("?", |name| name.name.as_str());
        self.unreadable.push((name.to_owned(), format!("{name}: {why}")));
    }

    /// Why more memory is used than should be, if it is.
    pub(super) fn trouble(&self) -> Option<String> {
        self.locked().trouble().map(str::to_owned)
    }

    /// Hands out all events in the order in which they happened.
    pub(super) fn drain(&mut self, judge: impl FnMut(Event)) {
        let backlog = std::mem::replace(&mut *self.locked(), Backlog::new(0));
        if let Err(why) = backlog.drain(judge) {
            self.unreadable.push(("temporary file".to_owned(), why));
        }
    }

    /// What could not be read, each once.
    pub(super) fn failures(&mut self) -> Vec<Unreadable> {
        self.unreadable.sort();
        self.unreadable.dedup();
        self.unreadable.iter().map(|(name, why)| Unreadable { name: name.clone(), why: why.clone() }).collect()
    }
}

impl Collect for Ledger<'_> {
    fn name(&mut self, source: &SourceInfo) {
        self.names.insert(source.id, source.to_name());
    }

    fn add(&mut self, source: &SourceInfo, segment: Segment) -> Result<(), Error> {
        self.name(source);
        if segment.start < segment.end {
            self.take(segment);
        }
        Ok(())
    }

    fn unreadable(&mut self, name: &str, why: String) {
        self.unreadable.push((name.to_owned(), why));
    }

    fn duplicates(&mut self, source: SourceId, n: u64) {
        if n > 0 {
            self.sources.entry(source).or_default().duplicates += n;
        }
    }

    fn merge(&mut self, mut other: Self) -> Result<(), Error> {
        other.close();
        self.names.append(&mut other.names);
        for (id, tally) in other.sources {
            if self.sources.insert(id, tally).is_some() {
                self.fail(id, "two files have this name: only one of them is counted".to_owned());
            }
        }
        self.units.merge(other.units);
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.latest = self.latest.max(other.latest);
        self.forgotten += other.forgotten;
        self.unreadable.append(&mut other.unreadable);
        Ok(())
    }
}
