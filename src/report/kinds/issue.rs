//! One issue of the production report: an error code, and everything that narrows it down.

use serde::Serialize;

use super::{many, number, share};
use crate::base::{Severity, Span, Stamp};
use crate::incident::FixReport;
use crate::report::sheet::{Line, Sheet};

/// More errors than this within an hour alarm.
pub const PER_HOUR: u64 = 10;
/// A share from which on one value stands for nearly all.
const MOSTLY: u64 = 80;
/// From so many users or sessions on there are many.
const FEW: u64 = 5;
/// So many values of one kind are named.
const NAMED: usize = 3;

/// Errors of one code.
#[derive(Clone, Debug, Serialize)]
pub struct Issue {
    /// The code, or the id of the rule where the log has no codes.
    pub error_code: String,
    /// For people: `The model provider limits requests`.
    pub title: String,
    /// How many.
    pub count: u64,
    /// The kind, as the rows or the rule name it.
    pub category: Option<String>,
    /// How bad one of them is, where a rule says so.
    pub severity: Option<Severity>,
    /// It does not pass by itself: a credential, a quota, a full disk.
    pub stays: bool,
    /// What the rule says; empty where no rule knows the code.
    pub root_cause: String,
    /// The first.
    #[serde(serialize_with = "time")]
    pub first_seen: Option<Stamp>,
    /// The last.
    #[serde(serialize_with = "time")]
    pub last_seen: Option<Stamp>,
    /// By skill; in logs without skills, by unit.
    pub skills: Vec<Share>,
    /// By provider.
    pub providers: Vec<Share>,
    /// By action.
    pub actions: Vec<Share>,
    /// By HTTP status.
    pub http_statuses: Vec<Share>,
    /// How many users and sessions, if the rows name them.
    pub users: Option<Who>,
    /// See `users`.
    pub sessions: Option<Who>,
    /// Hours of the day (UTC) in which half of the errors or more came: the first, and the one after the last.
    pub cluster: Option<(u8, u8, u64)>,
    /// The hour with the most errors, anywhere in the period.
    pub busiest: Option<Busiest>,
    /// Deployments in the half hour before the first error, or before the busiest hour.
    pub deployments: Vec<Deployment>,
    /// What skill_usage_logs say about runs that ended with this code.
    pub usage: Option<Runs>,
    /// One of them, as it stands in the log.
    pub sample: Option<Quote>,
    /// What to search the code for.
    pub search: Option<String>,
    /// Files that the rule names.
    pub files: Vec<String>,
    /// What to do.
    pub fixes: Vec<FixReport>,
    /// What to do when it comes back.
    pub if_recurring: Option<String>,
}

/// A value, and how many errors have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The value.
    pub name: String,
    /// Errors with it.
    pub count: u64,
}

/// One user or many?
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    /// Different ones; with `more`, at least so many.
    pub distinct: u64,
    /// There were more than could be told apart.
    pub more: bool,
    /// The one with the most errors.
    pub top: Share,
    /// Errors that name one at all.
    pub of: u64,
}

/// Sixty minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Busiest {
    /// The first minute.
    #[serde(serialize_with = "moment")]
    pub from: Stamp,
    /// Errors in it.
    pub count: u64,
}

/// A deployment, or a restart on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// When.
    #[serde(serialize_with = "moment")]
    pub time: Stamp,
    /// What: a name, a line of the log, `api restarted on purpose`.
    pub name: String,
    /// How many seconds later the errors began.
    pub seconds_before: i64,
}

/// Runs of skills that failed with one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Runs {
    /// How many.
    pub failed: u64,
    /// The median of their durations, milliseconds.
    pub median_ms: Option<i64>,
    /// The median of the runs that went well.
    pub good_median_ms: Option<i64>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// When.
    #[serde(serialize_with = "time")]
    pub time: Option<Stamp>,
    /// The source it stands in.
    pub source: String,
    /// The line.
    pub text: String,
}

pub(super) fn time<S: serde::Serializer>(at: &Option<Stamp>, to: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => to.serialize_str(&at.rfc3339()),
        None => to.serialize_none(),
    }
}

pub(super) fn moment<S: serde::Serializer>(at: &Stamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&at.rfc3339())
}

impl Issue {
    /// Did more come within an hour than may?
    pub fn is_burst(&self) -> bool {
        self.busiest.is_some_and(|hour| hour.count > PER_HOUR)
    }

    /// Writes it as the `n`-th issue.
    pub(super) fn write(&self, n: usize, sheet: &mut Sheet) {
        let errors = super::count(self.count, "error", "errors");
        sheet.heading(Line::own(format!("Issue #{n}: ")).join(Line::said(&self.title)).and(format!(" ({errors})")));
        sheet.label("Root Cause:");
        let cause = match self.root_cause.as_str() {
            "" => {
                Line::own("No rule knows ").join(Line::name(&self.error_code)).and(": look at the code that prints it.")
            }
            cause => Line::said(cause),
        };
        sheet.paragraph(match self.mostly() {
            Some(most) => cause.and(" ").join(most),
            None => cause,
        });
        sheet.label("Evidence:");
        sheet.bullets(self.evidence());
        sheet.label("Code Location:");
        match &self.search {
            Some(search) => {
                sheet.paragraph("not known from the log; search for it:");
                sheet.command(search);
            }
            None => sheet.paragraph("not known from the log"),
        }
        sheet.label("Proposed Fix:");
        if self.fixes.is_empty() {
            sheet.paragraph("-");
        }
        sheet.numbers(self.fixes.iter().map(fix));
        sheet.label("Files to Change:");
        if self.files.is_empty() {
            sheet.paragraph("-");
        }
        sheet.numbers(self.files.iter().map(Line::code));
    }

