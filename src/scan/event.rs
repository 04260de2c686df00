//! The event: the first thing in the pipeline that owns its data.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::{Certainty, Level, Place, Stamp};

/// A record that somebody has to hear about: signatures matched it, or it is an error that no signature knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When. Where the record had no time, the time of its source so far.
    pub time: Stamp,
    /// How sure `time` is.
    pub certainty: Certainty,
    /// Where the record stands.
    pub place: Place,
    /// What the record is about: the capture `unit` of a signature if there is one, else the record's unit.
    pub unit: Arc<str>,
    /// The host, often empty.
    pub host: Arc<str>,
    /// INVOCATION_ID or container id, often empty.
    pub invocation: Box<str>,
    /// The process that printed it.
    pub pid: Option<u32>,
    /// The level, stated or carried by the form.
    pub level: Option<Level>,
    /// The message itself states a harmless level (info, debug): a degraded signature in it counts, but does not alarm.
    pub calm: bool,
    /// The signatures that matched, as indexes of the plan, best first. Empty: an unclassified error.
    pub hits: Vec<u32>,
    /// Named parts of the message, from all signatures that matched.
    pub captures: Vec<Capture>,
    /// The line a person would quote: of a trace the line with the error, else the first line. At most
    /// [`Event::TEXT_BYTES`].
    pub text: Box<str>,
    /// The journal cursor, empty when there is none.
    pub cursor: Box<str>,
    /// For a record that marks the end of a process: the last lines of its unit before it, in order.
    pub before: Vec<Line>,
    /// `before` reaches back to where its stretch of log begins: the stretch to the left may hold more of it.
    pub before_open: bool,
}

/// A line of a unit, kept because the unit died soon after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub time: Stamp,
    /// Where.
    pub place: Place,
    /// The unit as the line's own record names it.
    pub unit: Arc<str>,
    /// The journal cursor, empty when there is none.
    pub cursor: Box<str>,
    /// The first line of the message, at most [`Line::TEXT_BYTES`].
    pub text: Box<str>,
}

impl Line {
    /// Bytes of a text that are kept.
    pub const TEXT_BYTES: usize = 512;
}

/// A named part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The name of the group.
    pub name: Box<str>,
    /// What it held.
    pub value: Box<str>,
}

impl Event {
    /// Bytes of a text that are kept.
    pub const TEXT_BYTES: usize = 2048;

    /// The first capture with this name.
    pub fn capture(&self, name: &str) -> Option<&str> {
        self.captures.iter().find(|c| &*c.name == name).map(|c| &*c.value)
    }

    /// The order in which events happen: time, then source, then offset.
    pub fn order(&self) -> (Stamp, Place) {
        (self.time, self.place)
    }
}
