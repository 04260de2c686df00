//! Checklists.

use super::*;
use crate::report::kinds::{Checklist, StepVerdict};
use crate::rules::{Reads, Selector};

fn verdicts(report: &Checklist, wanted: StepVerdict) -> Vec<u32> {
    report.steps.iter().filter(|step| step.verdict == wanted).map(|step| step.n).collect()
}

const WATCHER: &str = r#"{"event": "watch_cycle_start", "role": "goal", "cycle": 1, "poll_interval_seconds": 30, "run_id": "goal-slot0-cycle-1"}
{"event": "config_drift_detected", "missing_key": "escalation", "action": "add"}
{"event": "skip_budget", "role": "goal", "cycle": 41, "task_id": "TASK-123", "task_kind": "goal", "action": "execute", "evidence": {"reason": "circuit_breaker_open", "window": "recent", "limit": 5, "current": 4}, "run_id": "goal-slot0-cycle-41"}
{"event": "kodo_gate_blocked", "role": "goal", "cycle": 90, "task_id": "TASK-10", "task_kind": "goal", "action": "execute", "evidence": {"reason": "low_memory (available=312MB, min=400MB)"}, "run_id": "goal-slot0-cycle-90"}
{"event": "watch_error", "role": "goal", "cycle": 142, "consecutive_errors": 5, "backoff_seconds": 300, "message": "[Errno 111] Connection refused", "run_id": "goal-slot0-cycle-142"}
{"event": "watch_propose_noop", "role": "propose", "cycle": 7, "decision": "board_saturated", "board_idle": false, "created_task_ids": [], "reason_summary": "Proposal creation suppressed: 16 autonomy tasks already queued (limit 15).", "run_id": "propose-slot0-cycle-7"}
{"event": "dependency_update_task_created", "repo_key": "x", "package": "y", "current": "1", "latest": "2", "task_id": "T-9"}
"#;

#[test]
fn the_order_of_the_runbook_with_a_verdict_for_each_step() {
    let steps = list("operations-center");
    assert_eq!(steps.steps.len(), 34);
    let report = with("20260515T180000_goal.log", WATCHER, |desk| checklist(desk, &steps));
    assert_eq!(verdicts(&report, StepVerdict::LookHere), [5, 8, 10, 11, 15, 18, 22]);
    let ok = verdicts(&report, StepVerdict::Ok);
    assert!([2, 17, 20, 21, 28, 34].iter().all(|n| ok.contains(n)), "{ok:?}");
    let unread = verdicts(&report, StepVerdict::NotRead);
    assert!([6, 12, 13, 14, 23, 24, 26, 27, 31, 32, 33].iter().all(|n| unread.contains(n)), "{unread:?}");
    assert_eq!((report.look, report.ok + report.not_read), (7, 27));
    insta::assert_snapshot!("checklist_text", text(&report));
    insta::assert_snapshot!("checklist_markdown", markdown(&report));
    insta::assert_snapshot!("checklist_json", serde_json::to_string_pretty(&coded(&report)).unwrap());
}

#[test]
fn what_is_well_again_is_ok() {
    let steps = list("operations-center");
    let away = WATCHER.lines().find(|line| line.contains("watch_error")).unwrap();
    let works = r#"{"event": "watch_no_task", "role": "goal", "cycle": 143, "message": "nothing to do", "run_id": "goal-slot0-cycle-143"}"#;
    let step = |log: &str| {
        let report = with("20260515T180000_goal.log", log, |desk| checklist(desk, &steps));
        let step = report.steps.into_iter().find(|step| step.n == 11).unwrap();
        (step.verdict, step.evidence.unwrap_or_default().starts_with("over again: "))
    };
    assert_eq!(step(&format!("{away}\n")), (StepVerdict::LookHere, false));
    assert_eq!(step(&format!("{away}\n{works}\n")), (StepVerdict::Ok, true));
    assert_eq!(step(&format!("{works}\n{away}\n")), (StepVerdict::LookHere, false));
}

/// A detector of a pack and a judge speak in a checklist as signatures do.
#[test]
fn detectors_and_judges_are_asked_too() {
    let mut log = String::new();
    for n in 0..6 {
        let at = |s: i64| at(n * 10 + s).rfc3339();
        writeln!(
            log,
            "{} host systemd[1021]: factory-hub.service: Main process exited, code=exited, status=1/FAILURE",
            at(0)
        )
        .unwrap();
        writeln!(log, "{} host systemd[1021]: factory-hub.service: Failed with result 'exit-code'.", at(0)).unwrap();
        writeln!(
            log,
            "{} host systemd[1021]: factory-hub.service: Scheduled restart job, restart counter is at {}.",
            at(5),
            n + 1
        )
        .unwrap();
        writeln!(log, "{} host systemd[1021]: Started factory-hub.service - Factory Hub.", at(5)).unwrap();
    }
    let report = with("journal.log", &log, |desk| checklist(desk, &list("factory")));
    let first = &report.steps[0];
    assert_eq!(first.verdict, StepVerdict::LookHere, "{first:?}");
    assert!(first.evidence.as_ref().unwrap().contains("factory-hub"), "{first:?}");
}

/// Everything that a checklist names is there: signatures, detectors, judges, classes, names of rows.
#[test]
fn every_selector_names_something() {
    let packs = rules::load(&[], true).packs;
    let judges: Vec<&str> = crate::detect::judges().iter().map(|judge| judge.id).collect();
    let others = ["lifecycle/stopped", "lifecycle/unfinished"];
    let named = |selector: &Selector, only_signatures: bool| {
        let signatures = packs.iter().flat_map(|pack| &pack.signatures);
        let detectors = packs.iter().flat_map(|pack| &pack.detectors).map(|rule| rule.id.as_str());
        let rest = detectors.chain(judges.iter().copied()).chain(others);
        signatures.into_iter().any(|rule| selector.names(&rule.id, rule.class))
            || (!only_signatures
                && matches!(selector, Selector::Id(glob) if rest.into_iter().any(|id| glob.matches(id))))
    };
    let rows = rows();
    let mut wrong = Vec::new();
    for (file, text) in rules::builtin_checklists() {
        let list = rules::parse_checklist(file, text).unwrap();
        for step in &list.steps {
            let mut check = |fits: bool, word: String| {
                if !fits {
                    wrong.push(format!("{file}, step {}: {word}", step.n));
                }
            };
            step.look.iter().for_each(|selector| check(named(selector, false), selector.word()));
            step.well.iter().for_each(|selector| check(named(selector, true), selector.word()));
            for reads in step.reads.iter().chain(&step.look_at) {
                match reads {
                    Reads::Rule(selector) => check(named(selector, true), selector.word()),
                    Reads::Row(glob) if !rows.is_empty() => {
                        check(rows.iter().any(|row| glob.matches(row)), format!("row:{}", glob.as_str()));
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "nothing has these names:\n{}", wrong.join("\n"));
}

/// The names of rows that the built-in format definitions know.
fn rows() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/formats");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let texts = files
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| std::fs::read_to_string(path).unwrap());
    let mut rows = Vec::new();
    for text in texts {
        let value: toml::Table = text.parse().unwrap();
        for row in value.get("rows").and_then(|rows| rows.as_array()).into_iter().flatten() {
            rows.extend(row.get("name").and_then(|name| name.as_str()).map(str::to_owned));
        }
    }
    rows
}
