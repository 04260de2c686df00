//! What did the user type?
//!
//! In: arguments, a terminal, signals. Out: results on standard output, everything else on standard error, and an exit
//! code from the table in [`exit`](mod@exit). No decision about logs is made here.

mod args;
mod classify;
mod diagnose;
pub mod exit;
mod parts;
mod probe;
mod report;
mod rules;
mod settings;
mod signals;
mod terminal;
mod when;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use crate::base::{Error, nearest};
use crate::record::Format;

use args::{Args, Command};
use exit::Failure;

/// Runs the program with the process's arguments.
pub fn main() -> std::process::ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(err) => {
            if err.use_stderr() {
                // It quotes what was typed, and that may have come from anywhere.
                terminal::say(err.render());
                return exit::USAGE.into();
            }
            // The help may go into a pipe that is closed: that is fine.
            let _ = err.print();
            return exit::DONE.into();
        }
    };
    if let Some(packs) = args.asks_for_formats() {
        return formats(packs).into();
    }
    let mut hint = None;
    let result = match &args.command {
        None => slip(&args.paths, &mut hint)
            .and_then(|()| diagnose::run(&args.reading, &args.output, args.follow, &args.paths)),
        Some(Command::Scan(scan)) => parts::scan(scan),
        Some(Command::Merge(merge)) => parts::merge(merge),
        Some(Command::Classify(classify)) => classify::run(classify),
        Some(Command::Report(report)) => report::run(report),
        Some(Command::Rules(rules)) => rules::run(rules),
        Some(Command::Probe(probe)) => probe::run(probe),
    };
    if let Some(hint) = hint.filter(|_| !args.output.quiet) {
        terminal::say(hint);
    }
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell().into(),
    }
}

/// A command that stands where paths stand: it must be the first word. A slip of one is only a hint: it may be a file.
fn slip(paths: &[PathBuf], hint: &mut Option<String>) -> Result<(), Failure> {
    let commands = Args::command();
    let names: Vec<&str> = commands.get_subcommands().map(clap::Command::get_name).collect();
    for path in paths.iter().filter(|path| path.symlink_metadata().is_err()) {
        let Some(word) = path.to_str() else { continue };
        if names.contains(&word) {
            let error = Error::new(format!("'{word}' is a command: write it first: logtriage {word} ..."));
            return Err(Failure::Usage(error));
        }
        if hint.is_none()
            && let Some(near) = nearest(word, names.iter().copied())
        {
            *hint = Some(format!("  help: did you mean the command '{near}'? logtriage {near} ..."));
        }
    }
    Ok(())
}

/// `--input help`: the names of the formats, one a line; with them those of documents, with what they are.
fn formats(packs: Option<&[PathBuf]>) -> exit::Exit {
    let mut names: String = Format::ALL.iter().map(|format| format!("{}\n", format.name())).collect();
    for document in packs.map_or_else(Vec::new, |packs| crate::rules::load(packs, false).formats) {
        names.push_str(&format!("{:<36} {}\n", document.name, document.title));
    }
    // As for the help: a closed pipe is fine.
    let _ = io::stdout().write_all(names.as_bytes());
    exit::DONE
}
