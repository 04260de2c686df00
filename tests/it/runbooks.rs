//! The coverage table in docs/runbooks.md: what serves each row must exist, and so must what shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use logtriage::rules::{self, Fix, Pack};

use crate::support::program::run;

/// One row of the table.
struct Row {
    line: usize,
    id: String,
    asked: String,
    served: String,
    shown: String,
}

impl Row {
    fn is_open(&self) -> bool {
        self.has("open")
    }

    fn has(&self, kind: &str) -> bool {
        tokens(&self.served).iter().any(|(found, _)| *found == kind)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text() -> String {
    fs::read_to_string(root().join("docs/runbooks.md")).expect("docs/runbooks.md")
}

/// The cells of a line of a table; `\|` is a bar inside of a cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in line.trim().trim_start_matches('|').chars() {
        match c {
            '|' if !escaped => cells.push(String::new()),
            _ => cells.last_mut().expect("one at least").push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

fn rows(text: &str) -> Vec<Row> {
    let is_row = |line: &str| {
        let id = line.strip_prefix("| ").and_then(|rest| rest.split_whitespace().next());
        id.is_some_and(|id| id.len() >= 6 && id.get(3..4) == Some("-") && id[..3].bytes().all(|b| b.is_ascii_digit()))
    };
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, line)| is_row(line)) {
        let cells = cells(text);
        assert!(cells.len() >= 4, "line {line} has {} cells: {text}", cells.len());
        let [id, asked, served, shown] = [0, 1, 2, 3].map(|i| cells[i].clone());
        rows.push(Row { line, id, asked, served, shown });
    }
    rows
}

/// The `kind:name` words between backticks.
fn tokens(cell: &str) -> Vec<(&str, &str)> {
    cell.split('`').skip(1).step_by(2).map(|token| token.split_once(':').unwrap_or((token, ""))).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the project").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Everything that a row may name.
struct World {
    packs: Vec<Pack>,
    cases: BTreeSet<&'static str>,
    tests: String,
    schema: String,
    commands: BTreeMap<String, bool>,
}

impl World {
    fn new() -> World {
        let mut files = Vec::new();
        sources(&root().join("src"), &mut files);
        sources(&root().join("tests"), &mut files);
        let tests = files.iter().map(|path| fs::read_to_string(path).expect("a source file")).collect();
        World {
            packs: rules::load(&[], true).packs,
            cases: rules::builtin_cases().iter().map(|(name, _)| *name).collect(),
            tests,
            schema: fs::read_to_string(root().join("docs/diagnosis.schema.json")).expect("the schema"),
            commands: BTreeMap::new(),
        }
    }

    fn is_signature(&self, id: &str) -> bool {
        self.packs.iter().flat_map(|p| &p.signatures).any(|s| s.id == id)
    }

    fn is_detector(&self, id: &str) -> bool {
        self.packs.iter().flat_map(|p| &p.detectors).any(|d| d.id == id)
    }

    fn fixes(&self, id: &str) -> Option<&[Fix]> {
        let of_signature = self.packs.iter().flat_map(|p| &p.signatures).find(|s| s.id == id).map(|s| &*s.fixes);
        of_signature.or_else(|| self.packs.iter().flat_map(|p| &p.detectors).find(|d| d.id == id).map(|d| &*d.fixes))
    }

    /// Is there such a command? Asked of the program itself.
    fn is_command(&mut self, words: &str) -> bool {
        if let Some(known) = self.commands.get(words) {
            return *known;
        }
        let mut args: Vec<&str> = words.split_whitespace().skip(1).take_while(|word| !word.starts_with('-')).collect();
        args.retain(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        args.push("--help");
        let known = words.starts_with("logtriage") && run(&args).code == 0;
        self.commands.insert(words.to_owned(), known);
        known
    }

    /// What is wrong with the row.
    fn mistakes(&mut self, row: &Row) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut serving = 0;
        for (kind, name) in tokens(&row.served) {
            let right = match kind {
                "signature" => self.is_signature(name),
                "detector" => self.is_detector(name),
                "judge" => ["lifecycle", "failure", "burst", "loss"].contains(&name),
                "class" => name.parse::<logtriage::base::Class>().is_ok(),
                // A document that becomes records, a set of probes, one of its probes.
                "format" => root().join(format!("grammars/formats/{name}.toml")).is_file(),
                "probe" => {
                    let (set, probe) = name.split_once('/').unwrap_or((name, ""));
                    let text =
                        fs::read_to_string(root().join(format!("grammars/probes/{set}.toml"))).unwrap_or_default();
                    !text.is_empty() && (probe.is_empty() || text.contains(&format!("name = \"{probe}\"")))
                }
                "checklist" => root().join(format!("grammars/checklists/{name}.toml")).is_file(),
                "classify" => root().join(format!("grammars/classifiers/{name}.toml")).is_file(),
                "command" => self.is_command(name),
                "output" => {
                    let last = name.rsplit('.').next().unwrap_or(name).trim_end_matches("[]");
                    self.schema.contains(&format!("\"{last}\""))
                }
                "offer" => {
                    self.fixes(name).is_some_and(|fixes| fixes.iter().any(|f| f.run.is_some() || f.verify.is_some()))
                }
                // What only people can do or decide: there is nothing to read for it.
                "people" => ["decision", "procedure", "contact"].contains(&name),
                "open" => ["probe", "store", "detector", "report"].contains(&name),
                _ => continue,
            };
            serving += 1;
            if !right {
                wrong.push(format!("there is no {kind} '{name}'"));
            }
        }
        if serving == 0 {
            wrong.push("nothing serves it".to_owned());
        }
        wrong.extend(self.unshown(row));
        wrong
    }

    fn unshown(&self, row: &Row) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut showing = 0;
        for (kind, name) in tokens(&row.shown) {
            let right = match kind {
                "sample" => tokens(&row.served).iter().any(|(kind, _)| matches!(*kind, "signature" | "offer")),
                "case" => self.cases.contains(name),
                "test" => self.tests.contains(&format!("fn {name}(")),
                "corpus" => root().join("corpora").join(name).exists(),
                _ => continue,
            };
            showing += 1;
            if !right {
                wrong.push(format!("there is no {kind} '{name}' to show it"));
            }
        }
        if showing == 0 && !row.is_open() && !row.has("people") {
            wrong.push("nothing shows it".to_owned());
        }
        wrong
    }
}

#[test]
fn every_row_names_what_exists() {
    let text = text();
    let rows = rows(&text);
    let mut world = World::new();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in &rows {
        if !seen.insert(&row.id) {
            wrong.push(format!("line {}: {} is there twice", row.line, row.id));
        }
        for mistake in world.mistakes(row) {
            wrong.push(format!("line {}: {} ({}): {mistake}", row.line, row.id, row.asked));
        }
    }
    assert!(wrong.is_empty(), "{} mistakes in docs/runbooks.md:\n{}", wrong.len(), wrong.join("\n"));
    let open = rows.iter().filter(|row| row.is_open()).count();
    let people = rows.iter().filter(|row| row.has("people")).count();
    let served = rows.len() - open - people;
    let told = format!("**{} rows: {served} served, {open} open, {people} for people**", rows.len());
    assert!(text.contains(&told), "docs/runbooks.md must say {told}");
    assert!(rows.len() >= 200, "{} rows", rows.len());
}

#[test]
fn a_row_that_names_nothing_is_found() {
    let line = r"| 009-01 | `a \| b` | `signature:no/such`, see also | `test:no_such_test`, `sample` |";
    let found = rows(line);
    assert_eq!((found[0].asked.as_str(), found[0].is_open()), (r"`a \| b`", false));
    let mut world = World::new();
    assert_eq!(world.mistakes(&found[0]).len(), 2, "{:?}", world.mistakes(&found[0]));
    let open = rows("| 009-02 | queue depth | `open:probe` | - |");
    assert!(open[0].is_open() && world.mistakes(&open[0]).is_empty());
    let nothing = rows("| 009-03 | queue depth | somehow | - |");
    assert_eq!(world.mistakes(&nothing[0]).len(), 2);
}
