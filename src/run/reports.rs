//! What the reports count: rows and lines of any input, gone through once or twice.
//!
//! In: a pipeline, and files or bytes. Out: the reports of [`report::kinds`](crate::report::kinds), filled. Each collector
//! keeps small sorted state with bounds, and what does not fit is counted and told. It never decides how a report looks.
//!
//! Rows are found by their fields, wherever they stand: a line of JSON, a row that was cut out of a document, an entry of
//! a journal whose message is JSON.

mod agents;
mod amount;
mod calibration;
mod checklist;
mod checks;
mod deploys;
mod desk;
mod digest;
mod errors;
mod ledger;
mod narrow;
mod production;
mod queue;
mod row;
mod spend;
mod tally;
mod usage;

pub use calibration::{CalibrationOptions, calibration};
pub use checklist::checklist;
pub use deploys::Deploy;
pub use desk::{Desk, Papers};
pub use digest::digest;
pub use production::production;
pub use spend::spend;

#[cfg(test)]
mod tests;
