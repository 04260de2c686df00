//! What a run is made of: a plan, a choice of records, and how to read sources. Immutable, shared by all threads.

use std::path::Path;
use std::sync::Arc;

use crate::base::{Error, SourceId, SourceName, Stamp};
use crate::record::document::{Catalog, Definition};
use crate::record::{self, Format, Reference};
use crate::rules::{self, Pack};
use crate::scan::Plan;
use jiff::tz::TimeZone;

use super::filter::Filter;

/// A run that is ready to read.
///
/// ```
/// use logtriage::{Pipeline, rules};
///
/// let pipeline = Pipeline::builder().packs(rules::load(&[], true).packs).build()?;
/// let diagnosis = pipeline.diagnose_bytes("app.log", b"2026-05-11T22:40:02Z app[7]: ready\n");
/// assert_eq!(diagnosis.severity, logtriage::base::Severity::Healthy);
/// # Ok::<(), logtriage::base::Error>(())
/// ```
pub struct Pipeline {
    pub(super) plan: Plan,
    pub(super) filter: Filter,
    pub(super) zone: TimeZone,
    pub(super) format: Option<Format>,
    pub(super) catalog: Arc<Catalog>,
    pub(super) document: Option<String>,
    pub(super) naive: bool,
    pub(super) block: usize,
    pub(super) memory: usize,
    pub(super) now: Option<Stamp>,
}

/// Collects what a [`Pipeline`] needs.
pub struct PipelineBuilder {
    packs: Vec<Pack>,
    filter: Filter,
    zone: Option<TimeZone>,
    format: Option<Format>,
    definitions: Option<Vec<Definition>>,
    document: Option<String>,
    naive: bool,
    block: usize,
    memory: usize,
    now: Option<Stamp>,
}

impl Default for PipelineBuilder {
    fn default() -> PipelineBuilder {
        PipelineBuilder {
            packs: Vec::new(),
            filter: Filter::default(),
            zone: None,
            format: None,
            definitions: None,
            document: None,
            naive: false,
            block: super::batch::BLOCK,
            memory: super::backlog::BUDGET,
            now: None,
        }
    }
}

impl Pipeline {
    /// Starts with no packs, no filter, the machine's zone, formats found by themselves.
    pub fn builder() -> PipelineBuilder {
        PipelineBuilder::default()
    }

    /// The plan made of the packs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How to read a source: the format (found in its first page, unless one was set) and the reference for its times.
    ///
    /// `now` is the time that no record is much later than: the modification time of a file, the moment of reading.
    pub fn source(&self, name: &str, unit: String, now: Stamp, head: &[u8], tail: &[u8]) -> SourceInfo {
        let format = self.format.unwrap_or_else(|| Format::sniff(head));
        let mut reference = Reference { now, zone: self.zone.clone(), unit, boot: None, dated: false };
        format.anchor(head, tail, &mut reference);
        SourceInfo { id: SourceId::of(name), name: name.to_owned(), format, documents: None, reference }
    }
}

impl PipelineBuilder {
    /// The packs to look with.
    pub fn packs(mut self, packs: Vec<Pack>) -> Self {
        self.packs = packs;
        self
    }

    /// The records to look at.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// The zone of times that do not name theirs; the machine's when not set.
    pub fn zone(mut self, zone: TimeZone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// The format of all sources, when it shall not be found by itself.
    pub fn format(mut self, format: Option<Format>) -> Self {
        self.format = format;
        self
    }

    /// The documents that become rows; those that come with the program when not set.
    pub fn documents(mut self, definitions: Vec<Definition>) -> Self {
        self.definitions = Some(definitions);
        self
    }

    /// The name of the definition that all sources are documents of, when it shall not be found by itself. A name that no
    /// definition has stands for none.
    pub fn document(mut self, name: Option<String>) -> Self {
        self.document = name;
        self
    }

    /// Asks every signature about every record, without the prefilter: the slow oracle that tests compare with.
    pub fn naive(mut self, naive: bool) -> Self {
        self.naive = naive;
        self
    }

    /// How many bytes of a file are worked on at once. The diagnosis does not depend on it; tests make it small.
    pub fn block(mut self, bytes: usize) -> Self {
        self.block = bytes;
        self
    }

    /// How many bytes of events a batch holds in memory before it writes them to a temporary file. The diagnosis does not
    /// depend on it; tests make it small.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// The moment at which the log is judged, where that is later than its last record: what has been silent until then
    /// is late. The end of the log when not set.
    pub fn now(mut self, now: Option<Stamp>) -> Self {
        self.now = now;
        self
    }

    /// The pipeline.
    ///
    /// # Errors
    /// When the packs' literals together do not fit into one automaton.
    pub fn build(self) -> Result<Pipeline, Error> {
        Ok(Pipeline {
            plan: Plan::new(self.packs)?,
            filter: self.filter,
            zone: self.zone.unwrap_or_else(TimeZone::system),
            format: self.format,
            catalog: Catalog::new(self.definitions.unwrap_or_else(rules::builtin_formats)),
            document: self.document,
            naive: self.naive,
            block: self.block,
            memory: self.memory,
            now: self.now,
        })
    }
}

/// One source and how to read it.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// The hash of `name`.
    pub id: SourceId,
    /// The path, `-` for standard input, `journal`.
    pub name: String,
    /// The format of its records.
    pub format: Format,
    /// It holds documents: the name of their definition. Its records are their rows.
    pub documents: Option<Arc<str>>,
    /// What their times and units refer to.
    pub reference: Reference,
}

impl SourceInfo {
    /// What a report needs of it.
    pub fn to_name(&self) -> SourceName {
        let format = self.documents.as_deref().unwrap_or(self.format.name()).to_owned();
        let begin = record::begin_of_path(Path::new(&self.name), &self.reference.zone);
        SourceName { name: self.name.clone(), format, now: begin.unwrap_or(self.reference.now) }
    }
}
