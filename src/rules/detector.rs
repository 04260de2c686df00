//! Reads one `[[detector]]`.
//!
//! In: its table. Out: a [`DetectorRule`] and its links to signatures, or no rule when its kind is not known; mistakes are
//! noted on the page. It never runs a detector.

use std::collections::{BTreeSet, HashMap};

use super::model::{DetectorKind, DetectorRule, Key, Link, Pack, Selector, Signature};
use super::parse::{selectors, title_of};
use super::signature::{AT_LEAST, class, fixes, origins};
use super::table::{Page, TOLD, Table, near, quoted};
use crate::base::{FindingKind, Problem, Severity, Span};

const COMMON: &[&str] =
    &["id", "title", "kind", "by", "within", "severity", "finding", "class", "cause", "fix", "sample", "not"];
pub(super) const SEVERITIES: &[(&str, Severity)] = &[("degraded", Severity::Degraded), ("down", Severity::Down)];

#[derive(Clone, Copy)]
enum Kind {
    Count,
    Sequence,
}

/// What every event can be grouped by.
const ALWAYS: [&str; 3] = ["unit", "host", "signature"];
/// So many right words are told when none of them is near.
const CHOICES: usize = 12;
/// Among so many captures the nearest one is looked for.
const MOST_WORDS: usize = 1_000;

const KINDS: &[(&str, Kind)] = &[("count", Kind::Count), ("sequence", Kind::Sequence)];

/// Reads the detector with the full id `id`.
pub(super) fn detector(
    page: &mut Page<'_>,
    table: &Table<'_>,
    id: String,
) -> (Option<DetectorRule>, Vec<Link>, Vec<Key>) {
    let mut links = Vec::new();
    let chosen = page.choice(table, "kind", KINDS);
    let within = page.span(table, "within").unwrap_or(Span::ZERO);
    let kind = match chosen {
        Some(Kind::Count) => {
            page.keys(table, &[COMMON, &["on", "at-least"]].concat());
            page.need(table, &[("on", "[\"nats/no-servers\", \"class:network\"]"), ("at-least", "3")]);
            let words = page.strings(table, "on");
            let on = selectors(page, words, &mut links);
            let at_least = page.number(table, "at-least", AT_LEAST).unwrap_or(1);
            Some(DetectorKind::Count { on, at_least, within })
        }
        Some(Kind::Sequence) => {
            page.keys(table, &[COMMON, &["steps"]].concat());
            page.need(table, &[("steps", "[\"nats/no-servers\", \"class:crash\"]")]);
            Some(DetectorKind::Sequence { steps: steps(page, table, &mut links), within })
        }
        None => {
            page.keys(table, &[COMMON, &["on", "at-least", "steps"]].concat());
            None
        }
    };
    page.need(
        table,
        &[
            ("id", "\"restart-loop\""),
            ("kind", "\"count\""),
            ("within", "\"10min\""),
            ("severity", "\"down\""),
            ("finding", "\"crash_loop\""),
            ("cause", "\"Why this happens, in one sentence.\""),
            ("fix", "[{ text = \"What to do\", run = \"a command\" }]"),
        ],
    );
    let findings: Vec<(&str, FindingKind)> = FindingKind::ALL.iter().map(|kind| (kind.word(), *kind)).collect();
    let finding = page.choice(table, "finding", &findings);
    let severity = page.choice(table, "severity", SEVERITIES);
    let class = class(page, table);
    let title = page.prose(table, "title").unwrap_or_else(|| title_of(&id));
    let (by, mut captures) = keys(page, table);
    if let Some(kind) = &kind {
        captures.iter_mut().for_each(|key| key.selectors = kind.selectors().cloned().collect());
    }
    let cause = page.prose(table, "cause").unwrap_or_default();
    let fixes = fixes(page, table);
    let (sample, not) = (case(page, table, "sample"), case(page, table, "not"));
    let rule = kind.map(|kind| DetectorRule {
        id,
        title,
        kind,
        by,
        severity: severity.unwrap_or(Severity::Degraded),
        finding: finding.unwrap_or(FindingKind::Failure),
        class,
        cause,
        fixes,
        sample,
        not,
        enabled: true,
        set: origins(page, table),
    });
    (rule, links, captures)
}

