//! What do people write, and is it right?
//!
//! In: TOML files (packs, classifiers, definitions of documents, and the configuration of a site). Out: [`Pack`]s of checked
//! [`Signature`]s and [`DetectorRule`]s, [`ClassTable`]s, definitions, or every mistake of a file at once, each with its line and a caret. This room never
//! looks at a log and never runs a detector.

mod builtin;
mod cases;
mod checklist;
mod classifier;
mod clue;
mod config;
mod detector;
mod digest;
mod fill;
mod formats;
mod kind;
mod list;
mod literals;
mod load;
mod model;
mod numbers;
mod origin;
mod parse;
mod pattern;
mod rarity;
mod signature;
mod table;

pub use builtin::{are_builtin, builtin, builtin_cases, builtin_detectors, builtin_formats, builtin_signature};
pub use cases::case;
pub use checklist::{ChecklistRule, Reads, StepRule, builtin_checklists, parse_checklist};
pub use classifier::{ClassRule, ClassTable, Fact, builtin_classifiers, parse_classifier};
pub use clue::{Clue, Needle, clues};
pub use config::{Config, NO_RULE, probe_sets, set_title};
pub use fill::fill;
pub use formats::parse_format;
pub use kind::{COMPARISONS, DetectorKind, EVERY};
pub use list::List;
pub use literals::required_of_regex;
pub use load::{Loaded, load};
pub use model::{About, DetectorRule, Fix, Key, Link, Names, Pack, Scope, Selector, Signature};
pub use numbers::{Comparison, Direction, Numbers};
pub use origin::{Change, Origins};
pub use parse::{check_links, parse};
pub use signature::AT_LEAST;

#[cfg(test)]
mod tests;
