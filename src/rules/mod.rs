//! What do people write, and is it right?
//!
//! In: TOML files (packs). Out: [`Pack`]s of checked [`Signature`]s and [`DetectorRule`]s, or every mistake of a file at
//! once, each with its line and a caret. This room never looks at a log and never runs a detector.

mod model;

pub use model::{DetectorKind, DetectorRule, Fix, Pack, Scope, Selector, Signature};
