//! Files that are written while they are followed: the same as when they are read at once.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::*;
use crate::detect::Change;
use crate::rules;

fn pipeline() -> Pipeline {
    Pipeline::builder().packs(rules::load(&[], true).packs).zone(jiff::tz::TimeZone::UTC).build().unwrap()
}

fn append(path: &Path, text: &str) {
    let mut file = fs::File::options().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// The `n`-th look, a quarter of a second each, long after anything was written.
fn now(n: i64) -> Stamp {
    Stamp(4_000_000_000_000_000_000 + n * 250_000_000)
}

/// The moment at which the files of a test are written.
fn just_now() -> Stamp {
    Stamp::from_jiff(jiff::Timestamp::now()).unwrap()
}

fn crash(unit: &str, second: u32) -> String {
    format!(
        "2026-05-11T22:40:{second:02}Z host systemd[1]: {unit}: Main process exited, code=exited, status=1/FAILURE\n\
         2026-05-11T22:40:{second:02}Z host systemd[1]: {unit}: Failed with result 'exit-code'.\n\
         2026-05-11T22:40:{second:02}Z host systemd[1]: {unit}: Scheduled restart job, restart counter is at {second}.\n"
    )
}

/// What of a diagnosis does not depend on when it was made.
fn shape(diagnosis: &Diagnosis) -> String {
    let sources: Vec<_> = diagnosis.input.sources.iter().map(|s| (&s.format, s.records)).collect();
    format!("{:?} {sources:?} {:?}", diagnosis.severity, serde_json::to_string(&diagnosis.incidents).unwrap())
}

#[test]
fn logs_and_documents_are_followed_together_and_say_what_they_say_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (log, store) = (folder.path().join("system.log"), folder.path().join("usage.json"));
    let event = |n: u32| {
        format!(
            "{{\"kind\": \"execution\", \"task_id\": \"T-{n}\", \"role\": \"goal\", \"timestamp\": \"2026-05-11T22:40:{n:02}Z\"}}"
        )
    };
    let usage = |to: u32| {
        let events: Vec<String> = (1..=to).map(event).collect();
        format!(
            "{{\"updated_at\": \"2026-05-11T22:41:00Z\", \"events\": [{}], \"task_attempts\": {{}}}}\n",
            events.join(", ")
        )
    };
    let pipeline = pipeline();
    let paths = [log.clone(), store.clone()];
    let mut follow = Follow::new(&pipeline, &paths);
    let mut opened = Vec::new();
    for n in 1..=6 {
        append(&log, &crash("api.service", n * 3));
        fs::write(&store, usage(n)).unwrap();
        for step in 0..2 {
            let told = follow.step(now(i64::from(n) * 2 + step));
            opened.extend(told.into_iter().filter(|t| t.change == Change::Opened).map(|t| (n, t.finding.finding)));
        }
    }
    assert!(opened.iter().any(|(n, _)| *n < 6), "nothing while it was written: {opened:?}");
    let (followed, _) = follow.finish();
    let records = |name: &str| followed.input.sources.iter().find(|s| s.name.ends_with(name)).map(|s| s.records);
    // Six events once, and the counters: they are a state of a moment, and the moment was always the same.
    assert_eq!((records("system.log"), records("usage.json")), (Some(18), Some(7)));
    assert_eq!(shape(&pipeline.diagnose(&paths)), shape(&followed));
}

#[test]
fn what_was_there_before_is_read_whole_before_anything_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    // The second file in the order of names is the older one.
    let (new, old) = (folder.path().join("a.log"), folder.path().join("b.log"));
    append(&new, "2026-05-12T10:00:00Z app[1]: ready\n");
    append(&old, &(1..=6).map(|n| crash("api.service", n * 3)).collect::<String>());
    let pipeline = pipeline();
    let mut follow = Follow::new(&pipeline, &[folder.path().to_owned()]);
    while follow.is_behind() {
        follow.step(now(0));
    }
    let (followed, _) = follow.finish();
    assert_eq!(followed.input.late, 0);
    assert_eq!(shape(&followed), shape(&pipeline.diagnose(&[new, old])));
}

