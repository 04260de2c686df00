//! How bad: the three words of the verdict, and one below them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How bad something is, ordered from harmless to worst.
///
/// `Info` is for signatures that are worth counting but say nothing about health; a diagnosis is never `Info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Recognised and counted; does not change the verdict.
    Info,
    /// Nothing wrong.
    Healthy,
    /// It works, but not as it should, or it failed and recovered.
    Degraded,
    /// It does not work.
    Down,
}

impl Severity {
    /// The word used in packs, JSON and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Healthy => "healthy",
            Severity::Degraded => "degraded",
            Severity::Down => "down",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The word is not a severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSeverityError(pub String);

impl fmt::Display for ParseSeverityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown severity '{}', expected info, degraded or down", self.0)
    }
}

impl std::error::Error for ParseSeverityError {}

impl FromStr for Severity {
    type Err = ParseSeverityError;

    fn from_str(word: &str) -> Result<Severity, ParseSeverityError> {
        match word {
            "info" => Ok(Severity::Info),
            "healthy" => Ok(Severity::Healthy),
            "degraded" => Ok(Severity::Degraded),
            "down" => Ok(Severity::Down),
            _ => Err(ParseSeverityError(word.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_from_harmless_to_worst() {
        assert!(Severity::Info < Severity::Healthy);
        assert!(Severity::Healthy < Severity::Degraded);
        assert!(Severity::Degraded < Severity::Down);
        assert_eq!("down".parse(), Ok(Severity::Down));
        assert!("Down".parse::<Severity>().is_err());
    }
}
