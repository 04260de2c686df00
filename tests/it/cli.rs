//! What the command line promises: options, exit codes, forms of output, archives, packs, parts.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::program::{Ended, command, crash_loop, finish, pipe, run};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a folder to write in");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Two units in a crash loop, five minutes apart.
fn two_loops() -> String {
    let later = crash_loop("search.service").replace("\"17785400", "\"17785403");
    crash_loop("indexer.service") + &later
}

fn diagnosis(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{e}: {} {}", ended.out, ended.err))
}

fn units(diagnosis: &Value) -> Vec<&str> {
    let units = diagnosis["units"].as_array().expect("units");
    units.iter().filter_map(|u| u["unit"].as_str()).filter(|u| *u != "init.scope" && *u != "systemd").collect()
}

/// What was found, without where: times, units and counts.
fn findings(diagnosis: &Value) -> Vec<String> {
    let told = |f: &Value| format!("{} {} {} {} {}", f["id"], f["finding"], f["unit"], f["count"], f["first_seen"]);
    diagnosis["findings"].as_array().expect("findings").iter().map(told).collect()
}

fn read(arguments: &[&str], log: &str) -> Value {
    let ended = pipe(&[&["-o", "json"], arguments].concat(), log.as_bytes());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{arguments:?}");
    diagnosis(&ended)
}

#[test]
fn a_unit_means_its_own_lines_and_those_of_the_manager_about_it() {
    let log = two_loops();
    assert_eq!(units(&read(&[], &log)), ["indexer.service", "search.service"]);
    let chosen = read(&["-u", "indexer"], &log);
    assert_eq!(units(&chosen), ["indexer.service"]);
    assert!(findings(&chosen).iter().any(|f| f.contains("crash_loop")), "the manager's lines are about it: {chosen}");
    let errors = chosen["units"][0]["errors"].as_u64();
    assert!(errors >= Some(6), "its own lines: {chosen}");
    assert_eq!(read(&["-u", "indexer.service"], &log), chosen);
    assert_eq!(read(&["--unit", "index*"], &log), chosen);
    assert_eq!(read(&["-u", "nobody", "-u", "inde?er"], &log), chosen);
    assert_eq!(units(&read(&["-u", "[is]*"], &log)), ["indexer.service", "search.service"]);
    assert!(units(&read(&["-u", "nobody"], &log)).is_empty());
}

#[test]
fn times_choose_records() {
    let log = two_loops();
    assert_eq!(units(&read(&["-S", "@1778540200"], &log)), ["search.service"]);
    assert_eq!(units(&read(&["--until", "@1778540200"], &log)), ["indexer.service"]);
    assert!(units(&read(&["-S", "@1778540100", "-U", "@1778540200"], &log)).is_empty());
    assert!(units(&read(&["-S", "-2h", "-U", "-1h"], &log)).is_empty());
    assert_eq!(run(&["-S", "soon", "/dev/null"]).code, 2);
}

#[test]
fn a_level_chooses_records() {
    let log = two_loops();
    let all = read(&[], &log)["input"]["records"].as_u64();
    let errors = read(&["-p", "err"], &log)["input"]["records"].as_u64();
    assert_eq!((all, errors), (Some(48), Some(12)));
    assert_eq!(read(&["-p", "3"], &log)["input"]["records"].as_u64(), errors);
    let wrong = run(&["-p", "loud", "/dev/null"]);
    assert!(wrong.code == 2 && wrong.err.contains("emerg"), "{}", wrong.err);
}

#[test]
fn a_form_of_input_is_taken_as_it_is_given() {
    let log = two_loops();
    assert_eq!(read(&["-i", "plain"], &log)["input"]["sources"][0]["format"], "plain");
    assert_eq!(read(&[], &log)["input"]["sources"][0]["format"], "journal-json");
    let wrong = run(&["-i", "journal"]);
    assert!(wrong.code == 2 && wrong.err.contains("journal-export") && wrong.err.contains("logfmt"), "{}", wrong.err);
}

