//! Many errors in a short time that no signature knows: nobody has written down what they are, but something is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{Certainty, FindingKind, Number, Span, Stamp};
use crate::scan::Event;

use super::board::{Board, MOST_EVIDENCE, evidence};
use super::finding::{Evidence, Finding};
use super::window::Window;

/// So many unknown errors of one unit in so long are a burst.
pub(super) const BURST: (usize, Span) = (10, Span::seconds(300));

/// Units watched at once; a log with more distinct units than this is judged without the quietest.
const MOST_UNITS: usize = 20_000;

#[derive(Clone, Debug, Default)]
struct Errors {
    window: Window,
    recent: Vec<Evidence>,
    open: Option<usize>,
}

/// Bursts by host and unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Bursts {
    units: BTreeMap<(Arc<str>, Arc<str>), Errors>,
}

impl Bursts {
    pub(super) fn observe(&mut self, event: &Event, board: &mut Board) {
        // The kernel complains at every boot; what counts of it stands in its pack.
        if !event.hits.is_empty() || &*event.unit == "kernel" {
            return;
        }
        let key = (event.host.clone(), event.unit.clone());
        if self.units.len() >= MOST_UNITS && !self.units.contains_key(&key) {
            board.refuse("burst units");
            return;
        }
        let errors = self.units.entry(key).or_default();
        let count = errors.window.add(event.time, BURST.1);
        errors.recent.retain(|e| event.time.since(e.time) <= BURST.1);
        if errors.recent.len() < MOST_EVIDENCE {
            errors.recent.push(evidence(event));
        }
        match errors.open {
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
                let finding = board.get_mut(index);
                finding.value = finding.value.max(Some(Number::count(count)));
                finding.title = title(finding.count);
            }
            // Without times of their own, errors of a whole day can seem to come at once.
            None if event.certainty == Certainty::None && errors.window.count(Span::ZERO).0 == count => {}
            None if count >= BURST.0 => {
                let first = errors.window.count(BURST.1).1.unwrap_or(event.time);
                errors.open = board.open(Finding {
                    finding: FindingKind::ErrorBurst,
                    title: title(count as u64),
                    count: count as u64,
                    value: Some(Number::count(count)),
                    threshold: Some(Number::count(BURST.0)),
                    window: Some(BURST.1),
                    first_seen: first,
                    evidence: std::mem::take(&mut errors.recent),
                    ..Finding::of(event, "errors/burst", "burst")
                });
            }
            None => {}
        }
    }

    pub(super) fn advance(&mut self, now: Stamp, board: &mut Board) {
        for errors in self.units.values() {
            if let (Some(index), Some(last)) = (errors.open, errors.window.last())
                && now.since(last) > Span(2 * BURST.1.0)
            {
                board.resolve(index, last);
            }
        }
    }
}

fn title(count: u64) -> String {
    format!("{count} errors that no signature knows")
}
