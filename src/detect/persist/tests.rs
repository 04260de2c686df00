//! In so many snapshots, one after the other or not; and the same against a plain model.

use proptest::prelude::*;

use super::super::tests::stage::{Trial, dropped_of};

/// Snapshots every ten seconds, each with its files; `file*` stands twice in it.
fn log(snapshots: &[&str]) -> String {
    let mut log = String::new();
    for (at, files) in snapshots.iter().enumerate() {
        for file in files.split_whitespace() {
            let file = file.trim_end_matches('*');
            log += &format!("{} on run=r{at} repo=x file={}\n", at * 10, if file == "-" { "" } else { file });
        }
        if files.contains('*') {
            log += &format!("{} on run=r{at} repo=x file={}\n", at * 10, files.split('*').next().unwrap());
        }
    }
    log
}

#[test]
fn in_three_snapshots_not_one_after_the_other() {
    let trial = Trial::new(
        "kind = \"persist\"\non = [\"t/on\"]\nsnapshot = \"run\"\nat-least = 3\nby = [\"repo\", \"file\"]\nreset = [\"t/reset\"]\ndown-at = 4",
    );
    for (snapshots, told) in [
        (&["a", "a"][..], &[][..]),
        (&["a", "a", "a"], &["a,x 0-20 x3 =3"]),
        (&["a", "-", "a", "-", "a"], &["a,x 0-40 x3 =3"]),
        (&["a*", "a", "b"], &[]),
        (&["a b", "b a", "b"], &["b,x 0-20 x3 =3"]),
        (&["a", "a", "a", "-", "-", "a"], &["a,x 0-50 x4 =4 down"]),
    ] {
        assert_eq!(trial.told(&log(snapshots), 500), told, "{snapshots:?}");
    }
    let log = log(&["a", "a", "a"]);
    assert_eq!(trial.told(&format!("{log}30 reset repo=x file=a"), 40), ["a,x 0-20 x3 =3 !30"]);
    let early = log.replace("20 on", "15 reset repo=x file=a\n20 on");
    assert_eq!(trial.told(&early, 40), [""; 0]);
    assert_eq!(trial.told(&log.replace("run=r2", "run="), 40), [""; 0], "without a snapshot it is in none");
    let late = "0 on run=a file=f repo=x; 20 on run=c file=f repo=x; 10 on run=b file=f repo=x";
    assert_eq!(trial.told(late, 40), ["f,x 0-20 x3 =3"]);
    assert_eq!(trial.findings(&log, 40)[0].facts["snapshots"], "3");
}

#[test]
fn of_the_newest_five_and_when_it_is_over() {
    let trial = Trial::new(
        "kind = \"persist\"\non = [\"t/on\"]\nsnapshot = \"run\"\nat-least = 3\nlast = 5\nby = [\"repo\", \"file\"]",
    );
    for (snapshots, told) in [
        (&["a", "-", "a", "-", "a"][..], &["a,x 0-40 x3 =3"][..]),
        (&["a", "-", "a", "-", "-", "a"], &[]),
        (&["a", "-", "-", "a", "a"], &["a,x 0-40 x3 =3"]),
        // In three of the newest five, then in two: over with the snapshot in which it is not any more, once that is complete.
        (&["a", "a", "a", "-", "-", "-"], &["a,x 0-20 x3 =3"]),
        (&["a", "a", "a", "-", "-", "-", "-"], &["a,x 0-20 x3 =3 !50"]),
        (&["a", "a", "a", "-", "-", "a", "-", "-"], &["a,x 0-50 x4 =3 !60"]),
        // The newest snapshot may still come to it.
        (&["a", "a", "a", "-", "-", "b a"], &["a,x 0-50 x4 =3"]),
        (&["a", "a", "a", "-", "-", "-", "-", "a", "a", "a"], &["a,x 0-90 x4 =3"]),
    ] {
        assert_eq!(trial.told(&log(snapshots), 500), told, "{snapshots:?}");
    }
    assert_eq!(trial.findings(&log(&["a", "a", "b", "a"]), 40)[0].facts["snapshots"], "3 of the newest 4");
    // Another repository has snapshots of its own.
    let other =
        log(&["a", "a"]) + "25 on run=q repo=y file=a\n26 on run=s repo=y file=a\n" + "30 on run=r5 repo=x file=a";
    assert_eq!(trial.told(&other, 500), ["a,x 0-30 x3 =3"]);
}

