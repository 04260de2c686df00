//! `logtriage report`: counts and tables that runbooks ask for, from any log and any rows.

use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};

use crate::base::{Error, Span, Stamp, nearest};
use crate::report::kinds::{Intake, Report, report_json};
use crate::report::{markdown_of, text_of};
use crate::rules::{self, ChecklistRule};
use crate::run::Filter;
use crate::run::reports::{
    CalibrationOptions, Deploy, Desk, Papers, calibration, checklist, digest, production, spend,
};

use super::args::{Color, Form, Output, Reading};
use super::exit::{DONE, Exit, Failure, INCOMPLETE};
use super::{diagnose, settings, terminal, when};

/// Bytes of standard input that are kept: a report goes through its input more than once.
const STDIN: u64 = 512 << 20;

/// The checklist where nobody names one.
const RUNBOOK: &str = "operations-center";

#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Errors by code: how many, where from, since when, why, and what to do
    Production {
        /// A deployment, to see whether errors began after it: '2026-05-11 22:40=v2.3.1'
        #[arg(long, value_name = "TIME[=NAME]", allow_hyphen_values = true, value_parser = deploy)]
        deploy: Vec<Deploy>,

        #[command(flatten)]
        how: How,
    },
    /// Costs by day, repository, agent, model and tier, against the limits
    Spend {
        /// Days to look back from the end of what is read
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,

        #[command(flatten)]
        how: How,
    },
    /// How often proposals were accepted, against what their confidence promised
    Calibration {
        /// Days to look back from the end of what is read
        #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,

        /// Families with fewer records have no row
        #[arg(long, value_name = "N", default_value_t = 5)]
        least: u64,

        /// By repository
        #[arg(long)]
        per_repo: bool,

        #[command(flatten)]
        how: How,
    },
    /// The morning digest: tasks of the night, costs, dead letters, agents, infrastructure, approvals
    Digest {
        /// How long the night was, counted back from the end of what is read
        #[arg(long, value_name = "SPAN", default_value = "12h")]
        night: Span,

        #[command(flatten)]
        how: How,
    },
    /// A runbook's steps, each with its verdict
    Checklist {
        /// operations-center, factory, production, skills-fabrik, agentic-factory, or a file
        #[arg(long, value_name = "NAME|FILE", default_value = RUNBOOK)]
        runbook: String,

        #[command(flatten)]
        how: How,
    },
}

/// What all reports take.
#[derive(Debug, clap::Args)]
pub(super) struct How {
    #[command(flatten)]
    pub(super) reading: Reading,

    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = Shape::Text, value_name = "FORM")]
    output: Shape,

    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,

    /// Show secrets as they stand in the log
    #[arg(long)]
    no_redact: bool,

    /// No notes
    #[arg(short, long)]
    quiet: bool,

    /// Files and folders, also compressed; '-' or none is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Text,
    Json,
    Markdown,
}

impl ReportArgs {
    /// What all reports take.
    pub(super) fn how(&self) -> &How {
        match &self.kind {
            Kind::Production { how, .. }
            | Kind::Spend { how, .. }
            | Kind::Calibration { how, .. }
            | Kind::Digest { how, .. }
            | Kind::Checklist { how, .. } => how,
        }
    }
}

pub(super) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let how = args.how();
    let reading = &how.reading;
    // Before anything is read: a slip in a name must not cost the reading.
    let steps = match &args.kind {
        Kind::Checklist { runbook, .. } => Some(steps(runbook)?),
        _ => None,
    };
    settings::note(&reading.ruling, 0, how.quiet);
    let pipeline = diagnose::pipeline(reading, None)?;
    let (papers, whole) = papers(&how.paths)?;
    let filter =
        Filter { units: reading.unit.clone(), since: reading.since, until: reading.until, level: reading.priority };
    let desk = Desk::new(&pipeline, papers, filter);
    let now = reading.now;
    let exit = match &args.kind {
        Kind::Production { deploy, .. } => {
            let report = production(&desk, deploy);
            tell(&report, &report.read, how)
        }
        Kind::Spend { days, .. } => {
            let report = spend(&desk, *days, now);
            tell(&report, &report.read, how)
        }
        Kind::Calibration { days, least, per_repo, .. } => {
            let options = CalibrationOptions { days: *days, least: *least, per_repo: *per_repo, now };
            let report = calibration(&desk, options);
            tell(&report, &report.read, how)
        }
        Kind::Digest { night, .. } => {
            let report = digest(&desk, *night, now);
            tell(&report, &report.read, how)
        }
        Kind::Checklist { .. } => match &steps {
            Some(steps) => {
                let report = checklist(&desk, steps);
                tell(&report, &report.read, how)
            }
            None => Ok(DONE),
        },
    }?;
    Ok(if whole { exit } else { INCOMPLETE })
}

