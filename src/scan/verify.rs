//! One signature asked about one record: the whole condition, and the captures.
//!
//! In: a signature whose literals stand in the record, and which of them do. Out: does it match, and its captures. There are
//! two ways: [`Verifier::matches`] looks at every condition and is the definition of right, [`Verifier::confirms`] gives the
//! same answer and looks only at what may still be true, the cheapest first.

use std::iter;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::{memchr2_iter, memmem};
use regex_automata::meta::Regex;
use regex_automata::util::{captures::Captures, syntax};

use crate::base::Glob;
use crate::record::Record;
use crate::rules::{Clue, Scope, Signature};

use super::content::Content;
use super::event::Capture;
use super::miss::Miss;
use super::needles::Candidate;
use super::scopes::fits;
use super::tester::{Key, Memory, Tester};

/// Memory that one regex of a pack may take when compiled. 1 MiB holds every built-in one many times over.
pub(super) const REGEX_BYTES: usize = 1 << 20;

/// Longest capture that is kept, in bytes.
const CAPTURE_BYTES: usize = 512;

/// The compiled form of a signature's conditions. Regexes are compiled when first needed: a healthy log needs few.
#[derive(Default)]
pub(super) struct Verifier {
    regexes: OnceLock<Box<[Pattern]>>,
}

/// One regex: to ask it for a yes or no, and to ask it where its groups are.
#[derive(Default)]
struct Pattern {
    tester: OnceLock<Tester>,
    regex: OnceLock<Option<Regex>>,
}

/// Compiles a pattern the way packs mean it: bytes, ASCII classes, linear time.
pub(super) fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    Regex::builder()
        .configure(
            Regex::config().utf8_empty(false).nfa_size_limit(Some(REGEX_BYTES)).hybrid_cache_capacity(REGEX_BYTES),
        )
        .syntax(syntax(ignore_case))
        .build(pattern)
        .map_err(|err| err.to_string())
}

/// How the patterns of packs are read.
pub(super) fn syntax(ignore_case: bool) -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false).case_insensitive(ignore_case)
}

impl Verifier {
    fn pattern(&self, signature: &Signature, i: usize) -> Option<&Pattern> {
        let all = self.regexes.get_or_init(|| signature.regex.iter().map(|_| Pattern::default()).collect());
        all.get(i)
    }

    fn regex(&self, signature: &Signature, i: usize) -> Option<&Regex> {
        let text = signature.regex.get(i)?;
        self.pattern(signature, i)?.regex.get_or_init(|| compile(text, signature.ignore_case).ok()).as_ref()
    }

    /// Does regex `i` match?
    fn tests(&self, signature: &Signature, i: usize, text: &[u8], key: Key, memory: &mut Memory) -> bool {
        let (Some(pattern), Some(source)) = (self.pattern(signature, i), signature.regex.get(i)) else { return false };
        let tester = pattern.tester.get_or_init(|| Tester::new(source, signature.ignore_case));
        match tester.is_match(text, key, memory) {
            Some(answer) => answer,
            None => self.regex(signature, i).is_some_and(|regex| regex.is_match(text)),
        }
    }

