//! The stream of entries: units that go about their work, fail now and then, and are started again by their manager.
//!
//! What happens is drawn by one generator and how it is written by another, so all forms tell the same story.

use super::phrases::{self, Phrase};
use super::prng::Prng;
use super::recipe::Recipe;

/// One thing that happened.
pub struct Entry {
    /// Its number.
    pub number: u64,
    /// In microseconds since 1970.
    pub time: u64,
    /// What it is about: `svc-api`, without `.service`.
    pub unit: &'static str,
    /// The process that said it.
    pub pid: u64,
    /// Its invocation.
    pub invocation: String,
    /// The syslog priority.
    pub priority: u8,
    /// The service manager speaks about the unit.
    pub manager: bool,
    /// It tells of a failure.
    pub failing: bool,
    /// What it says.
    pub message: String,
    /// journald's JSON writes the message as an array of bytes.
    pub array: bool,
}

/// Begins on 2026-01-09.
const BEGIN: u64 = 1_767_960_000_000_000;

/// When the host came up.
pub const BOOTED: u64 = BEGIN - 100_000_000_000;

/// The units: forty.
const UNITS: [&str; 40] = [
    "svc-api",
    "svc-web",
    "svc-auth",
    "svc-billing",
    "svc-cart",
    "svc-search",
    "svc-mailer",
    "svc-queue",
    "svc-cache",
    "svc-index",
    "svc-feed",
    "svc-push",
    "svc-media",
    "svc-report",
    "svc-audit",
    "svc-exporter",
    "svc-importer",
    "svc-sync",
    "svc-gateway",
    "svc-proxy",
    "svc-edge",
    "svc-core",
    "svc-data",
    "svc-meta",
    "svc-store",
    "svc-block",
    "svc-chunk",
    "svc-train",
    "svc-infer",
    "svc-embed",
    "svc-rank",
    "svc-score",
    "svc-notify",
    "svc-watch",
    "svc-probe",
    "svc-ship",
    "svc-pack",
    "svc-sign",
    "svc-lock",
    "svc-vault",
];

/// Draws entries without end.
pub struct Stream {
    story: Prng,
    /// For how entries are written.
    pub dice: Prng,
    failing: u64,
    wide: u64,
    colours: u64,
    arrays: u64,
    failing_arrays: bool,
    time: u64,
    number: u64,
    lives: Vec<(u64, String)>,
    /// What the manager has yet to say about a unit that ended: last first.
    manager: Vec<(usize, Phrase)>,
}

impl Stream {
    /// From the beginning.
    pub fn new(recipe: &Recipe) -> Stream {
        let mut story = Prng::new(recipe.seed);
        let lives = UNITS.iter().map(|_| (story.range(300, 40_000), story.id())).collect();
        Stream {
            story,
            dice: Prng::new(recipe.seed ^ 0x5eed),
            failing: recipe.failing,
            wide: recipe.wide,
            colours: recipe.colours,
            arrays: recipe.arrays,
            failing_arrays: recipe.failing_arrays,
            time: BEGIN,
            number: 0,
            lives,
            manager: Vec::new(),
        }
    }

    /// The next one.
    pub fn next(&mut self) -> Entry {
        self.number += 1;
        self.time += self.story.range(500, 40_000);
        // One in 150 failures ends the process; its manager then says four things about it.
        let ends = self.story.range(0, 150_000) < self.failing;
        if self.manager.is_empty() && ends {
            let unit = self.story.range(0, UNITS.len() as u64) as usize;
            self.manager = phrases::MANAGER.iter().rev().map(|phrase| (unit, *phrase)).collect();
        }
        match self.manager.pop() {
            Some((unit, phrase)) => self.managed(unit, phrase),
            None => self.said(),
        }
    }

    fn managed(&mut self, unit: usize, (template, priority, failing): Phrase) -> Entry {
        if self.manager.is_empty() {
            self.lives[unit] = (self.story.range(300, 40_000), self.story.id());
        }
        Entry {
            number: self.number,
            time: self.time,
            unit: UNITS[unit],
            pid: 1,
            invocation: self.lives[unit].1.clone(),
            priority,
            manager: true,
            failing,
            message: template.replace("{u}", UNITS[unit]),
            array: false,
        }
    }

    fn said(&mut self) -> Entry {
        let unit = self.story.range(0, UNITS.len() as u64) as usize;
        let failing = self.draw(self.failing);
        let wide = self.draw(self.wide);
        let coloured = self.draw(self.colours);
        let array = self.draw(self.arrays) && (!failing || self.failing_arrays);
        let (template, priority) = if failing {
            let (template, priority, _) = *self.story.pick(phrases::FAILING);
            (template, priority)
        } else {
            (*self.story.pick(if wide { phrases::WIDE } else { phrases::FINE }), 6)
        };
        let mut message = phrases::fill(template, &mut self.story);
        match self.story.range(0, 3) {
            0 => message.push_str(&format!(" trace={:016x}", self.story.bits())),
            1 => {
                message.push_str(&format!(" (worker {}, shard {})", self.story.range(1, 17), self.story.range(1, 100)))
            }
            _ => {}
        }
        if failing && wide {
            message.push_str(" für Jörg — später noch einmal");
        }
        if coloured || array {
            let word = if failing { "\x1b[31m" } else { "\x1b[1;32m" };
            message = format!("{word}{message}\x1b[0m");
        }
        let (pid, invocation) = &self.lives[unit];
        Entry {
            number: self.number,
            time: self.time,
            unit: UNITS[unit],
            pid: *pid,
            invocation: invocation.clone(),
            priority,
            manager: false,
            failing,
            message,
            array,
        }
    }

    fn draw(&mut self, share: u64) -> bool {
        self.story.range(0, 1000) < share
    }
}
