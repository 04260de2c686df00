//! The life-cycle judge: crashes, crash loops at several time scales, start limits, loops of memory kills, flapping.
//!
//! It is fed by the steps that signatures mark (`step = "exited"`), never by text. A stop that was asked for is not a
//! crash, whatever the process says on its way out; a unit that comes back and stays is over, not open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::{Class, FindingKind, Severity, Span, Stamp, Step, stem};
use crate::scan::{Event, Line, Plan};

use super::board::{Board, evidence};
use super::finding::{Crash, Evidence, Finding, Said};
use super::life::{Ending, Life, Phase};
use super::window::Window;

/// Loops are looked for at several scales at once: a slow loop is the one that everybody misses.
const SCALES: [(usize, Span); 3] =
    [(3, Span::seconds(60)), (5, Span::seconds(20 * 60)), (8, Span::seconds(6 * 3600))];

/// A unit that is up for so long, and three times its usual time between crashes, has recovered.
const STABLE: Span = Span::seconds(60);

/// Above this distance between crashes the unit does its work most of the time.
const SLOW: Span = Span::seconds(5 * 60);

/// Stops and starts by somebody, so many in so long, are flapping.
const FLAPS: (usize, Span) = (5, Span::seconds(600));

/// An omen (killed for memory, missed watchdog) explains a death that follows within this time; a result (`Failed with
/// result`) belongs to the exit this long before it.
const TOGETHER: Span = Span::seconds(15);

/// Crashes kept in full: the first and the latest ones.
const CRASHES: (usize, usize) = (4, 4);

/// An error explains a death that follows within this time.
const REACH: Span = Span::seconds(600);

/// The manager's word of a death can overtake the last line of the process by this much.
const OVERTAKEN: Span = Span::seconds(1);

/// Errors of one unit remembered until it dies or starts anew.
const HEARD: usize = 8;

/// Planned stops kept.
const STOPS: usize = 1_000;

/// All units of all hosts.
#[derive(Debug, Default)]
pub(super) struct Lifecycle {
    units: BTreeMap<(Arc<str>, Arc<str>), Story>,
    /// What was heard of a unit, by host and stem, since it last died.
    heard: BTreeMap<(Arc<str>, Arc<str>), Vec<(u8, Said)>>,
    stops: Vec<Stop>,
    /// Hosts that are going down.
    ending: BTreeSet<Arc<str>>,
}

/// A unit that was stopped on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Its name.
    pub unit: String,
    /// When the stop was asked for, and where that stands.
    pub at: Evidence,
    /// When it was started again, if it was.
    pub until: Option<Stamp>,
}

/// One unit: its life, and what was found in it.
#[derive(Debug, Default)]
struct Story {
    life: Life,
    deaths: Window,
    of_memory: u64,
    total: u64,
    last_place: u64,
    crash: Option<usize>,
    limit: Option<usize>,
    dependency: Option<usize>,
    memory: Option<usize>,
    flapping: Option<usize>,
    cycles: Window,
}

impl Lifecycle {
    pub(super) fn observe(&mut self, step: Step, event: &Event, board: &mut Board) {
        match step {
            Step::Boot => {
                self.ending.remove(&event.host);
                self.units.iter_mut().filter(|(key, _)| key.0 == event.host).for_each(|(_, s)| s.life = Life::default());
                return;
            }
            Step::Shutdown => {
                self.ending.insert(event.host.clone());
                return;
            }
            _ => {}
        }
        let ending = self.ending.contains(&event.host);
        match step {
            Step::Stopping if self.stops.len() < STOPS => {
                self.stops.push(Stop { unit: event.unit.to_string(), at: evidence(event), until: None });
            }
            Step::Starting | Step::Started => {
                let again = self.stops.iter_mut().rev().find(|s| *s.unit == *event.unit);
                again.map(|stop| stop.until.get_or_insert(event.time));
            }
            _ => {}
        }
        let story = self.units.entry((event.host.clone(), event.unit.clone())).or_default();
        story.life.planned |= ending;
        let deaths = story.total;
        story.step(step, event, board);
        if story.total > deaths {
            let heard = self.heard.remove(&(event.host.clone(), stem(&event.unit).into())).unwrap_or_default();
            let recent = heard.into_iter().filter(|(_, said)| event.time.since(said.line.time) <= REACH);
            // Of equals the latest: nearest to the death.
            let best = recent.min_by_key(|(rank, said)| (*rank, std::cmp::Reverse(said.line.time))).map(|(_, s)| s);
            story.explain(best, board);
        }
    }

