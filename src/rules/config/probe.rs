//! Reads the `[[probe]]` tables of a configuration, and of the sets that come with the binary.
//!
//! In: tables of a page. Out: [`Draft`]s, which may lack what the probe of the same name in a set has; a finished draft is a
//! [`Probe`](crate::source::probe::Probe). A mistake is told where it stands. It must never take a token that is written out: a configuration is read
//! by many.

use std::collections::BTreeMap;

use crate::base::{Glob, Span};
use crate::rules::table::{Page, Table, quoted};
use crate::source::probe::Method;
use toml::Spanned;
use toml::de::DeValue;
use values::{choice_of_engine, header_list, hide, json_text, secret, statuses};

mod draft;
mod values;

pub(super) use draft::Draft;
use draft::Kind;

/// A configuration may hold so many probes.
const MOST: usize = 200;
/// The longest time-out: more probes than threads wait for each other.
const LONGEST: Span = Span::seconds(300);

/// What is asked: exactly one of these stands in a probe.
const KINDS: &[&str] = &["http", "tcp", "file", "folder", "disk", "memory", "systemd", "containers", "command"];

/// What any probe may have.
const COMMON: &[&str] = &["name", "title", "unit", "timeout", "every", "enabled"];

/// What only some kinds have.
const OPTIONS: &[(&str, &[&str])] = &[
    ("method", &["http"]),
    ("body", &["http"]),
    ("bearer", &["http"]),
    ("headers", &["http"]),
    ("keep-headers", &["http"]),
    ("expect-status", &["http", "command"]),
    ("send", &["tcp"]),
    ("expect", &["tcp"]),
    ("pattern", &["folder"]),
    ("recursive", &["folder"]),
    ("read", &["folder"]),
    ("user", &["systemd"]),
    ("expected", &["containers"]),
];

/// Every key that a probe may have.
pub(super) fn keys() -> Vec<&'static str> {
    COMMON.iter().chain(KINDS).copied().chain(OPTIONS.iter().map(|(key, _)| *key)).collect()
}

/// The drafts of a page. `origin` says where a probe stands, given its line.
pub(super) fn drafts(page: &mut Page<'_>, root: &Table<'_>, origin: &dyn Fn(usize) -> String) -> Vec<Draft> {
    let mut tables = page.tables(root, "probe", "the probe");
    if let Some(first) = tables.get(MOST) {
        let what = format!("there may be {MOST} probes, these are {}", tables.len());
        page.tell(first.span.clone(), what, None);
        tables.truncate(MOST);
    }
    // Before the first mistake is told: it may stand in the same line.
    for table in &tables {
        hide(page, table);
    }
    let mut drafts: Vec<Draft> = Vec::new();
    for mut table in tables {
        let Some(draft) = draft(page, &mut table, origin) else { continue };
        if drafts.iter().any(|other| other.name == draft.name) {
            let what = format!("there is already a probe {}", quoted(&draft.name));
            page.tell(table.key_span("name"), what, "names are unique".to_owned());
            continue;
        }
        drafts.push(draft);
    }
    drafts
}

fn draft(page: &mut Page<'_>, table: &mut Table<'_>, origin: &dyn Fn(usize) -> String) -> Option<Draft> {
    let name = page.string(table, "name");
    if let Some(name) = &name {
        table.name = format!("the probe {}", quoted(name.text));
    }
    page.keys(table, &keys());
    page.need(table, &[("name", "\"api-health\"")]);
    if let Some(name) = &name {
        let right = name.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !right || name.text.len() > 64 {
            let what = format!("a name has lower-case letters, digits and dashes, found {}", quoted(name.text));
            page.tell(name.span.clone(), what, "such as 'api-health'".to_owned());
        }
    }
    let there: Vec<&'static str> = KINDS.iter().copied().filter(|kind| table.has(kind)).collect();
    if let [first, second, ..] = there.as_slice() {
        let what = format!("a probe asks one thing, found '{first}' and '{second}'");
        page.tell(table.key_span(second), what, "make two probes of it".to_owned());
    }
    let kind = there.first().and_then(|key| kind(page, table, key));
    let broken = kind.is_none() && !there.is_empty();
    let mut places = BTreeMap::new();
    for (key, _) in OPTIONS {
        if table.has(key) {
            places.insert(*key, page.problem(table.key_span(key), "", None));
        }
    }
    let place = page.problem(table.key_span("name"), "", None);
    let draft = Draft {
        name: name.map_or("", |name| name.text).to_owned(),
        origin: origin(place.line),
        place,
        places,
        kind,
        title: page.prose(table, "title"),
        unit: page.prose(table, "unit"),
        timeout: span(page, table, "timeout", Span::millis(1), LONGEST),
        every: span(page, table, "every", Span::seconds(1), Span::seconds(7 * 86_400)),
        enabled: page.flag(table, "enabled"),
        method: page.choice(table, "method", &[("GET", Method::Get), ("HEAD", Method::Head), ("POST", Method::Post)]),
        body: json_text(page, table, "body"),
        bearer: table.entries.get("bearer").and_then(|value| secret(page, value, "bearer")),
        headers: table.has("headers").then(|| header_list(page, table)),
        keep: table.has("keep-headers").then(|| texts(page, table, "keep-headers")),
        statuses: table.has("expect-status").then(|| statuses(page, table, "expect-status")),
        send: page.string(table, "send").map(|word| word.text.to_owned()),
        expect: page.string(table, "expect").map(|word| word.text.to_owned()),
        pattern: globs(page, table, "pattern").pop(),
        recursive: page.flag(table, "recursive"),
        read: page.number(table, "read", 0..=100),
        user: page.flag(table, "user"),
        expected: table.has("expected").then(|| globs(page, table, "expected")),
    };
    // A probe whose one question has a mistake has been told of; it is no draft of anything.
    (!broken && !draft.name.is_empty()).then_some(draft)
}

