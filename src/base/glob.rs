//! Shell patterns over unit names, as `journalctl -u` and the packs' `where` use them.

use std::fmt;
use std::sync::OnceLock;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

/// A shell pattern (`*`, `?`, `[...]`) over a whole name. Case counts; `*` crosses every character.
///
/// It is compiled when it is first asked, and not at all when it is a plain name: packs hold hundreds, a log needs few.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Glob {
    text: String,
    /// Nothing in it stands for anything but itself.
    plain: bool,
    matcher: OnceLock<Option<GlobMatcher>>,
}

/// Without a check: for what was written out by [`Into<String>`].
impl From<String> for Glob {
    fn from(text: String) -> Glob {
        Glob { plain: is_plain(&text), text, matcher: OnceLock::new() }
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> String {
        glob.text
    }
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the pattern is malformed, for example an unclosed `[`.
    pub fn new(text: &str) -> Result<Glob, GlobError> {
        let glob = Glob::from(text.to_owned());
        if !glob.plain {
            build(text).map_err(|err| GlobError { text: text.to_owned(), why: err.kind().to_string() })?;
        }
        Ok(glob)
    }

    /// Does the pattern cover the whole of `name`?
    pub fn matches(&self, name: &str) -> bool {
        if self.plain {
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

fn is_plain(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b']' | b'{' | b'}' | b'\\' | b'!'))
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
