//! `logtriage rules test`: which rules speak about these lines, which nearly do, and why not?
//!
//! In: packs and a log. Out: a [`Report`] as text or JSON. The log is read twice, once line by line and once as
//! `logtriage` reads it, so that what is said to be told is what is told.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use crate::base::{Error, Stamp};
use crate::detect;
use crate::incident::Diagnosis;
use crate::input::{self, Input};
use crate::report;
use crate::run::{Pipeline, See};
use crate::scan::Plan;

use super::super::args::Shape;
use super::super::exit::{DONE, Exit, Failure, INCOMPLETE};
use super::super::settings::Settings;
use super::super::terminal::say;
use super::page::Page;
use super::verdict::{Asked, Line, Report, Verdicts};

/// Bytes of standard input that are looked at.
const MOST: u64 = 256 << 20;
/// Templates shown as text.
const SHOWN: usize = 60;
/// Near misses shown of one line.
const NEAR: usize = 3;

pub(super) fn run(
    settings: Settings,
    rule: Option<&str>,
    paths: &[PathBuf],
    shape: Shape,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let packs = settings.loaded.packs;
    let formats = settings.loaded.formats;
    let pipeline = Pipeline::builder().packs(packs.clone()).documents(formats).build().map_err(Failure::Usage)?;
    if let Some(err) = pipeline.plan().broken().into_iter().next().filter(|_| settings.own) {
        return Err(Failure::Usage(err));
    }
    let asked = match rule {
        None => Asked::All,
        Some(id) => asked(pipeline.plan(), id).ok_or_else(|| super::unknown(&packs, id))?,
    };
    let log = Log::of(paths)?;
    let own = packs.iter().filter(|pack| !pack.is_builtin()).map(|pack| pack.name.clone()).collect();
    let mut verdicts = Verdicts::new(pipeline.plan(), asked, own);
    let exit = log.each(&pipeline, &mut |record, event| verdicts.hear(record, event));
    let report = verdicts.finish(rule, &log.diagnose(&pipeline));
    match shape {
        Shape::Json => report::json_of(&report, out)?,
        Shape::Text => text(&report, out)?,
    }
    Ok(exit)
}

/// The signatures that a rule is about.
fn asked(plan: &Plan, id: &str) -> Option<Asked> {
    let signatures = || (0u32..).zip(plan.signatures());
    if let Some((index, _)) = signatures().find(|(_, s)| s.id == id) {
        return Some(Asked::One(index));
    }
    if let Some(detector) = plan.detectors().iter().find(|d| d.id == id) {
        let named = signatures().filter(|(_, s)| detector.selectors().any(|selector| selector.names(&s.id, s.class)));
        return Some(Asked::These(named.map(|(index, _)| index).collect()));
    }
    let judge = detect::judges().into_iter().find(|judge| judge.id == id)?;
    let marks = |step| judge.steps.iter().any(|word| crate::base::Step::from_word(word) == Some(step));
    Some(Asked::These(signatures().filter(|(_, s)| s.step.is_some_and(marks)).map(|(index, _)| index).collect()))
}

/// What is read: files and folders, or what came on standard input.
pub(super) enum Log {
    Paths(Vec<PathBuf>),
    Bytes(Vec<u8>),
}

impl Log {
    /// Standard input is read to its end here.
    pub(super) fn of(paths: &[PathBuf]) -> Result<Log, Failure> {
        let stdin = paths.iter().any(|path| path.as_os_str() == "-");
        if !paths.is_empty() && !stdin {
            return Ok(Log::Paths(paths.to_vec()));
        }
        if paths.len() > 1 {
            return Err(Failure::Usage(Error::new("'-' cannot be read together with files")));
        }
        if io::stdin().is_terminal() {
            let error = Error::new("no log to read").help("name files, or pipe lines in");
            return Err(Failure::Usage(error));
        }
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes);
        read.map_err(|err| Failure::Input(Error::new("cannot read standard input").because(err)))?;
        if bytes.len() as u64 > MOST {
            bytes.truncate(MOST as usize);
            say("logtriage: standard input has more than 256 MiB: the rest is left out; name files instead");
        }
        Ok(Log::Bytes(bytes))
    }

    /// Shows every record. What cannot be read is told, and the rest is shown.
    pub(super) fn each(&self, pipeline: &Pipeline, see: See<'_>) -> Exit {
        let mut failed = Vec::new();
        match self {
            Log::Bytes(bytes) => {
                let now = Stamp::from_jiff(jiff::Timestamp::now());
                failed.extend(pipeline.each(Path::new("stdin"), Input::from_bytes(bytes.clone(), now), see).err());
            }
            Log::Paths(paths) => {
                let found = input::find(paths);
                failed.extend(found.errors.into_iter().map(|(_, err)| err));
                for path in found.files {
                    let done = input::open(&path).and_then(|input| pipeline.each(&path, input, &mut *see));
                    failed.extend(done.err());
                }
            }
        }
        for err in &failed {
            say(format_args!("logtriage: {err}"));
        }
        if failed.is_empty() { DONE } else { INCOMPLETE }
    }

    fn diagnose(&self, pipeline: &Pipeline) -> Diagnosis {
        match self {
            Log::Paths(paths) => pipeline.diagnose(paths),
            Log::Bytes(bytes) => pipeline.diagnose_bytes("stdin", bytes),
        }
    }
}

fn text(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    for line in report.lines.iter().take(SHOWN) {
        told(line, &mut page)?;
        page.line("")?;
    }
    if report.lines.len() > SHOWN {
        page.line(&format!("and {} templates more: -o json has them all\n", report.lines.len() - SHOWN))?;
    }
    for found in report.findings.iter().take(SHOWN) {
        let times = if found.count == 1 { String::new() } else { format!(" ({} times)", found.count) };
        page.row("finding", &format!("{} {} {}: {}{times}", found.severity, found.detector, found.unit, found.title))?;
    }
    let s = &report.summary;
    let count = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    page.line(&format!(
        "{}: {} matched, {} with near misses, {} ({})",
        count(s.lines, "record", "records"),
        s.matched,
        s.near_misses,
        count(s.unknown_errors, "unknown error", "unknown errors"),
        count(s.unknown_templates, "template", "templates"),
    ))
}

fn told(line: &Line, page: &mut Page<'_>) -> io::Result<()> {
    let times = if line.count == 1 { String::new() } else { format!("{} times  ", line.count) };
    let unit = if line.unit.is_empty() { String::new() } else { format!("{}: ", line.unit) };
    page.line(&format!("{times}{unit}{}", line.text))?;
    for (n, hit) in line.matches.iter().enumerate() {
        let rule = format!("{}: {} ({}, {})", hit.id, hit.title, hit.class, hit.severity);
        match hit.behind {
            _ if n == 0 => page.row("match", &rule)?,
            Some(why) => page.row("behind it", &format!("{rule}; of the one above, {why}"))?,
            None => page.row("behind it", &rule)?,
        }
    }
    page.row("so", &line.says)?;
    for near in line.near.iter().take(NEAR) {
        let (name, words) = match near.literal.as_str() {
            "" => ("no match", String::new()),
            literal => ("near miss", format!("'{}' stands in it, but ", literal.trim())),
        };
        page.row(name, &format!("{}: {words}{}", near.id, near.reasons.join("; ")))?;
    }
    match line.near.len().saturating_sub(NEAR) {
        0 => Ok(()),
        n => page.row("", &format!("and {n} more: -o json")),
    }
}
