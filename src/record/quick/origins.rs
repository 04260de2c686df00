//! Who wrote a record, remembered by the bytes that decide it.

use hashbrown::HashMap;

use super::super::{Record, Stream};

/// How many origins are remembered. When more come (processes that live for one line), all are forgotten and learnt anew.
const ORIGINS: usize = 16_384;

/// Who wrote a record: what of it follows from its origin key alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are those of `Record`
pub struct Origin {
    pub host: Box<str>,
    pub unit: Box<str>,
    pub identifier: Box<str>,
    pub invocation: Box<str>,
    pub pid: Option<u32>,
    pub stream: Stream,
}

impl Origin {
    /// The origin of a record.
    pub fn of(record: &Record<'_>) -> Origin {
        Origin {
            host: record.host.as_ref().into(),
            unit: record.unit.as_ref().into(),
            identifier: record.identifier.as_ref().into(),
            invocation: record.invocation.as_ref().into(),
            pid: record.pid,
            stream: record.stream,
        }
    }
}

/// The origins of one source, each with what its reader wants to remember beside it.
#[derive(Debug)]
pub struct Origins<T> {
    index: HashMap<Box<[u8]>, (Origin, T), foldhash::fast::FixedState>,
}

impl<T> Default for Origins<T> {
    fn default() -> Origins<T> {
        Origins { index: HashMap::default() }
    }
}

impl<T> Origins<T> {
    /// The origin with this key, if it is known.
    #[inline]
    pub fn find(&self, key: &[u8]) -> Option<&(Origin, T)> {
        self.index.get(key)
    }

    /// Remembers an origin.
    pub fn learn(&mut self, key: &[u8], origin: Origin, beside: T) {
        if self.index.len() >= ORIGINS {
            self.index.clear();
        }
        self.index.insert(key.into(), (origin, beside));
    }
}
