//! `logtriage probe`: asks once what is not a log, and gives a diagnosis over the answers.
//!
//! In: the `[[probe]]` tables of the configuration, sets that come with the binary. Out: a diagnosis, the answers as they
//! are (`--rows`), or what would be asked (`--list`). It changes nothing anywhere, and shows no secret.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::Ordering;

use crate::base::{Error, nearest};
use crate::record::Format;
use crate::report::{mask_secrets, visible};
use crate::rules::{Config, probe_sets, set_title};
use crate::source::probe::{Around, Probe, ask_all};

use super::args::{Output, Ruling};
use super::diagnose;
use super::exit::{DONE, Exit, Failure};
use super::settings::{self, Settings};
use super::signals;

const AFTER: &str = "\
Examples:
  logtriage probe                         the probes of the configuration
  logtriage probe --set agentic-factory   those of a runbook; '--set help' lists the sets
  logtriage probe --set factory --list    what would be asked, and from where

Each answer is a row of JSON, judged like a line of a log. docs/probes.md is about the configuration.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct ProbeArgs {
    /// Also the probes of this set; 'help' lists the sets
    #[arg(long, value_name = "NAME")]
    set: Vec<String>,

    /// Only these probes
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,

    /// Say what would be asked, and ask nothing
    #[arg(long)]
    list: bool,

    /// The answers themselves, one JSON object a line, instead of a diagnosis
    #[arg(long, conflicts_with = "list")]
    rows: bool,

    #[command(flatten)]
    ruling: Ruling,

    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &ProbeArgs) -> Result<Exit, Failure> {
    if args.set.iter().any(|set| set == "help") {
        return sets();
    }
    settings::note(&args.ruling, args.output.verbose, args.output.quiet);
    let (probes, packs) = chosen(args)?;
    if args.list {
        return list(&probes);
    }
    // Before anything is asked: a pack with a mistake is told at once.
    let pipeline = diagnose::pipeline_of(packs, Some(Format::JsonLines))?;
    let around = Around::of_process();
    let stop = around.stop.clone();
    let asked = signals::listen(move || stop.store(true, Ordering::Relaxed))?;
    let answers = ask_all(&probes, &around, &|bytes, path, moment| pipeline.explode(bytes, path, moment));
    if args.rows {
        let mut out = BufWriter::new(io::stdout().lock());
        for answer in &answers {
            for row in String::from_utf8_lossy(&answer.rows).lines() {
                let shown = if args.output.no_redact { Cow::Borrowed(row) } else { mask_secrets(row) };
                writeln!(out, "{}", visible(&shown))?;
            }
        }
        out.flush()?;
        return Ok(asked.exit().unwrap_or(DONE));
    }
    let sources = answers.into_iter().map(|answer| (format!("probe:{}", answer.probe), answer.rows));
    let exit = diagnose::tell(pipeline.diagnose_all(sources), &args.output)?;
    Ok(asked.exit().unwrap_or(exit))
}

/// The probes to ask, and the settings that judge their answers.
fn chosen(args: &ProbeArgs) -> Result<(Vec<Probe>, Settings), Failure> {
    let settings = Settings::load((&args.ruling).into())?;
    let none = Config::default();
    let config = settings.config.as_ref().unwrap_or(&none);
    let (mut probes, problems) = config.probes(&args.set);
    if !problems.is_empty() {
        return Err(Failure::Packs(problems));
    }
    // A finding says how its probe is asked again: by its name alone, whatever set it is of.
    let absent = |name: &&String| !probes.iter().any(|probe| probe.name == **name);
    if args.only.iter().any(|name| absent(&name)) {
        let all: Vec<String> = probe_sets().iter().map(|(set, _)| (*set).to_owned()).collect();
        let named = config.probes(&all).0.into_iter().filter(|probe| args.only.contains(&probe.name));
        let more: Vec<Probe> = named.filter(|probe| absent(&&probe.name)).collect();
        probes.extend(more);
    }
    if probes.is_empty() {
        let error = Error::new("there are no probes: no [[probe]] in a configuration, and no --set");
        return Err(Failure::Usage(
            error.help("logtriage probe --set help lists the sets; docs/probes.md has examples"),
        ));
    }
    for name in &args.only {
        if !probes.iter().any(|probe| probe.name == *name) {
            let error = Error::new(format!("there is no probe '{name}'"));
            let known = probes.iter().map(|probe| probe.name.as_str());
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean '{near}'?"),
                None => "logtriage probe --list shows them".to_owned(),
            };
            return Err(Failure::Usage(error.help(help)));
        }
    }
    if !args.only.is_empty() {
        probes.retain(|probe| args.only.contains(&probe.name));
    }
    Ok((probes, settings))
}

/// What would be asked.
fn list(probes: &[Probe]) -> Result<Exit, Failure> {
    let width = probes.iter().map(|probe| probe.name.len()).max().unwrap_or(0);
    let mut out = BufWriter::new(io::stdout().lock());
    for probe in probes {
        let title = if probe.title.is_empty() { String::new() } else { format!("{}: ", probe.title) };
        writeln!(
            out,
            "{:width$}  {}",
            probe.name,
            visible(&mask_secrets(&format!("{title}{}", probe.target.describe())))
        )?;
        let Probe { unit, timeout, every, origin, .. } = probe;
        let more = format!("unit {unit}; at most {timeout}, every {every}; {origin}");
        writeln!(out, "{:width$}  {}", "", visible(&more))?;
    }
    out.flush()?;
    Ok(DONE)
}

/// The sets that come with the binary.
fn sets() -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for (name, _) in probe_sets() {
        writeln!(out, "{name:18} {}", set_title(name))?;
    }
    Ok(DONE)
}
