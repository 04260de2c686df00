//! Where the entries of `journalctl -o json-pretty` begin and end. What they hold, [`super::json`] reads.
//!
//! Also where those of json, json-seq and json-sse do: they stand on one line each. An object of several lines begins
//! with a line `{` and ends with a line `}`; strings hold no line ends, so no other line of it looks so, and a line
//! that begins an object begins a record wherever it stands.

use memchr::memchr;

/// How many bytes the record at the start of `bytes` takes: an object of several lines, or one line of anything else.
/// `None` when more bytes are needed. With `end`, nothing follows `bytes`.
///
/// An object that another one interrupts (a torn file) ends before that.
pub fn extent(bytes: &[u8], end: bool) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        let Some(length) = memchr(b'\n', rest) else {
            return Some(bytes.len()).filter(|len| end && *len > 0);
        };
        let line = rest.get(..length)?.trim_ascii_end();
        match at {
            0 if line != b"{" => return Some(length + 1),
            0 => {}
            _ if begins(line) => return Some(at),
            _ if line == b"}" => return Some(at + length + 1),
            _ => {}
        }
        at += length + 1;
    }
}

/// Does this line begin an object, in whichever of the forms?
fn begins(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'{' | 0x1e)) || line.starts_with(b"data: {")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_end_at_their_brace() {
        for (text, end, len) in [
            ("{\n\t\"A\" : \"}\",\n\t\"B\" : \"1\"\n}\n{\n", false, Some(27)),
            ("{\n\t\"A\" : \"1\"\n", false, None),
            ("{\n\t\"A\" : \"1\"\n", true, Some(13)),
            ("{\n\t\"A\" : \"1\"\n{\n}\n", false, Some(13)),
            ("{\n\t\"A\" : \"1\"\n{\"A\":\"2\"}\n", false, Some(13)),
            ("-- Boot --\n{\n}\n", false, Some(11)),
            ("{\"A\":\"1\"}\n{\n", false, Some(10)),
            ("{\n}", false, None),
            ("{\n}", true, Some(3)),
            ("", true, None),
        ] {
            assert_eq!(extent(text.as_bytes(), end), len, "{text:?}");
        }
    }
}
