//! A runbook's order of steps, gone through at once: where to look, and with which command to go on.

use serde::Serialize;

use super::{Intake, Report, count, number};
use crate::report::sheet::{Line, Sheet, Table};

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Checklist {
    /// `logtriage.report.checklist/1`.
    pub schema: &'static str,
    /// The name of the runbook.
    pub runbook: String,
    /// For people.
    pub title: String,
    /// Steps to look at.
    pub look: u64,
    /// Steps that are well.
    pub ok: u64,
    /// Steps for which nothing was read.
    pub not_read: u64,
    /// In the order of the runbook.
    pub steps: Vec<ChecklistStep>,
    /// What was read.
    pub read: Intake,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct ChecklistStep {
    /// Its place in the runbook.
    pub n: u32,
    /// When it is done, where the list has several terms: `daily`.
    pub when: Option<String>,
    /// What is looked at.
    pub title: String,
    /// What came out.
    pub verdict: StepVerdict,
    /// The line that shows it.
    pub evidence: Option<String>,
    /// Records that speak for looking here.
    pub count: u64,
    /// What would have to be read, where nothing was.
    pub needs: String,
    /// The command to go on with.
    pub command: Option<String>,
}

/// What came out of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepVerdict {
    /// What it looks at was read, and nothing is wrong.
    Ok,
    /// Something is wrong, or somebody must look.
    LookHere,
    /// What it looks at was not among what was read.
    NotRead,
}

impl StepVerdict {
    fn word(self) -> &'static str {
        match self {
            StepVerdict::Ok => "ok",
            StepVerdict::LookHere => "look here",
            StepVerdict::NotRead => "not read",
        }
    }
}

impl Report for Checklist {
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(Line::said(&self.title));
        sheet.paragraph(format!(
            "{}: {} to look at, {} ok, {} not read",
            count(super::len(self.steps.len()), "step", "steps"),
            number(self.look),
            number(self.ok),
            number(self.not_read)
        ));
        let mut table = Table::new(&[">Step", "Verdict", "Should Be", "Evidence"]);
        for step in &self.steps {
            let what = match &step.when {
                Some(when) => Line::own(format!("{when}: ")).join(Line::said(&step.title)),
                None => Line::said(&step.title),
            };
            let evidence = match (&step.evidence, step.verdict) {
                (Some(text), _) => Line::code(text),
                (None, StepVerdict::NotRead) => Line::own("needs ").join(Line::said(&step.needs)),
                (None, _) => Line::default(),
            };
            table.row([Line::own(step.n.to_string()), Line::own(step.verdict.word()), what, evidence]);
        }
        sheet.table(table);
        let looks: Vec<&ChecklistStep> =
            self.steps.iter().filter(|step| step.verdict == StepVerdict::LookHere).collect();
        if !looks.is_empty() {
            sheet.heading("Look Here");
        }
        for step in looks {
            let records = count(step.count, "record", "records");
            sheet.paragraph(
                Line::own(format!("{}. ", step.n)).join(Line::said(&step.title)).and(format!(" ({records})")),
            );
            sheet.bullets(step.evidence.iter().map(Line::code));
            if let Some(command) = &step.command {
                sheet.command(command);
            }
        }
        let unread: Vec<Line> = self
            .steps
            .iter()
            .filter(|step| step.verdict == StepVerdict::NotRead)
            .map(|step| Line::own(format!("{}. ", step.n)).join(Line::said(&step.title)).run(step.command.as_deref()))
            .collect();
        if !unread.is_empty() {
            sheet.heading("Not Read");
            sheet.bullets(unread);
        }
        self.read.foot(&mut sheet);
        sheet
    }
}
