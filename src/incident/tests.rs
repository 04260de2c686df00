//! Whole small logs, and the stories that are told of them.

use super::*;
use crate::base::{Class, Severity};
use crate::{Pipeline, rules};

/// `seconds unit: message` lines as `journalctl -o short-iso` prints them; the manager's lines have the unit `-`.
fn diagnose(log: &str) -> Diagnosis {
    let packs = rules::load(&[], true).packs;
    let pipeline = Pipeline::builder().packs(packs).zone(jiff::tz::TimeZone::UTC).build().expect("built-in packs");
    let mut text = String::new();
    for line in log.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (seconds, rest) = line.split_once(' ').expect("a time");
        let (unit, message) = rest.split_once(": ").expect("a unit");
        let seconds: i64 = seconds.parse().expect("seconds");
        let name = match unit {
            "-" => "systemd[1]".to_owned(),
            "kernel" => "kernel".to_owned(),
            unit => format!("{unit}[{}]", 70 + unit.len()),
        };
        let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        text.push_str(&format!("2026-03-03T{h:02}:{m:02}:{s:02}+0000 atlas {name}: {message}\n"));
    }
    pipeline.diagnose_bytes("x.log", text.as_bytes())
}

fn crashes(unit: &str, at: i64, said: &str) -> String {
    (0..4)
        .map(|n| {
            let t = at + n * 5;
            format!(
                "{t} {unit}: {said}\n{t} -: {unit}.service: Main process exited, code=exited, status=1/FAILURE\n\
                 {t} -: {unit}.service: Failed with result 'exit-code'.\n"
            )
        })
        .collect()
}

fn refused(unit: &str, at: i64, what: &str) -> String {
    (0..4).map(|n| format!("{} {unit}: connect to {what} failed: Connection refused\n", at + n * 5)).collect()
}

#[test]
fn a_client_that_names_the_dead_unit_is_part_of_its_story() {
    let log = crashes("indexer", 100, "PermissionError: [Errno 13] Permission denied: '/wal'")
        + &refused("search", 400, "indexer:7700");
    let told = diagnose(&log);
    assert_eq!(told.incidents.len(), 1, "{}", told.summary);
    let incident = &told.incidents[0];
    assert_eq!(incident.affected, ["indexer.service", "search"]);
    assert_eq!((incident.root_cause.class, incident.root_cause.confidence), (Class::Permission, Confidence::High));
    assert!(incident.title.starts_with("indexer.service crash-loops"), "{}", incident.title);
    assert_eq!(incident.crashes.as_ref().and_then(|c| c.repeats.as_ref()).map(|r| r.crashes), Some(4));
    let units: Vec<&str> = incident.chain.iter().map(|l| l.unit.as_str()).collect();
    assert_eq!((units.first(), units.last()), (Some(&"indexer.service"), Some(&"search")));
}

#[test]
fn without_a_name_only_the_time_speaks_and_a_coincidence_is_admitted() {
    let crash = crashes("indexer", 100, "PermissionError: [Errno 13] Permission denied: '/wal'");
    let soon = diagnose(&(crash.clone() + &refused("search", 103, "10.0.0.9:99")));
    assert_eq!(soon.incidents.len(), 1);
    assert!(soon.incidents[0].alternatives.iter().any(|a| a.text.contains("coincidence")));
    let late = diagnose(&(crash + &refused("search", 500, "10.0.0.9:99")));
    assert_eq!(late.incidents.len(), 2, "six minutes after the last crash it is a story of its own");
}

#[test]
fn two_causes_at_the_same_time_are_two_stories() {
    let log = crashes("mailer", 100, "ValueError: bad template")
        + &crashes("indexer", 101, "PermissionError: [Errno 13] Permission denied: '/wal'");
    let told = diagnose(&log);
    assert_eq!(told.incidents.len(), 2);
    assert!(told.incidents.iter().all(|i| i.affected.len() == 1));
}

#[test]
fn a_port_names_its_product() {
    let disk: String = (0..3)
        .map(|n| {
            format!("{} postgres: PANIC:  could not write to file \"pg_wal/x\": No space left on device\n", 100 + n)
        })
        .collect();
    let told = diagnose(&(disk + &refused("api", 300, "127.0.0.1:5432")));
    assert_eq!(told.incidents.len(), 1, "{}", told.summary);
    assert_eq!(told.incidents[0].root_cause.class, Class::DiskFull);
    assert_eq!(told.severity, Severity::Down);
}

