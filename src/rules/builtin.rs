//! The packs that come with the binary.
//!
//! Out: their file names and texts, and what they say. `build.rs` reads them with the reader of this room, so a start of
//! the program reads none of them: a rule is decoded when somebody looks at it.

use super::clue::Clue;
use super::list::{List, Lot, Store};
use super::model::{DetectorRule, Pack, Signature};
use crate::record::document::Definition;

/// A built-in pack without its rules.
struct Head {
    name: &'static str,
    title: &'static str,
    version: u32,
    about: super::model::About,
    file: &'static str,
    /// The numbers of its rules, from and to.
    signatures: (u32, u32),
    detectors: (u32, u32),
    /// See [`Pack::digest`].
    digest: u64,
}

// `HEADS`, `SIGNATURES`, `CLUES` and `DETECTORS`.
include!(concat!(env!("OUT_DIR"), "/heads.rs"));

/// File name and text of every built-in pack, in the order in which they are loaded.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/packs.rs"))
}

/// Name and text of every case of the built-in packs.
pub fn builtin_cases() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/cases.rs"))
}

/// The built-in packs, found right when the program was built. Their links were followed then and are left out.
pub(super) fn packs() -> Vec<Pack> {
    let pack = |head: &Head| Pack {
        name: head.name.to_owned(),
        title: head.title.to_owned(),
        version: head.version,
        about: head.about,
        file: head.file.to_owned(),
        signatures: List::built_in(Lot { from: head.signatures.0, to: head.signatures.1, read: signature }),
        detectors: List::built_in(Lot { from: head.detectors.0, to: head.detectors.1, read: detector }),
        links: Vec::new(),
        keys: Vec::new(),
    };
    HEADS.iter().map(pack).collect()
}

/// A built-in signature by its number, with its clues.
// The same program wrote and reads them, so nothing can be wrong with them; the tests hold them to the texts.
fn signature(number: u32) -> Option<Signature> {
    let clues: Vec<Clue> = CLUES.get(number)?;
    Some(Signature { clues, ..SIGNATURES.get(number)? })
}

/// A built-in signature by its number. It has no clues: they are for the one who makes a plan, and that was done.
pub fn builtin_signature(number: u32) -> Signature {
    SIGNATURES.get(number).unwrap_or_else(|| Signature::new(String::new()))
}

fn detector(number: u32) -> Option<DetectorRule> {
    DETECTORS.get(number)
}

/// All built-in detectors, in their order.
pub fn builtin_detectors() -> Vec<DetectorRule> {
    (0..DETECTORS.len()).filter_map(detector).collect()
}

/// Are these the built-in packs, all of them, in their order, and as they were built?
pub fn are_builtin(packs: &[Pack]) -> bool {
    packs.len() == HEADS.len() && packs.iter().zip(HEADS).all(|(pack, head)| head.is_of(pack))
}

impl Head {
    /// Is this pack as it was built?
    fn is_of(&self, pack: &Pack) -> bool {
        let Pack { name, title, version, about, file, signatures, detectors, .. } = pack;
        (name.as_str(), title.as_str(), file.as_str()) == (self.name, self.title, self.file)
            && (*version, *about) == (self.version, self.about)
            && signatures.untouched() == Some(self.signatures)
            && detectors.untouched() == Some(self.detectors)
    }
}

/// The built-in definitions of documents, in the order of their files.
pub fn builtin_formats() -> Vec<Definition> {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/formats.bin"));
    postcard::from_bytes(bytes).unwrap_or_default()
}

impl Pack {
    /// It came with the binary.
    pub fn is_builtin(&self) -> bool {
        builtin().iter().any(|(file, _)| *file == self.file)
    }

    /// The same for packs that mean the same.
    pub fn digest(&self) -> u64 {
        HEADS.iter().find(|head| head.is_of(self)).map_or_else(|| super::digest::digest(self), |head| head.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_packs_know_when_they_were_changed() {
        let whole = packs();
        assert!(are_builtin(&whole) && !are_builtin(&whole[1..]));
        for (pack, head) in whole.iter().zip(HEADS) {
            assert_eq!(
                (pack.digest(), super::super::digest::digest(pack)),
                (head.digest, head.digest),
                "{}",
                pack.name
            );
        }
        let mut changed = packs();
        changed[3].signatures[0].at_least += 1;
        assert!(!are_builtin(&changed));
        assert_ne!(changed[3].digest(), whole[3].digest());
        let mut renamed = packs();
        renamed[2].title.push('x');
        assert!(!are_builtin(&renamed) && renamed[2].digest() != whole[2].digest());
    }
}
