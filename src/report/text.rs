//! The first screen: what a person who was just woken needs, worst first, in the width of the terminal.
//!
//! In: a prepared diagnosis. Out: lines no wider than the screen; only commands may be longer, where a break would spoil
//! them. Nothing that a log says can steer the terminal.

use std::collections::BTreeSet;
use std::io;

mod details;
mod incident;
mod page;
pub(super) mod steps;

use super::screen::{Screen, columns};
use super::style::Style;
use super::words::{amount, completeness, count, len, names, number, periods, unread};
use crate::base::{Severity, stem};
use crate::incident::Diagnosis;
use page::Page;

/// Incidents that are told without `-v`.
const INCIDENTS: usize = 5;

/// Writes the report for people.
pub fn text(diagnosis: &Diagnosis, screen: &Screen, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(screen);
    write(&mut page, diagnosis);
    out.write_all(page.into_text().as_bytes())
}

fn write(page: &mut Page<'_>, d: &Diagnosis) {
    if d.input.records == 0 {
        let read = count(len(d.input.sources.len()), "source", "sources");
        let line = format!("nothing to judge: no records ({read}, {})", count(d.input.bytes, "byte", "bytes"));
        page.row(&[], 0, (Style::Plain, &line), "", 4);
        blind(page, d);
        return;
    }
    if d.severity <= Severity::Healthy && d.incidents.is_empty() {
        let room = page.width.saturating_sub("HEALTHY  ".len());
        page.verdict(Severity::Healthy, &about(d, room), |_| String::new());
    } else if let Some((first, others)) = d.incidents.split_first() {
        page.verdict(d.severity, &first.title, |room| about(d, room));
        page.blank();
        incident::incident(page, d, first);
        let max = if page.verbose() { usize::MAX } else { INCIDENTS - 1 };
        for other in others.iter().take(max) {
            page.blank();
            if page.verbose() {
                page.verdict(other.severity, &other.title, |_| String::new());
                page.blank();
                incident::incident(page, d, other);
            } else {
                incident::short(page, d, other);
            }
        }
        if others.len() > max {
            page.blank();
            let more = format!("and {} more: -v shows them", count(len(others.len() - max), "incident", "incidents"));
            page.row(&[], 0, (Style::Dim, &more), "", 2);
        }
        if !d.blind.is_empty() || !d.input.unreadable.is_empty() || !also_parts(d, 0).is_empty() {
            page.blank();
        }
    } else {
        page.verdict(d.severity, &d.summary, |room| about(d, room));
        page.blank();
    }
    blind(page, d);
    also(page, d);
    if page.verbose() {
        details::details(page, d);
    }
}

/// What was read, in one line if the room allows it: `2026-05-11 22:40:02 to 22:55:40 UTC · 1,912 entries, 7 units ·
/// nothing lost`.
fn about(d: &Diagnosis, room: usize) -> String {
    let mut rest = format!(" · {} · {}", amount(d), completeness(d));
    if d.incidents.len() > 1 {
        let more = format!(" · {}", count(len(d.incidents.len()), "incident", "incidents"));
        // Who reads on sees them anyway.
        let shortest = periods(d.period).last().map_or(0, |p| columns(p));
        if shortest + columns(&rest) + columns(&more) <= room {
            rest.push_str(&more);
        }
    }
    let forms: Vec<String> = periods(d.period).into_iter().map(|period| period + &rest).collect();
    let fits = forms.iter().find(|line| columns(line) <= room);
    fits.or(forms.last()).cloned().unwrap_or_default()
}

fn blind(page: &mut Page<'_>, d: &Diagnosis) {
    let keep = if page.verbose() { usize::MAX } else { 3 };
    let lines = if page.verbose() || page.width < 60 { 3 } else { 1 };
    for (n, text) in d.blind.iter().map(|b| b.text.as_str()).enumerate().take(keep) {
        page.field(if n == 0 { "Blind" } else { "" }, text, "", lines);
    }
    if d.blind.len() > keep {
        page.more(Style::Dim, &format!("and {} more: -v shows them", number(len(d.blind.len() - keep))), 1);
    }
    for (n, source) in d.input.unreadable.iter().enumerate().take(keep) {
        page.field(if n == 0 { "Not read" } else { "" }, &format!("{}: {}", source.name, unread(source)), "", 3);
    }
}

/// What is not part of an incident, each in a few words, with more or less detail (0 to 2).
fn also_parts(d: &Diagnosis, detail: usize) -> Vec<String> {
    let told: BTreeSet<&str> = d.incidents.iter().flat_map(|i| i.findings.iter().map(String::as_str)).collect();
    let rest: Vec<_> = d.findings.iter().filter(|f| !told.contains(f.id.as_str())).collect();
    let mut parts: Vec<String> = Vec::new();
    for f in rest.iter().take(2) {
        let over = if f.state == "resolved" { ", over" } else { "" };
        parts.push(format!("{}: {}{over}", stem(&f.unit), f.title));
    }
    if rest.len() > 2 {
        parts.push(count(len(rest.len() - 2), "more finding", "more findings"));
    }
    if !d.unclassified.is_empty() {
        let errors = d.unclassified.iter().fold(0u64, |sum, u| sum.saturating_add(u.count));
        let units: BTreeSet<&str> = d.unclassified.iter().flat_map(|u| u.units.iter().map(String::as_str)).collect();
        let mut part = count(errors, "unclassified error", "unclassified errors");
        if detail > 0 {
            part.push_str(&format!(" in {}", count(len(d.unclassified.len()), "template", "templates")));
        }
        if detail > 1 {
            part.push_str(&format!(" ({})", names(units, 2)));
        }
        parts.push(part);
    }
    parts
}

/// What is not part of an incident, in a single line.
fn also(page: &mut Page<'_>, d: &Diagnosis) {
    let parts = also_parts(d, 2);
    if parts.is_empty() {
        return;
    }
    let hint = match parts.len() {
        _ if page.verbose() => "",
        1 if d.unclassified.iter().map(|u| u.count).sum::<u64>() == 1 => "-v shows it",
        _ => "-v shows them",
    };
    let line = [parts, also_parts(d, 1), also_parts(d, 0)].map(|parts| parts.join("; "));
    let (rows, room) = match page.width {
        0..60 => (2, 2 * page.width.saturating_sub(page.tab() + 4)),
        width => (1, width.saturating_sub(page.tab() + hint.len() + 2)),
    };
    let line = line.iter().find(|line| columns(line) <= room).unwrap_or(&line[2]);
    page.field("Also", line, hint, rows);
    // The most frequent unknown error is worth its words when nothing else explains what happened.
    if let Some(top) = d.unclassified.first().filter(|_| d.severity > Severity::Healthy && d.incidents.is_empty()) {
        page.more(Style::Dim, &top.sample, 2);
    }
}
