//! Counts that stretches of log leave behind: they add up in any order.

use serde::{Deserialize, Serialize};

use super::level::Level;
use super::time::Stamp;

/// Counts for one unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitTally {
    /// Records about it.
    pub records: u64,
    /// With level err or worse.
    pub errors: u64,
    /// With level warning.
    pub warnings: u64,
    /// The latest.
    pub last: Option<Stamp>,
}

impl UnitTally {
    /// Adds the counts of another stretch.
    pub fn add(&mut self, other: &UnitTally) {
        self.records += other.records;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.last = self.last.max(other.last);
    }

    /// Counts one record.
    pub fn count(&mut self, level: Option<Level>, time: Option<Stamp>) {
        self.records += 1;
        match level {
            Some(level) if level <= Level::Err => self.errors += 1,
            Some(Level::Warning) => self.warnings += 1,
            _ => {}
        }
        self.last = self.last.max(time);
    }
}

/// What a report needs to know of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceName {
    /// The path, `-` for standard input, `journal`.
    pub name: String,
    /// The name of the format.
    pub format: String,
    /// What stands in where a source carries no times at all: when its name says that it was begun, else the time that no
    /// record of it is much later than.
    pub now: Stamp,
}

/// Counts for one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceTally {
    /// Records.
    pub records: u64,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines without the source's form.
    pub unparsed: u64,
    /// Lines that were cut.
    pub truncated: u64,
    /// Records that were left out because they stand in another source too.
    pub duplicates: u64,
    /// The byte after the last that was read.
    pub end: u64,
    /// The earliest time.
    pub first: Option<Stamp>,
    /// The latest time.
    pub last: Option<Stamp>,
}
