//! The desk: looks at one record after the other, however it was read.
//!
//! In: records and quick looks at them, each with its [`Mark`]. Out: a [`Segment`] with the events, the pieces of traces and
//! the counts of them. It never reads anything, and never decides whether something is a failure.

use crate::base::{Certainty, Place, SourceId, Stamp, Step};
use crate::record::{Format, Gate, Glance, Origin, Record};
use crate::scan::{Classifier, Event};

use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::tail::Said;
use super::units::Units;

/// What looks at one record after the other, however it was read.
pub(super) struct Desk<'p> {
    pub(super) pipeline: &'p Pipeline,
    pub(super) classifier: Classifier<'p>,
    pub(super) gate: Gate,
    pub(super) units: Units,
    pub(super) segment: Segment,
    /// Its records have no form that a line could miss.
    pub(super) formless: bool,
    /// Stands in for the time of records that have none when no record before them had one (live reading).
    pub(super) arrival: Option<Stamp>,
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
pub(super) struct Raw<'a> {
    pub(super) bytes: &'a [u8],
    /// All bytes that are there at the moment.
    pub(super) block: &'a [u8],
    pub(super) place: Place,
}
impl<'p> Desk<'p> {
    /// A desk for a source, from byte `start` on.
    pub(super) fn new(pipeline: &'p Pipeline, source: &SourceInfo, start: u64) -> Desk<'p> {
        let plan = pipeline.plan();
        Desk {
            pipeline,
            classifier: if pipeline.naive { Classifier::naive(plan) } else { Classifier::new(plan) },
            gate: Gate::new(),
            units: Units::default(),
            segment: Segment::empty(source.id, start),
            formless: matches!(source.format, Format::Plain | Format::JournalCat),
            arrival: None,
        }
    }

    /// What is known of the records of this one's origin.
    pub(super) fn mark(&mut self, record: &Record<'_>) -> Mark {
        Mark {
            unit: self.units.find(&record.host, &record.unit),
            lane: Gate::lane(record),
            ours: self.pipeline.filter.takes_unit(&record.unit),
            manager: matches!(&*record.identifier, "systemd" | "init"),
        }
    }

    /// Works on a record that was looked at quickly.
    #[inline]
    pub(super) fn see(&mut self, glance: Glance<'_>, origin: &Origin, raw: Raw<'_>, mark: Mark) {
        if !self.passes(&glance, raw, mark) {
            self.look(&glance.record(origin), raw, mark);
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

    pub(super) fn look(&mut self, record: &Record<'_>, raw: Raw<'_>, mark: Mark) {
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

    pub(super) fn take(&mut self, source: SourceId) -> Segment {
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
