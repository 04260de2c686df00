//! The detectors of the packs: which events each one looks at, and by which key.
//!
//! A detector hears of the events that its rule names, and rings by itself when a moment has passed. Both come in the order
//! of time: before an event is shown, everything rings that was due before it. So the findings do not depend on how often
//! the log is looked at.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::base::{Certainty, Class, Number, Severity, Stamp, stem};
use crate::rules::{DetectorKind, DetectorRule, Selector, Signature};
use crate::scan::{Event, Plan, mask};

use super::alarms::Alarms;
use super::board::Board;
use super::finding::Finding;
use super::keys::Key;
use super::kinds::watch;

/// One detector at work. It sees only events that its rule names.
pub(super) trait Watch: fmt::Debug + Twin {
    /// Looks at one event.
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board);

    /// When it wants to ring next.
    fn due(&self) -> Option<Stamp>;

    /// Does what was due first, if that lies before `now`. Called until nothing is due before `now` any more.
    fn ring(&mut self, rule: &DetectorRule, now: Stamp, board: &mut Board);
}

/// What can be copied although nobody knows what it is.
pub(super) trait Twin {
    /// Another one that has seen the same.
    fn twin(&self) -> Box<dyn Watch>;
}

impl<T: Watch + Clone + 'static> Twin for T {
    fn twin(&self) -> Box<dyn Watch> {
        Box::new(self.clone())
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    all: Vec<Rule>,
    /// For each signature the rules that name it, in their order.
    by_signature: Arc<Vec<Vec<u32>>>,
    /// When the log begins, as far as anybody knows.
    begin: Option<Stamp>,
    alarms: Alarms,
    /// What one event hits, and which rules want to see it; empty between events.
    hits: Vec<u32>,
    interested: Vec<u32>,
}

#[derive(Debug)]
struct Rule {
    rule: Arc<DetectorRule>,
    roles: Arc<Roles>,
    watch: Box<dyn Watch>,
}

impl Clone for Rule {
    fn clone(&self) -> Rule {
        Rule { rule: self.rule.clone(), roles: self.roles.clone(), watch: self.watch.as_ref().twin() }
    }
}

/// The signatures that are named, by their index, in order; at last, beyond the plan's own, what no signature knows.
pub(super) type Named = Vec<u32>;

/// The parts that signatures play in a rule.
#[derive(Clone, Debug)]
struct Roles {
    on: Named,
    good: Named,
    opens: Named,
    closes: Named,
    reset: Named,
    steps: Vec<Named>,
}

/// One event as one detector sees it.
pub(super) struct Sight<'a> {
    pub(super) plan: &'a Plan,
    pub(super) rule: &'a DetectorRule,
    pub(super) event: &'a Event,
    /// When the log begins.
    pub(super) begin: Stamp,
    roles: &'a Roles,
    hits: &'a [u32],
    template: OnceCell<String>,
}

impl Rules {
    pub(super) fn new(plan: &Plan) -> Rules {
        let mut by_signature = vec![Vec::new(); plan.count() + 1];
        let mut all = Vec::new();
        for (at, rule) in (0..).zip(plan.detectors()) {
            let named = |selectors: &[Selector]| named(plan, selectors);
            let roles = Roles {
                on: named(&rule.on),
                good: named(&rule.good),
                opens: named(&rule.opens),
                closes: named(&rule.closes),
                reset: named(&rule.reset),
                steps: rule.steps.iter().map(|step| named(step)).collect(),
            };
            for index in roles.all().flatten() {
                if let Some(rules) = by_signature.get_mut(*index as usize).filter(|rules| rules.last() != Some(&at)) {
                    rules.push(at);
                }
            }
            all.push(Rule { rule: Arc::new(rule.clone()), roles: Arc::new(roles), watch: watch(rule) });
        }
        let alarms = Alarms::new(all.iter().map(|rule: &Rule| rule.watch.due()));
        let by_signature = Arc::new(by_signature);
        Rules { all, by_signature, begin: None, alarms, hits: Vec::new(), interested: Vec::new() }
    }

    /// The log begins at this moment, or earlier.
    pub(super) fn begin(&mut self, at: Stamp) {
        self.begin = Some(self.begin.map_or(at, |begin| begin.min(at)));
    }

