//! What a probe found, as rows.
//!
//! In: what was found out, or why not. Out: lines of JSON: first one row about the probe itself, then the rows of what it
//! read. Every row says which probe it is of (`probe`), what it is (`@row`), where it stood (`@at`), when it was read
//! (`@time`) and which unit it is about (`@unit`). It must never let a secret of the probe through.

use serde_json::{Map, Value};

use super::failure::{Failure, Reason};
use super::model::Probe;
use super::rows::{Explode, MOST, rows_of};
use crate::base::Stamp;

/// What stands for a secret.
const MASK: &str = "[masked]";
/// A shorter secret is no secret, and would mask ordinary words.
const SHORTEST: usize = 4;

/// The answer of one probe.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The name of the probe.
    pub probe: String,
    /// Everything is as it should be, as far as the probe itself can say.
    pub ok: bool,
    /// One JSON object a line.
    pub rows: Vec<u8>,
}

/// What was found out.
#[derive(Default)]
pub(super) struct Found {
    /// Members of the probe's own row.
    pub fields: Map<String, Value>,
    pub failure: Option<Failure>,
    /// What was read.
    pub bodies: Vec<Body>,
    /// Rows that are about units of their own.
    pub rows: Vec<Row>,
    /// What must not be shown, wherever it stands.
    pub secrets: Vec<String>,
}

/// Bytes that were read.
pub(super) struct Body {
    pub bytes: Vec<u8>,
    /// Nothing of it is missing.
    pub whole: bool,
    /// Only documents count; lines of text are left out.
    pub documents: bool,
    /// The path of the file that it is.
    pub path: Option<String>,
    /// Where it stands, when it is not the only one.
    pub name: Option<String>,
}

/// A row with a unit of its own.
pub(super) struct Row {
    pub name: &'static str,
    pub unit: String,
    pub fields: Map<String, Value>,
}

impl Found {
    pub fn failed(failure: Failure) -> Found {
        Found { failure: Some(failure), ..Found::default() }
    }

    /// Adds a member of the probe's own row.
    pub fn tell(&mut self, key: &str, value: impl Into<Value>) {
        self.fields.insert(key.to_owned(), value.into());
    }

    /// Notes a failure; the first one counts.
    pub fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }
}

/// Puts what was found into rows. `elapsed_ms`: how long it took; `now`: the moment that the answer is of.
pub(super) fn answer(probe: &Probe, mut found: Found, elapsed_ms: u64, now: Stamp, explode: &Explode<'_>) -> Answer {
    let mut inner = Sheet::new(probe, now);
    for body in std::mem::take(&mut found.bodies) {
        if let Err(failure) = inner.read(&body, now, explode) {
            found.fail(failure);
        }
    }
    let mut sheet = Sheet::new(probe, now);
    let ok = found.failure.is_none() && found.rows.iter().all(|row| row.fields.get("ok") != Some(&Value::Bool(false)));
    let mut own = Map::new();
    own.insert("kind".to_owned(), probe.target.kind().into());
    own.extend(found.fields);
    own.insert("elapsed_ms".to_owned(), elapsed_ms.into());
    own.insert("ok".to_owned(), found.failure.is_none().into());
    if let Some(failure) = &found.failure {
        let word = failure.reason.word();
        own.insert("failure".to_owned(), word.into());
        own.insert("detail".to_owned(), failure.detail.clone().into());
        own.insert("message".to_owned(), format!("probe {}: {word}: {}", probe.name, failure.detail).into());
    }
    sheet.put(own, Some("probe"), Some("/probe".to_owned()), &probe.unit);
    for (index, row) in found.rows.into_iter().enumerate() {
        sheet.put(row.fields, Some(row.name), Some(format!("/{}/{index}", row.name)), &row.unit);
    }
    sheet.lines.append(&mut inner.lines);
    Answer { probe: probe.name.clone(), ok, rows: masked(sheet.lines, &found.secrets) }
}

struct Sheet<'a> {
    probe: &'a Probe,
    time: String,
    lines: Vec<u8>,
    /// Rows so far.
    count: usize,
}

