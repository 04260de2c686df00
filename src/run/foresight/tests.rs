use super::*;
use crate::run::{Pipeline, Settler, Worker};
use crate::{report, rules};

const START: &str = "2026-05-11T22:40:0";

fn pipeline() -> Pipeline {
    let builder = Pipeline::builder().packs(rules::load(&[], true).packs);
    builder.zone(jiff::tz::TimeZone::UTC).build().unwrap()
}

/// A stream that is read line by line, as live reading does.
struct Stream<'p> {
    pipeline: &'p Pipeline,
    settler: Settler<'p>,
    worker: Worker<'p>,
    all: String,
}

impl<'p> Stream<'p> {
    fn new(pipeline: &'p Pipeline) -> Stream<'p> {
        let head = format!("{START}0.000Z host app[7]: hello\n");
        let source = pipeline.source("a.log", "a".into(), Stamp(0), head.as_bytes(), &[]);
        let mut settler = Settler::new(pipeline);
        settler.name(source.id, source.to_name());
        let mut stream = Stream { pipeline, settler, worker: Worker::new(pipeline, source, 0), all: String::new() };
        assert_eq!(stream.line("0.000Z host app[7]: hello"), []);
        assert_eq!(stream.line("0.000Z host systemd[1]: hello"), []);
        stream
    }

    /// What is told when this line was read and somebody waits for more.
    fn line(&mut self, rest: &str) -> Vec<(Change, String)> {
        let line = format!("{START}{rest}\n");
        self.all.push_str(&line);
        assert_eq!(self.worker.feed(line.as_bytes(), false), line.len());
        self.settler.absorb(self.worker.take());
        let mark = self.settler.latest().unwrap().minus(crate::run::live::LATENESS);
        let mut told = self.settler.advance(mark);
        told.extend(self.settler.foresee());
        told.into_iter().map(|told| (told.change, told.finding.unit)).collect()
    }

    /// The end: what is told then, and whether the diagnosis is that of a batch.
    fn end(self) -> Vec<(Change, String)> {
        let (diagnosis, told) = self.settler.finish_with();
        let json = |diagnosis| {
            let mut out = Vec::new();
            report::json(&diagnosis, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(json(diagnosis), json(self.pipeline.diagnose_bytes("a.log", self.all.as_bytes())));
        told.into_iter().map(|told| (told.change, told.finding.unit)).collect()
    }
}

fn told(change: Change, unit: &str) -> Vec<(Change, String)> {
    vec![(change, unit.to_owned())]
}

#[test]
fn a_finding_is_told_when_its_line_comes_and_never_again() {
    let pipeline = pipeline();
    let mut stream = Stream::new(&pipeline);
    assert_eq!(stream.line("1.000Z host app[7]: too many open files (3)"), told(Change::Opened, "app"));
    assert_eq!(stream.line("1.001Z host app[7]: and on"), []);
    assert_eq!(stream.line("1.002Z host db[8]: too many open files (3)"), told(Change::Opened, "db"));
    assert_eq!(stream.line("9.000Z host app[7]: much later"), []);
    assert_eq!(stream.end(), []);
}

#[test]
fn a_record_that_is_overtaken_takes_back_what_was_told() {
    let pipeline = pipeline();
    let exit = "systemd[1]: api.service: Main process exited, code=exited, status=1/FAILURE";
    let mut stream = Stream::new(&pipeline);
    assert_eq!(stream.line(&format!("2.300Z host {exit}")), told(Change::Opened, "api.service"));
    // It was asked to stop before that: no crash.
    assert_eq!(stream.line("2.100Z host systemd[1]: Stopping api.service - API..."), []);
    assert_eq!(stream.line("9.000Z host systemd[1]: hello"), told(Change::Withdrawn, "api.service"));
    assert_eq!(stream.end(), []);
}

#[test]
fn what_was_not_foreseen_is_told_when_it_is_settled() {
    let pipeline = pipeline();
    let mut stream = Stream::new(&pipeline);
    stream.settler.foresight.rest = Some(Instant::now() + Duration::from_secs(600));
    assert_eq!(stream.line("1.000Z host app[7]: too many open files (3)"), []);
    assert_eq!(stream.line("9.000Z host app[7]: much later"), told(Change::Opened, "app"));
    assert_eq!(stream.end(), []);
}