    pub(super) fn observe(&mut self, plan: &Plan, event: &Event, board: &mut Board) {
        // A moment that only stands in for a time that nobody wrote down passes no time.
        if event.certainty != Certainty::None {
            self.advance(event.time, board);
        }
        let begin = *self.begin.get_or_insert(event.time);
        // Who wrote a noise signature knew the line: what it hides from the reader it hides from detectors too.
        let known = event.hits.iter().any(|&hit| plan.signature(hit).hides());
        let hidden = |hit: u32| known && plan.signature(hit).severity == Severity::Degraded;
        let Rules { all, by_signature, alarms, hits, interested, .. } = self;
        hits.clear();
        hits.extend(event.hits.iter().copied().filter(|&hit| !hidden(hit)));
        if event.hits.is_empty() {
            hits.extend(u32::try_from(plan.count()));
        }
        interested.clear();
        interested.extend(hits.iter().filter_map(|&hit| by_signature.get(hit as usize)).flatten());
        interested.sort_unstable();
        interested.dedup();
        for &at in interested.iter() {
            let Some(Rule { rule, roles, watch }) = all.get_mut(at as usize) else { continue };
            let sight = Sight { plan, rule, event, begin, roles, hits, template: OnceCell::new() };
            watch.observe(&sight, board);
            alarms.set(at as usize, watch.due());
        }
    }

    /// Everything up to `now` has been seen: what was due before rings, earliest first, of several the first rule first.
    pub(super) fn advance(&mut self, now: Stamp, board: &mut Board) {
        while let Some(at) = self.alarms.before(now) {
            let Some(Rule { rule, watch, .. }) = self.all.get_mut(at) else { return };
            watch.ring(rule, now, board);
            self.alarms.set(at, watch.due());
        }
    }
}

/// What the selectors name.
fn named(plan: &Plan, selectors: &[Selector]) -> Named {
    let mut named: Vec<u32> = selectors.iter().flat_map(|selector| plan.named(selector)).collect();
    if selectors.iter().any(|selector| matches!(selector, Selector::Unclassified)) {
        named.push(u32::try_from(plan.count()).unwrap_or(u32::MAX));
    }
    named.sort_unstable();
    named.dedup();
    named
}

impl Roles {
    fn all(&self) -> impl Iterator<Item = &Named> {
        [&self.on, &self.good, &self.opens, &self.closes, &self.reset].into_iter().chain(&self.steps)
    }
}

impl Sight<'_> {
    /// The signature by which the event is one of `on`.
    pub(super) fn on(&self) -> Option<u32> {
        self.named(&self.roles.on)
    }

    /// The signature by which it is one of `good`.
    pub(super) fn good(&self) -> Option<u32> {
        self.named(&self.roles.good)
    }

    /// The signature by which it is one of `opens`.
    pub(super) fn opens(&self) -> Option<u32> {
        self.named(&self.roles.opens)
    }

    /// The key that it closes, when it is one of `closes`.
    pub(super) fn closes(&self) -> Option<Key> {
        self.named(&self.roles.closes).map(|hit| self.key(hit))
    }

    /// The key that it resets, when it is one of `reset`.
    pub(super) fn resets(&self) -> Option<Key> {
        self.named(&self.roles.reset).map(|hit| self.key(hit))
    }

    /// How many steps the rule has.
    pub(super) fn steps(&self) -> usize {
        self.roles.steps.len()
    }

    /// The signature by which it is the step with this number, from 0.
    pub(super) fn step(&self, number: usize) -> Option<u32> {
        self.named(self.roles.steps.get(number)?)
    }

    fn named(&self, named: &Named) -> Option<u32> {
        self.hits.iter().copied().find(|hit| named.binary_search(hit).is_ok())
    }

    /// The key of the event. An event without one of its parts has an empty text there.
    pub(super) fn key(&self, hit: u32) -> Key {
        self.rule.by.iter().map(|name| self.word(name, hit).unwrap_or("").into()).collect()
    }

    /// The signature of a hit; `None` for an error that no signature knows.
    fn signature(&self, hit: u32) -> Option<&Signature> {
        self.plan.get(hit)
    }

    /// The kind of failure that a hit is.
    fn class(&self, hit: u32) -> Class {
        self.signature(hit).map_or(Class::Unknown, |known| known.class)
    }

    /// `unit`, `host`, `signature`, `template`, or the value of a capture.
    pub(super) fn word(&self, name: &str, hit: u32) -> Option<&str> {
        match name {
            "unit" => Some(&self.event.unit),
            "host" => Some(&self.event.host),
            "signature" => Some(self.signature(hit).map_or(Selector::UNCLASSIFIED, |known| &known.id)),
            "template" => Some(self.template.get_or_init(|| mask::shape(&self.event.text))),
            name => self.event.capture(name),
        }
    }

    /// The number in the capture of this name. `None`: there is none, or it is no number.
    pub(super) fn number(&self, name: &str) -> Option<Number> {
        self.event.capture(name)?.parse().ok()
    }

    /// The number that the rule looks at: its `value`.
    pub(super) fn value(&self) -> Option<Number> {
        self.number(self.rule.names.value.as_deref()?)
    }

    /// The finding of the rule about `key`, at this event, for its judge to fill in.
    pub(super) fn finding(&self, hit: u32, key: &Key) -> Finding {
        finding(self.rule, self.class(hit), self.event, key)
    }

    /// What is needed for a finding about this event, for when its moment comes.
    pub(super) fn keep(&self, hit: u32) -> Kept {
        let before = Vec::new();
        let event = Event { before, hits: Vec::new(), ..self.event.clone() };
        Kept { event: Box::new(event), class: self.class(hit) }
    }
}

