//! Reads one `[[detector]]`.
//!
//! In: its table. Out: a [`DetectorRule`] and its links to signatures, or no rule when its kind is not known; mistakes are
//! noted on the page. It never runs a detector.

use std::collections::{BTreeSet, HashMap};

use super::kind::{COMPARISONS, DetectorKind, EVERY};
use super::model::{DetectorRule, Key, Link, Names, Pack, Selector, Signature};
use super::numbers::{Comparison, Direction, Numbers};
use super::parse::{event_selectors, title_of};
use super::signature::{AT_LEAST, class, fixes, origins};
use super::table::{Page, TOLD, Table, near, quoted};
use crate::base::{FindingKind, Number, Problem, Severity};

const COMMON: &[&str] = &["id", "title", "kind", "by", "severity", "finding", "class", "cause", "fix", "sample", "not"];
pub(super) const SEVERITIES: &[(&str, Severity)] = &[("degraded", Severity::Degraded), ("down", Severity::Down)];
const DIRECTIONS: &[(&str, Direction)] = &[("up", Direction::Up), ("down", Direction::Down)];

/// What every event can be grouped by.
const ALWAYS: [&str; 4] = ["unit", "host", "signature", "template"];
/// So many right words are told when none of them is near.
const CHOICES: usize = 12;
/// Among so many captures the nearest one is looked for.
const MOST_WORDS: usize = 1_000;

/// An example for each key that some kind needs.
const EXAMPLES: &[(&str, &str)] = &[
    ("on", "[\"nats/no-servers\", \"class:network\"]"),
    ("good", "[\"nats/connected\"]"),
    ("opens", "[\"jobs/started\"]"),
    ("closes", "[\"jobs/finished\"]"),
    ("reset", "[\"jobs/finished\"]"),
    ("steps", "[\"nats/no-servers\", \"class:crash\"]"),
    ("at-least", "3"),
    ("within", "\"10min\""),
    ("after", "\"1h\""),
    ("last", "20"),
    ("values", "3"),
    ("above", "0.5"),
    ("change", "0.1"),
    ("times", "2"),
    ("q", "0.9"),
    ("value", "\"duration_ms\", the name of a capture"),
    ("state", "\"model\", the name of a capture"),
    ("snapshot", "\"run\", the name of a capture"),
    ("expected", "{ high = 0.8, low = 0.3 }"),
];

