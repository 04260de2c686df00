//! What a stretch of one source left behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::{SourceId, Stamp, UnitTally, stem};
use crate::record::OwnedRecord;
use crate::scan::{Event, Line};

use super::tail::{Lines, Tails};

/// A worked-on stretch of one source, from byte `start` to byte `end`.
///
/// Neighbours are joined with [`Segment::append`]; the result is the same as if the whole stretch had been worked on at
/// once. What a stretch cannot know by itself stays open at its left edge until then: the time of records without one,
/// the lines before a crash, the beginning of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The source.
    pub source: SourceId,
    /// Its first byte.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
    /// Records counted so far; those in `pieces` are counted when they are joined.
    pub records: u64,
    /// Lines without the source's form.
    pub unparsed: u64,
    /// Lines that were cut.
    pub truncated: u64,
    /// The earliest time seen.
    pub first: Option<Stamp>,
    /// The latest time seen.
    pub last: Option<Stamp>,
    /// The time of the last record that had one: it stands in for records after it that have none.
    pub clock: Option<Stamp>,
    /// By host and unit.
    pub units: BTreeMap<(Arc<str>, Arc<str>), UnitTally>,
    /// The last lines of each unit.
    pub tails: Tails,
    /// In order of place. Records without a time, before the first that has one, have `Stamp::MIN`.
    pub events: Vec<Event>,
    /// Records that wait to be joined, in order of place.
    pub pieces: Vec<OwnedRecord>,
}

impl Segment {
    /// A stretch of nothing at `at`.
    pub fn empty(source: SourceId, at: u64) -> Segment {
        Segment {
            source,
            start: at,
            end: at,
            records: 0,
            unparsed: 0,
            truncated: 0,
            first: None,
            last: None,
            clock: None,
            units: BTreeMap::new(),
            tails: Tails::new(),
            events: Vec::new(),
            pieces: Vec::new(),
        }
    }

    /// The same stretch, `by` bytes further right.
    pub(super) fn shift(&mut self, by: u64) {
        self.start += by;
        self.end += by;
        for event in &mut self.events {
            event.place.offset += by;
            event.before.iter_mut().for_each(|line| line.place.offset += by);
        }
        self.pieces.iter_mut().for_each(|piece| piece.place.offset += by);
        self.tails.values_mut().flat_map(|tail| &mut tail.lines).for_each(|line| line.place.offset += by);
    }

    /// Joins the stretch that follows directly on this one.
    ///
    /// # Panics
    /// When `right` is of another source or does not begin where this one ends.
    pub fn append(&mut self, mut right: Segment) {
        assert_eq!((self.source, self.end), (right.source, right.start), "only neighbours can be joined");
        if let Some(clock) = self.clock {
            right.set_clock(clock);
        }
        for event in right.events.iter_mut().filter(|e| e.before_open) {
            let key = (event.host.clone(), Arc::from(stem(&event.unit)));
            let mut lines = Lines { lines: std::mem::take(&mut event.before), open: true };
            lines.extend_left(self.tails.get(&key));
            event.before = lines.lines;
            event.before_open = lines.open;
        }
        for (key, mut lines) in right.tails {
            lines.extend_left(self.tails.get(&key));
            self.tails.insert(key, lines);
        }
        for (key, tally) in right.units {
            self.units.entry(key).or_default().add(&tally);
        }
        self.end = right.end;
        self.records += right.records;
        self.unparsed += right.unparsed;
        self.truncated += right.truncated;
        self.first = [self.first, right.first].into_iter().flatten().min();
        self.last = self.last.max(right.last);
        self.clock = right.clock.or(self.clock);
        self.events.append(&mut right.events);
        self.pieces.append(&mut right.pieces);
    }

    /// Gives records without a time, left of the first that has one, the time of what stands before them.
    pub(super) fn set_clock(&mut self, clock: Stamp) {
        for event in self.events.iter_mut().filter(|e| e.time == Stamp::MIN) {
            event.time = clock;
        }
        for piece in self.pieces.iter_mut().filter(|p| p.time.is_none()) {
            piece.time = Some(clock);
        }
        let untimed = |line: &mut Line| {
            if line.time == Stamp::MIN {
                line.time = clock;
            }
        };
        self.events.iter_mut().flat_map(|e| e.before.iter_mut()).for_each(untimed);
        self.tails.values_mut().flat_map(|t| t.lines.iter_mut()).for_each(untimed);
        for tally in self.units.values_mut() {
            tally.last = tally.last.or(Some(clock));
        }
    }
}
