//! At the limit, in a row, and what ends it; and the same against a plain model.

use proptest::prelude::*;

use super::super::tests::stage::{Trial, dropped_of};

#[test]
fn each_comparison_at_its_limit() {
    for (compare, below, at, above) in [
        ("above = 85", false, false, true),
        ("from = 85", false, true, true),
        ("below = 85", true, false, false),
        ("to = 85", true, true, false),
    ] {
        let trial = Trial::new(&format!("kind = \"threshold\"\non = [\"t/on\"]\nvalue = \"v\"\n{compare}"));
        for (value, bad) in [("84.999999", below), ("85", at), ("85.000001", above), ("x", false), ("", false)] {
            let told = trial.told(&format!("10 on v={value}"), 20);
            let expected: Vec<String> = bad.then(|| format!("10-10 x1 ={value}")).into_iter().collect();
            assert_eq!(told, expected, "{compare}: {value}");
        }
    }
}

#[test]
fn so_many_in_a_row_by_key() {
    let trial = Trial::new(
        "kind = \"threshold\"\non = [\"t/on\"]\nvalue = \"v\"\nabove = 23\nat-least = 3\nby = [\"unit\"]\ndown-at = 24\nreset = [\"t/reset\"]",
    );
    for (log, told) in [
        ("0 on v=24; 1 on v=24", &[][..]),
        ("0 on v=23.5; 1 on v=23.6; 2 on v=23.1", &["u 0-2 x3 =23.6"]),
        ("0 on v=23.5; 1 on v=23; 2 on v=23.1; 3 on v=25", &[]),
        ("0 on v=24 unit=a; 1 on v=24 unit=b; 2 on v=24 unit=a", &[]),
        ("0 on v=23.5; 1 on v=23.6; 2 on v=23.1; 3 on v=23.9; 4 on v=23", &["u 0-3 x4 =23.9 !4"]),
        ("0 on v=24; 1 on v=23.5; 2 on v=23.5", &["u 0-2 x3 =24 down"]),
        ("0 on v=23.5; 1 on v=23.5; 2 on v=24", &["u 0-2 x3 =24 down"]),
        ("0 on v=23.5; 1 on v=23.5; 2 on v=23.5; 3 on v=23.999999; 4 on v=24; 5 on v=23.1", &["u 0-5 x6 =24 down"]),
        // It begins again within ten minutes, and with three new ones; later it is another one.
        ("0 on v=24; 1 on v=24; 2 on v=24; 3 on v=1; 4 on v=24; 5 on v=24", &["u 0-2 x3 =24 !3 down"]),
        ("0 on v=24; 1 on v=24; 2 on v=24; 3 on v=1; 4 on v=24; 5 on v=24; 603 on v=24", &["u 0-603 x6 =24 down"]),
        (
            "0 on v=24; 1 on v=24; 2 on v=24; 3 on v=1; 4 on v=24; 5 on v=24; 604 on v=24",
            &["u 0-2 x3 =24 !3 down", "u 4-604 x3 =24 down"],
        ),
        // A reset ends it and forgets what was counted.
        ("0 on v=24; 1 on v=24; 2 reset; 3 on v=24; 4 on v=24", &[]),
        ("0 on v=24; 1 on v=24; 2 on v=24; 3 reset; 4 on v=24; 5 on v=24", &["u 0-2 x3 =24 !3 down"]),
        ("0 on v=24; 1 on v=24; 2 on v=24; 3 reset unit=b", &["u 0-2 x3 =24 down"]),
        // What comes late counts where it belongs.
        ("0 on v=24; 3 on v=24; 4 on v=24; 2 on v=1", &["u 0-4 x3 =24 down"]),
        ("0 on v=24; 3 on v=24; 2 on v=1; 4 on v=24", &[]),
        ("0 on v=24; 4 on v=24; 2 on v=24", &["u 0-4 x3 =24 down"]),
        ("0 on v=24; 1 on v=24; 5 on v=1; 3 on v=24", &[]),
        // An event without the value says nothing.
        ("0 on v=24; 1 on; 2 on v=24; 3 on v=n/a; 4 on v=24", &["u 0-4 x3 =24 down"]),
    ] {
        let told: Vec<String> = told.iter().map(|told| (*told).to_owned()).collect();
        assert_eq!(trial.told(log, 5_000), told, "{log}");
    }
}

#[test]
fn within_a_time_and_over_when_it_is_silent() {
    let trial =
        Trial::new("kind = \"threshold\"\non = [\"t/on\"]\nvalue = \"v\"\nfrom = 1\nat-least = 2\nwithin = \"60s\"");
    for (log, end, told) in [
        ("0 on v=1; 60 on v=1", 70, &["0-60 x2 =1"][..]),
        ("0 on v=1; 61 on v=1", 70, &[]),
        ("0 on v=1; 61 on v=1; 100 on v=2", 160, &["61-100 x2 =2"]),
        ("0 on v=1; 61 on v=1; 100 on v=2", 161, &["61-100 x2 =2 !100"]),
        ("0 on v=1; 30 on v=1; 140 on v=1; 150 on v=1", 160, &["0-150 x4 =1"]),
        ("0 on v=1; 30 on v=1; 141 on v=1; 151 on v=1", 160, &["0-30 x2 =1 !30", "141-151 x2 =1"]),
        ("?0 on v=1; ?0 on v=1", 500, &["0-0 x2 =1"]),
    ] {
        assert_eq!(trial.told(log, end), told, "{log} until {end}");
    }
}