/// An event that becomes a finding later, when nothing else comes.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) event: Box<Event>,
    class: Class,
}

impl Kept {
    /// The finding of the rule about `key`, at this event.
    pub(super) fn finding(&self, rule: &DetectorRule, key: &Key) -> Finding {
        finding(rule, self.class, &self.event, key)
    }
}

fn finding(rule: &DetectorRule, class: Class, event: &Event, key: &Key) -> Finding {
    // Without times nobody knows whether it was in a minute or in a week.
    let once = rule.kind == DetectorKind::Threshold && rule.numbers.at_least() == 1;
    let timed = once || event.certainty != Certainty::None;
    let key: BTreeMap<String, String> =
        rule.by.iter().cloned().zip(key.iter().map(|value| value.to_string())).collect();
    let unit = key.get("unit").cloned().unwrap_or_else(|| event.unit.to_string());
    Finding {
        finding: rule.finding,
        severity: if timed { rule.severity } else { rule.severity.min(Severity::Degraded) },
        class: rule.class.unwrap_or(class),
        title: keyed(&rule.title, &unit, &key),
        unit,
        key,
        window: rule.numbers.within,
        threshold: rule.numbers.compare.map(|compare| compare.limit()),
        ..Finding::of(event, &rule.id, rule.kind.word())
    }
}

/// Tells the value of an open finding: the worst so far, and `down` from `down-at` on.
pub(super) fn measure(rule: &DetectorRule, index: usize, value: Number, board: &mut Board) {
    let low = rule.numbers.compare.is_some_and(|compare| compare.is_low());
    let worse = |a: Number, b: Number| if low { a < b } else { a > b };
    let finding = board.get_mut(index);
    if finding.value.is_none_or(|before| worse(value, before)) {
        finding.value = Some(value);
    }
    finding.title = titled(rule, keyed(&rule.title, &finding.unit, &finding.key), finding.value.unwrap_or(value));
    let timed = finding.severity == rule.severity;
    if timed && rule.numbers.down_at.is_some_and(|limit| value == limit || worse(value, limit)) {
        board.severity(index, Severity::Down);
    }
}

/// The title with the parts of the key that the unit does not say: `a task is blocked again and again (task T9)`.
fn keyed(title: &str, unit: &str, key: &BTreeMap<String, String>) -> String {
    let more = |name: &str, value: &str| {
        let known = matches!(name, "unit" | "host" | "signature" | "template") || stem(unit) == value;
        !known && !value.is_empty() && value.len() <= LONGEST_KEY
    };
    let parts: Vec<String> =
        key.iter().filter(|(name, value)| more(name, value)).map(|(name, value)| format!("{name} {value}")).collect();
    if parts.is_empty() { title.to_owned() } else { format!("{title} ({})", parts.join(", ")) }
}

/// Bytes of a part of a key that may stand in a title.
const LONGEST_KEY: usize = 60;

/// The title with the number that it is about; a count stands beside every title anyway.
fn titled(rule: &DetectorRule, title: String, value: Number) -> String {
    let limit = rule.numbers.compare.map(|compare| compare.limit());
    let with = |value: String, limit: Option<String>| match limit {
        Some(limit) => format!("{title}: {value} (limit {limit})"),
        None => format!("{title}: {value}"),
    };
    match rule.kind {
        // How many different values there are is a count.
        DetectorKind::Spread if limit.is_none() => title.clone(),
        DetectorKind::Ratio | DetectorKind::Spread => with(value.percent(), limit.map(Number::percent)),
        DetectorKind::Threshold if !rule.names.per.is_empty() => with(value.percent(), limit.map(Number::percent)),
        DetectorKind::Threshold | DetectorKind::Budget | DetectorKind::Calibration => {
            with(value.to_string(), limit.map(|limit| limit.to_string()))
        }
        DetectorKind::Trend => with(value.percent(), rule.numbers.change.map(Number::percent)),
        DetectorKind::Quantile => with(value.to_string(), None),
        DetectorKind::Absence
        | DetectorKind::Stuck
        | DetectorKind::Count
        | DetectorKind::Streak
        | DetectorKind::Flap
        | DetectorKind::Persist
        | DetectorKind::Sequence
        | DetectorKind::Novelty => title,
    }
}

/// Counts a key that a bound made a detector forget.
pub(super) fn forgot(rule: &DetectorRule, dropped: Option<&Key>, board: &mut Board) {
    if dropped.is_some() {
        board.refuse(format!("keys of {}", rule.id));
    }
}
