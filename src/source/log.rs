//! A log that grows: its new bytes, through rotation and truncation.
//!
//! In: a path that is looked at again and again. Out: the bytes that were added. A file that was renamed is read to its end
//! before the new one of its name is begun; one that was cut is read from its start. Nothing is read twice.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::mark::Mark;

/// Bytes read in one look: many logs are followed by one thread.
const READ: u64 = 4 << 20;

/// Bytes at the start of a file by which it is known again.
const START: usize = 256;

/// A followed log.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    id: (u64, u64),
    at: u64,
    start: Vec<u8>,
}

/// What one look brought.
#[derive(Debug, Default)]
pub struct Growth {
    /// The new bytes.
    pub bytes: Vec<u8>,
    /// Here the file ended: what follows is of another one, and no line goes on.
    pub ended: bool,
    /// More is there already.
    pub more: bool,
    /// What a person should know.
    pub notices: Vec<String>,
}

impl Log {
    /// The log at `path`, from its first byte on; it need not be there yet.
    pub fn new(path: &Path) -> Log {
        Log { path: path.to_owned(), open: None }
    }

    /// Reads what was added since the last look.
    pub fn poll(&mut self) -> Growth {
        let mut growth = Growth::default();
        let named = std::fs::metadata(&self.path).ok().map(|meta| Mark::of(&meta));
        let Some(open) = &mut self.open else {
            if let Some(opened) = Open::new(&self.path) {
                let open = self.open.insert(opened);
                open.read(&mut growth);
            }
            return growth;
        };
        if open.was_cut() {
            growth.notices.push("it was cut: what was written before that and not read is lost".to_owned());
            growth.ended = true;
            open.at = 0;
            open.start.clear();
            // What follows comes with the next look, behind the end of what was.
            growth.more = true;
            return growth;
        }
        open.read(&mut growth);
        let moved = named.is_some_and(|named| named.id != open.id);
        if moved && !growth.more {
            // Something may have been added after the look at its name.
            open.read(&mut growth);
            if !growth.more {
                growth.ended = true;
                self.open = Open::new(&self.path);
                growth.more = self.open.is_some();
            }
        }
        growth
    }
}

impl Open {
    fn new(path: &Path) -> Option<Open> {
        let file = File::open(path).ok()?;
        let mark = Mark::of(&file.metadata().ok()?);
        Some(Open { file, id: mark.id, at: 0, start: Vec::new() })
    }

    /// Is the file shorter than what was read, or does it begin with something else?
    fn was_cut(&mut self) -> bool {
        if self.at == 0 {
            return false;
        }
        if self.file.metadata().is_ok_and(|meta| meta.len() < self.at) {
            return true;
        }
        let mut start = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| {
            let file: &File = &self.file;
            file.take(self.start.len() as u64).read_to_end(&mut start)
        });
        read.is_ok() && start != self.start
    }

    fn read(&mut self, growth: &mut Growth) {
        let before = growth.bytes.len();
        let read = self.file.seek(SeekFrom::Start(self.at)).and_then(|_| {
            let file: &File = &self.file;
            file.take(READ).read_to_end(&mut growth.bytes)
        });
        if let Err(err) = read {
            growth.notices.push(format!("reading failed at byte {}: {err}", self.at));
        }
        let new = growth.bytes.get(before..).unwrap_or_default();
        let missing = START.saturating_sub(self.start.len());
        if self.at as usize == self.start.len() {
            self.start.extend_from_slice(new.get(..missing.min(new.len())).unwrap_or_default());
        }
        self.at += new.len() as u64;
        growth.more = new.len() as u64 == READ;
    }
}

#[cfg(test)]
mod tests;
