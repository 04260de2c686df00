//! Stores under writers that rewrite, prune, rename and die in between.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::base::Glob;
use crate::record::document::{Definition, RowRule, Syntax};

fn definition(fresh: bool) -> Definition {
    Definition {
        name: "store".to_owned(),
        title: String::new(),
        syntax: Syntax::Json,
        files: vec![Glob::new("*.json").unwrap()],
        has: vec!["events".to_owned()],
        rows: vec![RowRule { name: "event".to_owned(), each: "events".to_owned(), fresh, ..RowRule::default() }],
        sample: Vec::new(),
        gives: 0,
        first: String::new(),
        file: String::new(),
    }
}

fn store(path: &Path, fresh: bool) -> Store {
    let catalog = Catalog::new(vec![definition(fresh)]);
    let head = catalog.named("store").unwrap();
    Store::new(path, catalog, head, TimeZone::UTC)
}

fn document(events: &[u32]) -> String {
    let events: Vec<String> = events.iter().map(|n| format!("    {{\"n\": {n}}}")).collect();
    format!("{{\n  \"updated\": 1,\n  \"events\": [\n{}\n  ]\n}}\n", events.join(",\n"))
}

/// The numbers of the rows of one look.
fn numbers(update: &Update) -> Vec<u32> {
    let text = String::from_utf8_lossy(&update.bytes);
    let number = |line: &str| line.strip_prefix("{\"n\":")?.split(',').next()?.parse().ok();
    text.lines().filter_map(number).collect()
}

/// A moment long after all writing: marks of files are not racy then.
const LATE: Stamp = Stamp(4_000_000_000_000_000_000);

#[test]
fn only_what_is_new_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.json");
    let mut store = store(&path, false);
    let mut look = |text: Option<&str>| {
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        let update = store.poll(Stamp(0));
        (numbers(&update), update.notices.len())
    };
    assert_eq!(look(None), (vec![], 0));
    assert_eq!(look(Some("")), (vec![], 0));
    assert_eq!(look(Some(&document(&[1, 2]))), (vec![1, 2], 0));
    assert_eq!(look(None), (vec![], 0));
    assert_eq!(look(Some(&document(&[1, 2, 3]))), (vec![3], 0));
    assert_eq!(look(Some(&document(&[3, 4]))), (vec![4], 0));
    // Half written, as it stood before, then whole.
    assert_eq!(look(Some(document(&[3, 4, 5]).get(..40).unwrap())), (vec![], 0));
    assert_eq!(look(Some(&document(&[3, 4, 5]))), (vec![5], 0));
    // All of another: perhaps some came and went.
    assert_eq!(look(Some(&document(&[8, 9]))), (vec![8, 9], 1));
    fs::remove_file(&path).unwrap();
    assert_eq!(numbers(&store.poll(Stamp(0))), [] as [u32; 0]);
    fs::write(&path, document(&[8, 9, 10])).unwrap();
    assert_eq!(numbers(&store.poll(Stamp(0))), [10]);
}

#[test]
fn a_state_comes_with_its_moment_and_again_when_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("status.json");
    let mut store = store(&path, true);
    let mut look = |events: &[u32], second: i64| {
        fs::write(&path, document(events)).unwrap();
        let update = store.poll(Stamp(second * 1_000_000_000));
        assert_eq!(String::from_utf8_lossy(&update.bytes).matches("1970-01-01T00:00").count(), numbers(&update).len());
        numbers(&update)
    };
    assert_eq!([look(&[1, 2], 1), look(&[1, 3], 2), look(&[1, 2], 3)], [vec![1, 2], vec![3], vec![2]]);
}

#[test]
fn a_file_that_was_not_written_is_not_read_but_one_of_the_same_length_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.json");
    let mut store = store(&path, false);
    fs::write(&path, document(&[1])).unwrap();
    assert_eq!(numbers(&store.poll(Stamp(0))), [1]);
    // The same length and the same moment: only the bytes tell.
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, document(&[2])).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    assert_eq!(numbers(&store.poll(LATE)), [] as [u32; 0], "looked at long after it was written, the mark proves it");
    assert_eq!(numbers(&store.poll(Stamp(0))), [2], "looked at when it was just written, it does not");
}

#[test]
fn a_file_that_stays_broken_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.json");
    let mut store = store(&path, false);
    fs::write(&path, "{\n\"events\": [\n1 2]}").unwrap();
    let mut told = |second: i64| store.poll(Stamp(second * 1_000_000_000)).notices;
    assert_eq!((told(1).len(), told(5).len()), (0, 0));
    assert_eq!(
        told(6),
        ["the document that begins in line 1 is broken: expected ',' or ']', found '2' (line 3, column 3)"]
    );
    assert_eq!(told(60).len(), 0);
}

