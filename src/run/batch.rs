//! Batch: files that are there, worked on in parallel, one diagnosis over all of them.
//!
//! Files are worked on side by side, and the blocks of one file too: a block ends where a record ends, is worked on by
//! itself, and joins its neighbours as a [`Segment`]. The order of files, the number of threads and the size of blocks
//! never change the diagnosis.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use crate::base::{Error, Stamp};
use crate::incident::Diagnosis;
use crate::input::{self, Input};
use crate::record;

use super::blocks::{Block, Blocks};
use super::partial::Partial;
use super::pipeline::{Pipeline, SourceInfo};
use super::segment::Segment;
use super::settle::Settler;
use super::worker::Worker;

/// Bytes of a block, before the rest of its last record is put off to the next one; [`PipelineBuilder::block`] sets
/// another size.
///
/// [`PipelineBuilder::block`]: super::PipelineBuilder::block
pub const BLOCK: usize = 4 << 20;

/// Hears how far reading has come, and can end it early.
pub trait Progress: Sync {
    /// So many bytes more were read.
    fn advance(&self, bytes: u64);

    /// Somebody asked to finish with what was read so far.
    fn stopped(&self) -> bool {
        false
    }
}

impl Progress for () {
    fn advance(&self, _bytes: u64) {}
}

impl Pipeline {
    /// Reads files and folders: one diagnosis over all of them. What cannot be read is told in it.
    pub fn diagnose(&self, paths: &[PathBuf]) -> Diagnosis {
        Settler::diagnose(self, self.scan(paths, &()))
    }

    /// Reads bytes as if they were the file `name`.
    pub fn diagnose_bytes(&self, name: &str, bytes: &[u8]) -> Diagnosis {
        let now = jiff::Timestamp::now();
        let input = Input::from_bytes(bytes.to_vec(), Stamp::from_jiff(now));
        let mut partial = Partial::empty(self.plan().fingerprint());
        self.read(Path::new(name), input, &(), &mut partial);
        Settler::diagnose(self, partial)
    }

    /// Reads files and folders, and leaves what they left behind.
    pub fn scan(&self, paths: &[PathBuf], progress: &dyn Progress) -> Partial {
        let found = input::find(paths);
        let mut whole = Partial::empty(self.plan().fingerprint());
        for (path, err) in &found.errors {
            whole.unreadable(&path.display().to_string(), err.to_string());
        }
        let whole = Mutex::new(whole);
        found.files.par_iter().for_each(|path| {
            let mut partial = Partial::empty(self.plan().fingerprint());
            match input::open(path) {
                Ok(input) => self.read(path, input, progress, &mut partial),
                Err(err) => partial.unreadable(&path.display().to_string(), err.to_string()),
            }
            let mut whole = whole.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // Different files never overlap: the union cannot fail.
            if let Err(err) = whole.merge(partial) {
                whole.unreadable(&path.display().to_string(), err.to_string());
            }
        });
        whole.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Reads the `part`-th of `parts` stretches of one file (counted from 1), cut where records begin.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scan_part(&self, path: &Path, part: u64, parts: u64) -> Result<Partial, Error> {
        let mut input = input::open(path)?;
        let source = self.describe(path, &input);
        let mut bytes = Vec::new();
        while input.fill(&mut bytes, BLOCK).map_err(|why| Error::at(path, why))? > 0 {}
        let cut = |k: u64| -> usize {
            let aim = (bytes.len() as u64 * k / parts) as usize;
            if k >= parts { bytes.len() } else { record_end(&source, &bytes, aim) }
        };
        let (from, to) = (cut(part - 1), cut(part));
        let mut worker = Worker::new(self, source.clone(), from as u64);
        worker.feed(&bytes[from..to], true);
        let mut partial = Partial::empty(self.plan().fingerprint());
        partial.add(&source, worker.finish())?;
        Ok(partial)
    }

    fn describe(&self, path: &Path, input: &Input) -> SourceInfo {
        let now = input.modified.or_else(|| Stamp::from_jiff(jiff::Timestamp::now())).unwrap_or(Stamp(0));
        self.source(&path.display().to_string(), record::unit_of_path(path), now, &input.head, &input.tail)
    }

    fn read(&self, path: &Path, mut input: Input, progress: &dyn Progress, partial: &mut Partial) {
        let name = path.display().to_string();
        let source = self.describe(path, &input);
        let mut blocks = Blocks::new(&source, &mut input, self.block);
        let mut done = false;
        while !done {
            if progress.stopped() {
                partial.unreadable(&name, format!("{name}: stopped at byte {}, as asked", blocks.start()));
                return;
            }
            // As many blocks as threads are read, then worked on together.
            let mut batch: Vec<Block> = Vec::new();
            while batch.len() < rayon::current_num_threads() && !done {
                match blocks.next() {
                    Ok(Some(block)) => {
                        progress.advance(block.bytes.len() as u64 + block.skipped);
                        batch.push(block);
                    }
                    Ok(None) => done = true,
                    // What was read before the failure still comes.
                    Err(why) => partial.unreadable(&name, format!("{name}: {why}")),
                }
            }
            let worked: Vec<Segment> = batch.par_iter().map(|block| self.work(&source, block)).collect();
            for segment in worked {
                if let Err(err) = partial.add(&source, segment) {
                    partial.unreadable(&name, err.to_string());
                }
            }
        }
        // An empty file is a source too.
        partial.name(&source);
        if let Some((read, size)) = input.shrunk() {
            partial.unreadable(
                &name,
                format!("{name}: expected {size} bytes, found {read}: the file was cut while it was read"),
            );
        }
    }

    /// One block of whole records. A record longer than the limit is cut by the worker, at the same place in any block.
    fn work(&self, source: &SourceInfo, block: &Block) -> Segment {
        let mut worker = Worker::new(self, source.clone(), block.start);
        let done = worker.feed(&block.bytes, block.last);
        if let Some(rest) = block.bytes.get(done..).filter(|rest| !rest.is_empty()) {
            worker.feed(rest, true);
        }
        let mut segment = worker.finish();
        segment.end += block.skipped;
        segment
    }
}

/// The first record end at or after `aim`.
fn record_end(source: &SourceInfo, bytes: &[u8], aim: usize) -> usize {
    let mut at = 0;
    while at < aim {
        match source.format.extent(&bytes[at..], true).filter(|len| *len > 0) {
            Some(len) => at += len,
            None => return bytes.len(),
        }
    }
    at
}

/// Reads everything from `reader`, as one source: the slow way to the same diagnosis, in reads of any size.
pub fn drip(pipeline: &Pipeline, name: &str, unit: &str, now: Stamp, mut reader: impl Read, size: usize) -> Diagnosis {
    let mut all = Vec::new();
    let mut settler = Settler::new(pipeline);
    if let Err(err) = reader.read_to_end(&mut all) {
        settler.unreadable(name, format!("{name}: reading failed at byte {}: {err}", all.len()));
    }
    let head = &all[..all.len().min(64 << 10)];
    let tail = &all[all.len().saturating_sub(64 << 10)..];
    let source = pipeline.source(name, unit.to_owned(), now, head, tail);
    settler.name(source.id, source.to_name());
    let mut worker = Worker::new(pipeline, source, 0);
    let (mut done, mut read) = (0, 0);
    while read < all.len() {
        read = (read + size.max(1)).min(all.len());
        done += worker.feed(&all[done..read], read == all.len());
        settler.absorb(worker.take());
    }
    settler.finish()
}
