//! Scores on logs by others (for tests only, not part of the project): they are told, and they must not get worse.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::base::{Stamp, lent};
use crate::record::{Format, Reference, Scratch};

fn files(root: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn reference(now: &str, zone: &str) -> Reference {
    Reference {
        now: Stamp::from_jiff(now.parse().unwrap()).unwrap(),
        zone: TimeZone::get(zone).unwrap(),
        unit: "u".into(),
        boot: None,
        dated: false,
    }
}

/// Does `text` print when `LOGTRIAGE_SHOW` is set? For the person who looks at what is missed.
fn show(text: impl std::fmt::Display) {
    if std::env::var_os("LOGTRIAGE_SHOW").is_some() {
        println!("{text}");
    }
}

#[test]
fn fail2ban_times_are_exact() {
    let Some(root) = lent("fail2ban") else { return };
    let reference = reference("2005-08-14T11:00:00Z", "Europe/Zurich");
    let (mut good, mut all) = (0, 0);
    for path in files(root) {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let mut expected: Option<String> = None;
        let sample: Vec<&str> = text.lines().filter(|l| !l.starts_with('#')).collect();
        let format = Format::sniff(sample.join("\n").as_bytes());
        for line in text.lines() {
            if line.trim_start_matches(['#', ' ']).starts_with("failJSON:") {
                let json = line.split_once("failJSON:").map_or("", |(_, j)| j);
                let value: Option<serde_json::Value> = serde_json::from_str(json).ok();
                expected = value.and_then(|v| v.get("time").and_then(|t| t.as_str().map(str::to_owned)));
            } else if !line.starts_with('#')
                && let Some(time) = expected.take()
            {
                let mut scratch = Scratch::default();
                let got = format.parse(line.as_bytes(), &reference, &mut scratch).and_then(|r| r.time);
                let shown =
                    got.map(|t| t.to_jiff().to_zoned(reference.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S").to_string());
                all += 1;
                let want = time.split('.').next().unwrap_or_default();
                if shown.as_deref() == Some(want) {
                    good += 1;
                } else {
                    show(format!(
                        "{} [{}]: want {want} got {shown:?}: {}",
                        path.file_name().unwrap().to_string_lossy(),
                        format.name(),
                        line.chars().take(110).collect::<String>()
                    ));
                }
            }
        }
    }
    let score = f64::from(good) / f64::from(all.max(1));
    println!("fail2ban: {good} of {all} times exact ({score:.4})");
    assert!(score >= 0.97, "{score}");
}

/// How many lines of a collection are recognised, and how many have a time.
fn recognised(name: &str, skip: &[&str]) -> Option<(f64, f64)> {
    let root = lent(name)?;
    let reference = reference("2026-11-21T00:00:00Z", "UTC");
    let (mut parsed, mut timed, mut all) = (0u32, 0u32, 0u32);
    for path in files(root) {
        let file = path.to_string_lossy().into_owned();
        if skip.iter().any(|s| file.contains(s)) {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let format = Format::sniff(&bytes[..bytes.len().min(65_536)]);
        let (mut here, mut with_time, mut lines) = (0, 0, 0);
        let mut rest = bytes.as_slice();
        let mut first_bad = None;
        while let Some(len) = format.extent(rest, true) {
            let (raw, tail) = rest.split_at(len);
            rest = tail;
            let mut scratch = Scratch::default();
            if let Some(record) = format.parse(raw, &reference, &mut scratch) {
                lines += 1;
                here += u32::from(record.parsed);
                with_time += u32::from(record.time.is_some());
                if record.time.is_none() && first_bad.is_none() {
                    first_bad = Some(String::from_utf8_lossy(raw).chars().take(100).collect::<String>());
                }
            }
        }
        show(format!(
            "{name} {} [{}] {here}/{lines} parsed, {with_time} timed {}",
            path.file_name().unwrap().to_string_lossy(),
            format.name(),
            first_bad.unwrap_or_default().trim_end()
        ));
        parsed += here;
        timed += with_time;
        all += lines;
    }
    let (p, t) = (f64::from(parsed) / f64::from(all.max(1)), f64::from(timed) / f64::from(all.max(1)));
    println!("{name}: {all} records, parsed {p:.4}, with time {t:.4}");
    Some((p, t))
}

#[test]
fn collections_are_recognised() {
    for (name, parsed, timed) in [
        ("lnav", 0.93, 0.92),
        ("plaso", 0.81, 0.78),
        ("bunyan", 1.0, 1.0),
        ("hl", 1.0, 1.0),
        ("fluent-bit", 1.0, 0.66),
        ("loghub", 1.0, 1.0),
    ] {
        if let Some((p, t)) = recognised(name, &["developers", ".csv"]) {
            assert!(p >= parsed, "{name}: parsed {p}, was {parsed}");
            assert!(t >= timed, "{name}: with time {t}, was {timed}");
        }
    }
}