/// What the writer does between two looks.
#[derive(Clone, Debug)]
enum Act {
    /// So many new events, kept with those before.
    Add(u32),
    /// All but the newest so many go.
    Prune(usize),
    /// The file is written in place.
    InPlace,
    /// Another file is written and renamed.
    Rename,
    /// The writer dies after so many bytes, in place.
    Die(usize),
    /// The writer dies with the other file half written.
    DieBeside(usize),
    Delete,
    /// Somebody looks.
    Look,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (1u32..4).prop_map(Act::Add),
        (1usize..6).prop_map(Act::Prune),
        Just(Act::InPlace),
        Just(Act::Rename),
        (0usize..60).prop_map(Act::Die),
        (0usize..60).prop_map(Act::DieBeside),
        Just(Act::Delete),
        Just(Act::Look),
        Just(Act::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]
    #[test]
    fn every_event_that_was_ever_in_the_file_at_a_look_comes_out_once(acts in proptest::collection::vec(act(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let (path, beside) = (folder.path().join("usage.json"), folder.path().join("usage.json.tmp"));
        let mut store = store(&path, false);
        let (mut next, mut kept): (u32, Vec<u32>) = (0, Vec::new());
        // What a reader can have seen: the events of the last whole document, at each look.
        let (mut whole, mut expected, mut found): (Option<Vec<u32>>, Vec<u32>, Vec<u32>) = (None, Vec::new(), Vec::new());
        for act in acts.into_iter().chain([Act::Add(1), Act::Rename, Act::Look]) {
            match act {
                Act::Add(n) => {
                    kept.extend(next..next + n);
                    next += n;
                }
                Act::Prune(n) => kept.drain(..kept.len().saturating_sub(n)).for_each(drop),
                Act::InPlace => {
                    fs::write(&path, document(&kept)).unwrap();
                    whole = Some(kept.clone());
                }
                Act::Rename => {
                    fs::write(&beside, document(&kept)).unwrap();
                    fs::rename(&beside, &path).unwrap();
                    whole = Some(kept.clone());
                }
                Act::Die(n) => {
                    let text = document(&kept);
                    fs::write(&path, text.get(..n.min(text.len() - 3)).unwrap()).unwrap();
                    whole = None;
                }
                Act::DieBeside(n) => {
                    let text = document(&kept);
                    fs::write(&beside, text.get(..n.min(text.len())).unwrap()).unwrap();
                }
                Act::Delete => {
                    let _ = fs::remove_file(&path);
                    whole = None;
                }
                Act::Look => {
                    for event in whole.iter().flatten() {
                        if !expected.contains(event) {
                            expected.push(*event);
                        }
                    }
                    found.extend(numbers(&store.poll(Stamp(0))));
                    prop_assert_eq!(&found, &expected);
                }
            }
        }
    }
}

#[test]
fn a_writer_on_a_thread_of_its_own_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, beside) = (folder.path().join("usage.json"), folder.path().join("usage.json.tmp"));
    let mut store = store(&path, false);
    // The last 40 of 300 are kept. The writer waits for the reader every 20, so nothing can be pruned unseen.
    let (ready, turn) = std::sync::mpsc::sync_channel::<()>(0);
    let written = path.clone();
    let writer = std::thread::spawn(move || {
        for n in 1..=300u32 {
            let kept: Vec<u32> = (n.saturating_sub(40).max(1)..=n).collect();
            if n % 3 == 0 {
                fs::write(&written, document(&kept)).unwrap();
            } else {
                fs::write(&beside, document(&kept)).unwrap();
                fs::rename(&beside, &written).unwrap();
            }
            if n % 20 == 0 {
                ready.send(()).unwrap();
                ready.send(()).unwrap();
            }
        }
    });
    let mut found = Vec::new();
    loop {
        match turn.try_recv() {
            Err(std::sync::mpsc::TryRecvError::Empty) => found.extend(numbers(&store.poll(Stamp(0)))),
            Err(std::sync::mpsc::TryRecvError::Disconnected) => break,
            Ok(()) => {
                // The writer waits, so this look sees a whole document.
                found.extend(numbers(&store.poll(Stamp(0))));
                turn.recv().unwrap();
            }
        }
    }
    writer.join().unwrap();
    found.extend(numbers(&store.poll(Stamp(0))));
    assert_eq!(found, (1..=300).collect::<Vec<u32>>());
}
