//! The steps in the life of a unit, as a record can mark them.

use serde::{Deserialize, Serialize};

/// One step in the life of a unit. Packs name it with `step = "..."`; the life-cycle detector is fed by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A start was begun (`Starting x...`).
    Starting,
    /// The unit is up (`Started x.`).
    Started,
    /// The program itself begins to get ready, which takes it a while (a server that loads a model).
    Loading,
    /// The program that was loading is ready to serve.
    Ready,
    /// The program itself says that it was told to stop.
    Told,
    /// The start failed; captures: none. Says nothing about why.
    StartFailed,
    /// A stop was asked for (`Stopping x...`): what follows is planned until the unit starts again.
    Stopping,
    /// The unit is down as asked.
    Stopped,
    /// A process of the unit ended. Captures: `code` (exited, killed, dumped), `status` (a number, or `9/KILL`).
    Exited,
    /// The unit ended well (`Deactivated successfully`).
    Succeeded,
    /// The unit is in the failed state. Capture: `result` (exit-code, signal, timeout, oom-kill, ...).
    Failed,
    /// The manager will start it again by itself. Capture: `n`, the restart counter.
    Restart,
    /// The manager refuses further starts: too many in a short time.
    StartLimit,
    /// Something this unit requires could not start.
    DependencyFailed,
    /// A process of the unit was killed because memory ran out.
    OomKill,
    /// The unit did not report in time and is killed for it.
    Watchdog,
    /// A start or stop took too long.
    Timeout,
    /// Log lines were lost here. Captures: `n` (how many), `unit` (whose; absent when nobody knows).
    Lost,
    /// The host came up.
    Boot,
    /// The host goes down: every stop that follows is planned.
    Shutdown,
}

impl Step {
    /// All steps with the words that packs use.
    pub const WORDS: &'static [(&'static str, Step)] = &[
        ("starting", Step::Starting),
        ("started", Step::Started),
        ("loading", Step::Loading),
        ("ready", Step::Ready),
        ("told-to-stop", Step::Told),
        ("start-failed", Step::StartFailed),
        ("stopping", Step::Stopping),
        ("stopped", Step::Stopped),
        ("exited", Step::Exited),
        ("succeeded", Step::Succeeded),
        ("failed", Step::Failed),
        ("restart", Step::Restart),
        ("start-limit", Step::StartLimit),
        ("dependency-failed", Step::DependencyFailed),
        ("oom-kill", Step::OomKill),
        ("watchdog", Step::Watchdog),
        ("timeout", Step::Timeout),
        ("lost", Step::Lost),
        ("boot", Step::Boot),
        ("shutdown", Step::Shutdown),
    ];

    /// The step with this word.
    pub fn from_word(word: &str) -> Option<Step> {
        Step::WORDS.iter().find(|(w, _)| *w == word).map(|(_, step)| *step)
    }
}
