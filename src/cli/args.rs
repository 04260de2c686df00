//! The arguments, as typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::base::{Error, Glob, Level, Severity, Stamp, nearest};
use crate::record::Format;
use crate::record::document::Definition;

use super::classify::Classify;
use super::probe::ProbeArgs;
use super::report::ReportArgs;
use super::when;

const EXAMPLES: &str = "\
Examples:
  journalctl -f -o json | logtriage       live: findings as they happen, a diagnosis at the end
  logtriage /var/log/journal app.log.zst  archives: one diagnosis over all of them
  logtriage -u 'api*' -S -2h              this machine's journal: one unit, the last two hours

Exit status:
  0 done   1 the verdict is as bad as --fail-on   2 wrong use, or a mistake in a pack or the configuration
  3 some input could not be read   74 the output could not be written   130, 143 ended by a signal";

/// Reads logs and says what failed, since when, why, in which order, who is affected, and what to do.
#[derive(Debug, Parser)]
#[command(name = "logtriage", version, after_help = EXAMPLES, max_term_width = 80, args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    #[command(flatten)]
    pub(super) reading: Reading,

    #[command(flatten)]
    pub(super) output: Output,

    /// Go on reading as the input grows: files, folders, standard input, or this machine's journal
    #[arg(short, long)]
    pub(super) follow: bool,

    /// Files and folders, also compressed (gz, zst, xz, bz2, lz4); '-' is standard input
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
}

/// Which records are looked at, and with which packs.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Reading {
    /// Only these units, as 'journalctl -u' means it: their own lines, and the manager's and the kernel's about them
    #[arg(short, long, value_name = "PATTERN", value_parser = glob)]
    pub(super) unit: Vec<Glob>,

    /// Not before: '2026-05-11 22:40', 'yesterday', '-2h', '30min ago', '@1778539200'
    #[arg(short = 'S', long, value_name = "TIME", allow_hyphen_values = true, value_parser = when::parse)]
    pub(super) since: Option<Stamp>,

    /// Not after
    #[arg(short = 'U', long, value_name = "TIME", allow_hyphen_values = true, value_parser = when::parse)]
    pub(super) until: Option<Stamp>,

    /// Judge as of this moment, when it is later than the last record: 'now' for logs that should still be written
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = when::parse)]
    pub(super) now: Option<Stamp>,

    /// Only this level or worse: emerg, alert, crit, err, warning, notice, info, debug, or 0 to 7
    #[arg(short, long, value_name = "LEVEL", value_parser = level)]
    pub(super) priority: Option<Level>,

    /// The form of the input, instead of finding it; 'help' lists them
    #[arg(short, long, value_name = "FORMAT", value_parser = format)]
    pub(super) input: Option<Wanted>,

    #[command(flatten)]
    pub(super) ruling: Ruling,

    /// How many threads
    #[arg(short = 'j', long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

/// Which packs are in force, and with which numbers.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Ruling {
    /// More packs (and classifiers): a folder or a file; one with the name of a built-in pack replaces it
    #[arg(long, value_name = "DIR|FILE")]
    pub(super) packs: Vec<PathBuf>,

    /// Only the packs named with --packs
    #[arg(long)]
    pub(super) no_builtin_packs: bool,

    /// Packs to load and numbers to change: docs/config.md; else the user's, else the machine's logtriage.toml
    #[arg(short, long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// No configuration
    #[arg(long)]
    pub(super) no_config: bool,
}

impl Reading {
    /// The format to read, when one was named.
    pub(super) fn format(&self) -> Option<Format> {
        match self.input {
            Some(Wanted::Format(format)) => Some(format),
            _ => None,
        }
    }

    /// The kind of document to read, when one was named. Whether there is such a kind is not known yet.
    pub(super) fn document(&self) -> Option<&str> {
        match &self.input {
            Some(Wanted::Document(name)) => Some(name),
            _ => None,
        }
    }
}

/// How the result is told.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Output {
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = Form::Text, value_name = "FORM")]
    pub(super) output: Form,

    /// End with status 1 when the verdict is this bad
    #[arg(long, value_name = "SEVERITY", value_parser = ["degraded", "down"])]
    pub(super) fail_on: Option<String>,

    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,

    /// Show secrets as they stand in the log
    #[arg(long)]
    pub(super) no_redact: bool,

    /// No progress and no notes
    #[arg(short, long)]
    pub(super) quiet: bool,

    /// More: evidence, all findings, templates of unknown errors; twice: everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

impl Args {
    /// Was the list of formats asked for, with whatever command? Then the packs that were named with it, or none for a
    /// command that reads no documents.
    pub(super) fn asks_for_formats(&self) -> Option<Option<&[PathBuf]>> {
        let reading = match &self.command {
            None => &self.reading,
            Some(Command::Scan(scan)) => &scan.reading,
            Some(Command::Merge(merge)) => &merge.reading,
            Some(Command::Classify(classify)) => {
                return (classify.input == Some(Wanted::Help)).then_some(None);
            }
            Some(Command::Report(report)) => &report.how().reading,
            Some(Command::Rules(_) | Command::Probe(_)) => return None,
        };
        (reading.input == Some(Wanted::Help)).then_some(Some(&reading.ruling.packs))
    }
}

