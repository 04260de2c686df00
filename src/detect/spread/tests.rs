//! `spread` at its threshold, and against a slow model.

use proptest::prelude::*;

use crate::base::Number;
use crate::detect::tests::trial::{Trial, by_key, check, flood, judged, looks, schedule, steps};

const ONE: &str = r#"kind = "spread"
on = ["t/bad"]
reset = ["t/stop"]
value = "user"
at-least = 5
within = "10s"
from = 0.8"#;

const MANY: &str = r#"kind = "spread"
on = ["t/bad"]
reset = ["t/stop"]
value = "user"
at-least = 3
within = "10s"
values = 3"#;

/// One event a second, each of the user with this letter.
fn users(from: usize, users: &str) -> String {
    let one = |(i, user): (usize, char)| format!("{} u bad user={user}", from + i);
    users.chars().enumerate().map(one).collect::<Vec<_>>().join(";")
}

#[test]
fn it_is_one_user() {
    check(
        ONE,
        &[
            (&users(0, "xxxx"), 9.0, &[]),
            (&users(0, "xxxxx"), 9.0, &[" 0-4 open x5 1"]),
            (&users(0, "xxyxx"), 9.0, &[" 0-4 open x5 0.8"]),
            (&users(0, "xxyyx"), 9.0, &[]),
            // Who is no user does not count.
            (&format!("{};4 u bad", users(0, "xxxx")), 9.0, &[]),
            // The edge of the window is inside.
            (
                "0 u bad user=x; 1 u bad user=x; 2 u bad user=x; 3 u bad user=x; 10 u bad user=x",
                10.0,
                &[" 0-10 open x5 1"],
            ),
            ("0 u bad user=x; 1 u bad user=x; 2 u bad user=x; 3 u bad user=x; 10.001 u bad user=x", 11.0, &[]),
            // Another one who is told as often ends it.
            (&users(0, "xxxxxyy"), 7.0, &[" 0-6 over@6 x7 1"]),
            // And when too few are left in the window.
            (&users(0, "xxxxx"), 10.0, &[" 0-4 open x5 1"]),
            (&users(0, "xxxxx"), 10.001, &[" 0-4 over@10 x5 1"]),
            // Those who left can make it one user again, but only an event tells.
            (&users(0, "yyxxxxx"), 11.0, &[]),
            (&format!("{};12 u bad user=x", users(0, "yyxxxxx")), 12.0, &[" 2-12 open x6 1"]),
            (&format!("{};6 u stop", users(0, "xxxxx")), 9.0, &[" 0-4 over@6 x5 1"]),
            (&format!("{};6 u stop;7 u bad user=x", users(0, "xxxxx")), 9.0, &[" 0-4 over@6 x5 1"]),
            // Late, and without times.
            (
                "0 u bad user=x; 4 u bad user=x; 3 u bad user=x; 2 u bad user=x; 1 u bad user=x",
                9.0,
                &[" 0-4 open x5 1"],
            ),
            (&users(0, "xxxxx").replace("user", "untimed user").replace(char::is_numeric, "0"), 9.0, &[]),
        ],
    );
    let found = &Trial::new(ONE).findings(&users(0, "xxyxxx"), 9.0)[0];
    assert_eq!((found.threshold, found.facts["top"].as_str()), ("0.8".parse().ok(), "x: 5 of 6"));
    assert_eq!((found.facts["values"].as_str(), found.evidence.len()), ("2", 5));
}

#[test]
fn it_is_many_users() {
    check(
        MANY,
        &[
            (&users(0, "xyxyxyxy"), 9.0, &[]),
            (&users(0, "xyz"), 9.0, &[" 0-2 open x3 3"]),
            (&users(0, "xyxyz"), 9.0, &[" 0-4 open x5 3"]),
            (&users(0, "xyzw"), 9.0, &[" 0-3 open x4 4"]),
            (&users(0, "xyz"), 10.0, &[" 0-2 open x3 3"]),
            (&users(0, "xyz"), 10.001, &[" 0-2 over@10 x3 3"]),
        ],
    );
    let found = &Trial::new(MANY).findings(&users(0, "xyxz"), 9.0)[0];
    assert_eq!(
        (found.threshold, found.facts["top"].as_str(), found.title.as_str()),
        ("3".parse().ok(), "x: 2 of 4", "d")
    );
    // Both conditions: several, and one of them most of all.
    let both = MANY.replace("values = 3", "values = 2\nabove = 0.6");
    check(&both, &[(&users(0, "xxx"), 9.0, &[]), (&users(0, "xxyyx"), 9.0, &[" 0-3 over@3 x4 0.666666"])]);
}

