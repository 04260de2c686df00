//! `logtriage classify`: one class for each line or result.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{Error, Stamp, nearest};
use crate::input::{self, Input};
use crate::record::{Format, Reference};
use crate::report::Shown;
use crate::rules::{self, ClassTable};
use crate::run::labels::{How, LabelTally, labels};
use crate::run::live::{self, Bytes};
use crate::scan::{ClassPlan, Plan, Sorter};

use super::args::{Ruling, Wanted, format, no_format};
use super::exit::{DONE, Exit, Failure, INCOMPLETE};
use super::settings::Settings;
use super::{diagnose, signals, terminal};

/// The table behind the signatures, where nobody named one.
const DEFAULT: &str = "operations-center";
/// The table for results that name an error code.
const CODES: &str = "skillomatic-codes";

#[derive(Debug, clap::Args)]
pub(super) struct Classify {
    /// Sort by this classifier alone, without signatures: a name of '--list', or a file
    #[arg(long, value_name = "NAME|FILE")]
    classifier: Option<String>,

    /// In this of the classifier's orders
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,

    /// As the original program does it: its substrings, in its order
    #[arg(long)]
    exact: bool,

    /// List the classifiers
    #[arg(long)]
    list: bool,

    /// Only what somebody should look at
    #[arg(long)]
    only_failures: bool,

    /// The form of log lines; without it, a line is a result in JSON or plain; 'help' lists them
    #[arg(short, long, value_name = "FORMAT", value_parser = format)]
    pub(super) input: Option<Wanted>,

    /// The form of the answers
    #[arg(short, long, default_value = "jsonl", value_name = "FORM", value_parser = ["jsonl", "text"])]
    output: String,

    #[command(flatten)]
    pub(super) ruling: Ruling,

    /// Show secrets as they stand in the input
    #[arg(long)]
    no_redact: bool,

    /// How many threads
    #[arg(short = 'j', long, value_name = "N")]
    threads: Option<usize>,

    /// No notes
    #[arg(short, long)]
    quiet: bool,

    /// At the end, how many of which class there were
    #[arg(short, long)]
    verbose: bool,

    /// Files, also compressed; '-' or none is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(super) fn run(args: &Classify) -> Result<Exit, Failure> {
    let format = wanted(args.input.as_ref())?;
    diagnose::threads(args.threads);
    let Settings { mut loaded, own, .. } = Settings::load((&args.ruling).into())?;
    let mut tables = std::mem::take(&mut loaded.classifiers);
    if args.list {
        return list(&tables);
    }
    // The original program knows no signatures.
    let alone = args.classifier.is_some() || args.exact;
    let table = table(args.classifier.as_deref().unwrap_or(DEFAULT), &mut tables)?;
    let classes = ClassPlan::new(table, args.order.as_deref()).map_err(Failure::Usage)?;
    let codes = match alone {
        true => None,
        false => Some(ClassPlan::new(self::table(CODES, &mut tables)?, None).map_err(Failure::Usage)?),
    };
    let plan = if alone { None } else { Some(Plan::new(loaded.packs).map_err(Failure::Usage)?) };
    if let Some(broken) = plan.iter().filter(|_| own).flat_map(Plan::broken).next() {
        return Err(Failure::Usage(broken));
    }
    let sorter = Sorter { plan, classes, codes, exact: args.exact, naive: false };
    let now = Stamp::from_jiff(jiff::Timestamp::now()).unwrap_or(Stamp(0));
    let reference =
        Reference { now, zone: jiff::tz::TimeZone::system(), unit: "input".to_owned(), boot: None, dated: false };
    let (files, mut exit) = inputs(args)?;
    let stop = Stop::default();
    let stopper = stop.clone();
    let asked = signals::listen(move || stopper.stop())?;
    let mut tally = LabelTally::default();
    let mut out = io::stdout().lock();
    for path in &files {
        let name = path.as_ref().map(|path| path.display().to_string());
        let bytes = match path {
            None => stop.read(io::stdin()),
            Some(path) => match input::open(path) {
                Ok(input) => stop.read(File { input, block: Vec::new(), at: 0 }),
                Err(err) => {
                    terminal::say(format_args!("logtriage: {err}"));
                    exit = INCOMPLETE;
                    continue;
                }
            },
        };
        let how = How {
            sorter: &sorter,
            format,
            reference: &reference,
            shown: Shown { source: name.as_deref().filter(|_| files.len() > 1), redact: !args.no_redact },
            columns: args.output == "text",
            only_failures: args.only_failures,
        };
        if let Some(err) = labels(&how, &bytes, &mut out, &mut tally)? {
            terminal::say(format_args!("logtriage: {}: {err}", name.as_deref().unwrap_or("-")));
            exit = INCOMPLETE;
        }
        if stop.asked.load(Ordering::Relaxed) {
            break;
        }
    }
    if args.verbose {
        summary(&tally);
    }
    if tally.cut > 0 {
        exit = INCOMPLETE;
        if !args.quiet {
            let (lines, were) = if tally.cut == 1 { ("line", "was") } else { ("lines", "were") };
            let cut = tally.cut;
            terminal::say(format_args!("logtriage: {cut} {lines} longer than 1 MiB {were} too long to be read whole"));
        }
    }
    Ok(asked.exit().unwrap_or(exit))
}

