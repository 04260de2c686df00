//! Native journal files, entry by entry, without their text.
//!
//! In: the bytes of a file. Out: the segments that reading its entries in the export form gives too, byte for byte: that
//! is the slow way, which stays as the oracle. An entry comes quickly where those with the same values came before; the
//! first of a kind and whatever is unusual is written in the export form, and read from that. Entries that another copy of
//! the file has too are left out and counted. It never decides what an entry means.

use rayon::prelude::*;

use crate::input::journal::{Entries, Entry, JournalFile};
use crate::input::{self, Journal};
use crate::record::{Format, Scratch, Seen, Shapes};

use super::batch::Progress;
use super::partial::Partial;
use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::worker::{RECORD_BYTES, Worker};

#[cfg(test)]
mod tests;

/// A file and what is to be done with it.
struct Task<'a> {
    source: &'a SourceInfo,
    file: &'a [u8],
    /// Another copy of the file, whose entries are left out.
    other: Option<&'a [u8]>,
    progress: &'a dyn Progress,
}

/// What reading some of the entries of a file left behind.
struct Part<'a> {
    segments: Vec<Segment>,
    entries: Entries<'a>,
    duplicates: u64,
    stopped: bool,
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
        partial: &mut Partial,
    ) {
        let name = &source.name;
        partial.name(source);
        let other = journal.copy_of.as_ref().and_then(|path| input::open(path).ok()?.journal());
        let other = other.as_ref().map(|other| other.bytes.as_slice());
        let task = Task { source, file: &journal.bytes, other, progress };
        let file = match JournalFile::open(&journal.bytes) {
            Ok(file) => file,
            Err(why) => return partial.unreadable(name, format!("{name}: {why}")),
        };
        let threads = rayon::current_num_threads().min(journal.bytes.len() / self.block.max(1)).max(1);
        let parts = if threads > 1 { file.parts(threads as u64) } else { None };
        let parts: Vec<Part<'_>> = match parts {
            Some(parts) => parts.into_par_iter().map(|entries| self.part(&task, entries)).collect(),
            None => vec![self.part(&task, file.entries())],
        };
        let all: Vec<Entries<'_>> = parts.iter().map(|part| part.entries.clone()).collect();
        if parts.len() > 1 && !Entries::were_one(&all) {
            // Made to exhaust us: as slowly as one thread is.
            return self.finish(&task, vec![self.part(&task, file.entries())], partial);
        }
        self.finish(&task, parts, partial);
    }

    /// Puts the parts of a file one after the other.
    fn finish(&self, task: &Task<'_>, parts: Vec<Part<'_>>, partial: &mut Partial) {
        let (source, name) = (task.source, &task.source.name);
        let mut end = 0;
        let all: Vec<Entries<'_>> = parts.iter().map(|part| part.entries.clone()).collect();
        let stopped = parts.iter().any(|part| part.stopped);
        for part in parts {
            partial.duplicates(source.id, part.duplicates);
            let start = end;
            for mut segment in part.segments {
                segment.shift(start);
                end = segment.end;
                if let Err(err) = partial.add(source, segment) {
                    partial.unreadable(name, err.to_string());
                }
            }
        }
        if stopped {
            partial.unreadable(name, format!("{name}: stopped at byte {end}, as asked"));
        } else if let Some(why) = Entries::summary(&all) {
            partial.unreadable(name, format!("{name}: {why}"));
        }
    }

    /// Reads some of the entries of a file; the first stands at byte 0.
    fn part<'a>(&self, task: &Task<'a>, mut entries: Entries<'a>) -> Part<'a> {
        let mut worker = Worker::new(self, task.source.clone(), 0);
        let mut shapes = Shapes::default();
        let (mut scratch, mut export) = (Scratch::default(), Vec::new());
        let mut other = task.other.and_then(Other::new);
        let mut segments: Vec<Segment> = Vec::new();
        let (mut given, mut duplicates, mut stopped) = (0, 0, false);
        while let Some(entry) = entries.step() {
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
                segments.push(worker.take());
                if task.progress.stopped() {
                    stopped = true;
                    break;
                }
            }
        }
        task.progress.advance(worker.end() - given);
        worker.keep(task.file);
        // The last lines of the units come with the last segment, which may hold nothing else.
        let last = worker.finish();
        match segments.last_mut() {
            Some(before) => before.append(last),
            None => segments.push(last),
        }
        Part { segments, entries, duplicates, stopped }
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
