//! From a stream of documents to lines: rows where a definition fits, everything else as it came.
//!
//! In: bytes, in any cut. Out: rows, and stretches of text that are no documents, in the order of the stream. What is held
//! is one document, 64 MiB at most. A document that is broken or too long is told, and reading goes on behind it; it
//! never gives rows in part.

use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr};

use super::super::json::{Items, Value};
use super::super::jsonl;
use super::catalog::{Catalog, Head};
use super::model::Syntax;
use super::rows::{Context, Document, Row};
use super::scanner::{Scan, Scanner};
use crate::base::Stamp;

/// Longest document, in bytes.
pub const DOCUMENT_BYTES: usize = 64 << 20;

/// So many broken documents are told one by one.
const TOLD: usize = 5;

/// A stretch of blanks that is no beginning of a value.
const BLANKS: usize = 4096;

mod block;

/// What comes out of a stream.
#[derive(Debug)]
pub enum Piece<'a> {
    /// A row of a document.
    Row(Row),
    /// What is no document, as it came.
    Text(&'a [u8]),
}

/// Where reading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// In front of a line, or of a value behind a value.
    Fresh,
    /// In a line that is no value.
    Line,
    /// In a value that begins here.
    Value(usize),
    /// Behind a value: its beginning and its end.
    After(usize, usize),
    /// In a value that is too long.
    Long,
    /// Behind a broken document, in a line.
    Lost,
    /// Behind a broken document, in front of a line.
    Seeking,
}

/// Turns a stream into rows and text.
#[derive(Debug)]
pub struct Exploder {
    catalog: Arc<Catalog>,
    context: Context,
    syntax: Syntax,
    forced: Option<usize>,
    buffer: Vec<u8>,
    /// So many bytes of the buffer are done with. What is left is "the rest" below.
    done: usize,
    /// How far the rest was looked at.
    seen: usize,
    /// The line, from 1, in which the rest begins, and the byte of that line.
    line: u64,
    column: u64,
    mode: Mode,
    scanner: Scanner,
    /// Values and lines so far, and those of them that are lines of text.
    pieces: u64,
    texts: u64,
    met: Option<usize>,
    problems: Vec<String>,
    untold: u64,
    begun: bool,
}

impl Exploder {
    /// For a stream of this syntax; `forced`: all its documents are of this definition.
    pub fn new(catalog: Arc<Catalog>, context: Context, syntax: Syntax, forced: Option<usize>) -> Exploder {
        Exploder {
            catalog,
            context,
            syntax,
            forced,
            buffer: Vec::new(),
            done: 0,
            seen: 0,
            line: 1,
            column: 0,
            mode: Mode::Fresh,
            scanner: Scanner::new(),
            pieces: 0,
            texts: 0,
            met: None,
            problems: Vec::new(),
            untold: 0,
            begun: false,
        }
    }

    /// For a stream that [`Catalog::look`] has looked at.
    pub fn of_head(catalog: &Arc<Catalog>, context: Context, head: &Head) -> Exploder {
        let syntax = catalog.get(head.definition).map_or(Syntax::Json, |definition| definition.syntax);
        Exploder::new(catalog.clone(), context, syntax, head.forced.then_some(head.definition))
    }

    /// The definition of the first document so far.
    pub(super) fn met(&self) -> Option<usize> {
        self.met
    }

    /// Nothing but the beginning of a first document was seen.
    pub(super) fn is_in_first(&self) -> bool {
        self.pieces == 0 && (self.syntax != Syntax::Json || matches!(self.mode, Mode::Value(_) | Mode::After(..)))
    }

    /// Times from here on are of this moment, where rows have none.
    pub fn at_moment(&mut self, now: Stamp) {
        self.context.now = now;
        self.context.moment = Some(now);
    }

    /// What went wrong since the last call, for people.
    pub fn problems(&mut self) -> Vec<String> {
        let mut problems = std::mem::take(&mut self.problems);
        if self.untold > 0 {
            problems.push(format!("{} more documents are broken or too long", self.untold));
            self.untold = 0;
        }
        problems
    }

