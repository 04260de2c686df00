//! Input that is no log, or was cut, or means harm: a clear word about it, the right exit code, and nothing else lost.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::support::program::{Ended, command, crash_loop, finish, pipe, run};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a folder to write in");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Runs it on a file beside a good one: whatever the file is, the good one's crash loop is diagnosed.
fn beside_a_good_one(name: &str, bytes: &[u8]) -> Ended {
    let folder = folder();
    let bad = write(&folder, name, bytes);
    let good = write(&folder, "good.json", crash_loop("good.service").as_bytes());
    let ended = run(&["-o", "json", text(&bad), text(&good)]);
    let diagnosis: Value = serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{name}: {e}: {}", ended.err));
    let found = diagnosis["findings"].as_array().expect("findings");
    assert!(found.iter().any(|f| f["unit"] == "good.service" && f["finding"] == "crash_loop"), "{name}: {}", ended.out);
    assert!(ended.is_safe(), "{name}: {:?} {:?}", ended.out, ended.err);
    ended
}

#[test]
fn odd_files_are_read_for_what_they_are() {
    let deep = |n: usize| ["{\"a\":".repeat(n), "1".into(), "}".repeat(n), "\n".into()].concat();
    for (name, bytes) in [
        ("empty.log", b"".to_vec()),
        ("byte.log", b"x".to_vec()),
        ("newline.log", b"\n".to_vec()),
        ("no-end.log", b"2026-05-11T22:40:00Z app[1]: ready".to_vec()),
        ("not-utf8.log", b"2026-05-11T22:40:00Z app[1]: \xff\xfe\xc3(\xed\xa0\x80\n".repeat(50)),
        ("nul.log", vec![0; 200_000]),
        ("nul-runs.log", [b"a line\n".to_vec(), vec![0; 5000], b"\nanother\n".to_vec()].concat()),
        (
            "cut.json",
            b"{\"__CURSOR\":\"s=1;i=1\",\"__REALTIME_TIMESTAMP\":\"1778540000000000\",\"MESSAGE\":\"he".to_vec(),
        ),
        ("deep-10000.json", deep(10_000).into_bytes()),
        ("deep-1000000.json", deep(1_000_000).into_bytes()),
        ("arrays.json", ["[".repeat(1_000_000), "\n".into()].concat().into_bytes()),
        ("open.json", b"{\n".repeat(20_000)),
        ("cr.log", b"a\rb\rc\r".to_vec()),
    ] {
        let ended = beside_a_good_one(name, &bytes);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{name}");
    }
}

#[test]
fn what_is_no_log_is_named_and_passed_by() {
    for (name, bytes, word) in [
        ("a.png", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "expected a log, found a PNG image"),
        ("a.out", b"\x7fELF\x02\x01\x01", "expected a log, found an ELF program"),
        ("a.zip", b"PK\x03\x04\0\0", "expected a log, found a ZIP archive"),
    ] {
        let ended = beside_a_good_one(name, bytes);
        assert_eq!(ended.code, 3, "{name}");
        assert!(ended.err.contains(name) && ended.err.contains(word), "{name}: {}", ended.err);
    }
}

#[test]
fn paths_that_lead_nowhere_are_named() {
    let folder = folder();
    let good = write(&folder, "good.json", crash_loop("good.service").as_bytes());
    for path in [folder.path().join("missing"), good.join("below")] {
        let ended = run(&[text(&path), text(&good)]);
        assert_eq!(ended.code, 3);
        assert!(ended.err.contains(text(&path)), "{}", ended.err);
        assert!(ended.out.contains("good.service"), "{}", ended.out);
    }
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).expect("a folder");
    fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("rights");
    if fs::read_dir(&locked).is_ok() {
        eprintln!("skipped: root may read a folder without rights");
        return;
    }
    let ended = run(&[text(&locked), text(&good)]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("locked") && ended.out.contains("good.service"), "{} {}", ended.err, ended.out);
}