#[test]
fn within_a_time_it_ends_by_itself() {
    let trial = Trial::new(
        "kind = \"persist\"\non = [\"t/on\"]\nsnapshot = \"run\"\nat-least = 2\nwithin = \"60s\"\nby = [\"file\"]",
    );
    for (log, end, told) in [
        ("0 on run=a file=f; 60 on run=b file=f", 60, &["f 0-60 x2 =2"][..]),
        ("0 on run=a file=f; 60 on run=b file=f", 61, &["f 0-60 x2 =2 !60"]),
        ("0 on run=a file=f; 61 on run=b file=f", 61, &[]),
        ("0 on run=a file=f; 10 on run=b file=f; 50 on run=c file=f", 110, &["f 0-50 x3 =3 !70"]),
        ("0 on run=a file=f; 10 on run=b file=f; 80 on run=c file=f; 90 on run=d file=f", 100, &["f 0-90 x3 =2"]),
        ("?0 on run=a file=f; ?0 on run=b file=f", 1000, &["f 0-0 x2 =2"]),
    ] {
        assert_eq!(trial.told(log, end), told, "{log} until {end}");
    }
}

#[test]
fn what_a_bound_drops_is_told() {
    let trial =
        Trial::new("kind = \"persist\"\non = [\"t/on\"]\nsnapshot = \"run\"\nat-least = 2\nlast = 5\nby = [\"file\"]");
    assert_eq!(dropped_of(100_000, &trial, |n| format!("{n} on run=a file={n}")), 80_000);
}

/// Each snapshot holds the bits of its files; what is true of the newest `last` at each of them.
fn model(snapshots: &[u8], last: usize, least: usize) -> Vec<String> {
    let mut told = Vec::new();
    for file in 0..3u8 {
        let holds = |at: usize| snapshots[at] >> file & 1 == 1;
        let times = |at: usize| ((at + 1).saturating_sub(last)..=at).filter(|at| holds(*at)).count();
        let first = |at: usize| ((at + 1).saturating_sub(last)..=at).find(|at| holds(*at)).unwrap();
        let mut finding: Option<(usize, usize, usize, usize, Option<usize>)> = None;
        for at in 0..snapshots.len() {
            // The snapshot before is complete now.
            if let Some(before) = at.checked_sub(1)
                && let Some(finding) = &mut finding
                && times(before) < least
            {
                finding.4.get_or_insert(before);
            }
            if !holds(at) {
                continue;
            }
            let now = times(at);
            match &mut finding {
                Some(finding) if finding.4.is_none() || now >= least => {
                    *finding = (finding.0, at, finding.2 + 1, finding.3.max(now), None);
                }
                None if now >= least => finding = Some((first(at), at, now, now, None)),
                _ => {}
            }
        }
        let over = |at: Option<usize>| at.map_or(String::new(), |at| format!(" !{at}"));
        told.extend(finding.map(|f| format!("{file} {}-{} x{} ={}{}", f.0, f.1, f.2, f.3, over(f.4))));
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn as_the_plain_model_says_however_often_it_is_looked_at(
        snapshots in prop::collection::vec(0u8..8, 0..20),
        (last, least) in (1usize..6, 1usize..4),
        looks in prop::collection::vec(0usize..20, 0..6),
    ) {
        let least = least.min(last);
        let trial = Trial::new(&format!(
            "kind = \"persist\"\non = [\"t/on\"]\nsnapshot = \"run\"\nat-least = {least}\nlast = {last}\nby = [\"file\"]"
        ));
        let mut round = trial.round();
        for (at, files) in snapshots.iter().enumerate() {
            if looks.contains(&at) {
                round.look(at as i64);
            }
            round.line(&format!("{at} on run={at} file="));
            for file in (0..3u8).filter(|file| files >> file & 1 == 1) {
                round.line(&format!("{at} on run={at} file={file}"));
            }
        }
        round.look(1000);
        let mut told = round.told();
        told.sort();
        prop_assert_eq!(told, model(&snapshots, last, least));
    }
}
