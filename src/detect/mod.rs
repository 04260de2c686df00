//! Which pattern of events in time is a failure?
//!
//! In: [`Event`]s in the order in which they happened, and the moment up to which all sources were
//! read. Out: [`Finding`]s on a [`Board`], which tells what opened, got worse or is over. Four judges look at every
//! event: the life cycle of its unit, single failures, bursts of unknown errors, and the detectors of the packs. The
//! time of the events decides, never the clock. No judge looks at the text of a record; what an event means stands in
//! its signatures.

mod absence;
mod alarms;
mod board;
mod budget;
mod burst;
mod calibration;
mod count;
mod failure;
mod finding;
mod flap;
mod judges;
mod kendall;
mod keys;
mod kinds;
mod life;
mod lifecycle;
mod loss;
mod metric;
mod novelty;
mod persist;
mod quantile;
mod ratio;
mod readings;
mod recent;
mod rules;
mod sequence;
mod spell;
mod spread;
mod stop;
mod story;
mod streak;
mod stuck;
mod threshold;
mod timeline;
mod told;
mod trend;
mod unfinished;
mod values;
mod window;

pub use board::{AWAY, Board, Change};
pub use failure::{Outcome, outcome};
pub use finding::{Crash, Evidence, Finding, Said, State};
pub use judges::{Judge, judges};
pub use life::Phase;
pub use loss::Loss;
pub use metric::{MOST_METRICS, Metric, Metrics};
pub use stop::Stop;
pub use unfinished::Unfinished;

#[cfg(test)]
mod tests;

use crate::base::{Stamp, Step};
use crate::scan::{Event, Plan};

/// All judges over one stream of events.
#[derive(Clone)]
pub struct Detectors<'p> {
    plan: &'p Plan,
    lifecycle: lifecycle::Lifecycle,
    failures: failure::Failures,
    bursts: burst::Bursts,
    rules: rules::Rules,
    losses: loss::Losses,
    board: Board,
}

impl<'p> Detectors<'p> {
    /// Judges for this plan that have seen nothing.
    pub fn new(plan: &'p Plan) -> Detectors<'p> {
        Detectors {
            plan,
            lifecycle: lifecycle::Lifecycle::default(),
            failures: failure::Failures::new(plan),
            bursts: burst::Bursts::default(),
            rules: rules::Rules::new(plan),
            losses: loss::Losses::default(),
            board: Board::default(),
        }
    }

    /// Tells when the log begins: at the time of its first record, which need not be an event. Of several moments the
    /// earliest counts; without any, the first event.
    pub fn begin(&mut self, at: Stamp) {
        self.rules.begin(at);
    }

    /// Looks at one event. Events come in the order of [`Event::order`].
    pub fn observe(&mut self, event: &Event) {
        if self.lifecycle.told_already(self.plan, event) {
            return;
        }
        for &hit in &event.hits {
            match self.plan.signature(hit).step {
                Some(Step::Lost) => self.losses.observe(event),
                Some(step) => self.lifecycle.observe(step, event, &mut self.board),
                None => {}
            }
        }
        let explains = |&hit: &u32| matches!(self.plan.signature(hit).step, None | Some(Step::OomKill));
        if event.hits.iter().all(explains) {
            self.lifecycle.hear(self.plan, event, &mut self.board);
        }
        self.failures.observe(self.plan, event, &mut self.board);
        self.bursts.observe(event, &mut self.board);
        self.rules.observe(self.plan, event, &mut self.board);
    }

    /// Everything up to `now` has been seen: closes what is over by then. May be called again and again.
    pub fn advance(&mut self, now: Stamp) {
        self.lifecycle.advance(now, &mut self.board);
        self.failures.advance(now, &self.lifecycle, &mut self.board);
        self.bursts.advance(now, &mut self.board);
        self.rules.advance(now, &mut self.board);
    }

    /// The log ends before `now`: what should have come until then is missed. Silence behind the end ends no failure.
    pub fn wait_until(&mut self, now: Stamp) {
        self.rules.advance(now, &mut self.board);
    }

    /// What was found so far.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// What opened, got worse or is over since the last call, as indexes of [`Board::findings`].
    pub fn changes(&mut self) -> Vec<(usize, Change)> {
        self.board.take_changes()
    }

    /// The stretches in which the log itself says that lines were lost.
    pub fn losses(&self) -> &[Loss] {
        self.losses.all()
    }

    /// Units that were stopped on purpose, in order.
    pub fn stops(&self) -> &[Stop] {
        self.lifecycle.stops()
    }

    /// Programs that were still getting ready when everything that was seen ended.
    pub fn unfinished(&self) -> impl Iterator<Item = Unfinished> {
        self.lifecycle.unfinished()
    }

    /// Units with their phase and the number of automatic restarts, in the order of their names.
    pub fn units(&self) -> impl Iterator<Item = (&str, Phase, u64)> {
        self.lifecycle.units()
    }
}
