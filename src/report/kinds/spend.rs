//! The spend report: dollars by day, repository, agent, model and tier, against the limits of the runbook.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Intake, Money, Report, issue, many, number, share};
use crate::base::Stamp;
use crate::report::sheet::{Line, Sheet, Table};

/// Rows of one table.
const ROWS: usize = 20;

/// The report. The first keys are those of the tool's `spend-report`.
#[derive(Clone, Debug, Serialize)]
pub struct Spend {
    /// Days that are looked back.
    pub window_days: u32,
    /// `execution_cost` events in the window.
    pub total_executions: u64,
    /// Their dollars, six places.
    pub total_estimated_usd: Money,
    /// By repository; `unknown` where an event names none.
    pub per_repo: BTreeMap<String, RepoSpend>,
    /// `logtriage.report.spend/1`.
    pub schema: &'static str,
    /// The moment from which the window looks back: the end of what was read.
    #[serde(serialize_with = "issue::time")]
    pub now: Option<Stamp>,
    /// What each kind of rows says; those that were not read are not there.
    pub ledgers: Vec<Ledger>,
    /// Limits that a day passed, worst first.
    pub passed: Vec<PassedLimit>,
    /// What must be known to read the numbers.
    pub notes: Vec<String>,
    /// What was read.
    pub read: Intake,
}

/// A repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RepoSpend {
    /// Events.
    pub executions: u64,
    /// Dollars, rounded to six places after each, as the tool does it.
    pub estimated_usd: Money,
}

/// The rows of one kind. Two kinds may hold the same calls, so they are never added.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// `execution_cost`, `litellm`, `llm_calls`.
    pub name: &'static str,
    /// All rows in the window.
    pub all: Sum,
    /// By day (UTC).
    pub by_day: BTreeMap<String, Sum>,
    /// By agent, user or key.
    pub by_agent: BTreeMap<String, Sum>,
    /// By model.
    pub by_model: BTreeMap<String, Sum>,
    /// `frontier`, `mid`, `local`, `hosting`, `unknown`.
    pub by_tier: BTreeMap<String, Sum>,
    /// How much came from a cache, if the rows say so.
    pub cached: Option<Cached>,
}

/// Calls and their dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// How many.
    pub calls: u64,
    /// Dollars.
    pub usd: Money,
}

/// The part that a cache answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cached {
    /// Calls that a cache answered (LiteLLM), or tokens that were cached.
    pub cached: u64,
    /// Of so many.
    pub of: u64,
    /// `calls` or `tokens`.
    pub what: &'static str,
}

/// A limit that was passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PassedLimit {
    /// The day (UTC).
    pub day: String,
    /// The kind of rows.
    pub ledger: &'static str,
    /// `total`, `frontier`, `mid`, `hosting`, or `agent`.
    pub what: &'static str,
    /// The agent, for `agent`.
    pub agent: Option<String>,
    /// `target`, `alert`, `runaway`.
    pub limit: &'static str,
    /// The limit.
    pub limit_usd: Money,
    /// What was spent.
    pub usd: Money,
}

impl Sum {
    /// One more call.
    pub fn add(&mut self, usd: Money) {
        self.calls += 1;
        self.usd += usd;
    }
}

impl Ledger {
    /// The mean of the days that have any row.
    fn mean(&self) -> Money {
        self.all.usd.divided(u32::try_from(self.by_day.len()).unwrap_or(u32::MAX))
    }
}

impl Report for Spend {
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new("Spend Report");
        let until = self.now.map_or_else(|| "no times".to_owned(), super::super::words::moment);
        sheet.field("Window:", format!("{}, until {until}", many(self.window_days as usize, "day", "days")));
        if self.ledgers.is_empty() {
            sheet.paragraph("No rows with costs were read (execution_cost events, LiteLLM /spend/logs, llm_calls).");
        }
        if !self.ledgers.is_empty() {
            sheet.heading("Limits");
            if self.passed.is_empty() {
                sheet.paragraph("None passed.");
            }
            let mut table = Table::new(&["Day", "What", ">Spent", "Limit", "Rows"]);
            for passed in &self.passed {
                let what = Line::own(passed.what);
                table.row([
                    Line::own(passed.day.as_str()),
                    passed
                        .agent
                        .as_ref()
                        .map_or_else(|| what.clone(), |agent| Line::own("agent ").join(Line::name(agent))),
                    Line::own(passed.usd.to_string()),
                    Line::own(format!("{} {}", passed.limit, passed.limit_usd)),
                    Line::own(passed.ledger),
                ]);
            }
            sheet.table(table);
        }
        for ledger in &self.ledgers {
            self.ledger(ledger, &mut sheet);
        }
        sheet.bullets(self.notes.iter().map(|note| Line::own(note.as_str())));
        self.read.foot(&mut sheet);
        sheet
    }
}

impl Spend {
    fn ledger(&self, ledger: &Ledger, sheet: &mut Sheet) {
        let calls = super::count(ledger.all.calls, "row", "rows");
        sheet.heading(format!("{} in {calls} of {}", ledger.all.usd, ledger.name));
        if ledger.by_day.len() > 1 {
            sheet.field("Mean of a day:", ledger.mean().to_string());
        }
        if let Some(cached) = ledger.cached {
            sheet.field("Cached:", format!("{} {}", share(cached.cached, cached.of), cached.what));
        }
        if ledger.name == "execution_cost" {
            let repos = self.per_repo.iter().map(|(name, repo)| (name, repo.executions, repo.estimated_usd));
            table(sheet, "Repository", "Executions", repos.collect());
        }
        let parts: [(&'static str, &BTreeMap<String, Sum>); 4] = [
            ("Day", &ledger.by_day),
            ("Agent", &ledger.by_agent),
            ("Model", &ledger.by_model),
            ("Tier", &ledger.by_tier),
        ];
        for (name, sums) in parts {
            let rows: Vec<_> = sums.iter().map(|(key, sum)| (key, sum.calls, sum.usd)).collect();
            table(sheet, name, "Calls", rows);
        }
    }
}

/// Days in their order, all else by dollars; nothing where no row names one.
fn table(sheet: &mut Sheet, name: &'static str, calls: &'static str, mut rows: Vec<(&String, u64, Money)>) {
    if name != "Day" {
        rows.sort_by(|a, b| (b.2, a.0).cmp(&(a.2, b.0)));
    }
    let mut table = Table::new(match (name, calls) {
        ("Repository", _) => &["Repository", ">Executions", ">USD"],
        ("Day", _) => &["Day", ">Calls", ">USD"],
        ("Agent", _) => &["Agent", ">Calls", ">USD"],
        ("Model", _) => &["Model", ">Calls", ">USD"],
        _ => &["Tier", ">Calls", ">USD"],
    });
    let skip = if name == "Day" { rows.len().saturating_sub(ROWS) } else { 0 };
    for (key, calls, usd) in rows.iter().skip(skip).take(ROWS) {
        table.row([Line::name(key.as_str()), Line::own(calls.to_string()), Line::own(usd.to_string())]);
    }
    sheet.table(table);
    if rows.len() > ROWS {
        sheet.paragraph(format!("and {} more: -o json has them", number(super::len(rows.len() - ROWS))));
    }
}
