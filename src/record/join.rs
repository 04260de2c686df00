//! Which records are the lines of one: traces and panics whose every line came as an entry of its own, and long lines
//! that a container runtime split.
//!
//! A [`Gate`] stands in every chunk and says which records must wait; a single [`Joiner`] gets the waiting pieces of
//! all chunks in order of source and offset, and decides. The gate may let too many wait, never too few, so the joined
//! records are the same wherever the input was cut:
//!
//! - a record whose message alone looks like a line of a trace waits (and so does a partial one);
//! - the two records of its lane after it wait, because they may be the message that belongs to it, and because one of
//!   them ends it;
//! - the first two records of a lane in a chunk wait, because the chunk before may have ended in such a record.
//!
//! The joiner takes a line without the look of a trace only directly after one that has it. So when a trace is open,
//! the next record of its lane has waited, in every chunk.

mod line;
#[cfg(test)]
mod tests;

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use self::line::{Role, Trace, role};
use super::view::{OwnedRecord, Record};
use super::{header, inner, jsonl};
use crate::base::{Level, SourceId, Span, Stamp};

/// How many records of a lane wait after one that may be a line of a trace.
const WAIT: u8 = 2;
/// How many lanes a gate remembers.
const LANES: usize = 65_536;
/// How far apart the lines of one record may be.
const GAP: Span = Span::seconds(5);
/// How many lines and bytes one record may have.
const LINES: u32 = 1_000;
const BYTES: usize = 256 * 1024;
/// How many records may be open at once.
const OPEN: usize = 4_096;

/// Says which records of one chunk must wait.
#[derive(Debug, Default)]
pub struct Gate {
    /// How many more records of a lane must wait.
    lanes: HashMap<u64, u8, FixedState>,
}

impl Gate {
    /// A gate for a new chunk.
    pub fn new() -> Gate {
        Gate::default()
    }

    /// Does this record by itself look like a line of a trace, or like a part of a line?
    pub fn looks_joined(record: &Record<'_>) -> bool {
        record.partial || role(record.message) != Role::Ordinary
    }

    /// The lane of a record: who printed it.
    pub fn lane(record: &Record<'_>) -> u64 {
        lane(record.unit.as_ref(), record.pid, record.stream as u8, &record.host, &record.identifier)
    }

    /// Will no record of this lane wait that does not look like a line of a trace itself?
    pub fn is_idle(&self, lane: u64) -> bool {
        self.lanes.get(&lane) == Some(&0)
    }

    /// Must this record of this lane wait in the [`Joiner`], instead of being looked at now?
    pub fn holds(&mut self, record: &Record<'_>, lane: u64) -> bool {
        let trace = Gate::looks_joined(record);
        match self.lanes.get_mut(&lane) {
            Some(left) => {
                let holds = trace || *left > 0;
                *left = if trace { WAIT } else { left.saturating_sub(1) };
                holds
            }
            None => {
                if self.lanes.len() >= LANES {
                    // Forgotten lanes count as new ones: more records wait, none is missed.
                    self.lanes.clear();
                }
                self.lanes.insert(lane, if trace { WAIT } else { WAIT - 1 });
                true
            }
        }
    }
}

/// One printer of lines: unit, process, stream, host, identifier.
fn lane(unit: &str, pid: Option<u32>, stream: u8, host: &str, identifier: &str) -> u64 {
    FixedState::default().hash_one((unit, pid, stream, host, identifier))
}

/// Does a message by itself not look like a line of a trace?
pub(super) fn is_ordinary(message: &[u8]) -> bool {
    role(message) == Role::Ordinary
}

/// Joins the waiting pieces of all chunks.
#[derive(Debug, Default)]
pub struct Joiner {
    /// Lines of which only parts have come.
    torn: Waiting,
    /// Traces of which lines may be missing.
    open: Waiting,
}

/// A source, and a lane in it.
type Key = (SourceId, u64);

type Waiting = HashMap<Key, Group, FixedState>;

/// A record that may still grow.
#[derive(Debug)]
struct Group {
    record: OwnedRecord,
    state: State,
    /// The time of the last line, or of the first that had one.
    last: Option<Stamp>,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The rest of a split line.
    Rest,
    /// More of a trace. `named`: its exception was named, only what chains another to it may follow. `margin`: a line
    /// at the margin, without the look of a trace, may be its message.
    Trace { kind: Trace, named: bool, margin: bool },
}

