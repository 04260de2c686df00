//! Which signature speaks about this record, and what event is that?

mod event;

pub use event::{Capture, Event};