    /// Takes more of the stream; with `end`, nothing follows.
    pub fn feed(&mut self, bytes: &[u8], end: bool, give: &mut dyn FnMut(Piece<'_>)) {
        self.buffer.extend_from_slice(bytes);
        if !self.begun && (self.buffer.len() >= 3 || end) {
            self.begun = true;
            if self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.buffer.drain(..3);
            }
        }
        if !self.begun {
            return;
        }
        match self.syntax {
            Syntax::Json => while self.step(end, give) {},
            Syntax::Properties => while self.block(end, b"\n\n", give) {},
            Syntax::Bullets => while self.block(end, b"\n# ", give) {},
        }
        self.buffer.drain(..self.done);
        self.done = 0;
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.done..).unwrap_or_default()
    }

    /// The lines that come out: rows, and text as it came.
    pub fn lines(&mut self, bytes: &[u8], end: bool, out: &mut Vec<u8>) {
        self.feed(bytes, end, &mut |piece| match piece {
            Piece::Row(row) => out.extend_from_slice(&row.line),
            Piece::Text(text) => out.extend_from_slice(text),
        });
    }

    /// One step; `false`: more bytes are needed, or nothing is left.
    fn step(&mut self, end: bool, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        if self.rest().is_empty() {
            return false;
        }
        match self.mode {
            Mode::Fresh => self.fresh(end, give),
            Mode::Line => {
                let line_end = memchr(b'\n', self.rest()).map(|at| at + 1);
                self.mode = if line_end.is_some() { Mode::Fresh } else { Mode::Line };
                self.pass(line_end.unwrap_or(self.rest().len()), give);
                self.pieces += u64::from(line_end.is_some());
                self.texts += u64::from(line_end.is_some());
                true
            }
            Mode::Value(from) => self.value(from, end),
            Mode::After(from, to) => self.after(from, to, end, give),
            Mode::Long => {
                let (mut at, whole) = (0, self.rest().len());
                match self.scanner.step(self.buffer.get(self.done..).unwrap_or_default(), &mut at) {
                    Scan::More => self.drop_to(whole),
                    Scan::End(to) => {
                        self.drop_to(to);
                        self.mode = Mode::Lost;
                    }
                    Scan::Wrong(to, _) => {
                        self.drop_to(to.max(1));
                        self.mode = Mode::Lost;
                    }
                }
                true
            }
            Mode::Lost => {
                let line_end = memchr(b'\n', self.rest()).map(|at| at + 1);
                self.mode = if line_end.is_some() { Mode::Seeking } else { Mode::Lost };
                self.drop_to(line_end.unwrap_or(self.rest().len()));
                true
            }
            Mode::Seeking => {
                self.mode = if matches!(self.rest().first(), Some(b'{' | b'[')) { Mode::Fresh } else { Mode::Lost };
                true
            }
        }
    }

    fn fresh(&mut self, end: bool, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        let start = self.rest().iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        match start.and_then(|at| Some((at, self.rest().get(at)?))) {
            None if end => self.pass(self.rest().len(), give),
            None if self.rest().len() > BLANKS => self.mode = Mode::Line,
            None => return false,
            Some((at, b'\n')) => self.pass(at + 1, give),
            Some((at, b'{' | b'[')) => {
                self.scanner = Scanner::new();
                self.seen = at;
                self.mode = Mode::Value(at);
            }
            Some(_) => self.mode = Mode::Line,
        }
        true
    }

    fn value(&mut self, from: usize, end: bool) -> bool {
        match self.scanner.step(self.buffer.get(self.done..).unwrap_or_default(), &mut self.seen) {
            Scan::End(to) => {
                self.mode = Mode::After(from, to);
                true
            }
            Scan::More if self.rest().len() - from > DOCUMENT_BYTES => {
                self.tell(from, "is longer than 64 MiB".to_owned());
                self.pieces += 1;
                self.drop_to(self.seen);
                self.mode = Mode::Long;
                true
            }
            Scan::More if end => {
                self.broken(from, self.rest().len(), "ends before it is closed");
                true
            }
            Scan::More => false,
            Scan::Wrong(at, expected) => {
                let found = match self.rest().get(at) {
                    Some(byte) if byte.is_ascii_graphic() => format!("'{}'", char::from(*byte)),
                    Some(byte) => format!("the byte {byte:#04x}"),
                    None => "nothing".to_owned(),
                };
                self.broken(from, at, &format!("is broken: expected {expected}, found {found}"));
                true
            }
        }
    }

    /// A value that is none, up to `at`. On one line, or among lines of text, it is text as logs have it; else it is a
    /// document that broke.
    fn broken(&mut self, from: usize, at: usize, why: &str) {
        let head = self.rest().get(from..at).unwrap_or_default();
        let one_line = memchr(b'\n', head).is_none();
        let first = self.pieces == 0 && jsonl::is_object(head);
        let text = one_line || self.texts > 0;
        if !text || first {
            let (line, column) = self.place(at);
            self.tell(from, format!("{why} (line {line}, column {column})"));
        }
        if text {
            self.mode = Mode::Line;
            return;
        }
        self.pieces += 1;
        self.drop_to(at);
        self.mode = Mode::Lost;
    }

    fn after(&mut self, from: usize, to: usize, end: bool, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        let rest = self.rest().get(to..).unwrap_or_default();
        let next = rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b','));
        let done = match next.and_then(|at| Some((to + at, self.rest().get(to + at)?))) {
            None if end => self.rest().len(),
            None if rest.len() > BLANKS => self.rest().len(),
            None => return false,
            Some((at, b'\n')) => at + 1,
            Some((at, b'{' | b'[')) => at,
            Some((_, _)) => {
                let value = self.rest().get(from..to).unwrap_or_default();
                if memchr(b'\n', value).is_none() {
                    // Text that begins like a value: `[1] 2023/11/19 ... [INF] ...`.
                    self.mode = Mode::Line;
                    return true;
                }
                to
            }
        };
        let prefix = self.prefix(from);
        self.pieces += 1;
        let buffer = std::mem::take(&mut self.buffer);
        let rest = buffer.get(self.done..).unwrap_or_default();
        if !self.explode(rest.get(from..to).unwrap_or_default(), &prefix, give) {
            give(Piece::Text(rest.get(..done).unwrap_or_default()));
        }
        self.buffer = buffer;
        self.drop_to(done);
        self.mode = Mode::Fresh;
        true
    }

    /// What stands before the pointers of a document that begins at `from`. The first of a stream needs no name: its
    /// pointers are those of the file.
    fn prefix(&self, from: usize) -> String {
        if self.pieces == 0 { String::new() } else { format!("{}:", self.place(from).0) }
    }

    /// Gives the rows of a document. `false`: no definition fits.
    fn explode(&mut self, value: &[u8], prefix: &str, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        let catalog = self.catalog.clone();
        let path = self.context.path.as_deref();
        let find = |value: &[u8]| self.forced.or_else(|| catalog.find(value, self.syntax, path));
        let mut met = None;
        let mut rows = |value: &[u8], prefix: &[u8], index: usize| {
            let Some(definition) = catalog.get(index) else { return };
            met = met.or(Some(index));
            Document { definition, raw: value, prefix, context: &self.context }.rows(&mut |row| give(Piece::Row(row)));
        };
        let whole = catalog.find(value, self.syntax, path);
        let in_array = value.first() == Some(&b'[') && whole.is_none();
        if in_array && (self.forced.is_some() || catalog.find_in_array(value, path)) {
            for (index, item) in Items::new(value).map_while(Result::ok).enumerate() {
                if let Value::Object(item) = item
                    && let Some(definition) = find(item)
                {
                    rows(item, format!("{prefix}/{index}").as_bytes(), definition);
                }
            }
        } else if let Some(definition) = self.forced.or(whole) {
            rows(value, prefix.as_bytes(), definition);
        }
        self.met = self.met.or(met);
        met.is_some()
    }

    /// Gives the first bytes of the buffer as text.
    fn pass(&mut self, len: usize, give: &mut dyn FnMut(Piece<'_>)) {
        give(Piece::Text(self.rest().get(..len).unwrap_or_default()));
        self.drop_to(len);
    }

    /// Forgets the first bytes of the rest.
    fn drop_to(&mut self, len: usize) {
        let len = len.min(self.rest().len());
        (self.line, self.column) = self.position(len);
        self.done += len;
        self.seen = 0;
    }

    /// The line and the bytes of it in front of this byte of the buffer.
    fn position(&self, at: usize) -> (u64, u64) {
        let before = self.rest().get(..at).unwrap_or(self.rest());
        match memrchr(b'\n', before) {
            Some(last) => (self.line + memchr_iter(b'\n', before).count() as u64, (before.len() - last - 1) as u64),
            None => (self.line, self.column + before.len() as u64),
        }
    }

    /// The line and the column, both from 1, of a byte of the buffer.
    fn place(&self, at: usize) -> (u64, u64) {
        let (line, column) = self.position(at);
        (line, column + 1)
    }

    fn tell(&mut self, from: usize, why: String) {
        if self.problems.len() >= TOLD {
            self.untold += 1;
            return;
        }
        let (line, _) = self.place(from);
        self.problems.push(format!("the document that begins in line {line} {why}"));
    }
}

#[cfg(test)]
mod tests;
