//! The laws that every driver keeps: however the same bytes are cut, read, merged, ordered or shared out, the diagnosis
//! is the same, byte for byte. Tried on all incidents of corpora/ in several forms, and on made-up mixtures.
//! `SEED=n cargo test --test it laws` repeats a run; the seed is part of every message.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::mpsc;
use std::time::{Duration, UNIX_EPOCH};

use jiff::tz::TimeZone;
use logtriage::base::{Place, Stamp};
use logtriage::incident::Diagnosis;
use logtriage::record::Format;
use logtriage::run::live::{self, Bytes};
use logtriage::run::{Partial, PipelineBuilder, Settler, SourceInfo, Worker, batch};
use logtriage::{Pipeline, report, rules};

use crate::support::forms::Form;
use crate::support::incidents;

/// One of each kind of reader. `cat` has no times at all, `syslog3164` has no years, `verbose` and `json-pretty` have
/// records of many lines.
const READ_AS: &[&str] =
    &["journal.json", "journal.export", "verbose", "json-pretty", "short", "short-iso-repeated", "cat"];

/// The moment at which all sources were read: year-less and untimed forms rest on it. It is the present, because a pipe
/// knows no other.
static NOW: LazyLock<Stamp> = LazyLock::new(|| Stamp::from_jiff(jiff::Timestamp::now()).expect("a time"));

static PIPELINE: LazyLock<Pipeline> = LazyLock::new(|| pipeline(|builder| builder));

fn pipeline(with: impl FnOnce(PipelineBuilder) -> PipelineBuilder) -> Pipeline {
    let builder = Pipeline::builder().packs(rules::load(&[], true).packs).zone(TimeZone::UTC);
    with(builder).build().expect("the built-in packs are right")
}

/// A log and how it is called.
struct Log {
    name: String,
    bytes: Vec<u8>,
}

impl Log {
    fn source(&self, pipeline: &Pipeline) -> SourceInfo {
        let head = &self.bytes[..self.bytes.len().min(64 << 10)];
        let tail = &self.bytes[self.bytes.len().saturating_sub(64 << 10)..];
        pipeline.source(&self.name, String::from("log"), *NOW, head, tail)
    }
}

/// xorshift64*: the same numbers for the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn new(salt: u64) -> (Dice, u64) {
        let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(0x5eed);
        (Dice((seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1)), seed)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n.max(1)
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Mixtures, and every incident in two forms of [`READ_AS`], in turn.
static LOGS: LazyLock<Vec<Log>> = LazyLock::new(|| {
    let mut logs: Vec<Log> = (0..6).map(mixture).collect();
    for (n, incident) in incidents::all().into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        for form in [READ_AS[n % READ_AS.len()], READ_AS[(n * 3 + 1) % READ_AS.len()]] {
            let path = Form::named(form).write(&incident.entries, folder.path());
            let bytes = fs::read(path).expect("a file that was just written");
            logs.push(Log { name: format!("{}.{form}", incident.name), bytes });
        }
    }
    logs
});

/// Few of the logs, of every form: for what takes long.
fn some_logs(most: usize) -> impl Iterator<Item = &'static Log> {
    LOGS.iter().take(6).chain(LOGS.iter().skip(6).step_by(3)).filter(move |log| log.bytes.len() <= most)
}

