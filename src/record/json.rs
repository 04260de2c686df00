//! JSON without a tree: the members of one object, in order, their values raw.
//!
//! In: bytes that should hold one JSON object. Out: key and value slices of them. Nested values are stepped over, not
//! read; strings stay escaped until [`unescape`] is asked for. Never recurses, so depth costs nothing, and never
//! panics: what is not JSON is a [`Malformed`] with its offset. Values are not validated beyond their extent (`01` is a
//! number here): a log line that a strict reader rejects is still a record.

mod bytes;
mod decode;

use std::fmt;

use super::lanes;

pub use self::bytes::byte_array;

pub(super) use decode::decode;

/// Steps through the members of one object.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
    state: Expect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Open,
    Next,
    Done,
}

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// What stands between the quotes, still escaped.
    Str(&'a [u8]),
    /// Digits, sign, point and exponent as written.
    Number(&'a [u8]),
    /// With its brackets.
    Array(&'a [u8]),
    /// With its braces.
    Object(&'a [u8]),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}

impl<'a> Value<'a> {
    /// The value at the start of `bytes` (no white space before it), and its length.
    pub fn read(bytes: &'a [u8]) -> Option<(Value<'a>, usize)> {
        let mut members = Members::new(bytes);
        let value = members.value().ok()?;
        Some((value, members.at))
    }

    /// The first item of an array, `None` for an empty array and for what is not one.
    pub fn first_item(list: &'a [u8]) -> Option<Value<'a>> {
        Value::read(list.strip_prefix(b"[")?.trim_ascii_start()).map(|(value, _)| value)
    }

    /// The raw text of a string, number or boolean; `None` for anything else.
    pub fn scalar(self) -> Option<&'a [u8]> {
        match self {
            Value::Str(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some(b"true"),
            Value::Bool(false) => Some(b"false"),
            _ => None,
        }
    }
}

/// The bytes are not a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where, from the start of the bytes.
    pub offset: usize,
    /// What should have stood there.
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.offset)
    }
}

impl<'a> Members<'a> {
    /// The members of the object at the start of `bytes`; white space before it is allowed.
    pub fn new(bytes: &'a [u8]) -> Members<'a> {
        Members { bytes, at: 0, state: Expect::Open }
    }

    /// How many bytes were read: after the last member, the length of the object.
    pub fn offset(&self) -> usize {
        self.at
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn wrong<T>(&mut self, expected: &'static str) -> Result<T, Malformed> {
        self.state = Expect::Done;
        Err(Malformed { offset: self.at, expected })
    }

    fn string(&mut self) -> Result<&'a [u8], Malformed> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return self.wrong("a string");
        }
        let start = self.at + 1;
        match string_end(self.bytes, start) {
            Some(end) => {
                self.at = end + 1;
                Ok(&self.bytes[start..end])
            }
            None => {
                self.at = self.bytes.len();
                self.wrong("the end of a string")
            }
        }
    }

    /// Steps over `NaN`, `Infinity` and `-Infinity`.
    fn is_no_number(&mut self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word = [b"NaN".as_slice(), b"Infinity", b"-Infinity"].into_iter().find(|word| rest.starts_with(word));
        self.at += word.map_or(0, <[u8]>::len);
        word.is_some()
    }

    fn value(&mut self) -> Result<Value<'a>, Malformed> {
        let start = self.at;
        match self.bytes.get(start) {
            Some(b'"') => self.string().map(Value::Str),
            Some(open @ (b'{' | b'[')) => match nested_end(self.bytes, start) {
                Some(end) => {
                    self.at = end;
                    let raw = &self.bytes[start..end];
                    Ok(if *open == b'{' { Value::Object(raw) } else { Value::Array(raw) })
                }
                None => {
                    self.at = self.bytes.len();
                    self.wrong("the end of a nested value")
                }
            },
            // Python writes what is no number this way; it says as much as `null`.
            Some(b'N' | b'I' | b'-') if self.is_no_number() => Ok(Value::Null),
            Some(b'-' | b'0'..=b'9') => {
                let rest = &self.bytes[start..];
                let len = rest
                    .iter()
                    .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                    .unwrap_or(rest.len());
                self.at += len;
                Ok(Value::Number(&rest[..len]))
            }
            Some(b't' | b'f' | b'n') => {
                let words: [(&[u8], Value<'a>); 3] =
                    [(b"true", Value::Bool(true)), (b"false", Value::Bool(false)), (b"null", Value::Null)];
                for (word, value) in words {
                    if self.bytes[start..].starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                self.wrong("a value")
            }
            _ => self.wrong("a value"),
        }
    }

    fn member(&mut self) -> Result<Option<(&'a [u8], Value<'a>)>, Malformed> {
        self.space();
        match self.state {
            Expect::Done => return Ok(None),
            Expect::Open => {
                if self.bytes.get(self.at) != Some(&b'{') {
                    return self.wrong("'{'");
                }
                self.at += 1;
                self.space();
            }
            Expect::Next => {}
        }
        match (self.state, self.bytes.get(self.at)) {
            (_, Some(b'}')) => {
                self.at += 1;
                self.state = Expect::Done;
                return Ok(None);
            }
            (Expect::Next, Some(b',')) => {
                self.at += 1;
                self.space();
            }
            (Expect::Next, _) => return self.wrong("',' or '}'"),
            _ => {}
        }
        let key = self.string()?;
        self.space();
        if self.bytes.get(self.at) != Some(&b':') {
            return self.wrong("':'");
        }
        self.at += 1;
        self.space();
        let value = self.value()?;
        self.state = Expect::Next;
        Ok(Some((key, value)))
    }
}

impl<'a> Iterator for Members<'a> {
    /// The key (still escaped) and the value.
    type Item = Result<(&'a [u8], Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.member().transpose()
    }
}

/// Steps through the items of one array.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    inner: Members<'a>,
}

impl<'a> Items<'a> {
    /// The items of the array at the start of `bytes`; white space before it is allowed.
    pub fn new(bytes: &'a [u8]) -> Items<'a> {
        Items { inner: Members::new(bytes) }
    }

    fn item(&mut self) -> Result<Option<Value<'a>>, Malformed> {
        let inner = &mut self.inner;
        inner.space();
        match inner.state {
            Expect::Done => return Ok(None),
            Expect::Open => {
                if inner.bytes.get(inner.at) != Some(&b'[') {
                    return inner.wrong("'['");
                }
                inner.at += 1;
                inner.space();
            }
            Expect::Next => {}
        }
        match (inner.state, inner.bytes.get(inner.at)) {
            (_, Some(b']')) => {
                inner.at += 1;
                inner.state = Expect::Done;
                return Ok(None);
            }
            (Expect::Next, Some(b',')) => {
                inner.at += 1;
                inner.space();
            }
            (Expect::Next, _) => return inner.wrong("',' or ']'"),
            _ => {}
        }
        let value = inner.value()?;
        inner.state = Expect::Next;
        Ok(Some(value))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Value<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.item().transpose()
    }
}

/// The position of the closing quote of the string that begins at `start` (after its opening quote).
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += lanes::find_either(bytes.get(at..)?, b'"', b'\\')?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The end (exclusive) of the object or array that begins at `start`.
fn nested_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = start;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Does a raw string need [`unescape`]?
pub fn is_escaped(raw: &[u8]) -> bool {
    lanes::has(raw, b'\\')
}

/// Appends the text of a raw string to `out`. A broken escape is copied as it stands; a lone surrogate becomes U+FFFD.
pub fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let plain = match rest.get(1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b @ (b'"' | b'\\' | b'/')) => *b,
            Some(b'u') => {
                match unicode(rest) {
                    Some((c, len)) => {
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        rest = &rest[len..];
                    }
                    None => {
                        out.extend_from_slice(&rest[..2]);
                        rest = &rest[2..];
                    }
                }
                continue;
            }
            Some(_) | None => {
                out.push(b'\\');
                rest = &rest[1..];
                continue;
            }
        };
        out.push(plain);
        rest = &rest[2..];
    }
    out.extend_from_slice(rest);
}

