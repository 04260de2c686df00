//! Files, folders, disks, memory.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::*;

/// A file with this content that was written so many seconds ago. A moment more, so that no second is rounded away.
fn aged(path: &Path, text: &str, seconds: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    let time = SystemTime::now() - Duration::from_secs(seconds) - Duration::from_millis(1);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// About so many seconds: the test itself may be held up.
fn about(value: &Value, seconds: i64) -> bool {
    value.as_i64().is_some_and(|found| (seconds..seconds + 60).contains(&found))
}

fn folder(path: &Path) -> Folder {
    Folder { path: at(path), pattern: None, recursive: false, read: 0 }
}

#[test]
fn a_file_has_an_age_a_size_and_perhaps_a_document() {
    let home = tempfile::tempdir().unwrap();
    let around = around(&[("HOME", &at(home.path()))]);
    aged(&home.path().join("heartbeat.json"), "{\"role\": \"goal\", \"status\": \"active\"}\n", 700);
    let found = rows(Target::File("~/heartbeat.json".into()), LONG, &around);
    assert_eq!((word(&found), found.len(), &found[0]["size"]), ("ok", 2, &37.into()));
    assert!(about(&found[0]["age_s"], 700), "{}", found[0]);
    assert_eq!(
        (&found[1]["role"], &found[1]["@unit"], &found[1]["probe"]),
        (&"goal".into(), &"unit-a".into(), &"try".into())
    );
    aged(&home.path().join("notes.txt"), "ERROR: not a document\n", 5);
    assert_eq!(rows(Target::File("~/notes.txt".into()), LONG, &around).len(), 1);
    aged(&home.path().join("huge.json"), &format!("[{}0]", "1,".repeat(LARGEST / 2)), 5);
    let found = rows(Target::File("~/huge.json".into()), LONG, &around);
    assert_eq!((word(&found), found.len()), ("too-large", 1));
    let found = rows(Target::File("~/none".into()), LONG, &around);
    assert_eq!((word(&found), found[0]["detail"].as_str()), ("missing", Some("No such file or directory")));
    assert_eq!(word(&rows(Target::File("~".into()), LONG, &around)), "unexpected");
    assert_eq!(word(&rows(Target::File("$NONE/x".into()), LONG, &around)), "no-variable");
}

#[test]
fn a_row_cannot_pretend_to_be_another() {
    let home = tempfile::tempdir().unwrap();
    let text = "{\"@unit\": \"root\", \"@time\": \"1970-01-01T00:00:00Z\", \"@row\": \"probe\", \"probe\": \"own\"}";
    aged(&home.path().join("x.json"), text, 5);
    let found = rows(Target::File("~/x.json".into()), LONG, &around(&[("HOME", &at(home.path()))]));
    assert_eq!((&found[1]["@unit"], found[1].get("@row"), &found[1]["probe"]), (&"unit-a".into(), None, &"try".into()));
    assert_ne!(found[1]["@time"], "1970-01-01T00:00:00Z");
}

#[test]
fn what_knows_documents_gives_their_rows() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("usage.json");
    aged(&path, "{\"events\": [1.50]}", 5);
    let target = || Target::File(at(&path));
    let ask = |lines: &'static str, wrong: &'static [&str]| {
        let explode = |bytes: &[u8], path: Option<&str>, _| {
            assert!(bytes.starts_with(b"{\"events\"") && path.is_some_and(|path| path.ends_with("/usage.json")));
            let wrong = wrong.iter().map(ToString::to_string).collect();
            Some(Exploded { lines: lines.as_bytes().to_vec(), wrong })
        };
        let answers = ask_all(&[probe(target(), LONG)], &around(&[]), &explode);
        String::from_utf8(answers[0].rows.clone()).unwrap()
    };
    let row = r#"{"n":1.50,"@row":"event","@at":"/events/0","@time":"2026-01-01T00:00:00Z","@unit":"goal"}"#;
    let told = ask(r#"{"n":1.50,"@row":"event","@at":"/events/0","@time":"2026-01-01T00:00:00Z","@unit":"goal"}"#, &[]);
    // As it stands, but for the name of the probe.
    assert_eq!(told.lines().nth(1).unwrap(), row.replace("\"@row\"", "\"probe\":\"try\",\"@row\""));
    let told = ask(
        "{\"x\":\"@row\",\"@row\":\"state\",\"@at\":\"\"}\nno document\n{\"a\":1}\n",
        &["line 3: expected a value"],
    );
    let rows: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((word(&rows), rows[0]["detail"].as_str(), rows.len()), ("broken", Some("line 3: expected a value"), 4));
    let told = ["@row", "@unit", "probe", "x"].map(|key| rows[1][key].as_str().unwrap_or(""));
    assert_eq!((told, rows[1]["@time"] == rows[0]["@time"]), (["state", "unit-a", "try", "@row"], true));
    assert_eq!((&rows[2]["message"], rows[2].get("@row"), &rows[3]["a"]), (&"no document".into(), None, &1.into()));
}

#[test]
fn a_folder_tells_its_oldest_and_its_newest() {
    let queue = tempfile::tempdir().unwrap();
    let path = queue.path();
    aged(&path.join("t-1.json"), "{\"id\":\"t-1\"}", 200_000);
    aged(&path.join("t-2.json"), "{\"id\":\"t-2\"}", 7_300);
    aged(&path.join("t-3.json"), "{\"id\":\"t-3\"}", 10);
    aged(&path.join("notes.txt"), "x", 300_000);
    aged(&path.join(".hidden.json"), "{}", 400_000);
    aged(&path.join("done/t-0.json"), "{\"id\":\"t-0\"}", 90_000);
    let ask = |folder: Folder| rows(Target::Folder(folder), LONG, &around(&[]));
    let json = || Some(Glob::new("t-*.json").unwrap());

    let found = ask(Folder { pattern: json(), read: 2, ..folder(path) });
    let first = &found[0];
    assert_eq!((word(&found), &first["count"], &first["last_day"]), ("ok", &3.into(), &2.into()));
    assert_eq!((&first["oldest"], &first["newest"]), (&"t-1.json".into(), &"t-3.json".into()));
    assert!(about(&first["oldest_age_s"], 200_000) && about(&first["newest_age_s"], 10), "{first}");
    let ids: Vec<&Value> = found[1..].iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, ["t-2", "t-3"]);
    assert_eq!(found[1]["@at"], "t-2.json/0");

    // All but hidden ones, folders too.
    assert_eq!(ask(folder(path))[0]["count"], 5);
    let found = ask(Folder { pattern: json(), recursive: true, ..folder(path) });
    assert_eq!((&found[0]["count"], &found[0]["oldest"]), (&4.into(), &"t-1.json".into()));
    let found = ask(Folder { pattern: Some(Glob::new("none*").unwrap()), ..folder(path) });
    assert_eq!((word(&found), &found[0]["count"], found[0].get("oldest")), ("ok", &0.into(), None));
    assert_eq!(word(&ask(folder(&path.join("none")))), "missing");
    assert_eq!(word(&ask(folder(&path.join("t-1.json")))), "unexpected");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    aged(&outside.path().join("a.json"), "{}", 10);
    std::os::unix::fs::symlink(outside.path(), inside.path().join("link")).unwrap();
    std::os::unix::fs::symlink(inside.path(), inside.path().join("self")).unwrap();
    let all = Folder { recursive: true, ..folder(inside.path()) };
    let found = rows(Target::Folder(all), LONG, &around(&[]));
    assert_eq!((word(&found), &found[0]["count"]), ("ok", &2.into()));
}

