//! The words for what a detector can say.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// What a finding says happened. The words are part of the JSON contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FindingKind {
            $($(#[$doc])* $variant,)+
        }

        impl FindingKind {
            /// All kinds, in the order of the documentation.
            pub const ALL: &'static [FindingKind] = &[$(FindingKind::$variant),+];

            /// The word used in packs and in JSON.
            pub fn word(self) -> &'static str {
                match self { $(FindingKind::$variant => $word,)+ }
            }
        }
    };
}

kinds! {
    /// A unit dies and is started again, over and over.
    CrashLoop = "crash_loop",
    /// The manager gave up starting a unit.
    StartLimit = "start_limit",
    /// Work is undone and done again: model swaps, load and unload.
    Thrashing = "thrashing",
    /// Up and down in turns without dying by itself.
    Flapping = "flapping",
    /// Killed for memory again and again.
    OomLoop = "oom_loop",
    /// The same retry without an end.
    RetryLoop = "retry_loop",
    /// The same obstacle again and again.
    RepeatedBlock = "repeated_block",
    /// A circuit breaker is open.
    CircuitOpen = "circuit_open",
    /// Too large a share of failures.
    ErrorRate = "error_rate",
    /// Many errors in a short time.
    ErrorBurst = "error_burst",
    /// A sign of life that stopped.
    HeartbeatMissed = "heartbeat_missed",
    /// Begun and not finished in its time.
    Stuck = "stuck",
    /// A number beyond its limit.
    Threshold = "threshold",
    /// A sum beyond its limit.
    Budget = "budget",
    /// A slow change for the worse or the better.
    QualityTrend = "quality_trend",
    /// Answers take longer than before.
    LatencyShift = "latency_shift",
    /// The same issue in snapshot after snapshot.
    PersistentIssue = "persistent_issue",
    /// Nothing is produced any more.
    Quiet = "quiet",
    /// Work that changes nothing, again and again.
    NoopLoop = "noop_loop",
    /// Forecast and outcome differ.
    Calibration = "calibration",
    /// A kind of failure that was not seen before.
    NewFailure = "new_failure",
    /// A single event bad enough to tell.
    Failure = "failure",
    /// One thing followed another as a pack says it must not.
    Sequence = "sequence",
}

impl FindingKind {
    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<FindingKind> {
        FindingKind::ALL.iter().copied().find(|k| k.word() == word)
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
