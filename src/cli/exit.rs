//! Exit codes: a table that scripts can rely on.

use std::fmt;
use std::io;
use std::process::ExitCode;

use super::terminal;
use crate::base::{Error, Problem};

/// One exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

/// Done; also when the reader of our output has gone away.
pub const DONE: Exit = Exit(0);
/// With `--fail-on`: the verdict is that bad.
pub const BAD: Exit = Exit(1);
/// Wrong arguments, or a mistake in a pack or in the configuration.
pub const USAGE: Exit = Exit(2);
/// Some input could not be read, or not to its end; the diagnosis is about the rest.
pub const INCOMPLETE: Exit = Exit(3);
/// The output could not be written (a full disk), as EX_IOERR of sysexits.h.
pub const OUTPUT: Exit = Exit(74);
/// Ended by SIGINT after a clean stop.
pub const INTERRUPTED: Exit = Exit(130);
/// Ended by SIGTERM after a clean stop.
pub const TERMINATED: Exit = Exit(143);

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.0)
    }
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// Wrong use, or something that cannot be done at all.
    Usage(Error),
    /// Mistakes in packs and in the configuration.
    Packs(Vec<Problem>),
    /// An input that the command cannot do without.
    Input(Error),
    /// Writing results failed.
    Output(io::Error),
}

impl Failure {
    /// Tells the user on standard error, and the caller with the exit code.
    pub fn tell(&self) -> Exit {
        match self {
            Failure::Output(err) if err.kind() == io::ErrorKind::BrokenPipe => return DONE,
            _ => terminal::say(self),
        }
        match self {
            Failure::Usage(_) | Failure::Packs(_) => USAGE,
            Failure::Input(_) => INCOMPLETE,
            Failure::Output(_) => OUTPUT,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(err) | Failure::Input(err) => {
                write!(f, "logtriage: {err}")?;
                err.advice().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
            }
            Failure::Packs(problems) => {
                for problem in problems {
                    writeln!(f, "{problem}\n")?;
                }
                let noun = if problems.len() == 1 { "mistake" } else { "mistakes" };
                write!(f, "logtriage: {} {noun}", problems.len())
            }
            Failure::Output(err) => write!(f, "logtriage: cannot write the result: {err}"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(err: io::Error) -> Failure {
        Failure::Output(err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_success_and_a_full_disk_is_not() {
        assert_eq!(Failure::Output(io::ErrorKind::BrokenPipe.into()).tell(), DONE);
        assert_eq!(Failure::Output(io::ErrorKind::StorageFull.into()).tell(), OUTPUT);
        assert_eq!(Failure::Usage(Error::new("x")).tell(), USAGE);
        assert_eq!(Failure::Input(Error::new("x")).tell(), INCOMPLETE);
    }
}
