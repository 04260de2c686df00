//! Follow: files that are written while we read, several at once, one diagnosis.
//!
//! In: files and folders. Out: what changed, step by step, and at the end the diagnosis. Logs are read as they grow,
//! documents as they are rewritten; each source has a worker of its own, and one settler puts their events in order. What
//! is there at the beginning is read to its end before anything is judged, or the history of the second file would be late.
//! This module reads files but never waits: whoever drives it sleeps between two steps.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::base::Stamp;
use crate::incident::Diagnosis;
use crate::input;
use crate::record::document::{Exploder, Head};
use crate::record::{self, Format};
use crate::source::{Log, Mark, Store};

use super::live::{LATENESS, SNIFF, silent};
use super::pipeline::Pipeline;
use super::settle::{Settler, Told};
use super::worker::Worker;

/// Sources followed at once; more are told and left out.
const MOST: usize = 1000;

/// Folders are searched for new files in one step of this many.
const SEARCH: u64 = 4;

/// Endings of files that are no sources: what somebody is just writing, and what does not grow.
const PASSED_OVER: &[&str] = &["tmp", "swp", "part", "lock", "pid", "gz", "zst", "xz", "bz2", "lz4", "journal"];

/// Endings of files to which lines are added, whatever the first line is.
const GROWING: &[&str] = &["jsonl", "ndjson", "log"];

/// Files that are followed.
pub struct Follow<'p> {
    pipeline: &'p Pipeline,
    settler: Settler<'p>,
    paths: Vec<PathBuf>,
    known: BTreeSet<PathBuf>,
    sources: Vec<Source<'p>>,
    steps: u64,
    /// All that was there at the beginning was read.
    caught_up: bool,
    /// When something came last.
    arrived: Instant,
}

/// One followed file.
struct Source<'p> {
    path: PathBuf,
    name: String,
    kind: Kind,
    /// Its documents, if it holds any.
    found: Option<Head>,
    worker: Option<Worker<'p>>,
    /// Bytes that came and are not worked on yet.
    buffer: Vec<u8>,
    told: u64,
}

enum Kind {
    /// Nothing has been seen of it.
    Unseen,
    Log {
        log: Log,
        /// Its lines are documents, or some of them.
        rows: Option<Box<Exploder>>,
    },
    Store(Box<Store>),
}

