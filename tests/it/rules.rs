//! `logtriage rules` and the configuration: what they promise to authors of packs and to operators.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::program::{Ended, Started, command, crash_loop, finish};

const PACK: &str = r#"[pack]
name = "shop"
title = "The shop"
version = 3

[[signature]]
id = "lease-lost"
title = "Lease of a shard is lost"
class = "database"
severity = "down"
any = ["lease of shard lost"]
none = ["will retry"]
where = { unit = ["shop*", ""] }
cause = "Another node took the shard."
fix = [{ text = "See who has it", run = "shopctl shards --unit {unit}", when = "the shard is busy", verify = "shopctl ok" }]
if-recurring = "Give the nodes the same clock."
leads-to = ["shop/slow", "class:timeout"]
sample = ["lease of shard lost: 7"]
not = ["lease of shard kept"]

[[signature]]
id = "slow"
class = "timeout"
severity = "degraded"
regex = ['basket took (?P<ms>\d+) ms']
at-least = 3
within = "10min"
cause = "The database is slow."
fix = [{ text = "Look at the database" }]
sample = ["basket took 900 ms"]
not = ["basket took long"]

[[signature]]
id = "leased"
class = "noise"
severity = "info"
any = ["lease of shard renewed"]
clears = ["shop/lease-lost"]
sample = ["lease of shard renewed"]
not = ["lease of shard lost"]

[[signature]]
id = "hiccup"
class = "noise"
severity = "info"
any = ["small hiccup"]
unless = ["shop/lease-lost"]
sample = ["a small hiccup"]
not = ["a hiccup"]

[[detector]]
id = "lease-storm"
title = "Leases are lost over and over"
kind = "count"
on = ["shop/lease-lost"]
by = "unit"
at-least = 5
within = "5min"
severity = "down"
finding = "error_burst"
cause = "Nodes fight for shards."
fix = [{ text = "Take one node out" }]
"#;

const LOG: &str = "\
2026-05-11T22:40:01Z shop[7]: lease of shard lost: 7
2026-05-11T22:40:02Z shop[7]: lease of shard lost: 8, will retry
2026-05-11T22:40:03Z till[8]: lease of shard lost: 9
2026-05-11T22:40:04Z shop[7]: basket took 900 ms
2026-05-11T22:40:05Z shop[7]: basket took ages, it is said
2026-05-11T22:40:06Z shop[7]: INFO basket took 901 ms
2026-05-11T22:40:07Z shop[7]: a small hiccup
2026-05-11T22:40:08Z till[8]: ERROR the sprocket 17 has no teeth, token=ghp_0123456789abcdefghijABCDEFGHIJ012345
2026-05-11T22:40:09Z shop[7]: all is well
";

const SITE: &str = "\
packs = [\"shop.toml\"]

[override.\"shop/slow\"]
at-least = 1

[override.\"shop/lease-storm\"]
within = \"1h\"
";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().expect("a folder") };
        place.write("shop.toml", PACK);
        place.write("site.toml", SITE);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Commands run in the folder, so the name is all that they need, and all that they show.
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).expect("a folder to write in");
        name.to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        finish(self.command(arguments))
    }

    fn rules(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(&[&["rules"], arguments].concat());
        assert!(ended.is_safe(), "{}{}", ended.out, ended.err);
        ended
    }

    /// The page of a command that succeeds.
    fn page(&self, arguments: &[&str]) -> String {
        let ended = self.rules(arguments);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{arguments:?}");
        ended.out
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|err| panic!("{err}: {text}"))
}

