//! One incident: what caused it, what happened, whom it hit, what to do.

use super::super::screen::{columns, cut, visible, wrap};
use super::super::style::Style;
use super::super::words::{bare, clock_for, day_clock, number, place, seen_before};
use super::page::{Page, TAB};
use super::steps::{steps, verify};
use crate::base::{Class, stem};
use crate::incident::{CrashLines, CrashReport, Diagnosis, Incident, Link};

/// Writes all that is told of the first incident.
pub(super) fn incident(page: &mut Page<'_>, d: &Diagnosis, i: &Incident) {
    cause(page, d, i);
    if !i.chain.is_empty() {
        page.blank();
        page.heading("What happened");
        chain(page, d, &i.chain);
    }
    if let Some(report) = &i.crashes {
        crashes(page, report, &i.root_cause.text);
    }
    page.blank();
    if !i.affected.is_empty() {
        page.field("Affected", &affected(d, i).join(", "), "", 3);
    }
    steps(page, &i.fixes, None);
    verify(page, &i.fixes);
    if let Some(past) = seen_before(i) {
        page.field("Seen before", &past, "", 2);
        if let Some(advice) = i.recurring.as_ref().and_then(|r| r.advice.as_deref()) {
            page.more(Style::Plain, advice, 3);
        }
    }
    if page.verbose() && !i.evidence.is_empty() {
        page.blank();
        page.heading("Evidence");
        let clock = clock_for(d, i.evidence.iter().map(|e| e.time));
        for e in &i.evidence {
            line_of_log(page, &clock(e.time), &e.unit, &e.text, &place(&e.source, e.offset, e.cursor.as_deref()));
        }
    }
}

/// Writes a further incident in a few lines.
pub(super) fn short(page: &mut Page<'_>, d: &Diagnosis, i: &Incident) {
    page.verdict(i.severity, &i.title, |_| String::new());
    page.field("Root cause", bare(&i.root_cause.text), i.root_cause.confidence.word(), 1);
    let same_day = d.period.is_some_and(|p| p.from.date() == p.to.date());
    let since = if same_day { i.first_seen.clock() } else { day_clock(i.first_seen) };
    let over = if i.state == "resolved" { "; over" } else { "" };
    if d.period.is_some() {
        page.field("First seen", &format!("{since}{over}"), "", 1);
    }
    steps(page, &i.fixes, Some(1));
}

fn cause(page: &mut Page<'_>, d: &Diagnosis, i: &Incident) {
    let root = &i.root_cause;
    page.field("Root cause", bare(&root.text), root.confidence.word(), 3);
    // "40 errors that no signature knows" says little without one of them.
    let stranger = d.unclassified.iter().find(|u| u.units.contains(&root.unit));
    if let Some(stranger) = stranger.filter(|u| root.class == Class::Unknown && !same(&u.sample, &root.text)) {
        page.more(Style::Plain, &format!("the first: {}", bare(&stranger.sample)), 2);
    }
    page.more(Style::Dim, &root.why, 2);
    let room = 2 * (page.width - page.tab());
    let adds = !root.cause.is_empty() && !same(&root.cause, &root.text);
    if adds && (page.verbose() || columns(&visible(&root.cause)) <= room.saturating_sub(12)) {
        page.more(Style::Dim, &root.cause, 4);
    }
    let mut alternatives: Vec<_> = i.alternatives.iter().filter(|a| !same(&a.text, &root.text)).collect();
    alternatives.sort_by_key(|a| std::cmp::Reverse(a.confidence));
    let keep = if page.verbose() { usize::MAX } else { 1 };
    for (n, other) in alternatives.into_iter().take(keep).enumerate() {
        page.field(if n == 0 { "Instead?" } else { "" }, &format!("{}: {}", bare(&other.text), other.why), "", 2);
    }
}

/// Do two texts say the same, numbers apart?
fn same(a: &str, b: &str) -> bool {
    let words = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
    words(bare(a)) == words(bare(b))
}

fn affected(d: &Diagnosis, i: &Incident) -> Vec<String> {
    let told = |unit: &String| {
        let state = d.units.iter().find(|u| u.unit == *unit).map_or("", |u| u.state);
        match state {
            "failed" | "given-up" => format!("{unit} (failed)"),
            "restarting" => format!("{unit} (restarting)"),
            _ => unit.clone(),
        }
    };
    i.affected.iter().map(told).collect()
}

