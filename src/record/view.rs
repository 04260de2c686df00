//! The record: one log entry, seen in place.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{jsonl, stamp};
use crate::base::{Certainty, Level, Place, Stamp};
use crate::input::journal::Entry;

/// One log entry, borrowed from the bytes it stands in (and from a [`Scratch`] where it had to be decoded).
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// When it was written. `None` when the record does not say; the reader of records decides what stands in.
    pub time: Option<Stamp>,
    /// How sure `time` is. `Certainty::None` if and only if `time` is `None`.
    pub certainty: Certainty,
    /// The level that the message states itself (`ERROR ...`, `level=warn`, `"level":50`), else the one that the form
    /// carries (PRIORITY, the syslog priority), else `None`. Never guessed from words inside the message.
    pub level: Option<Level>,
    /// `level` is what the message (or the application's own JSON, logfmt, text prefix) states, not what the form
    /// carries: journald gives every line of standard output the level info, which says nothing.
    pub stated: bool,
    /// The host, empty when the form does not carry it.
    pub host: Cow<'a, str>,
    /// What the entry is about, never empty: for the service manager's own messages the unit they speak of
    /// (`UNIT=`, `USER_UNIT=`, or the name in the text), for a container its name, for Kubernetes
    /// `namespace/pod/container`, else `_SYSTEMD_USER_UNIT`, `_SYSTEMD_UNIT`, identifier, logger, the source's stem.
    pub unit: Cow<'a, str>,
    /// Who printed it: SYSLOG_IDENTIFIER, `_COMM`, the program of a syslog line, the logger; empty when nobody knows.
    pub identifier: Cow<'a, str>,
    /// INVOCATION_ID or the container id; empty when the form does not carry it.
    pub invocation: Cow<'a, str>,
    /// The process that printed it.
    pub pid: Option<u32>,
    /// The stream that it was printed to.
    pub stream: Stream,
    /// The message: unescaped, without the form's own prefix, without the final line end. May hold inner line ends and
    /// bytes that are not UTF-8. Where the message is JSON or logfmt itself, the text under its message key.
    pub message: &'a [u8],
    /// What stood beside the message and tells about a failure (`err`, `error`, `exception`, `stack`); often empty.
    pub detail: &'a [u8],
    /// MESSAGE_ID of the journal.
    pub message_id: Option<u128>,
    /// `__CURSOR` of the journal, empty when there is none, and for entries of native files: see [`Record::whole_cursor`].
    pub cursor: &'a [u8],
    /// This record ends in the middle of a line that the next record of its stream continues (16 KiB container lines).
    pub partial: bool,
    /// The form's shape was recognised. `false` for a line that is kept as it is.
    pub parsed: bool,
    /// All fields, looked at only when a rule asks for one.
    pub fields: Fields<'a>,
    /// Those of the message where it is JSON or logfmt itself; see [`Record::field`].
    pub inner: Fields<'a>,
}

