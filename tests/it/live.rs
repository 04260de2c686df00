//! A log that is still being written: findings as they happen, signals, and the diagnosis at the end.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::forms::Form;
use crate::support::journal::entries;
use crate::support::program::{Started, command, crash, crash_loop};

/// A finding stands on standard output within a second of its deciding line; on a machine that is busy with other
/// tests, within this.
const SOON: Duration = Duration::from_secs(5);

/// Longer than any pause that means "nothing else comes".
const PAUSE: Duration = Duration::from_millis(450);

#[test]
fn a_finding_is_told_while_the_log_is_open_in_every_form() {
    for form in [
        "journal.json",
        "journal.export",
        "json-pretty",
        "verbose",
        "short",
        "short-iso",
        "short-precise",
        "with-unit",
        "cat",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Form::named(form).write(&entries(&crash_loop("live.service")), folder.path());
        let bytes = std::fs::read(path).expect("a file that was just written");
        let mut program = Started::new(command(&[]));
        // A first piece, a pause, the rest in small pieces; the last record is not followed by anything.
        let (first, rest) = bytes.split_at(bytes.len() / 6);
        program.write(first);
        std::thread::sleep(PAUSE);
        rest.chunks(997).for_each(|piece| program.write(piece));
        let written = Instant::now();
        let heard = program.hear("crash-loops", SOON);
        let said = program.said();
        assert!(heard.is_some(), "{form}: nothing within {SOON:?}: {said:?}");
        eprintln!("{form}: told after {:?}: {:?}", written.elapsed(), said.lines().find(|l| l.contains("crash-loops")));
        assert!(!said.contains("Root cause"), "{form}: a diagnosis before the end: {said}");
        let ended = program.end();
        assert_eq!(ended.code, 0, "{form}: {}", ended.err);
        assert!(ended.out.len() > said.len(), "{form}: no diagnosis at the end: {}", ended.out);
    }
}

#[test]
fn a_finding_does_not_wait_for_a_pause() {
    let mut program = Started::new(command(&[]));
    let busy = |n: u64| {
        let at = 1_778_540_010_100_000 + n * 50_000;
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"{at}\",\"_SYSTEMD_UNIT\":\"busy.service\",\"MESSAGE\":\"request {n}\"}}\n"
        )
    };
    program.write(crash("live.service", 0).as_bytes());
    std::thread::sleep(PAUSE);
    (1..6).for_each(|n| program.write(crash("live.service", n * 2).as_bytes()));
    let written = Instant::now();
    let told = (0..100).find(|n| {
        program.write(busy(*n).as_bytes());
        program.hear("crash-loops", Duration::from_millis(50)).is_some()
    });
    assert!(told.is_some(), "nothing in {:?}: {}", written.elapsed(), program.said());
    eprintln!("told after {:?}, {told:?} lines later", written.elapsed());
    assert_eq!(program.end().code, 0);
}

/// Events are held back for half a second of the log, and longer while it goes on: a finding is not.
#[test]
fn a_finding_is_told_before_anything_can_overtake_it() {
    let mut program = Started::new(command(&["-o", "jsonl"]));
    let line = |unit: &str, micros: u64, text: &str| {
        let at = 1_778_540_010_000_000 + micros;
        format!("{{\"__REALTIME_TIMESTAMP\":\"{at}\",\"_SYSTEMD_UNIT\":\"{unit}\",\"MESSAGE\":\"{text}\"}}\n")
    };
    program.write(line("busy.service", 0, "hello").as_bytes());
    std::thread::sleep(PAUSE);
    // More lines than there is time for a pause between them, all within a tenth of a second of the log.
    program.write(line("bad.service", 1, "too many open files").as_bytes());
    let told = (0..400).find(|n| {
        program.write(line("busy.service", 2 + n, "request").as_bytes());
        program.hear("bad.service", Duration::from_millis(20)).is_some()
    });
    assert!(told.is_some(), "nothing: {}", program.said());
    eprintln!("told {told:?} lines later");
    let ended = program.end();
    let findings = ended.out.lines().filter(|line| line.starts_with("{\"event\":\"finding\""));
    assert_eq!(findings.count(), 1, "told twice: {}", ended.out);
    assert!(!ended.out.contains("\"event\":\"notice\""), "{}", ended.out);
}

#[test]
fn each_live_event_is_one_object_a_line_and_flushed() {
    let mut program = Started::new(command(&["-o", "jsonl"]));
    program.write(crash("one.service", 0).as_bytes());
    std::thread::sleep(PAUSE);
    (1..6).for_each(|n| program.write(crash("one.service", n * 2).as_bytes()));
    assert!(program.hear("\"crash_loop\"", SOON).is_some(), "{}", program.said());
    assert!(program.said().ends_with('\n'), "{:?}", program.said());
    let ended = program.end();
    let events: Vec<Value> = ended.out.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect();
    let kinds: Vec<&str> = events.iter().filter_map(|e| e["event"].as_str()).collect();
    assert_eq!(kinds.len(), events.len());
    assert!(kinds.contains(&"finding") && kinds.contains(&"incident"), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"diagnosis"));
    assert_eq!(events.last().expect("events")["schema"], "logtriage.diagnosis/1");
}

