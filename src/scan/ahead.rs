//! What `build.rs` worked out of the built-in packs: the tables of the prefilter and the index of their plan.
//!
//! They lie in the program as they are used, so a start neither reads nor fills them.

use std::borrow::Cow;

use crate::base::Class;

use super::grams::{Grams, Slots, Spot};
use super::index::Index;
use super::needles::Needles;
use super::rows::Rows;

/// The tables of the prefilter.
pub(super) fn needles() -> Needles {
    include!(concat!(env!("OUT_DIR"), "/needles.rs"))
}

/// The index.
pub(super) fn index() -> Index {
    include!(concat!(env!("OUT_DIR"), "/index.rs"))
}
