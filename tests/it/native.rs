//! Incidents in the forms in which people have them: the files of corpora/native/ as a program wrote them, given to the
//! real program as files, through a pipe in small pieces, and in three parts that are merged.
//! `INCIDENT=name cargo test --test it native` runs those whose name contains `name`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::support::drive;
use crate::support::forms::{FILES, STDIN};
use crate::support::incidents::{self, Native};
use crate::support::judge::{first_difference, judge, misplaced, without_names};

#[test]
fn every_native_incident_has_its_labels_and_its_origin() {
    let incidents = incidents::native();
    for incident in &incidents {
        let folder = incidents::folder().join("native").join(&incident.name);
        let origin = fs::read_to_string(folder.join("ORIGIN.md")).expect("ORIGIN.md");
        assert!(origin.len() > 80, "{}: ORIGIN.md says nothing", incident.name);
        assert!(!incident.logs.is_empty(), "{}: no log", incident.name);
        for log in &incident.logs {
            let size = fs::metadata(log).expect("a log").len();
            assert!((1..100_000).contains(&size), "{}: {size} bytes", log.display());
        }
        let (files, pipe) = (incident.expect(&FILES), incident.expect(&STDIN));
        assert_eq!(files.known_wrong, pipe.known_wrong, "{}: one mark for all", incident.name);
        assert!(files.known_wrong.is_none_or(|why| why.len() > 20), "{}: say why", incident.name);
    }
    if std::env::var_os("INCIDENT").is_none() {
        let healthy = incidents.iter().filter(|incident| incident.expect(&FILES).is_healthy()).count();
        assert!(
            incidents.len() >= 30 && healthy * 3 >= incidents.len(),
            "{} incidents, {healthy} healthy",
            incidents.len()
        );
    }
}

/// What is known to be wrong is told, and must be taken off the list when it is right.
#[test]
fn every_native_incident_is_judged_right() {
    let wrong = drive::each(&incidents::native(), |incident| {
        let expect = incident.expect(&FILES);
        let mut told = as_files(incident);
        told.extend(through_a_pipe(incident));
        match &expect.known_wrong {
            Some(why) if !told.is_empty() => {
                println!("{}: known to be wrong: {why}\n    {}", incident.name, told.join("\n    "));
                Vec::new()
            }
            Some(why) => vec![format!("{}: holds now, take known-wrong off: {why}", incident.name)],
            None => told.into_iter().map(|why| format!("{}: {why}", incident.name)).collect(),
        }
    });
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// However the file is cut, it says the same: also where the labels are known not to hold.
#[test]
fn three_parts_of_a_native_log_say_the_same() {
    let wrong = drive::each(&incidents::native(), |incident| {
        let [_] = &incident.logs[..] else { return Vec::new() };
        let folder = tempfile::tempdir().expect("a folder");
        let log = &written(incident, folder.path())[0];
        let differ = match (drive::file(log), drive::parts(log)) {
            (Ok(plain), Ok(parts)) => {
                first_difference(&without_names(&plain.diagnosis), &without_names(&parts.diagnosis))
            }
            (Err(why), _) | (_, Err(why)) => Some(why),
        };
        differ.into_iter().map(|why| format!("{}: three parts: {why}", incident.name)).collect()
    });
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn as_files(incident: &Native) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = match drive::files(&written(incident, folder.path())) {
        Ok(outcome) => outcome,
        Err(why) => return vec![format!("files: {why}")],
    };
    let mut told = judge(&outcome.diagnosis, &outcome.raw, &incident.expect(&FILES), &FILES);
    told.extend(misplaced(&outcome.diagnosis));
    told.into_iter().map(|why| format!("files: {why}")).collect()
}

/// A pipe has no name, and so no unit that comes from one; `[form.stdin]` replaces the labels that need it.
fn through_a_pipe(incident: &Native) -> Vec<String> {
    let [log] = &incident.logs[..] else { return Vec::new() };
    let told = match drive::drip(log) {
        Ok(outcome) => judge(&outcome.diagnosis, &outcome.raw, &incident.expect(&STDIN), &STDIN),
        Err(why) => vec![why],
    };
    told.into_iter().map(|why| format!("pipe: {why}")).collect()
}

/// The logs in a folder of their own, with the time at which they were last written, where the labels say one.
fn written(incident: &Native, folder: &Path) -> Vec<PathBuf> {
    let at = incident.expect(&FILES).written.map(|text| {
        let at: jiff::Timestamp = text.parse().unwrap_or_else(|e| panic!("{}: written: {e}", incident.name));
        SystemTime::from(at)
    });
    let copy = |log: &PathBuf| {
        let path = folder.join(log.file_name().expect("a name"));
        fs::copy(log, &path).expect("a copy");
        if let Some(at) = at {
            fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(at)).expect("a time");
        }
        path
    };
    incident.logs.iter().map(copy).collect()
}

