//! Shell patterns over unit names, as `journalctl -u` and the packs' `where` use them.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

/// A shell pattern (`*`, `?`, `[...]`) over a whole name. Case counts; `*` crosses every character.
#[derive(Clone, Debug)]
pub struct Glob {
    text: String,
    matcher: GlobMatcher,
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the pattern is malformed, for example an unclosed `[`.
    pub fn new(text: &str) -> Result<Glob, GlobError> {
        let glob = GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build();
        match glob {
            Ok(glob) => Ok(Glob { text: text.to_owned(), matcher: glob.compile_matcher() }),
            Err(err) => Err(GlobError { text: text.to_owned(), why: err.kind().to_string() }),
        }
    }

    /// Does the pattern cover the whole of `name`?
    pub fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobError {
    /// The pattern as written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad pattern '{}': {}", self.text, self.why)
    }
}

impl std::error::Error for GlobError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_cross_slashes_and_brackets_must_close() {
        assert!(Glob::new("*nats*").unwrap().matches("prod/factory-nats/main"));
        assert!(!Glob::new("nats").unwrap().matches("nats.service"));
        assert!(Glob::new("[a").unwrap_err().to_string().contains("[a"));
    }
}
