//! The desk: what lies there to be read, and each record of it shown to whoever collects.

use std::path::{Path, PathBuf};

use crate::base::{Certainty, Error, Stamp};
use crate::incident::{Diagnosis, Period, Unreadable};
use crate::input::{self, Input};
use crate::record::Record;
use crate::report::kinds::Intake;
use crate::run::{Filter, Pipeline};
use crate::scan::Event;

use super::row::Row;

/// What is read: gone through more than once, so it must be there.
#[derive(Clone, Debug)]
pub enum Papers {
    /// Files and folders.
    Files(Vec<PathBuf>),
    /// Bytes, and the name they go by (`-` for standard input).
    Bytes(String, Vec<u8>),
}

/// Papers, and how to read them.
pub struct Desk<'p> {
    pub(super) pipeline: &'p Pipeline,
    papers: Papers,
    filter: Filter,
}

/// One record, as it is shown.
pub(super) struct Seen<'a> {
    /// The source.
    pub(super) source: &'a Path,
    /// The record.
    pub(super) record: &'a Record<'a>,
    /// The event that it is to the detectors.
    pub(super) event: Option<&'a Event>,
    /// Its own time, else the one that its fields name.
    pub(super) time: Option<Stamp>,
    /// Its fields, where it has the form of a row.
    pub(super) row: Option<Row<'a>>,
}

/// Somebody who collects.
pub(super) trait Collector {
    /// One record. Does the report use it?
    fn see(&mut self, seen: &Seen<'_>) -> bool;

    /// A source is at its end.
    fn end(&mut self) {}
}

impl<F: FnMut(&Seen<'_>) -> bool> Collector for F {
    fn see(&mut self, seen: &Seen<'_>) -> bool {
        self(seen)
    }
}

impl<'p> Desk<'p> {
    /// A desk with these papers. The filter is that of the command line; the pipeline's own is for its diagnosis.
    pub fn new(pipeline: &'p Pipeline, papers: Papers, filter: Filter) -> Desk<'p> {
        Desk { pipeline, papers, filter }
    }

    /// Shows every record that the filter takes, source by source in the order of their names.
    pub(super) fn each(&self, collector: &mut dyn Collector) -> Intake {
        let mut reading = Intake::default();
        match &self.papers {
            Papers::Files(paths) => {
                let found = input::find(paths);
                for (path, err) in &found.errors {
                    reading.unreadable.push(unreadable(path, err));
                }
                for path in &found.files {
                    match input::open(path) {
                        Ok(input) => self.one(path, input, collector, &mut reading),
                        Err(err) => reading.unreadable.push(unreadable(path, &err)),
                    }
                }
            }
            Papers::Bytes(name, bytes) => {
                let now = Stamp::from_jiff(jiff::Timestamp::now());
                self.one(Path::new(name), Input::from_bytes(bytes.clone(), now), collector, &mut reading);
            }
        }
        reading
    }

    fn one(&self, path: &Path, input: Input, collector: &mut dyn Collector, reading: &mut Intake) {
        let read = self.pipeline.each(path, input, &mut |record, event| {
            let row = Row::of(record);
            // A row without a time of its own has none: what stands in for it says nothing about the row.
            let own = record.time.filter(|_| record.certainty != Certainty::None || row.is_none());
            let time = own.or_else(|| row.as_ref().and_then(Row::time));
            if !self.filter.takes(record, time) {
                return;
            }
            let unit = event.map_or(record.unit.as_ref(), |event| &event.unit);
            if !self.filter.takes_unit(&record.unit) && !self.filter.takes_unit(unit) {
                return;
            }
            reading.records += 1;
            if let Some(at) = time {
                let period = reading.period.get_or_insert(Period { from: at, to: at });
                period.from = period.from.min(at);
                period.to = period.to.max(at);
            }
            let seen = Seen { source: path, record, event, time, row };
            reading.used += u64::from(collector.see(&seen));
        });
        collector.end();
        if let Err(err) = read {
            reading.unreadable.push(unreadable(path, &err));
        }
    }

    /// The latest time of any record, or `now` where somebody said it: the end of the log is now. A row may name several
    /// times (made, begun, changed): the latest counts.
    pub(super) fn now(&self, now: Option<Stamp>) -> Option<Stamp> {
        now.or_else(|| {
            let mut latest = None;
            self.each(&mut |seen: &Seen<'_>| {
                latest = latest.max(seen.time).max(seen.row.as_ref().and_then(Row::latest));
                false
            });
            latest
        })
    }

    /// What the detectors say about the same papers.
    pub(super) fn diagnose(&self) -> Diagnosis {
        match &self.papers {
            Papers::Files(paths) => self.pipeline.diagnose(paths),
            Papers::Bytes(name, bytes) => self.pipeline.diagnose_bytes(name, bytes),
        }
    }
}

fn unreadable(path: &Path, err: &Error) -> Unreadable {
    Unreadable { name: path.display().to_string(), why: err.to_string() }
}
