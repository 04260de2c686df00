//! The newest against those before: at the limit, with few readings, and against a plain model.

use proptest::prelude::*;

use super::super::tests::stage::{Trial, dropped_of};

/// The duration anomaly of OperationsCenter: more than twice the median of the 20 before, of 3 at least.
const DURATION: &str = "kind = \"quantile\"\non = [\"t/on\"]\nvalue = \"v\"\nq = 0.5\ntimes = 2\nat-least = 3\nlast = 20\n\
                        by = [\"role\"]\nreset = [\"t/reset\"]\ndown-at = 1000";

fn log(values: &[&str]) -> String {
    (0..).zip(values).map(|(at, v)| format!("{} on role=goal v={v}\n", at * 10)).collect()
}

#[test]
fn a_run_that_took_twice_as_long_as_usual() {
    let trial = Trial::new(DURATION);
    for (values, told) in [
        (&["10", "10", "21"][..], &[][..]),
        (&["10", "10", "10", "20"], &[]),
        (&["10", "10", "10", "20.000001"], &["goal 30-30 x1 =20.000001"]),
        (&["10", "20", "10", "20", "31"], &["goal 40-40 x1 =31"]),
        (&["10", "20", "10", "20", "30"], &[]),
        (&["10", "10", "10", "30", "10"], &["goal 30-30 x1 =30 !40"]),
        (&["10", "10", "10", "30", "10", "40"], &["goal 30-50 x2 =40"]),
        (&["10", "10", "10", "30", "1000"], &["goal 30-40 x2 =1000 down"]),
        (&["0", "0", "0", "5"], &[]),
        (&["10", "10", "10", "x", "30"], &["goal 40-40 x1 =30"]),
    ] {
        assert_eq!(trial.told(&log(values), 500), told, "{values:?}");
    }
    let facts = &trial.findings(&log(&["10", "12", "20", "30"]), 100)[0];
    assert_eq!(facts.threshold, Some(crate::base::Number::whole(24)));
    let facts: Vec<String> = facts.facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(facts, ["before=12", "q=0.5", "times=2.5"]);
    // Only the newest twenty before it count.
    let long = |old: usize, new: usize| -> Vec<&str> {
        let mut values = vec!["100"; old];
        values.extend(vec!["10"; new]);
        values.push("30");
        values
    };
    assert_eq!(trial.told(&log(&long(30, 10)), 5000), [""; 0], "the median of tens and hundreds is 55");
    assert_eq!(trial.told(&log(&long(30, 11)), 5000).len(), 1);
    let apart = "0 on role=a v=1; 1 on role=a v=1; 2 on role=a v=1; 3 on role=b v=9";
    assert_eq!(trial.told(apart, 10), [""; 0]);
    let reset = "0 on role=a v=1; 1 on role=a v=1; 2 on role=a v=1; 3 reset role=a; 4 on role=a v=9";
    assert_eq!(trial.told(reset, 10), [""; 0]);
    let over = "0 on role=a v=1; 1 on role=a v=1; 2 on role=a v=1; 3 on role=a v=9; 4 reset role=a";
    assert_eq!(trial.told(over, 10), ["a 3-3 x1 =9 !4"]);
    let late = "0 on role=a v=1; 1 on role=a v=1; 3 on role=a v=9; 2 on role=a v=1";
    assert_eq!(trial.told(late, 10), ["a 3-3 x1 =9"], "what came late makes it three before");
}

#[test]
fn the_newest_twenty_against_two_hundred_before() {
    let trial = Trial::new(
        "kind = \"quantile\"\non = [\"t/on\"]\nvalue = \"v\"\nq = 0.9\ntimes = 1.5\nat-least = 100\nlast = 200\nrecent = 20",
    );
    let usual = |n: i64| (0..n).map(|at| format!("{at} on v={}\n", 100 + at % 10)).collect::<String>();
    let slow = |from: i64, n: i64| (from..from + n).map(|at| format!("{at} on v=400\n")).collect::<String>();
    assert_eq!(trial.told(&(usual(116) + &slow(116, 3)), 500), [""; 0], "99 before");
    let told = trial.told(&(usual(117) + &slow(117, 3)), 500);
    assert_eq!(told, ["100-119 x20 =400"], "{told:?}");
    assert_eq!(trial.told(&(usual(300) + &slow(300, 2)), 500), [""; 0], "two of twenty are below the 90th");
    let told = trial.told(&(usual(300) + &slow(300, 400)), 1500);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains('!'), "in the end it is as usual: {told:?}");
    assert_eq!(trial.judged(&usual(117), 500).trends(), ["t/d: 117 flat"]);
}

#[test]
fn what_a_bound_drops_is_told() {
    let trial = Trial::new(DURATION);
    assert_eq!(dropped_of(100_000, &trial, |n| format!("{n} on role={n} v=1")), 80_000);
}

/// Sorts everything anew at each reading.
fn model(values: &[i64], recent: usize, last: usize, least: usize, q: i64) -> Vec<String> {
    // In hundredths, q in tenths: all divisions come out even.
    let quantile = |values: &[i64]| -> i64 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let place = q * (sorted.len() as i64 - 1);
        let (at, beyond) = ((place / 10) as usize, place % 10);
        let high = sorted.get(at + 1).copied().unwrap_or(sorted[at]);
        sorted[at] * 100 + (high - sorted[at]) * beyond * 10
    };
    let mut findings: Vec<(usize, usize, usize, i64, Option<usize>)> = Vec::new();
    for now in 0..values.len() {
        if now + 1 < recent + least {
            continue;
        }
        let cut = now + 1 - recent;
        let newest = quantile(&values[cut..=now]);
        let before = quantile(&values[cut.saturating_sub(last)..cut]);
        let holds = before > 0 && newest > 2 * before;
        match findings.last_mut() {
            Some(finding) if holds => *finding = (finding.0, now, finding.2 + 1, finding.3.max(newest), None),
            None if holds => findings.push((cut, now, recent, newest, None)),
            Some(finding) => {
                finding.4.get_or_insert(now);
            }
            None => {}
        }
    }
    let over = |at: Option<usize>| at.map_or(String::new(), |at| format!(" !{at}"));
    let value = |v: i64| crate::base::Number(v * 10_000).to_string();
    findings.iter().map(|f| format!("{}-{} x{} ={}{}", f.0, f.1, f.2, value(f.3), over(f.4))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn as_the_plain_model_says_however_often_it_is_looked_at(
        values in prop::collection::vec(0i64..9, 0..30),
        (recent, last, least) in (1usize..4, 1usize..8, 1usize..4),
        q in 0i64..=10,
        looks in prop::collection::vec(0usize..24, 0..6),
    ) {
        let least = least.min(last);
        let trial = Trial::new(&format!(
            "kind = \"quantile\"\non = [\"t/on\"]\nvalue = \"v\"\nq = {}\ntimes = 2\nat-least = {least}\nlast = {last}\nrecent = {recent}",
            q as f64 / 10.0
        ));
        let mut round = trial.round();
        for (at, value) in values.iter().enumerate() {
            if looks.contains(&at) {
                round.look(at as i64);
            }
            round.line(&format!("{at} on v={value}"));
        }
        round.look(1000);
        prop_assert_eq!(round.told(), model(&values, recent, last, least, q));
    }
}
