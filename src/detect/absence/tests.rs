//! `absence` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

/// The heartbeat of OperationsCenter: older than 300 s is stale, 300 s is not.
const HEARTBEAT: &str = r#"kind = "absence"
on = ["t/beat"]
reset = ["t/stop"]
by = ["unit"]
within = "300s""#;

#[test]
fn a_heartbeat_of_exactly_its_time_is_fresh() {
    check(
        HEARTBEAT,
        &[
            ("0 a beat", 300.0, &[]),
            ("0 a beat", 300.001, &["a 300-300 open x1 300"]),
            ("0 a beat; 30 a beat", 330.0, &[]),
            ("0 a beat; 30 a beat", 330.001, &["a 330-330 open x1 300"]),
            // It stops shortly before the log ends: nobody can know.
            ("0 a beat; 30 a beat; 250 b beat", 300.0, &[]),
            // Others do not speak for it.
            ("0 a beat; 200 b beat; 301 b beat", 310.0, &["a 300-300 open x1 300"]),
            ("0 a beat; 300 a beat; 600 a beat", 900.0, &[]),
            // However late somebody looks, it was missed at the same moment.
            ("0 a beat", 1e9, &["a 300-300 open x1 300"]),
        ],
    );
}

#[test]
fn it_is_over_when_it_beats_again_or_was_stopped_on_purpose() {
    check(
        HEARTBEAT,
        &[
            ("0 a beat; 301 a beat", 400.0, &["a 300-300 over@301 x1 301"]),
            ("0 a beat; 1000 a beat", 1300.0, &["a 300-300 over@1000 x1 1000"]),
            // Silent again soon it is the same finding, later another one.
            ("0 a beat; 400 a beat; 700 a beat", 1000.001, &["a 300-1000 open x2 400"]),
            (
                "0 a beat; 400 a beat; 700 a beat; 701 a beat",
                1001.001,
                &["a 300-300 over@400 x1 400", "a 1001-1001 open x1 300"],
            ),
            // A stop that was planned is calm until it starts again.
            ("0 a beat; 10 a stop", 1e6, &[]),
            ("0 a beat; 310 a stop", 1e6, &["a 300-300 over@310 x1 300"]),
            ("0 a beat; 10 b stop", 400.0, &["a 300-300 open x1 300"]),
            ("0 a beat; 10 a stop; 1000 a beat", 1300.0, &[]),
            ("0 a beat; 10 a stop; 1000 a beat", 1300.001, &["a 1300-1300 open x1 300"]),
        ],
    );
}

#[test]
fn it_must_have_been_seen_so_often() {
    check(
        &format!("{HEARTBEAT}\nat-least = 3"),
        &[
            ("0 a beat; 1 a beat", 1e6, &[]),
            ("0 a beat; 1 a beat; 2 a beat", 302.001, &["a 302-302 open x1 300"]),
            ("0 a beat; 1 a beat; 2 a stop; 3 a beat; 4 a beat", 1e6, &[]),
        ],
    );
}

#[test]
fn a_longer_silence_is_worse() {
    check(
        &format!("{HEARTBEAT}\ndown-at = 1800"),
        &[
            ("0 a beat", 1799.999, &["a 300-300 open x1 300"]),
            ("0 a beat", 1800.0, &["a 300-300 open x1 1800 DOWN"]),
            ("0 a beat; 1799 a beat", 1800.0, &["a 300-300 over@1799 x1 1799"]),
            ("0 a beat; 2000 a beat", 2100.0, &["a 300-300 over@2000 x1 2000 DOWN"]),
        ],
    );
    check(&format!("{HEARTBEAT}\ndown-at = 300"), &[("0 a beat", 301.0, &["a 300-300 open x1 300 DOWN"])]);
}

#[test]
fn what_is_expected_must_be_seen_at_all() {
    let keys = HEARTBEAT.replace("by = [\"unit\"]", "by = [\"role\"]\nexpect = [\"goal\", \"test\"]");
    check(
        &keys,
        &[
            // Of a log that has none of them nothing is expected.
            ("", 1e6, &[]),
            ("0 u beat role=goal", 300.0, &[]),
            ("0 u beat role=goal; 299 u beat role=goal", 300.001, &["test 300-300 open x1 300"]),
            ("0 u beat role=goal; 299 u beat role=test", 301.0, &["goal 300-300 open x1 300"]),
            (
                "0 u beat role=goal; 300 u beat role=goal; 400 u beat role=test",
                500.0,
                &["test 300-300 over@400 x1 400"],
            ),
            // It was stopped on purpose before it was ever seen.
            ("0 u beat role=goal; 100 u stop role=test; 299 u beat role=goal", 301.0, &[]),
            // A role that nobody expects begins the wait, too.
            (
                "0 u beat role=spec; 200 u beat role=spec",
                301.0,
                &["goal 300-300 open x1 300", "test 300-300 open x1 300"],
            ),
        ],
    );
    let finding = |log: &str| Trial::new(&keys).findings(log, 300.001).remove(0);
    let missing = finding("0 u beat role=goal; 299 u beat role=goal");
    assert_eq!((missing.unit.as_str(), missing.named["role"].as_str(), missing.evidence.len()), ("u", "test", 0));
    assert_eq!((missing.facts["last"].as_str(), missing.threshold), ("never", "300".parse().ok()));
    assert_eq!(finding("0 goal beat role=goal; 299 goal beat role=goal").unit, "test", "units are named by their role");
}

