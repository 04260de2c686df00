//! Where does live knowledge come from, and where were we?
//!
//! In: what a configuration names: addresses, files, folders, units, commands. Out: bytes, one JSON object a line, that
//! the rooms above read like any log. This room never judges what it has read, and knows no rule.

pub mod probe;
