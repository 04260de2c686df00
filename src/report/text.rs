//! The first screen: what a person who was just woken needs, worst first, in the width of the terminal.
//!
//! In: a prepared diagnosis. Out: lines no wider than the screen. Every string passes [`visible`] on its way into a line, so
//! that nothing a log says can steer the terminal.

use std::collections::BTreeSet;
use std::io;

use super::screen::{Screen, columns, cut, visible, wrap};
use super::style::Style;
use super::words::{amount, clock_for, completeness, count, len, names, number, period, period_of, place, seen_before};
use crate::base::{Severity, Stamp, stem};
use crate::incident::{CrashLines, CrashReport, Diagnosis, FixReport, Incident, Link};

/// Where texts begin, right of the labels.
const TAB: usize = 13;
/// Incidents that are told without `-v`.
const INCIDENTS: usize = 5;

/// Writes the report for people.
pub fn text(diagnosis: &Diagnosis, screen: &Screen, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { screen, width: screen.columns(), text: String::new() };
    page.diagnosis(diagnosis);
    out.write_all(page.text.as_bytes())
}

struct Page<'a> {
    screen: &'a Screen,
    width: usize,
    text: String,
}

impl Page<'_> {
    fn verbose(&self) -> bool {
        self.screen.verbose > 0
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Where the text after a label begins: narrow screens have labels on lines of their own.
    fn tab(&self) -> usize {
        if self.width >= 50 { TAB } else { 2 }
    }

    /// `head`, already laid out, then `body` wrapped behind it with a hanging indent; `tail` stands at the right edge.
    fn row(&mut self, head: &[(Style, &str)], hang: usize, body: (Style, &str), tail: &str, limit: usize) {
        let (color, width) = (self.screen.color, self.width);
        let mut used = 0;
        for (style, text) in head {
            let text = cut(text, width.saturating_sub(used)).into_owned();
            used += columns(&text);
            style.push(&mut self.text, &text, color);
        }
        let hang = hang.min(width / 2);
        // A head that takes most of the line stays alone.
        if used + 8 > width {
            self.blank();
            used = 0;
        }
        if used < hang {
            self.text.push_str(&" ".repeat(hang - used));
            used = hang;
        }
        let reserve = if tail.is_empty() { 0 } else { columns(tail) + 2 };
        let first = width.saturating_sub(used + reserve);
        let lines = wrap(&visible(body.1), first, width - hang, limit);
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                self.text.push_str(&" ".repeat(hang));
            }
            body.0.push(&mut self.text, line, color);
            if i == 0 && !tail.is_empty() {
                let gap = width.saturating_sub(used + columns(line) + columns(tail));
                self.text.push_str(&" ".repeat(gap));
                Style::Dim.push(&mut self.text, tail, color);
            }
            self.blank();
        }
        if lines.is_empty() {
            self.blank();
        }
    }

    /// A label, and a text behind it.
    fn field(&mut self, label: &str, body: &str, tail: &str, limit: usize) {
        let tab = self.tab();
        if tab == TAB {
            self.row(&[(Style::Label, label)], tab, (Style::Plain, body), tail, limit);
        } else {
            let label = if tail.is_empty() { label.to_owned() } else { format!("{label} ({tail})") };
            self.heading(&label);
            self.row(&[], tab, (Style::Plain, body), "", limit);
        }
    }

    /// Further lines of a field.
    fn more(&mut self, style: Style, body: &str, limit: usize) {
        self.row(&[], self.tab(), (style, body), "", limit);
    }

    fn heading(&mut self, label: &str) {
        Style::Label.push(&mut self.text, &cut(label, self.width), self.screen.color);
        self.blank();
    }

    fn verdict(&mut self, severity: Severity, title: &str, about: &[String]) {
        let word = severity.word().to_uppercase();
        let hang = if self.width >= 50 { word.len() + 2 } else { 2 };
        self.row(&[(Style::Verdict(severity), &word), (Style::Plain, "  ")], hang, (Style::Plain, title), "", 4);
        if !about.is_empty() {
            self.row(&[], hang, (Style::Dim, &about.join(" · ")), "", 4);
        }
    }

    fn diagnosis(&mut self, d: &Diagnosis) {
        if d.input.records == 0 {
            let read = count(len(d.input.sources.len()), "source", "sources");
            let line = format!("nothing to judge: no records ({read}, {})", count(d.input.bytes, "byte", "bytes"));
            self.row(&[], 0, (Style::Plain, &line), "", 4);
            self.blind(d);
            return;
        }
        if d.severity <= Severity::Healthy && d.incidents.is_empty() {
            let line = format!("{}, {}; {}", amount(d), period_of(d.period), completeness(d));
            self.verdict(Severity::Healthy, &line, &[]);
            self.blind(d);
            self.also(d);
            self.details(d);
            return;
        }
        let Some((first, others)) = d.incidents.split_first() else {
            self.verdict(d.severity, &d.summary, &[period_of(d.period), amount(d), completeness(d)]);
            self.blank();
            self.blind(d);
            self.also(d);
            self.details(d);
            return;
        };
        let mut about = vec![amount(d), completeness(d)];
        if others.is_empty() {
            about.insert(0, period(first.first_seen, first.last_seen));
        } else {
            about.insert(0, period_of(d.period));
            about.push(count(len(d.incidents.len()), "incident", "incidents"));
        }
        self.verdict(d.severity, &first.title, &about);
        self.blank();
        self.incident(first);
        let max = if self.verbose() { usize::MAX } else { INCIDENTS - 1 };
        for incident in others.iter().take(max) {
            self.blank();
            if self.verbose() {
                let about = period(incident.first_seen, incident.last_seen);
                self.verdict(incident.severity, &incident.title, &[about]);
                self.blank();
                self.incident(incident);
            } else {
                self.short_incident(incident);
            }
        }
        if others.len() > max {
            self.blank();
            let more = format!("and {} more: -v shows them", count(len(others.len() - max), "incident", "incidents"));
            self.row(&[], 0, (Style::Dim, &more), "", 2);
        }
        self.blank();
        self.blind(d);
        self.also(d);
        self.details(d);
    }

    fn incident(&mut self, i: &Incident) {
        let root = &i.root_cause;
        self.field("Root cause", &root.text, root.confidence.word(), 4);
        if !root.cause.is_empty() && root.cause != root.text {
            self.more(Style::Plain, &root.cause, 4);
        }
        self.more(Style::Dim, &root.why, 3);
        let keep = if self.verbose() { usize::MAX } else { 1 };
        let mut alternatives: Vec<_> = i.alternatives.iter().collect();
        alternatives.sort_by_key(|a| std::cmp::Reverse(a.confidence));
        for other in alternatives.iter().take(keep) {
            self.field("Instead?", &format!("{}: {}", other.text, other.why), "", 3);
        }
        if !i.chain.is_empty() {
            self.blank();
            self.heading("What happened");
            self.chain(&i.chain);
        }
        if let Some(crashes) = &i.crashes {
            self.crashes(crashes);
        }
        self.blank();
        if !i.affected.is_empty() {
            self.field("Affected", &i.affected.join(", "), "", 3);
        }
        self.fixes(&i.fixes);
        let verify: Vec<&str> = i.fixes.iter().filter_map(|f| f.verify.as_deref()).collect();
        let mut told = BTreeSet::new();
        for command in verify {
            if told.insert(command) && (told.len() <= 2 || self.verbose()) {
                let label = if told.len() == 1 { "Verify" } else { "" };
                self.field(label, command, "", 4);
            }
        }
        if let Some(past) = seen_before(i) {
            self.field("Seen before", &past, "", 2);
            if let Some(advice) = i.recurring.as_ref().and_then(|r| r.advice.as_deref()) {
                self.more(Style::Plain, advice, 4);
            }
        }
        if self.verbose() && !i.evidence.is_empty() {
            self.blank();
            self.heading("Evidence");
            for e in &i.evidence {
                self.line_of_log(e.time.clock_tenths(), &e.unit, &e.text, &place(&e.source, e.offset));
            }
        }
    }

    fn short_incident(&mut self, i: &Incident) {
        let state = if i.state == "resolved" { "over" } else { "" };
        let about = [period(i.first_seen, i.last_seen), state.to_owned()].into_iter().filter(|s| !s.is_empty());
        self.verdict(i.severity, &i.title, &about.collect::<Vec<_>>());
        self.field("Root cause", &i.root_cause.text, i.root_cause.confidence.word(), 2);
        if let Some(fix) = i.fixes.first() {
            self.fixes(std::slice::from_ref(fix));
        }
    }

    fn chain(&mut self, chain: &[Link]) {
        let clock = clock_for(chain.iter().map(|l| l.time));
        let widest = chain.iter().map(|l| columns(&visible(stem(&l.unit)))).max().unwrap_or(0);
        let unit_width = widest.min((self.width / 4).min(24));
        for link in chain {
            let at = clock(link.time);
            let unit = cut(&visible(stem(&link.unit)), unit_width).into_owned();
            let pad = " ".repeat(unit_width.saturating_sub(columns(&unit)) + 2);
            let hang = 2 + columns(&at) + 2 + unit_width + 2;
            let text = visible(&link.text);
            let tail = match (&link.source, link.offset) {
                (Some(source), Some(offset)) => visible(&place(source, offset)).into_owned(),
                _ => String::new(),
            };
            // The place is told only where it costs no line.
            let fits = hang + columns(&text) + 3 + columns(&tail) <= self.width;
            let head = [
                (Style::Dim, "  "),
                (Style::Dim, &at),
                (Style::Plain, "  "),
                (Style::Plain, &unit),
                (Style::Plain, &pad),
            ];
            self.row(&head, hang, (Style::Plain, &text), if fits { &tail } else { "" }, 3);
        }
    }

    fn line_of_log(&mut self, at: String, unit: &str, text: &str, place: &str) {
        let unit = visible(stem(unit)).into_owned();
        let place = visible(place).into_owned();
        let tail = if self.width >= 60 && columns(&place) <= 24 { place.as_str() } else { "" };
        let head = [
            (Style::Dim, "  "),
            (Style::Dim, at.as_str()),
            (Style::Plain, "  "),
            (Style::Plain, unit.as_str()),
            (Style::Plain, "  "),
        ];
        self.row(&head, 4, (Style::Plain, text), tail, 6);
    }

    fn crashes(&mut self, c: &CrashReport) {
        self.blank();
        self.heading("Last lines before each exit");
        if let Some(repeat) = &c.repeats {
            let head = format!("  in {} of {}  ", number(repeat.crashes), number(c.with_last_words));
            let hang = head.len();
            self.row(&[(Style::Dim, &head)], hang, (Style::Plain, &repeat.text), "", 3);
        }
        if let Some(first) = &c.first {
            self.crash("first", first);
        }
        if let Some(last) = c.last.as_ref().filter(|_| self.verbose()) {
            self.crash("last", last);
        }
    }

    fn crash(&mut self, which: &str, crash: &CrashLines) {
        let text = format!("{which} crash, {}, {}:", crash.time.clock_tenths(), crash.how);
        self.row(&[(Style::Plain, "  ")], 4, (Style::Dim, &text), "", 2);
        let skip = if self.verbose() { 0 } else { crash.last_words.len().saturating_sub(5) };
        for line in crash.last_words.iter().skip(skip) {
            self.row(&[(Style::Plain, "    ")], 6, (Style::Plain, &line.text), "", if self.verbose() { 8 } else { 2 });
        }
    }

    fn fixes(&mut self, fixes: &[FixReport]) {
        let tab = self.tab();
        if tab != TAB && !fixes.is_empty() {
            self.heading("Do");
        }
        let shown: Vec<String> = fixes
            .iter()
            .map(|f| match &f.when {
                Some(when) => format!("{} ({})", visible(&f.text), visible(when)),
                None => visible(&f.text).into_owned(),
            })
            .collect();
        let room = self.width.saturating_sub(tab + 3);
        let beside = |text: &str, run: &str| columns(text) <= 32 && columns(run) + 36 <= room;
        let column = fixes
            .iter()
            .zip(&shown)
            .filter(|(f, text)| f.run.as_ref().is_some_and(|run| beside(text, &visible(run))))
            .map(|(_, text)| columns(text))
            .max()
            .unwrap_or(0);
        for (n, (fix, text)) in fixes.iter().zip(&shown).enumerate() {
            let label = if n == 0 && tab == TAB { "Do" } else { "" };
            let label = format!("{label:tab$}");
            let step = format!("{}  ", n + 1);
            let hang = tab + step.len();
            let run = fix.run.as_deref().map(visible);
            match run {
                Some(run) if beside(text, &run) => {
                    let gap = " ".repeat(column.saturating_sub(columns(text)) + 2);
                    let head = [
                        (Style::Label, label.as_str()),
                        (Style::Plain, &step),
                        (Style::Plain, text),
                        (Style::Plain, &gap),
                    ];
                    self.row(&head, hang, (Style::Command, &run), "", 1);
                }
                run => {
                    self.row(&[(Style::Label, &label), (Style::Plain, &step)], hang, (Style::Plain, text), "", 4);
                    if let Some(run) = run {
                        self.row(&[], hang, (Style::Command, &run), "", 6);
                    }
                }
            }
        }
    }

    fn blind(&mut self, d: &Diagnosis) {
        let keep = if self.verbose() { usize::MAX } else { 3 };
        for (n, text) in d.blind.iter().map(|b| b.text.clone()).enumerate().take(keep) {
            self.field(if n == 0 { "Blind" } else { "" }, &text, "", 3);
        }
        if d.blind.len() > keep {
            self.more(Style::Dim, &format!("and {} more: -v shows them", number(len(d.blind.len() - keep))), 1);
        }
        for (n, source) in d.input.unreadable.iter().enumerate().take(keep) {
            self.field(if n == 0 { "Not read" } else { "" }, &format!("{}: {}", source.name, source.why), "", 4);
        }
    }

    /// What is not part of an incident, in one paragraph.
    fn also(&mut self, d: &Diagnosis) {
        let told: BTreeSet<&str> = d.incidents.iter().flat_map(|i| i.findings.iter().map(String::as_str)).collect();
        let rest: Vec<_> = d.findings.iter().filter(|f| !told.contains(f.id.as_str())).collect();
        let mut parts: Vec<String> = Vec::new();
        for f in rest.iter().take(3) {
            let over = if f.state == "resolved" { ", over" } else { "" };
            parts.push(format!("{}: {}{over}", stem(&f.unit), f.title));
        }
        if rest.len() > 3 {
            parts.push(count(len(rest.len() - 3), "more finding", "more findings"));
        }
        if !d.unclassified.is_empty() {
            let errors = d.unclassified.iter().fold(0u64, |sum, u| sum.saturating_add(u.count));
            let units: BTreeSet<&str> =
                d.unclassified.iter().flat_map(|u| u.units.iter().map(String::as_str)).collect();
            parts.push(format!(
                "{} in {} ({})",
                count(errors, "unclassified error", "unclassified errors"),
                count(len(d.unclassified.len()), "template", "templates"),
                names(units, 3)
            ));
        }
        if parts.is_empty() {
            return;
        }
        let hint = if self.verbose() { "" } else { "; -v shows them" };
        self.field("Also", &format!("{}{hint}", parts.join("; ")), "", 4);
        // The most frequent unknown error is worth its words when nothing else explains what happened.
        if let Some(top) = d.unclassified.first().filter(|_| d.incidents.is_empty() && !self.verbose()) {
            self.more(Style::Dim, &top.sample, 2);
        }
    }

    /// What `-v` adds.
    fn details(&mut self, d: &Diagnosis) {
        if !self.verbose() {
            return;
        }
        let at = |from: Stamp, to: Stamp| period(from, to);
        self.list(
            "Findings",
            d.findings.iter().map(|f| {
                format!(
                    "{} {}: {} ({}, {}, {})",
                    f.severity,
                    stem(&f.unit),
                    f.title,
                    f.detector,
                    f.state,
                    at(f.first_seen, f.last_seen)
                )
            }),
        );
        self.list(
            "Signatures",
            d.signatures.iter().map(|s| {
                format!(
                    "{} {} ({}, {})",
                    number(s.count),
                    s.id,
                    s.severity,
                    names(s.units.keys().map(String::as_str), 5)
                )
            }),
        );
        self.list(
            "Unclassified",
            d.unclassified.iter().map(|u| {
                let level = u.level.map_or("no level", |l| l.word());
                format!(
                    "{} {} ({level}, {}); first: {}",
                    number(u.count),
                    u.template,
                    names(u.units.iter().map(String::as_str), 5),
                    u.sample
                )
            }),
        );
        self.list(
            "Units",
            d.units.iter().map(|u| {
                format!(
                    "{}: {}, {}, {}, {}, {}",
                    u.unit,
                    u.state,
                    count(u.records, "entry", "entries"),
                    count(u.errors, "error", "errors"),
                    count(u.warnings, "warning", "warnings"),
                    count(u.restarts, "restart", "restarts")
                )
            }),
        );
        self.list(
            "Sources",
            d.input.sources.iter().map(|s| {
                format!(
                    "{}: {}, {}, {}",
                    s.name,
                    s.format,
                    count(s.records, "entry", "entries"),
                    count(s.bytes, "byte", "bytes")
                )
            }),
        );
    }

    fn list(&mut self, label: &str, rows: impl Iterator<Item = String>) {
        let mut empty = true;
        for row in rows {
            if std::mem::take(&mut empty) {
                self.blank();
                self.heading(label);
            }
            self.row(&[(Style::Plain, "  ")], 4, (Style::Plain, &row), "", 6);
        }
    }
}
