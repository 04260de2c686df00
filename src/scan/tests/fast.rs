//! The fast way to ask a signature about a record gives the same answer and the same captures as the slow one.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::base::{Stamp, lent};
use crate::record::{Format, Record, Reference, Scratch};
use crate::rules;
use crate::scan::Plan;
use crate::scan::classify::whole;
use crate::scan::joint::Joints;
use crate::scan::needles::Search;
use crate::scan::proof::with_sample;
use crate::scan::tester::{Key, Memory};

/// Lines of one file that are looked at, and how far a file is read.
const LINES: usize = 120;
const BYTES: usize = 1 << 20;

struct Judge {
    plan: Plan,
    search: Search,
    memory: Memory,
    joints: Joints,
    joined: usize,
    asked: usize,
    matched: usize,
}

impl Judge {
    fn compare(&mut self, record: &Record<'_>) {
        let mut buffer = Vec::new();
        let text = whole(record, &mut buffer);
        self.plan.needles().search(record.message_id, text, &mut self.search);
        let Search { candidates, content, .. } = &mut self.search;
        let candidates = &*candidates;
        assert!(candidates.is_sorted_by_key(|candidate| candidate.index));
        // So often that they are asked together, too.
        let mut together = None;
        for _ in 0..if self.asked.is_multiple_of(11) { 70 } else { 1 } {
            together = self.joints.ask(candidates, |index| self.plan.signature(index), text).map(<[Key]>::to_vec);
        }
        self.joined += usize::from(together.is_some());
        for &candidate in candidates {
            let index = candidate.index;
            let (signature, verifier) = (self.plan.signature(index), self.plan.verifier(index));
            let (mut slow, mut fast) = (Vec::new(), Vec::new());
            let expected = verifier.matches(signature, record, text, &mut slow);
            let memory = &mut self.memory;
            let alone = verifier.confirms(signature, candidate, record, text, None, memory, content, &mut fast);
            assert_eq!((alone, &fast), (expected, &slow), "{} alone: {}", signature.id, String::from_utf8_lossy(text));
            fast.clear();
            let found = together.as_deref();
            let got = verifier.confirms(signature, candidate, record, text, found, memory, content, &mut fast);
            assert_eq!(got, expected, "{} {:?}: {}", signature.id, candidate, String::from_utf8_lossy(text));
            assert_eq!(fast, slow, "{}: {}", signature.id, String::from_utf8_lossy(text));
            self.asked += 1;
            self.matched += usize::from(got);
        }
    }
}

fn files(root: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { files(path, found) } else { found.push(path) }
    }
}

#[test]
fn what_is_confirmed_is_what_matches() {
    let plan = Plan::new(rules::load(&[], true).packs).unwrap();
    let texts: Vec<String> = plan.signatures().flat_map(|s| s.sample.iter().chain(&s.not)).cloned().collect();
    let (search, memory, joints) = (Search::default(), Memory::default(), Joints::default());
    let mut judge = Judge { plan, search, memory, joints, joined: 0, asked: 0, matched: 0 };
    for text in &texts {
        with_sample(text, |record| judge.compare(record));
        // The same words in other surroundings, and in capitals.
        with_sample(&format!("x {text}."), |record| judge.compare(record));
        with_sample(&text.to_ascii_uppercase(), |record| judge.compare(record));
    }
    println!("samples: {} asked, {} match, {} together", judge.asked, judge.matched, judge.joined);
    assert!(judge.joined > 20, "{}", judge.joined);
    assert!(judge.matched > texts.len() / 2, "{} of {}", judge.matched, texts.len());
    let mut paths = Vec::new();
    files(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora"), &mut paths);
    match lent("") {
        Some(root) => files(root, &mut paths),
        None => println!("the logs by others are not here: skipped"),
    }
    paths.sort();
    let reference = Reference { now: Stamp(0), zone: TimeZone::UTC, unit: "u".into(), boot: None, dated: false };
    for path in &paths {
        // Other candidates are asked together in each file.
        judge.joints = Joints::default();
        let bytes = fs::read(path).unwrap();
        let bytes = &bytes[..bytes.len().min(BYTES)];
        let format = Format::sniff(&bytes[..bytes.len().min(65_536)]);
        let (mut rest, mut scratch) = (bytes, Scratch::default());
        for _ in 0..LINES {
            let Some(len) = format.extent(rest, true) else { break };
            let (raw, tail) = rest.split_at(len);
            rest = tail;
            if let Some(record) = format.parse(raw, &reference, &mut scratch) {
                judge.compare(&record);
            }
        }
    }
    println!("{} files: {} asked, {} match, {} together", paths.len(), judge.asked, judge.matched, judge.joined);
}
