//! Logs through growth, rotation and truncation.

use std::fs;
use std::io::Write;

use super::*;

fn append(path: &Path, text: &str) {
    let mut file = fs::File::options().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// All that comes until nothing more is there: text, with `|` where a file ended, and how many notices.
fn look(log: &mut Log) -> (String, usize) {
    let (mut text, mut notices) = (String::new(), 0);
    loop {
        let growth = log.poll();
        text.push_str(&String::from_utf8_lossy(&growth.bytes));
        if growth.ended {
            text.push('|');
        }
        notices += growth.notices.len();
        if !growth.more {
            return (text, notices);
        }
    }
}

fn some(text: &str, notices: usize) -> (String, usize) {
    (text.to_owned(), notices)
}

#[test]
fn only_new_bytes_come_also_through_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let (path, old) = (folder.path().join("app.log"), folder.path().join("app.log.1"));
    let mut log = Log::new(&path);
    assert_eq!(look(&mut log), some("", 0));
    append(&path, "one\ntw");
    assert_eq!(look(&mut log), some("one\ntw", 0));
    append(&path, "o\n");
    assert_eq!(look(&mut log), some("o\n", 0));
    assert_eq!(look(&mut log), some("", 0));
    // The last words are written into the renamed file, then a new one begins.
    append(&path, "three\n");
    fs::rename(&path, &old).unwrap();
    append(&old, "four");
    assert_eq!(look(&mut log), some("three\nfour", 0));
    append(&old, "!\n");
    append(&path, "five\n");
    assert_eq!(look(&mut log), some("!\n|five\n", 0));
    append(&path, "six\n");
    assert_eq!(look(&mut log), some("six\n", 0));
    // Deleted and made again.
    fs::remove_file(&path).unwrap();
    assert_eq!(look(&mut log), some("", 0));
    append(&path, "seven\n");
    assert_eq!(look(&mut log), some("|seven\n", 0));
}

#[test]
fn a_log_that_was_cut_is_read_from_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let mut log = Log::new(&path);
    append(&path, "one\ntwo\n");
    assert_eq!(look(&mut log), some("one\ntwo\n", 0));
    fs::write(&path, "x\n").unwrap();
    assert_eq!(look(&mut log), some("|x\n", 1));
    // Cut and already longer than before: the first bytes tell.
    fs::write(&path, "another beginning\n").unwrap();
    assert_eq!(look(&mut log), some("|another beginning\n", 1));
    fs::write(&path, "").unwrap();
    assert_eq!(look(&mut log), some("|", 1));
    append(&path, "end\n");
    assert_eq!(look(&mut log), some("end\n", 0));
}

#[test]
fn a_long_log_comes_in_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let line = "0123456789abcde\n";
    fs::write(&path, line.repeat(600_000)).unwrap();
    let mut log = Log::new(&path);
    let first = log.poll();
    assert!(first.more && first.bytes.len() as u64 == READ);
    let (rest, _) = look(&mut log);
    assert_eq!(first.bytes.len() + rest.len(), 600_000 * line.len());
}
