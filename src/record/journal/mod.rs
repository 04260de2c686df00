//! The journal of systemd as journalctl prints it: json (also seq, sse and pretty), export, verbose.
//!
//! In: one raw entry. Out: one [`Record`](super::Record), the same from every form of the same entry. The order of the
//! fields is arbitrary and no field is required but one of those that name a journal entry. An entry that is not of
//! its form is `None`, and the caller keeps it as text; nothing here drops or invents an entry.

pub mod export;
pub(super) mod fields;
pub mod json;
pub mod native;
pub mod pretty;
mod unit;
pub mod verbose;

#[cfg(test)]
mod tests;
