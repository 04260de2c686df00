//! The models: what kind of work is measured. Comes in: a definition. Goes out: work that is ready to be done again and
//! again, that counts, and that knows what the naive engine counts.

mod detect;
mod end_to_end;
mod lines;
mod merge;
mod parse;
mod pipe;
mod scan;
mod start;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use logtriage::base::Stamp;
use logtriage::{Diagnosis, Pipeline};

use crate::Counts;
use crate::corpora::{Corpus, Scale, corpus};
use crate::definition::Definition;
use crate::measure::{Figure, Took, rates};

/// Work that is measured.
pub trait Work {
    /// Does it once. This is what is timed.
    fn run(&mut self) -> Result<(), String>;

    /// What was counted: looked up after the last run, and no part of the time.
    fn counts(&self) -> Result<Counts, String>;

    /// What the naive engine counts.
    fn oracle(&self) -> Result<Counts, String>;

    /// Does the naive engine take long for it?
    fn is_slow(&self) -> bool {
        true
    }

    /// Bytes and records of the input.
    fn size(&self) -> (u64, u64);

    /// Gets ready for the next run, outside of the time.
    fn rest(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// One run takes seconds and measures by itself.
    fn is_long(&self) -> bool {
        false
    }

    /// What the times mean.
    fn figures(&self, took: &Took) -> Vec<Figure> {
        let (bytes, records) = self.size();
        rates(took, bytes, records)
    }
}

/// The work of a definition.
///
/// # Errors
/// When there is no such model or corpus, or something cannot be made.
pub fn prepare(definition: &Definition, scale: Scale) -> Result<Box<dyn Work>, String> {
    let of = || corpus(&definition.corpus, scale);
    Ok(match definition.model.as_str() {
        "lines" => Box::new(lines::Lines::new(of()?)?),
        "parse" => Box::new(parse::Parse::new(of()?)?),
        "scan" => Box::new(scan::Scan::new(of()?, definition)?),
        "detect" => Box::new(detect::Detect::new(of()?, definition)?),
        "end-to-end" => Box::new(end_to_end::EndToEnd::new(of()?, definition)?),
        "merge" => Box::new(merge::Merge::new(of()?, definition)?),
        "start" => Box::new(start::Start::new(corpus(&definition.corpus, Scale::Small)?)?),
        "pipe" => Box::new(pipe::Pipe::new(corpus(&definition.corpus, Scale::Small)?, definition, scale)?),
        other => return Err(format!("no model is called '{other}'")),
    })
}

/// A pipeline with so many times the built-in packs. Times without a zone are in UTC. Made once, and there until the end.
fn pipeline(rules: usize) -> Result<&'static Pipeline, String> {
    made(rules, false)
}

/// The naive engine: every signature is asked about every record. Twins of signatures match nothing, so it does without.
fn naive() -> Result<&'static Pipeline, String> {
    made(1, true)
}

fn made(rules: usize, naive: bool) -> Result<&'static Pipeline, String> {
    static ALL: LazyLock<Mutex<BTreeMap<(usize, bool), &'static Pipeline>>> = LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pipeline) = all.get(&(rules, naive)) {
        return Ok(pipeline);
    }
    let builder = Pipeline::builder().packs(crate::packs::packs(rules)).zone(jiff::tz::TimeZone::UTC).naive(naive);
    // The naive engine is slow: small blocks keep all threads at work.
    let builder = if naive { builder.block(32 << 10) } else { builder };
    let pipeline: &'static Pipeline = Box::leak(Box::new(builder.build().map_err(|why| why.to_string())?));
    all.insert((rules, naive), pipeline);
    Ok(pipeline)
}

/// What the naive engine says about a file.
struct Said {
    counts: Counts,
    /// The whole diagnosis.
    bytes: Vec<u8>,
}

/// Asks the naive engine about a file, once for each.
fn naive_of(path: &Path) -> Result<Arc<Said>, String> {
    static ALL: LazyLock<Mutex<BTreeMap<PathBuf, Arc<Said>>>> = LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(path) {
        return Ok(known.clone());
    }
    let diagnosis = naive()?.diagnose(&[path.to_owned()]);
    let said = Arc::new(Said { counts: counts_of(&diagnosis), bytes: bytes_of(&diagnosis)? });
    all.insert(path.to_owned(), said.clone());
    Ok(said)
}

/// The time of the last record.
fn last(corpus: &Corpus) -> Stamp {
    i64::try_from(corpus.made.last).ok().and_then(Stamp::from_micros).unwrap_or(Stamp(0))
}

/// The name without folder and ending: the unit of records that do not name theirs.
fn unit_of(corpus: &Corpus) -> String {
    logtriage::record::unit_of_path(&corpus.path).to_string()
}

/// What a diagnosis counts. It must have read what was made.
fn counts_of(diagnosis: &Diagnosis) -> Counts {
    let input = &diagnosis.input;
    [
        ("records", input.records),
        ("bytes", input.bytes),
        ("unparsed", input.unparsed),
        ("units", diagnosis.units.len() as u64),
        ("errors", diagnosis.units.iter().map(|unit| unit.errors).sum()),
        ("warnings", diagnosis.units.iter().map(|unit| unit.warnings).sum()),
        ("hits", diagnosis.signatures.iter().map(|signature| signature.count).sum()),
        ("unclassified", diagnosis.unclassified.iter().map(|template| template.count).sum()),
        ("findings", diagnosis.findings.len() as u64),
        ("incidents", diagnosis.incidents.len() as u64),
    ]
    .map(|(name, count)| (name.to_owned(), count))
    .into()
}

/// The whole diagnosis as bytes.
fn bytes_of(diagnosis: &Diagnosis) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    logtriage::report::json(diagnosis, &mut bytes).map_err(|why| why.to_string())?;
    Ok(bytes)
}

/// `logtriage` as it was built with the bench.
const PROGRAM: &str = env!("CARGO_BIN_EXE_logtriage");
