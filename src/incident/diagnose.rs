//! From a case to the diagnosis.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher};

use crate::base::{Class, Severity, Stamp, stem};
use crate::detect::{Finding, Phase, State};

use super::case::{Case, Names};
use super::cause::{self, Cause};
use super::diagnosis::*;
use super::group::{self, Group};
use super::link::{self, Reason};
use super::{crashes, remedy, stops, story};

/// Lines shown for one incident.
const EVIDENCE: usize = 10;

/// Templates of unknown errors told.
const UNCLASSIFIED: usize = 50;

/// The diagnosis of a whole run.
pub fn diagnose(case: &Case<'_>) -> Diagnosis {
    let names = Names::new(case);
    let findings = stops::judged(case.plan, case.detectors.board().findings(), case.detectors.stops());
    let groups = group::group(&findings, &names);
    let causes: Vec<Vec<Cause>> = groups.iter().map(|g| cause::causes(case.plan, g, &groups)).collect();
    let parents = link::link(case.plan, &groups, &causes);
    let mut incidents: Vec<Incident> = (0..groups.len())
        .filter(|&root| parents[root].is_none())
        .map(|root| incident(case, &names, &groups, &causes, &parents, root))
        .collect();
    incidents.sort_by(|a, b| {
        let key = |i: &Incident| (std::cmp::Reverse(i.severity), i.state == "resolved", i.first_seen);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let severity = incidents.iter().map(|i| i.severity).max().unwrap_or(Severity::Healthy);
    let input = input(case);
    let mut reports: Vec<FindingReport> = findings.iter().map(|f| finding(case, &names, f)).collect();
    reports.sort_by(|a, b| (a.first_seen, &a.unit, &a.id).cmp(&(b.first_seen, &b.unit, &b.id)));
    let mut unclassified = case.strangers.report(&names);
    unclassified.truncate(UNCLASSIFIED);
    Diagnosis {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        severity,
        summary: summary(&incidents, &input),
        period: period(case.sources.values().map(|s| (s.first, s.last))),
        blind: blind(case, &names, &input),
        input,
        incidents,
        findings: reports,
        signatures: signatures(case, &names),
        unclassified,
        units: units(case, &names),
        metrics: BTreeMap::new(),
    }
}

fn incident(
    case: &Case<'_>,
    names: &Names,
    groups: &[Group<'_>],
    causes: &[Vec<Cause>],
    parents: &[Option<(usize, Reason)>],
    root: usize,
) -> Incident {
    let belongs = |mut at: usize| {
        while let Some((parent, _)) = parents[at] {
            at = parent;
        }
        at == root
    };
    let member_indexes: Vec<usize> = (0..groups.len()).filter(|&i| belongs(i)).collect();
    let members: Vec<&Group<'_>> = member_indexes.iter().map(|&i| &groups[i]).collect();
    let group = &groups[root];
    let unknown = unknown(group);
    let main = causes[root].first().unwrap_or(&unknown);
    let mut affected = vec![group.unit.clone()];
    for member in &members {
        if !affected.contains(&member.unit) {
            affected.push(member.unit.clone());
        }
    }
    let severity = members.iter().map(|g| g.severity()).max().unwrap_or(Severity::Degraded);
    let open = members.iter().flat_map(|g| &g.findings).any(|f| f.state() == State::Open);
    let first = members.iter().map(|g| g.first).min().unwrap_or(group.first);
    let last = members.iter().map(|g| g.last).max().unwrap_or(group.last);
    Incident {
        id: identify(group, main),
        severity,
        title: story::title(group, main, affected.len()),
        state: if open { "open" } else { "resolved" },
        first_seen: first,
        last_seen: last,
        root_cause: root_cause(case, group, main),
        alternatives: alternatives(case, group, &causes[root], member_indexes.iter().filter_map(|&i| parents[i])),
        chain: story::chain(case, names, &members, main, group),
        affected,
        fixes: remedy::remedies(case.plan, main, &group.unit, &members),
        evidence: evidence(case, names, &members, main),
        crashes: members.iter().find_map(|g| g.crash()).and_then(|f| crashes::report(case, names, f)),
        findings: members.iter().flat_map(|g| g.findings.iter().map(|f| f.id.clone())).collect(),
        recurring: None,
    }
}

/// A group whose findings say nothing about a cause.
fn unknown(group: &Group<'_>) -> Cause {
    let finding = group.findings.first();
    Cause {
        signature: None,
        detector: finding.map(|f| f.detector.clone()),
        class: finding.map_or(Class::Unknown, |f| f.class),
        text: finding.map_or_else(String::new, |f| f.title.clone()),
        line: None,
        why: "nothing in these logs says why".to_owned(),
        confidence: Confidence::Low,
        told_by: None,
    }
}

fn root_cause(case: &Case<'_>, group: &Group<'_>, main: &Cause) -> RootCause {
    let signature = main.signature.map(|s| case.plan.signature(s));
    RootCause {
        signature: signature.map(|s| s.id.clone()),
        detector: main.detector.clone(),
        unit: group.unit.clone(),
        class: main.class,
        text: main.text.clone(),
        cause: signature.map_or_else(String::new, |s| s.cause.clone()),
        why: main.why.clone(),
        confidence: main.confidence,
    }
}

/// What else it could be: other errors of the same unit, and the two resources whose end explains everything.
fn alternatives(
    case: &Case<'_>,
    group: &Group<'_>,
    causes: &[Cause],
    reasons: impl Iterator<Item = (usize, Reason)>,
) -> Vec<Alternative> {
    let mut all: Vec<Alternative> = causes
        .iter()
        .skip(1)
        .filter(|c| c.signature.is_some() && c.class != causes[0].class)
        .take(2)
        .map(|c| Alternative {
            text: c.text.clone(),
            why: c.why.clone(),
            confidence: c.confidence.min(Confidence::Medium),
        })
        .collect();
    if reasons.into_iter().any(|(_, reason)| reason == Reason::Timing) {
        all.push(Alternative {
            text: "a coincidence: the other units may fail for a reason of their own".to_owned(),
            why: "they began to fail at that time, but no line of theirs names it".to_owned(),
            confidence: Confidence::Low,
        });
    }
    let seen: BTreeSet<Class> = case.signatures.keys().map(|&s| case.plan.signature(s).class).collect();
    for (class, text) in [(Class::DiskFull, "full disk"), (Class::Oom, "out of memory")] {
        if group.crash().is_some() && !seen.contains(&class) && causes.first().is_none_or(|c| c.class != class) {
            all.push(Alternative {
                text: text.to_owned(),
                why: "no sign of it in these logs".to_owned(),
                confidence: Confidence::Low,
            });
        }
    }
    all
}

fn evidence(case: &Case<'_>, names: &Names, members: &[&Group<'_>], main: &Cause) -> Vec<EvidenceReport> {
    let mut all: Vec<_> =
        members.iter().flat_map(|g| g.findings.iter().flat_map(|f| f.evidence.iter().take(3))).collect();
    all.extend(main.line.as_ref());
    all.sort_by_key(|e| (e.time, e.place));
    all.dedup_by_key(|e| e.place);
    if let Some(line) = &main.line
        && let Some(at) = all.iter().position(|e| e.place == line.place)
        && at >= EVIDENCE
    {
        all.swap(EVIDENCE - 1, at);
    }
    all.truncate(EVIDENCE);
    all.iter().map(|e| case.report(names, e)).collect()
}

fn finding(case: &Case<'_>, names: &Names, f: &Finding) -> FindingReport {
    FindingReport {
        id: f.id.clone(),
        detector: f.detector.clone(),
        kind: f.kind,
        finding: f.finding,
        severity: group::now(f),
        class: f.class,
        unit: names.of(&f.unit),
        key: f.key.clone(),
        title: f.title.clone(),
        count: f.count,
        value: f.value,
        threshold: f.threshold,
        window_s: f.window.map(|w| w.as_seconds()),
        first_seen: f.first_seen,
        last_seen: f.last_seen,
        state: match f.state() {
            State::Open => "open",
            State::Resolved => "resolved",
        },
        evidence: f.evidence.iter().map(|e| case.report(names, e)).collect(),
    }
}

/// A finding as it stands now, for live output: nothing but its own source is known.
impl FindingReport {
    /// `source` names a source by its id.
    pub fn of(f: &Finding, source: impl Fn(crate::base::SourceId) -> String) -> FindingReport {
        FindingReport {
            id: f.id.clone(),
            detector: f.detector.clone(),
            kind: f.kind,
            finding: f.finding,
            severity: group::now(f),
            class: f.class,
            unit: f.unit.clone(),
            key: f.key.clone(),
            title: f.title.clone(),
            count: f.count,
            value: f.value,
            threshold: f.threshold,
            window_s: f.window.map(|w| w.as_seconds()),
            first_seen: f.first_seen,
            last_seen: f.last_seen,
            state: match f.state() {
                State::Open => "open",
                State::Resolved => "resolved",
            },
            evidence: f
                .evidence
                .iter()
                .map(|e| EvidenceReport {
                    time: e.time,
                    unit: e.unit.clone(),
                    source: source(e.place.source),
                    offset: e.place.offset,
                    cursor: (!e.cursor.is_empty()).then(|| e.cursor.clone()),
                    text: e.text.clone(),
                })
                .collect(),
        }
    }
}

fn input(case: &Case<'_>) -> Input {
    let mut input = Input { late: case.late, unreadable: case.unreadable.to_vec(), ..Input::default() };
    for (id, tally) in case.sources {
        input.records += tally.records;
        input.bytes += tally.bytes;
        input.unparsed += tally.unparsed;
        input.truncated += tally.truncated;
        let name = case.names.get(id);
        input.sources.push(SourceReport {
            name: name.map_or_else(String::new, |n| n.name.clone()),
            format: name.map_or_else(String::new, |n| n.format.clone()),
            records: tally.records,
            bytes: tally.bytes,
            unparsed: tally.unparsed,
            truncated: tally.truncated,
            period: period([(tally.first, tally.last)]),
        });
    }
    input.sources.sort_by(|a, b| a.name.cmp(&b.name));
    input.suppressed = case.detectors.losses().iter().filter_map(|l| l.lines).sum();
    for (bound, n) in [("findings", case.detectors.board().dropped()), ("templates", case.strangers.beyond())] {
        if n > 0 {
            input.dropped.insert(bound.to_owned(), n);
        }
    }
    input
}

fn period(spans: impl IntoIterator<Item = (Option<Stamp>, Option<Stamp>)>) -> Option<Period> {
    let (mut from, mut to) = (None::<Stamp>, None::<Stamp>);
    for (first, last) in spans {
        from = [from, first].into_iter().flatten().min();
        to = to.max(last);
    }
    Some(Period { from: from?, to: to? })
}

fn blind(case: &Case<'_>, names: &Names, input: &Input) -> Vec<Blind> {
    let mut all: Vec<Blind> = Vec::new();
    for loss in case.detectors.losses() {
        let lines = loss.lines.map_or("an unknown number of lines".to_owned(), |n| format!("{n} lines"));
        let whose = loss.unit.as_ref().map_or("of any unit".to_owned(), |u| format!("of {}", names.of(u)));
        all.push(Blind {
            kind: "suppressed",
            unit: loss.unit.as_ref().map(|u| names.of(u)),
            source: String::new(),
            period: Some(Period { from: loss.time, to: loss.time }),
            lines: loss.lines,
            text: format!("{lines} {whose} lost before {}: {}", loss.time.clock(), loss.text),
        });
    }
    for source in &input.sources {
        for (kind, n, what) in [
            ("truncated", source.truncated, "lines longer than 1 MiB were cut"),
            ("unparsed", source.unparsed, "lines did not have the form of the source"),
        ] {
            // Plain files have no form to miss.
            if n > 0 && (kind != "unparsed" || (source.format != "plain" && source.format != "journal-cat")) {
                all.push(Blind {
                    kind,
                    unit: None,
                    source: source.name.clone(),
                    period: source.period,
                    lines: Some(n),
                    text: format!("{}: {n} {what}", source.name),
                });
            }
        }
    }
    for gone in &input.unreadable {
        all.push(Blind {
            kind: "unreadable",
            unit: None,
            source: gone.name.clone(),
            period: None,
            lines: None,
            text: gone.why.clone(),
        });
    }
    if input.late > 0 {
        all.push(Blind {
            kind: "late",
            unit: None,
            source: String::new(),
            period: None,
            lines: Some(input.late),
            text: format!("{} records came too late for their place in the order", input.late),
        });
    }
    for (bound, n) in &input.dropped {
        all.push(Blind {
            kind: "dropped",
            unit: None,
            source: String::new(),
            period: None,
            lines: Some(*n),
            text: format!("{n} {bound} beyond what is kept"),
        });
    }
    all
}

fn signatures(case: &Case<'_>, names: &Names) -> Vec<SignatureReport> {
    let mut all: Vec<SignatureReport> = case
        .signatures
        .iter()
        .map(|(&index, tally)| {
            let signature = case.plan.signature(index);
            let mut units: BTreeMap<String, u64> = BTreeMap::new();
            for (unit, n) in &tally.units {
                *units.entry(names.of(unit)).or_default() += n;
            }
            SignatureReport {
                id: signature.id.clone(),
                class: signature.class,
                severity: signature.severity,
                count: tally.count,
                units,
                first_seen: tally.first,
                last_seen: tally.last,
            }
        })
        .collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.id.cmp(&b.id)));
    all
}

