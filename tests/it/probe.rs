//! `logtriage probe`: from a configuration over real answers to a diagnosis.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};
use serde_json::Value;

use crate::support::program::{Ended, Started, command, finish};

/// A service of the test's own: it answers each path with a status and a body, and wants a token on some.
fn service(answers: &'static [(&'static str, &'static str, &'static str)]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().expect("the same stream")).lines().map_while(Result::ok);
            let path = lines.next().and_then(|line| Some(line.split(' ').nth(1)?.to_owned())).unwrap_or_default();
            let heard: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let known = heard.iter().any(|line| line.eq_ignore_ascii_case("authorization: bearer t0ken-1234"));
            let found = answers.iter().find(|(name, ..)| *name == path);
            let (status, body) = match found {
                Some((name, ..)) if name.starts_with("/health") && !known => {
                    ("401 Unauthorized", "{\"detail\":\"unauthorized\"}")
                }
                Some((_, status, body)) => (*status, *body),
                None => ("404 Not Found", ""),
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + body).as_bytes());
        }
    });
    address
}

/// A folder with a configuration, and the programs that its probes find.
struct Site {
    folder: tempfile::TempDir,
    config: String,
}

impl Site {
    fn new(text: &str) -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("logtriage.toml");
        fs::write(&config, text).expect("a folder to write in");
        Site { config: config.display().to_string(), folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str, age: u64) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to write in");
        fs::write(&path, text).expect("a folder to write in");
        let time = SystemTime::now() - Duration::from_secs(age);
        fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).expect("a time");
    }

    fn program(&self, name: &str, output: &str) {
        let path = format!("bin/{name}");
        self.write(&path, &format!("#!/bin/sh\ncat <<'END'\n{output}\nEND\n"), 0);
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).expect("rights");
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = command(&[&["probe", "-c", &self.config], arguments].concat());
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        command.env("PATH", path).env("HOME", self.folder.path()).env("API_TOKEN", "t0ken-1234");
        finish(command)
    }
}

fn diagnosis(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{e}: {} {}", ended.out, ended.err))
}

/// `detector unit`, sorted.
fn findings(diagnosis: &Value) -> Vec<String> {
    let told = |f: &Value| format!("{} {}", f["detector"].as_str().unwrap_or(""), f["unit"].as_str().unwrap_or(""));
    let mut found: Vec<String> = diagnosis["findings"].as_array().expect("findings").iter().map(told).collect();
    found.sort();
    found
}

/// What an answer holds never reaches a terminal as it is.
#[test]
fn no_control_character_is_shown() {
    let evil = "{\"queue_size\":1,\"circuits\":{},\"x\":\"\u{1b}]0;evil\u{7}\u{202e}\"}";
    let site = Site::new(&format!(
        "[[probe]]\nname = \"a\"\nhttp = \"http://{}/x\"\n",
        service(Box::leak(Box::new([("/x", "200 OK", evil)])))
    ));
    for arguments in [&["--rows"][..], &["-o", "json"], &["-vv"], &["-o", "markdown", "-vv"]] {
        let out = site.run(arguments).out;
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{arguments:?}: {out:?}");
    }
    assert!(site.run(&["--rows"]).out.contains("\"queue_size\":1"));
}

const HEALTH: &str = r#"{"ok":true,"queue_size":2,"queues":{"inbound":{"telegram":0},"outbound":{"telegram":0}},"uptime_s":4211.5,"circuits":{"claude-cli":{"state":"closed","retry_after":null}},"adapters":2,"buses":2,"nats":"ok","status":"ok","reaper_alive":true,"reaper_last_sweep_age":12.0}"#;
const SICK: &str = r#"{"ok":true,"queue_size":2,"queues":{"inbound":{"telegram":0},"outbound":{"telegram":0}},"uptime_s":4211.5,"circuits":{"claude-cli":{"state":"open","retry_after":41.0}},"adapters":2,"buses":2,"nats":"ok","status":"ok","reaper_alive":true,"reaper_last_sweep_age":12.0}"#;

const UNITS: &str = "Id=factory-hub.service\nType=notify\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nNRestarts=0\n\n\
                     Id=factory-nats.service\nType=notify\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nNRestarts=1";
const FAILED: &str = "Id=factory-hub.service\nType=notify\nLoadState=loaded\nActiveState=failed\nSubState=failed\nResult=start-limit-hit\nNRestarts=5\n\n\
                      Id=factory-nats.service\nType=notify\nLoadState=loaded\nActiveState=inactive\nSubState=dead\nResult=success\nNRestarts=0";

