//! A journal as it is written: the lines of applications, of a service manager, of the kernel and of journald, each with
//! the fields that the real ones have. Comes in: what happens and when. Goes out: the lines of `journalctl -o json`.

use serde_json::{Map, Value, json};

use super::prng::Prng;
use super::words::{id, prio};

/// Who looks after the units.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// PID 1.
    System,
    /// `systemd --user` of user 1500.
    User,
}

/// A unit and the process that runs in it now.
struct Unit {
    name: &'static str,
    title: &'static str,
    pid: u64,
    invocation: String,
    restarts: u64,
}

/// A unit of the scene.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Who(usize);

/// One scene: a host, its units, and the entries so far.
pub struct Scene {
    /// For the scene's own choices.
    pub dice: Prng,
    manager: Manager,
    manager_pid: u64,
    named: bool,
    host: &'static str,
    machine: String,
    boot: String,
    begin: i64,
    booted: i64,
    units: Vec<Unit>,
    entries: Vec<(i64, Map<String, Value>)>,
}

impl Scene {
    /// A scene on `host` that begins at `begin` (microseconds since 1970).
    pub fn new(seed: u64, host: &'static str, manager: Manager, begin: i64) -> Scene {
        let mut dice = Prng::new(seed);
        let (machine, boot) = (dice.id(), dice.id());
        let manager_pid = if manager == Manager::System { 1 } else { dice.range(900, 2000) };
        let booted = begin - dice.range(3_600, 900_000) as i64 * 1_000_000;
        Scene {
            dice,
            manager,
            manager_pid,
            named: true,
            host,
            machine,
            boot,
            begin,
            booted,
            units: vec![],
            entries: vec![],
        }
    }

    /// Words of systemd before 250, that name a unit by its description: `Started Search indexer.`
    pub fn with_old_words(mut self) -> Scene {
        self.named = false;
        self
    }

    /// A unit that is up when the scene begins.
    pub fn unit(&mut self, name: &'static str, title: &'static str) -> Who {
        let (pid, invocation) = (self.dice.range(700, 60_000), self.dice.id());
        self.units.push(Unit { name, title, pid, invocation, restarts: 0 });
        Who(self.units.len() - 1)
    }

    /// The application prints one line (or one multi-line entry).
    pub fn says(&mut self, at: f64, who: Who, priority: u8, message: impl Into<String>) {
        let unit = &self.units[who.0];
        let stem = stem(unit.name);
        let mut fields = fields(&[
            ("_TRANSPORT", "stdout"),
            ("_PID", &unit.pid.to_string()),
            ("_COMM", stem.get(..15).unwrap_or(stem)),
            ("_EXE", &format!("/usr/bin/{stem}")),
            ("SYSLOG_IDENTIFIER", stem),
            ("_SYSTEMD_INVOCATION_ID", &unit.invocation),
        ]);
        match self.manager {
            Manager::System => set(&mut fields, "_SYSTEMD_UNIT", unit.name),
            Manager::User => {
                set(&mut fields, "_SYSTEMD_UNIT", "user@1500.service");
                set(&mut fields, "_SYSTEMD_USER_UNIT", unit.name);
            }
        }
        self.put(at, priority, fields, &message.into());
    }

    /// The application prints something that is no text, or something too large to be shown: `null`.
    pub fn says_raw(&mut self, at: f64, who: Who, priority: u8, message: Value) {
        self.says(at, who, priority, "");
        if let Some((_, entry)) = self.entries.last_mut() {
            entry.insert("MESSAGE".into(), message);
        }
    }

    /// The application prints a trace, one entry a line, within a millisecond or so.
    pub fn says_lines(&mut self, at: f64, who: Who, priority: u8, text: &str) {
        for (n, line) in text.lines().enumerate() {
            self.says(at + n as f64 * 0.000_05, who, priority, line);
        }
    }

    /// Some application chatter between two moments, on average every so many seconds.
    pub fn chatter(&mut self, from: f64, to: f64, every: f64, who: &[Who], lines: &[&str]) {
        let mut at = from;
        while at < to {
            at += every * (0.5 + self.dice.range(0, 1000) as f64 / 1000.0);
            let (who, line) = (*self.dice.pick(who), *self.dice.pick(lines));
            let number = self.dice.range(2, 9_999).to_string();
            if at < to {
                self.says(at, who, prio::INFO, line.replace("{}", &number));
            }
        }
    }

