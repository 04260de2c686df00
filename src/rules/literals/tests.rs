use proptest::prelude::*;
use regex_automata::meta::Regex;

use super::*;

fn words(needles: &[Vec<u8>]) -> String {
    needles.iter().map(|needle| String::from_utf8_lossy(needle)).collect::<Vec<_>>().join("|")
}

#[test]
fn the_literals_of_patterns() {
    // An empty right side: no literal stands in every match.
    let table = [
        (r"connection refused", "connection refused"),
        (r"Connection Refused", "connection refused"),
        (r"(?i)Connection Refused", "connection refused"),
        (r"[Ee]rror", "error"),
        (r"^error: .*$", "error: "),
        (r"\berror\b", "error"),
        (r"exit(ed)? with status (?P<code>\d+)", "exit with status |exited with status "),
        (r"errors?", "error"),
        (r"errors? found", "error found|errors found"),
        (r"status=\d+/FAILURE", "/failure"),
        (r"(oom|memory)", "oom|memory"),
        (r"out of memory|oom-kill|Killed process \d+", "oom-kill|out of memory|killed process "),
        (r"(start|stop)ping", "stopping|startping"),
        (r"a\d+b", ""),
        (r"ab\d+cde", "cde"),
        (r"\d+", ""),
        (r".*", ""),
        (r"", ""),
        (r"foo|\d+", ""),
        (r"foo|ba", ""),
        (r"(foo)*", ""),
        (r"(foo)+", "foo"),
        (r"(foo){2}", "foofoo"),
        (r"(foo){2,}bar", "foofoo"),
        (r"(foo)?bar", "bar"),
        (r"x(foo)?", ""),
        (r"gr[ae]y area", "gray area|grey area"),
        (r"[0-9]{4} errors", " errors"),
        (r"colou?r", "color|colour"),
        (r"(a|b)(c|d)(e|f)", "ace|acf|ade|adf|bce|bcf|bde|bdf"),
        (r"[abcd][abcd][abcd] long tail", "a long tail|b long tail|c long tail|d long tail"),
        (r"(?s-u:.)\x80\x81\x82", "\u{fffd}\u{fffd}\u{fffd}"),
        (r"(?P<unit>[^ ]+): Failed with result '(?P<result>[^']+)'", ": failed with result '"),
        (r"nats: (no servers|timeout)", "nats: timeout|nats: no servers"),
        (r"((((deep))))", "deep"),
        (r"größer als", "größer als"),
        (r"(?:){4000000000}abc", "abc"),
        (r"(?:\b){4000000000}abc", "abc"),
        (r"a{1000}", &"a".repeat(256)),
    ];
    for (pattern, expected) in table {
        let found = required_of_regex(pattern);
        assert_eq!(found.as_deref().map(words).unwrap_or_default(), expected, "of {pattern:?}");
        assert_eq!(found, required_of_regex(pattern), "of {pattern:?} without case");
    }
}

#[test]
fn a_pattern_may_need_sixty_four_literals_and_no_more() {
    let branches = |n: usize| (0..n).map(|i| format!("word{i:02}x")).collect::<Vec<_>>().join("|");
    assert_eq!(required_of_regex(&branches(64)).map(|needles| needles.len()), Ok(64));
    assert!(required_of_regex(&branches(65)).is_err());
}

/// A pattern, and a message that it matches.
fn pattern_and_match() -> impl Strategy<Value = (String, String)> {
    let leaf = prop_oneof![
        "[a-zA-Z :]{1,6}".prop_map(|text| (text.clone(), text)),
        Just((r"\d+".to_owned(), "42".to_owned())),
        Just((r"\d*".to_owned(), String::new())),
        Just((r".".to_owned(), "?".to_owned())),
        Just((r"[Ee]rr".to_owned(), "Err".to_owned())),
        Just((r"[abc]".to_owned(), "b".to_owned())),
        Just((r"(?i:oom)".to_owned(), "OoM".to_owned())),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| all
                .into_iter()
                .fold((String::new(), String::new()), |(pattern, text), (more, its)| (pattern + &more, text + &its))),
            (inner.clone(), inner.clone()).prop_map(|((a, text), (b, _))| (format!("(?:{a}|{b})"), text)),
            (inner.clone(), inner.clone()).prop_map(|((a, _), (b, text))| (format!("({a}|{b})"), text)),
            inner.clone().prop_map(|(a, _)| (format!("(?:{a})?"), String::new())),
            inner.clone().prop_map(|(a, text)| (format!("(?:{a})?"), text)),
            inner.clone().prop_map(|(a, text)| (format!("(?:{a})+"), text.repeat(2))),
            (inner.clone(), 1usize..4).prop_map(|((a, text), n)| (format!("(?:{a}){{{n}}}"), text.repeat(n))),
            (inner, 1usize..3).prop_map(|((a, text), n)| (format!("(?:{a}){{{n},5}}"), text.repeat(n + 1))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_match_contains_a_required_literal((pattern, text) in pattern_and_match(), before in "[a-z]{0,3}") {
        let message = format!("{before}{text}!");
        let regex = Regex::builder().syntax(
            regex_automata::util::syntax::Config::new().unicode(false).utf8(false),
        ).build(&pattern).unwrap();
        prop_assert!(regex.is_match(message.as_bytes()), "{pattern:?} does not match {message:?}");
        if let Ok(needles) = required_of_regex(&pattern) {
            let lower = message.to_ascii_lowercase();
            let hit = needles.iter().any(|needle| memchr::memmem::find(lower.as_bytes(), needle).is_some());
            prop_assert!(hit, "{pattern:?} needs {} in {lower:?}", words(&needles));
            prop_assert!(needles.len() <= 64 && needles.iter().all(|needle| needle.len() >= 3));
        }
    }

    #[test]
    fn no_pattern_panics(pattern in "[a-c(){}\\[\\]|?*+.^$\\\\0-9,:!<=PiuU-]{0,24}", any in "\\PC{0,24}") {
        let _ = required_of_regex(&pattern);
        let _ = crate::rules::pattern::check(&pattern);
        let _ = crate::rules::pattern::check(&any);
    }
}
