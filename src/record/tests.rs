//! What the formats must do together.

mod corpora;
mod forms;
mod laws;
