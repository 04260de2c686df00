//! Which literals stand in every match of a pattern?
//!
//! In: a pattern. Out: a few lower-cased byte strings, one of which stands in every message that
//! matches (when the message is lower-cased too, ASCII only). The scanner looks for these first and tries a pattern
//! only where one is found, so a set that is not complete would lose matches: when in doubt, there is none.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::pattern;
use super::rarity;

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

/// The sets of a pattern that is read: one literal of each stands in every match, lower-cased (ASCII).
pub(super) fn sets_of_hir(hir: &Hir) -> Vec<Vec<Vec<u8>>> {
    walk(hir).all_sets()
}

/// Does it match these few strings only?
pub(super) fn is_spelled_out(hir: &Hir) -> bool {
    walk(hir).exact.is_some()
}

/// What is known of a piece of a pattern.
#[derive(Default)]
struct Piece {
    /// It matches these strings and no others (in lower case).
    exact: Option<Vec<Vec<u8>>>,
    /// One of these stands in each of its matches. Never empty.
    needles: Option<Vec<Vec<u8>>>,
    /// Of each of these sets one stands in each of its matches, where it does not match a few strings only.
    sets: Vec<Vec<Vec<u8>>>,
}

impl Piece {
    fn exact(mut strings: Vec<Vec<u8>>) -> Piece {
        strings.sort();
        strings.dedup();
        if strings.len() > MOST {
            return Piece::default();
        }
        let needles = Some(fewest(strings.clone())).filter(|n| shortest(n) > 0);
        Piece { needles, exact: Some(strings), sets: Vec::new() }
    }

    /// It matches more than a few strings: the set that stands for those it was made of.
    fn open(needles: Option<Vec<Vec<u8>>>) -> Piece {
        Piece { exact: None, sets: needles.iter().cloned().collect(), needles }
    }

    /// All sets that are known of it.
    fn all_sets(self) -> Vec<Vec<Vec<u8>>> {
        match self.exact {
            Some(_) => self.needles.into_iter().collect(),
            None => self.sets,
        }
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
    let Some(strings) = piece.exact else { return piece };
    if strings.iter().all(Vec::is_empty) {
        return Piece::exact(strings);
    }
    let mut all = strings.clone();
    for _ in 1..min {
        match joined(&all, &strings) {
            Some(longer) => all = longer,
            // Too many or too long to spell out: what was spelled out so far still stands in every match.
            None => return Piece::open(Piece::exact(all).needles),
        }
    }
    let whole = Piece::exact(all);
    if max == Some(min) && whole.exact.is_some() { whole } else { Piece::open(whole.needles) }
}

/// Neighbours that can be spelled out are joined into longer literals; the best set of all is taken.
fn of_concat(pieces: impl Iterator<Item = Piece>) -> Piece {
    let mut run = vec![Vec::new()];
    let mut all_exact = true;
    let mut best: Option<Vec<Vec<u8>>> = None;
    let mut sets = Vec::new();
    let mut close = |run: Vec<Vec<u8>>, best: &mut Option<Vec<Vec<u8>>>| {
        let needles = Piece::exact(run).needles;
        sets.extend(needles.clone());
        *best = better(best.take(), needles);
    };
    let mut inner = Vec::new();
    for piece in pieces {
        match piece.exact {
            Some(strings) => match joined(&run, &strings) {
                Some(longer) => run = longer,
                None => {
                    close(std::mem::replace(&mut run, strings), &mut best);
                    all_exact = false;
                }
            },
            None => {
                close(std::mem::replace(&mut run, vec![Vec::new()]), &mut best);
                best = better(best, piece.needles);
                inner.extend(piece.sets);
                all_exact = false;
            }
        }
    }
    if all_exact {
        return Piece::exact(run);
    }
    close(run, &mut best);
    sets.extend(inner);
    Piece { needles: best, exact: None, sets }
}

fn of_branches(branches: impl Iterator<Item = Piece>) -> Piece {
    let mut exact = Some(Vec::new());
    let mut needles = Some(Vec::new());
    let mut sets: Option<Vec<Vec<Vec<u8>>>> = None;
    for branch in branches {
        let its = Piece { exact: branch.exact.clone(), needles: branch.needles.clone(), sets: branch.sets }.all_sets();
        sets = Some(match sets {
            None => its,
            Some(all) => both(all, its),
        });
        exact = exact.zip(branch.exact).map(|(all, more)| [all, more].concat()).filter(|all| all.len() <= MOST);
        needles = needles.zip(branch.needles).map(|(all, more)| fewest([all, more].concat()));
        needles = needles.filter(|all| all.len() <= MOST);
    }
    let exact = exact.and_then(|strings| Piece::exact(strings).exact);
    Piece { exact, needles: needles.filter(|all| shortest(all) > 0), sets: sets.unwrap_or_default() }
}

/// The sets of one branch or another: the rarest of each together, then the next.
fn both(mut all: Vec<Vec<Vec<u8>>>, mut more: Vec<Vec<Vec<u8>>>) -> Vec<Vec<Vec<u8>>> {
    for sets in [&mut all, &mut more] {
        sets.sort_by(|a, b| rarity::share(a).total_cmp(&rarity::share(b)));
    }
    let pairs = all.into_iter().zip(more).map(|(all, more)| fewest([all, more].concat()));
    pairs.filter(|set| set.len() <= MOST && shortest(set) > 0).collect()
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

pub(super) fn shortest(literals: &[Vec<u8>]) -> usize {
    literals.iter().map(Vec::len).min().unwrap_or(0)
}

/// Without those that contain another: where `errors` stands, `error` stands too.
pub(super) fn fewest(mut literals: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
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
