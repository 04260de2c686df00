//! Documents of the text syntaxes: where one ends.
//!
//! In: the stream of an [`Exploder`]. Out: its documents, one block of lines each. What is held is one block, as long as any
//! other document.

use memchr::memmem;

use super::super::model::Syntax;
use super::super::text;
use super::{DOCUMENT_BYTES, Exploder, Mode, Piece};

impl Exploder {
    /// One document of a text syntax, which ends at `mark` (its first byte belongs to it).
    pub(super) fn block(&mut self, end: bool, mark: &[u8], give: &mut dyn FnMut(Piece<'_>)) -> bool {
        let from = self.seen.saturating_sub(mark.len());
        let found = self.rest().get(from..).and_then(|rest| memmem::find(rest, mark)).map(|at| from + at + 1);
        let len = match found {
            Some(len) => len,
            None if self.mode == Mode::Long => {
                let keep = if end { 0 } else { mark.len().min(self.rest().len()) };
                self.drop_to(self.rest().len() - keep);
                return false;
            }
            None if self.rest().len() > DOCUMENT_BYTES => {
                self.tell(0, "is longer than 64 MiB".to_owned());
                self.mode = Mode::Long;
                return true;
            }
            None if end && !self.rest().is_empty() => self.rest().len(),
            None => {
                self.seen = self.rest().len();
                return false;
            }
        };
        if self.mode == Mode::Long {
            self.drop_to(len);
            self.mode = Mode::Fresh;
            return true;
        }
        let raw = self.rest().get(..len).unwrap_or_default();
        let prefix = self.prefix(raw.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0));
        let buffer = std::mem::take(&mut self.buffer);
        let raw = buffer.get(self.done..).and_then(|rest| rest.get(..len)).unwrap_or_default();
        let object = match self.syntax {
            _ if raw.trim_ascii().is_empty() => None,
            Syntax::Properties => text::properties(raw),
            _ => text::bullets(raw),
        };
        if !object.is_some_and(|object| self.explode(&object, &prefix, give)) {
            give(Piece::Text(raw));
        }
        self.pieces += u64::from(!raw.trim_ascii().is_empty());
        self.buffer = buffer;
        self.drop_to(len);
        true
    }
}
