//! Ratios at their limits; and the same against a plain model.

use proptest::prelude::*;

use super::super::tests::stage::{Trial, dropped_of};

const ACCEPTANCE: &str = "kind = \"calibration\"\non = [\"t/on\"]\ngood = [\"t/good\"]\nvalue = \"confidence\"\n\
                          expected = { high = 0.8, medium = 0.5, low = 0.3 }\nwithin = \"90d\"\nat-least = 5\n\
                          below = 0.6\nby = [\"family\"]\ndown-at = 0.2\nreset = [\"t/reset\"]";

/// Outcomes a second apart: `+` good, `-` not.
fn log(outcomes: &str, confidence: &str) -> String {
    let word = |c| if c == '+' { "good" } else { "on" };
    let lines = (0..).zip(outcomes.chars());
    lines.map(|(at, c)| format!("{at} {} family=f confidence={confidence}\n", word(c))).collect()
}

#[test]
fn the_share_of_good_ones_against_what_was_expected() {
    let trial = Trial::new(ACCEPTANCE);
    for (outcomes, confidence, told) in [
        ("----", "high", &[][..]),
        ("-----", "high", &["high,f 0-4 x5 =0 down"]),
        // 2/5 / 0.8 = 0.5; 3/5 / 0.8 = 0.75.
        ("++---", "high", &["high,f 0-4 x5 =0.5"]),
        ("+++--", "high", &[]),
        // 12/25 / 0.8 = 0.6: not below. In between it is: 11/23 / 0.8 = 0.598.
        ("++++++++++++-------------", "high", &[]),
        ("++++++++++++--------------", "high", &["high,f 0-25 x26 =0.576923"]),
        // 3/10 / 0.5 = 0.6, then 3/11 / 0.5.
        ("+++-------", "medium", &[]),
        ("+++--------", "medium", &["medium,f 0-10 x11 =0.545454"]),
        ("+-----", "low", &["low,f 0-5 x6 =0.555555"]),
        ("+----", "low", &[]),
        ("++---+", "high", &["high,f 0-4 x5 =0.5 !5"]),
        ("++---+--", "high", &["high,f 0-7 x7 =0.46875"]),
        ("-----", "unheard-of", &[]),
        ("-----", "", &[]),
        ("+--------", "high", &["high,f 0-8 x9 =0.138888 down"]),
    ] {
        assert_eq!(trial.told(&log(outcomes, confidence), 100), told, "{outcomes} {confidence}");
    }
    let facts = &trial.findings(&log("++---", "high"), 100)[0].facts;
    let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(facts, ["expected=0.8", "good=2", "n=5", "observed=0.4"]);
    let ids: Vec<String> = trial
        .findings(&(log("-----", "high") + &log("-----", "low")), 100)
        .into_iter()
        .map(|finding| finding.id)
        .collect();
    assert!(ids.len() == 2 && ids[0] != ids[1], "each word has its own finding");
}

#[test]
fn ninety_days_and_resets() {
    let trial = Trial::new(ACCEPTANCE);
    let day = 86_400;
    let at = |days: i64, word: &str| format!("{} {word} family=f confidence=high\n", days * day);
    let old = |days: i64| {
        (0..2).map(|_| at(0, "on")).collect::<String>() + &(0..3).map(|_| at(days, "on")).collect::<String>()
    };
    assert_eq!(trial.told(&old(90), 90 * day).len(), 1);
    assert_eq!(trial.told(&old(91), 91 * day).len(), 0);
    assert_eq!(trial.told(&old(1), 91 * day), ["high,f 0-86400 x5 =0 down"]);
    assert_eq!(trial.told(&old(1), 91 * day + 1), ["high,f 0-86400 x5 =0 !86400 down"]);
    assert_eq!(trial.told(&(old(1) + &at(2, "reset") + &at(3, "on")), 4 * day), ["high,f 0-86400 x5 =0 !172800 down"]);
    assert_eq!(trial.told(&(log("----", "high") + "5 reset family=f\n6 on family=f confidence=high"), 10), [""; 0]);
    let timeless = "?0 on family=f confidence=high\n".repeat(5);
    assert_eq!(trial.told(&timeless, 100 * day), ["high,f 0-0 x5 =0 down"], "an order is enough");
}

