//! From a file to the diagnosis.

use std::path::PathBuf;

use logtriage::{Diagnosis, Pipeline};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Said, Work, bytes_of, counts_of, naive_of, pipeline};
use crate::Counts;
use crate::corpora::Corpus;
use crate::definition::Definition;

/// Reads a file on so many threads, with all packs.
pub struct EndToEnd {
    corpus: Corpus,
    pipeline: &'static Pipeline,
    pool: ThreadPool,
    paths: [PathBuf; 1],
    diagnosis: Option<Diagnosis>,
}

impl EndToEnd {
    pub fn new(corpus: Corpus, definition: &Definition) -> Result<EndToEnd, String> {
        let pool = ThreadPoolBuilder::new().num_threads(definition.threads).build().map_err(|why| why.to_string())?;
        Ok(EndToEnd {
            pipeline: pipeline(definition.rules)?,
            pool,
            paths: [corpus.path.clone()],
            corpus,
            diagnosis: None,
        })
    }
}

impl Work for EndToEnd {
    fn run(&mut self) -> Result<(), String> {
        self.diagnosis = Some(self.pool.install(|| self.pipeline.diagnose(&self.paths)));
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        let diagnosis = self.diagnosis.as_ref().ok_or("nothing was read")?;
        let (input, made) = (&diagnosis.input, &self.corpus.made);
        // Whoever made the corpus knows what is in it.
        if (input.records, input.bytes) != (made.records, made.bytes) {
            return Err(format!(
                "{} records of {} bytes were made, {} of {} were read",
                made.records, made.bytes, input.records, input.bytes
            ));
        }
        Ok(counts_of(diagnosis))
    }

    /// Not the counts alone: the whole diagnosis is the same, byte for byte.
    fn oracle(&self) -> Result<Counts, String> {
        let naive = naive_of(&self.corpus.path)?;
        let Said { counts, bytes: naive_bytes } = &*naive;
        let fast_bytes = bytes_of(self.diagnosis.as_ref().ok_or("nothing was read")?)?;
        let same = naive_bytes.iter().zip(&fast_bytes).take_while(|(a, b)| a == b).count();
        if *naive_bytes != fast_bytes {
            let near = |bytes: &[u8]| {
                let from = same.saturating_sub(100).min(bytes.len());
                String::from_utf8_lossy(&bytes[from..bytes.len().min(same + 100)]).into_owned()
            };
            return Err(format!(
                "the diagnosis is not that of the naive engine from byte {same} on: expected {}, found {}",
                near(naive_bytes),
                near(&fast_bytes)
            ));
        }
        Ok(counts.clone())
    }

    fn size(&self) -> (u64, u64) {
        (self.corpus.made.bytes, self.corpus.made.records)
    }
}
