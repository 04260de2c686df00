//! By which words of a message is a signature worth asking?
//!
//! In: a [`Signature`]. Out: its [`Clue`]s. Where the words of none of them stand in a message, no text of the signature
//! matches it, so the scanner looks for the words of all clues at once and asks only those signatures, and of them only
//! those patterns, whose clues are found. A clue may be found in vain, never be missing: when in doubt it asks for less.

use regex_syntax::hir::{Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::literals::{SHORTEST, fewest, is_spelled_out, sets_of_hir, shortest};
use super::model::Signature;
use super::{pattern, rarity};

/// A pattern is cut into so many alternatives at most, each with its own clue.
const ALTERNATIVES: usize = 48;
/// So many sets are looked at beside the needles: more hardly rule anything out.
const BESIDE: usize = 3;
/// A set that more lines than this hold, or of more literals, rules too little out for what it costs.
const COMMON: f32 = 0.5;
const MANY: usize = 24;

/// Literals of which one stands in every match.
type Set = Vec<Vec<u8>>;

/// Words of which some stand in every message that a part of a signature matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clue {
    /// One of these stands in the message. One that is empty stands in every message.
    pub needles: Vec<Needle>,
    /// And one of each of these sets, lower-cased.
    pub beside: Vec<Vec<Vec<u8>>>,
    /// What of the signature may match then: one bit for each pattern by [`Clue::bit`], and [`Clue::ANY`].
    pub asks: u64,
}

/// A literal to look for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needle {
    /// Lower-cased (ASCII): letters of either case fit.
    pub text: Vec<u8>,
    /// Where in it the bytes begin that are seen least in logs.
    pub at: u32,
}

impl Clue {
    /// All of it.
    pub const ALL: u64 = u64::MAX;
    /// One of the literals of `any`.
    pub const ANY: u64 = 1 << 63;

    /// The bit of the pattern with this index; the last one stands for all that follow.
    pub fn bit(index: usize) -> u64 {
        1 << index.min(62)
    }

    fn new(needles: Set, mut beside: Vec<Set>, asks: u64) -> Clue {
        beside.retain(|set| set.len() <= MANY && rarity::share(set) < COMMON);
        beside.sort_by(|a, b| rarity::share(a).total_cmp(&rarity::share(b)));
        beside.truncate(BESIDE);
        let needles = needles.into_iter().map(|text| Needle { at: rarest(&text), text });
        Clue { needles: needles.collect(), beside, asks }
    }

    /// It is worth asking about every message: for patterns made by hand that no pack may hold.
    fn always(asks: u64) -> Clue {
        Clue::new(vec![Vec::new()], Vec::new(), asks)
    }
}

/// The clues of a signature, none when it looks at MESSAGE_IDs only. A match by MESSAGE_ID needs none of them.
pub fn clues(signature: &Signature) -> Vec<Clue> {
    let low = |literal: &String| literal.to_ascii_lowercase().into_bytes();
    let all: Vec<Set> = signature.all.iter().map(|literal| vec![low(literal)]).collect();
    if let Some((needles, _)) = primary(all) {
        // The others are asked for by the signature itself.
        return vec![Clue::new(needles, Vec::new(), Clue::ALL)];
    }
    let mut clues = Vec::new();
    if !signature.any.is_empty() {
        clues.push(Clue::new(fewest(signature.any.iter().map(low).collect()), Vec::new(), Clue::ANY));
    }
    for (index, regex) in signature.regex.iter().enumerate() {
        let bit = Clue::bit(index);
        match pattern::read(regex) {
            Ok(hir) => clues.extend(of_pattern(&hir, bit)),
            Err(_) => clues.push(Clue::always(bit)),
        }
    }
    clues
}

/// The clues of one pattern: one for each of its alternatives, where each of them has one.
fn of_pattern(hir: &Hir, bit: u64) -> Vec<Clue> {
    let one = |hir: &Hir| {
        let (needles, beside) = primary(sets_of_hir(hir))?;
        Some(Clue::new(needles, beside, bit))
    };
    let cut: Option<Vec<Clue>> = alternatives(hir).iter().map(one).collect();
    let whole = one(hir);
    match (cut, whole) {
        (Some(cut), Some(whole)) => {
            if cost(&cut) < cost(std::slice::from_ref(&whole)) {
                cut
            } else {
                vec![whole]
            }
        }
        (Some(cut), None) => cut,
        (None, whole) => vec![whole.unwrap_or_else(|| Clue::always(bit))],
    }
}

/// The share of lines that ask for a closer look.
fn cost(clues: &[Clue]) -> f32 {
    let of = |clue: &Clue| {
        let needles: Vec<Vec<u8>> = clue.needles.iter().map(|needle| needle.text.clone()).collect();
        clue.beside.iter().fold(rarity::share(&needles), |share, set| share * rarity::share(set).clamp(0.2, 1.0))
    };
    clues.iter().map(of).sum()
}

/// The set that is seen least, of those that can be looked for, and the others.
fn primary(mut sets: Vec<Set>) -> Option<(Set, Vec<Set>)> {
    let fit = sets.iter().enumerate().filter(|(_, set)| shortest(set) >= SHORTEST);
    let (best, _) = fit.min_by(|(_, a), (_, b)| rarity::share(a).total_cmp(&rarity::share(b)))?;
    let needles = sets.swap_remove(best);
    Some((needles, sets))
}

/// Patterns of which one matches wherever this one does: its branches, and those of the first choice within it that cannot
/// be spelled out.
fn alternatives(hir: &Hir) -> Vec<Hir> {
    let cut = match hir.kind() {
        HirKind::Alternation(branches) => branches.iter().flat_map(alternatives).collect(),
        HirKind::Capture(capture) => alternatives(&capture.sub),
        HirKind::Concat(pieces) => {
            let choice = pieces.iter().position(|piece| is_choice(piece) && !is_spelled_out(piece));
            let Some((choice, piece)) = choice.and_then(|at| Some((at, pieces.get(at)?))) else {
                return vec![hir.clone()];
            };
            let with = |branch: &Hir| {
                let kept = pieces.iter().enumerate();
                let pieces = kept.map(|(at, piece)| if at == choice { branch.clone() } else { piece.clone() });
                Hir::concat(pieces.collect())
            };
            alternatives(piece).iter().map(with).collect()
        }
        _ => return vec![hir.clone()],
    };
    if cut.len() <= ALTERNATIVES { cut } else { vec![hir.clone()] }
}

fn is_choice(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Alternation(_) => true,
        HirKind::Capture(capture) => is_choice(&capture.sub),
        _ => false,
    }
}

/// Where the bytes of a literal begin that are seen least: nine of them, seven or five, as far as it has so many. The
/// scanner looks at four bytes at every second place, so they must be rare from an even place and from an odd one.
fn rarest(text: &[u8]) -> u32 {
    let (width, grams) = match text.len() {
        0..7 => (5, 1),
        7..9 => (7, 2),
        _ => (9, 3),
    };
    let share = |at: usize| text.get(at..at + rarity::GRAM).map_or(1.0, rarity::of_gram);
    let rarest = |at: usize| (0..grams).map(|gram| share(at + 2 * gram)).fold(1.0, f32::min);
    // Where the rarest bytes are as rare, those beside them decide.
    let seen = |at: usize| (0..2 * grams).map(|gram| share(at + gram)).sum::<f32>() / 50.0;
    let cost = |at: usize| rarest(at) + rarest(at + 1) + seen(at);
    let places = 0..=text.len().saturating_sub(width);
    let best = places.min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
    u32::try_from(best.unwrap_or(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
