//! Partial results: what one process leaves for another to merge.
//!
//! A partial is a set of stretches. Merging is the union of the sets with neighbours joined, so it does not matter in
//! which order parts are merged, and an empty part changes nothing. It keeps all events, for that is what it is for: the
//! more of a log fails, the larger it is.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};

use serde::{Deserialize, Serialize};

use crate::base::{Error, SourceId, SourceName};
use crate::incident::Unreadable;

use super::pipeline::SourceInfo;
use super::segment::Segment;

/// First bytes of an encoded partial, then one byte for the version of the form, 8 for the sum of the body, the body.
const MAGIC: &[u8; 9] = b"logtriage";
const VERSION: u8 = 4;

/// Somebody who is given what was read, source by source, each from left to right.
pub(super) trait Collect: Sized {
    /// Names a source of which there may be nothing to add: an empty file was read as well.
    fn name(&mut self, source: &SourceInfo);

    /// Adds one stretch.
    fn add(&mut self, source: &SourceInfo, segment: Segment) -> Result<(), Error>;

    /// Notes a source that could not be read, or not to its end.
    fn unreadable(&mut self, name: &str, why: String);

    /// Notes records that were left out because they stand in another source too.
    fn duplicates(&mut self, source: SourceId, n: u64);

    /// Joins what somebody else collected of other sources.
    fn merge(&mut self, other: Self) -> Result<(), Error>;
}

impl Collect for Partial {
    fn name(&mut self, source: &SourceInfo) {
        Partial::name(self, source);
    }

    fn add(&mut self, source: &SourceInfo, segment: Segment) -> Result<(), Error> {
        Partial::add(self, source, segment)
    }

    fn unreadable(&mut self, name: &str, why: String) {
        Partial::unreadable(self, name, why);
    }

    fn duplicates(&mut self, source: SourceId, n: u64) {
        Partial::duplicates(self, source, n);
    }

    fn merge(&mut self, other: Partial) -> Result<(), Error> {
        Partial::merge(self, other)
    }
}

/// What stretches of one or more sources left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    plan: u64,
    sources: BTreeMap<SourceId, SourceName>,
    segments: BTreeMap<(SourceId, u64), Segment>,
    unreadable: Vec<(String, String)>,
    /// Records that were left out because they stand in another source too.
    duplicates: BTreeMap<SourceId, u64>,
}

impl Partial {
    /// A partial of nothing, for the plan with this fingerprint.
    pub fn empty(plan: u64) -> Partial {
        Partial { plan, ..Partial::default() }
    }

    /// Adds one stretch.
    ///
    /// # Errors
    /// When it overlaps a stretch that is already there: its records would count twice.
    pub fn add(&mut self, source: &SourceInfo, segment: Segment) -> Result<(), Error> {
        self.name(source);
        self.insert(segment)
    }

    /// Names a source of which there may be nothing to add: an empty file was read as well.
    pub fn name(&mut self, source: &SourceInfo) {
        self.describe(source.id, source.to_name());
    }

    /// Parts of one source may have been read at different times: the latest description holds, in any order.
    fn describe(&mut self, id: SourceId, name: SourceName) {
        let key = |n: &SourceName| (n.now, n.format.clone(), n.name.clone());
        match self.sources.get_mut(&id) {
            Some(known) if key(known) >= key(&name) => {}
            Some(known) => *known = name,
            None => {
                self.sources.insert(id, name);
            }
        }
    }

    /// Notes a source that could not be read, or not to its end.
    pub fn unreadable(&mut self, name: &str, why: String) {
        self.unreadable.push((name.to_owned(), why));
        self.unreadable.sort();
        self.unreadable.dedup();
    }

    /// Notes records that were left out because they stand in another source too.
    pub fn duplicates(&mut self, source: SourceId, n: u64) {
        if n > 0 {
            *self.duplicates.entry(source).or_default() += n;
        }
    }

