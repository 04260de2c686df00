//! What `logtriage classify` promises: an answer for each line, in order, whatever comes in and however it comes.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use logtriage::base::Stamp;
use logtriage::record::Reference;
use logtriage::report::Shown;
use logtriage::rules;
use logtriage::run::labels::{How, LabelTally, labels};
use logtriage::run::live;
use logtriage::scan::{ClassPlan, Plan, Sorter};
use serde_json::Value;

use crate::support::program::{Started, command, pipe, run};

const SECOND: Duration = Duration::from_secs(20);

fn answers(arguments: &[&str], input: &str) -> Vec<Value> {
    let ended = pipe(&[&["classify"], arguments].concat(), input.as_bytes());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{arguments:?}");
    assert!(ended.is_safe());
    ended.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn answer(arguments: &[&str], line: &str) -> Value {
    let mut all = answers(arguments, line);
    assert_eq!(all.len(), 1, "{line}");
    all.remove(0)
}

/// Lines of all kinds: results, log lines, what is neither.
fn mixed() -> String {
    let kinds = [
        r#"{"exit_code": 1, "stderr": "process group killed (timeout)"}"#,
        "Mar  3 04:11:02 host app[12]: write failed: No space left on device",
        "all is well",
        "",
        r#"{"exit_code": 0, "stdout": "You're out of extra usage", "stderr": ""}"#,
        "the author left the room",
        r#"{"level":"info","msg":"ready"}"#,
        r#"{"stderr": "broken"#,
        "{",
        r#"  "exit_code": 1, "stderr": "bad gateway""#,
        "}",
        "429 Too Many Requests",
        "\u{1b}[31mERROR\u{1b}[0m \u{202e}odd",
    ];
    let kinds = kinds.iter().map(|line| (*line).to_owned());
    kinds.chain((0..900).map(|n| format!("worker {n} took {} ms", n * 7))).map(|line| line + "\n").collect()
}

#[test]
fn the_class_comes_from_a_signature_or_else_from_the_table() {
    let disk = answer(&[], "write failed: No space left on device");
    assert_eq!((&disk["class"], &disk["signature"]), (&"disk_full".into(), &"common/disk-full".into()));
    assert!(disk["classifier"].is_null() && disk["follow_up"].is_string() && disk["severity"] == "down");
    assert!(disk["why"].as_str().is_some_and(|why| why.contains("No space left on device")));
    let token = answer(&[], "request exceeds the maximum number of tokens");
    assert_eq!((&token["class"], &token["classifier"]), (&"context_limit".into(), &"operations-center".into()));
    let calm = answer(&[], "INFO the command timed out once, tried again");
    assert_eq!(calm["severity"], "info", "{calm}");
    let nobody = answer(&[], "all is well");
    assert_eq!(
        (&nobody["class"], &nobody["severity"], &nobody["why"]),
        (&"unknown".into(), &"info".into(), &Value::Null)
    );
}

#[test]
fn every_answer_is_as_the_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/classify.schema.json")).unwrap();
    let words: Vec<&str> =
        schema["properties"]["class"]["enum"].as_array().unwrap().iter().flat_map(Value::as_str).collect();
    assert_eq!(words, logtriage::base::Class::ALL.iter().map(|class| class.word()).collect::<Vec<_>>());
    for arguments in [&[][..], &["--exact"], &["--exact", "--order", "code"], &["--classifier", "skillomatic-email"]] {
        let more = "insufficient_quota\n{\"stdout\": \"<!-- cp:question: x? -->\", \"error_code\": \"A\"}\n";
        for answer in answers(arguments, &(mixed() + more)) {
            let answer = answer.as_object().unwrap();
            for key in schema["required"].as_array().unwrap() {
                assert!(answer.contains_key(key.as_str().unwrap()), "{key}: {answer:?}");
            }
            for (key, value) in answer {
                let rule = &schema["properties"][key];
                let kind = match value {
                    Value::Null => "null",
                    Value::String(_) => "string",
                    _ => "integer",
                };
                let typed =
                    rule["type"] == kind || rule["type"].as_array().is_some_and(|all| all.contains(&kind.into()));
                let listed = rule["enum"].as_array().is_some_and(|all| all.contains(value));
                assert!(typed || listed, "{key}: {value}");
            }
        }
    }
}

