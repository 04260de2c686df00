//! One unit's story: what its life amounts to.
//!
//! Every step moves the [`Life`]; deaths that nobody asked for are counted at several time scales, and what they amount
//! to is judged anew at each one.

use crate::base::{Class, FindingKind, Number, Severity, Span, Stamp, Step};
use crate::scan::Event;

use super::board::{Board, last_words};
use super::finding::{Crash, Finding, Said};
use super::life::{Ending, Life, Omen, Phase};
use super::unfinished::Stages;
use super::window::Window;

/// Loops are looked for at several scales at once: a slow loop is the one that everybody misses.
pub(super) const SCALES: [(usize, Span); 5] = [
    (3, Span::seconds(60)),
    (4, Span::seconds(5 * 60)),
    (5, Span::seconds(20 * 60)),
    (8, Span::seconds(6 * 3600)),
    // Every few hours, for days: a leak. A job that fails once a night is none.
    (8, Span::seconds(48 * 3600)),
];

/// A unit that is up for so long, and three times its usual time between crashes, has recovered.
pub(super) const STABLE: Span = Span::seconds(60);

/// Above this distance between crashes the unit does its work most of the time.
pub(super) const SLOW: Span = Span::seconds(5 * 60);

/// Stops and starts by somebody, so many in so long, are flapping.
pub(super) const FLAPS: (usize, Span) = (5, Span::seconds(600));

/// Kills for memory, so many in so long, are a loop.
pub(super) const KILLS: (usize, Span) = (3, Span::seconds(3600));

/// An omen (killed for memory, missed watchdog) explains a death that follows within this time; a result (`Failed with
/// result`) belongs to the exit this long before it.
pub(super) const TOGETHER: Span = Span::seconds(15);

/// Kubernetes waits at most five minutes before a start, and says so each time: what was not said for longer is over.
const SAID_AGAIN: Span = Span::seconds(600);

/// Crashes kept in full: the first and the latest ones.
const CRASHES: (usize, usize) = (4, 4);

/// One unit: its life, and what was found in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    pub(super) life: Life,
    deaths: Window,
    of_memory: u64,
    pub(super) total: u64,
    last_place: u64,
    pub(super) crash: Option<usize>,
    pub(super) limit: Option<usize>,
    pub(super) dependency: Option<usize>,
    pub(super) memory: Option<usize>,
    kills: Window,
    pub(super) flapping: Option<usize>,
    cycles: Window,
    pub(super) loading: Stages,
}

