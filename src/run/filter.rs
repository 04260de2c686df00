//! Which records count: the reading options `-u`, `-S`, `-U` and `-p`.

use crate::base::{Glob, Level, Stamp, stem};
use crate::record::Record;

/// A choice of records. The default takes all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Units, as `journalctl -u` takes them: a pattern, with or without `.service`.
    pub units: Vec<Glob>,
    /// Not before.
    pub since: Option<Stamp>,
    /// Not after.
    pub until: Option<Stamp>,
    /// This level or worse. Records of forms without levels pass: nobody knows theirs.
    pub level: Option<Level>,
}

impl Filter {
    /// Is this record within time and level? `time` is the record's or what stands in for it.
    pub fn takes(&self, record: &Record<'_>, time: Option<Stamp>) -> bool {
        self.takes_level(record.level, time)
    }

    /// The same of a record of this level.
    pub fn takes_level(&self, level: Option<Level>, time: Option<Stamp>) -> bool {
        let early = self.since.is_some_and(|since| time.is_some_and(|t| t < since));
        let late = self.until.is_some_and(|until| time.is_some_and(|t| t > until));
        let mild = self.level.is_some_and(|worst| level.is_some_and(|level| level > worst));
        !early && !late && !mild
    }

    /// Is this the name of a unit that was asked for?
    pub fn takes_unit(&self, unit: &str) -> bool {
        self.units.is_empty() || self.units.iter().any(|g| g.matches(unit) || g.matches(stem(unit)))
    }
}