const RUNNING: &str = r#"[{"Id":"0a","Names":["factory-hub"],"Image":"localhost/factory:latest","State":"running","Status":"Up 3 hours (healthy)","ExitCode":0,"Restarts":0},
 {"Id":"0b","Names":["factory-nats"],"Image":"docker.io/library/nats:2.10","State":"running","Status":"Up 3 hours","ExitCode":0,"Restarts":0}]"#;
const ENDED: &str = r#"[{"Id":"0a","Names":["factory-hub"],"Image":"localhost/factory:latest","State":"exited","Status":"Exited (1) 5 minutes ago","ExitCode":1,"Restarts":4},
 {"Id":"0b","Names":["old"],"Image":"docker.io/library/nats:2.10","State":"exited","Status":"Exited (0) 2 days ago","ExitCode":0,"Restarts":0}]"#;

fn config(address: SocketAddr) -> String {
    format!(
        r#"
[[probe]]
name = "hub-health"
unit = "factory-hub.service"
http = "http://{address}/health/detail"
bearer = {{ env = "API_TOKEN" }}

[[probe]]
name = "units"
systemd = ["factory-*.service"]
user = true

[[probe]]
name = "containers"
containers = "podman"
expected = ["factory-hub", "factory-nats"]

[[probe]]
name = "my-heartbeat"
unit = "worker"
file = "~/heartbeat"

[[probe]]
name = "my-queue-ready"
unit = "queue"
folder = "~/queue/ready"
pattern = "*.json"

[[probe]]
name = "my-queue-in-progress"
unit = "queue"
folder = "~/queue/in-progress"
"#
    )
}

#[test]
fn healthy_answers_are_healthy() {
    let site = Site::new(&config(service(&[("/health/detail", "200 OK", HEALTH)])));
    site.program("systemctl", UNITS);
    site.program("podman", RUNNING);
    site.write("heartbeat", "alive\n", 10);
    site.write("queue/ready/t-1.json", "{}", 10);
    site.write("queue/in-progress/t-2.json", "{}", 7_000);
    let ended = site.run(&["-o", "json", "--fail-on", "degraded"]);
    let diagnosis = diagnosis(&ended);
    assert_eq!((ended.code, &diagnosis["severity"]), (0, &"healthy".into()), "{}\n{}", ended.out, ended.err);
    assert_eq!(diagnosis["findings"], Value::Array(vec![]));
    let units: Vec<&str> =
        diagnosis["units"].as_array().expect("units").iter().filter_map(|u| u["unit"].as_str()).collect();
    // A container has the name of its unit.
    for unit in ["factory-hub.service", "factory-nats.service", "worker", "queue"] {
        assert!(units.contains(&unit), "{unit}: {units:?}");
    }
    let text = site.run(&[]).out;
    assert!(text.starts_with("HEALTHY  "), "{text}");
}

#[test]
fn bad_answers_are_told_with_what_to_do() {
    let site = Site::new(&config(service(&[("/health/detail", "200 OK", SICK)])));
    site.program("systemctl", FAILED);
    site.program("podman", ENDED);
    site.write("heartbeat", "alive\n", 400);
    for n in 0..51 {
        site.write(&format!("queue/ready/t-{n}.json"), "{}", 10);
    }
    site.write("queue/in-progress/t-99.json", "{}", 7_300);
    let ended = site.run(&["-o", "json", "--fail-on", "down"]);
    let diagnosis = diagnosis(&ended);
    assert_eq!((ended.code, &diagnosis["severity"]), (1, &"down".into()), "{}", ended.err);
    let found = findings(&diagnosis);
    for expected in [
        "probe/unit-failed factory-hub.service",
        "probe/unit-inactive factory-nats.service",
        "probe/container-exited factory-hub.service",
        "probe/container-not-running factory-hub.service",
        "probe/container-missing factory-nats.service",
        "probe/heartbeat-stale worker",
        "probe/ready-queue-deep queue",
        "probe/task-stuck queue",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}: {found:#?}");
    }
    assert!(found.iter().any(|f| f.starts_with("factory/health-circuit factory-hub.service")), "{found:#?}");
    // The hub needs NATS, and its container is gone: one story. The heartbeat of a worker is another.
    let incidents = diagnosis["incidents"].as_array().expect("incidents");
    let story = incidents.iter().find(|i| i["root_cause"]["signature"] == "probe/container-missing").expect("a story");
    let affected = story["affected"].as_array().expect("units");
    assert!(affected.contains(&"factory-hub.service".into()) && !affected.contains(&"worker".into()), "{story}");
    // Nothing that is well is told.
    assert!(!found.iter().any(|f| f.ends_with(" old")), "{found:#?}");
}

