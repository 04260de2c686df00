//! The patterns that are often asked together, asked in one pass.
//!
//! Lines of one kind have the same candidates again and again. In: the candidates of a record, and its text. Out: which of the
//! patterns they ask match, or nothing where they did not come often enough: then each pattern is asked alone. Both ways have the
//! same answer.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, Compiler, WhichCaptures};
use regex_automata::util::syntax::parse_with;
use regex_automata::{Input, MatchKind, PatternSet};

use crate::rules::{Clue, Signature};

use super::needles::Candidate;
use super::tester::Key;
use super::verify::{REGEX_BYTES, syntax};

/// How often the same candidates come before their patterns are joined: a short log never pays for it.
const OFTEN: u32 = 64;
/// How many sets of candidates are counted, and how many joined.
const SETS: usize = 1_024;
const JOINED: usize = 32;
/// How many patterns are joined at most, and what their states may take.
const PATTERNS: usize = 64;
const CACHE_BYTES: usize = 256 << 10;

/// The sets of candidates that one thread met.
#[derive(Default)]
pub(super) struct Joints {
    sets: HashMap<Box<[Candidate]>, Set, FixedState>,
    joined: usize,
    found: Vec<Key>,
}

enum Set {
    /// So often it came.
    Counted(u32),
    Joined(Box<Joint>),
    /// It cannot be joined, or one pattern alone is asked.
    Apart,
}

/// One automaton of several patterns.
struct Joint {
    automaton: DFA,
    cache: Cache,
    matched: PatternSet,
    patterns: Vec<Key>,
}

impl Joints {
    /// The patterns that match, in order, of all that the candidates ask. `None`: ask each alone.
    pub(super) fn ask<'j, 's>(
        &'j mut self,
        candidates: &[Candidate],
        signature: impl Fn(u32) -> &'s Signature,
        text: &[u8],
    ) -> Option<&'j [Key]> {
        let Some(set) = self.sets.get_mut(candidates) else {
            if self.sets.len() < SETS {
                self.sets.insert(candidates.into(), Set::Counted(1));
            }
            return None;
        };
        match set {
            Set::Apart => return None,
            Set::Joined(_) => {}
            Set::Counted(times) if *times < OFTEN => {
                *times += 1;
                return None;
            }
            Set::Counted(_) => {
                let joint = if self.joined < JOINED { Joint::new(candidates, signature) } else { None };
                self.joined += usize::from(joint.is_some());
                *set = joint.map_or(Set::Apart, |joint| Set::Joined(Box::new(joint)));
            }
        }
        let Set::Joined(joint) = set else { return None };
        joint.matches(text, &mut self.found).then_some(&self.found)
    }
}

impl Joint {
    fn new<'s>(candidates: &[Candidate], signature: impl Fn(u32) -> &'s Signature) -> Option<Joint> {
        let (mut patterns, mut read) = (Vec::new(), Vec::new());
        for candidate in candidates {
            let signature = signature(candidate.index);
            for (number, regex) in (0u32..).zip(&signature.regex) {
                if candidate.asks & Clue::bit(number as usize) != 0 {
                    patterns.push((candidate.index, number));
                    read.push(parse_with(regex, &syntax(signature.ignore_case)).ok()?);
                }
            }
        }
        if !(2..=PATTERNS).contains(&patterns.len()) {
            return None;
        }
        let nfa = Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(REGEX_BYTES)),
            )
            .build_many_from_hir(&read)
            .ok()?;
        let config =
            Config::new().match_kind(MatchKind::All).cache_capacity(CACHE_BYTES).skip_cache_capacity_check(true);
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let (cache, matched) = (automaton.create_cache(), PatternSet::new(patterns.len()));
        Some(Joint { automaton, cache, matched, patterns })
    }

    /// Puts the patterns that match into `found`; `false` where the automaton cannot say.
    fn matches(&mut self, text: &[u8], found: &mut Vec<Key>) -> bool {
        found.clear();
        self.matched.clear();
        let input = Input::new(text);
        if self.automaton.try_which_overlapping_matches(&mut self.cache, &input, &mut self.matched).is_err() {
            return false;
        }
        found.extend(self.matched.iter().filter_map(|id| self.patterns.get(id.as_usize())));
        true
    }
}
