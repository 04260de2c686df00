//! The start of the program: ten lines in, the diagnosis out.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{PROGRAM, Work, counts_of, naive};
use crate::Counts;
use crate::corpora::Corpus;
use crate::measure::{Figure, Took};

/// Lines that go in.
const LINES: usize = 10;

/// Starts the program.
pub struct Start {
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Start {
    pub fn new(corpus: Corpus) -> Result<Start, String> {
        let bytes = corpus.bytes()?;
        let input: Vec<u8> = bytes.split_inclusive(|byte| *byte == b'\n').take(LINES).flatten().copied().collect();
        Ok(Start { input, output: Vec::new() })
    }
}

impl Work for Start {
    fn run(&mut self) -> Result<(), String> {
        let mut command = Command::new(PROGRAM);
        command.args(["-o", "json"]).env("TZ", "UTC").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|why| format!("{PROGRAM}: {why}"))?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        stdin.write_all(&self.input).map_err(|why| why.to_string())?;
        drop(stdin);
        let output = child.wait_with_output().map_err(|why| why.to_string())?;
        if !output.status.success() {
            return Err(format!("the program ended with {}", output.status));
        }
        self.output = output.stdout;
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        let diagnosis: Value = serde_json::from_slice(&self.output).map_err(|why| why.to_string())?;
        let list = |name: &str| diagnosis[name].as_array().map_or(0, |list| list.len() as u64);
        let records = diagnosis["input"]["records"].as_u64().unwrap_or_default();
        Ok(few(records, list("units"), list("findings")))
    }

    fn oracle(&self) -> Result<Counts, String> {
        let naive = naive()?.diagnose_bytes("-", &self.input);
        let counts = counts_of(&naive);
        let count = |name: &str| counts.get(name).copied().unwrap_or_default();
        Ok(few(count("records"), count("units"), count("findings")))
    }

    fn is_slow(&self) -> bool {
        false
    }

    fn size(&self) -> (u64, u64) {
        (self.input.len() as u64, LINES as u64)
    }

    fn figures(&self, took: &Took) -> Vec<Figure> {
        vec![
            Figure::new("ms", took.median().as_secs_f64() * 1e3),
            Figure::new("ms at least", took.least().as_secs_f64() * 1e3),
        ]
    }
}

fn few(records: u64, units: u64, findings: u64) -> Counts {
    [("records", records), ("units", units), ("findings", findings)]
        .map(|(name, count)| (name.to_owned(), count))
        .into()
}
