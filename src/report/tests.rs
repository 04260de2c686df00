//! Snapshots and laws of the report.

use proptest::prelude::*;
use serde_json::Value;

use super::screen::{columns, is_unsafe};
use super::*;
use crate::incident::Diagnosis;

pub(super) mod samples;

const HOSTILE: &str = "\x1b[31m\x1b]0;x\x07\u{202e}`` ``` | a|b \\| </details><img src=x> @team [l](http://e) \n# h\r\n- i\tpassword=hunter2";

fn shown(d: &Diagnosis, width: usize, color: bool, verbose: u8) -> String {
    let mut out = Vec::new();
    text(d, &Screen { width, color, verbose }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn marked(d: &Diagnosis) -> String {
    let mut out = Vec::new();
    markdown(d, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn coded(d: &Diagnosis) -> String {
    let mut out = Vec::new();
    json(d, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn alerted(d: &Diagnosis) -> String {
    let mut out = Vec::new();
    alert(d, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// One message of a chat, whatever the log holds.
#[test]
fn an_alert_fits_into_a_message() {
    let mut d = prepare(samples::filled(&HOSTILE.repeat(200)), true);
    let incident = d.incidents[0].clone();
    d.incidents = vec![incident; 50];
    let shown = alerted(&d);
    assert!(shown.chars().count() <= 4096, "{}", shown.chars().count());
    assert!(shown.starts_with("🚨 logtriage Health Alert [CRITICAL]\n\nFailed checks:\n  ❌ "), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains('\x1b') && shown.contains("\n  and 40 more\n\nDiagnosis: "));
    assert!(shown.lines().last().is_some_and(|line| line.starts_with("Remediation: ")));
}

#[test]
fn the_screens() {
    let hostile = prepare(samples::filled(HOSTILE), true);
    for (name, d) in [
        ("crash_loop", samples::crash_loop()),
        ("healthy", samples::healthy()),
        ("burst", samples::burst()),
        ("two", samples::two()),
        ("hostile", hostile),
    ] {
        insta::assert_snapshot!(format!("{name}_80"), shown(&d, 80, false, 0));
        insta::assert_snapshot!(format!("{name}_40"), shown(&d, 40, false, 0));
        insta::assert_snapshot!(format!("{name}_verbose"), shown(&d, 100, false, 1));
        insta::assert_snapshot!(format!("{name}_color"), shown(&d, 80, true, 0).replace('\x1b', "^"));
        insta::assert_snapshot!(format!("{name}_markdown"), marked(&d));
        insta::assert_snapshot!(format!("{name}_json"), coded(&d));
        insta::assert_snapshot!(format!("{name}_alert"), alerted(&d));
    }
}

#[test]
fn healthy_is_one_line_and_nothing_is_said_honestly() {
    let d = samples::healthy();
    assert_eq!(
        shown(&d, 90, false, 0),
        "HEALTHY  2026-05-11 22:39:02 to 22:55:02 UTC · 1,912 entries, 7 units · nothing lost\n"
    );
    assert_eq!(
        shown(&d, 80, false, 0),
        "HEALTHY  2026-05-11 22:39 to 22:55 UTC · 1,912 entries, 7 units · nothing lost\n"
    );
    let mut d = samples::healthy();
    d.input = crate::incident::Input::default();
    assert!(shown(&d, 80, false, 0).starts_with("nothing to judge: no records"));
}

#[test]
fn secrets_do_not_leave() {
    let d = prepare(samples::filled("\x1b[3mpassword\x1b[0m=\x1b[1mhunter2\x1b[0m"), true);
    for out in [shown(&d, 80, false, 1), marked(&d), coded(&d), alerted(&d)] {
        assert!(!out.contains("hunter2"));
    }
    assert!(coded(&prepare(samples::filled("password=hunter2"), false)).contains("hunter2"));
}

#[test]
fn live_lines_are_one_or_two() {
    let d = samples::crash_loop();
    let screen = Screen::default();
    let mut later = d.findings[0].clone();
    later.last_seen = later.last_seen.plus(crate::base::Span::seconds(86_400));
    let (mut memory, mut page) = (Memory::default(), String::new());
    for event in [
        Live::Finding(&d.findings[0]),
        Live::Worse(&d.findings[0]),
        Live::Resolved(&d.findings[0]),
        Live::Incident(&d.incidents[0]),
        Live::Notice(HOSTILE),
        Live::Finding(&later),
        Live::Resolved(&later),
    ] {
        let mut out = Vec::new();
        live_text(&event, &screen, &mut memory, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.lines().count() <= 2 && out.lines().all(|l| columns(l) <= 80), "{out}");
        page.push_str(&out);
        let mut out = Vec::new();
        jsonl(&event, &mut out).unwrap();
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert!(value["event"].is_string());
        assert_eq!(out.iter().filter(|b| **b == b'\n').count(), 1);
    }
    insta::assert_snapshot!("live", page);
}

/// Every key of the value is in the schema, and every key that the schema requires is in the value.
fn check(value: &Value, schema: &Value, root: &Value, path: &str) {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(name) => root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{path}: no {name}")),
        None => schema,
    };
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        if !value.is_null() {
            check(value, &choices[0], root, path);
        }
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let of = schema.pointer(&format!("/properties/{key}")).or_else(|| schema.get("additionalProperties"));
                check(
                    inner,
                    of.unwrap_or_else(|| panic!("{path}/{key} is not in the schema")),
                    root,
                    &format!("{path}/{key}"),
                );
            }
            for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                assert!(map.contains_key(key.as_str().unwrap()), "{path}: {key} is required");
            }
        }
        Value::Array(items) => items.iter().for_each(|item| check(item, &schema["items"], root, &format!("{path}[]"))),
        _ => {
            let kind = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(n) if n.is_f64() => "number",
                Value::Number(_) => "integer",
                _ => "string",
            };
            // Every integer is a number.
            let one = |t: &Value| t == kind || (t == "number" && kind == "integer");
            let fits = |t: &Value| one(t) || t.as_array().is_some_and(|all| all.iter().any(one));
            assert!(
                schema.get("const") == Some(value) || schema.get("type").is_some_and(fits),
                "{path}: {value} is no {schema}"
            );
            let words = schema.get("enum").and_then(Value::as_array);
            assert!(words.is_none_or(|words| words.contains(value)), "{path}: {value} is not in the list");
        }
    }
}

#[test]
fn the_schema_is_what_is_written() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/diagnosis.schema.json")).unwrap();
    for d in [samples::crash_loop(), samples::healthy(), samples::burst(), samples::two(), samples::filled(HOSTILE)] {
        check(&serde_json::from_str(&coded(&d)).unwrap(), &schema, &schema, "");
    }
    let words = |at: &str| {
        schema
            .pointer(at)
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        words("/$defs/class/enum"),
        crate::base::Class::ALL.iter().map(|c| c.word().to_owned()).collect::<Vec<_>>()
    );
    assert_eq!(
        words("/$defs/finding_kind/enum"),
        crate::base::FindingKind::ALL.iter().map(|c| c.word().to_owned()).collect::<Vec<_>>()
    );
}

/// The number of cells of a table row: pipes that are not escaped.
fn cells(row: &str) -> usize {
    let mut escaped = false;
    let mut pipes = 0;
    for c in row.chars() {
        match c {
            '\\' => escaped = !escaped,
            '|' if !escaped => pipes += 1,
            _ => escaped = false,
        }
        if c == '|' {
            escaped = false;
        }
    }
    pipes
}

fn laws(raw: &str, width: usize) {
    let d = prepare(samples::filled(raw), true);
    // Commands may be longer than the screen: a break in the wrong place would spoil them.
    let mut narrow = d.clone();
    for fix in narrow.incidents.iter_mut().flat_map(|i| &mut i.fixes) {
        (fix.run, fix.verify) = (Some("df -h".into()), Some("true".into()));
    }
    for verbose in [0, 1] {
        let out = shown(&d, width, false, verbose);
        assert!(!out.chars().any(|c| c == '\t' || is_unsafe(c)), "{out:?}");
        let out = shown(&narrow, width, false, verbose);
        let widest = out.lines().map(columns).max().unwrap_or(0);
        assert!(widest <= width.clamp(20, 160), "{widest} > {width}\n{out}");
        let color = shown(&d, width, true, verbose);
        assert!(!color.chars().any(|c| c != '\x1b' && is_unsafe(c)));
    }
    for row in marked(&d).lines().filter(|l| l.starts_with("| ")) {
        assert_eq!(cells(row), 4, "{row}");
    }
    let coded = coded(&d);
    assert!(!coded.trim_end().chars().any(|c| c == '\n' || is_unsafe(c)));
    serde_json::from_str::<Value>(&coded).unwrap();
}

#[test]
fn hostile_text_keeps_the_laws() {
    for width in [0, 20, 21, 39, 40, 50, 59, 80, 100, 10_000] {
        for text in
            [HOSTILE, "", " ", "漢字漢字漢字漢字漢字漢字", "e\u{301}e\u{301}", &"x".repeat(9000), &"ab ".repeat(3000)]
        {
            if text.len() < 1000 || [20, 50, 80].contains(&width) {
                laws(text, width);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_keeps_the_laws(text in ".{0,200}|[\\PC|`\\\\\\x1b\\n\\r\\t\u{202e}\u{9b}a ]{0,120}", width in 0usize..200) {
        laws(&text, width);
    }
}
