//! A live pipe: from a line that is written to the finding that is printed, while lines come at a pace.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::{PROGRAM, Work};
use crate::Counts;
use crate::corpora::{Corpus, Scale};
use crate::definition::Definition;
use crate::measure::{Figure, Took};

/// Lines are written this often, as many as the pace asks for.
const TICK: Duration = Duration::from_millis(1);

/// One tick of so many brings a failure.
const FAILS: u64 = 20;

/// Ticks before the first failure: the format is chosen from the first ones.
const QUIET: u64 = 500;

const TIME: &[u8] = b"\"__REALTIME_TIMESTAMP\":\"";

/// Digits of a time in microseconds, until the year 2286.
const DIGITS: usize = 16;

/// Follows a pipe.
pub struct Pipe {
    /// Healthy entries, and where their time stands.
    lines: Vec<(Vec<u8>, usize)>,
    pace: u64,
    ticks: u64,
    delays: Vec<Duration>,
    printed: u64,
    records: u64,
    /// Of a processor, while lines came.
    busy: f64,
}

impl Pipe {
    pub fn new(corpus: Corpus, definition: &Definition, scale: Scale) -> Result<Pipe, String> {
        let bytes = corpus.bytes()?;
        let mut lines = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let found = line.windows(TIME.len()).position(|part| part == TIME);
            lines.push((line.to_vec(), found.ok_or("an entry has no time")? + TIME.len()));
        }
        let ticks = match scale {
            Scale::Small => 2_000,
            Scale::Middle | Scale::Large => 10_000,
        };
        Ok(Pipe { lines, pace: definition.pace, ticks, delays: vec![], printed: 0, records: 0, busy: 0.0 })
    }

    /// Failures that are written.
    fn failures(&self) -> u64 {
        (QUIET..self.ticks).filter(|tick| tick % FAILS == 0).count() as u64
    }

    fn per_tick(&self) -> u64 {
        (self.pace * u64::try_from(TICK.as_micros()).unwrap_or(1_000) / 1_000_000).max(1)
    }

    fn write(&mut self, out: &mut dyn Write) -> std::io::Result<BTreeMap<u64, Instant>> {
        let mut written = BTreeMap::new();
        let per_tick = self.per_tick();
        let mut healthy = 0;
        let mut buffer = Vec::new();
        let begun = Instant::now();
        for tick in 0..self.ticks {
            thread::sleep((TICK * u32::try_from(tick).unwrap_or(u32::MAX)).saturating_sub(begun.elapsed()));
            let fails = tick >= QUIET && tick % FAILS == 0;
            buffer.clear();
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
            for _ in u64::from(fails)..per_tick {
                let count = self.lines.len();
                if let Some((line, time)) = self.lines.get_mut(healthy % count) {
                    line[*time..*time + DIGITS].copy_from_slice(format!("{now:016}").as_bytes());
                    buffer.extend_from_slice(line);
                }
                healthy += 1;
            }
            if fails {
                let unit = unit(tick);
                buffer.extend_from_slice(
                    format!(
                        "{{\"__CURSOR\":\"s=1;i={tick:x}\",\"__REALTIME_TIMESTAMP\":\"{now:016}\",\"PRIORITY\":\"3\",\
                         \"_HOSTNAME\":\"node-7\",\"SYSLOG_IDENTIFIER\":\"{unit}\",\"_SYSTEMD_UNIT\":\"{unit}.service\",\
                         \"_PID\":\"4242\",\"MESSAGE\":\"EXT4-fs error (device vda1): read-only file system, inode 7\"}}\n"
                    )
                    .as_bytes(),
                );
            }
            out.write_all(&buffer)?;
            if fails {
                written.insert(tick, Instant::now());
            }
        }
        Ok(written)
    }
}

/// Each failure is of a unit of its own, so each is a finding.
fn unit(tick: u64) -> String {
    format!("pipe-{tick:06}")
}

impl Work for Pipe {
    fn is_long(&self) -> bool {
        true
    }

    fn run(&mut self) -> Result<(), String> {
        let mut command = Command::new(PROGRAM);
        command.args(["-o", "jsonl"]).env("TZ", "UTC").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|why| format!("{PROGRAM}: {why}"))?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let reader = thread::spawn(move || {
            let (mut seen, mut records) = (BTreeMap::new(), 0);
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let now = Instant::now();
                if line.starts_with("{\"event\":\"finding\"") {
                    let tick = line.split_once("\"unit\":\"pipe-").and_then(|(_, rest)| rest.get(..6)?.parse().ok());
                    tick.into_iter().for_each(|tick: u64| {
                        seen.entry(tick).or_insert(now);
                    });
                } else if line.starts_with("{\"event\":\"diagnosis\"") {
                    let value: Value = serde_json::from_str(&line).unwrap_or_default();
                    records = value["input"]["records"].as_u64().unwrap_or_default();
                }
            }
            (seen, records)
        });
        // Its start is another bench's.
        thread::sleep(Duration::from_millis(200));
        let (before, begun) = (busy(child.id()), Instant::now());
        let written = self.write(&mut stdin).map_err(|why| format!("the pipe: {why}"))?;
        let spent = busy(child.id()).saturating_sub(before);
        self.busy = spent.as_secs_f64() / begun.elapsed().as_secs_f64();
        drop(stdin);
        let (seen, records) = reader.join().map_err(|_| "the reader stopped")?;
        child.wait().map_err(|why| why.to_string())?;
        self.delays = written
            .iter()
            .filter_map(|(tick, begun)| Some(seen.get(tick)?.saturating_duration_since(*begun)))
            .collect();
        self.delays.sort_unstable();
        (self.printed, self.records) = (seen.len() as u64, records);
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        Ok([("records".to_owned(), self.records), ("findings".to_owned(), self.printed)].into())
    }

    /// As many as were written.
    fn oracle(&self) -> Result<Counts, String> {
        let written = [("records", self.ticks * self.per_tick()), ("findings", self.failures())];
        Ok(written.map(|(name, count)| (name.to_owned(), count)).into())
    }

    fn is_slow(&self) -> bool {
        false
    }

    fn size(&self) -> (u64, u64) {
        (0, self.ticks * self.per_tick())
    }

    fn figures(&self, _took: &Took) -> Vec<Figure> {
        let at = |share: usize| {
            let index = (self.delays.len() * share / 100).min(self.delays.len().saturating_sub(1));
            self.delays.get(index).map_or(f64::NAN, |delay| delay.as_secs_f64() * 1e6)
        };
        vec![
            Figure::new("us p50", at(50)),
            Figure::new("us p99", at(99)),
            Figure::new("us most", at(100)),
            Figure::new("% of a core", self.busy * 100.0),
        ]
    }
}

/// The time that all threads of a process ran, as Linux tells it; zero elsewhere.
fn busy(process: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
    let of = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(tasks.into_iter().flatten().flatten().filter_map(of).sum())
}
