//! Typed access to the tables of a pack, which notes mistakes and goes on.
//!
//! In: a TOML table with the places of its keys and values. Out: plain values, or nothing and a [`Problem`] noted on the
//! [`Page`]. It must never stop at the first mistake, and never tell one mistake twice.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::{Number, Problem, Span, nearest};

/// So many mistakes of one file are told; the rest are only counted.
pub(super) const TOLD: usize = 100;
/// A list may hold so many strings.
const LIST: usize = 256;
/// So many characters of a line are shown.
const SHOWN: usize = 1_000;

/// A string of the file, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub span: Range<usize>,
}

/// A table of the file, and what to call it in messages.
#[derive(Clone, Debug)]
pub(super) struct Table<'a> {
    pub entries: &'a DeTable<'a>,
    pub span: Range<usize>,
    pub name: String,
}

impl<'a> Table<'a> {
    pub fn new(entries: &'a DeTable<'a>, span: Range<usize>, name: impl Into<String>) -> Table<'a> {
        Table { entries, span, name: name.into() }
    }

    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Where the name of `key` stands; the table itself when it has no such key.
    pub fn key_span(&self, key: &str) -> Range<usize> {
        let entry = self.entries.keys().find(|name| name.get_ref() == key);
        entry.map_or_else(|| self.span.clone(), Spanned::span)
    }
}

/// A file while it is read: its text, and the mistakes found so far.
pub(super) struct Page<'t> {
    file: &'t str,
    text: &'t str,
    lines: Vec<usize>,
    problems: Vec<Problem>,
    untold: usize,
    /// Keys that are there but misspelt: where their table begins, and the right word.
    slips: Vec<(usize, String)>,
    /// Parts of the text that messages must not show.
    hidden: Vec<Range<usize>>,
}

