//! Labels for a stream: bytes in, one label for each record out, in order.
//!
//! What has arrived is cut into records, threads sort stretches of them, and their lines are written in order. When
//! nothing more waits, what is there is written at once: a pipe does not wait for a full block. Neither the cut of the
//! reads nor the number of threads changes a byte of the output.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::Receiver;

use rayon::prelude::*;

use crate::base::Class;
use crate::record::{Format, Reference};
use crate::report::{Shown, label_jsonl, label_text};
use crate::scan::{Label, Labeler, Sorter};

use super::live::Bytes;
use super::worker::{RECORD_BYTES, WAIT_BYTES};

/// Bytes that are sorted together, if so many are there.
const BATCH: usize = 16 << 20;
/// Records that are not worth a second thread.
const FEW: usize = 256;
/// Records that one thread takes at a time.
const STRETCH: usize = 4096;

/// How a stream is sorted and shown.
pub struct How<'a> {
    /// By what.
    pub sorter: &'a Sorter,
    /// The form of the records; none: results in JSON, and lines.
    pub format: Option<Format>,
    /// What records refer to.
    pub reference: &'a Reference,
    /// How labels are shown.
    pub shown: Shown<'a>,
    /// In columns, for people.
    pub columns: bool,
    /// Only what somebody should look at.
    pub only_failures: bool,
}

/// What was sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelTally {
    /// Records.
    pub records: u64,
    /// Those that somebody should look at, by class.
    pub failures: BTreeMap<Class, u64>,
    /// Records that were too long to be looked at whole.
    pub cut: u64,
}

impl LabelTally {
    fn count(&mut self, label: &Label) {
        self.records += 1;
        if label.is_failure() {
            *self.failures.entry(label.class).or_default() += 1;
        }
    }

    fn add(&mut self, other: &LabelTally) {
        self.records += other.records;
        self.cut += other.cut;
        for (class, count) in &other.failures {
            *self.failures.entry(*class).or_default() += count;
        }
    }
}

/// Sorts one stream to its end. Returns why reading failed, if it did.
///
/// # Errors
/// Those of `out`.
pub fn labels(
    how: &How<'_>,
    bytes: &Receiver<Bytes>,
    out: &mut dyn io::Write,
    tally: &mut LabelTally,
) -> io::Result<Option<io::Error>> {
    let mut cutter = Cutter::new(how.format);
    let mut buffer = Vec::new();
    loop {
        let (mut over, mut failed) = (false, None);
        let mut next = bytes.recv().ok();
        loop {
            match next {
                Some(Bytes::More(more)) => buffer.extend_from_slice(&more),
                Some(Bytes::Failed(err)) => (over, failed) = (true, Some(err)),
                Some(Bytes::Stop) | None => over = true,
            }
            if over || buffer.len() >= BATCH {
                break;
            }
            match bytes.try_recv() {
                Ok(more) => next = Some(more),
                Err(_) => break,
            }
        }
        let records = cutter.cut(&buffer, over);
        for (lines, counted) in sort(how, &buffer, &records) {
            out.write_all(&lines)?;
            tally.add(&counted);
        }
        out.flush()?;
        buffer.drain(..cutter.done);
        if over {
            return Ok(failed);
        }
    }
}

/// A raw record: where it stands, and the line in which it begins.
struct Raw {
    start: usize,
    end: usize,
    line: u64,
}

/// Finds records in what has arrived.
struct Cutter {
    format: Option<Format>,
    line: u64,
    /// What stands before the first record was looked at.
    begun: bool,
    /// The rest of a record that is too long is skipped.
    skipping: bool,
    /// Bytes that were used in the last call.
    done: usize,
    /// Bytes without a line end that were looked at already.
    seen: usize,
}

impl Cutter {
    fn new(format: Option<Format>) -> Cutter {
        Cutter { format, line: 1, begun: false, skipping: false, done: 0, seen: 0 }
    }

    fn cut(&mut self, bytes: &[u8], end: bool) -> Vec<Raw> {
        let mut records = Vec::new();
        let mut at = 0;
        if !self.begun {
            // How many Windows programs begin a file: it belongs to no record.
            const MARK: &[u8] = b"\xef\xbb\xbf";
            self.begun = end || bytes.len() >= MARK.len() || !MARK.starts_with(bytes);
            self.done = 0;
            if !self.begun {
                return records;
            }
            at = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
        }
        while at < bytes.len() {
            let rest = &bytes[at..];
            if self.skipping {
                let line_end = memchr::memchr(b'\n', rest);
                at = line_end.map_or(bytes.len(), |line_end| at + line_end + 1);
                self.line += u64::from(line_end.is_some());
                self.skipping = line_end.is_none();
                continue;
            }
            let len = match self.extent(rest, end) {
                Some(len) if len <= WAIT_BYTES => len.clamp(1, rest.len()),
                None if rest.len() < WAIT_BYTES => break,
                // Always at the same byte, however much of it is there already.
                _ => {
                    self.skipping = true;
                    WAIT_BYTES
                }
            };
            self.seen = 0;
            records.push(Raw { start: at, end: at + len, line: self.line });
            self.line += memchr::memchr_iter(b'\n', &rest[..len]).count() as u64;
            at += len;
        }
        self.done = at;
        records
    }

    fn extent(&mut self, rest: &[u8], end: bool) -> Option<usize> {
        match self.format {
            Some(format) => format.extent(rest, end),
            // An object that is printed over several lines is one result.
            None if rest.starts_with(b"{\n") || rest.starts_with(b"{\r\n") => Format::JsonLines.extent(rest, end),
            None => {
                // A long line that arrives in small pieces is not searched from its front again and again.
                let from = self.seen.min(rest.len());
                self.seen = rest.len();
                match memchr::memchr(b'\n', &rest[from..]) {
                    Some(line_end) => Some(from + line_end + 1),
                    None => end.then_some(rest.len()),
                }
            }
        }
    }
}

/// The lines of output of these records, in their order, and what was counted.
fn sort(how: &How<'_>, bytes: &[u8], records: &[Raw]) -> Vec<(Vec<u8>, LabelTally)> {
    if records.len() <= FEW {
        return vec![stretch(how, bytes, records)];
    }
    records.par_chunks(STRETCH).map(|records| stretch(how, bytes, records)).collect()
}

fn stretch(how: &How<'_>, bytes: &[u8], records: &[Raw]) -> (Vec<u8>, LabelTally) {
    let mut labeler = Labeler::new(how.sorter);
    let mut lines = Vec::with_capacity(records.len() * 256);
    let mut tally = LabelTally::default();
    for raw in records {
        let mut whole = bytes.get(raw.start..raw.end).unwrap_or_default();
        if let Some(line) = whole.strip_suffix(b"\n") {
            whole = line.strip_suffix(b"\r").unwrap_or(line);
        }
        let found = match whole.get(..RECORD_BYTES).filter(|short| short.len() < whole.len()) {
            Some(beginning) => {
                tally.cut += 1;
                labeler.label_beginning(beginning, how.format, how.reference)
            }
            None => labeler.label(whole, how.format, how.reference),
        };
        let Some(label) = found else { continue };
        tally.count(label);
        if how.only_failures && !label.is_failure() {
            continue;
        }
        let write = if how.columns { label_text } else { label_jsonl };
        // Writing into memory does not fail.
        let _ = write(how.sorter, label, raw.line, how.shown, &mut lines);
    }
    (lines, tally)
}
