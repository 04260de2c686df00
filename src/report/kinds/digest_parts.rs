//! What the digest's sections hold. A section that nothing was read for is not there: not read is not zero.

use serde::Serialize;

use super::Money;
use super::issue::{moment, time};
use crate::base::{Severity, Stamp};

/// Tasks of the queue.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tasks {
    /// Done since the evening.
    pub completed: u64,
    /// Failed since the evening, dead letters included.
    pub failed: u64,
    /// In work or ready for too long.
    pub stuck: u64,
    /// Ready, not stuck.
    pub waiting: u64,
    /// In work, not stuck.
    pub running: u64,
    /// The failed ones, the latest first.
    pub failures: Vec<TaskLine>,
    /// The stuck ones, the longest first.
    pub hanging: Vec<TaskLine>,
}

/// One task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TaskLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// Who has it.
    pub agent: Option<String>,
    /// Its state, in the words of the queue.
    pub state: String,
    /// Why it failed, or how long it hangs.
    pub why: Option<String>,
    /// When it came into this state.
    #[serde(serialize_with = "time")]
    pub since: Option<Stamp>,
}

/// What was spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// The kind of rows.
    pub ledger: &'static str,
    /// The day before the last (UTC).
    pub yesterday: String,
    /// What it cost.
    pub yesterday_usd: Money,
    /// The mean of the seven days up to it; a day without rows counts as nothing.
    pub mean_7_days_usd: Money,
    /// How many of the seven days have rows.
    pub days: u32,
    /// The last day, as far as it was read.
    pub today_usd: Money,
}

/// All agents.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Agents {
    /// By name.
    pub agents: Vec<AgentHealth>,
}

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgentHealth {
    /// Its name.
    pub name: String,
    /// Its last sign of life.
    #[serde(serialize_with = "moment")]
    pub last_seen: Stamp,
    /// It has been silent for more than five minutes.
    pub offline: bool,
}

/// Services, disk, GPU, backups.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Infrastructure {
    /// By name: the checks of the health log.
    pub checks: Vec<Check>,
    /// Disk in use, percent, as the last check said.
    pub disk_percent: Option<u8>,
    /// GPU memory in use and in all, MB, as the last check said.
    pub vram_mb: Option<(u32, u32)>,
    /// The backup, if its log was read.
    pub backup: Option<Backup>,
    /// What the diagnosis of the same logs says, worst first: how bad, and in one line.
    pub incidents: Option<Vec<(Severity, String)>>,
}

/// One check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// How it ended the last time.
    pub ok: bool,
    /// How often it was made.
    pub runs: u64,
    /// How often it failed.
    pub failed: u64,
}

/// The backup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// How many began.
    pub begun: u64,
    /// How many came to their end.
    pub complete: u64,
    /// The last one came to its end.
    pub last_complete: bool,
    /// Where the last whole one is.
    pub path: Option<String>,
}

/// A request that waits for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// What shall be done.
    pub what: String,
    /// Who asks.
    pub agent: Option<String>,
    /// How risky.
    pub risk: Option<String>,
    /// Until when; after that the safe default holds.
    pub deadline: Option<String>,
    /// When it was asked.
    #[serde(serialize_with = "time")]
    pub asked: Option<Stamp>,
}