/// Lines of several programs that come and go: crashes, traces with and without times, bytes that are no text, blank and
/// long lines, clocks that jump, the same moment many times.
fn mixture(salt: u64) -> Log {
    let (mut dice, _) = Dice::new(salt);
    let mut bytes = Vec::new();
    let mut at = 1_778_500_000_000u64;
    let traces: [&[&str]; 3] = [
        &[
            "Traceback (most recent call last):",
            "  File \"/srv/a.py\", line 3, in <module>",
            "    run()",
            "ValueError: no",
        ],
        &["java.lang.IllegalStateException: closed", "\tat a.b.C.d(C.java:7)", "Caused by: java.io.IOException: gone"],
        &[
            "thread 'main' panicked at src/main.rs:4:5:",
            "index out of bounds",
            "stack backtrace:",
            "   0: rust_begin_unwind",
        ],
    ];
    for _ in 0..400 {
        match dice.below(12) {
            0 => at = at.saturating_sub(dice.below(2000) as u64),
            1..=3 => {}
            _ => at += dice.below(900) as u64,
        }
        let time =
            jiff::Timestamp::from_millisecond(at as i64).expect("a time").strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00");
        let unit = dice.pick(&["api", "indexer", "worker", "gate"]);
        let pid = 100 + dice.below(3);
        let head = format!("{time} host {unit}[{pid}]: ");
        let manager = format!("{time} host systemd[1]: ");
        match dice.below(14) {
            0 => {
                for line in traces[dice.below(3)] {
                    bytes.extend(format!("{head}{line}\n").bytes());
                }
            }
            1 => {
                bytes.extend(format!("{head}failed\n").bytes());
                traces[dice.below(3)].iter().for_each(|line| bytes.extend(format!("{line}\n").bytes()));
            }
            2 => bytes.extend(
                format!("{manager}{unit}.service: Main process exited, code=exited, status=1/FAILURE\n").bytes(),
            ),
            3 => bytes.extend(format!("{manager}{unit}.service: Failed with result 'exit-code'.\n").bytes()),
            4 => bytes.extend(
                format!("{manager}{unit}.service: Scheduled restart job, restart counter is at {pid}.\n").bytes(),
            ),
            5 => bytes.extend(format!("{manager}Started {unit}.service - The {unit}.\n").bytes()),
            6 => bytes.extend([head.as_bytes(), b"\xff\xfe\0\0 \x1b[31mERROR\x1b[0m broken \xc3\n"].concat()),
            7 => bytes.extend(b"\n   \nno time here: Connection refused\n"),
            8 => bytes.extend(format!("{head}{}\n", "long ".repeat(dice.below(900))).bytes()),
            9 => bytes.extend(format!("{head}ERROR connection refused to 10.0.0.{pid}:5432\n").bytes()),
            10 => bytes.extend(format!("{head}panic: out of memory\r\n").bytes()),
            _ => bytes.extend(format!("{head}request {pid} done in {} ms\n", dice.below(500)).bytes()),
        }
    }
    // The last line has no end.
    bytes.extend(b"2026-05-12T00:00:00.000+00:00 host api[7]: ERROR last words");
    Log { name: format!("mixture-{salt}"), bytes }
}

