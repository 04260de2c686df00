//! One journal in every form in which people have it: as journalctl prints it, as syslog daemons write it, as container
//! engines keep it. Comes in: entries. Goes out: a file or a folder. Times are in UTC.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::journal::{Entry, values_of};

/// A form and what it can carry.
pub struct Form {
    /// Its name: `short-iso`, `docker`. Expectations name it so.
    pub name: &'static str,
    /// Forms with something in common, for expectations: `journal`, `text`, `container`, `cat`.
    pub group: &'static str,
    /// Life-cycle lines of the service manager are in it.
    pub life_cycle: bool,
    /// It says which unit or program a line is from.
    pub units: bool,
    render: Render,
}

enum Render {
    /// All entries, one after the other.
    Each(fn(&Entry) -> Vec<u8>),
    /// A file a unit, application lines only; the suffix of the files, and how an entry looks.
    PerUnit(&'static str, fn(&Entry) -> Vec<u8>),
}

const fn journal(name: &'static str, each: fn(&Entry) -> Vec<u8>) -> Form {
    Form { name, group: "journal", life_cycle: true, units: true, render: Render::Each(each) }
}

const fn text(name: &'static str, each: fn(&Entry) -> Vec<u8>) -> Form {
    Form { group: "text", ..journal(name, each) }
}

const fn container(name: &'static str, suffix: &'static str, each: fn(&Entry) -> Vec<u8>) -> Form {
    let render = Render::PerUnit(suffix, each);
    Form { name, group: "container", life_cycle: false, units: true, render }
}

const fn one_stream(name: &'static str, each: fn(&Entry) -> Vec<u8>) -> Form {
    Form { group: "container", life_cycle: false, ..journal(name, each) }
}

/// Every form.
pub const FORMS: &[Form] = &[
    journal("journal.json", |e| json_line(e, false)),
    journal("journal-bytes.json", |e| json_line(e, true)),
    journal("json-seq", |e| [b"\x1e", json_line(e, false).as_slice()].concat()),
    journal("json-sse", |e| [b"data: ", json_line(e, false).as_slice(), b"\n"].concat()),
    journal("json-pretty", json_pretty),
    journal("journal.export", export),
    journal("verbose", verbose),
    text("short", |e| indented(&short(e, &spoken(e, "%b %d %H:%M:%S")), e)),
    text("short-iso", |e| indented(&short(e, &spoken(e, "%Y-%m-%dT%H:%M:%S+0000")), e)),
    text("short-iso-repeated", |e| repeated(&short(e, &spoken(e, "%Y-%m-%dT%H:%M:%S+0000")), e)),
    text("short-iso-precise", |e| indented(&short(e, &spoken(e, "%Y-%m-%dT%H:%M:%S%.6f+00:00")), e)),
    text("short-precise", |e| indented(&short(e, &spoken(e, "%b %d %H:%M:%S%.6f")), e)),
    text("short-full", |e| indented(&short(e, &spoken(e, "%a %Y-%m-%d %H:%M:%S UTC")), e)),
    text("short-unix", |e| indented(&short(e, &unix(source_time(e))), e)),
    text("with-unit", |e| indented(&with_unit(e, &spoken(e, "%a %Y-%m-%d %H:%M:%S UTC")), e)),
    text("syslog3164", |e| repeated(&short(e, &at(e, "%b %e %H:%M:%S")), e)),
    text("syslog5424", |e| repeated(&syslog5424(e), e)),
    Form { group: "cat", units: false, ..journal("cat", |e| indented(b"", e)) },
    one_stream("compose-logs", |e| containers_line(e, &format!("{}-1  | ", e.stem()))),
    one_stream("kubectl-logs", |e| containers_line(e, &format!("[pod/{0}-7c9f/{0}] ", e.stem()))),
    container("docker", "-json.log", docker),
    container("cri", ".log", |e| cri(e, usize::MAX)),
    container("cri-partial", ".log", |e| cri(e, 40)),
];

/// The files of `corpora/native/`, given as they are. `stdin`: one of them through a pipe, which has no name.
pub const FILES: Form = Form { group: "native", ..journal("files", |_| Vec::new()) };
/// The other one.
pub const STDIN: Form = Form { group: "native", ..journal("stdin", |_| Vec::new()) };

impl Form {
    /// The form of that name.
    pub fn named(name: &str) -> &'static Form {
        FORMS.iter().find(|form| form.name == name).unwrap_or_else(|| panic!("no form is called {name}"))
    }

