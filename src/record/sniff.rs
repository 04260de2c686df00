//! Which format is it? Chosen from the first page, once for a source.
//!
//! Every line of the page votes for the most special form it has; the form with the most votes wins. Lines without a
//! form (traces, banners) do not vote.

use memchr::memmem;

use super::{Format, Reference, container, dmesg, header, jsonl, klog, kubectl, logfmt, short, syslog};
use crate::base::{Stamp, unit_kind};

/// Text loggers write their time or level in more than one line of this many.
const RARE: usize = 10;

/// How many lines vote.
const LINES: usize = 400;

/// Chooses a format for a source that begins with `page`.
pub fn sniff(page: &[u8]) -> Format {
    let page = page.strip_prefix(b"\xef\xbb\xbf").unwrap_or(page);
    let reference =
        Reference { now: Stamp(0), zone: jiff::tz::TimeZone::UTC, unit: String::from("-"), boot: None, dated: false };
    if is_export(page) {
        return Format::JournalExport;
    }
    if is_verbose(page) {
        return Format::JournalVerbose;
    }
    if kubectl::is_page(page) {
        return Format::Kubectl;
    }
    // A cut last line would vote for less than it is.
    let whole = match memchr::memrchr(b'\n', page) {
        Some(last) => page.get(..last).filter(|whole| !whole.trim_ascii().is_empty()).unwrap_or(page),
        None => page,
    };
    let mut votes = [0usize; Format::ALL.len()];
    let mut journal = false;
    let mut headed = false;
    let mut upright = 0usize;
    let mut buffer = Vec::new();
    for line in whole.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).take(LINES) {
        buffer.clear();
        buffer.extend_from_slice(line.get(..8192.min(line.len())).unwrap_or(line));
        container::strip_colours(&mut buffer);
        let line = container::trim_line_end(&buffer);
        upright += usize::from(line.first().is_some_and(|b| !b.is_ascii_whitespace()));
        headed |= is_heading(line);
        journal |= short::is_marker(line) || memmem::find(line, b" systemd[").is_some();
        if let Some(format) = vote(line, &reference)
            && let Some(count) = votes.get_mut(format as usize)
        {
            *count += 1;
        }
    }
    let best = Format::ALL.iter().copied().zip(votes).rev().max_by_key(|(_, count)| *count);
    match best {
        Some((_, 0)) | None => Format::Plain,
        // A time or a level here and there, as in `journalctl -o cat`, is no form of the whole.
        Some((Format::Text, count)) if count * RARE < upright && !headed => Format::Plain,
        Some((Format::Syslog3164, _)) if journal && !whole.starts_with(b"<") => Format::JournalShort,
        Some((format, _)) => format,
    }
}

/// `=== Health check Sun Feb  8 09:15:01 UTC 2026 ===`: what a script prints above each of its runs. Its time is that of
/// the lines below, however many there are.
fn is_heading(line: &[u8]) -> bool {
    let framed = line.starts_with(b"=== ") && line.ends_with(b" ===");
    framed && header::read(line).time.is_some_and(|seen| seen.is_dated())
}

fn is_export(page: &[u8]) -> bool {
    let page = page.trim_ascii_start();
    page.starts_with(b"__CURSOR=") || page.starts_with(b"__REALTIME_TIMESTAMP=")
}

/// `Wed 2026-11-21 10:00:00.123456 UTC [s=...;i=...]`, then indented fields.
fn is_verbose(page: &[u8]) -> bool {
    page.split(|b| *b == b'\n').filter(|l| !l.is_empty() && !l.starts_with(b"-- ")).take(3).any(|line| {
        line.first().is_some_and(u8::is_ascii_alphabetic)
            && line.trim_ascii_end().ends_with(b"]")
            && memmem::find(line, b"[s=").is_some()
            && memmem::find(line, b";i=").is_some()
    })
}

/// The most special form of a line.
fn vote(line: &[u8], reference: &Reference) -> Option<Format> {
    if kubectl::is_row(line) {
        return Some(Format::Kubectl);
    }
    match line.first()? {
        b'{' if line == b"{" => return Some(Format::JsonLines),
        b'{' if jsonl::is_object(line) => {
            return Some(
                if memmem::find(line, b"\"__REALTIME_TIMESTAMP\"").is_some()
                    || memmem::find(line, b"\"__CURSOR\"").is_some()
                {
                    Format::JournalJson
                } else if container::is_docker(line) {
                    Format::DockerJson
                } else {
                    Format::JsonLines
                },
            );
        }
        0x1e => return Some(Format::JournalJson),
        b'd' if line.starts_with(b"data: {") => return Some(Format::JournalJson),
        // `json-pretty`: its members are indented.
        b'\t' if memmem::find(line, b"\"__REALTIME_TIMESTAMP\"").is_some() => return Some(Format::JournalJson),
        b'\t' | b' ' => {
            return if memmem::find(line, b"\"__CURSOR\" :").is_some() {
                Some(Format::JournalJson)
            } else {
                other(line)
            };
        }
        b'<' => {
            if let Some((_, rest)) = syslog::priority(line) {
                if let [b'1'..=b'9', b' ', ..] = rest {
                    return Some(Format::Syslog5424);
                }
                if short::monotonic(rest).is_some() {
                    return Some(Format::Dmesg);
                }
                if short::read(rest, reference).is_some() {
                    return Some(Format::Syslog3164);
                }
            }
        }
        b'0'..=b'9' => {
            if dmesg::kmsg_line(line, reference).is_some() {
                return Some(Format::Kmsg);
            }
            if container::cri_line(line, reference).is_some() {
                return Some(Format::Cri);
            }
            if short::read(line, reference).is_some() {
                return Some(Format::JournalShort);
            }
            if container::printed_time(line).is_some() {
                return Some(Format::ContainerLogs);
            }
        }
        b'[' => {
            if container::prefix(line).is_some() {
                return Some(Format::ContainerLogs);
            }
            if short::monotonic(line).is_some() {
                let program = short::read(line, reference).is_some_and(|r| r.pid.is_some() || r.identifier == "kernel");
                return Some(if program { Format::JournalShort } else { Format::Dmesg });
            }
            // `[Sat Oct 22 03:40:43 2016] text`; behind the same time, web servers have another bracket.
            let closed = memchr::memchr(b']', line).and_then(|at| line.get(at + 1..));
            if closed.is_some_and(|rest| rest.starts_with(b" ") && !rest.starts_with(b" ["))
                && dmesg::read(line, reference).is_some()
            {
                return Some(Format::Dmesg);
            }
        }
        b'I' | b'W' | b'E' | b'F' if klog::starts(line) => return Some(Format::Klog),
        b'A'..=b'Z' | b'a'..=b'z' => {
            if let Some(record) = short::read(line, reference) {
                let year = line.get(4..8).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
                let units = unit_kind(&record.identifier).is_some() || memmem::find(line, b" init.scope[").is_some();
                return Some(if year || units { Format::JournalShort } else { Format::Syslog3164 });
            }
            if line.starts_with(b"kern ") && dmesg::read(line, reference).is_some() {
                return Some(Format::Dmesg);
            }
            if container::prefix(line).is_some() {
                return Some(Format::ContainerLogs);
            }
        }
        _ => {}
    }
    other(line)
}

fn other(line: &[u8]) -> Option<Format> {
    if logfmt::starts(line) {
        return Some(Format::Logfmt);
    }
    let header = header::read(line);
    (header.time.is_some() || header.level.is_some()).then_some(Format::Text)
}
