//! `logtriage rules`: are the packs right, what is in them, what does a rule say?

use std::io::{self, Write};

use crate::base::{Error, nearest};
use crate::rules::{self, DetectorKind, DetectorRule, Fix, Pack, Signature};
use crate::run;
use crate::scan::{self, Plan};

use super::args::{Rules, RulesVerb};
use super::exit::{DONE, Exit, Failure, USAGE};
use super::terminal::say;

pub(super) fn run(args: &Rules) -> Result<Exit, Failure> {
    let mut paths = args.packs.clone();
    if let RulesVerb::Check { paths: more } = &args.verb {
        paths.extend(more.iter().cloned());
    }
    let loaded = rules::load(&paths, !args.no_builtin_packs);
    let mut out = io::stdout().lock();
    match &args.verb {
        RulesVerb::Check { .. } => check(loaded, &mut out),
        _ if !loaded.problems.is_empty() => Err(Failure::Packs(loaded.problems)),
        RulesVerb::List => list(&loaded.packs, &mut out),
        RulesVerb::Show { id } => show(&loaded.packs, id, &mut out),
    }
}

fn check(mut loaded: rules::Loaded, out: &mut dyn Write) -> Result<Exit, Failure> {
    let signatures: usize = loaded.packs.iter().map(|p| p.signatures.len()).sum();
    let detectors: usize = loaded.packs.iter().map(|p| p.detectors.len()).sum();
    let samples: usize = loaded.packs.iter().flat_map(|p| &p.signatures).map(|s| s.sample.len() + s.not.len()).sum();
    let cases = |d: &DetectorRule| usize::from(d.sample.is_some()) + usize::from(d.not.is_some());
    let cases: usize = loaded.packs.iter().flat_map(|p| &p.detectors).map(cases).sum();
    let packs = loaded.packs.len();
    let (classifiers, sorted) = classifiers(&mut loaded);
    let said = run::prove(&loaded.packs).map_err(Failure::Usage)?;
    let plan = Plan::new(loaded.packs).map_err(Failure::Usage)?;
    let broken = plan.broken();
    let wrong: Vec<String> =
        broken.iter().map(|err| err.to_string()).chain(scan::prove(&plan)).chain(said).chain(sorted).collect();
    for problem in &loaded.problems {
        say(format_args!("{problem}\n"));
    }
    for line in &wrong {
        say(line);
    }
    let mistakes = loaded.problems.len() + wrong.len();
    if mistakes > 0 {
        say(format_args!("logtriage: {mistakes} mistakes"));
        return Ok(USAGE);
    }
    writeln!(
        out,
        "{packs} packs, {signatures} signatures, {detectors} detectors, {samples} samples, {cases} cases, \
         {classifiers} classifiers: all right"
    )?;
    Ok(DONE)
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

fn list(packs: &[Pack], out: &mut dyn Write) -> Result<Exit, Failure> {
    for pack in packs {
        for s in &pack.signatures {
            writeln!(out, "{:<32} {:<18} {:<9} {}", s.id, s.class, s.severity, s.title)?;
        }
        for d in &pack.detectors {
            writeln!(out, "{:<32} {:<18} {:<9} {}", d.id, d.finding, d.severity, d.title)?;
        }
    }
    Ok(DONE)
}

fn show(packs: &[Pack], id: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
    if let Some(signature) = packs.iter().flat_map(|p| &p.signatures).find(|s| s.id == id) {
        signature_page(signature, out)?;
        return Ok(DONE);
    }
    if let Some(detector) = packs.iter().flat_map(|p| &p.detectors).find(|d| d.id == id) {
        detector_page(detector, out)?;
        return Ok(DONE);
    }
    let ids = packs
        .iter()
        .flat_map(|p| p.signatures.iter().map(|s| s.id.as_str()).chain(p.detectors.iter().map(|d| d.id.as_str())));
    let help = match nearest(id, ids) {
        Some(near) => format!("did you mean '{near}'?"),
        None => "'logtriage rules list' shows them all".to_owned(),
    };
    Err(Failure::Usage(Error::new(format!("no rule has the id '{id}'")).help(help)))
}

fn signature_page(s: &Signature, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}  {}\n", s.id, s.title)?;
    row(out, "class", s.class.word())?;
    row(out, "severity", s.severity.word())?;
    if s.at_least > 1 {
        row(out, "told", &format!("after {} matches of one unit within {}", s.at_least, s.within))?;
    }
    if let Some((word, _)) = s.step.and_then(|step| crate::base::Step::WORDS.iter().find(|(_, w)| *w == step)) {
        row(out, "step", word)?;
    }
    for id in &s.message_ids {
        row(out, "MESSAGE_ID", &format!("{id:032x}"))?;
    }
    for (name, texts) in [("any of", &s.any), ("all of", &s.all), ("none of", &s.none), ("regex", &s.regex)] {
        for text in texts {
            row(out, name, text)?;
        }
    }
    for (name, globs) in [("unit", &s.scope.unit), ("identifier", &s.scope.identifier), ("host", &s.scope.host)] {
        for glob in globs {
            row(out, &format!("where {name}"), if glob.as_str().is_empty() { "(not known)" } else { glob.as_str() })?;
        }
    }
    remedies(out, &s.cause, &s.fixes)?;
    if let Some(advice) = &s.if_recurring {
        row(out, "if it recurs", advice)?;
    }
    for (name, lines) in [("matches", &s.sample), ("does not", &s.not)] {
        for line in lines {
            row(out, name, &line.replace('\n', "\\n"))?;
        }
    }
    Ok(())
}

fn detector_page(d: &DetectorRule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}  {}\n", d.id, d.title)?;
    row(out, "finding", d.finding.word())?;
    row(out, "severity", d.severity.word())?;
    match &d.kind {
        DetectorKind::Count { at_least, within, .. } => {
            row(out, "count", &format!("{at_least} or more within {within}"))?;
        }
        DetectorKind::Sequence { steps, within } => {
            row(out, "sequence", &format!("{} steps within {within}", steps.len()))?;
        }
    }
    row(out, "by", &d.by.join(", "))?;
    remedies(out, &d.cause, &d.fixes)
}

fn remedies(out: &mut dyn Write, cause: &str, fixes: &[Fix]) -> io::Result<()> {
    if !cause.is_empty() {
        row(out, "cause", cause)?;
    }
    for fix in fixes {
        row(out, "do", &fix.text)?;
        for (name, text) in [("run", &fix.run), ("when", &fix.when), ("verify", &fix.verify)] {
            if let Some(text) = text {
                row(out, name, text)?;
            }
        }
    }
    Ok(())
}

fn row(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{name:<16} {text}")
}