/// Reads `\uXXXX` or a pair of surrogates at the start of `raw`; the character and the bytes it took.
fn unicode(raw: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| -> Option<u32> {
        let digits = raw.get(at..at + 6)?.strip_prefix(b"\\u")?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let high = unit(0)?;
    if let (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) = (high, unit(6)) {
        let c = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        return Some((char::from_u32(c).unwrap_or('\u{FFFD}'), 12));
    }
    Some((char::from_u32(high).unwrap_or('\u{FFFD}'), 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, Value<'_>)>, Malformed> {
        Members::new(text.as_bytes()).map(|m| m.map(|(k, v)| (String::from_utf8_lossy(k).into_owned(), v))).collect()
    }

    #[test]
    fn members_come_in_order_with_raw_values() {
        let got = read(r#" {"a": "x\"y", "b":-1.5e3,"c":[1,{"}":"]"}] , "d":{},"e":true,"f":null} tail"#).unwrap();
        assert_eq!(
            got,
            [
                ("a".into(), Value::Str(br#"x\"y"#)),
                ("b".into(), Value::Number(b"-1.5e3")),
                ("c".into(), Value::Array(br#"[1,{"}":"]"}]"#)),
                ("d".into(), Value::Object(b"{}")),
                ("e".into(), Value::Bool(true)),
                ("f".into(), Value::Null),
            ]
        );
        assert_eq!(read("{}"), Ok(vec![]));
    }

    #[test]
    fn what_is_not_an_object_says_where() {
        for (text, offset, expected) in [
            ("", 0, "'{'"),
            ("[1]", 0, "'{'"),
            ("{\"a\"", 4, "':'"),
            ("{\"a\":", 5, "a value"),
            ("{\"a\":1", 6, "',' or '}'"),
            ("{\"a\":\"x", 7, "the end of a string"),
            ("{\"a\":{\"b\":1}", 12, "',' or '}'"),
            ("{\"a\":[[1]", 9, "the end of a nested value"),
            ("{a:1}", 1, "a string"),
            ("{\"a\":nul}", 5, "a value"),
        ] {
            assert_eq!(read(text), Err(Malformed { offset, expected }), "{text}");
        }
    }

    #[test]
    fn items_come_in_order() {
        let read = |text: &'static str| Items::new(text.as_bytes()).collect::<Result<Vec<_>, _>>();
        assert_eq!(
            read(r#" [1, "a" ,{"b":[]},NaN,-Infinity] x"#),
            Ok(vec![Value::Number(b"1"), Value::Str(b"a"), Value::Object(br#"{"b":[]}"#), Value::Null, Value::Null])
        );
        assert_eq!(read("[]"), Ok(vec![]));
        assert_eq!(read("[1 2]"), Err(Malformed { offset: 3, expected: "',' or ']'" }));
        assert_eq!(read("[1,"), Err(Malformed { offset: 3, expected: "a value" }));
        assert_eq!(read("{}"), Err(Malformed { offset: 0, expected: "'['" }));
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(&deep).unwrap().len(), 1);
    }

    #[test]
    fn escapes_are_read_and_broken_ones_kept() {
        for (raw, text) in [
            (r#"a\nb\t\"\\\/"#, "a\nb\t\"\\/"),
            (r"\u00e9\ud83d\ude00", "é😀"),
            (r"\ud83d!", "\u{FFFD}!"),
            (r"\u12", r"\u12"),
            (r"\q\", r"\q\"),
            (r"\u+123", r"\u+123"),
        ] {
            let mut out = Vec::new();
            unescape(raw.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text, "{raw}");
        }
    }

    #[test]
    fn byte_arrays_are_bytes_or_nothing() {
        let mut out = Vec::new();
        assert!(byte_array(b"[27, 91,255]", &mut out));
        assert_eq!(out, [27, 91, 255]);
        assert!(!byte_array(b"[1,256]", &mut out));
        assert!(!byte_array(b"[\"a\"]", &mut out));
        assert!(byte_array(b"[]", &mut out));
        assert_eq!(out.len(), 3);
    }
}
