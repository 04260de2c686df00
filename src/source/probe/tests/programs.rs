//! Commands, units and containers: programs of the test's own, found by the `PATH` of the machine that probes see.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// A folder with one program, which is a script.
struct Programs(tempfile::TempDir);

impl Programs {
    fn new(name: &str, script: &str) -> Programs {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Programs(folder)
    }

    fn around(&self) -> Around {
        around(&[("PATH", &format!("{}:/usr/bin:/bin", at(self.0.path()))), ("API_TOKEN", "t0ken-1234")])
    }
}

fn command(argv: &[&str], fine: &[i32], timeout: Span, around: &Around) -> Vec<Value> {
    let argv = argv.iter().map(|&word| word.to_owned()).collect();
    rows(Target::Command(argv, fine.to_vec()), timeout, around)
}

#[test]
fn a_command_gives_lines_and_a_status() {
    let programs =
        Programs::new("check", "echo \"one $1\"; echo; echo '{\"status\":\"healthy\"}'; echo sorry >&2; exit $2");
    let around = programs.around();
    let found = command(&["check", "$HOME; rm x", "0"], &[], LONG, &around);
    assert_eq!((word(&found), &found[0]["status"], found.len()), ("ok", &0.into(), 3));
    // No shell reads the arguments.
    assert_eq!((&found[1]["message"], &found[2]["status"]), (&"one $HOME; rm x".into(), &"healthy".into()));
    let found = command(&["check", "x", "3"], &[], LONG, &around);
    assert_eq!((word(&found), found[0]["detail"].as_str()), ("failed", Some("ended with status 3: sorry")));
    assert_eq!(word(&command(&["check", "x", "3"], &[0, 3], LONG, &around)), "ok");
    assert_eq!(word(&command(&["check", "x", "0"], &[3], LONG, &around)), "failed");
    let found = command(&["no-such-program"], &[], LONG, &around);
    assert_eq!(
        (word(&found), found[0]["detail"].as_str()),
        ("missing", Some("the program no-such-program is not installed"))
    );
}

#[test]
fn a_token_among_the_arguments_is_not_shown() {
    let programs = Programs::new("check", "echo \"got $1\"; exit 4");
    let found = command(&["check", "${API_TOKEN}"], &[], LONG, &programs.around());
    let text = format!("{found:?}");
    assert_eq!((word(&found), &found[1]["message"]), ("failed", &"got [masked]".into()));
    assert!(!text.contains("t0ken-1234"), "{text}");
}

#[test]
fn a_command_that_does_not_end_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let programs = Programs::new("check", &format!("sleep 1000 & echo $! > {}; echo begun; wait", at(&file)));
    let found = command(&["check"], &[], Span::millis(700), &programs.around());
    assert_eq!((word(&found), found[0]["detail"].as_str()), ("slow", Some("did not end within 700 ms")));
    // And what it started with it: a zombie at most is left.
    if let Ok(child) = fs::read_to_string(&file) {
        let gone = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z ")
        };
        assert!(
            (0..500).any(|_| gone() || {
                std::thread::sleep(std::time::Duration::from_millis(10));
                false
            }),
            "it lives"
        );
    }
}

#[test]
fn what_a_command_leaves_behind_is_not_waited_for() {
    let programs = Programs::new("check", "sleep 5 & echo done");
    let found = command(&["check"], &[], LONG, &programs.around());
    // What was written before counts, although the output is still open.
    assert_eq!((word(&found), &found[1]["message"]), ("ok", &"done".into()));
}

#[test]
fn endless_output_is_cut() {
    let programs = Programs::new("check", "exec yes line");
    let found = command(&["check"], &[], LONG, &programs.around());
    assert_eq!((word(&found), &found[0]["bytes"], found.len()), ("too-large", &LARGEST.into(), MOST + 1));
}

