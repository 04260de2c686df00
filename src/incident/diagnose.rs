//! From a case to the diagnosis.
//!
//! In: a [`Case`]. Out: the [`Diagnosis`]. It says in which order the rooms beside it are asked, and fills the document;
//! how findings become stories stands in `group`, `cause` and `link`, how much was read in `account`.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher};

use crate::base::{Class, Severity, SourceId, stem};
use crate::detect::{Finding, State};

use super::account;
use super::case::{Case, Names};
use super::cause::{self, Cause};
use super::diagnosis::*;
use super::group::{self, Group};
use super::link::{self, Reason};
use super::past::Seen;
use super::{crashes, past, remedy, starts, stops, story};

/// Lines shown for one incident.
const EVIDENCE: usize = 10;

/// Templates of unknown errors told.
const UNCLASSIFIED: usize = 50;

/// The diagnosis of a whole run.
pub fn diagnose(case: &Case<'_>) -> Diagnosis {
    let names = Names::new(case);
    let mut findings = stops::judged(case.plan, case.detectors.board().findings(), case.detectors.stops());
    let unfinished = starts::unfinished(case, &findings);
    findings.extend(unfinished);
    let groups = group::group(&findings, &names);
    let unmanaged = cause::unmanaged(&groups);
    let causes: Vec<Vec<Cause>> = groups.iter().map(|g| cause::causes(case.plan, g, &unmanaged)).collect();
    let parents = link::link(case.plan, &groups, &causes);
    let stories = stories(&parents);
    let told = stories.iter().map(|(&root, members)| {
        let told = incident(case, &names, &groups, &causes, &parents, root, members);
        seen(case, told, members.iter().filter_map(|&member| groups.get(member)), causes.get(root))
    });
    let mut incidents = past::recurring(told.collect());
    incidents.sort_by(|a, b| {
        // Ids hold the moment of reading where there are no times: they come last.
        let key = |i: &Incident| (std::cmp::Reverse(i.severity), i.state == "resolved", i.first_seen);
        let sure = |i: &Incident| std::cmp::Reverse(i.root_cause.confidence);
        let words = |i: &Incident| (i.root_cause.unit.clone(), i.title.clone(), i.id.clone());
        key(a).cmp(&key(b)).then_with(|| sure(a).cmp(&sure(b))).then_with(|| words(a).cmp(&words(b)))
    });
    let severity = incidents.iter().map(|i| i.severity).max().unwrap_or(Severity::Healthy);
    let mut input = account::input(case);
    let beyond = link::beyond(groups.len());
    if beyond > 0 {
        input.dropped.insert("failing units not held against the others".to_owned(), beyond as u64);
    }
    let mut reports: Vec<FindingReport> = findings.iter().map(|f| finding(case, &names, f)).collect();
    reports
        .sort_by(|a, b| (a.first_seen, &a.unit, &a.detector, &a.id).cmp(&(b.first_seen, &b.unit, &b.detector, &b.id)));
    let mut unclassified = case.strangers.report(&names);
    unclassified.truncate(UNCLASSIFIED);
    Diagnosis {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        severity,
        summary: summary(&incidents, &input),
        period: account::period(case.sources.values().map(|s| (s.first, s.last))),
        blind: account::blind(case, &names, &input),
        input,
        incidents,
        findings: reports,
        signatures: account::signatures(case, &names),
        unclassified,
        units: account::units(case, &names),
        metrics: account::metrics(case),
    }
}

/// How often the story came by itself: as often as the finding that came most often.
fn seen<'g, 'f: 'g>(
    case: &Case<'_>,
    incident: Incident,
    members: impl Iterator<Item = &'g Group<'f>>,
    causes: Option<&Vec<Cause>>,
) -> Seen {
    let findings = members.flat_map(|group| group.findings.iter().copied());
    let most = findings.max_by_key(|f| (f.occasions, std::cmp::Reverse(f.first_seen)));
    let signature = causes.and_then(|causes| causes.first()).and_then(|cause| cause.signature);
    Seen {
        occasions: most.map_or(1, |f| f.occasions),
        before: most.and_then(|f| f.before),
        advice: signature.and_then(|s| case.plan.signature(s).if_recurring.clone()),
        incident,
    }
}

