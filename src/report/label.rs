//! Labels of lines and results, one a line: JSON for programs, columns for people. docs/json.md is the contract.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use super::json::document;
use super::prepare::prepared;
use super::screen::visible;
use crate::base::Class;
use crate::base::Severity;
use crate::rules::fill;
use crate::scan::{Label, Sorter};

/// No text of a label is longer than this; what is cut ends with `…`.
const LONGEST: usize = 512;

/// How labels are shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The name of the file, where there are several.
    pub source: Option<&'a str>,
    /// Are secrets masked?
    pub redact: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Cow<'a, str>>,
    line: u64,
    class: Class,
    severity: Severity,
    signature: Option<&'a str>,
    classifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_class: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apart: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<Cow<'a, str>>,
    follow_up: Option<Cow<'a, str>>,
    why: Option<String>,
    text: Cow<'a, str>,
}

/// Writes the label of the record that begins in line `line` as one line of JSON.
///
/// # Errors
/// Those of `out`.
pub fn label_jsonl(
    sorter: &Sorter,
    label: &Label,
    line: u64,
    shown: Shown<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let table = sorter.table(label);
    let id = |index: Option<usize>| Some(table.rule(index?)?.id.as_str());
    let text = prepared(&label.text, shown.redact, LONGEST);
    let line = Line {
        source: shown.source.map(|name| prepared(name, shown.redact, LONGEST)),
        line,
        class: label.class,
        severity: label.severity,
        signature: signature(sorter, label),
        classifier: label.rule.map(|_| sorter.table(label).table().name.as_str()),
        error_code: label.code.as_deref().map(|code| prepared(code, shown.redact, LONGEST)),
        original_class: id(label.original),
        apart: id(label.apart),
        question: label.question.as_deref().map(|question| prepared(question, shown.redact, LONGEST)),
        follow_up: follow_up(sorter, label, shown.redact),
        why: why(label, shown.redact),
        text,
    };
    document(&line, out)?;
    out.write_all(b"\n")
}

/// Writes the label in columns.
///
/// # Errors
/// Those of `out`.
pub fn label_text(
    sorter: &Sorter,
    label: &Label,
    line: u64,
    shown: Shown<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if let Some(source) = shown.source {
        write!(out, "{}:", visible(source))?;
    }
    let code = label.code.as_deref().map(|code| prepared(code, shown.redact, LONGEST));
    let known = signature(sorter, label).or(code.as_deref());
    let known = known.or(label.rule.map(|_| sorter.table(label).table().name.as_str())).unwrap_or("-");
    let text = prepared(&label.text, shown.redact, LONGEST);
    let (severity, known, text) = (label.severity, visible(known), visible(&text));
    if text.is_empty() {
        return writeln!(out, "{line:>6}  {severity:<8}  {:<18}  {known}", label.class);
    }
    writeln!(out, "{line:>6}  {severity:<8}  {:<18}  {known:<28}  {text}", label.class)
}

fn signature<'a>(sorter: &'a Sorter, label: &Label) -> Option<&'a str> {
    Some(sorter.plan.as_ref()?.signature(label.signature?).id.as_str())
}

/// The first thing to do; of a signature without any the cause.
fn follow_up<'a>(sorter: &'a Sorter, label: &Label, redact: bool) -> Option<Cow<'a, str>> {
    if let (Some(plan), Some(index)) = (&sorter.plan, label.signature) {
        let signature = plan.signature(index);
        let first = signature.fixes.first().map(|fix| fix.text.as_str());
        let words = first.or(Some(signature.cause.as_str()).filter(|cause| !cause.is_empty()))?;
        if !words.contains('{') {
            return Some(Cow::Borrowed(words));
        }
        let value = |name: &str| label.captures.iter().find(|c| &*c.name == name).map(|c| Cow::Borrowed(&*c.value));
        return Some(Cow::Owned(prepared(&fill(words, value), redact, LONGEST).into_owned()));
    }
    sorter.table(label).rule(label.rule?).map(|rule| Cow::Borrowed(rule.follow_up.as_str()))
}

/// The words, where they stand, and what to know about them.
fn why(label: &Label, redact: bool) -> Option<String> {
    if label.place.is_empty() {
        return None;
    }
    let mut why = String::new();
    if !label.words.is_empty() {
        // A part of a secret is not known as one without what stands around it.
        let whole = prepared(&label.text, redact, usize::MAX >> 1);
        let hidden = redact && label.text.contains(&label.words) && !whole.contains(label.words.as_str());
        why.push('\'');
        let words = if hidden { Cow::Borrowed("[masked]") } else { prepared(&label.words, redact, LONGEST) };
        why.push_str(&visible(&words));
        why.push_str("' ");
    }
    why.push_str(&label.place);
    for note in &label.notes {
        why.push_str("; ");
        why.push_str(note);
    }
    Some(why)
}
