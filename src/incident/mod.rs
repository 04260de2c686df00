//! Which findings are one story, what came first, what caused what?

mod diagnosis;

pub use diagnosis::*;
