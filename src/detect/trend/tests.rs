//! The five verdicts at their limits, the test beside them, and the same against a plain model.

use proptest::prelude::*;

use super::super::tests::stage::{Trial, dropped_of};

const QUALITY: &str = "kind = \"trend\"\non = [\"t/on\"]\nvalue = \"v\"\nchange = 0.1\nat-least = 3\n\
                       by = [\"repo\", \"metric\"]\ntogether = \"metric\"\nreset = [\"t/reset\"]";

/// Snapshots of lint and type errors of a repository; `-`: the snapshot could not be taken.
fn snapshots(lint: &[&str], types: &[&str]) -> String {
    let rows = |metric: &str, values: &[&str]| -> String {
        let rows = (0..).zip(values).filter(|(_, v)| **v != "-");
        rows.map(|(at, v)| format!("{} on repo=r metric={metric} v={v}\n", at * 10)).collect()
    };
    let mut all: Vec<String> = (rows("lint", lint) + &rows("type", types)).lines().map(str::to_owned).collect();
    all.sort_by_key(|line| line.split(' ').next().unwrap().parse::<i64>().unwrap());
    all.join("\n")
}

#[test]
fn the_five_verdicts_of_a_quality_trend() {
    let trial = Trial::new(QUALITY);
    for (lint, types, words, findings) in [
        // Ten of a hundred is enough, and a millionth less is not.
        (&["10", "10", "11"][..], &["5", "5", "5"][..], ["degrading", "flat"], &["lint,r 0-20 x3 =0.1"][..]),
        (&["1000000", "7", "1099999"], &["5", "5", "5"], ["stagnant", "stagnant"], &[]),
        (&["10", "10", "9"], &["5", "5", "5"], ["improving", "flat"], &[]),
        (&["1000000", "7", "900001"], &["5", "5", "5"], ["stagnant", "stagnant"], &[]),
        (&["5", "5", "5"], &["20", "20", "25"], ["flat", "degrading"], &["type,r 0-20 x3 =0.25"]),
        (&["20", "20", "10"], &["20", "20", "25"], ["improving", "degrading"], &["type,r 0-20 x3 =0.25"]),
        (&["0", "0", "0"], &["0", "0", "0"], ["stagnant", "stagnant"], &[]),
        (&["0", "3", "1"], &["0", "0", "0"], ["degrading", "flat"], &["lint,r 0-20 x3"]),
        (&["1", "3", "0"], &["0", "0", "0"], ["improving", "flat"], &[]),
        (&["0", "3", "0"], &["0", "0", "0"], ["stagnant", "stagnant"], &[]),
        // Both need three that could be taken.
        (&["10", "20"], &["5", "5", "5"], ["flat", "flat"], &[]),
        (&["10", "-", "-", "10"], &["5", "5", "5", "5"], ["flat", "flat"], &[]),
        (&["10", "-", "10", "10"], &["5", "5", "5", "5"], ["stagnant", "stagnant"], &[]),
        (&["10", "-", "10", "12"], &["5", "5", "5", "5"], ["degrading", "flat"], &["lint,r 0-30 x3 =0.2"]),
        // Only the ends count; and it is over when they are near again.
        (&["10", "50", "10"], &["5", "5", "5"], ["stagnant", "stagnant"], &[]),
        (&["10", "10", "12", "10"], &["5", "5", "5", "5"], ["stagnant", "stagnant"], &["lint,r 0-20 x3 =0.2 !30"]),
        (&["10", "10", "12", "10", "11"], &["5"; 5], ["degrading", "flat"], &["lint,r 0-40 x4 =0.2"]),
    ] {
        let round = trial.judged(&snapshots(lint, types), 100);
        let told: Vec<String> = round.told();
        assert_eq!(told, findings, "{lint:?} {types:?}");
        let [lint_word, type_word] = words;
        let count = |values: &[&str]| values.iter().filter(|v| **v != "-").count();
        assert_eq!(
            round.trends(),
            [
                format!("t/d repo=r metric=lint: {} {lint_word}", count(lint)),
                format!("t/d repo=r metric=type: {} {type_word}", count(types))
            ],
            "{lint:?} {types:?}"
        );
    }
    let alone = trial.judged(&snapshots(&["5", "5", "5"], &[]), 100);
    assert_eq!(alone.trends(), ["t/d repo=r metric=lint: 3 flat"], "of the other nothing is known");
}