#[test]
fn results_are_read_with_their_facts() {
    for (result, class, more) in [
        (r#"{"exit_code":1,"policy_violations":["a"]}"#, "scope_policy", ("why", "policy-violations")),
        (r#"{"exit_code":1,"validation_passed":false}"#, "validation_failure", ("why", "validation-failed")),
        (r#"{"validation_failed":true,"flaky":true}"#, "flaky_test", ("why", "validation-failed")),
        (r#"{"exit_code":0,"stdout":"out of extra usage · resets 4am"}"#, "quota_exhausted", ("severity", "down")),
        (r#"{"run_id":"x","exit_code":0,"timeout_hit":true,"artifacts":[]}"#, "timeout", ("why", "timeout-hit")),
        (r#"{"summary":"<!-- CP:Question:\n which? -->"}"#, "awaiting_input", ("question", "which?")),
        (r#"{"error_code":"LLM_TIMEOUT"}"#, "timeout", ("error_code", "LLM_TIMEOUT")),
        (
            r#"{"status":"failed","error":{"message":"x","code":"SCRAPE_BLOCKED"}}"#,
            "network",
            ("error_code", "SCRAPE_BLOCKED"),
        ),
        (r#"{"failure_reason":"operation timed out"}"#, "timeout", ("severity", "degraded")),
        (r#"{"classification":"scope-policy violation"}"#, "scope_policy", ("why", "the result names it")),
    ] {
        let told = answer(&[], result);
        assert_eq!((&told["class"], &told[more.0]), (&class.into(), &more.1.into()), "{told}");
    }
    let killed = r#"{"exit_code":1,"stderr":"process group killed (timeout)"}"#;
    assert_eq!(answer(&[], killed)["class"], "timeout");
    let killed = answer(&["--classifier", "operations-center"], killed);
    assert_eq!((&killed["class"], &killed["original_class"]), (&"timeout".into(), &"oom".into()));
    let gmail = answer(&[], r#"{"error_code":"LLM_RATE_LIMITED","provider":"gmail"}"#);
    assert_eq!(gmail["class"], "rate_limit");
    assert!(gmail["why"].as_str().is_some_and(|why| why.contains("Gmail's limit, not the model's")), "{gmail}");
    let model = answer(&[], r#"{"error_code":"LLM_RATE_LIMITED","provider":"anthropic"}"#);
    assert!(model["class"] == "rate_limit" && !model["why"].to_string().contains("Gmail"), "{model}");
    let line = "[ERROR_EVENT] { code: 'LLM_RATE_LIMITED', category: 'llm', provider: 'gmail' }";
    let line = answer(&["--classifier", "skillomatic-codes"], line);
    assert!(line["why"].to_string().contains("Gmail's limit"), "{line}");
    let false_success = answer(&[], r#"{"exit_code":0,"stdout":"You're out of extra usage · resets 4:20am"}"#);
    assert!(false_success["why"].to_string().contains("false success"), "{false_success}");
}

#[test]
fn exact_and_the_orders() {
    let both = r#"{"exit_code":1,"stderr":"timed out","stdout":"<!-- cp:question: go on? -->"}"#;
    assert_eq!(answer(&["--exact"], both)["class"], "timeout");
    assert_eq!(answer(&["--exact", "--order", "code"], both)["class"], "awaiting_input");
    let author = answer(&["--exact"], "Author: Bob");
    assert_eq!((&author["class"], &author["signature"]), (&"infra_tooling".into(), &Value::Null));
    let quota = answer(&["--exact"], "insufficient_quota");
    assert_eq!((&quota["class"], &quota["apart"]), (&"unknown".into(), &"quota_exhausted".into()));
    let ats = answer(&["--classifier", "skillomatic-ats", "--exact"], "connection timed out");
    assert_eq!(ats["error_code"], "NETWORK_ERROR");
    let ats = answer(&["--classifier", "skillomatic-ats"], "connection timed out");
    assert_eq!((&ats["error_code"], &ats["original_class"]), (&"ATS_TIMEOUT".into(), &"NETWORK_ERROR".into()));
    assert_eq!(run(&["classify", "--order", "alphabet", "/dev/null"]).code, 2);
    let wrong = run(&["classify", "--classifier", "operation-center", "/dev/null"]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean 'operations-center'"), "{}", wrong.err);
    let list = run(&["classify", "--list"]);
    assert!(list.code == 0 && list.out.lines().count() == 5 && list.out.contains("runbook, code"), "{}", list.out);
}

#[test]
fn one_answer_a_line_in_order_with_any_number_of_threads() {
    let log = mixed().repeat(40);
    let one = pipe(&["classify", "-j", "1"], log.as_bytes()).out;
    for threads in ["2", "3", "8"] {
        assert!(pipe(&["classify", "-j", threads], log.as_bytes()).out == one, "{threads} threads");
    }
    let numbers: Vec<u64> =
        one.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["line"].as_u64().unwrap()).collect();
    let per_round = mixed().lines().count() as u64;
    // An object over three lines is one result.
    let expected: Vec<u64> = (0..40 * per_round).filter(|n| !matches!(n % per_round, 9 | 10)).map(|n| n + 1).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn the_size_of_the_reads_changes_nothing() {
    let log = mixed();
    let whole = pipe(&["classify"], log.as_bytes()).out;
    let sorter = sorter(false);
    for size in [1, 2, 7, 4096] {
        assert_eq!(in_pieces(&sorter, log.as_bytes(), size), whole, "{size} bytes a read");
        let marked = format!("\u{feff}{log}");
        assert_eq!(in_pieces(&sorter, marked.as_bytes(), size), whole, "{size} bytes a read, with a mark before it");
    }
    let mut started = Started::new(command(&["classify"]));
    for byte in log.as_bytes().chunks(1).take(400) {
        started.write(byte);
    }
    started.write(&log.as_bytes()[400..]);
    assert_eq!(started.end().out, whole);
}

#[test]
fn an_answer_does_not_wait_for_the_next_line() {
    let mut started = Started::new(command(&["classify"]));
    started.write(b"write failed: No space left on device\n");
    assert!(started.hear("disk_full", SECOND).is_some());
    started.write(b"Out of mem");
    started.write(b"ory: Killed process 7 (x)\n");
    assert!(started.hear("\"class\":\"oom\"", SECOND).is_some(), "{}", started.said());
    assert_eq!(started.end().code, 0);
}

#[test]
fn bad_input_is_answered_too() {
    assert_eq!(pipe(&["classify"], b"").out, "");
    assert_eq!(answers(&[], "no line end").len(), 1);
    let mut binary: Vec<u8> = (0..=255).collect();
    binary.extend(b"\n\xff\xfe\x00 timed out\n");
    let ended = pipe(&["classify"], &binary);
    assert!(ended.code == 0 && ended.is_safe());
    assert_eq!(ended.out.lines().count(), 3, "{}", ended.out);
    assert!(ended.out.contains("\"class\":\"timeout\""));
    let huge = format!("{} timed out\nout of memory\n", "x ".repeat(12 << 20));
    let ended = pipe(&["classify", "-v"], huge.as_bytes());
    assert_eq!((ended.code, ended.out.lines().count()), (3, 2));
    assert!(ended.out.lines().all(|line| line.len() < 4096) && ended.err.contains("too long"), "{}", ended.err);
    assert!(ended.out.contains("\"line\":2,\"class\":\"oom\""), "{}", ended.out);
    let deep = format!("{{\"stderr\": {}1{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(pipe(&["classify"], deep.as_bytes()).code, 0);
    let missing = run(&["classify", "/nowhere/at-all"]);
    assert!(missing.code == 3 && missing.err.contains("/nowhere/at-all"), "{}", missing.err);
}

#[test]
fn a_line_of_a_log_in_json_is_no_result() {
    let hello = answer(&[], r#"{"message":"hello"}"#);
    assert_eq!(
        (&hello["class"], &hello["severity"], &hello["text"]),
        (&"unknown".into(), &"info".into(), &"hello".into())
    );
    let disk = answer(&[], r#"{"message":"write failed: No space left on device"}"#);
    assert_eq!((&disk["class"], &disk["severity"]), (&"disk_full".into(), &"down".into()));
    let failed = answer(&[], r#"{"message":"hello","status":"failed"}"#);
    assert_eq!(failed["severity"], "degraded", "{failed}");
}

#[test]
fn what_is_too_long_to_be_read_whole_is_never_called_harmless() {
    let result = format!("{{\"stdout\": \"{}\", \"exit_code\": 1}}\nall is well\n", "x ".repeat(600 << 10));
    let notice = "logtriage: 1 line longer than 1 MiB was too long to be read whole\n";
    for (arguments, notice) in [(&["classify"][..], notice), (&["classify", "-q"], "")] {
        let ended = pipe(arguments, result.as_bytes());
        assert_eq!((ended.code, ended.err.as_str()), (3, notice));
        let told: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&told[0]["class"], &told[0]["severity"]), (&"unknown".into(), &"degraded".into()));
        assert!(told[0]["why"].as_str().is_some_and(|why| why.contains("too long to be read whole")), "{}", ended.out);
        assert_eq!((&told[1]["severity"], &told[1]["why"]), (&"info".into(), &Value::Null));
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut command = command(&["classify"]);
    command.stdout(Stdio::piped());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        use std::io::Write;
        for _ in 0..20_000 {
            if stdin.write_all(b"a line that nobody will ever hear of\n").is_err() {
                return;
            }
        }
    });
    let mut first = [0; 64];
    out.read_exact(&mut first).unwrap();
    drop(out);
    let status = child.wait().unwrap();
    writer.join().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn secrets_are_masked_and_nothing_steers_a_terminal() {
    let key = "sk-ant-api03-Zk3T9qLw81xYbN5vR2mC7dFhJ0pUaE6s";
    for line in [
        format!("login required: Authorization: Bearer {key}"),
        format!(r#"{{"stderr": "invalid api key {key}", "exit_code": 1}}"#),
        format!(r#"{{"stdout": "<!-- cp:question: is {key} right? -->"}}"#),
        "auth error: password=Tr0ub4dor-and-3".to_owned(),
    ] {
        for form in [&[][..], &["-o", "text"]] {
            let ended = pipe(&[&["classify"], form].concat(), line.as_bytes());
            assert!(!ended.out.contains("Zk3T9qLw81") && !ended.out.contains("Tr0ub4dor"), "{}", ended.out);
            assert!(ended.out.contains("[masked]") && ended.is_safe(), "{}", ended.out);
        }
        assert!(!pipe(&["classify", "--no-redact"], line.as_bytes()).out.contains("[masked]"));
    }
}

#[test]
fn only_failures_columns_and_a_summary() {
    let ended = pipe(&["classify", "-v", "-o", "text", "--only-failures"], mixed().as_bytes());
    assert!(!ended.out.contains("all is well") && !ended.out.contains("worker"), "{}", ended.out);
    let starts: Vec<Option<usize>> =
        ended.out.lines().map(|line| line.find("degraded").or_else(|| line.find("down"))).collect();
    assert!(starts.iter().all(|at| *at == Some(8)), "{}", ended.out);
    assert!(ended.err.contains("failures") && ended.err.contains("quota_exhausted"), "{}", ended.err);
}

#[test]
fn files_forms_and_archives() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (a, b) = (file("a.log", b"out of memory\n"), file("b.log", b"timed out\n"));
    let ended = run(&["classify", &a, &b]);
    let sources: Vec<Value> =
        ended.out.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["source"].clone()).collect();
    assert_eq!(sources, [Value::from(a.as_str()), Value::from(b.as_str())]);
    assert!(!run(&["classify", &a]).out.contains("source"));
    let entry = r#"{"MESSAGE":"Out of memory: Killed process 7 (x)","__REALTIME_TIMESTAMP":"1","_TRANSPORT":"kernel","PRIORITY":"3","SYSLOG_IDENTIFIER":"kernel"}"#;
    let journal = file("j.json", format!("{entry}\n").as_bytes());
    for arguments in [&["classify", &journal][..], &["classify", "-i", "journal-json", &journal]] {
        assert!(run(arguments).out.contains("\"class\":\"oom\""), "{}", run(arguments).out);
    }
    let help = run(&["classify", "-i", "help"]);
    assert!(help.code == 0 && help.out.contains("journal-json"));
}

#[test]
fn the_configuration_is_heeded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logtriage.toml");
    fs::write(&path, "[override.\"common/disk-full\"]\nenabled = false\n").unwrap();
    let config = path.to_str().unwrap();
    let line = "write failed: No space left on device";
    assert_eq!(answer(&[], line)["signature"], "common/disk-full");
    assert_ne!(answer(&["-c", config], line)["signature"], "common/disk-full");
    fs::write(&path, "[override.\"common/disk-ful\"]\nenabled = false\n").unwrap();
    assert_eq!(run(&["classify", "-c", config, "/dev/null"]).code, 2);
}

#[test]
fn a_classifier_of_ones_own_is_read_checked_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let good = "[classifier]\nname = \"mine\"\n[orders]\nusual = [\"timeout\"]\n[[class]]\nid = \"timeout\"\n\
                severity = \"degraded\"\nexact = [\"too slow\"]\nfollow-up = \"Wait\"\nsample = [\"too slow\"]\nnot = [\"fast\"]\n\
                [[class]]\nid = \"unknown\"\nseverity = \"degraded\"\notherwise = true\nfollow-up = \"Look\"\n";
    fs::write(&path, good).unwrap();
    let name = path.to_str().unwrap();
    let ended = pipe(&["classify", "--classifier", name], b"it is too slow\n");
    assert!(
        ended.out.contains("\"class\":\"timeout\"") && ended.out.contains("\"classifier\":\"mine\""),
        "{}",
        ended.out
    );
    assert_eq!(
        pipe(&["classify", "--packs", name, "--classifier", "mine"], b"too slow\n").out.matches("mine").count(),
        1
    );
    let check = run(&["rules", "check", name]);
    assert_eq!(check.code, 0, "{}", check.err);
    let bad = good.replace("timeout\"]", "timeuot\"]").replace("follow-up = \"Wait\"", "folow-up = \"Wait\"");
    fs::write(&path, bad.replace("class]]\nid = \"unknown\"", "class]]\nid = \"nobody\"")).unwrap();
    let check = run(&["rules", "check", name]);
    assert_eq!(check.code, 2);
    for mistake in ["mine.toml:4:", "did you mean 'timeout'", "did you mean 'follow-up'", "has no 'class'"] {
        assert!(check.err.contains(mistake), "{mistake}: {}", check.err);
    }
    fs::write(&path, good.replace("sample = [\"too slow\"]", "sample = [\"quick\"]")).unwrap();
    let check = run(&["rules", "check", name]);
    assert!(check.code == 2 && check.err.contains("its sample is sorted as unknown"), "{}", check.err);
}

fn sorter(naive: bool) -> Sorter {
    let table = |name: &str| {
        let (file, text) = rules::builtin_classifiers().iter().find(|(file, _)| file.starts_with(name)).unwrap();
        ClassPlan::new(rules::parse_classifier(file, text).unwrap(), None).unwrap().naive(naive)
    };
    let plan = Plan::new(rules::load(&[], true).packs).unwrap();
    Sorter {
        plan: Some(plan),
        classes: table("operations-center"),
        codes: Some(table("skillomatic-codes")),
        exact: false,
        naive,
    }
}

fn in_pieces(sorter: &Sorter, bytes: &[u8], size: usize) -> String {
    let reference =
        Reference { now: Stamp(0), zone: jiff::tz::TimeZone::UTC, unit: "input".to_owned(), boot: None, dated: false };
    let shown = Shown { source: None, redact: true };
    let how = How { sorter, format: None, reference: &reference, shown, columns: false, only_failures: false };
    let (sender, receiver) = std::sync::mpsc::channel();
    for piece in bytes.chunks(size) {
        sender.send(live::Bytes::More(piece.to_vec())).unwrap();
    }
    drop(sender);
    let (mut out, mut tally) = (Vec::new(), LabelTally::default());
    assert!(labels(&how, &receiver, &mut out, &mut tally).unwrap().is_none());
    String::from_utf8(out).unwrap()
}

/// The law of the prefilter, for labels: on every corpus that is there, the fast way says what the slow one says.
#[test]
fn the_fast_way_is_the_slow_way() {
    let (fast, slow) = (sorter(false), sorter(true));
    let same = |name: &str, bytes: &[u8]| {
        let (ours, oracle) = (in_pieces(&fast, bytes, 1 << 20), in_pieces(&slow, bytes, 1 << 20));
        for (one, other) in ours.lines().zip(oracle.lines()) {
            assert_eq!(one, other, "{name}");
        }
        assert_eq!(ours.len(), oracle.len(), "{name}");
    };
    same("mixed", mixed().as_bytes());
    let mut texts = String::new();
    for pack in rules::load(&[], true).packs {
        for line in pack.signatures.iter().flat_map(|s| s.sample.iter().chain(&s.not)) {
            texts.push_str(&line.replace('\n', " "));
            texts.push('\n');
        }
    }
    same("samples of the packs", texts.as_bytes());
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora"), &mut files);
    for path in &files {
        let bytes = fs::read(path).unwrap();
        // Some lines of each: the slow way asks every signature.
        let end = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(40).map_or(bytes.len(), |(at, _)| at + 1);
        same(&path.display().to_string(), &bytes[..end]);
    }
    assert!(files.len() > 10);
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => walk(&path, files),
            false if path.extension().is_some_and(|e| e == "json" || e == "log") => files.push(path),
            false => {}
        }
    }
}
