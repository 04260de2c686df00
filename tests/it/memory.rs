//! Memory that does not grow with the log: how much the program holds at most, over logs of different length.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::program::{Started, command};

/// A log of so many lines: one in `every` matches a signature or is an error that none knows.
fn log(path: &Path, lines: u64, units: u64, every: u64) {
    let mut out = BufWriter::new(fs::File::create(path).expect("a folder to write in"));
    for n in 0..lines {
        let (minute, second, milli) = (n / 60_000 % 60, n / 1000 % 60, n % 1000);
        let message = match n / every % 4 {
            _ if n % every > 0 => format!("request {n} done"),
            0 => format!("connection refused to 10.0.0.{}:5432", n % 200),
            1 => format!("ERROR request {n} failed: timeout after 30 s"),
            2 => format!("ERROR widget {n} has no teeth on side {}", n % 7),
            _ => "too many open files".to_owned(),
        };
        writeln!(
            out,
            "2026-05-11T{:02}:{minute:02}:{second:02}.{milli:03}Z host svc{}[7]: {message}",
            n / 3_600_000,
            n % units
        )
        .expect("room");
    }
}

/// What the program says of a file, and the most memory that it had, in KiB.
fn peak(path: &Path) -> (Value, u64) {
    let mut program = Started::new(command(&["-o", "json", "--no-config", path.to_str().expect("a name")]));
    let status = format!("/proc/{}/status", program.child.id());
    let mut peak = 0;
    while program.child.try_wait().expect("a child").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
        peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    let ended = program.end();
    assert_eq!(ended.code, 0, "{}", ended.err);
    (serde_json::from_str(&ended.out).expect("JSON"), peak)
}

#[test]
fn a_log_four_times_as_long_needs_no_more_memory_although_every_line_matches() {
    if !Path::new("/proc/self/status").exists() {
        eprintln!("skipped: this system does not say how much memory a process has");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("all.log");
    let [short, long] = [15_000, 60_000].map(|lines| {
        log(&path, lines, 7, 1);
        let (diagnosis, peak) = peak(&path);
        assert_eq!(diagnosis["input"]["records"], lines);
        peak
    });
    eprintln!("{short} KiB for 15,000 lines, {long} KiB for 60,000");
    assert!(short > 0, "the program was never seen");
    // 45,000 events more: 40 MiB, were they all held.
    assert!(long < short + (28 << 10), "{short} KiB for 15,000 lines, {long} KiB for 60,000");
}

#[test]
fn more_units_than_are_kept_are_counted_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("units.log");
    log(&path, 25_000, 25_000, 5);
    let (diagnosis, _) = peak(&path);
    assert_eq!(diagnosis["input"]["records"], 25_000);
    assert_eq!(diagnosis["units"].as_array().expect("units").len(), 20_000);
    let dropped = &diagnosis["input"]["dropped"];
    assert_eq!(dropped["records of further units"], 5_000);
    assert!(dropped["last lines of units"].as_u64().is_some_and(|n| n > 16_000), "{dropped}");
    assert!(dropped["matches in further units"].as_u64().is_some_and(|n| n > 200), "{dropped}");
}
