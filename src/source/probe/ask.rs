//! Asks all probes, side by side.
//!
//! In: the probes and what is around. Out: one answer each, in the order of the probes, whichever came first. It must never
//! wait for one that holds no time-out, nor start more threads than [`SIDE_BY_SIDE`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::answer::{Answer, Found, answer};
use super::around::Around;
use super::failure::{Failure, Reason};
use super::model::{Probe, Target};
use super::rows::Explode;
use super::{command, containers, files, http, machine, systemd, tcp};
use crate::base::Stamp;

/// So many probes are asked at the same time.
const SIDE_BY_SIDE: usize = 16;
/// Those that keep their time themselves say better what is wrong: they are given a moment to.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is looked whether somebody asked to stop.
const LOOK: Duration = Duration::from_millis(50);
/// What was asked to stop may take so long to do so.
const LAST: Duration = Duration::from_millis(500);

/// Asks every probe once. All of them have answered, or their time is over, when it returns. All answers are of the moment at
/// which it began: they stand beside each other, and none was there before another. When somebody asked to stop, those that had
/// not answered are left out.
///
/// `explode` knows documents.
pub fn ask_all(probes: &[Probe], around: &Around, explode: &Explode<'_>) -> Vec<Answer> {
    let moment = Stamp(now().0.div_euclid(1_000_000) * 1_000_000);
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<Option<Answer>>> = Mutex::new(vec![None; probes.len()]);
    let work = || {
        while let Some((index, probe)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, probes.get(i)?)))
        {
            let answer = ask(probe, around, moment, explode);
            let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = answers.get_mut(index) {
                *place = answer;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..SIDE_BY_SIDE.min(probes.len()) {
            scope.spawn(work);
        }
        work();
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
}

fn ask(probe: &Probe, around: &Around, moment: Stamp, explode: &Explode<'_>) -> Option<Answer> {
    let begin = Instant::now();
    let until = Deadline { begin, span: Duration::from_nanos(probe.timeout.0.max(0).unsigned_abs()) };
    // A file on a disk that is away knows no time-out: it is asked on a thread that nobody waits for too long.
    let (sender, receiver) = mpsc::channel();
    let (target, near) = (probe.target.clone(), around.clone());
    thread::spawn(move || {
        // Perhaps nobody waits for it any more.
        let _ = sender.send(find(&target, until, &near));
    });
    let mut stopped: Option<Instant> = None;
    let found = loop {
        match receiver.recv_timeout(LOOK) {
            Ok(found) => break found,
            Err(RecvTimeoutError::Disconnected) => break Err(Failure::new(Reason::Failed, "it could not be asked")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if around.is_stopped() && stopped.get_or_insert_with(Instant::now).elapsed() > LAST {
            return None;
        }
        if begin.elapsed() > until.span + GRACE {
            break Err(Failure::new(Reason::Slow, format!("it hangs: nothing came within {}", until.words())));
        }
    };
    // Ended by us, so its failure says nothing.
    if around.is_stopped() && found.as_ref().map_or(true, |found| found.failure.is_some()) {
        return None;
    }
    let found = found.unwrap_or_else(Found::failed);
    let elapsed = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Some(answer(probe, found, elapsed, moment, explode))
}

fn find(target: &Target, until: Deadline, around: &Around) -> Result<Found, Failure> {
    match target {
        Target::Http(http) => http::ask(http, until, around),
        Target::Tcp(tcp) => tcp::ask(tcp, until, around),
        Target::File(path) => files::file(path, around, now()),
        Target::Folder(folder) => files::folder(folder, around, now()),
        Target::Disk(path) => machine::disk(path, around),
        Target::Memory => machine::memory(around),
        Target::Systemd(units, user) => systemd::ask(units, *user, until, around),
        Target::Containers(engine, expected) => containers::ask(*engine, expected, until, around),
        Target::Command(argv, fine) => command::ask(argv, fine, until, around),
    }
}

fn now() -> Stamp {
    Stamp::from_jiff(jiff::Timestamp::now()).unwrap_or(Stamp(0))
}

/// The moment at which an answer must be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    pub begin: Instant,
    pub span: Duration,
}

impl Deadline {
    /// What is left of it.
    pub fn left(self) -> Duration {
        self.span.saturating_sub(self.begin.elapsed())
    }

    /// It is over.
    pub fn over(self) -> bool {
        self.left().is_zero()
    }

    /// `5 s`.
    pub fn words(self) -> String {
        crate::base::Span(i64::try_from(self.span.as_nanos()).unwrap_or(i64::MAX)).to_string()
    }
}
