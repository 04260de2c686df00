//! Each judge at its threshold: just below, at, and what ends it.

pub(in crate::detect) mod stage;
pub(in crate::detect) mod trial;

use super::*;
use crate::base::{Certainty, Number, Place, Severity, SourceId};
use crate::record::{Record, Reference};
use crate::rules;
use crate::scan::Classifier;

/// A small pack for the judges that packs configure.
const PACK: &str = r#"
[pack]
name = "t"
title = "test"
version = 1

[[signature]]
id = "gone"
class = "network"
severity = "degraded"
symptom = true
at-least = 3
within = "1min"
any = ["peer gone"]
cause = "x"
fix = [{ text = "x" }]
sample = ["peer gone"]
not = ["peer here"]

[[signature]]
id = "full"
class = "disk_full"
severity = "down"
any = ["disk full"]
cause = "x"
fix = [{ text = "x" }]
sample = ["disk full"]
not = ["disk free"]

[[signature]]
id = "engine-gone"
class = "crash"
severity = "down"
any = ["engine gone"]
unless = ["t/told"]
within = "1min"
cause = "x"
fix = [{ text = "x" }]
sample = ["engine gone"]
not = ["engine here"]

[[signature]]
id = "loading"
class = "noise"
severity = "info"
step = "loading"
any = ["model loading"]
sample = ["model loading"]
not = ["model here"]

[[signature]]
id = "ready"
class = "noise"
severity = "info"
step = "ready"
any = ["model ready"]
sample = ["model ready"]
not = ["model here"]

[[signature]]
id = "told"
class = "noise"
severity = "info"
step = "told-to-stop"
any = ["told to stop"]
sample = ["told to stop"]
not = ["told to go"]

[[signature]]
id = "back"
class = "noise"
severity = "info"
any = ["peer back"]
clears = ["t/gone"]
sample = ["peer back"]
not = ["peer gone"]

[[signature]]
id = "cancelled"
class = "noise"
severity = "info"
any = ["task cancelled"]
unless = ["t/full"]
within = "1min"
cause = "x"
sample = ["task cancelled"]
not = ["task done"]

[[detector]]
id = "storm"
kind = "count"
on = ["t/gone"]
by = ["unit"]
at-least = 4
within = "10s"
severity = "down"
finding = "retry_loop"
cause = "x"
fix = [{ text = "x" }]

[[detector]]
id = "full-then-gone"
kind = "sequence"
steps = [["t/full"], ["class:network"]]
by = ["host"]
within = "30s"
severity = "degraded"
finding = "sequence"
cause = "x"
fix = [{ text = "x" }]
"#;

fn plan() -> Plan {
    let mut packs = rules::load(&[], true).packs;
    packs.retain(|p| matches!(p.name.as_str(), "systemd" | "kernel"));
    packs.push(rules::parse("t.toml", PACK).expect("the test's own pack"));
    Plan::new(packs).expect("a plan")
}

/// Lines of a log as `seconds unit: message`; the manager's lines have the unit `-`.
fn judge(log: &str, end: i64) -> Vec<(String, Finding)> {
    let plan = plan();
    let detectors = judged(&plan, log, end);
    let findings = detectors.board().findings();
    findings.iter().map(|f| (format!("{} {}", f.finding, f.unit), f.clone())).collect()
}

fn judged<'p>(plan: &'p Plan, log: &str, end: i64) -> Detectors<'p> {
    let mut detectors = Detectors::new(plan);
    let mut classifier = Classifier::new(plan);
    let reference =
        Reference { now: Stamp(0), zone: jiff::tz::TimeZone::UTC, unit: "x".into(), boot: None, dated: false };
    for (offset, line) in (1u64..).zip(log.lines().map(str::trim).filter(|l| !l.is_empty())) {
        let (seconds, rest) = line.split_once(' ').expect("a time");
        let (unit, message) = rest.split_once(": ").expect("a unit");
        let mut record = Record::plain(message.as_bytes(), &reference);
        if unit == "-" {
            record.identifier = "systemd".into();
            let about = crate::record::manager::subject(message.as_bytes()).unwrap_or("systemd");
            record.unit = about.to_owned().into();
        } else {
            record.unit = unit.into();
            record.identifier = unit.into();
        }
        let calm = message.starts_with("INFO");
        record.state(Some(if calm { crate::base::Level::Info } else { crate::base::Level::Err }));
        let time = Stamp(seconds.parse::<i64>().expect("seconds") * 1_000_000_000);
        let place = Place { source: SourceId(1), offset };
        if let Some(event) = classifier.classify(&record, time, Certainty::Exact, place) {
            detectors.observe(&event);
        }
    }
    detectors.advance(Stamp(end * 1_000_000_000));
    detectors
}

