//! The terminal: how wide, in which colours, and a bar while reading.

use std::env;
use std::io::{self, IsTerminal, Write};

use crate::report::{Screen, visible};

use super::args::{Color, Output};

/// Width where there is no terminal to ask.
const WIDTH: usize = 80;

/// How to write text to standard output.
pub(super) fn screen(output: &Output) -> Screen {
    let terminal = io::stdout().is_terminal();
    let set = |name: &str| env::var_os(name).is_some_and(|v| !v.is_empty());
    let color = match output.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto if set("CLICOLOR_FORCE") => true,
        Color::Auto => terminal && env::var_os("TERM").is_none_or(|t| t != "dumb"),
    };
    Screen { width: width(), color, verbose: output.verbose }
}

/// How many columns standard output has.
pub(super) fn width() -> usize {
    let asked = env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let terminal = io::stdout().is_terminal();
    let measured = if terminal { terminal_size::terminal_size().map(|(w, _)| usize::from(w.0)) } else { None };
    measured.or(asked).unwrap_or(WIDTH).max(20)
}

/// A bar on standard error, if that is a terminal and nobody asked for quiet.
pub(super) fn bar(quiet: bool, bytes: u64) -> indicatif::ProgressBar {
    if quiet || !io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let bar = indicatif::ProgressBar::new(bytes);
    let style = indicatif::ProgressStyle::with_template("{bytes}/{total_bytes} {wide_bar} {bytes_per_sec}");
    bar.set_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()));
    bar
}

/// Tells the person at the terminal, on standard error: names and lines of others are in it, so nothing that moves a
/// terminal comes through. That nobody may be listening is no reason to stop.
pub(super) fn say(text: impl std::fmt::Display) {
    let text = text.to_string();
    let lines: Vec<_> = text.trim_end_matches('\n').split('\n').map(visible).collect();
    let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
}
