//! Single failures: a signature that is bad enough to be told, at once or after so many matches.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::base::{Class, Number, Severity, Span, Stamp, stem};
use crate::rules::Signature;
use crate::scan::{Event, Plan};

use super::board::{Board, MOST_EVIDENCE, evidence};
use super::finding::{Evidence, Finding};
use super::lifecycle::Lifecycle;
use super::window::Window;

/// A degraded failure that was not seen for this long is over.
const QUIET: Span = Span::seconds(600);

/// A unit that was started after its failure, and is up for this long without it, has recovered.
const STABLE: Span = Span::seconds(60);

/// Keys watched at once; beyond it new ones are judged alone, without a window.
const MOST_KEYS: usize = 50_000;

/// Events looked back at to tell whether noise came with something that makes it matter.
const COMPANY: usize = 64;

type Key = (Arc<str>, Arc<str>, u32);

#[derive(Clone, Debug, Default)]
struct Matches {
    window: Window,
    recent: Vec<Evidence>,
    open: Option<usize>,
    /// What is open was told to be over: it takes as many matches as before to begin again.
    cleared: bool,
}

/// Failures by host, unit and signature.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    keys: BTreeMap<Key, Matches>,
    /// The latest events with their best signature, for noise that matters in company.
    company: VecDeque<(Stamp, Arc<str>, u32)>,
    /// For each signature of the plan: does it excuse a failure?
    excuses: Vec<bool>,
    /// When what excuses failures was last seen, by host, stem of the unit, and signature.
    excused: BTreeMap<(Arc<str>, Box<str>, u32), Stamp>,
}

impl Failures {
    pub(super) fn new(plan: &Plan) -> Failures {
        let mut excuses = vec![false; plan.count()];
        let failures =
            plan.conditional().iter().filter(|&&s| plan.class(s) != Class::Noise).map(|&s| plan.signature(s));
        for index in failures.flat_map(|s| &s.unless).flat_map(|selector| plan.named(selector)) {
            if let Some(excuse) = excuses.get_mut(index as usize) {
                *excuse = true;
            }
        }
        Failures { excuses, ..Failures::default() }
    }

    pub(super) fn observe(&mut self, plan: &Plan, event: &Event, board: &mut Board) {
        if event.hits.is_empty() {
            return;
        }
        for &hit in &event.hits {
            self.clear(plan, plan.signature(hit), event, board);
            self.note_excuse(hit, event, board);
        }
        match outcome(plan, event) {
            Outcome::Left => self.noise(plan, event, board),
            Outcome::Mild(index) | Outcome::Calm(index) => self.remember(event, index),
            Outcome::Counted(index) => {
                self.remember(event, index);
                if !self.is_excused(plan, plan.signature(index), event) {
                    self.count(index, plan.signature(index), event, board);
                }
            }
        }
    }

    fn count(&mut self, index: u32, signature: &Signature, event: &Event, board: &mut Board) {
        let key = (event.host.clone(), event.unit.clone(), index);
        if self.keys.len() >= MOST_KEYS && !self.keys.contains_key(&key) {
            board.refuse("failure keys");
            return;
        }
        let matches = self.keys.entry(key).or_default();
        let count = matches.window.add(event.time, signature.within);
        matches.recent.retain(|e| event.time.since(e.time) <= signature.within);
        if matches.recent.len() < MOST_EVIDENCE {
            matches.recent.push(evidence(event));
        }
        match matches.open {
            Some(_) if matches.cleared && count < signature.at_least as usize => {}
            Some(open) => {
                matches.cleared = false;
                board.reopen(open);
                board.count(open, event);
            }
            None if count >= signature.at_least as usize => {
                let first = matches.window.count(signature.within).1.unwrap_or(event.time);
                let several = signature.at_least > 1;
                matches.open = board.open(Finding {
                    severity: signature.severity.max(Severity::Degraded),
                    class: signature.class,
                    title: signature.title.clone(),
                    count: count as u64,
                    value: several.then_some(Number::count(count)),
                    threshold: several.then_some(Number::whole(i64::from(signature.at_least))),
                    window: several.then_some(signature.within),
                    first_seen: first,
                    evidence: std::mem::take(&mut matches.recent),
                    ..Finding::of(event, &signature.id, "signature")
                });
            }
            None => {}
        }
    }

