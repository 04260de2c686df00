//! The life-cycle judge: crashes, crash loops at several time scales, start limits, loops of memory kills, flapping.
//!
//! It is fed by the steps that signatures mark (`step = "exited"`), never by text. A stop that was asked for is not a
//! crash, whatever the process says on its way out; a unit that comes back and stays is over, not open. Here is what
//! concerns several units: which one an event is about, what was heard of it, what the kernel says. What a single
//! unit's life amounts to stands in [`story`](super::story).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{Class, Severity, Span, Stamp, Step, stem, unit_kind};
use crate::scan::{Event, Plan};

use super::board::{Board, evidence};
use super::finding::{Evidence, Said};
use super::life::{Omen, Phase};
use super::stop::Stop;
use super::story::{STABLE, Story, TOGETHER};
use super::unfinished::Unfinished;

/// An error explains a death that follows within this time.
const REACH: Span = Span::seconds(600);

/// The manager's word of a death can overtake the last line of the process by this much.
const OVERTAKEN: Span = Span::seconds(1);

/// The manager hears of a kill by the kernel within this time.
const KILLED: Span = Span::seconds(2);

/// Errors of one unit remembered until it dies or starts anew.
const HEARD: usize = 8;

/// Names of which errors are remembered; a log with more distinct ones explains fewer deaths.
const NAMES: usize = 20_000;

/// Units of one host whose life is followed. Beyond it those that ended well are forgotten: sessions, timers.
const LIVES: usize = 20_000;

/// Hosts told apart.
const HOSTS: usize = 5_000;

/// The unit of kernel messages that name no other.
const KERNEL: &str = "kernel";

/// Planned stops kept.
const STOPS: usize = 1_000;

/// All units of all hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct Lifecycle {
    hosts: BTreeMap<Arc<str>, Host>,
    stops: Vec<Stop>,
}

#[derive(Clone, Debug, Default)]
struct Host {
    units: BTreeMap<Arc<str>, Story>,
    /// What was heard of a unit, by its stem, since it last died; with how near to a beginning such errors stand.
    heard: BTreeMap<Arc<str>, Vec<(u8, Said)>>,
    /// The process that the kernel killed last because memory ran out.
    starved: Option<(Box<str>, Stamp)>,
    /// The host is going down: whatever ends now was asked to.
    ending: bool,
    /// No unit is at rest; only a step of its own brings one there.
    none_rests: bool,
}

impl Lifecycle {
    pub(super) fn observe(&mut self, step: Step, event: &Event, board: &mut Board) {
        if is_bystander(step, &event.unit) {
            return;
        }
        let Some(host) = self.host(event, board) else { return };
        match step {
            Step::Shutdown => host.ending = true,
            // Only after a shutdown that was seen: some words of a boot come when services run already.
            Step::Boot if host.ending => {
                host.ending = false;
                host.units.values_mut().for_each(|story| story.life.planned = true);
            }
            Step::Boot => {}
            _ => {
                host.step(step, event, board);
                self.note_stop(step, event);
            }
        }
    }

    /// The host of an event.
    fn host(&mut self, event: &Event, board: &mut Board) -> Option<&mut Host> {
        if self.hosts.len() >= HOSTS && !self.hosts.contains_key(&event.host) {
            board.refuse("events of further hosts");
            return None;
        }
        Some(self.hosts.entry(event.host.clone()).or_default())
    }

    fn note_stop(&mut self, step: Step, event: &Event) {
        match step {
            Step::Stopping if self.stops.len() < STOPS => {
                self.stops.push(Stop::of(event));
            }
            Step::Starting | Step::Started | Step::Loading => {
                if let Some(stop) =
                    self.stops.iter_mut().rev().find(|s| *s.unit == *event.unit && *s.host == *event.host)
                {
                    stop.until.get_or_insert(event.time);
                }
            }
            _ => {}
        }
    }

    /// The kernel tells of one kill in several lines; only one of them names the unit.
    pub(super) fn told_already(&self, plan: &Plan, event: &Event) -> bool {
        if &*event.unit != KERNEL || kill(plan, event).is_none() {
            return false;
        }
        let Some(host) = self.hosts.get(&event.host) else { return false };
        host.units.iter().filter(|(unit, _)| &***unit != KERNEL).any(|(_, story)| {
            story.life.omen.is_some_and(|(omen, at)| omen == Omen::Memory && event.time.since(at) <= OVERTAKEN)
        })
    }

