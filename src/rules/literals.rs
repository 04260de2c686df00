//! Which literals stand in every match of a signature?
//!
//! In: a [`Signature`] or a pattern. Out: a few lower-cased byte strings, one of which stands in every message that
//! matches (when the message is lower-cased too, ASCII only). The scanner looks for these first and tries a signature
//! only where one is found, so a set that is not complete would lose matches: when in doubt, there is none.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::model::Signature;
use super::pattern;

/// A literal shorter than this stands in nearly every record.
pub(super) const SHORTEST: usize = 3;
/// One pattern may need so many literals.
const MOST: usize = 64;
/// A piece of a pattern that stands for more strings than this is not spelled out beside its neighbours.
const SPELLED: usize = 16;
/// A character class with more bytes than this is not spelled out at all.
const CLASS: usize = 4;
/// Literals are not made longer than this by repeats.
const LONGEST: usize = 256;

/// The literals one of which stands in every match by text, lower-cased (ASCII). None: the signature looks at MESSAGE_IDs
/// only, and needs no text; a match by MESSAGE_ID needs none of them in any case.
pub fn required(signature: &Signature) -> Vec<Vec<u8>> {
    if let Some(longest) = signature.all.iter().rev().max_by_key(|literal| literal.len()) {
        return vec![longest.to_ascii_lowercase().into_bytes()];
    }
    let mut needles: Vec<Vec<u8>> =
        signature.any.iter().map(|literal| literal.to_ascii_lowercase().into_bytes()).collect();
    for regex in &signature.regex {
        match required_of_regex(regex) {
            Ok(found) => needles.extend(found),
            // Parsed packs hold no such pattern; for one made by hand the empty needle, which stands everywhere, is right.
            Err(_) => return vec![Vec::new()],
        }
    }
    fewest(needles)
}

/// The bit of [`asks`] for the literals of `any`; regexes from this number less one on share the bit below it.
const ANY: u32 = 63;

/// The bit of [`asks`] for a regex.
pub fn bit_of_regex(index: usize) -> u64 {
    1 << index.min(ANY as usize - 1)
}

/// The bit of [`asks`] for the literals of `any`.
pub fn bit_of_any() -> u64 {
    1 << ANY
}

/// For each of the signature's needles: which of its regexes, and whether one of `any`, may match where it stands, as a
/// set of bits. What has its bit at none of the needles that stand in a message does not match that message.
pub fn asks(signature: &Signature) -> Vec<u64> {
    if !signature.all.is_empty() {
        return vec![u64::MAX; signature.needles.len()];
    }
    let mut bits = vec![0; signature.needles.len()];
    let mut mark = |literal: &[u8], bit: u64| {
        let stands = |needle: &Vec<u8>| memchr::memmem::find(literal, needle).is_some();
        match signature.needles.iter().position(stands).and_then(|at| bits.get_mut(at)) {
            Some(one) => *one |= bit,
            // It is not known by which needle it is found.
            None => bits.iter_mut().for_each(|one| *one |= bit),
        }
    };
    for literal in &signature.any {
        mark(literal.to_ascii_lowercase().as_bytes(), bit_of_any());
    }
    for (index, regex) in signature.regex.iter().enumerate() {
        for literal in required_of_regex(regex).unwrap_or_else(|_| vec![Vec::new()]) {
            mark(&literal, bit_of_regex(index));
        }
    }
    bits
}

/// The literals one of which stands in every match of a pattern, lower-cased (ASCII), whether its case counts or not. An
/// error when the pattern cannot be read, or has no literal of at least 3 bytes in every match.
///
/// # Errors
/// As said; patterns of files that were found right have one.
pub fn required_of_regex(pattern: &str) -> Result<Vec<Vec<u8>>, String> {
    of_hir(&pattern::read(pattern).map_err(|fault| fault.what)?)
}

/// The same, of a pattern that is read.
pub(super) fn of_hir(hir: &Hir) -> Result<Vec<Vec<u8>>, String> {
    match walk(hir).needles {
        Some(needles) if shortest(&needles) >= SHORTEST => Ok(needles),
        _ => Err(format!("the pattern needs a literal of at least {SHORTEST} bytes that stands in every match")),
    }
}

/// What is known of a piece of a pattern.
#[derive(Default)]
struct Piece {
    /// It matches these strings and no others (in lower case).
    exact: Option<Vec<Vec<u8>>>,
    /// One of these stands in each of its matches. Never empty.
    needles: Option<Vec<Vec<u8>>>,
}

impl Piece {
    fn exact(mut strings: Vec<Vec<u8>>) -> Piece {
        strings.sort();
        strings.dedup();
        if strings.len() > MOST {
            return Piece::default();
        }
        Piece { needles: Some(fewest(strings.clone())).filter(|n| shortest(n) > 0), exact: Some(strings) }
    }
}

/// Recursion is bounded: patterns are read with a nesting limit.
fn walk(hir: &Hir) -> Piece {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Piece::exact(vec![Vec::new()]),
        HirKind::Literal(literal) => Piece::exact(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => of_class(class),
        HirKind::Capture(capture) => walk(&capture.sub),
        HirKind::Repetition(repeat) => of_repeat(walk(&repeat.sub), repeat.min, repeat.max),
        HirKind::Concat(pieces) => of_concat(pieces.iter().map(walk)),
        HirKind::Alternation(branches) => of_branches(branches.iter().map(walk)),
    }
}

