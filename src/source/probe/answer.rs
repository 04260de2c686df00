//! What a probe found, as rows.
//!
//! In: what was found out, or why not. Out: lines of JSON: first one row about the probe itself, then the rows of what it
//! read. Every row says which probe it is of (`probe`), what it is (`@row`), where it stood (`@at`), when it was read
//! (`@time`) and which unit it is about (`@unit`). It must never let a secret of the probe through.

use serde_json::{Map, Value};

use super::failure::{Failure, Reason};
use super::model::Probe;
use super::rows::{MOST, Rows, rows_of};
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

/// Puts what was found into rows. `elapsed_ms`: how long it took; `now`: when the answer was there.
pub(super) fn answer(probe: &Probe, mut found: Found, elapsed_ms: u64, now: Stamp) -> Answer {
    let bodies: Vec<(Body, Rows)> = std::mem::take(&mut found.bodies)
        .into_iter()
        .map(|mut body| {
            let rows = rows_of(&std::mem::take(&mut body.bytes), body.whole);
            (body, rows)
        })
        .collect();
    if bodies.iter().any(|(_, rows)| rows.more) {
        found.fail(Failure::new(Reason::TooLarge, format!("only the first {MOST} rows of the answer were read")));
    }
    let mut sheet = Sheet { probe, time: now.rfc3339(), lines: Vec::new() };
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
    sheet.put(own, "probe", None, &probe.unit);
    for row in found.rows {
        sheet.put(row.fields, row.name, None, &row.unit);
    }
    for (body, rows) in bodies {
        for (index, row) in rows.rows.into_iter().enumerate() {
            let line = row.get("message").is_some() && row.len() == 1;
            if line && body.documents {
                continue;
            }
            let name = body.name.as_deref().unwrap_or("");
            sheet.put(row, if line { "line" } else { "document" }, Some(format!("{name}/{index}")), &probe.unit);
        }
    }
    Answer { probe: probe.name.clone(), ok, rows: masked(sheet.lines, &found.secrets) }
}

struct Sheet<'a> {
    probe: &'a Probe,
    time: String,
    lines: Vec<u8>,
}

impl Sheet<'_> {
    fn put(&mut self, fields: Map<String, Value>, name: &str, at: Option<String>, unit: &str) {
        let mut row = Map::new();
        if name == "probe" {
            row.insert("probe".to_owned(), self.probe.name.clone().into());
            if !self.probe.title.is_empty() {
                row.insert("title".to_owned(), self.probe.title.clone().into());
            }
        }
        // What was read cannot pretend to be of another time or unit.
        row.extend(fields.into_iter().filter(|(key, _)| !key.starts_with('@')));
        row.entry("probe").or_insert_with(|| self.probe.name.clone().into());
        row.insert("@row".to_owned(), name.into());
        if let Some(at) = at {
            row.insert("@at".to_owned(), at.into());
        }
        row.insert("@time".to_owned(), self.time.clone().into());
        row.insert("@unit".to_owned(), unit.into());
        // A map of plain values always has a text.
        if serde_json::to_writer(&mut self.lines, &row).is_ok() {
            self.lines.push(b'\n');
        }
    }
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
