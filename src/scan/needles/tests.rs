use proptest::prelude::*;

use super::*;
use crate::rules::{self, Clue, Needle, Signature};

fn signatures() -> Vec<Signature> {
    rules::load(&[], true).packs.iter().flat_map(|p| p.signatures.iter().cloned()).collect()
}

fn needles(signatures: &[Signature]) -> Needles {
    Needles::new(signatures.iter().map(|s| (&s.clues[..], &s.message_ids[..])))
}

fn found(needles: &Needles, id: Option<u128>, text: &str) -> Vec<u32> {
    let mut search = Search::default();
    needles.search(id, text.as_bytes(), &mut search);
    search.candidates.iter().map(|found| found.index).collect()
}

/// A copy of every signature costs no second pass: the table stays the same, and where an original is a candidate, so
/// is its copy.
#[test]
fn twice_the_signatures_are_one_pass() {
    let originals = signatures();
    let copies = originals.iter().map(|s| Signature { id: format!("copy-of-{}", s.id), ..s.clone() });
    let doubled: Vec<Signature> = originals.iter().cloned().chain(copies).collect();
    let (once, twice) = (needles(&originals), needles(&doubled));
    assert_eq!((&once.grams, &once.literals), (&twice.grams, &twice.literals));
    let count = u32::try_from(originals.len()).unwrap();
    for text in originals.iter().flat_map(|s| s.sample.iter().chain(&s.not)) {
        let found_once = found(&once, None, text);
        let expected: Vec<u32> = found_once.iter().copied().chain(found_once.iter().map(|i| i + count)).collect();
        assert_eq!(found(&twice, None, text), expected, "{text}");
    }
    for &id in originals.iter().flat_map(|s| &s.message_ids) {
        let found_once = found(&once, Some(id), "");
        assert_eq!(
            (found(&twice, Some(id), "").len(), found_once.is_empty()),
            (2 * found_once.len(), false),
            "{id:032x}"
        );
    }
}

/// The table must stay mostly empty: what is set is compared.
#[test]
fn hardly_any_bit_is_set() {
    let needles = needles(&signatures());
    let slots = needles.grams.slots.bytes();
    let set: u32 = slots.iter().map(|slot| slot.count_ones()).sum();
    let alone = slots.iter().filter(|slot| **slot & ALONE != 0).count();
    println!("{} literals, {} spots, {set} bits, {alone} alone", needles.literals.len(), needles.grams.spots.len());
    assert_eq!(slots.len(), SMALL);
    assert!((set as usize) < SMALL && alone < SMALL / 16, "{set} {alone}");
    assert!(needles.always.row(0).is_empty());
}

/// Healthy lines hold the words of few failures: where a line of every kind of program asks for a pattern, a clue is badly
/// chosen.
#[test]
fn few_healthy_lines_have_a_candidate() {
    let text = include_str!("../../../corpora/quiet-day/journal.json");
    let needles = needles(&signatures());
    let (mut lines, mut asked) = (0, 0);
    for line in text.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(message) = record.get("MESSAGE").and_then(|message| message.as_str()) else { continue };
        lines += 1;
        asked += usize::from(!found(&needles, None, message).is_empty());
    }
    assert!(lines > 200 && asked * 50 <= lines, "{asked} of {lines}");
}

fn needing(words: &[&str]) -> Needles {
    let one = |word: &&str| {
        let needle = Needle { text: word.as_bytes().to_vec(), at: 2 };
        vec![Clue { needles: vec![needle], beside: Vec::new(), asks: 1 }]
    };
    let clues: Vec<Vec<Clue>> = words.iter().map(one).collect();
    Needles::new(clues.iter().map(|clues| (&clues[..], &[][..])))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Exactly the literals that stand in the text are found, wherever, in whatever case.
    #[test]
    fn finds_what_a_search_finds(
        text in "[abAB. ]{0,40}",
        wanted in prop::collection::vec("[ab. ]{3,6}|[ab]{7,12}", 1..8),
        parts in prop::collection::vec((0usize..8, "[ab. ]{0,5}"), 0..4),
    ) {
        let words: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let needles = needing(&words);
        let planted = parts.iter().map(|(at, space)| format!("{}{space}", words[at % words.len()].to_ascii_uppercase()));
        let text = text + &planted.collect::<String>();
        let low = text.to_ascii_lowercase();
        let expected: Vec<u32> = (0u32..).zip(&words).filter(|(_, w)| low.contains(**w)).map(|(i, _)| i).collect();
        prop_assert_eq!(found(&needles, None, &text), expected);
    }
}

#[test]
fn literals_of_every_length_are_found_at_every_place() {
    let words = ["oom", "rare", "fives", "sixsix", "seventy", "eightsix", "nineteens", "a longer literal than these"];
    let needles = needing(&words);
    for (index, word) in (0u32..).zip(words) {
        for before in 0..20 {
            for after in 0..20 {
                let text = format!("{}{}{}", "#".repeat(before), word.to_ascii_uppercase(), "#".repeat(after));
                assert_eq!(found(&needles, None, &text), [index], "{text}");
                assert!(found(&needles, None, &text.replace(&word.to_ascii_uppercase()[1..], "")).is_empty(), "{text}");
            }
        }
    }
    let none: [u32; 0] = [];
    assert_eq!(found(&needles, None, "xoomyfivesZrare"), [0, 1, 2]);
    assert_eq!((found(&needles, None, ""), found(&needles, None, "oo m")), (none.to_vec(), none.to_vec()));
}

#[test]
fn what_must_stand_beside_a_clue_is_asked_for_and_patterns_are_told() {
    let clue = |text: &str, beside: &[&[&str]], asks| Clue {
        needles: vec![Needle { text: text.as_bytes().to_vec(), at: 0 }],
        beside: beside.iter().map(|set| set.iter().map(|word| word.as_bytes().to_vec()).collect()).collect(),
        asks,
    };
    let clues = [clue("killed by", &[&["worker", "child"], &["9"]], 1), clue("sigkill", &[], Clue::bit(40))];
    let other = [clue("", &[&["9"]], 4)];
    let needles = Needles::new([(&clues[..], &[7, u128::MAX][..]), (&other[..], &[7][..])].into_iter());
    let told = |id, text: &str| {
        let mut search = Search::default();
        needles.search(id, text.as_bytes(), &mut search);
        search.candidates.iter().map(|found| (found.index, found.asks)).collect::<Vec<_>>()
    };
    assert_eq!(told(None, "killed by nobody"), []);
    assert_eq!(told(None, "Killed by WORKER"), []);
    assert_eq!(told(None, "Killed by WORKER 9"), [(0, 1), (1, 4)]);
    assert_eq!(told(None, "child killed by SIGKILL 9"), [(0, 1 | 1 << 40), (1, 4)]);
    assert_eq!(told(Some(7), "sigkill"), [(0, 1 << 40), (1, 0)]);
    assert_eq!((told(Some(u128::MAX), ""), told(Some(8), "")), (vec![(0, 0)], vec![]));
}

/// So many literals that the large table is taken.
#[test]
fn many_literals_are_found_as_few_are() {
    let words: Vec<String> = (0..30_000).map(|n| format!("word number {n} of many")).collect();
    let needles = needing(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(needles.grams.slots.bytes().len(), LARGE);
    for n in (0..30_000).step_by(97) {
        assert_eq!(found(&needles, None, &format!("xx{} word number {n} of many.", n % 7)), [n]);
    }
}
