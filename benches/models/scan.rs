//! From records to events: which signatures speak about each?

use logtriage::Pipeline;
use logtriage::base::{Place, SourceId, Stamp};
use logtriage::record::OwnedRecord;
use logtriage::scan::Classifier;

use super::{Work, naive, parse, pipeline};
use crate::Counts;
use crate::corpora::Corpus;
use crate::definition::Definition;

/// Asks all signatures about records that were read before.
pub struct Scan {
    corpus: Corpus,
    pipeline: &'static Pipeline,
    records: Vec<OwnedRecord>,
    message_bytes: u64,
    found: Found,
}

/// What was found.
#[derive(Clone, Copy, Default)]
struct Found {
    events: u64,
    hits: u64,
    captures: u64,
}

impl Scan {
    pub fn new(corpus: Corpus, definition: &Definition) -> Result<Scan, String> {
        let bytes = corpus.bytes()?;
        let source = parse::source(&corpus, &bytes)?;
        let mut records = Vec::new();
        let mut message_bytes = 0;
        parse::each(&source, &bytes, &mut |record| {
            message_bytes += (record.message.len() + record.detail.len()) as u64;
            records.push(record.to_owned(Place { source: SourceId(0), offset: 0 }));
        });
        let pipeline = pipeline(definition.rules)?;
        Ok(Scan { corpus, pipeline, records, message_bytes, found: Found::default() })
    }

    fn ask(&self, mut classifier: Classifier<'_>) -> Found {
        let mut found = Found::default();
        for owned in &self.records {
            let record = owned.view();
            let time = record.time.unwrap_or(Stamp::MIN);
            if let Some(event) = classifier.classify(&record, time, record.certainty, owned.place) {
                found.events += 1;
                found.hits += event.hits.len() as u64;
                found.captures += event.captures.len() as u64;
            }
        }
        found
    }

    fn count(&self, found: Found) -> Counts {
        let Found { events, hits, captures } = found;
        [("records", self.records.len() as u64), ("events", events), ("hits", hits), ("captures", captures)]
            .map(|(name, count)| (name.to_owned(), count))
            .into()
    }
}

impl Work for Scan {
    fn run(&mut self) -> Result<(), String> {
        self.found = self.ask(Classifier::new(self.pipeline.plan()));
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        // Whoever made the corpus knows how many failures it tells of; each is heard about, known or not.
        if self.found.events < self.corpus.made.failing {
            return Err(format!("{} failures were put in, {} heard", self.corpus.made.failing, self.found.events));
        }
        Ok(self.count(self.found))
    }

    fn oracle(&self) -> Result<Counts, String> {
        Ok(self.count(self.ask(Classifier::naive(naive()?.plan()))))
    }

    fn size(&self) -> (u64, u64) {
        (self.message_bytes, self.records.len() as u64)
    }
}
