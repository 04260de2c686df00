//! The fields of a record by name, in whatever form it has them.
//!
//! Looked at only when a rule asks: each question walks the raw text again, which is cheaper than a map of every record.

use std::borrow::Cow;

use memchr::{memchr2, memmem};

use super::Fields;
use super::journal::{export, verbose};
use super::json::{Members, Value, byte_array, is_escaped, unescape};
use super::lookup::{self, Found};

/// In an object of so many bytes a name is looked for before its members are read one by one.
const LONG: usize = 256;

/// Objects nested deeper than this are one value to [`Fields::each`].
const DEEPEST: usize = 8;

impl<'a> Fields<'a> {
    /// The (first) value of a field. In JSON, `err.message` is the member `message` of the object `err`, if there is
    /// no member with that very name, `list.0` the first item of an array, `list#` the number of its items (or of an
    /// object's members); an array of values is its first, an object its text, `null` nothing.
    pub fn get(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        let mut found: Option<Cow<'a, [u8]>> = None;
        match *self {
            Fields::None => {}
            Fields::Json(object) => return in_object(object, name.as_bytes()),
            Fields::Export(entry) => export::each(entry, &mut |key, value| {
                if found.is_none() && key == name.as_bytes() {
                    found = Some(Cow::Borrowed(value));
                }
            }),
            Fields::Native(entry) => {
                let export = entry.to_export();
                return Fields::Export(&export).get(name).map(|value| Cow::Owned(value.into_owned()));
            }
            Fields::Verbose(entry) => verbose::each_value(entry, &mut |key, value| {
                if found.is_none() && key == name.as_bytes() {
                    found = Some(value);
                }
            }),
            Fields::Logfmt(line) => pairs(line, &mut |key, value| {
                if found.is_none() && key == name.as_bytes() {
                    found = Some(value.decode());
                }
            }),
        }
        found
    }

    /// Calls `f` with the name and the value of each field, in order. Members of nested JSON objects get dotted names.
    pub fn each(&self, f: &mut dyn FnMut(&str, &[u8])) {
        let mut tell = |key: &[u8], value: &[u8]| {
            if let Ok(key) = std::str::from_utf8(key) {
                f(key, value);
            }
        };
        match *self {
            Fields::None => {}
            Fields::Json(object) => members(object, &mut tell),
            Fields::Export(entry) => export::each(entry, &mut |key, value| tell(key, value)),
            Fields::Native(entry) => export::each(&entry.to_export(), &mut |key, value| tell(key, value)),
            Fields::Verbose(entry) => verbose::each_value(entry, &mut |key, value| tell(key, &value)),
            Fields::Logfmt(line) => pairs(line, &mut |key, value| tell(key, &value.decode())),
        }
    }
}

/// What stands in `object` at the dotted path `name`.
fn in_object<'a>(object: &'a [u8], name: &[u8]) -> Option<Cow<'a, [u8]>> {
    if object.len() >= LONG && !may_have(object, name) {
        return None;
    }
    match lookup::find(object, name)? {
        Found::Value(value) => decode(name.rsplit(|b| *b == b'.').next().unwrap_or(name), value),
        Found::Count(n) => Some(Cow::Owned(n.to_string().into_bytes())),
    }
}

/// May the object have a member on the way to `name`? Its own name, or the first part of a path, stands behind a quote.
fn may_have(object: &[u8], name: &[u8]) -> bool {
    let first = name.split(|b| matches!(b, b'.' | b'#')).next().unwrap_or_default();
    let quoted = |at: usize| at.checked_sub(1).and_then(|before| object.get(before)) == Some(&b'"');
    first.is_empty() || object.first() == Some(&b'[') || memmem::find_iter(object, first).any(quoted)
}