impl Story {
    pub(super) fn step(&mut self, step: Step, event: &Event, board: &mut Board) {
        if !self.loading.note(step, event) {
            return;
        }
        let life = &mut self.life;
        match step {
            Step::Starting | Step::Started => self.start(step, event, board),
            Step::Loading => life.load(),
            Step::Ready => self.start(Step::Started, event, board),
            // A program that is told to stop because something is wrong with it was not stopped on purpose.
            Step::Told if life.omen.is_some_and(|(_, at)| event.time.since(at) <= TOGETHER) => {}
            Step::Told if life.phase.is_dead() => {}
            Step::Stopping | Step::Told => {
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
                let ending =
                    Ending::of(event.capture("code").unwrap_or("exited"), event.capture("status").unwrap_or("unknown"));
                if event.capture("role") == Some("Control") && life.phase != Phase::Starting {
                    // A reload or a command around a stop: only the unit's result says that it died of it.
                    life.control = Some((ending, event.time));
                } else if !ending.clean && !life.planned {
                    self.die(ending, event, board);
                }
            }
            Step::Failed => {
                let result = event.capture("result").unwrap_or("exit-code");
                let recent = life.last_death.is_some_and(|at| event.time.since(at) <= TOGETHER) && life.died;
                // Kubernetes says it again and again until the next start.
                let (waits, state) = (matches!(result, "back-off" | "Back-off"), result == "CrashLoopBackOff");
                let recent = recent || (waits || state) && life.died && life.phase == Phase::Failed;
                life.waits = waits.then_some(event.time);
                if result == "start-limit-hit" {
                    self.give_up(event, board);
                } else if !life.planned && !recent {
                    let control = life.control.take().filter(|(_, at)| event.time.since(*at) <= TOGETHER);
                    self.die(control.map_or_else(|| Ending::of_result(result), |(ending, _)| ending), event, board);
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
                    let ending = Ending { clean: true, how: "ended by itself".to_owned(), class: Class::Exit };
                    self.die(ending, event, board);
                }
                self.life.restarts += 1;
                self.life.planned = false;
                self.life.phase = Phase::Restarting;
            }
            Step::StartLimit => self.give_up(event, board),
            Step::DependencyFailed => self.wait(event, board),
            Step::OomKill => self.starve(event, board),
            Step::Watchdog => life.omen = Some((Omen::Watchdog, event.time)),
            Step::Timeout => life.omen = Some((Omen::Timeout, event.time)),
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
        let class = omen.map_or(ending.class, |(omen, _)| omen.class());
        let how = match omen {
            // The result says no more than the omen.
            Some((omen, _)) if ending.class == Class::Timeout => omen.words().to_owned(),
            Some((omen, _)) if !ending.how.starts_with(omen.words()) => format!("{}: {}", omen.words(), ending.how),
            _ => ending.how,
        };
        self.total += 1;
        self.of_memory += u64::from(class == Class::Oom);
        self.deaths.add(event.time, SCALES[SCALES.len() - 1].1);
        let crash = Crash {
            time: event.time,
            how,
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
            // A good end that the manager answers with a start is worth telling only when it becomes a loop.
            None if ending.clean && self.scale().is_none() => return,
            None => {
                let first = self.deaths.count(SCALES[SCALES.len() - 1].1).1.unwrap_or(event.time);
                let finding =
                    Finding { count: self.total, first_seen: first, ..Finding::of_crash(event, class, &crash.how) };
                self.crash = board.open(finding);
            }
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

    pub(super) fn unexplained(&self, board: &mut Board) -> bool {
        self.crash.is_some_and(|index| board.get_mut(index).crashes.last().is_some_and(|c| c.said.is_none()))
    }

    pub(super) fn explain(&mut self, said: Option<Said>, board: &mut Board) {
        if let Some(crash) = self.crash.and_then(|index| board.get_mut(index).crashes.last_mut()) {
            crash.said = said;
        }
    }

    /// The shortest scale at which the deaths so far are a loop.
    fn scale(&self) -> Option<(usize, Span)> {
        SCALES.into_iter().find(|(most, within)| self.deaths.count(*within).0 >= *most)
    }

    /// What the deaths so far amount to, given where the unit is now.
    fn judge(&mut self, board: &mut Board) {
        let Some(index) = self.crash else { return };
        let scale = self.scale();
        let finding = board.get_mut(index);
        if finding.resolved.is_some() {
            return;
        }
        let before = finding.finding;
        if let Some((most, within)) = scale {
            let memory = self.of_memory * 2 > self.total;
            finding.finding = if memory { FindingKind::OomLoop } else { FindingKind::CrashLoop };
            finding.detector = "lifecycle/crash-loop".to_owned();
            finding.threshold = Some(Number::count(most));
            finding.window = Some(within);
        }
        let took = finding.last_seen.since(finding.first_seen);
        finding.value = Some(Number::count(self.deaths.count(finding.window.unwrap_or(Span::ZERO)).0));
        let looping = finding.finding != FindingKind::Failure;
        if looping {
            finding.title = match took {
                Span::ZERO => format!("crash-loops: {} crashes", self.total),
                took => format!("crash-loops: {} crashes in {took}", self.total),
            };
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
    pub(super) fn settle(&mut self, now: Stamp, board: &mut Board) {
        if let (Some(index), Phase::Up, Some(up)) = (self.crash, self.life.phase, self.life.up_since) {
            let usual = self.deaths.median_gap().map_or(Span::ZERO, |gap| Span(gap.0.saturating_mul(3)));
            if now.since(up) >= STABLE.max(usual) {
                board.resolve(index, up);
            }
        }
        if let (Some(index), Some(last), Phase::Failed) = (self.crash, self.life.waits, self.life.phase)
            && now.since(last) >= SAID_AGAIN
        {
            board.resolve(index, last);
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
                    ..Finding::of(event, "lifecycle/start-limit", "lifecycle")
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
                    ..Finding::of(event, "lifecycle/dependency", "lifecycle")
                });
            }
        }
    }

    fn starve(&mut self, event: &Event, board: &mut Board) {
        let again = self.life.omen.is_some_and(|(omen, at)| omen == Omen::Memory && event.time.since(at) <= TOGETHER);
        self.life.omen = Some((Omen::Memory, event.time));
        match self.memory {
            // The kernel and the manager both tell of one kill.
            Some(index) if again => board.get_mut(index).last_seen = event.time,
            Some(index) => {
                board.reopen(index);
                board.count(index, event);
                let kills = self.kills.add(event.time, KILLS.1);
                let finding = board.get_mut(index);
                if kills >= KILLS.0 && finding.finding == FindingKind::Failure {
                    finding.finding = FindingKind::OomLoop;
                    finding.threshold = Some(Number::count(KILLS.0));
                    finding.window = Some(KILLS.1);
                    board.worse(index);
                }
                let finding = board.get_mut(index);
                finding.value = finding.value.max(Some(Number::count(kills)));
            }
            None => {
                self.kills.add(event.time, KILLS.1);
                self.memory = board.open(Finding {
                    severity: Severity::Down,
                    class: Class::Oom,
                    title: format!(
                        "{} was killed because memory ran out",
                        event.capture("process").unwrap_or("a process")
                    ),
                    ..Finding::of(event, "lifecycle/oom-kill", "lifecycle")
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
                    value: Some(Number::count(count)),
                    threshold: Some(Number::count(FLAPS.0)),
                    window: Some(FLAPS.1),
                    ..Finding::of(event, "lifecycle/flapping", "lifecycle")
                });
            }
            None => {}
        }
    }
}