    /// A line of the service manager about a unit.
    pub fn manager_says(&mut self, at: f64, who: Who, priority: u8, message: &str, more: &[(&str, &str)]) {
        let unit = &self.units[who.0];
        let mut fields = fields(&[
            ("_TRANSPORT", "journal"),
            ("_PID", &self.manager_pid.to_string()),
            ("_COMM", "systemd"),
            ("_EXE", "/usr/lib/systemd/systemd"),
            ("SYSLOG_IDENTIFIER", "systemd"),
            ("SYSLOG_FACILITY", "3"),
        ]);
        match self.manager {
            Manager::System => {
                set(&mut fields, "_SYSTEMD_UNIT", "init.scope");
                set(&mut fields, "UNIT", unit.name);
                set(&mut fields, "INVOCATION_ID", &unit.invocation);
            }
            Manager::User => {
                set(&mut fields, "_SYSTEMD_UNIT", "user@1500.service");
                set(&mut fields, "_SYSTEMD_USER_UNIT", "init.scope");
                set(&mut fields, "USER_UNIT", unit.name);
                set(&mut fields, "USER_INVOCATION_ID", &unit.invocation);
            }
        }
        for (name, value) in more {
            set(&mut fields, name, value);
        }
        self.put(at, priority, fields, message);
    }

    /// The unit is started, as a job of its own.
    pub fn start(&mut self, at: f64, who: Who) {
        self.begin(at, who);
        let called = self.called(who);
        let done = [("JOB_TYPE", "start"), ("JOB_RESULT", "done"), ("MESSAGE_ID", id::STARTED)];
        self.manager_says(at + 0.03, who, prio::INFO, &format!("Started {called}."), &done);
    }

    /// A start that takes its time: `Starting`, and nothing more yet.
    pub fn begin(&mut self, at: f64, who: Who) {
        let (pid, invocation) = (self.dice.range(700, 60_000), self.dice.id());
        let unit = &mut self.units[who.0];
        (unit.pid, unit.invocation) = (pid, invocation);
        let called = self.called(who);
        let job = [("JOB_TYPE", "start"), ("MESSAGE_ID", id::STARTING)];
        self.manager_says(at, who, prio::INFO, &format!("Starting {called}..."), &job);
    }

    /// The start job has failed.
    pub fn start_failed(&mut self, at: f64, who: Who) {
        let called = self.called(who);
        let job = [("JOB_TYPE", "start"), ("JOB_RESULT", "failed"), ("MESSAGE_ID", id::START_FAILED)];
        self.manager_says(at, who, prio::ERR, &format!("Failed to start {called}."), &job);
    }

    /// Somebody asks for a stop. What the unit prints while it stops comes after this.
    pub fn stopping(&mut self, at: f64, who: Who) {
        let called = self.called(who);
        let job = [("JOB_TYPE", "stop"), ("MESSAGE_ID", id::STOPPING)];
        self.manager_says(at, who, prio::INFO, &format!("Stopping {called}..."), &job);
    }

    /// It has stopped well, as asked.
    pub fn stopped(&mut self, at: f64, who: Who) {
        let name = self.units[who.0].name;
        self.units[who.0].restarts = 0;
        let success = [("MESSAGE_ID", id::SUCCESS)];
        self.manager_says(at, who, prio::INFO, &format!("{name}: Deactivated successfully."), &success);
        self.says_stopped(at + 0.002, who, "stop");
    }

    /// Stopping and stopped, half a second apart.
    pub fn stop(&mut self, at: f64, who: Who) {
        self.stopping(at, who);
        self.stopped(at + 0.5, who);
    }

    /// The main process ends: `exited` and `1/FAILURE`, `killed` and `9/KILL`; then the unit has failed with `result`.
    pub fn dies(&mut self, at: f64, who: Who, code: &str, status: &str, result: &str) {
        let name = self.units[who.0].name;
        let number = status.split('/').next().unwrap_or(status);
        let priority = if code == "exited" { prio::NOTICE } else { prio::WARNING };
        let exit = [("COMMAND", "ExecStart"), ("EXIT_CODE", code), ("EXIT_STATUS", number), ("MESSAGE_ID", id::EXITED)];
        let text = format!("{name}: Main process exited, code={code}, status={status}");
        self.manager_says(at, who, priority, &text, &exit);
        self.failed(at + 0.001, who, result);
    }

