//! The containers of an engine.
//!
//! In: an engine, and the containers that must run. Out: one row for each container, as the engine tells it, and one for
//! each that is expected and does not run.

use serde_json::{Map, Value};

use super::answer::{Found, Row};
use super::around::Around;
use super::ask::Deadline;
use super::child;
use super::command::how;
use super::failure::{Failure, Reason};
use super::model::Engine;
use super::rows::rows_of;
use crate::base::Glob;

pub(super) fn ask(engine: Engine, expected: &[Glob], until: Deadline, around: &Around) -> Result<Found, Failure> {
    // Older versions of docker know only the template.
    let arguments: &[&str] = match engine {
        Engine::Podman => &["podman", "ps", "-a", "--format", "json"],
        Engine::Docker => &["docker", "ps", "-a", "--no-trunc", "--format", "{{json .}}"],
    };
    let argv: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
    let mut found = Found::default();
    found.tell("engine", engine.program());
    let done = match child::run(&argv, until, around) {
        Ok(done) => done,
        Err(failure) => {
            found.fail(failure);
            return Ok(found);
        }
    };
    let whole = done.short.is_none();
    if let Some(short) = done.short {
        found.fail(short);
    } else if done.code != Some(0) {
        let what = format!("{} {}", engine.program(), how(done.code, done.signal, &done.complaint));
        found.fail(Failure::new(Reason::Failed, what));
    }
    let asked = found.failure.is_none();
    let mut rows: Vec<(String, Map<String, Value>)> = Vec::new();
    for fields in rows_of(&done.output, whole).rows {
        if let Some(name) = name(&fields) {
            rows.push((name, fields));
        }
    }
    found.tell("containers", rows.len());
    if asked {
        for glob in expected {
            expect(glob, &rows, &mut found);
        }
    }
    for (unit, fields) in rows {
        found.rows.push(Row { name: "container", unit, fields });
    }
    Ok(found)
}

/// Tells when no container of this name runs.
fn expect(glob: &Glob, rows: &[(String, Map<String, Value>)], found: &mut Found) {
    let mut there = rows.iter().filter(|(name, _)| glob.matches(name)).peekable();
    let (unit, reason, detail) = match there.peek() {
        None => (glob.as_str().to_owned(), Reason::Missing, "there is no such container".to_owned()),
        Some((name, fields)) => {
            if there.clone().any(|(_, fields)| text(fields, "State").eq_ignore_ascii_case("running")) {
                return;
            }
            let status = Some(text(fields, "Status")).filter(|status| !status.is_empty());
            (name.clone(), Reason::NotRunning, status.unwrap_or_else(|| text(fields, "State")).to_owned())
        }
    };
    let mut row = Map::new();
    row.insert("kind".to_owned(), "container".into());
    row.insert("container".to_owned(), unit.clone().into());
    row.insert("ok".to_owned(), false.into());
    row.insert("failure".to_owned(), reason.word().into());
    row.insert("detail".to_owned(), detail.clone().into());
    row.insert("message".to_owned(), format!("probe container {unit}: {}: {detail}", reason.word()).into());
    found.rows.push(Row { name: "probe", unit, fields: row });
}

/// podman lists names, docker has them in one string.
fn name(fields: &Map<String, Value>) -> Option<String> {
    let names = fields.get("Names")?;
    let first = match names {
        Value::Array(list) => list.first()?.as_str()?,
        other => other.as_str()?.split(',').next()?,
    };
    Some(first.trim_start_matches('/').to_owned())
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> &'a str {
    fields.get(key).and_then(Value::as_str).unwrap_or("")
}
