//! A quick look at a raw record: what is needed to count it, and to see that nobody has to hear about it.
//!
//! In: one raw record. Out: a [`Glance`], or nothing where the record has anything unusual about it; then
//! [`Format::parse`] reads it as always. A glance finds time, level and message, and the *origin key*: the bytes that
//! decide who wrote the record (host, unit, identifier, process, stream). Whom those bytes mean is worked out once, by
//! `Format::parse`, and remembered as an [`Origin`].
//!
//! The law, which `tests` hold on all corpora: a glance with its origin is the record that [`Format::parse`] makes, field
//! by field. So a reader here must give up (`None`) rather than guess, above all where the unit follows from anything but
//! the key: the words of the service manager, of container engines and of the kernel about others.

mod bytes;
mod container;
mod cri;
mod docker;
mod entry;
mod export;
mod json;
mod line;
mod names;
mod origins;
mod pairs;
mod short;
mod syslog;
#[cfg(test)]
mod tests;
mod text;
mod window;

use std::borrow::Cow;

use super::inner::look_inside;
use super::{Fields, Format, Record, Reference, Scratch};
use crate::base::{Certainty, Level, Stamp};

pub(super) use export::length as export_length;
pub use origins::{Origin, Origins};

/// What a quick look at a record tells.
#[derive(Debug)]
pub struct Glance<'a> {
    /// The bytes that decide the origin. Never equal for records of different origins of the same source.
    pub key: &'a [u8],
    /// As in [`Record`].
    pub time: Option<Stamp>,
    /// As in [`Record`].
    pub certainty: Certainty,
    /// The level that the form carries, before the look inside; where there is no look inside, the one that the text states.
    pub level: Option<Level>,
    /// The message before the look inside: decoded, without colours and final line ends.
    pub message: &'a [u8],
    /// As in [`Record`].
    pub message_id: Option<u128>,
    /// As in [`Record`].
    pub cursor: &'a [u8],
    /// As in [`Record`]; a part of a line is not looked into.
    pub partial: bool,
    /// As in [`Record`].
    pub fields: Fields<'a>,
    /// Buffers for the look inside.
    pub inner: &'a mut Vec<u8>,
    /// Buffers for the look inside.
    pub detail: &'a mut Vec<u8>,
    /// A part of a line is looked into all the same, as the journal's forms do it.
    pub inside: bool,
}

impl<'a> Glance<'a> {
    /// The record, of this origin.
    #[inline]
    pub fn record(self, origin: &'a Origin) -> Record<'a> {
        let mut record = Record {
            time: self.time,
            certainty: self.certainty,
            level: self.level,
            stated: !self.inside && self.level.is_some(),
            host: Cow::Borrowed(&origin.host),
            unit: Cow::Borrowed(&origin.unit),
            identifier: Cow::Borrowed(&origin.identifier),
            invocation: Cow::Borrowed(&origin.invocation),
            pid: origin.pid,
            stream: origin.stream,
            message: self.message,
            detail: b"",
            message_id: self.message_id,
            cursor: self.cursor,
            partial: self.partial,
            parsed: true,
            fields: self.fields,
            inner: Fields::None,
        };
        if self.inside {
            look_inside(&mut record, self.inner, self.detail);
        }
        record
    }
}

impl Format {
    /// A quick look at one raw record, with or without its line end. `None`: [`Format::parse`] reads it.
    #[inline]
    pub fn glance<'a>(self, raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Glance<'a>> {
        match self {
            Format::JournalShort => short::glance(raw, reference, scratch),
            Format::Syslog3164 | Format::Syslog5424 => syslog::glance(raw, reference, scratch),
            Format::DockerJson => docker::glance(raw, reference, scratch),
            Format::Cri => cri::glance(raw, reference, scratch),
            Format::ContainerLogs => container::glance(raw, reference, scratch),
            Format::Text => text::glance(raw, reference, scratch),
            Format::JsonLines => pairs::object(raw, reference, scratch),
            Format::Logfmt => pairs::line(raw, reference, scratch),
            Format::JournalJson => json::glance(raw, scratch),
            Format::JournalExport => export::glance(raw, scratch),
            _ => None,
        }
    }

    /// The length of the whole first record of `bytes`, as [`Format::extent`] tells it, with a quick look at that record:
    /// where one walk tells both faster than two. `None` says nothing, not even that there is no record.
    #[inline]
    pub fn first<'a>(self, bytes: &'a [u8], scratch: &'a mut Scratch) -> Option<(usize, Glance<'a>)> {
        match self {
            Format::JournalExport => export::first(bytes, scratch),
            _ => None,
        }
    }

    /// Does a glance with this key hold? Asked before the origin of a new key is learnt, so that what follows from the key
    /// alone is not looked at with every record. A glance whose key is neither known nor vouched for says nothing.
    pub fn vouches(self, key: &[u8]) -> bool {
        match self {
            Format::JournalShort => short::vouches(key),
            Format::Syslog3164 | Format::Syslog5424 => syslog::vouches(key),
            Format::ContainerLogs => container::vouches(key),
            _ => true,
        }
    }
}
