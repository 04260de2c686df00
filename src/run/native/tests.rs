//! Native journals read quickly, and their export form read slowly: the same segments, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::{Glob, Level, Stamp, lent};
use crate::input::journal::writer::{Packing, Stamps, Writer, of_json};
use crate::input::journal::{Entries, JournalFile};
use crate::input::{Input, Journal};
use crate::rules;
use crate::run::partial::Partial;
use crate::run::{Filter, Pipeline, PipelineBuilder, Settler};

const ZSTD: Packing = (4, 8, |plain| zstd::bulk::compress(plain, 3).unwrap());

fn pipeline(with: impl FnOnce(PipelineBuilder) -> PipelineBuilder) -> Pipeline {
    // A block that holds everything: what a segment keeps open at its edges is then the same too.
    let builder = Pipeline::builder().packs(rules::load(&[], true).packs).zone(TimeZone::UTC).block(1 << 30);
    with(builder).build().unwrap()
}

/// Both ways; how many records there are.
fn compare(name: &str, pipeline: &Pipeline, journal: &[u8]) -> u64 {
    let Ok(file) = JournalFile::open(journal) else { return 0 };
    let (mut export, mut entries) = (Vec::new(), file.entries());
    while entries.next_into(&mut export) {}
    let path = Path::new("x.journal");
    let now = Some(Stamp(1_780_000_000_000_000_000));
    let mut slow = Partial::empty(pipeline.plan().fingerprint());
    pipeline.read(path, Input::from_bytes(export.clone(), now), &(), &mut slow);
    if let Some(why) = Entries::summary(&[entries]) {
        slow.unreadable("x.journal", format!("x.journal: {why}"));
    }
    let (source, _) = pipeline.describe(path, Input::from_bytes(export, now));
    if !pipeline.takes_native(&source) {
        return 0;
    }
    let mut quick = Partial::empty(pipeline.plan().fingerprint());
    let journal = Journal { bytes: Arc::new(journal.to_vec().into()), copy_of: None };
    pipeline.read_native(&source, &journal, &(), &mut quick);
    if slow != quick {
        let (slow, quick) = (format!("{slow:#?}"), format!("{quick:#?}"));
        let (at, (a, b)) = slow.lines().zip(quick.lines()).enumerate().find(|(_, (a, b))| a != b).unwrap();
        panic!("{name}: line {at} of the parts differs\nslow  {a}\nquick {b}\nlengths {} {}", slow.len(), quick.len());
    }
    Settler::diagnose(pipeline, quick).input.records
}

fn corpora() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("journal.json")).collect();
    paths.extend(
        ["lab/systemd-crashloops/lab.json", "systemd/no-rtc-rendered/system.journal.json"]
            .iter()
            .filter_map(|path| lent(path)),
    );
    paths.retain(|path| path.exists());
    paths.sort();
    paths.into_iter().map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect()
}

fn real() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in
        ["systemd/no-rtc", "lab/systemd-crashloops", "systemd/corrupted"].iter().filter_map(|folder| lent(folder))
    {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(bytes) = zstd::decode_all(fs::File::open(&path).unwrap()) else { continue };
            if crate::input::journal::is_journal(&bytes) {
                files.push((path.display().to_string(), bytes));
            }
        }
    }
    files
}

#[test]
fn corpora_as_native_files_are_what_their_text_is() {
    let pipeline = pipeline(|builder| builder);
    let mut records = 0;
    for (name, lines) in corpora() {
        for (compact, packing) in [(false, None), (true, Some(ZSTD))] {
            records += compare(&name, &pipeline, &of_json(&lines, compact, packing).unwrap());
        }
    }
    eprintln!("{records} records");
    assert!(records > 1000, "{records}");
}

#[test]
fn real_files_are_what_their_text_is() {
    let pipeline = pipeline(|builder| builder);
    for (name, bytes) in real() {
        eprintln!("{name}: {} records", compare(&name, &pipeline, &bytes));
    }
}

#[test]
fn what_is_left_out_is_left_out_both_ways() {
    let at = |text: &str| Stamp::from_jiff(text.parse().unwrap());
    for (name, bytes) in real().iter().filter(|(name, _)| name.contains("lab") || name.contains("no-rtc")) {
        let units = Filter { units: vec![Glob::new("*a*.service").unwrap()], ..Filter::default() };
        let level = Filter { level: Some(Level::Notice), ..Filter::default() };
        let times =
            Filter { since: at("2022-10-01T00:00:00Z"), until: at("2026-05-12T00:00:00Z"), ..Filter::default() };
        for filter in [units, level, times] {
            compare(name, &pipeline(|builder| builder.filter(filter)), bytes);
        }
    }
}

