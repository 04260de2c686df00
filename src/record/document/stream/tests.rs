//! Streams: what becomes rows, what stays as it is, what is told, in any cut.

use proptest::prelude::*;

use super::super::{Definition, RowRule};
use super::*;
use crate::base::Glob;

fn definition(name: &str, files: &[&str], has: &[&str], rows: Vec<RowRule>) -> Definition {
    Definition {
        name: name.to_owned(),
        title: name.to_owned(),
        syntax: Syntax::Json,
        files: files.iter().map(|glob| Glob::new(glob).unwrap()).collect(),
        has: has.iter().map(|path| (*path).to_owned()).collect(),
        rows,
        sample: Vec::new(),
        gives: 0,
        first: String::new(),
        file: "test.toml".to_owned(),
    }
}

fn rule(name: &str, each: &str) -> RowRule {
    RowRule { name: name.to_owned(), each: each.to_owned(), time: vec!["t".to_owned()], ..RowRule::default() }
}

fn catalog() -> Arc<Catalog> {
    let mut pairs = definition("unit", &[], &["Id", "NRestarts"], vec![rule("unit", "")]);
    pairs.syntax = Syntax::Properties;
    let mut bullets = definition("result", &[], &["run_id", "success"], vec![rule("result", "")]);
    bullets.syntax = Syntax::Bullets;
    Catalog::new(vec![
        definition("store", &["*.json"], &["events", "version"], vec![rule("event", "events")]),
        definition("beat", &["beat_*.json"], &["role", "at"], vec![rule("beat", "")]),
        definition("named", &["state/only.json"], &[], vec![rule("only", "")]),
        pairs,
        bullets,
    ])
}

fn context(path: Option<&str>) -> Context {
    Context { path: path.map(str::to_owned), zone: jiff::tz::TimeZone::UTC, now: Stamp(0), moment: None }
}

/// All lines, and what was told, reading `step` bytes at a time.
fn read(path: Option<&str>, text: &[u8], syntax: Syntax, step: usize) -> (String, Vec<String>) {
    let mut exploder = Exploder::new(catalog(), context(path), syntax, None);
    let mut out = Vec::new();
    for bytes in text.chunks(step.max(1)) {
        exploder.lines(bytes, false, &mut out);
    }
    exploder.lines(&[], true, &mut out);
    (String::from_utf8_lossy(&out).into_owned(), exploder.problems())
}

fn json(text: &str) -> (String, Vec<String>) {
    read(None, text.as_bytes(), Syntax::Json, usize::MAX)
}

const STORE: &str =
    "{\n  \"version\": 1,\n  \"events\": [\n    {\"a\": 1, \"t\": 1778539200},\n    {\"a\": [2, \"x y\"]}\n  ]\n}\n";
const ROWS: &str = "{\"a\":1,\"t\":1778539200,\"@row\":\"event\",\"@at\":\"/events/0\",\"@time\":\"2026-05-11T22:40:00Z\"}\n\
                    {\"a\":[2,\"x y\"],\"@row\":\"event\",\"@at\":\"/events/1\"}\n";

#[test]
fn documents_become_rows_pretty_or_on_one_line() {
    assert_eq!(json(STORE), (ROWS.to_owned(), vec![]));
    let one_line = STORE.replace('\n', " ");
    assert_eq!(json(&one_line), (ROWS.to_owned(), vec![]));
    // Without a line end behind it, and with a byte order mark before it.
    assert_eq!(json(&format!("\u{feff}{}", STORE.trim_end())), (ROWS.to_owned(), vec![]));
}

#[test]
fn lines_that_are_documents_stand_among_others() {
    let text = "plain\n{\"role\":\"goal\",\"at\":\"x\"}\n  indented\n{\"level\":\"info\"}\n[1] 2023/11/19 12:09:48 [INF] ok\n\
                [INFO] text\n{\"role\":\"test\",\"at\":null} {\"b\":1}\n{broken\n\n{\"role\":\"a\",\"at\":1}";
    let expected = "plain\n{\"role\":\"goal\",\"at\":\"x\",\"@row\":\"beat\",\"@at\":\"2:\"}\n  indented\n{\"level\":\"info\"}\n\
                    [1] 2023/11/19 12:09:48 [INF] ok\n[INFO] text\n\
                    {\"role\":\"test\",\"at\":null,\"@row\":\"beat\",\"@at\":\"7:\"}\n{\"b\":1}\n{broken\n\n\
                    {\"role\":\"a\",\"at\":1,\"@row\":\"beat\",\"@at\":\"10:\"}\n";
    assert_eq!(json(text), (expected.to_owned(), vec![]));
}

