//! Reads the built-in packs while the program is built, so that no start of it has to.
//!
//! In: `grammars/packs` and `grammars/formats`. Out, in `OUT_DIR`: `heads.rs` with all packs as they are once they are read
//! and found right, rule by rule; `needles.rs` and `index.rs`, what the plan of all of them works out; `formats.bin`, all
//! definitions of documents; `packs.rs` and `cases.rs`, the names and texts of packs and cases. The rooms `base` and `rules`
//! and the tables of `scan` are compiled into this script as they are, so there is one reader of packs and one maker of
//! plans. A mistake in a pack ends the build, with its line and a caret.

#![allow(dead_code, unused_imports)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/base/mod.rs"]
mod base;

/// The room as it stands, but for what it includes of the outcome of this script.
#[path = "src/rules"]
mod rules {
    #[path = "clue.rs"]
    mod clue;
    #[path = "detector.rs"]
    mod detector;
    #[path = "digest.rs"]
    mod digest;
    #[path = "formats.rs"]
    mod formats;
    #[path = "kind.rs"]
    mod kind;
    #[path = "list.rs"]
    mod list;
    #[path = "literals.rs"]
    mod literals;
    #[path = "model.rs"]
    mod model;
    #[path = "numbers.rs"]
    mod numbers;
    #[path = "origin.rs"]
    mod origin;
    #[path = "parse.rs"]
    mod parse;
    #[path = "pattern.rs"]
    mod pattern;
    #[path = "rarity.rs"]
    mod rarity;
    #[path = "signature.rs"]
    mod signature;
    #[path = "table.rs"]
    mod table;

    pub use clue::{Clue, Needle, clues};
    pub use formats::parse_format;
    pub use model::{About, Pack, Selector, Signature};
    pub use parse::{check_links, parse};

    pub fn digest_of(pack: &Pack) -> u64 {
        digest::digest(pack)
    }
}

/// The tables of the room as they stand, and how they are written down as Rust.
#[path = "src/scan"]
mod scan {
    #[path = "content.rs"]
    mod content;
    #[path = "grams.rs"]
    mod grams;
    #[path = "index.rs"]
    mod index;
    #[path = "needles.rs"]
    mod needles;
    #[path = "rows.rs"]
    mod rows;
    #[path = "tables.rs"]
    mod tables;

    use std::path::Path;

    use crate::rules::Signature;

    pub fn write_plan(signatures: &[&Signature], out: &Path) {
        let bytes = |name: &str, rows: &rows::Rows<u8>| {
            super::write(&out.join(name), &rows.items);
            format!("Rows::ahead(&{:?}, include_bytes!({name:?}))", rows.ends)
        };
        let numbers = |rows: &rows::Rows<u32>| format!("Rows::ahead(&{:?}, &{:?})", rows.ends, rows.items);
        let made = needles::Needles::new(signatures.iter().map(|s| (&s.clues[..], &s.message_ids[..])));
        let needles::Needles { grams, literals, owners, clues, beside, sets, words, ids, of_id, always } = &made;
        assert_eq!(
            grams.slots.bytes().len(),
            grams::SMALL,
            "the built-in packs have outgrown the small table of grams"
        );
        super::write(&out.join("slots.bin"), grams.slots.bytes());
        let grams = format!(
            "Grams {{ slots: Slots::Ahead(include_bytes!(\"slots.bin\")), shorts: Cow::Borrowed(&{:?}), ends: Cow::Borrowed(&{:?}), spots: Cow::Borrowed(&{:?}) }}",
            grams.shorts, grams.ends, grams.spots
        );
        let text = format!(
            "Needles {{ grams: {grams}, literals: {}, owners: {}, clues: {}, beside: {}, sets: {}, words: {}, ids: {}, of_id: {}, always: {} }}",
            bytes("literals.bin", literals),
            numbers(owners),
            numbers(clues),
            numbers(beside),
            numbers(sets),
            bytes("words.bin", words),
            numbers(ids),
            numbers(of_id),
            numbers(always)
        );
        super::write(&out.join("needles.rs"), text.as_bytes());
        let index::Index { ids, classes, ranks, by_id, conditional } = index::Index::new(signatures.iter().copied());
        let classes: Vec<String> = classes.iter().map(|class| format!("Class::{class:?}")).collect();
        let text = format!(
            "Index {{ ids: {}, classes: Cow::Borrowed(&[{}]), ranks: Cow::Borrowed(&{ranks:?}), by_id: Cow::Borrowed(&{by_id:?}), conditional: Cow::Borrowed(&{conditional:?}) }}",
            bytes("ids.bin", &ids),
            classes.join(",")
        );
        super::write(&out.join("index.rs"), text.as_bytes());
    }
}

