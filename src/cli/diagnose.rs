//! The main job: logs in, a diagnosis out.

use std::cell::RefCell;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::base::{Error, Stamp};
use crate::detect::Change;
use crate::incident::{Diagnosis, FindingReport};
use crate::record::Format;
use crate::report::{self, Live, Screen};
use crate::run::batch::Progress;
use crate::run::{Filter, Follow, Pipeline, PipelineBuilder, Told, live};
use crate::source;

use super::args::{Form, Output, Reading, no_format};
use super::exit::{BAD, DONE, Exit, Failure, INCOMPLETE};
use super::settings::{self, Settings};
use super::{signals, terminal};

/// A stream that ends sooner than this is a file in disguise: only its diagnosis is told, not every step to it.
const SETTLE: Duration = Duration::from_millis(400);

pub(super) fn run(reading: &Reading, output: &Output, follow: bool, paths: &[PathBuf]) -> Result<Exit, Failure> {
    let stdin = paths.iter().any(|p| p.as_os_str() == "-");
    let piped = paths.is_empty() && !io::stdin().is_terminal();
    if stdin && paths.len() > 1 {
        return Err(Failure::Usage(
            Error::new("'-' cannot be read together with files").help("cat FILE... | logtriage, or name files only"),
        ));
    }
    settings::note(&reading.ruling, output.verbose, output.quiet);
    if stdin || piped {
        let pipeline = kept(pipeline(reading, None)?);
        return stream(pipeline, output, "-", "stdin", source::standard_input().map_err(unread)?, || {});
    }
    if paths.is_empty() {
        return journal(reading, output, follow);
    }
    let pipeline = kept(pipeline(reading, None)?);
    if follow {
        return files(pipeline, output, paths);
    }
    let bytes = paths.iter().filter_map(|p| fs::metadata(p).ok()).map(|m| m.len()).sum();
    let bar = Bar { bar: terminal::bar(output.quiet, bytes), stopped: Arc::default() };
    let stopped = bar.stopped.clone();
    let asked = signals::listen(move || stopped.store(true, Ordering::Relaxed))?;
    let diagnosis = pipeline.judge(paths, &bar);
    bar.bar.finish_and_clear();
    let exit = tell(diagnosis, output)?;
    Ok(asked.exit().unwrap_or(exit))
}

/// The pipeline of a command, which lasts until the process ends: then it goes as a whole, not rule by rule.
fn kept(pipeline: Pipeline) -> &'static Pipeline {
    Box::leak(Box::new(pipeline))
}

/// The packs and the choice of records that the arguments ask for.
pub(super) fn pipeline(reading: &Reading, format: Option<Format>) -> Result<Pipeline, Failure> {
    threads(reading.threads);
    let settings = Settings::load((&reading.ruling).into())?;
    if let Some(name) = reading.document()
        && !settings.loaded.formats.iter().any(|document| document.name == name)
    {
        return Err(Failure::Usage(no_format(name, &settings.loaded.formats)));
    }
    let filter =
        Filter { units: reading.unit.clone(), since: reading.since, until: reading.until, level: reading.priority };
    build(settings, |builder| {
        let builder = builder.filter(filter).format(reading.format().or(format)).now(reading.now);
        builder.document(reading.document().map(str::to_owned))
    })
}

/// The packs that were loaded, for input of one form.
pub(super) fn pipeline_of(settings: Settings, format: Option<Format>) -> Result<Pipeline, Failure> {
    build(settings, |builder| builder.format(format))
}

fn build(settings: Settings, with: impl FnOnce(PipelineBuilder) -> PipelineBuilder) -> Result<Pipeline, Failure> {
    let Settings { loaded, own, .. } = settings;
    let builder = with(Pipeline::builder().packs(loaded.packs).documents(loaded.formats));
    let pipeline = builder.build().map_err(Failure::Usage)?;
    // Built-in packs are proven by the tests; the user's are compiled before anything is read.
    let broken = if own { pipeline.plan().broken() } else { Vec::new() };
    match broken.into_iter().next() {
        Some(err) => Err(Failure::Usage(err)),
        None => Ok(pipeline),
    }
}