/// A value as a rule sees it.
fn decode<'a>(key: &[u8], value: Value<'a>) -> Option<Cow<'a, [u8]>> {
    match value {
        Value::Str(raw) if is_escaped(raw) => {
            let mut text = Vec::with_capacity(raw.len());
            unescape(raw, &mut text);
            Some(Cow::Owned(text))
        }
        Value::Null => None,
        Value::Object(raw) => Some(Cow::Borrowed(raw)),
        Value::Array(raw) => match Value::first_item(raw) {
            // Only the journal writes text as numbers, and only its names are all capitals.
            Some(Value::Number(_)) if export::is_key(key) => {
                let mut bytes = Vec::new();
                Some(if byte_array(raw, &mut bytes) { Cow::Owned(bytes) } else { Cow::Borrowed(raw) })
            }
            Some(item @ (Value::Str(_) | Value::Bool(_))) => decode(key, item),
            Some(Value::Array(inner)) if export::is_key(key) => {
                let mut bytes = Vec::new();
                Some(if byte_array(inner, &mut bytes) { Cow::Owned(bytes) } else { Cow::Borrowed(raw) })
            }
            _ => Some(Cow::Borrowed(raw)),
        },
        other => other.scalar().map(Cow::Borrowed),
    }
}

/// All members of `object` and of the objects in it, without recursion.
fn members(object: &[u8], f: &mut dyn FnMut(&[u8], &[u8])) {
    let mut open = vec![(Members::new(object), 0)];
    let mut name: Vec<u8> = Vec::new();
    while let Some((members, prefix)) = open.last_mut() {
        name.truncate(*prefix);
        let Some(Ok((key, value))) = members.next() else {
            open.pop();
            continue;
        };
        if is_escaped(key) {
            unescape(key, &mut name);
        } else {
            name.extend_from_slice(key);
        }
        match value {
            Value::Object(inner) if open.len() < DEEPEST => {
                name.push(b'.');
                open.push((Members::new(inner), name.len()));
            }
            _ => {
                if let Some(value) = decode(key, value) {
                    f(&name, &value);
                }
            }
        }
    }
}

/// A value of a logfmt line: bare, or what stands between its quotes.
#[derive(Clone, Copy)]
enum Logfmt<'a> {
    Bare(&'a [u8]),
    Quoted(&'a [u8]),
}

impl<'a> Logfmt<'a> {
    fn decode(self) -> Cow<'a, [u8]> {
        match self {
            Logfmt::Quoted(raw) if is_escaped(raw) => {
                let mut text = Vec::with_capacity(raw.len());
                unescape(raw, &mut text);
                Cow::Owned(text)
            }
            Logfmt::Quoted(raw) | Logfmt::Bare(raw) => Cow::Borrowed(raw),
        }
    }
}