    /// Remembers an error of a unit: if the unit dies soon, it may be why.
    pub(super) fn hear(&mut self, plan: &Plan, event: &Event, board: &mut Board) {
        let killed = kill(plan, event);
        let signature = killed.or_else(|| super::failure::primary(plan, event));
        let noise = signature.is_none() && !event.hits.is_empty();
        let mild = killed.is_none() && signature.is_some_and(|s| plan.signature(s).severity < Severity::Degraded);
        if noise || mild || event.calm {
            return;
        }
        let depth = signature.map_or(Class::Unknown.depth() + 1, |s| plan.signature(s).class.depth());
        let said = Said { signature, line: evidence(event) };
        if let Some(host) = self.host(event, board) {
            host.hear(event, depth, said, board);
        }
    }

    /// Units that were stopped on purpose, in order.
    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// Programs that began to get ready and then said nothing more of it: not that they are, and not that they end.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = Unfinished> {
        self.hosts.iter().flat_map(|(host, all)| all.unfinished().map(|(unit, at)| Unfinished::of(host, unit, at)))
    }

    pub(super) fn advance(&mut self, now: Stamp, board: &mut Board) {
        for host in self.hosts.values_mut() {
            host.units.values_mut().for_each(|story| story.settle(now, board));
            host.settle_kernel(now, board);
        }
    }

    pub(super) fn units(&self) -> impl Iterator<Item = (&str, Phase, u64)> {
        let all = self.hosts.values().flat_map(|host| &host.units);
        all.map(|(unit, story)| (&**unit, story.life.phase, story.life.restarts))
    }

    /// Since when the unit (by its stem: text forms name the process, not the unit) is up without a death since.
    pub(super) fn up_since(&self, host: &str, unit: &str) -> Option<Stamp> {
        let host = self.hosts.get(host)?;
        let life = &host.units.get(&*host.name_of(unit)?)?.life;
        if life.phase == Phase::Up { life.up_since } else { None }
    }
}

impl Host {
    fn step(&mut self, step: Step, event: &Event, board: &mut Board) {
        if step == Step::OomKill
            && &*event.unit == KERNEL
            && let Some(process) = event.capture("process")
        {
            self.starved = Some((process.into(), event.time));
        }
        let starved = step == Step::Exited && self.was_starved(event);
        // Text forms name the process here and its unit in the manager's lines.
        let by_itself = matches!(step, Step::Loading | Step::Ready | Step::Told);
        let known = if by_itself { self.name_of(&event.unit) } else { None };
        let name = known.unwrap_or_else(|| event.unit.clone());
        if self.units.len() >= LIVES && !self.units.contains_key(&name) {
            let before = self.units.len();
            // Looked for among all of them only when there may be one: each new name of very many asks.
            if !self.none_rests {
                self.units.retain(|_, story| !is_at_rest(story));
                self.none_rests = true;
            }
            (self.units.len()..before).for_each(|_| board.refuse("lives of units that had ended"));
            if self.units.len() >= LIVES {
                board.refuse("lives of units");
                return;
            }
        }
        let story = self.units.entry(name).or_default();
        if starved {
            story.life.omen.get_or_insert((Omen::Memory, event.time));
        }
        story.life.planned |= self.ending;
        let deaths = story.total;
        story.step(step, event, board);
        self.none_rests &= !is_at_rest(story);
        if story.total > deaths {
            let heard = self.heard.remove(stem(&event.unit)).unwrap_or_default();
            let recent = heard.into_iter().filter(|(_, said)| event.time.since(said.line.time) <= REACH);
            // Of equals the latest: nearest to the death.
            let best = recent.min_by_key(|(depth, said)| (*depth, Reverse(said.line.time)));
            story.explain(best.map(|(_, said)| said), board);
        }
    }

