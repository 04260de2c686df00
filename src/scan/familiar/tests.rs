use std::path::Path;

use super::*;
use crate::base::lent;
use crate::rules;
use crate::scan::needles::Search;

/// The messages of a line: from its beginning on, and behind each of its first words.
fn messages(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let words = line.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at + 1);
    std::iter::once(0).chain(words.take(4)).filter_map(|at| line.get(at..))
}

/// The message with all its digits turned into others.
fn turned(message: &[u8], by: u8) -> Vec<u8> {
    let turn = |byte: &u8| if byte.is_ascii_digit() { b'0' + (byte - b'0' + by) % 10 } else { *byte };
    message.iter().map(turn).collect()
}

fn each_file(folder: &Path, see: &mut dyn FnMut(&[u8])) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { each_file(&path, see) } else { see(&std::fs::read(&path).unwrap()) }
    }
}

/// All that the search finds is known.
fn holds(known: &Known, search: &Search, message: &[u8]) {
    for found in &search.candidates {
        let same = known.candidates.iter().find(|candidate| candidate.index == found.index);
        let covered = same.is_some_and(|same| same.asks & found.asks == found.asks);
        assert!(covered, "{found:?} of {}: {:?}", String::from_utf8_lossy(message), known.candidates);
    }
}

/// No other signature asks about a message of a familiar shape than those that are known, whatever its numbers.
#[test]
fn a_familiar_shape_has_all_candidates_of_its_messages() {
    let plan = Plan::new(rules::load(&[], true).packs).unwrap();
    let mut familiar = Familiar::default();
    let mut search = Search::default();
    let (mut known, mut none, mut seen) = (0usize, 0usize, 0usize);
    let mut see = |bytes: &[u8]| {
        for line in bytes.split(|byte| *byte == b'\n').take(8) {
            for message in messages(line) {
                for by in 0..4 {
                    let message = turned(message, by * 3);
                    seen += 1;
                    if let Some(found) = familiar.look(&plan, &message) {
                        known += 1;
                        none += usize::from(found.candidates.is_empty());
                        plan.needles().search(None, &message, &mut search);
                        holds(found, &search, &message);
                    }
                }
            }
        }
    };
    each_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora"), &mut see);
    match lent("") {
        Some(root) => each_file(&root, &mut see),
        None => println!("the logs by others are not here: skipped"),
    }
    println!("{known} of {seen} messages had a familiar shape, {none} no candidate");
    assert!(known * 4 > seen && none * 2 > known, "{known} of {seen}, {none} without candidates");
}

/// Signatures with numbers in their words are asked about every message that has them, though it was learnt from others.
#[test]
fn no_number_is_lost_that_a_signature_asks_about() {
    let plan = Plan::new(rules::load(&[], true).packs).unwrap();
    let (mut familiar, mut search) = (Familiar::default(), Search::default());
    let (mut candidates, mut samples, mut known) = (0, 0, 0);
    for signature in plan.signatures() {
        for sample in &signature.sample {
            let message = sample.as_bytes();
            // Learnt from the same words with other numbers.
            for by in 1..6 {
                let _ = familiar.look(&plan, &turned(message, by));
            }
            plan.needles().search(None, message, &mut search);
            samples += 1;
            if !search.candidates.is_empty() {
                candidates += 1;
                if let Some(found) = familiar.look(&plan, message) {
                    holds(found, &search, message);
                    known += 1;
                }
            }
        }
    }
    assert!(candidates > 1_000 && known * 2 > samples, "{candidates}, {known} of {samples}");
    let numbered = plan.numbered().count();
    assert!(numbered * 5 < plan.needles().literals.len());
    println!("{numbered} of {} literals depend on numbers", plan.needles().literals.len());
}

/// More shapes than there is room for: what is known stays right, and is learnt anew.
#[test]
fn there_is_an_end_to_what_is_remembered() {
    let plan = Plan::new(rules::load(&[], true).packs).unwrap();
    let mut familiar = Familiar::default();
    let word = |number: usize| -> String { number.to_string().bytes().map(|digit| char::from(digit + 0x37)).collect() };
    for number in 0..20_000 {
        let message = format!("all is well with {}", word(number));
        for _ in 0..5 {
            let _ = familiar.look(&plan, message.as_bytes());
        }
    }
    assert_eq!((familiar.known.len(), familiar.lately.len()), (SHAPES, SHAPES));
    let again =
        |_| familiar.look(&plan, b"all is well, 17 of them are up").is_some_and(|known| known.settled && known.calm);
    assert_eq!((0..6).map(again).last(), Some(true));
}
