//! What was there from the begin on, and what was not; and the same against a plain model.

use proptest::prelude::*;

use super::super::tests::stage::{Trial, dropped_of};
use crate::base::Stamp;

#[test]
fn first_seen_later_than_an_hour_after_the_begin() {
    let trial = Trial::new(
        "kind = \"novelty\"\non = [\"t/on\"]\nafter = \"1h\"\nby = [\"k\"]\nreset = [\"t/reset\"]\ndown-at = 3",
    );
    for (log, told) in [
        ("0 on k=a; 10 on k=b", &[][..]),
        ("0 on k=a; 3600 on k=b", &[]),
        ("0 on k=a; 3600.000001 on k=b", &["b 3600.000001-3600.000001 x1 =1"]),
        ("0 on k=a; 4000 on k=a", &[]),
        ("0 good; 3601 on k=a", &["a 3601-3601 x1 =1"]),
        ("0 on k=a; 4000 on k=b; 5000 on k=b; 5001 on k=c", &["b 4000-5000 x2 =2", "c 5001-5001 x1 =1"]),
        ("0 on k=a; 4000 on k=b; 5000 on k=b; 6000 on k=b", &["b 4000-6000 x3 =3 down"]),
        // A reset ends it, and it is known from then on.
        ("0 on k=a; 4000 on k=b; 5000 reset k=b; 6000 on k=b", &["b 4000-4000 x1 =1 !5000"]),
        ("0 on k=a; ?4000 on k=b; 4000 on k=c", &["c 4000-4000 x1 =1"]),
        ("5000 on k=a; 9000 on k=b", &["b 9000-9000 x1 =1"]),
    ] {
        assert_eq!(trial.told(log, 10_000), told, "{log}");
    }
}

#[test]
fn the_begin_is_that_of_the_log_and_not_of_the_first_event() {
    let trial = Trial::new("kind = \"novelty\"\non = [\"t/on\"]\nafter = \"1h\"\nby = [\"k\"]");
    let mut round = trial.round();
    round.rules.begin(Stamp(2_000_000_000_000));
    round.rules.begin(Stamp(1_000_000_000_000));
    round.line("4600 on k=a");
    round.line("4601 on k=b");
    assert_eq!(round.told(), ["b 4601-4601 x1 =1"]);
}

#[test]
fn so_often_within_a_time_and_over_when_it_is_silent() {
    let trial = Trial::new(
        "kind = \"novelty\"\non = [\"t/on\"]\nafter = \"10s\"\nby = [\"k\"]\nat-least = 2\nwithin = \"60s\"",
    );
    for (log, end, told) in [
        ("0 good; 20 on k=a", 70, &[][..]),
        ("0 good; 20 on k=a; 80 on k=a", 90, &["a 20-80 x2 =2"]),
        ("0 good; 20 on k=a; 81 on k=a", 90, &[]),
        ("0 good; 20 on k=a; 81 on k=a; 90 on k=a", 150, &["a 81-90 x2 =2"]),
        ("0 good; 20 on k=a; 81 on k=a; 90 on k=a", 151, &["a 81-90 x2 =2 !90"]),
        ("0 good; 20 on k=a; 30 on k=a; 149 on k=a; 150 on k=a", 210, &["a 20-150 x4 =2"]),
        ("0 good; 20 on k=a; 30 on k=a; 149 on k=a; 151 on k=a", 210, &["a 20-30 x2 =2 !30", "a 149-151 x2 =2"]),
        ("0 good; 20 on k=a; 5 on k=a; 21 on k=a", 90, &[]),
    ] {
        assert_eq!(trial.told(log, end), told, "{log} until {end}");
    }
}

