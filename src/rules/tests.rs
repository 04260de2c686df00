//! What is told about packs: the words of every message are a contract, kept in `mistakes.txt`.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::base::{Class, Level, Problem, Severity, Span, Step};

/// A signature without a mistake, one key a line.
const RIGHT: &str = r#"id = "no-servers"
class = "network"
severity = "down"
any = ["no servers available"]
cause = "The server cannot be reached."
fix = [{ text = "Start it" }]
sample = ["nats: no servers available"]
not = ["reconnected"]"#;

/// A pack of [`RIGHT`] with some lines changed, added, or left out (`drop key, key`); a whole file stays as it is.
fn pack_with(change: &str) -> String {
    if !change.starts_with("drop ") && (change.is_empty() || change.starts_with('[')) {
        return change.to_owned();
    }
    let key = |line: &str| line.split(" =").next().unwrap_or_default().to_owned();
    let dropped: Vec<String> = match change.strip_prefix("drop ") {
        Some(keys) => keys.split(", ").map(str::to_owned).collect(),
        None => vec![key(change)],
    };
    let mut lines: Vec<&str> = RIGHT.lines().filter(|line| !dropped.contains(&key(line))).collect();
    if !change.starts_with("drop ") {
        lines.push(change);
    }
    format!("[pack]\nname = \"nats\"\n\n[[signature]]\n{}\n", lines.join("\n"))
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn told(text: &str) -> String {
    parse("p.toml", text).map_or_else(|problems| shown(&problems), |pack| shown(&check_links(&[pack])))
}

#[test]
fn every_mistake_is_told_in_its_words() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in include_str!("mistakes.txt").split("=== ").skip(1) {
        let (name, rest) = case.split_once('\n').expect("a case has a name");
        let (change, expected) = rest.split_once("---\n").expect("a case has an expectation");
        let change = if change.starts_with('[') { change } else { change.trim_end() };
        let found = told(&pack_with(change));
        cases += 1;
        if found != expected.trim_end() || found.is_empty() {
            wrong.push(format!("=== {name}\n{change}\n---\n{found}\n"));
        }
    }
    assert!(cases > 50, "{cases} cases");
    assert!(wrong.is_empty(), "{} told otherwise:\n{}", wrong.len(), wrong.join("\n"));
}
#[test]
fn a_right_pack_is_read_in_full() {
    let text = r#"
[pack]
name = "nats"
title = "NATS servers and clients"
version = 3

[[signature]]
id = "no-servers"
title = "NATS server cannot be reached"
class = "network"
severity = "down"
any = ["no servers available", "all servers down"]
all = "nats"
none = ["x"]
regex = ['nats: (?P<unit>\S+) gone: (?<model>\w+)']
message-id = "5eb03494b6584870a536b337290809b3"
ignore-case = true
where = { unit = ["*nats*", ""], host = "db?", level = "err", field = { "http.status" = ["5*"], CODE = "7" } }
step = "exited"
at-least = 3
within = "1h 30min"
cause = "The server cannot be reached."
fix = [{ text = "Start it", run = "systemctl start nats", when = "it is down", verify = "systemctl is-active nats" }]
if-recurring = "Give it more memory."
leads-to = ["nats/slow-*", "class:network"]
sample = ['{"MESSAGE": "nats: no servers available"}', "nats: all servers down"]
not = "reconnected"

[[signature]]
id = "slow-consumer"
class = "noise"
severity = "info"
any = "Slow Consumer"
unless = ["nats/no-servers"]
sample = "Slow Consumer Detected"
not = "fast"

[[detector]]
id = "loop"
kind = "count"
on = "nats/no-servers"
by = ["unit", "model"]
at-least = 5
within = "60s"
severity = "degraded"
finding = "crash_loop"
class = "crash"
cause = "It cannot start."
fix = { text = "Read its log." }
sample = "loop.case"
not = "deploy.case"

[[detector]]
id = "order"
kind = "sequence"
steps = ["nats/no-servers", ["nats/slow-consumer", "class:crash"]]
within = "5min"
severity = "down"
finding = "sequence"
cause = "One follows the other."
fix = [{ text = "Read its log." }]
"#;
    let pack = parse("nats.toml", text).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    assert_eq!((pack.name.as_str(), pack.version, pack.file.as_str()), ("nats", 3, "nats.toml"));
    assert_eq!(pack.title, "NATS servers and clients");
    let [full, noise] = pack.signatures.as_slice() else { panic!("two signatures") };
    assert_eq!((full.id.as_str(), full.title.as_str()), ("nats/no-servers", "NATS server cannot be reached"));
    assert_eq!((full.class, full.severity, full.step), (Class::Network, Severity::Down, Some(Step::Exited)));
    assert_eq!((full.any.len(), full.all.len(), full.none.len(), full.regex.len()), (2, 1, 1, 1));
    assert_eq!(full.message_ids, [0x5eb0_3494_b658_4870_a536_b337_2908_09b3]);
    assert!(full.ignore_case);
    assert!(full.scope.unit.iter().any(|glob| glob.matches("")) && full.scope.host[0].matches("db1"));
    assert_eq!(full.scope.level, Some(Level::Err));
    assert_eq!(full.scope.fields[0].0, "http.status");
    assert_eq!((full.at_least, full.within), (3, Span::seconds(5400)));
    assert_eq!(full.fixes[0].verify.as_deref(), Some("systemctl is-active nats"));
    assert_eq!(full.if_recurring.as_deref(), Some("Give it more memory."));
    assert!(full.leads_to[0].names("nats/slow-consumer", Class::Noise));
    assert_eq!((full.sample.len(), full.not.len()), (2, 1));
    assert_eq!((noise.title.as_str(), noise.at_least, noise.within), ("slow consumer", 1, Span::seconds(600)));
    assert!(noise.unless[0].names("nats/no-servers", Class::Network) && noise.scope.unit.is_empty());
    let [count, order] = pack.detectors.as_slice() else { panic!("two detectors") };
    assert_eq!((count.kind, count.numbers.at_least), (DetectorKind::Count, Some(5)));
    assert_eq!((count.on.len(), count.numbers.within(), count.by.len()), (1, Span::seconds(60), 2));
    assert_eq!((count.sample.as_deref(), count.not.as_deref()), (Some("loop.case"), Some("deploy.case")));
    assert_eq!(order.kind, DetectorKind::Sequence);
    assert_eq!(order.steps.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    assert!(check_links(&[pack]).is_empty());
}

#[test]
fn a_file_with_ten_mistakes_tells_all_ten() {
    let text = include_str!("mistakes.txt").split("=== ten mistakes\n").nth(1).expect("the case is there");
    let text = text.split("---\n").next().unwrap_or_default();
    // Ten that were put in, and the 'not' that is not there.
    assert_eq!(parse("p.toml", text).expect_err("ten mistakes").len(), 11);
}

#[test]
fn limits_are_told() {
    let large = format!("# {}", "x".repeat(1024 * 1024));
    assert_eq!(
        told(&large),
        "p.toml: a pack may be 1 MiB long, this one has 1048578 bytes\n  = help: split it into several packs"
    );
    let mut many = String::from("[pack]\nname = \"many\"\n");
    for i in 0..2_001 {
        many += &format!("[[signature]]\nid = \"s{i}\"\nclass = \"noise\"\nseverity = \"info\"\nany = \"something\"\n");
        many += "sample = \"something\"\nnot = \"x\"\n";
    }
    let last = many.matches('\n').count() - 6;
    let gutter = " ".repeat(last.to_string().len());
    assert_eq!(
        told(&many),
        format!(
            "p.toml:{last}:1: a pack may hold 2000 signatures, this one has 2001\n{gutter} |\n{last} | [[signature]]\n\
             {gutter} | ^^^^^^^^^^^^^"
        )
    );
    let list = format!("any = [{}]", "\"something\", ".repeat(257));
    assert!(told(&pack_with(&list)).contains("'any' may hold 256 strings, this one has 257"));
    let wrong = format!("[pack]\nname = \"p\"\n{}", "[[signature]]\n".repeat(30));
    let problems = parse("p.toml", &wrong).expect_err("nothing is right");
    assert_eq!(problems.len(), 101);
    assert_eq!(problems[100].to_string(), "p.toml: 80 more mistakes are not shown");
}

#[test]
fn hostile_text_is_shown_harmless() {
    let shown = told(&pack_with("class = \"\\u001b[31m\""));
    assert!(shown.contains("unknown class '\\u{1b}[31m'"), "{shown}");
    let shown = told("[pack]\nname = \"\u{1b}[31m\"\n");
    assert!(!shown.contains('\u{1b}') && shown.contains('\u{fffd}'), "{shown}");
    let long = format!("[pack]\nname = \"p\" # {}\nx = {}1\n", "ä".repeat(5_000), " ".repeat(5_000));
    assert!(told(&long).lines().all(|line| line.chars().count() < 1_100));
}

#[test]
fn links_that_lead_nowhere_are_told() {
    let text = pack_with(r#"leads-to = ["nats/no-servers", "nats/*", "class:oom", "nats/no-server", "redis/*"]"#)
        .replace("id = \"no-servers\"", "id = \"gone\"")
        + "[[signature]]\n"
        + RIGHT;
    let pack = parse("p.toml", &text).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    let line = r#"13 | leads-to = ["nats/no-servers", "nats/*", "class:oom", "nats/no-server", "redis/*"]"#;
    let caret = |before: usize, width: usize| format!("   | {}{}", " ".repeat(before), "^".repeat(width));
    let expected = [
        "p.toml:13:55: no signature is named 'nats/no-server'",
        "   |",
        line,
        &caret(54, 16),
        "   = help: did you mean 'nats/no-servers'?",
        "p.toml:13:73: no signature is named 'redis/*'",
        "   |",
        line,
        &caret(72, 9),
    ];
    assert_eq!(shown(&check_links(&[pack])), expected.join("\n"));
}

/// What a pack that is not there captures, nobody knows.
#[test]
fn keys_are_not_judged_while_a_pack_is_missing() {
    let loop_over = |on: &str| {
        let by = "by = \"zebra\"\nat-least = 3\nwithin = \"1min\"\nseverity = \"down\"\nfinding = \"flapping\"";
        let text = format!("[[detector]]\nid = \"loop\"\nkind = \"count\"\non = \"{on}\"\n{by}\ncause = \"x\"\n");
        pack_with("title = \"x\"") + &text + "fix = { text = \"Read its log.\" }\n"
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let told = |on: &str, bad: bool| {
        let mine = write(folder.path(), "mine.toml", loop_over(on));
        let other = write(folder.path(), "other.toml", renamed("other", if bad { "class = \"zebra\"" } else { "" }));
        shown(&load(&[mine, other], false).problems).matches("has a capture 'zebra'").count()
    };
    assert_eq!((told("class:network", false), told("class:network", true)), (1, 0));
    assert_eq!(
        (told("nats/no-servers", true), told("other/no-servers", true), told("other/no-servers", false)),
        (1, 0, 1)
    );
}

/// A right pack with another name, and perhaps a changed line.
fn renamed(name: &str, change: &str) -> String {
    let change = if change.is_empty() { "title = \"x\"" } else { change };
    pack_with(change).replace("name = \"nats\"", &format!("name = \"{name}\""))
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a temporary file can be written");
    path
}

#[test]
fn one_bad_pack_does_not_stop_the_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "b.toml", renamed("b", ""));
    write(folder.path(), "a.toml", renamed("a", ""));
    write(folder.path(), "bad.toml", renamed("bad", "class = \"zebra\""));
    write(folder.path(), "c.toml", renamed("c", "leads-to = [\"bad/no-servers\", \"a/*\"]"));
    write(folder.path(), "d.toml", renamed("a", ""));
    write(folder.path(), "e.toml", "\nbad\n");
    write(folder.path(), "f.toml", b"[pack]\nname = \"\xff\"");
    write(folder.path(), "notes.txt", "not a pack");
    let missing = folder.path().join("missing.toml");
    let loaded = load(&[folder.path().to_owned(), missing], false);
    let names: Vec<&str> = loaded.packs.iter().map(|pack| pack.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let shown = shown(&loaded.problems).replace(&format!("{}/", folder.path().display()), "");
    let firsts: Vec<&str> = shown.lines().filter(|line| line.contains(".toml")).collect();
    assert_eq!(
        firsts,
        [
            "bad.toml:12:9: unknown class 'zebra'",
            "d.toml: the pack 'a' was already loaded from a.toml",
            "e.toml:2:4: not TOML: key with no value, expected `=`",
            "f.toml: not UTF-8: a stray byte in line 2",
            "missing.toml: No such file or directory (os error 2)",
        ]
    );
}

#[test]
fn a_pack_of_the_user_replaces_a_builtin_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = write(folder.path(), "mine.toml", renamed("systemd", ""));
    let loaded = load(&[path], true);
    assert_eq!(shown(&loaded.problems), "");
    assert_eq!(loaded.packs.len(), builtin().len());
    let last = loaded.packs.last().expect("there are packs");
    assert!(last.name == "systemd" && last.file.ends_with("mine.toml"));
}

#[test]
fn the_builtin_packs_are_right() {
    let loaded = load(&[], true);
    assert_eq!(shown(&loaded.problems), "");
    assert_eq!(loaded.packs.len(), builtin().len());
}

#[test]
fn the_examples_of_the_documentation_are_right() {
    let page = include_str!("../../docs/packs.md");
    let mut examples = 0;
    for block in page.split("```toml\n").skip(1) {
        let text = block.split("```").next().unwrap_or_default();
        let pack = parse("docs/packs.md", text).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
        assert!(check_links(&[pack]).is_empty());
        examples += 1;
    }
    assert!(examples > 0);
    let words = Class::ALL.iter().map(|class| class.word()).chain(Step::WORDS.iter().map(|(word, _)| *word));
    for word in words.chain(signature::KEYS.iter().copied()) {
        assert!(page.contains(&format!("`{word}`")), "the page does not tell of '{word}'");
    }
}

#[test]
fn deep_and_heavy_files_end_soon() {
    let begun = std::time::Instant::now();
    let n = 170_000;
    for text in [
        format!("a = {}", "[".repeat(1_000_000)),
        format!("a = {}", "{a=".repeat(300_000)),
        format!("{}a = 1", "a.".repeat(500_000)),
        format!("[{}a]", "a.".repeat(500_000)),
        format!("[pack]\nname = {{ {}a = 1 }}", "a.".repeat(500_000)),
        pack_with(&format!("leads-to = [{}]", "\"a/b\",".repeat(n))),
        pack_with(&format!("any = [{}]", "\"abc\",".repeat(n))),
        pack_with(&format!("regex = '{}'", "(a|b)".repeat(n))),
        pack_with(&format!("regex = '{}'", "abc|".repeat(n))),
        pack_with(&format!("regex = '{}abc'", "[a-b]".repeat(n))),
        pack_with(&format!("regex = [{}]", "'(a{60}){60}',".repeat(n / 3))),
        "\n[[signature]]".repeat(n / 3),
        "a\n".repeat(n),
        "\"".repeat(3 * n),
    ] {
        assert!(parse("p.toml", &text).is_err());
    }
    assert!(begun.elapsed().as_secs() < 60, "{:?}, 1 s is usual", begun.elapsed());
}

proptest! {
    #[test]
    fn no_file_panics(at in 0usize..300, cut in 0usize..20, put in "[\\PC\n\t\r\"'=\\[\\]{}#]{0,6}") {
        let mut text = pack_with(r"regex = 'nats: (?P<unit>\S+) göne'");
        let ends = |from: usize, text: &str| (from..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
        let from = ends(at.min(text.len()), &text);
        let to = ends((from + cut).min(text.len()), &text);
        text.replace_range(from..to, &put);
        if let Err(problems) = parse("p.toml", &text) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(problem.column >= 1 && problem.width >= 1 && !problem.to_string().is_empty());
                prop_assert!(problem.line <= text.split('\n').count());
            }
        }
    }
}

/// What the build script left is what the texts say.
#[test]
fn built_in_packs_are_their_texts() {
    let loaded = load(&[], true);
    assert!(loaded.problems.is_empty());
    assert_eq!(loaded.packs.len(), builtin().len());
    for ((file, text), built) in builtin().iter().zip(&loaded.packs) {
        let read = parse(file, text).expect("a right pack");
        let read = Pack { links: Vec::new(), keys: Vec::new(), ..read };
        assert_eq!(format!("{read:?}"), format!("{built:?}"), "{file}");
    }
    assert!(!builtin_cases().is_empty());
}
