//! Sums at their limit, at the edge of the window and at midnight; and the same against a plain model.

use proptest::prelude::*;

use super::super::tests::stage::{Trial, dropped_of};
use super::{DAY, MOST_READINGS};

#[test]
fn five_in_five_minutes_and_when_it_is_over() {
    let trial = Trial::new(
        "kind = \"budget\"\non = [\"t/on\"]\nvalue = \"v\"\nabove = 5\nwithin = \"5min\"\ndown-at = 15\nby = [\"agent\"]\nreset = [\"t/reset\"]",
    );
    for (log, end, told) in [
        ("0 on v=5", 10, &[][..]),
        ("0 on v=5.000001", 10, &[" 0-0 x1 =5.000001"]),
        ("0 on v=2.5; 10 on v=2.5", 20, &[]),
        ("0 on v=2.5; 10 on v=2.6", 20, &[" 0-10 x2 =5.1"]),
        ("0 on v=2.5; 300 on v=2.6", 300, &[" 0-300 x2 =5.1"]),
        ("0 on v=2.5; 300 on v=2.6", 301, &[" 0-300 x2 =5.1 !300"]),
        ("0 on v=2.5; 301 on v=2.6", 310, &[]),
        // Over at the moment at which enough of it has left the window.
        ("0 on v=3; 100 on v=3; 200 on v=1", 350, &[" 0-200 x3 =7 !300"]),
        ("0 on v=1; 100 on v=3; 200 on v=3", 400, &[" 0-200 x3 =7"]),
        ("0 on v=1; 100 on v=3; 200 on v=3", 1000, &[" 0-200 x3 =7 !400"]),
        // Soon it is the same again, with what is new; later it is another one.
        ("0 on v=6; 400 on v=6", 450, &[" 0-400 x2 =6"]),
        ("0 on v=6; 600 on v=6", 650, &[" 0-600 x2 =6"]),
        ("0 on v=6; 601 on v=6", 650, &[" 0-0 x1 =6 !300", " 601-601 x1 =6"]),
        ("0 on v=14.999999", 10, &[" 0-0 x1 =14.999999"]),
        ("0 on v=14; 10 on v=1", 20, &[" 0-10 x2 =15 down"]),
        ("0 on agent=a v=4; 1 on agent=b v=4", 20, &[]),
        ("0 on v=4; 1 reset; 2 on v=4", 20, &[]),
        ("0 on v=6; 1 reset; 2 on v=4", 20, &[" 0-0 x1 =6 !1"]),
        // A credit.
        ("0 on v=6; 1 on v=-2; 2 on v=1", 20, &[" 0-0 x1 =6 !1"]),
        // What comes late counts where it belongs, or not at all when its window is over.
        ("0 on v=3; 300 on v=0; 100 on v=3", 300, &[" 0-300 x3 =6"]),
        ("301 on v=3; 0 on v=3; 302 on v=2", 310, &[]),
        ("?0 on v=60; ?0 on v=60", 310, &[]),
        ("0 on v=9223372036854; 1 on v=9223372036854; 2 on v=1", 10, &[" 0-2 x3 =9223372036854.775807 down"]),
    ] {
        assert_eq!(trial.told(log, end), told, "{log} until {end}");
    }
}

#[test]
fn a_day_of_utc_begins_at_midnight() {
    let trial = Trial::new(
        "kind = \"budget\"\non = [\"t/on\"]\nvalue = \"v\"\nfrom = 50\nper-day = true\nreset = [\"t/reset\"]",
    );
    // 2026-03-29 00:00 UTC: in that night, clocks in Europe are put forward.
    let midnight = 1_774_742_400i64;
    let log =
        |parts: &[(i64, &str)]| parts.iter().map(|(at, v)| format!("{} on v={v}\n", midnight + at)).collect::<String>();
    let told = |parts: &[(i64, &str)], end: i64| -> Vec<String> {
        let findings = trial.findings(&log(parts), midnight + end);
        let line = |f: &crate::detect::Finding| {
            let over = f.resolved.map_or(String::new(), |at| format!(" !{}", at.0 / 1_000_000_000 - midnight));
            format!("{} x{} ={}{over}", f.facts["day"], f.count, f.value.unwrap())
        };
        findings.iter().map(line).collect()
    };
    assert_eq!(told(&[(0, "25"), (86_399, "25")], 86_399), ["2026-03-29 x2 =50"]);
    assert_eq!(told(&[(0, "25"), (86_399, "24.999999")], 86_399), [""; 0]);
    assert_eq!(told(&[(-1, "25"), (0, "25")], 10), [""; 0], "over midnight");
    assert_eq!(told(&[(0, "25"), (86_400, "25")], 86_410), [""; 0], "the day has 24 hours");
    assert_eq!(told(&[(-1, "60"), (0, "25")], 10), ["2026-03-28 x1 =60 !0"]);
    assert_eq!(told(&[(10, "60")], 86_399), ["2026-03-29 x1 =60"]);
    assert_eq!(told(&[(10, "60")], 86_400), ["2026-03-29 x1 =60 !86400"]);
    assert_eq!(told(&[(10, "60"), (86_500, "70")], 86_600), ["2026-03-29 x1 =60 !86400", "2026-03-30 x1 =70"]);
    assert_eq!(told(&[(10, "20"), (30, "20"), (20, "20")], 86_600), ["2026-03-29 x3 =60 !86400"], "late, the same day");
    assert_eq!(told(&[(-1, "20"), (30, "20"), (-2, "40")], 100), [""; 0], "late, the day before");
    let reset = format!("{}{} reset\n{}", log(&[(10, "40")]), midnight + 20, log(&[(30, "40")]));
    assert_eq!(trial.told(&reset, midnight + 40), [""; 0]);
    let finding = &trial.findings(&log(&[(10, "60")]), midnight + 20)[0];
    assert_eq!((finding.window, finding.threshold), (Some(DAY), Some(crate::base::Number::whole(50))));
}

