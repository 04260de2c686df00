//! Mistakes in classifiers: all of them at once, each at its place.

use super::*;

const GOOD: &str = r#"
[classifier]
name = "mine"

[orders]
usual = ["timeout", "disk"]

[[class]]
id = "timeout"
severity = "degraded"
exact = ["too slow"]
regex = ['timed? out']
facts = ["timeout-hit"]
provider = { gmail = "theirs" }
follow-up = "Wait."
sample = ["too slow"]
not = ["fast"]

[[class]]
id = "disk"
class = "disk_full"
severity = "down"
words = ["no space left"]
follow-up = "Make room."
sample = ["no space left"]
not = ["space"]

[[class]]
id = "unknown"
severity = "degraded"
otherwise = true
follow-up = "Look."
"#;

fn mistakes(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    let problems = parse_classifier("mine.toml", &GOOD.replace(from, to)).expect_err("a mistake");
    problems.iter().map(|p| format!("{}: {} {}", p.line, p.what, p.help.as_deref().unwrap_or(""))).collect()
}

#[test]
fn a_classifier_is_read() {
    let table = parse_classifier("mine.toml", GOOD).unwrap();
    assert_eq!((table.name.as_str(), table.title.as_str(), table.codes), ("mine", "mine", false));
    assert_eq!(table.orders, [("usual".to_owned(), vec![0, 1])]);
    assert_eq!(table.order(None), Some([0, 1].as_slice()));
    assert_eq!((table.order(Some("other")), table.otherwise()), (None, Some(2)));
    let timeout = &table.rules[0];
    assert_eq!((timeout.class, &timeout.words), (Class::Timeout, &timeout.exact), "words are those of exact");
    assert_eq!(timeout.provider, [("gmail".to_owned(), "theirs".to_owned())]);
    assert!(is_classifier(GOOD) && !is_classifier("[pack]\nname = \"x\""));
}

#[test]
fn a_mistake_says_where_it_is_and_what_is_right() {
    for (from, to, wanted) in [
        ("\"disk\"]", "\"dsik\"]", "6: no class has the id 'dsik' did you mean 'disk'?"),
        ("\"disk\"]", "\"timeout\"]", "6: 'timeout' stands twice in the order 'usual'"),
        (", \"disk\"]", "]", "6: the order 'usual' leaves out disk"),
        ("\"timeout-hit\"", "\"timeout-hot\"", "13: unknown fact 'timeout-hot' did you mean 'timeout-hit'?"),
        ("\"too slow\"]\nregex", "\"Too slow\"]\nregex", "11: 'exact' is looked for in lower-cased text"),
        ("'timed? out'", "'t.*'", "12: the pattern needs a literal"),
        ("'timed? out'", "'timed( out'", "12: bad pattern"),
        ("id = \"disk\"", "id = \"timeout\"", "20: the id 'timeout' is already taken"),
        ("class = \"disk_full\"", "class = \"disk_ful\"", "21: unknown class 'disk_ful' did you mean 'disk_full'?"),
        ("class = \"disk_full\"\n", "", "19: the class 'disk' has no 'class'"),
        ("words = [\"no space left\"]\n", "", "19: the class 'disk' has nothing to be known by"),
        ("otherwise = true", "otherwize = true", "unknown key 'otherwize'"),
        ("severity = \"down\"", "severity = \"bad\"", "22: unknown severity 'bad'"),
        ("{ gmail = \"theirs\" }", "{ gmail = 1 }", "14: 'gmail' must be a string"),
        ("[orders]\nusual = [\"timeout\", \"disk\"]\n", "", "the file has no [orders]"),
        ("name = \"mine\"", "name = \"Mine\"", "3: bad name 'Mine'"),
        ("[classifier]", "[clasifier]", "2: unknown key 'clasifier' in the file did you mean 'classifier'?"),
        ("\"Look.\"", "Look.", "not TOML"),
    ] {
        let told = mistakes(from, to);
        assert!(told.iter().any(|mistake| mistake.contains(wanted)), "{to}: {told:#?}");
    }
    let two = GOOD.replace("\"down\"", "\"bad\"").replace("timeout-hit", "nonsense");
    assert_eq!(parse_classifier("mine.toml", &two).unwrap_err().len(), 2, "all at once");
}
