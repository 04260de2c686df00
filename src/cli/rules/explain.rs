//! `logtriage rules explain`: what is known about a rule, a class, or the rules of a pattern.
//!
//! In: packs with the changes of the configuration made, and an id. Out: a [`Sheet`] or a [`List`], as text or JSON.

use std::io::Write;

use crate::base::{Class, Error, Glob, Number, Severity, Span, Step, nearest};
use crate::detect::{self, Judge};
use crate::rules::{DetectorRule, Origins, Pack, Scope, Selector, Signature};

use super::super::args::Shape;
use super::super::exit::{DONE, Exit, Failure};
use super::super::settings::Settings;
use super::page;
use super::sheet::{Before, Condition, Entry, List, Named, PackName, Sheet, Threshold};
use crate::report;

const SCHEMA: &str = "logtriage.rule/1";
const LIST_SCHEMA: &str = "logtriage.rules/1";

pub(super) fn run(settings: &Settings, id: &str, shape: Shape, out: &mut dyn Write) -> Result<Exit, Failure> {
    let book = Book { packs: &settings.loaded.packs, judges: detect::judges() };
    match (book.sheet(id), shape) {
        (Some(sheet), Shape::Text) => page::sheet(&sheet, out)?,
        (Some(sheet), Shape::Json) => report::json_of(&sheet, out)?,
        (None, shape) => {
            let list = book.list(id)?;
            match shape {
                Shape::Text => page::list(&list, out)?,
                Shape::Json => report::json_of(&list, out)?,
            }
        }
    }
    Ok(DONE)
}

/// Everything that can be looked up.
struct Book<'a> {
    packs: &'a [Pack],
    judges: Vec<Judge>,
}