#[test]
fn units_that_wait_belong_to_what_they_wait_for() {
    let log =
        crashes("db", 100, "FATAL: could not open configuration file \"/etc/db.conf\": No such file or directory")
            + "116 -: Dependency failed for shop.service - Shop.\n116 -: Dependency failed for cart.service - Cart.\n";
    let told = diagnose(&log);
    assert_eq!(told.incidents.len(), 1, "{}", told.summary);
    assert_eq!(told.incidents[0].affected[0], "db.service");
    assert_eq!(told.incidents[0].affected.len(), 3);
}

#[test]
fn a_process_under_another_name_is_found_by_its_times_and_said_to_be_a_guess() {
    let log: String = (0..4)
        .map(|n| {
            let t = 100 + n * 9;
            format!(
                "{t} python3: PermissionError: [Errno 13] Permission denied: '/wal'\n\
                 {t} -: indexer.service: Main process exited, code=exited, status=1/FAILURE\n\
                 {t} -: indexer.service: Failed with result 'exit-code'.\n"
            )
        })
        .collect();
    let told = diagnose(&log);
    assert_eq!(told.incidents.len(), 1, "{}", told.summary);
    let cause = &told.incidents[0].root_cause;
    assert_eq!((cause.class, cause.confidence), (Class::Permission, Confidence::Medium));
    assert_eq!(cause.unit, "indexer.service");
}

#[test]
fn what_nobody_explains_has_low_confidence() {
    let log = crashes("odd", 100, "loaded 12 widgets");
    let cause = diagnose(&log).incidents.remove(0).root_cause;
    assert_eq!(cause.confidence, Confidence::Low);
    assert!(cause.text.contains("loaded 12 widgets"), "{}", cause.text);
}

#[test]
fn an_upgrade_shortly_before_belongs_to_the_chain() {
    let log = "90 -: Stopping indexer.service - Indexer...\n91 -: Stopped indexer.service - Indexer.\n\
               95 -: Started indexer.service - Indexer.\n"
        .to_owned()
        + &crashes("indexer", 100, "PermissionError: [Errno 13] Permission denied: '/wal'");
    let told = diagnose(&log);
    assert!(told.incidents[0].chain[0].text.contains("on purpose"), "{:?}", told.incidents[0].chain[0]);
}

#[test]
fn unknown_errors_of_one_shape_are_one_row() {
    let log: String = (0..12)
        .map(|n| format!("{} ingest: ERROR cannot frob widget {n} of 'tenant-{n}' in /data/{n}.bin\n", 100 + n))
        .collect();
    let told = diagnose(&log);
    assert_eq!(told.unclassified.len(), 1, "{:?}", told.unclassified);
    assert_eq!((told.unclassified[0].count, told.severity), (12, Severity::Degraded));
    assert_eq!(told.unclassified[0].template, "ERROR cannot frob widget <n> of <text> in <path>");
}

#[test]
fn lost_lines_are_part_of_the_verdict() {
    let told = diagnose("100 systemd-journald: Suppressed 4499 messages from api.service\n101 api: fine\n");
    assert_eq!((told.severity, told.input.suppressed), (Severity::Healthy, 4499));
    assert!(told.blind[0].text.contains("4499"), "{:?}", told.blind);
}

#[test]
fn nothing_is_not_called_healthy_without_saying_so() {
    let told = diagnose("");
    assert_eq!(told.summary, "nothing to judge: no records");
    let fine = diagnose("1 api: ready\n");
    assert_eq!((fine.severity, fine.summary.as_str()), (Severity::Healthy, "nothing wrong in 1 records"));
}

#[test]
fn clients_of_what_crashed_and_came_back_belong_to_it() {
    let log = "100 -: db.service: Main process exited, code=dumped, status=6/ABRT\n\
               100 -: db.service: Failed with result 'core-dump'.\n"
        .to_owned()
        + &refused("shop", 101, "10.0.0.9:99")
        + "118 -: Started db.service - DB.\n400 shop: fine\n";
    let told = diagnose(&log);
    assert_eq!(told.incidents.len(), 1, "{}", told.summary);
    assert_eq!(told.incidents[0].affected, ["db.service", "shop"]);
}
