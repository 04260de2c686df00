//! Live output: one or two lines when something opens, gets worse or is over.

use std::collections::BTreeMap;
use std::io;

use super::screen::{Screen, columns, cut, visible};
use super::style::Style;
use super::words::{bare, day_clock, number};
use crate::base::{FindingKind, Severity, Span, Stamp};
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

/// Findings remembered as told; beyond that one may be told twice.
const TOLD: usize = 1000;

/// What was told: a date is written only when the day changes, and nothing is "worse" that looks the same.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    day: String,
    told: BTreeMap<String, String>,
}

/// Writes one or two lines (a diagnosis: all of it), and flushes. Nothing, when it would say again what
/// was said before.
pub fn live_text(event: &Live<'_>, screen: &Screen, memory: &mut Memory, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = String::new();
    let mut line = Line { screen, memory, page: &mut page };
    match event {
        Live::Finding(f) => line.finding("", f),
        Live::Worse(f) => line.finding("worse: ", f),
        Live::Resolved(f) => {
            line.memory.told.remove(&f.id);
            let up = matches!(f.finding, FindingKind::CrashLoop | FindingKind::StartLimit);
            let lasted = match f.last_seen.since(f.first_seen) {
                Span::ZERO => String::new(),
                _ if up => String::new(),
                lasted => format!("; lasted {lasted}"),
            };
            let text = format!("{}: {}{lasted}", if up { "up again" } else { "over" }, f.title);
            line.first(f.last_seen, Severity::Healthy, "OK", &f.unit, &text);
        }
        Live::Incident(i) => {
            let word = i.severity.word().to_uppercase();
            let indent = line.first(i.last_seen, i.severity, &word, "", &i.title);
            let root = &i.root_cause;
            line.second(indent, &format!("root cause ({}): {}", root.confidence.word(), bare(&root.text)));
        }
        Live::Notice(text) => {
            let text = cut(&visible(text), screen.columns().saturating_sub(6)).into_owned();
            Style::Dim.push(&mut page, &format!("note: {text}"), screen.color);
            page.push('\n');
        }
        Live::Diagnosis(diagnosis) => {
            super::text::text(diagnosis, screen, out)?;
            return out.flush();
        }
    }
    out.write_all(page.as_bytes())?;
    out.flush()
}

struct Line<'a> {
    screen: &'a Screen,
    memory: &'a mut Memory,
    page: &'a mut String,
}

impl Line<'_> {
    fn finding(&mut self, lead: &str, f: &FindingReport) {
        let counted = f.count < 2 || f.title.contains(&number(f.count)) || f.title.contains(&f.count.to_string());
        let times = if counted { String::new() } else { format!(" ({} times)", number(f.count)) };
        let word = f.severity.word().to_uppercase();
        let says = format!("{word} {} {}{times}", f.unit, f.title);
        if !lead.is_empty() && self.memory.told.get(&f.id) == Some(&says) {
            return;
        }
        if self.memory.told.len() >= TOLD {
            self.memory.told.clear();
        }
        self.memory.told.insert(f.id.clone(), says);
        let indent = self.first(f.last_seen, f.severity, &word, &f.unit, &format!("{lead}{}{times}", f.title));
        // The line that shows it, unless the title has said it, as it does of what the service manager says of a unit.
        let new =
            |text: &str| !text.is_empty() && !f.title.contains(text) && !text.starts_with(&format!("{}: ", f.unit));
        if let Some(shown) = f.evidence.iter().map(|e| bare(&e.text)).find(|text| new(text)) {
            self.second(indent, shown);
        }
    }

    /// `22:40:18 DOWN  indexer.service  crash-loops: 3 crashes in 12 s`; returns where the unit's name stands.
    fn first(&mut self, at: Stamp, severity: Severity, word: &str, unit: &str, text: &str) -> usize {
        let width = self.screen.columns();
        let mut used = 0;
        // On a narrow screen the verdict matters more than the clock.
        if width >= 50 {
            let day = at.date();
            let same = self.memory.day.is_empty() || self.memory.day == day;
            let clock = if same { at.clock() } else { day_clock(at) };
            self.memory.day = day;
            used += columns(&clock) + 1;
            Style::Dim.push(self.page, &clock, self.screen.color);
            self.page.push(' ');
        }
        Style::Verdict(severity).push(self.page, word, self.screen.color);
        let gap = 6usize.saturating_sub(word.len()).max(2);
        self.page.push_str(&" ".repeat(gap));
        used += word.len() + gap;
        let unit = visible(unit);
        let rest = if unit.is_empty() { visible(text).into_owned() } else { format!("{unit}  {}", visible(text)) };
        self.page.push_str(&cut(&rest, width.saturating_sub(used)));
        self.page.push('\n');
        if width >= 50 { used } else { 2 }
    }

    fn second(&mut self, indent: usize, text: &str) {
        let width = self.screen.columns();
        self.page.push_str(&" ".repeat(indent));
        Style::Dim.push(self.page, &cut(&visible(text), width - indent), self.screen.color);
        self.page.push('\n');
    }
}
