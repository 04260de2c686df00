//! Recorded runs of servers for language models by others, with what became of each run. They are not part of the project:
//! the test runs where they are there.
//!
//! A stop that was asked for is no crash, whatever the server says on its way out. A log that just ends while the server
//! starts is no healthy run.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::drive;

const FOLDER: &str = "../shared/corpora/llm";

/// So many runs must be told right; all of them are.
const RIGHT: usize = 6;

#[test]
fn what_became_of_recorded_model_servers_is_told_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let Ok(truth) = fs::read_to_string(folder.join("dgx-spark/llm-truth.developers.json")) else {
        println!("skipped: there is no {FOLDER}");
        return;
    };
    let truth: Value = serde_json::from_str(&truth).expect("the truth is JSON");
    let (mut right, mut wrong) = (0, Vec::new());
    for (file, want) in truth.as_object().into_iter().flatten() {
        let diagnosis = diagnosis(&folder.join("dgx-spark").join(file));
        let told = outcome(&diagnosis);
        let want = want["outcome"].as_str().unwrap_or_default();
        let fits = if want.starts_with("aborted") { told == "unfinished" } else { told == "stopped" };
        // The hard error: a run that was good is told as a failure.
        assert!(want != "success" || told != "failed", "{file}: a requested stop is told as a failure");
        right += usize::from(fits);
        wrong.extend((!fits).then(|| format!("{file}: told {told}, was {want}")));
    }
    assert!(right >= RIGHT, "{right} right\n{}", wrong.join("\n"));
}

#[test]
fn other_recorded_servers_are_told_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    if !folder.exists() {
        println!("skipped: there is no {FOLDER}");
        return;
    }
    let ollama = diagnosis(&folder.join("jetson-copilot/ollama.log"));
    assert_eq!(ollama["incidents"][0]["root_cause"]["signature"], "ollama/port-taken");
    let llama = diagnosis(&folder.join("llama-runner/llama-server.log"));
    assert_eq!((&llama["severity"], outcome(&llama)), (&Value::from("healthy"), "up"));
    let loads = llama["signatures"].as_array().into_iter().flatten().find(|s| s["id"] == "llama-cpp/model-load");
    assert_eq!(loads.map(|s| &s["count"]), Some(&Value::from(1)), "one load is one event");
}

/// What the diagnosis says became of the run.
fn outcome(diagnosis: &Value) -> &str {
    let findings = diagnosis["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let unfinished = findings.iter().any(|f| f["detector"] == "lifecycle/unfinished");
    let others = findings.iter().any(|f| f["detector"] != "lifecycle/unfinished");
    let state = diagnosis["units"][0]["state"].as_str().unwrap_or_default();
    match (unfinished, others || diagnosis["severity"] != "healthy") {
        (true, _) if !others && state == "starting" => "unfinished",
        (_, true) => "failed",
        _ => state,
    }
}

fn diagnosis(path: &Path) -> Value {
    drive::file(path).unwrap_or_else(|why| panic!("{}: {why}", path.display())).diagnosis
}
