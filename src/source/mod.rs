//! Where does live knowledge come from, and where were we?
//!
//! In: what a configuration or a command line names: addresses, files that grow or are rewritten, folders, units, commands.
//! Out: bytes, lines that the rooms above read like any log. This room never judges what it has read, and knows no rule.

mod arrival;
mod log;
mod mark;
#[cfg(feature = "cli")]
mod pipe;
pub mod probe;
mod seen;
mod store;

pub use arrival::{Arrivals, Came};
pub use log::{Growth, Log};
pub use mark::Mark;
#[cfg(feature = "cli")]
pub use pipe::{Pipe, Stop, standard_input};
pub use store::{Store, Update};
