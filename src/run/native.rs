//! Native journal files, entry by entry, without their text.
//!
//! In: the bytes of a file. Out: the segments that reading its entries in the export form gives too, byte for byte: that
//! is the slow way, which stays as the oracle. An entry comes quickly where those with the same values came before; the
//! first of a kind and whatever is unusual is written in the export form, and read from that. It reads one file on one
//! thread and never decides what an entry means.

use crate::input::journal::JournalFile;
use crate::record::{Format, Scratch, Seen, Shapes};

use super::batch::Progress;
use super::partial::Collect;
use super::pipeline::{Pipeline, SourceInfo};
use super::worker::{RECORD_BYTES, Worker};

impl Pipeline {
    /// May entries of this source be read without their text?
    pub(super) fn takes_native(&self, source: &SourceInfo) -> bool {
        !self.naive && source.format == Format::JournalExport && source.documents.is_none()
    }

    /// Reads the entries of a journal file.
    pub(super) fn read_native(
        &self,
        source: &SourceInfo,
        journal: &[u8],
        progress: &dyn Progress,
        partial: &mut impl Collect,
    ) {
        let name = &source.name;
        partial.name(source);
        let mut entries = match JournalFile::open(journal) {
            Ok(file) => file.entries(),
            Err(why) => return partial.unreadable(name, format!("{name}: {why}")),
        };
        let mut worker = Worker::new(self, source.clone(), 0);
        let mut shapes = Shapes::default();
        let (mut scratch, mut export) = (Scratch::default(), Vec::new());
        let mut given = 0;
        while let Some(entry) = entries.step() {
            let seen = shapes.look(&entry, &mut scratch);
            let news = matches!(seen, Seen::News);
            if let Seen::Whole { glance, origin, beside, size, plain } = seen
                && size <= RECORD_BYTES as u64
                && entries.pass(&entry, plain)
            {
                worker.glance(glance, origin, *beside, size, journal);
            } else {
                export.clear();
                if !entries.render(&entry, &mut export) {
                    continue;
                }
                worker.feed_beside(&export, true, journal);
                if let Some((origin, mark)) = Some(()).filter(|()| news).and_then(|()| worker.origin(&export)) {
                    shapes.learn(&entry, origin, mark);
                }
            }
            let end = worker.end();
            if end - given >= self.block as u64 {
                progress.advance(end - given);
                given = end;
                if let Err(err) = partial.add(source, worker.take()) {
                    partial.unreadable(name, err.to_string());
                }
                if progress.stopped() {
                    return partial.unreadable(name, format!("{name}: stopped at byte {end}, as asked"));
                }
            }
        }
        progress.advance(worker.end() - given);
        worker.keep(journal);
        if let Err(err) = partial.add(source, worker.finish()) {
            partial.unreadable(name, err.to_string());
        }
        if let Some(why) = entries.summary() {
            partial.unreadable(name, format!("{name}: {why}"));
        }
    }
}