#[test]
fn cut_archives_give_what_they_hold_and_say_where_they_end() {
    // Text that does not pack well, so that a cut loses only a part.
    let mut noise = 1u64;
    let mut plain = crash_loop("packed.service").into_bytes();
    for n in 0..30_000 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let time = 1_778_541_000_000_000u64 + n;
        plain.extend(
            format!(
                "{{\"__REALTIME_TIMESTAMP\":\"{time}\",\"_SYSTEMD_UNIT\":\"x.service\",\"MESSAGE\":\"{noise:x}\"}}\n"
            )
            .bytes(),
        );
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&plain).expect("memory");
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(&plain).expect("memory");
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz.write_all(&plain).expect("memory");
    let mut lz = lz4_flex::frame::FrameEncoder::with_frame_info(
        lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB),
        Vec::new(),
    );
    lz.write_all(&plain).expect("memory");
    for (name, word, packed) in [
        ("a.gz", "gzip", gz.finish().expect("memory")),
        ("a.zst", "zstd", zstd::encode_all(&plain[..], 1).expect("memory")),
        ("a.xz", "xz", xz.finish().expect("memory")),
        ("a.bz2", "bzip2", bz.finish().expect("memory")),
        ("a.lz4", "lz4", lz.finish().expect("memory")),
    ] {
        let whole = beside_a_good_one(name, &packed);
        assert_eq!((whole.code, whole.err.as_str()), (0, ""), "{name}");
        assert!(whole.out.contains("packed.service"), "{name}");
        let ended = beside_a_good_one(name, &packed[..packed.len() * 3 / 4]);
        assert_eq!(ended.code, 3, "{name}");
        assert!(ended.err.contains(name) && ended.err.contains(word), "{name}: {}", ended.err);
        assert!(
            ended.err.contains("decompressed bytes") && ended.out.contains("packed.service"),
            "{name}: {}",
            ended.err
        );
        // Damage in the first bytes: nothing comes out, and the reason is told.
        let ended = beside_a_good_one(name, &packed[..12]);
        assert_eq!(ended.code, 3, "{name}: {}", ended.out);
        assert!(ended.err.contains(name), "{name}: {}", ended.err);
    }
}

/// Runs it with at most 200 MiB of memory of its own; most of that is the stacks and arenas of its threads.
fn limited(path: &Path, arguments: &[&str]) -> Option<Ended> {
    let bytes = 200 << 20;
    let mut limited = std::process::Command::new("prlimit");
    limited.arg(format!("--data={bytes}")).arg(env!("CARGO_BIN_EXE_logtriage")).args(arguments).arg(path);
    limited.env("TZ", "UTC").stdout(Stdio::piped()).stderr(Stdio::piped());
    if std::process::Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: there is no prlimit");
        return None;
    }
    Some(finish(limited))
}

