//! Where does live knowledge come from, and where were we?
//!
//! In: what a configuration or a command line names: addresses, files that grow or are rewritten, folders, units, commands.
//! Out: bytes, lines that the rooms above read like any log. This room never judges what it has read, and knows no rule.

mod log;
mod mark;
pub mod probe;
mod seen;
mod store;

pub use log::{Growth, Log};
pub use mark::Mark;
pub use store::{Store, Update};