    /// The record says that a failure of its unit is over: later ones are counted from nothing.
    fn clear(&mut self, plan: &Plan, signature: &Signature, event: &Event, board: &mut Board) {
        if signature.clears.is_empty() {
            return;
        }
        let of_unit = (event.host.clone(), event.unit.clone(), 0)..=(event.host.clone(), event.unit.clone(), u32::MAX);
        for ((_, _, index), matches) in self.keys.range_mut(of_unit) {
            let known = plan.signature(*index);
            if signature.clears.iter().any(|s| s.names(&known.id, known.class)) {
                // The first good news is when it was over; the same news again says nothing.
                if let Some(open) = matches.open.filter(|_| !matches.cleared) {
                    board.resolve(open, event.time);
                }
                matches.window = Window::default();
                matches.recent.clear();
                matches.cleared = matches.open.is_some();
            }
        }
    }

    fn note_excuse(&mut self, hit: u32, event: &Event, board: &mut Board) {
        if self.excuses.get(hit as usize) != Some(&true) {
            return;
        }
        let key = (event.host.clone(), stem(&event.unit).into(), hit);
        if self.excused.len() >= MOST_KEYS && !self.excused.contains_key(&key) {
            board.refuse("failure keys");
            return;
        }
        self.excused.insert(key, event.time);
    }

    /// Shortly before, the unit said something that makes this no failure: it had been told to stop.
    fn is_excused(&self, plan: &Plan, signature: &Signature, event: &Event) -> bool {
        if signature.unless.is_empty() {
            return false;
        }
        let unit: Box<str> = stem(&event.unit).into();
        let of_unit = (event.host.clone(), unit.clone(), 0)..=(event.host.clone(), unit, u32::MAX);
        self.excused.range(of_unit).any(|((_, _, index), at)| {
            let known = plan.signature(*index);
            event.time.since(*at) <= signature.within
                && signature.unless.iter().any(|s| s.names(&known.id, known.class))
        })
    }

    /// Noise is left out, unless its pack says what makes it matter and that was seen in the same unit.
    fn noise(&mut self, plan: &Plan, event: &Event, board: &mut Board) {
        for &hit in &event.hits {
            let signature = plan.signature(hit);
            let beside = |other: &(Stamp, Arc<str>, u32)| {
                let known = plan.signature(other.2);
                other.1 == event.unit
                    && event.time.since(other.0) <= signature.within
                    && signature.unless.iter().any(|s| s.names(&known.id, known.class))
            };
            if !signature.unless.is_empty() && self.company.iter().any(beside) {
                self.count(hit, signature, event, board);
                return;
            }
        }
    }

    fn remember(&mut self, event: &Event, index: u32) {
        if self.company.len() >= COMPANY {
            self.company.pop_front();
        }
        self.company.push_back((event.time, event.unit.clone(), index));
    }

    pub(super) fn advance(&mut self, now: Stamp, lifecycle: &Lifecycle, board: &mut Board) {
        for ((host, unit, _), matches) in &self.keys {
            let (Some(index), Some(last)) = (matches.open, matches.window.last()) else { continue };
            let recovered = lifecycle.up_since(host, unit).filter(|up| *up > last && now.since(*up) >= STABLE);
            if let Some(up) = recovered {
                board.resolve(index, up);
            } else if board.get_mut(index).severity < Severity::Down && now.since(last) > QUIET {
                board.resolve(index, last);
            }
        }
    }
}

/// What a single event amounts to, by what its signatures say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Noise, a step in the life of a unit, or known to nobody: no failure by itself.
    Left,
    /// This signature says so little that it is only counted.
    Mild(u32),
    /// This signature would tell it, but the line states a harmless level.
    Calm(u32),
    /// This signature tells it, at once or after `at-least` of them.
    Counted(u32),
}

/// See [`Outcome`].
pub fn outcome(plan: &Plan, event: &Event) -> Outcome {
    let Some(index) = primary(plan, event) else { return Outcome::Left };
    match plan.signature(index) {
        signature if signature.severity < Severity::Degraded => Outcome::Mild(index),
        signature if silenced(signature, event) => Outcome::Calm(index),
        _ => Outcome::Counted(index),
    }
}

/// The signature that the event is told by. `None` when it is noise: who wrote a noise signature knew the line, and only
/// what says that something is down is told in spite of it.
pub(super) fn primary(plan: &Plan, event: &Event) -> Option<u32> {
    let noise = event.hits.iter().any(|&hit| plan.signature(hit).hides());
    let told = |signature: &Signature| {
        signature.step.is_none() && signature.class != Class::Noise && (!noise || signature.severity == Severity::Down)
    };
    event.hits.iter().copied().find(|&hit| told(plan.signature(hit)))
}

/// A line that states info or debug as its level tells of something that did not go wrong enough to be an error.
pub(super) fn silenced(signature: &Signature, event: &Event) -> bool {
    event.calm && signature.severity < Severity::Down && !signature.any_level
}
