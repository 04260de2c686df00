//! The numbers of a log: what detectors of packs make of them, from the bytes to the report.

use std::io::Write as _;

use logtriage::report::{self, Screen};
use logtriage::{Pipeline, rules};
use serde_json::Value;

const PACK: &str = r#"[pack]
name = "gate"
title = "A gateway"
version = 1

[[signature]]
id = "answered"
class = "noise"
severity = "info"
regex = ['answered (?P<model>\w+) in (?P<ms>[\d.]+) ms for (?P<usd>[\d.]+) USD']
sample = ["answered small in 12 ms for 0.5 USD"]
not = ["answered nothing"]

[[detector]]
id = "slow"
title = "Answers take longer than usual"
kind = "quantile"
on = ["gate/answered"]
value = "ms"
q = 0.5
times = 2
at-least = 3
last = 20
by = ["model"]
severity = "degraded"
finding = "latency_shift"
class = "timeout"
cause = "The model is busy."
fix = [{ text = "Look at its queue" }]

[[detector]]
id = "spend"
title = "More is spent than planned"
kind = "budget"
on = ["gate/answered"]
value = "usd"
above = 5
within = "5min"
down-at = 15
severity = "degraded"
finding = "budget"
class = "quota_exhausted"
cause = "An agent runs away."
fix = [{ text = "Stop the agent" }]

[[detector]]
id = "unheard-of"
title = "An error that was not there before"
kind = "novelty"
on = ["unclassified"]
after = "1h"
within = "10min"
by = ["template"]
severity = "degraded"
finding = "new_failure"
cause = "Something has changed."
fix = [{ text = "See what was deployed" }]
"#;

fn pipeline() -> Pipeline {
    let pack = rules::parse("gate.toml", PACK).unwrap_or_else(|problems| panic!("{}", problems[0]));
    Pipeline::builder().packs(vec![pack]).build().unwrap()
}

/// Answers a minute apart, each in so many milliseconds.
fn answers(all: &[(&str, u32, &str)]) -> String {
    let line = |(at, (model, ms, usd)): (usize, &(&str, u32, &str))| {
        format!("2026-05-11T10:{at:02}:00Z INFO gate: answered {model} in {ms} ms for {usd} USD\n")
    };
    all.iter().enumerate().map(line).collect()
}

fn json(log: &str) -> Value {
    let diagnosis = pipeline().diagnose_bytes("gate.log", log.as_bytes());
    let mut out = Vec::new();
    report::json(&report::prepare(diagnosis, true), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn findings(found: &Value) -> Vec<String> {
    let all = found["findings"].as_array().unwrap();
    all.iter()
        .map(|f| format!("{} {} {} {}", f["detector"], f["severity"], f["value"], f["state"]).replace('"', ""))
        .collect()
}

#[test]
fn what_detectors_look_at_becomes_metrics_also_when_all_is_well() {
    let found =
        json(&answers(&[("small", 10, "0.5"), ("large", 90, "1"), ("small", 12, "0.25"), ("small", 11, "0.25")]));
    assert_eq!((&found["severity"], findings(&found)), (&Value::from("healthy"), vec![]));
    let expected: Value = serde_json::from_str(
        r#"{"gate/slow model=large": {"n": 1, "min": 90, "p50": 90, "p90": 90, "p99": 90, "max": 90, "trend": "flat"},
            "gate/slow model=small": {"n": 3, "min": 10, "p50": 11, "p90": 12, "p99": 12, "max": 12, "trend": "flat"},
            "gate/spend": {"n": 4, "min": 0.25, "p50": 0.25, "p90": 1, "p99": 1, "max": 1, "trend": "flat"}}"#,
    )
    .unwrap();
    assert_eq!(found["metrics"], expected);
    assert_eq!(json("2026-05-11T10:00:00Z INFO gate: ready\n")["metrics"], Value::Object(Default::default()));
}

#[test]
fn a_log_is_judged_by_its_numbers() {
    let slow = json(&answers(&[("m", 10, "1"), ("m", 10, "1"), ("m", 10, "1"), ("m", 21, "1")]));
    assert_eq!(findings(&slow), ["gate/slow degraded 21 open"]);
    assert_eq!(slow["findings"][0]["facts"]["times"], "2.1");
    let spent = json(&answers(&[("m", 10, "3"), ("m", 10, "2.5"), ("m", 10, "9.5")]));
    assert_eq!(findings(&spent), ["gate/spend down 15 open"]);
    let over = answers(&[("m", 10, "6")]) + "2026-05-11T10:05:01Z INFO gate: idle\n";
    assert_eq!(findings(&json(&over)), ["gate/spend degraded 6 resolved"]);
}

#[test]
fn rising_numbers_are_told_in_the_report() {
    let rising: Vec<(&str, u32, &str)> = (0..12).map(|n| ("m", 100 + n, "0")).collect();
    let diagnosis = pipeline().diagnose_bytes("gate.log", answers(&rising).as_bytes());
    let mut out = Vec::new();
    let screen = Screen { verbose: 1, ..Screen::default() };
    report::text(&report::prepare(diagnosis.clone(), true), &screen, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("gate/slow model=m: 12 readings, 100 to 111, p50 105, p90 110"), "{text}");
    assert!(text.contains("rising"), "{text}");
    let mut out = Vec::new();
    report::markdown(&report::prepare(diagnosis, true), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("`gate/slow model=m`: 100 to 111, median 105, rising"), "{text}");
}

#[test]
fn an_unknown_error_is_new_later_than_an_hour_after_the_first_record() {
    let log = |begin: &str| {
        let mut log = Vec::new();
        writeln!(log, "2026-05-11T{begin}Z INFO gate: ready").unwrap();
        writeln!(log, "2026-05-11T11:00:00Z ERROR gate: gizmo 7 broke").unwrap();
        writeln!(log, "2026-05-11T11:00:01Z ERROR gate: gizmo 8 broke").unwrap();
        String::from_utf8(log).unwrap()
    };
    assert_eq!(findings(&json(&log("10:00:00"))), [""; 0]);
    let found = json(&log("09:59:59"));
    assert_eq!(
        findings(&found),
        ["gate/unheard-of degraded 2 open"],
        "the first record is no event, but the log begins with it"
    );
    assert!(found["findings"][0]["key"]["template"].as_str().unwrap().contains("gizmo <n> broke"));
    assert_eq!(found["findings"][0]["count"], 2);
}

#[test]
fn the_same_numbers_however_the_log_is_cut() {
    let rising: Vec<(&str, u32, &str)> = (0..50).map(|n| (["a", "b"][n % 2], 100 + n as u32, "1.5")).collect();
    let log = answers(&rising);
    let whole = json(&log);
    let pack = || rules::parse("gate.toml", PACK).unwrap();
    for block in [64, 1000] {
        let pipeline = Pipeline::builder().packs(vec![pack()]).block(block).build().unwrap();
        let diagnosis = pipeline.diagnose_bytes("gate.log", log.as_bytes());
        let mut out = Vec::new();
        report::json(&report::prepare(diagnosis, true), &mut out).unwrap();
        let found: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            (&found["metrics"], &found["findings"]),
            (&whole["metrics"], &whole["findings"]),
            "blocks of {block}"
        );
    }
}
