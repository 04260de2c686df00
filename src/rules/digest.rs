//! Do two packs mean the same?

use std::hash::{BuildHasher, Hasher};

use super::model::Pack;
use super::origin::Origins;

/// A number that is the same for packs that mean the same. Where a number was set is no part of what it means.
pub(super) fn digest(pack: &Pack) -> u64 {
    let mut pack = pack.clone();
    pack.signatures.iter_mut().for_each(|s| s.set = Origins::default());
    pack.detectors.iter_mut().for_each(|d| d.set = Origins::default());
    let mut hasher = foldhash::quality::FixedState::with_seed(1).build_hasher();
    // What cannot be encoded does not occur in a pack; its name alone would still tell most packs apart.
    hasher.write(&postcard::to_stdvec(&pack).unwrap_or_else(|_| pack.name.clone().into_bytes()));
    hasher.finish()
}