fn crash(at: i64, n: i64) -> String {
    format!(
        "{at} -: a.service: Main process exited, code=exited, status=1/FAILURE\n\
         {at} -: a.service: Failed with result 'exit-code'.\n\
         {} -: a.service: Scheduled restart job, restart counter is at {n}.\n\
         {} -: Started a.service - A.\n",
        at + 1,
        at + 2,
    )
}

fn words(findings: &[(String, Finding)]) -> Vec<&str> {
    findings.iter().map(|(word, _)| word.as_str()).collect()
}

#[test]
fn two_crashes_are_no_loop_and_three_in_a_minute_are() {
    let two = judge(&(crash(0, 1) + &crash(30, 2)), 40);
    assert_eq!(words(&two), ["failure a.service"]);
    assert_eq!((two[0].1.count, two[0].1.severity), (2, Severity::Degraded), "it is up again");
    let three = judge(&(crash(0, 1) + &crash(30, 2) + &crash(60, 3)), 70);
    assert_eq!(words(&three), ["crash_loop a.service"]);
    assert_eq!(three[0].1.severity, Severity::Down);
    let apart = judge(&(crash(0, 1) + &crash(40, 2) + &crash(101, 3)), 110);
    assert_eq!(words(&apart), ["failure a.service"], "61 seconds from first to last");
}

#[test]
fn slow_loops_are_found_at_the_longer_scales() {
    let log: String = (0..8).map(|n| crash(n * 2500, n + 1)).collect();
    let found = judge(&log, 8 * 2500);
    assert_eq!(words(&found), ["crash_loop a.service"]);
    assert_eq!(found[0].1.severity, Severity::Degraded, "it serves most of the time");
    let log: String = (0..7).map(|n| crash(n * 2500, n + 1)).collect();
    assert_eq!(words(&judge(&log, 7 * 2500)), ["failure a.service"]);
    let every_four_hours: String = (0..8).map(|n| crash(n * 4 * 3600, n + 1)).collect();
    assert_eq!(words(&judge(&every_four_hours, 32 * 3600)), ["crash_loop a.service"]);
    let nightly: String = (0..12).map(|n| crash(n * 86_400, n + 1)).collect();
    assert_eq!(words(&judge(&nightly, 12 * 86_400)), ["failure a.service"]);
}

#[test]
fn a_unit_that_stays_up_has_recovered() {
    let log = crash(0, 1) + &crash(20, 2) + &crash(40, 3);
    assert_eq!(judge(&log, 100)[0].1.resolved, None, "58 seconds up");
    assert_eq!(judge(&log, 102)[0].1.resolved, Some(Stamp(42_000_000_000)));
    // Three times the usual distance between crashes, when that is longer than a minute.
    let slow = crash(0, 1) + &crash(300, 2) + &crash(600, 3) + &crash(900, 4) + &crash(1200, 5);
    assert_eq!(judge(&slow, 2000)[0].1.resolved, None);
    assert!(judge(&slow, 2102)[0].1.resolved.is_some());
}

#[test]
fn a_planned_stop_is_not_a_crash_whatever_the_process_says() {
    let stop = "
        0 -: Started a.service - A.
        10 -: Stopping a.service - A...
        11 -: a.service: Main process exited, code=exited, status=143/n/a
        11 -: a.service: Failed with result 'exit-code'.
        11 -: Stopped a.service - A.
        12 -: Started a.service - A.";
    assert_eq!(words(&judge(stop, 20)), Vec::<&str>::new());
    let polite = "
        0 -: Started a.service - A.
        10 -: a.service: Main process exited, code=killed, status=15/TERM";
    assert_eq!(words(&judge(polite, 20)), Vec::<&str>::new());
    let killed = polite.replace("15/TERM", "9/KILL");
    assert_eq!(words(&judge(&killed, 20)), ["failure a.service"]);
}

