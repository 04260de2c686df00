//! An entry of a native journal file at a glance: without the text that it would have in the export form.
//!
//! In: entries of one file, in order. Out: a [`Glance`] with its origin, or what to do instead. A file holds each value
//! once, and entries name their values by offsets. Most entries of a unit name the same values but two or three: those
//! that they share are its *shape*, which is worked out once, and the others are read. The law is that of every glance: it
//! is the record that [`Format::parse`](crate::record::Format::parse) makes of the entry's export form, and `size` is the
//! length of that.

use hashbrown::HashMap;

use super::export;
use super::fields::{Known, Raw, decode_message, is_true, level, message_id};
use super::unit;
use crate::base::{Certainty, Level, Stamp};
use crate::input::journal::{Entry, export_size, field_size};
use crate::record::{Fields, Glance, Origin, Scratch};

/// How many shapes are remembered. When more come, all are forgotten and learnt anew.
const SHAPES: usize = 16_384;
/// Entries with more values than any program writes are read in the export form.
const VALUES: usize = 256;

/// The shapes of the entries of one file, each with what its reader wants to remember beside it.
pub struct Shapes<T> {
    index: HashMap<Box<[u8]>, Option<Shape<T>>, foldhash::fast::FixedState>,
}

/// What entries that share their values have in common.
struct Shape<T> {
    /// Bytes of the shared values in the export form, and plain.
    size: u64,
    plain: u64,
    /// There is a priority among them, and the level it stands for.
    priority: bool,
    level: Option<Level>,
    /// The message, where it is shared.
    message: Option<u64>,
    message_id: Option<u128>,
    /// The origin follows from the priority too.
    container: bool,
    /// The names that the other values of the last entry had, in order, each with its `=`.
    names: Vec<(Box<[u8]>, Kind)>,
    origin: Origin,
    beside: T,
}

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Message,
    Priority,
    /// The origin follows from it.
    Origin,
    Other,
}

/// What is seen of an entry.
#[allow(clippy::large_enum_variant)] // made once for each entry and taken apart at once: a box would be the cost
pub enum Seen<'a, T> {
    /// All of it.
    Whole {
        /// The record, as far as it does not follow from its origin.
        glance: Glance<'a>,
        /// Who wrote it.
        origin: &'a Origin,
        /// What was learnt beside it.
        beside: &'a T,
        /// Bytes that it has in the export form.
        size: u64,
        /// Bytes of its values.
        plain: u64,
    },
    /// An unknown shape: read it in the export form, and [`Shapes::learn`].
    News,
    /// Read it in the export form.
    Odd,
}

impl<T> Default for Shapes<T> {
    fn default() -> Shapes<T> {
        Shapes { index: HashMap::default() }
    }
}

impl<T> Shapes<T> {
    /// Looks at an entry.
    pub fn look<'a>(&'a mut self, entry: &Entry<'a>, scratch: &'a mut Scratch) -> Seen<'a, T> {
        match self.index.get_mut(entry.shared()) {
            None => Seen::News,
            Some(None) => Seen::Odd,
            Some(Some(shape)) => shape.look(entry, scratch).unwrap_or(Seen::Odd),
        }
    }

    /// Remembers the origin of an entry for all that share its values, unless it follows from its other values too.
    pub fn learn(&mut self, entry: &Entry<'_>, origin: Origin, beside: T) {
        if entry
            .fresh_values()
            .any(|at| entry.file().plain_value(at).and_then(kind).is_none_or(|kind| kind == Kind::Origin))
        {
            return;
        }
        if self.index.len() >= SHAPES {
            self.index.clear();
        }
        let shape = if entry.count() > VALUES { None } else { Shape::of(entry, origin, beside) };
        self.index.insert(entry.shared().into(), shape);
    }
}