fn units(case: &Case<'_>, names: &Names) -> Vec<UnitReport> {
    let mut all: BTreeMap<String, UnitReport> = BTreeMap::new();
    let blank = |unit: &str| UnitReport {
        unit: unit.to_owned(),
        records: 0,
        errors: 0,
        warnings: 0,
        restarts: 0,
        state: Phase::Unknown.word(),
        last_seen: None,
    };
    for ((_, unit), tally) in case.units {
        let name = names.of(unit);
        let report = all.entry(name.clone()).or_insert_with(|| blank(&name));
        report.records += tally.records;
        report.errors += tally.errors;
        report.warnings += tally.warnings;
        report.last_seen = report.last_seen.max(tally.last);
    }
    for (unit, phase, restarts) in case.detectors.units() {
        let name = names.of(unit);
        let report = all.entry(name.clone()).or_insert_with(|| blank(&name));
        report.restarts += restarts;
        report.state = phase.word();
    }
    all.into_values().collect()
}

fn summary(incidents: &[Incident], input: &Input) -> String {
    match incidents {
        [] if input.records == 0 => "nothing to judge: no records".to_owned(),
        [] => format!("nothing wrong in {} records", input.records),
        [one] => one.title.clone(),
        [first, rest @ ..] => {
            let noun = if rest.len() == 1 { "incident" } else { "incidents" };
            format!("{}; {} more {noun}", first.title, rest.len())
        }
    }
}

/// Not a counter: the same story has the same id in every run over the same log.
fn identify(group: &Group<'_>, cause: &Cause) -> String {
    let mut hasher = foldhash::quality::FixedState::with_seed(3).build_hasher();
    hasher.write(stem(&group.unit).as_bytes());
    hasher.write_u8(0xff);
    hasher.write(cause.class.word().as_bytes());
    hasher.write_i64(group.first.0);
    format!("{:016x}", hasher.finish())
}
