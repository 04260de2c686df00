//! Agents and people: who gave a sign of life, and who is asked for a yes or a no.

use std::collections::BTreeMap;

use crate::base::{Span, Stamp};
use crate::report::kinds::{AgentHealth, Agents, Approval};

use super::desk::Seen;
use super::row::Row;

/// Silence that is longer than this is told.
const SILENT: Span = Span::seconds(300);
/// Agents that are told apart.
const AGENTS: usize = 1_000;
/// Requests that are remembered.
const REQUESTS: usize = 200;

/// The last sign of life of each agent.
#[derive(Debug, Default)]
pub(super) struct Heartbeats {
    last: BTreeMap<String, Stamp>,
    /// Agents that found no room.
    pub(super) dropped: u64,
}

impl Heartbeats {
    /// Takes a row, if it is a heartbeat, or says when the last one was.
    pub(super) fn take(&mut self, row: &Row<'_>, time: Option<Stamp>) -> bool {
        let stored = row.time_of(&["last_heartbeat", "lastHeartbeat", "claim.heartbeat_at"]);
        let kind = row.text(&["type", "event_type"]);
        let beat = kind.as_deref() == Some("heartbeat");
        let Some(at) = stored.or(time.filter(|_| beat)) else { return false };
        let named = row.text(&["agent_id", "agentId", "claim.agent_id", "name", "source", "id"]);
        let Some(name) = named.map(|name| name.trim_start_matches("agent:").to_owned()) else { return false };
        let room = self.last.len() < AGENTS;
        match self.last.get_mut(&name) {
            Some(last) => *last = (*last).max(at),
            None if room => {
                self.last.insert(name, at);
            }
            None => self.dropped += 1,
        }
        true
    }

    /// Who answers, if anything about agents was read.
    pub(super) fn agents(&self, now: Option<Stamp>) -> Option<Agents> {
        let agents: Vec<AgentHealth> = self
            .last
            .iter()
            .map(|(name, last)| {
                let offline = now.is_some_and(|now| now > *last && now.since(*last) > SILENT);
                AgentHealth { name: name.clone(), last_seen: *last, offline }
            })
            .collect();
        (!agents.is_empty()).then_some(Agents { agents })
    }
}

/// Requests for approval, as blocks of lines or as rows.
#[derive(Debug, Default)]
pub(super) struct Approvals {
    waiting: BTreeMap<u64, Approval>,
    /// The request that lines of a unit belong to; none after its end.
    open: BTreeMap<String, u64>,
    /// Lines of a request whose head the reader of records still holds back.
    headless: BTreeMap<String, u64>,
    next: u64,
    seen: bool,
    /// Requests that found no room.
    pub(super) dropped: u64,
}

impl Approvals {
    /// Takes a record, if it belongs to a request.
    pub(super) fn see(&mut self, seen: &Seen<'_>, text: &str) -> bool {
        if let Some(row) = &seen.row {
            return self.row(row, seen.time);
        }
        let unit = seen.record.unit.as_ref();
        let mut used = false;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            used |= self.line(unit, line, seen.time);
        }
        used
    }

    fn row(&mut self, row: &Row<'_>, time: Option<Stamp>) -> bool {
        let kind = row.text(&["type", "kind"]).unwrap_or_default();
        let (Some(status), true) = (row.text(&["status", "state"]), kind.contains("approval")) else { return false };
        self.seen = true;
        if matches!(status.as_str(), "pending" | "waiting" | "open") {
            self.add(Approval {
                what: row.text(&["what", "title", "summary", "action"]).unwrap_or_else(|| kind.clone()),
                agent: row.text(&["agent", "agent_id", "agentId", "source"]),
                risk: row.text(&["risk", "tier"]),
                deadline: row.text(&["deadline"]),
                asked: time,
            });
        }
        true
    }

    fn line(&mut self, unit: &str, line: &str, time: Option<Stamp>) -> bool {
        if line.contains("APPROVAL REQUEST") {
            self.seen = true;
            if self.headless.remove(unit).is_some() {
                return true;
            }
            let id = self.add(Approval { asked: time, ..Approval::default() });
            id.and_then(|id| self.open.insert(unit.to_owned(), id));
            return true;
        }
        // The answer of a person: a mark or a word alone.
        let marks = ["✅", "❌", "📝", "âœ…", "âŒ", "ðŸ“"];
        let answer = marks.iter().any(|mark| line.starts_with(mark))
            || matches!(line, "approve" | "approved" | "reject" | "rejected");
        if answer && let Some(id) = self.open.remove(unit) {
            self.waiting.remove(&id);
            return true;
        }
        let Some((name, value)) = line.split_once(": ") else { return false };
        if !matches!(name, "What" | "Why" | "Agent" | "Risk" | "Deadline" | "Reply") {
            return false;
        }
        let id = match self.open.get(unit) {
            Some(id) => *id,
            None if name == "What" || name == "Why" => {
                let Some(id) = self.add(Approval { asked: time, ..Approval::default() }) else { return true };
                self.open.insert(unit.to_owned(), id);
                self.headless.insert(unit.to_owned(), id);
                id
            }
            None => return false,
        };
        let value = || Some(value.trim().to_owned());
        if let Some(request) = self.waiting.get_mut(&id) {
            match name {
                "What" => request.what = value().unwrap_or_default(),
                "Agent" => request.agent = value(),
                "Risk" => request.risk = value(),
                "Deadline" => request.deadline = value(),
                _ => {}
            }
        }
        true
    }

    fn add(&mut self, request: Approval) -> Option<u64> {
        if self.waiting.len() >= REQUESTS {
            self.dropped += 1;
            return None;
        }
        self.next += 1;
        self.waiting.insert(self.next, request);
        Some(self.next)
    }

    /// The source is at its end: lines that never had a head were no request.
    pub(super) fn end(&mut self) {
        for id in std::mem::take(&mut self.headless).into_values() {
            self.waiting.remove(&id);
        }
        self.open.clear();
    }

    /// What waits, if any request was read.
    pub(super) fn waiting(self) -> Option<Vec<Approval>> {
        let named = |mut request: Approval| {
            if request.what.is_empty() {
                request.what = "a request without a text".to_owned();
            }
            request
        };
        self.seen.then(|| self.waiting.into_values().map(named).collect())
    }
}
