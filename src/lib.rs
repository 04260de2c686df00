//! From any log to a diagnosis: what failed, since when, why, in which order, who is affected, and what to do.
//!
//! ```
//! use logtriage::{Pipeline, rules};
//!
//! let pipeline = Pipeline::builder().packs(rules::load(&[], true).packs).build()?;
//! let log = "\
//! 2026-05-11T22:40:02Z host systemd[1]: api.service: Main process exited, code=exited, status=1/FAILURE
//! 2026-05-11T22:40:02Z host systemd[1]: api.service: Failed with result 'exit-code'.
//! ";
//! let diagnosis = pipeline.diagnose_bytes("journal.log", log.as_bytes());
//!
//! assert_ne!(diagnosis.severity, logtriage::base::Severity::Healthy);
//! assert_eq!(diagnosis.incidents[0].root_cause.unit, "api.service");
//! # Ok::<(), logtriage::base::Error>(())
//! ```
//!
//! # From bytes to a diagnosis
//!
//! Bytes become whole lines ([`input`]), lines become **records** ([`record`]): borrowed views with a time, a level, a
//! unit (what an operator can act on) and a message. People write **signatures** and **detectors** down in packs
//! ([`rules`]). A record that a signature matches becomes an **event** ([`scan`]), the first thing that owns its data.
//! Detectors turn events in time into **findings** ([`detect`]), findings that are one story become **incidents**
//! ([`incident`]), and the report on all of them is the [`Diagnosis`], which [`report`] writes as text, JSON or
//! Markdown. [`run`] puts it all in order. The words that all share are in [`base`].
//!
//! A module imports only modules that stand before it in this story; `docs/architecture.md` has the map.
//!
//! # Three ways to run
//!
//! - [`Pipeline::diagnose`] reads files and folders in parallel; [`Pipeline::diagnose_bytes`] reads what is in memory.
//! - [`run::live`] reads a stream and tells each finding as it opens, gets worse, or is over.
//! - [`Pipeline::scan`] leaves a [`run::Partial`]; those of many processes merge into one diagnosis.
//!
//! All three give the same diagnosis for the same log.
//!
//! # Features
//!
//! - `cli` (on by default): the program `logtriage`, with arguments, signals and a progress bar. A library does without:
//!   `cargo add logtriage --no-default-features`.
//! - `probe` (with `cli`): asks what is not a log, over HTTP and on this machine.
//!
//! # What it does not do
//!
//! It never runs a command that it suggests, opens no network connection but for a probe that a configuration asks for
//! ([`source::probe`]), and keeps no memory of earlier runs. A
//! diagnosis holds text from logs as it was: pass it through [`report::prepare()`] before it leaves the process, which
//! masks secrets and takes out control characters.
#![deny(unsafe_code)]
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
pub mod source;

pub use incident::Diagnosis;
pub use run::{Filter, Pipeline};

/// The README's example of library use compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
