//! The plan: all signatures and detectors of all packs, in one table, with one number for each signature.
//!
//! In: packs. Out: everything that is worked out once, before the first record: the prefilter over all literals
//! ([`Needles`]), which of several hits is told ([`Index`]), and the conditions of each signature, whose patterns compile
//! when a record first needs them ([`Verifier`]). It is shared by all threads and never changes, so what a thread needs to
//! change stands in its `Classifier`. How the matcher gets along with many signatures is told in `needles`.
//!
//! The plan of the built-in packs was worked out while the program was built; of their signatures only those are read that
//! somebody asks for. All other packs take the long way. Both plans of one set of packs are the same.

use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;

use crate::base::{Class, Error};
use crate::record::shape::Words;
use crate::rules::{self, DetectorRule, Pack, Selector, Signature};

use super::ahead;
use super::index::{Index, precedence};
use super::needles::Needles;
use super::verify::Verifier;

/// What one run looks for. Immutable and shared by all threads; events name signatures by their index in it.
pub struct Plan {
    /// Signatures, each read when it is first asked for.
    rules: Box<[OnceLock<Box<Rule>>]>,
    detectors: OnceLock<Vec<DetectorRule>>,
    index: Index,
    needles: Needles,
    numbered: OnceLock<Words>,
    fingerprint: u64,
}

struct Rule {
    signature: Signature,
    verifier: Verifier,
}

impl Rule {
    fn new(signature: Signature) -> Box<Rule> {
        Box::new(Rule { verifier: Verifier::default(), signature })
    }
}

impl Plan {
    /// The plan of these packs.
    ///
    /// # Errors
    /// When there are more signatures than 32 bits can number.
    pub fn new(packs: Vec<Pack>) -> Result<Plan, Error> {
        if !rules::are_builtin(&packs) {
            return Plan::made(packs);
        }
        let index = ahead::index();
        let rules = (0..index.classes.len()).map(|_| OnceLock::new()).collect();
        let (detectors, needles) = (OnceLock::new(), ahead::needles());
        let numbered = OnceLock::new();
        Ok(Plan { rules, detectors, index, needles, numbered, fingerprint: fingerprint(&packs) })
    }

    /// The plan of these packs, worked out now.
    fn made(packs: Vec<Pack>) -> Result<Plan, Error> {
        let fingerprint = fingerprint(&packs);
        let (mut signatures, mut detectors) = (Vec::new(), Vec::new());
        for pack in packs {
            signatures.extend(pack.signatures.into_iter().filter(|s| s.enabled));
            detectors.extend(pack.detectors.into_iter().filter(|d| d.enabled));
        }
        if u32::try_from(signatures.len()).is_err() {
            return Err(Error::new("more signatures than 32 bits can number"));
        }
        let index = Index::new(signatures.iter());
        let needles = Needles::new(signatures.iter().map(|s| (&s.clues[..], &s.message_ids[..])));
        let rules = signatures.into_iter().map(|signature| OnceLock::from(Rule::new(signature))).collect();
        let (detectors, numbered) = (OnceLock::from(detectors), OnceLock::new());
        Ok(Plan { rules, detectors, index, needles, numbered, fingerprint })
    }

    /// How many signatures there are.
    pub fn count(&self) -> usize {
        self.rules.len()
    }

    /// All signatures, in the order of their indexes. This reads them all: for one, ask by index or by id.
    pub fn signatures(&self) -> impl ExactSizeIterator<Item = &Signature> + Clone {
        (0..self.count() as u32).map(|index| self.signature(index))
    }

    /// The signature with this index.
    ///
    /// # Panics
    /// When the index comes from another plan; [`Plan::fingerprint`] tells plans apart.
    pub fn signature(&self, index: u32) -> &Signature {
        &self.rule(index).signature
    }

    fn rule(&self, index: u32) -> &Rule {
        self.rules[index as usize].get_or_init(|| Rule::new(rules::builtin_signature(index)))
    }

    /// The signature with this index, if there is one.
    pub fn get(&self, index: u32) -> Option<&Signature> {
        ((index as usize) < self.count()).then(|| self.signature(index))
    }

