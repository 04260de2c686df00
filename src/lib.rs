//! From any log to a diagnosis.
#![warn(missing_docs)]

pub mod base;
pub mod detect;
pub mod incident;
pub mod input;
pub mod record;
pub mod report;
pub mod rules;
pub mod scan;
