//! Telling it: the title of an incident, and its chain of events.

use std::collections::BTreeMap;

use crate::base::{FindingKind, Span, Stamp, stem};
use crate::detect::{Evidence, Finding, Stop};

use super::case::{Case, Names};
use super::cause::Cause;
use super::diagnosis::Link;
use super::group::{self, Group};

/// Links told for one incident: the first ones of each unit come before repeats.
const MOST: usize = 14;

/// A planned stop so long before the first failure belongs to the story: upgrades break things.
const PRELUDE: Span = Span::seconds(120);

/// `indexer.service crash-loops; systemd gave up after 4 starts in 19 s`.
pub(super) fn title(root: &Group<'_>, unit: &str, told: &str, affected: usize) -> String {
    // Of failures that are equally bad, the title names the one that is called the cause.
    let worst = root.headline();
    let cause = worst.filter(|f| f.kind == "signature").and_then(|worst| {
        let named = |f: &&&Finding| f.detector == told && group::now(f) == group::now(worst);
        root.findings.iter().find(named).copied()
    });
    let mut title = match cause.or(worst) {
        Some(finding) => headline(root, unit, finding),
        None => unit.to_owned(),
    };
    if let Some(at) = root.resolved() {
        // Over at the moment of the failure: the lines have no times of their own, and this one is not theirs.
        let since = root.findings.iter().all(|f| f.last_seen < at);
        title.push_str("; over");
        if since {
            title.push_str(&format!(" since {}", at.clock()));
        }
    }
    match affected {
        0 | 1 => {}
        2 => title.push_str("; 1 other unit affected"),
        n => title.push_str(&format!("; {} other units affected", n - 1)),
    }
    title
}

fn headline(root: &Group<'_>, unit: &str, finding: &Finding) -> String {
    let crash = root.crash();
    // Without times in the log everything seems to happen at once: that is nothing to tell.
    let took = |f: &Finding, last: Stamp| match last.since(f.first_seen) {
        Span::ZERO => String::new(),
        span => format!(" in {span}"),
    };
    match (finding.finding, crash) {
        (FindingKind::StartLimit, Some(crash)) if crash.finding != FindingKind::Failure => {
            let span = took(crash, finding.last_seen);
            format!("{unit} crash-loops; systemd gave up after {} starts{span}", crash.count)
        }
        (FindingKind::StartLimit, Some(crash)) => format!("{unit} {}; start limit reached", crash.title),
        (FindingKind::StartLimit, None) => format!("{unit}: start limit reached"),
        (FindingKind::CrashLoop, _) if finding.kind != "threshold" => {
            format!("{unit} crash-loops: {} crashes{}", finding.count, took(finding, finding.last_seen))
        }
        (FindingKind::OomLoop, _) if unit == "kernel" => {
            let span = took(finding, finding.last_seen);
            format!("memory runs out again and again: the kernel killed {} processes{span}", finding.count)
        }
        (FindingKind::OomLoop, _) => {
            format!(
                "{unit} runs out of memory again and again: {} kills{}",
                finding.count,
                took(finding, finding.last_seen)
            )
        }
        (_, Some(crash)) if crash.id == finding.id && finding.count == 1 => format!("{unit} failed: {}", finding.title),
        (_, Some(crash)) if crash.id == finding.id => format!("{unit} {}", finding.title),
        _ => format!("{unit}: {}{}", lower_first(&finding.title), times(finding)),
    }
}

fn times(finding: &Finding) -> String {
    match (finding.count, finding.last_seen.since(finding.first_seen)) {
        (0 | 1, _) => String::new(),
        // Its title has the number already.
        (_, Span::ZERO) if finding.kind == "burst" => String::new(),
        (_, span) if finding.kind == "burst" => format!(" in {span}"),
        (n, span) if span < Span::seconds(1) => format!(" ({n} times)"),
        (n, span) => format!(" ({n} times in {span})"),
    }
}

