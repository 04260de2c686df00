//! One pattern asked for a yes or no.
//!
//! In: a pattern, and texts. Out: does it match somewhere? It is an automaton of one direction whose states are made when a
//! text first needs them: no prefilter (the literals were found before), no captures, and so a fraction of what a whole regex
//! costs to build. It never answers differently from [`compile`](super::verify::compile); where it cannot answer, it says so.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, Compiler, WhichCaptures};

use super::scopes::Scopes;
use super::verify::{REGEX_BYTES, syntax};

/// The automaton of one pattern; none where it is too large.
pub(super) struct Tester {
    automaton: Option<DFA>,
}

/// The signature's index in the plan, and that of the pattern in it.
pub(super) type Key = (u32, u32);

/// What one thread remembers while it asks the signatures of one plan.
#[derive(Default)]
pub(super) struct Memory {
    /// The states that were made so far, of all automata.
    caches: HashMap<Key, Box<Cache>, FixedState>,
    pub(super) scopes: Scopes,
}

impl Tester {
    /// The automaton of this pattern.
    pub(super) fn new(pattern: &str, ignore_case: bool) -> Tester {
        Tester { automaton: build(pattern, ignore_case) }
    }

    /// Does the pattern match somewhere in `text`? `None`: ask the whole regex.
    pub(super) fn is_match(&self, text: &[u8], key: Key, memory: &mut Memory) -> Option<bool> {
        let automaton = self.automaton.as_ref()?;
        let cache = memory.caches.entry(key).or_insert_with(|| Box::new(automaton.create_cache()));
        let found = automaton.try_search_fwd(cache, &Input::new(text).earliest(true));
        found.ok().map(|end| end.is_some())
    }
}

fn build(pattern: &str, ignore_case: bool) -> Option<DFA> {
    let nfa = Compiler::new()
        .configure(
            thompson::Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(REGEX_BYTES)),
        )
        .syntax(syntax(ignore_case))
        .build(pattern)
        .ok()?;
    let config = Config::new().cache_capacity(REGEX_BYTES).skip_cache_capacity_check(true);
    DFA::builder().configure(config).build_from_nfa(nfa).ok()
}