impl Book<'_> {
    fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.packs.iter().flat_map(|pack| &pack.signatures)
    }

    fn detectors(&self) -> impl Iterator<Item = &DetectorRule> {
        self.packs.iter().flat_map(|pack| &pack.detectors)
    }

    fn sheet(&self, id: &str) -> Option<Sheet> {
        for pack in self.packs {
            if let Some(signature) = pack.signatures.iter().find(|s| s.id == id) {
                return Some(self.signature(pack, signature));
            }
            if let Some(detector) = pack.detectors.iter().find(|d| d.id == id) {
                return Some(self.detector(pack, detector));
            }
        }
        self.judges.iter().find(|judge| judge.id == id).map(|judge| self.judge(judge))
    }

    fn signature(&self, pack: &Pack, s: &Signature) -> Sheet {
        let names = |selectors: &[Selector]| selectors.iter().any(|selector| selector.names(&s.id, s.class));
        let step = s.step.and_then(word_of);
        let judges = self.judges.iter().filter(|judge| step.is_some_and(|step| judge.steps.contains(&step)));
        let detectors = self.detectors().filter(|d| d.selectors().any(|selector| selector.names(&s.id, s.class)));
        Sheet {
            schema: SCHEMA,
            kind: "signature",
            id: s.id.clone(),
            title: s.title.clone(),
            class: Some(s.class.word()),
            severity: Some(s.severity.word()),
            pack: Some(pack_name(pack)),
            enabled: s.enabled,
            looks_for: conditions(s, step),
            thresholds: numbers(s, pack),
            cause: Some(s.cause.clone()).filter(|cause| !cause.is_empty()),
            fixes: s.fixes.iter().map(Into::into).collect(),
            if_recurring: s.if_recurring.clone(),
            leads_to: self.named(&s.leads_to),
            led_to_by: self.signatures().filter(|other| names(&other.leads_to)).map(one).collect(),
            clears: self.named(&s.clears),
            cleared_by: self.signatures().filter(|other| names(&other.clears)).map(one).collect(),
            unless: self.named(&s.unless),
            used_by: detectors
                .map(|d| name(&d.id, &d.title))
                .chain(judges.map(|judge| name(judge.id, judge.title)))
                .collect(),
            samples: s.sample.clone(),
            counter_samples: s.not.clone(),
            ..Sheet::default()
        }
    }

    fn detector(&self, pack: &Pack, d: &DetectorRule) -> Sheet {
        let mut looks_for = Vec::new();
        let texts = |selectors: &[Selector]| selectors.iter().map(Selector::word).collect::<Vec<_>>();
        let of = format!("{} of", d.kind.word());
        let roles = [(of.as_str(), &d.on), ("good", &d.good), ("opens", &d.opens), ("closes", &d.closes)];
        for (name, selectors) in roles.into_iter().chain([("reset", &d.reset)]).filter(|(_, s)| !s.is_empty()) {
            looks_for.push(Condition { name: name.to_owned(), texts: texts(selectors) });
        }
        for (n, step) in (1..).zip(&d.steps) {
            looks_for.push(Condition { name: format!("step {n}"), texts: texts(step) });
        }
        let names = &d.names;
        let expected = names.expected.iter().map(|(word, share)| format!("{word} {share}")).collect::<Vec<_>>();
        let one = |name: &Option<String>| name.iter().cloned().collect::<Vec<_>>();
        let words = [
            ("value", one(&names.value)),
            ("per", names.per.clone()),
            ("state", one(&names.state)),
            ("distinct", one(&names.distinct)),
            ("uniform", one(&names.uniform)),
            ("snapshot", one(&names.snapshot)),
            ("together", one(&names.together)),
            ("expect", names.expect.clone()),
            ("expected", expected),
        ];
        for (name, texts) in words.into_iter().filter(|(_, texts)| !texts.is_empty()) {
            looks_for.push(Condition { name: name.to_owned(), texts });
        }
        looks_for.push(Condition {
            name: "by".to_owned(),
            texts: if d.by.is_empty() { vec!["all together".to_owned()] } else { d.by.clone() },
        });
        let mut thresholds = Vec::new();
        let n = &d.numbers;
        let count = |n: Option<u32>| n.map(|n| n.to_string());
        let time = |t: Option<Span>| t.map(|t| t.to_string());
        let decimal = |n: Option<Number>| n.map(|n| n.to_string());
        let limit = n.compare.map_or(("above", None), |c| (c.word(), Some(c.limit().to_string())));
        let numbers = [
            ("at-least", count(n.at_least)),
            limit,
            ("within", if n.per_day { Some("a day of UTC".to_owned()) } else { time(n.within) }),
            ("after", time(n.after)),
            ("last", count(n.last)),
            ("recent", count(n.recent)),
            ("values", count(n.values)),
            ("change", decimal(n.change)),
            ("times", decimal(n.times)),
            ("q", decimal(n.q)),
            ("down-at", decimal(n.down_at)),
        ];
        let numbers = numbers.into_iter().filter_map(|(key, value)| Some((key, value?)));
        thresholds.extend(numbers.map(|(key, value)| threshold(key, value, pack, &d.set)));
        thresholds.push(threshold("severity", d.severity.to_string(), pack, &d.set));
        let selectors: Vec<Selector> = d.selectors().cloned().collect();
        Sheet {
            schema: SCHEMA,
            kind: "detector",
            id: d.id.clone(),
            title: d.title.clone(),
            class: d.class.map(Class::word),
            severity: Some(d.severity.word()),
            findings: vec![d.finding.word()],
            pack: Some(pack_name(pack)),
            enabled: d.enabled,
            looks_for,
            thresholds,
            cause: Some(d.cause.clone()),
            fixes: d.fixes.iter().map(Into::into).collect(),
            uses: self.named(&selectors),
            samples: d.sample.iter().cloned().collect(),
            counter_samples: d.not.iter().cloned().collect(),
            ..Sheet::default()
        }
    }

    fn judge(&self, judge: &Judge) -> Sheet {
        let fed = self.signatures().filter(|s| s.step.and_then(word_of).is_some_and(|w| judge.steps.contains(&w)));
        let number = |(value, note): &(String, &str)| Threshold {
            key: "number",
            value: value.clone(),
            set_by: "built_in",
            note: Some((*note).to_owned()),
            ..Threshold::default()
        };
        let fix = |(text, run): &(&str, &str)| super::sheet::Step {
            text: (*text).to_owned(),
            run: Some((*run).to_owned()),
            when: None,
            verify: None,
        };
        Sheet {
            schema: SCHEMA,
            kind: "judge",
            id: judge.id.to_owned(),
            title: judge.title.to_owned(),
            findings: judge.findings.to_vec(),
            enabled: true,
            looks_for: vec![Condition { name: "events".to_owned(), texts: vec![judge.looks_for.to_owned()] }],
            thresholds: judge.numbers.iter().map(number).collect(),
            cause: Some(judge.cause.to_owned()),
            fixes: judge.fixes.iter().map(fix).collect(),
            uses: fed.map(one).collect(),
            ..Sheet::default()
        }
    }

    /// What selectors name; a single signature with its title.
    fn named(&self, selectors: &[Selector]) -> Vec<Named> {
        let named = selectors.iter().map(|selector| {
            let all: Vec<&Signature> = self.signatures().filter(|s| selector.names(&s.id, s.class)).collect();
            match (all.as_slice(), selector.word()) {
                ([only], word) if only.id == word => one(only),
                (all, word) => Named { id: word, title: None, rules: all.iter().map(|s| s.id.clone()).collect() },
            }
        });
        named.collect()
    }

    /// The rules of a class, a pattern or a pack.
    fn list(&self, id: &str) -> Result<List, Failure> {
        if let Some(word) = id.strip_prefix("class:") {
            let class = word.parse::<Class>().map_err(|err| {
                let words = Class::ALL.iter().map(|class| class.word());
                let near = if word.len() <= 64 { nearest(word, words.clone()) } else { None };
                let help = match near {
                    Some(near) => format!("did you mean 'class:{near}'?"),
                    None => format!("one of: {}", words.collect::<Vec<_>>().join(", ")),
                };
                Failure::Usage(Error::new(err.to_string()).help(help))
            })?;
            let rules = self.entries().into_iter().filter(|entry| entry.class == Some(class.word())).collect();
            let meaning = Some(class.meaning());
            return Ok(List { schema: LIST_SCHEMA, kind: "class", id: id.to_owned(), meaning, rules });
        }
        let pack = self.packs.iter().any(|pack| pack.name == id);
        let pattern = if pack { format!("{id}/*") } else { id.to_owned() };
        let glob = Glob::new(&pattern).map_err(|err| Failure::Usage(Error::new(err.to_string())))?;
        let rules: Vec<Entry> = self.entries().into_iter().filter(|entry| glob.matches(&entry.id)).collect();
        if rules.is_empty() {
            return Err(super::unknown(self.packs, id));
        }
        Ok(List { schema: LIST_SCHEMA, kind: "list", id: pattern, meaning: None, rules })
    }

    fn entries(&self) -> Vec<Entry> {
        let entry = |id: &str, kind, class: Option<Class>, severity: Option<Severity>, title: &str| Entry {
            id: id.to_owned(),
            kind,
            class: class.map(Class::word),
            severity: severity.map(Severity::word),
            title: title.to_owned(),
        };
        let mut all = Vec::new();
        for pack in self.packs {
            let signatures = pack.signatures.iter();
            all.extend(signatures.map(|s| entry(&s.id, "signature", Some(s.class), Some(s.severity), &s.title)));
            let detectors = pack.detectors.iter();
            all.extend(detectors.map(|d| entry(&d.id, "detector", d.class, Some(d.severity), &d.title)));
        }
        all.extend(self.judges.iter().map(|judge| entry(judge.id, "judge", None, None, judge.title)));
        all
    }
}