    /// Writes the entries into `folder`: the path of the file or folder to read. A file's time is that of the last entry,
    /// because forms without a year take it from there.
    pub fn write(&self, entries: &[Entry], folder: &Path) -> PathBuf {
        let path = folder.join(self.name);
        match self.render {
            Render::Each(each) => store(&path, entries.iter(), each),
            Render::PerUnit(suffix, each) => {
                fs::create_dir_all(&path).expect("a folder for the form");
                let mut units: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
                for entry in entries.iter().filter(|e| e.is_application()) {
                    units.entry(entry.stem()).or_default().push(entry);
                }
                for (unit, entries) in units {
                    store(&path.join(format!("{unit}{suffix}")), entries.into_iter(), each);
                }
            }
        }
        path
    }
}

fn store<'a>(path: &Path, entries: impl Iterator<Item = &'a Entry>, each: fn(&Entry) -> Vec<u8>) {
    let (mut bytes, mut last) = (Vec::new(), 0);
    for entry in entries {
        bytes.extend(each(entry));
        last = last.max(entry.time);
    }
    fs::write(path, bytes).expect("a file for the form");
    let time = UNIX_EPOCH + Duration::from_micros(last.unsigned_abs());
    let file = fs::File::options().write(true).open(path).expect("the file just written");
    file.set_modified(time).expect("the time of the file");
}

fn at(entry: &Entry, form: &str) -> String {
    written(entry.time, form)
}

/// journalctl prints the time at which the program spoke, where it is known, and not the time of the entry: the times of
/// its lines can go back a little.
fn spoken(entry: &Entry, form: &str) -> String {
    written(source_time(entry), form)
}

fn source_time(entry: &Entry) -> i64 {
    entry.field("_SOURCE_REALTIME_TIMESTAMP").and_then(|time| time.parse().ok()).unwrap_or(entry.time)
}

fn written(micros: i64, form: &str) -> String {
    let time = Timestamp::from_microsecond(micros).expect("a time of this era");
    time.strftime(form).to_string()
}

fn unix(micros: i64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn json_line(entry: &Entry, as_bytes: bool) -> Vec<u8> {
    let mut fields = entry.fields.clone();
    if as_bytes {
        fields.insert("MESSAGE".to_owned(), json!(entry.message));
    }
    let mut line = Value::Object(fields).to_string().into_bytes();
    line.push(b'\n');
    line
}

/// journalctl indents with tabs and puts spaces around the colon.
fn json_pretty(entry: &Entry) -> Vec<u8> {
    let field = |(name, value): (&String, &Value)| match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("\t\t{value}")).collect();
            format!("\t{} : [\n{}\n\t]", json!(name), values.join(",\n"))
        }
        value => format!("\t{} : {value}", json!(name)),
    };
    let fields: Vec<String> = entry.fields.iter().map(field).collect();
    format!("{{\n{}\n}}\n", fields.join(",\n")).into_bytes()
}

/// journalctl begins an entry with these, in this order.
const ADDRESS: [&str; 4] = ["__CURSOR", "__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP", "_BOOT_ID"];

/// `NAME=value`, or for a value that is not plain text the name, its length as eight bytes, and the value.
fn export(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::new();
    let each =
        |(name, value): (&String, &Value)| values_of(value).into_iter().map(|v| (name.clone(), v)).collect::<Vec<_>>();
    let address = ADDRESS.iter().filter_map(|name| entry.fields.get_key_value(*name));
    let rest = entry.fields.iter().filter(|(name, _)| !ADDRESS.contains(&name.as_str()));
    for (name, value) in address.chain(rest).flat_map(each) {
        out.extend(name.as_bytes());
        if std::str::from_utf8(&value).is_ok_and(|v| v.chars().all(|c| c == '\t' || !c.is_control())) {
            out.push(b'=');
        } else {
            out.push(b'\n');
            out.extend((value.len() as u64).to_le_bytes());
        }
        out.extend(value);
        out.push(b'\n');
    }
    out.push(b'\n');
    out
}