    /// The kernel names the process that it killed; the manager then says that a unit got SIGKILL. They are one death
    /// when the names fit (the kernel keeps 15 bytes of them) or the one follows right upon the other.
    fn was_starved(&self, event: &Event) -> bool {
        let Some((process, at)) = &self.starved else { return false };
        let after = event.time.since(*at);
        let unit = stem(&event.unit);
        let fits = unit == &**process || (process.len() >= 15 && unit.starts_with(&**process));
        let killed = event.capture("status").is_some_and(|s| matches!(s.split('/').next(), Some("9" | "137")));
        killed && after >= Span::ZERO && after <= if fits { TOGETHER } else { KILLED }
    }

    fn hear(&mut self, event: &Event, depth: u8, said: Said, board: &mut Board) {
        let stem = stem(&event.unit);
        let name = self.named(&event.unit, stem);
        if let Some(story) = name.and_then(|name| self.units.get_mut(&name))
            && story.life.last_death.is_some_and(|at| event.time.since(at) <= OVERTAKEN && at <= event.time)
            && story.unexplained(board)
        {
            story.explain(Some(said), board);
            return;
        }
        if let Some(heard) = self.heard.get_mut(stem) {
            if heard.len() >= HEARD {
                // The first ones and the latest ones say most.
                heard.remove(HEARD / 2);
            }
            heard.push((depth, said));
        } else if self.heard.len() >= NAMES {
            board.refuse("names heard");
        } else {
            self.heard.insert(stem.into(), vec![(depth, said)]);
        }
    }

    fn unfinished(&self) -> impl Iterator<Item = (&str, &[Evidence])> {
        let managed = |unit: &str| self.units.keys().any(|other| **other != *unit && stem(other) == stem(unit));
        let stages = self.units.iter().map(|(unit, story)| (&**unit, story.loading.all()));
        stages.filter(move |(unit, stages)| !stages.is_empty() && !self.ending && !managed(unit))
    }

    /// The unit with the stem of this name.
    fn name_of(&self, name: &str) -> Option<Arc<str>> {
        self.named(name, stem(name))
    }

    /// The same, for who knows the stem.
    fn named(&self, name: &str, stem: &str) -> Option<Arc<str>> {
        let known = |name: &str| self.units.get_key_value(name).map(|(known, _)| known.clone());
        if self.units.is_empty() {
            return None;
        }
        known(name).or_else(|| {
            let mut full = String::with_capacity(stem.len() + ".service".len());
            full.push_str(stem);
            full.push_str(".service");
            known(&full)
                .or_else(|| {
                    full.truncate(stem.len());
                    full.push_str(".scope");
                    known(&full)
                })
                .or_else(|| known(stem))
        })
    }

    /// A kill of which only the kernel told is over when the unit that died of it is up again.
    fn settle_kernel(&mut self, now: Stamp, board: &mut Board) {
        let Some(index) = self.units.get(KERNEL).and_then(|story| story.memory) else { return };
        let killed = board.get_mut(index).last_seen;
        let back = self.units.values().filter_map(|victim| {
            let died = victim.life.last_death.filter(|at| at.since(killed) <= TOGETHER && *at >= killed)?;
            let up = victim.life.up_since.filter(|up| *up > died && victim.life.phase == Phase::Up)?;
            (now.since(up) >= STABLE).then_some(up)
        });
        if let Some(up) = back.max() {
            board.resolve(index, up);
        }
    }
}

/// It ended, or nothing of it was seen, and nobody was told anything about it.
fn is_at_rest(story: &Story) -> bool {
    let told = [story.crash, story.limit, story.dependency, story.memory, story.flapping];
    let ended = matches!(story.life.phase, Phase::Unknown | Phase::Stopped);
    ended && told.iter().all(Option::is_none) && story.loading.all().is_empty()
}

/// Scopes hold what somebody started by hand or by desktop, and targets hold nothing: that they fail says nothing about
/// a service.
fn is_bystander(step: Step, unit: &str) -> bool {
    match unit_kind(unit) {
        Some("scope") => matches!(step, Step::Exited | Step::Failed | Step::StartFailed | Step::DependencyFailed),
        Some("target" | "slice" | "device") => {
            matches!(step, Step::Failed | Step::StartFailed | Step::DependencyFailed)
        }
        _ => false,
    }
}

/// The signature that says that a process was killed for memory, if one does.
fn kill(plan: &Plan, event: &Event) -> Option<u32> {
    event.hits.iter().copied().find(|&hit| plan.signature(hit).step == Some(Step::OomKill))
}