/// What is read, and whether that is all of it.
fn papers(paths: &[PathBuf]) -> Result<(Papers, bool), Failure> {
    let stdin = paths.iter().any(|path| path.as_os_str() == "-");
    if stdin && paths.len() > 1 {
        return Err(Failure::Usage(
            Error::new("'-' cannot be read together with files").help("cat FILE... | logtriage report ..."),
        ));
    }
    if !stdin && !paths.is_empty() {
        return Ok((Papers::Files(paths.to_vec()), true));
    }
    if !stdin && io::stdin().is_terminal() {
        return Err(Failure::Usage(
            Error::new("nothing to read").help("name files or folders, or pipe rows or a log in"),
        ));
    }
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock();
    if let Err(err) = input.by_ref().take(STDIN).read_to_end(&mut bytes) {
        return Err(Failure::Input(Error::at(Path::new("-"), "reading failed").because(err)));
    }
    let more = bytes.len() as u64 == STDIN && input.read(&mut [0]).is_ok_and(|read| read > 0);
    if more {
        let most = STDIN >> 20;
        terminal::say(format_args!(
            "logtriage: standard input is longer than {most} MiB: the report is about its beginning\n  help: write it to a file, and name that"
        ));
    }
    Ok((Papers::Bytes("-".to_owned(), bytes), !more))
}

/// Writes a report, and says with which exit code to end.
fn tell(report: &impl Report, read: &Intake, how: &How) -> Result<Exit, Failure> {
    if !how.quiet {
        for gone in &read.unreadable {
            terminal::say(format_args!("logtriage: {}", gone.why));
        }
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let redact = !how.no_redact;
    match how.output {
        Shape::Text => {
            let output = Output {
                output: Form::Text,
                fail_on: None,
                color: how.color,
                no_redact: how.no_redact,
                quiet: how.quiet,
                verbose: 0,
            };
            text_of(&report.sheet().prepare(redact), &terminal::screen(&output), &mut out)?;
        }
        Shape::Json => report_json(report, redact, &mut out)?,
        Shape::Markdown => markdown_of(&report.sheet().prepare(redact), &mut out)?,
    }
    out.flush()?;
    Ok(if read.unreadable.is_empty() { DONE } else { INCOMPLETE })
}

/// The checklist with this name, or in this file.
fn steps(name: &str) -> Result<ChecklistRule, Failure> {
    let stem = |file: &str| file.trim_end_matches(".toml").to_owned();
    if let Some((file, text)) = rules::builtin_checklists().iter().find(|(file, _)| stem(file) == name) {
        return rules::parse_checklist(file, text).map_err(Failure::Packs);
    }
    let path = Path::new(name);
    if path.is_file() {
        let text = std::fs::read_to_string(path).map_err(|err| Failure::Usage(Error::io(path, err)))?;
        return rules::parse_checklist(name, &text).map_err(Failure::Packs);
    }
    let names: Vec<String> = rules::builtin_checklists().iter().map(|(file, _)| stem(file)).collect();
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("one of {}, or a file", names.join(", ")),
    };
    Err(Failure::Usage(Error::new(format!("no checklist has the name '{name}'")).help(help)))
}

/// `2026-05-11 22:40=v2.3.1`.
fn deploy(text: &str) -> Result<Deploy, String> {
    let (time, name) = text.split_once('=').unwrap_or((text, ""));
    let time: Stamp = when::parse(time)?;
    let name = if name.trim().is_empty() { "named on the command line" } else { name.trim() };
    Ok(Deploy { time, name: name.to_owned() })
}