/// `No space left` reads better as `no space left` after a colon; `NATS ...`, `OOM ...` and `PostgreSQL ...` stay.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_name = word.chars().skip(1).any(char::is_uppercase);
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && (second.is_lowercase() || second == ' ') && !is_name => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// What happened, in order.
pub(super) fn chain(
    case: &Case<'_>,
    names: &Names,
    members: &[&Group<'_>],
    cause: &Cause,
    root: &Group<'_>,
) -> Vec<Link> {
    let mut links = Vec::new();
    for stop in prelude(case, names, members) {
        let text = match stop.until {
            Some(until) if until.since(stop.at.time) <= PRELUDE => "stopped on purpose and started again".to_owned(),
            Some(until) => format!("stopped on purpose; started again at {}", until.clock()),
            None => "stopped on purpose".to_owned(),
        };
        links.push(link(case, names.of(&stop.unit), "stop", text, stop.at.time, Some(&stop.at)));
    }
    if let Some(line) = &cause.line {
        links.push(link(case, root.unit.clone(), cause.class.word(), line.text.clone(), line.time, Some(line)));
    }
    for group in members {
        for finding in &group.findings {
            of_finding(case, group, finding, cause, &mut links);
        }
    }
    links.sort_by_key(|link| link.time);
    links.dedup_by(|a, b| a.unit == b.unit && a.text == b.text);
    shorten(links)
}

fn of_finding(case: &Case<'_>, group: &Group<'_>, finding: &Finding, cause: &Cause, links: &mut Vec<Link>) {
    let place = finding.evidence.first();
    let add = |text: String, at: Stamp, place: Option<&Evidence>| {
        link(case, group.unit.clone(), finding.finding.word(), text, at, place)
    };
    if finding.crashes.is_empty() {
        let same_line = cause.line.as_ref().zip(place).is_some_and(|(a, b)| a.place == b.place);
        let text = match (place, finding.kind) {
            (Some(line), "signature") => format!("{}{}", line.text, times(finding)),
            _ => format!("{}{}", finding.title, times(finding)),
        };
        if !same_line {
            links.push(add(text, finding.first_seen, place));
        } else if let Some(known) =
            links.iter_mut().find(|l| l.offset == place.map(|p| p.place.offset) && l.unit == group.unit)
        {
            known.text = text;
            known.finding = finding.finding.word().to_owned();
        }
    } else {
        let how = finding.crashes.first().map_or("", |c| c.how.as_str());
        let again = match finding.count {
            1 => String::new(),
            n if finding.last_seen.date() == finding.first_seen.date() => {
                format!("; {} more until {}", crashes(n - 1), finding.last_seen.clock())
            }
            n => format!("; {} more until {} {}", crashes(n - 1), finding.last_seen.date(), finding.last_seen.clock()),
        };
        links.push(add(format!("{how}{again}"), finding.first_seen, place));
    }
    if let Some(at) = finding.resolved
        && (!finding.crashes.is_empty() || finding.detector == "lifecycle/dependency")
    {
        links.push(add("up again".to_owned(), at, None));
    }
}

fn crashes(n: u64) -> String {
    if n == 1 { "1 crash".to_owned() } else { format!("{n} crashes") }
}

/// Planned stops of the story's units shortly before it began, and of units that its lines name.
fn prelude<'a>(case: &'a Case<'_>, names: &Names, members: &[&Group<'_>]) -> Vec<&'a Stop> {
    let Some(first) = members.iter().map(|g| g.first).min() else { return Vec::new() };
    let mut latest: BTreeMap<String, &Stop> = BTreeMap::new();
    for stop in case.detectors.stops() {
        let at = stop.at.time;
        let told = |g: &&Group<'_>| g.findings.iter().any(|f| f.detector == Stop::DETECTOR);
        let ours = members.iter().any(|g| !told(g) && stem(&g.unit) == stem(&names.of(&stop.unit)));
        if ours && at <= first && first.since(at) <= PRELUDE {
            latest.insert(stop.unit.clone(), stop);
        }
    }
    latest.into_values().collect()
}

fn link(case: &Case<'_>, unit: String, finding: &str, text: String, time: Stamp, place: Option<&Evidence>) -> Link {
    Link {
        time,
        unit,
        finding: finding.to_owned(),
        text,
        source: place.map(|p| case.source(p.place).to_owned()),
        offset: place.map(|p| p.place.offset),
        cursor: place.map(|p| p.cursor.clone()).filter(|cursor| !cursor.is_empty()),
    }
}

/// Keeps the first link of every unit, then the earliest of the others.
fn shorten(links: Vec<Link>) -> Vec<Link> {
    if links.len() <= MOST {
        return links;
    }
    let mut seen = std::collections::BTreeSet::new();
    let firsts: Vec<bool> = links.iter().map(|l| seen.insert(l.unit.clone())).collect();
    let mut room = MOST.saturating_sub(firsts.iter().filter(|f| **f).count());
    let keep = |first: bool, room: &mut usize| {
        let taken = first || *room > 0;
        if !first && *room > 0 {
            *room -= 1;
        }
        taken
    };
    links.into_iter().zip(firsts).filter_map(|(l, first)| keep(first, &mut room).then_some(l)).take(2 * MOST).collect()
}
