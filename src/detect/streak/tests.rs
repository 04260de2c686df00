//! `streak` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

const KEYS: &str = r#"kind = "streak"
on = ["t/bad"]
reset = ["t/good"]
by = ["unit"]
at-least = 3"#;

#[test]
fn so_many_in_a_row_whatever_the_time_between() {
    check(
        KEYS,
        &[
            ("0 a bad; 1 a bad", 9.0, &[]),
            ("0 a bad; 86400 a bad; 172800 a bad", 1e9, &["a 0-172800 open x3 3"]),
            // A repeated block: only a success of the same task resets; another outcome does not.
            ("0 a bad; 1 a bad; 2 a good; 3 a bad", 9.0, &[]),
            ("0 a bad; 1 a down; 2 a bad; 3 a bad", 9.0, &["a 0-3 open x3 3"]),
            ("0 a bad; 1 a bad; 2 b good; 3 a bad", 9.0, &["a 0-3 open x3 3"]),
            ("0 a bad; 1 a bad; 2 b bad", 9.0, &[]),
            // It goes on, and is over with the first success.
            ("0 a bad; 1 a bad; 2 a bad; 3 a bad; 4 a bad", 9.0, &["a 0-4 open x5 5"]),
            ("0 a bad; 1 a bad; 2 a bad; 3 a good; 4 a good", 9.0, &["a 0-2 over@3 x3 3"]),
            ("0 a bad; 1 a bad; 2 a bad; 3 a good; 4 a bad; 5 a bad", 9.0, &["a 0-2 over@3 x3 3"]),
            (
                "0 a bad; 1 a bad; 2 a bad; 3 a good; 4 a bad; 5 a bad; 6 a bad",
                9.0,
                &["a 0-2 over@3 x3 3", "a 4-6 open x3 3"],
            ),
            // Equal moments, and an event that comes late.
            ("0 a bad; 0 a bad; 0 a bad", 0.0, &["a 0-0 open x3 3"]),
            ("5 a bad; 6 a bad; 2 a bad", 9.0, &["a 2-6 open x3 3"]),
        ],
    );
}

#[test]
fn with_a_window_the_row_is_that_of_the_window() {
    let three = "0 a bad; 1 a bad; 2 a bad";
    check(
        &format!("{KEYS}\nwithin = \"10s\""),
        &[
            ("0 a bad; 5 a bad; 10 a bad", 15.0, &["a 0-10 open x3 3"]),
            ("0 a bad; 5 a bad; 10.001 a bad", 15.0, &[]),
            (three, 12.0, &["a 0-2 open x3 3"]),
            (three, 12.001, &["a 0-2 over@2 x3 3"]),
            (&format!("{three}; 3 a good"), 20.0, &["a 0-2 over@3 x3 3"]),
            (&format!("{three}; 13 a bad"), 20.0, &["a 0-2 over@2 x3 3"]),
        ],
    );
}

#[test]
fn a_longer_row_is_worse() {
    let keys = format!("{KEYS}\ndown-at = 5");
    let row = |n: usize| (0..n).map(|at| format!("{at} a bad")).collect::<Vec<_>>().join(";");
    check(&keys, &[(&row(4), 9.0, &["a 0-3 open x4 4"]), (&row(5), 9.0, &["a 0-4 open x5 5 DOWN"])]);
    let down = format!("{KEYS}\nseverity = \"down\"");
    check(&down, &[(&row(3), 9.0, &["a 0-2 open x3 3 DOWN"])]);
    let untimed = "0 a bad untimed; 0 a bad untimed; 0 a bad untimed";
    check(&down, &[(untimed, 9.0, &["a 0-0 open x3 3"])]);
}

#[test]
fn the_beginning_of_the_row_is_shown() {
    let trial = Trial::new(KEYS);
    let log: Vec<String> = (0..9).map(|at| format!("{at} a bad")).collect();
    let found = trial.findings(&log.join(";"), 20.0);
    assert_eq!(found[0].evidence.iter().map(|e| e.text.as_str()).collect::<Vec<_>>(), log[..5]);
    assert_eq!((found[0].threshold, found[0].window), (Some("3".parse().unwrap()), None));
}

#[test]
fn keys_are_bounded() {
    flood(KEYS, "bad", 30_000);
}

/// Everything from the beginning, at each event: first, last, resolved, count, value.
fn model(all: &[(i64, &str)], end: i64, within: i64) -> Vec<(i64, i64, Option<i64>, usize, usize)> {
    let mut findings: Vec<(i64, i64, Option<i64>, usize, usize)> = Vec::new();
    let mut over: Option<i64> = None;
    for (i, (now, what)) in all.iter().copied().chain([(end, "end")]).enumerate() {
        if let Some(f) = findings.last_mut().filter(|f| f.2.is_none() && now - f.1 > within) {
            f.2 = Some(f.1);
            over = Some(f.1 + within);
        }
        if what == "good" {
            if let Some(f) = findings.last_mut().filter(|f| f.2.is_none()) {
                f.2 = Some(now);
            }
            over = None;
        }
        if what != "bad" {
            continue;
        }
        let row: Vec<i64> = all[..=i].iter().rev().take_while(|(_, what)| *what != "good").map(|(at, _)| *at).collect();
        let row: Vec<i64> = row.into_iter().filter(|at| now - at <= within).collect();
        match findings.last_mut() {
            Some(f) if f.2.is_none() => (f.1, f.3, f.4) = (now, f.3 + 1, f.4.max(row.len())),
            _ if row.len() < 3 => {}
            Some(f) if over.is_some_and(|over| now - over <= within) => {
                *f = (f.0, now, None, f.3 + row.len(), f.4.max(row.len()));
            }
            _ => findings.push((*row.last().unwrap(), now, None, row.len(), row.len())),
        }
    }
    findings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn it_says_what_a_slow_model_says(
        steps in steps(2, 8),
        looks in looks(),
        rest in 0i64..30,
        windowed: bool,
    ) {
        let trial = Trial::new(&format!("{KEYS}\n{}", if windowed { "within = \"10s\"" } else { "" }));
        let steps = schedule(&steps, |what| if what == 0 { "good" } else { "bad" }.to_owned());
        let end = steps.last().map_or(0, |(at, ..)| *at) + rest;
        let mut expected = Vec::new();
        for (key, all) in by_key(&steps) {
            for (first, last, over, count, value) in model(&all, end, if windowed { 10 } else { i64::MAX }) {
                let state = over.map_or("open".to_owned(), |at| format!("over@{at}"));
                expected.push(format!("{key} {first}-{last} {state} x{count} {value}"));
            }
        }
        expected.sort();
        prop_assert_eq!(judged(&trial, &steps, end, &looks), expected);
    }
}
