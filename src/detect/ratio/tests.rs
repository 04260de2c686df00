//! `ratio` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::base::Number;
use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

/// The circuit breaker of OperationsCenter; `v` is its `backend_version`.
const BREAKER: &str = r#"kind = "ratio"
on = ["t/bad"]
good = ["t/good"]
reset = ["t/stop"]
at-least = 3
last = 5
within = "4h"
from = 0.8
uniform = "v""#;

const HOUR: usize = 3600;

/// `+` and `-` as good and bad outcomes, one a minute, from second `from` on.
fn outcomes(from: usize, what: &str) -> String {
    let one = |(i, c): (usize, char)| format!("{} u {}", from + 60 * i, if c == '+' { "good" } else { "bad" });
    what.chars().enumerate().map(one).collect::<Vec<_>>().join(";")
}

#[test]
fn the_circuit_breaker_of_operations_center() {
    let stale = |bad: usize| outcomes(0, &"-".repeat(bad));
    check(
        BREAKER,
        &[
            (&outcomes(0, "--"), 600.0, &[]),
            (&outcomes(0, "---"), 600.0, &[" 0-120 open x3 1"]),
            (&outcomes(0, "+---"), 600.0, &[]),
            (&outcomes(0, "+----"), 600.0, &[" 60-240 open x4 0.8"]),
            // Only the newest five count.
            (&outcomes(0, "+++++++----"), 1200.0, &[" 420-600 open x4 0.8"]),
            (&outcomes(0, "-----++"), 600.0, &[" 0-240 over@360 x5 1"]),
            (&outcomes(0, "-----+"), 600.0, &[" 0-240 open x5 1"]),
            (&outcomes(0, "+-+-+-+-+-"), 600.0, &[]),
            // The oldest two are older than four hours: three of three.
            (&format!("{};{}", stale(2), outcomes(4 * HOUR + 61, "---")), 5.0 * 3600.0, &[" 14461-14581 open x3 1"]),
            // At four hours and not a moment more they are part of it.
            ("0 u good; 7200 u bad; 10000 u bad; 14400 u bad", 14400.0, &[]),
            ("0 u good; 7200 u bad; 10000 u bad; 14400.001 u bad", 14401.0, &[" 7200-14400.001 open x3 1"]),
            // It recovers by itself: when fewer than three are left.
            (&stale(5), 14400.0 + 120.0, &[" 0-240 open x5 1"]),
            (&stale(5), 14400.0 + 120.001, &[" 0-240 over@14520 x5 1"]),
            (&stale(5), 1e6, &[" 0-240 over@14520 x5 1"]),
            // A stop forgets.
            (&format!("{}; 130 u stop; 140 u bad", stale(3)), 600.0, &[" 0-120 over@130 x3 1"]),
        ],
    );
}

#[test]
fn several_versions_in_the_window_are_no_verdict() {
    check(
        BREAKER,
        &[
            ("0 u bad v=1; 1 u bad v=1; 2 u bad v=1; 3 u bad v=1; 4 u bad v=1", 9.0, &[" 0-4 open x5 1"]),
            ("0 u bad v=1; 1 u bad v=2; 2 u bad v=1; 3 u bad v=1; 4 u bad v=1", 9.0, &[]),
            // Until the other one has left it.
            ("0 u bad v=1; 1 u bad v=2; 2 u bad v=2; 3 u bad v=2; 4 u bad v=2; 5 u bad v=2", 9.0, &[" 1-5 open x5 1"]),
            // A new version closes it; its own five open it again.
            ("0 u bad v=1; 1 u bad v=1; 2 u bad v=1; 3 u bad v=2", 9.0, &[" 0-3 over@3 x4 1"]),
            // Where none is told there is none.
            ("0 u bad v=1; 1 u bad; 2 u bad v=1", 9.0, &[" 0-2 open x3 1"]),
        ],
    );
}

#[test]
fn the_failure_rate_of_the_newest_thirty() {
    let keys = r#"kind = "ratio"
on = ["t/bad"]
good = ["t/good"]
at-least = 5
last = 30
above = 0.4"#;
    check(
        keys,
        &[
            (&outcomes(0, "----"), 9e3, &[]),
            // Four of ten is 0.4: not more.
            (&outcomes(0, "++++++----"), 9e3, &[]),
            (&outcomes(0, "++++++-----"), 9e3, &[" 360-600 open x5 0.454545"]),
            (&outcomes(0, "+++--"), 9e3, &[]),
            (&outcomes(0, "++---"), 9e3, &[" 120-240 open x3 0.6"]),
            // Of exactly thirty: twelve are 0.4, thirteen are more.
            (&outcomes(0, &("+".repeat(18) + &"-".repeat(12))), 9e3, &[]),
            (&outcomes(0, &("+".repeat(18) + &"-".repeat(13))), 9e3, &[" 1080-1800 open x13 0.433333"]),
            // Time does not close it, good ones do.
            (&outcomes(0, "-----"), 1e9, &[" 0-240 open x5 1"]),
            (&outcomes(0, "------++++++++"), 9e3, &[" 0-300 open x6 1"]),
            (&outcomes(0, "------+++++++++"), 9e3, &[" 0-300 over@840 x6 1"]),
            // Within ten minutes it is the same finding again, later another one about the same outcomes and one more.
            (&format!("{};1440 u bad", outcomes(0, "------+++++++++")), 9e3, &[" 0-1440 open x7 1"]),
            (
                &format!("{};1440.001 u bad", outcomes(0, "------+++++++++")),
                9e3,
                &[" 0-300 over@840 x6 1", " 0-1440.001 open x7 0.4375"],
            ),
        ],
    );
}

