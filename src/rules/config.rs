//! Reads the configuration: what a site changes about packs without copying them.
//!
//! In: the text of a `logtriage.toml`. Out: a [`Config`], and every mistake in it, those that only show beside the packs
//! included. It must never let a change through that has no effect: who sets a number that nobody looks at is told so.

use std::path::{Path, PathBuf};

use probe::Draft;
use toml::Spanned;

use super::detector;
use super::kind::DetectorKind;
use super::load::read;
use super::model::{DetectorRule, Fix, Pack, Signature};
use super::numbers::{Comparison, Numbers};
use super::origin::{Change, Origins};
use super::parse::{LARGEST, toml_of};
use super::signature::{self, fixes};
use super::table::{Page, Table, quoted, whole_file};
use crate::base::{Class, Number, Problem, Severity, Span, nearest};

mod probe;
mod sets;

pub use sets::{probe_sets, set_title};

/// How the mistake begins that an override names no rule.
pub const NO_RULE: &str = "no rule has the id";

/// What a configuration may hold.
const ROOT: &[&str] = &["packs", "override", "probe", "probe-sets"];

/// What an override may change.
const KEYS: &[&str] = &[
    "at-least", "within", "after", "last", "recent", "values", "above", "from", "below", "to", "change", "times", "q",
    "down-at", "severity", "enabled", "cause", "fix",
];

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
    /// Numbers that only detectors have.
    numbers: Vec<Set<Value>>,
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

/// A number of a detector.
#[derive(Clone, Copy, Debug)]
enum Value {
    Count(u32),
    Time(Span),
    Decimal(Number),
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
            // Only the pack is looked into that the id names.
            let named = |pack: &&mut Pack| change.id.split_once('/').is_some_and(|(name, _)| name == pack.name);
            let signature = packs.iter_mut().filter(named).find_map(|pack| {
                let at = pack.signatures.iter().position(|s| s.id == change.id)?;
                pack.signatures.get_mut(at)
            });
            if let Some(signature) = signature {
                change.signature(signature, &mut problems);
                continue;
            }
            let detector = packs.iter_mut().filter(named).find_map(|pack| {
                let at = pack.detectors.iter().position(|d| d.id == change.id)?;
                pack.detectors.get_mut(at)
            });
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
    let mut numbers = Vec::new();
    for key in ["last", "recent", "values"] {
        let range = if key == "values" { signature::AT_LEAST } else { detector::NEWEST };
        let value = page.number(&table, key, range).map(Value::Count);
        numbers.extend(set(page, &table, key, value));
    }
    let after = page.span(&table, "after").map(Value::Time);
    numbers.extend(set(page, &table, "after", after));
    for key in ["above", "from", "below", "to", "change", "times", "q", "down-at"] {
        let value = page.decimal(&table, key).map(Value::Decimal);
        numbers.extend(set(page, &table, key, value));
    }
    let severity = page.choice(&table, "severity", signature::SEVERITIES);
    let enabled = page.flag(&table, "enabled");
    let cause = page.prose(&table, "cause");
    let fix = table.has("fix").then(|| fixes(page, &table));
    Some(Override {
        id: id.to_owned(),
        place: page.problem(key.span(), "", None),
        at_least: set(page, &table, "at-least", at_least),
        within: set(page, &table, "within", within),
        numbers,
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
        let kind = d.kind;
        let missing = |key: &str| (!kind.has(key)).then(|| no_number(&d.id, kind, key));
        let numbers = &mut d.numbers;
        let (at_least, within) = (missing("at-least"), missing("within"));
        optional(self.at_least.as_ref(), &mut numbers.at_least, &mut d.set, at_least, problems);
        optional(self.within.as_ref(), &mut numbers.within, &mut d.set, within, problems);
        for set in &self.numbers {
            number(set, &d.id, kind, numbers, &mut d.set, problems);
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

/// What is told when a detector does not look at `key`.
fn no_number(id: &str, kind: DetectorKind, key: &str) -> (String, String) {
    let has: Vec<&str> = KEYS.iter().copied().filter(|key| kind.has(key)).collect();
    (format!("'{id}' has no '{key}'"), format!("a detector of kind '{}' has: {}", kind.word(), has.join(", ")))
}

/// [`change`] of a number that may not be there.
fn optional<T: Clone + ToString>(
    set: Option<&Set<T>>,
    target: &mut Option<T>,
    origins: &mut Origins,
    refusal: Option<(String, String)>,
    problems: &mut Vec<Problem>,
) {
    let some = set.map(|set| Set { value: Some(set.value.clone()), key: set.key, place: set.place.clone() });
    change(some.as_ref(), target, shown, origins, refusal, problems);
}

fn shown<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "not set".to_owned(), ToString::to_string)
}

/// Changes one number that only detectors have.
fn number(
    set: &Set<Value>,
    id: &str,
    kind: DetectorKind,
    numbers: &mut Numbers,
    origins: &mut Origins,
    problems: &mut Vec<Problem>,
) {
    let mut refusal = (!kind.has(set.key)).then(|| no_number(id, kind, set.key));
    fn with<T>(set: &Set<Value>, value: T) -> Option<Set<T>> {
        Some(Set { value, key: set.key, place: set.place.clone() })
    }
    match set.value {
        Value::Count(n) => {
            let target = match set.key {
                "last" => &mut numbers.last,
                "recent" => &mut numbers.recent,
                _ => &mut numbers.values,
            };
            optional(with(set, n).as_ref(), target, origins, refusal, problems);
        }
        Value::Time(span) => optional(with(set, span).as_ref(), &mut numbers.after, origins, refusal, problems),
        Value::Decimal(n) => {
            if let Some(compare) = Comparison::of(set.key, n) {
                if let Some(old) = numbers.compare.filter(|old| old.is_low() != compare.is_low()) {
                    let what = format!("'{id}' looks at what is '{}' a limit, not '{}'", old.word(), set.key);
                    refusal.get_or_insert((what, format!("write {} = {n}", old.word())));
                }
                let show = |old: &Option<Comparison>| {
                    old.map_or_else(|| "not set".to_owned(), |old| format!("{} {}", old.word(), old.limit()))
                };
                change(with(set, Some(compare)).as_ref(), &mut numbers.compare, show, origins, refusal, problems);
                return;
            }
            let target = match set.key {
                "change" => &mut numbers.change,
                "times" => &mut numbers.times,
                "q" => &mut numbers.q,
                _ => &mut numbers.down_at,
            };
            optional(with(set, n).as_ref(), target, origins, refusal, problems);
        }
    }
}

#[cfg(test)]
mod tests;
