//! Every record of one input, one after the other: for those who want to see what the others only count.
//!
//! In: an open input. Out: its records as the drivers see them, traces joined, each with the event that it is. One
//! thread; nothing is kept but the lines of traces that are not whole yet.

use std::path::Path;

use crate::base::{Certainty, Error, Place, Stamp};
use crate::input::Input;
use crate::record::{Gate, Joiner, Record, Scratch};
use crate::scan::{Classifier, Event};

use super::blocks::Blocks;
use super::desk::has_step;
use super::pipeline::Pipeline;
use super::worker::RECORD_BYTES;

/// What is shown of each record: itself, and the event that it is to the detectors.
pub type See<'s> = &'s mut dyn FnMut(&Record<'_>, Option<&Event>);

impl Pipeline {
    /// Shows every record of `input` to `see`. A trace comes when it is whole, all else in the order of the file.
    ///
    /// # Errors
    /// When reading fails; what stood before that place was shown.
    pub fn each(&self, path: &Path, input: Input, see: See<'_>) -> Result<(), Error> {
        let (source, mut input) = self.describe(path, input);
        let mut blocks = Blocks::new(&source, &mut input, self.block);
        let mut classifier = Classifier::new(self.plan());
        let mut scratch = Scratch::default();
        let (mut gate, mut joiner, mut joined) = (Gate::new(), Joiner::new(), Vec::new());
        let mut clock = None;
        let mut failed = None;
        loop {
            let block = match blocks.next(Vec::new()) {
                Ok(Some(block)) => block,
                Ok(None) => break,
                // What was read before the failure still comes.
                Err(why) => {
                    failed.get_or_insert(why);
                    continue;
                }
            };
            let mut at = 0;
            while let Some(rest) = block.bytes.get(at..).filter(|rest| !rest.is_empty()) {
                let extent = source.format.extent(rest, block.last).or_else(|| source.format.extent(rest, true));
                let len = extent.unwrap_or(rest.len()).clamp(1, rest.len());
                let raw = &rest[..len.min(RECORD_BYTES)];
                let place = Place { source: source.id, offset: block.start + at as u64 };
                at += len;
                let Some(record) = source.format.parse(raw, &source.reference, &mut scratch) else { continue };
                clock = record.time.or(clock);
                let certainty = if record.time.is_some() { record.certainty } else { Certainty::None };
                let event = classifier.classify(&record, clock.unwrap_or(Stamp::MIN), certainty, place);
                // As in `Worker::record`: a step in the life of a unit never waits.
                let step = event.as_ref().is_some_and(|event| has_step(self, event));
                if (!step || Gate::looks_joined(&record)) && gate.holds(&record, Gate::lane(&record)) {
                    let mut piece = record.to_owned(place);
                    piece.time = clock;
                    joiner.push(piece, &mut joined);
                } else {
                    see(&record, event.as_ref());
                }
                for whole in joined.drain(..) {
                    show(&mut classifier, &whole, see);
                }
            }
        }
        joiner.finish(&mut joined);
        for whole in joined {
            show(&mut classifier, &whole, see);
        }
        failed.map_or(Ok(()), |why| Err(Error::at(path, why)))
    }
}

fn show(classifier: &mut Classifier<'_>, whole: &crate::record::OwnedRecord, see: See<'_>) {
    let record = whole.view();
    let event = classifier.classify(&record, whole.time.unwrap_or(Stamp::MIN), whole.certainty, whole.place);
    see(&record, event.as_ref());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    /// It sees what the drivers count: as many records, and the same unknown errors.
    #[test]
    fn nothing_is_left_out_and_nothing_comes_twice() {
        let pipeline = Pipeline::builder().packs(rules::load(&[], true).packs).zone(jiff::tz::TimeZone::UTC);
        let pipeline = pipeline.block(300).build().unwrap();
        let log = "2026-05-11T22:40:02Z host app[7]: Traceback (most recent call last):\n\
                   2026-05-11T22:40:02Z host app[7]:   File \"a.py\", line 3, in <module>\n\
                   2026-05-11T22:40:02Z host app[7]:     run()\n\
                   2026-05-11T22:40:02Z host app[7]: ValueError: the frobnicator is askew\n\
                   2026-05-11T22:40:03Z host app[7]: ERROR the sprocket has no teeth\n\
                   no form at all\n\
                   2026-05-11T22:40:04Z host systemd[1]: api.service: Main process exited, code=exited, status=1/FAILURE\n"
            .repeat(9);
        let mut seen = (0, 0, 0);
        let input = Input::from_bytes(log.clone().into_bytes(), None);
        pipeline
            .each(Path::new("a.log"), input, &mut |_, event| {
                seen.0 += 1;
                seen.1 += event.map_or(0, |event| event.hits.len() as u64);
                seen.2 += u64::from(event.is_some_and(|event| event.hits.is_empty()));
            })
            .unwrap();
        let diagnosis = pipeline.diagnose_bytes("a.log", log.as_bytes());
        let hits: u64 = diagnosis.signatures.iter().map(|s| s.count).sum();
        let unknown: u64 = diagnosis.unclassified.iter().map(|u| u.count).sum();
        assert_eq!(seen, (diagnosis.input.records, hits, unknown));
        assert!(seen.1 > 9 && seen.2 >= 9, "{seen:?}");
    }
}