fn steps(page: &mut Page<'_>, table: &Table<'_>, links: &mut Vec<Link>) -> Vec<Vec<Selector>> {
    let Some(value) = table.entries.get("steps") else { return Vec::new() };
    let Some(list) = value.get_ref().as_array() else {
        page.tell(
            value.span(),
            "'steps' must be a list of steps",
            "such as [\"a/b\", [\"c/d\", \"class:crash\"]]".to_owned(),
        );
        return Vec::new();
    };
    if list.len() < 2 {
        let what = format!("'steps' has {} of at least 2 steps", list.len());
        page.tell(value.span(), what, "for one step, use kind 'count'".to_owned());
    }
    let mut steps = Vec::new();
    for item in list.iter() {
        let words = page.strings_of(item, "steps");
        steps.push(selectors(page, words, links));
    }
    steps
}

/// What events are grouped by: `unit`, `host`, `signature`, or the name of a capture; the captures also by themselves.
fn keys(page: &mut Page<'_>, table: &Table<'_>) -> (Vec<String>, Vec<Key>) {
    let (mut keys, mut captures) = (Vec::new(), Vec::new());
    for word in page.strings(table, "by") {
        let first = word.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if first && word.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            keys.push(word.text.to_owned());
            if !ALWAYS.contains(&word.text) {
                let what = format!("none of its signatures has a capture {}", quoted(word.text));
                let problem = page.problem(word.span, what, None);
                captures.push(Key { name: word.text.to_owned(), selectors: Vec::new(), problem });
            }
        } else {
            let what = format!("events cannot be grouped by {}", quoted(word.text));
            page.tell(word.span, what, "use 'unit', 'host', 'signature', or the name of a capture".to_owned());
        }
    }
    (keys, captures)
}

/// Every key of a detector that no event of it can have, at most 100.
///
/// While a signature that it names is not there, it may be right. Patterns and classes may name what another pack brings,
/// so for them the capture of any signature will do; and they are left alone when some pack is missing (not `whole`).
pub(super) fn strange_keys(packs: &[Pack], whole: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    if packs.iter().all(|pack| pack.keys.is_empty()) {
        return problems;
    }
    let all = packs.iter().flat_map(|pack| &pack.signatures);
    let captures: HashMap<&str, BTreeSet<&str>> = all.map(|s| (s.id.as_str(), captures(s))).collect();
    for key in packs.iter().flat_map(|pack| &pack.keys) {
        let ids: Option<Vec<&str>> = key.selectors.iter().map(Selector::id).collect();
        let named: Vec<&BTreeSet<&str>> = match &ids {
            Some(ids) => {
                let known: Option<Vec<_>> = ids.iter().map(|id| captures.get(id)).collect();
                match known {
                    Some(known) => known,
                    None => continue,
                }
            }
            None if whole => captures.values().collect(),
            None => continue,
        };
        if named.is_empty() || named.iter().any(|names| names.contains(key.name.as_str())) {
            continue;
        }
        // In the order of the alphabet: tables have none of their own.
        let names: BTreeSet<&str> =
            named.into_iter().flatten().copied().filter(|name| !ALWAYS.contains(name)).collect();
        let words: Vec<&str> = ALWAYS.into_iter().chain(names).take(MOST_WORDS).collect();
        // Of a pattern or a class, the captures are those of all packs: too many to be told.
        let shown = if ids.is_some() { CHOICES } else { ALWAYS.len() };
        let help = match near(&key.name, &words) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("one of: {}", words.iter().take(shown).copied().collect::<Vec<_>>().join(", ")),
        };
        problems.push(Problem { help: Some(help), ..key.problem.clone() });
        if problems.len() == TOLD {
            break;
        }
    }
    problems
}

/// The names of the groups in its patterns.
fn captures(signature: &Signature) -> BTreeSet<&str> {
    let groups = signature.regex.iter().flat_map(|regex| regex.split("(?").skip(1));
    let named = groups.filter_map(|group| group.strip_prefix('P').unwrap_or(group).strip_prefix('<'));
    named.filter_map(|rest| rest.split_once('>')).map(|(name, _)| name).collect()
}

/// A case file next to the pack.
fn case(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Option<String> {
    let word = page.string(table, key)?;
    let plain = !word.text.contains(['/', '\\']) && word.text.len() > ".case".len() && word.text.ends_with(".case");
    if !plain {
        let what = format!("'{key}' must name a case file, found {}", quoted(word.text));
        page.tell(word.span, what, "a file next to the pack, such as 'crash-loop.case'".to_owned());
        return None;
    }
    Some(word.text.to_owned())
}