#[test]
fn every_form_of_output_holds_what_it_should() {
    let log = two_loops();
    for form in ["text", "markdown"] {
        let ended = pipe(&["-o", form], log.as_bytes());
        assert!(ended.code == 0 && ended.out.contains("indexer.service"), "{form}: {}", ended.out);
    }
    let found = diagnosis(&pipe(&["-o", "json"], log.as_bytes()));
    assert_eq!((&found["schema"], &found["severity"]), (&"logtriage.diagnosis/1".into(), &"down".into()));
    let ended = pipe(&["-o", "jsonl"], log.as_bytes());
    let lines: Vec<Value> = ended.out.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect();
    assert!(lines.iter().all(|l| l["event"].is_string()), "{}", ended.out);
    let last = lines.last().expect("lines");
    assert_eq!((&last["event"], &last["findings"]), (&"diagnosis".into(), &found["findings"]));
    assert_eq!(run(&["-o", "yaml", "/dev/null"]).code, 2);
}

#[test]
fn the_verdict_is_the_exit_code_when_it_is_asked_for() {
    let log = two_loops();
    for (arguments, code) in
        [(&["--fail-on", "down"][..], 1), (&["--fail-on", "degraded"], 1), (&["--fail-on", "mild"], 2), (&[], 0)]
    {
        assert_eq!(pipe(arguments, log.as_bytes()).code, code, "{arguments:?}");
    }
    assert_eq!(pipe(&["--fail-on", "degraded"], b"2026-05-11T22:40:00Z app[1]: ready\n").code, 0);
}