#[test]
fn the_last_sign_of_life_is_shown() {
    let found = &Trial::new(HEARTBEAT).findings("0 a beat; 30 a beat; 60 a beat", 400.0)[0];
    assert_eq!(found.evidence.iter().map(|e| e.text.as_str()).collect::<Vec<_>>(), ["60 a beat"]);
    assert_eq!(found.facts["last"], found.evidence[0].time.rfc3339());
    let again = &Trial::new(HEARTBEAT).findings("0 a beat; 400 a beat", 1000.0)[0];
    assert_eq!((again.count, again.facts["last"].as_str()), (2, again.evidence[1].time.rfc3339().as_str()));
    assert_eq!((found.threshold, found.window), ("300".parse().ok(), "300s".parse().ok()));
}

#[test]
fn what_has_no_time_or_comes_late_is_not_waited_for() {
    check(
        HEARTBEAT,
        &[
            ("0 a beat untimed", 1e6, &[]),
            // It lives, but nobody knows since when.
            ("0 a beat; 0 a beat untimed", 1e6, &[]),
            ("0 a beat; 0 a beat untimed; 10 a beat", 310.001, &["a 310-310 open x1 300"]),
            ("0 a beat; 400 b beat; 400 a beat untimed", 500.0, &["a 300-300 over@400 x1 400"]),
            // A late sign says nothing of the silence after the latest.
            ("10 a beat; 0 a beat", 310.0, &[]),
            ("10 a beat; 400 b beat; 5 a beat", 500.0, &["a 310-310 open x1 300"]),
            // Told too early, because the sign came late.
            ("10 a beat; 400 b beat; 200 a beat", 450.0, &["a 310-310 over@310 x1 300"]),
        ],
    );
}

#[test]
fn keys_are_bounded() {
    flood(HEARTBEAT, "beat", 30_000);
}

/// Everything from the beginning, at each event: first, last, resolved, count, value.
fn model(all: &[(i64, &str)], end: i64, least: usize) -> Vec<(i64, i64, Option<i64>, usize, i64)> {
    let within = 10;
    let mut findings: Vec<(i64, i64, Option<i64>, usize, i64)> = Vec::new();
    let mut over: Option<i64> = None;
    for (i, (now, what)) in all.iter().copied().chain([(end, "end")]).enumerate() {
        let life: Vec<i64> = all[..i].iter().rev().take_while(|(_, what)| *what != "stop").map(|(at, _)| *at).collect();
        if let Some(last) = life.first().filter(|last| life.len() >= least && now - **last > within) {
            match findings.last_mut() {
                Some(f) if over.is_some_and(|over| last - over <= within) => {
                    *f = (f.0, last + within, None, f.3 + 1, f.4);
                }
                _ => findings.push((last + within, last + within, None, 1, within)),
            }
            if what == "end" {
                break;
            }
            let f = findings.last_mut().unwrap();
            f.2 = Some(now);
            if what == "beat" {
                (f.4, over) = (f.4.max(now - last), Some(now));
            }
        }
        if what == "stop" {
            over = None;
        }
    }
    findings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn it_says_what_a_slow_model_says(
        steps in steps(2, 8),
        looks in looks(),
        rest in 0i64..30,
        least in 1usize..4,
    ) {
        let keys = HEARTBEAT.replace("300s", "10s");
        let trial = Trial::new(&format!("{keys}\nat-least = {least}"));
        let steps = schedule(&steps, |what| if what == 0 { "stop" } else { "beat" }.to_owned());
        let end = steps.last().map_or(0, |(at, ..)| *at) + rest;
        let mut expected = Vec::new();
        for (key, all) in by_key(&steps) {
            for (first, last, over, count, value) in model(&all, end, least) {
                let state = over.map_or("open".to_owned(), |at| format!("over@{at}"));
                expected.push(format!("{key} {first}-{last} {state} x{count} {value}"));
            }
        }
        expected.sort();
        prop_assert_eq!(judged(&trial, &steps, end, &looks), expected);
    }
}
