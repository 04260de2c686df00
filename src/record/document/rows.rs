//! From one document to its rows.
//!
//! In: a document as raw JSON, and its definition. Out: rows, in the order of the definition, each as one line of JSON and
//! with what tells whether it was given before. Values are copied as they stand, without the white space between them.

use std::hash::{BuildHasher, Hasher};
use std::path::Path;

use jiff::tz::TimeZone;

use super::super::json::{Items, Members, Value, is_escaped, unescape};
use super::super::{Reference, lookup, stamp};
use super::model::{Definition, RowRule};
use super::write::{escape, pointer, quote, write};
use crate::base::Stamp;

/// Longest value that rows get from the document around them.
const WITH_BYTES: usize = 4096;

/// Longest unit.
const UNIT_BYTES: usize = 256;

/// What the times and the names of a document refer to.
#[derive(Clone, Debug)]
pub struct Context {
    /// The path; `None` where there is none (a pipe, the body of an answer).
    pub path: Option<String>,
    /// The zone of times that do not name theirs.
    pub zone: TimeZone,
    /// No time is much later than this.
    pub now: Stamp,
    /// The moment of reading, for rows without a time of their own; `None` where a file is read that may be old.
    pub moment: Option<Stamp>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// One line of JSON, with its line end.
    pub line: Vec<u8>,
    /// The JSON pointer to it in its document.
    pub at: Vec<u8>,
    /// The same for rows that say the same.
    pub identity: u64,
    /// A changed row is a new row; else a row that was given is not given again.
    pub fresh: bool,
}

/// One document, looked at by one definition.
pub(super) struct Document<'a> {
    pub(super) definition: &'a Definition,
    pub(super) raw: &'a [u8],
    /// Stands in front of each pointer: which document of its stream this is.
    pub(super) prefix: &'a [u8],
    pub(super) context: &'a Context,
}

