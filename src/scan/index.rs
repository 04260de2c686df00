//! What is asked of signatures before any of them matched: in which order they are told, and which one has an id.
//!
//! In: signatures, in the order of their numbers. Out: an [`Index`]. The same signatures give the same index, so that of
//! the built-in packs is worked out while the program is built.

use std::borrow::Cow;

use crate::base::{Class, Severity};
use crate::rules::{About, Selector, Signature};

use super::rows::Rows;

/// Facts of all signatures of a plan, by their number.
#[derive(Debug, PartialEq)]
pub(super) struct Index {
    pub(super) ids: Rows<u8>,
    pub(super) classes: Cow<'static, [Class]>,
    /// The place of each among all hits that one record may have.
    pub(super) ranks: Cow<'static, [u32]>,
    /// The numbers, in the order of the ids.
    pub(super) by_id: Cow<'static, [u32]>,
    /// Those that are told or not by what else was seen: they have `unless`.
    pub(super) conditional: Cow<'static, [u32]>,
}

impl Index {
    /// The index of these signatures.
    pub(super) fn new<'s>(signatures: impl Iterator<Item = &'s Signature> + Clone) -> Index {
        let mut ids = Rows::new();
        let mut order: Vec<_> = Vec::new();
        let mut by_id: Vec<(&str, u32)> = Vec::new();
        for (number, signature) in (0u32..).zip(signatures.clone()) {
            ids.push(signature.id.bytes());
            order.push((precedence(signature, number), number));
            by_id.push((&signature.id, number));
        }
        order.sort_unstable();
        by_id.sort_unstable();
        let mut ranks: Vec<(u32, u32)> = (0u32..).zip(&order).map(|(rank, (_, number))| (*number, rank)).collect();
        ranks.sort_unstable();
        let numbered = (0u32..).zip(signatures.clone());
        Index {
            ids,
            classes: signatures.map(|s| s.class).collect(),
            ranks: ranks.into_iter().map(|(_, rank)| rank).collect(),
            by_id: by_id.into_iter().map(|(_, number)| number).collect(),
            conditional: numbered.filter(|(_, s)| !s.unless.is_empty()).map(|(number, _)| number).collect(),
        }
    }

    /// The numbers of the signatures that a selector names, in ascending order.
    pub(super) fn named(&self, selector: &Selector) -> Vec<u32> {
        if let Some(id) = selector.id() {
            return self.of_id(id).collect();
        }
        let id = |number: u32| std::str::from_utf8(self.ids.row(number)).unwrap_or("");
        let named = (0u32..).zip(&*self.classes).filter(|(number, class)| selector.names(id(*number), **class));
        named.map(|(number, _)| number).collect()
    }

    /// The numbers of the signatures with this id.
    pub(super) fn of_id(&self, id: &str) -> impl Iterator<Item = u32> {
        let from = self.by_id.partition_point(|&number| self.ids.row(number) < id.as_bytes());
        let rest = self.by_id.get(from..).unwrap_or_default().iter().copied();
        rest.take_while(move |&number| self.ids.row(number) == id.as_bytes()).collect::<Vec<_>>().into_iter()
    }

    /// Sorts hits so that the one that says most about the record comes first.
    pub(super) fn rank(&self, hits: &mut [u32]) {
        hits.sort_unstable_by_key(|&number| self.ranks.get(number as usize).copied().unwrap_or(u32::MAX));
    }
}

/// Which of several hits on one record is told: what is down, then the pack that knows the system before the pack of common
/// texts (who wrote down this very line knows how bad it is), then the worse, then the one whose class says more, then
/// the pack that is about less, then the order of writing.
pub(super) fn precedence(signature: &Signature, number: u32) -> (bool, bool, u8, u8, About, u32) {
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
    (severity > 0, signature.about == About::Anything, severity, class, signature.about, number)
}
