//! What did the user type?
//!
//! In: arguments, a terminal, signals. Out: results on standard output, everything else on standard error, and an exit
//! code from the table in [`exit`](mod@exit). No decision about logs is made here.

mod args;
mod classify;
mod diagnose;
pub mod exit;
mod parts;
mod rules;
mod settings;
mod signals;
mod terminal;
mod when;

use std::io::{self, Write};

use clap::Parser;

use crate::record::Format;

use args::{Args, Command};

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
    if args.asks_for_formats() {
        return formats().into();
    }
    let result = match &args.command {
        None => diagnose::run(&args.reading, &args.output, args.follow, &args.paths),
        Some(Command::Scan(scan)) => parts::scan(scan),
        Some(Command::Merge(merge)) => parts::merge(merge),
        Some(Command::Classify(classify)) => classify::run(classify),
        Some(Command::Rules(rules)) => rules::run(rules),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell().into(),
    }
}

/// `--input help`: the names of the formats, one a line.
fn formats() -> exit::Exit {
    let names: String = Format::ALL.iter().map(|format| format!("{}\n", format.name())).collect();
    // As for the help: a closed pipe is fine.
    let _ = io::stdout().write_all(names.as_bytes());
    exit::DONE
}
