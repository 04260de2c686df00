//! Reads a classifier.
//!
//! In: the text of its file. Out: a [`ClassTable`], or every mistake in it at once. It must never read a file itself, and
//! never hand out a table with a mistake in it.

use std::collections::HashMap;

use toml::de::DeTable;

use super::{ClassRule, ClassTable, Fact};
use crate::base::{Class, Problem, Severity};
use crate::rules::parse::{check_id, document};
use crate::rules::signature::{SEVERITIES, class, literals, messages, regexes};
use crate::rules::table::{Page, Table, Word, quoted, suggest};

/// A table may have so many classes: which of them a text may be is one word of bits.
const MOST: usize = 64;
/// A literal shorter than this would be found nearly everywhere.
const SHORTEST: usize = 3;
/// What a class can be known by.
const MATCHERS: &[&str] = &["exact", "exact-regex", "words", "regex", "names", "when", "facts", "otherwise"];
const KEYS: &[&str] = &[
    "id",
    "class",
    "severity",
    "exact",
    "exact-regex",
    "words",
    "regex",
    "except",
    "names",
    "when",
    "facts",
    "everywhere",
    "apart",
    "otherwise",
    "note",
    "provider",
    "follow-up",
    "sample",
    "not",
];

/// Is this the text of a classifier, not of a pack?
pub(in crate::rules) fn is_classifier(text: &str) -> bool {
    text.contains("[classifier]") && DeTable::parse_recoverable(text).0.get_ref().contains_key("classifier")
}

/// Reads the text of a classifier; `file` is the name shown in messages.
///
/// # Errors
/// All mistakes of the file, in its order. While the file is not TOML, only what makes it so is told.
pub fn parse_classifier(file: &str, text: &str) -> Result<ClassTable, Vec<Problem>> {
    document(file, text, |page, root| table(page, file, root))
}

fn table(page: &mut Page<'_>, file: &str, root: &Table<'_>) -> ClassTable {
    page.keys(root, &["classifier", "orders", "class"]);
    for (key, help) in [
        ("classifier", "begin it with the lines: [classifier] and: name = \"my-table\""),
        ("orders", "add the lines: [orders] and: mine = [\"the id of a class\", \"the next one\"]"),
        ("class", "add a [[class]]"),
    ] {
        if !page.meant(root, key) {
            page.tell(0..0, format!("the file has no [{key}]"), help.to_owned());
        }
    }
    let mut table = ClassTable {
        name: String::new(),
        title: String::new(),
        version: 1,
        file: file.to_owned(),
        codes: false,
        rules: Vec::new(),
        orders: Vec::new(),
    };
    if let Some(head) = page.table(root, "classifier") {
        let head = Table { name: "[classifier]".to_owned(), ..head };
        page.keys(&head, &["name", "title", "version", "codes"]);
        page.need(&head, &[("name", "\"my-table\"")]);
        if let Some(name) = page.string(&head, "name") {
            check_id(page, &name, "name", true);
            table.name = name.text.to_owned();
        }
        table.title = page.prose(&head, "title").unwrap_or_else(|| table.name.clone());
        table.version = page.number(&head, "version", 1..=u32::MAX).unwrap_or(1);
        table.codes = page.flag(&head, "codes").unwrap_or(false);
    }
    let mut classes = page.tables(root, "class", "the class");
    if let Some(first) = classes.get(MOST) {
        let what = format!("a classifier may hold {MOST} classes, this one has {}", classes.len());
        page.tell(first.span.clone(), what, None);
        classes.truncate(MOST);
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    for entry in classes {
        let rule = rule(page, entry, &mut taken, table.rules.len());
        if rule.otherwise && table.otherwise().is_some() {
            page.tell(0..0, format!("two classes say 'otherwise', the second is '{}'", rule.id), None);
        }
        table.rules.push(rule);
    }
    if let Some(orders) = page.table(root, "orders") {
        table.orders = self::orders(page, &orders, &taken, &table.rules);
    }
    table
}

fn rule(page: &mut Page<'_>, mut table: Table<'_>, taken: &mut HashMap<String, usize>, index: usize) -> ClassRule {
    let id = page.string(&table, "id");
    if let Some(word) = &id {
        table.name = format!("the class {}", quoted(word.text));
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !word.text.bytes().all(fits) || word.text.len() > 100 {
            let help = "ids hold letters, digits, '_' and '-', 100 at most".to_owned();
            page.tell(word.span.clone(), format!("bad id {}", quoted(word.text)), help);
        }
        if taken.insert(word.text.to_owned(), index).is_some() {
            page.tell(word.span.clone(), format!("the id {} is already taken", quoted(word.text)), None);
        }
    }
    page.keys(&table, KEYS);
    page.need(&table, &[("id", "\"timeout\""), ("severity", "\"degraded\""), ("follow-up", "\"What to do\"")]);
    if !MATCHERS.iter().any(|key| page.meant(&table, key)) {
        let what = format!("{} has nothing to be known by", table.name);
        page.tell(table.span.clone(), what, format!("add one of: {}", MATCHERS.join(", ")));
    }
    let otherwise = page.flag(&table, "otherwise").unwrap_or(false);
    if !otherwise {
        page.need(&table, &[("sample", "[\"a text of this class\"]"), ("not", "[\"a text of another class\"]")]);
    }
    // The id is the class, where it is one of ours.
    let named = id.as_ref().and_then(|word| word.text.parse::<Class>().ok());
    if named.is_none() && id.is_some() {
        page.need(&table, &[("class", "\"timeout\"")]);
    }
    let class = class(page, &table).or(named).unwrap_or(Class::Unknown);
    let exact = literals(page, &table, "exact", SHORTEST);
    let words = literals(page, &table, "words", SHORTEST);
    for (key, text) in exact.iter().map(|t| ("exact", t)).chain(words.iter().map(|t| ("words", t))) {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            let what = format!("'{key}' is looked for in lower-cased text, found {}", quoted(text));
            page.tell(table.key_span(key), what, "write it in lower-case letters".to_owned());
        }
    }
    ClassRule {
        id: id.map_or_else(String::new, |word| word.text.to_owned()),
        class,
        severity: page.choice(&table, "severity", SEVERITIES).unwrap_or(Severity::Info),
        words: if table.has("words") { words } else { exact.clone() },
        exact,
        exact_regex: regexes(page, &table, "exact-regex"),
        regex: regexes(page, &table, "regex"),
        except: regexes(page, &table, "except"),
        names: page.strings(&table, "names").into_iter().map(|word| word.text.to_owned()).collect(),
        when: facts(page, &table, "when"),
        facts: facts(page, &table, "facts"),
        everywhere: page.flag(&table, "everywhere").unwrap_or(false),
        apart: page.flag(&table, "apart").unwrap_or(false),
        otherwise,
        note: page.prose(&table, "note"),
        provider: providers(page, &table),
        follow_up: page.prose(&table, "follow-up").unwrap_or_default(),
        sample: messages(page, &table, "sample"),
        not: messages(page, &table, "not"),
    }
}

