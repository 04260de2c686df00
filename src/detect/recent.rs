//! The places that a finding would show if it opened now: the earliest of its window.

use crate::base::Stamp;
use crate::scan::Event;

use super::board::{MOST_EVIDENCE, evidence};
use super::finding::Evidence;

/// A few places of one key, in the order in which they happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    places: Vec<Evidence>,
}

impl Recent {
    /// Keeps the place of the event while there is room. A late one stands where it belongs.
    pub(super) fn add(&mut self, event: &Event) {
        let at = self.places.partition_point(|e| (e.time, e.place) <= event.order());
        if at < MOST_EVIDENCE {
            self.places.insert(at, evidence(event));
            self.places.truncate(MOST_EVIDENCE);
        }
    }

    /// Forgets what happened before `from`.
    pub(super) fn forget_before(&mut self, from: Stamp) {
        self.places.retain(|e| e.time >= from);
    }

    /// The places, for a finding that opens.
    pub(super) fn take(&mut self) -> Vec<Evidence> {
        std::mem::take(&mut self.places)
    }

    /// The same, when they may be needed again.
    pub(super) fn all(&self) -> Vec<Evidence> {
        self.places.clone()
    }
}
