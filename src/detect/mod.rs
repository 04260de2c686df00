//! Which pattern of events in time is a failure?

mod finding;

pub use finding::{Crash, Evidence, Finding, State};
