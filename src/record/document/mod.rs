//! Documents as sources: a file that is rewritten whole, the answer of a program, as a stream of rows.
//!
//! In: definitions ([`Definition`]), and bytes that hold documents. Out: lines of JSON, one for each row, which the
//! JSON-lines format reads like any log. A stream is looked at only when its head says that it holds documents. This
//! module never decides what a row means, and never gives rows of a document that is broken.

mod catalog;
mod model;
mod proof;
mod rows;
mod scanner;
mod stream;
mod text;
mod write;

pub use catalog::{Catalog, Head};
pub use model::{Definition, RowRule, Syntax};
pub use proof::{prove, strangers};
pub use rows::{Context, Row};
pub use stream::{DOCUMENT_BYTES, Exploder, Piece};
