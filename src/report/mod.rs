//! How do we tell it? As a screen of text, live lines, JSON, JSON lines or Markdown.
//!
//! In: a [`Diagnosis`](crate::incident::Diagnosis). [`prepare()`] cleans, masks and bounds its strings once; all writers
//! take what it returns. Out: bytes to the given writer. Never: an escape sequence that came from a log, a secret (unless
//! asked for), a line wider than the screen. It knows nothing of detectors.

mod alert;
mod json;
pub mod kinds;
mod label;
mod live;
mod markdown;
mod mask;
mod prepare;
mod screen;
mod sheet;
mod style;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use alert::alert;
pub use json::{json, json_of, jsonl};
pub use label::{Shown, label_jsonl, label_text};
pub use live::{Live, Memory, live_text};
pub use markdown::markdown;
pub use mask::mask_secrets;
pub use prepare::{prepare, prepare_finding, prepare_incident, prepare_text};
pub use screen::{Screen, visible, wrap};
pub use sheet::{Line, Sheet, Table, markdown_of, text_of};
pub use text::text;