#[test]
fn a_disk_tells_what_is_left() {
    let found = rows(Target::Disk("/".into()), LONG, &around(&[]));
    assert_eq!(word(&found), "ok");
    let number = |key: &str| found[0][key].as_u64().unwrap();
    assert!(number("free_mb") <= number("total_mb") && number("used_percent") <= 100, "{}", found[0]);
    assert_eq!(word(&rows(Target::Disk("/none/such".into()), LONG, &around(&[]))), "missing");
}

#[test]
fn memory_is_told_in_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("meminfo");
    let text = "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:     307200 kB\nSwapTotal:  2048 kB\nSwapFree:  1024 kB\n";
    fs::write(&file, text).unwrap();
    let machine = Around { meminfo: file.clone(), ..around(&[]) };
    let found = rows(Target::Memory, LONG, &machine);
    let numbers =
        ["mem_available_mb", "swap_free_mb", "available_mb", "mem_total_mb", "swap_total_mb", "available_percent"];
    assert_eq!(numbers.map(|key| found[0][key].as_u64().unwrap()), [300, 1, 301, 15_625, 2, 1]);
    fs::write(&file, "MemTotal: 5 kB\n").unwrap();
    assert_eq!(word(&rows(Target::Memory, LONG, &machine)), "unexpected");
    fs::remove_file(&file).unwrap();
    assert_eq!(word(&rows(Target::Memory, LONG, &machine)), "missing");
}