#[test]
fn a_clean_end_that_the_manager_restarts_again_and_again_is_a_loop() {
    let round = |at: i64| {
        format!(
            "{at} -: Started a.service - A.\n{} -: a.service: Deactivated successfully.\n\
             {} -: a.service: Scheduled restart job, restart counter is at 1.\n",
            at + 5,
            at + 6
        )
    };
    let log: String = (0..3).map(|n| round(n * 10)).collect();
    assert_eq!(words(&judge(&log, 40)), ["crash_loop a.service"]);
}

#[test]
fn one_good_end_with_a_restart_is_no_failure_and_scopes_are_bystanders() {
    let handover = "
        0 -: Started a.service - A.
        5 -: a.service: Deactivated successfully.
        6 -: a.service: Scheduled restart job, restart counter is at 1.
        7 -: Started a.service - A.
        8 -: app-x-1.scope: Failed with result 'resources'.
        9 -: Dependency failed for graphical.target - Graphical Interface.";
    assert_eq!(words(&judge(handover, 20)), Vec::<&str>::new());
}

#[test]
fn the_start_limit_is_told_once_and_is_over_when_the_unit_starts() {
    let limit = "
        0 -: a.service: Main process exited, code=exited, status=1/FAILURE
        1 -: a.service: Start request repeated too quickly.
        1 -: a.service: Failed with result 'exit-code'.
        1 -: Failed to start a.service - A.";
    let found = judge(limit, 10);
    assert_eq!(words(&found), ["failure a.service", "start_limit a.service"]);
    assert!(found.iter().all(|(_, f)| f.severity == Severity::Down && f.resolved.is_none()));
    let again = format!("{limit}\n100 -: Started a.service - A.");
    let found = judge(&again, 200);
    assert!(found.iter().all(|(_, f)| f.resolved.is_some()), "{found:?}");
}

#[test]
fn an_omen_explains_the_death_that_follows() {
    let watchdog = "
        0 -: a.service: Watchdog timeout (limit 30s)!
        1 -: a.service: Main process exited, code=killed, status=6/ABRT
        1 -: a.service: Failed with result 'watchdog'.";
    let found = judge(watchdog, 10);
    assert_eq!((found[0].1.class, found[0].1.count), (crate::base::Class::Timeout, 1));
    assert!(found[0].1.crashes[0].how.contains("watchdog"), "{:?}", found[0].1.crashes);
    let kills: String = (0..3)
        .map(|n| {
            let at = n * 100;
            format!(
                "{at} -: a.service: A process of this unit has been killed by the OOM killer.\n{}",
                crash(at, n + 1)
            )
        })
        .collect();
    let found = judge(&kills, 300);
    assert!(words(&found).contains(&"oom_loop a.service"), "{:?}", words(&found));
}

#[test]
fn what_was_said_before_the_death_is_kept_with_it() {
    let log = "
        0 a: starting
        1 a: disk full
        2 -: a.service: Main process exited, code=exited, status=1/FAILURE";
    let found = judge(log, 10);
    let crash = found.iter().find(|(_, f)| !f.crashes.is_empty()).expect("a crash");
    let said = crash.1.crashes[0].said.as_ref().expect("something was said");
    assert_eq!(said.line.text, "disk full");
}

#[test]
fn five_stops_and_starts_in_ten_minutes_are_flapping() {
    let cycle = |at: i64| {
        format!(
            "{at} -: Stopping a.service - A...\n{at} -: Stopped a.service - A.\n{} -: Started a.service - A.\n",
            at + 1
        )
    };
    let log: String = (0..4).map(|n| cycle(n * 100)).collect();
    assert_eq!(words(&judge(&log, 500)), Vec::<&str>::new());
    let log: String = (0..5).map(|n| cycle(n * 100)).collect();
    assert_eq!(words(&judge(&log, 500)), ["flapping a.service"]);
}

