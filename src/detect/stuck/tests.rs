//! `stuck` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

const KEYS: &str = r#"kind = "stuck"
opens = ["t/open"]
closes = ["t/close"]
reset = ["t/stop"]
by = ["unit"]
within = "10s""#;

#[test]
fn what_is_not_closed_in_time_is_stuck() {
    check(
        KEYS,
        &[
            ("0 a open", 10.0, &[]),
            ("0 a open", 10.001, &["a 0-0 open x1 10"]),
            ("0 a open; 10 a close", 20.0, &[]),
            ("0 a open; 10.001 a close", 20.0, &["a 0-0 over@10.001 x1 10.001"]),
            ("0 a open; 5 b close", 20.0, &["a 0-0 open x1 10"]),
            ("0 a open; 500 a close", 900.0, &["a 0-0 over@500 x1 500"]),
            // Opened again it is as old as the first time.
            ("0 a open; 5 a open; 9 a open", 10.001, &["a 0-9 open x3 10"]),
            ("0 a open; 5 a open; 9 a open; 20 a open; 30 a close", 40.0, &["a 0-20 over@30 x4 30"]),
            ("0 a open; 5 a close; 6 a open", 16.0, &[]),
            ("0 a open; 5 a close; 6 a open", 16.001, &["a 6-6 open x1 10"]),
            ("0 a close; 0 a open; 10 a close", 30.0, &[]),
            // At one moment the order of writing counts.
            ("0 a open; 0 a close", 30.0, &[]),
            // Stopped on purpose.
            ("0 a open; 5 a stop", 30.0, &[]),
            ("0 a open; 12 a stop", 30.0, &["a 0-0 over@12 x1 10"]),
            // A record that ends one and begins the next.
            ("0 a open; 8 a open+close", 18.0, &[]),
            ("0 a open; 8 a open+close", 18.001, &["a 8-8 open x1 10"]),
        ],
    );
}

#[test]
fn again_soon_is_the_same_finding_and_later_another_one() {
    check(
        KEYS,
        &[
            ("0 a open; 20 a close; 30 a open", 41.0, &["a 0-30 open x2 20"]),
            ("0 a open; 20 a close; 31 a open", 42.0, &["a 0-0 over@20 x1 20", "a 31-31 open x1 10"]),
            ("0 a open; 20 a close; 21 a open; 22 a close", 42.0, &["a 0-0 over@20 x1 20"]),
        ],
    );
}

#[test]
fn nats_is_lost_and_never_comes_back() {
    let keys = KEYS.replace("t/open", "t/down").replace("t/close", "t/up").replace("10s", "60s");
    let lost = "0 hub down; 1 hub down; 4 hub down";
    check(
        &keys,
        &[
            (lost, 60.0, &[]),
            (lost, 60.001, &["hub 0-4 open x3 60"]),
            (lost, 1e9, &["hub 0-4 open x3 60"]),
            (&format!("{lost}; 20 hub up"), 1e9, &[]),
            (&format!("{lost}; 11700 hub up"), 1e9, &["hub 0-4 over@11700 x3 11700"]),
            // The adapters come back, the hub does not.
            (&format!("{lost}; 0 bot down; 20 bot up"), 1e9, &["hub 0-4 open x3 60"]),
        ],
    );
    let found = &Trial::new(&keys).findings(lost, 100.0)[0];
    let texts: Vec<&str> = found.evidence.iter().map(|e| e.text.as_str()).collect();
    assert_eq!(texts, ["0 hub down", "1 hub down", "4 hub down"]);
    assert_eq!((found.threshold, found.window), ("60".parse().ok(), "60s".parse().ok()));
}

#[test]
fn a_task_in_progress_for_two_hours_is_stuck() {
    let keys = KEYS.replace("10s", "2h").replace("by = [\"unit\"]", "by = [\"v\"]\ndown-at = 14400");
    check(
        &keys,
        &[
            ("0 u open v=t-1; 100 u open v=t-2; 200 u close v=t-2", 7200.0, &[]),
            ("0 u open v=t-1; 100 u open v=t-2; 200 u close v=t-2", 7200.001, &["t-1 0-0 open x1 7200"]),
            ("0 u open v=t-1", 14399.999, &["t-1 0-0 open x1 7200"]),
            ("0 u open v=t-1", 14400.0, &["t-1 0-0 open x1 14400 DOWN"]),
        ],
    );
}

#[test]
fn what_has_no_time_or_comes_late() {
    check(
        KEYS,
        &[
            ("0 a open untimed", 1e6, &[]),
            ("0 a open; 0 a close untimed", 1e6, &[]),
            // A close that was before it was opened.
            ("5 a open; 4 a close", 20.0, &["a 5-5 open x1 10"]),
            // It was opened earlier than it seemed, and closed before anybody knew.
            ("5 a open; 2 a open", 12.001, &["a 2-5 open x2 10"]),
            ("0 a open; 12 b open; 9 a close", 13.0, &["a 0-0 over@9 x1 10"]),
        ],
    );
}

#[test]
fn keys_are_bounded() {
    flood(KEYS, "open", 30_000);
    // What is closed is forgotten.
    let trial = Trial::new(KEYS);
    let log: Vec<String> = (0..30_000).flat_map(|n| [format!("0 u{n} open"), format!("0 u{n} close")]).collect();
    assert!(trial.board(&log, 9.0, &[]).dropped().is_empty());
}

/// Everything from the beginning, at each event: first, last, resolved, count, value.
fn model(all: &[(i64, &str)], end: i64) -> Vec<(i64, i64, Option<i64>, usize, i64)> {
    let within = 10;
    let mut findings: Vec<(i64, i64, Option<i64>, usize, i64)> = Vec::new();
    let mut over: Option<i64> = None;
    let mut begin = 0;
    while begin < all.len() {
        let (since, what) = all[begin];
        if what != "open" {
            if what == "stop" {
                over = None;
            }
            begin += 1;
            continue;
        }
        // From the first opening to the first word that it is over.
        let ends = (begin..all.len()).find(|i| all[*i].1 != "open");
        let closed = ends.map(|i| all[i].0);
        let opened: Vec<i64> = all[begin..ends.unwrap_or(all.len())].iter().map(|(at, _)| *at).collect();
        if closed.unwrap_or(end) - since > within {
            let by_close = ends.is_some_and(|i| all[i].1 == "close");
            let value = if by_close { closed.unwrap() - since } else { within };
            let (last, count) = (*opened.last().unwrap(), opened.len());
            match findings.last_mut() {
                Some(f) if over.is_some_and(|over| since - over <= within) => {
                    *f = (f.0, last, closed, f.3 + count, f.4.max(value));
                }
                _ => findings.push((since, last, closed, count, value)),
            }
            over = closed;
        }
        begin = ends.unwrap_or(all.len());
    }
    findings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn it_says_what_a_slow_model_says(
        steps in steps(2, 9),
        looks in looks(),
        rest in 0i64..30,
    ) {
        let trial = Trial::new(KEYS);
        let steps = schedule(&steps, |what| match what {
            0 => "stop",
            1..5 => "close",
            _ => "open",
        }.to_owned());
        let end = steps.last().map_or(0, |(at, ..)| *at) + rest;
        let mut expected = Vec::new();
        for (key, all) in by_key(&steps) {
            for (first, last, over, count, value) in model(&all, end) {
                let state = over.map_or("open".to_owned(), |at| format!("over@{at}"));
                expected.push(format!("{key} {first}-{last} {state} x{count} {value}"));
            }
        }
        expected.sort();
        prop_assert_eq!(judged(&trial, &steps, end, &looks), expected);
    }
}
