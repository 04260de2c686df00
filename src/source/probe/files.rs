//! A file, or a folder: is it there, how old is it, how many are there?
//!
//! In: a path. Out: ages in seconds, sizes in bytes, counts, and the content of documents. It must never follow a link out
//! of a folder that it walks through, nor walk further than [`ENTRIES`].

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::LARGEST;
use super::answer::{Body, Found};
use super::around::Around;
use super::failure::{Failure, Reason, io_failure};
use super::model::Folder;
use crate::base::Stamp;

/// So many entries of a folder are looked at.
const ENTRIES: usize = 200_000;
/// So many folders in a folder.
const DEPTH: usize = 16;
/// A day, in seconds.
const DAY: i64 = 86_400;

pub(super) fn file(path: &str, around: &Around, now: Stamp) -> Result<Found, Failure> {
    let path = around.path(path)?;
    let mut found = Found::default();
    found.tell("path", path.display().to_string());
    let meta = match fs::metadata(&path) {
        Ok(meta) if meta.is_dir() => {
            found.fail(Failure::new(Reason::Unexpected, "expected a file, found a folder"));
            return Ok(found);
        }
        Ok(meta) => meta,
        Err(why) => {
            found.fail(io_failure(&why));
            return Ok(found);
        }
    };
    found.tell("size", meta.len());
    if let Some(age) = age(&meta, now) {
        found.tell("age_s", age);
    }
    // A pipe would wait for a writer.
    if meta.is_file() {
        read(&path, None, &mut found);
    }
    Ok(found)
}

/// Reads a document; anything else is left alone.
fn read(path: &Path, name: Option<String>, found: &mut Found) {
    let mut bytes = Vec::new();
    let done = File::open(path).and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes));
    if let Err(why) = done {
        let mut failure = io_failure(&why);
        if let Some(name) = &name {
            failure.detail = format!("{name}: {}", failure.detail);
        }
        found.fail(failure);
        return;
    }
    // A page of pairs (result_summary.md) is a document too, when a definition knows it.
    let page = path.extension().is_some_and(|end| end == "md");
    let document = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    if !document && !page {
        return;
    }
    let whole = bytes.len() <= LARGEST;
    if !whole {
        bytes.truncate(LARGEST);
        let what = format!("the document is longer than {} MiB, so it was not read", LARGEST >> 20);
        found.fail(Failure::new(Reason::TooLarge, what));
    }
    let path = Some(path.display().to_string());
    found.bodies.push(Body { bytes, whole, documents: true, path, name });
}

/// One entry of a folder.
struct Entry {
    /// Its path within the folder.
    name: String,
    path: PathBuf,
    modified: Option<Stamp>,
    file: bool,
}

pub(super) fn folder(folder: &Folder, around: &Around, now: Stamp) -> Result<Found, Failure> {
    let path = around.path(&folder.path)?;
    let mut found = Found::default();
    found.tell("path", path.display().to_string());
    let mut entries = Vec::new();
    if let Err(why) = walk(&path, "", folder, 0, &mut entries) {
        found.fail(match fs::metadata(&path) {
            Ok(meta) if !meta.is_dir() => Failure::new(Reason::Unexpected, "expected a folder, found a file"),
            _ => io_failure(&why),
        });
        return Ok(found);
    }
    if entries.len() >= ENTRIES {
        found.fail(Failure::new(Reason::TooLarge, format!("only the first {ENTRIES} entries were looked at")));
    }
    // By age; those without one first, and the name decides between equals.
    entries.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
    let age = |entry: &Entry| entry.modified.map(|time| now.since(time).as_seconds());
    found.tell("count", entries.len());
    found.tell("last_day", entries.iter().filter(|entry| age(entry).is_some_and(|age| age < DAY)).count());
    let dated = || entries.iter().filter(|entry| entry.modified.is_some());
    for (which, entry) in [("oldest", dated().next()), ("newest", dated().next_back())] {
        if let Some((entry, age)) = entry.and_then(|entry| Some((entry, age(entry)?))) {
            found.tell(which, entry.name.as_str());
            found.tell(&format!("{which}_age_s"), age);
        }
    }
    // Oldest first, as a log.
    let files: Vec<&Entry> = entries.iter().filter(|entry| entry.file).collect();
    for entry in files.get(files.len().saturating_sub(folder.read)..).unwrap_or_default() {
        read(&entry.path, Some(entry.name.clone()), &mut found);
    }
    Ok(found)
}

fn walk(path: &Path, below: &str, folder: &Folder, depth: usize, entries: &mut Vec<Entry>) -> std::io::Result<()> {
    for entry in fs::read_dir(path)? {
        if entries.len() >= ENTRIES {
            return Ok(());
        }
        let Ok(entry) = entry else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let inner = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        // Not what a link points to. An entry that is gone by now is none.
        let Ok(meta) = entry.metadata() else { continue };
        if folder.recursive && meta.is_dir() {
            if depth < DEPTH && !name.starts_with('.') {
                // A folder that cannot be read within one that can is left out.
                let _ = walk(&entry.path(), &inner, folder, depth + 1, entries);
            }
            continue;
        }
        let fits = match &folder.pattern {
            Some(glob) => glob.matches(&name),
            None => !name.starts_with('.'),
        };
        if fits {
            let modified = modified(&meta);
            entries.push(Entry { name: inner, path: entry.path(), modified, file: meta.is_file() });
        }
    }
    Ok(())
}

fn modified(meta: &Metadata) -> Option<Stamp> {
    let time = jiff::Timestamp::try_from(meta.modified().ok()?).ok()?;
    Stamp::from_jiff(time)
}

/// Seconds since it was written; one that comes from the future is new.
fn age(meta: &Metadata, now: Stamp) -> Option<i64> {
    modified(meta).map(|time| now.since(time).as_seconds())
}
