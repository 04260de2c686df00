//! Batch: files that are there, worked on in parallel, one diagnosis over all of them.
//!
//! Files are worked on side by side, and the blocks of one file too: a block ends where a record ends, is worked on by
//! itself, and joins its neighbours as a [`Segment`]. The order of files, the number of threads and the size of blocks
//! never change the diagnosis.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rayon::prelude::*;

use crate::base::{Error, Stamp};
use crate::incident::Diagnosis;
use crate::input::{self, Input};

use super::blocks::{Block, Blocks};
use super::ledger::Ledger;
use super::partial::{Collect, Partial};
use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::settle::Settler;
use super::worker::Worker;

/// Bytes of a block, before the rest of its last record is put off to the next one; [`PipelineBuilder::block`] sets
/// another size.
///
/// [`PipelineBuilder::block`]: super::PipelineBuilder::block
pub const BLOCK: usize = 4 << 20;

/// Bytes of a block that are worked on at once: what looks at them twice finds them near the processor.
const PIECE: usize = 128 << 10;

/// Hears how far reading has come, and can end it early.
pub trait Progress: Sync {
    /// So many bytes more were read.
    fn advance(&self, bytes: u64);

    /// Somebody asked to finish with what was read so far.
    fn stopped(&self) -> bool {
        false
    }

    /// Hears what went otherwise than it should, although nothing is lost.
    fn notice(&self, _what: &str) {}
}

impl Progress for () {
    fn advance(&self, _bytes: u64) {}
}

/// One file that all threads read and work on together.
struct Reading<'a, C> {
    name: &'a str,
    progress: &'a dyn Progress,
    source: &'a SourceInfo,
    /// The blocks, and the number of the next one.
    feed: Mutex<(Blocks<'a>, u64)>,
    /// What segments are joined to, in the order of their blocks.
    partial: Mutex<&'a mut C>,
    done: Mutex<Done>,
}

/// Segments that wait to be joined.
#[derive(Default)]
struct Done {
    /// The block that comes next.
    next: u64,
    /// Segments of that block and of those behind it, in order; and whether these were all of them.
    blocks: BTreeMap<u64, (VecDeque<Segment>, bool)>,
}

/// Blocks whose segments may wait while another thread joins: beyond it whoever brings one more waits too.
const WAITING: usize = 4;

impl<'a, C: Collect> Reading<'a, C> {
    /// Reads and works on one block after the other, until there is none.
    fn work(&self, pipeline: &Pipeline) {
        let mut spare = Vec::new();
        let mut worker = Worker::new(pipeline, self.source.clone(), 0);
        while let Some((number, block)) = self.block(spare) {
            work(&mut worker, &block, &mut |segment, last| self.join(number, segment, last));
            spare = block.bytes;
        }
    }

    fn block(&self, spare: Vec<u8>) -> Option<(u64, Block)> {
        let mut feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        let (blocks, number) = &mut *feed;
        if self.progress.stopped() {
            self.unreadable(format!("{}: stopped at byte {}, as asked", self.name, blocks.start()));
            return None;
        }
        let mut next = blocks.next(spare);
        // What was read before the failure still comes.
        while let Err(why) = next {
            self.unreadable(format!("{}: {why}", self.name));
            next = blocks.next(Vec::new());
        }
        let block = next.ok().flatten()?;
        self.progress.advance(block.bytes.len() as u64 + block.skipped);
        *number += 1;
        Some((*number - 1, block))
    }

    /// Joins the next segment of a block, or leaves that to the thread that joins others right now.
    fn join(&self, number: u64, segment: Segment, last: bool) {
        let waiting = {
            let mut done = self.done();
            let (segments, complete) = done.blocks.entry(number).or_default();
            segments.push_back(segment);
            *complete = last;
            done.blocks.len()
        };
        let partial = if waiting > WAITING { Some(self.partial()) } else { self.idle_partial() };
        self.join_waiting(partial);
    }

