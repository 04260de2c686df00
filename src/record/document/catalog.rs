//! All definitions, and which of them a document is.
//!
//! In: definitions, and documents as raw JSON or the head of a stream. Out: the definition, or none. A document that two
//! definitions fit goes to the one that says more about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::super::json::Items;
use super::super::json::Value;
use super::super::lookup;
use super::model::{Definition, Syntax};
use super::rows::Context;
use super::stream::Exploder;

/// Endings that compression gives a file.
const PACKED: &[&str] = &[".gz", ".zst", ".xz", ".bz2", ".lz4"];

/// Definitions, ready to be asked.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    definition: Definition,
    /// What stands in each document that has what the definition wants: the keys, without their closing quotes.
    keys: Vec<Finder<'static>>,
    /// The same of where its rows are.
    rows: Vec<Finder<'static>>,
}

/// What a stream holds.
#[derive(Clone, Debug)]
pub struct Head {
    /// The definition of its first document.
    pub definition: usize,
    /// It was named, so it holds for all documents.
    pub forced: bool,
}

impl Catalog {
    /// A catalog of these definitions.
    pub fn new(definitions: Vec<Definition>) -> Arc<Catalog> {
        let entry = |definition: Definition| {
            let open = if definition.syntax == Syntax::Json { "\"" } else { "" };
            let finders = |keys: BTreeSet<&str>| {
                keys.iter().map(|key| Finder::new(&format!("{open}{key}")).into_owned()).collect::<Vec<_>>()
            };
            let keys = finders(definition.has.iter().flat_map(|path| keys_of(path)).collect());
            let rows = finders(definition.rows.iter().filter_map(|rule| keys_of(&rule.each).next()).collect());
            Entry { definition, keys, rows }
        };
        Arc::new(Catalog { entries: definitions.into_iter().map(entry).collect() })
    }

