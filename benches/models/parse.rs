//! From raw records to records, as a worker reads them: quickly where that is possible, else as always.

use logtriage::record::{Origin, Origins, Record, Scratch};
use logtriage::run::SourceInfo;
use logtriage::{Pipeline, record::Format};

use super::{Work, last, unit_of};
use crate::Counts;
use crate::corpora::Corpus;
use crate::oracle::Tally;

/// Reads a file.
pub struct Parse {
    corpus: Corpus,
    bytes: Vec<u8>,
    source: SourceInfo,
    records: u64,
    message_bytes: u64,
}

impl Parse {
    pub fn new(corpus: Corpus) -> Result<Parse, String> {
        let bytes = corpus.bytes()?;
        let source = source(&corpus, &bytes)?;
        Ok(Parse { corpus, bytes, source, records: 0, message_bytes: 0 })
    }
}

/// How to read the corpus.
pub fn source(corpus: &Corpus, bytes: &[u8]) -> Result<SourceInfo, String> {
    let pipeline = Pipeline::builder().zone(jiff::tz::TimeZone::UTC).build().map_err(|why| why.to_string())?;
    let page = 64 << 10;
    let (head, tail) = (&bytes[..bytes.len().min(page)], &bytes[bytes.len().saturating_sub(page)..]);
    Ok(pipeline.source("corpus", unit_of(corpus), last(corpus), head, tail))
}

/// Reads all records, and hands them over with their bytes.
pub fn each(source: &SourceInfo, bytes: &[u8], hear: &mut dyn FnMut(&Record<'_>)) {
    let (format, reference): (Format, _) = (source.format, &source.reference);
    let mut scratch = Scratch::default();
    let mut origins: Origins<()> = Origins::default();
    let mut rest = bytes;
    while let Some(len) = format.extent(rest, true) {
        let (raw, after) = rest.split_at(len);
        rest = after;
        let mut key = None;
        if let Some(glance) = format.glance(raw, reference, &mut scratch) {
            if let Some((origin, ())) = origins.find(glance.key) {
                hear(&glance.record(origin));
                continue;
            }
            key = Some(glance.key.to_vec());
        }
        let Some(record) = format.parse(raw, reference, &mut scratch) else { continue };
        if let Some(key) = key {
            origins.learn(&key, Origin::of(&record), ());
        }
        hear(&record);
    }
}

impl Work for Parse {
    fn run(&mut self) -> Result<(), String> {
        let (mut records, mut bytes) = (0, 0);
        each(&self.source, &self.bytes, &mut |record| {
            records += 1;
            bytes += record.message.len() as u64;
        });
        (self.records, self.message_bytes) = (records, bytes);
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        let mut tally = Tally::default();
        each(&self.source, &self.bytes, &mut |record| {
            let time = record.time.map_or(0, |time| time.0);
            tally.add(time, &record.unit, record.message, record.level.map(|level| level as u8));
        });
        let counts = tally.counts();
        let timed = [("records", self.records), ("message-bytes", self.message_bytes)];
        match timed.into_iter().find(|(name, count)| counts.get(*name) != Some(count)) {
            Some((name, count)) => Err(format!("the run that was timed counted {count} {name}")),
            None => Ok(counts),
        }
    }

    fn oracle(&self) -> Result<Counts, String> {
        crate::oracle::read(self.corpus.form, &self.bytes, &self.source.reference.unit)
    }

    fn is_slow(&self) -> bool {
        false
    }

    fn size(&self) -> (u64, u64) {
        (self.bytes.len() as u64, self.corpus.made.records)
    }
}
