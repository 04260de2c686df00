//! One error type: what was tried, on what, why it failed, and what to do about it.

use std::fmt;
use std::path::Path;

/// An error that a person can act on. `Display` is one line without an ending full stop.
#[derive(Debug)]
pub struct Error {
    what: String,
    help: Option<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error that says what was expected and what was found.
    #[cold]
    pub fn new(what: impl Into<String>) -> Error {
        Error { what: what.into(), help: None, cause: None }
    }

    /// Reading or writing `path` failed: `path: what (cause)`.
    #[cold]
    pub fn at(path: &Path, what: impl fmt::Display) -> Error {
        Error::new(format!("{}: {what}", path.display()))
    }

    /// An operating system error on `path`.
    #[cold]
    pub fn io(path: &Path, cause: std::io::Error) -> Error {
        Error { what: format!("{}", path.display()), help: None, cause: Some(Box::new(cause)) }
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Error {
        self.help = Some(help.into());
        self
    }

    /// Adds the error underneath.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.cause = Some(cause.into());
        self
    }

    /// What the reader can do about it, if anything.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|c| c as &(dyn std::error::Error + 'static))
    }
}

/// One mistake in a file that a person wrote, with the place and the remedy. A file's mistakes are told all at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// Line, from 1. 0 when the mistake belongs to the file as a whole.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters the caret underlines, at least 1.
    pub width: usize,
    /// The text of the line, for the caret.
    pub text: String,
    /// What is wrong: what was expected, what was found.
    pub what: String,
    /// What to do: the nearest right word, an example.
    pub help: Option<String>,
}

/// ```text
/// nats.toml:14:9: unknown class 'netwrok'
///    |
/// 14 | class = "netwrok"
///    |         ^^^^^^^^^
///    = help: did you mean 'network'?
/// ```
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.what)?;
        } else {
            let gutter = self.line.to_string().len();
            let blank = " ".repeat(gutter);
            let lead: String =
                self.text.chars().take(self.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
            writeln!(f, "{blank} |")?;
            writeln!(f, "{} | {}", self.line, self.text)?;
            write!(f, "{blank} | {lead}{}", "^".repeat(self.width.max(1)))?;
        }
        if let Some(help) = &self.help {
            // Below the bar, whatever the width of the line number.
            let blank = " ".repeat(self.line.to_string().len());
            write!(f, "\n{blank} = help: {help}")?;
        }
        Ok(())
    }
}

/// The word of `known` nearest to `word`, if one is near enough to be a slip: at most a third of its letters differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (distance(word, k), k))
        .filter(|(d, k)| *d <= k.chars().count().max(word.chars().count()).div_ceil(3))
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Optimal string alignment: Levenshtein's distance with swaps of neighbours counted once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1; b.len() + 1];
        for j in 0..b.len() {
            let change = usize::from(a[i] != b[j]);
            row[j + 1] = (last[j] + change).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_a_slip_away() {
        assert_eq!(nearest("netwrok", ["network", "noise"]), Some("network"));
        assert_eq!(nearest("zebra", ["network", "noise"]), None);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn a_problem_points_at_its_place() {
        let problem = Problem {
            file: "p.toml".into(),
            line: 14,
            column: 9,
            width: 9,
            text: "class = \"netwrok\"".into(),
            what: "unknown class 'netwrok'".into(),
            help: Some("did you mean 'network'?".into()),
        };
        let shown = problem.to_string();
        assert!(shown.contains("14 | class = \"netwrok\"\n   |         ^^^^^^^^^\n   = help: did you"), "{shown}");
    }
}
