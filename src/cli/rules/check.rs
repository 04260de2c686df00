//! `logtriage rules check`: is everything right that people wrote?
//!
//! In: packs and the configuration. Out: one line when all is right, else every mistake. Samples and cases are held
//! against the packs as they were written: what a site changes about a number cannot make a pack wrong.

use std::io::Write;

use crate::record::document::{self, Catalog, Definition};
use crate::rules::{self, DetectorRule, Pack};
use crate::run;
use crate::scan::{self, Plan};

use super::super::exit::{DONE, Exit, Failure, USAGE};
use super::super::settings::Settings;
use super::super::terminal::say;

/// How the text begins that the author still has to write.
pub(super) const TODO: &str = "TODO";

pub(super) fn run(mut settings: Settings, out: &mut dyn Write) -> Result<Exit, Failure> {
    let packs = settings.loaded.packs.clone();
    settings.apply();
    let signatures: usize = packs.iter().map(|p| p.signatures.len()).sum();
    let detectors: usize = packs.iter().map(|p| p.detectors.len()).sum();
    let samples: usize = packs.iter().flat_map(|p| &p.signatures).map(|s| s.sample.len() + s.not.len()).sum();
    let cases = |d: &DetectorRule| usize::from(d.sample.is_some()) + usize::from(d.not.is_some());
    let cases: usize = packs.iter().flat_map(|p| &p.detectors).map(cases).sum();
    let (count, open) = (packs.len(), open(&packs));
    let (classifiers, sorted) = classifiers(&mut settings.loaded);
    let formats = settings.loaded.formats.len();
    let documents = documents(std::mem::take(&mut settings.loaded.formats));
    let said = run::prove(&packs).map_err(Failure::Usage)?;
    let plan = Plan::new(packs).map_err(Failure::Usage)?;
    let broken = plan.broken();
    let wrong: Vec<String> = broken
        .iter()
        .map(|err| err.to_string())
        .chain(scan::prove(&plan))
        .chain(said)
        .chain(sorted)
        .chain(documents)
        .collect();
    for problem in &settings.loaded.problems {
        say(format_args!("{problem}\n"));
    }
    for line in &wrong {
        say(line);
    }
    let mistakes = settings.loaded.problems.len() + wrong.len();
    if mistakes > 0 {
        say(format_args!("logtriage: {mistakes} {}", if mistakes == 1 { "mistake" } else { "mistakes" }));
        return Ok(USAGE);
    }
    for id in &open {
        say(format_args!("{id}: says '{TODO}' where the author has still to write"));
    }
    writeln!(
        out,
        "{count} packs, {signatures} signatures, {detectors} detectors, {samples} samples, {cases} cases, \
         {classifiers} classifiers, {formats} formats: all right"
    )?;
    if let Some(config) = &settings.config {
        writeln!(out, "configuration {}: all right", config.file)?;
    }
    Ok(DONE)
}

/// What is wrong with the samples of definitions of documents.
fn documents(formats: Vec<Definition>) -> Vec<String> {
    let mut wrong: Vec<String> = formats.iter().flat_map(document::prove).collect();
    wrong.extend(document::strangers(&Catalog::new(formats)));
    wrong
}

/// How many classifiers there are, and what is wrong with their samples; mistakes in built-in ones join the others.
fn classifiers(loaded: &mut rules::Loaded) -> (usize, Vec<String>) {
    let mut tables = std::mem::take(&mut loaded.classifiers);
    for (file, text) in rules::builtin_classifiers() {
        match rules::parse_classifier(file, text) {
            Ok(table) => tables.push(table),
            Err(problems) => loaded.problems.extend(problems),
        }
    }
    (tables.len(), tables.iter().flat_map(scan::prove_classifier).collect())
}

/// Rules with words that `rules new` left to their author.
fn open(packs: &[Pack]) -> Vec<String> {
    let begun = |text: &String| text.starts_with(TODO);
    let signatures = packs.iter().flat_map(|p| &p.signatures).filter(|s| {
        begun(&s.title) || begun(&s.cause) || s.not.iter().any(begun) || s.fixes.iter().any(|fix| begun(&fix.text))
    });
    let detectors = packs.iter().flat_map(|p| &p.detectors);
    let detectors = detectors.filter(|d| begun(&d.cause) || d.fixes.iter().any(|fix| begun(&fix.text)));
    signatures.map(|s| s.id.clone()).chain(detectors.map(|d| d.id.clone())).collect()
}
