//! Reads one `[[signature]]`.
//!
//! In: its table. Out: a [`Signature`] and its links to others; mistakes are noted on the page, and what stands in their
//! place is never used, because a pack with a mistake is not handed out.

use std::ops::RangeInclusive;

use super::clue::clues;
use super::literals::SHORTEST;
use super::model::{About, Fix, Link, Scope, Signature};
use super::origin::Origins;
use super::parse::{globs, selectors, title_of};
use super::pattern;
use super::table::{Page, Table, Word, quoted};
use crate::base::{Class, Level, Severity, Step};

pub(super) const KEYS: &[&str] = &[
    "id",
    "title",
    "class",
    "severity",
    "any",
    "all",
    "none",
    "regex",
    "message-id",
    "ignore-case",
    "where",
    "capture",
    "symptom",
    "any-level",
    "step",
    "at-least",
    "within",
    "unless",
    "cause",
    "fix",
    "if-recurring",
    "leads-to",
    "clears",
    "sample",
    "not",
];
/// What `at-least` may be: a window keeps its moments one by one.
pub const AT_LEAST: RangeInclusive<u32> = 1..=4096;
/// What a signature can match by.
const MATCHERS: &[&str] = &["any", "all", "regex", "message-id"];
pub(super) const SEVERITIES: &[(&str, Severity)] =
    &[("info", Severity::Info), ("degraded", Severity::Degraded), ("down", Severity::Down)];

/// Reads the signature with the full id `id`.
pub(super) fn signature(page: &mut Page<'_>, table: &Table<'_>, id: String) -> (Signature, Vec<Link>) {
    let mut links = Vec::new();
    page.keys(table, KEYS);
    page.need(
        table,
        &[
            ("id", "\"no-servers\""),
            ("class", "\"network\""),
            ("severity", "\"down\""),
            ("sample", "[\"a message that must match\"]"),
            ("not", "[\"a message that must not\"]"),
        ],
    );
    if !MATCHERS.iter().any(|key| page.meant(table, key)) {
        let what = format!("{} has nothing to match by", table.name);
        page.tell(table.span.clone(), what, "add 'any', 'all', 'regex' or 'message-id'".to_owned());
    }
    let class = class(page, table);
    let severity = page.choice(table, "severity", SEVERITIES);
    let step = page.choice(table, "step", Step::WORDS);
    let noise = class == Some(Class::Noise);
    if noise && severity.is_some_and(|severity| severity != Severity::Info) {
        let what = format!("{} is of class 'noise', so its severity must be 'info'", table.name);
        page.tell(value_span(table, "severity"), what, None);
    }
    // A step or noise explains itself; everything else needs words for people.
    let explains_itself = noise || (severity == Some(Severity::Info) && table.has("step"));
    if severity.is_some() && !explains_itself {
        page.need(table, &[("cause", "\"Why this happens, in one sentence.\"")]);
    }
    if severity.is_some_and(|severity| severity > Severity::Info) {
        page.need(table, &[("fix", "[{ text = \"What to do\", run = \"a command\" }]")]);
    }
    if noise && !page.meant(table, "unless") {
        for key in ["at-least", "within"].into_iter().filter(|key| table.has(key)) {
            let what = format!("{} is of class 'noise', so nobody looks at its '{key}'", table.name);
            page.tell(table.key_span(key), what, "noise is never told; 'unless' says when it is after all".to_owned());
        }
    }
    let full = id.clone();
    let mut signature = Signature {
        title: page.prose(table, "title").unwrap_or_else(|| title_of(&id)),
        id,
        about: About::default(),
        class: class.unwrap_or(Class::Unknown),
        severity: severity.unwrap_or(Severity::Info),
        any: literals(page, table, "any", SHORTEST),
        all: literals(page, table, "all", SHORTEST),
        none: literals(page, table, "none", 1),
        regex: regexes(page, table, "regex"),
        message_ids: message_ids(page, table),
        ignore_case: page.flag(table, "ignore-case").unwrap_or(false),
        symptom: page.flag(table, "symptom").unwrap_or(false),
        any_level: page.flag(table, "any-level").unwrap_or(false),
        scope: scope(page, table),
        capture: captures(page, table),
        step,
        at_least: page.number(table, "at-least", AT_LEAST).unwrap_or(1),
        within: page.span(table, "within").unwrap_or(Signature::WITHIN),
        unless: {
            let words = page.strings(table, "unless");
            selectors(page, words, &mut links)
        },
        cause: page.prose(table, "cause").unwrap_or_default(),
        fixes: fixes(page, table),
        if_recurring: page.prose(table, "if-recurring"),
        leads_to: {
            let words = page.strings(table, "leads-to");
            itself(page, table, &words, &full, "leads to", "'leads-to' names the failures that come after it");
            selectors(page, words, &mut links)
        },
        clears: {
            let words = page.strings(table, "clears");
            itself(page, table, &words, &full, "clears", "'clears' names the failures that are over when it matches");
            selectors(page, words, &mut links)
        },
        sample: messages(page, table, "sample"),
        not: messages(page, table, "not"),
        enabled: true,
        set: origins(page, table),
        clues: Vec::new(),
    };
    signature.clues = clues(&signature);
    (signature, links)
}

