//! Finds the end of one JSON value that comes in pieces, and the first byte that makes it none.
//!
//! In: bytes, in any cut. Out: go on, the end, or what is wrong. It keeps one bit of state for each open bracket and never
//! recurses; strings are stepped over, not decoded.

use memchr::memchr2;

/// Brackets open at once; deeper is no document.
const DEEPEST: usize = 100_000;

/// What the bytes so far are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// The beginning of a value.
    More,
    /// A whole value, up to here (exclusive).
    End(usize),
    /// No value: the place, and what should have stood there.
    Wrong(usize, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    /// After `[`.
    ValueOrEnd,
    /// After `{`.
    KeyOrEnd,
    Key,
    Colon,
    /// After a value inside a bracket.
    Next,
    Str {
        key: bool,
        escaped: bool,
    },
    Literal,
}

/// Scans one value.
#[derive(Clone, Debug)]
pub struct Scanner {
    /// For each open bracket: is it an object?
    open: Vec<bool>,
    state: State,
    /// The first bytes of a literal, and how many it has.
    word: [u8; 10],
    len: usize,
}

impl Scanner {
    /// A scanner that stands in front of a value.
    pub fn new() -> Scanner {
        Scanner { open: Vec::new(), state: State::Value, word: [0; 10], len: 0 }
    }

    /// Goes on at `at` in `bytes`, and leaves `at` behind what was read.
    pub fn step(&mut self, bytes: &[u8], at: &mut usize) -> Scan {
        while let Some(&byte) = bytes.get(*at) {
            match self.state {
                State::Str { key, escaped } => {
                    if escaped {
                        self.state = State::Str { key, escaped: false };
                        *at += 1;
                        continue;
                    }
                    let Some(skip) = memchr2(b'"', b'\\', bytes.get(*at..).unwrap_or_default()) else {
                        *at = bytes.len();
                        return Scan::More;
                    };
                    *at += skip + 1;
                    self.state = match (bytes.get(*at - 1), key) {
                        (Some(b'\\'), _) => State::Str { key, escaped: true },
                        (_, true) => State::Colon,
                        (_, false) => State::Next,
                    };
                }
                State::Literal if is_literal(byte) => {
                    if let Some(slot) = self.word.get_mut(self.len) {
                        *slot = byte;
                    }
                    self.len += 1;
                    *at += 1;
                }
                State::Literal => {
                    if !self.is_right() {
                        return Scan::Wrong(at.saturating_sub(self.len), "a value");
                    }
                    self.state = State::Next;
                }
                _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => *at += 1,
                state => match self.token(state, byte) {
                    Ok(()) => *at += 1,
                    Err(expected) => return Scan::Wrong(*at, expected),
                },
            }
            if self.open.is_empty() && self.state == State::Next {
                return Scan::End(*at);
            }
        }
        Scan::More
    }

    fn token(&mut self, state: State, byte: u8) -> Result<(), &'static str> {
        match (state, byte) {
            (State::ValueOrEnd, b']') => self.close(),
            (State::KeyOrEnd, b'}') => self.close(),
            (State::Value | State::ValueOrEnd, b'{' | b'[') => {
                if self.open.len() >= DEEPEST {
                    return Err("no more than 100000 brackets open at once");
                }
                self.open.push(byte == b'{');
                self.state = if byte == b'{' { State::KeyOrEnd } else { State::ValueOrEnd };
            }
            (State::Value | State::ValueOrEnd, b'"') => self.state = State::Str { key: false, escaped: false },
            (State::Value | State::ValueOrEnd, b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I') => {
                self.word = [0; 10];
                self.word[0] = byte;
                self.len = 1;
                self.state = State::Literal;
            }
            (State::KeyOrEnd | State::Key, b'"') => self.state = State::Str { key: true, escaped: false },
            (State::Colon, b':') => self.state = State::Value,
            (State::Next, b',') => {
                self.state = if self.open.last() == Some(&true) { State::Key } else { State::Value };
            }
            (State::Next, b'}') if self.open.last() == Some(&true) => self.close(),
            (State::Next, b']') if self.open.last() == Some(&false) => self.close(),
            (State::Value | State::ValueOrEnd, _) => return Err("a value"),
            (State::KeyOrEnd | State::Key, _) => return Err("a key in double quotes"),
            (State::Colon, _) => return Err("':'"),
            (_, _) if self.open.last() == Some(&true) => return Err("',' or '}'"),
            (_, _) => return Err("',' or ']'"),
        }
        Ok(())
    }

    fn close(&mut self) {
        self.open.pop();
        self.state = State::Next;
    }

    /// Is the literal a number or one of the words?
    fn is_right(&self) -> bool {
        let word = self.word.get(..self.len.min(10)).unwrap_or_default();
        match word {
            [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => true,
            word => {
                self.len < 10
                    && [b"true".as_slice(), b"false", b"null", b"NaN", b"Infinity", b"-Infinity"].contains(&word)
            }
        }
    }
}

fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &[u8]) -> Scan {
        Scanner::new().step(text, &mut 0)
    }

    #[test]
    fn values_end_where_they_end() {
        for (text, found) in [
            (r#"{"a":[1,2,{"b":"}\""}],"c":null} tail"#, Scan::End(32)),
            ("[]x", Scan::End(2)),
            ("{ }", Scan::End(3)),
            ("[NaN, -Infinity, 1.5e+3]", Scan::End(24)),
            ("{\"a\":", Scan::More),
            ("{\"a\":\"x", Scan::More),
            ("[1 2]", Scan::Wrong(3, "',' or ']'")),
            ("[INFO] x", Scan::Wrong(1, "a value")),
            ("[2026-01-01 10:00:00] x", Scan::Wrong(12, "',' or ']'")),
            ("{\"a\" 1}", Scan::Wrong(5, "':'")),
            ("{\"a\":1]", Scan::Wrong(6, "',' or '}'")),
            ("{a:1}", Scan::Wrong(1, "a key in double quotes")),
            ("[1,]", Scan::Wrong(3, "a value")),
            ("{\"a\":1,}", Scan::Wrong(7, "a key in double quotes")),
            ("[nul]", Scan::Wrong(1, "a value")),
        ] {
            assert_eq!(scan(text.as_bytes()), found, "{text}");
        }
    }

    #[test]
    fn the_cut_does_not_matter() {
        let text = br#"{"a":[1,2,{"b":"}\"\\"}],"c":-12.5e3,"d":true}"#;
        let (mut scanner, mut at, mut last) = (Scanner::new(), 0, Scan::More);
        for end in 1..=text.len() {
            assert_eq!(last, Scan::More);
            last = scanner.step(&text[..end], &mut at);
        }
        assert_eq!(last, Scan::End(text.len()));
    }

    #[test]
    fn depth_is_bounded_and_costs_no_stack() {
        let deep = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
        assert_eq!(scan(&deep(10_000)), Scan::End(20_000));
        assert_eq!(scan(&deep(100_001)), Scan::Wrong(100_000, "no more than 100000 brackets open at once"));
    }
}
