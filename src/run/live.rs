//! Live: one stream of bytes, judged while it is written.
//!
//! When we are slow, the writer waits, nothing is lost. Events are held back for a moment of event time, so that records
//! that overtake each other are judged in order; when nothing arrives for a moment of real time, everything that waits is
//! judged. A finding does not wait for that: as soon as everything that is there was read, it is told what the events that
//! wait come to if nothing overtakes them ([`Settler::foresee`]).
//!
//! Bytes come from a [`Pipe`](crate::source::Pipe), or from any reader: a thread reads and hands over what it read through
//! a bounded channel.

use std::io::Read;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use crate::base::{Span, Stamp};
use crate::incident::Diagnosis;
use crate::record::Format;
use crate::record::document::Exploder;
use crate::source::{Arrivals, Came};

use super::pipeline::Pipeline;
use super::settle::{Settler, Told};
use super::worker::Worker;

/// Events are held back this long in event time: what overtakes less is judged in order.
pub const LATENESS: Span = Span::millis(500);

/// When nothing arrives for this long, what waits is judged: nothing else will come to push it.
pub const IDLE: Duration = Duration::from_millis(250);

/// A format is chosen from this many bytes, or from what came until the stream first paused.
pub(super) const SNIFF: usize = 64 << 10;

/// A read of fewer bytes than this has emptied the pipe: nobody needs to ask whether there is more.
const LITTLE: usize = 16 << 10;

/// Reads on their way from the reader: the writer waits when these are full.
const IN_FLIGHT: usize = 16;

const READ: usize = 256 << 10;

/// What the reader hands over.
#[derive(Debug)]
pub enum Bytes {
    /// Some more.
    More(Vec<u8>),
    /// Reading failed; nothing follows.
    Failed(std::io::Error),
    /// Somebody asked to stop: finish with what is there.
    Stop,
}

/// Reads a stream on a thread of its own. The sender that is returned can be used to stop.
pub fn read(mut stream: impl Read + Send + 'static) -> (SyncSender<Bytes>, Receiver<Bytes>) {
    let (sender, receiver) = mpsc::sync_channel(IN_FLIGHT);
    let stop = sender.clone();
    thread::spawn(move || {
        loop {
            let mut buffer = vec![0; READ];
            let next = match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    buffer.truncate(n);
                    Bytes::More(buffer)
                }
                Err(err) if err.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(err) => Bytes::Failed(err),
            };
            let over = matches!(next, Bytes::Failed(_));
            if sender.send(next).is_err() || over {
                return;
            }
        }
        let _ = sender.send(Bytes::Stop);
    });
    (stop, receiver)
}

impl Arrivals for &Receiver<Bytes> {
    fn next(&mut self, into: &mut Vec<u8>, wait: Option<Duration>) -> Came {
        let next = match wait {
            None => self.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(wait) => self.recv_timeout(wait),
        };
        match next {
            Ok(Bytes::More(more)) => {
                into.extend_from_slice(&more);
                Came::Bytes(more.len())
            }
            Ok(Bytes::Failed(err)) => Came::Failed(err),
            Ok(Bytes::Stop) | Err(RecvTimeoutError::Disconnected) => Came::End,
            Err(RecvTimeoutError::Timeout) => Came::Nothing,
        }
    }
}