impl Document<'_> {
    /// Gives all rows.
    pub(super) fn rows(&self, give: &mut dyn FnMut(Row)) {
        for rule in &self.definition.rows {
            let mut steps: Vec<&str> = Vec::new();
            let mut rest = rule.each.as_str();
            while !rest.is_empty() {
                let (step, after) = next_step(rest);
                steps.push(step);
                rest = after;
            }
            let shared = Shared::of(self, rule);
            let whole = if self.raw.first() == Some(&b'[') { Value::Array(self.raw) } else { Value::Object(self.raw) };
            self.visit(rule, &shared, &steps, whole, self.prefix.to_vec(), give);
        }
    }

    /// Goes along the steps of a path. As deep as the path is long, whatever the document.
    fn visit(
        &self,
        rule: &RowRule,
        shared: &Shared<'_>,
        steps: &[&str],
        value: Value<'_>,
        at: Vec<u8>,
        give: &mut dyn FnMut(Row),
    ) {
        let Some((step, rest)) = steps.split_first() else {
            return self.leaf(rule, shared, value, at, give);
        };
        if *step == "*" {
            each(value, &at, &mut |_, value, at| self.visit(rule, shared, rest, value, at, give));
            return;
        }
        let mut at = at;
        if let Some(value) = lookup::value_along(inside(value), step.as_bytes(), &mut |key| pointer(key, &mut at)) {
            self.visit(rule, shared, rest, value, at, give);
        }
    }

    /// What the path led to: items, members, or one row.
    fn leaf(&self, rule: &RowRule, shared: &Shared<'_>, value: Value<'_>, at: Vec<u8>, give: &mut dyn FnMut(Row)) {
        match value {
            Value::Null => {}
            Value::Object(_) if rule.key.is_none() => {
                if let Some(row) = self.row(rule, shared, None, value, at) {
                    give(row);
                }
            }
            Value::Object(_) | Value::Array(_) => each(value, &at, &mut |key, value, at| {
                if let Some(row) = self.row(rule, shared, key, value, at) {
                    give(row);
                }
            }),
            scalar => {
                if let Some(row) = self.row(rule, shared, None, scalar, at) {
                    give(row);
                }
            }
        }
    }

    fn row(
        &self,
        rule: &RowRule,
        shared: &Shared<'_>,
        key: Option<&[u8]>,
        value: Value<'_>,
        at: Vec<u8>,
    ) -> Option<Row> {
        let mut line = vec![b'{'];
        let raw = inside(value);
        if let Value::Object(raw) = value {
            for (name, value) in Members::new(raw).map_while(Result::ok).filter(|(name, _)| !is_ours(name)) {
                if rule.without.iter().any(|gone| gone.as_bytes() == name) {
                    continue;
                }
                member(&mut line, name);
                write(value, &mut line);
            }
        } else {
            member(&mut line, b"value");
            write(value, &mut line);
        }
        if let (Some(name), Some(key)) = (&rule.key, key)
            && lookup::value(raw, name.as_bytes()).is_none()
        {
            member(&mut line, name.as_bytes());
            line.push(b'"');
            line.extend_from_slice(key);
            line.push(b'"');
        }
        let own = line.len();
        for (name, value) in &shared.with {
            if lookup::value(raw, name.as_bytes()).is_none() {
                member(&mut line, name.as_bytes());
                line.extend_from_slice(value);
            }
        }
        let around = line.len();
        line.push(b'}');
        if !fits(rule, shared, &line) {
            return None;
        }
        let stated = self.first_time(&line, &rule.time).or(shared.time);
        let unit = unit(rule, shared, &line);
        line.pop();
        member(&mut line, b"@row");
        quote(rule.name.as_bytes(), &mut line);
        member(&mut line, b"@at");
        line.push(b'"');
        line.extend_from_slice(&at);
        line.push(b'"');
        if let Some(time) = stated.or(self.context.moment) {
            member(&mut line, b"@time");
            quote(time.rfc3339().as_bytes(), &mut line);
        }
        if let Some(unit) = unit {
            member(&mut line, b"@unit");
            line.push(b'"');
            line.extend_from_slice(&unit);
            line.push(b'"');
        }
        line.extend_from_slice(b"}\n");
        let mut hasher = foldhash::quality::FixedState::with_seed(0x726f_7773).build_hasher();
        hasher.write(rule.name.as_bytes());
        hasher.write_u8(0);
        // A row of an event store is itself whatever stands around it; a status is one of its time.
        hasher.write(line.get(..if rule.fresh { around } else { own }).unwrap_or_default());
        if rule.fresh {
            hasher.write_i64(stated.map_or(0, |time| time.0));
        }
        Some(Row { identity: hasher.finish(), fresh: rule.fresh, line, at })
    }

    /// What `@file` and `@folder` stand for; `None`: `path` is another path.
    fn of_path(&self, path: &str) -> Option<Option<String>> {
        let file = self.context.path.as_deref().map(Path::new);
        let part = match path {
            "@file" => file.and_then(Path::file_stem),
            "@folder" => file.and_then(Path::parent).and_then(Path::file_name),
            _ => return None,
        };
        Some(part.map(|part| part.to_string_lossy().into_owned()))
    }

    fn first_time(&self, raw: &[u8], paths: &[String]) -> Option<Stamp> {
        paths.iter().find_map(|path| {
            let text = decoded(lookup::value(raw, path.as_bytes())?)?;
            self.time(text.trim_ascii())
        })
    }

    /// A moment: ISO with or without a zone, or a number that counts from 1970 in seconds or smaller.
    fn time(&self, text: &[u8]) -> Option<Stamp> {
        if let Some(stamp) = stamp::epoch(text) {
            return Some(stamp);
        }
        let Context { zone, now, .. } = self.context;
        let reference = Reference { now: *now, zone: zone.clone(), unit: String::new(), boot: None, dated: false };
        let (time, _, len) = stamp::read_at(text, &reference)?;
        // What follows a time is at most a name of its zone; a sentence that begins with one is no time.
        (len + 8 > text.len()).then_some(time)
    }
}

/// Do all fields of `when` fit, in the row or else in the document?
fn fits(rule: &RowRule, shared: &Shared<'_>, row: &[u8]) -> bool {
    rule.when.iter().all(|(path, globs)| {
        let value = lookup::value(row, path.as_bytes()).or_else(|| shared.around(path));
        let Some(text) = value.and_then(decoded) else { return false };
        let text = String::from_utf8_lossy(&text);
        globs.iter().any(|glob| glob.matches(&text))
    })
}

/// The first unit of which all parts are there, still escaped. The stroke in front of names of containers goes.
fn unit(rule: &RowRule, shared: &Shared<'_>, row: &[u8]) -> Option<Vec<u8>> {
    rule.unit.iter().find_map(|template| {
        let mut unit = Vec::new();
        let mut rest = template.as_str();
        while let Some((plain, after)) = rest.split_once('{') {
            let (path, after) = after.split_once('}')?;
            escape(plain.as_bytes(), &mut unit);
            let value = lookup::value(row, path.as_bytes()).or_else(|| shared.around(path))?;
            let text = value.scalar().filter(|text| !text.is_empty() && text.len() <= UNIT_BYTES)?;
            unit.extend_from_slice(text.strip_prefix(b"/").unwrap_or(text));
            rest = after;
        }
        escape(rest.as_bytes(), &mut unit);
        (!unit.is_empty()).then_some(unit)
    })
}

