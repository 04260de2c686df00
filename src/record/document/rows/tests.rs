//! Rows: paths, keys, times, units, what is added and what is left out.

use super::super::{Definition, Syntax};
use super::*;
use crate::base::Glob;

fn rows(rule: RowRule, raw: &str) -> Vec<String> {
    all(rule, raw, None).into_iter().map(|row| String::from_utf8(row.line).unwrap().trim_end().to_owned()).collect()
}

fn all(rule: RowRule, raw: &str, moment: Option<Stamp>) -> Vec<Row> {
    let definition = Definition {
        name: "d".to_owned(),
        title: String::new(),
        syntax: Syntax::Json,
        files: Vec::new(),
        has: Vec::new(),
        rows: vec![RowRule { name: "r".to_owned(), ..rule }],
        sample: Vec::new(),
        gives: 0,
        first: String::new(),
        file: String::new(),
    };
    let context = Context { path: None, zone: TimeZone::UTC, now: Stamp(1_780_000_000_000_000_000), moment };
    let mut rows = Vec::new();
    let document = Document { definition: &definition, raw: raw.as_bytes(), prefix: b"", context: &context };
    document.rows(&mut |row| rows.push(row));
    rows
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn paths_lead_to_items_members_and_values() {
    let raw = r#"{"a":{"x":{"n":1},"y":{"n":2}},"l":[[{"n":3}],[{"n":4},{"n":5}]],"v":7,"z":null,"e":{},"o/~":[8]}"#;
    for (each, key, expected) in [
        (
            "a",
            Some("k"),
            vec![r#"{"n":1,"k":"x","@row":"r","@at":"/a/x"}"#, r#"{"n":2,"k":"y","@row":"r","@at":"/a/y"}"#],
        ),
        ("a", None, vec![r#"{"x":{"n":1},"y":{"n":2},"@row":"r","@at":"/a"}"#]),
        ("a.*", None, vec![r#"{"n":1,"@row":"r","@at":"/a/x"}"#, r#"{"n":2,"@row":"r","@at":"/a/y"}"#]),
        ("a.*.n", None, vec![r#"{"value":1,"@row":"r","@at":"/a/x/n"}"#, r#"{"value":2,"@row":"r","@at":"/a/y/n"}"#]),
        (
            "l.*",
            None,
            vec![
                r#"{"n":3,"@row":"r","@at":"/l/0/0"}"#,
                r#"{"n":4,"@row":"r","@at":"/l/1/0"}"#,
                r#"{"n":5,"@row":"r","@at":"/l/1/1"}"#,
            ],
        ),
        ("l.1.0", None, vec![r#"{"n":4,"@row":"r","@at":"/l/1/0"}"#]),
        ("v", None, vec![r#"{"value":7,"@row":"r","@at":"/v"}"#]),
        ("z", None, vec![]),
        ("e", None, vec![r#"{"@row":"r","@at":"/e"}"#]),
        ("e", Some("k"), vec![]),
        ("o/~", None, vec![r#"{"value":8,"@row":"r","@at":"/o~1~0/0"}"#]),
        ("missing.x", None, vec![]),
    ] {
        let rule = RowRule { each: each.to_owned(), key: key.map(str::to_owned), ..RowRule::default() };
        assert_eq!(rows(rule, raw), expected, "{each}");
    }
    let rule = RowRule { each: "*".to_owned(), ..RowRule::default() };
    assert_eq!(
        rows(rule, r#"[{"a":1},2]"#),
        [r#"{"a":1,"@row":"r","@at":"/0"}"#, r#"{"value":2,"@row":"r","@at":"/1"}"#]
    );
}

#[test]
fn times_of_all_shapes_are_read() {
    for (value, time) in [
        ("1769811245", Some("2026-01-30T22:14:05Z")),
        ("1769811245113", Some("2026-01-30T22:14:05.113Z")),
        ("1769811245113000", Some("2026-01-30T22:14:05.113Z")),
        ("1769811245.5", Some("2026-01-30T22:14:05.500Z")),
        ("\"1769811245\"", Some("2026-01-30T22:14:05Z")),
        ("\"2026-05-15T18:07:20.123456+00:00\"", Some("2026-05-15T18:07:20.123456Z")),
        ("\"2026-05-15T18:07:20+02:00\"", Some("2026-05-15T16:07:20Z")),
        ("\"2026-02-12T21:40:02.114201\"", Some("2026-02-12T21:40:02.114201Z")),
        ("\"2026-05-15T18:07:20Z\"", Some("2026-05-15T18:07:20Z")),
        ("\"2026-02-08 09:15:01 +0000 UTC\"", Some("2026-02-08T09:15:01Z")),
        ("\"Tue 2024-12-03 21:35:01 UTC\"", Some("2024-12-03T21:35:01Z")),
        ("\"0001-01-01T00:00:00Z\"", None),
        ("\"2026-05-15T18:07:20Z is when it happened\"", None),
        ("\"soon\"", None),
        ("5", None),
        ("null", None),
    ] {
        let rule = RowRule { time: words(&["gone", "t"]), ..RowRule::default() };
        let row = rows(rule, &format!("{{\"t\":{value}}}")).remove(0);
        let expected = time.map(|time| format!(",\"@time\":\"{time}\"")).unwrap_or_default();
        assert_eq!(row, format!("{{\"t\":{value},\"@row\":\"r\",\"@at\":\"\"{expected}}}"));
    }
}

#[test]
fn a_row_without_a_time_gets_that_of_its_document_or_the_moment() {
    let raw = r#"{"at":"2026-01-02T00:00:00Z","l":[{"t":"2026-01-01T00:00:00Z"},{"t":null}]}"#;
    let rule = || RowRule { each: "l".to_owned(), time: words(&["t"]), doc_time: words(&["at"]), ..RowRule::default() };
    let found = rows(rule(), raw);
    assert!(found[0].contains("\"@time\":\"2026-01-01T00:00:00Z\"") && found[1].contains("\"@time\":\"2026-01-02T"));
    let moment = Some(Stamp(1_767_400_000_000_000_000));
    let late = all(RowRule { doc_time: Vec::new(), ..rule() }, raw, moment);
    assert!(String::from_utf8_lossy(&late[1].line).contains("\"@time\":\"2026-01-03T00:26:40Z\""));
}

#[test]
fn rows_get_units_and_fields_of_their_document() {
    let raw = r#"{"repo":{"name":"x\"y"},"id":7,"l":[{"role":"goal","id":1},{"names":["a","b"]},{}],"big":[]}"#;
    let rule = RowRule {
        each: "l".to_owned(),
        unit: words(&["watch-{role}", "{names.0}", "repo {repo.name}"]),
        with: vec![("repo".into(), "repo.name".into()), ("id".into(), "id".into()), ("n".into(), "l#".into())],
        ..RowRule::default()
    };
    assert_eq!(
        rows(rule, raw),
        [
            r#"{"role":"goal","id":1,"repo":"x\"y","n":3,"@row":"r","@at":"/l/0","@unit":"watch-goal"}"#,
            r#"{"names":["a","b"],"repo":"x\"y","id":7,"n":3,"@row":"r","@at":"/l/1","@unit":"a"}"#,
            r#"{"repo":"x\"y","id":7,"n":3,"@row":"r","@at":"/l/2","@unit":"repo x\"y"}"#,
        ]
    );
    let rule = RowRule { each: "l".to_owned(), unit: words(&["{gone}"]), ..RowRule::default() };
    assert!(!rows(rule, raw)[0].contains("@unit"));
}

#[test]
fn only_rows_that_fit_are_given_without_what_they_do_not_keep() {
    let when = |path: &str, glob: &str| vec![(path.to_owned(), vec![Glob::new(glob).unwrap()])];
    let raw = r#"{"status":"measured","l":[{"s":"on","x":[1]},{"s":"off"},{"s":true}]}"#;
    let rule = |when| RowRule { each: "l".to_owned(), without: words(&["x"]), when, ..RowRule::default() };
    assert_eq!(rows(rule(when("s", "o*")), raw).len(), 2);
    assert_eq!(rows(rule(when("s", "on")), raw), [r#"{"s":"on","@row":"r","@at":"/l/0"}"#]);
    assert_eq!(rows(rule(when("s", "true")), raw).len(), 1);
    assert_eq!(rows(rule(when("status", "measured")), raw).len(), 3);
    assert_eq!(rows(rule(when("status", "partial")), raw).len(), 0);
    assert_eq!(rows(rule(when("gone", "*")), raw).len(), 0);
}

#[test]
fn rows_are_known_again_by_what_they_say() {
    let event = |raw: &str| {
        let with = vec![("v".into(), "v".into())];
        all(RowRule { each: "l".into(), with, ..RowRule::default() }, raw, None).remove(0).identity
    };
    assert_eq!(event(r#"{"l":[{"a":1}],"v":1}"#), event(r#"{"v":2,"l":[ {"a": 1}]}"#));
    assert_ne!(event(r#"{"l":[{"a":1}]}"#), event(r#"{"l":[{"a":2}]}"#));
    let status = |raw: &str, moment: i64| {
        let rule = RowRule { each: "l".into(), fresh: true, doc_time: words(&["at"]), ..RowRule::default() };
        all(rule, raw, Some(Stamp(moment))).remove(0).identity
    };
    let at = |second: u32| format!(r#"{{"at":"2026-01-01T00:00:0{second}Z","l":[{{"a":1}}]}}"#);
    assert_eq!(status(&at(1), 1), status(&at(1), 2));
    assert_ne!(status(&at(1), 1), status(&at(2), 1));
    assert_eq!(status(r#"{"l":[{"a":1}]}"#, 1), status(r#"{"l":[{"a":1}]}"#, 2));
}

#[test]
fn rows_do_not_take_keys_that_are_ours() {
    let row = rows(RowRule::default(), r#"{"@row":"x","@at":"y","@timestamp":"z","@unit":"w"}"#).remove(0);
    assert_eq!(row, r#"{"@timestamp":"z","@row":"r","@at":""}"#);
}
