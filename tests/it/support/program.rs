//! The real program, started with any arguments: what it said, and how it ended.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing here takes longer than this.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the program ended.
pub struct Ended {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ended {
    /// Neither stream holds anything that moves a terminal.
    pub fn is_safe(&self) -> bool {
        let unsafe_char = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        !self.out.contains(unsafe_char) && !self.err.contains(unsafe_char)
    }
}

/// The program with these arguments, in a world of its own.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logtriage"));
    command.args(arguments).env("TZ", "UTC").env("XDG_CONFIG_HOME", "/nowhere");
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, with nothing on standard input.
pub fn run(arguments: &[&str]) -> Ended {
    finish(command(arguments))
}

/// Runs it to its end with these bytes on standard input.
pub fn pipe(arguments: &[&str], bytes: &[u8]) -> Ended {
    let mut started = Started::new(command(arguments));
    let _ = started.stdin.as_mut().expect("a pipe").write_all(bytes);
    started.end()
}

/// Runs a prepared command to its end.
pub fn finish(mut command: Command) -> Ended {
    command.stdin(Stdio::null());
    Started::new_with(command, Stdio::null()).end()
}

/// The program while it runs.
pub struct Started {
    /// The process.
    pub child: Child,
    /// Its standard input, until it is dropped.
    pub stdin: Option<ChildStdin>,
    out: Receiver<Vec<u8>>,
    err: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Started {
    /// Starts it with a pipe as standard input.
    pub fn new(command: Command) -> Started {
        Started::new_with(command, Stdio::piped())
    }

    fn new_with(mut command: Command, stdin: Stdio) -> Started {
        let mut child = command.stdin(stdin).spawn().expect("the program starts");
        let out = child.stdout.take().map(collect).unwrap_or_else(|| mpsc::channel().1);
        let err = child.stderr.take().map(collect).unwrap_or_else(|| mpsc::channel().1);
        Started { stdin: child.stdin.take(), child, out, err, seen: Vec::new() }
    }

    /// Writes to its standard input.
    pub fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("a pipe");
        stdin.write_all(bytes).expect("it reads");
        stdin.flush().expect("it reads");
    }

    /// Waits until standard output holds `text`, and says how long that took. `None`: it did not within `most`.
    pub fn hear(&mut self, text: &str, most: Duration) -> Option<Duration> {
        let begin = Instant::now();
        loop {
            if memchr::memmem::find(&self.seen, text.as_bytes()).is_some() {
                return Some(begin.elapsed());
            }
            let left = most.checked_sub(begin.elapsed())?;
            self.seen.extend(self.out.recv_timeout(left).ok()?);
        }
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Sends it a signal by name, as `kill -INT` does.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.is_ok_and(|s| s.success()), "kill -{name}");
    }

    /// Waits for its end without closing its standard input.
    pub fn wait(&mut self) -> i32 {
        let begin = Instant::now();
        loop {
            match self.child.try_wait().expect("a child") {
                Some(status) => return status.code().unwrap_or(-1),
                None if begin.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
                None => {
                    let _ = self.child.kill();
                    panic!("no end after {PATIENCE:?}; it said: {}", self.said());
                }
            }
        }
    }

    /// Closes its standard input and waits for its end.
    pub fn end(mut self) -> Ended {
        drop(self.stdin.take());
        let code = self.wait();
        let mut out = std::mem::take(&mut self.seen);
        self.out.iter().for_each(|more| out.extend(more));
        let err: Vec<u8> = self.err.iter().flatten().collect();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
        let ended = Ended { code, out: text(out), err: text(err) };
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
        ended
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(n @ 1..) = stream.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A service that cannot start and is started again: one round of it in the journal's JSON, at `second`.
pub fn crash(unit: &str, second: u64) -> String {
    let time = (1_778_540_000 + second) * 1_000_000;
    let entry = |id: u64, rest: String| {
        let at = time + id;
        let head = format!("\"__CURSOR\":\"s=1;i={id};t={at:x}\",\"__REALTIME_TIMESTAMP\":\"{at}\"");
        format!("{{{head},\"_HOSTNAME\":\"host\",{rest}}}\n")
    };
    let manager = |id: u64, text: &str| {
        let about = format!("\"SYSLOG_IDENTIFIER\":\"systemd\",\"_PID\":\"1\",\"PRIORITY\":\"5\",\"UNIT\":\"{unit}\"");
        entry(id, format!("{about},\"_SYSTEMD_UNIT\":\"init.scope\",\"MESSAGE\":\"{unit}: {text}\""))
    };
    let own = format!(
        "\"SYSLOG_IDENTIFIER\":\"app\",\"_PID\":\"{}\",\"PRIORITY\":\"3\",\"_SYSTEMD_UNIT\":\"{unit}\"",
        500 + second
    );
    [
        entry(1, format!("{own},\"MESSAGE\":\"cannot open /var/lib/app/data: Permission denied\"")),
        manager(2, "Main process exited, code=exited, status=1/FAILURE"),
        manager(3, "Failed with result 'exit-code'."),
        manager(4, &format!("Scheduled restart job, restart counter is at {second}.")),
    ]
    .concat()
}

/// A crash loop of that unit.
pub fn crash_loop(unit: &str) -> String {
    (0..6).map(|n| crash(unit, n * 2)).collect()
}
