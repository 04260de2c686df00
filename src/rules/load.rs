//! Finds packs and reads them all.
//!
//! In: files, folders, and whether the built-in packs are wanted. Out: the packs that are right and the mistakes of those
//! that are not. One bad pack must never stop the others.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::builtin::{builtin as builtin_texts, builtin_formats, packs as builtin_packs};
use super::classifier::{ClassTable, is_classifier, parse_classifier};
use super::detector::strange_keys;
use super::formats::{is_format, parse_format};
use super::model::Pack;
use super::parse::{LARGEST, dangling, parse};
use super::table::whole_file;
use crate::base::Problem;
use crate::record::document::Definition;

/// The packs that are right, and what is wrong with the others.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Built-in packs first, then the others in the order of the paths; those of one folder by file name.
    pub packs: Vec<Pack>,
    /// The classifiers among the files at the paths; the built-in ones are read when they are asked for.
    pub classifiers: Vec<ClassTable>,
    /// The definitions of documents: the built-in ones, which always hold, and those among the files at the paths. One
    /// with the name of a built-in one replaces it.
    pub formats: Vec<Definition>,
    /// All mistakes of all files.
    pub problems: Vec<Problem>,
}

/// Loads the packs at `paths` (files, or folders of `*.toml`), and with `builtin` also those of the binary.
///
/// A pack with the name of a built-in one replaces it. Links between packs are checked at the end.
pub fn load(paths: &[PathBuf], builtin: bool) -> Loaded {
    let mut loaded = Loaded { formats: builtin_formats(), ..Loaded::default() };
    let mut failed: Vec<String> = Vec::new();
    if builtin {
        loaded.packs = builtin_packs();
    }
    let mut own = loaded.packs.len();
    for path in files(paths, &mut loaded.problems) {
        let file = path.display().to_string();
        let text = match read(&path, &file, "packs are") {
            Ok(text) => text,
            Err(problems) => {
                loaded.problems.extend(problems);
                continue;
            }
        };
        if is_classifier(&text) {
            match parse_classifier(&file, &text) {
                Ok(table) => loaded.classifiers.push(table),
                Err(problems) => loaded.problems.extend(problems),
            }
            continue;
        }
        if is_format(&text) {
            match parse_format(&file, &text) {
                Ok(format) => add_format(&mut loaded, format),
                Err(problems) => loaded.problems.extend(problems),
            }
            continue;
        }
        if is_configuration(&text) {
            let what = "this is a configuration, not a pack: it has no [pack]";
            let help = format!("use -c/--config: logtriage rules check -c {file}");
            loaded.problems.push(whole_file(&file, what, help));
            continue;
        }
        match parse(&file, &text).inspect_err(|_| failed.extend(pack_name(&text))) {
            Ok(pack) => add(&mut loaded, pack, &mut own),
            Err(problems) => loaded.problems.extend(problems),
        }
    }
    // A link into a pack that could not be read may be right: that pack's own mistakes come first. And nobody can mend a
    // built-in pack that points into one they replaced.
    let whole = loaded.problems.is_empty();
    let replaced = builtin && own < builtin_texts().len();
    let builtins: HashSet<String> = loaded.packs.iter().take(own).map(|pack| pack.name.clone()).collect();
    let told = dangling(&loaded.packs, |pack, link| {
        let target = link.as_str().split('/').next().unwrap_or("");
        let excused = failed.iter().any(|name| name == target) || (replaced && builtins.contains(&pack.name));
        !excused
    });
    loaded.problems.extend(told);
    loaded.problems.extend(strange_keys(&loaded.packs, whole));
    loaded
}

/// Adds a pack; the first `own` packs are built in and give way.
fn add(loaded: &mut Loaded, pack: Pack, own: &mut usize) {
    let same = loaded.packs.iter().position(|other| other.name == pack.name);
    match same {
        Some(index) if index < *own => {
            loaded.packs.remove(index);
            *own -= 1;
            loaded.packs.push(pack);
        }
        Some(index) => {
            let first = loaded.packs.get(index).map_or("", |other| other.file.as_str());
            let what = format!("the pack '{}' was already loaded from {first}", pack.name);
            loaded.problems.push(whole_file(&pack.file, what, "give one of them another name".to_owned()));
        }
        None => loaded.packs.push(pack),
    }
}

/// Adds a definition of documents.
fn add_format(loaded: &mut Loaded, format: Definition) {
    match loaded.formats.iter_mut().find(|other| other.name == format.name) {
        // Those of the binary are known by the names of their files alone.
        Some(other) if !other.file.contains(['/', '\\']) => *other = format,
        Some(other) => {
            let what = format!("the format '{}' was already loaded from {}", format.name, other.file);
            loaded.problems.push(whole_file(&format.file, what, "give one of them another name".to_owned()));
        }
        None => loaded.formats.push(format),
    }
}

/// The files at `paths`: folders give their `*.toml`, sorted.
fn files(paths: &[PathBuf], problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let named = entries.filter_map(Result::ok).map(|entry| entry.path());
                let mut found: Vec<PathBuf> =
                    named.filter(|path| path.extension().is_some_and(|end| end == "toml") && path.is_file()).collect();
                if found.is_empty() {
                    let what = "no packs in this folder";
                    problems.push(whole_file(&path.display().to_string(), what, "packs end in '.toml'".to_owned()));
                }
                found.sort();
                files.extend(found);
            }
            Err(err) => problems.push(whole_file(&path.display().to_string(), err.to_string(), None)),
        }
    }
    files
}

/// The text of a file; one byte more than a pack may have is enough to refuse it.
pub(super) fn read(path: &Path, file: &str, what: &str) -> Result<String, Vec<Problem>> {
    let mut bytes = Vec::new();
    let limit = LARGEST as u64 + 1;
    let done = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    if let Err(err) = done {
        return Err(vec![whole_file(file, err.to_string(), None)]);
    }
    String::from_utf8(bytes).map_err(|err| {
        let at = err.utf8_error().valid_up_to();
        let line = err.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let help = format!("{what} UTF-8 text");
        vec![whole_file(file, format!("not UTF-8: a stray byte in line {line}"), help)]
    })
}

/// A configuration that was taken for a pack.
fn is_configuration(text: &str) -> bool {
    let (document, _) = toml::de::DeTable::parse_recoverable(text);
    let has = |key| document.get_ref().contains_key(key);
    ["override", "packs", "probe", "probe-sets"].into_iter().any(has)
        && !["pack", "signature", "detector"].into_iter().any(has)
}

/// The name of a pack that has mistakes elsewhere.
fn pack_name(text: &str) -> Option<String> {
    let (document, _) = toml::de::DeTable::parse_recoverable(text);
    let head = document.get_ref().get("pack")?.get_ref().as_table()?;
    head.get("name")?.get_ref().as_str().map(str::to_owned)
}
