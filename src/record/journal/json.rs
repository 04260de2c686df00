//! Placeholder until branch `journal` is merged.
use crate::record::{Record, Reference, Scratch, fallback, line};
/// Length of the first entry.
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    line::extent(bytes, end)
}
/// First place to cut.
pub fn cut(bytes: &[u8], at: usize) -> Option<usize> {
    line::cut(bytes, at, |_| true)
}
/// One entry.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Record<'a>> {
    fallback::parse(raw, reference, crate::record::Buffers::of(scratch))
}
