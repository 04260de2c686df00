//! Documents through the whole path: files, compressed files, streams, parts.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use super::super::{Partial, Settler, live};
use super::*;
use crate::incident::Diagnosis;
use crate::rules;

const USAGE: &str = r#"{
  "updated_at": "2026-05-15T18:09:00+00:00",
  "events": [
    {"kind": "execution_outcome", "task_id": "TASK-9", "role": "goal", "succeeded": false, "timestamp": "2026-05-15T18:07:20.123456+00:00"},
    {"kind": "executor_quality_warning", "task_id": "TASK-9", "timestamp": "2026-05-15T18:07:21+00:00"}
  ],
  "task_attempts": {"TASK-9": 2}
}
"#;

fn pipeline() -> Pipeline {
    Pipeline::builder().packs(rules::load(&[], true).packs).zone(jiff::tz::TimeZone::UTC).build().unwrap()
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Format and records of each source, and what could not be read.
fn shape(diagnosis: &Diagnosis) -> (Vec<(String, u64)>, Vec<String>) {
    let sources = diagnosis.input.sources.iter().map(|s| (s.format.clone(), s.records)).collect();
    (sources, diagnosis.input.unreadable.iter().map(|u| u.why.clone()).collect())
}

#[test]
fn a_file_of_documents_is_read_as_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "usage.json", USAGE.as_bytes());
    let diagnosis = pipeline().diagnose(&[path]);
    assert_eq!(shape(&diagnosis), (vec![("operations-center-usage".to_owned(), 4)], vec![]));
    let period = diagnosis.period.unwrap();
    assert!(format!("{period:?}").contains("Stamp(1778868440123456000), to: Stamp(1778868540000000000)"));
    assert!(diagnosis.units.iter().any(|unit| unit.unit == "goal"), "{:?}", diagnosis.units);
}

#[test]
fn compressed_documents_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(USAGE.as_bytes()).unwrap();
    let path = file(folder.path(), "usage.json.gz", &packed.finish().unwrap());
    assert_eq!(shape(&pipeline().diagnose(&[path])).0, [("operations-center-usage".to_owned(), 4)]);
}

#[test]
fn a_broken_document_is_told_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "usage.json", USAGE.as_bytes());
    let cut = file(folder.path(), "cut.json", USAGE.get(..300).unwrap().as_bytes());
    let (sources, told) = shape(&pipeline().diagnose(&[good, cut.clone()]));
    assert_eq!(sources.iter().map(|(_, records)| records).sum::<u64>(), 4);
    let why = "the document that begins in line 1 ends before it is closed (line 5, column 99)";
    assert_eq!(told, [format!("{}: {why}", cut.display())]);
}

#[test]
fn a_long_document_is_known_by_its_head_and_read_to_its_end() {
    let event = r#"{"kind": "execution", "task_id": "T", "role": "goal", "timestamp": "2026-05-15T18:07:20+00:00"},"#;
    let text = USAGE.replace("\"events\": [", &format!("\"events\": [{}", event.repeat(2_000)));
    assert!(text.len() > 2 * 64 * 1024);
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "usage.json", text.as_bytes());
    let whole = pipeline().diagnose(std::slice::from_ref(&path));
    assert_eq!(shape(&whole), (vec![("operations-center-usage".to_owned(), 2_004)], vec![]));
    // In parts it is the same, for it is cut where rows end.
    let pipeline = pipeline();
    let mut merged = Partial::empty(pipeline.plan().fingerprint());
    for part in [3, 1, 2] {
        merged.merge(pipeline.scan_part(&path, part, 3).unwrap()).unwrap();
    }
    assert_eq!(
        serde_json::to_string(&Settler::diagnose(&pipeline, merged)).unwrap(),
        serde_json::to_string(&whole).unwrap()
    );
}

#[test]
fn a_stream_of_documents_is_read_as_its_rows_at_any_pace() {
    for step in [1, 100, 1 << 20] {
        let (sender, bytes) = std::sync::mpsc::sync_channel(4);
        let text = format!("{USAGE}not a document\n{}\n", USAGE.replace('\n', ""));
        let writer = std::thread::spawn(move || {
            for piece in text.as_bytes().chunks(step) {
                sender.send(live::Bytes::More(piece.to_vec())).unwrap();
            }
        });
        let pipeline = pipeline();
        let (diagnosis, _) = live::follow(&pipeline, "-", "stdin", &bytes, &mut |_| true);
        writer.join().unwrap();
        assert_eq!(shape(&diagnosis), (vec![("operations-center-usage".to_owned(), 9)], vec![]), "{step}");
    }
}

#[test]
fn who_names_a_format_or_a_document_is_heeded() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "usage.json", USAGE.as_bytes());
    let builder = || Pipeline::builder().zone(jiff::tz::TimeZone::UTC);
    let plain = builder().format(Some(Format::Plain)).build().unwrap();
    assert_eq!(shape(&plain.diagnose(std::slice::from_ref(&path))).0[0].0, "plain");
    let named = builder().document(Some("operations-center-usage".to_owned())).build().unwrap();
    assert_eq!(shape(&named.diagnose(std::slice::from_ref(&path))).0[0].1, 4);
    let none = builder().documents(Vec::new()).build().unwrap();
    assert_eq!(shape(&none.diagnose(&[path])).0[0].0, "json-lines");
}

#[test]
fn logs_are_not_touched() {
    let pipeline = pipeline();
    for head in [
        "{\"__CURSOR\":\"s\",\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":\"events task_attempts\"}\n",
        "{\"level\":\"info\",\"msg\":\"events\"}\n",
        "2026-05-11T22:40:02Z host app[7]: ready\n",
        "__CURSOR=s\nMESSAGE=x\n\n",
    ] {
        assert!(pipeline.documents(Some("x.log"), head.as_bytes(), true).is_none(), "{head}");
    }
}

#[test]
fn a_log_in_which_documents_stand_stays_a_log() {
    let line = |n: u32| format!("May 11 22:40:{n:02} host app[7]: request {n}\n");
    let log: String =
        (10..30).map(line).collect::<String>() + "{\"ready\": false, \"reason\": \"unexpected error\"}\n" + &line(30);
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "app.log", log.as_bytes());
    let (sources, told) = shape(&pipeline().diagnose(&[path]));
    assert_eq!(sources[0].1, 22);
    assert!(
        ["syslog-3164", "journal-short"].contains(&sources[0].0.as_str()) && told.is_empty(),
        "{sources:?} {told:?}"
    );
}
