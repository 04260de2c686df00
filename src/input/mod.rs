//! How do bytes become whole lines?
//!
//! In: paths. Out: open inputs whose bytes come decompressed, front to back, in blocks; native journal files come out in
//! the journal's export form. It knows nothing of formats: whoever reads says where a record ends. Files are read, not
//! mapped: a mapped file that somebody truncates kills the process with SIGBUS, a read one ends early and says so. Native
//! journals are the exception, see `map`.

mod find;
pub mod journal;
mod map;
mod open;

pub use find::{Found, find};
pub use map::Bytes;
pub use open::{Input, Journal, copies, open};
