//! Definitions: what is right, every mistake at once, and the built-in ones held against their samples.

use super::*;
use crate::record::document::{Catalog, prove, strangers};

fn told(text: &str) -> Vec<String> {
    match parse_format("f.toml", text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|p| format!("{}:{}: {}", p.line, p.column, p.what)).collect(),
    }
}

#[test]
fn a_definition_is_read_whole() {
    let text = "[format]\nname = \"store\"\nsyntax = \"properties\"\nfiles = [\"a/*.txt\"]\nhas = [\"a.b\", \"c#\"]\n\
                [[rows]]\nname = \"row\"\neach = \"l.*.x\"\nkey = \"k\"\ntime = \"t\"\ndoc-time = [\"u\"]\nunit = \"x-{a.b}\"\n\
                with = { repo = \"repo.name\" }\nwhen = { status = [\"on\", \"of*\"], x = \"\" }\nwithout = [\"l\"]\nfresh = true\n\
                [[rows]]\nname = \"whole\"\neach = \"\"\n";
    let read = parse_format("f.toml", text).unwrap();
    assert_eq!((read.name.as_str(), read.title.as_str(), read.syntax), ("store", "store", Syntax::Properties));
    assert_eq!(
        (read.files[0].as_str(), read.has.as_slice()),
        ("a/*.txt", ["a.b".to_owned(), "c#".to_owned()].as_slice())
    );
    let row = &read.rows[0];
    assert_eq!((row.each.as_str(), row.key.as_deref(), row.fresh), ("l.*.x", Some("k"), true));
    assert_eq!((&row.time[0], &row.doc_time[0], &row.unit[0]), (&"t".into(), &"u".into(), &"x-{a.b}".into()));
    assert_eq!(row.with, [("repo".to_owned(), "repo.name".to_owned())]);
    assert_eq!(
        row.when.iter().map(|(path, globs)| (path.as_str(), globs.len())).collect::<Vec<_>>(),
        [("status", 2), ("x", 1)]
    );
    assert_eq!((row.without[0].as_str(), read.rows[1].each.as_str(), read.rows[1].fresh), ("l", "", false));
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    assert_eq!(
        told(
            "[format]\nname = \"Store\"\nsyntax = \"jsn\"\nhass = [\"a\"]\nsample = \"{}\"\n[[rows]]\neach = \"a..b\"\n\
              time = [\"a.*\"]\nunit = \"{a\"\nkey = \"a\\\"b\"\nfresh = 1\n[[rows]]\nname = \"x\"\nwhen = { a = \"[\" }\n"
        ),
        [
            "1:1: [format] has no 'gives'",
            "1:1: [format] has no 'first'",
            "2:8: bad name 'Store'",
            "3:10: unknown syntax 'jsn'",
            "4:1: unknown key 'hass' in [format]",
            "6:1: [[rows]] has no 'name'",
            "7:8: the path 'a..b' of 'each' has an empty step",
            "8:9: the path 'a.*' of 'time' has a '*', which only 'each' may have",
            "9:8: the braces of the unit '{a' do not fit together",
            "10:7: bad key 'a\"b'",
            "11:9: 'fresh' must be true or false, found the number 1",
            "14:14: bad pattern '[': unclosed character class; missing ']'",
        ]
    );
    assert_eq!(
        told("[format]\nname = \"x\"\n"),
        ["1:1: [format] has neither 'files' nor 'has': it would fit nothing", "1:1: the file has no [[rows]]",]
    );
}

#[test]
fn files_with_a_format_are_definitions() {
    assert!(is_format("[format]\nname = \"x\"\n"));
    assert!(!is_format("[pack]\nname = \"x\"\n# [format]\n"));
}

#[test]
fn built_in_definitions_have_samples_that_hold() {
    let formats = crate::rules::builtin_formats();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/formats");
    let mut there: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    there.retain(|name| name.ends_with(".toml"));
    there.sort();
    assert_eq!(formats.iter().map(|f| f.file.clone()).collect::<Vec<_>>(), there);
    let bare: Vec<&str> = formats.iter().filter(|f| f.sample.is_empty()).map(|f| f.name.as_str()).collect();
    assert!(bare.is_empty(), "definitions without a sample: {bare:?}");
    let mut wrong: Vec<String> = formats.iter().flat_map(prove).collect();
    for format in &formats {
        if format!("{}.toml", format.name) != format.file {
            wrong.push(format!("{} is not called as its file {}", format.name, format.file));
        }
    }
    wrong.extend(strangers(&Catalog::new(formats)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_example_of_the_documentation_is_right() {
    let page = include_str!("../../../docs/formats.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let definition = parse_format("example.toml", example).unwrap();
    assert_eq!(prove(&definition), Vec::<String>::new());
}