/// What the definitions of documents are made of.
#[path = "src/record"]
mod record {
    pub mod document {
        #[path = "model.rs"]
        mod model;

        pub use model::{Definition, RowRule, Syntax};
    }
}

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the project is"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    let folder = root.join("grammars").join("packs");
    let watched =
        ["grammars/packs", "grammars/formats", "src/base", "src/rules", "src/record/document/model.rs", "build.rs"];
    let tables = ["content", "grams", "index", "needles", "rows", "tables"].map(|name| format!("src/scan/{name}.rs"));
    for watched in watched.into_iter().chain(tables.iter().map(String::as_str)) {
        println!("cargo::rerun-if-changed={watched}");
    }
    let texts = files(&folder, "toml");
    let mut packs = Vec::new();
    let mut problems = Vec::new();
    for (name, path) in &texts {
        let text = fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        match rules::parse(name, &text) {
            Ok(pack) => packs.push(pack),
            Err(found) => problems.extend(found),
        }
    }
    problems.extend(rules::check_links(&packs));
    let mut formats = Vec::new();
    for (name, path) in files(&root.join("grammars").join("formats"), "toml") {
        let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        match rules::parse_format(&name, &text) {
            Ok(format) => formats.push(format),
            Err(found) => problems.extend(found),
        }
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    assert!(problems.is_empty(), "{} mistakes in grammars", problems.len());
    write_packs(&packs, &out);
    let signatures: Vec<&rules::Signature> = packs.iter().flat_map(|pack| &pack.signatures).collect();
    scan::write_plan(&signatures, &out);
    write(&out.join("formats.bin"), &postcard::to_stdvec(&formats).expect("definitions are plain data"));
    write(&out.join("packs.rs"), list(&texts).as_bytes());
    write(&out.join("cases.rs"), list(&files(&folder, "case")).as_bytes());
}

/// All packs, each rule by itself.
fn write_packs(packs: &[rules::Pack], out: &Path) {
    let store = |name: &str, things: Vec<Vec<u8>>| {
        let ends: Vec<usize> = things
            .iter()
            .scan(0, |end, thing| {
                *end += thing.len();
                Some(*end)
            })
            .collect();
        write(&out.join(name), &things.concat());
        format!("Store {{ bytes: include_bytes!({name:?}), ends: &{ends:?} }}")
    };
    fn encoded<T: serde::Serialize>(thing: &T) -> Vec<u8> {
        postcard::to_stdvec(thing).expect("packs are plain data")
    }
    let signatures = || packs.iter().flat_map(|pack| &pack.signatures);
    let mut text = String::new();
    for (name, value) in [
        ("SIGNATURES", store("signatures.bin", signatures().map(encoded).collect())),
        ("CLUES", store("clues.bin", signatures().map(|signature| encoded(&signature.clues)).collect())),
        ("DETECTORS", store("detectors.bin", packs.iter().flat_map(|pack| &pack.detectors).map(encoded).collect())),
    ] {
        let _ = writeln!(text, "static {name}: Store = {value};");
    }
    let (mut heads, mut signatures, mut detectors) = (Vec::new(), 0, 0);
    for pack in packs {
        let (from, first) = (signatures, detectors);
        signatures += pack.signatures.len();
        detectors += pack.detectors.len();
        heads.push(format!(
            "Head {{ name: {:?}, title: {:?}, version: {}, about: super::model::About::{:?}, file: {:?}, signatures: ({from}, {signatures}), detectors: ({first}, {detectors}), digest: {} }}",
            pack.name, pack.title, pack.version, pack.about, pack.file, rules::digest_of(pack)
        ));
    }
    let _ = writeln!(text, "static HEADS: &[Head] = &[{}];", heads.join(","));
    write(&out.join("heads.rs"), text.as_bytes());
}

/// Names and paths of the files of a folder with this ending, sorted.
fn files(folder: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let fitting = paths.filter(|path| path.extension().is_some_and(|end| end == ending));
    let mut files: Vec<_> =
        fitting.filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path.clone()))).collect();
    files.sort();
    files
}

/// A slice of names and texts, as Rust.
fn list(files: &[(String, PathBuf)]) -> String {
    let mut text = "&[".to_owned();
    for (name, path) in files {
        let _ = write!(text, "({name:?}, include_str!({path:?})),");
    }
    text + "]"
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
}
