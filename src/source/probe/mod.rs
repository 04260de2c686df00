//! Probes: what a runbook reads that is not a log.
//!
//! In: a list of [`Probe`]s, from a configuration. Out: one [`Answer`] each, in the order of the list: rows of JSON that
//! say what was found, or why nothing was. A probe only reads. It must never wait longer than its time-out, never hold
//! more than [`LARGEST`] of an answer, and never let a token into an answer, a message or a `Debug` form.

mod model;
mod rows;
mod shown;

#[cfg(feature = "probe")]
mod answer;
#[cfg(feature = "probe")]
mod around;
#[cfg(feature = "probe")]
mod ask;
#[cfg(feature = "probe")]
mod child;
#[cfg(feature = "probe")]
mod command;
#[cfg(feature = "probe")]
mod containers;
#[cfg(feature = "probe")]
mod failure;
#[cfg(feature = "probe")]
mod files;
#[cfg(feature = "probe")]
mod http;
#[cfg(feature = "probe")]
mod machine;
#[cfg(feature = "probe")]
mod systemd;
#[cfg(feature = "probe")]
mod tcp;
#[cfg(all(test, feature = "probe"))]
mod tests;

pub use model::{Engine, Folder, Given, Http, Method, Probe, Secret, Target, Tcp};
pub use rows::{Explode, Exploded, MOST, Rows, rows_of};
pub use shown::shown_url;

#[cfg(feature = "probe")]
pub use answer::Answer;
#[cfg(feature = "probe")]
pub use around::Around;
#[cfg(feature = "probe")]
pub use ask::ask_all;

/// So many bytes of an answer are read; the rest is cut, and that is told.
pub const LARGEST: usize = 8 << 20;