#[test]
fn new_files_of_a_folder_are_found_and_those_half_written_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = pipeline();
    let mut follow = Follow::new(&pipeline, &[folder.path().to_owned()]);
    follow.step(now(0));
    for run in ["run-1", "run-2"] {
        let at = folder.path().join("insights").join(run);
        fs::create_dir_all(&at).unwrap();
        let text = "{\"generated_at\": \"2026-05-15T18:01:00Z\", \"run_id\": \"R\", \"insights\": [{\"kind\": \"lint_drift\"}]}";
        fs::write(at.join("repo_insights.json"), text.replace('R', run)).unwrap();
        fs::write(at.join("repo_insights.json.tmp"), "{\"generated_at\"").unwrap();
        (1..=5).for_each(|n| drop(follow.step(now(n))));
    }
    let (followed, _) = follow.finish();
    let sources: Vec<_> = followed.input.sources.iter().map(|s| (s.format.as_str(), s.records)).collect();
    assert_eq!(sources, [("operations-center-insights", 2), ("operations-center-insights", 2)]);
}

#[test]
fn lines_that_are_documents_are_followed_as_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let line = |n: u32| {
        format!(
            "{{\"timestamp\":\"2026-02-12T21:40:{n:02}\",\"session_id\":\"s\",\"event_type\":\"auto_fix\",\"data\":{{}}}}\n"
        )
    };
    let pipeline = pipeline();
    let mut follow = Follow::new(&pipeline, std::slice::from_ref(&path));
    for n in 0..5 {
        let text = line(n);
        let (left, right) = text.split_at(20);
        append(&path, left);
        follow.step(just_now());
        append(&path, right);
        follow.step(just_now());
    }
    // Rotated away: the rest of the old file, then the new one.
    fs::rename(&path, folder.path().join("events.jsonl.1")).unwrap();
    append(&path, &line(9));
    (20..26).for_each(|n| drop(follow.step(now(n))));
    let (followed, _) = follow.finish();
    let sources: Vec<_> = followed.input.sources.iter().map(|s| (s.format.as_str(), s.records)).collect();
    assert_eq!(sources, [("skills-fabrik-kpis", 6)]);
    assert!(followed.input.unreadable.is_empty(), "{:?}", followed.input.unreadable);
}

#[test]
fn what_never_came_and_what_broke_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, packed) = (folder.path().join("never.log"), folder.path().join("old.log.gz"));
    let broken = folder.path().join("usage.json");
    fs::write(&packed, "x").unwrap();
    fs::write(&broken, "{\n\"events\": [\n1 2], \"task_attempts\": {}}").unwrap();
    let pipeline = pipeline();
    let mut follow = Follow::new(&pipeline, &[missing, packed, broken]);
    (0..40).for_each(|n| drop(follow.step(now(n))));
    let (followed, _) = follow.finish();
    let told: Vec<&str> = followed.input.unreadable.iter().filter_map(|u| u.why.rsplit('/').next()).collect();
    assert_eq!(
        told,
        [
            "old.log.gz: expected a file that grows, found a packed one",
            "usage.json: the document that begins in line 1 is broken: expected ',' or ']', found '2' (line 3, column 3)",
            "never.log: it was not there",
        ]
    );
}

/// Opening a pipe waits for somebody who writes into it: it is told, and nothing waits.
#[test]
fn a_pipe_among_the_paths_is_told_and_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    if !std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|made| made.success()) {
        eprintln!("skipped: there is no mkfifo(1) to make a pipe");
        return;
    }
    let pipeline = pipeline();
    let mut follow = Follow::new(&pipeline, std::slice::from_ref(&pipe));
    follow.step(now(0));
    let (diagnosis, _) = follow.finish();
    let told: Vec<&str> = diagnosis.input.unreadable.iter().map(|source| source.why.as_str()).collect();
    assert!(matches!(told[..], [why] if why.contains("found a pipe or a device")), "{told:?}");
}