impl Output {
    pub(super) fn fails_on(&self) -> Option<Severity> {
        self.fail_on.as_ref().and_then(|word| word.parse().ok())
    }
}

/// The forms of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    Text,
    Json,
    Jsonl,
    Markdown,
    Alert,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read a part of the work, and leave what was found for 'merge'
    Scan(Scan),
    /// One diagnosis out of what 'scan --partial' left
    Merge(Merge),
    /// Sort lines and results into failure classes, one answer a line
    Classify(Classify),
    /// Reports beside the diagnosis: production errors, spend, calibration, a digest, a runbook's steps
    Report(ReportArgs),
    /// Ask what is not a log: health pages, ports, files, queues, units, containers
    Probe(ProbeArgs),
    /// Check, list, explain, try and begin packs
    Rules(Rules),
}

#[derive(Debug, clap::Args)]
pub(super) struct Scan {
    /// The file to leave the partial result in
    #[arg(long, value_name = "FILE")]
    pub(super) partial: PathBuf,

    /// Only the K-th of N stretches of the file (it must be one file): '2/3'
    #[arg(long, value_name = "K/N", value_parser = part)]
    pub(super) part: Option<(u64, u64)>,

    #[command(flatten)]
    pub(super) reading: Reading,

    /// Files and folders
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Merge {
    #[command(flatten)]
    pub(super) reading: Reading,

    #[command(flatten)]
    pub(super) output: Output,

    /// Partial results, in any order
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    /// More packs: a folder or a file
    #[arg(long, value_name = "DIR|FILE", global = true)]
    pub(super) packs: Vec<PathBuf>,

    /// Only the packs named with --packs
    #[arg(long, global = true)]
    pub(super) no_builtin_packs: bool,

    /// Packs to load and numbers to change: docs/config.md
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,

    /// No configuration
    #[arg(long, global = true)]
    pub(super) no_config: bool,

    #[command(subcommand)]
    pub(super) verb: RulesVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesVerb {
    /// Read all packs and the configuration, and run the samples: every mistake at once
    Check {
        /// More packs: folders or files
        #[arg(value_name = "DIR|FILE")]
        paths: Vec<PathBuf>,
    },
    /// List signatures and detectors, one a line
    List,
    /// Explain a rule: what it looks for, from which number on, why it matters, what to do
    #[command(alias = "show")]
    Explain {
        /// An id (systemd/start-limit), a pattern ('nats/*'), or a class (class:oom)
        id: String,

        /// The form of the result
        #[arg(short, long, value_enum, default_value_t = Shape::Text, value_name = "FORM")]
        output: Shape,
    },
    /// Say which rules speak about the lines of a log, which nearly do, and why not
    Test {
        /// Only this signature, or those that this detector looks at
        #[arg(long, value_name = "ID")]
        rule: Option<String>,

        /// The form of the result
        #[arg(short, long, value_enum, default_value_t = Shape::Text, value_name = "FORM")]
        output: Shape,

        /// Files and folders; without any, or with '-', standard input
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Begin a pack: an example, or signatures for the errors of a log that no rule knows
    New {
        /// The name of the pack: the first half of its rules' ids
        name: String,

        /// The log with the errors; '-' is standard input
        #[arg(long, value_name = "LOG")]
        from: Option<PathBuf>,

        /// Write it to this file, which must not be there yet, instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// The mistake of naming a format that is not there.
pub(super) fn no_format(name: &str, documents: &[Definition]) -> Error {
    let names = || Format::ALL.iter().map(|f| f.name()).chain(documents.iter().map(|d| d.name.as_str()));
    let near = nearest(name, names().filter(|_| name.len() <= 100));
    let hint = near.map(|near| format!("did you mean '{near}'? ")).unwrap_or_default();
    Error::new(format!("no format is named '{}'", name.escape_debug()))
        .help(format!("{hint}One of: {}", names().collect::<Vec<_>>().join(", ")))
}

/// The forms of what is said about rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    Text,
    Json,
}

fn glob(text: &str) -> Result<Glob, String> {
    Glob::new(text).map_err(|err| err.to_string())
}

fn level(text: &str) -> Result<Level, String> {
    let number = text.parse::<u8>().ok().and_then(Level::from_number);
    number.or_else(|| Level::from_word(text.as_bytes()).filter(|_| text.len() > 1)).ok_or_else(|| {
        let words: Vec<&str> = Level::ALL.iter().map(|l| l.word()).collect();
        format!("expected one of {}, or a number from 0 to 7", words.join(", "))
    })
}

/// What `--input` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This format.
    Format(Format),
    /// Perhaps the name of a kind of documents: packs are not read yet.
    Document(String),
    /// The list of all formats.
    Help,
}

pub(super) fn format(text: &str) -> Result<Wanted, std::convert::Infallible> {
    if text == "help" {
        return Ok(Wanted::Help);
    }
    Ok(Format::from_name(text).map_or_else(|| Wanted::Document(text.to_owned()), Wanted::Format))
}

fn part(text: &str) -> Result<(u64, u64), String> {
    let numbers = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    numbers
        .filter(|(k, n)| (1..=*n).contains(k))
        .ok_or_else(|| "expected K/N with K from 1 to N, such as '2/3'".to_owned())
}