#[test]
fn units_become_rows() {
    let blocks = "Id=factory-hub.service\nActiveState=failed\nSubState=failed\nResult=exit-code\nNRestarts=5\nDescription=a = b\n\n\
                  Id=factory-nats.service\nActiveState=active\nSubState=running\nResult=success\nNRestarts=0\nInvocationID=\n";
    let programs = Programs::new("systemctl", &format!("echo \"$*\" > $0.asked\ncat <<'END'\n{blocks}END"));
    let target = |user| Target::Systemd(vec!["factory-*.service".into(), "b.service".into()], user);
    let found = rows(target(true), LONG, &programs.around());
    assert_eq!((word(&found), &found[0]["units"], found.len()), ("ok", &2.into(), 3));
    assert_eq!((&found[1]["@unit"], &found[1]["@row"]), (&"factory-hub.service".into(), &"unit-state".into()));
    assert_eq!((&found[1]["ActiveState"], &found[1]["Description"]), (&"failed".into(), &"a = b".into()));
    assert_eq!((&found[2]["SubState"], found[2].get("InvocationID")), (&"running".into(), None));
    let asked = fs::read_to_string(programs.0.path().join("systemctl.asked")).unwrap();
    assert!(asked.starts_with("--user show --no-pager --property=Id,Type,"), "{asked}");
    assert!(asked.trim_end().ends_with(" -- factory-*.service b.service"), "{asked}");
    rows(target(false), LONG, &programs.around());
    assert!(fs::read_to_string(programs.0.path().join("systemctl.asked")).unwrap().starts_with("show "));
}

#[test]
fn no_unit_and_no_manager_are_told() {
    let target = || Target::Systemd(vec!["x-*.service".into()], false);
    let none = Programs::new("systemctl", "true");
    let found = rows(target(), LONG, &none.around());
    assert_eq!((word(&found), found[0]["detail"].as_str()), ("missing", Some("no unit fits x-*.service")));
    let away = Programs::new("systemctl", "echo 'Failed to connect to bus: No medium found' >&2; exit 1");
    let found = rows(target(), LONG, &away.around());
    let detail = "systemctl ended with status 1: Failed to connect to bus: No medium found";
    assert_eq!((word(&found), found[0]["detail"].as_str()), ("failed", Some(detail)));
    assert_eq!(word(&rows(target(), LONG, &around(&[("PATH", "/none")]))), "missing");
}

#[test]
fn containers_of_both_engines_become_rows() {
    let podman = r#"[{"Names":["factory-hub"],"State":"running","Status":"healthy","ExitCode":0},
                     {"Names":["factory-nats"],"State":"exited","Status":"","ExitCode":1}]"#;
    let docker = r#"{"Names":"factory-hub","State":"running","Status":"Up 3 hours"}
{"Names":"factory-nats","State":"exited","Status":"Exited (1) 5 minutes ago"}"#;
    for (engine, list, detail) in
        [(Engine::Podman, podman, "exited"), (Engine::Docker, docker, "Exited (1) 5 minutes ago")]
    {
        let programs = Programs::new(engine.program(), &format!("cat <<'END'\n{list}\nEND"));
        let expected = ["factory-hub", "factory-nats", "redis"].map(|name| Glob::new(name).unwrap());
        let found = rows(Target::Containers(engine, expected.to_vec()), LONG, &programs.around());
        assert_eq!((word(&found), &found[0]["containers"], found.len()), ("ok", &2.into(), 5), "{found:?}");
        let told: Vec<[&str; 3]> = found[1..3]
            .iter()
            .map(|row| ["@unit", "failure", "detail"].map(|key| row[key].as_str().unwrap()))
            .collect();
        let missing = ["redis", "missing", "there is no such container"];
        assert_eq!(told, [["factory-nats", "not-running", detail], missing]);
        assert_eq!((&found[4]["@unit"], &found[4]["@row"]), (&"factory-nats".into(), &"container".into()));
    }
    let away = Programs::new("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    let expected = vec![Glob::new("redis").unwrap()];
    let found = rows(Target::Containers(Engine::Docker, expected), LONG, &away.around());
    // Nobody could be asked: that a container is missing would be a guess.
    assert_eq!((word(&found), found.len()), ("failed", 1));
}

#[test]
fn what_hangs_without_a_time_of_its_own_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("secret");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    // Nobody will ever write into it.
    let http = Http {
        url: "http://127.0.0.1:1/".into(),
        method: Method::Get,
        body: None,
        bearer: Some(Secret::File(at(&pipe))),
        headers: Vec::new(),
        expect: Vec::new(),
        keep: Vec::new(),
    };
    let found = rows(Target::Http(http), Span::millis(100), &around(&[]));
    assert_eq!((word(&found), found[0]["detail"].as_str()), ("slow", Some("it hangs: nothing came within 100 ms")));
    // A file that is a pipe is looked at, not read.
    assert_eq!(word(&rows(Target::File(at(&pipe)), LONG, &around(&[]))), "ok");
}
