//! How many lines hold which four bytes: the table `src/rules/grams.txt`, by which the rarest words of a signature are
//! chosen.
//!
//!     cargo run --example gram-counts -- LOG... > src/rules/grams.txt
//!
//! Every file counts the same, whatever its length; of a record in JSON its MESSAGE is taken, of everything else the line.
//! A file of fewer than 100 lines says too little and is left out. Give logs of many kinds, healthy ones above all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;

/// Lines of a file that are looked at.
const LINES: usize = 20_000;
/// Lines of a file that it must have.
const FEWEST: usize = 100;
/// Of 1,000 lines so many hold a gram, at least; the table has these steps.
const STEPS: [u32; 13] = [250, 175, 122, 85, 59, 41, 28, 19, 13, 9, 6, 5, 4];

fn main() -> io::Result<()> {
    let mut shares: HashMap<[u8; 4], f64> = HashMap::new();
    let mut files = 0.0;
    for path in std::env::args_os().skip(1) {
        let bytes = std::fs::read(&path)?;
        let mut counts: HashMap<[u8; 4], u32> = HashMap::new();
        let mut lines = 0;
        for message in bytes.split(|byte| *byte == b'\n').filter_map(message).take(LINES) {
            lines += 1;
            let low: Vec<u8> = message.iter().map(|byte| byte | 0x20).collect();
            let grams: HashSet<[u8; 4]> = low.windows(4).filter_map(|gram| gram.try_into().ok()).collect();
            for gram in grams.into_iter().filter(|gram| !gram.iter().any(u8::is_ascii_digit)) {
                *counts.entry(gram).or_default() += 1;
            }
        }
        if lines >= FEWEST {
            files += 1.0;
            for (gram, count) in counts {
                *shares.entry(gram).or_default() += f64::from(count) / lines as f64;
            }
        }
    }
    let mut steps: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (gram, share) in shares {
        let reached = STEPS.iter().find(|step| share / f64::max(files, 1.0) * 1000.0 >= f64::from(**step));
        if let Some(step) = reached {
            steps.entry(*step).or_default().push(word(gram));
        }
    }
    println!(
        "# Of 1,000 lines so many hold these four bytes (each with bit 5 set, as %xx where they are no letter or digit), at least."
    );
    println!(
        "# Counted over messages of logs of all kinds by examples/gram-counts.rs; those of fewer lines and those with digits are left out."
    );
    for (step, mut words) in steps.into_iter().rev() {
        words.sort_unstable();
        let mut line = step.to_string();
        for word in words {
            if line.len() + word.len() >= 118 {
                println!("{line}");
                line = step.to_string();
            }
            line = line + " " + &word;
        }
        println!("{line}");
    }
    Ok(())
}

/// The message of a line. `None`: it has none.
fn message(line: &[u8]) -> Option<Vec<u8>> {
    if line.first() != Some(&b'{') {
        return (!line.is_empty()).then(|| line.to_vec());
    }
    let record: serde_json::Value = serde_json::from_slice(line).ok()?;
    Some(record.get("MESSAGE")?.as_str()?.as_bytes().to_vec())
}

/// Letters and digits as they are, all other bytes as `%xx`.
fn word(gram: [u8; 4]) -> String {
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    };
    gram.into_iter().map(letter).collect()
}