#[test]
fn a_unit_that_waits_for_a_failed_one_is_told_until_it_starts() {
    let log = "0 -: Dependency failed for b.service - B.";
    let found = judge(log, 10);
    assert_eq!((words(&found), found[0].1.severity), (vec!["failure b.service"], Severity::Down));
    let found = judge(&format!("{log}\n20 -: Started b.service - B."), 30);
    assert!(found[0].1.resolved.is_some());
}

#[test]
fn a_failure_is_told_after_its_number_within_its_time() {
    let say = |times: &[i64]| times.iter().map(|t| format!("{t} a: peer gone\n")).collect::<String>();
    assert_eq!(words(&judge(&say(&[0, 30]), 70)), Vec::<&str>::new());
    assert_eq!(words(&judge(&say(&[0, 30, 60]), 70)), ["failure a"]);
    assert_eq!(words(&judge(&say(&[0, 30, 61]), 70)), Vec::<&str>::new());
    let found = judge(&say(&[0, 30, 60]), 661);
    assert!(found[0].1.resolved.is_some(), "ten minutes of silence");
    assert_eq!(found[0].1.first_seen, Stamp(0), "from the first of the three");
    let loud = "0 a: disk full";
    assert_eq!(judge(loud, 100_000)[0].1.resolved, None, "silence is no recovery for what is down");
}

#[test]
fn calm_lines_and_noise_do_not_alarm() {
    let calm = "0 a: INFO peer gone\n1 a: INFO peer gone\n2 a: INFO peer gone";
    assert_eq!(words(&judge(calm, 10)), Vec::<&str>::new());
    let kernel = "0 kernel: INFO peer gone\n1 kernel: INFO peer gone\n2 kernel: INFO peer gone";
    assert_eq!(words(&judge(kernel, 10)), ["failure kernel"], "its INFO is a headline, not a level");
    assert_eq!(words(&judge("0 a: task cancelled", 10)), Vec::<&str>::new());
    let paired = "0 a: disk full\n1 a: task cancelled";
    assert_eq!(judge(paired, 10).len(), 2, "its pack says what makes it matter");
    let elsewhere = "0 b: disk full\n1 a: task cancelled";
    assert_eq!(judge(elsewhere, 10).len(), 1);
}

#[test]
fn count_looks_at_each_key_alone() {
    let say =
        |unit: &str, times: std::ops::Range<i64>| times.map(|t| format!("{t} {unit}: peer gone\n")).collect::<String>();
    let found = judge(&say("a", 0..4), 5);
    assert_eq!(words(&found), ["failure a", "retry_loop a"]);
    assert_eq!((found[1].1.value, found[1].1.threshold), (Some(Number::whole(4)), Some(Number::whole(4))));
    let mixed = "0 a: peer gone\n1 b: peer gone\n2 a: peer gone\n3 b: peer gone";
    assert_eq!(words(&judge(mixed, 5)), Vec::<&str>::new());
    assert!(judge(&say("a", 0..4), 14)[1].1.resolved.is_some(), "the window is empty");
}

#[test]
fn a_sequence_needs_its_order_and_its_time() {
    let right = judge("0 db: disk full\n30 api: peer gone", 40);
    assert_eq!(words(&right), ["failure db", "sequence db"]);
    assert_eq!(words(&judge("0 api: peer gone\n1 db: disk full", 40)), ["failure db"]);
    assert_eq!(words(&judge("0 db: disk full\n31 api: peer gone", 40)), ["failure db"]);
    let nearest = judge("0 db: disk full\n20 db: disk full\n45 api: peer gone", 50);
    assert_eq!(nearest[1].1.first_seen, Stamp(20_000_000_000), "the latest beginning that fits");
}

#[test]
fn ten_unknown_errors_of_one_unit_are_a_burst() {
    let say = |n: i64| (0..n).map(|t| format!("{t} a: gizmo {t} broke\n")).collect::<String>();
    assert_eq!(words(&judge(&say(9), 20)), Vec::<&str>::new());
    let found = judge(&say(10), 20);
    assert_eq!(words(&found), ["error_burst a"]);
    assert_eq!((found[0].1.count, found[0].1.first_seen), (10, Stamp(0)));
    assert!(judge(&say(10), 700)[0].1.resolved.is_some());
}

