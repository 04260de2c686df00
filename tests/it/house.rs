//! The house rules, held by a test: what may import what, and what may not stand in the code.
//!
//! In: the files of the project as they are. Out: every breach at once, with file, line and rule. The checks read text,
//! not syntax trees: they are simple, and an honest mistake does not get past them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors of `src/`. A room imports only rooms on lower floors.
const FLOORS: &[(&str, u8)] = &[
    ("base", 0),
    ("input", 1),
    ("record", 2),
    ("source", 3),
    ("rules", 4),
    ("scan", 5),
    ("detect", 6),
    ("incident", 7),
    ("report", 8),
    ("state", 8),
    ("sink", 8),
    ("run", 9),
    ("cli", 10),
];

/// Where threads are made: everything else must not care how many there are.
const RAYON: &[&str] = &["src/run/batch.rs", "src/run/labels.rs", "src/run/native.rs", "src/cli/diagnose.rs"];

/// Lines of code in a file, its tests not counted.
const LONG: usize = 400;

/// No file is longer than this, whatever the reason.
const TOO_LONG: usize = 600;

/// Files that are longer than [`LONG`], and why they are not cut.
const LONG_FILES: &[(&str, &str)] = &[(
    "src/incident/diagnosis.rs",
    "the document of docs/json.md, from its first key to its last: types and docs only",
)];

/// Where code may stop the program on purpose, and why: file, a part of the line, reason.
const PANICS: &[(&str, &str, &str)] = &[];

/// What no code may hold, tests included.
const NEVER: &[(&str, &str)] = &[
    (concat!("unsa", "fe {"), "no unsafe code"),
    (concat!("unsa", "fe fn"), "no unsafe code"),
    (concat!("unsa", "fe impl"), "no unsafe code"),
    (concat!("to", "do!("), "no stubs"),
    (concat!("unimplem", "ented!("), "no stubs"),
    (concat!("db", "g!("), "no traces of debugging"),
];

/// The one file that may, and why.
const UNSAFE: &[(&str, &str)] = &[("src/input/map.rs", "native journals are mapped, which no checked code can do")];

/// What only tests may hold.
const TESTS_ONLY: &[&str] = &[".unwrap()", ".expect(", ".unwrap_err()", "panic!(", "unreachable!("];

/// Places of developers' machines. `/home/` is checked by the name that follows: those of examples are fine.
const MACHINES: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/ho", "me/")];

/// Users that exist in examples only.
const USERS: &[&str] = &["alice", "app", "bob", "deploy", "op", "user"];

