mod corpora;
mod laws;

use jiff::tz::TimeZone;

use super::{export, json};
use crate::base::{Level, SourceId, Stamp};
use crate::record::{OwnedFields, OwnedRecord, Record, Reference, Scratch, Stream};

pub(super) fn reference() -> Reference {
    Reference { now: Stamp(0), zone: TimeZone::UTC, unit: "file".into(), boot: None, dated: false }
}

type Parse = for<'a> fn(&'a [u8], &'a Reference, &'a mut Scratch) -> Option<Record<'a>>;

fn owned(raw: &[u8], parse: Parse) -> Option<OwnedRecord> {
    let place = crate::base::Place { source: SourceId(0), offset: 0 };
    let record = parse(raw, &reference(), &mut Scratch::default()).map(|r| r.to_owned(place));
    // The raw text of the fields differs from form to form; what stands in them is compared elsewhere.
    record.map(|r| OwnedRecord { fields: OwnedFields::None, inner: OwnedFields::None, ..r })
}

/// All records of `bytes`, read to the end.
fn all(bytes: &[u8], extent: fn(&[u8], bool) -> Option<usize>, parse: Parse) -> Vec<Option<OwnedRecord>> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while let Some(len) = extent(rest, true) {
        assert!(len > 0 && len <= rest.len());
        records.push(owned(&rest[..len], parse));
        rest = &rest[len..];
    }
    assert!(rest.is_empty());
    records
}

fn line(bytes: &[u8], _: bool) -> Option<usize> {
    if bytes.is_empty() { None } else { Some(bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1)) }
}

fn export_of(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut entry = Vec::new();
    for (key, value) in fields {
        entry.extend_from_slice(key.as_bytes());
        if value.contains('\n') {
            entry.push(b'\n');
            entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
        } else {
            entry.push(b'=');
        }
        entry.extend_from_slice(value.as_bytes());
        entry.push(b'\n');
    }
    entry.push(b'\n');
    entry
}

fn json_of(fields: &[(&str, &str)]) -> Vec<u8> {
    let map: serde_json::Map<String, serde_json::Value> =
        fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
    serde_json::to_vec(&map).unwrap()
}

/// One entry read from both forms, which must agree.
fn both(fields: &[(&str, &str)]) -> OwnedRecord {
    let a = owned(&export_of(fields), export::parse).unwrap();
    let b = owned(&json_of(fields), json::parse).unwrap();
    assert_eq!(a, b);
    a
}

#[test]
fn an_entry_becomes_a_record() {
    let record = both(&[
        ("MESSAGE", "two\nlines"),
        ("_SYSTEMD_USER_UNIT", "web.service"),
        ("_SYSTEMD_UNIT", "user@1000.service"),
        ("_PID", "71"),
        ("PRIORITY", "3"),
        ("__REALTIME_TIMESTAMP", "1000002"),
        ("_SOURCE_REALTIME_TIMESTAMP", "1"),
        ("_HOSTNAME", "h"),
        ("_COMM", "webd"),
        ("_TRANSPORT", "stdout"),
        ("_SYSTEMD_INVOCATION_ID", "abc"),
        ("MESSAGE_ID", "0000000000000000000000000000000f"),
        ("__CURSOR", "s=1"),
    ]);
    assert_eq!(record.message, b"two\nlines");
    assert_eq!((&*record.unit, &*record.identifier, &*record.invocation), ("web.service", "webd", "abc"));
    assert_eq!((record.pid, record.level, record.time), (Some(71), Some(Level::Err), Some(Stamp(1_000_002_000))));
    assert_eq!((&*record.host, record.stream, record.message_id), ("h", Stream::Stdout, Some(15)));
    assert_eq!((&*record.cursor, record.parsed, record.partial), (&b"s=1"[..], true, false));
}

