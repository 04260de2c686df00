//! Native journal files (`*.journal`, `*.journal~`), read without journalctl: from other machines, other containers,
//! rescued disks.
//!
//! In: the bytes of a file, as systemd's "Journal File Format" describes them (all versions up to systemd 258: regular
//! and compact, plain or compressed values, sealed or not, clean or torn). Out: each entry in the journal export
//! format, in the order of the file. What cannot be read is told as [`Damage`], with its offset; what can be, is. No
//! offset is followed that leads outside of the file or backwards, so every file ends.

mod entries;
mod entry;
mod export;
mod file;
mod value;

#[cfg(test)]
mod tests;
#[cfg(test)]
#[path = "../../../examples/make-journal/writer.rs"]
pub(crate) mod writer;

pub use entries::{Damage, Entries};
pub use entry::Entry;
pub use export::{export_size, field_size};
pub use file::{JournalFile, is_journal};
