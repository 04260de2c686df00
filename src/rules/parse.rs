//! Reads a pack.
//!
//! In: the text of a pack. Out: a [`Pack`], or every mistake in it at once. It must never read a file itself, and never
//! hand out a pack with a mistake in it.

use std::collections::{HashMap, HashSet};

use toml::Spanned;
use toml::de::DeTable;

use super::detector::{detector, strange_keys};
use super::list::List;
use super::model::{About, Link, Pack, Selector, Signature};
use super::signature::signature;
use super::table::{Page, TOLD, Table, Word, quoted, suggest, whole_file};
use crate::base::{Class, Glob, Problem, nearest};

/// A pack may be so many bytes long.
pub(super) const LARGEST: usize = 1024 * 1024;
/// A pack may hold so many signatures, and as many detectors.
const MOST: usize = 2_000;
/// A pack may mention other signatures so many times: each mention is looked up.
const LINKS: usize = 10_000;

/// Reads the text of a pack; `file` is the name shown in messages.
///
/// # Errors
/// All mistakes of the file, in its order. While the file is not TOML, only what makes it so is told: the rest would be
/// guesses.
pub fn parse(file: &str, text: &str) -> Result<Pack, Vec<Problem>> {
    document(file, text, |page, root| pack(page, file, root))
}

/// Reads the text of a file with `read`, which notes mistakes on the page.
pub(super) fn document<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&mut Page<'_>, &Table<'_>) -> T,
) -> Result<T, Vec<Problem>> {
    if text.len() > LARGEST {
        let what = format!("a pack may be 1 MiB long, this one has {} bytes", text.len());
        return Err(vec![whole_file(file, what, "split it into several packs".to_owned())]);
    }
    let mut page = Page::new(file, text);
    let Some(document) = toml_of(&mut page, text) else { return Err(page.into_problems()) };
    let root = Table::new(document.get_ref(), 0..0, "the file");
    let read = read(&mut page, &root);
    let problems = page.into_problems();
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

/// The text as TOML. `None`: it is none, and the page has all that makes it so.
pub(super) fn toml_of<'t>(page: &mut Page<'_>, text: &'t str) -> Option<Spanned<DeTable<'t>>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let right = errors.is_empty();
    for error in errors {
        let what = format!("not TOML: {}", error.message());
        page.tell(error.span().unwrap_or(0..0), what, toml_help(error.message()));
    }
    right.then_some(document)
}

/// The remedy for the slips that authors of packs make most.
fn toml_help(message: &str) -> Option<String> {
    let help = if message.contains("escape") {
        "between double quotes a backslash begins an escape; write patterns in single quotes: '\\d+'"
    } else if message.starts_with("invalid float") || message.starts_with("string values") {
        "text stands in quotes: \"...\""
    } else {
        return None;
    };
    Some(help.to_owned())
}

fn pack(page: &mut Page<'_>, file: &str, root: &Table<'_>) -> Pack {
    page.keys(root, &["pack", "signature", "detector"]);
    if !page.meant(root, "pack") {
        page.tell(0..0, "the file has no [pack]", "begin it with the lines: [pack] and: name = \"nats\"".to_owned());
    }
    let mut pack = Pack {
        name: String::new(),
        title: String::new(),
        version: 1,
        about: About::default(),
        file: file.to_owned(),
        signatures: List::default(),
        detectors: List::default(),
        links: Vec::new(),
        keys: Vec::new(),
    };
    if let Some(head) = page.table(root, "pack") {
        let head = Table { name: "[pack]".to_owned(), ..head };
        page.keys(&head, &["name", "title", "version", "about"]);
        page.need(&head, &[("name", "\"nats\"")]);
        if let Some(name) = page.string(&head, "name") {
            check_id(page, &name, "name", true);
            pack.name = name.text.to_owned();
        }
        pack.title = page.prose(&head, "title").unwrap_or_else(|| pack.name.clone());
        pack.about = page.choice(&head, "about", About::WORDS).unwrap_or_default();
        pack.version = page.number(&head, "version", 1..=u32::MAX).unwrap_or(1);
    }
    let mut taken = HashMap::new();
    let mut rules = page.tables(root, "signature", "the signature");
    limit(page, &mut rules, "signatures");
    for mut table in rules {
        let id = identify(page, &mut table, &pack.name, "signature", &mut taken);
        let (rule, links) = signature(page, &table, id);
        pack.signatures.push(Signature { about: pack.about, ..rule });
        pack.links.extend(links);
    }
    let mut rules = page.tables(root, "detector", "the detector");
    limit(page, &mut rules, "detectors");
    for mut table in rules {
        let id = identify(page, &mut table, &pack.name, "detector", &mut taken);
        let (rule, links, keys) = detector(page, &table, id);
        pack.detectors.extend(rule);
        pack.links.extend(links);
        pack.keys.extend(keys);
    }
    if pack.links.len() > LINKS {
        let what = format!("a pack may mention {LINKS} other signatures, this one has {}", pack.links.len());
        page.tell(0..0, what, "use patterns such as 'common/*'".to_owned());
    }
    if !page.meant(root, "signature") && !page.meant(root, "detector") {
        page.tell(0..0, "the file has neither a [[signature]] nor a [[detector]]", None);
    }
    pack
}

fn limit(page: &mut Page<'_>, rules: &mut Vec<Table<'_>>, what: &str) {
    if let Some(first) = rules.get(MOST) {
        let found = rules.len();
        page.tell(first.span.clone(), format!("a pack may hold {MOST} {what}, this one has {found}"), None);
        rules.truncate(MOST);
    }
}