impl Joiner {
    /// Nothing is open.
    pub fn new() -> Joiner {
        Joiner::default()
    }

    /// Is nothing waiting?
    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.torn.is_empty()
    }

    /// Takes the next piece. Pieces come in order of source and offset; records that are complete go to `out`.
    pub fn push(&mut self, piece: OwnedRecord, out: &mut Vec<OwnedRecord>) {
        let lane = lane(&piece.unit, piece.pid, piece.stream as u8, &piece.host, &piece.identifier);
        let key = (piece.place.source, lane);
        // A line in parts is made whole first: it may be a line of a trace.
        if let Some(mut group) = self.torn.remove(&key) {
            match group.next(&piece) {
                Some(Some(state)) => {
                    group.append(&piece);
                    group.state = state;
                    self.torn.insert(key, group);
                    return;
                }
                Some(None) => {
                    group.append(&piece);
                    self.line(key, group.finish(), out);
                    return;
                }
                None => self.line(key, group.finish(), out),
            }
        }
        if piece.partial {
            if let Some((key, group)) = evict(&mut self.torn) {
                self.line(key, group.finish(), out);
            }
            let last = piece.time;
            self.torn.insert(key, Group { record: piece, state: State::Rest, last });
        } else {
            self.line(key, piece, out);
        }
    }

    /// Takes the next whole line of its lane.
    fn line(&mut self, key: Key, piece: OwnedRecord, out: &mut Vec<OwnedRecord>) {
        if let Some(mut group) = self.open.remove(&key) {
            match group.next(&piece) {
                Some(Some(state)) => {
                    group.append(&piece);
                    group.state = state;
                    self.open.insert(key, group);
                    return;
                }
                Some(None) => {
                    group.append(&piece);
                    out.push(group.finish());
                    return;
                }
                None => out.push(group.finish()),
            }
        }
        match opening(&piece.message) {
            Some(state) => {
                if let Some((_, group)) = evict(&mut self.open) {
                    out.push(group.finish());
                }
                let last = piece.time;
                self.open.insert(key, Group { record: piece, state, last });
            }
            None => out.push(piece),
        }
    }

    /// The time of the earliest record that waits.
    pub fn oldest(&self) -> Option<Stamp> {
        self.torn.values().chain(self.open.values()).filter_map(|group| group.record.time).min()
    }

    /// Nothing follows: everything that waits is complete.
    pub fn finish(&mut self, out: &mut Vec<OwnedRecord>) {
        self.release(out, |_| true);
    }

    /// Completes what had its last line before `mark`.
    pub fn flush_before(&mut self, mark: Stamp, out: &mut Vec<OwnedRecord>) {
        self.release(out, |group| group.last.is_none_or(|last| last < mark));
    }

    /// Completes some of the open records, in the order of their places.
    fn release(&mut self, out: &mut Vec<OwnedRecord>, ripe: impl Fn(&Group) -> bool) {
        let start = out.len();
        let mut torn: Vec<(Key, Group)> = self.torn.extract_if(|_, group| ripe(group)).collect();
        torn.sort_by_key(|(_, group)| group.record.place);
        for (key, group) in torn {
            self.line(key, group.finish(), out);
        }
        out.extend(self.open.extract_if(|_, group| ripe(group)).map(|(_, group)| group.finish()));
        if let Some(new) = out.get_mut(start..) {
            new.sort_by_key(|record| record.place);
        }
    }
}

/// Makes room where too many wait. Which one goes must not depend on hashing: the one that began first.
fn evict(waiting: &mut Waiting) -> Option<(Key, Group)> {
    if waiting.len() < OPEN {
        return None;
    }
    let (_, key) = waiting.iter().map(|(key, group)| (group.record.place, *key)).min()?;
    waiting.remove_entry(&key)
}

/// What may follow `message`, if it can begin a record of several lines.
fn opening(message: &[u8]) -> Option<State> {
    match role(message) {
        Role::Begin(kind) => {
            let margin = kind == Trace::Rust && message.trim_ascii_end().ends_with(b":");
            Some(State::Trace { kind, named: false, margin })
        }
        Role::Frame(kind) => Some(State::Trace { kind, named: false, margin: kind == Trace::Python }),
        Role::Exception => Some(State::Trace { kind: Trace::Java, named: false, margin: false }),
        Role::Ordinary | Role::Indented | Role::Blank => None,
    }
}