#[test]
fn the_first_signal_asks_for_the_diagnosis() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut program = Started::new(command(&[]));
        program.write(crash_loop("stopped.service").as_bytes());
        std::thread::sleep(PAUSE);
        assert!(program.hear("stopped.service", SOON).is_some(), "{}", program.said());
        program.signal(name);
        // Standard input stays open: the reader is blocked in it.
        assert_eq!(program.wait(), code, "SIG{name}");
        let ended = program.end();
        assert!(ended.out.contains("Root cause"), "SIG{name}: no diagnosis: {}", ended.out);
    }
}

#[test]
fn the_second_signal_ends_at_once_even_if_nobody_reads_our_output() {
    // Nobody reads standard output, so it fills, and the channel behind it.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut stuck = command(&["-o", "jsonl"]);
    stuck.stdout(writer);
    let mut program = Started::new(stuck);
    let mut stdin = program.stdin.take().expect("a pipe");
    let feeder = std::thread::spawn(move || {
        use std::io::Write;
        let _ = stdin.write_all(crash("a.service", 0).as_bytes());
        std::thread::sleep(PAUSE);
        // Ends with an error when the program ends.
        (0..100_000u64).try_for_each(|n| stdin.write_all(crash_loop(&format!("u{n}.service")).as_bytes()))
    });
    std::thread::sleep(Duration::from_secs(3));
    program.signal("INT");
    std::thread::sleep(Duration::from_millis(300));
    let begin = Instant::now();
    if program.child.try_wait().expect("a child").is_none() {
        program.signal("INT");
    }
    assert_eq!(program.wait(), 130);
    eprintln!("ended after {:?}", begin.elapsed());
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    drop(reader);
    let _ = feeder.join();
}

#[test]
fn a_reader_that_goes_away_ends_us_well() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut cut = command(&["-o", "jsonl"]);
    cut.stdout(writer);
    let mut program = Started::new(cut);
    program.write(crash("a.service", 0).as_bytes());
    std::thread::sleep(PAUSE);
    drop(reader);
    program.write(crash_loop("a.service").as_bytes());
    // The next event cannot be written: nobody is left to tell, although more could be read.
    assert_eq!(program.wait(), 0);
    assert_eq!(program.end().err, "");
}

#[test]
fn a_file_in_disguise_has_its_diagnosis_told_and_nothing_before() {
    let mut program = Started::new(command(&[]));
    program.write(crash_loop("piped.service").trim_end().as_bytes());
    let ended = program.end();
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.starts_with("DOWN") || ended.out.starts_with("DEGRADED"), "{}", ended.out);
}

#[test]
fn a_pause_inside_a_record_does_not_tear_it() {
    for form in ["journal.export", "json-pretty", "journal.json"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Form::named(form).write(&entries(&crash_loop("torn.service")), folder.path());
        let bytes = std::fs::read(path).expect("a file that was just written");
        let mut program = Started::new(command(&["-o", "json"]));
        // After a line end in the middle, and in the middle of a line.
        let half = bytes.len() / 2;
        let line = half + memchr::memchr(b'\n', &bytes[half..]).expect("a line end") + 1;
        let again = line + (bytes.len() - line) / 2;
        for piece in [&bytes[..line], &bytes[line..again], &bytes[again..]] {
            program.write(piece);
            std::thread::sleep(PAUSE);
        }
        let ended = program.end();
        let found: Value = serde_json::from_str(&ended.out).expect("JSON");
        assert_eq!(found["input"]["records"], 24, "{form}");
        assert_eq!(found["input"]["unparsed"], 0, "{form}");
    }
}

#[test]
fn files_are_followed_until_a_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, store) = (folder.path().join("journal.json"), folder.path().join("heartbeat_goal.json"));
    let append = |text: &str| {
        use std::io::Write;
        let mut file = std::fs::File::options().create(true).append(true).open(&log).expect("a log");
        file.write_all(text.as_bytes()).expect("room");
    };
    append(&crash("followed.service", 0));
    let mut program = Started::new(command(&["-f", "--no-config", folder.path().to_str().expect("a name")]));
    assert!(program.hear("followed.service", SOON).is_some(), "{}", program.said());
    // Rotated while it crashes on, with a document beside it that somebody begins to write.
    std::fs::rename(&log, folder.path().join("journal.json.1")).expect("a rename");
    (1..6).for_each(|n| append(&crash("followed.service", n * 2)));
    std::fs::write(&store, "{\"role\": \"goal\", \"at\": \"2026-05-11T22:40:00+00:00\", \"status\": \"active\"}")
        .expect("room");
    assert!(program.hear("crash-loops", SOON).is_some(), "{}", program.said());
    program.signal("INT");
    assert_eq!(program.wait(), 130);
    let ended = program.end();
    assert!(ended.out.contains("Root cause"), "no diagnosis: {}", ended.out);
}