fn verbose(entry: &Entry) -> Vec<u8> {
    let cursor = entry.field("__CURSOR").unwrap_or_default();
    let mut out = spoken(entry, "%a %Y-%m-%d %H:%M:%S%.6f UTC").into_bytes();
    out.extend(format!(" [{cursor}]\n").as_bytes());
    for (name, value) in entry.fields.iter().filter(|(name, _)| !name.starts_with("__")) {
        let head = format!("    {name}=");
        for value in values_of(value) {
            out.extend(with_indent(head.as_bytes(), value.split(|&b| b == b'\n')));
        }
    }
    out
}

/// `time host identifier[pid]: `, as all forms of `short` begin.
fn short(entry: &Entry, time: &str) -> Vec<u8> {
    let host = entry.field("_HOSTNAME").unwrap_or("localhost");
    let identifier = entry.field("SYSLOG_IDENTIFIER").unwrap_or("unknown");
    format!("{time} {host} {identifier}{}: ", process(entry)).into_bytes()
}

fn with_unit(entry: &Entry, time: &str) -> Vec<u8> {
    let host = entry.field("_HOSTNAME").unwrap_or("localhost");
    let whose = match (entry.field("_SYSTEMD_UNIT"), entry.field("_SYSTEMD_USER_UNIT")) {
        (Some(unit), Some(user)) => format!("{unit}/{user}"),
        (Some(unit), None) | (None, Some(unit)) => unit.to_owned(),
        (None, None) => entry.field("SYSLOG_IDENTIFIER").unwrap_or("unknown").to_owned(),
    };
    format!("{time} {host} {whose}{}: ", process(entry)).into_bytes()
}

fn syslog5424(entry: &Entry) -> Vec<u8> {
    let facility: u8 = entry.field("SYSLOG_FACILITY").and_then(|f| f.parse().ok()).unwrap_or(3);
    let host = entry.field("_HOSTNAME").unwrap_or("-");
    let (program, pid) = (entry.field("SYSLOG_IDENTIFIER").unwrap_or("-"), entry.field("_PID").unwrap_or("-"));
    let time = at(entry, "%Y-%m-%dT%H:%M:%S%.6fZ");
    format!("<{}>1 {time} {host} {program} {pid} - - ", facility * 8 + entry.priority()).into_bytes()
}

fn process(entry: &Entry) -> String {
    entry.field("_PID").map(|pid| format!("[{pid}]")).unwrap_or_default()
}

/// The further lines of a message stand under the first one, as journalctl prints them.
fn indented(head: &[u8], entry: &Entry) -> Vec<u8> {
    with_indent(head, entry.lines())
}

fn with_indent<'a>(head: &[u8], lines: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for (n, line) in lines.enumerate() {
        if n == 0 {
            out.extend(head);
        } else {
            out.extend(std::iter::repeat_n(b' ', head.len()));
        }
        out.extend(line);
        out.push(b'\n');
    }
    out
}

/// Every line of a message has the whole head, as syslog daemons write them.
fn repeated(head: &[u8], entry: &Entry) -> Vec<u8> {
    entry.lines().flat_map(|line| [head, line, b"\n"].concat()).collect()
}

fn stream(entry: &Entry) -> &'static str {
    if entry.priority() <= 4 { "stderr" } else { "stdout" }
}

/// What `docker compose logs -t` and `kubectl logs --prefix --timestamps` print: all containers in one stream.
fn containers_line(entry: &Entry, head: &str) -> Vec<u8> {
    if !entry.is_application() {
        return vec![];
    }
    repeated(at(entry, &format!("{head}%Y-%m-%dT%H:%M:%S%.9fZ ")).as_bytes(), entry)
}

fn docker(entry: &Entry) -> Vec<u8> {
    let time = at(entry, "%Y-%m-%dT%H:%M:%S%.9fZ");
    let line = |line: &[u8]| {
        let log = format!("{}\n", String::from_utf8_lossy(line));
        format!("{}\n", json!({ "log": log, "stream": stream(entry), "time": time })).into_bytes()
    };
    entry.lines().flat_map(line).collect()
}

