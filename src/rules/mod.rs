//! What do people write, and is it right?
//!
//! In: TOML files (packs). Out: [`Pack`]s of checked [`Signature`]s and [`DetectorRule`]s, or every mistake of a file at
//! once, each with its line and a caret. This room never looks at a log and never runs a detector.

mod builtin;
mod cases;
mod detector;
mod literals;
mod load;
mod model;
mod parse;
mod pattern;
mod signature;
mod table;

pub use builtin::{builtin, builtin_cases};
pub use cases::case;
pub use literals::required;
pub use load::{Loaded, load};
pub use model::{DetectorKind, DetectorRule, Fix, Link, Pack, Scope, Selector, Signature};
pub use parse::{check_links, parse};

#[cfg(test)]
mod tests;