/// What all rows of one rule get from their document.
struct Shared<'a> {
    with: Vec<(String, Vec<u8>)>,
    time: Option<Stamp>,
    /// Fields of the document that a row can lack: looked up once, not for each row.
    around: Vec<(&'a str, Option<Value<'a>>)>,
}

impl<'a> Shared<'a> {
    /// The field of the document at this path of `when` or `unit`.
    fn around(&self, path: &str) -> Option<Value<'a>> {
        self.around.iter().find(|(known, _)| *known == path).and_then(|(_, value)| *value)
    }

    fn of(document: &Document<'a>, rule: &'a RowRule) -> Shared<'a> {
        let parts = rule.unit.iter().flat_map(|template| template.split('{').skip(1));
        let paths = parts.filter_map(|part| part.split_once('}')).map(|(path, _)| path);
        let paths = paths.chain(rule.when.iter().map(|(path, _)| path.as_str()));
        let around = paths.map(|path| (path, lookup::value(document.raw, path.as_bytes()))).collect();
        let with = rule.with.iter().filter_map(|(name, path)| {
            if let Some(of_path) = document.of_path(path) {
                let mut text = Vec::new();
                quote(of_path?.as_bytes(), &mut text);
                return Some((name.clone(), text));
            }
            let text = match lookup::find(document.raw, path.as_bytes())? {
                lookup::Found::Count(n) => n.to_string().into_bytes(),
                lookup::Found::Value(value) => {
                    let mut text = Vec::new();
                    Some(inside(value)).filter(|raw| raw.len() <= WITH_BYTES)?;
                    write(value, &mut text);
                    text
                }
            };
            Some((name.clone(), text))
        });
        Shared { with: with.collect(), time: document.first_time(document.raw, &rule.doc_time), around }
    }
}

/// Hears of an item or a member: its key, its value, its pointer.
type See<'s> = &'s mut dyn FnMut(Option<&[u8]>, Value<'_>, Vec<u8>);

/// Steps through the items or the members of `value`: key, value, pointer.
fn each(value: Value<'_>, at: &[u8], see: See<'_>) {
    match value {
        Value::Array(raw) => {
            for (index, value) in Items::new(raw).map_while(Result::ok).enumerate() {
                let mut at = at.to_vec();
                pointer(index.to_string().as_bytes(), &mut at);
                see(None, value, at);
            }
        }
        Value::Object(raw) => {
            for (key, value) in Members::new(raw).map_while(Result::ok) {
                let mut at = at.to_vec();
                pointer(key, &mut at);
                see(Some(key), value, at);
            }
        }
        _ => {}
    }
}

/// The first step of a path, and what follows it: `*`, or all up to the next `*`.
fn next_step(path: &str) -> (&str, &str) {
    if path == "*" {
        return ("*", "");
    }
    if let Some(rest) = path.strip_prefix("*.") {
        return ("*", rest);
    }
    match path.find(".*.").or_else(|| path.strip_suffix(".*").map(str::len)) {
        Some(at) => (path.get(..at).unwrap_or(path), path.get(at + 1..).unwrap_or("")),
        None => (path, ""),
    }
}

/// The keys that rows get.
fn is_ours(key: &[u8]) -> bool {
    matches!(key, b"@row" | b"@at" | b"@time" | b"@unit")
}

/// Begins a member; `key` is escaped already.
fn member(line: &mut Vec<u8>, key: &[u8]) {
    if line.len() > 1 {
        line.push(b',');
    }
    line.push(b'"');
    line.extend_from_slice(key);
    line.extend_from_slice(b"\":");
}

/// The text of what can be looked into; empty for a scalar.
fn inside(value: Value<'_>) -> &[u8] {
    match value {
        Value::Object(raw) | Value::Array(raw) => raw,
        _ => b"",
    }
}

/// A scalar as a rule sees it.
fn decoded(value: Value<'_>) -> Option<Vec<u8>> {
    let raw = value.scalar()?;
    if !is_escaped(raw) {
        return Some(raw.to_vec());
    }
    let mut text = Vec::new();
    unescape(raw, &mut text);
    Some(text)
}

#[cfg(test)]
mod tests;