#[test]
fn quiet_means_no_notes_and_colours_come_when_asked() {
    let folder = folder();
    let log = write(&folder, "a.json", two_loops());
    let ended = run(&["-q", "/nowhere/at-all", text(&log)]);
    assert_eq!((ended.code, ended.err.as_str()), (3, ""));
    let has_colour = |arguments: &[&str], set: &[(&str, &str)]| {
        let mut command = command(&[arguments, &[text(&log)]].concat());
        command.envs(set.iter().copied());
        finish(command).out.contains('\u{1b}')
    };
    assert!(!has_colour(&[], &[]));
    assert!(has_colour(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(has_colour(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!has_colour(&["--color", "always", "-o", "json"], &[]));
}

#[test]
fn standard_input_folders_and_archives_say_what_the_file_says() {
    let log = two_loops().into_bytes();
    let folder = folder();
    let expected = findings(&diagnosis(&run(&["-o", "json", text(&write(&folder, "a.json", &log))])));
    assert_eq!(findings(&diagnosis(&pipe(&["-o", "json", "-"], &log))), expected);
    assert_eq!(findings(&diagnosis(&run(&["-o", "json", text(folder.path())]))), expected);
    assert_eq!(run(&["-", "x.log"]).code, 2);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    let mut lz = lz4_flex::frame::FrameEncoder::new(Vec::new());
    let encoders: [&mut dyn Write; 4] = [&mut gz, &mut xz, &mut bz, &mut lz];
    encoders.into_iter().for_each(|encoder| encoder.write_all(&log).expect("memory"));
    let gz = gz.finish().expect("memory");
    for (name, packed) in [
        // Two members, as `cat a.gz b.gz` makes.
        ("a.json.gz", [gz.clone(), gz_of(b"")].concat()),
        ("a.json.zst", zstd::encode_all(&log[..], 1).expect("memory")),
        ("a.json.xz", xz.finish().expect("memory")),
        ("a.json.bz2", bz.finish().expect("memory")),
        ("a.json.lz4", lz.finish().expect("memory")),
        // The bytes tell, not the name.
        ("a.log", gz),
    ] {
        let ended = run(&["-o", "json", text(&write(&folder, name, packed))]);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{name}");
        assert_eq!(findings(&diagnosis(&ended)), expected, "{name}");
    }
}

fn gz_of(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).expect("memory");
    gz.finish().expect("memory")
}

const PACK: &str = "[pack]\nname = \"mine\"\ntitle = \"Mine\"\nversion = 1\n\n[[signature]]\nid = \"gone\"\ntitle = \"gone\"\n\
    class = \"network\"\nseverity = \"down\"\nany = [\"the widget is gone\"]\ncause = \"It is gone.\"\n\
    fix = [{ text = \"Bring it back\" }]\nsample = [\"the widget is gone\"]\nnot = [\"the widget is here\"]\n";

#[test]
fn packs_of_ones_own_are_used_and_all_their_mistakes_told() {
    let folder = folder();
    let good = write(&folder, "mine.toml", PACK);
    let log = b"2026-05-11T22:40:00Z app[1]: the widget is gone\n";
    let found = diagnosis(&pipe(&["-o", "json", "--packs", text(&good)], log));
    assert!(found["signatures"].to_string().contains("mine/gone"), "{found}");
    let only = diagnosis(&pipe(&["-o", "json", "--packs", text(&good), "--no-builtin-packs"], log));
    assert!(only["signatures"].to_string().contains("mine/gone"), "{only}");
    let none = diagnosis(&pipe(&["-o", "json", "--no-builtin-packs"], two_loops().as_bytes()));
    assert_eq!(none["signatures"].as_array().map(Vec::len), Some(0));
    let broken = PACK.replace("\"network\"", "\"netwrok\"").replace("\"down\"", "\"dwon\"");
    let broken = write(&folder, "broken.toml", broken);
    for arguments in [vec!["--packs", text(&broken), "/dev/null"], vec!["rules", "check", text(&broken)]] {
        let ended = run(&arguments);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}");
        for word in ["netwrok", "network", "dwon", "down", "broken.toml:", "2 mistakes"] {
            assert!(ended.err.contains(word), "{arguments:?}: {word}: {}", ended.err);
        }
    }
    let missing = run(&["--packs", "/nowhere/at-all.toml", "/dev/null"]);
    assert!(missing.code == 2 && missing.err.contains("/nowhere/at-all.toml"), "{}", missing.err);
}

#[test]
fn rules_are_checked_listed_and_shown() {
    let checked = run(&["rules", "check"]);
    assert_eq!((checked.code, checked.err.as_str()), (0, ""));
    assert!(checked.out.contains("all right"), "{}", checked.out);
    let folder = folder();
    let wrong = PACK.replace("not = [\"the widget is here\"]", "not = [\"the widget is gone again\"]");
    let wrong = run(&["rules", "check", text(&write(&folder, "mine.toml", wrong))]);
    assert!(wrong.code == 2 && wrong.err.contains("mine/gone"), "a sample that is not what it says: {}", wrong.err);
    let listed = run(&["rules", "list"]);
    let ids: Vec<&str> = listed.out.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert!(ids.len() > 50 && ids.contains(&"systemd/start-limit"), "{}", listed.out);
    for id in &ids[..5] {
        let shown = run(&["rules", "show", id]);
        assert!(shown.code == 0 && shown.out.starts_with(id), "{id}: {}", shown.err);
    }
    let near = run(&["rules", "show", "systemd/start-limti"]);
    assert!(near.code == 2 && near.err.contains("did you mean 'systemd/start-limit'?"), "{}", near.err);
}

#[test]
fn parts_merged_are_the_whole_and_strangers_are_refused() {
    let folder = folder();
    let log = write(&folder, "a.json", two_loops());
    let other = write(&folder, "b.json", crash_loop("other.service"));
    let part = |name: &str| folder.path().join(name);
    for (k, name) in [("1/2", "one"), ("2/2", "two")] {
        let ended = run(&["scan", "--partial", text(&part(name)), "--part", k, text(&log)]);
        assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "", ""));
    }
    assert_eq!(run(&["scan", "--partial", text(&part("three")), text(&other)]).code, 0);
    let merged = run(&["merge", "-o", "json", text(&part("three")), text(&part("two")), text(&part("one"))]);
    assert_eq!(diagnosis(&merged), diagnosis(&run(&["-o", "json", text(&log), text(&other)])));
    let twice = run(&["merge", text(&part("one")), text(&part("one"))]);
    assert!(twice.code == 3 && twice.err.contains("overlap"), "{}", twice.err);
    let pack = write(&folder, "mine.toml", PACK);
    let refused = run(&["merge", "--packs", text(&pack), text(&part("one"))]);
    assert!(refused.code == 2 && refused.err.contains("other packs"), "{}", refused.err);
    let bytes = fs::read(part("one")).expect("a part");
    for (bytes, word) in [(&bytes[..bytes.len() / 2], "damaged"), (b"logtriage", "cut"), (b"what", "not a partial")] {
        let ended = run(&["merge", text(&write(&folder, "bad", bytes))]);
        assert!(ended.code == 3 && ended.err.contains(word), "{word}: {}", ended.err);
    }
    assert_eq!(run(&["scan", "--partial", "/nowhere/part", text(&log)]).code, 74);
    assert_eq!(run(&["scan", "--partial", text(&part("x")), "--part", "3/2", text(&log)]).code, 2);
    assert_eq!(run(&["scan", "--partial", text(&part("x")), "/nowhere/at-all"]).code, 3);
}

