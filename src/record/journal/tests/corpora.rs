//! Real journals, and the streams that systemd's own tests break.

use std::path::Path;

use super::super::{export, json, pretty, verbose};
use super::{Parse, all, line, reference};
use crate::base::{lent, unit_kind};
use crate::record::{Scratch, manager};

/// The value of a field of the corpus: text, bytes in base64, or one byte over and over.
fn corpus_value(value: &serde_json::Value) -> Vec<u8> {
    if let Some(text) = value["text"].as_str() {
        return text.as_bytes().to_vec();
    }
    if let (Some(byte), Some(size)) = (value["byte"].as_u64(), value["size"].as_u64()) {
        return vec![u8::try_from(byte).unwrap(); usize::try_from(size).unwrap()];
    }
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for digit in value["base64"].as_str().unwrap().bytes().filter_map(|b| alphabet.iter().position(|a| *a == b)) {
        bits = bits << 6 | u32::try_from(digit).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

#[test]
fn fields_of_a_foreign_corpus_come_back_from_both_forms() {
    let Some(path) = lent("netdata/journal-sdk/correctness-corpus.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut count = 0;
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let fields: Vec<(&str, Vec<u8>)> = case["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (f["name"].as_str().unwrap(), corpus_value(&f["value"])))
            .collect();
        let (mut entry, mut object) = (Vec::new(), String::new());
        for (key, value) in &fields {
            entry.extend_from_slice(
                &[key.as_bytes(), b"\n", &(value.len() as u64).to_le_bytes(), value, b"\n"].concat(),
            );
            let value = match std::str::from_utf8(value) {
                Ok(text) => serde_json::to_string(text).unwrap(),
                Err(_) => serde_json::to_string(value).unwrap(),
            };
            object.push_str(&format!("{}\"{key}\":{value}", if object.is_empty() { "{" } else { "," }));
        }
        entry.push(b'\n');
        object.push('}');
        assert_eq!(export::extent(&entry, false), Some(entry.len()));
        let reference = reference();
        for (raw, parse) in [(&entry[..], export::parse as Parse), (object.as_bytes(), json::parse)] {
            let mut scratch = Scratch::default();
            let record = parse(raw, &reference, &mut scratch).unwrap();
            let mut told = Vec::new();
            record.fields.each(&mut |key, value| told.push((key.to_owned(), value.to_vec())));
            let wanted: Vec<_> = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            assert_eq!(told, wanted, "{}", case["entry_id"]);
            for (key, _) in &fields {
                let first = fields.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_slice());
                assert_eq!(record.fields.get(key).as_deref(), first, "{}", case["entry_id"]);
            }
        }
        count += 1;
    }
    eprintln!("{count} entries come back whole from export and JSON");
}

#[test]
fn real_journals_read_the_same_in_json_and_export() {
    for name in [
        "systemd/no-rtc-rendered/system.journal",
        "systemd/no-rtc-rendered/user-1000.journal",
        "lab/systemd-crashloops/lab",
    ] {
        let (Some(a), Some(b)) = (lent(&format!("{name}.json")), lent(&format!("{name}.export"))) else { return };
        let a = all(&std::fs::read(a).unwrap(), line, json::parse);
        let b = all(&std::fs::read(b).unwrap(), export::extent, export::parse);
        assert_eq!(a.len(), b.len(), "{name}");
        for (a, b) in a.iter().zip(&b) {
            assert_eq!(a, b, "{name}");
            assert!(a.as_ref().is_some_and(|r| r.time.is_some() && !r.unit.is_empty()), "{a:?}");
        }
        eprintln!("{name}: {} records agree", a.len());
    }
}

#[test]
fn the_lab_names_its_units() {
    let Some(path) = lent("lab/systemd-crashloops/lab.json") else { return };
    let mut units = std::collections::BTreeMap::<String, usize>::new();
    for record in all(&std::fs::read(path).unwrap(), line, json::parse).into_iter().flatten() {
        *units.entry(record.unit.to_string()).or_default() += 1;
    }
    eprintln!("{units:?}");
    assert!(!units.contains_key("init.scope"));
}

#[test]
fn broken_export_streams_end() {
    let Some(folder) = lent("systemd/fuzz-journal-remote") else { return };
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for parse in [export::parse as Parse, json::parse, verbose::parse] {
            all(&bytes, export::extent, parse);
            all(&bytes, verbose::extent, parse);
            all(&bytes, pretty::extent, parse);
        }
    }
}

/// What journalctl prints of a compressed journal file, when it is installed.
fn journalctl(file: &Path, output: &str) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("x.journal");
    std::fs::write(&plain, zstd::decode_all(std::fs::File::open(file).unwrap()).unwrap()).unwrap();
    let done = std::process::Command::new("journalctl")
        .args(["--quiet", "--no-pager", "--all", "--utc", "-o", output, "--file"])
        .arg(&plain)
        .output();
    match done {
        Ok(done) if done.status.success() => Some(done.stdout),
        other => {
            eprintln!("skipped: no journalctl ({:?})", other.map(|o| o.status));
            None
        }
    }
}

#[test]
fn journalctl_says_the_same_in_every_form() {
    for name in ["systemd/no-rtc/user-1000.journal.zst", "lab/systemd-crashloops/lab.journal.zst"] {
        let Some(path) = lent(name) else { return };
        let Some(json) = journalctl(&path, "json") else { return };
        let json = all(&json, line, json::parse);
        type Form = (&'static str, fn(&[u8], bool) -> Option<usize>, Parse);
        let forms: [Form; 5] = [
            ("json-pretty", pretty::extent, json::parse),
            ("json-seq", line, json::parse),
            ("json-sse", line, json::parse),
            ("export", export::extent, export::parse),
            ("verbose", verbose::extent, verbose::parse),
        ];
        for (output, extent, parse) in forms {
            let Some(text) = journalctl(&path, output) else { return };
            let mut other = all(&text, extent, parse);
            other.retain(Option::is_some); // the empty lines between events of json-sse
            assert_eq!(other.len(), json.len(), "{name} {output}");
            for (a, b) in json.iter().zip(&other) {
                assert_eq!(a, b, "{name} {output}");
            }
        }
        eprintln!("{name}: {} records agree in 6 forms", json.len());
    }
}

#[test]
fn the_words_of_the_manager_name_the_unit_that_its_fields_name() {
    let (mut same, mut silent, mut with_field) = (0, 0, 0);
    for name in [
        "lab/systemd-crashloops/lab.json",
        "systemd/no-rtc-rendered/system.journal.json",
        "systemd/no-rtc-rendered/user-1000.journal.json",
    ] {
        let Some(path) = lent(name) else { return };
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            let field = |key: &str| entry[key].as_str();
            let (Some("systemd"), Some(message)) = (field("SYSLOG_IDENTIFIER"), field("MESSAGE")) else { continue };
            let Some(unit) = field("UNIT").or_else(|| field("USER_UNIT")) else { continue };
            assert!(unit_kind(unit).is_some());
            with_field += 1;
            match manager::subject(message.as_bytes()) {
                Some(subject) => {
                    assert_eq!(subject, unit, "{message}");
                    same += 1;
                }
                None => {
                    eprintln!("no unit in the words: {message} ({unit})");
                    silent += 1;
                }
            }
        }
    }
    eprintln!("of {with_field} messages with a unit, the words of {same} name it and those of {silent} name none");
}
