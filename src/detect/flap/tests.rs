//! `flap` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

const KEYS: &str = r#"kind = "flap"
on = ["t/up", "t/down"]
reset = ["t/stop"]
state = "signature"
by = ["unit"]
at-least = 3
within = "10s""#;

const MODEL: &str = r#"kind = "flap"
on = ["t/open"]
state = "state"
at-least = 11
within = "1h""#;

#[test]
fn so_many_changes_in_the_window() {
    check(
        KEYS,
        &[
            ("0 a up; 1 a down; 2 a up", 9.0, &[]),
            // The first reading is no change.
            ("0 a up; 1 a down; 2 a up; 11 a down", 15.0, &["a 1-11 open x3 3"]),
            ("0 a up; 1 a down; 2 a up; 11.001 a down", 15.0, &[]),
            // The same again is none either.
            ("0 a up; 1 a down; 2 a down; 3 a down; 4 a up; 5 a up", 15.0, &[]),
            ("0 a up; 1 a down; 2 b up; 3 b down; 4 a up; 5 b up", 15.0, &[]),
            ("0 a up; 0 a down; 0 a up; 0 a down", 0.0, &["a 0-0 open x3 3"]),
            // Without times nobody knows how fast it was.
            ("0 a up untimed; 0 a down untimed; 0 a up untimed; 0 a down untimed", 0.0, &[]),
        ],
    );
}

#[test]
fn it_is_over_when_the_state_stays() {
    let three = "0 a up; 1 a down; 2 a up; 3 a down";
    check(
        KEYS,
        &[
            (three, 13.0, &["a 1-3 open x3 3"]),
            (three, 13.001, &["a 1-3 over@3 x3 3"]),
            // Readings of the same state do not keep it open.
            (&format!("{three}; 9 a down; 12 a down"), 13.001, &["a 1-3 over@3 x3 3"]),
            (&format!("{three}; 13 a up"), 23.0, &["a 1-13 open x4 3"]),
            (&format!("{three}; 4 a stop; 5 a up"), 6.0, &["a 1-3 over@4 x3 3"]),
            (&format!("{three}; 4 a stop; 5 a up; 6 a down; 7 a up"), 8.0, &["a 1-3 over@4 x3 3"]),
            // One change later is none of three.
            (&format!("{three}; 20 a up"), 21.0, &["a 1-3 over@3 x3 3"]),
            (&format!("{three}; 20 a up; 21 a down; 23 a up"), 24.0, &["a 1-23 open x6 3"]),
            (&format!("{three}; 20 a up; 21 a down; 24 a up"), 24.0, &["a 1-3 over@3 x3 3", "a 20-24 open x3 3"]),
        ],
    );
}

#[test]
fn what_comes_late_changes_the_state_where_it_belongs() {
    check(
        KEYS,
        &[
            // Between two stretches: none more when it is like one of them.
            ("0 a up; 4 a down; 5 a up; 3 a down", 9.0, &[]),
            ("0 a up; 4 a down; 5 a up; 1 a up", 9.0, &[]),
            // Within one: two more.
            ("0 a up; 1 a up; 5 a up; 6 a down; 3 a down", 9.0, &["a 3-6 open x3 3"]),
            // Before all.
            ("1 a up; 2 a down; 3 a up; 0 a down", 9.0, &["a 1-3 open x3 3"]),
            ("1 a up; 2 a down; 3 a up; 0 a up", 9.0, &[]),
        ],
    );
}

#[test]
fn swaps_of_a_model_are_changes_of_a_capture() {
    let swaps = |n: usize| {
        let load = |i: usize| format!("{} u open state=model-{}", i * 300, i % 2);
        // Each load says it three times.
        (0..=n).flat_map(|i| vec![load(i); 3]).collect::<Vec<_>>().join(";")
    };
    check(MODEL, &[(&swaps(10), 3600.0, &[]), (&swaps(11), 3600.0, &[" 300-3300 open x11 11"])]);
    // A load of the model that is there already is no swap, nor one without a name.
    let same: Vec<String> = (0..30).map(|i| format!("{i} u open state=model-1; {i} u open")).collect();
    check(MODEL, &[(&same.join(";"), 3600.0, &[])]);
    let found = Trial::new(MODEL).findings(&swaps(11), 3600.0);
    assert_eq!(found[0].facts["states"], "model-0, model-1");
    assert_eq!((found[0].threshold, found[0].evidence.len()), (Some("11".parse().unwrap()), 5));
}

#[test]
fn keys_are_bounded() {
    flood(KEYS, "up", 30_000);
}

/// Everything from the beginning, at each event: first, last, resolved, count, value.
fn model(all: &[(i64, &str)], end: i64) -> Vec<(i64, i64, Option<i64>, usize, usize)> {
    let within = 10;
    let mut findings: Vec<(i64, i64, Option<i64>, usize, usize)> = Vec::new();
    let mut over: Option<i64> = None;
    for (i, (now, what)) in all.iter().copied().chain([(end, "end")]).enumerate() {
        if let Some(f) = findings.last_mut().filter(|f| f.2.is_none() && now - f.1 > within) {
            f.2 = Some(f.1);
            over = Some(f.1 + within);
        }
        if what == "stop" {
            if let Some(f) = findings.last_mut().filter(|f| f.2.is_none()) {
                f.2 = Some(now);
            }
            over = None;
        }
        if !matches!(what, "up" | "down") || i == 0 || !matches!(all[i - 1].1, "up" | "down") || all[i - 1].1 == what {
            continue;
        }
        let since = all[..i].iter().rposition(|(_, what)| *what == "stop").map_or(0, |at| at + 1);
        let changes = all[since..=i].windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1].0);
        let changes: Vec<i64> = changes.filter(|at| now - at <= within).collect();
        match findings.last_mut() {
            Some(f) if f.2.is_none() => (f.1, f.3, f.4) = (now, f.3 + 1, f.4.max(changes.len())),
            _ if changes.len() < 3 => {}
            Some(f) if over.is_some_and(|over| now - over <= within) => {
                *f = (f.0, now, None, f.3 + changes.len(), f.4.max(changes.len()));
            }
            _ => findings.push((changes[0], now, None, changes.len(), changes.len())),
        }
    }
    findings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn it_says_what_a_slow_model_says(
        steps in steps(2, 13),
        looks in looks(),
        rest in 0i64..30,
    ) {
        let trial = Trial::new(KEYS);
        let steps = schedule(&steps, |what| match what {
            0 => "stop",
            1..7 => "up",
            _ => "down",
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

    /// Readings that overtake their neighbour change nothing.
    #[test]
    fn late_readings_lead_to_the_same_changes(swapped in proptest::collection::vec(any::<bool>(), 6)) {
        let order = swapped.iter().enumerate().flat_map(|(i, swap)| [2 * i + usize::from(*swap), 2 * i + usize::from(!swap)]);
        let mut seen = super::Seen::default();
        for at in order {
            let place = crate::base::Place { source: crate::base::SourceId(1), offset: 0 };
            seen.add((crate::base::Stamp(at as i64), place), ["x", "y", "z"][at % 3]);
        }
        let runs: Vec<(i64, &str)> = seen.runs.iter().map(|run| (run.first.0.0, &*run.state)).collect();
        prop_assert_eq!(runs, (0..12).map(|at| (at as i64, ["x", "y", "z"][at % 3])).collect::<Vec<_>>());
    }
}
