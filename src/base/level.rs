//! The level of a log entry, as syslog numbers it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A syslog level (RFC 5424, table 2): 0 is the worst. `Ord` follows the number, so `level <= Level::Err` reads "an
/// error or worse".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Level {
    /// 0: the system is unusable.
    Emerg = 0,
    /// 1: action must be taken at once.
    Alert = 1,
    /// 2: critical.
    Crit = 2,
    /// 3: error.
    Err = 3,
    /// 4: warning.
    Warning = 4,
    /// 5: normal but significant.
    Notice = 5,
    /// 6: informational.
    Info = 6,
    /// 7: debug (and trace).
    Debug = 7,
}

impl Level {
    /// All levels, worst first; the index is the number.
    pub const ALL: [Level; 8] =
        [Level::Emerg, Level::Alert, Level::Crit, Level::Err, Level::Warning, Level::Notice, Level::Info, Level::Debug];

    /// The level with this syslog number, `None` above 7.
    pub fn from_number(n: u8) -> Option<Level> {
        Level::ALL.get(usize::from(n)).copied()
    }

    /// journalctl's word for it.
    pub fn word(self) -> &'static str {
        ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"][self as usize]
    }

    /// Reads the words that loggers use for levels, in any case: `ERROR`, `err`, `E`, `warn`, `panic`, `FATAL`, ...
    ///
    /// `None` for anything else; this is not a search, the whole of `word` must be a level.
    pub fn from_word(word: &[u8]) -> Option<Level> {
        let mut lower = [0u8; 13];
        if word.is_empty() || word.len() > lower.len() {
            return None;
        }
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"emerg" | b"emergency" => Level::Emerg,
            b"alert" => Level::Alert,
            b"crit" | b"critical" | b"fatal" | b"ftl" | b"f" | b"panic" | b"dpanic" | b"severe" => Level::Crit,
            b"error" | b"err" | b"eror" | b"e" | b"failure" => Level::Err,
            b"warning" | b"warn" | b"wrn" | b"w" => Level::Warning,
            b"notice" | b"n" => Level::Notice,
            b"info" | b"inf" | b"i" | b"information" | b"informational" | b"log" => Level::Info,
            b"debug" | b"dbg" | b"d" | b"trace" | b"trc" | b"t" | b"verbose" | b"vrb" | b"fine" | b"finer"
            | b"finest" => Level::Debug,
            _ => return None,
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_read_back() {
        for level in Level::ALL {
            assert_eq!(Level::from_number(level as u8), Some(level));
            assert_eq!(Level::from_word(level.word().as_bytes()), Some(level));
        }
        assert_eq!(Level::from_number(8), None);
        assert_eq!(Level::from_word(b"FATAL"), Some(Level::Crit));
        assert_eq!(Level::from_word(b"terror"), None);
        assert!(Level::Crit <= Level::Err);
    }
}
