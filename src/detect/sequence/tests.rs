//! `sequence` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::base::SourceId;
use crate::detect::board::Board;
use crate::detect::rules::Rules;
use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

const KEYS: &str = r#"kind = "sequence"
steps = ["t/bad", "t/up", "t/down"]
reset = ["t/stop"]
by = ["unit"]
within = "10s""#;

#[test]
fn each_step_after_the_one_before_and_all_in_time() {
    check(
        KEYS,
        &[
            ("0 a bad; 5 a up; 10 a down", 20.0, &["a 0-10 open x1 -"]),
            ("0 a bad; 5 a up; 10.001 a down", 20.0, &[]),
            ("0 a bad; 5 a down; 6 a up", 20.0, &[]),
            ("0 a bad; 5 a down", 20.0, &[]),
            ("0 a bad; 5 b up; 6 a down", 20.0, &[]),
            // The latest beginning that fits.
            ("0 a bad; 4 a bad; 5 a up; 12 a down", 20.0, &["a 4-12 open x1 -"]),
            ("0 a bad; 5 a up; 6 a bad; 10 a down", 20.0, &["a 0-10 open x1 -"]),
            // At one moment the order of writing counts, and one record is one step.
            ("0 a bad; 0 a up; 0 a down", 5.0, &["a 0-0 open x1 -"]),
            ("0 a up; 0 a bad; 0 a down", 5.0, &[]),
            ("0 a bad+up+down", 5.0, &[]),
            ("0 a bad+up; 1 a up+down; 2 a down", 5.0, &["a 0-2 open x1 -"]),
            // What comes late is not what came after.
            ("5 a bad; 4 a up; 6 a down", 7.0, &[]),
        ],
    );
}

#[test]
fn it_is_over_when_it_was_not_seen_for_its_time_or_by_a_reset() {
    let one = "0 a bad; 1 a up; 2 a down";
    check(
        KEYS,
        &[
            (one, 12.0, &["a 0-2 open x1 -"]),
            (one, 12.001, &["a 0-2 over@2 x1 -"]),
            (&format!("{one}; 4 a down"), 14.0, &["a 0-4 open x2 -"]),
            (&format!("{one}; 3 a stop; 4 a down"), 14.0, &["a 0-2 over@3 x1 -"]),
            ("0 a bad; 1 a up; 2 a stop; 3 a down", 14.0, &[]),
            (&format!("{one}; 20 a bad; 21 a up; 22 a down"), 23.0, &["a 0-22 open x2 -"]),
            (&format!("{one}; 20 a bad; 21 a up; 23 a down"), 23.0, &["a 0-2 over@2 x1 -", "a 20-23 open x1 -"]),
        ],
    );
}

#[test]
fn what_comes_late_from_another_source_did_not_happen_after() {
    let trial = Trial::new(KEYS);
    let run = |third: &str| {
        let (mut rules, mut board) = (Rules::new(&trial.plan), Board::default());
        for (source, line) in [(1, "5 a bad"), (2, "6 a up"), (3, third)] {
            let mut event = trial.event(line, 0);
            event.place.source = SourceId(source);
            rules.observe(&trial.plan, &event, &mut board);
        }
        trial.told(&board)
    };
    assert_eq!(run("6 a down"), ["a 5-6 open x1 -"], "at the same moment nobody knows the order");
    assert_eq!(run("5.999 a down"), [""; 0]);
}

#[test]
fn keys_are_bounded() {
    flood(KEYS, "bad", 30_000);
}

/// Everything from the beginning, at each event: first, last, resolved, count.
fn model(all: &[(i64, &str)], end: i64) -> Vec<(i64, i64, Option<i64>, u64)> {
    let within = 10;
    let mut findings: Vec<(i64, i64, Option<i64>, u64)> = Vec::new();
    let mut over: Option<i64> = None;
    let mut since = 0;
    for (i, (now, what)) in all.iter().copied().chain([(end, "end")]).enumerate() {
        if let Some(f) = findings.last_mut().filter(|f| f.2.is_none() && now - f.1 > within) {
            f.2 = Some(f.1);
            over = Some(f.1 + within);
        }
        if what == "stop" {
            if let Some(f) = findings.last_mut().filter(|f| f.2.is_none()) {
                f.2 = Some(now);
            }
            (since, over) = (i + 1, None);
        }
        if !what.contains("down") {
            continue;
        }
        let begins = (since..i).filter(|j| all[*j].1.contains("bad"));
        let fits = begins.filter(|j| now - all[*j].0 <= within && (j + 1..i).any(|k| all[k].1.contains("up")));
        let Some(begin) = fits.max() else { continue };
        match findings.last_mut() {
            Some(f) if f.2.is_none() => (f.1, f.3) = (now, f.3 + 1),
            Some(f) if over.is_some_and(|over| now - over <= within) => *f = (f.0, now, None, f.3 + 1),
            _ => findings.push((all[begin].0, now, None, 1)),
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
            1 => "bad+up",
            2 => "up+down",
            3 => "bad+down",
            4..7 => "bad",
            7..10 => "up",
            _ => "down",
        }.to_owned());
        let end = steps.last().map_or(0, |(at, ..)| *at) + rest;
        let mut expected = Vec::new();
        for (key, all) in by_key(&steps) {
            for (first, last, over, count) in model(&all, end) {
                let state = over.map_or("open".to_owned(), |at| format!("over@{at}"));
                expected.push(format!("{key} {first}-{last} {state} x{count} -"));
            }
        }
        expected.sort();
        prop_assert_eq!(judged(&trial, &steps, end, &looks), expected);
    }
}
