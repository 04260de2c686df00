//! Reads definitions of documents.
//!
//! In: the text of a file with a `[format]`. Out: a [`Definition`], or every mistake in it at once. What a definition does
//! with a document is decided in `record::document`; here it is only read.

use toml::de::DeTable;

use super::parse::{check_id, document, globs};
use super::table::{Page, Table, Word, quoted};
use crate::base::Problem;
use crate::record::document::{Definition, RowRule, Syntax};

/// Steps of one path.
const STEPS: usize = 16;

/// Reads the text of a definition; `file` is the name shown in messages.
///
/// # Errors
/// All mistakes of the file, in its order.
pub fn parse_format(file: &str, text: &str) -> Result<Definition, Vec<Problem>> {
    document(file, text, |page, root| definition(page, file, root))
}

/// Is this the text of a definition of documents?
pub(super) fn is_format(text: &str) -> bool {
    if !text.contains("[format]") {
        return false;
    }
    let (document, _) = DeTable::parse_recoverable(text);
    let has = |key| document.get_ref().contains_key(key);
    has("format") && !has("pack") && !has("classifier")
}

fn definition(page: &mut Page<'_>, file: &str, root: &Table<'_>) -> Definition {
    page.keys(root, &["format", "rows"]);
    let mut read = Definition {
        name: String::new(),
        title: String::new(),
        syntax: Syntax::default(),
        files: Vec::new(),
        has: Vec::new(),
        rows: Vec::new(),
        sample: Vec::new(),
        gives: 0,
        first: String::new(),
        file: file.to_owned(),
    };
    if let Some(head) = page.table(root, "format") {
        let head = Table { name: "[format]".to_owned(), ..head };
        page.keys(&head, &["name", "title", "syntax", "files", "has", "sample", "gives", "first"]);
        page.need(&head, &[("name", "\"usage-store\"")]);
        if let Some(name) = page.string(&head, "name") {
            check_id(page, &name, "name", true);
            read.name = name.text.to_owned();
        }
        read.title = page.prose(&head, "title").unwrap_or_else(|| read.name.clone());
        read.syntax = page.choice(&head, "syntax", Syntax::WORDS).unwrap_or_default();
        let files = page.strings(&head, "files");
        read.files = globs(page, files);
        read.has = paths(page, &head, "has");
        if !page.meant(&head, "files") && !page.meant(&head, "has") {
            let help = "add, for example: files = [\"usage.json\"] or: has = [\"events\"]".to_owned();
            page.tell(head.span.clone(), "[format] has neither 'files' nor 'has': it would fit nothing", help);
        }
        read.sample = page.strings(&head, "sample").into_iter().map(|word| word.text.to_owned()).collect();
        if !read.sample.is_empty() {
            page.need(
                &head,
                &[("gives", "3"), ("first", "'{\"kind\":\"run\",\"@row\":\"usage-event\",\"@at\":\"/events/0\"}'")],
            );
        }
        read.gives = page.number(&head, "gives", 0..=1_000_000).unwrap_or(0);
        read.first = page.prose(&head, "first").unwrap_or_default();
    }
    let rules = page.tables(root, "rows", "[[rows]]");
    if rules.is_empty() && !page.meant(root, "rows") {
        page.tell(0..0, "the file has no [[rows]]", "add the lines: [[rows]] and: name = \"usage-event\"".to_owned());
    }
    read.rows = rules.iter().map(|table| rule(page, table)).collect();
    read
}

fn rule(page: &mut Page<'_>, table: &Table<'_>) -> RowRule {
    page.keys(table, &["name", "each", "key", "time", "doc-time", "unit", "with", "without", "when", "fresh"]);
    page.need(table, &[("name", "\"usage-event\"")]);
    let mut read = RowRule::default();
    if let Some(name) = page.string(table, "name") {
        check_id(page, &name, "name", true);
        read.name = name.text.to_owned();
    }
    // The whole document is an empty path, which no other string may be.
    let whole = table.entries.get("each").is_some_and(|value| value.get_ref().as_str() == Some(""));
    let each = if whole { None } else { page.string(table, "each") };
    if let Some(each) = each {
        path(page, &each, "each", true);
        read.each = each.text.to_owned();
    }
    read.without = page.strings(table, "without").into_iter().map(|word| word.text.to_owned()).collect();
    if let Some(key) = page.string(table, "key") {
        if key.text.contains(['"', '\\']) || key.text.starts_with('@') || key.text.chars().any(char::is_control) {
            let help = "a plain word, such as 'task_id'".to_owned();
            page.tell(key.span.clone(), format!("bad key {}", quoted(key.text)), help);
        }
        read.key = Some(key.text.to_owned());
    }
    read.time = paths(page, table, "time");
    read.doc_time = paths(page, table, "doc-time");
    for word in page.strings(table, "unit") {
        template(page, &word);
        read.unit.push(word.text.to_owned());
    }
    if let Some(with) = page.table(table, "with") {
        for name in with.entries.keys() {
            let name: &str = name.get_ref();
            if name.contains(['"', '\\']) || name.starts_with('@') {
                page.tell(with.key_span(name), format!("bad name {} in 'with'", quoted(name)), None);
            }
            if let Some(from) = page.string(&with, name) {
                if !matches!(from.text, "@file" | "@folder") {
                    path(page, &from, "with", false);
                }
                read.with.push((name.to_owned(), from.text.to_owned()));
            }
        }
    }
    if let Some(when) = page.table(table, "when") {
        for name in when.entries.keys() {
            let name: &str = name.get_ref();
            let words = when.entries.get(name).map_or_else(Vec::new, |value| page.strings_of(value, name));
            read.when.push((name.to_owned(), globs(page, words)));
        }
    }
    read.fresh = page.flag(table, "fresh").unwrap_or(false);
    read
}

fn paths(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<String> {
    let words = page.strings(table, key);
    words
        .into_iter()
        .map(|word| {
            path(page, &word, key, false);
            word.text.to_owned()
        })
        .collect()
}

/// Tells what is wrong with a dotted path.
fn path(page: &mut Page<'_>, word: &Word<'_>, key: &str, stars: bool) {
    let steps = word.text.split('.').count();
    let what = if word.text.starts_with('.') || word.text.ends_with('.') || word.text.contains("..") {
        "an empty step"
    } else if steps > STEPS {
        "too many steps"
    } else if word.text.contains(['"', '\\', '/']) {
        "a character that is no part of a path"
    } else if !stars && word.text.split('.').any(|step| step == "*") {
        "a '*', which only 'each' may have"
    } else {
        return;
    };
    let help = "dotted steps, such as 'signals.lint.status', 'items.0' or 'items#'".to_owned();
    page.tell(word.span.clone(), format!("the path {} of '{key}' has {what}", quoted(word.text)), help);
}

/// Tells what is wrong with a text that has paths in braces.
fn template(page: &mut Page<'_>, word: &Word<'_>) {
    let mut rest = word.text;
    while let Some(open) = rest.find(['{', '}']) {
        let inner = rest.get(open + 1..).and_then(|after| Some((after, after.find(['{', '}'])?)));
        match inner {
            Some((after, close))
                if rest.as_bytes().get(open) == Some(&b'{')
                    && after.as_bytes().get(close) == Some(&b'}')
                    && close > 0 =>
            {
                rest = after.get(close + 1..).unwrap_or("");
            }
            _ => {
                let what = format!("the braces of the unit {} do not fit together", quoted(word.text));
                page.tell(word.span.clone(), what, "such as 'watch-{role}'".to_owned());
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