fn json(diagnosis: &Diagnosis) -> String {
    let mut out = Vec::new();
    report::json(diagnosis, &mut out).expect("memory is not full");
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// One worker over all of it: what every other way is compared with.
fn whole(pipeline: &Pipeline, log: &Log) -> String {
    let partial = stretches(pipeline, log, &[]).into_iter().next().unwrap_or_else(|| empty(pipeline));
    json(&Settler::diagnose(pipeline, partial))
}

fn empty(pipeline: &Pipeline) -> Partial {
    Partial::empty(pipeline.plan().fingerprint())
}

/// The log in stretches, cut at `cuts`, each worked on by itself.
fn stretches(pipeline: &Pipeline, log: &Log, cuts: &[usize]) -> Vec<Partial> {
    let source = log.source(pipeline);
    let ends = cuts.iter().copied().chain([log.bytes.len()]);
    let mut from = 0;
    ends.map(|to| {
        let mut worker = Worker::new(pipeline, source.clone(), from as u64);
        assert_eq!(worker.feed(&log.bytes[from..to], true), to - from);
        from = to;
        let mut partial = empty(pipeline);
        partial.add(&source, worker.finish()).expect("a stretch by itself overlaps nothing");
        partial
    })
    .collect()
}

/// Where records begin.
fn starts(format: Format, bytes: &[u8]) -> Vec<usize> {
    let (mut starts, mut at) = (Vec::new(), 0);
    while let Some(len) = format.extent(&bytes[at..], true).filter(|_| at < bytes.len()) {
        at += len;
        starts.push(at);
    }
    starts.pop();
    starts
}

/// Some places at which to cut, in order.
fn cuts(dice: &mut Dice, starts: &[usize], most: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> =
        (0..dice.below(most) + 1).filter_map(|_| starts.get(dice.below(starts.len()))).copied().collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

fn merged(pipeline: &Pipeline, parts: impl IntoIterator<Item = Partial>) -> Partial {
    let mut whole = empty(pipeline);
    parts.into_iter().for_each(|part| whole.merge(part).expect("parts do not overlap"));
    whole
}

fn shuffled<T>(dice: &mut Dice, mut items: Vec<T>) -> Vec<T> {
    for i in (1..items.len()).rev() {
        items.swap(i, dice.below(i + 1));
    }
    items
}

/// Fails with the first place where two diagnoses differ.
fn same(expected: &str, found: &str, what: &str) {
    if expected == found {
        return;
    }
    let at = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
    let near = |text: &str| {
        let from = at.saturating_sub(300);
        String::from_utf8_lossy(&text.as_bytes()[from..text.len().min(at + 200)]).into_owned()
    };
    panic!("{what}: at byte {at}\n  expected ...{}\n  found    ...{}", near(expected), near(found));
}

#[test]
fn cut_anywhere_and_merged_in_any_order_it_is_the_same() {
    for (n, log) in LOGS.iter().enumerate() {
        let (mut dice, seed) = Dice::new(n as u64);
        let starts = starts(log.source(&PIPELINE).format, &log.bytes);
        let expected = whole(&PIPELINE, log);
        for most in [2, 40] {
            let cuts = cuts(&mut dice, &starts, most);
            let parts = shuffled(&mut dice, stretches(&PIPELINE, log, &cuts));
            let found = json(&Settler::diagnose(&PIPELINE, merged(&PIPELINE, parts)));
            same(&expected, &found, &format!("{}, seed {seed}, cut at {cuts:?}", log.name));
        }
    }
}

#[test]
fn a_cut_after_every_record_is_the_same() {
    for log in some_logs(60_000) {
        let starts = starts(log.source(&PIPELINE).format, &log.bytes);
        let parts = stretches(&PIPELINE, log, &starts);
        let found = json(&Settler::diagnose(&PIPELINE, merged(&PIPELINE, parts)));
        same(&whole(&PIPELINE, log), &found, &log.name);
    }
}

#[test]
fn merging_is_associative_and_commutative_and_nothing_is_neutral() {
    for (n, log) in some_logs(200_000).enumerate() {
        let (mut dice, seed) = Dice::new(1000 + n as u64);
        let starts = starts(log.source(&PIPELINE).format, &log.bytes);
        let cuts = cuts(&mut dice, &starts, 9);
        let mut parts = stretches(&PIPELINE, log, &cuts);
        parts[0].unreadable("b", "b: gone".into());
        parts[0].unreadable("a", "a: gone".into());
        let expected = merged(&PIPELINE, parts.clone()).encode();
        for _ in 0..3 {
            // Any tree: two of the parts, wherever they stand, become one, until one is left.
            let mut parts = shuffled(&mut dice, parts.clone());
            while parts.len() > 1 {
                let one = parts.swap_remove(dice.below(parts.len()));
                let at = dice.below(parts.len());
                parts[at].merge(one).expect("parts do not overlap");
                parts[at].merge(empty(&PIPELINE)).expect("nothing overlaps nothing");
            }
            assert!(parts[0].encode() == expected, "{}, seed {seed}, cut at {cuts:?}", log.name);
        }
        let mut from_nothing = empty(&PIPELINE);
        from_nothing.merge(parts[0].clone()).expect("nothing overlaps nothing");
        assert!(from_nothing == parts[0], "{}", log.name);
        let mut twice = parts[0].clone();
        assert!(twice.merge(parts[0].clone()).is_err(), "{}: a part counted twice", log.name);
    }
}

#[test]
fn drip_any_read_size_is_the_same() {
    for log in LOGS.iter() {
        let expected = whole(&PIPELINE, log);
        for size in [64, 4096, 1 << 20] {
            same(&expected, &dripped(log, size), &format!("{} in reads of {size}", log.name));
        }
    }
    for log in some_logs(40_000) {
        let expected = whole(&PIPELINE, log);
        for size in [1, 2, 3, 7] {
            same(&expected, &dripped(log, size), &format!("{} in reads of {size}", log.name));
        }
    }
}

/// One worker that gets the bytes in reads of this size, as live reading does.
fn dripped(log: &Log, size: usize) -> String {
    let mut settler = Settler::new(&PIPELINE);
    let source = log.source(&PIPELINE);
    settler.name(source.id, source.to_name());
    let mut worker = Worker::new(&PIPELINE, source, 0);
    let (mut done, mut read) = (0, 0);
    while read < log.bytes.len() {
        read = (read + size).min(log.bytes.len());
        done += worker.feed(&log.bytes[done..read], read == log.bytes.len());
        settler.absorb(worker.take());
    }
    json(&settler.finish())
}

#[test]
fn fast_is_slow() {
    let naive = pipeline(|builder| builder.naive(true));
    for log in LOGS.iter().step_by(2) {
        same(&whole(&naive, log), &whole(&PIPELINE, log), &log.name);
    }
}

#[test]
fn decoded_is_what_was_encoded_and_anything_else_is_an_error() {
    for (n, log) in some_logs(100_000).enumerate() {
        let (mut dice, seed) = Dice::new(2000 + n as u64);
        for part in stretches(&PIPELINE, log, &[]) {
            let bytes = part.encode();
            assert!(Partial::decode(&bytes).is_ok_and(|p| p == part), "{}", log.name);
            for _ in 0..20 {
                let cut = dice.below(bytes.len());
                assert!(Partial::decode(&bytes[..cut]).is_err(), "{}, seed {seed}, cut at {cut}", log.name);
                let mut wrong = bytes.clone();
                let at = dice.below(wrong.len());
                wrong[at] ^= 1 << dice.below(8);
                assert!(Partial::decode(&wrong).is_err(), "{}, seed {seed}, wrong at {at}", log.name);
            }
            assert!(Partial::decode(&[&bytes[..], b"x"].concat()).is_err(), "{}: more than a part", log.name);
        }
    }
}

#[test]
fn following_is_batch() {
    for (n, log) in LOGS.iter().enumerate().filter(|(n, _)| n % 3 != 1) {
        // Records before the first with a time are those of the moment in which they arrive: a pipe has no other.
        if log.name.ends_with(".cat") {
            continue;
        }
        let (mut dice, seed) = Dice::new(3000 + n as u64);
        let (sender, receiver) = mpsc::sync_channel(4);
        let mut pieces = Vec::new();
        let mut rest = &log.bytes[..];
        while !rest.is_empty() {
            let (piece, more) = rest.split_at((dice.below(9000) + 1).min(rest.len()));
            pieces.push(piece.to_vec());
            rest = more;
        }
        let (diagnosis, _) = std::thread::scope(|scope| {
            scope.spawn(move || {
                for piece in pieces {
                    sender.send(Bytes::More(piece)).expect("it listens");
                }
            });
            live::follow(&PIPELINE, &log.name, "log", &receiver, &mut |_| true)
        });
        // What overtakes by more than the lateness was judged as it came, and is counted.
        if diagnosis.input.late > 0 {
            eprintln!("{}: {} late, not compared", log.name, diagnosis.input.late);
            assert!(log.name.starts_with("mixture"), "{}: late", log.name);
            continue;
        }
        same(&whole(&PIPELINE, log), &json(&diagnosis), &format!("{}, seed {seed}", log.name));
    }
}

/// Writes logs into a folder, with the same time of change.
fn written(logs: &[(&str, &[u8])]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |(name, bytes): &(&str, &[u8])| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a folder to write in");
        let file = fs::File::options().write(true).open(&path).expect("a file that was just written");
        file.set_modified(UNIX_EPOCH + Duration::from_nanos(NOW.0 as u64)).expect("a time of change");
        path
    };
    let paths = logs.iter().map(write).collect();
    (folder, paths)
}

#[test]
fn blocks_of_any_size_are_the_same() {
    let sizes = [256, 1 << 10, 64 << 10].map(|size| (size, pipeline(|builder| builder.block(size).memory(size))));
    for log in LOGS.iter() {
        let (_folder, paths) = written(&[(log.name.as_str(), &log.bytes)]);
        let expected = json(&Settler::diagnose(&PIPELINE, PIPELINE.scan(&paths, &())));
        same(&expected, &json(&PIPELINE.diagnose(&paths)), &format!("{} in a ledger", log.name));
        for (size, pipeline) in &sizes {
            same(&expected, &json(&pipeline.diagnose(&paths)), &format!("{} in blocks of {size}", log.name));
        }
    }
}

#[test]
fn very_many_units_are_the_same_in_blocks_of_any_size() {
    let mut log = Vec::new();
    for n in 0..7_000 {
        let at = format!("2026-05-11T22:{:02}:{:02}+0000 node-7", n / 60 % 60, n % 60);
        let _ = match n % 7 {
            0 => writeln!(log, "{at} job-{n}[{n}]: Traceback (most recent call last):"),
            1 => writeln!(log, "{at} job-{}[{}]: ValueError: no such shard", n - 1, n - 1),
            2 => writeln!(
                log,
                "{at} systemd[1]: job-{}.service: Main process exited, code=exited, status=1/FAILURE",
                n - 2
            ),
            _ => writeln!(log, "{at} job-{n}[{n}]: connection refused by shard {n}"),
        };
    }
    let (_folder, paths) = written(&[("many.log", &log)]);
    let whole = PIPELINE.diagnose(&paths);
    let forgotten = whole.input.dropped.keys().any(|bound| bound.contains("last lines"));
    assert!(whole.units.len() >= 5_000 && !forgotten, "{:?}", whole.input);
    for size in [16 << 10, 100_000] {
        let found = pipeline(|builder| builder.block(size)).diagnose(&paths);
        same(&json(&whole), &json(&found), &format!("blocks of {size}"));
    }
}

#[test]
fn a_choice_of_times_is_the_same_in_blocks() {
    let since = |block| {
        let filter = logtriage::Filter { since: Some(Stamp(1_778_500_060_000_000_000)), ..Default::default() };
        pipeline(move |builder| builder.filter(filter).block(block))
    };
    let (large, small) = (since(batch::BLOCK), since(512));
    for log in LOGS.iter().take(6) {
        let (_folder, paths) = written(&[(log.name.as_str(), &log.bytes)]);
        same(&json(&large.diagnose(&paths)), &json(&small.diagnose(&paths)), &log.name);
    }
}

#[test]
fn parts_of_one_file_merged_are_the_file() {
    let small = pipeline(|builder| builder.block(700));
    for log in some_logs(100_000) {
        let (_folder, paths) = written(&[(log.name.as_str(), &log.bytes)]);
        let expected = json(&PIPELINE.diagnose(&paths));
        for (pipeline, parts) in [(&*PIPELINE, 1), (&*PIPELINE, 7), (&small, 2), (&small, 7)] {
            let part = |k| pipeline.scan_part(&paths[0], k, parts).expect("a file that is there");
            let merged = merged(pipeline, (1..=parts).rev().map(part));
            let found = json(&Settler::diagnose(pipeline, merged));
            same(&expected, &found, &format!("{} in {parts} parts", log.name));
        }
    }
}

#[test]
fn a_part_of_nearly_endlessly_many_is_no_trouble() {
    let log = &LOGS[0];
    let (_folder, paths) = written(&[(log.name.as_str(), &log.bytes)]);
    let records = |k| {
        let part = PIPELINE.scan_part(&paths[0], k, u64::MAX).expect("a file that is there");
        Settler::diagnose(&PIPELINE, part).input.records
    };
    // All parts are shorter than a byte: most have no record, and the last one has what no other has.
    assert_eq!([1, 2, u64::MAX / 2, u64::MAX - 1].map(records), [0; 4]);
    assert!(records(u64::MAX) <= 1);
}

/// The records of one log, dealt to three: sources whose times interleave.
fn dealt(log: &Log) -> [Vec<u8>; 3] {
    let mut piles = [Vec::new(), Vec::new(), Vec::new()];
    let ends = starts(log.source(&PIPELINE).format, &log.bytes);
    let mut from = 0;
    for (n, to) in ends.into_iter().chain([log.bytes.len()]).enumerate() {
        piles[n % 3].extend_from_slice(&log.bytes[from..to]);
        from = to;
    }
    piles
}

#[test]
fn files_in_any_order_on_any_number_of_threads_are_the_same() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let (one, two) = (pool(1), pool(2));
    let little = pipeline(|builder| builder.block(2 << 10).memory(3 << 10));
    for (n, log) in some_logs(150_000).enumerate() {
        let (mut dice, seed) = Dice::new(4000 + n as u64);
        let piles = dealt(log);
        let (_folder, paths) = written(&[("c.log", &piles[0]), ("a.log", &piles[1]), ("b.log", &piles[2])]);
        let expected = json(&one.install(|| PIPELINE.diagnose(&paths)));
        for pipeline in [&*PIPELINE, &little] {
            let paths = shuffled(&mut dice, paths.clone());
            let found = json(&two.install(|| pipeline.diagnose(&paths)));
            same(&expected, &found, &format!("{}, seed {seed}, {paths:?}", log.name));
        }
        // Each file on a machine of its own, and what they left merged in any order.
        let parts = shuffled(&mut dice, paths.clone());
        let parts = parts.iter().map(|path| {
            let part = PIPELINE.scan(std::slice::from_ref(path), &());
            Partial::decode(&part.encode()).expect("what was encoded")
        });
        let found = json(&Settler::diagnose(&PIPELINE, merged(&PIPELINE, parts)));
        same(&expected, &found, &format!("{}, merged", log.name));
    }
}

#[test]
fn events_of_the_same_moment_are_told_by_place() {
    let place = |offset| Place { source: logtriage::base::SourceId(1), offset };
    assert!(place(1) < place(2));
    let line = |n| format!("2026-05-11T22:40:00Z host api[7]: ERROR cause number {n}: connection refused\n");
    let (a, b) = (line(1).repeat(3), line(2).repeat(3));
    let (_folder, paths) = written(&[("a.log", a.as_bytes()), ("b.log", b.as_bytes())]);
    let reversed: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    same(&json(&PIPELINE.diagnose(&paths)), &json(&PIPELINE.diagnose(&reversed)), "the same moment");
}