impl<'a> Record<'a> {
    /// A record of nothing but a message.
    pub fn plain(message: &'a [u8], reference: &'a Reference) -> Record<'a> {
        Record {
            time: None,
            certainty: Certainty::None,
            level: None,
            stated: false,
            host: Cow::Borrowed(""),
            unit: Cow::Borrowed(&reference.unit),
            identifier: Cow::Borrowed(""),
            invocation: Cow::Borrowed(""),
            pid: None,
            stream: Stream::Unknown,
            message,
            detail: b"",
            message_id: None,
            cursor: b"",
            partial: false,
            parsed: false,
            fields: Fields::None,
            inner: Fields::None,
        }
    }

    /// The (first) value of a field: of the form's own, else of the message that is JSON or logfmt itself. So a rule finds
    /// what a program says wherever its lines were kept.
    pub fn field(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.fields.get(name).or_else(|| self.said().get(name))
    }

    /// The fields of the message itself; of a line that is JSON among lines of another form, too.
    pub fn said(&self) -> Fields<'a> {
        match (self.inner, self.fields) {
            (Fields::None, Fields::None) if self.message.first() == Some(&b'{') => Fields::Json(self.message),
            (Fields::None, fields) => fields,
            (inner, _) => inner,
        }
    }

    /// The cursor, also of an entry whose cursor nobody has written yet.
    pub fn whole_cursor(&self) -> Cow<'a, [u8]> {
        whole_cursor(self.cursor, &self.fields)
    }

    /// Is it a row of a document? Such a row is a state: only rules say whether it is a failure.
    pub fn is_row(&self) -> bool {
        self.row().is_some()
    }

    /// What a row of a document says, without the keys that it was given (`@row`, `@at`, `@time`, `@unit`).
    pub fn row(&self) -> Option<&'a [u8]> {
        jsonl::said_by_row(self.message)
    }

    /// Takes the level that the record's own text states, if it states one.
    pub fn state(&mut self, level: Option<Level>) {
        if level.is_some() {
            self.level = level;
            self.stated = true;
        }
    }

    /// The owned twin.
    pub fn to_owned(&self, place: Place) -> OwnedRecord {
        OwnedRecord {
            place,
            time: self.time,
            certainty: self.certainty,
            level: self.level,
            stated: self.stated,
            host: self.host.as_ref().into(),
            unit: self.unit.as_ref().into(),
            identifier: self.identifier.as_ref().into(),
            invocation: self.invocation.as_ref().into(),
            pid: self.pid,
            stream: self.stream,
            message: self.message.to_vec(),
            detail: self.detail.to_vec(),
            message_id: self.message_id,
            cursor: self.whole_cursor().into_owned(),
            partial: self.partial,
            parsed: self.parsed,
            lines: 1,
            fields: self.fields.into(),
            inner: self.inner.into(),
        }
    }
}

/// The stream that a record was printed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stream {
    /// The form does not say.
    #[default]
    Unknown,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A record that outlives its chunk: a piece of a trace that waits for its other lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the fields are those of `Record`
pub struct OwnedRecord {
    pub place: Place,
    pub time: Option<Stamp>,
    pub certainty: Certainty,
    pub level: Option<Level>,
    pub stated: bool,
    pub host: Box<str>,
    pub unit: Box<str>,
    pub identifier: Box<str>,
    pub invocation: Box<str>,
    pub pid: Option<u32>,
    pub stream: Stream,
    pub message: Vec<u8>,
    pub detail: Vec<u8>,
    pub message_id: Option<u128>,
    pub cursor: Vec<u8>,
    pub partial: bool,
    pub parsed: bool,
    /// How many records of the input were joined into this one.
    pub lines: u32,
    pub fields: OwnedFields,
    pub inner: OwnedFields,
}

/// The cursor of a record, where `cursor` is what was read of it: entries of native journals make theirs when they are asked.
pub fn whole_cursor<'a>(cursor: &'a [u8], fields: &Fields<'_>) -> Cow<'a, [u8]> {
    match fields {
        Fields::Native(entry) if cursor.is_empty() => Cow::Owned(entry.cursor()),
        _ => Cow::Borrowed(cursor),
    }
}

impl OwnedRecord {
    /// The borrowed twin. Of several records that were joined, the fields are those of the first.
    pub fn view(&self) -> Record<'_> {
        Record {
            time: self.time,
            certainty: self.certainty,
            level: self.level,
            stated: self.stated,
            host: Cow::Borrowed(&self.host),
            unit: Cow::Borrowed(&self.unit),
            identifier: Cow::Borrowed(&self.identifier),
            invocation: Cow::Borrowed(&self.invocation),
            pid: self.pid,
            stream: self.stream,
            message: &self.message,
            detail: &self.detail,
            message_id: self.message_id,
            cursor: &self.cursor,
            partial: self.partial,
            parsed: self.parsed,
            fields: self.fields.view(),
            inner: self.inner.view(),
        }
    }
}