/// Reads the detector with the full id `id`.
pub(super) fn detector(
    page: &mut Page<'_>,
    table: &Table<'_>,
    id: String,
) -> (Option<DetectorRule>, Vec<Link>, Vec<Key>) {
    let mut links = Vec::new();
    let kind = page.choice(table, "kind", DetectorKind::WORDS);
    let known: Vec<&str> = match kind {
        Some(kind) => [COMMON, &EVERY, kind.needs(), kind.one_of(), kind.takes()].concat(),
        None => COMMON.iter().copied().chain(every_key()).collect(),
    };
    page.keys(table, &known);
    let example = |key: &str| EXAMPLES.iter().find(|(known, _)| *known == key).map_or("", |(_, example)| *example);
    let needs = kind.map_or(&[][..], DetectorKind::needs);
    page.need(table, &[("id", "\"restart-loop\""), ("kind", "\"count\"")]);
    page.need(table, &needs.iter().map(|key| (*key, example(key))).collect::<Vec<_>>());
    page.need(
        table,
        &[
            ("severity", "\"down\""),
            ("finding", "\"crash_loop\""),
            ("cause", "\"Why this happens, in one sentence.\""),
            ("fix", "[{ text = \"What to do\", run = \"a command\" }]"),
        ],
    );
    if let Some(kind) = kind {
        limits(page, table, kind);
    }
    let findings: Vec<(&str, FindingKind)> = FindingKind::ALL.iter().map(|kind| (kind.word(), *kind)).collect();
    let finding = page.choice(table, "finding", &findings);
    let severity = page.choice(table, "severity", SEVERITIES);
    let class = class(page, table);
    let title = page.prose(table, "title").unwrap_or_else(|| title_of(&id));
    let (by, mut captures) = keys(page, table);
    let names = names(page, table, &mut captures);
    if let Some(together) = names.together.as_ref().filter(|together| !by.contains(together)) {
        let what = format!("'together' names {}, which is no part of 'by'", quoted(together));
        page.tell(
            table.key_span("together"),
            what,
            "the verdict is given over all values of one part of the key".to_owned(),
        );
    }
    let mut chosen = |page: &mut Page<'_>, key: &str| {
        let words = page.strings(table, key);
        event_selectors(page, words, &mut links)
    };
    let (on, good) = (chosen(page, "on"), chosen(page, "good"));
    let (opens, closes, reset) = (chosen(page, "opens"), chosen(page, "closes"), chosen(page, "reset"));
    let steps = steps(page, table, &mut links);
    let numbers = numbers(page, table);
    if let (Some(least), Some(last)) = (numbers.at_least, numbers.last)
        && least > last
    {
        let what = format!("'at-least' asks for {least} of the newest {last}");
        page.tell(
            table.key_span("at-least"),
            what,
            "it would never speak; raise 'last' or lower 'at-least'".to_owned(),
        );
    }
    if !names.expect.is_empty() && by.is_empty() {
        let what = "'expect' names values of the first part of the key, and there is no 'by'";
        page.tell(table.key_span("expect"), what, "add, for example: by = [\"unit\"]".to_owned());
    }
    let cause = page.prose(table, "cause").unwrap_or_default();
    let fixes = fixes(page, table);
    let (sample, not) = (case(page, table, "sample"), case(page, table, "not"));
    let rule = kind.map(|kind| DetectorRule {
        id,
        title,
        kind,
        on,
        good,
        opens,
        closes,
        reset,
        steps,
        names,
        numbers,
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
    if let Some(rule) = &rule {
        captures.iter_mut().for_each(|key| key.selectors = rule.selectors().cloned().collect());
    }
    (rule, links, captures)
}

/// Every key of any kind.
fn every_key() -> impl Iterator<Item = &'static str> {
    let keys = |(_, kind): &(&str, DetectorKind)| [kind.needs(), kind.one_of(), kind.takes()].concat();
    DetectorKind::WORDS.iter().flat_map(keys).chain(EVERY)
}

/// Of the keys that say which side of which number is bad, one is written, where the kind compares.
fn limits(page: &mut Page<'_>, table: &Table<'_>, kind: DetectorKind) {
    let one = kind.one_of();
    if !one.is_empty() && !one.iter().any(|key| page.meant(table, key)) {
        let keys: Vec<String> = one.iter().map(|key| format!("'{key}'")).collect();
        let what = format!("{} has none of {}", table.name, keys.join(", "));
        let help = match one.contains(&"below") {
            true => "'above' and 'below' are strict, 'from' and 'to' are not",
            false => "'above' is more than the number, 'from' also the number itself",
        };
        page.tell(table.span.clone(), what, help.to_owned());
    }
    let written: Vec<&str> = COMPARISONS.into_iter().filter(|key| table.has(key)).collect();
    if let [first, second, ..] = written.as_slice() {
        let what = format!("{} has both '{first}' and '{second}'", table.name);
        page.tell(table.key_span(second), what, "write one of them; two limits are two detectors".to_owned());
    }
    let windows: Vec<&str> = ["last", "within", "per-day"].into_iter().filter(|key| page.meant(table, key)).collect();
    if matches!(kind, DetectorKind::Ratio | DetectorKind::Budget) && windows.is_empty() {
        let keys = if kind == DetectorKind::Ratio { "'last' nor 'within'" } else { "'within' nor 'per-day'" };
        let what = format!("{} has neither {keys}", table.name);
        page.tell(table.span.clone(), what, "add, for example: within = \"1h\"".to_owned());
    }
    if kind == DetectorKind::Budget && windows.len() > 1 {
        let what = format!("{} has both 'within' and 'per-day'", table.name);
        page.tell(table.key_span("per-day"), what, "write one of them".to_owned());
    }
}