impl<'p> Follow<'p> {
    /// Follows these files, and the files in these folders. None of them needs to be there yet.
    pub fn new(pipeline: &'p Pipeline, paths: &[PathBuf]) -> Follow<'p> {
        Follow {
            pipeline,
            settler: Settler::new(pipeline),
            paths: paths.to_vec(),
            known: BTreeSet::new(),
            sources: Vec::new(),
            steps: 0,
            caught_up: false,
            arrived: Instant::now(),
        }
    }

    /// Looks at all files once. `now` is the moment of the look. Returns what changed.
    pub fn step(&mut self, now: Stamp) -> Vec<Told> {
        if self.steps.is_multiple_of(SEARCH) || !self.caught_up {
            self.search();
        }
        self.steps += 1;
        let (mut came, mut more) = (false, false);
        for source in &mut self.sources {
            let (bytes, again) = source.poll(self.pipeline, &mut self.settler, now);
            came |= bytes;
            more |= again;
        }
        if more && !self.caught_up {
            return Vec::new();
        }
        self.caught_up = true;
        let latest = self.settler.latest().unwrap_or(now);
        if came {
            self.arrived = Instant::now();
            self.settler.loosen(latest.minus(LATENESS));
            return self.settler.advance(latest.minus(LATENESS));
        }
        // Nothing came since the last look: nothing else will push what waits.
        for source in &mut self.sources {
            source.pause(&mut self.settler);
        }
        self.settler.loosen(Stamp::MAX);
        let mut told = self.settler.advance(latest);
        told.extend(self.settler.tick(latest.plus(silent(self.arrived))));
        told
    }

    /// Is there more to read at once, before anybody waits?
    pub fn is_behind(&self) -> bool {
        !self.caught_up
    }

    /// Works on what came, and writes the diagnosis.
    pub fn finish(mut self) -> (Diagnosis, Vec<Told>) {
        for path in self.paths.iter().filter(|path| !path.exists()) {
            let name = path.display().to_string();
            self.settler.unreadable(&name, format!("{name}: it was not there"));
        }
        for source in &mut self.sources {
            source.end(self.pipeline, &mut self.settler);
        }
        self.settler.finish_with()
    }

    fn search(&mut self) {
        for path in &self.paths {
            let files = if path.is_dir() {
                let grows = |file: &PathBuf| !has_ending(file, PASSED_OVER);
                input::find(std::slice::from_ref(path)).files.into_iter().filter(grows).collect()
            } else {
                vec![path.clone()]
            };
            for file in files.into_iter().filter(|file| !self.known.contains(file)).collect::<Vec<_>>() {
                self.known.insert(file.clone());
                let name = file.display().to_string();
                // Opening a pipe waits for somebody who writes into it.
                if file.metadata().is_ok_and(|meta| !meta.is_file()) {
                    let why = "expected a file, found a pipe or a device: give its lines to standard input";
                    self.settler.unreadable(&name, format!("{name}: {why}"));
                } else if has_ending(&file, PASSED_OVER) {
                    self.settler.unreadable(&name, format!("{name}: expected a file that grows, found a packed one"));
                } else if self.sources.len() >= MOST {
                    let why = format!("{name}: {MOST} files are followed already: it is left out");
                    self.settler.unreadable(&name, why);
                } else {
                    self.sources.push(Source {
                        path: file,
                        name,
                        kind: Kind::Unseen,
                        found: None,
                        worker: None,
                        buffer: Vec::new(),
                        told: 0,
                    });
                }
            }
        }
    }
}

impl<'p> Source<'p> {
    /// Looks once: did anything come, and is there more at once?
    fn poll(&mut self, pipeline: &'p Pipeline, settler: &mut Settler<'p>, now: Stamp) -> (bool, bool) {
        if matches!(self.kind, Kind::Unseen) {
            (self.kind, self.found) = Kind::of(&self.path, &self.name, pipeline, now);
        }
        let mut notices = Vec::new();
        let (mut ended, mut more) = (false, false);
        match &mut self.kind {
            Kind::Unseen => return (false, false),
            Kind::Store(store) => {
                let update = store.poll(now);
                self.buffer.extend_from_slice(&update.bytes);
                notices.extend(update.notices);
            }
            Kind::Log { log, rows } => {
                let growth = log.poll();
                notices.extend(growth.notices);
                (ended, more) = (growth.ended, growth.more);
                match rows {
                    Some(rows) => {
                        rows.at_moment(now);
                        rows.lines(&growth.bytes, ended, &mut self.buffer);
                        notices.extend(rows.problems());
                    }
                    None => self.buffer.extend_from_slice(&growth.bytes),
                }
            }
        }
        for what in notices {
            self.tell(settler, &what);
        }
        let came = !self.buffer.is_empty();
        self.work(pipeline, settler, now, ended);
        (came, more)
    }

    /// Works on what is in the buffer; with `end`, on a last line without its end, too.
    fn work(&mut self, pipeline: &'p Pipeline, settler: &mut Settler<'p>, now: Stamp, end: bool) {
        if self.buffer.is_empty() {
            return;
        }
        let whole = memchr::memchr(b'\n', &self.buffer).is_some() || self.buffer.len() >= SNIFF;
        if self.worker.is_none() && (whole || end) {
            let worker = self.begin(pipeline, now);
            settler.name(worker.source().id, worker.source().to_name());
            self.worker = Some(worker);
        }
        let Some(worker) = &mut self.worker else { return };
        worker.arrived(now);
        let done = worker.feed(&self.buffer, end);
        self.buffer.drain(..done);
        settler.absorb(worker.take());
        settler.forgot(worker.forget());
    }

