//! How do bytes become whole lines?
//!
//! In: files and streams. Out: bytes that a form of records can be read from. This room never looks for the meaning of
//! a line.

pub mod journal;