fn facts(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for Word { text, span } in page.strings(table, key) {
        match Fact::WORDS.iter().find(|(word, _)| *word == text) {
            Some((_, fact)) => facts.push(*fact),
            None => {
                let known: Vec<&str> = Fact::WORDS.iter().map(|(word, _)| *word).collect();
                page.tell(span, format!("unknown fact {}", quoted(text)), suggest(text, &known));
            }
        }
    }
    facts
}

/// `{ gmail = "What to know when it is this provider" }`.
fn providers(page: &mut Page<'_>, table: &Table<'_>) -> Vec<(String, String)> {
    let Some(inner) = page.table(table, "provider") else { return Vec::new() };
    let names: Vec<String> = inner.entries.keys().map(|key| key.get_ref().to_string()).collect();
    names.into_iter().filter_map(|name| page.prose(&inner, &name).map(|note| (name, note))).collect()
}

fn orders(
    page: &mut Page<'_>,
    table: &Table<'_>,
    taken: &HashMap<String, usize>,
    rules: &[ClassRule],
) -> Vec<(String, Vec<usize>)> {
    let mut orders = Vec::new();
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    for name in table.entries.keys() {
        let (span, name): (_, &str) = (name.span(), name.get_ref());
        let mut order = Vec::new();
        for word in page.strings(table, name) {
            match taken.get(word.text) {
                Some(index) if order.contains(index) => {
                    page.tell(word.span, format!("{} stands twice in the order '{name}'", quoted(word.text)), None);
                }
                Some(index) => order.push(*index),
                None => {
                    page.tell(
                        word.span,
                        format!("no class has the id {}", quoted(word.text)),
                        suggest(word.text, &ids),
                    );
                }
            }
        }
        let left = |(index, rule): &(usize, &ClassRule)| !rule.otherwise && !order.contains(index);
        let missing: Vec<&str> = rules.iter().enumerate().filter(left).map(|(_, rule)| rule.id.as_str()).collect();
        if !missing.is_empty() {
            let what = format!("the order '{name}' leaves out {}", missing.join(", "));
            page.tell(span, what, "every class but that of 'otherwise' has a place in every order".to_owned());
        }
        orders.push((name.to_owned(), order));
    }
    if orders.is_empty() {
        let what = "[orders] holds no order".to_owned();
        page.tell(table.span.clone(), what, "add, for example: mine = [\"the id of a class\"]".to_owned());
    }
    orders
}