    /// The unit enters the failed state.
    pub fn failed(&mut self, at: f64, who: Who, result: &str) {
        let name = self.units[who.0].name;
        let failed = [("UNIT_RESULT", result), ("MESSAGE_ID", id::FAILED)];
        self.manager_says(at, who, prio::WARNING, &format!("{name}: Failed with result '{result}'."), &failed);
    }

    /// Exit status 1.
    pub fn exits(&mut self, at: f64, who: Who) {
        self.dies(at, who, "exited", "1/FAILURE", "exit-code");
    }

    /// The manager starts it again by itself.
    pub fn restart(&mut self, at: f64, who: Who) {
        self.schedule_restart(at, who);
        self.start(at + 0.05, who);
    }

    /// The manager wants to start it again and refuses: too many starts.
    pub fn start_limit(&mut self, at: f64, who: Who) {
        self.schedule_restart(at, who);
        let name = self.units[who.0].name;
        let text = format!("{name}: Start request repeated too quickly.");
        self.manager_says(at + 0.003, who, prio::WARNING, &text, &[]);
        self.failed(at + 0.004, who, "exit-code");
        self.start_failed(at + 0.005, who);
    }

    /// The kernel's OOM killer takes the process of a unit.
    pub fn kernel_oom(&mut self, at: f64, who: Who, kilobytes: u64) {
        let unit = &self.units[who.0];
        let (name, stem, pid) = (unit.name, stem(unit.name), unit.pid);
        let asked = format!(
            "{stem} invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0"
        );
        let chosen = format!(
            "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/{name},task={stem},pid={pid},uid=998"
        );
        let killed = format!(
            "Out of memory: Killed process {pid} ({stem}) total-vm:{}kB, anon-rss:{kilobytes}kB, file-rss:1204kB, shmem-rss:0kB, UID:998 pgtables:{}kB oom_score_adj:0",
            kilobytes * 3 / 2,
            kilobytes / 400
        );
        self.kernel(at, prio::WARNING, &asked);
        self.kernel(at + 0.000_3, prio::INFO, &chosen);
        self.kernel(at + 0.000_4, prio::ERR, &killed);
        let text = format!("{name}: A process of this unit has been killed by the OOM killer.");
        self.manager_says(at + 0.02, who, prio::WARNING, &text, &[("MESSAGE_ID", id::OOM)]);
        self.dies(at + 0.4, who, "killed", "9/KILL", "oom-kill");
    }

    /// The kernel says something.
    pub fn kernel(&mut self, at: f64, priority: u8, message: &str) {
        let from = [("_TRANSPORT", "kernel"), ("SYSLOG_FACILITY", "0"), ("SYSLOG_IDENTIFIER", "kernel")];
        self.put(at, priority, fields(&from), message);
    }

    /// Some other program of the host says something: `sudo`, `dpkg`, `sshd`.
    pub fn program(&mut self, at: f64, identifier: &str, unit: &str, message: &str) {
        let pid = self.dice.range(700, 60_000).to_string();
        let from = [
            ("_TRANSPORT", "syslog"),
            ("_PID", &*pid),
            ("_COMM", identifier),
            ("SYSLOG_FACILITY", "10"),
            ("SYSLOG_IDENTIFIER", identifier),
            ("_SYSTEMD_UNIT", unit),
        ];
        self.put(at, prio::INFO, fields(&from), message);
    }

    /// journald has thrown away lines of a unit.
    pub fn suppressed(&mut self, at: f64, who: Who, lines: u64) {
        let name = self.units[who.0].name;
        let from = [
            ("_TRANSPORT", "driver"),
            ("_PID", "291"),
            ("_COMM", "systemd-journal"),
            ("SYSLOG_FACILITY", "3"),
            ("SYSLOG_IDENTIFIER", "systemd-journald"),
            ("_SYSTEMD_UNIT", "systemd-journald.service"),
            ("MESSAGE_ID", id::SUPPRESSED),
            ("N_DROPPED", &lines.to_string()),
        ];
        self.put(at, prio::WARNING, fields(&from), &format!("Suppressed {lines} messages from {name}"));
    }

