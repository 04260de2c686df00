//! The Production Debug Report: errors by code, and what narrows each of them down.

use std::collections::BTreeMap;

use crate::base::{Class, Severity, Span, Stamp};
use crate::incident::filled;
use crate::report::kinds::{CodeRow, Intake, Issue, Production, Quote, Share};
use crate::rules::Signature;
use crate::scan::{Event, Plan};

use super::deploys::{Deploy, Deploys};
use super::desk::{Collector, Desk, Seen};
use super::errors::{CodedError, Inspected, Inspector, is_constant};
use super::narrow::{actions, busiest, cluster, files, search, title};
use super::tally::Tally;
use super::usage::Usage;

/// Codes that are told apart.
const CODES: usize = 1_000;
/// Skills, providers, actions and statuses of one code.
const VALUES: usize = 50;
/// Users and sessions of one code.
const PEOPLE: usize = 5_000;
/// Minutes with errors, of all codes together.
const MINUTES: usize = 200_000;
/// Bytes of a line that is quoted.
const QUOTE: usize = 200;

/// Reads what lies on the desk.
pub fn production(desk: &Desk<'_>, deploys: &[Deploy]) -> Production {
    let plan = desk.pipeline.plan();
    let mut counter = Counter::new(plan, deploys);
    let mut read = desk.each(&mut counter);
    counter.report(&mut read)
}

/// Everything that is counted.
struct Counter<'p> {
    plan: &'p Plan,
    codes: BTreeMap<String, Code>,
    /// Failed runs of skill_usage_logs, by code: counted when there are no error events.
    failed_runs: BTreeMap<String, Code>,
    usage: Usage,
    inspector: Inspector,
    deploys: Deploys,
    /// Errors that carry a code; without any, rules speak.
    coded: bool,
    minutes: usize,
    dropped: BTreeMap<&'static str, u64>,
}

/// Errors of one code.
#[derive(Debug)]
struct Code {
    count: u64,
    category: Tally,
    skills: Tally,
    providers: Tally,
    actions: Tally,
    statuses: Tally,
    users: Tally,
    sessions: Tally,
    rules: BTreeMap<u32, u64>,
    minutes: BTreeMap<i64, u32>,
    first: Option<Stamp>,
    last: Option<Stamp>,
    sample: Option<Quote>,
}

impl Default for Code {
    fn default() -> Code {
        let values = || Tally::new(VALUES);
        Code {
            count: 0,
            category: values(),
            skills: values(),
            providers: values(),
            actions: values(),
            statuses: values(),
            users: Tally::new(PEOPLE),
            sessions: Tally::new(PEOPLE),
            rules: BTreeMap::new(),
            minutes: BTreeMap::new(),
            first: None,
            last: None,
            sample: None,
        }
    }
}

impl Collector for Counter<'_> {
    fn see(&mut self, seen: &Seen<'_>) -> bool {
        let text = String::from_utf8_lossy(seen.record.message);
        self.deploys.see(seen, self.plan, &text);
        if let Some(row) = &seen.row {
            if let Some(failed) = self.usage.take(row) {
                if let Some(error) = failed {
                    self.count(true, &error, Some(seen), &text);
                }
                return true;
            }
            if let Some(error) = CodedError::of_row(row) {
                self.count(false, &error, Some(seen), &text);
                return true;
            }
        }
        if let Some(error) = CodedError::of_worker(&text) {
            self.count(false, &error, Some(seen), &text);
            return true;
        }
        if let Some(error) = CodedError::of_bars(&text) {
            self.count(false, &error, Some(seen), &text);
            return true;
        }
        match self.inspector.see(seen, &text) {
            Inspected::Error(error) => {
                let whole = if text.contains(&error.code) { text.into_owned() } else { error.line() };
                self.count(false, &error, Some(seen), &whole);
                return true;
            }
            Inspected::Part => return true,
            Inspected::Nothing => {}
        }
        let Some(error) = seen.event.and_then(|event| self.by_rule(event)) else { return false };
        self.count(false, &error, Some(seen), &text);
        true
    }

    fn end(&mut self) {
        for error in self.inspector.end() {
            self.count(false, &error, None, "");
        }
    }
}

