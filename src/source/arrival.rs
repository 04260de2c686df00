//! Bytes that arrive while somebody waits for them.
//!
//! In: nothing. Out: what is there, or that nothing is. Whoever gives bytes keeps their order and loses none.

use std::io;
use std::time::Duration;

/// What came of waiting.
#[derive(Debug)]
pub enum Came {
    /// So many bytes.
    Bytes(usize),
    /// Nothing, all the time.
    Nothing,
    /// Nothing follows: it is over, or somebody asked to stop.
    End,
    /// A failure; nothing follows.
    Failed(io::Error),
}

/// Where bytes arrive.
pub trait Arrivals {
    /// Waits for more, no longer than `wait`, and puts it behind what is in `into`. For ever when no time is named.
    fn next(&mut self, into: &mut Vec<u8>, wait: Option<Duration>) -> Came;
}