/// A file of everything that is unusual about entries, in any order.
fn odd(seed: u64, entries: u64) -> Vec<u8> {
    let mut dice = seed | 1;
    let mut roll = move |n: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice >> 20) % n
    };
    let mut writer = Writer::new(roll(2) == 0, Some(ZSTD).filter(|_| roll(2) == 0), u128::from(seed));
    let mut realtime = 1_768_000_000_000_000;
    for seqnum in 1..=entries {
        realtime += roll(3_000_000);
        let n = roll(5);
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let mut add = |text: String| fields.push(text.into_bytes());
        add(format!("_SYSTEMD_UNIT=unit-{n}.service"));
        add(format!("_HOSTNAME=host{}", n % 2));
        add(format!("_PID={}", if roll(9) == 0 { roll(9999) } else { 100 + n }));
        add(format!("_SOURCE_REALTIME_TIMESTAMP={realtime}"));
        if roll(3) > 0 {
            add(format!("PRIORITY={}", roll(9)));
        }
        match roll(12) {
            0 => add("SYSLOG_IDENTIFIER=systemd".into()),
            1 => add("_COMM=systemd-x\nUNIT=other.service".into()),
            2 => {
                add(format!("UNIT=unit-{n}.service"));
                add("SYSLOG_IDENTIFIER=systemd".into());
                add("MESSAGE_ID=7ad2d189f7e94e70a38c781354912448".into());
            }
            3 => {
                add(format!("CONTAINER_NAME=box{n}"));
                add(format!("CONTAINER_ID=c{n}"));
            }
            4 => add("_TRANSPORT=kernel".into()),
            5 => add("CONTAINER_PARTIAL_MESSAGE=true".into()),
            6 => {
                add("SYSLOG_IDENTIFIER=a".into());
                add("SYSLOG_IDENTIFIER=b".into());
            }
            7 => add("SYSLOG_IDENTIFIER=podman".into()),
            _ => add(format!("SYSLOG_IDENTIFIER=app-{n}")),
        }
        if roll(20) == 0 {
            add(format!("lower={seqnum}"));
        }
        if roll(20) == 0 {
            add(format!("NO_{seqnum}"));
        }
        if roll(30) == 0 {
            add(format!("BINARY={seqnum}\u{7}\n\n"));
        }
        let message = match roll(22) {
            0 => "Traceback (most recent call last):".to_owned(),
            1 => "  File \"a.py\", line 3, in <module>".into(),
            2 => format!("ValueError: the frobnicator {seqnum} is askew"),
            3 => format!("\u{1b}[1;31mERROR\u{1b}[0m {seqnum} is red"),
            4 => format!("{{\"level\":\"error\",\"msg\":\"connection refused {seqnum}\",\"err\":\"x\"}}"),
            5 => format!("level=warn msg=\"slow {seqnum}\""),
            6 => "Out of memory: Killed process 77 (worker)".into(),
            7 => format!("two\nlines {seqnum}\n"),
            8 => format!("é — {seqnum} \u{85}"),
            9 => format!("ERROR something long {}", "x".repeat(600 + roll(900) as usize)),
            10 => format!("unit-{n}.service: Main process exited, code=exited, status=1/FAILURE"),
            11 => format!("unit-{n}.service: Failed with result 'exit-code'."),
            12 => String::new(),
            13 => "the same again".into(),
            14 => "panic: runtime error: index out of range".into(),
            15 => format!("<3>stated {seqnum}"),
            _ => format!("request {seqnum} took {} ms", roll(900)),
        };
        match roll(25) {
            0 => {}
            1 => {
                fields.push(b"MESSAGE=first of two".to_vec());
                fields.push([b"MESSAGE=", message.as_bytes()].concat());
            }
            2 => fields.push([&b"MESSAGE=\xff\xfe"[..], message.as_bytes()].concat()),
            3 if seqnum % 40 == 0 => fields.push([&b"MESSAGE="[..], &b"large ".repeat(300_000)].concat()),
            _ => fields.push([b"MESSAGE=", message.as_bytes()].concat()),
        }
        let boot = u128::from(1 + seqnum / 300);
        writer.entry(Stamps { seqnum, realtime, monotonic: seqnum * 7, boot, xor_hash: seqnum << 40 }, &fields);
    }
    writer.finish()
}

#[test]
fn odd_entries_are_what_their_text_is() {
    let pipeline = pipeline(|builder| builder);
    for seed in 1..12 {
        let journal = odd(seed * 0x9e37_79b9, 400);
        // The entry without a name of a field is damage; the others are all there.
        assert!(compare(&format!("seed {seed}"), &pipeline, &journal) > 300, "{seed}");
    }
}

/// Where the objects of a file begin.
fn borders(journal: &[u8]) -> Vec<usize> {
    let (mut at, mut borders) = (272, Vec::new());
    while let Some(size) = journal.get(at + 8..at + 16) {
        borders.push(at);
        at += usize::try_from(u64::from_le_bytes(size.try_into().unwrap())).unwrap().next_multiple_of(8).max(8);
    }
    borders
}