#[test]
fn an_error_that_no_signature_knows_is_new_by_its_template() {
    let trial = Trial::new("kind = \"novelty\"\non = [\"unclassified\"]\nafter = \"1h\"\nby = [\"template\"]");
    // The signature `none` is no signature of the pack: no hit at all.
    let log = "0 none text=job_7_lost; 4000 none text=job_8_lost; 4001 none text=disk_9_gone; 4002 on text=x";
    let findings = trial.findings(log, 5000);
    let told: Vec<(&str, &str)> = findings.iter().map(|f| (f.key["template"].as_str(), f.class.word())).collect();
    assert_eq!(told, [("disk <n> gone", "unknown")], "{findings:?}");
}

#[test]
fn what_a_bound_leaves_out_is_told_and_never_looks_new() {
    let trial = Trial::new("kind = \"novelty\"\non = [\"t/on\"]\nafter = \"1d\"\nby = [\"k\"]");
    assert_eq!(dropped_of(100_000, &trial, |n| format!("{n} on k={}", n % 50_000)), 60_000);
    let mut round = trial.round();
    (0..30_000).for_each(|n| round.line(&format!("0 on k={n}")));
    round.line("90000 on k=1");
    round.line("90000 on k=29000");
    assert_eq!(round.told(), [""; 0]);
}

/// All that is known of each key at each moment.
fn model(events: &[(i64, u8)], after: i64, least: usize, within: i64, end: i64) -> Vec<String> {
    let mut told = Vec::new();
    let begin = events.first().map_or(0, |first| first.0);
    for key in 0..3u8 {
        let times: Vec<i64> = events.iter().filter(|event| event.1 == key).map(|event| event.0).collect();
        if times.first().is_none_or(|first| first - begin <= after) {
            continue;
        }
        let mut findings: Vec<(i64, i64, usize, usize, Option<i64>)> = Vec::new();
        for (at, &now) in times.iter().enumerate() {
            if let (Some(finding), Some(&last)) = (findings.last_mut(), at.checked_sub(1).and_then(|at| times.get(at)))
                && now - last > within
            {
                finding.4.get_or_insert(last);
            }
            let window: Vec<i64> = times[..=at].iter().filter(|time| now - **time <= within).copied().collect();
            let on = findings.last().is_some_and(|finding| finding.4.is_none());
            match findings.last_mut() {
                Some(f) if on => *f = (f.0, now, f.2 + 1, f.3.max(window.len()), None),
                Some(f) if window.len() >= least && now - f.4.unwrap() - within <= within => {
                    *f = (f.0, now, f.2 + least, f.3.max(window.len()), None);
                }
                _ if window.len() >= least => findings.push((window[0], now, window.len(), window.len(), None)),
                _ => {}
            }
        }
        if let (Some(finding), Some(&last)) = (findings.last_mut(), times.last())
            && end - last > within
        {
            finding.4.get_or_insert(last);
        }
        let over = |at: Option<i64>| at.map_or(String::new(), |at| format!(" !{at}"));
        told.extend(findings.iter().map(|f| format!("{key} {}-{} x{} ={}{}", f.0, f.1, f.2, f.3, over(f.4))));
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn as_the_plain_model_says_however_often_it_is_looked_at(
        steps in prop::collection::vec((prop_oneof![1i64..8, 15i64..30, Just(50)], 0u8..3), 0..30),
        least in 1usize..4,
        looks in prop::collection::vec(0usize..30, 0..6),
    ) {
        let mut now = 0;
        let events: Vec<(i64, u8)> = steps.iter().map(|&(step, key)| { now += step; (now, key) }).collect();
        let trial = Trial::new(&format!(
            "kind = \"novelty\"\non = [\"t/on\"]\nafter = \"10s\"\nby = [\"k\"]\nat-least = {least}\nwithin = \"20s\""
        ));
        let mut round = trial.round();
        for (at, (time, key)) in events.iter().enumerate() {
            if looks.contains(&at) {
                round.look(time - 1);
                round.look(*time);
            }
            round.line(&format!("{time} on k={key}"));
        }
        round.look(now + 21);
        let mut told = round.told();
        told.sort();
        let mut model = model(&events, 10, least, 20, now + 21);
        model.sort();
        prop_assert_eq!(told, model);
    }
}
