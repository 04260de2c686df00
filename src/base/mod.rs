//! The words everybody uses: time, level, severity, class, unit names, places, errors.
//!
//! Nothing here reads, matches or prints a log. Every other room may import this one; it imports none.

mod class;
mod error;
mod glob;
mod kind;
#[cfg(test)]
mod lent;
mod level;
mod number;
mod place;
mod severity;
mod step;
mod tally;
mod time;
mod unit;

pub use class::{Class, ParseClassError};
pub use error::{Error, Problem, nearest};
pub use glob::{Glob, GlobError};
pub use kind::FindingKind;
#[cfg(test)]
pub(crate) use lent::lent;
pub use level::Level;
pub use number::{NotANumber, Number};
pub use place::{Place, SourceId};
pub use severity::{ParseSeverityError, Severity};
pub use step::Step;
pub use tally::{SourceName, SourceTally, UnitTally};
pub use time::{Certainty, Span, Stamp};
pub use unit::{stem, unit_kind};
