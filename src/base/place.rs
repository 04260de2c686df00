//! Where a record stands, so that evidence can be found again after the buffer is gone.

use std::fmt;
use std::hash::{BuildHasher, Hasher};

use serde::{Deserialize, Serialize};

/// Names a source by a stable hash of its name (a path, `-` for standard input, `journal`).
///
/// A hash and not a counter: partial results of several machines are merged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u64);

impl SourceId {
    /// The id of the source with this name; the same on every machine and in every version.
    pub fn of(name: &str) -> SourceId {
        let mut hasher = foldhash::quality::FixedState::with_seed(0x6c6f_6774).build_hasher();
        hasher.write(name.as_bytes());
        SourceId(hasher.finish())
    }
}

/// Where a record begins: the source and the byte offset in its (decompressed) bytes.
///
/// The order is source, then offset; it breaks ties between records of the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// Byte offset of the first byte of the record in the decompressed source.
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}:{}", self.source.0, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_ids_are_stable() {
        assert_eq!(SourceId::of("a.log"), SourceId::of("a.log"));
        assert_ne!(SourceId::of("a.log"), SourceId::of("b.log"));
    }
}
