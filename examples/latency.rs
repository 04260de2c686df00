//! How long after a line was written is its finding printed, and what does that cost?
//!
//! `cargo run --profile quick --example latency -- PROGRAM [LINES-PER-SECOND] [SECONDS] [EVERY]` writes journal entries
//! into the standard input of `PROGRAM -o jsonl` at that rate, each with a write of its own. One entry in EVERY (50) is
//! the first failure of a unit of its own, so that a finding opens. Printed are the times from the write of such an entry
//! to the arrival of its finding here, and the processor time that the program used. The first second does not count:
//! until then a stream may be a file in disguise. A finding that does not come is an error.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let mut args = std::env::args().skip(1);
    let program = args.next().expect("latency PROGRAM [LINES-PER-SECOND] [SECONDS] [EVERY]");
    let mut number = |default: u64| args.next().map_or(default, |text| text.parse().expect("a number"));
    let (rate, seconds, every) = (number(1000), number(5), number(50).max(1));
    let mut child = Command::new(&program)
        .args(["-o", "jsonl", "--no-config"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let start = Instant::now();
    let heard = thread::spawn(move || {
        let mut heard: Vec<(u64, Duration)> = Vec::new();
        let mut twice = 0;
        for line in output.lines().map_while(Result::ok) {
            let at = start.elapsed();
            let Some(line) = line.strip_prefix("{\"event\":\"finding\"") else { continue };
            let Some((_, unit)) = line.split_once("\"unit\":\"unit-") else { continue };
            let Some(n) = unit.split('.').next().and_then(|n| n.parse().ok()) else { continue };
            if heard.iter().rev().take(100).any(|(known, _)| *known == n) {
                twice += 1;
            }
            heard.push((n, at));
        }
        (heard, twice)
    });
    let mut written: Vec<Duration> = Vec::new();
    let total = rate * (seconds + 1);
    let epoch = 1_778_540_010_000_000_u64;
    let mut used = Duration::ZERO;
    for n in 0..total {
        let due = Duration::from_nanos(n * 1_000_000_000 / rate);
        if let Some(wait) = due.checked_sub(start.elapsed()) {
            thread::sleep(wait);
        }
        if n == rate {
            used = cpu(child.id());
        }
        let at = epoch + start.elapsed().as_micros() as u64;
        let (unit, level, message) = match n % every {
            0 => (format!("unit-{}.service", n / every), 3, "too many open files (12)".to_owned()),
            _ => (format!("web-{}.service", n % 20), 6, format!("GET /api/items/{n} 200 in {} ms", n % 90)),
        };
        let line = format!(
            "{{\"__CURSOR\":\"s=8a1b2c3d4e5f60718293a4b5c6d7e8f9;i={n:x};b=5e3c7b6f0d0f4b1aa0cf9d5b7e2d1c3a;t={at:x}\",\
             \"__REALTIME_TIMESTAMP\":\"{at}\",\"_BOOT_ID\":\"5e3c7b6f0d0f4b1aa0cf9d5b7e2d1c3a\",\"PRIORITY\":\"{level}\",\
             \"_HOSTNAME\":\"node-7\",\"_TRANSPORT\":\"stdout\",\"SYSLOG_IDENTIFIER\":\"app\",\"_PID\":\"{}\",\
             \"_CMDLINE\":\"/usr/lib/app/bin/app --config /etc/app/config.toml --listen 127.0.0.1:8000\",\
             \"_SYSTEMD_CGROUP\":\"/system.slice/{unit}\",\"_SYSTEMD_UNIT\":\"{unit}\",\"MESSAGE\":\"{message}\"}}\n",
            300 + n % 20
        );
        if n % every == 0 {
            written.push(start.elapsed());
        }
        input.write_all(line.as_bytes()).expect("the program reads");
    }
    let lasted = start.elapsed() - Duration::from_secs(1);
    used = cpu(child.id()).saturating_sub(used);
    thread::sleep(Duration::from_secs(1));
    drop(input);
    let (heard, twice) = heard.join().expect("a reader");
    child.wait().expect("an end");
    let late = |(n, at): &(u64, Duration)| {
        let written = *written.get(*n as usize)?;
        (written >= Duration::from_secs(1)).then(|| at.saturating_sub(written))
    };
    let mut times: Vec<Duration> = heard.iter().filter_map(late).collect();
    times.sort();
    let at = |share: f64| times.get(((times.len() as f64 - 1.0) * share) as usize).copied().unwrap_or_default();
    println!(
        "{rate} lines/s: {} findings, p50 {:?}, p90 {:?}, p99 {:?}, max {:?}; {:.1} % of a core; told twice: {twice}",
        times.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0),
        100.0 * used.as_secs_f64() / lasted.as_secs_f64()
    );
    assert_eq!(heard.len(), written.len(), "findings (left) and entries that open one (right)");
}

/// The processor time of a process so far, in hundredths of a second as Linux counts it.
fn cpu(process: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
