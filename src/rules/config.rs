//! Reads the configuration: what a site changes about packs without copying them.
//!
//! In: the text of a `logtriage.toml`. Out: a [`Config`], and every mistake in it, those that only show beside the packs
//! included. It must never let a change through that has no effect: who sets a number that nobody looks at is told so.

use std::path::{Path, PathBuf};

use probe::Draft;
use toml::Spanned;

use super::detector;
use super::load::read;
use super::model::{DetectorKind, DetectorRule, Fix, Pack, Signature};
use super::origin::{Change, Origins};
use super::parse::{LARGEST, toml_of};
use super::signature::{self, fixes};
use super::table::{Page, Table, quoted, whole_file};
use crate::base::{Class, Problem, Severity, Span, nearest};

mod probe;
mod probe_values;
mod sets;

pub use sets::{probe_sets, set_title};

/// How the mistake begins that an override names no rule.
pub const NO_RULE: &str = "no rule has the id";

/// What a configuration may hold.
const ROOT: &[&str] = &["packs", "override", "probe", "probe-sets"];

/// What an override may change.
const KEYS: &[&str] = &["at-least", "within", "severity", "enabled", "cause", "fix"];

/// A configuration.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file, as it was named.
    pub file: String,
    /// More packs: folders and files. Relative ones stand beside the configuration.
    pub packs: Vec<PathBuf>,
    /// Perhaps more packs were meant: `packs` is not right, or misspelt. Their rules are strangers then.
    pub more_meant: bool,
    /// The sets of probes to ask.
    pub probe_sets: Vec<String>,
    overrides: Vec<Override>,
    drafts: Vec<Draft>,
}

/// What is changed about one rule.
#[derive(Clone, Debug)]
struct Override {
    id: String,
    place: Problem,
    at_least: Option<Set<u32>>,
    within: Option<Set<Span>>,
    severity: Option<Set<Severity>>,
    enabled: Option<Set<bool>>,
    cause: Option<Set<String>>,
    fix: Option<Set<Vec<Fix>>>,
}

/// A value, where it stands, and what to tell when it does not fit the rule.
#[derive(Clone, Debug)]
struct Set<T> {
    value: T,
    key: &'static str,
    place: Problem,
}

impl Config {
    /// Reads the file at `path`. What is right about it comes together with its mistakes, so that those of the packs
    /// can be told with them.
    pub fn read(path: &Path) -> (Config, Vec<Problem>) {
        let file = path.display().to_string();
        match read(path, &file, "the configuration is") {
            Ok(text) => {
                let (mut config, problems) = Config::parse(&file, &text);
                let beside = path.parent().unwrap_or(Path::new(""));
                config.packs.iter_mut().for_each(|pack| *pack = beside.join(&pack));
                (config, problems)
            }
            Err(problems) => (Config { file, ..Config::default() }, problems),
        }
    }

    /// Reads the text of a configuration; `file` is the name shown in messages.
    pub fn parse(file: &str, text: &str) -> (Config, Vec<Problem>) {
        let mut config = Config { file: file.to_owned(), ..Config::default() };
        if text.len() > LARGEST {
            let what = format!("a configuration may be 1 MiB long, this one has {} bytes", text.len());
            return (config, vec![whole_file(file, what, None)]);
        }
        let mut page = Page::new(file, text);
        let Some(document) = toml_of(&mut page, text) else { return (config, page.into_problems()) };
        let root = Table::new(document.get_ref(), 0..0, "the configuration");
        page.keys(&root, ROOT);
        config.packs = page.strings(&root, "packs").into_iter().map(|word| PathBuf::from(word.text)).collect();
        let known = root.entries.iter().all(|(key, _)| ROOT.contains(&&**key.get_ref()));
        config.more_meant = !known || (config.packs.is_empty() && root.has("packs"));
        if let Some(all) = page.table(&root, "override") {
            for (key, value) in all.entries.iter() {
                config.overrides.extend(one(&mut page, key, value));
            }
        }
        for word in page.strings(&root, "probe-sets") {
            match sets::probe_sets().iter().any(|(name, _)| *name == word.text) {
                true => config.probe_sets.push(word.text.to_owned()),
                false => {
                    let Problem { what, help, .. } = sets::strange_set(file, word.text);
                    page.tell(word.span, what, help);
                }
            }
        }
        config.drafts = probe::drafts(&mut page, &root, &|line| format!("{file}:{line}"));
        let mut problems = page.into_problems();
        problems.extend(sets::check(&config.drafts));
        (config, problems)
    }

