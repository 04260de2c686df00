//! A document that is rewritten whole: only what is new in it comes out.
//!
//! In: a path that is looked at again and again. Out: rows, each once. The writer may write in place, or write another file
//! and rename it, drop old rows, die half way, delete the file and make it again: what cannot be read whole is left for
//! the next look. What was given is kept in memory, not by place: rows move when others are dropped.

use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::{Span, Stamp};
use crate::record::document::{Catalog, Context, DOCUMENT_BYTES, Exploder, Head, Piece, Row};

use super::mark::Mark;
use super::seen::Seen;

/// A document that stays broken for this long is told: no writer takes so long.
const PATIENCE: Span = Span::seconds(5);

/// A followed document.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    catalog: Arc<Catalog>,
    head: Head,
    zone: TimeZone,
    /// The file when it was last read whole, and its bytes.
    read: Option<(Mark, u64)>,
    /// Since when the same bytes cannot be read, and whether that was told.
    broken: Option<(u64, Stamp, bool)>,
    seen: Seen,
    forgotten: u64,
}

/// What one look brought.
#[derive(Debug, Default)]
pub struct Update {
    /// New lines, whole ones.
    pub bytes: Vec<u8>,
    /// What a person should know.
    pub notices: Vec<String>,
}

impl Store {
    /// A store at `path`, whose documents are of the kind that `head` names.
    pub fn new(path: &Path, catalog: Arc<Catalog>, head: Head, zone: TimeZone) -> Store {
        Store {
            path: path.to_owned(),
            catalog,
            head,
            zone,
            read: None,
            broken: None,
            seen: Seen::default(),
            forgotten: 0,
        }
    }

    /// Looks at the file. `now` is the moment of the look: also the time of rows that carry none.
    pub fn poll(&mut self, now: Stamp) -> Update {
        let mut update = Update::default();
        let Some((mark, bytes)) = self.bytes(now) else { return update };
        let hash = hash(&bytes);
        if self.read.is_some_and(|(_, known)| known == hash) {
            self.read = Some((mark, hash));
            return update;
        }
        match self.rows(&bytes, now) {
            Ok(rows) => {
                self.read = Some((mark, hash));
                self.broken = None;
                self.give(rows, &mut update);
            }
            Err(why) => self.wait(hash, now, &why, &mut update),
        }
        update
    }

    /// The bytes of the file, when it was written since the last look.
    fn bytes(&self, now: Stamp) -> Option<(Mark, Vec<u8>)> {
        let mark = Mark::of(&std::fs::metadata(&self.path).ok()?);
        if self.read.is_some_and(|(known, _)| known == mark && !mark.is_racy(now)) {
            return None;
        }
        let mut bytes = Vec::new();
        let file = File::open(&self.path).ok()?;
        let mark = Mark::of(&file.metadata().ok()?);
        file.take(DOCUMENT_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
        // An empty file is one that somebody is about to write.
        (!bytes.trim_ascii().is_empty()).then_some((mark, bytes))
    }

    fn rows(&self, bytes: &[u8], now: Stamp) -> Result<Vec<Row>, String> {
        if bytes.len() > DOCUMENT_BYTES {
            return Err("it is longer than 64 MiB".to_owned());
        }
        let path = Some(self.path.display().to_string());
        let context = Context { path, zone: self.zone.clone(), now, moment: Some(now) };
        let mut exploder = Exploder::of_head(&self.catalog, context, &self.head);
        let mut rows = Vec::new();
        exploder.feed(bytes, true, &mut |piece| match piece {
            Piece::Row(row) => rows.push(row),
            // Lines among documents are given once, too.
            Piece::Text(text) if !text.trim_ascii().is_empty() => {
                let mut line = text.trim_ascii_end().to_vec();
                line.push(b'\n');
                rows.push(Row { identity: hash(&line), line, at: Vec::new(), fresh: false });
            }
            Piece::Text(_) => {}
        });
        match exploder.problems().into_iter().next() {
            Some(why) => Err(why),
            None => Ok(rows),
        }
    }

    fn give(&mut self, rows: Vec<Row>, update: &mut Update) {
        let news = self.seen.read(rows);
        for row in news.rows {
            update.bytes.extend_from_slice(&row.line);
        }
        if news.gap {
            let what = "nothing that was read before is in it any more: rows may have come and gone between two looks";
            update.notices.push(what.to_owned());
        }
        let forgotten = self.seen.forgotten();
        if forgotten > self.forgotten {
            let n = forgotten - self.forgotten;
            update.notices.push(format!("{n} old rows are forgotten: should they come back, they count again"));
            self.forgotten = forgotten;
        }
    }

    /// The file is half written, or broken: tells it when it stays so.
    fn wait(&mut self, hash: u64, now: Stamp, why: &str, update: &mut Update) {
        match self.broken {
            Some((known, since, told)) if known == hash => {
                if !told && now.since(since) >= PATIENCE {
                    update.notices.push(why.to_owned());
                    self.broken = Some((hash, since, true));
                }
            }
            _ => self.broken = Some((hash, now, false)),
        }
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = foldhash::quality::FixedState::with_seed(0x7374_6f72).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests;
