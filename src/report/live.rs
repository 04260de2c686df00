//! Live output: one or two lines when something opens, gets worse or is over.

use std::io;

use super::screen::{Screen, columns, cut, visible};
use super::style::Style;
use super::words::{count, day_clock};
use crate::base::{Severity, Stamp, stem};
use crate::incident::{Diagnosis, FindingReport, Incident};

/// Something that happens while logs are followed. What it carries was prepared (`prepare_finding`, ...).
#[derive(Clone, Copy, Debug)]
pub enum Live<'a> {
    /// A detector speaks for the first time.
    Finding(&'a FindingReport),
    /// It is over.
    Resolved(&'a FindingReport),
    /// It is now as bad as it says.
    Worse(&'a FindingReport),
    /// Findings became a story.
    Incident(&'a Incident),
    /// About logtriage itself: a source came back, a bound was reached.
    Notice(&'a str),
    /// The end: the whole report.
    Diagnosis(&'a Diagnosis),
}

/// Writes one or two lines (a diagnosis: all of it), and flushes.
pub fn live_text(event: &Live<'_>, screen: &Screen, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = String::new();
    let page_ref = &mut page;
    match event {
        Live::Finding(f) => finding(page_ref, screen, "", f),
        Live::Worse(f) => finding(page_ref, screen, "worse: ", f),
        Live::Resolved(f) => {
            let lasted = f.last_seen.since(f.first_seen);
            let text = format!("over: {}, after {lasted}", f.title);
            line(page_ref, screen, Some(f.last_seen), (Severity::Healthy, "OVER"), &f.unit, &text);
        }
        Live::Incident(i) => {
            line(
                page_ref,
                screen,
                Some(i.last_seen),
                (i.severity, &i.severity.word().to_uppercase()),
                "incident",
                &i.title,
            );
            let root = &i.root_cause;
            second(page_ref, screen, &format!("root cause ({}): {}", root.confidence.word(), root.text));
        }
        Live::Notice(text) => {
            let text = cut(&visible(text), screen.columns().saturating_sub(6)).into_owned();
            Style::Dim.push(page_ref, &format!("note: {text}"), screen.color);
            page_ref.push('\n');
        }
        Live::Diagnosis(diagnosis) => {
            super::text::text(diagnosis, screen, out)?;
            return out.flush();
        }
    }
    out.write_all(page.as_bytes())?;
    out.flush()
}

fn finding(page: &mut String, screen: &Screen, lead: &str, f: &FindingReport) {
    let text = format!("{lead}{} ({})", f.title, count(f.count, "event", "events"));
    line(page, screen, Some(f.last_seen), (f.severity, &f.severity.word().to_uppercase()), &f.unit, &text);
    if let Some(first) = f.evidence.first() {
        second(page, screen, &first.text);
    }
}

fn line(page: &mut String, screen: &Screen, at: Option<Stamp>, word: (Severity, &str), unit: &str, text: &str) {
    let width = screen.columns();
    let mut used = 0;
    // On a narrow screen the verdict matters more than the clock.
    if let Some(at) = at.filter(|_| width >= 50) {
        let clock = day_clock(at);
        used += columns(&clock) + 2;
        Style::Dim.push(page, &clock, screen.color);
        page.push_str("  ");
    }
    Style::Verdict(word.0).push(page, word.1, screen.color);
    used += columns(word.1);
    let rest = format!("{}  {}", visible(stem(unit)), visible(text));
    page.push_str("  ");
    page.push_str(&cut(&rest, width.saturating_sub(used + 2)));
    page.push('\n');
}

fn second(page: &mut String, screen: &Screen, text: &str) {
    let width = screen.columns();
    let indent = if width >= 50 { 16 } else { 2 };
    page.push_str(&" ".repeat(indent));
    Style::Dim.push(page, &cut(&visible(text), width - indent), screen.color);
    page.push('\n');
}