#[test]
fn a_share_is_exact_and_of_nothing_there_is_none() {
    let trial = Trial::new(
        "kind = \"threshold\"\non = [\"t/on\"]\nvalue = \"failed\"\nper = [\"passed\", \"failed\", \"late\"]\nfrom = 0.2\ndown-at = 0.5",
    );
    for (log, told) in [
        ("0 on passed=4 failed=1 late=0", &["0-0 x1 =0.2"][..]),
        ("0 on passed=4000001 failed=1000000 late=0", &[]),
        ("0 on passed=2 failed=1 late=0", &["0-0 x1 =0.333333"]),
        ("0 on passed=1 failed=2 late=1", &["0-0 x1 =0.5 down"]),
        ("0 on passed=0 failed=0 late=0", &[]),
        ("0 on passed=4 failed=1", &[]),
    ] {
        assert_eq!(trial.told(log, 10), told, "{log}");
    }
}

#[test]
fn what_a_bound_drops_is_told() {
    let trial = Trial::new("kind = \"threshold\"\non = [\"t/on\"]\nvalue = \"v\"\nfrom = 1\nby = [\"k\"]");
    assert_eq!(dropped_of(1_000_000, &trial, |n| format!("{n} on k={n} v=0")), 980_000);
}

/// Every moment of a schedule, judged anew from all that came before.
fn model(readings: &[(i64, i64)], least: usize, within: i64, end: i64) -> Vec<String> {
    let mut findings: Vec<(i64, i64, usize, i64, Option<i64>)> = Vec::new();
    // Since when nothing of it is left.
    let mut since = 0;
    for (at, &(now, value)) in readings.iter().enumerate() {
        let before = &readings[..at];
        // Silence since the reading before, if something was going on.
        if let (Some(&(last, _)), Some(finding)) = (before.last(), findings.last_mut())
            && finding.4.is_none()
            && now - last > within
        {
            finding.4 = Some(last);
            since = last + within;
        }
        if value < 3 {
            if let Some(finding) = findings.last_mut()
                && finding.4.is_none()
            {
                (finding.4, since) = (Some(now), now);
            }
            continue;
        }
        let run: Vec<(i64, i64)> = readings[..=at].iter().rev().take_while(|(_, value)| *value >= 3).copied().collect();
        let worst = run.iter().take(least).map(|(_, value)| *value).max().unwrap();
        let on = findings.last().is_some_and(|finding| finding.4.is_none());
        let enough = run.len() >= least && now - run[least - 1].0 <= within;
        match findings.last_mut() {
            Some(finding) if on => {
                *finding = (finding.0, now, finding.2 + 1, finding.3.max(value), None);
            }
            Some(finding) if enough && now - since <= within => {
                *finding = (finding.0, now, finding.2 + least, finding.3.max(worst), None);
            }
            _ if enough => findings.push((run[least - 1].0, now, least, worst, None)),
            _ => {}
        }
    }
    if let (Some(&(last, _)), Some(finding)) = (readings.last(), findings.last_mut())
        && finding.4.is_none()
        && end - last > within
    {
        finding.4 = Some(last);
    }
    let over = |at: Option<i64>| at.map_or(String::new(), |at| format!(" !{at}"));
    findings.iter().map(|f| format!("{}-{} x{} ={}{}", f.0, f.1, f.2, f.3, over(f.4))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn as_the_plain_model_says_however_often_it_is_looked_at(
        steps in prop::collection::vec((prop_oneof![1i64..12, Just(15i64), Just(40)], 0i64..6), 0..24),
        least in 1usize..4,
        looks in prop::collection::vec(0usize..24, 0..6),
    ) {
        let mut now = 0;
        let readings: Vec<(i64, i64)> = steps.iter().map(|&(step, value)| { now += step; (now, value) }).collect();
        let trial = Trial::new(&format!(
            "kind = \"threshold\"\non = [\"t/on\"]\nvalue = \"v\"\nfrom = 3\nat-least = {least}\nwithin = \"10s\""
        ));
        let mut round = trial.round();
        for (at, (time, value)) in readings.iter().enumerate() {
            if looks.contains(&at) {
                round.look(time - 1);
                round.look(*time);
            }
            round.line(&format!("{time} on v={value}"));
        }
        round.look(now + 11);
        prop_assert_eq!(round.told(), model(&readings, least, 10, now + 11));
    }
}
