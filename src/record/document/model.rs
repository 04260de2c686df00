//! What a definition says: how a document becomes rows.
//!
//! Plain data, read from TOML by the room `rules` and used by the rest of this module. Nothing here looks at a document.

use serde::{Deserialize, Serialize};

use crate::base::Glob;

/// How a document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Syntax {
    /// JSON: an object or an array.
    #[default]
    Json,
    /// Lines `Key=value`; a blank line ends a document.
    Properties,
    /// Lines `- key: value` below a heading, then sections.
    Bullets,
}

impl Syntax {
    /// The words for it in a definition.
    pub const WORDS: &'static [(&'static str, Syntax)] =
        &[("json", Syntax::Json), ("properties", Syntax::Properties), ("bullets", Syntax::Bullets)];
}

/// One kind of document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// The name for `-i` and in reports.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// How it is written.
    pub syntax: Syntax,
    /// Patterns for the end of the path; none: any.
    pub files: Vec<Glob>,
    /// Dotted paths that must be there.
    pub has: Vec<String>,
    /// The rows that it becomes, in this order.
    pub rows: Vec<RowRule>,
    /// Small documents.
    pub sample: Vec<String>,
    /// How many rows the samples give together.
    pub gives: u32,
    /// The first of these rows, as it is printed.
    pub first: String,
    /// The file that it was read from.
    pub file: String,
}

/// One kind of row of a document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RowRule {
    /// Stands in each row as `@row`.
    pub name: String,
    /// Where rows are: a dotted path in which `*` visits all; empty: the document itself.
    pub each: String,
    /// The rows are the members of an object; their name goes by this key.
    pub key: Option<String>,
    /// Dotted paths in the row to its time; the first that holds one counts.
    pub time: Vec<String>,
    /// Dotted paths in the document to the time of rows without one.
    pub doc_time: Vec<String>,
    /// Texts with `{path}` in them; the first of which all paths are there is the unit.
    pub unit: Vec<String>,
    /// Names and the dotted paths in the document of what each row gets.
    pub with: Vec<(String, String)>,
    /// Members that the row does not keep: lists that are rows themselves.
    pub without: Vec<String>,
    /// Dotted paths in the row, else in the document, and the patterns one of which each must fit.
    pub when: Vec<(String, Vec<Glob>)>,
    /// Following: a changed row is a new row.
    pub fresh: bool,
}