/// Follows a stream to its end. `tell` hears what changed after every read and every pause, also that nothing did; it may
/// end the run by returning `false`.
pub fn follow(
    pipeline: &Pipeline,
    name: &str,
    unit: &str,
    mut bytes: impl Arrivals,
    tell: &mut dyn FnMut(&[Told]) -> bool,
) -> (Diagnosis, Vec<Told>) {
    let mut settler = Settler::new(pipeline);
    let mut buffer = Vec::new();
    let mut over = collect(&mut bytes, &mut buffer, &mut settler, name);
    let found = pipeline.documents(None, head(&buffer), over && buffer.len() <= SNIFF);
    let mut rows = found.as_ref().map(|found| pipeline.exploder(found, None, wall_clock(), None));
    if let Some(rows) = &mut rows {
        let raw = std::mem::take(&mut buffer);
        rows.lines(&raw, over, &mut buffer);
    }
    let tail = if over { head(&buffer) } else { &[] };
    let mut source = pipeline.source(name, unit.to_owned(), wall_clock(), head(&buffer), tail);
    if let Some(found) = &found {
        pipeline.label(&mut source, found);
    }
    settler.name(source.id, source.to_name());
    let format = source.format;
    let mut worker = Worker::new(pipeline, source, 0);
    let mut arrived = Instant::now();
    let (mut raw, mut read) = (Vec::new(), buffer.len());
    loop {
        worker.arrived(wall_clock());
        let done = worker.feed(&buffer, over);
        buffer.drain(..done);
        settler.absorb(worker.take());
        settler.forgot(worker.forget());
        for why in rows.iter_mut().flat_map(Exploder::problems) {
            settler.unreadable(name, format!("{name}: {why}"));
        }
        if over {
            return settler.finish_with();
        }
        // Where no record carries a time, the time of arrival stands in: the clock decides.
        let latest = settler.latest().unwrap_or_else(wall_clock);
        settler.loosen(latest.minus(LATENESS));
        let mut told = settler.advance(latest.minus(LATENESS));
        let into = if rows.is_some() { &mut raw } else { &mut buffer };
        let mut came = if read < LITTLE { Came::Nothing } else { bytes.next(into, Some(Duration::ZERO)) };
        if matches!(came, Came::Nothing) {
            told.extend(settler.foresee());
            if !tell(&told) {
                return settler.finish_with();
            }
            came = bytes.next(into, Some(IDLE));
        } else if !tell(&told) {
            return settler.finish_with();
        }
        read = 0;
        match came {
            Came::Bytes(more) => {
                read = more;
                arrived = Instant::now();
                if let Some(rows) = &mut rows {
                    rows.lines(&raw, false, &mut buffer);
                    raw.clear();
                }
            }
            Came::Failed(err) => {
                settler.unreadable(name, format!("{name}: reading failed: {err}"));
                over = true;
            }
            Came::End => over = true,
            Came::Nothing => {
                // An entry of the verbose form ends where the next one begins, and after a pause none will. Everywhere
                // else a record without its end is still being written.
                if format == Format::JournalVerbose && buffer.ends_with(b"\n") {
                    let done = worker.feed(&buffer, true);
                    buffer.drain(..done);
                    settler.absorb(worker.take());
                }
                settler.loosen(Stamp::MAX);
                let latest = settler.latest().unwrap_or_else(wall_clock);
                let mut told = settler.advance(latest);
                told.extend(settler.tick(latest.plus(silent(arrived))));
                if !tell(&told) {
                    return settler.finish_with();
                }
            }
        }
        if let Some(rows) = rows.as_mut().filter(|_| over) {
            rows.lines(&[], true, &mut buffer);
        }
    }
}

/// How long nothing has come: while a source is silent, the clock of its log goes on like any other.
pub(super) fn silent(since: Instant) -> Span {
    Span::millis(i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX / 1_000_000))
}

/// The first bytes: as many as a format is chosen from, or all until the first pause.
fn collect(bytes: &mut impl Arrivals, buffer: &mut Vec<u8>, settler: &mut Settler<'_>, name: &str) -> bool {
    let mut pause = None;
    while head(buffer).len() < SNIFF {
        let wait = pause.map(|until| Instant::saturating_duration_since(&until, Instant::now()));
        match bytes.next(buffer, wait) {
            Came::Bytes(_) => {
                // A line is enough to choose a format when nothing else comes soon.
                if pause.is_none() && memchr::memchr(b'\n', buffer).is_some() {
                    pause = Some(Instant::now() + IDLE / 5);
                }
            }
            Came::Failed(err) => {
                settler.unreadable(name, format!("{name}: reading failed: {err}"));
                return true;
            }
            Came::End => return true,
            Came::Nothing => return false,
        }
    }
    false
}

fn head(buffer: &[u8]) -> &[u8] {
    buffer.get(..SNIFF).unwrap_or(buffer)
}

fn wall_clock() -> Stamp {
    Stamp::from_jiff(jiff::Timestamp::now()).unwrap_or(Stamp(0))
}
