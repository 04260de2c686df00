//! One class of a table, compiled: does it fit a text, and where?
//!
//! In: a text. Out: the words by which the class fits, as a range. It knows of no other class and of no order.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex_automata::meta::Regex;

use crate::base::Error;
use crate::rules::ClassRule;
use crate::scan::verify::compile;

/// The compiled form of one rule.
pub(super) struct Matcher {
    exact: Option<AhoCorasick>,
    words: Option<AhoCorasick>,
    exact_regex: Vec<Regex>,
    regex: Vec<Regex>,
    except: Vec<Regex>,
}

impl Matcher {
    /// The rule, compiled.
    pub(super) fn new(rule: &ClassRule) -> Result<Matcher, Error> {
        let all = |patterns: &[String]| -> Result<Vec<Regex>, Error> {
            patterns.iter().map(|pattern| compile(pattern, true).map_err(Error::new)).collect()
        };
        Ok(Matcher {
            exact: automaton(&rule.exact)?,
            words: automaton(&rule.words)?,
            exact_regex: all(&rule.exact_regex)?,
            regex: all(&rule.regex)?,
            except: all(&rule.except)?,
        })
    }

    /// Where a substring or a pattern of the original stands first, and the question in it.
    pub(super) fn exact(&self, text: &[u8]) -> Option<(Range<usize>, Option<Range<usize>>)> {
        if let Some(hit) = self.exact.as_ref().and_then(|words| words.find(text)) {
            return Some((hit.range(), None));
        }
        self.exact_regex.iter().find_map(|regex| Some((regex.find(text)?.range(), question(regex, text))))
    }

    /// Where a word or a better pattern stands, outside of all contexts in which it means nothing.
    pub(super) fn better(&self, text: &[u8]) -> Option<(Range<usize>, Option<Range<usize>>)> {
        // Looked for when a hit is there to be excused.
        let mut contexts: Option<Vec<Vec<Range<usize>>>> = None;
        let mut excused = |hit: &Range<usize>| {
            let contexts = contexts.get_or_insert_with(|| {
                self.except.iter().map(|regex| regex.find_iter(text).map(|found| found.range()).collect()).collect()
            });
            contexts.iter().any(|spans| {
                let at = spans.partition_point(|span| span.end < hit.end);
                spans.get(at).is_some_and(|span| span.start <= hit.start && hit.end <= span.end)
            })
        };
        let words = self.words.iter().flat_map(|words| words.find_overlapping_iter(text)).map(|hit| hit.range());
        let words = words.filter(|range| is_whole(text, range)).find(|range| !excused(range));
        if let Some(range) = words {
            return Some((range, None));
        }
        self.regex.iter().find_map(|regex| {
            let range = regex.find_iter(text).map(|found| found.range()).find(|range| !excused(range))?;
            Some((range, question(regex, text)))
        })
    }
}

/// What the group `question` of a pattern holds, where it has one.
fn question(regex: &Regex, text: &[u8]) -> Option<Range<usize>> {
    if regex.captures_len() <= 1 {
        return None;
    }
    let mut groups = regex.create_captures();
    regex.captures(text, &mut groups);
    groups.get_group_by_name("question").map(|span| span.range())
}

fn automaton(literals: &[String]) -> Result<Option<AhoCorasick>, Error> {
    if literals.is_empty() {
        return Ok(None);
    }
    let built = AhoCorasick::builder().ascii_case_insensitive(true).build(literals);
    built.map(Some).map_err(|err| Error::new("the literals of a class do not fit into one automaton").because(err))
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The literal at `range` is no part of a longer word.
fn is_whole(text: &[u8], range: &Range<usize>) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|b| is_word(*b));
    let begins = !word(Some(range.start)) || !word(range.start.checked_sub(1));
    let ends = !word(range.end.checked_sub(1)) || !word(Some(range.end));
    begins && ends
}

/// The first place where an error code stands by itself.
pub(super) fn code(text: &[u8], id: &[u8]) -> Option<Range<usize>> {
    memchr::memmem::find_iter(text, id).map(|at| at..at + id.len()).find(|range| is_whole(text, range))
}
