//! Foresight: what would be told if nothing overtook the events that wait.
//!
//! In: the detectors as far as everything is settled, and the events that wait behind them. Out: what changes when these
//! are judged at once, each change once. Detectors of its own judge ahead: a copy of the settled ones, made when the log
//! is read up to its end, and made anew when a record overtakes another. The settled detectors decide: what they
//! say as well is not told again, what they do not say is taken back aloud. So a finding of a log in order is told when its
//! line comes, and the diagnosis is that of a batch.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::base::{Place, Stamp};
use crate::detect::{Change, Detectors, Finding};
use crate::scan::Event;

use super::settle::Told;

/// Of the time, one part in so many may go into copies: in a log without order findings wait until they are settled.
const SHARE: u32 = 50;

/// When and where.
type Order = (Stamp, Place);

/// Detectors that judge ahead.
#[derive(Default)]
pub(super) struct Foresight<'p> {
    /// Somebody wants to know.
    asked: bool,
    ahead: Option<Detectors<'p>>,
    /// The last event that they judged.
    last: Option<Order>,
    /// Events that wait and that they have not seen.
    fresh: Vec<Order>,
    /// What was told and is not settled.
    foretold: Vec<Foretold>,
    /// No copy is made before this.
    rest: Option<Instant>,
}

struct Foretold {
    told: Told,
    /// When the events that it rests on are settled, it is.
    due: Stamp,
}

impl<'p> Foresight<'p> {
    /// An event waits from now on.
    pub(super) fn note(&mut self, order: Order) {
        if self.asked {
            self.fresh.push(order);
        }
    }

    /// Everything that is there was read: what does it come to, so far?
    pub(super) fn look(&mut self, settled: &Detectors<'p>, waiting: &BTreeMap<Order, Event>) -> Vec<Told> {
        let first = !std::mem::replace(&mut self.asked, true);
        self.fresh.sort_unstable();
        let in_order = self.fresh.first().is_none_or(|fresh| self.last.is_none_or(|last| last < *fresh));
        let Some(ahead) = self.ahead.as_mut().filter(|_| in_order && !first) else {
            return self.copy(settled, waiting);
        };
        for order in self.fresh.drain(..) {
            if let Some(event) = waiting.get(&order) {
                ahead.observe(event);
                self.last = Some(order);
            }
        }
        let new = changes(ahead);
        self.foretell(&new);
        new
    }

    fn copy(&mut self, settled: &Detectors<'p>, waiting: &BTreeMap<Order, Event>) -> Vec<Told> {
        self.ahead = None;
        let begun = Instant::now();
        if waiting.is_empty() || self.rest.is_some_and(|rest| begun < rest) {
            return Vec::new();
        }
        let mut ahead = settled.clone();
        for (order, event) in waiting {
            ahead.observe(event);
            self.last = Some(*order);
        }
        // What was told before stands, whether it is said again or not: it is taken back when it is due.
        let (mut before, mut new) = (std::mem::take(&mut self.foretold), Vec::new());
        for told in changes(&mut ahead) {
            match before.iter().position(|f| is_same(&f.told, &told)) {
                Some(at) => self.foretold.push(before.remove(at)),
                None => new.push(told),
            }
        }
        self.foretold.append(&mut before);
        self.ahead = Some(ahead);
        self.fresh.clear();
        self.rest = Some(begun + (begun.elapsed() * SHARE).min(Duration::from_secs(1)));
        self.foretell(&new);
        new
    }

    fn foretell(&mut self, new: &[Told]) {
        let due = self.last.map_or(Stamp::MIN, |(time, _)| time);
        self.foretold.extend(new.iter().map(|told| Foretold { told: told.clone(), due }));
    }

    /// Events up to `mark` are settled now.
    pub(super) fn pass(&mut self, mark: Stamp) {
        if self.fresh.iter().any(|(time, _)| *time <= mark) {
            // They were never judged ahead: what is ahead lacks them.
            self.ahead = None;
            self.fresh.clear();
        }
    }

    /// The settled detectors were told that everything up to `now` was seen.
    pub(super) fn advance(&mut self, now: Stamp) {
        self.keep_up(|ahead| ahead.advance(now));
    }

    /// The settled detectors were told that nothing comes until `now`.
    pub(super) fn wait_until(&mut self, now: Stamp) {
        self.keep_up(|ahead| ahead.wait_until(now));
    }

    /// Does what the settled detectors did, who tell of it.
    fn keep_up(&mut self, act: impl FnOnce(&mut Detectors<'p>)) {
        if let Some(ahead) = &mut self.ahead {
            act(ahead);
            ahead.changes();
        }
    }

    /// The settled detectors say `said`, with everything up to `mark`: what of it is news, and what was told wrongly?
    pub(super) fn confirm(&mut self, said: Vec<Told>, mark: Stamp) -> Vec<Told> {
        // The oldest stands first, but for a few that were told again.
        if said.is_empty() && self.foretold.first().is_none_or(|f| f.due > mark) {
            return said;
        }
        let mut news = Vec::new();
        for told in said {
            match self.foretold.iter().position(|f| is_same(&f.told, &told)) {
                Some(at) => drop(self.foretold.remove(at)),
                None => news.push(told),
            }
        }
        let wrong = self.foretold.extract_if(.., |f| f.due <= mark);
        news.extend(wrong.map(|f| Told { change: Change::Withdrawn, ..f.told }));
        news
    }
}

/// The same happened to the same thing, although its first moment may be another one now.
fn is_same(a: &Told, b: &Told) -> bool {
    let subject = |f: &Finding| (f.detector.clone(), f.unit.clone(), f.host.clone(), f.key.clone());
    a.change == b.change && subject(&a.finding) == subject(&b.finding)
}

/// What changed, each with its finding as it is now.
pub(super) fn changes(detectors: &mut Detectors<'_>) -> Vec<Told> {
    let changes = detectors.changes();
    let findings = detectors.board().findings();
    changes.into_iter().filter_map(|(at, change)| Some(Told { finding: findings.get(at)?.clone(), change })).collect()
}

#[cfg(test)]
mod tests;
