//! Runs the real program: on files, on a pipe that is fed in small pieces, and in parts that are merged.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Nothing here takes longer than this.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came out.
pub struct Outcome {
    /// Standard output.
    pub raw: String,
    /// It, as JSON.
    pub diagnosis: Value,
}

/// `logtriage ARGUMENTS` with the bytes on standard input, given in pieces of the sizes that `pieces` says in turn.
/// The error says what it did instead of ending well.
pub fn run(arguments: &[&str], stdin: Option<(&[u8], &[usize])>) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = |name: &str| folder.path().join(name);
    let file = |name: &str| fs::File::create(path(name)).map_err(|e| e.to_string());
    let mut child = Command::new(env!("CARGO_BIN_EXE_logtriage"))
        .args(arguments)
        .env("TZ", "UTC")
        .env("NO_COLOR", "1")
        .env("HOME", folder.path())
        .env("XDG_STATE_HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(file("stdout")?)
        .stderr(file("stderr")?)
        .spawn()
        .map_err(|e| e.to_string())?;
    let status = thread::scope(|scope| {
        let pipe = child.stdin.take();
        scope.spawn(move || feed(pipe, stdin));
        let begin = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if begin.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(3)),
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("no end after {} s", PATIENCE.as_secs()));
                }
                Err(e) => return Err(e.to_string()),
            }
        }
    })?;
    let read = |name: &str| fs::read(path(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let (stdout, stderr) = (read("stdout").map_err(|e| e.to_string())?, read("stderr").map_err(|e| e.to_string())?);
    if status.success() {
        Ok(stdout)
    } else {
        let told: String = stderr.trim().chars().take(200).collect();
        Err(format!("{status}: {told}"))
    }
}

/// A pipe that is closed early is the program's business; its status tells.
fn feed(pipe: Option<std::process::ChildStdin>, stdin: Option<(&[u8], &[usize])>) {
    let (Some(mut pipe), Some((mut bytes, pieces))) = (pipe, stdin) else { return };
    for &size in pieces.iter().cycle() {
        let (piece, rest) = bytes.split_at(size.clamp(1, bytes.len().max(1)).min(bytes.len()));
        if piece.is_empty() || pipe.write_all(piece).is_err() {
            return;
        }
        bytes = rest;
    }
}

fn diagnosis(raw: String) -> Result<Outcome, String> {
    let diagnosis = serde_json::from_str(&raw).map_err(|e| format!("no JSON: {e}: {:.80?}", raw))?;
    Ok(Outcome { raw, diagnosis })
}

/// Reads a file or folder.
pub fn file(path: &Path) -> Result<Outcome, String> {
    run(&["-o", "json", &path.to_string_lossy()], None).and_then(diagnosis)
}

/// Reads several files together.
pub fn files(paths: &[PathBuf]) -> Result<Outcome, String> {
    let names: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let mut arguments = vec!["-o", "json"];
    arguments.extend(names.iter().map(String::as_str));
    run(&arguments, None).and_then(diagnosis)
}

/// Reads a pipe: byte by byte what is small, in uneven pieces what is larger.
pub fn drip(path: &Path) -> Result<Outcome, String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    let pieces: &[usize] = if bytes.len() < 60_000 { &[1] } else { &[7, 1, 64, 4096, 3, 900, 1, 2] };
    run(&["-o", "json"], Some((&bytes, pieces))).and_then(diagnosis)
}

/// Reads a file in three parts, each by a process of its own, and merges what they left.
pub fn parts(path: &Path) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = path.to_string_lossy();
    let partials: Vec<PathBuf> = (1..=3).map(|n| folder.path().join(format!("part-{n}"))).collect();
    for (n, partial) in (1..).zip(&partials) {
        let part = format!("{n}/3");
        run(&["scan", "--partial", &partial.to_string_lossy(), "--part", &part, &file], None)
            .map_err(|why| format!("part {part}: {why}"))?;
    }
    // the order in which parts are given must not matter
    let named: Vec<String> = partials.iter().rev().map(|p| p.to_string_lossy().into_owned()).collect();
    let mut arguments = vec!["merge", "-o", "json"];
    arguments.extend(named.iter().map(String::as_str));
    run(&arguments, None).and_then(diagnosis)
}

/// Does all the work on two threads, and gathers what each piece has to say, in order.
pub fn each<T: Sync, W: Send>(work: &[T], one: impl Fn(&T) -> Vec<W> + Sync) -> Vec<W> {
    let (next, said) = (Mutex::new(0..work.len()), Mutex::new(Vec::new()));
    let worker = || {
        loop {
            let Some(n) = next.lock().expect("no panic holds it").next() else { return };
            let lines = one(&work[n]);
            said.lock().expect("no panic holds it").push((n, lines));
        }
    };
    thread::scope(|scope| {
        scope.spawn(worker);
        worker();
    });
    let mut said = said.into_inner().expect("no panic holds it");
    said.sort_by_key(|(n, _)| *n);
    said.into_iter().flat_map(|(_, lines)| lines).collect()
}