impl<'t> Page<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Page<'t> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Page { file, text, lines, problems: Vec::new(), untold: 0, slips: Vec::new(), hidden: Vec::new() }
    }

    /// All mistakes, in the order of the file.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        if self.untold > 0 {
            self.problems.push(whole_file(self.file, format!("{} more mistakes are not shown", self.untold), None));
        }
        self.problems
    }

    /// Notes a mistake at `span`.
    pub fn tell(&mut self, span: Range<usize>, what: impl Into<String>, help: impl Into<Option<String>>) {
        if self.problems.len() < TOLD {
            let problem = self.problem(span, what, help);
            self.problems.push(problem);
        } else {
            self.untold += 1;
        }
    }

    /// From now on, messages show stars in the place of this part of the text: it may be a secret.
    pub fn hide(&mut self, span: Range<usize>) {
        self.hidden.push(span);
    }

    /// A mistake at `span`, not noted.
    pub fn problem(&self, span: Range<usize>, what: impl Into<String>, help: impl Into<Option<String>>) -> Problem {
        let index = self.lines.partition_point(|start| *start <= span.start).saturating_sub(1);
        let start = self.lines.get(index).copied().unwrap_or(0);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        // A caret covers one line, and a line that no screen can hold is cut.
        let width = |bytes: usize| line.char_indices().take(SHOWN).take_while(|(at, _)| *at < bytes).count();
        let before = width(span.start.saturating_sub(start));
        let covered = width(span.end.saturating_sub(start)).saturating_sub(before);
        Problem {
            file: self.file.to_owned(),
            line: index + 1,
            column: before + 1,
            width: covered.max(1),
            text: line.char_indices().take(SHOWN).map(|(at, c)| self.shown(start + at, c)).collect(),
            what: what.into(),
            help: help.into(),
        }
    }

    /// The character at this place, as messages show it.
    fn shown(&self, at: usize, c: char) -> char {
        match c {
            '\t' => c,
            _ if c.is_control() => '\u{fffd}',
            _ if self.hidden.iter().any(|part| part.contains(&at)) => '*',
            _ => c,
        }
    }

    /// The line in which the value of `key` stands, from 1; 0 when the table has no such key.
    pub fn line(&self, table: &Table<'_>, key: &str) -> u32 {
        let line = |start: usize| self.lines.partition_point(|line| *line <= start);
        table.entries.get(key).map_or(0, |value| u32::try_from(line(value.span().start)).unwrap_or(u32::MAX))
    }

    /// The place of `part` of a string's value; of the whole string when escapes stand between the two.
    pub fn inside(&self, word: &Word<'_>, part: Range<usize>) -> Range<usize> {
        let raw = self.text.get(word.span.clone()).unwrap_or("");
        let open = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        let newline = raw.get(open..).map_or(0, |body| match body.as_bytes() {
            [b'\r', b'\n', ..] if open == 3 => 2,
            [b'\n', ..] if open == 3 => 1,
            _ => 0,
        });
        let from = open + newline;
        if raw.len() >= from + open && raw.get(from..raw.len() - open) == Some(word.text) {
            let base = word.span.start + from;
            base + part.start.min(word.text.len())..base + part.end.min(word.text.len())
        } else {
            word.span.clone()
        }
    }

    /// Tells every key that is not one of `known`.
    pub fn keys(&mut self, table: &Table<'_>, known: &[&str]) {
        for key in table.entries.keys() {
            let word: &str = key.get_ref();
            if !known.contains(&word) {
                let what = format!("unknown key {} in {}", quoted(word), table.name);
                self.tell(key.span(), what, suggest(word, known));
                if let Some(right) = near(word, known).filter(|_| self.slips.len() < TOLD) {
                    self.slips.push((table.span.start, right.to_owned()));
                }
            }
        }
    }

    /// Is the key there, perhaps misspelt? Ask after [`Page::keys`]: a slip is told once, not also as a missing key.
    pub fn meant(&self, table: &Table<'_>, key: &str) -> bool {
        table.has(key) || self.slips.iter().any(|(start, right)| *start == table.span.start && right == key)
    }

    /// Tells every key of `wanted` that is not there; each comes with an example.
    pub fn need(&mut self, table: &Table<'_>, wanted: &[(&str, &str)]) {
        for (key, example) in wanted {
            if !self.meant(table, key) {
                let what = format!("{} has no '{key}'", table.name);
                self.tell(table.span.clone(), what, format!("add, for example: {key} = {example}"));
            }
        }
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, key: &str, expected: &str) {
        let found = found(value.get_ref());
        self.tell(value.span(), format!("'{key}' must be {expected}, found {found}"), None);
    }

    /// A string. An empty one is a mistake.
    pub fn string<'a>(&mut self, table: &Table<'a>, key: &str) -> Option<Word<'a>> {
        let value = table.entries.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => self.filled(Word { text, span: value.span() }, key),
            None => {
                self.wrong_type(value, key, "a string");
                None
            }
        }
    }

    fn filled<'a>(&mut self, word: Word<'a>, key: &str) -> Option<Word<'a>> {
        if word.text.trim().is_empty() {
            self.tell(word.span, format!("'{key}' is empty"), format!("write it, or leave '{key}' out"));
            return None;
        }
        Some(word)
    }

    /// A string for people, without the white space around it.
    pub fn prose(&mut self, table: &Table<'_>, key: &str) -> Option<String> {
        self.string(table, key).map(|word| word.text.trim().to_owned())
    }

    /// A list of strings; a single string is a list of one. An empty list is a mistake.
    pub fn strings<'a>(&mut self, table: &Table<'a>, key: &str) -> Vec<Word<'a>> {
        let mut words = table.entries.get(key).map_or_else(Vec::new, |value| self.strings_of(value, key));
        words.retain(|word| self.filled(word.clone(), key).is_some());
        words
    }

    /// The same, of a value that is at hand; strings may be empty.
    pub fn strings_of<'a>(&mut self, value: &'a Spanned<DeValue<'a>>, key: &str) -> Vec<Word<'a>> {
        let one = |value: &'a Spanned<DeValue<'a>>| value.get_ref().as_str().map(|text| (text, value.span()));
        let mut words = Vec::new();
        if let Some((text, span)) = one(value) {
            words.push(Word { text, span });
        } else if let Some(list) = value.get_ref().as_array() {
            if list.is_empty() {
                self.tell(value.span(), format!("'{key}' is an empty list"), format!("fill it, or leave '{key}' out"));
            }
            if list.len() > LIST {
                let what = format!("'{key}' may hold {LIST} strings, this one has {}", list.len());
                self.tell(value.span(), what, "split the rule".to_owned());
            }
            for item in list.iter().take(LIST) {
                match one(item) {
                    Some((text, span)) => words.push(Word { text, span }),
                    None => self.wrong_type(item, key, "a list of strings"),
                }
            }
        } else {
            self.wrong_type(value, key, "a string or a list of strings");
        }
        words
    }

    /// Yes or no.
    pub fn flag(&mut self, table: &Table<'_>, key: &str) -> Option<bool> {
        let value = table.entries.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(value, key, "true or false");
        }
        flag
    }

    /// A whole number within `range`.
    pub fn number(&mut self, table: &Table<'_>, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = table.entries.get(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(value, key, "a whole number");
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| range.contains(n));
        if number.is_none() {
            let what = format!("'{key}' must be from {} to {}, found {integer}", range.start(), range.end());
            self.tell(value.span(), what, None);
        }
        number
    }

    /// A decimal number, negative ones included.
    pub fn decimal(&mut self, table: &Table<'_>, key: &str) -> Option<Number> {
        let value = table.entries.get(key)?;
        let text = match value.get_ref() {
            DeValue::Integer(n) if n.radix() == 10 => n.as_str(),
            DeValue::Float(n) => n.as_str(),
            _ => {
                self.wrong_type(value, key, "a number");
                return None;
            }
        };
        let number = text.replace('_', "").parse::<Number>();
        if number.is_err() {
            let what = format!("'{key}' must be a number of at most 12 digits before the point, found {text}");
            self.tell(value.span(), what, None);
        }
        number.ok()
    }

    /// A length of time above zero.
    pub fn span(&mut self, table: &Table<'_>, key: &str) -> Option<Span> {
        let word = self.string(table, key)?;
        match word.text.parse::<Span>() {
            Ok(span) if span > Span::ZERO => Some(span),
            Ok(_) => {
                self.tell(word.span, format!("'{key}' must be longer than nothing"), None);
                None
            }
            Err(_) => {
                let what = format!("'{key}' must be a length of time, found {}", quoted(word.text));
                self.tell(word.span, what, "such as '60s', '10min' or '6h'".to_owned());
                None
            }
        }
    }

    /// One of a closed list of words.
    pub fn choice<T: Copy>(&mut self, table: &Table<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
        let word = self.string(table, key)?;
        let choice = words.iter().find(|(name, _)| *name == word.text);
        if choice.is_none() {
            let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
            self.tell(word.span, format!("unknown {key} {}", quoted(word.text)), suggest(word.text, &names));
        }
        choice.map(|(_, value)| *value)
    }

    /// A table in a table.
    pub fn table<'a>(&mut self, table: &Table<'a>, key: &str) -> Option<Table<'a>> {
        let value = table.entries.get(key)?;
        let inner = value.get_ref().as_table().map(|entries| Table::new(entries, value.span(), format!("'{key}'")));
        if inner.is_none() {
            self.wrong_type(value, key, "a table");
        }
        inner
    }

    /// A list of tables, each called `name`; a single table is a list of one.
    pub fn tables<'a>(&mut self, table: &Table<'a>, key: &str, name: &str) -> Vec<Table<'a>> {
        let Some(value) = table.entries.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Table(entries) => vec![Table::new(entries, value.span(), name)],
            DeValue::Array(list) => {
                if list.is_empty() {
                    let what = format!("'{key}' is an empty list");
                    self.tell(value.span(), what, format!("fill it, or leave '{key}' out"));
                }
                let mut tables = Vec::new();
                for item in list.iter() {
                    match item.get_ref().as_table() {
                        Some(entries) => tables.push(Table::new(entries, item.span(), name)),
                        None => self.wrong_type(item, key, "a list of tables"),
                    }
                }
                tables
            }
            _ => {
                self.wrong_type(value, key, "a list of tables");
                Vec::new()
            }
        }
    }
}