#[test]
fn facts_say_how_far_and_how_sure() {
    let trial = Trial::new(QUALITY);
    let facts = |lint: &[&str]| -> Vec<String> {
        let findings = trial.findings(&snapshots(lint, &[]), 100);
        findings[0].facts.iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    assert_eq!(
        facts(&["8", "9", "10", "11", "12"]),
        ["change=0.5", "first=8", "last=12", "n=5", "p=0.0167", "verdict=degrading"]
    );
    // A change that may be chance is a change all the same.
    assert_eq!(facts(&["8", "20", "12"]), ["change=0.5", "first=8", "last=12", "n=3", "p=1", "verdict=degrading"]);
    assert_eq!(facts(&["0", "2", "2"])[0], "change=from nothing");
}

#[test]
fn less_can_be_worse_and_windows_forget() {
    let trial = Trial::new(
        "kind = \"trend\"\non = [\"t/on\"]\nvalue = \"v\"\nchange = 0.2\nat-least = 2\nworse = \"down\"\nwithin = \"60s\"\ndown-at = 0.5\nreset = [\"t/reset\"]",
    );
    for (log, end, told) in [
        ("0 on v=0.9; 60 on v=0.72", 70, &["0-60 x2 =0.2"][..]),
        ("0 on v=0.9; 60 on v=0.720001", 70, &[]),
        ("0 on v=0.9; 61 on v=0.1", 70, &[]),
        ("0 on v=0.9; 10 on v=0.45", 70, &["0-10 x2 =0.5 down"]),
        ("0 on v=0.9; 10 on v=1.9", 70, &[]),
        ("0 on v=0.9; 10 on v=0.6; 20 on v=0.9", 70, &["0-10 x2 =0.333333 !20"]),
        ("0 on v=0.9; 10 on v=0.6", 71, &["0-10 x2 =0.333333 !10"]),
        ("0 on v=0.9; 10 reset; 20 on v=0.6", 71, &[]),
        ("0 on v=0.9; 10 on v=0.6; 20 reset", 71, &["0-10 x2 =0.333333 !20"]),
        ("10 on v=0.6; 0 on v=0.9", 20, &["0-10 x2 =0.333333"]),
        ("0 on v=-4; 10 on v=-5", 20, &["0-10 x2 =0.25"]),
        ("?0 on v=4; ?0 on v=2", 1000, &["0-0 x2 =0.5 down"]),
    ] {
        assert_eq!(trial.told(log, end), told, "{log} until {end}");
    }
    assert_eq!(trial.judged("0 on v=1; 10 on v=1", 20).trends(), ["t/d: 2 stagnant"]);
    assert_eq!(trial.judged("0 on v=1; 10 on v=2", 20).trends(), ["t/d: 2 improving"]);
}

#[test]
fn a_reset_without_the_part_resets_all_of_it() {
    let trial = Trial::new(QUALITY);
    let log = snapshots(&["10", "10", "12"], &["10", "10", "12"]);
    let told = |reset: &str| trial.told(&format!("{log}\n30 reset {reset}"), 100);
    assert_eq!(told("repo=r"), ["lint,r 0-20 x3 =0.2 !30", "type,r 0-20 x3 =0.2 !30"]);
    assert_eq!(told("repo=r metric=lint"), ["lint,r 0-20 x3 =0.2 !30", "type,r 0-20 x3 =0.2"]);
    assert_eq!(told("repo=q"), ["lint,r 0-20 x3 =0.2", "type,r 0-20 x3 =0.2"]);
}

#[test]
fn what_a_bound_drops_is_told() {
    let trial = Trial::new(QUALITY);
    assert_eq!(dropped_of(100_000, &trial, |n| format!("{n} on repo={n} metric=x v=1")), 80_000);
    let mut round = trial.round();
    for n in 0..1_101 {
        round.line(&format!("{n} on repo=r metric=x v={}", if n == 0 { 10 } else { 10 + n % 2 }));
    }
    assert_eq!(round.board.dropped()["readings of t/d"], 101);
    round.line("2000 on repo=r metric=x v=20");
    assert_eq!(round.board.findings().last().unwrap().facts["first"], "10", "the oldest is kept");
    let mut round = trial.round();
    (0..103).for_each(|n| round.line(&format!("{n} on repo=r metric={n} v=1")));
    assert_eq!(round.board.dropped()["series of t/d"], 3);
}

/// The verdict at each moment of a schedule, from all readings of the window, and what it makes of findings.
fn model(readings: &[(i64, i64)], within: i64, end: i64) -> Vec<String> {
    let mut findings: Vec<(i64, i64, usize, f64, Option<i64>)> = Vec::new();
    // Since when nothing of it is left.
    let mut since = 0;
    for (at, &(now, newest)) in readings.iter().enumerate() {
        if let (Some(finding), Some(&(last, _))) =
            (findings.last_mut(), at.checked_sub(1).and_then(|at| readings.get(at)))
            && now - last > within
            && finding.4.is_none()
        {
            (finding.4, since) = (Some(last), last + within);
        }
        let window: Vec<(i64, i64)> =
            readings[..=at].iter().filter(|(time, _)| now - time <= within).copied().collect();
        let (begin, oldest) = window[0];
        let worse = window.len() >= 3 && newest > oldest && (newest - oldest) * 4 >= oldest;
        let change = if oldest == 0 { 0.0 } else { (newest - oldest) as f64 / oldest as f64 };
        match findings.last_mut() {
            Some(finding) if worse && (finding.4.is_none() || now - since <= within) => {
                *finding = (finding.0, now, finding.2 + 1, finding.3.max(change), None);
            }
            _ if worse => findings.push((begin, now, window.len(), change, None)),
            Some(finding) if finding.4.is_none() => (finding.4, since) = (Some(now), now),
            _ => {}
        }
    }
    if let (Some(finding), Some(&(last, _))) = (findings.last_mut(), readings.last())
        && end - last > within
    {
        finding.4.get_or_insert(last);
    }
    let over = |at: Option<i64>| at.map_or(String::new(), |at| format!(" !{at}"));
    let value = |v: f64| if v == 0.0 { String::new() } else { format!(" ={}", (v * 1e6).floor() / 1e6) };
    findings.iter().map(|f| format!("{}-{} x{}{}{}", f.0, f.1, f.2, value(f.3), over(f.4))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn as_the_plain_model_says_however_often_it_is_looked_at(
        steps in prop::collection::vec((prop_oneof![1i64..8, 15i64..30, Just(50)], 0i64..8), 0..24),
        looks in prop::collection::vec(0usize..24, 0..6),
    ) {
        let mut now = 0;
        let readings: Vec<(i64, i64)> = steps.iter().map(|&(step, value)| { now += step; (now, value) }).collect();
        let trial = Trial::new("kind = \"trend\"\non = [\"t/on\"]\nvalue = \"v\"\nchange = 0.25\nat-least = 3\nwithin = \"20s\"");
        let mut round = trial.round();
        for (at, (time, value)) in readings.iter().enumerate() {
            if looks.contains(&at) {
                round.look(time - 1);
                round.look(*time);
            }
            round.line(&format!("{time} on v={value}"));
        }
        round.look(now + 21);
        prop_assert_eq!(round.told(), model(&readings, 20, now + 21));
    }
}
