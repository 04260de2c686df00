//! A program that is run for its output.
//!
//! In: a program and its arguments. Out: what it wrote and how it ended. No shell is asked, nothing is written to it. It
//! must never outlive its time: then it is killed, with all that it started.

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::LARGEST;
use super::around::Around;
use super::ask::Deadline;
use super::failure::{Failure, Reason, words};

/// So much of what it complains about is kept.
const COMPLAINT: usize = 4 << 10;
/// How often it is looked whether it still runs.
const LOOK: Duration = Duration::from_millis(10);
/// Its output is closed so soon after its end, or somebody else holds it open.
const GRACE: Duration = Duration::from_millis(300);

/// What a program left.
pub(super) struct Done {
    /// Its exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub output: Vec<u8>,
    /// The last lines that it complained with.
    pub complaint: String,
    /// Why the output is not whole.
    pub short: Option<Failure>,
}

/// Runs `argv` and waits for its end, or for the end of its time.
pub(super) fn run(argv: &[String], until: Deadline, around: &Around) -> Result<Done, Failure> {
    let (program, arguments) = argv.split_first().ok_or_else(|| Failure::new(Reason::Failed, "no program is named"))?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_clear().envs(&around.variables);
    // A group of its own, so that all that it started can be ended with it.
    command.process_group(0);
    let mut child = command.spawn().map_err(|why| not_started(program, &why))?;
    let (sender, receiver) = mpsc::channel();
    let (written, complained) = (Written::default(), Written::default());
    if let Some(out) = child.stdout.take() {
        let (sender, written) = (sender.clone(), written.clone());
        thread::spawn(move || sender.send(Part::Output(read(out, &written))));
    }
    if let Some(err) = child.stderr.take() {
        let complained = complained.clone();
        thread::spawn(move || {
            read(err, &complained);
            sender.send(Part::Complaint)
        });
    }
    let mut done = Done { code: None, signal: None, output: Vec::new(), complaint: String::new(), short: None };
    let mut status: Option<ExitStatus> = None;
    let mut parts = 2;
    let mut ended: Option<Instant> = None;
    while parts > 0 || status.is_none() {
        let wait = LOOK.min(until.left());
        match receiver.recv_timeout(wait) {
            Ok(Part::Output(more)) => {
                parts -= 1;
                if more {
                    let what = format!("the output is longer than {} MiB", LARGEST >> 20);
                    done.short.get_or_insert(Failure::new(Reason::TooLarge, what));
                    end(&mut child);
                }
            }
            Ok(Part::Complaint) => parts -= 1,
            Err(RecvTimeoutError::Timeout) => {}
            // Both pipes are read to their end: it only has to end itself.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(wait),
        }
        status = status.or_else(|| child.try_wait().ok().flatten());
        if status.is_some() && ended.get_or_insert_with(Instant::now).elapsed() > GRACE {
            // What it left running holds the pipes: that may go on, we do not wait for it. What was written counts.
            break;
        }
        let stopped = around.is_stopped();
        if (until.over() || stopped) && status.is_none() {
            let what =
                if stopped { "ended, as asked".to_owned() } else { format!("did not end within {}", until.words()) };
            done.short.get_or_insert(Failure::new(Reason::Slow, what));
            end(&mut child);
            status = child.wait().ok();
        }
    }
    done.output = taken(&written);
    done.complaint = last_lines(&taken(&complained));
    done.code = status.and_then(|status| status.code());
    done.signal = status.and_then(|status| status.signal());
    Ok(done)
}

enum Part {
    /// All that it wrote was read, and whether there was more than is kept.
    Output(bool),
    /// All that it complained was read.
    Complaint,
}

/// What was read of a pipe so far.
type Written = Arc<Mutex<Vec<u8>>>;

fn taken(written: &Written) -> Vec<u8> {
    std::mem::take(&mut written.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Reads to the end, or until there is more than is kept; says which of them it was.
fn read(mut from: impl Read, written: &Written) -> bool {
    let mut block = [0; 8192];
    loop {
        let got = match from.read(&mut block) {
            // What was read before a failure is as much as there is.
            Ok(0) => return false,
            Ok(got) => got,
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return false,
        };
        let mut bytes = written.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LARGEST.saturating_sub(bytes.len());
        bytes.extend_from_slice(block.get(..got.min(room)).unwrap_or_default());
        if got > room {
            return true;
        }
    }
}

fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // It may be gone already.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
}

fn not_started(program: &str, why: &std::io::Error) -> Failure {
    match why.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::new(Reason::Missing, format!("the program {program} is not installed"))
        }
        std::io::ErrorKind::PermissionDenied => {
            Failure::new(Reason::Denied, format!("the program {program} may not be run"))
        }
        _ => Failure::new(Reason::Failed, format!("{program}: {}", words(why))),
    }
}

fn last_lines(bytes: &[u8]) -> String {
    let from = bytes.len().saturating_sub(COMPLAINT);
    let text = String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.get(lines.len().saturating_sub(3)..).unwrap_or_default().join("; ")
}
