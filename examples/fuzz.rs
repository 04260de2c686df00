//! Does the quick way say what the slow way says, whatever comes in?
//!
//!     cargo run --profile quick --example fuzz -- [--seconds N] [--seed N] [--into FOLDER] FILE-OR-FOLDER...
//!
//! Takes some lines of a file, changes them (other numbers, other bytes, lines twice, gone, cut, mixed with those of another file,
//! words of failure and samples of signatures put in), and diagnoses the result by asking every signature about every record,
//! and by the quick way in blocks of any size. Where the two differ, or one panics, it makes the input as small as it can, keeps it
//! in FOLDER (the current one), says so, and fails. The seed of a round is printed with it and repeats it (as the first round).

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, UNIX_EPOCH};

use logtriage::base::Stamp;
use logtriage::{Pipeline, rules};

/// Bytes of one input, about.
const BYTES: usize = 12_000;
/// Sizes of blocks in which the quick way reads.
const BLOCKS: &[usize] = &[64, 400, 3_000, 1 << 20];
/// What is put in: words that stand at the front of lines or mean something to a reader.
const WORDS: &[&str] = &[
    "ERROR ",
    "error: ",
    "[WARN] ",
    "level=error msg=",
    "{\"level\":\"error\",\"msg\":\"",
    "\"}",
    "<3>",
    "Traceback (most recent call last):\n",
    "  File \"a.py\", line 1\n",
    "    at a.b(C.java:1)\n",
    "panic: ",
    "\u{1b}[31m",
    "\u{1b}[0m",
    "\\u001b[31m",
    "\\n",
    "\0",
    "\r\n",
    "\n\n",
    "2026-01-09T12:00:00Z ",
    "Jan  9 12:00:00 ",
    "E0109 12:00:00.000000 1 a.go:1] ",
    "systemd[1]: ",
    "kernel: ",
    "stderr F ",
    "stdout P ",
    "MESSAGE=",
    "\"MESSAGE\":[104,105]",
    "\"PRIORITY\":\"3\"",
    "0x7f3a",
    "deadbeef1",
    "é",
    "\u{ff}",
    "failed with exit code 137",
    "out of memory",
    "connection refused",
    "no space left on device",
    "0 errors",
    "denied",
];

/// xorshift64*: the same numbers for the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n.max(1)
    }
}

struct Ways {
    /// Where the input stands: a file, because its time stands in for that of records without one.
    path: PathBuf,
    slow: Pipeline,
    quick: Vec<Pipeline>,
}

impl Ways {
    fn new(path: PathBuf) -> Ways {
        let make = |naive, block| {
            let builder = Pipeline::builder().packs(rules::load(&[], true).packs).naive(naive).block(block);
            builder
                .zone(jiff::tz::TimeZone::UTC)
                .now(Some(Stamp(1_700_000_000_000_000_000)))
                .build()
                .expect("the built-in packs are right")
        };
        Ways { path, slow: make(true, 1 << 20), quick: BLOCKS.iter().map(|block| make(false, *block)).collect() }
    }

    /// What is wrong with this input, if anything is.
    fn differ(&self, bytes: &[u8], block: usize) -> Option<String> {
        let file = fs::File::create(&self.path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        });
        file.expect("a file to read from");
        let paths = std::slice::from_ref(&self.path);
        let say = |pipeline: &Pipeline| {
            let diagnosis = catch_unwind(AssertUnwindSafe(|| pipeline.diagnose(paths)));
            diagnosis.map(|diagnosis| serde_json::to_string(&diagnosis).unwrap_or_default())
        };
        match (say(&self.slow), say(self.quick.get(block)?)) {
            (Ok(slow), Ok(quick)) if slow == quick => None,
            (Ok(slow), Ok(quick)) => {
                let at = slow.bytes().zip(quick.bytes()).take_while(|(a, b)| a == b).count();
                let show = |text: &str| text.chars().skip(at.saturating_sub(60)).take(160).collect::<String>();
                Some(format!("slow: ...{}\nquick: ...{}", show(&slow), show(&quick)))
            }
            (Err(_), _) => Some(String::from("the slow way panics")),
            (_, Err(_)) => Some(format!("the quick way panics, in blocks of {}", BLOCKS[block])),
        }
    }

    /// The same trouble with fewer lines.
    fn shrink(&self, bytes: &[u8], block: usize) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let mut size = lines.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < lines.len() {
                let mut fewer = lines.clone();
                fewer.drain(at..(at + size).min(lines.len()));
                if self.differ(&fewer.concat(), block).is_some() {
                    lines = fewer;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        lines.concat()
    }
}

fn collect(path: &Path, into: &mut Vec<Vec<u8>>) {
    if path.is_dir() {
        let Ok(entries) = fs::read_dir(path) else { return };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().for_each(|path| collect(path, into));
    } else if let Ok(bytes) = fs::read(path)
        && !bytes.is_empty()
    {
        into.push(bytes);
    }
}

