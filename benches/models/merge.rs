//! From partial results of many processes to one.

use logtriage::Pipeline;
use logtriage::run::{Partial, Settler};

use super::{Work, counts_of, naive_of, pipeline};
use crate::Counts;
use crate::corpora::Corpus;
use crate::definition::Definition;

/// Processes that scanned a part each.
const PARTS: u64 = 16;

/// Decodes and joins the parts of a file.
pub struct Merge {
    corpus: Corpus,
    pipeline: &'static Pipeline,
    parts: Vec<Vec<u8>>,
    whole: Option<Partial>,
}

impl Merge {
    pub fn new(corpus: Corpus, definition: &Definition) -> Result<Merge, String> {
        let pipeline = pipeline(definition.rules)?;
        let mut parts = Vec::new();
        for part in 1..=PARTS {
            let partial = pipeline.scan_part(&corpus.path, part, PARTS).map_err(|why| why.to_string())?;
            parts.push(partial.encode());
        }
        // In no order.
        parts.rotate_left(5);
        parts.swap(0, 11);
        Ok(Merge { corpus, pipeline, parts, whole: None })
    }
}

impl Work for Merge {
    fn run(&mut self) -> Result<(), String> {
        let mut whole = Partial::empty(self.pipeline.plan().fingerprint());
        for part in &self.parts {
            let part = Partial::decode(part).map_err(|why| why.to_string())?;
            whole.merge(part).map_err(|why| why.to_string())?;
        }
        self.whole = Some(whole);
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        let whole = self.whole.clone().ok_or("nothing was merged")?;
        Ok(counts_of(&Settler::diagnose(self.pipeline, whole)))
    }

    fn oracle(&self) -> Result<Counts, String> {
        Ok(naive_of(&self.corpus.path)?.counts.clone())
    }

    fn size(&self) -> (u64, u64) {
        (self.parts.iter().map(|part| part.len() as u64).sum(), self.corpus.made.records)
    }
}