    /// Changes the packs. `builtin` are the ids of the judges that no pack holds.
    ///
    /// Returns the mistakes: rules that are not there, numbers that a rule does not have.
    pub fn apply(&self, packs: &mut [Pack], builtin: &[&str]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for change in &self.overrides {
            let signature = packs.iter_mut().flat_map(|pack| &mut pack.signatures).find(|s| s.id == change.id);
            if let Some(signature) = signature {
                change.signature(signature, &mut problems);
                continue;
            }
            let detector = packs.iter_mut().flat_map(|pack| &mut pack.detectors).find(|d| d.id == change.id);
            match detector {
                Some(detector) => change.detector(detector, &mut problems),
                None => problems.push(change.stranger(packs, builtin)),
            }
        }
        problems
    }
}

fn one(
    page: &mut Page<'_>,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<toml::de::DeValue<'_>>,
) -> Option<Override> {
    let id: &str = key.get_ref();
    if !id.contains('/') || id.contains(['*', '?', '[']) {
        let what = format!("an override names one rule in full, found {}", quoted(id));
        page.tell(key.span(), what, "such as [override.\"nats/no-servers\"]".to_owned());
        return None;
    }
    let Some(entries) = value.get_ref().as_table() else {
        let what = format!("the override of {} must be a table", quoted(id));
        page.tell(value.span(), what, format!("[override.\"{id}\"]"));
        return None;
    };
    let table = Table::new(entries, key.span(), format!("the override of {}", quoted(id)));
    page.keys(&table, KEYS);
    let at_least = page.number(&table, "at-least", signature::AT_LEAST);
    let within = page.span(&table, "within");
    let severity = page.choice(&table, "severity", signature::SEVERITIES);
    let enabled = page.flag(&table, "enabled");
    let cause = page.prose(&table, "cause");
    let fix = table.has("fix").then(|| fixes(page, &table));
    Some(Override {
        id: id.to_owned(),
        place: page.problem(key.span(), "", None),
        at_least: set(page, &table, "at-least", at_least),
        within: set(page, &table, "within", within),
        severity: set(page, &table, "severity", severity),
        enabled: set(page, &table, "enabled", enabled),
        cause: set(page, &table, "cause", cause),
        fix: set(page, &table, "fix", fix),
    })
}

fn set<T>(page: &Page<'_>, table: &Table<'_>, key: &'static str, value: Option<T>) -> Option<Set<T>> {
    Some(Set { value: value?, key, place: page.problem(table.key_span(key), "", None) })
}

/// Puts the value of `set` into `target`, or tells why it does not belong there.
fn change<T: Clone>(
    set: Option<&Set<T>>,
    target: &mut T,
    show: impl Fn(&T) -> String,
    origins: &mut Origins,
    refusal: Option<(String, String)>,
    problems: &mut Vec<Problem>,
) {
    let Some(Set { value, key, place }) = set else { return };
    match refusal {
        Some((what, help)) => problems.push(Problem { what, help: Some(help), ..place.clone() }),
        None => {
            let before = show(target);
            target.clone_from(value);
            origins.note(Change { key, file: place.file.clone(), line: place.line, before });
        }
    }
}

