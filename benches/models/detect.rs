//! From events to the diagnosis: one thread, a thousand times less data.

use logtriage::run::{Partial, Settler};
use logtriage::{Diagnosis, Pipeline};

use super::{Work, counts_of, naive_of, pipeline};
use crate::Counts;
use crate::corpora::Corpus;
use crate::definition::Definition;

/// Judges what workers left behind.
pub struct Detect {
    corpus: Corpus,
    pipeline: &'static Pipeline,
    partial: Partial,
    next: Option<Partial>,
    diagnosis: Option<Diagnosis>,
}

impl Detect {
    pub fn new(corpus: Corpus, definition: &Definition) -> Result<Detect, String> {
        let pipeline = pipeline(definition.rules)?;
        let partial = pipeline.scan(std::slice::from_ref(&corpus.path), &());
        Ok(Detect { corpus, pipeline, partial, next: None, diagnosis: None })
    }
}

impl Work for Detect {
    fn rest(&mut self) -> Result<(), String> {
        self.next = Some(self.partial.clone());
        Ok(())
    }

    fn run(&mut self) -> Result<(), String> {
        let partial = self.next.take().unwrap_or_else(|| self.partial.clone());
        self.diagnosis = Some(Settler::diagnose(self.pipeline, partial));
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        Ok(counts_of(self.diagnosis.as_ref().ok_or("nothing was judged")?))
    }

    fn oracle(&self) -> Result<Counts, String> {
        Ok(naive_of(&self.corpus.path)?.counts.clone())
    }

    fn size(&self) -> (u64, u64) {
        (self.corpus.made.bytes, self.corpus.made.records)
    }
}