/// Lines longer than `limit` characters come in parts, marked P but for the last.
fn cri(entry: &Entry, limit: usize) -> Vec<u8> {
    let time = at(entry, "%Y-%m-%dT%H:%M:%S%.9fZ");
    let mut out = Vec::new();
    for line in entry.lines() {
        let mut parts = line.chunks(limit.min(line.len().max(1))).peekable();
        if parts.peek().is_none() {
            out.extend(format!("{time} {} F \n", stream(entry)).as_bytes());
        }
        while let Some(part) = parts.next() {
            let mark = if parts.peek().is_some() { 'P' } else { 'F' };
            out.extend(format!("{time} {} {mark} ", stream(entry)).as_bytes());
            out.extend(part);
            out.push(b'\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::journal::entries;

    const LINE: &str = r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1775380201005006","_HOSTNAME":"elm","PRIORITY":"3","SYSLOG_IDENTIFIER":"ingest","_PID":"41","_TRANSPORT":"stdout","_SYSTEMD_UNIT":"user@1500.service","_SYSTEMD_USER_UNIT":"ingest.service","MESSAGE":"bad row\n  at 7"}"#;

    fn rendered(name: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Form::named(name).write(&entries(LINE), folder.path());
        let path = if path.is_dir() { fs::read_dir(path).unwrap().next().unwrap().unwrap().path() } else { path };
        fs::read_to_string(path).expect("text")
    }

    #[test]
    fn short_forms_indent_and_syslog_repeats() {
        assert_eq!(rendered("short"), format!("Apr 05 09:10:01 elm ingest[41]: bad row\n{}  at 7\n", " ".repeat(32)));
        let twice = "Apr  5 09:10:01 elm ingest[41]: bad row\nApr  5 09:10:01 elm ingest[41]:   at 7\n";
        assert_eq!(rendered("syslog3164"), twice);
        assert!(rendered("short-iso").starts_with("2026-04-05T09:10:01+0000 elm ingest[41]: bad row\n"));
        assert!(rendered("short-iso-precise").starts_with("2026-04-05T09:10:01.005006+00:00 elm "));
        assert!(rendered("short-unix").starts_with("1775380201.005006 elm ingest[41]: "));
        let unit = "Sun 2026-04-05 09:10:01 UTC elm user@1500.service/ingest.service[41]: bad row\n";
        assert!(rendered("with-unit").starts_with(unit));
        assert!(
            rendered("syslog5424").starts_with("<27>1 2026-04-05T09:10:01.005006Z elm ingest 41 - - bad row\n<27>1")
        );
    }

    #[test]
    fn export_gives_the_length_of_what_is_no_single_line() {
        let export = rendered("journal.export");
        assert!(export.starts_with("__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1775380201005006\n"));
        assert!(export.ends_with("MESSAGE\n\u{e}\0\0\0\0\0\0\0bad row\n  at 7\n\n"));
    }

    #[test]
    fn verbose_indents_under_the_value() {
        let verbose = rendered("verbose");
        assert!(verbose.starts_with("Sun 2026-04-05 09:10:01.005006 UTC [s=1;i=2]\n    _HOSTNAME=elm\n"));
        assert!(verbose.ends_with("    MESSAGE=bad row\n              at 7\n"));
    }

    #[test]
    fn containers_have_a_file_a_unit() {
        let docker = rendered("docker");
        assert!(docker.starts_with(r#"{"log":"bad row\n","stream":"stderr","time":"2026-04-05T09:10:01.005006000Z"}"#));
        assert_eq!(docker.lines().count(), 2);
        assert!(rendered("cri").starts_with("2026-04-05T09:10:01.005006000Z stderr F bad row\n"));
    }

    #[test]
    fn parts_of_a_long_line_are_marked() {
        let long = LINE.replace("bad row\\n  at 7", &"x".repeat(90));
        let cri = String::from_utf8(cri(&entries(&long)[0], 40)).expect("text");
        let marks: Vec<&str> = cri.lines().filter_map(|line| line.split(' ').nth(2)).collect();
        assert_eq!(marks, ["P", "P", "F"]);
    }

    #[test]
    fn bytes_come_back() {
        let again = rendered("journal-bytes.json");
        assert_eq!(entries(&again)[0].message, b"bad row\n  at 7");
    }
}