/// Tells the mentions of a signature in its own links: its matches are one event, not two.
fn itself(page: &mut Page<'_>, table: &Table<'_>, words: &[Word<'_>], id: &str, verb: &str, help: &str) {
    for word in words.iter().filter(|word| word.text == id) {
        page.tell(word.span.clone(), format!("{} {verb} itself", table.name), help.to_owned());
    }
}

/// The class of a rule.
pub(super) fn class(page: &mut Page<'_>, table: &Table<'_>) -> Option<Class> {
    let words: Vec<(&str, Class)> = Class::ALL.iter().map(|class| (class.word(), *class)).collect();
    page.choice(table, "class", &words)
}

/// Where the numbers of a rule stand.
pub(super) fn origins(page: &Page<'_>, table: &Table<'_>) -> Origins {
    Origins::of_pack(Origins::KEYS.map(|key| page.line(table, key)))
}

/// Fields that become captures: `capture = { task = "task_id" }`.
fn captures(page: &mut Page<'_>, table: &Table<'_>) -> Vec<(String, String)> {
    let Some(wanted) = page.table(table, "capture") else { return Vec::new() };
    let mut captures = Vec::new();
    for (key, _) in wanted.entries.iter() {
        let name: &str = key.get_ref();
        let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !first || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            let what = format!("a capture cannot be named {}", quoted(name));
            page.tell(key.span(), what, "names hold letters, digits and '_', and begin with no digit".to_owned());
        }
        // Where one field has several spellings, the first that is there counts.
        let fields = page.strings(&wanted, name);
        captures.extend(fields.into_iter().map(|field| (name.to_owned(), field.text.to_owned())));
    }
    captures
}

fn value_span(table: &Table<'_>, key: &str) -> std::ops::Range<usize> {
    table.entries.get(key).map_or_else(|| table.span.clone(), toml::Spanned::span)
}

pub(super) fn literals(page: &mut Page<'_>, table: &Table<'_>, key: &str, shortest: usize) -> Vec<String> {
    let mut literals = Vec::new();
    for word in page.strings(table, key) {
        if word.text.len() < shortest {
            let what = format!("the literal {} is shorter than {shortest} bytes", quoted(word.text));
            page.tell(word.span, what, "it would be found nearly everywhere; take more of the message".to_owned());
        } else {
            literals.push(word.text.to_owned());
        }
    }
    literals
}

pub(super) fn regexes(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<String> {
    let mut regexes = Vec::new();
    for word in page.strings(table, key) {
        match pattern::check(word.text) {
            Ok(()) => regexes.push(word.text.to_owned()),
            Err(fault) => {
                let place = fault.at.map_or_else(|| word.span.clone(), |part| page.inside(&word, part));
                page.tell(place, fault.what, fault.help);
            }
        }
    }
    regexes
}

fn message_ids(page: &mut Page<'_>, table: &Table<'_>) -> Vec<u128> {
    let mut ids = Vec::new();
    for word in page.strings(table, "message-id") {
        // from_str_radix alone would take a sign.
        let digits = word.text.len() == 32 && word.text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u128::from_str_radix(word.text, 16) {
            Ok(id) if digits => ids.push(id),
            _ => page.tell(
                word.span,
                format!("bad MESSAGE_ID {}", quoted(word.text)),
                "32 hexadecimal digits without dashes, as 'journalctl -o json' shows it".to_owned(),
            ),
        }
    }
    ids
}

fn scope(page: &mut Page<'_>, table: &Table<'_>) -> Scope {
    let Some(table) = page.table(table, "where") else { return Scope::default() };
    page.keys(&table, &["unit", "identifier", "host", "level", "field"]);
    // An empty pattern is for records that have no unit, identifier or host.
    let mut patterns = |key| {
        let words = table.entries.get(key).map_or_else(Vec::new, |value| page.strings_of(value, key));
        globs(page, words)
    };
    let mut scope = Scope {
        unit: patterns("unit"),
        identifier: patterns("identifier"),
        host: patterns("host"),
        ..Scope::default()
    };
    if let Some(word) = page.string(&table, "level") {
        scope.level = Level::from_word(word.text.as_bytes());
        if scope.level.is_none() {
            let names: Vec<&str> = Level::ALL.iter().map(|level| level.word()).collect();
            let what = format!("unknown level {}", quoted(word.text));
            page.tell(word.span, what, super::table::suggest(word.text, &names));
        }
    }
    if let Some(fields) = page.table(&table, "field") {
        for (name, value) in fields.entries.iter() {
            let (span, name): (_, &str) = (name.span(), name.get_ref());
            if value.get_ref().is_table() {
                let what = format!("field {} holds a table", quoted(name));
                page.tell(span, what, "a dotted field name stands in quotes: \"http.status\"".to_owned());
                continue;
            }
            let words = page.strings_of(value, name);
            scope.fields.push((name.to_owned(), globs(page, words)));
        }
    }
    scope
}

/// Reads the list of things to do.
pub(super) fn fixes(page: &mut Page<'_>, table: &Table<'_>) -> Vec<Fix> {
    let mut fixes = Vec::new();
    for table in page.tables(table, "fix", "the fix") {
        page.keys(&table, &["text", "run", "when", "verify"]);
        page.need(&table, &[("text", "\"What to do and why\"")]);
        fixes.push(Fix {
            text: page.prose(&table, "text").unwrap_or_default(),
            run: page.prose(&table, "run"),
            when: page.prose(&table, "when"),
            verify: page.prose(&table, "verify"),
        });
    }
    fixes
}

/// Samples: messages, or whole records in JSON.
pub(super) fn messages(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<String> {
    let words = page.strings(table, key);
    for Word { text, span } in &words {
        if text.starts_with('{') && serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_err() {
            let what = format!("'{key}' begins with '{{' but is not a record in JSON");
            page.tell(span.clone(), what, "wrap such a message: '{\"MESSAGE\": \"...\"}'".to_owned());
        }
    }
    words.into_iter().map(|word| word.text.to_owned()).collect()
}