/// How many threads work, where somebody said it.
pub(super) fn threads(number: Option<usize>) {
    if let Some(n) = number {
        // The pool is there already when a test runs two commands in one process: that one is kept.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(n).build_global();
    }
}

/// This machine's journal, as journalctl reads it.
fn journal(reading: &Reading, output: &Output, follow: bool) -> Result<Exit, Failure> {
    let pipeline = kept(pipeline(reading, Some(Format::JournalExport))?);
    let mut command = Command::new("journalctl");
    command.args(["--output=export", "--no-pager", "--quiet"]);
    if follow {
        command.args(["--follow", "--no-tail"]);
    }
    // The journal is searched by time faster than we could read it.
    for (option, time) in [("--since", reading.since), ("--until", reading.until)] {
        if let Some(time) = time {
            command.arg(format!("{option}=@{}", time.0.div_euclid(1_000_000_000)));
        }
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|err| {
        let error = Error::new("cannot run journalctl to read this machine's journal").because(err);
        Failure::Input(error.help("name files to read, or pipe a log in: logtriage PATH..."))
    })?;
    let Some(out) = child.stdout.take() else {
        return Err(Failure::Input(Error::new("journalctl has no output to read")));
    };
    let id = child.id();
    let exit = stream(pipeline, output, "journal", "journal", OwnedFd::from(out).into(), move || interrupt(id))?;
    // Its output is closed, so it is over, or will be in a moment; after that nobody waits for it.
    let mut ended = child.try_wait();
    for _ in 0..50 {
        if exit != DONE || !matches!(ended, Ok(None)) {
            break;
        }
        thread::sleep(Duration::from_millis(20));
        ended = child.try_wait();
    }
    let _ = child.kill();
    let _ = child.wait();
    match ended {
        Ok(Some(status)) if !status.success() && exit == DONE => {
            terminal::say(format_args!("logtriage: journalctl could not read the whole journal ({status})"));
            Ok(INCOMPLETE)
        }
        _ => Ok(exit),
    }
}

/// Files and folders, as they are written.
fn files(pipeline: &Pipeline, output: &Output, paths: &[PathBuf]) -> Result<Exit, Failure> {
    let (stop, stopped) = mpsc::channel();
    let asked = signals::listen(move || {
        let _ = stop.send(());
    })?;
    let mut speaker = Speaker::new(output);
    let mut follow = Follow::new(pipeline, paths);
    loop {
        let told = follow.step(Stamp::from_jiff(jiff::Timestamp::now()).unwrap_or(Stamp(0)));
        if !speaker.hear(&told) {
            break;
        }
        let pause = if follow.is_behind() { Duration::ZERO } else { live::IDLE };
        match stopped.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let (diagnosis, told) = follow.finish();
    speaker.last_words(&told);
    if let Some(err) = speaker.failed {
        return Err(Failure::Output(err));
    }
    let exit = tell(diagnosis, output)?;
    Ok(asked.exit().unwrap_or(exit))
}

/// Ends the child that we read from, so that its pipe closes and we finish with what is there.
fn interrupt(id: u32) {
    let _ = Command::new("kill").arg(id.to_string()).status();
}

fn unread(err: io::Error) -> Failure {
    Failure::Input(Error::new("cannot read what is piped in").because(err))
}

fn stream(
    pipeline: &Pipeline,
    output: &Output,
    name: &str,
    unit: &str,
    input: fs::File,
    stop_source: impl Fn() + Send + 'static,
) -> Result<Exit, Failure> {
    let (pipe, mut stop) = source::Pipe::new(input).map_err(unread)?;
    let asked = signals::listen(move || {
        stop_source();
        // What was read until then is judged, and that is all.
        stop.ask();
    })?;
    let speaker = RefCell::new(Speaker::new(output));
    let mut hear = |told: &[Told]| speaker.borrow_mut().hear(told);
    let (diagnosis, told) = live::follow(pipeline, name, unit, pipe, &mut hear);
    let mut speaker = speaker.into_inner();
    speaker.last_words(&told);
    if let Some(err) = speaker.failed {
        return Err(Failure::Output(err));
    }
    let exit = tell(diagnosis, output)?;
    Ok(asked.exit().unwrap_or(exit))
}

/// Tells findings as they come.
struct Speaker<'a> {
    output: &'a Output,
    screen: Screen,
    started: Instant,
    waiting: Vec<Told>,
    failed: Option<io::Error>,
    memory: report::Memory,
}

