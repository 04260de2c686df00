//! Where the numbers of a rule were set: in its pack, and perhaps once more in the configuration.
//!
//! In: what the readers of packs and of the configuration note. Out: for a key, every place that set it, the one in force
//! last. It must never be part of what a rule means: partial results of machines that keep their configuration in
//! different places can be merged when the numbers are the same.

use std::fmt;

/// One value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The key: `at-least`, `within`, `severity`, `enabled`, `cause`, `fix`.
    pub key: &'static str,
    /// The value, as it is written.
    pub value: String,
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The configuration set it, not the pack.
    pub by_config: bool,
}

/// All places that set something of one rule, in the order in which they were read.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// Notes one more place.
    pub fn note(&mut self, origin: Option<Origin>) {
        self.0.extend(origin);
    }

    /// Every place that set `key`; the last one is in force. None: it is the default of the language.
    pub fn of(&self, key: &str) -> impl DoubleEndedIterator<Item = &Origin> {
        self.0.iter().filter(move |origin| origin.key == key)
    }
}

/// The fingerprint of a plan is made of what its packs print here; see the head of this file.
impl fmt::Debug for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origins")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