/// What a parser must know of a source to read its records: chosen once, the same for every chunk, so that a record
/// means the same wherever the input is cut.
#[derive(Clone, Debug)]
pub struct Reference {
    /// No record is much later than this: the file's modification time, or the moment of reading. A time without a
    /// year gets the year that puts it nearest before this moment (one day of clock error allowed).
    pub now: Stamp,
    /// The zone of times that do not name theirs.
    pub zone: TimeZone,
    /// The unit of records that do not name theirs: from the file's name.
    pub unit: String,
    /// When the host came up, for times that count from there (kernel ring buffer). `None` leaves them without a time
    /// of day: they count from `now` minus the last.
    pub boot: Option<Stamp>,
    /// Most times of the source have a date. A time of day alone, as a start script writes above a program's log, could
    /// then be of any day: such a record has no time of its own.
    pub dated: bool,
}

/// What a thread uses again for every record of one source: buffers, and the minute of the time before.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The decoded message.
    pub message: Vec<u8>,
    /// The decoded inner message, where a message is JSON again.
    pub inner: Vec<u8>,
    /// The decoded detail.
    pub detail: Vec<u8>,
    /// The bytes that decide the origin, where they do not stand together in the record.
    pub key: Vec<u8>,
    /// Where strings begin in a line.
    pub marks: Vec<u64>,
    /// There is no colour in the bytes that the records stand in. `false` where nobody has looked.
    pub plain: bool,
    /// The minute of the last time.
    pub(super) minute: stamp::Minute,
}

/// All fields of a record, in their raw form.
#[derive(Clone, Copy, Debug, Default)]
pub enum Fields<'a> {
    /// The form has none.
    #[default]
    None,
    /// A JSON object, as raw text.
    Json(&'a [u8]),
    /// An entry of the journal export format.
    Export(&'a [u8]),
    /// An entry of a native journal file.
    Native(Entry<'a>),
    /// An entry of `journalctl -o verbose`.
    Verbose(&'a [u8]),
    /// `key=value` pairs.
    Logfmt(&'a [u8]),
}

/// [`Fields`] that outlive their chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the variants are those of `Fields`
pub enum OwnedFields {
    #[default]
    None,
    Json(Vec<u8>),
    Export(Vec<u8>),
    Verbose(Vec<u8>),
    Logfmt(Vec<u8>),
}

impl From<Fields<'_>> for OwnedFields {
    fn from(fields: Fields<'_>) -> OwnedFields {
        match fields {
            Fields::None => OwnedFields::None,
            Fields::Json(raw) => OwnedFields::Json(raw.to_vec()),
            Fields::Export(raw) => OwnedFields::Export(raw.to_vec()),
            Fields::Native(entry) => OwnedFields::Export(entry.to_export()),
            Fields::Verbose(raw) => OwnedFields::Verbose(raw.to_vec()),
            Fields::Logfmt(raw) => OwnedFields::Logfmt(raw.to_vec()),
        }
    }
}

impl OwnedFields {
    fn view(&self) -> Fields<'_> {
        match self {
            OwnedFields::None => Fields::None,
            OwnedFields::Json(raw) => Fields::Json(raw),
            OwnedFields::Export(raw) => Fields::Export(raw),
            OwnedFields::Verbose(raw) => Fields::Verbose(raw),
            OwnedFields::Logfmt(raw) => Fields::Logfmt(raw),
        }
    }
}

/// The buffers that are left when the line itself stands in the first.
#[derive(Debug)]
pub(super) struct Buffers<'a> {
    pub(super) inner: &'a mut Vec<u8>,
    pub(super) detail: &'a mut Vec<u8>,
}

impl<'a> Buffers<'a> {
    pub(super) fn of(scratch: &'a mut Scratch) -> Buffers<'a> {
        Buffers { inner: &mut scratch.inner, detail: &mut scratch.detail }
    }
}