#[test]
fn a_line_of_100_mb_does_not_exhaust_memory() {
    let folder = folder();
    let path = folder.path().join("long.log");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).expect("a file"));
    file.write_all(crash_loop("before.service").as_bytes()).expect("room for 100 MB");
    let piece = vec![b'x'; 1 << 20];
    (0..100).for_each(|_| file.write_all(&piece).expect("room for 100 MB"));
    file.write_all(b"\n").expect("room");
    file.write_all(crash_loop("after.service").as_bytes()).expect("room");
    file.flush().expect("room");
    drop(file);
    let Some(ended) = limited(&path, &["-o", "json"]) else { return };
    assert_eq!(ended.code, 0, "{}", ended.err);
    let diagnosis: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert!(ended.out.contains("before.service") && ended.out.contains("after.service"));
    assert_eq!(diagnosis["input"]["truncated"], 1);
    // Through a pipe: the same counts.
    let bytes = fs::read(&path).expect("a file");
    let piped: Value = serde_json::from_str(&pipe(&["-o", "json"], &bytes).out).expect("JSON");
    for key in ["records", "bytes", "unparsed", "truncated"] {
        assert_eq!(diagnosis["input"][key], piped["input"][key], "{key}");
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_told() {
    let folder = folder();
    let line = crash_loop("shrunk.service");
    let path = write(&folder, "shrink.json", line.repeat(3000).as_bytes());
    let size = fs::metadata(&path).expect("a file").len();
    let mut input = logtriage::input::open(&path).expect("a file");
    fs::File::options().write(true).open(&path).and_then(|f| f.set_len(size / 2)).expect("a shorter file");
    let mut bytes = Vec::new();
    while input.fill(&mut bytes, 1 << 20).expect("it reads") > 0 {}
    assert_eq!(input.shrunk(), Some((size / 2, size)));
}

#[test]
fn a_closed_output_is_success_and_a_full_one_is_not() {
    let folder = folder();
    let good = write(&folder, "good.json", crash_loop("good.service").as_bytes());
    for form in ["text", "json", "jsonl", "markdown", "alert"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut closed = command(&["-vv", "-o", form, text(&good)]);
        closed.stdout(writer);
        let ended = finish(closed);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{form}");
        let Ok(full) = fs::File::options().write(true).open("/dev/full") else {
            eprintln!("skipped: there is no /dev/full");
            continue;
        };
        let mut command = command(&["-o", form, text(&good)]);
        command.stdout(full);
        let ended = finish(command);
        assert_eq!(ended.code, 74, "{form}");
        assert!(ended.err.contains("cannot write the result"), "{form}: {}", ended.err);
    }
    // Nobody listens to what went wrong: that is no reason to die.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut deaf = command(&["/nowhere", text(&good)]);
    deaf.stderr(writer);
    assert_eq!(finish(deaf).code, 3);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut deaf = command(&["rules", "show", "nothing/such"]);
    deaf.stderr(writer);
    assert_eq!(finish(deaf).code, 2);
}

#[test]
fn nothing_in_a_log_or_a_name_moves_a_terminal() {
    let evil = "a\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}gpj\u{2066}\u{90}x\u{9c}\rover\u{8}";
    let escaped = serde_json::to_string(evil).expect("JSON").trim_matches('"').to_owned();
    let journal = crash_loop(&format!("{escaped}.service"))
        .replace("Permission denied", &format!("Permission denied {escaped}"))
        .replace("\"host\"", &format!("\"{escaped}\""));
    let folder = folder();
    let name = evil.replace('/', "");
    let path = write(&folder, &format!("{name}.json"), journal.as_bytes());
    let lines: String =
        (0..20).map(|n| format!("2026-05-11T22:40:{n:02}Z {evil}[7]: ERROR {evil}: failed\n")).collect();
    let raw = write(&folder, &format!("{name}.log"), lines.as_bytes());
    let missing = folder.path().join(format!("missing{name}"));
    for form in ["text", "json", "jsonl", "markdown", "alert"] {
        for paths in [vec![&path], vec![&raw], vec![&path, &raw, &missing]] {
            let mut arguments = vec!["-vv", "-o", form];
            arguments.extend(paths.iter().map(|p| text(p)));
            let ended = run(&arguments);
            assert!(ended.is_safe(), "{form}: {:?}\n{:?}", ended.out, ended.err);
        }
        let ended = pipe(&["-o", form], journal.as_bytes());
        assert!(ended.is_safe(), "{form}: {:?}\n{:?}", ended.out, ended.err);
    }
    for arguments in
        [vec!["rules", "show", evil], vec!["-u", evil, "-p", evil], vec![evil], vec!["--packs", evil, "/dev/null"]]
    {
        let ended = run(&arguments);
        assert!(ended.is_safe(), "{arguments:?}: {:?}", ended.err);
    }
    let partial = folder.path().join(format!("{evil}.part"));
    for arguments in [
        vec!["scan", "--partial", text(&partial), text(&missing)],
        vec!["merge", text(&raw)],
        vec!["merge", text(&missing)],
    ] {
        let ended = run(&arguments);
        assert!(ended.is_safe(), "{arguments:?}: {:?}", ended.err);
    }
}

/// Each failing unit is held against a bounded number of others, so the time does not grow with the square of them.
#[test]
fn thousands_of_failing_units_end_and_what_was_not_compared_is_told() {
    let folder = folder();
    let line = |i: usize, rest: &str| format!("May 11 10:{:02}:{:02} web systemd[1]: {rest}\n", i / 60 % 60, i % 60);
    let mut log = line(0, "postgres.service: Main process exited, code=killed, status=9/KILL");
    for i in 0..1500 {
        log += &line(i, &format!("app-{i}.service: Main process exited, code=exited, status=1/FAILURE"));
    }
    log += "May 11 10:00:05 web api[7]: ERROR connection to server at \"db\", port 5432 failed: Connection refused\n";
    let path = write(&folder, "many.log", log.as_bytes());
    let ended = run(&["-o", "json", text(&path)]);
    let diagnosis: Value = serde_json::from_str(&ended.out).expect("JSON");
    let incidents = diagnosis["incidents"].as_array().expect("incidents");
    let affected = |unit: &str| {
        let of = |i: &&Value| i["affected"].as_array().is_some_and(|a| a.iter().any(|u| u == unit));
        incidents.iter().filter(of).count()
    };
    assert_eq!(incidents.len(), 1501);
    assert_eq!(affected("app-1499.service"), 1);
    let beyond = &diagnosis["input"]["dropped"]["failing units not held against the others"];
    assert!(beyond.as_u64().is_some_and(|n| n >= 1000), "{beyond}");
}