#[test]
fn wrong_use_is_2_and_help_fits_the_screen() {
    for arguments in [&["--nonsense"][..], &["rules"], &["merge"], &["-j", "many", "x"]] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}");
        assert!(!ended.err.is_empty(), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["-h"], &["scan", "--help"], &["merge", "--help"], &["rules", "--help"]] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{arguments:?}");
        for line in ended.out.lines() {
            assert!(line.chars().count() <= 80, "{arguments:?}: {} columns: {line}", line.chars().count());
        }
    }
    assert!(run(&["--version"]).out.starts_with("logtriage "));
}

/// Runs `logtriage ARGUMENTS` on a terminal, with a `journalctl` that is this shell script. `None`: no terminal here.
fn on_a_terminal(arguments: &str, journalctl: &str) -> Option<(i32, String, String)> {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: there is no script(1) to make a terminal");
        return None;
    }
    let folder = folder();
    let fake =
        write(&folder, "journalctl", format!("#!/bin/sh\necho \"$@\" >\"$(dirname \"$0\")/asked\"\n{journalctl}\n"));
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("rights");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    let line = format!("'{}' {arguments}", env!("CARGO_BIN_EXE_logtriage"));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("PATH", path).env("TZ", "UTC").env("SHELL", "/bin/sh");
    script.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let ended = finish(script);
    let asked = fs::read_to_string(folder.path().join("asked")).unwrap_or_default();
    Some((ended.code, ended.out, asked))
}

#[test]
fn on_a_terminal_this_machines_journal_is_read() {
    let lines: Vec<String> = crash_loop("box.service").lines().map(export).collect();
    let print = format!("cat <<'END'\n{}\nEND", lines.join("\n"));
    let Some((code, out, asked)) = on_a_terminal("--color never -S @1778530000", &print) else { return };
    assert!(code == 0 && out.contains("box.service"), "{code}: {out}");
    assert!(asked.contains("--output=export") && asked.contains("--since=@1778530000"), "{asked}");
    assert!(!asked.contains("--follow"), "{asked}");
    // Followed, until it ends or is told to.
    let followed = on_a_terminal("-f", &format!("{print}\nsleep 1")).expect("a terminal");
    assert!(followed.0 == 0 && followed.1.contains("box.service"), "{}: {}", followed.0, followed.1);
    assert!(followed.2.contains("--follow"), "{}", followed.2);
    // A journal that cannot be read is not a healthy one.
    let (code, out, _) = on_a_terminal("", "echo 'no journal files' >&2; exit 1").expect("a terminal");
    assert!(code == 3 && out.contains("journalctl"), "{code}: {out}");
}

/// An entry of the journal's JSON in its export form.
fn export(line: &str) -> String {
    let entry: Value = serde_json::from_str(line).expect("an entry");
    let fields = entry.as_object().expect("fields").iter();
    fields.map(|(key, value)| format!("{key}={}\n", value.as_str().expect("text"))).collect()
}

#[test]
fn a_command_behind_options_is_no_file() {
    for arguments in [&["-q", "rules", "check"][..], &["-c", "/nowhere", "classify", "a.jsonl"]] {
        let ended = run(arguments);
        let command = arguments.iter().find(|word| ["rules", "classify"].contains(word)).expect("one of them");
        let wanted = format!("'{command}' is a command: write it first: logtriage {command} ...");
        assert!(ended.code == 2 && ended.err.contains(&wanted) && ended.out.is_empty(), "{}", ended.err);
    }
    let slip = run(&["--no-config", "classfy"]);
    assert!(slip.code == 3 && slip.err.contains("did you mean the command 'classify'?"), "{}", slip.err);
    assert!(!run(&["--no-config", "/nowhere/at-all"]).err.contains("did you mean"));
}