    /// The same answer as that of [`matches`](Verifier::matches), for a candidate. `found`: the patterns of all candidates that
    /// match, where they were asked together.
    #[allow(clippy::too_many_arguments)] // what is asked, about what, and where the answer goes
    pub(super) fn confirms(
        &self,
        signature: &Signature,
        candidate: Candidate,
        record: &Record<'_>,
        text: &[u8],
        found: Option<&[Key]>,
        memory: &mut Memory,
        content: &mut Content,
        captures: &mut Vec<Capture>,
    ) -> bool {
        let Candidate { index, asks } = candidate;
        let notes = content.of(text);
        let holds = |literal: &String| notes.has(literal.as_bytes(), signature.ignore_case);
        let scope = &signature.scope;
        if !in_scope(index, scope, record, memory) {
            return false;
        }
        // Of several regexes the first that matches has the captures, even if something else matched already.
        let of_this = |found: &[Key]| found.iter().find(|key| key.0 == index).map(|key| key.1 as usize);
        let mut regex = found.and_then(of_this);
        for (i, number) in (0u32..).take(signature.regex.len()).enumerate() {
            if found.is_none() && asks & Clue::bit(i) != 0 && self.tests(signature, i, text, (index, number), memory) {
                regex = Some(i);
                break;
            }
        }
        let only_all = signature.any.is_empty() && signature.regex.is_empty() && signature.message_ids.is_empty();
        let met = regex.is_some()
            || only_all
            || record.message_id.is_some_and(|id| signature.message_ids.contains(&id))
            || signature.any.iter().any(holds);
        if !met || !signature.all.iter().all(holds) || signature.none.iter().any(holds) || !has_fields(scope, record) {
            return false;
        }
        let has_groups = |i: &usize| signature.regex.get(*i).is_some_and(|regex| names_groups(regex));
        if let Some(regex) = regex.filter(has_groups).and_then(|i| self.regex(signature, i)) {
            capture(regex, text, captures);
        }
        fields(signature, record, captures);
        true
    }

    /// The first regex that cannot be compiled, and why.
    pub(super) fn broken(&self, signature: &Signature) -> Option<String> {
        signature.regex.iter().find_map(|r| compile(r, signature.ignore_case).err())
    }

    /// Words of the text by which the signature matches, for people; nothing when it matches by something else.
    pub(super) fn words(&self, signature: &Signature, text: &[u8]) -> Option<Range<usize>> {
        let place = |literal: &String| find(text, literal.as_bytes(), signature.ignore_case);
        let by_literal = signature.any.iter().chain(&signature.all).find_map(place);
        let by_regex = || (0..signature.regex.len()).find_map(|i| Some(self.regex(signature, i)?.find(text)?.range()));
        by_literal.or_else(by_regex)
    }

    /// Does the signature match? Captures go to `captures`; when it does not match, they are left as they were.
    pub(super) fn matches(
        &self,
        signature: &Signature,
        record: &Record<'_>,
        text: &[u8],
        captures: &mut Vec<Capture>,
    ) -> bool {
        let matches = self.misses(signature, record, text, captures).next().is_none();
        if matches {
            fields(signature, record, captures);
        }
        matches
    }

    /// Every condition of the signature that the record does not meet; none: it matches. A condition is looked at when it
    /// is asked for, so the first answer costs no more than it must.
    pub(super) fn misses<'s, 'r>(
        &'s self,
        signature: &'s Signature,
        record: &'r Record<'_>,
        text: &'r [u8],
        captures: &'r mut Vec<Capture>,
    ) -> impl Iterator<Item = Miss<'s>> {
        let holds = |literal: &String| contains(text, literal.as_bytes(), signature.ignore_case);
        let all = signature.all.iter().filter(move |literal| !holds(literal)).map(|literal| Miss::All(literal));
        let none = signature.none.iter().filter(move |literal| holds(literal)).map(|literal| Miss::None(literal));
        let words = iter::once_with(move || {
            let by_id = record.message_id.is_some_and(|id| signature.message_ids.contains(&id));
            let by_literal = signature.any.iter().any(holds);
            let only_all = signature.any.is_empty() && signature.regex.is_empty() && signature.message_ids.is_empty();
            // A regex is asked even if something else matched already: it has the captures.
            let by_regex = (0..signature.regex.len()).any(|i| match self.regex(signature, i) {
                Some(regex) => capture(regex, text, captures),
                None => false,
            });
            (!(by_id || by_literal || by_regex || only_all)).then_some(Miss::Words)
        });
        // Last: only a record that meets all other conditions may leave captures.
        all.chain(none).chain(out_of_scope(&signature.scope, record)).chain(words.flatten())
    }
}

/// May the pattern have named groups?
fn names_groups(pattern: &str) -> bool {
    pattern.contains("(?<") || pattern.contains("(?P<")
}