#[test]
fn a_refused_token_and_a_closed_port_are_findings_with_the_runbooks_words() {
    let address = service(&[
        ("/health/detail", "200 OK", HEALTH),
        ("/open", "403 Forbidden", "{\"error\":{\"code\":\"FORBIDDEN\"}}"),
    ]);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let site = Site::new(&format!(
        "[[probe]]\nname = \"a\"\nhttp = \"http://{address}/health/detail\"\nheaders = {{ X-Api-Token = {{ env = \"API_TOKEN\" }} }}\n\
         [[probe]]\nname = \"b\"\nhttp = \"http://{address}/open\"\n\
         [[probe]]\nname = \"c\"\nhttp = \"http://{closed}/health\"\n\
         [[probe]]\nname = \"d\"\ntcp = \"{closed}\"\n"
    ));
    let ended = site.run(&["-o", "json"]);
    let found = findings(&diagnosis(&ended));
    for expected in
        ["probe/unauthorized a", "probe/forbidden b", "probe/http-unreachable c", "probe/port-unreachable d"]
    {
        assert!(found.contains(&expected.to_owned()), "{expected}: {found:#?}");
    }
    assert_eq!(ended.code, 0);
    let text = site.run(&["--only", "a", "-v"]);
    assert!(
        text.out.contains("The token is refused (401)") && text.out.contains("logtriage probe --list --only a"),
        "{}",
        text.out
    );
    for form in ["text", "json", "jsonl", "markdown"] {
        let ended = site.run(&["-o", form, "-vv", "--no-redact"]);
        assert!(!ended.out.contains("t0ken-1234") && !ended.err.contains("t0ken-1234"), "{form}: {}", ended.out);
    }
}

#[test]
fn rows_are_the_answers_and_a_list_asks_nothing() {
    let site = Site::new("");
    site.write("logtriage.toml", &config(service(&[("/health/detail", "200 OK", HEALTH)])), 0);
    site.program("systemctl", UNITS);
    site.program("podman", RUNNING);
    site.write("heartbeat", "alive\n", 10);
    let ended = site.run(&["--rows", "--only", "hub-health", "my-heartbeat"]);
    let rows: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    let kinds: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["probe"].as_str().unwrap_or(""), row["@row"].as_str().unwrap_or("-")))
        .collect();
    // The health page is a document that a definition knows.
    assert_eq!(kinds[..3], ["hub-health probe", "hub-health hub-health", "hub-health hub-circuit"]);
    assert!(kinds.contains(&"my-heartbeat probe".to_owned()), "{kinds:?}");
    assert!(rows.iter().filter(|row| row["probe"] == "hub-health").all(|row| row["@unit"] == "factory-hub.service"));
    let ended = site.run(&["--list"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert!(ended.out.contains("/health/detail, bearer from the variable API_TOKEN\n"), "{}", ended.out);
    assert!(ended.out.contains("unit queue; at most 5 s, every 60 s; "), "{}", ended.out);
    assert!(!ended.out.contains("t0ken-1234"));
}

#[test]
fn wrong_use_is_told() {
    let site = Site::new("[[probe]]\nname = \"a\"\nmemory = true\n");
    for (arguments, told) in [
        (&["--only", "b"][..], "there is no probe 'b'"),
        (&["--set", "factroy"], "did you mean 'factory'?"),
        (&["--rows", "--list"], "cannot be used with"),
    ] {
        let ended = site.run(arguments);
        assert!(ended.code == 2 && ended.err.contains(told), "{arguments:?}: {}", ended.err);
    }
    let ended = Site::new("").run(&[]);
    assert!(ended.code == 2 && ended.err.contains("there are no probes"), "{}", ended.err);
    let ended = Site::new("[[probe]]\nname = \"a\"\nhttp = \"h\"\n").run(&[]);
    assert!(ended.code == 2 && ended.err.contains("logtriage.toml:3:8: 'http' must be an address"), "{}", ended.err);
    let ended = site.run(&["--set", "help"]);
    let names: Vec<&str> = ended.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["agentic-factory", "factory", "operations-center", "skillomatic", "skills-fabrik"]);
}

