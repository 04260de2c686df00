//! How do lines become records?
//!
//! In: whole raw records, borrowed from a chunk. Out: one [`Record`] each, a view that borrows from the raw bytes and
//! from a reused [`Scratch`]. A format is chosen once for a source; a line that does not have its shape becomes a
//! plain record of the same source. This room never drops a line, never merges two records that can be parsed on their
//! own, and knows nothing of rules.

mod container;
mod dmesg;
pub mod document;
mod fallback;
mod fields;
mod format;
mod header;
mod inner;
mod join;
mod journal;
mod json;
mod jsonl;
mod klog;
mod kubectl;
mod lanes;
mod level;
mod line;
mod logfmt;
mod lookup;
pub(crate) mod manager;
mod outcome;
mod path;
mod places;
mod plain;
mod podman;
mod quick;
pub mod shape;
mod short;
mod sniff;
mod stamp;
mod syslog;
#[cfg(test)]
mod tests;
mod text;
mod view;

pub use format::Format;
pub use join::{Gate, Joiner};
pub use journal::native::{Seen, Shapes};
pub use jsonl::said_by_row;
pub use level::{alarming, headline, stated_level};
pub use outcome::{Outcome, Part};
pub use path::{begin_of_path, unit_of_path};
pub use quick::{Glance, Origin, Origins};
use view::Buffers;
pub use view::{Fields, OwnedFields, OwnedRecord, Record, Reference, Scratch, Stream, whole_cursor};