impl<'a> Speaker<'a> {
    fn new(output: &'a Output) -> Speaker<'a> {
        let screen = terminal::screen(output);
        Speaker {
            output,
            screen,
            memory: report::Memory::default(),
            started: Instant::now(),
            waiting: Vec::new(),
            failed: None,
        }
    }

    fn hear(&mut self, told: &[Told]) -> bool {
        self.waiting.extend_from_slice(told);
        if self.started.elapsed() >= SETTLE {
            self.speak();
        }
        self.failed.is_none()
    }

    /// At the end: a stream that lasted has its last changes told, one that was over at once has none.
    fn last_words(&mut self, told: &[Told]) {
        if self.output.output == Form::Jsonl || self.started.elapsed() >= SETTLE {
            self.waiting.extend_from_slice(told);
            self.speak();
        }
    }

    fn speak(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let mut out = io::stdout().lock();
        for told in self.waiting.drain(..) {
            let report = FindingReport::of(&told.finding, |_| "-".to_owned());
            let report = report::prepare_finding(report, !self.output.no_redact);
            let notice;
            let event = match told.change {
                Change::Opened | Change::Reopened => Live::Finding(&report),
                Change::Worse => Live::Worse(&report),
                Change::Resolved => Live::Resolved(&report),
                Change::Withdrawn => {
                    notice = format!("{}: not so, as lines say that came late: {}", report.unit, report.title);
                    Live::Notice(&notice)
                }
            };
            let result = match self.output.output {
                Form::Text => report::live_text(&event, &self.screen, &mut self.memory, &mut out),
                Form::Jsonl => report::jsonl(&event, &mut out),
                Form::Json | Form::Markdown | Form::Alert => Ok(()),
            };
            if let Err(err) = result.and_then(|()| out.flush()) {
                self.failed.get_or_insert(err);
            }
        }
    }
}

/// Writes the diagnosis to standard output, and says with which exit code to end.
pub(super) fn tell(diagnosis: Diagnosis, output: &Output) -> Result<Exit, Failure> {
    let diagnosis = report::prepare(diagnosis, !output.no_redact);
    if !output.quiet {
        for gone in &diagnosis.input.unreadable {
            terminal::say(format_args!("logtriage: {}", gone.why));
        }
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match output.output {
        Form::Text => report::text(&diagnosis, &terminal::screen(output), &mut out)?,
        Form::Json => report::json(&diagnosis, &mut out)?,
        Form::Jsonl => {
            for incident in &diagnosis.incidents {
                report::jsonl(&Live::Incident(incident), &mut out)?;
            }
            report::jsonl(&Live::Diagnosis(&diagnosis), &mut out)?;
        }
        Form::Markdown => report::markdown(&diagnosis, &mut out)?,
        Form::Alert => report::alert(&diagnosis, &mut out)?,
    }
    out.flush()?;
    if output.fails_on().is_some_and(|limit| diagnosis.severity >= limit) {
        return Ok(BAD);
    }
    Ok(if diagnosis.input.unreadable.is_empty() { DONE } else { INCOMPLETE })
}

/// The progress of a batch, shown and stoppable.
pub(super) struct Bar {
    pub(super) bar: indicatif::ProgressBar,
    pub(super) stopped: Arc<AtomicBool>,
}

impl Progress for Bar {
    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn notice(&self, what: &str) {
        self.bar.suspend(|| terminal::say(format_args!("logtriage: {what}")));
    }
}