    /// All definitions, in their order.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.entries.iter().map(|entry| &entry.definition)
    }

    /// The definition with this index.
    pub fn get(&self, index: usize) -> Option<&Definition> {
        self.entries.get(index).map(|entry| &entry.definition)
    }

    /// The definition with this name, for all documents of a stream.
    pub fn named(&self, name: &str) -> Option<Head> {
        let definition = self.definitions().position(|definition| definition.name == name)?;
        Some(Head { definition, forced: true })
    }

    /// Does a stream that begins with `head` hold documents? `path` is its file, if it has one; `whole`: nothing follows.
    ///
    /// Costs a search for some words where it holds none.
    pub fn look(self: &Arc<Catalog>, path: Option<&str>, head: &[u8], whole: bool) -> Option<Head> {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let first = *text.trim_ascii_start().first()?;
        let syntaxes: &[Syntax] = match first {
            b'{' | b'[' => &[Syntax::Json],
            b'#' | b'-' => &[Syntax::Bullets],
            byte if byte.is_ascii_alphabetic() => &[Syntax::Properties, Syntax::Json],
            _ => &[Syntax::Json],
        };
        syntaxes.iter().find_map(|&syntax| {
            if syntax == Syntax::Json && !begins_value(text) {
                return None;
            }
            let mut likely: Vec<usize> = Vec::new();
            for (index, entry) in self.entries.iter().enumerate() {
                let found = entry.keys.iter().filter(|key| key.find(text).is_some()).count();
                // Of a document that is longer than the head, or that breaks off, some keys are enough.
                let enough = if syntax == Syntax::Json { entry.keys.len().min(1) } else { entry.keys.len() };
                if entry.definition.syntax == syntax && found >= enough && entry.may_be(path) {
                    likely.push(index);
                }
            }
            if likely.is_empty() { None } else { self.try_out(path, text, whole, syntax, &likely) }
        })
    }

    /// Reads the head as what follows will be read.
    fn try_out(
        self: &Arc<Catalog>,
        path: Option<&str>,
        head: &[u8],
        whole: bool,
        syntax: Syntax,
        likely: &[usize],
    ) -> Option<Head> {
        let context = Context {
            path: path.map(str::to_owned),
            zone: jiff::tz::TimeZone::UTC,
            now: crate::base::Stamp(0),
            moment: None,
        };
        let mut trial = Exploder::new(self.clone(), context, syntax, None);
        trial.feed(head, whole, &mut |_| {});
        let definition = match trial.met() {
            Some(met) => met,
            // The first document is longer than the head, or broken: what can be seen of it must do.
            None if trial.is_in_first() || !trial.problems().is_empty() => {
                *likely.iter().max_by_key(|&&index| self.weight(index, path, head))?
            }
            None => return None,
        };
        Some(Head { definition, forced: false })
    }

    /// How much of what can be seen of a document is what a definition says: of what it wants, what is there and what is not
    /// (yet), and where its rows are.
    fn weight(&self, index: usize, path: Option<&str>, head: &[u8]) -> (isize, bool, std::cmp::Reverse<usize>) {
        let Some(entry) = self.entries.get(index) else { return (isize::MIN, false, std::cmp::Reverse(index)) };
        let there = |keys: &[Finder<'static>]| keys.iter().filter(|key| key.find(head).is_some()).count() as isize;
        let (found, wanted) = (there(&entry.keys), entry.keys.len() as isize);
        (2 * found - wanted + there(&entry.rows), entry.is_by_file(path), std::cmp::Reverse(index))
    }

    /// The definition of a document: the one that wants most of it; of several, one that wants this file.
    pub(super) fn find(&self, document: &[u8], syntax: Syntax, path: Option<&str>) -> Option<usize> {
        let fitting = self.entries.iter().enumerate().filter(|(_, entry)| {
            entry.definition.syntax == syntax
                && entry.keys.iter().all(|key| key.find(document).is_some())
                && entry.may_be(path)
                && entry.definition.has.iter().all(|wanted| lookup::find(document, wanted.as_bytes()).is_some())
        });
        let rank = |index: usize, entry: &Entry| {
            let by_file = entry.is_by_file(path);
            (entry.definition.has.len(), by_file, std::cmp::Reverse(index))
        };
        fitting.max_by_key(|(index, entry)| rank(*index, entry)).map(|(index, _)| index)
    }

    /// The same for an array whose items are documents.
    pub(super) fn find_in_array(&self, array: &[u8], path: Option<&str>) -> bool {
        let Some(Ok(Value::Object(first))) = Items::new(array).next() else { return false };
        self.find(first, Syntax::Json, path).is_some()
    }
}

impl Entry {
    /// The name of the file speaks for it.
    fn is_by_file(&self, path: Option<&str>) -> bool {
        path.is_some() && !self.definition.files.is_empty()
    }

    /// Can it be of this file? Without a path, only what is wanted of the document decides, so something must be.
    fn may_be(&self, path: Option<&str>) -> bool {
        let Definition { files, has, .. } = &self.definition;
        match path {
            None => !has.is_empty(),
            Some(path) => files.is_empty() || files.iter().any(|glob| fits_end(glob, path)),
        }
    }
}

/// Does the pattern fit the end of the path, of which it has so many parts?
fn fits_end(glob: &crate::base::Glob, path: &str) -> bool {
    let path = PACKED.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    let parts = glob.as_str().matches('/').count() + 1;
    let from = path.rmatch_indices('/').nth(parts - 1).map_or(0, |(at, _)| at + 1);
    path.get(from..).is_some_and(|end| glob.matches(end))
}

/// The keys of a path; indexes are none.
fn keys_of(path: &str) -> impl Iterator<Item = &str> {
    let is_key = |step: &&str| !step.is_empty() && *step != "*" && !step.bytes().all(|b| b.is_ascii_digit());
    path.split(['.', '#']).filter(is_key)
}

/// Does some line begin with a bracket?
fn begins_value(head: &[u8]) -> bool {
    let bracket = |line: &[u8]| matches!(line.trim_ascii_start().first(), Some(b'{' | b'['));
    head.split(|b| *b == b'\n').any(bracket)
}
