//! Reads the built-in packs while the program is built, so that no start of it has to.
//!
//! In: `grammars/packs` and `grammars/formats`. Out, in `OUT_DIR`: `packs.bin` and `formats.bin`, all packs and all
//! definitions of documents as they are once they are read and found right; `packs.rs` and `cases.rs`, the names and texts of packs and cases. The rooms `base` and `rules` are compiled into this
//! script as they are, so there is one reader of packs. A mistake in a pack ends the build, with its line and a caret.

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
    #[path = "formats.rs"]
    mod formats;
    #[path = "kind.rs"]
    mod kind;
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

    pub use clue::{Clue, Needle};
    pub use formats::parse_format;
    pub use model::Pack;
    pub use parse::{check_links, parse};
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
    for watched in watched {
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
    let bytes = postcard::to_stdvec(&packs).expect("packs are plain data");
    write(&out.join("packs.bin"), &bytes);
    write(&out.join("formats.bin"), &postcard::to_stdvec(&formats).expect("definitions are plain data"));
    write(&out.join("packs.rs"), list(&texts).as_bytes());
    write(&out.join("cases.rs"), list(&files(&folder, "case")).as_bytes());
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