#[test]
fn the_unit_is_what_the_entry_is_about() {
    let manager =
        [("SYSLOG_IDENTIFIER", "systemd"), ("_SYSTEMD_UNIT", "init.scope"), ("_SYSTEMD_INVOCATION_ID", "own")];
    let with = |more: &[(&'static str, &'static str)]| [&manager[..], more].concat();
    type Case<'a> = (Vec<(&'a str, &'a str)>, &'a str, &'a str);
    let cases: Vec<Case<'_>> = vec![
        (with(&[("UNIT", "a.service"), ("INVOCATION_ID", "i"), ("MESSAGE", "b.service: x")]), "a.service", "i"),
        (with(&[("USER_UNIT", "a.service"), ("USER_INVOCATION_ID", "i"), ("MESSAGE", "x")]), "a.service", "i"),
        (with(&[("MESSAGE", "Started b.service - B.")]), "b.service", ""),
        (with(&[("MESSAGE", "Startup finished in 1s.")]), "systemd", "own"),
        (
            vec![
                ("SYSLOG_IDENTIFIER", "systemd-coredump"),
                ("_SYSTEMD_UNIT", "systemd-coredump@1.service"),
                ("COREDUMP_UNIT", "user@1.service"),
                ("COREDUMP_USER_UNIT", "a.service"),
                ("MESSAGE", "Process 1 (a) of user 1 dumped core."),
            ],
            "a.service",
            "",
        ),
        (vec![("OBJECT_SYSTEMD_UNIT", "a.service"), ("_SYSTEMD_UNIT", "b.service"), ("MESSAGE", "x")], "a.service", ""),
        (
            vec![
                ("CONTAINER_NAME", "hub"),
                ("CONTAINER_ID", "c1"),
                ("CONTAINER_ID_FULL", "c1full"),
                ("_SYSTEMD_UNIT", "docker.service"),
                ("_SYSTEMD_INVOCATION_ID", "d"),
                ("MESSAGE", "x"),
            ],
            "hub",
            "c1full",
        ),
        (
            vec![
                ("CONTAINER_NAME", "systemd-hub"),
                ("CONTAINER_ID", "c1"),
                ("_SYSTEMD_USER_UNIT", "hub.service"),
                ("_SYSTEMD_INVOCATION_ID", "d"),
                ("MESSAGE", "x"),
            ],
            "hub.service",
            "d",
        ),
        (vec![("CONTAINER_NAME", "k8s_web_web-7f_prod_uid_0"), ("MESSAGE", "x")], "prod/web-7f/web", ""),
        (
            vec![
                ("SYSLOG_IDENTIFIER", "podman"),
                ("_SYSTEMD_USER_UNIT", "podman.service"),
                (
                    "MESSAGE",
                    "2026-01-01 container died 0123456789abcdef (image=x, PODMAN_SYSTEMD_UNIT=hub.service, a=b)",
                ),
            ],
            "hub.service",
            "0123456789abcdef",
        ),
        (vec![("SYSLOG_IDENTIFIER", "sudo"), ("_SYSTEMD_UNIT", "session-3.scope"), ("MESSAGE", "x")], "sudo", ""),
        (vec![("_COMM", "bash"), ("_SYSTEMD_UNIT", "user@1000.service"), ("MESSAGE", "x")], "bash", ""),
        (vec![("_SYSTEMD_UNIT", "session-3.scope"), ("MESSAGE", "x")], "session-3.scope", ""),
        (vec![("_TRANSPORT", "kernel"), ("SYSLOG_IDENTIFIER", "kernel"), ("MESSAGE", "x")], "kernel", ""),
        // What a program says of itself is not the manager's word.
        (vec![("UNIT", "a.service"), ("_SYSTEMD_UNIT", "b.service"), ("MESSAGE", "x")], "b.service", ""),
        (vec![("MESSAGE", "x")], "file", ""),
    ];
    for (fields, unit, invocation) in cases {
        let record = both(&fields);
        assert_eq!((&*record.unit, &*record.invocation), (unit, invocation), "{fields:?}");
    }
}

#[test]
fn values_that_are_not_strings() {
    for (text, message) in [
        (r#"{"MESSAGE":[27,91,51,49,109,104,105,27,91,48,109]}"#, "hi"),
        (r#"{"MESSAGE":["one","two"]}"#, "one"),
        (r#"{"MESSAGE":[[111,110,101],"two"]}"#, "one"),
        (r#"{"MESSAGE":["a\tb","two"]}"#, "a\tb"),
        (r#"{"MESSAGE":null,"__CURSOR":"x"}"#, ""),
        (r#"{"MESSAGE":[],"__CURSOR":"x"}"#, ""),
        (r#"{"MESSAGE":{"a":1},"__CURSOR":"x"}"#, ""),
        (r#"{"MESSAGE":"\u001b[1mbold\u001b[0m\n"}"#, "bold"),
        ("{\"MESSAGE\":\"a\",\"MESSAGE\":\"b\"}", "a"),
        ("\u{1e}{\"MESSAGE\":\"seq\"}\n", "seq"),
        ("data: {\"MESSAGE\":\"sse\"}\n\n", "sse"),
        ("{\n\t\"MESSAGE\" : \"pretty\"\n}\n", "pretty"),
        (r#"{"MESSAGE":"n","PRIORITY":3,"__REALTIME_TIMESTAMP":5}"#, "n"),
    ] {
        let record = owned(text.as_bytes(), json::parse).unwrap();
        assert_eq!(String::from_utf8_lossy(&record.message), message, "{text}");
    }
    for other in ["", "{}", "{\"msg\":\"x\"}", "{\"MESSAGE\":\"x", "text", "[1]", "null", "{\"MESSAGE\":nul}"] {
        assert!(owned(other.as_bytes(), json::parse).is_none(), "{other}");
    }
}

#[test]
fn parts_of_a_container_line_are_marked_but_the_last() {
    let part = ("CONTAINER_PARTIAL_MESSAGE", "true");
    assert!(both(&[("MESSAGE", "x"), part]).partial);
    assert!(!both(&[("MESSAGE", "x"), part, ("CONTAINER_PARTIAL_LAST", "true")]).partial);
    assert_eq!(both(&[("MESSAGE", "x"), ("CONTAINER_NAME", "a"), ("PRIORITY", "3")]).stream, Stream::Stderr);
    assert_eq!(both(&[("MESSAGE", "x"), ("CONTAINER_NAME", "a"), ("PRIORITY", "6")]).stream, Stream::Stdout);
}

#[test]
fn bad_numbers_leave_a_record_without_them() {
    let record = both(&[
        ("MESSAGE", "x"),
        ("PRIORITY", "9"),
        ("_PID", "99999999999"),
        ("__REALTIME_TIMESTAMP", "-4"),
        ("MESSAGE_ID", "zz"),
    ]);
    assert_eq!((record.level, record.pid, record.time, record.message_id), (None, None, None, None));
    let largest = both(&[("MESSAGE", "x"), ("__REALTIME_TIMESTAMP", "9223372036854775807")]);
    assert_eq!(largest.time, None);
}
