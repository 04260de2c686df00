//! How entries are written: as journalctl prints them, as syslog daemons write them, as container engines keep them.

use std::io::Write as _;

use jiff::Timestamp;

use super::entry::{BOOTED, Entry};
use super::prng::Prng;

/// A form of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    JournalJson,
    JournalExport,
    ShortIso,
    Docker,
    Cri,
    Syslog3164,
}

const HOST: &str = "node-7";
const BOOT: &str = "5e3c7b6f0d0f4b1aa0cf9d5b7e2d1c3a";
const MACHINE: &str = "0123456789abcdef0123456789abcdef";
const SEQUENCE: &str = "8a1b2c3d4e5f60718293a4b5c6d7e8f9";

/// What stands in front of every entry of the export form, in this order.
const ADDRESS: usize = 4;

impl Form {
    /// The form of that name: those of `logtriage formats`, and short-iso.
    pub fn named(name: &str) -> Option<Form> {
        Some(match name {
            "journal-json" => Form::JournalJson,
            "journal-export" => Form::JournalExport,
            "short-iso" => Form::ShortIso,
            "docker-json" => Form::Docker,
            "cri" => Form::Cri,
            "syslog-3164" => Form::Syslog3164,
            _ => return None,
        })
    }

    /// Appends the entry. `false` where the form does not have it: containers have no manager that speaks about them.
    pub fn write(self, entry: &Entry, dice: &mut Prng, out: &mut Vec<u8>) -> bool {
        match self {
            Form::JournalJson => json(&shuffled(fields(entry, dice), 0, dice), entry.array, out),
            Form::JournalExport => export(&shuffled(fields(entry, dice), ADDRESS, dice), out),
            Form::ShortIso => {
                put(out, &time(entry, "%Y-%m-%dT%H:%M:%S+0000"));
                put(out, &head(entry));
                line(out, &entry.message);
            }
            Form::Syslog3164 => {
                put(out, &format!("<{}>", 3 * 8 + entry.priority));
                put(out, &time(entry, "%b %e %H:%M:%S"));
                put(out, &head(entry));
                line(out, &entry.message);
            }
            Form::Docker | Form::Cri if entry.manager => return false,
            Form::Docker => {
                put(out, r#"{"log":""#);
                escape(&entry.message, out);
                put(out, &format!(r#"\n","stream":"{}","time":"{}"}}"#, stream(entry), nanos(entry)));
                out.push(b'\n');
            }
            Form::Cri => {
                put(out, &format!("{} {} F ", nanos(entry), stream(entry)));
                line(out, &entry.message);
            }
        }
        true
    }
}

/// The fields of a journal entry; the first four are its address.
fn fields(entry: &Entry, dice: &mut Prng) -> Vec<(&'static str, String)> {
    let Entry { number, time, unit, pid, invocation, .. } = entry;
    let whole = format!("{unit}.service");
    let monotonic = time - BOOTED;
    let mut all = vec![
        ("__CURSOR", format!("s={SEQUENCE};i={number:x};b={BOOT};m={monotonic:x};t={time:x};x={:x}", dice.bits())),
        ("__REALTIME_TIMESTAMP", time.to_string()),
        ("__MONOTONIC_TIMESTAMP", monotonic.to_string()),
        ("_BOOT_ID", BOOT.to_owned()),
        ("MESSAGE", entry.message.clone()),
        ("PRIORITY", entry.priority.to_string()),
        ("_MACHINE_ID", MACHINE.to_owned()),
        ("_HOSTNAME", HOST.to_owned()),
        ("_SYSTEMD_SLICE", "system.slice".to_owned()),
        ("_RUNTIME_SCOPE", "system".to_owned()),
        ("_SELINUX_CONTEXT", "unconfined\n".to_owned()),
        ("SYSLOG_FACILITY", "3".to_owned()),
        ("_PID", pid.to_string()),
    ];
    if entry.manager {
        all.extend([
            ("UNIT", whole),
            ("INVOCATION_ID", invocation.clone()),
            ("_SYSTEMD_UNIT", "init.scope".to_owned()),
            ("_SYSTEMD_CGROUP", "/init.scope".to_owned()),
            ("_TRANSPORT", "journal".to_owned()),
            ("_UID", "0".to_owned()),
            ("_GID", "0".to_owned()),
            ("SYSLOG_IDENTIFIER", "systemd".to_owned()),
            ("_COMM", "systemd".to_owned()),
            ("_EXE", "/usr/lib/systemd/systemd".to_owned()),
            ("_CMDLINE", "/usr/lib/systemd/systemd --system --deserialize=31".to_owned()),
        ]);
        return all;
    }
    all.extend([
        ("_SYSTEMD_CGROUP", format!("/system.slice/{whole}")),
        ("_SYSTEMD_INVOCATION_ID", invocation.clone()),
        ("_TRANSPORT", "stdout".to_owned()),
        ("_STREAM_ID", dice.id()),
        ("_UID", "998".to_owned()),
        ("_GID", "998".to_owned()),
        ("_CAP_EFFECTIVE", "0".to_owned()),
        ("SYSLOG_IDENTIFIER", (*unit).to_owned()),
        ("_COMM", (*unit).to_owned()),
        ("_EXE", format!("/usr/lib/{unit}/bin/{unit}")),
        (
            "_CMDLINE",
            format!(
                "/usr/lib/{unit}/bin/{unit} --config /etc/{unit}/config.toml --listen 127.0.0.1:80{:02}",
                unit.len()
            ),
        ),
        ("_SYSTEMD_UNIT", whole),
    ]);
    all
}

/// journalctl writes fields in the order of their hashes: in none.
fn shuffled(mut fields: Vec<(&'static str, String)>, from: usize, dice: &mut Prng) -> Vec<(&'static str, String)> {
    for last in (from + 1..fields.len()).rev() {
        fields.swap(last, dice.range(from as u64, last as u64 + 1) as usize);
    }
    fields
}

fn json(fields: &[(&'static str, String)], array: bool, out: &mut Vec<u8>) {
    for (n, (name, value)) in fields.iter().enumerate() {
        put(out, if n == 0 { "{\"" } else { ",\"" });
        put(out, name);
        if array && *name == "MESSAGE" {
            let bytes: Vec<String> = value.bytes().map(|byte| byte.to_string()).collect();
            put(out, &format!("\":[{}]", bytes.join(",")));
            continue;
        }
        put(out, "\":\"");
        escape(value, out);
        out.push(b'"');
    }
    put(out, "}\n");
}

/// `NAME=value`; for a value with control characters the name, its length as eight bytes, and the value.
fn export(fields: &[(&'static str, String)], out: &mut Vec<u8>) {
    for (name, value) in fields {
        put(out, name);
        if value.bytes().any(|byte| byte < b' ') {
            out.push(b'\n');
            out.extend((value.len() as u64).to_le_bytes());
        } else {
            out.push(b'=');
        }
        line(out, value);
    }
    out.push(b'\n');
}

fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            b'\n' => put(out, "\\n"),
            0..b' ' => put(out, &format!("\\u{byte:04x}")),
            _ => out.push(byte),
        }
    }
}

/// ` host program[pid]: `
fn head(entry: &Entry) -> String {
    let program = if entry.manager { "systemd" } else { entry.unit };
    format!(" {HOST} {program}[{}]: ", entry.pid)
}

fn stream(entry: &Entry) -> &'static str {
    if entry.priority <= 4 { "stderr" } else { "stdout" }
}

fn nanos(entry: &Entry) -> String {
    time(entry, "%Y-%m-%dT%H:%M:%S%.9fZ")
}

fn time(entry: &Entry, form: &str) -> String {
    let micros = i64::try_from(entry.time).unwrap_or(i64::MAX);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX).strftime(form).to_string()
}

fn put(out: &mut Vec<u8>, text: &str) {
    // Writing into a vector cannot fail.
    let _ = out.write_all(text.as_bytes());
}

fn line(out: &mut Vec<u8>, text: &str) {
    put(out, text);
    out.push(b'\n');
}
