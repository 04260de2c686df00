//! The state of units, as `systemctl show` tells it.
//!
//! In: names and patterns of units. Out: one row for each unit, with its properties as they stand. A pattern fits only
//! units that the manager has loaded; one that fits none is a failure, for somebody expects a unit there.

use serde_json::{Map, Value};

use super::answer::{Found, Row};
use super::around::Around;
use super::ask::Deadline;
use super::child;
use super::command::how;
use super::failure::{Failure, Reason};

/// What is asked about each unit.
const PROPERTIES: &str = "Id,Type,Description,LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,\
                          ExecMainCode,ExecMainStatus,ActiveEnterTimestamp,InactiveEnterTimestamp,InvocationID";

pub(super) fn ask(units: &[String], user: bool, until: Deadline, around: &Around) -> Result<Found, Failure> {
    let mut argv = vec!["systemctl".to_owned()];
    if user {
        argv.push("--user".to_owned());
    }
    argv.extend(["show".to_owned(), "--no-pager".to_owned(), format!("--property={PROPERTIES}"), "--".to_owned()]);
    for unit in units {
        argv.push(around.text(unit)?.text);
    }
    let mut found = Found::default();
    found.tell("manager", if user { "user" } else { "system" });
    let done = match child::run(&argv, until, around) {
        Ok(done) => done,
        Err(failure) => {
            found.fail(failure);
            return Ok(found);
        }
    };
    if let Some(short) = done.short {
        found.fail(short);
    } else if done.code != Some(0) {
        let what = format!("systemctl {}", how(done.code, done.signal, &done.complaint));
        found.fail(Failure::new(Reason::Failed, what));
    }
    let blocks = blocks(&String::from_utf8_lossy(&done.output));
    found.tell("units", blocks.len());
    if blocks.is_empty() {
        found.fail(Failure::new(Reason::Missing, format!("no unit fits {}", units.join(" "))));
    }
    for fields in blocks {
        let unit = fields.get("Id").and_then(Value::as_str).unwrap_or("").to_owned();
        found.rows.push(Row { name: "unit-state", unit, fields });
    }
    Ok(found)
}

/// `Key=Value` lines; an empty line ends a block. Values stay as they are; properties that are empty are left out.
fn blocks(text: &str) -> Vec<Map<String, Value>> {
    let mut blocks = Vec::new();
    let mut block = Map::new();
    for line in text.lines().chain([""]) {
        match line.split_once('=') {
            Some((_, "")) => {}
            Some((key, value)) => {
                block.insert(key.to_owned(), value.into());
            }
            None if !block.is_empty() => blocks.push(std::mem::take(&mut block)),
            None => {}
        }
    }
    blocks.retain(|block| block.contains_key("Id"));
    blocks
}
