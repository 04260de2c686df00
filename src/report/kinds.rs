//! The reports beside the diagnosis: what each of them knows, and how it is put on a sheet.
//!
//! In: numbers and texts that the room `run` collected. Out: a [`Sheet`] for text and Markdown, and the same
//! as JSON. Nothing is counted here, and nothing is read.

mod calibration;
mod checklist;
mod digest;
mod digest_parts;
mod issue;
mod money;
mod production;
mod spend;

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde_json::Value;

use super::json::json_of;
use super::mask::is_secret_name;
use super::prepare::prepare_text;
use super::sheet::{Line, Sheet};
use super::words::{count, len, number, period_of, unread};
use crate::incident::{Period, Unreadable};

pub use calibration::{Calibration, CalibrationRow};
pub use checklist::{Checklist, ChecklistStep, StepVerdict};
pub use digest::Digest;
pub use digest_parts::{AgentHealth, Agents, Approval, Backup, Check, Costs, Infrastructure, TaskLine, Tasks};
pub use issue::{Busiest, Deployment, Issue, Quote, Runs, Share, Who};
pub use money::Money;
pub use production::{Action, Actions, CodeRow, Production, SkillRuns};
pub use spend::{Cached, Ledger, PassedLimit, RepoSpend, Spend, Sum};

/// A report of any kind.
pub trait Report: Serialize {
    /// How it is told.
    fn sheet(&self) -> Sheet;
}

/// Writes a report as one compact JSON document and a line end: cleaned, and secrets masked if `redact`.
///
/// # Errors
/// Those of `out`.
pub fn report_json(report: &impl Report, redact: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let value = serde_json::to_value(report).map_err(io::Error::other)?;
    json_of(&prepared(value, redact), out)
}

/// The value as it may leave the process.
fn prepared(value: Value, redact: bool) -> Value {
    match value {
        Value::String(text) => Value::String(prepare_text(&text, redact)),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| prepared(item, redact)).collect()),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let secret = redact && value.is_string() && is_secret_name(&name);
                let value = if secret { Value::from("[masked]") } else { prepared(value, redact) };
                (prepare_text(&name, redact), value)
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        other => other,
    }
}

/// What was read for a report, and what of it is missing.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Intake {
    /// Records.
    pub records: u64,
    /// Of these, rows and lines that the report is about.
    pub used: u64,
    /// From the first to the last record that had a time.
    pub period: Option<Period>,
    /// What could not be read at all, or not to the end.
    pub unreadable: Vec<Unreadable>,
    /// Things left out because a bound was reached, by the name of the bound.
    pub dropped: BTreeMap<&'static str, u64>,
}

impl Intake {
    /// Notes that `n` things were left out at this bound.
    pub fn drop(&mut self, bound: &'static str, n: u64) {
        if n > 0 {
            *self.dropped.entry(bound).or_default() += n;
        }
    }

    /// At the end of each sheet: what was read, and what is missing.
    fn foot(&self, sheet: &mut Sheet) {
        let read = format!(
            "{}, {} of them used; {}",
            count(self.records, "record", "records"),
            number(self.used),
            period_of(self.period)
        );
        sheet.field("Read:", read);
        let dropped = self.dropped.iter().map(|(bound, n)| Line::own(format!("left out: {} ({bound})", number(*n))));
        let unreadable = self
            .unreadable
            .iter()
            .map(|u| Line::own("incomplete: ").join(Line::code(&u.name)).and(": ").join(Line::said(unread(u))));
        sheet.bullets(dropped.chain(unreadable));
    }
}

/// `12 of 15 (80 %)`: whole percents, rounded down but never to nothing.
fn share(part: u64, whole: u64) -> String {
    let percent = percent(part, whole);
    let percent = if percent == 0 && part > 0 { "<1".to_owned() } else { percent.to_string() };
    format!("{} of {} ({percent} %)", number(part), number(whole))
}

/// Whole percents, rounded down.
fn percent(part: u64, whole: u64) -> u64 {
    let percent = u128::from(part) * 100 / u128::from(whole.max(1));
    u64::try_from(percent).unwrap_or(u64::MAX)
}

/// `2 codes`.
fn many(n: usize, one: &str, many: &str) -> String {
    count(len(n), one, many)
}

#[cfg(test)]
mod tests;