/// What only looks at files can be asked anywhere; on a machine without the system it finds things missing, and says so.
#[test]
fn a_set_is_asked_with_changes_of_the_site() {
    let site = Site::new(
        "[[probe]]\nname = \"fabrik-health\"\ncommand = [\"health-check\"]\n[[probe]]\nname = \"fabrik-disk\"\nenabled = false\n",
    );
    site.program(
        "health-check",
        r#"{"status": "degraded", "checks": [{"name": "disk_space", "status": "degraded", "message": "Low disk space: 83.2 MB free", "details": {"free_mb": 83.2}}]}"#,
    );
    site.write(".claude/backups/20260511-224002_x/metadata.json", "{}", 0);
    site.write(".claude/handoffs/handoff-20260511-224002-x.md", "x", 100);
    site.write(".claude/kpis/events.jsonl", "", 100);
    site.write(".claude/settings.json", "{\"enabledPlugins\":{}}", 100);
    let ended = site.run(&["--set", "skills-fabrik", "-o", "json"]);
    let found = findings(&diagnosis(&ended));
    assert!(found.contains(&"probe/missing skills-fabrik".to_owned()), "{found:#?}");
    assert_eq!(site.run(&["--set", "skills-fabrik", "--list"]).out.matches("the set 'skills-fabrik'").count(), 6);
    // By its name alone, with the change of the site.
    let ended = site.run(&["--only", "fabrik-health", "--rows"]);
    assert!(ended.code == 0 && ended.out.contains("\"command\":\"health-check\""), "{} {}", ended.out, ended.err);
}

/// An authority of the test's own.
fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).expect("a certificate").pem();
    (pem, Issuer::new(params, key))
}

/// A service over TLS that shows a certificate for `localhost`.
fn secure(issuer: &Issuer<'_, KeyPair>, until: i32) -> SocketAddr {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let shown = params.signed_by(&key, issuer).expect("a certificate").der().clone();
    let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let config = builder.with_no_client_auth().with_single_cert(vec![shown], secret).expect("its key");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for mut tcp in listener.incoming().map_while(Result::ok) {
            let mut tls = ServerConnection::new(config.clone()).expect("a connection");
            let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
            // Whoever does not trust us goes away here.
            let heard =
                BufReader::new(&mut stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).count();
            if heard > 0 {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{\"ok\":true}");
                tls.send_close_notify();
                let _ = tls.write_tls(&mut tcp);
            }
        }
    });
    address
}

#[test]
fn only_certificates_that_the_machine_trusts_are_trusted() {
    let (pem, issuer) = authority("one");
    let (strange, _) = authority("other");
    let (good, old) = (secure(&issuer, 4096), secure(&issuer, 2020));
    let site = Site::new(&format!(
        "[[probe]]\nname = \"good\"\nhttp = \"https://localhost:{}/\"\n\
         [[probe]]\nname = \"old\"\nhttp = \"https://localhost:{}/\"\n\
         [[probe]]\nname = \"name\"\nhttp = \"https://127.0.0.1:{}/\"\n",
        good.port(),
        old.port(),
        good.port()
    ));
    let ask = |trusted: &str| {
        site.write("trusted.pem", trusted, 0);
        let mut command = command(&["probe", "-c", &site.config, "--rows"]);
        command.env("SSL_CERT_FILE", site.path("trusted.pem")).env_remove("SSL_CERT_DIR");
        let ended = finish(command);
        let rows = ended.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row"));
        let told = |row: Value| {
            let detail = row["detail"].as_str().unwrap_or("-").to_owned();
            let word = if detail.contains("expired") {
                "expired"
            } else if detail.contains("not valid for name") {
                "other name"
            } else {
                ""
            };
            let word = if detail.contains("UnknownIssuer") { "strange" } else { word };
            format!("{} {} {word}", row["probe"].as_str().unwrap_or(""), row["failure"].as_str().unwrap_or("ok"))
        };
        rows.filter(|row| row["@row"] == "probe").map(told).collect::<Vec<String>>()
    };
    assert_eq!(ask(&pem), ["good ok ", "old unreachable expired", "name unreachable other name"]);
    assert_eq!(ask(&strange)[0], "good unreachable strange");
}

#[test]
fn a_signal_ends_what_was_asked() {
    let site = Site::new(
        "[[probe]]\nname = \"a\"\ncommand = [\"forever\"]\ntimeout = \"5min\"\n[[probe]]\nname = \"b\"\nmemory = true\n",
    );
    let mark = site.path("mark");
    site.write(
        "bin/forever",
        &format!("#!/bin/sh\necho $$ > {}.new && mv {0}.new {0}\nsleep 1000\n", mark.display()),
        0,
    );
    fs::set_permissions(site.path("bin/forever"), fs::Permissions::from_mode(0o755)).expect("rights");
    let mut command = command(&["probe", "-c", &site.config, "-o", "json"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", site.path("bin").display()));
    let started = Started::new(command);
    let id = (0..6_000).find_map(|_| {
        thread::sleep(Duration::from_millis(10));
        fs::read_to_string(&mark).ok()
    });
    let id = id.expect("it was asked");
    started.signal("INT");
    let ended = started.end();
    assert_eq!((ended.code, findings(&diagnosis(&ended))), (130, vec![]), "{}", ended.err);
    let gone = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    };
    assert!(
        (0..500).any(|_| gone() || {
            thread::sleep(Duration::from_millis(10));
            false
        }),
        "it lives on"
    );
}
