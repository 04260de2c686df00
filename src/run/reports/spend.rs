//! The spend report: sums of costs in a window of days, and the limits that a day passed.

use std::collections::BTreeMap;

use crate::base::{Span, Stamp};
use crate::report::kinds::{Cached, Ledger, Money, PassedLimit, RepoSpend, Spend, Sum};

use super::desk::{Desk, Seen};
use super::ledger::Entry;

/// Names of one part of a ledger.
const NAMES: usize = 1_000;
/// Stands for names that found no room.
const OTHERS: &str = "(others)";
/// The OperationsCenter store keeps so many days.
const KEPT_DAYS: u32 = 7;

/// A limit of a day: what it is about, and from where on which word holds.
struct Limit {
    what: &'static str,
    /// To stay below.
    target: Option<i64>,
    /// More than this alarms.
    alert: Option<i64>,
    /// More than this is an emergency.
    runaway: Option<i64>,
}

/// The runbook's table.
const LIMITS: &[Limit] = &[
    Limit { what: "total", target: Some(30), alert: Some(50), runaway: Some(100) },
    Limit { what: "frontier", target: Some(15), alert: Some(25), runaway: None },
    Limit { what: "mid", target: Some(10), alert: Some(15), runaway: None },
    Limit { what: "hosting", target: Some(5), alert: Some(10), runaway: None },
];
/// One agent, one day.
const AGENT: Limit = Limit { what: "agent", target: None, alert: None, runaway: Some(10) };

impl Limit {
    /// The worst word that holds.
    fn passed(&self, usd: Money) -> Option<(&'static str, Money)> {
        let above = |limit: Option<i64>| limit.map(Money::dollars).filter(|limit| usd > *limit);
        above(self.runaway)
            .map(|limit| ("runaway", limit))
            .or_else(|| above(self.alert).map(|limit| ("alert", limit)))
            .or_else(|| self.target.map(Money::dollars).filter(|limit| usd >= *limit).map(|limit| ("target", limit)))
    }
}

/// Sums of one ledger that only the limits need.
#[derive(Default)]
struct Days {
    tiers: BTreeMap<(String, &'static str), Money>,
    agents: BTreeMap<(String, String), Money>,
}

/// Reads what lies on the desk: costs of the last `days` days before `now`, else before the end of what is there.
pub fn spend(desk: &Desk<'_>, days: u32, now: Option<Stamp>) -> Spend {
    let now = desk.now(now);
    let since = now.map(|now| now.minus(Span::seconds(i64::from(days) * 86_400)));
    let mut ledgers: BTreeMap<&'static str, (Ledger, Days)> = BTreeMap::new();
    let mut repos: BTreeMap<String, RepoSpend> = BTreeMap::new();
    let (mut untimed, mut older, mut unread, mut others) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut read = desk.each(&mut |seen: &Seen<'_>| {
        let Some(entry) = seen.row.as_ref().and_then(|row| Entry::of(row, seen.time)) else { return false };
        let Some(at) = entry.time else {
            untimed += 1;
            return true;
        };
        if since.is_none_or(|since| at < since) {
            older += 1;
            return true;
        }
        unread += u64::from(entry.unread);
        let (ledger, by_day) =
            ledgers.entry(entry.ledger).or_insert_with(|| (Ledger::new(entry.ledger), Days::default()));
        others += put(ledger, by_day, &entry, at);
        if entry.ledger == "execution_cost" {
            let name = room(&repos, entry.repo.as_deref().unwrap_or("unknown"));
            let repo = repos.entry(name.to_owned()).or_default();
            repo.executions += 1;
            // After each event, as the tool does it.
            repo.estimated_usd = (repo.estimated_usd + entry.usd).rounded();
        }
        true
    });
    read.drop("names of agents, models or repositories", others);
    let mut passed: Vec<PassedLimit> = ledgers.values().flat_map(|(ledger, days)| limits(ledger, days)).collect();
    let worst = |limit: &PassedLimit| ["runaway", "alert", "target"].iter().position(|word| *word == limit.limit);
    passed
        .sort_by(|a, b| (worst(a), &b.day, b.usd, a.what, &a.agent).cmp(&(worst(b), &a.day, a.usd, b.what, &b.agent)));
    let ledgers: Vec<Ledger> = ledgers.into_values().map(|(ledger, _)| ledger).collect();
    let executions =
        ledgers.iter().find(|ledger| ledger.name == "execution_cost").map(|ledger| ledger.all).unwrap_or_default();
    let notes = notes(&ledgers, days, executions, [untimed, older, unread]);
    Spend {
        window_days: days,
        total_executions: executions.calls,
        total_estimated_usd: executions.usd.rounded(),
        per_repo: repos,
        schema: "logtriage.report.spend/1",
        now,
        ledgers,
        passed,
        notes,
        read,
    }
}

impl Ledger {
    fn new(name: &'static str) -> Ledger {
        Ledger { name, ..Ledger::default() }
    }
}

