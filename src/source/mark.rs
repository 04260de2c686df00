//! What a file looked like from outside: has it changed since?
//!
//! In: a path. Out: which file it is, how long, and when it was last written. A file that was written in the last moments
//! may be written again without a new time, for clocks of file systems are coarse: such a mark proves nothing.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use crate::base::{Span, Stamp};

/// File systems tell times at least this exactly.
const COARSE: Span = Span::seconds(2);

/// One look at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Device and number of the file: another file under the same name has others.
    pub id: (u64, u64),
    /// Bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: Stamp,
}

impl Mark {
    /// The mark of an open file or of a path.
    pub fn of(meta: &Metadata) -> Mark {
        let modified = Stamp::from_seconds(meta.mtime(), meta.mtime_nsec()).unwrap_or(Stamp(0));
        Mark { id: (meta.dev(), meta.ino()), size: meta.size(), modified }
    }

    /// Was it written so shortly before `now` that it may be written again under the same time?
    pub fn is_racy(&self, now: Stamp) -> bool {
        now.minus(COARSE) <= self.modified
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_just_written_proves_nothing() {
        let mark = |at: i64| Mark { id: (1, 1), size: 1, modified: Stamp(at * 1_000_000_000) };
        let now = Stamp(100_000_000_000);
        assert_eq!([97, 98, 100, 200].map(|at| mark(at).is_racy(now)), [false, true, true, true]);
    }
}
