//! From any log to a diagnosis: what failed, since when, why, in which order, who is affected, and what to do.
#![warn(missing_docs)]

pub mod base;
#[cfg(feature = "cli")]
pub mod cli;
pub mod detect;
pub mod incident;
pub mod input;
pub mod record;
pub mod report;
pub mod rules;
pub mod run;
pub mod scan;

pub use incident::Diagnosis;
pub use run::{Filter, Pipeline};
