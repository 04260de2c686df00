//! How do lines become records?
//!
//! In: whole raw records, borrowed from a chunk. Out: one [`Record`] each, a view that borrows from the raw bytes and
//! from a reused [`Scratch`]. A format is chosen once for a source; a line that does not have its shape becomes a
//! plain record of the same source. This room never drops a line, never merges two records that can be parsed on their
//! own, and knows nothing of rules.

mod fields;
pub mod journal;
pub mod json;
pub mod manager;
mod view;

pub use view::{Fields, OwnedRecord, Record, Reference, Scratch, Stream};
