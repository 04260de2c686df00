//! The Production Debug Report: which errors, how many, where from, why, and what to do now, soon and from now on.

use serde::Serialize;

use super::issue::{Issue, codes, fix};
use super::{Intake, Report, number, period_of};
use crate::incident::FixReport;
use crate::report::sheet::{Line, Sheet, Table};

/// Issues that are told in full.
const ISSUES: usize = 10;
/// Rows of the summary.
const ROWS: usize = 50;
/// Actions of one term.
const ACTIONS: usize = 8;

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Production {
    /// `logtriage.report.production/1`.
    pub schema: &'static str,
    /// Errors of all codes.
    pub total_errors: u64,
    /// Different codes.
    pub unique_error_codes: u64,
    /// Where the errors were counted: `error_events`, `skill_usage_logs` (no error event was read), `log` (by rules).
    pub counted_from: &'static str,
    /// By count, then code.
    pub summary: Vec<CodeRow>,
    /// The same order.
    pub issues: Vec<Issue>,
    /// What skill_usage_logs say about all runs, if any were read.
    pub skill_runs: Option<SkillRuns>,
    /// What to do.
    pub actions: Actions,
    /// What was read.
    pub read: Intake,
}

/// One row of the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeRow {
    /// The code, or the id of a rule.
    pub error_code: String,
    /// Errors with it.
    pub count: u64,
    /// Its kind.
    pub category: Option<String>,
    /// The skill (in logs without skills, the unit) with the most of them.
    pub top_skill: Option<String>,
}

/// Runs of skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SkillRuns {
    /// All.
    pub runs: u64,
    /// With status `success`.
    pub succeeded: u64,
    /// With status `error`.
    pub failed: u64,
    /// With status `partial`.
    pub partial: u64,
    /// The median of those that went well, milliseconds.
    pub median_ms: Option<i64>,
}

/// What to do, by term.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Actions {
    /// Now.
    pub immediate: Vec<Action>,
    /// Soon.
    pub short_term: Vec<Action>,
    /// From now on.
    pub monitor: Vec<Action>,
}

/// One thing to do.
#[derive(Clone, Debug, Serialize)]
pub struct Action {
    /// The codes that it is about.
    pub error_codes: Vec<String>,
    /// What.
    pub fix: FixReport,
}

impl Report for Production {
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new("Production Debug Report");
        sheet.field("Time Period:", period_of(self.read.period));
        sheet.field("Total Errors:", self.total_errors.to_string());
        sheet.field("Unique Error Codes:", self.unique_error_codes.to_string());
        if self.counted_from == "skill_usage_logs" {
            sheet.paragraph("No error_events were read: these are the failed runs of skill_usage_logs.");
        }
        sheet.heading("Error Summary");
        if self.summary.is_empty() {
            sheet.paragraph(if self.read.records == 0 { "Nothing was read." } else { "No errors." });
        }
        let mut table = Table::new(&["Error Code", ">Count", "Category", "Top Skill"]);
        for row in self.summary.iter().take(ROWS) {
            let name = |text: &Option<String>| text.as_ref().map(Line::name).unwrap_or_default();
            table.row([
                Line::name(&row.error_code),
                Line::own(row.count.to_string()),
                name(&row.category),
                name(&row.top_skill),
            ]);
        }
        sheet.table(table);
        if self.summary.len() > ROWS {
            sheet.paragraph(format!("and {} more: -o json has them", codes(self.summary.len() - ROWS)));
        }
        if let Some(runs) = self.skill_runs {
            let median = runs
                .median_ms
                .map_or_else(String::new, |ms| format!("; good runs take {} ms (median)", number(ms.unsigned_abs())));
            sheet.paragraph(format!(
                "skill_usage_logs: {}, {} failed, {} partial{median}",
                super::count(runs.runs, "run", "runs"),
                number(runs.failed),
                number(runs.partial)
            ));
        }
        for (n, issue) in self.issues.iter().take(ISSUES).enumerate() {
            sheet.rule();
            issue.write(n + 1, &mut sheet);
        }
        if self.issues.len() > ISSUES {
            sheet.paragraph(format!(
                "{} more have no part of their own here: -o json has them",
                codes(self.issues.len() - ISSUES)
            ));
        }
        sheet.rule();
        if !self.summary.is_empty() {
            sheet.heading("Recommended Actions");
            let terms = [
                ("Immediate:", &self.actions.immediate),
                ("Short-term:", &self.actions.short_term),
                ("Monitor:", &self.actions.monitor),
            ];
            sheet.numbers(terms.into_iter().flat_map(|(term, actions)| {
                let none = actions.is_empty().then(|| Line::strong(term).and(" nothing"));
                none.into_iter().chain(actions.iter().take(ACTIONS).map(move |action| action.line(term)))
            }));
        }
        self.read.foot(&mut sheet);
        sheet
    }
}

impl Action {
    fn line(&self, term: &'static str) -> Line {
        let line = Line::strong(term).and(" ").join(fix(&self.fix));
        match self.error_codes.as_slice() {
            [] => line,
            codes => line.and(" [").join(Line::list(codes.iter().map(Line::name), ", ")).and("]"),
        }
    }
}