#[test]
fn rooms_import_only_rooms_below() {
    let mut breaches = String::new();
    for file in sources() {
        let Some(floor) = file.room().and_then(floor) else { continue };
        for (line, code) in file.code() {
            for target in targets(&file.path, code) {
                if Some(target) == file.room() {
                    continue;
                }
                match self::floor(target) {
                    Some(below) if below < floor => {}
                    Some(level) => breach(
                        &mut breaches,
                        &file.path,
                        line,
                        &format!(
                            "floor {floor} imports `{target}` on floor {level}: a room imports only rooms below it"
                        ),
                    ),
                    None => breach(
                        &mut breaches,
                        &file.path,
                        line,
                        &format!(
                            "`{target}` is not a room: name the room that has it (see FLOORS in tests/it/house.rs)"
                        ),
                    ),
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches}");
}

#[test]
fn every_room_has_a_floor() {
    let mut breaches = String::new();
    for entry in fs::read_dir(root().join("src")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if !matches!(name.as_str(), "lib.rs" | "main.rs") && floor(&name).is_none() {
            writeln!(breaches, "src/{name}: a room needs a floor in FLOORS, tests/it/house.rs").unwrap();
        }
    }
    assert!(breaches.is_empty(), "{breaches}");
}

#[test]
fn threads_are_made_in_one_place() {
    let mut breaches = String::new();
    for file in sources().iter().filter(|file| !RAYON.contains(&file.path.as_str())) {
        for (line, _) in file.code().filter(|(_, code)| code.contains("rayon")) {
            breach(&mut breaches, &file.path, line, &format!("rayon belongs in {}", RAYON.join(", ")));
        }
    }
    assert!(breaches.is_empty(), "{breaches}");
}

#[test]
fn no_input_can_stop_the_program_and_nothing_is_left_half_done() {
    let mut breaches = String::new();
    for file in sources() {
        for (line, code) in file.all() {
            let mapped = |word: &str| {
                word.starts_with(concat!("unsa", "fe")) && UNSAFE.iter().any(|(path, _)| *path == file.path)
            };
            for (word, rule) in NEVER.iter().filter(|(word, _)| code.contains(word) && !mapped(word)) {
                breach(&mut breaches, &file.path, line, &format!("`{word}`: {rule}"));
            }
        }
        for (line, code) in file.code() {
            let excused = PANICS.iter().any(|(path, part, _)| *path == file.path && code.contains(part));
            for word in TESTS_ONLY.iter().filter(|word| !excused && code.contains(**word)) {
                breach(
                    &mut breaches,
                    &file.path,
                    line,
                    &format!("`{word}` outside of tests: no input may stop the program"),
                );
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches}");
}

#[test]
fn files_are_short() {
    let mut breaches = String::new();
    for file in sources() {
        let lines = file.lines().count();
        let excused = LONG_FILES.iter().any(|(path, _)| *path == file.path);
        if lines > TOO_LONG || (lines > LONG && !excused) {
            writeln!(
                breaches,
                "{}: {lines} lines without tests; more than {LONG} need a reason in LONG_FILES, \
                 more than {TOO_LONG} are never right",
                file.path
            )
            .unwrap();
        }
        if excused && lines <= LONG {
            writeln!(breaches, "{}: {lines} lines: it needs no place in LONG_FILES any more", file.path).unwrap();
        }
    }
    assert!(breaches.is_empty(), "{breaches}");
}

#[test]
fn every_module_says_what_it_is() {
    let bare: Vec<String> =
        sources().into_iter().filter(|file| !file.text.starts_with("//!")).map(|file| file.path).collect();
    assert!(
        bare.is_empty(),
        "a module begins with `//!` docs (what comes in, what goes out, what it must never do): {bare:#?}"
    );
}

#[test]
fn every_pack_is_built_in() {
    let folder = root().join("grammars/packs");
    let mut there: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    there.sort();
    let mut built_in: Vec<&str> = logtriage::rules::builtin().iter().map(|(name, _)| *name).collect();
    built_in.sort_unstable();
    assert_eq!(there, built_in, "grammars/packs/*.toml (left) and src/rules/builtin.rs (right) differ");
}

#[test]
fn no_file_names_a_developers_machine() {
    let mut breaches = String::new();
    let mut files = Vec::new();
    walk(&root(), &mut files);
    for path in files {
        // Only text; recorded logs were cleaned when they were made (corpora/README.md), and are checked all the same.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for word in MACHINES {
                for (at, _) in line.match_indices(word) {
                    let rest = &line[at + word.len()..];
                    let user: String = rest.chars().take_while(|c| c.is_alphanumeric() || "_-".contains(*c)).collect();
                    let inside = line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-*}".contains(c));
                    if !inside && !(word.ends_with("me/") && (user.is_empty() || USERS.contains(&user.as_str()))) {
                        breach(
                            &mut breaches,
                            &shown(&path),
                            number + 1,
                            &format!("`{word}{user}` is a place of one machine"),
                        );
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches}");
}

#[test]
fn the_checks_see_what_they_forbid() {
    let text = "//! x\nuse crate::base::{A, B};\nuse crate::{run::C, scan};\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n\
                fn f() { super::super::report::text() }\n// crate::cli\n";
    let file = Source { path: "src/scan/plan.rs".into(), text: text.into() };
    let seen: Vec<(usize, Vec<&str>)> = file.code().map(|(line, code)| (line, targets(&file.path, code))).collect();
    let seen: Vec<_> = seen.into_iter().filter(|(_, targets)| !targets.is_empty()).collect();
    assert_eq!(seen, [(2, vec!["base"]), (3, vec!["run", "scan"]), (8, vec!["report"])]);
}

/// A file of `src/`, outside of test modules.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn room(&self) -> Option<&str> {
        let (room, _) = self.path.strip_prefix("src/")?.split_once('/')?;
        Some(room)
    }

    /// Lines with their numbers, comments left out.
    fn all(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(i, line)| (i + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Lines with their numbers, without items that are compiled for tests only.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut inside: Option<String> = None;
        let mut next = false;
        self.text.lines().enumerate().map(|(i, line)| (i + 1, line)).filter(move |(_, line)| {
            let indent = &line[..line.len() - line.trim_start().len()];
            if let Some(close) = &inside {
                if line.starts_with(close.as_str()) {
                    inside = None;
                }
                return false;
            }
            if line.trim_start().starts_with("#[cfg(test)]") {
                next = true;
                return false;
            }
            if next && !line.trim_start().starts_with("#[") {
                next = false;
                if line.trim_end().ends_with('{') {
                    inside = Some(format!("{indent}}}"));
                }
                return false;
            }
            !next
        })
    }

    /// Lines of code that are part of the program.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// The first names after `crate::`, and after as many `super::` as lead out of the room.
fn targets<'a>(path: &str, code: &'a str) -> Vec<&'a str> {
    let depth = path.matches('/').count() - usize::from(path.ends_with("/mod.rs"));
    let out = "super::".repeat(depth);
    let mut found = Vec::new();
    for (at, start) in code.match_indices("crate::").chain(code.match_indices(out.as_str())) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "_$:".contains(c)) {
            continue;
        }
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            // `crate::{a::{B, C}, d}`: the names at the top of the braces.
            Some(inner) => {
                let mut level = 0;
                let names = inner.split_inclusive(['{', '}', ',']).filter_map(|part| {
                    let top = level == 0;
                    level += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
                    top.then(|| name(part.trim_start())).filter(|name| !name.is_empty())
                });
                found.extend(names);
            }
            None => found.push(name(rest)),
        }
    }
    found.retain(|name| *name != "super" && !name.is_empty());
    found
}

fn name(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

fn breach(breaches: &mut String, path: &str, line: usize, rule: &str) {
    writeln!(breaches, "{path}:{line}: {rule}").unwrap();
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The files of `src/` that are part of the program, not of its tests.
fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    let read = |path: PathBuf| Source { path: shown(&path), text: fs::read_to_string(path).unwrap() };
    let ours = |source: &Source| !source.path.ends_with("/tests.rs") && !source.path.contains("/tests/");
    files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs")).map(read).filter(ours).collect()
}

/// Every file of the project but what git and cargo made.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().unwrap();
        if name == "target" || name == ".git" || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() { walk(&path, files) } else { files.push(path) }
    }
    files.sort();
}