#[test]
fn lost_lines_are_kept_as_losses() {
    let plan = plan();
    let mut detectors = Detectors::new(&plan);
    let mut classifier = Classifier::new(&plan);
    let reference =
        Reference { now: Stamp(0), zone: jiff::tz::TimeZone::UTC, unit: "x".into(), boot: None, dated: false };
    let mut record = Record::plain(b"Suppressed 4499 messages from api.service", &reference);
    record.identifier = "systemd-journald".into();
    let place = Place { source: SourceId(1), offset: 0 };
    let event = classifier.classify(&record, Stamp(5), Certainty::Exact, place).expect("an event");
    detectors.observe(&event);
    let losses = detectors.losses();
    assert_eq!((losses[0].lines, losses[0].unit.as_deref()), (Some(4499), Some("api.service")));
}

#[test]
fn ids_do_not_depend_on_what_else_was_found() {
    let alone = judge("5 a: disk full", 10);
    let among = judge("0 b: disk full\n5 a: disk full", 10);
    assert_eq!(alone[0].1.id, among[1].1.id);
    assert_ne!(among[0].1.id, among[1].1.id);
}

#[test]
fn a_unit_that_dies_with_a_process_that_the_kernel_killed_died_of_memory() {
    let log = |unit: &str, at: i64| {
        format!(
            "0 kernel: Out of memory: Killed process 77 (mysqld) total-vm:1kB\n\
             {at} -: {unit}.service: Main process exited, code=killed, status=9/KILL"
        )
    };
    let class = |log: &str| {
        let found = judge(log, 20);
        found.iter().find(|(word, _)| word.ends_with(".service")).map(|(_, f)| f.class)
    };
    assert_eq!(class(&log("mysqld", 10)), Some(crate::base::Class::Oom));
    assert_eq!(class(&log("database", 1)), Some(crate::base::Class::Oom), "right upon it");
    assert_eq!(class(&log("database", 10)), Some(crate::base::Class::Crash));
    let container = log("web", 1).replace("code=killed, status=9/KILL", "code=exited, status=137/n/a");
    assert_eq!(class(&container), Some(crate::base::Class::Oom), "as podman passes it on");
}

#[test]
fn a_reload_that_fails_is_no_death_and_a_command_that_fails_the_unit_is_one() {
    let reload = "
        0 -: Started a.service - A.
        10 -: a.service: Control process exited, code=exited, status=1/FAILURE
        10 -: Reload failed for a.service - A.";
    assert!(judge(reload, 20).iter().all(|(_, f)| f.crashes.is_empty()), "{:?}", words(&judge(reload, 20)));
    let failed = reload.replace("Reload failed for a.service - A.", "a.service: Failed with result 'exit-code'.");
    let found = judge(&failed, 20);
    assert_eq!((found[0].1.count, found[0].1.crashes[0].how.as_str()), (1, "exited, status 1"));
}

#[test]
fn what_a_bound_keeps_out_is_counted() {
    let plan = plan();
    let mut board = Board::default();
    let mut bursts = burst::Bursts::default();
    let mut classifier = Classifier::new(&plan);
    let reference =
        Reference { now: Stamp(0), zone: jiff::tz::TimeZone::UTC, unit: "x".into(), boot: None, dated: false };
    for n in 0..20_003u64 {
        let mut record = Record::plain(b"gizmo broke", &reference);
        record.unit = format!("unit-{n}").into();
        record.state(Some(crate::base::Level::Err));
        let place = Place { source: SourceId(1), offset: n };
        let event = classifier.classify(&record, Stamp(0), Certainty::Exact, place).expect("an error");
        bursts.observe(&event, &mut board);
    }
    assert_eq!(board.dropped().get("burst units"), Some(&3));
}