fn numbers(page: &mut Page<'_>, table: &Table<'_>) -> Numbers {
    let compare = COMPARISONS.into_iter().find_map(|key| Comparison::of(key, page.decimal(table, key)?));
    let numbers = Numbers {
        at_least: page.number(table, "at-least", AT_LEAST),
        within: page.span(table, "within"),
        after: page.span(table, "after"),
        last: page.number(table, "last", NEWEST),
        recent: page.number(table, "recent", NEWEST),
        values: page.number(table, "values", AT_LEAST),
        compare,
        change: page.decimal(table, "change"),
        times: page.decimal(table, "times"),
        q: page.decimal(table, "q"),
        down_at: page.decimal(table, "down-at"),
        per_day: page.flag(table, "per-day").unwrap_or(false),
        worse: page.choice(table, "worse", DIRECTIONS).unwrap_or_default(),
    };
    if numbers.q.is_some_and(|q| !(Number::ZERO..=Number::ONE).contains(&q)) {
        page.tell(table.key_span("q"), "'q' must be from 0 to 1", "0.5 is the median".to_owned());
    }
    numbers
}

/// What `last` and `recent` may be: readings are kept one by one.
pub(super) const NEWEST: std::ops::RangeInclusive<u32> = 1..=1_000;

/// The captures that are looked at; each is checked with the links.
fn names(page: &mut Page<'_>, table: &Table<'_>, captures: &mut Vec<Key>) -> Names {
    let mut all = |page: &mut Page<'_>, key: &str| -> Vec<String> {
        page.strings(table, key).into_iter().filter_map(|word| name(page, &word, captures)).collect()
    };
    let mut names = Names { per: all(page, "per"), ..Names::default() };
    let mut one = |page: &mut Page<'_>, key: &str| all(page, key).into_iter().next();
    names.value = one(page, "value");
    names.state = one(page, "state");
    names.distinct = one(page, "distinct");
    names.uniform = one(page, "uniform");
    names.snapshot = one(page, "snapshot");
    names.together = one(page, "together");
    names.expect = page.strings(table, "expect").into_iter().map(|word| word.text.to_owned()).collect();
    if let Some(expected) = page.table(table, "expected") {
        let words = expected.entries.keys().map(|key| key.get_ref().to_string());
        let shares: Vec<_> = words.filter_map(|word| Some((word.clone(), page.decimal(&expected, &word)?))).collect();
        names.expected = shares;
    }
    names
}

/// The name of a capture, or one of the names that every event has.
fn name(page: &mut Page<'_>, word: &super::table::Word<'_>, captures: &mut Vec<Key>) -> Option<String> {
    let first = word.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !first || !word.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        let what = format!("{} is not the name of a capture", quoted(word.text));
        page.tell(
            word.span.clone(),
            what,
            "use 'unit', 'host', 'signature', 'template', or the name of a capture".to_owned(),
        );
        return None;
    }
    if !ALWAYS.contains(&word.text) {
        let what = format!("none of its signatures has a capture {}", quoted(word.text));
        let problem = page.problem(word.span.clone(), what, None);
        captures.push(Key { name: word.text.to_owned(), selectors: Vec::new(), problem });
    }
    Some(word.text.to_owned())
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
        steps.push(event_selectors(page, words, links));
    }
    steps
}

/// What events are grouped by: `unit`, `host`, `signature`, `template`, or the name of a capture; the captures also by
/// themselves.
fn keys(page: &mut Page<'_>, table: &Table<'_>) -> (Vec<String>, Vec<Key>) {
    let mut captures = Vec::new();
    let words = page.strings(table, "by");
    (words.into_iter().filter_map(|word| name(page, &word, &mut captures)).collect(), captures)
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

/// The names of the groups in its patterns, and of the fields that it captures.
fn captures(signature: &Signature) -> BTreeSet<&str> {
    let groups = signature.regex.iter().flat_map(|regex| regex.split("(?").skip(1));
    let named = groups.filter_map(|group| group.strip_prefix('P').unwrap_or(group).strip_prefix('<'));
    let fields = signature.capture.iter().map(|(name, _)| name.as_str());
    named.filter_map(|rest| rest.split_once('>')).map(|(name, _)| name).chain(fields).collect()
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