#[test]
fn cut_and_damaged_files_are_what_their_text_is() {
    let pipeline = pipeline(|builder| builder);
    let journal = odd(0xfeed, 90);
    let borders = borders(&journal);
    for (n, border) in borders.iter().enumerate().filter(|(n, _)| n % 11 == 0) {
        for cut in [*border, border + n % 60] {
            compare(&format!("cut at {cut}"), &pipeline, &journal[..cut.min(journal.len())]);
        }
    }
    for round in 0..60usize {
        let mut broken = journal.clone();
        for flip in 0..1 + round % 20 {
            let border = borders[(round * 7919 + flip * 104_729) % borders.len()];
            // Type, flags, size, or one of the first bytes of what follows.
            let at = border + [0, 1, 8, 9, 16, 24, 64, 66, 72, 80][(round + flip * 3) % 10];
            if let Some(byte) = broken.get_mut(at) {
                *byte = (round * 31 + flip) as u8;
            }
        }
        compare(&format!("round {round}"), &pipeline, &broken);
    }
}

/// The diagnosis of files in a folder, without its name.
fn diagnosis(pipeline: &Pipeline, files: &[(&str, &[u8])]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
        // The same age, whenever the test runs.
        let file = fs::File::options().write(true).open(folder.path().join(name)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_780_000_000)).unwrap();
    }
    let diagnosis = pipeline.diagnose(&[folder.path().to_path_buf()]);
    serde_json::to_string(&diagnosis).unwrap().replace(&folder.path().display().to_string(), "")
}

fn assert_same(name: &str, one: &str, other: &str) {
    let at = one.bytes().zip(other.bytes()).position(|(a, b)| a != b).unwrap_or(0);
    let part = |text: &str| text.chars().skip(at.saturating_sub(100)).take(200).collect::<String>();
    assert!(one == other, "{name}:\n{}\n{}", part(one), part(other));
}

/// As many threads as parts, whatever the machine has.
fn with_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

#[test]
fn blocks_and_threads_change_nothing() {
    let mut files = vec![("odd".to_owned(), odd(77, 400))];
    files.extend(real().into_iter().filter(|(name, _)| name.contains("lab")));
    for (name, journal) in files {
        // Only the sources' names count here, and they end up in the ids.
        let files = [("x.journal", journal.as_slice())];
        let whole = with_threads(1, || diagnosis(&pipeline(|builder| builder.naive(true)), &files));
        for (threads, block) in [(1, 1), (1, 20_000), (2, 20_000), (3, 700), (5, 1)] {
            let parts = with_threads(threads, || diagnosis(&pipeline(|builder| builder.block(block)), &files));
            assert_same(&format!("{name}: {threads} threads, blocks of {block}"), &parts, &whole);
        }
    }
}

#[test]
fn parts_are_the_entries_of_the_file() {
    for (name, journal) in real().into_iter().chain([("odd".to_owned(), odd(5, 300))]) {
        let Ok(file) = JournalFile::open(&journal) else { continue };
        let all = |mut entries: Entries<'_>, out: &mut Vec<u8>| while entries.next_into(out) {};
        let mut whole = Vec::new();
        all(file.entries(), &mut whole);
        for n in [1, 2, 3, 7, 100] {
            let Some(parts) = file.parts(n) else { continue };
            assert!(parts.len() as u64 <= n, "{name}");
            let mut one_by_one = Vec::new();
            parts.into_iter().for_each(|part| all(part, &mut one_by_one));
            assert!(one_by_one == whole, "{name}: {n} parts");
        }
    }
}

#[test]
fn what_a_copy_has_too_counts_once() {
    let plain = pipeline(|builder| builder.block(4 << 20));
    let journal = odd(99, 400);
    let read =
        |files: &[(&str, &[u8])]| -> serde_json::Value { serde_json::from_str(&diagnosis(&plain, files)).unwrap() };
    let alone = read(&[("a.journal", &journal)]);
    assert!(!diagnosis(&plain, &[("a.journal", &journal)]).contains("duplicates"));
    // A copy that was made while the file was half as long.
    let half = odd(99, 200);
    for (name, copy, all) in [("b.journal", &journal, 400), ("0.journal", &half, 200), ("b.journal~", &half, 200)] {
        let both = read(&[("a.journal", &journal), (name, copy)]);
        let left_out: u64 =
            both["input"]["sources"].as_array().unwrap().iter().filter_map(|s| s["duplicates"].as_u64()).sum();
        assert_eq!(left_out, all, "{name}");
        assert_eq!(both["input"]["records"], alone["input"]["records"], "{name}");
        assert_eq!(both["signatures"], alone["signatures"], "{name}");
        assert_eq!(both["units"], alone["units"], "{name}");
    }
    // Another file of the same journal is no copy, even with the same numbers.
    let mut other = odd(99, 400);
    other[24] ^= 1;
    let both = read(&[("a.journal", &journal), ("b.journal", &other)]);
    assert_eq!(both["input"]["records"].as_u64(), alone["input"]["records"].as_u64().map(|n| 2 * n));
    // Packed copies too.
    let packed = zstd::encode_all(&journal[..], 3).unwrap();
    let both = read(&[("a.journal", &journal), ("a.journal.zst", &packed)]);
    assert_eq!(both["input"]["records"], alone["input"]["records"]);
}
