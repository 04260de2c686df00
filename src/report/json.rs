//! JSON and JSON lines: the diagnosis as it is, for programs and agents. docs/json.md is the contract.
//!
//! Control characters beyond ASCII's, bidi controls and line separators are written as `\uXXXX`: nothing is lost, and a
//! terminal that shows the document is safe.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

use super::live::Live;
use super::screen::{is_plain, is_unsafe};
use crate::incident::Diagnosis;

/// Writes one compact document and a line end. The keys stand in the order of the contract.
pub fn json(diagnosis: &Diagnosis, out: &mut dyn io::Write) -> io::Result<()> {
    document(diagnosis, out)?;
    out.write_all(b"\n")
}

/// Writes any other document the same way: compact, safe for a terminal, with a line end.
pub fn json_of<T: Serialize>(value: &T, out: &mut dyn io::Write) -> io::Result<()> {
    document(value, out)?;
    out.write_all(b"\n")
}

/// Writes one live event as one line, and flushes.
pub fn jsonl(event: &Live<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    match event {
        Live::Finding(finding) | Live::Worse(finding) => line("finding", *finding, out),
        Live::Resolved(finding) => line("resolved", *finding, out),
        Live::Incident(incident) => line("incident", *incident, out),
        Live::Diagnosis(diagnosis) => line("diagnosis", *diagnosis, out),
        Live::Notice(text) => line("notice", &Notice { text }, out),
    }
}

#[derive(Serialize)]
struct Notice<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Event<'a, T> {
    event: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

fn line<T: Serialize>(event: &'static str, body: &T, out: &mut dyn io::Write) -> io::Result<()> {
    // One write a line: two processes that share a pipe do not mix their lines.
    let mut buffer = Vec::new();
    document(&Event { event, body }, &mut buffer)?;
    buffer.push(b'\n');
    out.write_all(&buffer)?;
    out.flush()
}

pub(super) fn document<T: Serialize>(value: &T, out: &mut dyn io::Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Safe)).map_err(io::Error::from)
}

/// serde_json's compact form, with the unsafe characters above ASCII's control range escaped as well.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // Most texts are plain, and this is asked about every byte of the output.
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut done = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| is_unsafe(*c)) {
            out.write_all(fragment.get(done..at).unwrap_or("").as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            done = at + c.len_utf8();
        }
        out.write_all(fragment.get(done..).unwrap_or("").as_bytes())
    }
}