/// The groups of each story, by the group that explains all others of it.
fn stories(parents: &[Option<(usize, Reason)>]) -> BTreeMap<usize, Vec<usize>> {
    let mut stories: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for group in 0..parents.len() {
        let mut root = group;
        while let Some((parent, _)) = parents[root] {
            root = parent;
        }
        stories.entry(root).or_default().push(group);
    }
    stories
}

fn incident(
    case: &Case<'_>,
    names: &Names,
    groups: &[Group<'_>],
    causes: &[Vec<Cause>],
    parents: &[Option<(usize, Reason)>],
    root: usize,
    member_indexes: &[usize],
) -> Incident {
    let members: Vec<&Group<'_>> = member_indexes.iter().map(|&i| &groups[i]).collect();
    let group = &groups[root];
    let unknown = unknown(group);
    let main = causes[root].first().unwrap_or(&unknown);
    // Of several replicas the one that says why.
    let culprit = main.line.as_ref().map(|line| names.of(&line.unit)).filter(|u| stem(u) == stem(&group.unit));
    let culprit = culprit.unwrap_or_else(|| group.unit.clone());
    let mut affected = vec![culprit.clone()];
    for member in &members {
        // Another name of the root's own process is not another unit.
        if !affected.contains(&member.unit) && main.told_by.as_ref() != Some(&member.unit) {
            affected.push(member.unit.clone());
        }
    }
    let severity = members.iter().map(|g| g.severity()).max().unwrap_or(Severity::Degraded);
    // It waits for something of which these logs do not say that it failed.
    let severity = if link::is_waiting(group) { severity.min(Severity::Degraded) } else { severity };
    let open = members.iter().flat_map(|g| &g.findings).any(|f| f.state() == State::Open);
    let first = members.iter().map(|g| g.first).min().unwrap_or(group.first);
    let last = members.iter().map(|g| g.last).max().unwrap_or(group.last);
    Incident {
        id: identify(group, main),
        severity,
        title: story::title(group, &culprit, main.signature.map_or("", |s| &case.plan.signature(s).id), affected.len()),
        state: if open { "open" } else { "resolved" },
        first_seen: first,
        last_seen: last,
        root_cause: root_cause(case, &culprit, main),
        alternatives: alternatives(case, group, &causes[root], member_indexes.iter().filter_map(|&i| parents[i])),
        chain: story::chain(case, names, &members, main, group),
        affected,
        fixes: remedy::remedies(case.plan, main, &culprit, &members),
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

fn root_cause(case: &Case<'_>, unit: &str, main: &Cause) -> RootCause {
    let signature = main.signature.map(|s| case.plan.signature(s));
    let detected = || {
        let rule = case.plan.detectors().iter().find(|rule| main.detector.as_ref() == Some(&rule.id));
        rule.map_or_else(String::new, |rule| rule.cause.clone())
    };
    RootCause {
        signature: signature.map(|s| s.id.clone()),
        detector: main.detector.clone(),
        unit: unit.to_owned(),
        class: main.class,
        text: main.text.clone(),
        cause: signature.map_or_else(detected, |s| s.cause.clone()),
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
    filled(f, names.of(&f.unit), f.evidence.iter().map(|e| case.report(names, e)).collect())
}

impl FindingReport {
    /// The finding as it stands now, for live output: before the end of the log nobody knows all names of a unit, so each
    /// is told by the name that its own record has. `source` names a source by its id.
    pub fn of(f: &Finding, source: impl Fn(SourceId) -> String) -> FindingReport {
        let evidence = f.evidence.iter().map(|e| EvidenceReport::of(e, e.unit.clone(), source(e.place.source)));
        filled(f, f.unit.clone(), evidence.collect())
    }
}

fn filled(f: &Finding, unit: String, evidence: Vec<EvidenceReport>) -> FindingReport {
    FindingReport {
        id: f.id.clone(),
        detector: f.detector.clone(),
        kind: f.kind,
        finding: f.finding,
        severity: group::now(f),
        class: f.class,
        unit,
        key: f.key.clone(),
        title: f.title.clone(),
        count: f.count,
        value: f.value,
        threshold: f.threshold,
        facts: f.facts.clone(),
        window_s: f.window.map(|w| w.as_seconds()),
        first_seen: f.first_seen,
        last_seen: f.last_seen,
        state: match f.state() {
            State::Open => "open",
            State::Resolved => "resolved",
        },
        evidence,
    }
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
