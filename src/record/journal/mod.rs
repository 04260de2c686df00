//! Placeholder until branch `journal` is merged.
pub mod export;
pub mod json;
pub mod pretty;
pub mod verbose;
