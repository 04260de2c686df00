//! Probes against real servers, files and programs that the tests make themselves.
//!
//! No test measures time: time-outs are generous where an answer comes, and short only where none ever does.

mod http;
mod machine;
mod programs;
mod tcp;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::base::{Glob, Span};

/// Longer than any answer of a test takes.
const LONG: Span = Span::seconds(60);

/// A machine of the test's own: no variables but these.
fn around(variables: &[(&str, &str)]) -> Around {
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Around { variables, meminfo: PathBuf::from("/proc/meminfo"), stop: Arc::default() }
}

fn probe(target: Target, timeout: Span) -> Probe {
    let (name, unit) = ("try".to_owned(), "unit-a".to_owned());
    let every = Span::seconds(60);
    Probe { name, title: String::new(), unit, origin: "here".to_owned(), timeout, every, target }
}

/// The rows of one probe's answer.
fn rows(target: Target, timeout: Span, around: &Around) -> Vec<Value> {
    let answers = ask_all(&[probe(target, timeout)], around, &|_, _, _| None);
    assert_eq!(answers.len(), 1);
    let text = String::from_utf8(answers[0].rows.clone()).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bad = rows.iter().any(|row| row["@row"] == "probe" && row["ok"] == false);
    assert_eq!(answers[0].ok, !bad);
    for row in &rows {
        assert!(row["@time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{row}");
    }
    rows
}

/// The word of the failure in the first row, or `ok`.
fn word(rows: &[Value]) -> &str {
    let first = &rows[0];
    assert_eq!((&first["@row"], first["ok"] == true), (&Value::from("probe"), first["failure"].is_null()));
    if first["ok"] == true { "ok" } else { first["failure"].as_str().unwrap() }
}

fn at(path: &Path) -> String {
    path.display().to_string()
}
