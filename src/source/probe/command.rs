//! A command of the site: its output and its exit status.
//!
//! In: a program and its arguments, never a line for a shell. Out: its output as rows, and whether it ended as it should.

use super::answer::{Body, Found};
use super::around::Around;
use super::ask::Deadline;
use super::child::{self, Done};
use super::failure::{Failure, Reason};

/// So many characters of a complaint are shown.
const SHOWN: usize = 300;

pub(super) fn ask(argv: &[String], fine: &[i32], until: Deadline, around: &Around) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut filled = Vec::with_capacity(argv.len());
    for (index, word) in argv.iter().enumerate() {
        let home = word == "~" || word.starts_with("~/");
        let text = around.text(word)?;
        found.secrets.extend(text.secrets);
        filled.push(if home || index == 0 { around.path(&text.text)?.display().to_string() } else { text.text });
    }
    found.tell("command", filled.join(" "));
    match child::run(&filled, until, around) {
        Ok(done) => ended(done, fine, &mut found),
        Err(failure) => found.fail(failure),
    }
    Ok(found)
}

/// How it ended, and what it wrote.
fn ended(done: Done, fine: &[i32], found: &mut Found) {
    let whole = done.short.is_none();
    if let Some(code) = done.code {
        found.tell("status", code);
    }
    found.tell("bytes", done.output.len());
    if let Some(short) = done.short {
        found.fail(short);
    }
    let right = done.code.is_some_and(|code| if fine.is_empty() { code == 0 } else { fine.contains(&code) });
    if !right {
        found.fail(Failure::new(Reason::Failed, how(done.code, done.signal, &done.complaint)));
    }
    found.bodies.push(Body { bytes: done.output, whole, documents: false, path: None, name: None });
}

/// `ended with status 1: Failed to connect to bus`.
pub(super) fn how(code: Option<i32>, signal: Option<i32>, complaint: &str) -> String {
    let end = match (code, signal) {
        (Some(code), _) => format!("ended with status {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "did not end".to_owned(),
    };
    let complaint: String = complaint.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    if complaint.is_empty() { end } else { format!("{end}: {complaint}") }
}