    /// Joins what waits, and what comes meanwhile.
    fn join_waiting<'b>(&'b self, mut partial: Option<MutexGuard<'b, &'a mut C>>) {
        while let Some(mut held) = partial.take() {
            while let Some(segment) = self.next_done() {
                if let Err(err) = held.add(self.source, segment) {
                    held.unreadable(self.name, err.to_string());
                }
            }
            drop(held);
            // Somebody may have brought the next one just before that, and relied on this thread.
            partial = if self.done().has_next() { self.idle_partial() } else { None };
        }
    }

    /// The segment that comes next, if it is there. Nobody waits for it to be joined.
    fn next_done(&self) -> Option<Segment> {
        self.done().next()
    }

    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn partial(&self) -> MutexGuard<'_, &'a mut C> {
        self.partial.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What segments are joined to, if no other thread is about it.
    fn idle_partial(&self) -> Option<MutexGuard<'_, &'a mut C>> {
        match self.partial.try_lock() {
            Ok(partial) => Some(partial),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn unreadable(&self, why: String) {
        let mut partial = self.partial();
        partial.unreadable(self.name, why);
        self.join_waiting(Some(partial));
    }
}

impl Done {
    /// The segment that comes next, if it is there.
    fn next(&mut self) -> Option<Segment> {
        loop {
            let (segments, complete) = self.blocks.get_mut(&self.next)?;
            if let Some(segment) = segments.pop_front() {
                return Some(segment);
            }
            if !*complete {
                return None;
            }
            self.blocks.remove(&self.next);
            self.next += 1;
        }
    }

    fn has_next(&self) -> bool {
        self.blocks.get(&self.next).is_some_and(|(segments, _)| !segments.is_empty())
    }
}

impl Pipeline {
    /// Reads files and folders: one diagnosis over all of them. What cannot be read is told in it.
    pub fn diagnose(&self, paths: &[PathBuf]) -> Diagnosis {
        self.judge(paths, &())
    }

    /// [`Pipeline::diagnose`] for somebody who watches. Memory does not grow with the length of the files, nor with the
    /// number of lines that match: what does not fit waits in a temporary file.
    pub fn judge(&self, paths: &[PathBuf], progress: &dyn Progress) -> Diagnosis {
        let whole = Ledger::new(self);
        let backlog = whole.backlog();
        let whole = self.gather(paths, progress, whole, &|| Ledger::beside(self, backlog.clone()));
        if let Some(trouble) = whole.trouble() {
            progress.notice(&trouble);
        }
        Settler::settle(self, whole, rayon::current_num_threads() > 1)
    }

    /// Reads bytes as if they were the file `name`.
    pub fn diagnose_bytes(&self, name: &str, bytes: &[u8]) -> Diagnosis {
        self.diagnose_all([(name.to_owned(), bytes.to_vec())])
    }

    /// Reads the bytes of several sources, each as if it were the file of its name: one diagnosis over all of them. Names
    /// must differ.
    pub fn diagnose_all(&self, sources: impl IntoIterator<Item = (String, Vec<u8>)>) -> Diagnosis {
        let now = Stamp::from_jiff(jiff::Timestamp::now());
        let mut whole = Ledger::new(self);
        for (name, bytes) in sources {
            self.read(Path::new(&name), Input::from_bytes(bytes, now), &(), &mut whole);
        }
        Settler::settle(self, whole, rayon::current_num_threads() > 1)
    }

    /// Reads files and folders, and leaves what they left behind: all events, in memory.
    pub fn scan(&self, paths: &[PathBuf], progress: &dyn Progress) -> Partial {
        let empty = || Partial::empty(self.plan().fingerprint());
        self.gather(paths, progress, empty(), &empty)
    }

    fn gather<C: Collect + Send>(
        &self,
        paths: &[PathBuf],
        progress: &dyn Progress,
        mut whole: C,
        empty: &(dyn Fn() -> C + Sync),
    ) -> C {
        let found = input::find(paths);
        for (path, err) in &found.errors {
            whole.unreadable(&path.display().to_string(), err.to_string());
        }
        let whole = Mutex::new(whole);
        let copies = input::copies(&found.files);
        found.files.par_iter().for_each(|path| {
            let mut part = empty();
            match input::open(path) {
                Ok(mut input) => {
                    if let Some(other) = copies.get(path) {
                        input.leave_out(other);
                    }
                    self.read(path, input, progress, &mut part);
                }
                Err(err) => part.unreadable(&path.display().to_string(), err.to_string()),
            }
            let mut whole = whole.lock().unwrap_or_else(PoisonError::into_inner);
            // Different files never overlap: the union cannot fail.
            if let Err(err) = whole.merge(part) {
                whole.unreadable(&path.display().to_string(), err.to_string());
            }
        });
        whole.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the `part`-th of `parts` stretches of one file, counted from 1 and of about the same length. A record belongs
    /// to the stretch in which it begins, so the parts are neighbours and merge into the whole.
    ///
    /// Records can only be found from the front, so what stands before the stretch is read too (twice where the length is
    /// not known, as of compressed files), but not worked on. No more than a block is held at a time.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scan_part(&self, path: &Path, part: u64, parts: u64) -> Result<Partial, Error> {
        let length = self.length(path)?;
        let cut = |k: u64| {
            if k >= parts { u64::MAX } else { (u128::from(length) * u128::from(k) / u128::from(parts)) as u64 }
        };
        let (from, to) = (cut(part.saturating_sub(1)), cut(part));
        let (source, mut input) = self.describe(path, input::open(path)?);
        let mut partial = Partial::empty(self.plan().fingerprint());
        partial.name(&source);
        let mut blocks = Blocks::new(&source, &mut input, self.block);
        let mut worker = Worker::new(self, source.clone(), 0);
        while let Some(block) = blocks.next(Vec::new()).map_err(|why| Error::at(path, why))? {
            if block.start >= to {
                break;
            }
            if let Some(block) = block.between(&source, from, to) {
                let mut added = Ok(());
                work(&mut worker, &block, &mut |segment, _| {
                    if added.is_ok() {
                        added = partial.add(&source, segment);
                    }
                });
                added?;
            }
        }
        Ok(partial)
    }

    pub(super) fn read(&self, path: &Path, input: Input, progress: &dyn Progress, partial: &mut (impl Collect + Send)) {
        let name = path.display().to_string();
        let (source, mut input) = self.describe(path, input);
        if let Some(journal) = input.journal().filter(|_| self.takes_native(&source)) {
            return self.read_native(&source, &journal, progress, partial);
        }
        let reading = Reading {
            name: &name,
            progress,
            source: &source,
            feed: Mutex::new((Blocks::new(&source, &mut input, self.block), 0)),
            partial: Mutex::new(&mut *partial),
            done: Mutex::new(Done::default()),
        };
        // While one thread reads (or decompresses), the others work on what was read before.
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| reading.work(self));
            }
        });
        drop(reading);
        // An empty file is a source too.
        partial.name(&source);
        // Whoever stops before the end has not read it all either.
        if let Some((read, size)) = input.shrunk().filter(|_| !progress.stopped()) {
            partial.unreadable(
                &name,
                format!("{name}: expected {size} bytes, found {read}: the file was cut while it was read"),
            );
        }
    }

    /// How many bytes the file has, decompressed, and of documents how many their rows have.
    fn length(&self, path: &Path) -> Result<u64, Error> {
        if !path.metadata().map_err(|err| Error::io(path, err))?.is_file() {
            return Err(Error::at(path, "expected a file, to read it twice, found a pipe, a folder or a device")
                .help("write it to a file first, or scan it as a whole"));
        }
        let (_, mut input) = self.describe(path, input::open(path)?);
        if let Some(size) = input.size {
            return Ok(size);
        }
        let (mut length, mut block) = (0, Vec::new());
        loop {
            block.clear();
            match input.fill(&mut block, BLOCK).map_err(|why| Error::at(path, why))? {
                0 => return Ok(length),
                read => length += read as u64,
            }
        }
    }
}

