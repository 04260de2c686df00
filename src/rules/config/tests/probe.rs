//! What a configuration says about probes, right and wrong.

use super::super::*;
use crate::base::Span;
use crate::source::probe::{Method, Probe, Target};

fn read(text: &str) -> (Vec<Probe>, String) {
    let (config, mut problems) = Config::parse("site.toml", text);
    let (probes, more) = config.probes(&[]);
    problems.extend(more.into_iter().filter(|problem| !problems.contains(problem)).collect::<Vec<_>>());
    (probes, problems.iter().map(|problem| format!("{problem}\n")).collect())
}

#[test]
fn every_kind_of_probe_is_read() {
    let text = r#"
[[probe]]
name = "a"
title = "Health"
unit = "api.service"
timeout = "500ms"
every = "1h"
http = "http://127.0.0.1:1/x"
bearer = { file = "~/token" }
headers = { Accept = "text/plain", "X-Api-Key" = { env = "KEY" } }
keep-headers = "x-token-expiration"
expect-status = [200, 404]

[[probe]]
name = "b"
http = "https://h/q"
body = { json = { query = "SELECT 1", limit = 50, deep = [1.5, true, { x = "\"" }] } }

[[probe]]
name = "c"
tcp = "127.0.0.1:6379"
send = "PING\r\n"
expect = "+PONG"

[[probe]]
name = "d"
file = "~/x.json"

[[probe]]
name = "e"
folder = "$QUEUE/ready"
pattern = "*.json"
recursive = true
read = 3

[[probe]]
name = "f"
disk = "/"

[[probe]]
name = "g"
memory = true

[[probe]]
name = "h"
systemd = ["factory-*.service", "b.service"]
user = true

[[probe]]
name = "i"
containers = "podman"
expected = ["redis", "factory-*"]

[[probe]]
name = "j"
command = ["check", "--all", ""]
expect-status = 3

[[probe]]
name = "k"
disk = "/"
enabled = false
"#;
    let (probes, problems) = read(text);
    assert_eq!(problems, "");
    let told: Vec<String> = probes.iter().map(|probe| format!("{} {}", probe.name, probe.target.describe())).collect();
    let lines = [
        "a GET http://127.0.0.1:1/x, bearer from the file ~/token, X-Api-Key from the variable KEY",
        "b POST https://h/q",
        "c tcp 127.0.0.1:6379, sends \"PING\\r\\n\", expects \"+PONG\"",
        "d file ~/x.json",
        "e folder $QUEUE/ready '*.json' and below, reads the newest 3",
        "f disk of /",
        "g memory of this machine",
        "h systemctl --user show factory-*.service b.service",
        "i podman ps -a, expects redis factory-*",
        "j command check --all ",
    ];
    assert_eq!(told, lines);
    let a = &probes[0];
    assert_eq!((a.title.as_str(), a.unit.as_str(), a.origin.as_str()), ("Health", "api.service", "site.toml:3"));
    assert_eq!((a.timeout, a.every), (Span::millis(500), Span::seconds(3600)));
    let Target::Http(http) = &a.target else { panic!("a request") };
    assert_eq!(
        (http.expect.as_slice(), http.keep.as_slice()),
        (&[200, 404][..], &["x-token-expiration".to_owned()][..])
    );
    assert_eq!(
        (probes[1].timeout, probes[1].every, probes[1].unit.as_str()),
        (Span::seconds(5), Span::seconds(60), "b")
    );
    let Target::Http(http) = &probes[1].target else { panic!("a request") };
    let body = r#"{"query":"SELECT 1","limit":50,"deep":[1.5,true,{"x":"\""}]}"#;
    assert_eq!((http.method, http.body.as_deref()), (Method::Post, Some(body)));
    assert!(matches!(&probes[9].target, Target::Command(argv, fine) if argv.len() == 3 && fine == &[3]));
}

#[test]
fn all_mistakes_are_told_at_once() {
    insta::assert_snapshot!(
        read(
            r#"
probe-sets = ["factroy"]

[[probe]]
http = "http://h/"

[[probe]]
name = "Bad Name"
http = "ftp://alice:secret@h/"

[[probe]]
name = "two"
http = "http://h/"
tcp = "h:1"
timeout = "10min"
evry = "1h"

[[probe]]
name = "token"
http = "http://h/"
bearer = "s3cret"
headers = { Authorization = "Bearer s3cret", "A b" = "x", X-Key = { fil = "x" }, Cookie = "s3cret" }
expect-status = "200"

[[probe]]
name = "both"
http = "http://h/"
bearer = { file = "a", env = "B" }
body = 5

[[probe]]
name = "misfit"
disk = "/"
bearer = { env = "B" }
recursive = true
expect-status = 200

[[probe]]
name = "get"
http = "http://h/"
method = "GET"
body = "x"
expect-status = [200, 99]

[[probe]]
name = "get"
memory = true

[[probe]]
name = "shell"
command = "df -h | tail -1"

[[probe]]
name = "option"
systemd = ["--all"]

[[probe]]
name = "engine"
containers = "dcker"
expected = ["a["]

[[probe]]
name = "off"
memory = false

[[probe]]
name = "port"
tcp = "redis"
every = "10ms"

[[probe]]
name = "nothing"
timeout = "1s"

[[probe]]
name = "factory-hub-helth"
http-url = "http://h/"
"#
        )
        .1
    );
}

