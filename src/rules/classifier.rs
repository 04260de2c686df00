//! What a classifier says once it is read and found right: a table of failure classes, and in which orders it is asked.
//!
//! A classifier answers another question than a pack. A pack says what a line of a log means, whoever wrote it; a
//! classifier sorts the result of one run (its standard error, its exit code, what it says of itself) into one of few
//! classes, the first that fits, as a program of some operator does. So it can be asked in two ways: exactly as that
//! program does, or with the words taken as words.

mod builtin;
mod parse;

use crate::base::{Class, Severity};

pub use builtin::builtin_classifiers;
pub(super) use parse::is_classifier;
pub use parse::parse_classifier;

/// A table of failure classes.
#[derive(Clone, Debug)]
pub struct ClassTable {
    /// What `--classifier` takes.
    pub name: String,
    /// For people.
    pub title: String,
    /// Raised when the meaning of the table changes.
    pub version: u32,
    /// The file it was read from, as shown in messages.
    pub file: String,
    /// The ids are error codes that the original program stores.
    pub codes: bool,
    /// In the order of the file.
    pub rules: Vec<ClassRule>,
    /// Named orders, the first is the default: indexes of rules, the first that fits is told.
    pub orders: Vec<(String, Vec<usize>)>,
}

impl ClassTable {
    /// The order with this name; without a name the first one.
    pub fn order(&self, name: Option<&str>) -> Option<&[usize]> {
        let found = self.orders.iter().find(|(known, _)| name.is_none_or(|name| name == known));
        found.map(|(_, order)| order.as_slice())
    }

    /// The rule that is told when no other fits.
    pub fn otherwise(&self) -> Option<usize> {
        self.rules.iter().position(|rule| rule.otherwise)
    }
}

/// One class of a table: what the original program looks for, and what it means.
#[derive(Clone, Debug)]
pub struct ClassRule {
    /// The word of the original program: `oom`, `ATS_TIMEOUT`.
    pub id: String,
    /// Our class for it.
    pub class: Class,
    /// How bad one result of this class is.
    pub severity: Severity,
    /// The substrings of the original program. It looks for them in lower-cased text.
    pub exact: Vec<String>,
    /// The patterns of the original program.
    pub exact_regex: Vec<String>,
    /// Literals that count as whole words only; those of `exact` when the file does not say.
    pub words: Vec<String>,
    /// Better patterns, letters of either case.
    pub regex: Vec<String>,
    /// Contexts: a hit within a match of one of these does not count.
    pub except: Vec<String>,
    /// Other names that people and programs write for this class.
    pub names: Vec<String>,
    /// All of these hold of the result; enough for a match, also for the original program.
    pub when: Vec<Fact>,
    /// One of these holds of the result: enough for a match, the original program does not look.
    pub facts: Vec<Fact>,
    /// Looked for in all texts of a result, not only in those about errors.
    pub everywhere: bool,
    /// The original program tests it apart from the others: it is told beside their class.
    pub apart: bool,
    /// Told when no other rule fits.
    pub otherwise: bool,
    /// What to know about it, for `why`.
    pub note: Option<String>,
    /// The same, for results of one provider.
    pub provider: Vec<(String, String)>,
    /// What to do.
    pub follow_up: String,
    /// Texts of this class, in every order; one that begins with `{` is a result in JSON.
    pub sample: Vec<String>,
    /// Texts of another class.
    pub not: Vec<String>,
}

macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// What a result says of itself beside its texts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fact {
            $($(#[$doc])* $variant,)+
        }

        impl Fact {
            /// The words used in files.
            pub const WORDS: &'static [(&'static str, Fact)] = &[$(($word, Fact::$variant)),+];

            /// The word used in files and in `why`.
            pub fn word(self) -> &'static str {
                match self { $(Fact::$variant => $word,)+ }
            }
        }
    };
}

facts! {
    /// `policy_violations` is not empty.
    PolicyViolations = "policy-violations",
    /// `validation_passed` is false, or `validation_failed` is true.
    ValidationFailed = "validation-failed",
    /// `flaky` or `known_flaky` says that a command fails without a change.
    KnownFlaky = "known-flaky",
    /// The output of the model is there and empty.
    EmptyOutput = "empty-output",
    /// `timeout_hit` is true.
    TimeoutHit = "timeout-hit",
    /// `rate_limited` is true.
    RateLimited = "rate-limited",
    /// `quota_exhausted` is true.
    QuotaExhausted = "quota-exhausted",
}

#[cfg(test)]
mod tests;