    /// Remembers an error of a unit: if the unit dies soon, it may be why.
    pub(super) fn hear(&mut self, plan: &Plan, event: &Event, board: &mut Board) {
        let signature = super::failure::primary(plan, event);
        let noise = signature.is_none() && !event.hits.is_empty();
        if noise || event.calm || signature.is_some_and(|s| plan.signature(s).severity < Severity::Degraded) {
            return;
        }
        let rank = signature.map_or(Class::Unknown.depth() + 1, |s| plan.signature(s).class.depth());
        let said = Said { signature, line: evidence(event) };
        let dead = self.units.iter_mut().find(|((host, unit), story)| {
            *host == event.host
                && stem(unit) == stem(&event.unit)
                && story.life.last_death.is_some_and(|at| event.time.since(at) <= OVERTAKEN && at <= event.time)
        });
        if let Some((_, story)) = dead
            && story.unexplained(board)
        {
            story.explain(Some(said), board);
            return;
        }
        let heard = self.heard.entry((event.host.clone(), stem(&event.unit).into())).or_default();
        if heard.len() >= HEARD {
            heard.remove(HEARD / 2);
        }
        heard.push((rank, said));
    }

    /// Units that were stopped on purpose, in order.
    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    pub(super) fn advance(&mut self, now: Stamp, board: &mut Board) {
        for story in self.units.values_mut() {
            story.settle(now, board);
        }
    }

    pub(super) fn units(&self) -> impl Iterator<Item = (&str, Phase, u64)> {
        self.units.iter().map(|((_, unit), story)| (&**unit, story.life.phase, story.life.restarts))
    }

    /// Since when the unit (by its stem: text forms name the process, not the unit) is up without a death since.
    pub(super) fn up_since(&self, host: &str, unit: &str) -> Option<Stamp> {
        let same = |key: &(Arc<str>, Arc<str>)| *key.0 == *host && stem(&key.1) == stem(unit);
        let story = self.units.iter().find(|(key, _)| same(key))?.1;
        if story.life.phase == Phase::Up { story.life.up_since } else { None }
    }
}

impl Story {
    fn step(&mut self, step: Step, event: &Event, board: &mut Board) {
        let life = &mut self.life;
        match step {
            Step::Starting | Step::Started => self.start(step, event, board),
            Step::Stopping => {
                life.planned = true;
                life.phase = Phase::Stopping;
            }
            Step::Stopped => {
                if life.planned {
                    life.phase = Phase::Stopped;
                    self.over(event.time, board);
                } else if !life.phase.is_dead() {
                    life.phase = Phase::Stopped;
                }
            }
            Step::Succeeded => {
                if !life.phase.is_dead() {
                    life.phase = Phase::Stopped;
                }
            }
            Step::Exited => {
                let ending = Ending::of(
                    event.capture("code").unwrap_or("exited"),
                    event.capture("status").unwrap_or("unknown"),
                );
                if !ending.clean && !life.planned {
                    self.die(ending, event, board);
                }
            }
            Step::Failed => {
                let result = event.capture("result").unwrap_or("exit-code");
                let recent = life.last_death.is_some_and(|at| event.time.since(at) <= TOGETHER) && life.died;
                if result == "start-limit-hit" {
                    self.give_up(event, board);
                } else if !life.planned && !recent {
                    self.die(Ending::of_result(result), event, board);
                }
                let life = &mut self.life;
                if life.planned {
                    life.phase = Phase::Stopped;
                } else if life.phase != Phase::GivenUp {
                    life.phase = Phase::Failed;
                    self.judge(board);
                }
            }
            Step::StartFailed => {
                if !life.planned && !life.phase.is_dead() && self.dependency.is_none() {
                    let ending = Ending { clean: false, how: "could not be started".to_owned(), class: Class::Exit };
                    self.die(ending, event, board);
                }
            }
            Step::Restart => {
                if !life.died {
                    let ending = Ending { clean: false, how: "ended by itself".to_owned(), class: Class::Exit };
                    self.die(ending, event, board);
                }
                self.life.restarts += 1;
                self.life.planned = false;
                self.life.phase = Phase::Restarting;
            }
            Step::StartLimit => self.give_up(event, board),
            Step::DependencyFailed => self.wait(event, board),
            Step::OomKill => self.starve(event, board),
            Step::Watchdog | Step::Timeout => life.omen = Some((Class::Timeout, event.time)),
            Step::Lost | Step::Boot | Step::Shutdown => {}
        }
    }