    fn begin(&self, pipeline: &'p Pipeline, now: Stamp) -> Worker<'p> {
        let head = self.buffer.get(..SNIFF).unwrap_or(&self.buffer);
        let mut source = pipeline.source(&self.name, record::unit_of_path(&self.path), now, head, &[]);
        if let Some(found) = &self.found {
            pipeline.label(&mut source, found);
        }
        Worker::new(pipeline, source, 0)
    }

    /// Nothing came for a while: an entry of the verbose form ends where the next one begins, and none will.
    fn pause(&mut self, settler: &mut Settler<'p>) {
        let Some(worker) = &mut self.worker else { return };
        if worker.source().format == Format::JournalVerbose && self.buffer.ends_with(b"\n") {
            let done = worker.feed(&self.buffer, true);
            self.buffer.drain(..done);
            settler.absorb(worker.take());
        }
    }

    fn end(&mut self, pipeline: &'p Pipeline, settler: &mut Settler<'p>) {
        if let Kind::Log { rows: Some(rows), .. } = &mut self.kind {
            rows.lines(&[], true, &mut self.buffer);
            for why in rows.problems() {
                self.tell(settler, &why);
            }
        }
        self.work(pipeline, settler, Stamp::from_jiff(jiff::Timestamp::now()).unwrap_or(Stamp(0)), true);
        if let Some(worker) = &mut self.worker {
            worker.feed(&[], true);
            settler.absorb(worker.take());
        }
    }

    /// Tells what is wrong with the file; not for ever.
    fn tell(&mut self, settler: &mut Settler<'p>, what: &str) {
        self.told += 1;
        match self.told {
            1..=20 => settler.unreadable(&self.name, format!("{}: {what}", self.name)),
            21 => settler.unreadable(&self.name, format!("{}: more of this is not told", self.name)),
            _ => {}
        }
    }
}

impl Kind {
    /// What the file is, if it is there and holds enough to tell; and its documents, if it holds any.
    fn of(path: &Path, name: &str, pipeline: &Pipeline, now: Stamp) -> (Kind, Option<Head>) {
        let Some((head, racy)) = head_of(path, now) else { return (Kind::Unseen, None) };
        let whole = head.len() < SNIFF;
        let found = pipeline.documents(Some(name), &head, whole);
        let first = head.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii();
        let closed = |text: &[u8]| matches!(text.trim_ascii_end().last(), Some(b'}' | b']'));
        let begun = matches!(first.first(), Some(b'{' | b'[')) && !closed(first) && !closed(&head);
        match found {
            // Somebody is writing it, and it may still become another thing.
            _ if racy && whole && (begun || head.trim_ascii().is_empty()) => (Kind::Unseen, None),
            None => (Kind::Log { log: Log::new(path), rows: None }, None),
            Some(found) if has_ending(path, GROWING) || is_lines(&head) => {
                let rows = Box::new(pipeline.exploder(&found, Some(name), now, Some(now)));
                (Kind::Log { log: Log::new(path), rows: Some(rows) }, Some(found))
            }
            Some(found) => (Kind::Store(Box::new(pipeline.store(path, found.clone()))), Some(found)),
        }
    }
}

/// The first bytes of a file, and whether it is just being written.
fn head_of(path: &Path, now: Stamp) -> Option<(Vec<u8>, bool)> {
    let mut head = Vec::new();
    let file = File::open(path).ok()?;
    let racy = Mark::of(&file.metadata().ok()?).is_racy(now);
    file.take(SNIFF as u64).read_to_end(&mut head).ok()?;
    Some((head, racy))
}

/// Whole documents on lines of their own, more than one: somebody adds at the end.
fn is_lines(head: &[u8]) -> bool {
    let mut lines = head.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let object = |line: &[u8]| line.starts_with(b"{") && line.trim_ascii_end().ends_with(b"}");
    lines.next().is_some_and(object) && lines.next().is_some_and(|line| line.starts_with(b"{"))
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| endings.contains(&ending.as_str())) || path.to_string_lossy().ends_with('~')
}

#[cfg(test)]
mod tests;
