//! Shell patterns over unit names, as `journalctl -u` and the packs' `where` use them.

use std::fmt;
use std::sync::OnceLock;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

/// A shell pattern (`*`, `?`, `[...]`) over a whole name. Case counts; `*` crosses every character.
///
/// It is compiled when it is first asked, and not at all when it is a plain name: packs hold hundreds, a log needs few.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Glob {
    text: String,
    #[serde(skip)]
    matcher: OnceLock<Option<GlobMatcher>>,
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the pattern is malformed, for example an unclosed `[`.
    pub fn new(text: &str) -> Result<Glob, GlobError> {
        if !is_plain(text) {
            build(text).map_err(|err| GlobError { text: text.to_owned(), why: err.kind().to_string() })?;
        }
        Ok(Glob { text: text.to_owned(), matcher: OnceLock::new() })
    }

    /// Does the pattern cover the whole of `name`?
    pub fn matches(&self, name: &str) -> bool {
        if is_plain(&self.text) {
            return self.text == name;
        }
        let matcher = self.matcher.get_or_init(|| build(&self.text).ok().map(|glob| glob.compile_matcher()));
        matcher.as_ref().is_some_and(|matcher| matcher.is_match(name))
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn build(text: &str) -> Result<globset::Glob, globset::Error> {
    GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build()
}

/// Nothing in it stands for anything but itself.
fn is_plain(text: &str) -> bool {
    !text.contains(['*', '?', '[', ']', '{', '}', '\\', '!'])
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.text)
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
        assert!(Glob::new("nats").unwrap().matches("nats"));
        assert!(Glob::new("a\\*").unwrap().matches("a*"));
        assert!(Glob::new("[a").unwrap_err().to_string().contains("[a"));
    }
}
