//! Documents that are not JSON, as JSON: `Key=value` blocks and bullet lists.
//!
//! In: the text of one document. Out: one object, its values strings (sections of bullet lists: lists or text). What is not
//! of the form makes it no document.

use super::write::quote;

/// Bytes of a section's text that are kept.
const SECTION: usize = 4096;

/// A block of `Key=value` lines. `None`: some line is none.
pub fn properties(block: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![b'{'];
    for line in block.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()) {
        let at = memchr::memchr(b'=', line)?;
        let (key, value) = (line.get(..at)?, line.get(at + 1..)?);
        if !is_key(key) {
            return None;
        }
        member(&mut out, key);
        quote(value, &mut out);
    }
    if out.len() == 1 {
        return None;
    }
    out.push(b'}');
    Some(out)
}

/// A heading, `- key: value` lines, and sections `## Name` of bullets or prose. `None`: there is no such line.
pub fn bullets(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![b'{'];
    let mut section: Option<Section<'_>> = None;
    for line in text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end) {
        if let Some(name) = line.strip_prefix(b"## ") {
            close(&mut out, section.take());
            section = Some(Section { name: name.trim_ascii(), items: Vec::new(), prose: Vec::new() });
            continue;
        }
        match (&mut section, line.strip_prefix(b"- ")) {
            (Some(section), Some(item)) => section.items.push(item),
            (Some(section), None) if section.prose.len() < SECTION => {
                section.prose.extend_from_slice(line.get(..SECTION.min(line.len())).unwrap_or(line));
                section.prose.push(b'\n');
            }
            (None, Some(bullet)) => {
                let colon = memchr::memchr(b':', bullet).unwrap_or(bullet.len());
                let (key, value) = bullet.split_at(colon);
                if is_key(key) && (value.len() == 1 || value.starts_with(b": ")) {
                    member(&mut out, key);
                    quote(value.get(1..).unwrap_or_default().trim_ascii(), &mut out);
                }
            }
            _ => {}
        }
    }
    if out.len() == 1 {
        return None;
    }
    close(&mut out, section);
    out.push(b'}');
    Some(out)
}

/// What stands below `## Name`.
struct Section<'a> {
    name: &'a [u8],
    items: Vec<&'a [u8]>,
    prose: Vec<u8>,
}

fn close(out: &mut Vec<u8>, section: Option<Section<'_>>) {
    let Some(Section { name, items, prose }) = section else { return };
    member(out, name);
    if items.is_empty() {
        quote(prose.trim_ascii(), out);
        return;
    }
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        quote(item, out);
    }
    out.push(b']');
}

fn member(out: &mut Vec<u8>, key: &[u8]) {
    if out.len() > 1 {
        out.push(b',');
    }
    quote(key, out);
    out.push(b':');
}

fn is_key(key: &[u8]) -> bool {
    !key.is_empty()
        && key.len() <= 100
        && key.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Option<Vec<u8>>) -> Option<String> {
        bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn blocks_of_pairs_become_objects() {
        let block = b"Id=nats.service\nExecStart={ path=/bin/x ; argv[]=/bin/x \"a\" }\nEmpty=\n";
        let expected = r#"{"Id":"nats.service","ExecStart":"{ path=/bin/x ; argv[]=/bin/x \"a\" }","Empty":""}"#;
        assert_eq!(text(properties(block)).as_deref(), Some(expected));
        assert_eq!(properties(b"Id=x\nno pair\n"), None);
        assert_eq!(properties(b"a b=c\n"), None);
        assert_eq!(properties(b"\n"), None);
    }

    #[test]
    fn bullet_lists_become_objects_with_their_sections() {
        let list =
            b"# Execution Result\n\n- run_id: a: b\n- success: true\n- empty:\n- not a pair\n\n## Changed Files\n\
                     - a.rs\n- b.rs\n\n## Summary\nAll\nwell\n";
        let expected =
            r#"{"run_id":"a: b","success":"true","empty":"","Changed Files":["a.rs","b.rs"],"Summary":"All\nwell"}"#;
        assert_eq!(text(bullets(list)).as_deref(), Some(expected));
        assert_eq!(bullets(b"# Title\nprose\n"), None);
    }
}
