//! From the bytes of an answer to rows.
//!
//! In: a body, an output, a file. Out: its objects when it is JSON or JSON lines, else its lines of text. It must never
//! take half a document for a whole one.

use serde_json::{Map, Value};

/// The rows of `bytes`. `whole`: nothing is missing at the end.
///
/// An object is one row, an array one row for each item (`{"value": ...}` for what is no object), JSON lines one for each
/// line, and any other line that is not blank is `{"message": ...}`. A document that is not whole has no rows; of a text
/// that is not whole the last line is left out.
pub fn rows_of(bytes: &[u8], whole: bool) -> Vec<Map<String, Value>> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let document = matches!(text.first(), Some(b'{' | b'['));
    if document && whole {
        match serde_json::from_slice(text) {
            Ok(Value::Array(items)) => return items.into_iter().map(object).collect(),
            Ok(value) => return vec![object(value)],
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
        return Vec::new();
    }
    let line = |line: &str| {
        inner(line).unwrap_or_else(|| Map::from_iter([("message".to_owned(), Value::from(line.trim_end()))]))
    };
    lines.into_iter().filter(|text| !text.trim().is_empty()).map(line).collect()
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
        rows_of(bytes.as_bytes(), whole).into_iter().map(|row| Value::Object(row).to_string() + "\n").collect()
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
        assert_eq!(rows_of(tower.as_bytes(), true).len(), 1);
    }
}