fn chain(page: &mut Page<'_>, d: &Diagnosis, chain: &[Link]) {
    let clock = clock_for(d, chain.iter().map(|l| l.time));
    let widest = chain.iter().map(|l| columns(&visible(stem(&l.unit)))).max().unwrap_or(0);
    let unit_width = widest.min((page.width / 4).min(24));
    let mut told: Vec<(&str, &str)> = Vec::new();
    for link in chain {
        let text = bare(&link.text);
        // The unit stands in its column already.
        let text = text.strip_prefix(link.unit.as_str()).and_then(|t| t.strip_prefix(": ")).unwrap_or(text);
        if told.contains(&(&link.unit, text)) {
            continue;
        }
        told.push((&link.unit, text));
        let at = clock(link.time);
        let unit = cut(&visible(stem(&link.unit)), unit_width).into_owned();
        let pad = " ".repeat(unit_width.saturating_sub(columns(&unit)) + 2);
        let place = match (&link.source, link.offset) {
            (Some(source), Some(offset)) => visible(&place(source, offset, link.cursor.as_deref())).into_owned(),
            _ => String::new(),
        };
        let head = [
            (Style::Dim, "  "),
            (Style::Dim, at.as_str()),
            (Style::Plain, "  "),
            (Style::Plain, unit.as_str()),
            (Style::Plain, pad.as_str()),
        ];
        if page.tab() != TAB {
            // On a narrow screen the text stands below its time.
            let name = visible(stem(&link.unit));
            page.row(&head[..3], 4, (Style::Plain, &name), "", 1);
            page.row(&[], 4, (Style::Plain, &brief(text, page.width - 4)), "", 2);
            continue;
        }
        let hang = 2 + columns(&at) + 2 + unit_width + 2;
        let text = brief(text, page.width.saturating_sub(hang));
        // The place is told only where it costs no line.
        let fits = hang + columns(&text) + 3 + columns(&place) <= page.width;
        page.row(&head, hang, (Style::Plain, &text), if fits { &place } else { "" }, 2);
    }
}

/// A text for two lines of so many columns; how often it came stays readable when the rest is cut.
fn brief(text: &str, columns: usize) -> String {
    let text = visible(text);
    let times = text.rfind(" (").filter(|_| text.ends_with(')') && text.contains(" times in ")).unwrap_or(text.len());
    let (line, times) = text.split_at(times);
    if times.is_empty() || wrap(&text, columns, columns, 3).len() <= 2 {
        return text.into_owned();
    }
    // Where lines break decides how much fits.
    let candidates = (8..2 * columns).rev().map(|room| format!("{}{times}", cut(line, room)));
    let mut fitting = candidates.filter(|text| wrap(text, columns, columns, 3).len() <= 2);
    fitting.next().unwrap_or_else(|| text.into_owned())
}

fn line_of_log(page: &mut Page<'_>, at: &str, unit: &str, text: &str, place: &str) {
    let unit = visible(stem(unit)).into_owned();
    let place = visible(place).into_owned();
    let head =
        [(Style::Dim, "  "), (Style::Dim, at), (Style::Plain, "  "), (Style::Plain, &unit), (Style::Plain, "  ")];
    let used: usize = head.iter().map(|(_, text)| columns(text)).sum();
    if used + columns(&visible(text)) + 3 + columns(&place) <= page.width {
        page.row(&head, 4, (Style::Plain, text), &place, 1);
    } else {
        // The place is why this list exists: the line itself stands below.
        page.row(&head, 4, (Style::Dim, &place), "", 1);
        page.row(&[], 4, (Style::Plain, text), "", 6);
    }
}

/// What the crashes have in common, where the root cause has not said it already.
fn crashes(page: &mut Page<'_>, report: &CrashReport, root: &str) {
    let repeat = report.repeats.as_ref().filter(|r| !same(&r.text, root) && !root.contains(bare(&r.text)));
    let new = |crash: &&CrashLines| crash.last_words.iter().any(|line| !same(&line.text, root));
    let first = report.first.as_ref().filter(new).filter(|_| page.verbose() || report.repeats.is_none());
    if repeat.is_none() && first.is_none() {
        return;
    }
    page.blank();
    page.heading("Last lines before each exit");
    if let Some(repeat) = repeat {
        let head = format!("  in {} of {}  ", number(repeat.crashes), number(report.with_last_words));
        page.row(&[(Style::Dim, &head)], head.len(), (Style::Plain, bare(&repeat.text)), "", 2);
    }
    if let Some(first) = first {
        crash(page, "first", first);
    }
    if let Some(last) = report.last.as_ref().filter(new).filter(|_| page.verbose()) {
        crash(page, "last", last);
    }
}

fn crash(page: &mut Page<'_>, which: &str, crash: &CrashLines) {
    let text = format!("{which} crash, {}, {}:", crash.time.clock_tenths(), crash.how);
    page.row(&[(Style::Plain, "  ")], 4, (Style::Dim, &text), "", 2);
    let all = page.verbose();
    let skip = if all { 0 } else { crash.last_words.len().saturating_sub(3) };
    for line in crash.last_words.iter().skip(skip) {
        page.row(&[(Style::Plain, "    ")], 6, (Style::Plain, &line.text), "", if all { 8 } else { 1 });
    }
}
