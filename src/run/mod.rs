//! In which order, on which threads?
//!
//! One path: a [`Worker`] turns the records of a stretch of one source into a [`Segment`]; a [`Settler`] takes segments,
//! joins traces, puts events in order and lets the detectors judge. Three drivers: [`batch`] cuts files into blocks and
//! works on them in parallel; [`live`] feeds one worker as bytes arrive; [`merge`](Partial::merge) joins the segments that
//! other processes left behind in [`Partial`]s. All three end in the same settler, so they say the same. This room never
//! decides what a record means: it says who is asked, and in which order.

mod backlog;
pub mod batch;
mod blocks;
mod desk;
mod documents;
mod each;
mod fetch;
mod filter;
mod follow;
mod foresight;
pub mod labels;
mod ledger;
pub mod live;
mod native;
mod partial;
mod pipeline;
mod proof;
pub mod reports;
mod segment;
mod settle;
mod tail;
mod tallies;
mod units;
mod worker;

pub use each::See;
pub use filter::Filter;
pub use follow::Follow;
pub use partial::Partial;
pub use pipeline::{Pipeline, PipelineBuilder, SourceInfo};
pub use proof::prove;
pub use segment::Segment;
pub use settle::{Settler, Told};
pub use worker::Worker;
