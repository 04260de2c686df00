//! The kind of failure: a closed list, so that tools can rely on the word.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! classes {
    ($(#[doc = $doc:literal] $variant:ident = $word:literal),+ $(,)?) => {
        /// The kind of failure a signature or a finding speaks about.
        ///
        /// The words are part of the JSON and of the pack language; they are never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Class {
            $(#[doc = $doc] $variant,)+
        }

        impl Class {
            /// All classes, in the order of the documentation.
            pub const ALL: &'static [Class] = &[$(Class::$variant),+];

            /// The word used in packs and in JSON.
            pub fn word(self) -> &'static str {
                match self { $(Class::$variant => $word,)+ }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Class::$variant => $doc.trim_ascii(),)+ }
            }
        }
    };
}

classes! {
    /// Memory ran out: kernel, cgroup, heap or GPU.
    Oom = "oom",
    /// Something did not answer or finish in its time.
    Timeout = "timeout",
    /// A model server or a model answered with an error.
    ModelError = "model_error",
    /// Too many requests for now; waiting helps.
    RateLimit = "rate_limit",
    /// A paid or granted quota is used up; waiting does not help.
    QuotaExhausted = "quota_exhausted",
    /// The input is larger than the model's window.
    ContextLimit = "context_limit",
    /// Who are you: credentials missing, wrong or expired.
    Auth = "auth",
    /// You may not: file modes, ownership, capabilities, ACLs.
    Permission = "permission",
    /// Connection refused, reset, unreachable, DNS, TLS.
    Network = "network",
    /// A database refuses, is locked, or lost data.
    Database = "database",
    /// No space or no inodes left.
    DiskFull = "disk_full",
    /// File descriptors, processes, threads, handles.
    ResourceLimit = "resource_limit",
    /// A wrong or missing setting, file or argument.
    Config = "config",
    /// Something this unit needs is not there.
    DependencyMissing = "dependency_missing",
    /// A test that passes and fails without a change.
    FlakyTest = "flaky_test",
    /// Data or code did not pass a check.
    ValidationFailure = "validation_failure",
    /// A tool called by an agent failed.
    ToolFailure = "tool_failure",
    /// The tooling around the work failed, not the work.
    InfraTooling = "infra_tooling",
    /// An action outside the allowed scope.
    ScopePolicy = "scope_policy",
    /// Waiting for a person.
    AwaitingInput = "awaiting_input",
    /// The process died by a signal, a panic or an abort.
    Crash = "crash",
    /// The process ended with an error status.
    Exit = "exit",
    /// Disk, memory, CPU, GPU or bus.
    Hardware = "hardware",
    /// An attack, or what looks like one.
    Security = "security",
    /// Alarming to read, harmless in fact: left out of the verdict.
    Noise = "noise",
    /// A failure whose kind nobody has written down.
    Unknown = "unknown",
}

impl Class {
    /// Where failures of this kind tend to stand in a chain of causes: the lower, the nearer to its beginning. A full
    /// disk breaks a database, which breaks its clients' connections, which makes them exit; hardly ever the reverse.
    pub fn depth(self) -> u8 {
        match self {
            Class::Hardware => 0,
            Class::DiskFull => 1,
            Class::Oom => 2,
            Class::ResourceLimit => 3,
            Class::Permission => 4,
            Class::Config => 5,
            Class::DependencyMissing => 6,
            Class::Auth | Class::Security | Class::ScopePolicy => 7,
            Class::QuotaExhausted | Class::ContextLimit => 8,
            Class::Database => 9,
            Class::RateLimit | Class::ModelError => 10,
            Class::ValidationFailure | Class::ToolFailure | Class::InfraTooling | Class::FlakyTest => 11,
            Class::Timeout => 12,
            Class::Network => 13,
            Class::Crash => 14,
            Class::Exit | Class::AwaitingInput => 15,
            Class::Unknown => 16,
            Class::Noise => 17,
        }
    }

    /// Says that something failed, not what.
    pub fn is_vague(self) -> bool {
        matches!(self, Class::Crash | Class::Exit | Class::Unknown | Class::Noise)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The word is not one of [`Class::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseClassError(pub String);

impl fmt::Display for ParseClassError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown class '{}'", self.0)
    }
}

impl std::error::Error for ParseClassError {}

impl FromStr for Class {
    type Err = ParseClassError;

    fn from_str(word: &str) -> Result<Class, ParseClassError> {
        Class::ALL.iter().copied().find(|c| c.word() == word).ok_or_else(|| ParseClassError(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for &class in Class::ALL {
            assert_eq!(class.word().parse(), Ok(class));
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{}\"", class.word()));
        }
    }
}