#[test]
fn a_flaky_command_needs_all_ten_runs() {
    let keys = r#"kind = "ratio"
on = ["t/bad"]
good = ["t/good"]
by = ["unit"]
at-least = 10
last = 10
from = 0.3"#;
    check(
        keys,
        &[
            (&outcomes(0, "---++++++"), 9e3, &[]),
            // It opens with the tenth, although that one went well.
            (&outcomes(0, "---+++++++"), 9e3, &["u 0-120 open x3 0.3"]),
            (&outcomes(0, "--++++++++"), 9e3, &[]),
            (&outcomes(0, "---++++++++"), 9e3, &["u 0-120 over@600 x3 0.3"]),
            (&outcomes(0, "+++++++---"), 9e3, &["u 420-540 open x3 0.3"]),
        ],
    );
}

#[test]
fn the_error_rate_of_a_gateway() {
    let keys = r#"kind = "ratio"
on = ["t/bad"]
good = ["t/good"]
at-least = 20
within = "5min"
above = 0.05
down-at = 0.5"#;
    let calls = |good: usize, bad: usize| {
        let good = (0..good).map(|i| format!("{i} u good"));
        good.chain((0..bad).map(|i| format!("{} u bad", 100 + i))).collect::<Vec<_>>().join(";")
    };
    check(
        keys,
        &[
            (&calls(95, 5), 200.0, &[]),
            (&calls(94, 5), 200.0, &[" 100-104 open x5 0.050505"]),
            (&calls(18, 1), 200.0, &[]),
            (&calls(19, 1), 200.0, &[]),
            (&calls(18, 2), 200.0, &[" 100-101 open x2 0.1"]),
            (&calls(11, 10), 200.0, &[" 100-109 open x10 0.47619"]),
            (&calls(10, 10), 200.0, &[" 100-109 open x10 0.5 DOWN"]),
            // Silence does not open it, although the good ones leave the window first.
            (&calls(95, 5), 1e6, &[]),
            // It is over when fewer than twenty are left.
            (&calls(18, 2), 300.0, &[" 100-101 open x2 0.1"]),
            (&calls(18, 2), 300.001, &[" 100-101 over@300 x2 0.1"]),
        ],
    );
    let found = &Trial::new(keys).findings(&calls(10, 10), 200.0)[0];
    assert_eq!((found.threshold, found.facts["share"].as_str()), ("0.05".parse().ok(), "10 of 20"));
    assert_eq!(found.evidence.iter().map(|e| e.text.as_str()).collect::<Vec<_>>()[..2], ["100 u bad", "101 u bad"]);
}

#[test]
fn too_few_can_be_bad_too() {
    let keys = r#"kind = "ratio"
on = ["t/good"]
good = ["t/bad"]
at-least = 4
last = 4
below = 0.5"#;
    check(
        keys,
        &[
            (&outcomes(0, "++--"), 9e3, &[]),
            (&outcomes(0, "+---"), 9e3, &[" 60-180 open x3 0.25"]),
            (&outcomes(0, "+----"), 9e3, &[" 60-240 open x4 0"]),
            (&outcomes(0, "+---++"), 9e3, &[" 60-180 over@300 x3 0.25"]),
        ],
    );
}

#[test]
fn what_comes_late_counts_where_it_belongs() {
    check(
        BREAKER,
        &[
            // In order it is - - - + +, of which the newest five are 0.6.
            ("60 u bad; 120 u bad; 180 u good; 240 u good; 0 u bad", 300.0, &[]),
            // A late one that is older than the newest five changes nothing.
            (&format!("{};0 u good", outcomes(60, "-----")), 900.0, &[" 60-300 open x5 1"]),
            (&format!("{};250 u good; 251 u good", outcomes(60, "-----")), 900.0, &[" 60-300 over@251 x5 1"]),
        ],
    );
}

#[test]
fn a_window_that_holds_more_than_there_is_room_for_is_told() {
    let keys = "kind = \"ratio\"\non = [\"t/bad\"]\ngood = [\"t/good\"]\nat-least = 3\nwithin = \"1h\"\nabove = 0.5";
    let trial = Trial::new(keys);
    let log = |n: usize| (0..n).map(|_| "0 u good".to_owned()).collect::<Vec<_>>();
    assert!(trial.board(&log(4096), 1.0, &[]).dropped().is_empty());
    assert_eq!(trial.board(&log(4099), 1.0, &[]).dropped().get("readings of t/d"), Some(&3));
}