impl Group {
    /// May `piece` be appended? Then what may follow it: `Some(None)` when the record is complete with it.
    fn next(&self, piece: &OwnedRecord) -> Option<Option<State>> {
        if let (Some(last), Some(time)) = (self.last, piece.time)
            && (time.since(last) > GAP || last.since(time) > GAP)
        {
            return None;
        }
        if self.record.lines >= LINES || self.record.message.len() + piece.message.len() > BYTES {
            return None;
        }
        let State::Trace { kind, named, margin } = self.state else {
            return Some(piece.partial.then_some(State::Rest));
        };
        if piece.partial {
            return None;
        }
        let same = |named, margin| Some(Some(State::Trace { kind, named, margin }));
        match (kind, role(&piece.message)) {
            (_, Role::Blank) => same(named, false),
            (_, Role::Indented) => {
                if is_record(&piece.message) {
                    None
                } else {
                    same(named, kind == Trace::Python && !named)
                }
            }
            (Trace::Python, Role::Frame(Trace::Python)) => same(false, true),
            // Only a chain (`During handling of ...`) leads to another traceback.
            (Trace::Python, Role::Begin(Trace::Python)) if self.chained() => same(false, false),
            (Trace::Python, Role::Exception) if !named => same(true, false),
            (Trace::Python, Role::Frame(Trace::Java)) if !named => same(false, true),
            (Trace::Java, Role::Frame(Trace::Java | Trace::Rust)) => same(named, false),
            (Trace::Go, Role::Frame(Trace::Go) | Role::Begin(Trace::Go)) => {
                if piece.message.starts_with(b"panic: ") {
                    None
                } else {
                    same(named, false)
                }
            }
            (Trace::Rust, Role::Frame(Trace::Rust | Trace::Java)) => same(named, false),
            // Directly after a line with the look of a trace: the name of an exception that is not called an error,
            // the message of a Rust panic.
            (Trace::Python, Role::Ordinary) if margin && !named && line::names_exception(&piece.message) => {
                same(true, false)
            }
            (Trace::Rust, Role::Ordinary | Role::Exception) if margin && !is_record(&piece.message) => {
                same(true, false)
            }
            _ => None,
        }
    }

    /// Was the last line one that announces another traceback?
    fn chained(&self) -> bool {
        let mut lines = self.record.message.rsplit(|b| *b == b'\n').map(<[u8]>::trim_ascii);
        lines.find(|line| !line.is_empty()).is_some_and(line::is_chain)
    }

    fn append(&mut self, piece: &OwnedRecord) {
        let record = &mut self.record;
        if self.state != State::Rest {
            record.message.push(b'\n');
        }
        record.message.extend_from_slice(&piece.message);
        record.lines = record.lines.saturating_add(piece.lines);
        record.partial = piece.partial;
        record.level = worst(record.level, piece.level);
        record.stated |= piece.stated;
        record.parsed |= piece.parsed;
        self.last = piece.time.or(self.last);
    }

    fn finish(self) -> OwnedRecord {
        let mut record = self.record;
        while record.lines > 1 && record.message.last().is_some_and(u8::is_ascii_whitespace) {
            record.message.pop();
        }
        if self.state == State::Rest {
            record.partial = false;
            look_again(&mut record);
        }
        record
    }
}

/// The worse of two levels, where there are two.
fn worst(a: Option<Level>, b: Option<Level>) -> Option<Level> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Is `message` a record of its own: an object, or a line that states its level or its time?
fn is_record(message: &[u8]) -> bool {
    let text = message.trim_ascii_start();
    if jsonl::is_object(text) {
        return true;
    }
    let header = header::read(text);
    header.level.is_some() || (header.time.is_some() && header.body > 0)
}

/// A line that was split could not be looked into before.
fn look_again(record: &mut OwnedRecord) {
    let (mut inner, mut detail) = (Vec::new(), Vec::new());
    let mut view = record.view();
    inner::look_inside(&mut view, &mut inner, &mut detail);
    let (level, message, detail) = (view.level, view.message.to_vec(), view.detail.to_vec());
    record.stated = view.stated;
    record.level = level;
    record.message = message;
    record.detail = detail;
}
