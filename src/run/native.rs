//! Native journal files, entry by entry, without their text.
//!
//! In: the bytes of a file. Out: the segments that reading its entries in the export form gives too, byte for byte: that
//! is the slow way, which stays as the oracle. An entry comes quickly where those with the same values came before; the
//! first of a kind and whatever is unusual is written in the export form, and read from that. Entries that another copy of
//! the file has too are left out and counted. It never decides what an entry means.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::input::journal::{Entries, Entry, JournalFile};
use crate::input::{self, Journal};
use crate::record::{Format, Scratch, Seen, Shapes};

use super::batch::Progress;
use super::partial::Collect;
use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::worker::{RECORD_BYTES, Worker};

#[cfg(test)]
mod tests;

/// A part that one thread reads, in blocks: what is learnt about entries is learnt anew in each.
const PART: usize = 4;

/// A file and what is to be done with it.
struct Task<'a> {
    source: &'a SourceInfo,
    file: &'a [u8],
    /// Another copy of the file, whose entries are left out.
    other: Option<&'a [u8]>,
    progress: &'a dyn Progress,
}

/// How reading some of the entries of a file ended.
struct End<'a> {
    entries: Entries<'a>,
    duplicates: u64,
    stopped: bool,
}

/// Parts of a file that come in any order, put one after the other.
struct Joined<'a, 'c, C> {
    task: &'a Task<'a>,
    partial: &'c mut C,
    /// The number of the part that comes next, and where it begins.
    next: usize,
    start: u64,
    /// Parts behind that.
    early: BTreeMap<usize, (Vec<Segment>, End<'a>)>,
    ends: Vec<End<'a>>,
}

impl Pipeline {
    /// May entries of this source be read without their text?
    pub(super) fn takes_native(&self, source: &SourceInfo) -> bool {
        source.format == Format::JournalExport && source.documents.is_none()
    }

    /// Reads the entries of a journal file, large ones on several threads.
    pub(super) fn read_native(
        &self,
        source: &SourceInfo,
        journal: &Journal,
        progress: &dyn Progress,
        partial: &mut (impl Collect + Send),
    ) {
        partial.name(source);
        let other = journal.copy_of.as_ref().and_then(|path| input::open(path).ok()?.journal());
        let other = other.as_ref().map(|other| &**other.bytes);
        let task = Task { source, file: &journal.bytes, other, progress };
        let file = match JournalFile::open(&journal.bytes) {
            Ok(file) => file,
            Err(why) => return partial.unreadable(&source.name, format!("{}: {why}", source.name)),
        };
        let mut joined = Joined { task: &task, partial, next: 0, start: 0, early: BTreeMap::new(), ends: Vec::new() };
        let parts = journal.bytes.len() / self.block.saturating_mul(PART).max(1);
        let parts = if rayon::current_num_threads() > 1 { file.parts(parts as u64) } else { None };
        let Some(parts) = parts.filter(|parts| parts.len() > 1) else {
            let end = self.part(&task, file.entries(), &mut |segment| joined.add(segment));
            joined.ends.push(end);
            return joined.finish();
        };
        let joined = Mutex::new(joined);
        let parts = Mutex::new(parts.into_iter().enumerate());
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| {
                    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
                    while let Some((number, entries)) = next() {
                        let mut segments = Vec::new();
                        let end = self.part(&task, entries, &mut |segment| segments.push(segment));
                        joined.lock().unwrap_or_else(PoisonError::into_inner).take(number, segments, end);
                    }
                });
            }
        });
        joined.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
    }

    /// Reads some of the entries of a file; the first stands at byte 0.
    fn part<'a>(&self, task: &Task<'a>, mut entries: Entries<'a>, give: &mut dyn FnMut(Segment)) -> End<'a> {
        let mut worker = Worker::new(self, task.source.clone(), 0);
        let mut shapes = Shapes::default();
        let (mut scratch, mut export) = (Scratch::default(), Vec::new());
        let mut other = task.other.and_then(Other::new);
        let mut last: Option<Segment> = None;
        let (mut given, mut duplicates, mut stopped) = (0, 0, task.progress.stopped());
        while !stopped && let Some(entry) = entries.step() {
            if other.as_mut().is_some_and(|other| other.has(&entry)) && entries.pass(&entry, 0) {
                duplicates += 1;
                continue;
            }
            let seen = if self.naive { Seen::Odd } else { shapes.look(&entry, &mut scratch) };
            let news = matches!(seen, Seen::News);
            if let Seen::Whole { glance, origin, beside, size, plain } = seen
                && size <= RECORD_BYTES as u64
                && entries.pass(&entry, plain)
            {
                worker.glance(glance, origin, *beside, size, task.file);
            } else {
                export.clear();
                if !entries.render(&entry, &mut export) {
                    continue;
                }
                worker.feed_beside(&export, true, task.file);
                if news && let Some((origin, mark)) = worker.origin(&export) {
                    shapes.learn(&entry, origin, mark);
                }
            }
            let end = worker.end();
            if end - given >= self.block as u64 {
                task.progress.advance(end - given);
                given = end;
                last.replace(worker.take()).into_iter().for_each(&mut *give);
                stopped = task.progress.stopped();
            }
        }
        task.progress.advance(worker.end() - given);
        worker.keep(task.file);
        // The last lines of the units come with the last segment, which may hold nothing else.
        let rest = worker.finish();
        give(match last {
            Some(mut last) => {
                last.append(rest);
                last
            }
            None => rest,
        });
        End { entries, duplicates, stopped }
    }
}

impl<'a, C: Collect> Joined<'a, '_, C> {
    /// Takes a part, in any order.
    fn take(&mut self, number: usize, segments: Vec<Segment>, end: End<'a>) {
        self.early.insert(number, (segments, end));
        while let Some((segments, end)) = self.early.remove(&self.next) {
            self.next += 1;
            let start = self.start;
            for mut segment in segments {
                segment.shift(start);
                self.add(segment);
            }
            self.ends.push(end);
        }
    }

    fn add(&mut self, segment: Segment) {
        self.start = segment.end;
        if let Err(err) = self.partial.add(self.task.source, segment) {
            self.partial.unreadable(&self.task.source.name, err.to_string());
        }
    }

    /// Says what was left out and what could not be read.
    fn finish(self) {
        let (source, name) = (self.task.source, &self.task.source.name);
        self.partial.duplicates(source.id, self.ends.iter().map(|end| end.duplicates).sum());
        if self.ends.iter().any(|end| end.stopped) {
            return self.partial.unreadable(name, format!("{name}: stopped at byte {}, as asked", self.start));
        }
        let entries: Vec<Entries<'_>> = self.ends.into_iter().map(|end| end.entries).collect();
        if let Some(why) = Entries::summary(&entries) {
            self.partial.unreadable(name, format!("{name}: {why}"));
        }
    }
}

/// Another copy of a file, read along.
struct Other<'a> {
    entries: Entries<'a>,
    next: Option<Entry<'a>>,
}

impl<'a> Other<'a> {
    fn new(file: &'a [u8]) -> Option<Other<'a>> {
        let mut entries = JournalFile::open(file).ok()?.entries();
        let next = entries.step();
        Some(Other { entries, next })
    }

    /// Has it this entry? Asked in ascending order.
    fn has(&mut self, entry: &Entry<'_>) -> bool {
        while let Some(next) = self.next.filter(|next| next.seqnum() < entry.seqnum()) {
            self.entries.pass(&next, 0);
            self.next = self.entries.step();
        }
        self.next.is_some_and(|next| entry.is_copy_of(&next))
    }
}