impl Override {
    fn signature(&self, s: &mut Signature, problems: &mut Vec<Problem>) {
        let severity = self.severity.as_ref().map_or(s.severity, |set| set.value);
        let number =
            |key: &str| s.uncounted(severity).map(|why| (format!("'{}' has no '{key}'", s.id), why.to_owned()));
        let (at_least, within) = (number("at-least"), number("within"));
        let noise = (s.class == Class::Noise).then(|| {
            let what = format!("'{}' is noise, so its severity stays 'info'", s.id);
            (what, "write a signature of your own for what it means to you".to_owned())
        });
        let step = s.step.filter(|_| s.class != Class::Noise).map(|_| {
            let what = format!("'{}' marks a step in the life of a unit, so its severity is not looked at", s.id);
            (what, "the life-cycle judges decide how bad it is".to_owned())
        });
        let told = severity > Severity::Info;
        let bare = (told && s.fixes.is_empty() && self.fix.is_none()).then(|| {
            let what = format!("'{}' has no 'fix', and '{severity}' needs one", s.id);
            (what, "add, for example: fix = [{ text = \"What to do\", run = \"a command\" }]".to_owned())
        });
        let bare = bare.or_else(|| {
            (told && s.cause.is_empty() && self.cause.is_none()).then(|| {
                let what = format!("'{}' has no 'cause', and '{severity}' needs one", s.id);
                (what, "add, for example: cause = \"Why this happens, in one sentence.\"".to_owned())
            })
        });
        change(self.at_least.as_ref(), &mut s.at_least, ToString::to_string, &mut s.set, at_least, problems);
        change(self.within.as_ref(), &mut s.within, ToString::to_string, &mut s.set, within, problems);
        change(
            self.severity.as_ref(),
            &mut s.severity,
            ToString::to_string,
            &mut s.set,
            noise.or(step).or(bare),
            problems,
        );
        change(self.enabled.as_ref(), &mut s.enabled, ToString::to_string, &mut s.set, None, problems);
        change(self.cause.as_ref(), &mut s.cause, ToString::to_string, &mut s.set, None, problems);
        change(self.fix.as_ref(), &mut s.fixes, |fixes| fixes.len().to_string(), &mut s.set, None, problems);
    }

    fn detector(&self, d: &mut DetectorRule, problems: &mut Vec<Problem>) {
        let info = self.severity.as_ref().is_some_and(|set| set.value == Severity::Info).then(|| {
            let words: Vec<&str> = detector::SEVERITIES.iter().map(|(word, _)| *word).collect();
            let what = format!("'{}' is a detector, so its severity is one of: {}", d.id, words.join(", "));
            (what, "to silence it: enabled = false".to_owned())
        });
        match &mut d.kind {
            DetectorKind::Count { at_least, within, .. } => {
                change(self.at_least.as_ref(), at_least, ToString::to_string, &mut d.set, None, problems);
                change(self.within.as_ref(), within, ToString::to_string, &mut d.set, None, problems);
            }
            DetectorKind::Sequence { within, .. } => {
                let none =
                    (format!("'{}' has no 'at-least'", d.id), "a sequence needs each of its steps once".to_owned());
                change(self.at_least.as_ref(), &mut 1, ToString::to_string, &mut d.set, Some(none), problems);
                change(self.within.as_ref(), within, ToString::to_string, &mut d.set, None, problems);
            }
        }
        change(self.severity.as_ref(), &mut d.severity, ToString::to_string, &mut d.set, info, problems);
        change(self.enabled.as_ref(), &mut d.enabled, ToString::to_string, &mut d.set, None, problems);
        change(self.cause.as_ref(), &mut d.cause, ToString::to_string, &mut d.set, None, problems);
        change(self.fix.as_ref(), &mut d.fixes, |fixes| fixes.len().to_string(), &mut d.set, None, problems);
    }

    /// No loaded pack has the rule.
    fn stranger(&self, packs: &[Pack], builtin: &[&str]) -> Problem {
        if builtin.contains(&self.id.as_str()) {
            let what = format!("{} is built in, and its numbers cannot be changed", quoted(&self.id));
            let help = format!("'logtriage rules explain {}' shows them", self.id);
            return Problem { what, help: Some(help), ..self.place.clone() };
        }
        let ids = packs
            .iter()
            .flat_map(|p| p.signatures.iter().map(|s| s.id.as_str()).chain(p.detectors.iter().map(|d| d.id.as_str())));
        let near = if self.id.len() <= 200 { nearest(&self.id, ids) } else { None };
        let help = match near {
            Some(near) => format!("did you mean '{near}'?"),
            None => "'logtriage rules list' shows them all".to_owned(),
        };
        Problem { what: format!("{NO_RULE} {}", quoted(&self.id)), help: Some(help), ..self.place.clone() }
    }
}

#[cfg(test)]
mod tests;