#[test]
fn what_a_bound_drops_is_told() {
    let trial = Trial::new(ACCEPTANCE);
    assert_eq!(dropped_of(100_000, &trial, |n| format!("{n} on family={n} confidence=low")), 80_000);
    let mut round = trial.round();
    (0..4_100).for_each(|n| round.line(&format!("{n} good family=f confidence=low")));
    assert_eq!(round.board.dropped()["readings of t/d"], 4);
}

/// Counts anew at each outcome: `good * 10 < limit * all` in whole numbers.
fn model(outcomes: &[(i64, bool)], within: i64, least: usize, end: i64) -> Vec<String> {
    let mut findings: Vec<(i64, i64, usize, i64, Option<i64>)> = Vec::new();
    // Since when nothing of it is left.
    let mut since = 0;
    for (at, &(now, _)) in outcomes.iter().enumerate() {
        if let (Some(finding), Some(&(last, _))) =
            (findings.last_mut(), at.checked_sub(1).and_then(|at| outcomes.get(at)))
            && now - last > within
            && finding.4.is_none()
        {
            (finding.4, since) = (Some(last), last + within);
        }
        let window: Vec<(i64, bool)> =
            outcomes[..=at].iter().filter(|(time, _)| now - time <= within).copied().collect();
        let good = window.iter().filter(|(_, good)| *good).count();
        // good / all / 0.5 < 0.8, in millionths.
        let off = window.len() >= least && good * 10 < 4 * window.len();
        let ratio = (good * 2_000_000 / window.len()) as i64;
        match findings.last_mut() {
            Some(finding) if off && (finding.4.is_none() || now - since <= within) => {
                *finding = (finding.0, now, finding.2 + 1, finding.3.min(ratio), None);
            }
            _ if off => findings.push((window[0].0, now, window.len(), ratio, None)),
            Some(finding) if finding.4.is_none() => (finding.4, since) = (Some(now), now),
            _ => {}
        }
    }
    if let (Some(finding), Some(&(last, _))) = (findings.last_mut(), outcomes.last())
        && end - last > within
    {
        finding.4.get_or_insert(last);
    }
    let over = |at: Option<i64>| at.map_or(String::new(), |at| format!(" !{at}"));
    let value = |v: i64| crate::base::Number(v).to_string();
    findings.iter().map(|f| format!("w {}-{} x{} ={}{}", f.0, f.1, f.2, value(f.3), over(f.4))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn as_the_plain_model_says_however_often_it_is_looked_at(
        steps in prop::collection::vec((prop_oneof![1i64..8, 15i64..30, Just(50)], any::<bool>()), 0..30),
        least in 1usize..5,
        looks in prop::collection::vec(0usize..30, 0..6),
    ) {
        let mut now = 0;
        let outcomes: Vec<(i64, bool)> = steps.iter().map(|&(step, good)| { now += step; (now, good) }).collect();
        let trial = Trial::new(&format!(
            "kind = \"calibration\"\non = [\"t/on\"]\ngood = [\"t/good\"]\nvalue = \"c\"\nexpected = {{ w = 0.5 }}\n\
             within = \"20s\"\nat-least = {least}\nbelow = 0.8"
        ));
        let mut round = trial.round();
        for (at, (time, good)) in outcomes.iter().enumerate() {
            if looks.contains(&at) {
                round.look(time - 1);
                round.look(*time);
            }
            round.line(&format!("{time} {} c=w", if *good { "good" } else { "on" }));
        }
        round.look(now + 21);
        prop_assert_eq!(round.told(), model(&outcomes, 20, least, now + 21));
    }
}
