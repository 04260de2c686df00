//! Every case file of the built-in packs, through all drivers of the library: at once, in small blocks, byte by byte as a
//! pipe brings it, and in three parts that are merged. All say the same.

use std::path::Path;
use std::sync::mpsc;
use std::thread;

use logtriage::run::live::{self, Bytes};
use logtriage::run::{Partial, Settler};
use logtriage::{Diagnosis, Pipeline, rules};
use serde_json::Value;

use crate::support::drive;
use crate::support::judge::first_difference;

/// The name that a case has in all drivers: names are part of a diagnosis.
const NAME: &str = "case.log";

/// Their records say how long ago something was, counted from the moment of reading, which differs by milliseconds.
const AGES: [&str; 2] = ["node-lost.case", "one-pod-lost-its-node.case"];

fn pipeline(block: usize) -> Pipeline {
    let builder = Pipeline::builder().packs(rules::load(&[], true).packs).zone(jiff::tz::TimeZone::UTC);
    builder.block(block).build().expect("the built-in packs")
}

fn value(diagnosis: &Diagnosis) -> Value {
    serde_json::to_value(diagnosis).expect("a diagnosis is JSON")
}

/// Byte by byte, as from a pipe.
fn dripped(pipeline: &Pipeline, text: &str) -> Diagnosis {
    let (sender, receiver) = mpsc::sync_channel(16);
    let bytes = text.as_bytes().to_vec();
    let feeder = thread::spawn(move || {
        for byte in bytes {
            if sender.send(Bytes::More(vec![byte])).is_err() {
                return;
            }
        }
        let _ = sender.send(Bytes::Stop);
    });
    let (diagnosis, _) = live::follow(pipeline, NAME, "case", &receiver, &mut |_| true);
    feeder.join().expect("the feeder");
    diagnosis
}

/// Three stretches of the file, merged from the last to the first.
fn merged(pipeline: &Pipeline, path: &Path) -> Diagnosis {
    let mut whole = Partial::empty(pipeline.plan().fingerprint());
    for part in [3, 1, 2] {
        let partial = pipeline.scan_part(path, part, 3).expect("a part");
        let decoded = Partial::decode(&partial.encode()).expect("what was encoded");
        whole.merge(decoded).expect("neighbours");
    }
    Settler::diagnose(pipeline, whole)
}

#[test]
fn every_case_says_the_same_through_every_driver() {
    let cases = rules::builtin_cases();
    let (plain, small) = (pipeline(4 << 20), pipeline(97));
    let wrong = drive::each(cases, |(name, text)| {
        if AGES.contains(name) {
            return Vec::new();
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(NAME);
        std::fs::write(&path, text).expect("a file");
        let batch = value(&plain.diagnose_bytes(NAME, text.as_bytes()));
        // Rows can hold the name of their file, so parts are held against the file as a whole.
        let file = value(&plain.diagnose(std::slice::from_ref(&path)));
        let others = [
            ("small blocks", &batch, value(&small.diagnose_bytes(NAME, text.as_bytes()))),
            ("byte by byte", &batch, value(&dripped(&plain, text))),
            ("merged parts", &file, value(&merged(&plain, &path))),
        ];
        // A machine that is busy with other tests can pause in the middle of a case whose lines are out of order by hours.
        let late = |other: &Value| other["input"]["late"] != 0;
        let others = others.into_iter().filter(|(how, _, other)| {
            let left_out = *how == "byte by byte" && late(other);
            if left_out {
                eprintln!("{name}: {how}: not compared, {} late", other["input"]["late"]);
            }
            !left_out
        });
        let differ = others.filter_map(|(how, whole, other)| {
            first_difference(whole, &other).map(|why| format!("{name}: {how}: {why}"))
        });
        differ.collect::<Vec<_>>()
    });
    assert!(cases.len() > 50, "{} cases", cases.len());
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
