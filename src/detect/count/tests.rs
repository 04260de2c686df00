//! `count` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

const KEYS: &str = r#"kind = "count"
on = ["t/bad"]
reset = ["t/stop"]
by = ["unit"]
at-least = 3
within = "10s""#;

#[test]
fn so_many_in_the_window_and_not_one_less() {
    check(
        KEYS,
        &[
            ("0 a bad; 5 a bad", 100.0, &[]),
            ("0 a bad; 5 a bad; 10 a bad", 20.0, &["a 0-10 open x3 3"]),
            ("0 a bad; 5 a bad; 10.001 a bad", 20.0, &[]),
            ("0 a bad; 5 b bad; 10 a bad; 11 b bad", 20.0, &[]),
            // All at one moment, and in any order of arrival.
            ("4 a bad; 4 a bad; 4 a bad", 4.0, &["a 4-4 open x3 3"]),
            ("0 a bad; 10 a bad; 5 a bad", 12.0, &["a 0-10 open x3 3"]),
            // The worst value is told, not the last.
            ("0 a bad; 1 a bad; 2 a bad; 3 a bad; 12 a bad; 20 a bad", 30.0, &["a 0-20 open x6 4"]),
        ],
    );
}

#[test]
fn it_is_over_when_the_window_is_empty_or_by_a_reset() {
    let three = "0 a bad; 1 a bad; 2 a bad";
    check(
        KEYS,
        &[
            (three, 12.0, &["a 0-2 open x3 3"]),
            (three, 12.001, &["a 0-2 over@2 x3 3"]),
            // One more keeps it open, however few they are by then.
            (&format!("{three}; 12 a bad"), 22.0, &["a 0-12 open x4 3"]),
            // One alone does not begin it again; three soon do, and three late are another finding.
            (&format!("{three}; 13 a bad"), 14.0, &["a 0-2 over@2 x3 3"]),
            (&format!("{three}; 20 a bad; 21 a bad; 22 a bad"), 23.0, &["a 0-22 open x6 3"]),
            (
                &format!("{three}; 20 a bad; 21 a bad; 22.001 a bad"),
                23.0,
                &["a 0-2 over@2 x3 3", "a 20-22.001 open x3 3"],
            ),
            // A reset ends it at once and forgets.
            (&format!("{three}; 4 a stop"), 5.0, &["a 0-2 over@4 x3 3"]),
            (&format!("{three}; 4 b stop"), 5.0, &["a 0-2 open x3 3"]),
            (&format!("{three}; 4 a stop; 5 a bad; 6 a bad"), 7.0, &["a 0-2 over@4 x3 3"]),
            (&format!("{three}; 4 a stop; 5 a bad; 6 a bad; 7 a bad"), 8.0, &["a 0-2 over@4 x3 3", "a 5-7 open x3 3"]),
            ("0 a bad; 1 a bad; 2 a stop; 3 a bad", 4.0, &[]),
            // A record that is both begins anew.
            ("0 a bad; 1 a bad; 2 a bad+stop", 4.0, &[]),
        ],
    );
}

#[test]
fn different_values_are_counted_when_the_rule_says_so() {
    let keys = format!("{KEYS}\ndistinct = \"user\"");
    check(
        &keys,
        &[
            ("0 a bad user=x; 1 a bad user=x; 2 a bad user=x", 5.0, &[]),
            ("0 a bad user=x; 1 a bad user=y; 2 a bad", 5.0, &[]),
            ("0 a bad user=x; 1 a bad user=y; 2 a bad user=y; 3 a bad user=z", 5.0, &["a 0-3 open x4 3"]),
            // A value counts from when it was last there.
            ("0 a bad user=x; 1 a bad user=y; 8 a bad user=x; 11 a bad user=z", 12.0, &["a 1-11 open x3 3"]),
            ("0 a bad user=x; 1 a bad user=y; 8 a bad user=x; 11.001 a bad user=z", 12.0, &[]),
        ],
    );
}

#[test]
fn the_places_of_the_window_are_shown() {
    let trial = Trial::new(KEYS);
    let found = trial.findings("0 a bad; 8 a bad; 9 a bad; 11 a bad; 12 a bad; 13 a bad; 14 a bad", 20.0);
    let texts: Vec<&str> = found[0].evidence.iter().map(|e| e.text.as_str()).collect();
    assert_eq!(texts, ["0 a bad", "8 a bad", "9 a bad", "11 a bad", "12 a bad"]);
    assert_eq!((found[0].threshold, found[0].window), (Some("3".parse().unwrap()), Some("10s".parse().unwrap())));
}

#[test]
fn a_million_keys_are_bounded() {
    flood(KEYS, "bad", 1_000_000);
}

/// Everything from the beginning, at each event.
fn model(all: &[(i64, &str)], end: i64, distinct: bool) -> Vec<(i64, i64, Option<i64>, u64, usize)> {
    let (least, within) = (3, 10);
    let mut findings: Vec<(i64, i64, Option<i64>, u64, usize)> = Vec::new();
    let mut over: Option<i64> = None;
    let mut seen: Vec<(i64, &str)> = Vec::new();
    for (now, what) in all.iter().map(|(at, what)| (*at, *what)).chain([(end, "end")]) {
        let is_open = findings.last().is_some_and(|f| f.2.is_none());
        if is_open && let Some((last, _)) = seen.last().filter(|(last, _)| now - last > within) {
            findings.last_mut().unwrap().2 = Some(*last);
            over = Some(last + within);
        }
        if what == "stop" {
            if let Some(f) = findings.last_mut().filter(|f| f.2.is_none()) {
                f.2 = Some(now);
            }
            (seen, over) = (Vec::new(), None);
        }
        if !what.starts_with("bad") {
            continue;
        }
        seen.push((now, what));
        let window: Vec<&(i64, &str)> = seen.iter().filter(|(at, _)| now - at <= within).collect();
        let mut values: Vec<&str> = window.iter().map(|(_, what)| *what).collect();
        values.sort_unstable();
        values.dedup();
        let count = if distinct { values.len() } else { window.len() };
        match findings.last_mut() {
            Some(f) if f.2.is_none() => (f.1, f.3, f.4) = (now, f.3 + 1, f.4.max(count)),
            _ if count < least => {}
            Some(f) if over.is_some_and(|over| now - over <= within) => {
                *f = (f.0, now, None, f.3 + window.len() as u64, f.4.max(count));
            }
            _ => findings.push((window[0].0, now, None, window.len() as u64, count)),
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
        distinct: bool,
    ) {
        let trial = Trial::new(&format!("{KEYS}\n{}", if distinct { "distinct = \"user\"" } else { "" }));
        let steps = schedule(&steps, |what| match what {
            0 => "stop".to_owned(),
            n => format!("bad user={}", n % 4),
        });
        let end = steps.last().map_or(0, |(at, ..)| *at) + rest;
        let mut expected = Vec::new();
        for (key, all) in by_key(&steps) {
            for (first, last, over, count, value) in model(&all, end, distinct) {
                let state = over.map_or("open".to_owned(), |at| format!("over@{at}"));
                expected.push(format!("{key} {first}-{last} {state} x{count} {value}"));
            }
        }
        expected.sort();
        prop_assert_eq!(judged(&trial, &steps, end, &looks), expected);
    }
}