    /// The host goes down in order, and comes up again `after` seconds later.
    pub fn reboot(&mut self, at: f64, after: f64) {
        let from = [
            ("_TRANSPORT", "syslog"),
            ("_PID", "402"),
            ("SYSLOG_IDENTIFIER", "systemd-logind"),
            ("_SYSTEMD_UNIT", "systemd-logind.service"),
            ("MESSAGE_ID", id::SHUTDOWN),
        ];
        self.put(at, prio::NOTICE, fields(&from), "System is rebooting.");
        for (n, unit) in (0..self.units.len()).map(Who).enumerate() {
            self.stop(at + 0.1 + n as f64 * 0.07, unit);
        }
        let last = [("_TRANSPORT", "driver"), ("_PID", "291"), ("SYSLOG_IDENTIFIER", "systemd-journald")];
        self.put(at + 2.4, prio::INFO, fields(&last), "Journal stopped");
        self.boot = self.dice.id();
        self.booted = self.begin + ((at + after) * 1e6) as i64;
        self.kernel(at + after, prio::NOTICE, "Linux version 6.1.0-37-amd64 (gcc-12 (Debian 12.2.0-14) 12.2.0)");
        for (n, unit) in (0..self.units.len()).map(Who).enumerate() {
            self.start(at + after + 3.0 + n as f64 * 0.2, unit);
        }
    }

    /// All entries, in order of time, as lines of JSON.
    pub fn lines(mut self) -> String {
        self.entries.sort_by_key(|(time, _)| *time);
        let sequence = self.dice.id();
        let mut text = String::new();
        for (n, (time, entry)) in self.entries.iter_mut().enumerate() {
            let boot = entry.get("_BOOT_ID").and_then(Value::as_str).unwrap_or_default().to_owned();
            let since = entry.get("__MONOTONIC_TIMESTAMP").and_then(Value::as_str).unwrap_or_default();
            let since: i64 = since.parse().unwrap_or_default();
            let check = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let cursor = format!("s={sequence};i={:x};b={boot};m={since:x};t={time:x};x={check:x}", n + 4097);
            let mut whole = Map::new();
            set(&mut whole, "__CURSOR", &cursor);
            whole.append(entry);
            text.push_str(&Value::Object(whole).to_string());
            text.push('\n');
        }
        text
    }

    fn says_stopped(&mut self, at: f64, who: Who, job: &str) {
        let called = self.called(who);
        let job = [("JOB_TYPE", job), ("JOB_RESULT", "done"), ("MESSAGE_ID", id::STOPPED)];
        self.manager_says(at, who, prio::INFO, &format!("Stopped {called}."), &job);
    }

    fn schedule_restart(&mut self, at: f64, who: Who) {
        self.units[who.0].restarts += 1;
        let (name, n) = (self.units[who.0].name, self.units[who.0].restarts.to_string());
        let text = format!("{name}: Scheduled restart job, restart counter is at {n}.");
        self.manager_says(at, who, prio::INFO, &text, &[("N_RESTARTS", &n), ("MESSAGE_ID", id::RESTART)]);
        // systemd up to 255 says so also when it restarts a unit by itself: no sign of a planned stop
        self.says_stopped(at + 0.001, who, "restart");
    }

    fn called(&self, who: Who) -> String {
        let unit = &self.units[who.0];
        if self.named { format!("{} - {}", unit.name, unit.title) } else { unit.title.to_owned() }
    }

    fn put(&mut self, at: f64, priority: u8, fields: Map<String, Value>, message: &str) {
        let time = self.begin + (at * 1e6).round() as i64 + self.dice.range(0, 40) as i64;
        // two entries of a journal never share a microsecond here, so that every form has one order
        let time = if self.entries.iter().any(|(t, _)| *t == time) { time + 41 } else { time };
        let mut entry = Map::new();
        set(&mut entry, "__REALTIME_TIMESTAMP", &time.to_string());
        set(&mut entry, "__MONOTONIC_TIMESTAMP", &(time - self.booted).to_string());
        set(&mut entry, "_BOOT_ID", &self.boot);
        set(&mut entry, "_MACHINE_ID", &self.machine);
        set(&mut entry, "_HOSTNAME", self.host);
        set(&mut entry, "PRIORITY", &priority.to_string());
        entry.extend(fields);
        entry.insert("MESSAGE".into(), message_value(message));
        self.entries.push((time, entry));
    }
}

/// journalctl prints a message with control characters as an array of byte values.
fn message_value(message: &str) -> Value {
    let plain = message.chars().all(|c| !c.is_control() || c == '\n' || c == '\t');
    if plain { json!(message) } else { json!(message.as_bytes()) }
}

fn stem(unit: &'static str) -> &'static str {
    unit.split('.').next().unwrap_or(unit)
}

fn fields(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

fn set(entry: &mut Map<String, Value>, name: &str, value: &str) {
    entry.insert(name.to_owned(), json!(value));
}
