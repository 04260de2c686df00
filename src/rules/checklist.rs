//! Checklists: a runbook's steps in their order, as data.
//!
//! In: TOML files of `grammars/checklists`, or one of the user's. Out: [`ChecklistRule`]s, or every mistake of a file at
//! once. It never looks at a log: whether a step is well is found elsewhere.

use super::model::{Link, Selector};
use super::parse::{document, selectors};
use super::table::{Page, Table, quoted};
use crate::base::{Glob, Problem};

const KEYS: &[&str] = &["n", "when", "title", "reads", "look", "look-at", "well", "needs", "command"];

/// A runbook's steps.
#[derive(Clone, Debug)]
pub struct ChecklistRule {
    /// As `--runbook` names it.
    pub name: String,
    /// For people.
    pub title: String,
    /// In the order of the runbook.
    pub steps: Vec<StepRule>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct StepRule {
    /// Its place in the runbook.
    pub n: u32,
    /// When it is done: `daily`.
    pub when: Option<String>,
    /// What is right, when all is well.
    pub title: String,
    /// Any of these must have been read for the step to be done at all.
    pub reads: Vec<Reads>,
    /// Rules that say: look here.
    pub look: Vec<Selector>,
    /// Records that say so by themselves.
    pub look_at: Vec<Reads>,
    /// Rules that say: it is well again.
    pub well: Vec<Selector>,
    /// What to read, in words.
    pub needs: String,
    /// The command to go on with.
    pub command: Option<String>,
}

/// Something that is read.
#[derive(Clone, Debug)]
pub enum Reads {
    /// `unit:GLOB`: records of this unit.
    Unit(Glob),
    /// `file:GLOB`: a source with this name.
    File(Glob),
    /// `row:GLOB`: rows of a document, by the name in its definition.
    Row(Glob),
    /// `field:NAME=GLOB`: records with this field.
    Field(String, Glob),
    /// `rule:SELECTOR`: records that this signature knows.
    Rule(Selector),
}

/// The checklists that come with the binary: file name and text, in the order in which they are listed.
pub fn builtin_checklists() -> &'static [(&'static str, &'static str)] {
    macro_rules! files {
        ($($name:literal),+ $(,)?) => {
            &[$(($name, include_str!(concat!("../../grammars/checklists/", $name)))),+]
        };
    }
    files!["agentic-factory.toml", "factory.toml", "operations-center.toml", "production.toml", "skills-fabrik.toml",]
}

/// Reads the text of a checklist; `file` is the name shown in messages.
///
/// # Errors
/// All mistakes of the file, in its order. While the file is not TOML, only what makes it so is told.
pub fn parse_checklist(file: &str, text: &str) -> Result<ChecklistRule, Vec<Problem>> {
    document(file, text, |page, root| {
        page.keys(root, &["checklist", "step"]);
        page.need(root, &[("checklist", "{ name = \"mine\", title = \"My checks\" }"), ("step", "a list of [[step]]")]);
        let (mut name, mut title) = (String::new(), String::new());
        if let Some(head) = page.table(root, "checklist") {
            let head = Table { name: "[checklist]".to_owned(), ..head };
            page.keys(&head, &["name", "title"]);
            page.need(&head, &[("name", "\"mine\""), ("title", "\"My checks\"")]);
            name = page.prose(&head, "name").unwrap_or_default();
            title = page.prose(&head, "title").unwrap_or_default();
        }
        let steps = page.tables(root, "step", "the step");
        ChecklistRule { name, title, steps: steps.iter().map(|table| step(page, table)).collect() }
    })
}

fn step(page: &mut Page<'_>, table: &Table<'_>) -> StepRule {
    page.keys(table, KEYS);
    page.need(
        table,
        &[
            ("n", "1"),
            ("title", "\"The board answers\""),
            ("reads", "[\"unit:goal\"]"),
            ("needs", "\"the log of goal\""),
        ],
    );
    // Whether each names something is for those who have the packs.
    let mut links: Vec<Link> = Vec::new();
    let words = page.strings(table, "look");
    let look = selectors(page, words, &mut links);
    let words = page.strings(table, "well");
    let well = selectors(page, words, &mut links);
    StepRule {
        n: page.number(table, "n", 1..=1_000).unwrap_or(0),
        when: page.prose(table, "when"),
        title: page.prose(table, "title").unwrap_or_default(),
        reads: reads(page, table, "reads"),
        look,
        look_at: reads(page, table, "look-at"),
        well,
        needs: page.prose(table, "needs").unwrap_or_default(),
        command: page.prose(table, "command"),
    }
}

fn reads(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<Reads> {
    let mut all = Vec::new();
    for word in page.strings(table, key) {
        let (kind, rest) = word.text.split_once(':').unwrap_or((word.text, ""));
        let glob = Glob::new(rest).ok().filter(|_| !rest.is_empty());
        let one = match (kind, glob) {
            ("unit", Some(glob)) => Some(Reads::Unit(glob)),
            ("file", Some(glob)) => Some(Reads::File(glob)),
            ("row", Some(glob)) => Some(Reads::Row(glob)),
            ("rule", Some(glob)) => Some(Reads::Rule(Selector::Id(glob))),
            ("field", Some(_)) => {
                rest.split_once('=').and_then(|(name, glob)| Some(Reads::Field(name.to_owned(), Glob::new(glob).ok()?)))
            }
            _ => None,
        };
        match one {
            Some(one) => all.push(one),
            None => {
                let what = format!("{} is nothing that can be read", quoted(word.text));
                let help = "write unit:GLOB, file:GLOB, row:GLOB, field:NAME=GLOB or rule:PACK/ID".to_owned();
                page.tell(word.span, what, help);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checklist_of_the_folder_comes_with_the_binary_and_is_right() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/checklists");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut there: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
        there.sort();
        let known: Vec<&str> = builtin_checklists().iter().map(|(name, _)| *name).collect();
        assert_eq!(there, known);
        for (file, text) in builtin_checklists() {
            let list = parse_checklist(file, text).unwrap_or_else(|problems| panic!("{}", problems[0]));
            assert_eq!(format!("{}.toml", list.name), *file);
            let numbers: Vec<u32> = list.steps.iter().map(|step| step.n).collect();
            assert_eq!(numbers, (1..=u32::try_from(list.steps.len()).unwrap()).collect::<Vec<_>>(), "{file}");
            assert!(list.steps.iter().all(|step| step.command.is_some()), "{file}: a step without a command");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let text = "[checklist]\nname = \"x\"\n[[step]]\nn = 0\ntitle = \"t\"\nreads = [\"unit:\", \"moon:full\"]\nlok = [\"a/b\"]\n";
        let told: Vec<String> = parse_checklist("x.toml", text).unwrap_err().into_iter().map(|p| p.what).collect();
        assert_eq!(
            told,
            [
                "[checklist] has no 'title'",
                "the step has no 'needs'",
                "'n' must be from 1 to 1000, found 0",
                "'unit:' is nothing that can be read",
                "'moon:full' is nothing that can be read",
                "unknown key 'lok' in the step",
            ]
        );
    }
}
