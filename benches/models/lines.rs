//! From bytes to raw records: where does each end?

use logtriage::record::Format;

use super::Work;
use crate::Counts;
use crate::corpora::Corpus;
use crate::corpus::Form;

/// Cuts a file into records.
pub struct Lines {
    corpus: Corpus,
    bytes: Vec<u8>,
    format: Format,
    records: u64,
    cut: u64,
}

impl Lines {
    pub fn new(corpus: Corpus) -> Result<Lines, String> {
        let bytes = corpus.bytes()?;
        let format = Format::sniff(&bytes[..bytes.len().min(64 << 10)]);
        Ok(Lines { corpus, bytes, format, records: 0, cut: 0 })
    }
}

impl Work for Lines {
    fn run(&mut self) -> Result<(), String> {
        (self.records, self.cut) = (0, 0);
        let mut rest = self.bytes.as_slice();
        while let Some(len) = self.format.extent(rest, true) {
            rest = rest.get(len..).unwrap_or_default();
            self.records += 1;
            self.cut += len as u64;
        }
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        Ok(counts(self.records, self.cut))
    }

    fn oracle(&self) -> Result<Counts, String> {
        let read = crate::oracle::read(self.corpus.form, &self.bytes, "-")?;
        let records = read.get("records").copied().unwrap_or_default();
        let line_ends = self.bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        if records != self.corpus.made.records || self.corpus.form != Form::JournalExport && records != line_ends {
            return Err(format!("the oracle reads {records} records of {}", self.corpus.made.records));
        }
        Ok(counts(records, self.bytes.len() as u64))
    }

    fn is_slow(&self) -> bool {
        false
    }

    fn size(&self) -> (u64, u64) {
        (self.bytes.len() as u64, self.corpus.made.records)
    }
}

fn counts(records: u64, bytes: u64) -> Counts {
    [("records".to_owned(), records), ("bytes".to_owned(), bytes)].into()
}