    /// Joins another partial. Associative, commutative, and an empty one changes nothing.
    ///
    /// # Errors
    /// When the two were made with different packs or versions, or when stretches overlap.
    pub fn merge(&mut self, other: Partial) -> Result<(), Error> {
        if other.plan != self.plan {
            return Err(Error::new(
                "these partial results were made with different packs, configurations or versions of logtriage",
            )
            .help("scan all parts with the same version, the same --packs and the same --config"));
        }
        other.sources.into_iter().for_each(|(id, name)| self.describe(id, name));
        for segment in other.segments.into_values() {
            self.insert(segment)?;
        }
        other.duplicates.into_iter().for_each(|(source, n)| self.duplicates(source, n));
        self.unreadable.extend(other.unreadable);
        self.unreadable.sort();
        self.unreadable.dedup();
        Ok(())
    }

    fn insert(&mut self, segment: Segment) -> Result<(), Error> {
        if segment.start == segment.end {
            return Ok(());
        }
        let source = segment.source;
        let left = self.segments.range(..(source, segment.end)).next_back();
        if let Some((_, left)) = left.filter(|(_, l)| l.source == source && l.end > segment.start) {
            let name = self.sources.get(&source).map_or("?", |s| s.name.as_str());
            return Err(Error::new(format!(
                "{name}: bytes {}..{} and {}..{} overlap: their records would count twice",
                left.start, left.end, segment.start, segment.end
            )));
        }
        let mut joined = segment;
        let before = self.segments.range(..(source, joined.start)).next_back();
        if let Some((&key, _)) = before.filter(|(_, l)| l.source == source && l.end == joined.start)
            && let Some(mut left) = self.segments.remove(&key)
        {
            left.append(joined);
            joined = left;
        }
        if let Some(right) = self.segments.remove(&(source, joined.end)) {
            joined.append(right);
        }
        self.segments.insert((source, joined.start), joined);
        Ok(())
    }

    /// The fingerprint of the plan that it was made with.
    pub fn plan(&self) -> u64 {
        self.plan
    }

    /// How many records of each source were left out because they stand in another one too.
    pub(super) fn left_out(&self) -> impl Iterator<Item = (SourceId, u64)> {
        self.duplicates.iter().map(|(source, n)| (*source, *n))
    }

    /// What could not be read.
    pub fn failures(&self) -> impl Iterator<Item = Unreadable> {
        self.unreadable.iter().map(|(name, why)| Unreadable { name: name.clone(), why: why.clone() })
    }

    pub(super) fn into_parts(self) -> (BTreeMap<SourceId, SourceName>, Vec<Segment>) {
        (self.sources, self.segments.into_values().collect())
    }

    /// As bytes, for a file or a network.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        // Writing into a vector of types that serde derives cannot fail.
        let body = postcard::to_stdvec(self).unwrap_or_default();
        bytes.extend(sum(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// From bytes that [`Partial::encode`] made.
    ///
    /// # Errors
    /// When they are anything else, or were cut.
    pub fn decode(bytes: &[u8]) -> Result<Partial, Error> {
        let wrong = |why: &str| Error::new(why.to_owned()).help("make it with 'logtriage scan --partial FILE PATH...'");
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| wrong("not a partial result of logtriage"))?;
        match rest.split_first() {
            Some((&VERSION, rest)) => {
                let damaged = || wrong("this partial result is damaged or cut");
                let (expected, body) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
                if sum(body).to_le_bytes() != *expected {
                    return Err(damaged());
                }
                let partial: Partial = postcard::from_bytes(body).map_err(|err| damaged().because(err))?;
                if partial.is_sound() { Ok(partial) } else { Err(damaged()) }
            }
            Some((version, _)) => Err(wrong(&format!(
                "a partial result of form {version}; this version of logtriage reads form {VERSION}"
            ))),
            None => Err(wrong("this partial result is cut after its first bytes")),
        }
    }

    /// Are the stretches where their keys say, apart from each other, and of sources that are named?
    fn is_sound(&self) -> bool {
        let mut end = None;
        self.segments.iter().all(|(&(source, start), segment)| {
            let apart = end.is_none_or(|(before, end)| before != source || end <= start);
            end = Some((source, segment.end));
            let placed = (segment.source, segment.start) == (source, start) && start < segment.end;
            apart && placed && self.sources.contains_key(&source)
        })
    }
}

/// The sum that tells whether a body is what was written: a flipped bit could pass for another count.
fn sum(body: &[u8]) -> u64 {
    let mut hasher = foldhash::quality::FixedState::with_seed(u64::from(VERSION)).build_hasher();
    hasher.write(body);
    hasher.finish()
}
