//! What more rules cost: the same log with all built-in rules once, twice and ten times, in turns.
//!
//!     cargo run --release --example rules-cost -- 7 LOG...
//!
//! The further rules are twins of the built-in ones with literals of the same length and make that stand nowhere (letters
//! moved by some places). Each round runs every plan once, and the ratio of the medians is told; the time that a plan takes
//! to be made is no part of it, and is told beside it with the memory that the plan holds. All plans must count the same, or
//! the figures mean nothing. With `RULES=10` only that plan is run: for counting instructions.

use std::path::PathBuf;
use std::time::Instant;

use logtriage::rules::{self, Pack, Signature};
use logtriage::{Diagnosis, Pipeline};

fn main() -> Result<(), logtriage::base::Error> {
    let mut args = std::env::args_os().skip(1);
    let rounds = args.next().and_then(|n| n.to_str()?.parse::<usize>().ok()).unwrap_or(7);
    let paths: Vec<PathBuf> = args.map(PathBuf::from).collect();
    let mut plans = Vec::new();
    let only = std::env::var("RULES").ok().and_then(|times| times.parse::<usize>().ok());
    for times in [1, 2, 10].into_iter().filter(|times| only.is_none_or(|only| only == *times)) {
        let packs = multiplied(times);
        let (begun, before) = (Instant::now(), resident());
        let pipeline = Pipeline::builder().packs(packs).build()?;
        let took = begun.elapsed();
        plans.push((times, pipeline, took, resident().saturating_sub(before), Vec::new()));
    }
    let mut first: Option<String> = None;
    for _ in 0..rounds {
        for (times, pipeline, .., took) in &mut plans {
            let begun = Instant::now();
            let diagnosis = pipeline.diagnose(&paths);
            took.push(begun.elapsed());
            let counts = counts(&diagnosis);
            assert_eq!(*first.get_or_insert_with(|| counts.clone()), counts, "{times} times the rules count otherwise");
        }
    }
    let median = |took: &[std::time::Duration]| {
        let mut sorted = took.to_vec();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    };
    let once = plans.first().map(|(.., took)| median(took)).unwrap_or_default();
    for (times, pipeline, built, memory, took) in &plans {
        println!(
            "{times} x: {} signatures, plan made in {built:.1?}, {memory} KiB more, median {:.3?}, {:.3} of the first",
            pipeline.plan().count(),
            median(took),
            median(took).as_secs_f64() / once.as_secs_f64().max(f64::MIN_POSITIVE)
        );
    }
    Ok(())
}

/// Memory in use, in KiB; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}

/// All built-in packs, and twins of them until there are `times` as many.
fn multiplied(times: usize) -> Vec<Pack> {
    let mut packs = rules::load(&[], true).packs;
    let originals = packs.clone();
    for copy in 1..times {
        for pack in &originals {
            let signatures = pack.signatures.iter().map(|s| twin(s, copy)).collect();
            packs.push(Pack {
                name: format!("{}-{copy}", pack.name),
                signatures,
                detectors: Vec::new().into(),
                ..pack.clone()
            });
        }
    }
    packs
}

fn twin(signature: &Signature, copy: usize) -> Signature {
    let words = signature.clues.iter().flat_map(|clue| &clue.needles);
    let moved = words.map(|needle| needle.text.iter().map(|b| rot(*b, copy)).collect::<Vec<u8>>());
    let twin = Signature {
        id: format!("twin-{copy}/{}", signature.id.replace('/', "-")),
        any: moved.map(|needle| String::from_utf8_lossy(&needle).into_owned()).collect(),
        all: Vec::new(),
        none: Vec::new(),
        regex: Vec::new(),
        message_ids: Vec::new(),
        ..signature.clone()
    };
    Signature { clues: rules::clues(&twin), ..twin }
}

/// Letters so many places further that no two copies are alike.
fn rot(byte: u8, copy: usize) -> u8 {
    let by = u8::try_from((5 + 2 * copy) % 26).unwrap_or(13);
    match byte {
        b'a'..=b'z' => b'a' + (byte - b'a' + by) % 26,
        other => other,
    }
}

fn counts(diagnosis: &Diagnosis) -> String {
    let of_signatures: Vec<String> = diagnosis.signatures.iter().map(|s| format!("{} {}", s.id, s.count)).collect();
    format!("{} {} {}", diagnosis.input.records, diagnosis.severity, of_signatures.join(","))
}
