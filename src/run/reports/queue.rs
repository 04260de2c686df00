//! The task queue: the latest state of each task, from task files, rows of its store, and the folder a file lies in.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::{Span, Stamp};
use crate::report::kinds::{TaskLine, Tasks};

use super::row::Row;

/// Tasks that are remembered.
const TASKS: usize = 50_000;
/// Tasks of one list.
const LIST: usize = 200;
/// In work for longer than this is stuck.
const WORK: Span = Span::seconds(120 * 60);
/// Ready for longer than this is stuck.
const READY: Span = Span::seconds(60 * 60);
/// The folders of the queue.
const FOLDERS: &[&str] = &["backlog", "ready", "in-progress", "review", "done", "failed", "paused"];
/// What tasks have and other rows have not.
const MARKS: &[&str] = &[
    "assignedAgent",
    "assigned_agent",
    "preferredAgent",
    "requiredCapabilities",
    "retryPolicy",
    "maxAttempts",
    "max_attempts",
    "dependsOn",
    "createdBy",
    "claim",
    "attempt",
    "attempts",
    "task_type",
];

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Done,
    Failed,
    Dead,
    Work,
    Ready,
    Other,
}

#[derive(Debug)]
struct Task {
    state: State,
    line: TaskLine,
}

/// All tasks so far.
#[derive(Debug, Default)]
pub(super) struct Queue {
    tasks: BTreeMap<String, Task>,
    /// Tasks that found no room.
    pub(super) dropped: u64,
}

impl Queue {
    /// Takes a row, if it is about a task.
    pub(super) fn take(&mut self, source: &Path, row: &Row<'_>, time: Option<Stamp>) -> bool {
        let folder = folder(source);
        let (Some(id), Some(word)) = (row.text(&["task_id", "taskId", "id"]), state_word(row, folder)) else {
            return false;
        };
        let changed = row.text(&["event_type"]).as_deref() == Some("status_change");
        if !changed && folder.is_none() && !row.has(MARKS) {
            return false;
        }
        let Some(mut state) = state(&word) else { return false };
        // What lies in failed/ waits for a person, whatever its file says.
        match folder {
            Some("failed") => state = State::Dead,
            Some("done") => state = State::Done,
            Some("ready") => state = State::Ready,
            Some("in-progress") => state = State::Work,
            Some("backlog" | "review" | "paused") => state = State::Other,
            _ => {}
        }
        let since = match state {
            State::Work => row.time_of(&["startedAt", "started_at", "claim.claimed_at", "updatedAt", "updated_at"]),
            State::Ready => row.time_of(&["readyAt", "ready_at", "updatedAt", "updated_at", "createdAt", "created_at"]),
            _ => row.time_of(&["completedAt", "completed_at", "updatedAt", "updated_at"]),
        };
        let since = since.or_else(|| row.time_of(&["time"])).or(time);
        let line = TaskLine {
            id: id.clone(),
            title: row.text(&["title"]),
            agent: row.text(&["assignedAgent", "assigned_agent", "agent_id", "claim.agent_id", "preferredAgent"]),
            state: word,
            why: row.text(&["error", "failure_reason", "failureReason", "reason"]),
            since,
        };
        let room = self.tasks.len() < TASKS;
        match self.tasks.get_mut(&id) {
            // The later one holds; of two without a time, the one that is read later.
            Some(known) if since.is_none() || known.line.since.is_none() || since >= known.line.since => {
                let before = std::mem::replace(known, Task { state, line });
                known.line.title = known.line.title.take().or(before.line.title);
                known.line.agent = known.line.agent.take().or(before.line.agent);
            }
            Some(_) => {}
            None if room => {
                self.tasks.insert(id, Task { state, line });
            }
            None => self.dropped += 1,
        }
        true
    }

    /// Was anything about tasks read?
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// What happened since the evening, and how the rest stands now.
    pub(super) fn tasks(&self, since: Option<Stamp>, now: Option<Stamp>) -> Tasks {
        let mut tasks = Tasks::default();
        let recent = |line: &TaskLine| line.since.is_none() || line.since >= since;
        for Task { state, line } in self.tasks.values() {
            let age = now.zip(line.since).filter(|(now, since)| now > since).map(|(now, since)| now.since(since));
            match state {
                State::Done => tasks.completed += u64::from(recent(line)),
                State::Failed | State::Dead if recent(line) => {
                    tasks.failed += 1;
                    tasks.failures.push(line.clone());
                }
                State::Work if age > Some(WORK) => tasks.hang(line, age),
                State::Work => tasks.running += 1,
                State::Ready if age > Some(READY) => tasks.hang(line, age),
                State::Ready => tasks.waiting += 1,
                State::Failed | State::Dead | State::Other => {}
            }
        }
        tasks.failures.sort_by(|a, b| (b.since, &a.id).cmp(&(a.since, &b.id)));
        tasks.hanging.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
        tasks.failures.truncate(LIST);
        tasks.hanging.truncate(LIST);
        tasks
    }

    /// All tasks that only a person can help.
    pub(super) fn dead(&self) -> Vec<TaskLine> {
        let dead = self.tasks.values().filter(|task| task.state == State::Dead).map(|task| task.line.clone());
        dead.take(LIST).collect()
    }
}

impl Tasks {
    fn hang(&mut self, line: &TaskLine, age: Option<Span>) {
        self.stuck += 1;
        let why = age.map(|age| format!("for {age}"));
        self.hanging.push(TaskLine { why, ..line.clone() });
    }
}

/// The folder of the queue that a file lies in.
fn folder(source: &Path) -> Option<&str> {
    let folder = source.parent()?.file_name()?.to_str()?;
    FOLDERS.contains(&folder).then_some(folder)
}

fn state_word(row: &Row<'_>, folder: Option<&str>) -> Option<String> {
    row.text(&["new_value", "status"]).or_else(|| folder.filter(|_| row.has(&["title"])).map(str::to_owned))
}

fn state(word: &str) -> Option<State> {
    Some(match word.to_ascii_lowercase().replace('-', "_").as_str() {
        "completed" | "validated" | "delivered" | "done" => State::Done,
        "failed" => State::Failed,
        "dead_letter" | "dead_lettered" => State::Dead,
        "running" | "claimed" | "assigned" | "validating" | "in_progress" | "started" => State::Work,
        "ready" | "pending" | "retrying" => State::Ready,
        "created" | "blocked" | "backlog" | "paused" | "review" | "cancelled" | "escalated" => State::Other,
        _ => return None,
    })
}
