//! The morning digest: what the night brought, what it cost, and what waits for a person.

use serde::Serialize;

use super::digest_parts::{Agents, Approval, Costs, Infrastructure, TaskLine, Tasks};
use super::issue::time;
use super::{Intake, Report, count, len, number};
use crate::base::Stamp;
use crate::report::sheet::{Line, Sheet, Table};
use crate::report::words::moment;

/// Lines of one list.
const LINES: usize = 10;

/// The report. A section that nothing was read for is `null`.
#[derive(Clone, Debug, Serialize)]
pub struct Digest {
    /// `logtriage.report.digest/1`.
    pub schema: &'static str,
    /// The moment of the digest: the end of what was read.
    #[serde(serialize_with = "time")]
    pub now: Option<Stamp>,
    /// Where the night begins.
    #[serde(serialize_with = "time")]
    pub since: Option<Stamp>,
    /// The queue.
    pub tasks: Option<Tasks>,
    /// Yesterday's cost.
    pub cost: Vec<Costs>,
    /// Tasks that need a person.
    pub dead_letters: Option<Vec<TaskLine>>,
    /// Who answers.
    pub agents: Option<Agents>,
    /// Services, disk, GPU, backups.
    pub infrastructure: Option<Infrastructure>,
    /// What waits for a yes or a no.
    pub approvals: Option<Vec<Approval>>,
    /// What was read.
    pub read: Intake,
}

impl Report for Digest {
    fn sheet(&self) -> Sheet {
        let at = |time: Option<Stamp>| time.map_or_else(|| "no times".to_owned(), moment);
        let mut sheet = Sheet::new(format!("Morning Digest, {}", at(self.now)));
        sheet.heading(format!("Overnight Tasks (since {})", at(self.since)));
        match &self.tasks {
            None => sheet.paragraph("not read"),
            Some(tasks) => self.tasks(tasks, &mut sheet),
        }
        sheet.heading("Cost");
        if self.cost.is_empty() {
            sheet.paragraph("not read");
        }
        sheet.bullets(self.cost.iter().map(|cost| {
            Line::own(format!(
                "{}: yesterday ({}) {}; mean of 7 days {} ({} of them with rows); today so far {}",
                cost.ledger, cost.yesterday, cost.yesterday_usd, cost.mean_7_days_usd, cost.days, cost.today_usd
            ))
        }));
        sheet.heading("Dead Letters");
        match &self.dead_letters {
            None => sheet.paragraph("not read"),
            Some(dead) if dead.is_empty() => sheet.paragraph("none"),
            Some(dead) => {
                sheet.paragraph(format!("{} for a person", count(len(dead.len()), "task waits", "tasks wait")));
                lines(&mut sheet, dead);
            }
        }
        sheet.heading("Agents");
        match &self.agents {
            None => sheet.paragraph("not read"),
            Some(agents) => self.agents(agents, &mut sheet),
        }
        sheet.heading("Infrastructure");
        match &self.infrastructure {
            None => sheet.paragraph("not read"),
            Some(infrastructure) => self.infrastructure(infrastructure, &mut sheet),
        }
        sheet.heading("Approvals Waiting");
        match &self.approvals {
            None => sheet.paragraph("not read"),
            Some(waiting) if waiting.is_empty() => sheet.paragraph("none"),
            Some(waiting) => sheet.bullets(waiting.iter().map(|one| {
                let mut line = Line::said(&one.what);
                for (name, part) in [("agent", &one.agent), ("risk", &one.risk), ("deadline", &one.deadline)] {
                    if let Some(part) = part {
                        line = line.and(format!("; {name} ")).join(Line::said(part));
                    }
                }
                match one.asked {
                    Some(asked) => line.and(format!("; asked {}", moment(asked))),
                    None => line,
                }
            })),
        }
        self.read.foot(&mut sheet);
        sheet
    }
}

impl Digest {
    fn tasks(&self, tasks: &Tasks, sheet: &mut Sheet) {
        sheet.paragraph(format!(
            "{} completed, {} failed, {} stuck; {} in work, {} waiting",
            number(tasks.completed),
            number(tasks.failed),
            number(tasks.stuck),
            number(tasks.running),
            number(tasks.waiting)
        ));
        lines(sheet, &tasks.failures);
        lines(sheet, &tasks.hanging);
    }

    fn agents(&self, agents: &Agents, sheet: &mut Sheet) {
        let silent: Vec<_> = agents.agents.iter().filter(|agent| agent.offline).collect();
        let all = count(len(agents.agents.len()), "agent", "agents");
        sheet.paragraph(match silent.len() {
            0 => format!("{all}, all answer"),
            n => format!("{all}, {} silent for more than 5 min", number(len(n))),
        });
        sheet.bullets(
            silent
                .iter()
                .take(LINES)
                .map(|agent| Line::name(&agent.name).and(format!(": last seen {}", moment(agent.last_seen)))),
        );
    }

    fn infrastructure(&self, infrastructure: &Infrastructure, sheet: &mut Sheet) {
        let mut table = Table::new(&["Check", "Last", ">Failed", ">Runs"]);
        for check in &infrastructure.checks {
            table.row([
                Line::name(&check.name),
                Line::own(if check.ok { "ok" } else { "failed" }),
                Line::own(number(check.failed)),
                Line::own(number(check.runs)),
            ]);
        }
        sheet.table(table);
        let mut points = Vec::new();
        if let Some(percent) = infrastructure.disk_percent {
            let alarm = if percent > 85 { ", above 85 %" } else { "" };
            points.push(Line::own(format!("Disk: {percent} % used{alarm}")));
        }
        if let Some((used, all)) = infrastructure.vram_mb {
            points.push(Line::own(format!("GPU memory: {used} of {all} MB")));
        }
        if let Some(backup) = &infrastructure.backup {
            let last = match (backup.last_complete, &backup.path) {
                (true, Some(path)) => Line::own("the last is whole: ").join(Line::code(path)),
                (true, None) => Line::own("the last is whole"),
                (false, _) => Line::own("the last did not come to its end"),
            };
            let done = format!("Backups: {} of {} whole; ", number(backup.complete), number(backup.begun));
            points.push(Line::own(done).join(last));
        }
        match &infrastructure.incidents {
            None => {}
            Some(incidents) if incidents.is_empty() => points.push(Line::own("Logs: healthy")),
            Some(incidents) => {
                points.extend(
                    incidents
                        .iter()
                        .take(LINES)
                        .map(|(severity, title)| Line::own(format!("{}: ", severity.word())).join(Line::said(title))),
                );
            }
        }
        sheet.bullets(points);
    }
}

fn lines(sheet: &mut Sheet, tasks: &[TaskLine]) {
    sheet.bullets(tasks.iter().take(LINES).map(|task| {
        let mut line = Line::name(&task.id);
        if let Some(title) = &task.title {
            line = line.and(" ").join(Line::said(title));
        }
        if let Some(agent) = &task.agent {
            line = line.and(" (").join(Line::name(agent)).and(")");
        }
        line = line.and(": ").join(Line::name(&task.state));
        match &task.why {
            Some(why) => line.and(", ").join(Line::said(why)),
            None => line,
        }
    }));
    if tasks.len() > LINES {
        sheet.paragraph(format!("and {} more: -o json has them", number(len(tasks.len() - LINES))));
    }
}
