//! Sources that hold documents: their rows, as lines that a worker reads like any log.
//!
//! In: an open input, or the head of a stream. Out: the same input where it holds no documents, else one whose bytes are
//! rows. Only the head is looked at: a log that holds none costs nothing. What is broken about a document is told when all
//! of the input was read.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::base::Stamp;
use crate::input::Input;
use crate::record::document::{Context, Exploder, Head};
use crate::record::{self, Format};
use crate::source::Store;
use crate::source::probe::Exploded;

use super::pipeline::{Pipeline, SourceInfo};

/// Bytes of a document that are read at once.
const READ: usize = 256 << 10;

impl Pipeline {
    /// What the file is, and its records: of documents their rows.
    pub(super) fn describe(&self, path: &Path, input: Input) -> (SourceInfo, Input) {
        let now = input.modified.or_else(|| Stamp::from_jiff(jiff::Timestamp::now())).unwrap_or(Stamp(0));
        let name = path.display().to_string();
        let found = self.documents(Some(&name), &input.head, input.is_whole_in_head());
        let input = match &found {
            None => input,
            Some(found) => {
                let (modified, exploder) = (input.modified, self.exploder(found, Some(&name), now, None));
                let rows = Rows { input, exploder, out: Vec::new(), given: 0, over: false, wrong: Vec::new() };
                Input::from_reader(rows, modified)
            }
        };
        let unit = record::unit_of_path(path);
        let mut source = self.source(&name, unit, now, &input.head, &input.tail);
        if let Some(found) = &found {
            self.label(&mut source, found);
        }
        (source, input)
    }

    /// Does a stream that begins with `head` hold documents? `path` is its file, `whole`: nothing follows.
    pub(super) fn documents(&self, path: Option<&str>, head: &[u8], whole: bool) -> Option<Head> {
        match (&self.document, self.format) {
            (Some(name), _) => self.catalog.named(name),
            // Who names a format means it.
            (None, Some(_)) => None,
            (None, None) => self.catalog.look(path, head, whole),
        }
    }

    /// The documents in an answer that is there as a whole, as lines of rows; `None` when it holds none that is known.
    /// `path`: its file, if it has one; `moment`: when it was read, the time of rows that carry none.
    pub fn explode(&self, bytes: &[u8], path: Option<&str>, moment: Stamp) -> Option<Exploded> {
        let found = self.catalog.look(path, bytes, true)?;
        let mut exploder = self.exploder(&found, path, moment, Some(moment));
        let mut lines = Vec::new();
        exploder.lines(bytes, true, &mut lines);
        Some(Exploded { lines, wrong: exploder.problems() })
    }

    /// What turns such a stream into lines. `moment`: the time of rows that carry none.
    pub(super) fn exploder(&self, found: &Head, path: Option<&str>, now: Stamp, moment: Option<Stamp>) -> Exploder {
        let context = Context { path: path.map(str::to_owned), zone: self.zone.clone(), now, moment };
        Exploder::of_head(&self.catalog, context, found)
    }

    /// What looks at such a file again and again.
    pub(super) fn store(&self, path: &Path, found: Head) -> Store {
        Store::new(path, self.catalog.clone(), found, self.zone.clone())
    }

    /// Rows are lines of JSON, and the source is called by what its documents are; but a log in which a document stands
    /// here and there stays the log that it is.
    pub(super) fn label(&self, source: &mut SourceInfo, found: &Head) {
        if found.forced || matches!(source.format, Format::JsonLines | Format::Plain) {
            source.format = Format::JsonLines;
            source.documents = self.catalog.get(found.definition).map(|definition| Arc::from(definition.name.as_str()));
        }
    }
}

/// The rows of an input.
struct Rows {
    input: Input,
    exploder: Exploder,
    out: Vec<u8>,
    given: usize,
    over: bool,
    wrong: Vec<String>,
}

impl Rows {
    fn more(&mut self) {
        let mut raw = Vec::new();
        match self.input.fill(&mut raw, READ) {
            Ok(got) => self.over = got == 0,
            Err(why) => {
                self.wrong.push(why);
                self.over = true;
            }
        }
        self.exploder.lines(&raw, self.over, &mut self.out);
        self.wrong.extend(self.exploder.problems());
        if let Some((read, size)) = self.input.shrunk().filter(|_| self.over) {
            self.wrong.push(format!("expected {size} bytes, found {read}: the file was cut while it was read"));
        }
    }
}

impl Read for Rows {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.out.get(self.given..).unwrap_or_default();
            if !left.is_empty() {
                let len = left.len().min(into.len());
                for (to, from) in into.iter_mut().zip(left) {
                    *to = *from;
                }
                self.given += len;
                return Ok(len);
            }
            self.out.clear();
            self.given = 0;
            if self.over {
                let wrong = std::mem::take(&mut self.wrong);
                return if wrong.is_empty() {
                    Ok(0)
                } else {
                    Err(io::Error::new(io::ErrorKind::InvalidData, wrong.join("; ")))
                };
            }
            self.more();
        }
    }
}

#[cfg(test)]
mod tests;