/// Both kinds of class come up: an alternation of single letters is read as a class of characters.
fn of_class(class: &Class) -> Piece {
    // A class may be huge, so its members are taken one by one, and no more than can be small once in lower case.
    let mut strings: Vec<Vec<u8>> = match class {
        Class::Bytes(class) => {
            let bytes = class.iter().flat_map(|range| range.start()..=range.end());
            bytes.take(2 * CLASS + 1).map(|byte| vec![byte.to_ascii_lowercase()]).collect()
        }
        Class::Unicode(class) => {
            let chars = class.iter().flat_map(|range| range.start()..=range.end());
            chars.take(2 * CLASS + 1).map(|c| c.to_ascii_lowercase().to_string().into_bytes()).collect()
        }
    };
    if strings.len() > 2 * CLASS {
        return Piece::default();
    }
    strings.sort();
    strings.dedup();
    if strings.is_empty() || strings.len() > CLASS {
        return Piece::default();
    }
    Piece::exact(strings)
}

fn of_repeat(piece: Piece, min: u32, max: Option<u32>) -> Piece {
    if min == 0 {
        // `x?` is `x` or nothing; `x*` is anything.
        return match (piece.exact, max) {
            (Some(mut strings), Some(1)) => {
                strings.push(Vec::new());
                Piece::exact(strings)
            }
            _ => Piece::default(),
        };
    }
    let Some(strings) = piece.exact else { return Piece { exact: None, needles: piece.needles } };
    if strings.iter().all(Vec::is_empty) {
        return Piece::exact(strings);
    }
    let mut all = strings.clone();
    for _ in 1..min {
        match joined(&all, &strings) {
            Some(longer) => all = longer,
            // Too many or too long to spell out: what was spelled out so far still stands in every match.
            None => return Piece { exact: None, needles: Piece::exact(all).needles },
        }
    }
    let whole = Piece::exact(all);
    Piece { exact: whole.exact.filter(|_| max == Some(min)), needles: whole.needles }
}

/// Neighbours that can be spelled out are joined into longer literals; the best set of all is taken.
fn of_concat(pieces: impl Iterator<Item = Piece>) -> Piece {
    let mut run = vec![Vec::new()];
    let mut all_exact = true;
    let mut best: Option<Vec<Vec<u8>>> = None;
    for piece in pieces {
        match piece.exact {
            Some(strings) => match joined(&run, &strings) {
                Some(longer) => run = longer,
                None => {
                    best = better(best, Piece::exact(std::mem::replace(&mut run, strings)).needles);
                    all_exact = false;
                }
            },
            None => {
                best = better(best, Piece::exact(std::mem::replace(&mut run, vec![Vec::new()])).needles);
                best = better(best, piece.needles);
                all_exact = false;
            }
        }
    }
    let last = Piece::exact(run);
    Piece { needles: better(best, last.needles), exact: last.exact.filter(|_| all_exact) }
}

fn of_branches(branches: impl Iterator<Item = Piece>) -> Piece {
    let mut exact = Some(Vec::new());
    let mut needles = Some(Vec::new());
    for branch in branches {
        exact = exact.zip(branch.exact).map(|(all, more)| [all, more].concat()).filter(|all| all.len() <= MOST);
        needles = needles.zip(branch.needles).map(|(all, more)| fewest([all, more].concat()));
        needles = needles.filter(|all| all.len() <= MOST);
    }
    let exact = exact.and_then(|strings| Piece::exact(strings).exact);
    Piece { exact, needles: needles.filter(|all| shortest(all) > 0) }
}

/// Every string of `left` followed by every string of `right`, unless that is too much.
fn joined(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let single = left.len() == 1 || right.len() == 1;
    let longest = |all: &[Vec<u8>]| all.iter().map(Vec::len).max().unwrap_or(0);
    let limit = if single { MOST } else { SPELLED };
    let fits = left.len().saturating_mul(right.len()) <= limit;
    // One literal that is long in the pattern itself is fine; only products and repeats are kept short.
    if !fits || (longest(left) > 0 && longest(left) + longest(right) > LONGEST) {
        return None;
    }
    Some(left.iter().flat_map(|a| right.iter().map(move |b| [a.as_slice(), b].concat())).collect())
}

/// The set whose shortest literal is longer; the smaller set, then the first, when both are as long.
fn better(a: Option<Vec<Vec<u8>>>, b: Option<Vec<Vec<u8>>>) -> Option<Vec<Vec<u8>>> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let b_wins = (shortest(&b), std::cmp::Reverse(b.len())) > (shortest(&a), std::cmp::Reverse(a.len()));
            Some(if b_wins { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

fn shortest(literals: &[Vec<u8>]) -> usize {
    literals.iter().map(Vec::len).min().unwrap_or(0)
}

/// Without those that contain another: where `errors` stands, `error` stands too.
fn fewest(mut literals: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    literals.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for literal in literals {
        let covered = kept.iter().any(|short| memchr::memmem::find(&literal, short).is_some());
        if !covered {
            kept.push(literal);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