/// What a value is for, by its name; `None` for what no field is called.
fn kind(payload: &[u8]) -> Option<Kind> {
    let (name, _) = split(payload)?;
    export::is_key(name).then_some(match name {
        b"MESSAGE" => Kind::Message,
        b"PRIORITY" => Kind::Priority,
        b"_SOURCE_REALTIME_TIMESTAMP" | b"_BOOT_ID" => Kind::Other,
        name if Known::has(name) => Kind::Origin,
        _ => Kind::Other,
    })
}

impl<T> Shape<T> {
    fn of(entry: &Entry<'_>, origin: Origin, beside: T) -> Option<Shape<T>> {
        let (mut known, mut size, mut plain, mut message) = (Known::default(), 0, 0, None);
        for at in entry.shared_values() {
            let payload = entry.file().plain_value(at)?;
            size += field_size(payload)?;
            plain += payload.len() as u64;
            let (key, value) = split(payload)?;
            if key == b"MESSAGE" && message.is_none() {
                message = Some(at);
            }
            known.set(key, Raw::Plain(value));
        }
        if unit::needs_message(&known) || is_true(known.partial) {
            return None;
        }
        Some(Shape {
            size,
            plain,
            priority: known.priority.is_some(),
            level: level(known.priority),
            message,
            message_id: known.message_id.and_then(message_id),
            container: known.container.is_some(),
            names: Vec::new(),
            origin,
            beside,
        })
    }

    /// `None`: it has anything unusual about it.
    fn look<'a>(&'a mut self, entry: &Entry<'a>, scratch: &'a mut Scratch) -> Option<Seen<'a, T>> {
        let file = entry.file();
        let (mut size, mut plain) = (self.size + entry.frame_size(), self.plain);
        let (mut level, mut priority) = (self.level, self.priority);
        let mut message = match self.message {
            Some(at) => Some(split(file.plain_value(at)?)?.1),
            None => None,
        };
        for (n, at) in entry.fresh_values().enumerate() {
            let payload = file.plain_value(at)?;
            // Mostly the same names come in the same order.
            let (kind, value) = match self.names.get(n).and_then(|(name, kind)| Some((*kind, after(payload, name)?))) {
                Some(known) => known,
                None => self.name(n, payload)?,
            };
            size += export_size(payload, value);
            plain += payload.len() as u64;
            match kind {
                Kind::Message => message = message.or(Some(value)),
                Kind::Priority if self.container => return None,
                Kind::Priority if !priority => {
                    level = super::fields::level(Some(Raw::Plain(value)));
                    priority = true;
                }
                Kind::Origin => return None,
                Kind::Priority | Kind::Other => {}
            }
        }
        let time = i64::try_from(entry.realtime()).ok().and_then(Stamp::from_micros)?;
        let Scratch { message: decoded, inner, detail, .. } = scratch;
        let glance = Glance {
            key: b"",
            time: Some(time),
            certainty: Certainty::Exact,
            level,
            message: decode_message(message.map(Raw::Plain), decoded),
            message_id: self.message_id,
            cursor: b"",
            partial: false,
            fields: Fields::Native(*entry),
            inner,
            detail,
            inside: true,
        };
        Some(Seen::Whole { glance, origin: &self.origin, beside: &self.beside, size, plain })
    }

    /// Remembers the name of the `n`-th of the other values.
    fn name<'a>(&mut self, n: usize, payload: &'a [u8]) -> Option<(Kind, &'a [u8])> {
        let kind = kind(payload)?;
        let (name, value) = split(payload)?;
        if name == b"_BOOT_ID" {
            return None;
        }
        self.names.truncate(n);
        if self.names.len() == n {
            self.names.push((payload.get(..name.len() + 1)?.into(), kind));
        }
        Some((kind, value))
    }
}

/// What comes after `name`, if the payload begins with it.
#[inline]
fn after<'a>(payload: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (front, value) = payload.split_at_checked(name.len())?;
    (front == name).then_some(value)
}

fn split(payload: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b'=', payload.get(..65.min(payload.len()))?)?;
    Some((payload.get(..at)?, payload.get(at + 1..)?))
}
