//! Dotted paths: from an object or an array, as it stands in the text, to what is inside it.
//!
//! In: raw JSON and a path (`a.b`, `a.0`, `a#`). Out: the value there, or how many there are. Nothing is built and nothing
//! recurses: a path costs one walk over the members of each level that it goes through.

use super::json::{Items, Members, Value};

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A value.
    Value(Value<'a>),
    /// `a#`: so many items or members.
    Count(usize),
}

/// What stands at `path` below `raw`, an object or an array.
///
/// `a.b` is the member `b` of the member `a`; a key that itself holds dots is found, too, and the longest key wins. `a.0` is
/// the first item of the array `a`. `a#` is the number of items of an array or of members of an object.
pub fn find<'a>(raw: &'a [u8], path: &[u8]) -> Option<Found<'a>> {
    find_along(raw, path, &mut |_| {})
}

fn find_along<'a>(raw: &'a [u8], path: &[u8], step: &mut dyn FnMut(&[u8])) -> Option<Found<'a>> {
    let (mut raw, mut path) = (raw, path);
    loop {
        let (next, rest) = if raw.first() == Some(&b'[') { in_array(raw, path)? } else { in_object(raw, path)? };
        step(match rest {
            Rest::Path(from) => path.get(..from.saturating_sub(1)).unwrap_or(path),
            _ => path,
        });
        match (rest, next) {
            (Rest::Done, value) => return Some(Found::Value(value)),
            (Rest::Count, value) => return count(value).map(Found::Count),
            (Rest::Path(from), Value::Object(inner) | Value::Array(inner)) => {
                raw = inner;
                path = path.get(from..)?;
            }
            (Rest::Path(_), _) => return None,
        }
    }
}

/// The value at `path`; `None` for a count, too.
pub fn value<'a>(raw: &'a [u8], path: &[u8]) -> Option<Value<'a>> {
    value_along(raw, path, &mut |_| {})
}

/// The same; `step` hears each key and index on the way.
pub fn value_along<'a>(raw: &'a [u8], path: &[u8], step: &mut dyn FnMut(&[u8])) -> Option<Value<'a>> {
    match find_along(raw, path, step)? {
        Found::Value(value) => Some(value),
        Found::Count(_) => None,
    }
}

/// What of the path is left.
enum Rest {
    Done,
    Count,
    /// From this byte on.
    Path(usize),
}

fn in_object<'a>(raw: &'a [u8], path: &[u8]) -> Option<(Value<'a>, Rest)> {
    let mut inner: Option<(Value<'a>, usize)> = None;
    for member in Members::new(raw) {
        let (key, value) = member.ok()?;
        if key == path {
            return Some((value, Rest::Done));
        }
        if !path.starts_with(key) {
            continue;
        }
        match (path.get(key.len()), value) {
            (Some(b'#'), Value::Object(_) | Value::Array(_)) if path.len() == key.len() + 1 => {
                return Some((value, Rest::Count));
            }
            // Of two that both lead there, the longer name is nearer to what was asked.
            (Some(b'.'), Value::Object(_) | Value::Array(_)) if inner.is_none_or(|(_, len)| key.len() > len) => {
                inner = Some((value, key.len()));
            }
            _ => {}
        }
    }
    inner.map(|(value, len)| (value, Rest::Path(len + 1)))
}

fn in_array<'a>(raw: &'a [u8], path: &[u8]) -> Option<(Value<'a>, Rest)> {
    let end = path.iter().position(|b| *b == b'.').unwrap_or(path.len());
    let step = path.get(..end)?;
    let (digits, counted) = match step.strip_suffix(b"#") {
        Some(digits) => (digits, true),
        None => (step, false),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let index: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let value = Items::new(raw).nth(index)?.ok()?;
    match (counted, end == path.len()) {
        (true, true) => Some((value, Rest::Count)),
        (false, true) => Some((value, Rest::Done)),
        (false, false) => Some((value, Rest::Path(end + 1))),
        (true, false) => None,
    }
}

fn count(value: Value<'_>) -> Option<usize> {
    match value {
        Value::Object(raw) => Some(Members::new(raw).map_while(Result::ok).count()),
        Value::Array(raw) => Some(Items::new(raw).map_while(Result::ok).count()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_through_objects_and_arrays() {
        let raw = br##"{"a":{"b":1,"c.d":2,"e":[{"f":"x"},[7,8]]},"a.b":3,"g":[],"h":{},"i":null,"#x":4}"##;
        let show = |path: &str| match find(raw, path.as_bytes()) {
            Some(Found::Value(value)) => format!("{value:?}"),
            Some(Found::Count(n)) => format!("#{n}"),
            None => "-".to_owned(),
        };
        for (path, found) in [
            ("a.b", "Number([51])"),
            ("a.c.d", "Number([50])"),
            ("a.e.0.f", "Str([120])"),
            ("a.e.1.1", "Number([56])"),
            ("a.e#", "#2"),
            ("a.e.1#", "#2"),
            ("a#", "#3"),
            ("g#", "#0"),
            ("h#", "#0"),
            ("i", "Null"),
            ("i#", "-"),
            ("#x", "Number([52])"),
            ("a.e.2", "-"),
            ("a.e.x", "-"),
            ("a.e.0#.f", "-"),
            ("a.b.c", "-"),
            ("", "-"),
            ("a.", "-"),
            ("a.e.99999999999999999999", "-"),
        ] {
            assert_eq!(show(path), found, "{path}");
        }
        assert_eq!(find(br#"[{"a":5}]"#, b"0.a"), Some(Found::Value(Value::Number(b"5"))));
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        assert_eq!(find(deep.as_bytes(), b"a.a.b"), None);
        assert!(find(deep.as_bytes(), b"a.a.a").is_some());
    }
}