fn kind(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Option<Kind> {
    let value = table.entries.get(key)?;
    Some(match key {
        "http" => Kind::Http(address(page, table, key, |text| {
            text.starts_with("http://") || text.starts_with("https://") || text.starts_with("${")
        })?),
        "tcp" => Kind::Tcp(address(page, table, key, |text| text.contains(':'))?),
        "file" => Kind::File(page.string(table, key)?.text.to_owned()),
        "folder" => Kind::Folder(page.string(table, key)?.text.to_owned()),
        "disk" => Kind::Disk(page.string(table, key)?.text.to_owned()),
        "memory" => {
            if !page.flag(table, key)? {
                page.tell(value.span(), "'memory' is true, or it is not there", None);
                return None;
            }
            Kind::Memory
        }
        "systemd" => Kind::Systemd(some(units(page, table, value))?),
        "containers" => Kind::Containers(choice_of_engine(page, table, key)?),
        _ => Kind::Command(some(argv(page, value))?),
    })
}

fn some(list: Vec<String>) -> Option<Vec<String>> {
    (!list.is_empty()).then_some(list)
}

fn texts(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<String> {
    page.strings(table, key).into_iter().map(|word| word.text.to_owned()).collect()
}

fn units(page: &mut Page<'_>, table: &Table<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let units = texts(page, table, "systemd");
    // The program would take it for one of its options.
    if let Some(unit) = units.iter().find(|unit| unit.starts_with('-') && unit.len() > 2) {
        let what = format!("expected the name of a unit, found {}", quoted(unit));
        page.tell(value.span(), what, "such as 'api.service' or 'api-*.service'".to_owned());
    }
    units
}

/// A program and its arguments; arguments may be empty.
fn argv(page: &mut Page<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let words: Vec<String> = page.strings_of(value, "command").into_iter().map(|word| word.text.to_owned()).collect();
    if value.get_ref().as_str().is_some_and(|text| text.trim().contains(' ')) {
        let what = "a command is a program and its arguments, never a line for a shell";
        page.tell(value.span(), what, "such as [\"nvidia-smi\", \"--list-gpus\"]".to_owned());
    } else if words.first().is_some_and(|program| program.trim().is_empty()) {
        page.tell(value.span(), "'command' names no program", None);
    }
    words
}

fn address(page: &mut Page<'_>, table: &Table<'_>, key: &str, right: impl Fn(&str) -> bool) -> Option<String> {
    let word = page.string(table, key)?;
    let text = word.text;
    if right(text) && !text.chars().any(|c| c.is_control() || c == ' ') {
        return Some(text.to_owned());
    }
    let example = if key == "http" { "http://127.0.0.1:8080/health" } else { "127.0.0.1:6379" };
    // It may hold a password.
    page.tell(word.span, format!("'{key}' must be an address"), format!("such as \"{example}\""));
    None
}

fn span(page: &mut Page<'_>, table: &Table<'_>, key: &str, least: Span, most: Span) -> Option<Span> {
    let span = page.span(table, key)?;
    if (least..=most).contains(&span) {
        return Some(span);
    }
    let place = table.entries.get(key)?.span();
    page.tell(place, format!("'{key}' must be from {least} to {most}, found {span}"), None);
    None
}

fn globs(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<Glob> {
    let mut globs = Vec::new();
    for word in page.strings(table, key) {
        match Glob::new(word.text) {
            Ok(glob) => globs.push(glob),
            Err(why) => page.tell(word.span, why.to_string(), None),
        }
    }
    globs
}