    /// `All of them come from the skill ats-search.`
    fn mostly(&self) -> Option<Line> {
        let top = self.skills.first()?;
        let percent = super::percent(top.count, self.count);
        let whom = Line::name(&top.name);
        match percent {
            100 if self.count > 1 => Some(Line::own("All of them come from ").join(whom).and(".")),
            p if p >= MOSTLY && self.count >= 5 => {
                Some(Line::own(format!("{} come from ", share(top.count, self.count))).join(whom).and("."))
            }
            _ => None,
        }
    }

    fn evidence(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let errors = super::count(self.count, "error", "errors");
        lines.push(Line::own(match (self.first_seen, self.last_seen) {
            (Some(first), Some(last)) => {
                format!("{errors}, {}", super::period_of(Some(crate::incident::Period { from: first, to: last })))
            }
            _ => format!("{errors}, none with a time"),
        }));
        for (name, shares) in [
            ("Skill", &self.skills),
            ("Provider", &self.providers),
            ("Action", &self.actions),
            ("HTTP status", &self.http_statuses),
        ] {
            lines.extend(shares_line(name, shares, self.count));
        }
        lines.extend(self.users.as_ref().map(|who| who.line("user", "users", self.count)));
        lines.extend(self.sessions.as_ref().map(|who| who.line("session", "sessions", self.count)));
        if let Some((from, to, count)) = self.cluster {
            lines.push(Line::own(format!(
                "Errors cluster around {from:02}:00 to {to:02}:00 UTC: {}",
                share(count, self.count)
            )));
        }
        if let Some(hour) = self.busiest.filter(|hour| hour.count > 2) {
            let alarm =
                if hour.count > PER_HOUR { format!(", above the limit of {PER_HOUR} an hour") } else { String::new() };
            let from = super::super::words::moment(hour.from);
            lines.push(Line::own(format!("Most within an hour: {} from {from}{alarm}", number(hour.count))));
        }
        for deployment in &self.deployments {
            let at = super::super::words::moment(deployment.time);
            let before = Span::seconds(deployment.seconds_before);
            lines.push(Line::own(format!("Deployment at {at}, {before} before: ")).join(Line::code(&deployment.name)));
        }
        if let Some(runs) = self.usage {
            let long = |ms: Option<i64>| ms.map_or_else(|| "not known".to_owned(), |ms| Span::millis(ms).to_string());
            lines.push(Line::own(format!(
                "skill_usage_logs: {} failed with it, median {}; good runs take {}",
                super::count(runs.failed, "run", "runs"),
                long(runs.median_ms),
                long(runs.good_median_ms)
            )));
        }
        if let Some(sample) = &self.sample {
            let at = sample.time.map_or_else(String::new, |at| format!("{} ", at.rfc3339()));
            lines.push(Line::own(at).join(Line::name(&sample.source)).and(": ").join(Line::code(&sample.text)));
        }
        lines
    }
}

impl Who {
    fn line(&self, one: &str, many: &str, errors: u64) -> Line {
        let top = super::percent(self.top.count, self.of);
        let told = match self.distinct {
            1 if !self.more => Line::own(format!("One {one}: ")).join(Line::name(&self.top.name)),
            n if top >= MOSTLY => Line::own(format!("Mostly one {one}, of {}: ", super::count(n, one, many)))
                .join(Line::name(&self.top.name))
                .and(format!(" has {}", share(self.top.count, self.of))),
            n => {
                let least = if self.more { "more than " } else { "" };
                let few = if n < FEW { "" } else { "Many: " };
                Line::own(format!("{few}{least}{} {many}; the most frequent, ", number(n)))
                    .join(Line::name(&self.top.name))
                    .and(format!(", has {}", share(self.top.count, self.of)))
            }
        };
        if self.of < errors { told.and(format!("; {} of {} name one", number(self.of), number(errors))) } else { told }
    }
}

/// `Provider: anthropic (80 of 85), gemini (5 of 85)`.
fn shares_line(name: &str, shares: &[Share], all: u64) -> Option<Line> {
    let named = shares.iter().take(NAMED).map(|one| {
        Line::name(&one.name).and(if one.count == all {
            " (all)".to_owned()
        } else {
            format!(" ({} of {})", number(one.count), number(all))
        })
    });
    let line = Line::own(format!("{name}: ")).join(Line::list(named, ", "));
    let more = shares.len().saturating_sub(NAMED);
    match shares.len() {
        0 => None,
        _ if more > 0 => Some(line.and(format!(" and {} more", number(super::len(more))))),
        _ => Some(line),
    }
}

/// `Back off (when the load is wanted): command`.
pub(super) fn fix(fix: &FixReport) -> Line {
    let mut line = Line::said(&fix.text);
    if let Some(when) = &fix.when {
        line = line.and(" (when ").join(Line::said(when)).and(")");
    }
    line.run(fix.run.as_deref())
}

/// `2 codes`.
pub(super) fn codes(n: usize) -> String {
    many(n, "error code", "error codes")
}