impl<'a> Sheet<'a> {
    fn new(probe: &'a Probe, now: Stamp) -> Sheet<'a> {
        Sheet { probe, time: now.rfc3339(), lines: Vec::new(), count: 0 }
    }

    /// The rows of what was read.
    fn read(&mut self, body: &Body, now: Stamp, explode: &Explode<'_>) -> Result<(), Failure> {
        let name = body.name.as_deref().unwrap_or("");
        let known = if body.whole { explode(&body.bytes, body.path.as_deref(), now) } else { None };
        if let Some(known) = known {
            for line in known.lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
                self.room()?;
                self.row(line, name);
            }
            return match known.wrong.first() {
                Some(wrong) => Err(Failure::new(Reason::Broken, wrong.as_str())),
                None => Ok(()),
            };
        }
        let rows = rows_of(&body.bytes, body.whole);
        for (index, row) in rows.rows.into_iter().enumerate() {
            let line = row.get("message").is_some() && row.len() == 1;
            if !(line && body.documents) {
                self.room()?;
                self.put(row, None, Some(format!("{name}/{index}")), &self.probe.unit);
            }
        }
        if rows.more { Err(full()) } else { Ok(()) }
    }

    fn room(&self) -> Result<(), Failure> {
        if self.count < MOST { Ok(()) } else { Err(full()) }
    }

    /// A row of a known document, with what it lacks; or a line that is none.
    fn row(&mut self, line: &[u8], name: &str) {
        let text = String::from_utf8_lossy(line);
        let fields: Option<Map<String, Value>> = serde_json::from_str(&text).ok();
        let unit = &self.probe.unit;
        let Some(fields) = fields else {
            let row = Map::from_iter([("message".to_owned(), Value::from(text.trim_end()))]);
            return self.put(row, None, None, unit);
        };
        let open = text.rfind("\"@row\":\"").and_then(|at| Some((text.get(..at)?, text.get(at..)?.strip_suffix('}')?)));
        let Some((said, about)) = open.filter(|_| fields.contains_key("@row")) else {
            return self.put(fields, None, None, unit);
        };
        // Its members stay as they stand.
        let mut row = said.to_owned();
        let add = |row: &mut String, key: &str, value: &str| {
            if !fields.contains_key(key) {
                row.push_str(&format!("{}:{},", Value::from(key), Value::from(value)));
            }
        };
        add(&mut row, "probe", &self.probe.name);
        if !name.is_empty() {
            add(&mut row, "file", name);
        }
        row.push_str(about);
        for (key, value) in [("@time", &self.time), ("@unit", unit)] {
            if !fields.contains_key(key) {
                row.push_str(&format!(",{}:{}", Value::from(key), Value::from(value.as_str())));
            }
        }
        row.push_str("}\n");
        self.count += 1;
        self.lines.extend_from_slice(row.as_bytes());
    }

    /// A row of ours; without a name it is read as the line of a log.
    fn put(&mut self, fields: Map<String, Value>, name: Option<&str>, at: Option<String>, unit: &str) {
        let mut row = Map::new();
        if name == Some("probe") {
            row.insert("probe".to_owned(), self.probe.name.clone().into());
            if !self.probe.title.is_empty() {
                row.insert("title".to_owned(), self.probe.title.clone().into());
            }
        }
        // What was read cannot pretend to be of another time, unit or probe.
        row.extend(fields.into_iter().filter(|(key, _)| !key.starts_with('@')));
        row.insert("probe".to_owned(), self.probe.name.clone().into());
        row.extend(name.map(|name| ("@row".to_owned(), Value::from(name))));
        row.extend(at.map(|at| ("@at".to_owned(), Value::from(at))));
        row.insert("@time".to_owned(), self.time.clone().into());
        row.insert("@unit".to_owned(), unit.into());
        // A map of plain values always has a text.
        if serde_json::to_writer(&mut self.lines, &row).is_ok() {
            self.lines.push(b'\n');
            self.count += 1;
        }
    }
}

fn full() -> Failure {
    Failure::new(Reason::TooLarge, format!("only the first {MOST} rows of the answer were read"))
}

/// The lines with every secret masked, also where JSON escapes it.
fn masked(lines: Vec<u8>, secrets: &[String]) -> Vec<u8> {
    let mut forms: Vec<String> = Vec::new();
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
        let escaped = Value::from(secret.as_str()).to_string();
        forms.push(escaped.trim_matches('"').to_owned());
        forms.push(secret.clone());
    }
    // A secret may hold another one.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    if forms.is_empty() {
        return lines;
    }
    let mut text = String::from_utf8_lossy(&lines).into_owned();
    for form in forms.iter().filter(|form| !form.is_empty()) {
        if text.contains(form.as_str()) {
            text = text.replace(form.as_str(), MASK);
        }
    }
    text.into_bytes()
}
