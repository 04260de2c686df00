//! What the detectors cost: the same log with all detectors of the built-in packs and with none, in turns; and what they
//! remember when a million keys are offered.
//!
//!     cargo run --release --example detectors-cost -- 9 LOG...
//!
//! Each round runs both plans once, and the ratio of the medians is told. Both must see the same records and the same
//! signatures, or the figures mean nothing. The second part needs no log: it makes the rows itself.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use logtriage::rules::{self, Pack};
use logtriage::{Diagnosis, Pipeline};

/// Keys that are offered.
const KEYS: u32 = 1_000_000;

fn main() -> Result<(), logtriage::base::Error> {
    let mut args = std::env::args_os().skip(1);
    let rounds = args.next().and_then(|n| n.to_str()?.parse::<usize>().ok()).unwrap_or(9);
    let paths: Vec<PathBuf> = args.map(PathBuf::from).collect();
    if !paths.is_empty() {
        cost(rounds, &paths)?;
    }
    keys()
}

fn cost(rounds: usize, paths: &[PathBuf]) -> Result<(), logtriage::base::Error> {
    let all = rules::load(&[], true).packs;
    let none: Vec<Pack> = all.iter().map(|pack| Pack { detectors: Vec::new().into(), ..pack.clone() }).collect();
    let number: usize = all.iter().map(|pack| pack.detectors.len()).sum();
    let mut plans = Vec::new();
    for packs in [none, all] {
        plans.push((Pipeline::builder().packs(packs).build()?, Vec::new()));
    }
    let mut first: Option<String> = None;
    for _ in 0..rounds {
        for (pipeline, took) in &mut plans {
            let begun = Instant::now();
            let diagnosis = pipeline.diagnose(paths);
            took.push(begun.elapsed());
            let counts = counts(&diagnosis);
            assert_eq!(*first.get_or_insert_with(|| counts.clone()), counts, "the plans count otherwise");
        }
    }
    let medians: Vec<Duration> = plans.iter_mut().map(|(_, took)| median(took)).collect();
    if let [without, with] = medians.as_slice() {
        let share = 1.0 - without.as_secs_f64() / with.as_secs_f64().max(f64::MIN_POSITIVE);
        println!("{number} detectors: {with:.3?}, without {without:.3?}: {:.1} % of the run", share * 100.0);
    }
    Ok(())
}

/// A detector by task that is offered a million tasks, beside one that is offered a single task as often.
fn keys() -> Result<(), logtriage::base::Error> {
    let pack = rules::parse("keys.toml", PACK)
        .map_err(|found| logtriage::base::Error::new(found.first().map_or_else(String::new, ToString::to_string)))?;
    for (what, distinct) in [("one key", false), ("a million keys", true)] {
        let pipeline = Pipeline::builder().packs(vec![pack.clone()]).build()?;
        let mut log = String::new();
        for n in 0..KEYS {
            let (task, second) = (if distinct { n } else { 0 }, n / 20);
            let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
            let _ = writeln!(log, "2026-05-11T{hour:02}:{minute:02}:{second:02}Z app[7]: blocked task=T{task}");
        }
        let before = resident();
        let diagnosis = pipeline.diagnose_bytes("keys.log", log.as_bytes());
        let dropped: Vec<String> = diagnosis.input.dropped.iter().map(|(bound, n)| format!("{bound}: {n}")).collect();
        println!(
            "{what}: {} records, {} MiB at most ({} MiB before), dropped: {}",
            diagnosis.input.records,
            peak() >> 20,
            before >> 20,
            if dropped.is_empty() { "nothing".to_owned() } else { dropped.join(", ") }
        );
    }
    Ok(())
}

const PACK: &str = r#"
[pack]
name = "keys"

[[signature]]
id = "blocked"
class = "exit"
severity = "info"
regex = 'blocked task=(?P<task>T\d+)'
cause = "A task is blocked."
sample = ["blocked task=T1"]
not = ["task=T1"]

[[detector]]
id = "again"
kind = "count"
on = ["keys/blocked"]
by = ["task"]
at-least = 4096
within = "1d"
severity = "degraded"
finding = "repeated_block"
cause = "It is blocked again and again."
fix = [{ text = "Look at it" }]
"#;

fn counts(diagnosis: &Diagnosis) -> String {
    let hits: u64 = diagnosis.signatures.iter().map(|s| s.count).sum();
    format!("{} records, {hits} hits, {} unknown", diagnosis.input.records, diagnosis.unclassified.len())
}

fn median(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took.get(took.len() / 2).copied().unwrap_or_default()
}

/// Memory in bytes, as Linux tells it; 0 elsewhere.
fn status(key: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) << 10
}

fn resident() -> u64 {
    status("VmRSS")
}

fn peak() -> u64 {
    status("VmHWM")
}
