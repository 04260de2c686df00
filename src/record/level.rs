//! What a message says about itself: its level, whether its prose speaks of a failure, the line a person would quote.

mod alarm;
mod quote;
mod start;
#[cfg(test)]
mod tests;

pub use alarm::alarming;
pub(super) use alarm::has_alarm;
pub use quote::headline;

use super::{header, inner, jsonl, logfmt};
use crate::base::Level;

/// The level that the text states near its start in the words of a logger: `ERROR x`, `[ERR]`, `level=error`,
/// `2026-... [34] FATAL:  x`, `E0101 12:...]`, `<3>x`. Never a word of its prose.
pub fn stated_level(message: &[u8]) -> Option<Level> {
    let text = message.trim_ascii_start();
    if text.first() == Some(&b'{') && jsonl::is_object(text) {
        return jsonl::parts(text).and_then(|parts: inner::Parts<'_>| parts.level());
    }
    if logfmt::starts(text) {
        return logfmt::parts(text).level();
    }
    header::read(message).level
}