impl<'p> Counter<'p> {
    fn new(plan: &'p Plan, deploys: &[Deploy]) -> Counter<'p> {
        Counter {
            plan,
            codes: BTreeMap::new(),
            failed_runs: BTreeMap::new(),
            usage: Usage::default(),
            inspector: Inspector::default(),
            deploys: Deploys::new(deploys),
            coded: false,
            minutes: 0,
            dropped: BTreeMap::new(),
        }
    }

    /// An error of a log that has no codes: its best rule stands for the code, its unit for the skill.
    fn by_rule(&self, event: &Event) -> Option<CodedError> {
        let (code, category) = match event.hits.first() {
            None => ("unclassified".to_owned(), Class::Unknown),
            Some(hit) => {
                let signature = self.plan.signature(*hit);
                let failure = signature.severity >= Severity::Degraded && signature.class != Class::Noise;
                if !failure || event.calm && signature.severity < Severity::Down {
                    return None;
                }
                // A rule about one code says so in its title.
                let code = signature.title.split_once(": ").map(|(code, _)| code).filter(|code| is_constant(code));
                (code.unwrap_or(&signature.id).to_owned(), signature.class)
            }
        };
        let one = |names: &[&str]| names.iter().find_map(|name| event.capture(name)).map(str::to_owned);
        Some(CodedError {
            code,
            category: Some(category.word().to_owned()),
            skill: Some(event.unit.to_string()),
            provider: one(&["provider"]),
            action: None,
            status: one(&["status", "http_status"]).filter(|status| status.len() == 3),
            user: one(&["user", "user_id"]),
            session: one(&["session", "session_id", "pool"]),
            time: None,
        })
    }

    fn count(&mut self, run: bool, error: &CodedError, seen: Option<&Seen<'_>>, text: &str) {
        self.coded |= !run && is_constant(&error.code);
        let codes = if run { &mut self.failed_runs } else { &mut self.codes };
        if codes.len() >= CODES && !codes.contains_key(&error.code) {
            *self.dropped.entry("errors of further codes").or_default() += 1;
            return;
        }
        let code = codes.entry(error.code.clone()).or_default();
        code.count += 1;
        for (tally, value) in [
            (&mut code.category, &error.category),
            (&mut code.skills, &error.skill),
            (&mut code.providers, &error.provider),
            (&mut code.actions, &error.action),
            (&mut code.statuses, &error.status),
            (&mut code.users, &error.user),
            (&mut code.sessions, &error.session),
        ] {
            tally.maybe(value.as_deref());
        }
        let Some(seen) = seen else { return };
        if let Some(hit) = seen.event.and_then(|event| event.hits.first()) {
            *code.rules.entry(*hit).or_default() += 1;
        }
        if let Some(at) = seen.time.or(error.time) {
            code.first = Some(code.first.map_or(at, |first| first.min(at)));
            code.last = code.last.max(Some(at));
            let minute = at.0.div_euclid(Span::seconds(60).0);
            if let Some(count) = code.minutes.get_mut(&minute) {
                *count = count.saturating_add(1);
            } else if self.minutes < MINUTES {
                code.minutes.insert(minute, 1);
                self.minutes += 1;
            } else {
                *self.dropped.entry("times of errors").or_default() += 1;
            }
        }
        if code.sample.is_none() {
            let source = seen.source.file_name().map(|name| name.to_string_lossy().into_owned());
            let text: String = text.trim().chars().take(QUOTE).collect();
            code.sample = Some(Quote { time: seen.time, source: source.unwrap_or_else(|| "-".to_owned()), text });
        }
    }

    fn report(mut self, read: &mut Intake) -> Production {
        let rules_only = !self.coded && self.codes.keys().all(|code| !is_constant(code));
        let runs_only = self.codes.is_empty() && !self.failed_runs.is_empty();
        let counted_from = match (runs_only, rules_only) {
            (true, _) => "skill_usage_logs",
            (_, true) => "log",
            _ => "error_events",
        };
        let codes = std::mem::take(if runs_only { &mut self.failed_runs } else { &mut self.codes });
        let mut codes: Vec<(String, Code)> = codes.into_iter().collect();
        codes.sort_by(|a, b| (b.1.count, &a.0).cmp(&(a.1.count, &b.0)));
        for (bound, n) in std::mem::take(&mut self.dropped) {
            read.drop(bound, n);
        }
        let beyond = |tally: fn(&Code) -> u64| codes.iter().map(|(_, code)| tally(code)).sum::<u64>();
        read.drop("skills of a code", beyond(|code| code.skills.beyond));
        read.drop("users and sessions of a code", beyond(|code| code.users.beyond + code.sessions.beyond));
        read.drop("other values of a code", beyond(|c| c.providers.beyond + c.actions.beyond + c.statuses.beyond));
        read.drop("deployments", self.deploys.dropped);
        read.drop("codes of skill_usage_logs", self.usage.dropped);
        read.drop("objects over several lines", self.inspector.dropped);
        let total = codes.iter().map(|(_, code)| code.count).sum::<u64>();
        let summary = codes.iter().map(|(name, code)| code.row(name)).collect();
        let issues: Vec<Issue> = codes.iter().map(|(name, code)| self.issue(name, code)).collect();
        Production {
            schema: "logtriage.report.production/1",
            total_errors: total,
            unique_error_codes: u64::try_from(codes.len()).unwrap_or(u64::MAX),
            counted_from,
            summary,
            actions: actions(&issues),
            issues,
            skill_runs: self.usage.all(),
            read: std::mem::take(read),
        }
    }

    fn issue(&self, name: &str, code: &Code) -> Issue {
        let mut rules: Vec<(u32, u64)> = code.rules.iter().map(|(rule, count)| (*rule, *count)).collect();
        rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
        // Of several rules that know some of the errors, the one of the code itself comes first where they are as many.
        let known = rules.first().map(|(rule, _)| self.plan.signature(*rule)).or_else(|| self.of_code(name));
        let top = code.skills.shares().into_iter().next();
        let names: BTreeMap<String, String> = top.iter().map(|share| ("unit".to_owned(), share.name.clone())).collect();
        let fixes: Vec<_> = known.iter().flat_map(|rule| &rule.fixes).map(|fix| filled(fix, &names)).collect();
        let busiest = busiest(&code.minutes);
        let onsets: Vec<Stamp> =
            code.first.into_iter().chain(busiest.filter(|hour| hour.count >= 3).map(|hour| hour.from)).collect();
        Issue {
            error_code: name.to_owned(),
            title: title(name, known),
            count: code.count,
            category: code.category.shares().into_iter().next().map(|share| share.name),
            severity: known.map(|rule| rule.severity),
            stays: known
                .is_some_and(|rule| matches!(rule.class, Class::Auth | Class::QuotaExhausted | Class::DiskFull)),
            root_cause: known.map(|rule| self.cause(rule, &rules, code.count)).unwrap_or_default(),
            first_seen: code.first,
            last_seen: code.last,
            skills: code.skills.shares(),
            providers: code.providers.shares(),
            actions: code.actions.shares(),
            http_statuses: code.statuses.shares(),
            users: code.users.who(),
            sessions: code.sessions.who(),
            cluster: cluster(&code.minutes, code.count),
            busiest,
            deployments: self.deploys.before(&onsets),
            usage: self.usage.of(name),
            sample: code.sample.clone(),
            search: search(name, known),
            files: files(known.map_or(&[], |rule| &rule.fixes)),
            fixes,
            if_recurring: known.and_then(|rule| rule.if_recurring.clone()),
        }
    }

    /// The rule that is about this code, whether or not it matched: its title begins with it.
    fn of_code(&self, name: &str) -> Option<&'p Signature> {
        self.plan.signatures().find(|rule| rule.title.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
    }

    /// What the rule says, and which part of the errors another rule explains better.
    fn cause(&self, rule: &Signature, rules: &[(u32, u64)], all: u64) -> String {
        let mut cause = rule.cause.clone();
        for (other, count) in rules.iter().skip(1).take(2) {
            let other = self.plan.signature(*other);
            cause.push_str(&format!(" {count} of {all} are another thing: {}.", other.title));
        }
        cause
    }
}

impl Code {
    fn row(&self, name: &str) -> CodeRow {
        let top = |shares: Vec<Share>| shares.into_iter().next().map(|share| share.name);
        CodeRow {
            error_code: name.to_owned(),
            count: self.count,
            category: top(self.category.shares()),
            top_skill: top(self.skills.shares()),
        }
    }
}
