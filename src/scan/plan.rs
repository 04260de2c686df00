//! The plan: all signatures and detectors of all packs, in one table, with one number for each signature.
//!
//! In: packs. Out: everything that is worked out once, before the first record: the prefilter over all literals
//! ([`Needles`]), the conditions of each signature, whose patterns compile when a record first needs them ([`Verifier`]),
//! and which of several hits is told. It is shared by all threads and never changes, so what a thread needs to change
//! stands in its `Classifier`. How the matcher gets along with many signatures is told in `needles`.

use std::hash::{BuildHasher, Hasher};

use crate::base::{Class, Error, Severity};
use crate::rules::{About, DetectorRule, Origins, Pack, Selector, Signature};

use super::needles::Needles;
use super::verify::Verifier;

/// What one run looks for. Immutable and shared by all threads; events name signatures by their index in it.
pub struct Plan {
    signatures: Vec<Signature>,
    verifiers: Vec<Verifier>,
    detectors: Vec<DetectorRule>,
    ranks: Vec<u32>,
    /// The indexes of the signatures, in the order of their ids.
    by_id: Vec<u32>,
    needles: Needles,
    fingerprint: u64,
}

impl Plan {
    /// The plan of these packs.
    ///
    /// # Errors
    /// When there are more signatures than 32 bits can number.
    pub fn new(packs: Vec<Pack>) -> Result<Plan, Error> {
        let mut signatures = Vec::new();
        let mut detectors = Vec::new();
        let mut hasher = foldhash::quality::FixedState::with_seed(1).build_hasher();
        for mut pack in packs {
            // Where a number was set is no part of what it means.
            pack.signatures.iter_mut().for_each(|s| s.set = Origins::default());
            pack.detectors.iter_mut().for_each(|d| d.set = Origins::default());
            // What cannot be encoded does not occur in a pack; its name alone would still tell most plans apart.
            hasher.write(&postcard::to_stdvec(&pack).unwrap_or_else(|_| pack.name.clone().into_bytes()));
            signatures.extend(pack.signatures.into_iter().filter(|s| s.enabled));
            detectors.extend(pack.detectors.into_iter().filter(|d| d.enabled));
        }
        hasher.write(env!("CARGO_PKG_VERSION").as_bytes());
        let count =
            u32::try_from(signatures.len()).map_err(|_| Error::new("more signatures than 32 bits can number"))?;
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_by_key(|&i| precedence(&signatures[i as usize], i));
        let mut ranks = vec![0; signatures.len()];
        for (rank, &i) in order.iter().enumerate() {
            ranks[i as usize] = rank as u32;
        }
        let mut by_id: Vec<u32> = (0..count).collect();
        by_id.sort_unstable_by_key(|&i| signatures.get(i as usize).map(|s| s.id.as_str()));
        let verifiers = signatures.iter().map(|_| Verifier::default()).collect();
        let needles = Needles::new(signatures.iter().map(|s| (&s.clues[..], &s.message_ids[..])));
        Ok(Plan { signatures, verifiers, detectors, ranks, by_id, needles, fingerprint: hasher.finish() })
    }

    /// All signatures; events hold indexes into this.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The signature with this index.
    ///
    /// # Panics
    /// When the index comes from another plan; [`Plan::fingerprint`] tells plans apart.
    pub fn signature(&self, index: u32) -> &Signature {
        &self.signatures[index as usize]
    }

    /// The signatures that a selector names, by index. A full id is looked up; all others are asked one by one.
    pub fn named(&self, selector: &Selector) -> Vec<u32> {
        let Some(id) = selector.id() else {
            let named = (0u32..).zip(&self.signatures).filter(|(_, s)| selector.names(&s.id, s.class));
            return named.map(|(index, _)| index).collect();
        };
        let of = |index: u32| self.signatures.get(index as usize).map_or("", |s| s.id.as_str());
        let from = self.by_id.partition_point(|&index| of(index) < id);
        self.by_id.iter().skip(from).copied().take_while(|&index| of(index) == id).collect()
    }

    /// The detectors of all packs.
    pub fn detectors(&self) -> &[DetectorRule] {
        &self.detectors
    }

    /// The same for plans that mean the same: partial results of different plans are never merged.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(super) fn needles(&self) -> &Needles {
        &self.needles
    }

    pub(super) fn verifier(&self, index: u32) -> &Verifier {
        &self.verifiers[index as usize]
    }

    /// Sorts hits so that the one that says most about the record comes first.
    pub(super) fn rank(&self, hits: &mut [u32]) {
        hits.sort_unstable_by_key(|&i| self.ranks.get(i as usize).copied().unwrap_or(u32::MAX));
    }

    /// Why, of two signatures that match one record, the first is told and not the second.
    pub fn why(&self, told: u32, other: u32) -> Option<&'static str> {
        let order = |index: u32| Some(precedence(self.signatures.get(index as usize)?, index));
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
        let wrong = |(s, v): (&Signature, &Verifier)| v.broken(s).map(|why| Error::new(format!("{}: {why}", s.id)));
        self.signatures.iter().zip(&self.verifiers).filter_map(wrong).collect()
    }
}

/// Which of several hits on one record is told: what is down, then the pack that knows the system before the pack of common
/// texts (who wrote down this very line knows how bad it is), then the worse, then the one whose class says more, then
/// the pack that is about less, then the order of writing.
fn precedence(signature: &Signature, index: u32) -> (bool, bool, u8, u8, About, u32) {
    let severity = match signature.severity {
        Severity::Down => 0,
        Severity::Degraded => 1,
        Severity::Healthy | Severity::Info => 2,
    };
    let class = match signature.class {
        Class::Unknown => 3,
        Class::Exit => 2,
        Class::Crash => 1,
        _ => 0,
    };
    (severity > 0, signature.about == About::Anything, severity, class, signature.about, index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{self, Config};

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