/// The diagnosis of a text in a file of that name.
fn diagnosis(name: &str, text: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a file");
    drive::file(&path).unwrap_or_else(|why| panic!("{name}: {why}")).diagnosis
}

#[test]
fn watcher_lines_are_counted_and_never_told() {
    let folder = incidents::folder().join("native/oc-watcher-calm");
    let text = fs::read_to_string(folder.join("20260515T180000_goal.log")).expect("a calm watcher's file");
    let events = [
        "supervisor_start",
        "supervisor_spawn",
        "parallel_watch_start",
        "parallel_watch_complete",
        "watch_cycle_start",
        "watch_cycle_end",
        "watch_no_task",
        "watch_task_selected",
        "task_selected",
        "watch_task_claimed",
        "watch_action_complete",
        "watch_maintenance_window",
        "run_start",
        "phase",
        "policy_evaluated",
        "run_end",
    ];
    for event in events {
        assert!(text.contains(&format!("\"{event}\"")), "no {event} in the file");
    }
    assert!(text.contains("HTTP Request: GET ") && text.contains("HTTP/1.1 200 OK"), "no call in the file");
    // Many times over, so that nothing that is counted reaches a limit.
    for times in [1, 40] {
        let told = diagnosis("20260515T180000_goal.log", &text.repeat(times));
        assert_eq!(told["severity"], "healthy", "{times} times");
        assert_eq!(told["findings"], serde_json::json!([]));
        assert_eq!(told["incidents"], serde_json::json!([]));
        let records = told["input"]["records"].as_u64();
        assert_eq!(records, u64::try_from(text.lines().count() * times).ok(), "every line is a record, {times} times");
        let bad = told["signatures"].as_array().into_iter().flatten().find(|s| s["severity"] != "info");
        assert_eq!(bad, None);
    }
    // The same file with a board that is away at its end is not healthy: the calm lines hide nothing.
    let error = |n: u32| {
        format!(
            "{{\"event\": \"watch_error\", \"role\": \"goal\", \"cycle\": {n}, \"consecutive_errors\": {n}, \
             \"backoff_seconds\": 300, \"message\": \"[Errno 111] Connection refused\", \"run_id\": \"goal-slot0-cycle-{n}\"}}\n"
        )
    };
    let bad: String = (1..9).map(error).collect();
    assert_ne!(diagnosis("20260515T180000_goal.log", &(text + &bad))["severity"], "healthy");
}

#[test]
fn timeless_lines_keep_the_order_of_the_file() {
    let lost = "NATS disconnected\nNATS error: nats: no servers available for connection\n".repeat(4);
    let back = "NATS reconnected\n";
    let calm = "agent completed: agent=birch pool=telegram:main:chat:1 duration_ms=4100\n".repeat(8);
    let state = |text: &str| {
        let told = diagnosis("factory-hub.log", text);
        let lines = told["findings"][0]["evidence"].as_array().into_iter().flatten();
        let offsets: Vec<u64> = lines.filter_map(|line| line["offset"].as_u64()).collect();
        assert!(offsets.is_sorted(), "evidence in the order of the file: {offsets:?}");
        assert!(told["period"].is_null() || told["period"]["from"].is_null(), "no times: {}", told["period"]);
        (told["severity"].as_str().unwrap_or_default().to_owned(), told["incidents"][0]["state"].clone())
    };
    // What comes last in the file is what is true now.
    let (severity, open) = state(&format!("{calm}{lost}{calm}"));
    assert_eq!((severity.as_str(), open.as_str()), ("down", Some("open")));
    let (severity, over) = state(&format!("{calm}{lost}{back}{calm}"));
    assert_ne!((severity.as_str(), over.as_str()), ("down", Some("open")), "it came back");
    let (severity, open) = state(&format!("{calm}{back}{calm}{lost}"));
    assert_eq!((severity.as_str(), open.as_str()), ("down", Some("open")), "an earlier return mends nothing");
    // The first of several that fail is the first in the file.
    let disk = "OSError: [Errno 28] No space left on device: '/srv/app/data'\n";
    let told = diagnosis("app.log", &format!("{calm}{disk}{lost}"));
    let chain: Vec<u64> = told["incidents"][0]["chain"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|link| link["evidence"]["offset"].as_u64())
        .collect();
    assert!(chain.is_sorted(), "{chain:?}");
}

