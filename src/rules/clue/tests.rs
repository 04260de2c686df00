use proptest::prelude::*;
use regex_automata::meta::Regex;

use super::*;
use crate::rules::load;

fn told(clues: &[Clue]) -> Vec<String> {
    let words =
        |set: &[Vec<u8>]| set.iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect::<Vec<_>>().join("|");
    let one = |clue: &Clue| {
        let needles: Vec<Vec<u8>> = clue.needles.iter().map(|needle| needle.text.clone()).collect();
        let beside: Vec<String> = clue.beside.iter().map(|set| words(set)).collect();
        let asks = if clue.asks == Clue::ANY { "any".to_owned() } else { clue.asks.to_string() };
        format!("{asks}: {} & {}", words(&needles), beside.join(" & "))
    };
    clues.iter().map(one).collect()
}

fn of(any: &[&str], all: &[&str], regex: &[&str]) -> Vec<String> {
    let blank = load(&[], true).packs.swap_remove(0).signatures.swap_remove(0);
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<String>>();
    told(&clues(&Signature { any: owned(any), all: owned(all), regex: owned(regex), ..blank }))
}

#[test]
fn the_clues_of_signatures() {
    assert_eq!(of(&["No servers", "no servers left"], &[], &[]), ["any: no servers & "]);
    let all = u64::MAX;
    assert_eq!(of(&["x"], &["from", "Zebra crossing"], &["y"]), [format!("{all}: zebra crossing & ")]);
    assert_eq!(of(&[], &[], &[]), Vec::<String>::new());
    assert_eq!(of(&[], &[], &["("]), ["1:  & "], "by hand: asked about every record");
    assert_eq!(of(&["No servers"], &[], &[r"[Tt]imeout \d+"]), ["any: no servers & ", "1: timeout  & "]);
    // Each branch by its own words, and what else stands in all its matches.
    let branches = of(&[], &[], &[r"worker .*(?:killed by|sent) .*SIGKILL|zebra \d+"]);
    assert_eq!(branches, ["1: sigkill & sent |killed by  & worker ", "1: zebra  & "]);
}

#[test]
fn patterns_have_bits_of_their_own_up_to_the_last() {
    assert_eq!((Clue::bit(0), Clue::bit(5), Clue::bit(62), Clue::bit(200)), (1, 32, 1 << 62, 1 << 62));
}

/// The clue that is found in a message, by the definition: a needle stands in it, and a word of each other set.
fn finds(clue: &Clue, low: &[u8]) -> bool {
    let stands = |word: &[u8]| word.is_empty() || memchr::memmem::find(low, word).is_some();
    clue.needles.iter().any(|needle| stands(&needle.text))
        && clue.beside.iter().all(|set| set.iter().any(|word| stands(word)))
}

/// Every sample of every built-in pattern that matches is found by a clue of that pattern.
#[test]
fn no_match_is_without_its_clue() {
    let mut matches = 0;
    for signature in load(&[], true).packs.iter().flat_map(|pack| &pack.signatures) {
        let built = signature.regex.iter().enumerate().map(|(index, regex)| {
            let syntax = regex_automata::util::syntax::Config::new();
            let syntax = syntax.unicode(false).utf8(false).case_insensitive(signature.ignore_case);
            (Clue::bit(index), Regex::builder().syntax(syntax).build(regex).unwrap())
        });
        // Clues of `all` stand for the signature, not for its patterns.
        for (bit, regex) in built.filter(|_| signature.all.is_empty()) {
            for text in signature.sample.iter().chain(&signature.not) {
                if regex.is_match(text.as_bytes()) {
                    let low = text.to_ascii_lowercase();
                    let mut clues = signature.clues.iter().filter(|clue| clue.asks & bit != 0);
                    assert!(clues.any(|clue| finds(clue, low.as_bytes())), "{}: {text}", signature.id);
                    matches += 1;
                }
            }
        }
    }
    assert!(matches > 1_500, "{matches}");
}

/// A pattern of choices within choices, and a message that it matches.
fn pattern_and_match() -> impl Strategy<Value = (String, String)> {
    let leaf = prop_oneof![
        "[a-zA-Z :]{1,8}".prop_map(|text| (text.clone(), text)),
        Just((r"\d+".to_owned(), "42".to_owned())),
        Just((r".*".to_owned(), String::new())),
        Just((r"[Ee]rr".to_owned(), "Err".to_owned())),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| all
                .into_iter()
                .fold((String::new(), String::new()), |(pattern, text), (more, its)| (pattern + &more, text + &its))),
            (inner.clone(), inner.clone()).prop_map(|((a, text), (b, _))| (format!("(?:{a}|{b})"), text)),
            (inner.clone(), inner.clone()).prop_map(|((a, _), (b, text))| (format!("({a}|{b})"), text)),
            inner.clone().prop_map(|(a, _)| (format!("(?:{a})?"), String::new())),
            inner.prop_map(|(a, text)| (format!("(?:{a})+"), text.repeat(2))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_match_has_a_clue((pattern, text) in pattern_and_match(), before in "[a-z]{0,3}") {
        let message = format!("{before}{text}!");
        let hir = crate::rules::pattern::read(&pattern).unwrap();
        let clues = of_pattern(&hir, 1);
        prop_assert!(!clues.is_empty());
        let low = message.to_ascii_lowercase();
        let found = clues.iter().any(|clue| finds(clue, low.as_bytes()));
        prop_assert!(found, "{pattern:?} needs {:?} in {low:?}", told(&clues));
    }

    #[test]
    fn the_rarest_place_lies_within(text in "[a-z0-9 ]{3,40}") {
        let at = rarest(text.as_bytes()) as usize;
        prop_assert!(at == 0 || at + 5 <= text.len());
    }
}
