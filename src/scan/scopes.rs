//! Which signatures are about this unit, identifier and host?
//!
//! In: the names of a record, and a signature's `where`. Out: do they fit? Names are few and come again and again, so an answer
//! is worked out once and remembered for the thread; it is never another than that of the patterns.

use std::hash::{Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::{Equivalent, HashMap};

use crate::base::{Glob, stem};
use crate::record::Record;
use crate::rules::Scope;

/// How many names are remembered at once.
const NAMES: usize = 4_096;

/// The answers so far, of one plan.
#[derive(Default)]
pub(super) struct Scopes {
    names: HashMap<Names, Answers, FixedState>,
}

/// Unit, identifier, host.
#[derive(PartialEq, Eq)]
struct Names([Box<str>; 3]);

/// The same, borrowed.
struct Borrowed<'a>([&'a str; 3]);

/// Two bits for each signature, by its index: the answer is known, and the answer.
#[derive(Default)]
struct Answers {
    known: Vec<u64>,
    fits: Vec<u64>,
}

impl Hash for Names {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|name| name.hash(state));
    }
}

impl Hash for Borrowed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|name| name.hash(state));
    }
}

impl Equivalent<Names> for Borrowed<'_> {
    fn equivalent(&self, names: &Names) -> bool {
        self.0.iter().zip(&names.0).all(|(a, b)| **a == **b)
    }
}

impl Scopes {
    /// Do the names of the record fit the scope of the signature with this index?
    pub(super) fn fit(&mut self, index: u32, scope: &Scope, record: &Record<'_>) -> bool {
        if scope.unit.is_empty() && scope.identifier.is_empty() && scope.host.is_empty() {
            return true;
        }
        let names = Borrowed([&record.unit, &record.identifier, &record.host]);
        let (word, bit) = (index as usize / 64, 1u64 << (index % 64));
        let has = |bits: &[u64]| bits.get(word).is_some_and(|bits| bits & bit != 0);
        if let Some(answers) = self.names.get(&names)
            && has(&answers.known)
        {
            return has(&answers.fits);
        }
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        let fit = names_fit(scope, record);
        let owned = Names(names.0.map(Box::from));
        let answers = self.names.entry(owned).or_default();
        set(&mut answers.known, word, bit);
        if fit {
            set(&mut answers.fits, word, bit);
        }
        fit
    }
}

fn set(bits: &mut Vec<u64>, word: usize, bit: u64) {
    if bits.len() <= word {
        bits.resize(word + 1, 0);
    }
    if let Some(bits) = bits.get_mut(word) {
        *bits |= bit;
    }
}

fn names_fit(scope: &Scope, record: &Record<'_>) -> bool {
    fits(&scope.unit, &record.unit) && fits(&scope.identifier, &record.identifier) && fits(&scope.host, &record.host)
}

/// Does one of the patterns cover the name or its stem? A name that the form does not carry is the empty text: the pattern ""
/// stands for it.
pub(super) fn fits(globs: &[Glob], name: &str) -> bool {
    globs.is_empty() || globs.iter().any(|glob| glob.matches(name) || glob.matches(stem(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stamp;
    use crate::record::Reference;
    use crate::rules;

    #[test]
    fn what_is_remembered_is_what_the_patterns_say() {
        let zone = jiff::tz::TimeZone::UTC;
        let reference = Reference { now: Stamp(0), zone, unit: "u".into(), boot: None, dated: false };
        let signatures: Vec<_> = rules::load(&[], true).packs.into_iter().flat_map(|pack| pack.signatures).collect();
        let names = [
            "",
            "systemd",
            "systemd-logind",
            "nats.service",
            "sshd.service",
            "sshd",
            "kernel",
            "prod/api-7ff54bf6b6-m2n95/api",
        ];
        let mut scopes = Scopes::default();
        let (mut within, mut asked) = (0, 0);
        for _ in 0..2 {
            for unit in names {
                for identifier in names {
                    let mut record = Record::plain(b"x", &reference);
                    (record.unit, record.identifier) = (unit.into(), identifier.into());
                    for (index, signature) in (0u32..).zip(&signatures) {
                        let expected = names_fit(&signature.scope, &record);
                        assert_eq!(
                            scopes.fit(index, &signature.scope, &record),
                            expected,
                            "{}: {unit}, {identifier}",
                            signature.id
                        );
                        asked += 1;
                        within += usize::from(expected && !signature.scope.identifier.is_empty());
                    }
                }
            }
        }
        assert!(within > 100, "{within} of {asked}");
    }
}