#[test]
fn one_is_not_many_and_a_name_is_said_once() {
    let missing = run(&["--no-config", "/nowhere/at-all"]);
    assert!(missing.out.contains("Not read     /nowhere/at-all: No such file"), "{}", missing.out);
    let missing = run(&["--no-config", "-o", "markdown", "/nowhere/at-all"]);
    assert!(missing.out.contains("- incomplete: `/nowhere/at-all`: `No such file"), "{}", missing.out);
    let sorted = pipe(&["classify", "-v"], b"write failed: No space left on device\n");
    assert!(sorted.err.starts_with("logtriage: 1 line, 1 failure\n"), "{}", sorted.err);
    let folder = folder();
    let long = write(&folder, "long.log", format!("2026-05-11T22:40:09Z shop[7]: {}\n", "x ".repeat(600 << 10)));
    let cut = run(&["--no-config", text(&long)]);
    assert!(cut.out.contains(": 1 line longer than 1 MiB was cut"), "{}", cut.out);
}

#[test]
fn the_formats_are_listed() {
    let ended = run(&["--input", "help"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let names: Vec<&str> = ended.out.lines().filter_map(|line| line.split(' ').next()).collect();
    let documents = logtriage::rules::builtin_formats();
    let formats = logtriage::record::Format::ALL.iter().map(|f| f.name());
    assert_eq!(names, formats.chain(documents.iter().map(|d| d.name.as_str())).collect::<Vec<_>>());
    assert!(ended.out.contains("The usage store of OperationsCenter\n"));
}

#[test]
fn documents_are_found_and_named_and_a_strange_name_is_a_mistake() {
    let folder = folder();
    let health = r#"{"ok": true, "queue_size": 0, "circuits": {"hub": {"state": "closed"}}}"#;
    let file = write(&folder, "answer.json", health);
    let found = diagnosis(&run(&["--no-config", "-o", "json", text(&file)]));
    let source = &found["input"]["sources"][0];
    assert_eq!((&source["format"], &source["records"]), (&"factory-health".into(), &2.into()));
    let piped = diagnosis(&pipe(&["--no-config", "-o", "json"], health.as_bytes()));
    assert_eq!(piped["input"]["sources"][0]["records"], 2);
    let forced = diagnosis(&run(&["--no-config", "-i", "operations-center-usage", "-o", "json", text(&file)]));
    assert_eq!(forced["input"]["sources"][0]["format"], "operations-center-usage");
    let wrong = run(&["--no-config", "-i", "factory-helth", text(&file)]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean 'factory-health'?"), "{}", wrong.err);
    // Somebody's own, beside a pack or alone.
    let own = "[format]\nname = \"mine\"\nhas = [\"answers\"]\nsample = '{\"answers\": [1]}'\ngives = 1\n\
               first = '{\"value\":1,\"@row\":\"answer\",\"@at\":\"/answers/0\"}'\n[[rows]]\nname = \"answer\"\neach = \"answers\"\n";
    let toml = write(&folder, "mine.toml", own);
    let answers = write(&folder, "a.json", "{\"answers\": [{\"a\": 1}, {\"a\": 2}]}");
    let found = diagnosis(&run(&["--no-config", "--packs", text(&toml), "-o", "json", text(&answers)]));
    assert_eq!(found["input"]["sources"][0]["records"], 2);
    assert!(
        run(&["rules", "check", "--no-config", "--no-builtin-packs", text(&toml)]).out.contains(" formats: all right")
    );
    let broken = write(&folder, "mine.toml", own.replace("gives = 1", "gives = 2"));
    let wrong = run(&["rules", "check", "--no-config", "--no-builtin-packs", text(&broken)]);
    assert!(wrong.code == 2 && wrong.err.contains("the samples give 1 rows, and 'gives' says 2"), "{}", wrong.err);
}
