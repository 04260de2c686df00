//! The morning digest, from whatever is there: task files, rows of costs, health and backup logs, requests, any log.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Severity, Span, Stamp};
use crate::report::kinds::{Costs, Digest, Infrastructure, Money};
use crate::scan::Plan;

use super::agents::{Approvals, Heartbeats};
use super::checks::Checks;
use super::desk::{Collector, Desk, Seen};
use super::ledger::Entry;
use super::queue::Queue;

/// One day.
const DAY: Span = Span::seconds(86_400);
/// Days of costs that are kept, the latest.
const DAYS: usize = 4_000;
/// Incidents that are told.
const INCIDENTS: usize = 20;

/// Reads what lies on the desk. The night is the time of this length before `now`, or before the end of what is there.
pub fn digest(desk: &Desk<'_>, night: Span, now: Option<Stamp>) -> Digest {
    let now = desk.now(now);
    let since = now.map(|now| now.minus(night));
    let mut night = Night::new(desk.pipeline.plan());
    let mut read = desk.each(&mut night);
    for (bound, n) in [
        ("tasks", night.queue.dropped),
        ("checks", night.checks.dropped),
        ("agents", night.heartbeats.dropped),
        ("requests", night.approvals.dropped),
    ] {
        read.drop(bound, n);
    }
    let tasks = (!night.queue.is_empty()).then(|| night.queue.tasks(since, now));
    let dead_letters = tasks.is_some().then(|| night.queue.dead());
    let mut infrastructure = night.checks.infrastructure();
    if night.logs > 0 {
        let incidents = desk.diagnose().incidents.into_iter().take(INCIDENTS);
        let told: Vec<(Severity, String)> = incidents.map(|incident| (incident.severity, incident.title)).collect();
        infrastructure.get_or_insert_with(Infrastructure::default).incidents = Some(told);
    }
    Digest {
        schema: "logtriage.report.digest/1",
        now,
        since,
        tasks,
        cost: now.map(|now| costs(&night.costs, now)).unwrap_or_default(),
        dead_letters,
        agents: night.heartbeats.agents(now),
        infrastructure,
        approvals: night.approvals.waiting(),
        read,
    }
}

/// Everything that the sections need.
struct Night<'p> {
    plan: &'p Plan,
    queue: Queue,
    checks: Checks,
    heartbeats: Heartbeats,
    approvals: Approvals,
    costs: BTreeMap<&'static str, BTreeMap<String, Money>>,
    /// Records of logs, which the diagnosis is about.
    logs: u64,
}

impl<'p> Night<'p> {
    fn new(plan: &'p Plan) -> Night<'p> {
        Night {
            plan,
            queue: Queue::default(),
            checks: Checks::default(),
            heartbeats: Heartbeats::default(),
            approvals: Approvals::default(),
            costs: BTreeMap::new(),
            logs: 0,
        }
    }
}

impl Collector for Night<'_> {
    fn see(&mut self, seen: &Seen<'_>) -> bool {
        if let Some(row) = &seen.row {
            if let Some(entry) = Entry::of(row, seen.time) {
                if let Some(at) = entry.time {
                    let days = self.costs.entry(entry.ledger).or_default();
                    *days.entry(at.date()).or_default() += entry.usd;
                    if days.len() > DAYS {
                        days.pop_first();
                    }
                }
                return true;
            }
            let beat = self.heartbeats.take(row, seen.time);
            if self.queue.take(seen.source, row, seen.time) || beat {
                return true;
            }
        }
        let text = String::from_utf8_lossy(seen.record.message);
        if seen.event.is_some_and(|event| self.checks.see(self.plan, event)) || self.approvals.see(seen, &text) {
            return true;
        }
        self.logs += u64::from(seen.row.is_none() || seen.event.is_some());
        false
    }

    fn end(&mut self) {
        self.approvals.end();
    }
}

/// Yesterday and the six days before it, by the day of the digest (UTC).
fn costs(ledgers: &BTreeMap<&'static str, BTreeMap<String, Money>>, now: Stamp) -> Vec<Costs> {
    let day = |back: i64| now.minus(Span(DAY.0.saturating_mul(back))).date();
    let week: BTreeSet<String> = (1..=7).map(day).collect();
    let of = |days: &BTreeMap<String, Money>, day: &str| days.get(day).copied().unwrap_or_default();
    let one = |(ledger, days): (&&'static str, &BTreeMap<String, Money>)| Costs {
        ledger,
        yesterday: day(1),
        yesterday_usd: of(days, &day(1)),
        mean_7_days_usd: week.iter().map(|day| of(days, day)).sum::<Money>().divided(7),
        days: u32::try_from(week.iter().filter(|day| days.contains_key(*day)).count()).unwrap_or(7),
        today_usd: of(days, &now.date()),
    };
    ledgers.iter().map(one).collect()
}
