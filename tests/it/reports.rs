//! `logtriage report`: the command line, the real program.

use std::fs;

use crate::support::program::{pipe, run};

const ROWS: &str = r#"{"id":"e1","error_code":"LLM_TIMEOUT","error_category":"llm","skill_slug":"ats-search","provider":"anthropic","session_id":"s1","created_at":1769811245}
{"id":"e2","error_code":"LLM_TIMEOUT","error_category":"llm","skill_slug":"ats-search","provider":"anthropic","session_id":"s2","created_at":1769811305}
{"kind":"execution_cost","task_id":"T-1","repo_key":"a","estimated_usd":0.15,"timestamp":"2026-01-30T22:14:05+00:00"}
"#;

#[test]
fn every_report_in_every_form_from_a_pipe_and_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.jsonl");
    fs::write(&file, ROWS).unwrap();
    for (kind, title) in [
        ("production", "Production Debug Report"),
        ("spend", "Spend Report"),
        ("calibration", "Confidence calibration"),
        ("digest", "Morning Digest"),
        ("checklist", "OperationsCenter: the debugging order"),
    ] {
        for form in ["text", "json", "markdown"] {
            let from_pipe = pipe(&["report", kind, "--no-config", "-o", form], ROWS.as_bytes());
            let from_file = run(&["report", kind, "--no-config", "-o", form, file.to_str().unwrap()]);
            for ended in [&from_pipe, &from_file] {
                assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{kind} {form}");
                assert!(ended.is_safe(), "{kind} {form}");
            }
            let title = if form == "text" { title.to_uppercase() } else { format!("## {title}") };
            match form {
                "json" => {
                    let value: serde_json::Value = serde_json::from_str(&from_pipe.out).unwrap();
                    assert_eq!(value["schema"], format!("logtriage.report.{kind}/1"));
                    assert_eq!(value["read"]["records"], 3);
                }
                _ => assert!(from_pipe.out.starts_with(&title), "{}", from_pipe.out),
            }
        }
    }
}

#[test]
fn numbers_are_asked_for_on_the_command_line() {
    let spend =
        pipe(&["report", "spend", "--no-config", "-o", "json", "--days", "7", "--now", "@1769900000"], ROWS.as_bytes());
    let value: serde_json::Value = serde_json::from_str(&spend.out).unwrap();
    assert_eq!((&value["window_days"], &value["total_estimated_usd"]), (&7.into(), &0.15.into()));
    assert_eq!(value["per_repo"]["a"]["executions"], 1);
    let late = pipe(&["report", "spend", "--no-config", "-o", "json", "--now", "@1769999999"], ROWS.as_bytes());
    assert!(late.out.contains("\"total_executions\":0"), "{}", late.out);
    let since = pipe(&["report", "production", "--no-config", "-S", "@1769811300"], ROWS.as_bytes());
    assert!(since.out.contains("Total Errors: 1"), "{}", since.out);
    let deploy = ["report", "production", "--no-config", "--deploy", "2026-01-30T22:10:00Z=v2.3.1", "-o", "markdown"];
    assert!(pipe(&deploy, ROWS.as_bytes()).out.contains("`v2.3.1`"));
    let factory = pipe(&["report", "checklist", "--no-config", "--runbook", "factory"], ROWS.as_bytes());
    assert!(factory.out.starts_with("ROXABI FACTORY"), "{}", factory.out);
}

#[test]
fn slips_are_told_before_anything_is_read() {
    for (arguments, told) in [
        (&["report", "checklist", "--no-config", "--runbook", "factori", "/nowhere"][..], "did you mean 'factory'?"),
        (&["report", "spend", "--no-config", "--days", "0"], "0 is not in 1..=3650"),
        (&["report", "production", "--no-config", "--deploy", "soon"], "expected a time"),
        (&["report", "production", "--no-config", "-", "a.log"], "'-' cannot be read together with files"),
        (&["report", "profit"], "unrecognized subcommand"),
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(told), "{arguments:?}: {}", ended.err);
    }
    let gone = run(&["report", "production", "--no-config", "/nowhere/at-all.jsonl"]);
    assert_eq!(gone.code, 3);
    assert!(gone.err.contains("/nowhere/at-all.jsonl") && gone.out.contains("Nothing was read."), "{}", gone.out);
}

#[test]
fn the_alert_of_a_diagnosis_has_the_form_of_the_monitor() {
    let log = "2026-05-11T22:40:02Z host systemd[1]: api.service: Main process exited, code=exited, status=1/FAILURE\n\
               2026-05-11T22:40:02Z host systemd[1]: api.service: Failed with result 'exit-code'.\n";
    let ended = pipe(&["--no-config", "-o", "alert"], log.as_bytes());
    let lines: Vec<&str> = ended.out.lines().collect();
    assert!(
        lines[0].ends_with("logtriage Health Alert [CRITICAL]")
            || lines[0].ends_with("logtriage Health Alert [WARNING]")
    );
    assert_eq!((lines[1], lines[2]), ("", "Failed checks:"));
    assert!(lines[3].starts_with("  ❌ api: "), "{}", ended.out);
    assert!(lines.iter().any(|line| line.starts_with("Diagnosis: ")) && ended.out.contains("\nRemediation: "));
    let calm = pipe(&["--no-config", "-o", "alert"], b"2026-05-11T22:40:02Z app[7]: ready\n");
    assert!(calm.out.starts_with("ℹ️ logtriage Health Alert [INFO]\n\n"), "{}", calm.out);
}
