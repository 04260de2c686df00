//! The formats, and what each of them must be able to do: be chosen, find the end of a record, be read.
//!
//! A format is chosen once for a source. A line that does not have its shape is read as the general forms read it, so
//! a mixed file loses nothing.

use memchr::{memchr, memmem};

use super::journal::{export, json as journal_json, pretty, verbose};
use super::{
    Buffers, Record, Reference, Scratch, container, dmesg, fallback, jsonl, klog, kubectl, line, logfmt, plain, short,
    sniff, syslog, text,
};

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// How the records of a source are written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format {
            $($(#[$doc])* $variant,)+
        }

        impl Format {
            /// All formats, in the order of the documentation.
            pub const ALL: &'static [Format] = &[$(Format::$variant),+];

            /// The name for `-i` and in reports.
            pub fn name(self) -> &'static str {
                match self { $(Format::$variant => $name,)+ }
            }
        }
    };
}

formats! {
    /// `journalctl -o json`, json-seq, json-sse, json-pretty.
    JournalJson = "journal-json",
    /// `journalctl -o export`.
    JournalExport = "journal-export",
    /// `journalctl -o verbose`.
    JournalVerbose = "journal-verbose",
    /// `journalctl -o short` and its family: iso, precise, full, monotonic, unix, delta, with-unit.
    JournalShort = "journal-short",
    /// `journalctl -o cat`: messages alone.
    JournalCat = "journal-cat",
    /// docker's json-file driver.
    DockerJson = "docker-json",
    /// CRI and podman's k8s-file.
    Cri = "cri",
    /// `docker|podman|kubectl logs`, with `-t` or with the prefixes of compose and kubectl.
    ContainerLogs = "container-logs",
    /// RFC 3164, with or without priority.
    Syslog3164 = "syslog-3164",
    /// RFC 5424.
    Syslog5424 = "syslog-5424",
    /// `dmesg`, also `-T` and `-x`.
    Dmesg = "dmesg",
    /// `/dev/kmsg`.
    Kmsg = "kmsg",
    /// Kubernetes components and glog.
    Klog = "klog",
    /// `kubectl get events`, `kubectl describe`, `kubectl get pods`, and lists of event objects in JSON.
    Kubectl = "kubectl",
    /// `key=value` lines.
    Logfmt = "logfmt",
    /// JSON application logs.
    JsonLines = "json-lines",
    /// Text loggers: time, level and logger in some order.
    Text = "text",
    /// Anything else.
    Plain = "plain",
}

impl Format {
    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// Chooses a format from the first up to 64 KiB of a source (whole lines, perhaps a cut last one). Never fails:
    /// what has no form is plain.
    pub fn sniff(page: &[u8]) -> Format {
        sniff::sniff(page)
    }

    /// Fixes what only the source as a whole tells: the object that `kubectl describe` tells of; the boot of a kernel log
    /// that counts from there, so that its last record was written at `reference.now`; whether a time of day can stand
    /// alone, and which day the last one is of. Called once with the first and the last up to 64 KiB of the source;
    /// `tail` is empty while the end is not known.
    pub fn anchor(self, head: &[u8], tail: &[u8], reference: &mut Reference) {
        if let (Format::Kubectl, Some(name)) = (self, kubectl::named(head)) {
            name.clone_into(&mut reference.unit);
        }
        if self == Format::Text {
            reference.dated = super::header::mostly_dated(head);
            // Times of day count back from the last one: else a saved log, read again at an hour that lies within it,
            // would be cut into two days.
            let last = super::header::last_clock(tail).and_then(|seen| seen.moment.resolve(reference));
            reference.now = last.map_or(reference.now, |(last, _)| last.min(reference.now));
        }
        if reference.boot.is_some() || !matches!(self, Format::Dmesg | Format::Kmsg | Format::JournalShort) {
            return;
        }
        let last = |bytes: &[u8]| bytes.split(|b| *b == b'\n').filter_map(dmesg::elapsed).next_back();
        if let Some(span) = last(tail).or_else(|| last(head)) {
            reference.boot = Some(reference.now.minus(span));
        }
    }

