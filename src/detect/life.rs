//! The life of one unit: the state machine, without any judgement.

use crate::base::{Class, Stamp};

/// Where a unit is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was seen yet.
    #[default]
    Unknown,
    /// A start was begun.
    Starting,
    /// Running.
    Up,
    /// A stop was asked for.
    Stopping,
    /// Down as asked, or done.
    Stopped,
    /// Down, and not as asked.
    Failed,
    /// Down; the manager starts it again soon.
    Restarting,
    /// Down; the manager refuses to start it again.
    GivenUp,
}

impl Phase {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Unknown => "unknown",
            Phase::Starting => "starting",
            Phase::Up => "up",
            Phase::Stopping => "stopping",
            Phase::Stopped => "stopped",
            Phase::Failed => "failed",
            Phase::Restarting => "restarting",
            Phase::GivenUp => "given-up",
        }
    }

    /// Not running although it should.
    pub fn is_dead(self) -> bool {
        matches!(self, Phase::Failed | Phase::Restarting | Phase::GivenUp)
    }
}

/// How a process ended, from the captures of an `exited` event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Ended as services may end: status 0, or a signal that asks to end.
    pub clean: bool,
    /// For people.
    pub how: String,
    /// The kind of failure that it is when it was not clean.
    pub class: Class,
}

/// Signals that ask a service to end; systemd counts them as success (systemd.service(5), SuccessExitStatus=).
const POLITE: [&str; 8] = ["HUP", "INT", "PIPE", "TERM", "1", "2", "13", "15"];

impl Ending {
    /// From systemd's `code=` and `status=` (`exited` and `1/FAILURE`, `killed` and `9/KILL`, `dumped` and `11/SEGV`).
    pub fn of(code: &str, status: &str) -> Ending {
        let (number, name) = status.split_once('/').unwrap_or((status, ""));
        match code {
            "killed" | "dumped" => {
                let signal = if name.is_empty() { number } else { name };
                let dumped = if code == "dumped" { ", core dumped" } else { "" };
                Ending {
                    clean: code == "killed" && POLITE.contains(&signal),
                    how: format!("killed by SIG{signal}{dumped}"),
                    class: Class::Crash,
                }
            }
            _ => Ending {
                clean: number == "0",
                how: match meaning(number) {
                    Some(meaning) => format!("exited, status {number} ({meaning})"),
                    None => format!("exited, status {number}"),
                },
                class: match number {
                    "203" | "127" => Class::DependencyMissing,
                    "126" => Class::Permission,
                    "134" | "139" => Class::Crash,
                    _ => Class::Exit,
                },
            },
        }
    }

    /// From the result of a unit (`exit-code`, `signal`, `timeout`, `watchdog`, `oom-kill`, ...).
    pub fn of_result(result: &str) -> Ending {
        let (how, class) = match result {
            "timeout" => ("did not start or stop in time", Class::Timeout),
            "watchdog" => ("missed its watchdog", Class::Timeout),
            "oom-kill" => ("killed, out of memory", Class::Oom),
            "core-dump" => ("crashed, core dumped", Class::Crash),
            "signal" => ("killed by a signal", Class::Crash),
            "exit-code" => ("exited with an error status", Class::Exit),
            "protocol" => ("did not follow its start protocol", Class::Config),
            "back-off" | "Back-off" | "CrashLoopBackOff" => {
                ("exited; Kubernetes waits before the next start", Class::Crash)
            }
            "resources" => ("a resource was missing at its start", Class::ResourceLimit),
            _ => return Ending { clean: false, how: format!("failed, result {result}"), class: Class::Exit },
        };
        Ending { clean: false, how: how.to_owned(), class }
    }
}

/// What the exit statuses mean that systemd or a shell gives (systemd.exec(5), "Process Exit Codes").
fn meaning(status: &str) -> Option<&'static str> {
    Some(match status {
        "126" => "found, but cannot be executed",
        "127" => "command not found",
        "134" => "aborted",
        "137" => "killed by SIGKILL",
        "139" => "segmentation fault",
        "143" => "ended by SIGTERM",
        "200" => "CHDIR: working directory cannot be entered",
        "203" => "EXEC: program cannot be executed",
        "209" => "STDOUT: output cannot be set up",
        "216" => "GROUP: group cannot be set",
        "217" => "USER: user cannot be set",
        "226" => "NAMESPACE: mount namespace cannot be set up",
        "238" => "STATE_DIRECTORY cannot be set up",
        "243" => "CREDENTIALS cannot be set up",
        _ => return None,
    })
}

/// What announces a death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Omen {
    /// A process was killed because memory ran out.
    Memory,
    /// The unit did not report in time.
    Watchdog,
    /// A start took too long.
    Timeout,
}

impl Omen {
    /// The kind of failure that the death is.
    pub fn class(self) -> Class {
        match self {
            Omen::Memory => Class::Oom,
            Omen::Watchdog | Omen::Timeout => Class::Timeout,
        }
    }

    /// For people, in front of how it died.
    pub fn words(self) -> &'static str {
        match self {
            Omen::Memory => "out of memory",
            Omen::Watchdog => "missed its watchdog",
            Omen::Timeout => "did not start in time",
        }
    }
}

/// One unit's life so far.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// Where it is.
    pub phase: Phase,
    /// Since when it is up.
    pub up_since: Option<Stamp>,
    /// A stop was asked for, and no start since: endings are expected.
    pub planned: bool,
    /// When Kubernetes last said that it waits before the next start.
    pub waits: Option<Stamp>,
    /// Automatic restarts seen.
    pub restarts: u64,
    /// It died since it was last started.
    pub died: bool,
    /// When it last died.
    pub last_death: Option<Stamp>,
    /// How a command beside the main process ended, and when.
    pub control: Option<(Ending, Stamp)>,
    /// Something said why the next death happens, and when.
    pub omen: Option<(Omen, Stamp)>,
}

impl Life {
    /// The program gets ready: whatever was planned before is over.
    pub fn load(&mut self) {
        self.planned = false;
        self.phase = Phase::Starting;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_clean_or_not() {
        assert!(Ending::of("exited", "0/SUCCESS").clean);
        assert!(Ending::of("killed", "15/TERM").clean);
        assert!(!Ending::of("killed", "9/KILL").clean);
        assert!(!Ending::of("dumped", "15/TERM").clean);
        assert_eq!(Ending::of("dumped", "11/SEGV").how, "killed by SIGSEGV, core dumped");
        assert_eq!(Ending::of("exited", "1/FAILURE").how, "exited, status 1");
        assert_eq!(Ending::of("exited", "203/EXEC").class, Class::DependencyMissing);
        assert_eq!(Ending::of_result("oom-kill").class, Class::Oom);
        assert!(!Ending::of("", "").clean);
    }
}