#[test]
fn a_time_of_day_without_a_date_is_read() {
    let error =
        "[goal] ERROR board_worker[goal]: unhandled error — Client error '401 Unauthorized' for url 'https://p.test/'";
    let worker: String = (0..6).map(|n| format!("14:{:02}:11 {error}\n", 3 + 4 * n)).collect();
    let litellm = "23:59:40 - LiteLLM Proxy:ERROR: utils.py:10 - no route\n00:00:20 - LiteLLM Proxy:ERROR: utils.py:10 - no route\n";
    let cases = [("board_worker_goal.log", worker.as_str(), 20 * 60), ("litellm.log", litellm, 40)];
    // Written just then, or saved and written again at an hour that lies within the log.
    for modified in ["00:00:30", "12:00:00", "13:10:00", "14:10:00", "22:59:50", "23:59:50"] {
        for (name, text, seconds) in cases {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            let at: jiff::Timestamp = format!("2026-05-15T{modified}Z").parse().expect("a time");
            let file = fs::File::options().write(true).open(&path).expect("the file");
            file.set_modified(SystemTime::from(at)).expect("its time");
            let told = drive::file(&path).unwrap_or_else(|why| panic!("{name}: {why}")).diagnosis;
            let [from, to] = ["from", "to"].map(|end| {
                let text =
                    told["period"][end].as_str().unwrap_or_else(|| panic!("{name}: no times: {}", told["period"]));
                text.parse::<jiff::Timestamp>().unwrap_or_else(|e| panic!("{name}: {text}: {e}"))
            });
            // The day is guessed; the distance of the lines is not, over midnight neither.
            assert_eq!((to - from).get_seconds(), seconds, "{name}, written at {modified}: {from} to {to}");
            assert_eq!(told["input"]["unparsed"], 0, "{name}");
        }
    }
    let told = diagnosis("board_worker_goal.log", &worker);
    assert_eq!(told["incidents"][0]["root_cause"]["class"], "auth");
    // The level behind the role is read as well.
    assert_eq!(told["units"][0]["errors"], 6, "{}", told["units"]);
}

/// A note that was written months later stands beside fresh signs of life: nothing is late, and no failure is over.
#[test]
fn a_file_without_times_is_no_end_of_the_logs_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write(
        "heartbeat_goal.json",
        "{\"role\": \"goal\", \"at\": \"2026-05-16T17:59:50+00:00\", \"status\": \"active\"}\n",
    );
    write(
        "heartbeat_test.json",
        "{\"role\": \"test\", \"at\": \"2026-05-16T17:58:50+00:00\", \"status\": \"active\"}\n",
    );
    write("NOTES.md", "The watchdog was looked at. ERROR: nothing was found.\nNATS disconnected\n");
    let told = drive::file(folder.path()).expect("a diagnosis").diagnosis;
    let late = |told: &Value| told["findings"].to_string().contains("heartbeat_missed");
    assert!(!late(&told), "{}", told["findings"]);
    // The same beside one that did stop, as the others show.
    write("heartbeat_old.json", "{\"role\": \"old\", \"at\": \"2026-05-16T17:50:00+00:00\", \"status\": \"active\"}\n");
    assert!(late(&drive::file(folder.path()).expect("a diagnosis").diagnosis));
}
