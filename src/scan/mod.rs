//! Which signature speaks about this record, and what event is that?
//!
//! In: records and packs. Out: [`Event`]s, the first things in the pipeline that own their data. One pass over the
//! message finds the literals of all signatures at once (`needles`); only signatures that were hit there look closer
//! (`verify`). `naive` asks every signature about every record; it is the definition of right, and the tests hold the
//! fast way to it. This room never decides whether something is a failure: a match is a fact, not a
//! verdict.

mod classify;
mod event;
pub mod mask;
mod naive;
mod needles;
mod plan;
mod proof;
mod verify;

#[cfg(test)]
mod scores;

pub use classify::Classifier;
pub use event::{Capture, Event, Line};
pub use plan::Plan;
pub use proof::prove;