/// The fields that the signature captures, as far as the record has them.
fn fields(signature: &Signature, record: &Record<'_>, captures: &mut Vec<Capture>) {
    for (name, field) in &signature.capture {
        if let Some(value) = record.field(field) {
            let value = String::from_utf8_lossy(value.get(..CAPTURE_BYTES).unwrap_or(&value));
            captures.push(Capture { name: name.as_str().into(), value: value.into() });
        }
    }
}

fn contains(text: &[u8], literal: &[u8], ignore_case: bool) -> bool {
    find(text, literal, ignore_case).is_some()
}

fn find(text: &[u8], literal: &[u8], ignore_case: bool) -> Option<Range<usize>> {
    let at = if ignore_case { find_any_case(text, literal) } else { memmem::find(text, literal) };
    at.map(|at| at..at + literal.len())
}

/// Looks for the first letter in both cases, and compares only there.
fn find_any_case(text: &[u8], literal: &[u8]) -> Option<usize> {
    let Some(first) = literal.first() else { return Some(0) };
    let last = text.len().checked_sub(literal.len())?;
    let places = memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text.get(..=last)?);
    places
        .into_iter()
        .find(|at| text.get(*at..at + literal.len()).is_some_and(|part| part.eq_ignore_ascii_case(literal)))
}

fn capture(regex: &Regex, text: &[u8], captures: &mut Vec<Capture>) -> bool {
    if regex.captures_len() <= 1 {
        return regex.is_match(text);
    }
    let mut groups: Captures = regex.create_captures();
    regex.captures(text, &mut groups);
    if !groups.is_match() {
        return false;
    }
    for (name, span) in groups.group_info().pattern_names(regex_automata::PatternID::ZERO).zip(groups.iter()) {
        if let (Some(name), Some(span)) = (name, span) {
            let value = text.get(span.range()).unwrap_or_default();
            let value = String::from_utf8_lossy(&value[..value.len().min(CAPTURE_BYTES)]);
            captures.push(Capture { name: name.into(), value: value.into() });
        }
    }
    true
}

/// Does the scope fit, but for its fields? The names are asked first: their answer is remembered.
fn in_scope(index: u32, scope: &Scope, record: &Record<'_>, memory: &mut Memory) -> bool {
    memory.scopes.fit(index, scope, record)
        && scope.level.is_none_or(|worst| record.level.is_some_and(|level| level <= worst))
}

/// Do the fields fit? They are looked for in the whole record: what costs less is asked before.
fn has_fields(scope: &Scope, record: &Record<'_>) -> bool {
    scope.fields.iter().all(|field| field_fits(field, record))
}

fn field_fits((name, globs): &(String, Vec<Glob>), record: &Record<'_>) -> bool {
    record.field(name).is_some_and(|value| fits(globs, &String::from_utf8_lossy(&value)))
}

/// What of the scope does not fit.
fn out_of_scope<'s>(scope: &'s Scope, record: &Record<'_>) -> impl Iterator<Item = Miss<'s>> {
    let names = [
        (&scope.unit, &record.unit, Miss::Unit),
        (&scope.identifier, &record.identifier, Miss::Identifier),
        (&scope.host, &record.host, Miss::Host),
    ];
    let names = names.into_iter().filter(move |(globs, name, _)| !fits(globs, name)).map(|(_, _, miss)| miss);
    let level = scope.level.filter(|worst| record.level.is_none_or(|level| level > *worst)).map(Miss::Level);
    let fields = scope.fields.iter().filter(move |field| !field_fits(field, record));
    names.chain(level).chain(fields.map(|(name, _)| Miss::Field(name)))
}

#[cfg(test)]
mod tests {
    use super::find_any_case;

    #[test]
    fn letters_of_either_case_are_found_at_every_place() {
        for (text, literal, at) in [
            ("No Space left", "no space", Some(0)),
            ("xNO SPACE", "no space", Some(1)),
            ("nono space", "NO SPACE", Some(2)),
            ("no spac", "no space", None),
            ("", "a", None),
            ("a", "", Some(0)),
            ("(429)", "429)", Some(1)),
        ] {
            assert_eq!(find_any_case(text.as_bytes(), literal.as_bytes()), at, "{text} {literal}");
        }
    }
}
