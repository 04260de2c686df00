//! Which signature speaks about this record, and what event is that?
//!
//! In: records and packs. Out: [`Event`]s, the first things in the pipeline that own their data. One pass over the
//! message finds the literals of all signatures at once (`needles`); only signatures that were hit there look closer
//! (`verify`). `naive` asks every signature about every record; it is the definition of right, and the tests hold the
//! fast way to it. This room never decides whether something is a failure: a match is a fact, not a
//! verdict.

mod ahead;
mod classes;
mod classify;
mod event;
mod examine;
mod familiar;
mod grams;
mod index;
mod joint;
mod label;
pub mod mask;
mod miss;
mod naive;
mod needles;
mod plan;
mod proof;
mod rows;
mod scopes;
mod tables;
mod tester;
mod verify;

#[cfg(test)]
mod tests;

pub use classes::{Answer, By, Case, ClassPlan, Hit};
pub use classify::{Classifier, quote};
pub use event::{Capture, Event, Line};
pub use examine::{Near, near_misses};
pub use label::{Label, Labeler, Sorter};
pub use miss::Miss;
pub use plan::Plan;
pub use proof::{prove, prove_classifier};
