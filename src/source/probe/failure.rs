//! Why a probe did not find what it should.
//!
//! Out: a word from a closed list, which packs match on, and a sentence for people.

use std::io::{Error, ErrorKind};

/// The kind of failure; its word stands in a row as `failure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nobody is there: refused, name not known, no TLS, no way to it.
    Unreachable,
    /// HTTP status 401, or a service that wants a password.
    Unauthorized,
    /// HTTP status 403.
    Forbidden,
    /// Another status than those that are fine.
    Status,
    /// The answer ended in the middle.
    Cut,
    /// A document that cannot be read as one.
    Broken,
    /// The answer is longer than is read.
    TooLarge,
    /// The answer was not there, or not whole, in time.
    Slow,
    /// What answered does not speak HTTP.
    NotHttp,
    /// The answer is not the one that was expected.
    Unexpected,
    /// The file, folder, unit, program or container is not there.
    Missing,
    /// The container is there but does not run.
    NotRunning,
    /// The operating system does not let us read it.
    Denied,
    /// A command ended with another status than those that are fine, or could not be read.
    Failed,
    /// The secret that it needs is not there.
    NoSecret,
    /// A variable that its address needs is not set.
    NoVariable,
}

impl Reason {
    pub fn word(self) -> &'static str {
        match self {
            Reason::Unreachable => "unreachable",
            Reason::Unauthorized => "unauthorized",
            Reason::Forbidden => "forbidden",
            Reason::Status => "status",
            Reason::Cut => "cut",
            Reason::Broken => "broken",
            Reason::TooLarge => "too-large",
            Reason::Slow => "slow",
            Reason::NotHttp => "not-http",
            Reason::Unexpected => "unexpected",
            Reason::Missing => "missing",
            Reason::NotRunning => "not-running",
            Reason::Denied => "denied",
            Reason::Failed => "failed",
            Reason::NoSecret => "no-secret",
            Reason::NoVariable => "no-variable",
        }
    }
}

/// What went wrong.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub reason: Reason,
    /// For people, without an ending full stop.
    pub detail: String,
}

impl Failure {
    pub fn new(reason: Reason, detail: impl Into<String>) -> Failure {
        Failure { reason, detail: detail.into() }
    }
}

/// Reading something of this machine failed.
pub(super) fn io_failure(why: &Error) -> Failure {
    let reason = match why.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Reason::Missing,
        ErrorKind::PermissionDenied => Reason::Denied,
        _ => Reason::Failed,
    };
    Failure::new(reason, words(why))
}

/// The words of an error, without its number.
pub(super) fn words(why: &Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