#[test]
fn a_rule_is_explained_with_every_number_and_its_place() {
    let place = Place::new();
    let (pack, site) = ("shop.toml", "site.toml");
    let only = ["--packs", pack, "--no-builtin-packs", "--no-config"];
    let page = |id: &str| place.page(&[&["explain", id], &only[..]].concat());
    insta::assert_snapshot!("explain_signature", page("shop/lease-lost"));
    insta::assert_snapshot!("explain_noise", page("shop/hiccup"));
    insta::assert_snapshot!("explain_detector", page("shop/lease-storm"));
    insta::assert_snapshot!("explain_pattern", page("shop/l*"));
    assert_eq!(page("shop").lines().count(), 6, "a pack is a list");
    let changed = |id: &str| place.page(&["explain", id, "-c", site, "--no-builtin-packs"]);
    insta::assert_snapshot!("explain_changed", changed("shop/slow"));
    assert!(changed("shop/lease-storm").contains("1 h (site.toml:7; without it 5 min, shop.toml:58)"));
    insta::assert_snapshot!("explain_judge", place.page(&["explain", "lifecycle/crash-loop", "--no-builtin-packs"]));
    insta::assert_snapshot!("explain_class", page("class:timeout"));
    let engine = place.page(&["explain", "vllm/engine-failed", "--no-config"]);
    assert!(engine.contains("Not told when one of these came before it, within "), "{engine}");
    assert!(!engine.contains("Noise, unless"), "{engine}");
    // The old name of the command stays.
    assert_eq!(place.page(&[&["show", "shop/slow"], &only[..]].concat()), page("shop/slow"));
}

#[test]
fn an_explanation_is_an_object_for_programs() {
    let place = Place::new();
    let site = "site.toml";
    let object = |id: &str| json(&place.page(&["explain", id, "-o", "json", "-c", site]));
    let slow = object("shop/slow");
    assert_eq!((&slow["schema"], &slow["kind"]), (&"logtriage.rule/1".into(), &"signature".into()));
    let at_least = &slow["thresholds"][0];
    assert_eq!(
        (&at_least["value"], &at_least["set_by"], &at_least["line"]),
        (&"1".into(), &"config".into(), &4.into())
    );
    assert_eq!((&at_least["before"]["value"], &at_least["before"]["line"]), (&"3".into(), &26.into()));
    assert_eq!(slow["thresholds"][1]["set_by"], "pack");
    assert!(slow["led_to_by"].to_string().contains("shop/lease-lost"), "{slow}");
    let lost = object("shop/lease-lost");
    assert_eq!(lost["thresholds"][0]["set_by"], "default");
    assert_eq!(lost["cleared_by"][0]["id"], "shop/leased");
    assert!(lost["used_by"].to_string().contains("shop/lease-storm"), "{lost}");
    assert_eq!(object("errors/burst")["thresholds"][0]["set_by"], "built_in");
    assert_eq!(object("class:oom")["kind"], "class");
    assert_eq!(object("shop/*")["rules"].as_array().map(Vec::len), Some(5));
    // Every rule there is can be explained, in both forms.
    let listed = place.page(&["list", "-c", site]);
    assert!(listed.lines().count() > 100, "{listed}");
    for id in listed.lines().filter_map(|line| line.split_whitespace().next()).step_by(17) {
        assert_eq!(object(id)["id"], id);
    }
}

#[test]
fn what_is_not_there_is_answered_with_what_is() {
    let place = Place::new();
    for (id, near) in [
        ("systemd/start-limti", "did you mean 'systemd/start-limit'?"),
        ("start-limit", "did you mean 'systemd/start-limit'?"),
        ("lifecycle/crash-lop", "did you mean 'lifecycle/crash-loop'?"),
        ("class:oome", "did you mean 'class:oom'?"),
        ("class:zebra", "one of: oom, timeout"),
        ("zebra*", "'logtriage rules list' shows them all"),
        ("", "'logtriage rules list' shows them all"),
        ("[", ""),
        ("\u{1b}[31m", "unclosed"),
        (&"x".repeat(100_000), "rules list"),
    ] {
        let ended = place.rules(&["explain", id, "--no-config"]);
        assert!(ended.code == 2 && ended.out.is_empty() && ended.err.contains(near), "{id}: {}", ended.err);
    }
}

