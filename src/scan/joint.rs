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
/// They may be thrown away once for so many texts: to make them anew costs more than is won on fewer.
const TEXTS: usize = 4_096;

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
    /// How many texts it was asked about.
    asked: usize,
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
        let told = joint.matches(text, &mut self.found);
        if joint.is_outgrown() {
            *set = Set::Apart;
        }
        told.then_some(&self.found)
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
        Some(Joint { automaton, cache, matched, patterns, asked: 0 })
    }

    /// Its states are made again and again: together the patterns have too many of them, as those have that count what stands
    /// between two words.
    fn is_outgrown(&self) -> bool {
        let cleared = self.cache.clear_count();
        cleared > 1 && self.asked / cleared < TEXTS
    }

    /// Puts the patterns that match into `found`; `false` where the automaton cannot say.
    fn matches(&mut self, text: &[u8], found: &mut Vec<Key>) -> bool {
        found.clear();
        self.asked += 1;
        self.matched.clear();
        let input = Input::new(text);
        if self.automaton.try_which_overlapping_matches(&mut self.cache, &input, &mut self.matched).is_err() {
            return false;
        }
        found.extend(self.matched.iter().filter_map(|id| self.patterns.get(id.as_usize())));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::parse;

    /// Patterns whose states are without number when they are asked together are asked alone, and what was told until then is right.
    #[test]
    fn patterns_that_need_too_many_states_are_asked_alone() {
        let rule = |id: &str, regex: &str| {
            let text = "class = 'network'\nseverity = 'info'\ncause = 'x'";
            format!("[[signature]]\nid = '{id}'\n{text}\nregex = '{regex}'\nsample = '{id} x y end'\nnot = 'x'\n")
        };
        let rules = [rule("one", r"one[^\n]{0,50}x[^\n]{0,50}end"), rule("two", r"two[^\n]{0,50}y[^\n]{0,50}end")];
        let pack = parse("p.toml", &format!("[pack]\nname = 'p'\n{}", rules.concat())).unwrap();
        let (one, two) = (&pack.signatures[0], &pack.signatures[1]);
        let candidates = [Candidate { index: 0, asks: Clue::ALL }, Candidate { index: 1, asks: Clue::ALL }];
        let mut joints = Joints::default();
        let (mut joined, mut both) = (0, 0);
        for n in 0..20_000_u64 {
            // Words in an order that hardly comes twice.
            let at = |k: u64| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (4 * k) & 7) as usize;
            let words = ["one ", "two ", "x ", "y ", "- ", "-- ", "--- ", "end "];
            let text: String = (0..14).filter_map(|k| words.get(at(k))).copied().collect();
            let Some(found) = joints.ask(&candidates, |index| if index == 0 { one } else { two }, text.as_bytes())
            else {
                continue;
            };
            let expected = [(0, one), (1, two)].into_iter().filter(|(_, signature)| {
                let regex = super::super::verify::compile(&signature.regex[0], signature.ignore_case).unwrap();
                joined < 500 && regex.is_match(text.as_bytes())
            });
            let expected: Vec<Key> = expected.map(|(index, _)| (index, 0)).collect();
            if joined < 500 {
                assert_eq!(found, expected, "{text}");
                both += usize::from(expected.len() == 2);
            }
            joined += 1;
        }
        println!("{joined} together, both match {both} times");
        assert!(joined > 100 && both > 10 && joined < 19_000, "{joined} {both}");
        assert!(matches!(joints.sets.get(&candidates[..]), Some(Set::Apart)));
    }
}