/// Reads the id of a rule and calls the rule by it from here on. Returns the full id.
fn identify(
    page: &mut Page<'_>,
    table: &mut Table<'_>,
    pack: &str,
    kind: &str,
    taken: &mut HashMap<String, usize>,
) -> String {
    let Some(word) = page.string(table, "id") else { return String::new() };
    table.name = format!("the {kind} {}", quoted(word.text));
    check_id(page, &word, "id", false);
    let line = page.problem(word.span.clone(), "", None).line;
    if let Some(first) = taken.insert(word.text.to_owned(), line) {
        let what = format!("the id {} is already taken in line {first}", quoted(word.text));
        page.tell(word.span.clone(), what, "ids are unique in a pack".to_owned());
    }
    format!("{pack}/{}", word.text)
}

/// Lower-case letters, digits and dashes; names of packs begin with a letter.
pub(super) fn check_id(page: &mut Page<'_>, word: &Word<'_>, key: &str, letter_first: bool) {
    let fits = word.text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let begins = !letter_first || word.text.starts_with(|c: char| c.is_ascii_lowercase());
    if fits && begins && word.text.len() <= 100 {
        return;
    }
    let first = if letter_first { "begin with a letter and " } else { "" };
    let what = format!("bad {key} {}", quoted(word.text));
    let help = format!("{key}s {first}hold lower-case letters, digits and dashes, 100 at most");
    page.tell(word.span.clone(), what, help);
}

/// The words of an id, for a rule without a title.
pub(super) fn title_of(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).replace('-', " ")
}

/// Reads shell patterns.
pub(super) fn globs(page: &mut Page<'_>, words: Vec<Word<'_>>) -> Vec<Glob> {
    let mut globs = Vec::new();
    for word in words {
        match Glob::new(word.text) {
            Ok(glob) => globs.push(glob),
            Err(err) => page.tell(
                word.span,
                format!("bad pattern {}: {}", quoted(word.text), err.why),
                "'*' any text, '?' one character, '[ab]' one of these; '\\' before one of them takes it as it is"
                    .to_owned(),
            ),
        }
    }
    globs
}

/// Reads the selectors of a detector: those of signatures, and `unclassified`.
pub(super) fn event_selectors(page: &mut Page<'_>, words: Vec<Word<'_>>, links: &mut Vec<Link>) -> Vec<Selector> {
    let (unknown, known): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.text == Selector::UNCLASSIFIED);
    let mut selectors = selectors(page, known, links);
    selectors.extend(unknown.first().map(|_| Selector::Unclassified));
    selectors
}

/// Reads selectors; those that name ids are also noted in `links`, to be checked against all packs.
pub(super) fn selectors(page: &mut Page<'_>, words: Vec<Word<'_>>, links: &mut Vec<Link>) -> Vec<Selector> {
    let mut selectors = Vec::new();
    for word in words {
        if let Some(class) = word.text.strip_prefix("class:") {
            match class.parse::<Class>() {
                Ok(class) => selectors.push(Selector::Class(class)),
                Err(_) => {
                    let names: Vec<&str> = Class::ALL.iter().map(|class| class.word()).collect();
                    let part = page.inside(&word, "class:".len()..word.text.len());
                    page.tell(part, format!("unknown class {}", quoted(class)), suggest(class, &names));
                }
            }
            continue;
        }
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-*?[]!".contains(c);
        let halves = word.text.split_once('/');
        let glob = Glob::new(word.text).ok();
        match (halves, glob) {
            (Some((pack, id)), Some(glob))
                if !pack.is_empty() && !id.is_empty() && pack.chars().all(fits) && id.chars().all(fits) =>
            {
                let problem = page.problem(word.span, format!("no signature is named {}", quoted(word.text)), None);
                let selector = Selector::Id(glob);
                links.push(Link { selector: selector.clone(), problem });
                selectors.push(selector);
            }
            _ => {
                let help = match word.text.parse::<Class>() {
                    Ok(class) => format!("write 'class:{class}' for all signatures of the class"),
                    Err(_) => "such as 'nats/no-servers', 'common/*' or 'class:network'".to_owned(),
                };
                page.tell(word.span, format!("{} names no signatures", quoted(word.text)), help);
            }
        }
    }
    selectors
}

/// Every link of `packs` that names no signature of any of them, and every key of a detector that none of its signatures
/// captures; at most 100 of each.
///
/// Classes are a closed list, so `class:...` is right also when no signature of the class is loaded.
pub fn check_links(packs: &[Pack]) -> Vec<Problem> {
    let mut problems = dangling(packs, |_, _| true);
    problems.extend(strange_keys(packs, true));
    problems
}

/// The same, only of the links that `wanted` wants to hear of.
pub(super) fn dangling(packs: &[Pack], wanted: impl Fn(&Pack, &Glob) -> bool) -> Vec<Problem> {
    // Without links no pack has to be looked into.
    if packs.iter().all(|pack| pack.links.is_empty()) {
        return Vec::new();
    }
    let ids: HashSet<&str> = packs.iter().flat_map(|pack| &pack.signatures).map(|rule| rule.id.as_str()).collect();
    let mut problems = Vec::new();
    let links = packs.iter().flat_map(|pack| pack.links.iter().map(move |link| (pack, link)));
    for (pack, link) in links {
        let Selector::Id(glob) = &link.selector else { continue };
        let found = ids.contains(glob.as_str())
            || (glob.as_str().contains(['*', '?', '[']) && ids.iter().any(|id| glob.matches(id)));
        if found || !wanted(pack, glob) {
            continue;
        }
        // In the order of the packs: sets have none of their own.
        let names = packs.iter().flat_map(|pack| &pack.signatures).map(|rule| rule.id.as_str());
        let mut problem = link.problem.clone();
        problem.help = nearest(glob.as_str(), names).map(|near| format!("did you mean '{near}'?"));
        problems.push(problem);
        if problems.len() == TOLD {
            break;
        }
    }
    problems
}
