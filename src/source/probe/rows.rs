//! From the bytes of an answer to rows.
//!
//! In: a body, an output, a file. Out: its objects when it is JSON or JSON lines, else its lines of text. It must never
//! take half a document for a whole one.

use serde_json::{Map, Value};

use crate::base::Stamp;

/// So many rows are made of one answer.
pub const MOST: usize = 100_000;

/// What knows documents: bytes, their path where they have one, the moment of reading. Out: the rows of the documents as
/// lines of JSON with `@row`, and what is no document as it stands; or none when the bytes hold no known document.
pub type Explode<'a> = dyn Fn(&[u8], Option<&str>, Stamp) -> Option<Exploded> + Sync + 'a;

/// The rows of documents.
#[derive(Debug, Default)]
pub struct Exploded {
    /// Lines, each with its end.
    pub lines: Vec<u8>,
    /// What is wrong with a document.
    pub wrong: Vec<String>,
}

/// What an answer holds.
#[derive(Debug, Default)]
pub struct Rows {
    /// One object each.
    pub rows: Vec<Map<String, Value>>,
    /// There were more than [`MOST`].
    pub more: bool,
}

/// The rows of `bytes`. `whole`: nothing is missing at the end.
///
/// An object is one row, an array one row for each item (`{"value": ...}` for what is no object), JSON lines one for each
/// line, and any other line that is not blank is `{"message": ...}`. A document that is not whole has no rows; of a text
/// that is not whole the last line is left out.
pub fn rows_of(bytes: &[u8], whole: bool) -> Rows {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let document = matches!(text.first(), Some(b'{' | b'['));
    if document && whole {
        match serde_json::from_slice(text) {
            Ok(Value::Array(items)) => return Rows::of(items.into_iter().map(object)),
            Ok(value) => return Rows::of(std::iter::once(object(value))),
            Err(_) => {}
        }
    }
    let text = String::from_utf8_lossy(text);
    let mut lines: Vec<&str> = text.lines().collect();
    if !whole && !text.ends_with('\n') {
        lines.pop();
    }
    // Half of a document over several lines: its lines mean nothing by themselves.
    let inner = |line: &str| serde_json::from_str::<Map<String, Value>>(line).ok();
    if document && lines.first().is_none_or(|line| inner(line).is_none()) && !whole {
        return Rows::default();
    }
    let line = |line: &str| {
        inner(line).unwrap_or_else(|| Map::from_iter([("message".to_owned(), Value::from(line.trim_end()))]))
    };
    Rows::of(lines.into_iter().filter(|text| !text.trim().is_empty()).map(line))
}

impl Rows {
    fn of(mut all: impl Iterator<Item = Map<String, Value>>) -> Rows {
        let rows = all.by_ref().take(MOST).collect();
        Rows { rows, more: all.next().is_some() }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &str, whole: bool) -> String {
        rows_of(bytes.as_bytes(), whole).rows.into_iter().map(|row| Value::Object(row).to_string() + "\n").collect()
    }

    #[test]
    fn documents_lines_and_text_become_rows() {
        for (bytes, whole, rows) in [
            ("{\n \"a\": 1}\n", true, "{\"a\":1}\n"),
            ("[{\"a\":1}, 2]", true, "{\"a\":1}\n{\"value\":2}\n"),
            ("{\"a\":1}\n\n{\"b\":2}\n", true, "{\"a\":1}\n{\"b\":2}\n"),
            ("{\"a\":1}\n{\"b\":", false, "{\"a\":1}\n"),
            ("{\"a\":\n1,", false, ""),
            ("{\"a\":", false, ""),
            ("up 1\n\nup 2", true, "{\"message\":\"up 1\"}\n{\"message\":\"up 2\"}\n"),
            ("up 1\nup 2", false, "{\"message\":\"up 1\"}\n"),
            ("", true, ""),
            ("\u{feff}{\"a\":1}", true, "{\"a\":1}\n"),
            ("{not json}\n", true, "{\"message\":\"{not json}\"}\n"),
        ] {
            assert_eq!(shown(bytes, whole), rows, "{bytes:?} {whole}");
        }
    }

    #[test]
    fn a_tower_of_brackets_is_text() {
        let tower = "[".repeat(100_000);
        assert_eq!(rows_of(tower.as_bytes(), true).rows.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_answer_panics(bytes: Vec<u8>, json in "[\\[{\"a:1,}\\]\n ]*", whole: bool) {
            rows_of(&bytes, whole);
            rows_of(json.as_bytes(), whole);
            super::super::shown_url(&String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn rows_have_an_end() {
        for (bytes, more) in
            [("a\n".repeat(MOST), false), ("a\n".repeat(MOST + 1), true), ("a\n\n".repeat(MOST), false)]
        {
            let found = rows_of(bytes.as_bytes(), true);
            assert_eq!((found.rows.len(), found.more), (MOST, more));
        }
        let found = rows_of(format!("[{}1]", "1,".repeat(MOST)).as_bytes(), true);
        assert_eq!((found.rows.len(), found.more), (MOST, true));
    }
}