    fn start(&mut self, step: Step, event: &Event, board: &mut Board) {
        let life = &mut self.life;
        let asked = matches!(life.phase, Phase::Stopping | Phase::Stopped) && life.planned;
        life.planned = false;
        life.phase = if step == Step::Started { Phase::Up } else { Phase::Starting };
        if step == Step::Started {
            life.died = false;
            life.up_since = Some(event.time);
            for finding in [self.limit.take(), self.dependency.take()].into_iter().flatten() {
                board.resolve(finding, event.time);
            }
        }
        if asked {
            self.flap(event, board);
        }
        self.judge(board);
    }

    fn die(&mut self, ending: Ending, event: &Event, board: &mut Board) {
        let omen = self.life.omen.take().filter(|(_, at)| event.time.since(*at) <= TOGETHER);
        let class = omen.map_or(ending.class, |(class, _)| class);
        self.total += 1;
        self.of_memory += u64::from(class == Class::Oom);
        self.deaths.add(event.time, SCALES[2].1);
        let crash = Crash {
            time: event.time,
            how: ending.how,
            said: None,
            last_words: last_words(&event.before, event.place.source.0, self.last_place),
        };
        self.last_place = event.place.offset;
        self.life.last_death = Some(event.time);
        self.life.died = true;
        self.life.up_since = None;
        self.life.phase = Phase::Failed;
        match self.crash {
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
            }
            None => self.crash = board.open(first_crash(event, class, &crash.how)),
        }
        if let Some(index) = self.crash {
            let kept = &mut board.get_mut(index).crashes;
            if kept.len() >= CRASHES.0 + CRASHES.1 {
                kept.remove(CRASHES.0);
            }
            kept.push(crash);
        }
        self.judge(board);
    }

    fn unexplained(&self, board: &mut Board) -> bool {
        self.crash.is_some_and(|index| board.get_mut(index).crashes.last().is_some_and(|c| c.said.is_none()))
    }

    fn explain(&mut self, said: Option<Said>, board: &mut Board) {
        if let Some(crash) = self.crash.and_then(|index| board.get_mut(index).crashes.last_mut()) {
            crash.said = said;
        }
    }

    /// What the deaths so far amount to, given where the unit is now.
    fn judge(&mut self, board: &mut Board) {
        let Some(index) = self.crash else { return };
        let scale = SCALES.into_iter().find(|(most, within)| self.deaths.count(*within).0 >= *most);
        let finding = board.get_mut(index);
        if finding.resolved.is_some() {
            return;
        }
        let before = finding.finding;
        if let Some((most, within)) = scale {
            let memory = self.of_memory * 2 > self.total;
            finding.finding = if memory { FindingKind::OomLoop } else { FindingKind::CrashLoop };
            finding.detector = "lifecycle/crash-loop".to_owned();
            finding.threshold = Some(most as i64);
            finding.window = Some(within);
        }
        let took = finding.last_seen.since(finding.first_seen);
        finding.value = Some(self.deaths.count(finding.window.unwrap_or(Span::ZERO)).0 as i64);
        let looping = finding.finding != FindingKind::Failure;
        if looping {
            finding.title = format!("crash-loops: {} crashes in {took}", self.total);
        } else if self.total > 1 {
            finding.title = format!("crashed {} times in {took}", self.total);
        }
        let slow = self.deaths.median_gap().is_some_and(|gap| gap > SLOW);
        let up = matches!(self.life.phase, Phase::Up);
        let given_up = self.life.phase == Phase::GivenUp;
        let serves = if looping { slow } else { up };
        let severity = if serves && !given_up { Severity::Degraded } else { Severity::Down };
        let changed = finding.finding != before;
        let rises = severity > finding.severity;
        board.severity(index, severity);
        if changed && !rises {
            board.worse(index);
        }
    }

    /// Closes what is over at `now`.
    fn settle(&mut self, now: Stamp, board: &mut Board) {
        if let (Some(index), Phase::Up, Some(up)) = (self.crash, self.life.phase, self.life.up_since) {
            let usual = self.deaths.median_gap().map_or(Span::ZERO, |gap| Span(gap.0.saturating_mul(3)));
            if now.since(up) >= STABLE.max(usual) {
                board.resolve(index, up);
            }
        }
        if let Some(index) = self.flapping
            && self.cycles.last().is_some_and(|last| now.since(last) >= FLAPS.1)
        {
            board.resolve(index, self.cycles.last().unwrap_or(now));
        }
        if let (Some(index), Some(up)) = (self.memory, self.life.up_since)
            && self.life.phase == Phase::Up
            && now.since(up) >= STABLE
            && board.get_mut(index).last_seen <= up
        {
            board.resolve(index, up);
        }
    }

    /// Somebody stopped the unit: what it did by itself is over.
    fn over(&mut self, at: Stamp, board: &mut Board) {
        for index in [self.crash, self.limit].into_iter().flatten() {
            board.resolve(index, at);
        }
    }

    fn give_up(&mut self, event: &Event, board: &mut Board) {
        self.life.phase = Phase::GivenUp;
        match self.limit {
            Some(index) => board.count(index, event),
            None => {
                let tries = self.total;
                let title = match tries {
                    0 | 1 => "start limit reached: systemd will not start it again".to_owned(),
                    n => format!("start limit reached: systemd gave up after {n} crashes"),
                };
                self.limit = board.open(Finding {
                    finding: FindingKind::StartLimit,
                    severity: Severity::Down,
                    class: Class::Exit,
                    title,
                    ..blank("lifecycle/start-limit", event)
                });
            }
        }
        self.judge(board);
    }

    fn wait(&mut self, event: &Event, board: &mut Board) {
        self.life.phase = Phase::Failed;
        match self.dependency {
            Some(index) => board.count(index, event),
            None => {
                self.dependency = board.open(Finding {
                    severity: Severity::Down,
                    class: Class::DependencyMissing,
                    title: "not started: a unit that it requires failed".to_owned(),
                    ..blank("lifecycle/dependency", event)
                });
            }
        }
    }

    fn starve(&mut self, event: &Event, board: &mut Board) {
        let again = self.life.omen.is_some_and(|(class, at)| class == Class::Oom && event.time.since(at) <= TOGETHER);
        self.life.omen = Some((Class::Oom, event.time));
        match self.memory {
            // The kernel and the manager both tell of one kill.
            Some(index) if again => board.get_mut(index).last_seen = event.time,
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
            }
            None => {
                self.memory = board.open(Finding {
                    severity: Severity::Down,
                    class: Class::Oom,
                    title: "a process was killed because memory ran out".to_owned(),
                    ..blank("lifecycle/oom-kill", event)
                });
            }
        }
    }

    fn flap(&mut self, event: &Event, board: &mut Board) {
        let count = self.cycles.add(event.time, FLAPS.1);
        match self.flapping {
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
            }
            None if count >= FLAPS.0 => {
                self.flapping = board.open(Finding {
                    finding: FindingKind::Flapping,
                    severity: Severity::Degraded,
                    class: Class::Unknown,
                    title: format!("stopped and started {count} times in {}", FLAPS.1),
                    count: count as u64,
                    value: Some(count as i64),
                    threshold: Some(FLAPS.0 as i64),
                    window: Some(FLAPS.1),
                    ..blank("lifecycle/flapping", event)
                });
            }
            None => {}
        }
    }
}

