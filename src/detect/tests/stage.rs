//! A detector on trial: a pack of one detector, events written as short lines, and what it finds.

use std::fmt::Write as _;
use std::sync::Arc;

use super::super::*;
use crate::base::{Certainty, Place, SourceId};
use crate::rules;
use crate::scan::Capture;

/// A detector of the pack `t`, whose signatures are `on`, `good` and `reset`.
pub(in crate::detect) struct Trial {
    plan: Plan,
}

/// One round of a trial.
pub(in crate::detect) struct Round<'t> {
    plan: &'t Plan,
    pub(in crate::detect) rules: rules_of_packs::Rules,
    pub(in crate::detect) board: Board,
    offset: u64,
}

use super::super::rules as rules_of_packs;

impl Trial {
    /// `keys`: those of the detector that matter, in TOML.
    pub(in crate::detect) fn new(keys: &str) -> Trial {
        let mut pack = "[pack]\nname = \"t\"\n".to_owned();
        for id in ["on", "good", "reset"] {
            write!(
                pack,
                "[[signature]]\nid = \"{id}\"\nclass = \"unknown\"\nseverity = \"info\"\nany = [\"is {id}\"]\ncause = \"x\"\n\
                 sample = [\"is {id}\"]\nnot = [\"none\"]\n"
            )
            .unwrap();
        }
        write!(
            pack,
            "[[detector]]\nid = \"d\"\nfinding = \"threshold\"\ncause = \"x\"\nfix = [{{ text = \"x\" }}]\n{keys}\n{}",
            if keys.contains("severity") { "" } else { "severity = \"degraded\"" }
        )
        .unwrap();
        let pack = rules::parse("t.toml", &pack).unwrap_or_else(|why| panic!("{}", why[0]));
        Trial { plan: Plan::new(vec![pack]).unwrap() }
    }

    pub(in crate::detect) fn round(&self) -> Round<'_> {
        Round { plan: &self.plan, rules: rules_of_packs::Rules::new(&self.plan), board: Board::default(), offset: 0 }
    }

    /// The findings on a log of lines such as `60 on unit=a v=3`, looked at `end` seconds after the epoch.
    pub(in crate::detect) fn findings(&self, log: &str, end: i64) -> Vec<Finding> {
        self.judged(log, end).board.findings().to_vec()
    }

    pub(in crate::detect) fn judged(&self, log: &str, end: i64) -> Round<'_> {
        let mut round = self.round();
        log.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty()).for_each(|line| round.line(line));
        round.look(end);
        round
    }

    /// What it found, in short: `60-120 x3 =7`: from the first to the last event, how many, the value; behind `!` when it was over.
    pub(in crate::detect) fn told(&self, log: &str, end: i64) -> Vec<String> {
        self.judged(log, end).told()
    }
}

impl Round<'_> {
    /// Judges one line: `SECONDS SIGNATURE name=value ...`; `?` before the seconds: the record had no time. In
    /// `text`, `_` is a space.
    pub(in crate::detect) fn line(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let time = words.next().unwrap();
        let certainty = if time.starts_with('?') { Certainty::None } else { Certainty::Exact };
        let time: f64 = time.trim_start_matches('?').parse().unwrap();
        let id = format!("t/{}", words.next().unwrap());
        let hits = (0..).zip(self.plan.signatures()).filter(|(_, s)| s.id == id).map(|(at, _)| at).collect();
        let captures: Vec<Capture> = words
            .map(|word| word.split_once('=').unwrap())
            .map(|(name, value)| Capture { name: name.into(), value: value.into() })
            .collect();
        let unit = captures.iter().find(|c| &*c.name == "unit").map_or("u", |c| &*c.value);
        self.offset += 1;
        let event = Event {
            time: Stamp((time * 1e9) as i64),
            certainty,
            place: Place { source: SourceId(1), offset: self.offset },
            unit: Arc::from(unit),
            host: Arc::from(""),
            invocation: "".into(),
            pid: None,
            level: None,
            calm: false,
            hits,
            text: captures.iter().find(|c| &*c.name == "text").map_or("".into(), |c| c.value.replace('_', " ").into()),
            captures,
            cursor: "".into(),
            before: Vec::new(),
            before_open: false,
        };
        self.rules.observe(self.plan, &event, &mut self.board);
    }

    /// Looks what is over by so many seconds after the epoch.
    pub(in crate::detect) fn look(&mut self, seconds: i64) {
        self.rules.advance(Stamp(seconds * 1_000_000_000), &mut self.board);
    }

    pub(in crate::detect) fn told(&self) -> Vec<String> {
        self.board.findings().iter().map(short).collect()
    }

    pub(in crate::detect) fn trends(&self) -> Vec<String> {
        self.board.metrics().iter().map(|(name, m)| format!("{name}: {} {}", m.n(), m.trend())).collect()
    }
}

fn short(finding: &Finding) -> String {
    let seconds = |at: Stamp| at.0 as f64 / 1e9;
    let over = finding.resolved.map_or(String::new(), |at| format!(" !{}", seconds(at)));
    let value = finding.value.map_or(String::new(), |value| format!(" ={value}"));
    let key: Vec<&str> = finding.key.values().map(String::as_str).collect();
    let key = if key.is_empty() { String::new() } else { format!("{} ", key.join(",")) };
    let down = if finding.severity == crate::base::Severity::Down { " down" } else { "" };
    format!("{key}{}-{} x{}{value}{over}{down}", seconds(finding.first_seen), seconds(finding.last_seen), finding.count)
}

/// So many different keys are offered: how many of them were dropped, as the board tells.
pub(in crate::detect) fn dropped_of(keys: u64, trial: &Trial, line: impl Fn(u64) -> String) -> u64 {
    let mut round = trial.round();
    (0..keys).for_each(|n| round.line(&line(n)));
    round.board.dropped().get("keys of t/d").copied().unwrap_or(0)
}