/// The form of log lines; documents are read by other commands.
fn wanted(input: Option<&Wanted>) -> Result<Option<Format>, Failure> {
    match input {
        Some(Wanted::Format(format)) => Ok(Some(*format)),
        Some(Wanted::Document(name)) => Err(Failure::Usage(no_format(name, &[]))),
        Some(Wanted::Help) | None => Ok(None),
    }
}

/// The inputs, `None` for standard input, and the exit code so far.
fn inputs(args: &Classify) -> Result<(Vec<Option<PathBuf>>, Exit), Failure> {
    let stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
    if stdin && args.paths.len() > 1 {
        return Err(Failure::Usage(
            Error::new("'-' cannot be read together with files").help("cat FILE... | logtriage classify"),
        ));
    }
    if stdin || args.paths.is_empty() {
        return Ok((vec![None], DONE));
    }
    let found = input::find(&args.paths);
    for (_, err) in &found.errors {
        terminal::say(format_args!("logtriage: {err}"));
    }
    let exit = if found.errors.is_empty() { DONE } else { INCOMPLETE };
    Ok((found.files.into_iter().map(Some).collect(), exit))
}

/// The classifier with this name, or in this file.
fn table(name: &str, loaded: &mut Vec<ClassTable>) -> Result<ClassTable, Failure> {
    if let Some(at) = loaded.iter().position(|table| table.name == name) {
        return Ok(loaded.swap_remove(at));
    }
    let stem = |file: &str| file.trim_end_matches(".toml").to_owned();
    if let Some((file, text)) = rules::builtin_classifiers().iter().find(|(file, _)| stem(file) == name) {
        return rules::parse_classifier(file, text).map_err(Failure::Packs);
    }
    let path = Path::new(name);
    if fs::metadata(path).is_ok() {
        let read = rules::load(&[path.to_path_buf()], false);
        if !read.problems.is_empty() {
            return Err(Failure::Packs(read.problems));
        }
        let found = read.classifiers.into_iter().next();
        return found.ok_or_else(|| {
            let error = Error::at(path, "expected a classifier, found none");
            Failure::Usage(error.help("a classifier begins with [classifier]; docs/classifiers.md"))
        });
    }
    let mut names: Vec<String> = rules::builtin_classifiers().iter().map(|(file, _)| stem(file)).collect();
    names.extend(loaded.iter().map(|table| table.name.clone()));
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("one of {}, or a file", names.join(", ")),
    };
    Err(Failure::Usage(Error::new(format!("no classifier has the name '{name}'")).help(help)))
}

fn list(loaded: &[ClassTable]) -> Result<Exit, Failure> {
    let mut tables = Vec::new();
    for (file, text) in rules::builtin_classifiers() {
        tables.push(rules::parse_classifier(file, text).map_err(Failure::Packs)?);
    }
    let mut out = io::stdout().lock();
    for table in tables.iter().chain(loaded) {
        let orders: Vec<&str> = table.orders.iter().map(|(name, _)| name.as_str()).collect();
        let (name, classes, title) = (&table.name, table.rules.len(), &table.title);
        writeln!(out, "{name:<24} {classes:>3} classes  {:<16} {title}", orders.join(", "))?;
    }
    Ok(DONE)
}

/// On standard error, so that the answers stay what they are.
fn summary(tally: &LabelTally) {
    let failures: u64 = tally.failures.values().sum();
    let count = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    terminal::say(format_args!("logtriage: {}, {}", count(tally.records, "line"), count(failures, "failure")));
    let mut classes: Vec<_> = tally.failures.iter().collect();
    classes.sort_by_key(|(class, count)| (std::cmp::Reverse(**count), class.word()));
    for (class, count) in classes {
        terminal::say(format_args!("{count:>10}  {class}"));
    }
}

/// Ends the reading of whatever is read now.
#[derive(Clone, Default)]
struct Stop {
    asked: Arc<AtomicBool>,
    reader: Arc<Mutex<Option<SyncSender<Bytes>>>>,
}

impl Stop {
    fn read(&self, input: impl Read + Send + 'static) -> std::sync::mpsc::Receiver<Bytes> {
        let (stop, bytes) = live::read(input);
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        bytes
    }

    fn stop(&self) {
        self.asked.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = reader.send(Bytes::Stop);
        }
    }
}

/// An open file as a stream.
struct File {
    input: Input,
    block: Vec<u8>,
    at: usize,
}

impl Read for File {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            self.block.clear();
            self.at = 0;
            let most = into.len();
            let filled = self.input.fill(&mut self.block, most);
            if self.block.is_empty() {
                return filled.map_err(io::Error::other);
            }
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let len = rest.len().min(into.len());
        into[..len].copy_from_slice(&rest[..len]);
        self.at += len;
        Ok(len)
    }
}