/// The name, or the common one where there is no room for another.
fn room<'n, T>(map: &BTreeMap<String, T>, name: &'n str) -> &'n str {
    if map.len() < NAMES || map.contains_key(name) { name } else { OTHERS }
}

/// Adds a cost; how many of its names found no room.
fn put(ledger: &mut Ledger, days: &mut Days, entry: &Entry, at: Stamp) -> u64 {
    let day = at.date();
    let mut others = 0;
    ledger.all.add(entry.usd);
    let mut add = |map: &mut BTreeMap<String, Sum>, name: &str| {
        let name = room(map, name);
        others += u64::from(name == OTHERS);
        map.entry(name.to_owned()).or_default().add(entry.usd);
    };
    add(&mut ledger.by_day, &day);
    if entry.ledger != "execution_cost" {
        add(&mut ledger.by_tier, entry.tier);
        *days.tiers.entry((day.clone(), entry.tier)).or_default() += entry.usd;
    }
    if let Some(model) = &entry.model {
        add(&mut ledger.by_model, model);
    }
    if let Some(agent) = &entry.agent {
        add(&mut ledger.by_agent, agent);
        // As bounded as the names: days are, too.
        let agent = if ledger.by_agent.contains_key(agent) { agent.as_str() } else { OTHERS };
        *days.agents.entry((day, agent.to_owned())).or_default() += entry.usd;
    }
    if let Some((cached, of, what)) = entry.cached {
        let sum = ledger.cached.get_or_insert(Cached { what, ..Cached::default() });
        sum.cached = sum.cached.saturating_add(cached);
        sum.of = sum.of.saturating_add(of);
    }
    others
}

fn limits(ledger: &Ledger, days: &Days) -> Vec<PassedLimit> {
    let mut passed = Vec::new();
    let mut check = |limit: &Limit, day: &str, agent: Option<&String>, usd: Money| {
        if let Some((word, limit_usd)) = limit.passed(usd) {
            let (ledger, what, agent) = (ledger.name, limit.what, agent.cloned());
            passed.push(PassedLimit { day: day.to_owned(), ledger, what, agent, limit: word, limit_usd, usd });
        }
    };
    for limit in LIMITS {
        match limit.what {
            "total" if ledger.name != "hosting" => {
                ledger.by_day.iter().for_each(|(day, sum)| check(limit, day, None, sum.usd))
            }
            what => {
                let tiers = days.tiers.iter().filter(|((_, tier), _)| *tier == what);
                tiers.for_each(|((day, _), usd)| check(limit, day, None, *usd));
            }
        }
    }
    days.agents.iter().filter(|((_, agent), _)| agent != OTHERS).for_each(|((day, agent), usd)| {
        check(&AGENT, day, Some(agent), *usd);
    });
    passed
}

fn notes(ledgers: &[Ledger], days: u32, executions: Sum, [untimed, older, unread]: [u64; 3]) -> Vec<String> {
    let mut notes = Vec::new();
    let is = |name: &str| ledgers.iter().any(|ledger| ledger.name == name);
    if is("execution_cost") && days > KEPT_DAYS {
        notes.push(format!(
            "The usage store keeps {KEPT_DAYS} days and 1,000 events: of {days} days it can only have the last {KEPT_DAYS}, unless older copies were read."
        ));
    }
    if executions.calls > 0 && executions.usd == Money::ZERO {
        notes.push(
            "All executions cost 0: cost_per_execution_usd is 0.0 in the configuration, so costs are not counted."
                .to_owned(),
        );
    }
    if is("litellm") && is("llm_calls") {
        notes.push("litellm and llm_calls may hold the same calls: their sums are not added.".to_owned());
    }
    for (n, what) in [
        (untimed, "have no time and are left out"),
        (older, "are older than the window and are left out"),
        (unread, "have an amount that is no number and count as 0"),
    ] {
        if n > 0 {
            notes.push(format!("{n} rows {what}."));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_just_below_at_and_above() {
        let word = |what: &str, usd: &str| {
            let limit = LIMITS.iter().chain([&AGENT]).find(|limit| limit.what == what).unwrap();
            limit.passed(usd.parse().unwrap()).map_or("-", |(word, _)| word)
        };
        for (what, usd, want) in [
            ("total", "29.999999", "-"),
            ("total", "30", "target"),
            ("total", "50", "target"),
            ("total", "50.000001", "alert"),
            ("total", "100", "alert"),
            ("total", "100.000001", "runaway"),
            ("frontier", "14.99", "-"),
            ("frontier", "15", "target"),
            ("frontier", "25", "target"),
            ("frontier", "25.01", "alert"),
            ("mid", "9.99", "-"),
            ("mid", "15", "target"),
            ("mid", "15.01", "alert"),
            ("hosting", "4.99", "-"),
            ("hosting", "10", "target"),
            ("hosting", "10.01", "alert"),
            ("agent", "10", "-"),
            ("agent", "10.000001", "runaway"),
        ] {
            assert_eq!(word(what, usd), want, "{what} {usd}");
        }
    }
}