#[test]
fn lines_are_tried_and_near_misses_say_why() {
    let place = Place::new();
    let (pack, log) = ("shop.toml", place.write("a.log", LOG));
    let only = ["--packs", pack, "--no-builtin-packs", "--no-config"];
    let page = |more: &[&str]| place.page(&[&["test"], &only[..], more].concat());
    insta::assert_snapshot!("test_lines", page(&[&log]));
    insta::assert_snapshot!("test_rule", page(&["--rule", "shop/lease-storm", &log]));
    let many = place.write("many.log", LOG.repeat(40));
    insta::assert_snapshot!("test_templates", page(&[&many]));
    let mut piped = Started::new(place.command(&[&["rules", "test", "-"], &only[..]].concat()));
    piped.write(LOG.as_bytes());
    let piped = piped.end();
    assert!(piped.code == 0 && piped.out == page(&[&log]), "{}", piped.out);
    let report = json(&page(&["-o", "json", &log]));
    assert_eq!(report["schema"], "logtriage.rules-test/1");
    let outcomes: Vec<&str> =
        report["lines"].as_array().expect("lines").iter().filter_map(|line| line["outcome"].as_str()).collect();
    let expected = ["told", "silent", "silent", "counted", "silent", "calm", "noise", "unknown_error", "silent"];
    assert_eq!(outcomes, expected, "{report}");
    assert_eq!(report["lines"][1]["near"][0]["reasons"][0], "'none' excludes it: 'will retry' stands in it too");
    assert_eq!(report["lines"][2]["near"][0]["reasons"][0], "unit 'till' is not within where.unit: 'shop*', ''");
    assert_eq!((&report["summary"]["lines"], &report["summary"]["unknown_errors"]), (&9.into(), &1.into()));
    assert!(!report.to_string().contains("ghp_0123"), "secrets are masked");
    // A number that the site changed is the one that counts.
    let changed = place.page(&["test", "-c", "site.toml", "--no-builtin-packs", "--rule", "shop/slow", &log]);
    assert!(changed.contains("told at once"), "{changed}");
    let wrong = place.rules(&["test", "--rule", "shop/slwo", &log, "--packs", pack]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean 'shop/slow'?"), "{}", wrong.err);
}

#[test]
fn no_log_stops_the_trial() {
    let place = Place::new();
    let noise: Vec<u8> = (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let long = format!("2026-05-11T22:40:01Z shop[7]: lease of shard lost {}\n", "x".repeat(3 << 20));
    for (name, bytes, code) in [
        ("empty", Vec::new(), 0),
        ("noise", noise, 0),
        ("long", long.into_bytes(), 0),
        ("image", b"\x89PNG\r\n\x1a\n".to_vec(), 3),
    ] {
        let log = place.write(name, bytes);
        for command in [&["test"][..], &["test", "-o", "json"], &["test", "--rule", "lifecycle/crash-loop"]] {
            let ended = place.rules(&[command, &[log.as_str(), "--no-config"]].concat());
            assert_eq!(ended.code, code, "{name}: {}{}", ended.out, ended.err);
        }
    }
    let missing = place.rules(&["test", "/nowhere/at-all", "--no-config"]);
    assert!(missing.code == 3 && missing.err.contains("/nowhere/at-all"), "{}", missing.err);
    assert_eq!(place.rules(&["test", "-", "x.log", "--no-config"]).code, 2);
    // What is told of a log in any form is what the diagnosis tells.
    let log = place.write("loop.json", crash_loop("box.service"));
    let told = place.page(&["test", "--no-config", &log]);
    assert!(told.contains("lifecycle/crash-loop") && told.contains("marks the step 'exited'"), "{told}");
}

#[test]
fn a_pack_is_begun_and_what_is_written_is_right() {
    let place = Place::new();
    let begun = place.page(&["new", "till", "--no-config"]);
    insta::assert_snapshot!("new_example", begun);
    let log = LOG.replace("17", "18")
        + LOG
        + "2026-05-11T22:41:00Z till[8]: ERROR cannot weigh \"a 'b' \\\\ c\" {\"x\":1}\n"
        + "2026-05-11T22:41:01Z till[8]: ERROR 4711\n";
    let log = place.write("a.log", log);
    let ended = place.rules(&["new", "till", "--from", &log, "--no-config"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.err.starts_with("logtriage: left out: 1 error of 1 template: too few of the words"), "{}", ended.err);
    let drafted = ended.out;
    insta::assert_snapshot!("new_from", drafted);
    assert!(!drafted.contains("ghp_0123"), "{drafted}");
    for text in [begun, drafted] {
        let checked = place.rules(&["check", "--no-config", &place.write("till.toml", text)]);
        assert!(checked.code == 0 && checked.out.contains("all right"), "{}", checked.err);
        assert!(checked.err.contains("TODO"), "what is left to write is named: {}", checked.err);
    }
    // Every error that it wrote down is known now.
    let tried = place.page(&["test", "--no-config", "--packs", "till.toml", "-o", "json", &log]);
    assert!(json(&tried)["summary"]["unknown_errors"].as_u64() < Some(4), "{tried}");
    let out = "new.toml";
    assert_eq!(place.rules(&["new", "till", "--no-config", "--out", out]).code, 0);
    let before = fs::read_to_string(place.path(out)).expect("a pack");
    let twice = place.rules(&["new", "other", "--no-config", "--out", out]);
    assert!(twice.code == 2 && twice.err.contains("not overwritten"), "{}", twice.err);
    assert_eq!(fs::read_to_string(place.path(out)).expect("a pack"), before);
    for (name, word) in
        [("Till", "lower-case"), ("", "cannot be the name"), ("systemd", "built-in pack"), ("1x", "letter")]
    {
        let ended = place.rules(&["new", name, "--no-config"]);
        assert!(ended.code == 2 && ended.out.is_empty() && ended.err.contains(word), "{name}: {}", ended.err);
    }
    let calm = place.write("calm.log", "2026-05-11T22:40:09Z shop[7]: all is well\n");
    let wordless = place.write("wordless.log", "2026-05-11T22:41:01Z till[8]: ERROR 4711\n".repeat(2));
    let ended = place.rules(&["new", "till", "--no-config", "--from", &wordless]);
    assert!(ended.code == 2 && ended.err.contains("left out: 2 errors of 1 template: too few"), "{}", ended.err);
    assert!(ended.err.contains("no signature can be made") && !ended.err.contains("no error in it"), "{}", ended.err);
    let ended = place.rules(&["new", "till", "--no-config", "--from", "/nowhere/at-all", "--out", "never.toml"]);
    assert!(ended.code == 3 && ended.err.lines().count() == 1 && ended.out.is_empty(), "{}", ended.err);
    assert!(!place.path("never.toml").exists());
    for log in [calm.as_str(), "/dev/null"] {
        let ended = place.rules(&["new", "till", "--no-config", "--from", log]);
        assert!(ended.code == 2 && ended.out.is_empty(), "{log}: {}", ended.err);
    }
    assert_eq!(place.rules(&["new", "till", "--no-config", "--out", "/nowhere/at/all.toml"]).code, 74);
}

#[test]
fn a_configuration_is_not_taken_for_a_pack() {
    let place = Place::new();
    for text in ["packs = [\"shop.toml\"]\n", "[override.\"shop/slow\"]\nat-least = 2\n"] {
        let file = place.write("logtriage.toml", text);
        let ended = place.rules(&["check", "--no-config", &file]);
        assert_eq!(ended.code, 2);
        assert!(ended.err.contains("this is a configuration") && ended.err.contains("-c/--config"), "{}", ended.err);
        assert!(!ended.err.contains("did you mean"), "{}", ended.err);
    }
}

#[test]
fn every_mistake_in_packs_and_configuration_is_told_at_once() {
    let place = Place::new();
    place.write("shop.toml", PACK.replace("\"database\"", "\"databsae\""));
    let pack = place.write("mine.toml", PACK.replace("\"shop\"", "\"mine\"").replace("shop/", "mine/"));
    let site = place.write(
        "bad.toml",
        format!("{SITE}severity = 3\ncolour = \"red\"\n\n[override.\"mine/leased\"]\nat-least = 2\n"),
    );
    let check = place.rules(&["check", &pack, "-c", &site]);
    assert_eq!((check.code, check.out.as_str()), (2, ""));
    insta::assert_snapshot!("mistakes", check.err);
    // All commands refuse the same.
    for arguments in [
        vec!["-c", &site, "--packs", &pack, "/dev/null"],
        vec!["scan", "--partial", "/nowhere/x", "-c", &site, "/dev/null"],
        vec!["merge", "-c", &site, "/nowhere/x"],
        vec!["rules", "list", "-c", &site],
        vec!["rules", "explain", "class:oom", "-c", &site],
        vec!["rules", "test", "-c", &site, "/dev/null"],
        vec!["-c", "/nowhere/at-all.toml", "/dev/null"],
    ] {
        let ended = place.run(&arguments);
        assert!(
            ended.code == 2 && ended.out.is_empty() && ended.err.contains("mistake"),
            "{arguments:?}: {}",
            ended.err
        );
    }
    assert_eq!(place.run(&["-c", &site, "--no-config", "/dev/null"]).code, 2);
    assert_eq!(place.run(&["--no-config", "/dev/null"]).code, 0);
}

#[test]
fn the_configuration_holds_for_every_command() {
    let place = Place::new();
    let (site, log) = ("site.toml", place.write("a.log", LOG));
    let slow = |arguments: &[&str]| {
        let ended = place.run(&[arguments, &["-o", "json"]].concat());
        assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.err);
        json(&ended.out)["findings"].to_string().contains("shop/slow")
    };
    assert!(slow(&["-c", site, &log]));
    assert!(!slow(&["--no-config", "--packs", "shop.toml", &log]));
    let part = "a.part";
    assert_eq!(place.run(&["scan", "--partial", part, "-c", site, &log]).code, 0);
    assert!(slow(&["merge", "-c", site, part]));
    // The same changes elsewhere are the same; other changes are not.
    let moved = place.write("moved.toml", format!("# moved\n\n{SITE}"));
    assert!(slow(&["merge", "-c", &moved, part]));
    let other = place.write("other.toml", SITE.replace("\"1h\"", "\"2h\""));
    let refused = place.run(&["merge", "-c", &other, part]);
    assert!(refused.code == 2 && refused.err.contains("another configuration"), "{}", refused.err);
    let off = place.write("off.toml", format!("{SITE}\n[override.\"shop/lease-lost\"]\nenabled = false\n"));
    let found = place.run(&["-c", &off, "-o", "json", &log]);
    assert!(!found.out.contains("shop/lease-lost"), "{}", found.out);
    assert!(place.page(&["explain", "shop/lease-lost", "-c", &off]).contains("switched off by the configuration"));
    let tried = place.rules(&["test", "--rule", "shop/lease-lost", "-c", &off, &log]);
    assert!(tried.code == 2 && tried.err.contains("switched off"), "{}", tried.err);
    let checked = place.page(&["check", "-c", &off]);
    assert!(checked.contains("off.toml: all right"), "{checked}");
}

#[test]
fn the_users_configuration_is_found_and_named() {
    let place = Place::new();
    fs::create_dir(place.path("logtriage")).expect("a folder");
    let file = place.write("logtriage/logtriage.toml", SITE.replace("shop.toml", "../shop.toml"));
    let log = place.write("a.log", LOG);
    let asked = |arguments: &[&str]| {
        let mut command = place.command(&[arguments, &[log.as_str()]].concat());
        command.env("XDG_CONFIG_HOME", place.folder.path());
        finish(command)
    };
    let told = asked(&["-v"]);
    assert!(
        told.err.contains(&format!("configuration {}", place.path(&file).display())) && told.out.contains("shard"),
        "{}{}",
        told.err,
        told.out
    );
    assert_eq!((asked(&[]).err.as_str(), asked(&["-v", "-q"]).err.as_str()), ("", ""));
    assert_eq!(asked(&["-v", "--no-config"]).err, "");
    fs::write(place.path(&file), "pakcs = []\n").expect("a file");
    let wrong = asked(&[]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean 'packs'?"), "{}", wrong.err);
    assert_eq!(asked(&["--no-config"]).code, 0);
}