fn first_crash(event: &Event, class: Class, how: &str) -> Finding {
    Finding { severity: Severity::Down, class, title: how.to_owned(), ..blank("lifecycle/crash", event) }
}

/// A finding of one event, to be filled in.
fn blank(detector: &str, event: &Event) -> Finding {
    Finding {
        id: String::new(),
        detector: detector.to_owned(),
        kind: "lifecycle",
        finding: FindingKind::Failure,
        severity: Severity::Degraded,
        class: Class::Unknown,
        unit: event.unit.to_string(),
        key: super::rules::key_of(event),
        named: super::rules::named(event),
        title: String::new(),
        count: 1,
        value: None,
        threshold: None,
        window: None,
        first_seen: event.time,
        last_seen: event.time,
        resolved: None,
        evidence: vec![evidence(event)],
        crashes: Vec::new(),
    }
}

/// The lines since the previous death: those of the invocation that died.
fn last_words(before: &[Line], source: u64, previous: u64) -> Vec<Evidence> {
    let since = |line: &&Line| line.place.source.0 != source || previous == 0 || line.place.offset > previous;
    let quote = |line: &Line| Evidence {
        time: line.time,
        unit: line.unit.to_string(),
        place: line.place,
        cursor: line.cursor.to_string(),
        text: line.text.to_string(),
    };
    before.iter().filter(since).map(quote).collect()
}