fn one(signature: &Signature) -> Named {
    name(&signature.id, &signature.title)
}

fn name(id: &str, title: &str) -> Named {
    Named { id: id.to_owned(), title: Some(title.to_owned()), rules: Vec::new() }
}

fn pack_name(pack: &Pack) -> PackName {
    PackName {
        name: pack.name.clone(),
        title: pack.title.clone(),
        version: pack.version,
        file: pack.file.clone(),
        built_in: pack.is_builtin(),
    }
}

fn word_of(step: Step) -> Option<&'static str> {
    Step::WORDS.iter().find(|(_, known)| *known == step).map(|(word, _)| *word)
}

/// What must hold, in words of the pack language.
fn conditions(s: &Signature, step: Option<&'static str>) -> Vec<Condition> {
    let Scope { unit, identifier, host, level, fields } = &s.scope;
    let globs = |globs: &[Glob]| -> Vec<String> {
        let shown =
            |glob: &Glob| if glob.as_str().is_empty() { "(none known)".to_owned() } else { glob.as_str().to_owned() };
        globs.iter().map(shown).collect()
    };
    let flag = |on: bool, text: &str| if on { vec![text.to_owned()] } else { Vec::new() };
    let mut all = vec![
        ("any of", s.any.clone()),
        ("all of", s.all.clone()),
        ("none of", s.none.clone()),
        ("regex", s.regex.clone()),
        ("message-id", s.message_ids.iter().map(|id| format!("{id:032x}")).collect()),
        ("letter case", flag(s.ignore_case, "does not count")),
        ("unit", globs(unit)),
        ("identifier", globs(identifier)),
        ("host", globs(host)),
        ("level", level.map(|level| format!("{level} or worse")).into_iter().collect()),
        ("any level", flag(s.any_level, "it counts also when the line states info or debug")),
        ("symptom", flag(s.symptom, "only says that something else does not answer")),
        ("step", step.map(str::to_owned).into_iter().collect()),
    ];
    all.retain(|(_, texts)| !texts.is_empty());
    let fields =
        fields.iter().map(|(name, patterns)| Condition { name: format!("field {name}"), texts: globs(patterns) });
    all.into_iter().map(|(name, texts)| Condition { name: name.to_owned(), texts }).chain(fields).collect()
}

/// The numbers of a signature, with where each was set.
fn numbers(s: &Signature, pack: &Pack) -> Vec<Threshold> {
    let note = s.uncounted(s.severity).map(|why| format!("not looked at: {why}"));
    let mut numbers = vec![
        threshold("at-least", s.at_least.to_string(), pack, &s.set),
        threshold("within", s.within.to_string(), pack, &s.set),
    ];
    numbers.iter_mut().for_each(|number| number.note.clone_from(&note));
    numbers.push(threshold("severity", s.severity.to_string(), pack, &s.set));
    numbers
}

/// A number in force, with where it was set: by the configuration, in the pack, or nowhere.
fn threshold(key: &'static str, value: String, pack: &Pack, set: &Origins) -> Threshold {
    let (change, line) = (set.change(key), set.line(key));
    let of_pack = line.map(|_| pack.file.clone());
    let mut number = Threshold { key, value, ..Threshold::default() };
    (number.set_by, number.file, number.line) = match change {
        Some(change) => ("config", Some(change.file.clone()), Some(change.line)),
        None if line.is_some() => ("pack", of_pack.clone(), line),
        None => ("default", None, None),
    };
    number.before = change.map(|change| Before { value: change.before.clone(), file: of_pack, line });
    number
}
