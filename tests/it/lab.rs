//! A recording by others of eight units under a real systemd, in four forms, with the truth about each unit. It is not
//! part of the project: the test runs where it is there.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::drive;
use crate::support::forms::Form;
use crate::support::journal::entries;

const FOLDER: &str = "../shared/corpora/lab/systemd-crashloops";
const FORMS: &[&str] = &["lab.json", "lab.export", "lab.short.txt", "lab.short-iso-precise.txt"];

#[test]
fn a_real_systemd_with_eight_units_is_read_right_in_four_forms() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let Ok(truth) = fs::read_to_string(folder.join("lab-truth.json")) else {
        println!("skipped: there is no ../shared/corpora/lab");
        return;
    };
    let truth: Value = serde_json::from_str(&truth).expect("lab-truth.json");
    let wrong = drive::each(FORMS, |form| match drive::file(&folder.join(form)) {
        Ok(outcome) => {
            let wrong = judged(&truth, &outcome.diagnosis);
            wrong.into_iter().map(|why| format!("{form:28} {why}")).collect()
        }
        Err(why) => vec![format!("{form:28} {why}")],
    });
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// Counters, start limits and loops of every unit.
fn judged(truth: &Value, diagnosis: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (unit, want) in truth.as_object().into_iter().flatten() {
        let class = want["class"].as_str().unwrap_or_default();
        let rows = diagnosis["units"].as_array().into_iter().flatten();
        let restarts = rows.into_iter().find(|u| u["unit"] == unit.as_str()).map(|u| &u["restarts"]);
        if restarts.unwrap_or(&Value::Null) != &want["restarts"] {
            wrong.push(format!("{unit}: restarts {restarts:?}, not {}", want["restarts"]));
        }
        let told = |kinds: &[&str]| {
            let mut findings = diagnosis["findings"].as_array().into_iter().flatten();
            findings.any(|f| f["unit"] == unit.as_str() && kinds.iter().any(|kind| f["finding"] == *kind))
        };
        let looping = told(&["crash_loop", "start_limit"]);
        let loops = class.contains("loop") && !class.contains("NOT");
        if looping != loops {
            wrong.push(format!("{unit}: called a loop: {looping}, is one: {loops} ({class})"));
        }
        let limit = want["start_limit_hit"].as_bool().unwrap_or(false);
        if told(&["start_limit"]) != limit {
            wrong.push(format!("{unit}: start limit told: {}, was hit: {limit}", !limit));
        }
        if class == "start timeout" && !told(&["failure", "stuck", "threshold"]) {
            wrong.push(format!("{unit}: its failed start is not told"));
        }
        if class == "healthy" {
            let findings = diagnosis["findings"].as_array().into_iter().flatten();
            if let Some(told) = findings.into_iter().find(|f| f["unit"] == unit.as_str()) {
                wrong.push(format!("{unit}: is healthy, told: {}", told["title"]));
            }
        }
    }
    wrong
}

/// What our renderer makes of the JSON is what journalctl itself printed.
#[test]
fn our_forms_are_those_of_journalctl() {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let Ok(journal) = fs::read_to_string(lab.join("lab.json")) else {
        println!("skipped: there is no ../shared/corpora/lab");
        return;
    };
    let (entries, folder) = (entries(&journal), tempfile::tempdir().expect("a folder"));
    for (form, theirs) in [("short", "lab.short.txt"), ("short-iso-precise", "lab.short-iso-precise.txt")] {
        let ours = fs::read(Form::named(form).write(&entries, folder.path())).expect("our form");
        // systemd before 254 writes the zone without a colon
        let ours = String::from_utf8_lossy(&ours).replace("+00:00 ", "+0000 ");
        let theirs = String::from_utf8_lossy(&fs::read(lab.join(theirs)).expect("their form")).into_owned();
        let differ = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
        assert_eq!(differ, None, "{form}");
        assert_eq!(ours.lines().count(), theirs.lines().count(), "{form}");
    }
}
