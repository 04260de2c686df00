//! What is told about packs: the words of every message are a contract.

use super::*;

#[test]
fn the_builtin_packs_are_right() {
    let loaded = load(&[], true);
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(loaded.packs.len(), builtin().len());
}