    /// The index of the signature with this id; of several the first.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.index.of_id(id).next()
    }

    /// The signatures that a selector names, by index.
    pub fn named(&self, selector: &Selector) -> Vec<u32> {
        self.index.named(selector)
    }

    /// The signatures that are told or not by what else was seen, by index: those with `unless`.
    pub fn conditional(&self) -> &[u32] {
        &self.index.conditional
    }

    /// The class of a signature; unknown where there is none with this index.
    pub fn class(&self, index: u32) -> Class {
        self.index.classes.get(index as usize).copied().unwrap_or(Class::Unknown)
    }

    /// The detectors of all packs.
    pub fn detectors(&self) -> &[DetectorRule] {
        self.detectors.get_or_init(rules::builtin_detectors)
    }

    /// The same for plans that mean the same: partial results of different plans are never merged.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(super) fn needles(&self) -> &Needles {
        &self.needles
    }

    /// The literals of which a message may have more or fewer than others of its shape.
    pub(super) fn numbered(&self) -> &Words {
        self.numbered.get_or_init(|| self.needles.numbered())
    }

    pub(super) fn verifier(&self, index: u32) -> &Verifier {
        &self.rule(index).verifier
    }

    /// Sorts hits so that the one that says most about the record comes first.
    pub(super) fn rank(&self, hits: &mut [u32]) {
        self.index.rank(hits);
    }

    /// Why, of two signatures that match one record, the first is told and not the second.
    pub fn why(&self, told: u32, other: u32) -> Option<&'static str> {
        let order = |index: u32| Some(precedence(self.get(index)?, index));
        let (a, b) = (order(told)?, order(other)?);
        match a {
            _ if !a.0 && b.0 => Some("it is worse"),
            _ if a.0 == b.0 && !a.1 && b.1 => Some("its pack knows the system"),
            _ if (a.0, a.1) == (b.0, b.1) && a.2 < b.2 => Some("it is worse"),
            _ if (a.0, a.1, a.2) == (b.0, b.1, b.2) && a.3 < b.3 => Some("its class says more"),
            _ if (a.0, a.1, a.2, a.3) == (b.0, b.1, b.2, b.3) && a.4 < b.4 => Some("its pack is about less"),
            _ if a < b => Some("it was loaded before"),
            _ => None,
        }
    }

    /// Regexes that do not compile although they parse (too large). Built-in packs are proven by the tests, so only
    /// packs of the user need this at start.
    pub fn broken(&self) -> Vec<Error> {
        let wrong = |index: u32| {
            let (signature, verifier) = (self.signature(index), self.verifier(index));
            verifier.broken(signature).map(|why| Error::new(format!("{}: {why}", signature.id)))
        };
        (0..self.count() as u32).filter_map(wrong).collect()
    }
}

/// A number that is the same for packs that mean the same to this version of the program.
fn fingerprint(packs: &[Pack]) -> u64 {
    let mut hasher = foldhash::quality::FixedState::with_seed(1).build_hasher();
    packs.iter().for_each(|pack| hasher.write_u64(pack.digest()));
    hasher.write(env!("CARGO_PKG_VERSION").as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Config;

    #[test]
    fn selectors_name_the_same_by_index_as_by_asking_all() {
        let plan = Plan::new(rules::load(&[], true).packs).unwrap();
        let mut named = 0;
        for selector in plan.detectors().iter().flat_map(DetectorRule::selectors) {
            let all = (0u32..).zip(plan.signatures()).filter(|(_, s)| selector.names(&s.id, s.class));
            assert_eq!(plan.named(selector), all.map(|(index, _)| index).collect::<Vec<_>>(), "{}", selector.word());
            named += plan.named(selector).len();
        }
        assert!(named > 100, "{named}");
    }

    /// What was worked out while the program was built is what would be worked out now.
    #[test]
    fn the_plan_made_ahead_is_the_plan_made_now() {
        let packs = rules::load(&[], true).packs;
        assert!(rules::are_builtin(&packs));
        let (ahead, made) = (Plan::new(packs.clone()).unwrap(), Plan::made(packs).unwrap());
        assert_eq!(ahead.fingerprint(), made.fingerprint());
        assert!(ahead.index == made.index && ahead.needles == made.needles);
        assert_eq!(ahead.count(), made.count());
        for (one, other) in ahead.signatures().zip(made.signatures()) {
            let other = Signature { clues: Vec::new(), ..other.clone() };
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
        assert_eq!(format!("{:?}", ahead.detectors()), format!("{:?}", made.detectors()));
        for (index, signature) in (0u32..).zip(made.signatures()) {
            assert_eq!((ahead.find(&signature.id), ahead.class(index)), (Some(index), signature.class));
        }
        assert_eq!((ahead.find("nobody/knows"), ahead.get(made.count() as u32).map(|s| &s.id)), (None, None));
    }

    /// The packs of the user, and those that a configuration changed, come to what they would without anything ahead.
    #[test]
    fn a_changed_pack_is_planned_anew() {
        let mut packs = rules::load(&[], true).packs;
        let (config, problems) = Config::parse("a.toml", "[override.\"common/network-storm\"]\nenabled = false\n");
        assert_eq!((problems, config.apply(&mut packs, &[])), (vec![], vec![]));
        assert!(!rules::are_builtin(&packs));
        let before = Plan::new(rules::load(&[], true).packs).unwrap();
        let after = Plan::new(packs).unwrap();
        assert_eq!(after.detectors().len() + 1, before.detectors().len());
        assert!(after.needles == before.needles && after.index == before.index);
        let without = Plan::new(rules::load(&[], true).packs.split_off(1)).unwrap();
        assert!(without.count() < before.count() && without.count() > 1000);
    }

    #[test]
    fn a_changed_number_is_another_plan_wherever_it_was_set() {
        let plan = |file: &str, text: &str| {
            let mut packs = rules::load(&[], true).packs;
            let (config, problems) = Config::parse(file, text);
            assert_eq!((problems, config.apply(&mut packs, &[])), (vec![], vec![]));
            Plan::new(packs).unwrap().fingerprint()
        };
        let change = "[override.\"common/network-storm\"]\nat-least = 9\n";
        assert_eq!(plan("a.toml", change), plan("b.toml", &format!("\n\n{change}")));
        assert_ne!(plan("a.toml", change), plan("a.toml", ""));
        assert_ne!(plan("a.toml", "[override.\"common/network-storm\"]\nenabled = false\n"), plan("a.toml", ""));
    }
}