#[test]
fn keys_are_bounded() {
    flood(&format!("{BREAKER}\nby = [\"unit\"]"), "bad", 30_000);
}

/// What the model keeps of a finding.
#[derive(Debug)]
struct Told {
    first: i64,
    last: i64,
    over: Option<i64>,
    counted: Vec<usize>,
    share: (usize, usize),
}

/// Everything from the beginning, at each second.
fn model(all: &[(i64, &str)], end: i64, last: usize, within: Option<i64>) -> Vec<Told> {
    let mut findings: Vec<Told> = Vec::new();
    let mut over: Option<i64> = None;
    let mut since = 0;
    // The window as it is at `now` with the first `n` events: their indexes.
    let window = |since: usize, n: usize, now: i64| -> Vec<usize> {
        let fresh = (since..n).filter(|i| within.is_none_or(|within| now - all[*i].0 <= within));
        let fresh: Vec<usize> = fresh.filter(|i| all[*i].1 != "stop").collect();
        fresh[fresh.len().saturating_sub(last)..].to_vec()
    };
    let bad = |window: &[usize]| window.iter().copied().filter(|i| all[*i].1.starts_with("bad")).collect::<Vec<_>>();
    let holds = |window: &[usize]| {
        let mut versions: Vec<&str> =
            window.iter().filter_map(|i| all[*i].1.split_once("v=")).map(|(_, v)| v).collect();
        versions.sort_unstable();
        versions.dedup();
        window.len() >= 3 && versions.len() <= 1 && bad(window).len() * 10 >= window.len() * 8
    };
    let mut n = 0;
    // Only when something comes or leaves can anything change.
    let mut moments: Vec<i64> =
        all.iter().flat_map(|(at, _)| [*at, at + within.unwrap_or(0) + 1]).chain([end]).collect();
    moments.retain(|at| *at <= end);
    moments.sort_unstable();
    moments.dedup();
    for now in moments {
        // Before anything happens now: what was open until just now.
        if let Some(f) = findings.last_mut().filter(|f| f.over.is_none())
            && !holds(&window(since, n, now))
        {
            // What left the window between the second before and this one left just after the second before.
            f.over = Some(now - 1);
            over = f.over;
        }
        while n < all.len() && all[n].0 == now {
            n += 1;
            let what = all[n - 1].1;
            if what == "stop" {
                if let Some(f) = findings.last_mut().filter(|f| f.over.is_none()) {
                    f.over = Some(now);
                }
                (since, over) = (n, None);
                continue;
            }
            let window = window(since, n, now);
            let bad = bad(&window);
            let (holds, is_bad) = (holds(&window), what.starts_with("bad"));
            let is_open = findings.last().is_some_and(|f| f.over.is_none());
            if let Some(f) = findings.last_mut().filter(|_| is_open && is_bad) {
                f.counted.push(n - 1);
                f.last = now;
            }
            if is_open && !holds {
                findings.last_mut().unwrap().over = Some(now);
                over = Some(now);
            }
            if !is_open && holds {
                let soon = over.is_some_and(|over| now - over <= within.unwrap_or(600));
                if !soon {
                    let (first, last) = (all[bad[0]].0, all[*bad.last().unwrap()].0);
                    findings.push(Told { first, last, over: None, counted: Vec::new(), share: (0, 1) });
                }
                let f = findings.last_mut().unwrap();
                f.over = None;
                f.last = f.last.max(all[*bad.last().unwrap()].0);
                f.counted.extend(&bad);
                f.counted.sort_unstable();
                f.counted.dedup();
            }
            if let Some(f) = findings.last_mut().filter(|f| f.over.is_none())
                && bad.len() * f.share.1 > f.share.0 * window.len()
            {
                f.share = (bad.len(), window.len());
            }
        }
    }
    findings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn it_says_what_a_slow_model_says(
        steps in steps(2, 32),
        looks in looks(),
        rest in 0i64..30,
        last in 3usize..7,
        within in proptest::option::of(5i64..15),
    ) {
        let numbers = within.map_or(String::new(), |within| format!("within = \"{within}s\""));
        let keys = BREAKER.replace("last = 5", &format!("last = {last}")).replace("within = \"4h\"", &numbers);
        let trial = Trial::new(&format!("{keys}\nby = [\"unit\"]"));
        let steps = schedule(&steps, |what| match what {
            0 => "stop",
            1 => "bad v=2",
            2..8 => "good v=1",
            8..16 => "bad",
            _ => "bad v=1",
        }.to_owned());
        let end = steps.last().map_or(0, |(at, ..)| *at) + rest;
        let mut expected = Vec::new();
        for (key, all) in by_key(&steps) {
            for f in model(&all, end, last, within) {
                let state = f.over.map_or("open".to_owned(), |at| format!("over@{at}"));
                let share = Number::share(Number::count(f.share.0), Number::count(f.share.1)).unwrap();
                expected.push(format!("{key} {}-{} {state} x{} {share}", f.first, f.last, f.counted.len()));
            }
        }
        expected.sort();
        prop_assert_eq!(judged(&trial, &steps, end, &looks), expected);
    }
}
