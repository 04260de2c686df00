//! The kinds of detectors, and which keys each of them has.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, needs $needs:expr, one of $one:expr, may have $takes:expr;)+) => {
        /// What is counted or compared. A closed set: each kind is one file of the room `detect`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DetectorKind {
            $($(#[$doc])* $variant,)+
        }

        impl DetectorKind {
            /// The words of packs.
            pub const WORDS: &'static [(&'static str, DetectorKind)] = &[$(($word, DetectorKind::$variant)),+];

            /// The word used in packs and in JSON.
            pub fn word(self) -> &'static str {
                match self { $(DetectorKind::$variant => $word,)+ }
            }

            /// Keys without which it cannot work, beside those of every detector.
            pub fn needs(self) -> &'static [&'static str] {
                match self { $(DetectorKind::$variant => &$needs,)+ }
            }

            /// It works with at least one of these keys; with any when there are none.
            pub fn one_of(self) -> &'static [&'static str] {
                match self { $(DetectorKind::$variant => &$one,)+ }
            }

            /// Further keys that it looks at.
            pub fn takes(self) -> &'static [&'static str] {
                match self { $(DetectorKind::$variant => &$takes,)+ }
            }
        }
    };
}

/// The keys of a comparison; a detector has one of them at most.
pub const COMPARISONS: [&str; 4] = ["above", "from", "below", "to"];

kinds! {
    /// So many events of one key in a sliding window.
    Count = "count", needs ["on", "at-least", "within"], one of [], may have ["distinct"];
    /// So many in a row without a reset between.
    Streak = "streak", needs ["on", "reset", "at-least"], one of [], may have ["within"];
    /// The share of failures among the newest, or those of a window.
    Ratio = "ratio", needs ["on", "good", "at-least"], one of COMPARISONS, may have ["last", "within", "uniform"];
    /// So many changes of a state in a window.
    Flap = "flap", needs ["on", "state", "at-least", "within"], one of [], may have [];
    /// A sign of life that stopped.
    Absence = "absence", needs ["on", "within"], one of [], may have ["at-least", "expect"];
    /// Opened, and not closed in time.
    Stuck = "stuck", needs ["opens", "closes", "within"], one of [], may have [];
    /// A number against a limit.
    Threshold = "threshold", needs ["on", "value"], one of COMPARISONS, may have ["at-least", "within", "per"];
    /// A sum in a window or a day.
    Budget = "budget", needs ["on", "value"], one of ["above", "from"], may have ["within", "per-day"];
    /// Oldest to newest over several readings.
    Trend = "trend", needs ["on", "value", "change", "at-least"], one of [], may have ["within", "worse", "together", "values"];
    /// The newest readings against those before.
    Quantile = "quantile", needs ["on", "value", "q", "times", "at-least", "last"], one of [], may have ["recent"];
    /// The same key in several snapshots.
    Persist = "persist", needs ["on", "snapshot", "at-least"], one of [], may have ["last", "within"];
    /// One thing after another.
    Sequence = "sequence", needs ["steps", "within"], one of [], may have [];
    /// One value or many.
    Spread = "spread", needs ["on", "value", "at-least", "within"], one of ["above", "from", "values"], may have [];
    /// What was not seen before.
    Novelty = "novelty", needs ["on", "after"], one of [], may have ["at-least", "within"];
    /// Outcome against forecast, by group.
    Calibration = "calibration", needs ["on", "good", "value", "expected", "at-least", "within"], one of COMPARISONS, may have [];
}

impl DetectorKind {
    /// Does it look at this key?
    pub fn has(self, key: &str) -> bool {
        EVERY.contains(&key) || [self.needs(), self.one_of(), self.takes()].iter().any(|keys| keys.contains(&key))
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<DetectorKind> {
        DetectorKind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}

/// Keys that every kind may have.
pub const EVERY: [&str; 2] = ["reset", "down-at"];
