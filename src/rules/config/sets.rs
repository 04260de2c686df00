//! Sets of probes that come with the binary: what a runbook reads by hand, ready to be asked.
//!
//! Out: the probes of a set, with what a configuration changes about them. A set asks nothing by itself: somebody names it.

use super::Config;
use super::probe::{Draft, drafts};
use crate::base::{Problem, nearest};
use crate::rules::parse::toml_of;
use crate::rules::table::{Page, Table, quoted, whole_file};
use crate::source::probe::Probe;

/// Name and text of every set, in the order in which they are listed.
pub fn probe_sets() -> &'static [(&'static str, &'static str)] {
    macro_rules! sets {
        ($($name:literal),+ $(,)?) => {
            &[$(($name, include_str!(concat!("../../../grammars/probes/", $name, ".toml")))),+]
        };
    }
    sets!["agentic-factory", "factory", "operations-center", "skillomatic", "skills-fabrik"]
}

/// What a set is about, in one line: `title` of its file.
pub fn set_title(name: &str) -> String {
    set(name).map(|set| set.title).unwrap_or_default()
}

/// A set as it was read.
struct Set {
    title: String,
    drafts: Vec<Draft>,
    problems: Vec<Problem>,
}

fn set(name: &str) -> Option<Set> {
    let (name, text) = probe_sets().iter().find(|(set, _)| *set == name)?;
    let file = format!("{name}.toml");
    let mut page = Page::new(&file, text);
    let Some(document) = toml_of(&mut page, text) else {
        return Some(Set { title: String::new(), drafts: Vec::new(), problems: page.into_problems() });
    };
    let root = Table::new(document.get_ref(), 0..0, "the set");
    page.keys(&root, &["title", "probe"]);
    let title = page.prose(&root, "title").unwrap_or_default();
    let drafts = drafts(&mut page, &root, &|_| format!("the set '{name}'"));
    Some(Set { title, drafts, problems: page.into_problems() })
}

/// The probe of this name in any set.
fn of_any_set(name: &str) -> Option<Draft> {
    probe_sets()
        .iter()
        .filter_map(|(set, _)| self::set(set))
        .flat_map(|set| set.drafts)
        .find(|draft| draft.name == name)
}

impl Config {
    /// The probes of the configuration, and of the sets that it names or that are in `more`: those of sets first, changed
    /// where the configuration has one of the same name. A change to a probe of a set that nobody named is left out.
    pub fn probes(&self, more: &[String]) -> (Vec<Probe>, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut chosen: Vec<Draft> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for name in self.probe_sets.iter().chain(more) {
            match set(name) {
                Some(_) if names.contains(&name.as_str()) => {}
                Some(set) => {
                    names.push(name);
                    chosen.extend(set.drafts);
                    problems.extend(set.problems);
                }
                None => problems.push(strange_set(&self.file, name)),
            }
        }
        for draft in &self.drafts {
            match chosen.iter_mut().find(|base| base.name == draft.name) {
                Some(place) => *place = draft.clone().over(place.clone()),
                None if draft.is_whole() => chosen.push(draft.clone()),
                None => {}
            }
        }
        let mut probes = Vec::new();
        for draft in chosen.into_iter().filter(|draft| draft.enabled != Some(false)) {
            match draft.finish() {
                Ok(probe) => probes.push(probe),
                Err(found) => problems.extend(found),
            }
        }
        (probes, problems)
    }
}

/// What does not fit together in these drafts, each by itself or over the probe of a set.
pub(super) fn check(drafts: &[Draft]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for draft in drafts {
        let whole = if draft.is_whole() {
            Some(draft.clone())
        } else {
            of_any_set(&draft.name).map(|base| draft.clone().over(base))
        };
        match whole {
            Some(whole) => problems.extend(whole.finish().err().unwrap_or_default()),
            None => {
                let sets: Vec<Set> = probe_sets().iter().filter_map(|(name, _)| set(name)).collect();
                let known = sets.iter().flat_map(|set| &set.drafts).map(|draft| draft.name.as_str());
                problems.push(draft.stranger(known));
            }
        }
    }
    problems
}

/// No set has this name.
pub(super) fn strange_set(file: &str, name: &str) -> Problem {
    let help = match nearest(name, probe_sets().iter().map(|(set, _)| *set)) {
        Some(near) => format!("did you mean '{near}'?"),
        None => "'logtriage probe --set help' lists them".to_owned(),
    };
    let file = if file.is_empty() { "--set" } else { file };
    whole_file(file, format!("there is no set of probes {}", quoted(name)), help)
}