#[test]
fn a_window_that_holds_more_than_there_is_room_for_is_told() {
    let trial = Trial::new(ONE);
    let log = |n: usize| (0..n).map(|_| "0 u bad user=x".to_owned()).collect::<Vec<_>>();
    assert!(trial.board(&log(4096), 1.0, &[]).dropped().is_empty());
    assert_eq!(trial.board(&log(4099), 1.0, &[]).dropped().get("readings of t/d"), Some(&3));
}

#[test]
fn keys_are_bounded() {
    flood(&format!("{ONE}\nby = [\"unit\"]"), "bad user=x", 30_000);
}

/// What the model keeps of a finding.
struct Told {
    first: i64,
    last: i64,
    over: Option<i64>,
    counted: Vec<usize>,
    value: Number,
}

/// Everything from the beginning, at each second.
fn model(all: &[(i64, &str)], end: i64, one: bool) -> Vec<Told> {
    let (least, within) = (if one { 5 } else { 3 }, 10);
    let mut findings: Vec<Told> = Vec::new();
    let mut over: Option<i64> = None;
    let (mut since, mut n) = (0, 0);
    // How often each user is in the window as it is at `now` with the first `n` events, most frequent last.
    let counts = |window: &[usize]| -> Vec<usize> {
        let users = ["x", "y", "z"].map(|user| window.iter().filter(|i| all[**i].1.ends_with(user)).count());
        let mut counts: Vec<usize> = users.into_iter().filter(|n| *n > 0).collect();
        counts.sort_unstable();
        counts
    };
    let fresh = |since: usize, n: usize, now: i64| -> Vec<usize> {
        (since..n).filter(|i| now - all[*i].0 <= within && all[*i].1 != "stop").collect()
    };
    let holds = |window: &[usize]| {
        let counts = counts(window);
        let top = counts.last().copied().unwrap_or(0);
        window.len() >= least && if one { top * 10 >= window.len() * 8 } else { counts.len() >= 3 }
    };
    // Only when something comes or leaves can anything change.
    let mut moments: Vec<i64> = all.iter().flat_map(|(at, _)| [*at, at + within + 1]).chain([end]).collect();
    moments.retain(|at| *at <= end);
    moments.sort_unstable();
    moments.dedup();
    for now in moments {
        if let Some(f) = findings.last_mut().filter(|f| f.over.is_none())
            && !holds(&fresh(since, n, now))
        {
            // What left the window between the second before and this one left just after the second before.
            f.over = Some(now - 1);
            over = f.over;
        }
        while n < all.len() && all[n].0 == now {
            n += 1;
            if all[n - 1].1 == "stop" {
                if let Some(f) = findings.last_mut().filter(|f| f.over.is_none()) {
                    f.over = Some(now);
                }
                (since, over) = (n, None);
                continue;
            }
            let window = fresh(since, n, now);
            let counts = counts(&window);
            let is_open = findings.last().is_some_and(|f| f.over.is_none());
            if let Some(f) = findings.last_mut().filter(|_| is_open) {
                f.counted.push(n - 1);
                f.last = now;
                if !holds(&window) {
                    f.over = Some(now);
                    over = Some(now);
                    continue;
                }
            }
            if !is_open && holds(&window) {
                if over.is_none_or(|over| now - over > within) {
                    let first = all[window[0]].0;
                    findings.push(Told { first, last: now, over: None, counted: Vec::new(), value: Number::ZERO });
                }
                let f = findings.last_mut().unwrap();
                (f.over, f.last) = (None, now);
                f.counted.extend(&window);
                f.counted.sort_unstable();
                f.counted.dedup();
            }
            if let Some(f) = findings.last_mut().filter(|f| f.over.is_none()) {
                let top = Number::count(counts.last().copied().unwrap_or(0));
                let share = Number::share(top, Number::count(window.len())).unwrap();
                f.value = f.value.max(if one { share } else { Number::count(counts.len()) });
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
        one: bool,
    ) {
        let trial = Trial::new(&format!("{}\nby = [\"unit\"]", if one { ONE } else { MANY }));
        let steps = schedule(&steps, |what| match what {
            0 => "stop",
            1..3 => "bad user=z",
            3..7 => "bad user=y",
            _ => "bad user=x",
        }.to_owned());
        let end = steps.last().map_or(0, |(at, ..)| *at) + rest;
        let mut expected = Vec::new();
        for (key, all) in by_key(&steps) {
            for f in model(&all, end, one) {
                let state = f.over.map_or("open".to_owned(), |at| format!("over@{at}"));
                expected.push(format!("{key} {}-{} {state} x{} {}", f.first, f.last, f.counted.len(), f.value));
            }
        }
        expected.sort();
        prop_assert_eq!(judged(&trial, &steps, end, &looks), expected);
    }
}