/// One block of whole records, piece by piece. A record longer than the limit is cut by the worker, at the same place in
/// any block. `give` takes what the block left behind, and hears with the last segment that it is the last: there are
/// several where there are very many units.
fn work(worker: &mut Worker<'_>, block: &Block, give: &mut dyn FnMut(Segment, bool)) {
    let bytes = block.bytes.as_slice();
    let (mut done, mut size) = (0, PIECE);
    worker.begin_stretch(block.start);
    while done < bytes.len() {
        let end = done.saturating_add(size).min(bytes.len());
        let whole = end == bytes.len();
        let fed = worker.feed_beside(bytes.get(done..end).unwrap_or_default(), whole && block.last, bytes);
        done += fed;
        // A record that does not end in this piece needs a longer one; nothing follows the last.
        size = if fed == 0 { size.saturating_mul(2) } else { PIECE };
        if whole && done < bytes.len() {
            worker.feed_beside(bytes.get(done..).unwrap_or_default(), true, bytes);
            break;
        }
        if worker.is_crowded() && done < bytes.len() {
            worker.keep(bytes);
            give(worker.end_stretch(), false);
            worker.begin_stretch(block.start + done as u64);
        }
    }
    worker.keep(bytes);
    let mut last = worker.end_stretch();
    last.end += block.skipped;
    give(last, true);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::rules;

    /// Asks to stop after the first bytes.
    #[derive(Default)]
    struct Hasty(AtomicBool);

    impl Progress for Hasty {
        fn advance(&self, _bytes: u64) {
            self.0.store(true, Ordering::Relaxed);
        }

        fn stopped(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn a_file_that_was_not_read_to_its_end_as_asked_was_not_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, "2026-01-09T12:00:00+0000 node a[1]: ok\n".repeat(1000)).unwrap();
        let builder = Pipeline::builder().packs(rules::load(&[], true).packs).block(4096);
        let diagnosis = builder.build().unwrap().judge(&[path], &Hasty::default());
        let whys: Vec<&str> = diagnosis.input.unreadable.iter().map(|gone| gone.why.as_str()).collect();
        let stopped = |why: &&str| why.contains("stopped at byte") && why.ends_with("as asked");
        assert!(!whys.is_empty() && whys.iter().all(stopped), "{whys:?}");
    }
}