#[test]
fn a_secret_in_the_configuration_is_never_told() {
    for text in [
        "[[probe]]\nname = \"a\"\nhttp = \"http://h/\"\nbearer = { file = \"/t\" }\nheaders = { X = \"hush\" }\n",
        "[[probe]]\nname = \"a\"\nhttp = \"http://alice:hush@h/?key=hush\"\n",
    ] {
        let (config, _) = Config::parse("site.toml", text);
        let (probes, problems) = config.probes(&[]);
        let shown = format!("{config:?} {probes:?} {problems:?} {}", probes[0].target.describe());
        assert!(!shown.contains("hush"), "{shown}");
    }
    // Nor when there is a mistake in its line.
    for line in [
        "bearer = \"hush\"",
        "headers = { Authorization = \"hush\" }",
        "headers = { \"A b\" = \"hush\" }",
        "http = \"ftp://alice:hush@h/\"",
        "http = \"http://h /?key=hush\"",
    ] {
        let told = read(&format!("[[probe]]\nname = \"a\"\n{line}\n")).1;
        assert!(told.contains("****") && !told.contains("hush"), "{told}");
    }
}

#[test]
fn a_configuration_changes_the_probes_of_a_set() {
    let text = r#"
probe-sets = ["factory"]

[[probe]]
name = "factory-hub-health"
http = "http://10.0.0.7:8443/health/detail"
timeout = "20s"

[[probe]]
name = "factory-units"
enabled = false

[[probe]]
name = "af-redis"
tcp = "10.0.0.7:6379"

[[probe]]
name = "own"
memory = true
"#;
    let (probes, problems) = read(text);
    assert_eq!(problems, "");
    let (set, none) = Config::default().probes(&["factory".to_owned()]);
    assert_eq!(none, []);
    let names = |probes: &[Probe]| probes.iter().map(|probe| probe.name.clone()).collect::<Vec<_>>();
    let mut expected = names(&set);
    expected.retain(|name| name != "factory-units");
    // Whole by itself, though a set that nobody named has one of this name.
    expected.extend(["af-redis".to_owned(), "own".to_owned()]);
    assert_eq!(names(&probes), expected);
    let find = |probes: &[Probe]| probes.iter().find(|probe| probe.name == "factory-hub-health").cloned().unwrap();
    let (ours, theirs) = (find(&probes), find(&set));
    assert_eq!(ours.target.describe(), theirs.target.describe().replace("127.0.0.1", "10.0.0.7"));
    assert_eq!((ours.unit, ours.timeout), (theirs.unit, Span::seconds(20)));
    assert_eq!(ours.origin, "the set 'factory', site.toml:5");
}

#[test]
fn a_change_to_a_set_that_is_not_asked_waits_for_it() {
    let text = "[[probe]]\nname = \"factory-hub-health\"\ntimeout = \"20s\"\n";
    let (config, problems) = Config::parse("site.toml", text);
    assert_eq!(problems, []);
    assert_eq!(config.probes(&[]).0.len(), 0);
    let probes = config.probes(&["factory".to_owned()]).0;
    assert!(probes.iter().any(|probe| probe.name == "factory-hub-health" && probe.timeout == Span::seconds(20)));
    let strange = config.probes(&["factroy".to_owned()]).1;
    assert_eq!(
        strange[0].to_string(),
        "site.toml: there is no set of probes 'factroy'\n  = help: did you mean 'factory'?"
    );
}

#[test]
fn a_probe_of_another_kind_replaces_the_one_of_the_set() {
    let text = "probe-sets = [\"factory\"]\n[[probe]]\nname = \"factory-hub-health\"\nfile = \"/srv/health.json\"\n";
    let (probes, problems) = read(text);
    let ours = probes.iter().find(|probe| probe.name == "factory-hub-health").unwrap();
    assert_eq!((problems.as_str(), ours.target.describe()), ("", "file /srv/health.json".to_owned()));
}

#[test]
fn every_set_is_right_and_no_two_have_a_probe_of_one_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/probes");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned())).collect();
    there.sort();
    let known: Vec<&str> = probe_sets().iter().map(|(name, _)| *name).collect();
    assert_eq!(there, known);
    let all: Vec<String> = there.clone();
    let (probes, problems) = Config::default().probes(&all);
    assert_eq!(problems, []);
    let mut names: Vec<&str> = probes.iter().map(|probe| probe.name.as_str()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for name in &there {
        let (probes, _) = Config::default().probes(std::slice::from_ref(name));
        assert!(probes.len() >= 4 && !set_title(name).is_empty(), "{name}");
        assert!(probes.iter().all(|probe| !probe.title.is_empty()), "{name}: a probe has no title");
    }
}

#[test]
fn the_page_about_probes_tells_of_every_key() {
    let page = include_str!("../../../../docs/probes.md");
    for key in probe::keys() {
        assert!(page.contains(&format!("`{key}`")), "docs/probes.md does not tell of '{key}'");
    }
    for (name, _) in probe_sets() {
        assert!(page.contains(&format!("`{name}`")), "docs/probes.md does not tell of the set '{name}'");
    }
    let examples: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 1);
    for example in examples.iter().filter(|example| example.contains("[[probe]]")) {
        let (config, problems) = Config::parse("docs/probes.md", example);
        assert_eq!((problems, config.probes(&[]).1), (vec![], vec![]), "{example}");
    }
}