/// The `key=value` pairs of a line; words without `=` are no fields.
fn pairs<'a>(line: &'a [u8], f: &mut dyn FnMut(&'a [u8], Logfmt<'a>)) {
    let mut rest = line.trim_ascii_start();
    while !rest.is_empty() {
        let stop = rest.iter().position(|b| *b == b'=' || b.is_ascii_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(stop);
        let Some(after) = after.strip_prefix(b"=") else {
            rest = after.trim_ascii_start();
            continue;
        };
        let (value, left) = match after.strip_prefix(b"\"").and_then(|inner| Some((inner, quote(inner)?))) {
            Some((inner, end)) => {
                (Logfmt::Quoted(inner.get(..end).unwrap_or(b"")), inner.get(end + 1..).unwrap_or(b""))
            }
            None => {
                let end = after.iter().position(u8::is_ascii_whitespace).unwrap_or(after.len());
                let (bare, left) = after.split_at(end);
                (Logfmt::Bare(bare), left)
            }
        };
        if !key.is_empty() {
            f(key, value);
        }
        rest = left.trim_ascii_start();
    }
}

/// The closing quote of a quoted value.
fn quote(inner: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', inner.get(at..)?)?;
        if inner.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(fields: Fields<'_>, name: &str) -> Option<String> {
        fields.get(name).map(|v| String::from_utf8_lossy(&v).into_owned())
    }

    fn all(fields: Fields<'_>) -> Vec<String> {
        let mut all = Vec::new();
        fields.each(&mut |key, value| all.push(format!("{key}={}", String::from_utf8_lossy(value))));
        all
    }

    #[test]
    fn json_by_path() {
        let fields = Fields::Json(
            br#"{"a":1,"err":{"message":"x\ny","code":{"n":5}},"http.status":404,"k8s.pod":{"name":"p"},
                "MESSAGE":[97,98],"TWICE":["c","d"],"RAW":[[101],"f"],"ports":[80,81],"no":null,"e":[],"t":true}"#,
        );
        for (name, value) in [
            ("a", Some("1")),
            ("err.message", Some("x\ny")),
            ("err.code.n", Some("5")),
            ("err.code", Some("{\"n\":5}")),
            ("http.status", Some("404")),
            ("k8s.pod.name", Some("p")),
            ("MESSAGE", Some("ab")),
            ("TWICE", Some("c")),
            ("RAW", Some("e")),
            ("ports", Some("[80,81]")),
            ("ports.1", Some("81")),
            ("ports#", Some("2")),
            ("err#", Some("2")),
            ("e", Some("[]")),
            ("t", Some("true")),
            ("no", None),
            ("err.", None),
            ("err.message.x", None),
            ("", None),
        ] {
            assert_eq!(get(fields, name).as_deref(), value, "{name}");
        }
        assert_eq!(all(fields)[..4], ["a=1", "err.message=x\ny", "err.code.n=5", "http.status=404"]);
    }

    /// Where a name is looked for first, the answer is what the members say.
    #[test]
    fn a_long_object_has_the_fields_of_a_short_one() {
        let short = r##"{"a":"\"b\": c","err":{"message":"x"},"k8s.pod":{"name":"p"},"list":[1,2],"#x":4,"\u0062":5}"##;
        let long = short.replacen('{', &format!("{{\"pad\":\"{}\",", "b err. ".repeat(60)), 1);
        assert!(short.len() < LONG && long.len() > LONG);
        let mut found = 0;
        for name in [
            "a",
            "b",
            "c",
            "err",
            "err.message",
            "err.b",
            "message",
            "k8s",
            "k8s.pod",
            "k8s.pod.name",
            "list#",
            "list.1",
        ]
        .into_iter()
        .chain(["#x", "", ".", "x", "list.7", "pad.a"])
        {
            let value = get(Fields::Json(short.as_bytes()), name);
            assert_eq!(get(Fields::Json(long.as_bytes()), name), value, "{name}");
            found += usize::from(value.is_some());
        }
        assert_eq!(found, 8);
        let list = format!("[\"{}\",{{\"a\":7}}]", "x".repeat(LONG));
        assert_eq!(get(Fields::Json(list.as_bytes()), "1.a").as_deref(), Some("7"));
    }

    #[test]
    fn deep_json_is_flattened_so_far_and_no_farther() {
        let deep = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
        let mut names = Vec::new();
        Fields::Json(deep.as_bytes()).each(&mut |key, _| names.push(key.to_owned()));
        assert_eq!(names, ["a.a.a.a.a.a.a.a"]);
    }

    #[test]
    fn export_and_verbose_by_key() {
        let export = Fields::Export(b"A=1\nB\n\x03\0\0\0\0\0\0\0x\ny\nA=2\nlower=3\n\n");
        assert_eq!(all(export), ["A=1", "B=x\ny", "A=2"]);
        assert_eq!(get(export, "B").as_deref(), Some("x\ny"));
        assert_eq!(get(export, "A").as_deref(), Some("1"));
        assert_eq!(get(export, "C"), None);
        let verbose = Fields::Verbose(b"Thu [s=1]\n    A=1\n    B=x\n      y\n");
        assert_eq!(all(verbose), ["A=1", "B=x\ny"]);
        assert_eq!(get(verbose, "B").as_deref(), Some("x\ny"));
    }

    #[test]
    fn logfmt_with_quotes_and_loose_words() {
        let fields = Fields::Logfmt(br#"time=1 word msg="a \"b\" = c" empty= quoted="" open="x y =z"#);
        assert_eq!(all(fields), ["time=1", "msg=a \"b\" = c", "empty=", "quoted=", "open=\"x"]);
        assert_eq!(get(fields, "msg").as_deref(), Some("a \"b\" = c"));
        assert_eq!(get(fields, "word"), None);
    }
}
