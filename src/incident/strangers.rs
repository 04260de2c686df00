//! Errors that no signature knows, grouped by their shape.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::{Level, Stamp};
use crate::scan::{Event, mask};

use super::case::Names;
use super::diagnosis::Unclassified;

/// Shapes kept; errors of further shapes are only counted.
const SHAPES: usize = 5_000;

/// Units named for one shape.
const UNITS: usize = 20;

/// The groups.
#[derive(Debug, Default)]
pub struct Strangers {
    shapes: BTreeMap<String, Stranger>,
    beyond: u64,
}

#[derive(Debug)]
struct Stranger {
    level: Option<Level>,
    count: u64,
    units: BTreeSet<Arc<str>>,
    first: Stamp,
    last: Stamp,
    sample: Box<str>,
}

impl Strangers {
    /// Counts one error. Events come in order, so the sample is the first one's text.
    pub fn add(&mut self, event: &Event) {
        let shape = mask::shape(&event.text);
        if self.shapes.len() >= SHAPES && !self.shapes.contains_key(&shape) {
            self.beyond += 1;
            return;
        }
        let stranger = self.shapes.entry(shape).or_insert_with(|| Stranger {
            level: event.level,
            count: 0,
            units: BTreeSet::new(),
            first: event.time,
            last: event.time,
            sample: event.text.clone(),
        });
        stranger.count += 1;
        stranger.level = match (stranger.level, event.level) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        stranger.first = stranger.first.min(event.time);
        stranger.last = stranger.last.max(event.time);
        if stranger.units.len() < UNITS {
            stranger.units.insert(event.unit.clone());
        }
    }

    /// Errors that were counted without their shape.
    pub fn beyond(&self) -> u64 {
        self.beyond
    }

    pub(super) fn report(&self, names: &Names) -> Vec<Unclassified> {
        let mut all: Vec<Unclassified> = self
            .shapes
            .iter()
            .map(|(shape, s)| Unclassified {
                template: shape.clone(),
                level: s.level,
                count: s.count,
                units: s.units.iter().map(|u| names.of(u)).collect::<BTreeSet<_>>().into_iter().collect(),
                first_seen: s.first,
                last_seen: s.last,
                sample: s.sample.to_string(),
            })
            .collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.template.cmp(&b.template)));
        all
    }
}
