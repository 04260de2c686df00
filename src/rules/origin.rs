//! Where the numbers of a rule were set: in its pack, and perhaps once more in the configuration.
//!
//! In: what the readers of packs and of the configuration note. Out: for a key, the line of the pack, and what the
//! configuration changed. It must never be part of what a rule means: partial results of machines that keep their
//! configuration in different places can be merged when the numbers are the same.

use serde::{Deserialize, Serialize};

/// The places of the numbers of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// Lines of [`Origins::KEYS`] in the file of the pack; 0 where the default of the language holds.
    lines: [u32; Origins::KEYS.len()],
    #[serde(skip)]
    changes: Vec<Change>,
}

/// What the configuration changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The key: that of a number, or `severity`, `enabled`, `cause`, `fix`.
    pub key: &'static str,
    /// The configuration, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What it was before.
    pub before: String,
}

impl Origins {
    /// The keys whose lines are noted, in their order.
    pub(super) const KEYS: [&'static str; 15] = [
        "at-least", "within", "severity", "after", "last", "recent", "values", "above", "from", "below", "to",
        "change", "times", "q", "down-at",
    ];

    /// The origins in a pack, given the line of each of [`Origins::KEYS`].
    pub(super) fn of_pack(lines: [u32; Origins::KEYS.len()]) -> Origins {
        Origins { lines, changes: Vec::new() }
    }

    /// Notes what the configuration changed.
    pub(super) fn note(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// The line of the pack in which `key` is set. `None`: the default of the language.
    pub fn line(&self, key: &str) -> Option<usize> {
        let index = Origins::KEYS.iter().position(|known| *known == key)?;
        self.lines.get(index).copied().filter(|line| *line > 0).map(|line| line as usize)
    }

    /// What the configuration changed about `key`.
    pub fn change(&self, key: &str) -> Option<&Change> {
        self.changes.iter().rev().find(|change| change.key == key)
    }
}