#[test]
fn an_array_at_the_top_is_a_document_or_a_list_of_them() {
    let list = "[\n {\"role\":\"goal\",\"at\":1},\n {\"other\":1},\n {\"role\":\"test\",\"at\":2}\n]\n";
    let expected = "{\"role\":\"goal\",\"at\":1,\"@row\":\"beat\",\"@at\":\"/0\"}\n\
                    {\"role\":\"test\",\"at\":2,\"@row\":\"beat\",\"@at\":\"/2\"}\n";
    assert_eq!(json(list), (expected.to_owned(), vec![]));
    assert_eq!(json("[{\"x\":1}]\n"), ("[{\"x\":1}]\n".to_owned(), vec![]));
}

#[test]
fn what_no_definition_fits_stays_as_it_came() {
    for text in ["{\n  \"a\": 1\n}\n", "[1,\n2]\n", "{}", "[]\n\n", "null\n", "  \n", ""] {
        assert_eq!(json(text), (text.to_owned(), vec![]), "{text}");
    }
}

#[test]
fn a_broken_document_is_told_with_its_place_and_the_rest_is_read() {
    let broken = STORE.replace("\"x y\"]", "\"x y\"");
    let (out, told) = json(&format!("{broken}{STORE}"));
    assert_eq!(
        told,
        ["the document that begins in line 1 is broken: expected ',' or ']', found '}' (line 5, column 20)"]
    );
    assert_eq!(out, ROWS.replace("@at\":\"", "@at\":\"8:"));
    let (out, told) = json(STORE.get(..40).unwrap());
    assert_eq!((out.as_str(), told.len()), ("", 1));
    assert_eq!(told[0], "the document that begins in line 1 ends before it is closed (line 4, column 9)");
    // On one line it is also the text that it is.
    let (out, told) = json("{\"version\":1,\"events\":[{\"a\":");
    assert_eq!((out.as_str(), told.len()), ("{\"version\":1,\"events\":[{\"a\":", 1));
    // Among lines of text it is text.
    let log = "started\n{\n  code: 'X'\n}\nended\n";
    assert_eq!(json(log), (log.to_owned(), vec![]));
}

#[test]
fn many_broken_documents_are_counted() {
    let (_, told) = json(&"{\"a\":\n1 2}\n".repeat(8));
    assert_eq!(told.len(), 6);
    assert_eq!(told[5], "3 more documents are broken or too long");
}

#[test]
fn a_document_that_is_too_long_is_told_and_stepped_over() {
    let mut exploder = Exploder::new(catalog(), context(None), Syntax::Json, None);
    let mut out = Vec::new();
    exploder.lines(b"{\"version\":1,\"events\":[", false, &mut out);
    let filler = vec![b' '; 1 << 20];
    for _ in 0..65 {
        exploder.lines(&filler, false, &mut out);
        assert!(exploder.buffer.len() <= DOCUMENT_BYTES + (2 << 20));
    }
    exploder.lines(b"]}\n", false, &mut out);
    exploder.lines(STORE.as_bytes(), true, &mut out);
    assert_eq!(exploder.problems(), ["the document that begins in line 1 is longer than 64 MiB"]);
    assert_eq!(String::from_utf8(out).unwrap(), ROWS.replace("@at\":\"", "@at\":\"2:"));
}

#[test]
fn depth_and_strange_bytes_do_no_harm() {
    let deep = format!("{{\"version\":1,\"events\":[{}{}]}}\n", "[".repeat(10_000), "]".repeat(10_000));
    let (out, told) = json(&deep);
    assert!(told.is_empty() && out.len() > 20_000 && out.starts_with("{\"value\":[["), "{told:?}");
    let (out, _) = read(None, b"{\"role\":\"\xff\xfe\",\"at\":NaN,\"x\":\"a\tb\"}\n", Syntax::Json, 1);
    assert_eq!(out, "{\"role\":\"\u{fffd}\u{fffd}\",\"at\":null,\"x\":\"a\\u0009b\",\"@row\":\"beat\",\"@at\":\"\"}\n");
    let (out, told) = json(&"[".repeat(100_100));
    assert!(told.is_empty() && out.len() == 100_100);
}

