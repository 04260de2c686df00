//! How do we tell it?
mod mask;
mod screen;
pub use mask::mask_secrets;
pub use screen::{Screen, visible};
