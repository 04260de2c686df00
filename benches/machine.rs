//! The record of a run: a line of JSON a bench, with the date, the processor and the compiler; no name of the machine.

use std::io::Write as _;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::Counts;
use crate::definition::Definition;
use crate::measure::{Figure, Took};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/record");

/// What was measured.
#[derive(Default)]
pub struct Record(Vec<Value>);

impl Record {
    /// One bench.
    pub fn add(&mut self, definition: &Definition, took: &Took, figures: &[Figure], counts: &Counts) {
        let figures: Map<String, Value> =
            figures.iter().map(|one| (one.unit.to_owned(), json!((one.value * 1e3).round() / 1e3))).collect();
        self.0.push(json!({
            "bench": definition.name,
            "median_ms": millis(took.median()),
            "least_ms": millis(took.least()),
            "runs": took.runs(),
            "figures": figures,
            "counts": counts,
        }));
    }

    /// Appends all to the file of the day; returns its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self) -> Result<String, String> {
        let now = jiff::Timestamp::now();
        let path = format!("{FOLDER}/{}.jsonl", now.strftime("%Y-%m-%d"));
        let head = json!({
            "date": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "cpu": cpu(),
            "threads": std::thread::available_parallelism().map_or(1, usize::from),
            "rustc": said("rustc", &["--version"]),
            "commit": said("git", &["rev-parse", "--short", "HEAD"]),
            "optimised": if cfg!(debug_assertions) { "no" } else { "yes" },
        });
        let file = std::fs::File::options().create(true).append(true).open(&path);
        let mut file = file.map_err(|why| format!("{path}: {why}"))?;
        let mut text = format!("{head}\n");
        for one in &self.0 {
            text.push_str(&format!("{one}\n"));
        }
        file.write_all(text.as_bytes()).map_err(|why| format!("{path}: {why}"))?;
        Ok(path)
    }
}

fn millis(took: std::time::Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// The model of the processor, as Linux tells it.
fn cpu() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, name)| name).to_owned()
}

fn said(program: &str, args: &[&str]) -> String {
    let folder = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(program).args(args).current_dir(folder).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