#[test]
fn too_many_readings_are_added_up_in_parts_of_the_window() {
    let trial = Trial::new("kind = \"budget\"\non = [\"t/on\"]\nvalue = \"v\"\nabove = 9000\nwithin = \"100s\"");
    let mut round = trial.round();
    for n in 0..10_000 {
        round.line(&format!("{} on v=1", f64::from(n) / 100.0));
    }
    round.look(100);
    assert_eq!(round.told(), ["0-99.99 x10000 =10000"]);
    assert!(round.board.dropped()["single readings of t/d"] >= 1);
    round.look(120);
    let over = round.board.findings()[0].resolved.unwrap().0;
    assert!((109_900_000_000..=110_200_000_000).contains(&over), "{over}: a thousandth of the window at most");
    const { assert!(MOST_READINGS < 10_000) };
}

#[test]
fn what_a_bound_drops_is_told() {
    let trial =
        Trial::new("kind = \"budget\"\non = [\"t/on\"]\nvalue = \"v\"\nabove = 1\nwithin = \"5s\"\nby = [\"k\"]");
    assert_eq!(dropped_of(100_000, &trial, |n| format!("{n} on k={n} v=2")), 80_000);
}

/// Every moment of a schedule, judged anew from all that came before: first, last, count, sum, over.
fn model(readings: &[(i64, i64)], within: i64, end: i64) -> Vec<String> {
    let mut findings: Vec<(i64, i64, usize, i64, Option<i64>)> = Vec::new();
    let sum = |window: &[(i64, i64)]| window.iter().map(|(_, value)| value).sum::<i64>();
    for (at, &(now, _)) in readings.iter().enumerate() {
        let window: Vec<(i64, i64)> =
            readings[..=at].iter().filter(|(time, _)| now - time <= within).copied().collect();
        let total = sum(&window);
        match findings.last_mut() {
            Some(finding) if total > 9 && finding.4.is_none_or(|over| now - over <= within) => {
                let fresh = finding.4.map_or(1, |over| window.iter().filter(|(time, _)| *time > over).count());
                *finding = (finding.0, now, finding.2 + fresh, finding.3.max(total), None);
            }
            _ if total > 9 => findings.push((window[0].0, now, window.len(), total, None)),
            Some(finding) => {
                finding.4.get_or_insert(now);
            }
            None => {}
        }
        // Until the next reading, the window empties from its beginning.
        let next = readings.get(at + 1).map_or(end, |(time, _)| *time);
        for leaving in 1..=window.len() {
            let moment = window[leaving - 1].0 + within;
            let together = window.get(leaving).is_some_and(|(time, _)| time + within == moment);
            if moment >= next || together {
                continue;
            }
            if let Some(finding) = findings.last_mut()
                && sum(&window[leaving..]) <= 9
            {
                finding.4.get_or_insert(moment);
            }
        }
    }
    let over = |at: Option<i64>| at.map_or(String::new(), |at| format!(" !{at}"));
    findings.iter().map(|f| format!("{}-{} x{} ={}{}", f.0, f.1, f.2, f.3, over(f.4))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn as_the_plain_model_says_however_often_it_is_looked_at(
        steps in prop::collection::vec((prop_oneof![0i64..8, Just(15i64), Just(40)], 0i64..8), 0..24),
        looks in prop::collection::vec(0usize..24, 0..6),
    ) {
        let mut now = 0;
        let readings: Vec<(i64, i64)> = steps.iter().map(|&(step, value)| { now += step; (now, value) }).collect();
        let trial = Trial::new("kind = \"budget\"\non = [\"t/on\"]\nvalue = \"v\"\nabove = 9\nwithin = \"10s\"");
        let mut round = trial.round();
        for (at, (time, value)) in readings.iter().enumerate() {
            if looks.contains(&at) {
                round.look(time - 1);
                round.look(*time);
            }
            round.line(&format!("{time} on v={value}"));
        }
        round.look(now + 11);
        prop_assert_eq!(round.told(), model(&readings, 10, now + 11));
    }
}