/// Some lines of a file.
fn window(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let from = dice.below(bytes.len().saturating_sub(BYTES) + 1);
    let rest = &bytes[from..(from + 300 + dice.below(BYTES)).min(bytes.len())];
    let start = if from == 0 { 0 } else { rest.iter().position(|b| *b == b'\n').map_or(0, |end| end + 1) };
    rest[start..].to_vec()
}

fn change(lines: &mut Vec<Vec<u8>>, other: &[u8], samples: &[String], dice: &mut Dice) {
    let which = dice.below(lines.len());
    let kind = dice.below(12);
    if lines.is_empty() {
        return;
    }
    match kind {
        // The same line again, with other numbers.
        0..=3 => {
            let mut line = lines[which].clone();
            for byte in line.iter_mut().filter(|b| b.is_ascii_digit()) {
                if dice.below(3) == 0 {
                    *byte = b'0' + dice.below(10) as u8;
                }
            }
            let to = dice.below(lines.len() + 1);
            lines.insert(to, line);
        }
        4 => drop(lines.remove(which)),
        5 => {
            let line = &mut lines[which];
            let at = dice.below(line.len());
            if let Some(byte) = line.get_mut(at) {
                *byte = dice.below(256) as u8;
            }
        }
        6 => {
            let line = &mut lines[which];
            let from = dice.below(line.len());
            let to = (from + dice.below(12)).min(line.len());
            line.drain(from..to);
        }
        7 | 8 => {
            let word = WORDS[dice.below(WORDS.len())].as_bytes().to_vec();
            let at = dice.below(lines[which].len() + 1);
            lines[which].splice(at..at, word);
        }
        9 => {
            // A sample in place of what stands behind some word.
            let sample = samples[dice.below(samples.len())].as_bytes().to_vec();
            let spaces: Vec<usize> =
                (0..lines[which].len()).filter(|at| matches!(lines[which][*at], b' ' | b'"')).collect();
            let at = spaces.get(dice.below(spaces.len())).map_or(0, |at| at + 1);
            let end = lines[which].len() - usize::from(lines[which].ends_with(b"\n"));
            lines[which].splice(at.min(end)..end, sample);
        }
        10 => {
            let more = window(other, dice);
            let to = dice.below(lines.len() + 1);
            let line = more.split_inclusive(|b| *b == b'\n').next().unwrap_or_default().to_vec();
            lines.insert(to, line);
        }
        _ => {
            let to = dice.below(lines.len());
            lines.swap(which, to);
        }
    }
}

fn main() -> ExitCode {
    let (mut seconds, mut seed, mut into, mut files) = (60, 1, PathBuf::from("."), Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().unwrap_or_default();
        match arg.as_str() {
            "--seconds" => seconds = value().parse().expect("a number of seconds"),
            "--seed" => seed = value().parse().expect("a number"),
            "--into" => into = value().into(),
            path => collect(Path::new(path), &mut files),
        }
    }
    if files.is_empty() {
        eprintln!("fuzz: expected files or folders of logs to begin with");
        return ExitCode::from(2);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let ways = Ways::new(folder.path().join("fuzz.log"));
    let samples: Vec<String> = ways.slow.plan().signatures().flat_map(|signature| signature.sample.clone()).collect();
    std::panic::set_hook(Box::new(|_| {}));
    let start = Instant::now();
    let (mut rounds, mut bytes_read, mut told) = (0u64, 0, start);
    while start.elapsed() < Duration::from_secs(seconds) {
        let round = seed + rounds;
        let mut dice = Dice(round.wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1));
        let input = window(&files[dice.below(files.len())], &mut dice);
        let other = &files[dice.below(files.len())];
        let mut lines: Vec<Vec<u8>> = input.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        for _ in 0..dice.below(24) {
            change(&mut lines, other, &samples, &mut dice);
        }
        let bytes = lines.concat();
        let block = dice.below(BLOCKS.len());
        bytes_read += bytes.len();
        rounds += 1;
        if let Some(why) = ways.differ(&bytes, block) {
            let small = ways.shrink(&bytes, block);
            let why = ways.differ(&small, block).unwrap_or(why);
            let path = into.join(format!("fuzz-{round}-{}.log", BLOCKS[block]));
            fs::write(&path, &small).expect("a place to write to");
            eprintln!("--seed {round}: {}\n{why}", path.display());
            return ExitCode::FAILURE;
        }
        if told.elapsed() > Duration::from_secs(60) {
            told = Instant::now();
            eprintln!("{rounds} rounds, {} MB", bytes_read >> 20);
        }
    }
    println!("{rounds} rounds, {} MB, no difference", bytes_read >> 20);
    ExitCode::SUCCESS
}