#[test]
fn file_names_decide_where_they_are_known() {
    let beat = b"{\"role\":\"goal\",\"at\":1}\n";
    let known = |path: Option<&str>| read(path, beat, Syntax::Json, 7).0.contains("@row");
    assert!(known(None) && known(Some("logs/beat_goal.json")) && known(Some("beat_goal.json.zst")));
    assert!(!known(Some("logs/other.json")));
    let only = |path: Option<&str>| read(path, b"{\"x\":1}\n", Syntax::Json, 7).0.contains("@row");
    assert!(only(Some("a/state/only.json")) && !only(Some("a/only.json")) && !only(None));
}

#[test]
fn blocks_and_bullets_become_rows() {
    let text = b"Id=a.service\nNRestarts=3\n\nId=b.service\nNRestarts=0\n\nId=c\n";
    let expected = "{\"Id\":\"a.service\",\"NRestarts\":\"3\",\"@row\":\"unit\",\"@at\":\"\"}\n\
                    {\"Id\":\"b.service\",\"NRestarts\":\"0\",\"@row\":\"unit\",\"@at\":\"4:\"}\nId=c\n";
    for step in [1, 5, 1000] {
        let (out, told) = read(None, text, Syntax::Properties, step);
        assert_eq!((out.replace("\n\n", "\n").trim_start_matches('\n'), told.len()), (expected, 0), "{step}");
    }
    let text = b"# Execution Result\n\n- run_id: r1\n- success: false\n\n## Changed Files\n- a\n";
    let expected =
        "{\"run_id\":\"r1\",\"success\":\"false\",\"Changed Files\":[\"a\"],\"@row\":\"result\",\"@at\":\"\"}\n";
    assert_eq!(read(None, text, Syntax::Bullets, 3).0, expected);
}

#[test]
fn the_head_tells_whether_a_stream_holds_documents() {
    let catalog = catalog();
    let look = |path: Option<&str>, head: &str, whole: bool| {
        let head = catalog.look(path, head.as_bytes(), whole)?;
        Some(catalog.get(head.definition)?.name.clone())
    };
    for (path, head, whole, found) in [
        (None, STORE, true, Some("store")),
        (Some("usage.json"), STORE, true, Some("store")),
        (Some("usage.txt"), STORE, true, None),
        (None, "log\n{\"role\":\"a\",\"at\":1}\n", false, Some("beat")),
        (None, "[{\"role\":\"a\",\"at\":1}]", true, Some("beat")),
        // A document that is longer than the head is looked at when some of it fits.
        (None, "{\"version\":1,\"events\":[", false, Some("store")),
        (None, "{\"version\":1,\"events\":[", true, Some("store")),
        // One that breaks off is told to be broken.
        (None, "{\"version\":1,\"ev", true, Some("store")),
        (None, "{\"role\":1}\n{\"at\":1}\n", false, None),
        (None, "{\"MESSAGE\":\"role at events version\"}\n", false, None),
        (None, "Id=a\nNRestarts=1\n\n", false, Some("unit")),
        (None, "Id=a\nNRestarts=1\n", true, Some("unit")),
        (None, "Id=a\nnothing\n", true, None),
        (None, "# Result\n- run_id: 1\n- success: true\n", true, Some("result")),
        (None, "plain\n", true, None),
        (None, "", true, None),
        (Some("state/only.json"), "{\"x\":1}\n", true, Some("named")),
    ] {
        let expected = found.map(str::to_owned);
        assert_eq!(look(path, head, whole), expected, "{path:?} {head}");
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(STORE.as_bytes().to_vec()),
        Just(b"{\"role\":\"a\",\"at\":1}\n".to_vec()),
        Just(b"text [1] {\n".to_vec()),
        Just(b"{\n  code: 1\n}\n".to_vec()),
        Just(b"\xff\xfe{}[]\n".to_vec()),
        Just(b"{\"a\":[1,\n".to_vec()),
        Just(b"Id=x\nNRestarts=2\n\n".to_vec()),
        Just(b"\n# R\n- run_id: x\n- success: y\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #[test]
    fn the_cut_of_reads_does_not_matter(pieces in proptest::collection::vec(piece(), 0..6), step in 1usize..50, kind in 0usize..3) {
        let text = pieces.concat();
        let syntax = [Syntax::Json, Syntax::Properties, Syntax::Bullets][kind];
        prop_assert_eq!(read(None, &text, syntax, step), read(None, &text, syntax, usize::MAX));
    }
}