#[test]
fn beyond_its_bound_a_new_life_takes_the_place_of_one_that_ended_as_soon_as_one_has() {
    let failed = |unit: &str| format!("1 -: {unit}.service: Failed with result 'exit-code'.\n");
    let mut log: String = (0..19_999).map(|n| failed(&format!("u{n}"))).collect();
    log += "1 -: Started s.service - S.\n";
    log += &(failed("refused") + &failed("refused-too"));
    log += "2 -: Stopping s.service - S...\n2 -: Stopped s.service - S.\n";
    log += &(failed("taken") + &failed("refused-again"));
    let plan = plan();
    let detectors = judged(&plan, &log, 3);
    let dropped = |bound| detectors.board().dropped().get(bound).copied();
    assert_eq!((dropped("lives of units"), dropped("lives of units that had ended")), (Some(3), Some(1)));
    let known = |name| detectors.units().any(|(unit, ..)| unit == name);
    assert_eq!(["taken.service", "s.service", "refused.service"].map(known), [true, false, false]);
}

#[test]
fn good_news_ends_a_failure_and_it_takes_as_many_to_begin_again() {
    let lost = "0 a: peer gone\n1 a: peer gone\n2 a: peer gone\n5 b: peer back\n";
    let state = |log: &str| judge(log, 20).first().map(|f| f.1.state());
    assert_eq!(state(lost), Some(State::Open), "another unit's news");
    assert_eq!(state(&format!("{lost}6 a: peer back")), Some(State::Resolved));
    let over = judge(&format!("{lost}6 a: peer back\n9 a: peer back\n15 a: peer back"), 20)[0].1.resolved;
    assert_eq!(over, Some(Stamp(6_000_000_000)), "the first good news, not the last");
    assert_eq!(state(&format!("{lost}6 a: peer back\n7 a: peer gone\n8 a: peer gone")), Some(State::Resolved));
    assert_eq!(
        state(&format!("{lost}6 a: peer back\n7 a: peer gone\n8 a: peer gone\n9 a: peer gone")),
        Some(State::Open)
    );
}

#[test]
fn a_start_without_an_end_is_unfinished() {
    let plan = plan();
    let unfinished = |log: &str| -> Vec<String> {
        judged(&plan, log, 900).unfinished().map(|u| format!("{} {}", u.unit, u.stages.len())).collect()
    };
    assert_eq!(unfinished("1 a: model loading"), ["a 1"]);
    assert_eq!(unfinished("1 a: model loading\n5 a: model loading\n9 a: model loading"), ["a 2"]);
    assert_eq!(unfinished("1 a: model loading\n5 b: model ready"), ["a 1"]);
    for end in [
        "a: model ready",
        "a: told to stop",
        "-: a.service: Main process exited, code=exited, status=1/FAILURE",
        "-: Stopping a.service - A...",
    ] {
        assert_eq!(unfinished(&format!("0 -: Started a.service - A.\n1 a: model loading\n5 {end}")), [""; 0], "{end}");
    }
    let again = "1 a: model loading\n5 a: model ready\n9 a: told to stop\n20 a: model loading";
    assert_eq!(unfinished(again), ["a 1"], "the second start");
}

#[test]
fn what_a_program_says_after_it_was_told_to_stop_is_no_failure() {
    assert_eq!(words(&judge("1 a: engine gone", 9)), ["failure a"]);
    assert!(judge("1 a: told to stop\n2 a: engine gone", 9).is_empty());
    assert!(judge("1 a.service: told to stop\n2 a: engine gone", 9).is_empty(), "two names of one unit");
    assert_eq!(words(&judge("1 b: told to stop\n2 a: engine gone", 9)), ["failure a"], "another unit");
    assert_eq!(words(&judge("1 a: told to stop\n100 a: engine gone", 109)), ["failure a"], "too long ago");
    assert_eq!(words(&judge("1 a: engine gone\n2 a: told to stop", 9)), ["failure a"], "it failed first");
}

#[test]
fn a_program_that_was_told_to_stop_did_not_crash_unless_something_was_wrong_with_it() {
    let end = "3 -: a.service: Main process exited, code=exited, status=1/FAILURE";
    let up = "0 -: Started a.service - A.";
    assert_eq!(words(&judge(&format!("{up}\n{end}"), 9)), ["failure a.service"]);
    assert!(judge(&format!("{up}\n2 a: told to stop\n{end}"), 9).is_empty());
    let watchdog = "1 -: a.service: Watchdog timeout (limit 30s)!";
    assert_eq!(words(&judge(&format!("{up}\n{watchdog}\n2 a: told to stop\n{end}"), 9)), ["failure a.service"]);
}