    /// The length of the first raw record at the front of `bytes`, its line end included. `None`: more bytes are
    /// needed. With `end` (nothing follows) any input but an empty one has a record.
    pub fn extent(self, bytes: &[u8], end: bool) -> Option<usize> {
        match self {
            Format::JournalJson => pretty::extent(bytes, end),
            Format::JournalExport => super::quick::export_length(bytes).or_else(|| export::extent(bytes, end)),
            Format::JournalVerbose => verbose::extent(bytes, end),
            Format::Kubectl => kubectl::extent(bytes, end),
            Format::JsonLines if bytes.first() == Some(&b'{') => match jsonl::pretty(bytes, end) {
                Some(Some(len)) => Some(len),
                Some(None) => line::extent(bytes, end),
                None if memchr(b'\n', bytes).is_none() || end => line::extent(bytes, end),
                None => None,
            },
            _ => line::extent(bytes, end),
        }
    }

    /// Is this line, wherever it stands in a source, surely a record of its own? `false`: what stands before it decides.
    pub fn is_record_line(self, line: &[u8]) -> bool {
        match self {
            Format::JournalExport | Format::JournalVerbose | Format::Kubectl => false,
            // Printed over several lines, the first is a brace alone and no other begins with one.
            Format::JournalJson | Format::JsonLines => line.starts_with(b"{\""),
            _ => true,
        }
    }

    /// Reads one raw record, with or without its line end. `None`: not a record at all (a blank line, what journalctl
    /// prints between records), and nothing is lost by stepping over it.
    pub fn parse<'a>(self, raw: &'a [u8], reference: &'a Reference, scratch: &'a mut Scratch) -> Option<Record<'a>> {
        // The last value of an entry may be binary and end in line ends of its own.
        let whole = raw;
        let raw = container::trim_line_end(raw);
        if raw.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        match self {
            Format::JournalJson if names_entry(raw) => {
                return journal_json::parse(raw, reference, scratch).or_else(|| general(raw, reference));
            }
            Format::JournalExport => {
                return export::parse(export::trim_end(whole), reference, scratch).or_else(|| general(raw, reference));
            }
            Format::JournalVerbose => {
                return verbose::parse(raw, reference, scratch).or_else(|| general(raw, reference));
            }
            Format::DockerJson => return container::docker(raw, reference, scratch),
            _ => {}
        }
        let Scratch { message, inner, detail, .. } = scratch;
        let buffers = Buffers { inner, detail };
        if memchr(0x1b, raw).is_none() {
            return self.parse_line(raw, reference, buffers);
        }
        // Colours hide times and levels: the line without them is the record.
        message.clear();
        message.extend_from_slice(raw);
        container::strip_colours(message);
        self.parse_line(message, reference, buffers)
    }

    /// A line without colours.
    fn parse_line<'a>(self, raw: &'a [u8], reference: &'a Reference, buffers: Buffers<'a>) -> Option<Record<'a>> {
        match self {
            Format::JournalShort => short::parse(raw, reference, buffers),
            Format::Cri => container::cri(raw, reference, buffers),
            Format::ContainerLogs => container::logs(raw, reference, buffers),
            Format::Syslog3164 | Format::Syslog5424 => syslog::parse(raw, reference, buffers),
            Format::Dmesg => dmesg::parse(raw, reference, buffers),
            Format::Kmsg => dmesg::kmsg(raw, reference, buffers),
            Format::Klog => klog::parse(raw, reference, buffers),
            Format::Kubectl => kubectl::parse(raw, reference, buffers),
            Format::Logfmt => logfmt::parse(raw, reference, buffers),
            Format::Plain => plain::parse(raw, reference),
            // JSON lines and text loggers are what the general forms are; a journal entry without its form may be.
            _ => fallback::parse(raw, reference, buffers),
        }
    }
}

/// Could this line be an entry of the journal's JSON? (Cheap, and wrong only for lines that the parser then refuses.)
fn names_entry(raw: &[u8]) -> bool {
    [b"\"__".as_slice(), b"\"MESSAGE\"", b"\"_"].iter().any(|key| memmem::find(raw, key).is_some())
}

/// A stretch of a journal form that is no entry.
fn general<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    if short::is_marker(raw) {
        return None;
    }
    Some(text::read(raw, reference).unwrap_or_else(|| Record::plain(raw, reference)))
}