/// A mistake that belongs to the file as a whole.
pub(super) fn whole_file(file: &str, what: impl Into<String>, help: impl Into<Option<String>>) -> Problem {
    Problem {
        file: file.to_owned(),
        line: 0,
        column: 1,
        width: 1,
        text: String::new(),
        what: what.into(),
        help: help.into(),
    }
}

/// A word of the file as it is shown in a message: in quotes, on one line, not too long.
pub(super) fn quoted(text: &str) -> String {
    let shown: String = text
        .chars()
        .take(60)
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect();
    let more = if text.chars().nth(60).is_some() { "..." } else { "" };
    format!("'{shown}{more}'")
}

/// The nearest right word, or all of them when none is near.
pub(super) fn suggest(word: &str, known: &[&str]) -> String {
    match near(word, known) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("one of: {}", known.join(", ")),
    }
}

pub(super) fn near<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // The distance of two words costs the product of their lengths; nobody slips into a word this long.
    if word.len() <= 64 { nearest(word, known.iter().copied()) } else { None }
}

fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string {}", quoted(text)),
        DeValue::Integer(number) => format!("the number {}", quoted(number.as_str()).trim_matches('\'')),
        DeValue::Float(number) => format!("the number {}", quoted(number.as_str()).trim_matches('\'')),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
