//! What a probe is: what is read, from where, and how long it may take.
//!
//! Out: plain data, filled by the reader of configurations. It must never hold the value of a secret, only the place
//! where it stands; a header that was written out in the configuration is hidden in every `Debug` form.

use std::fmt;

use super::shown::shown_url;
use crate::base::{Glob, Span};

/// One thing to look at.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Lower-case letters, digits, dashes; one of a kind.
    pub name: String,
    /// For people; empty when nobody wrote one.
    pub title: String,
    /// The unit that its rows are about.
    pub unit: String,
    /// Where it was written down: `logtriage.toml:12`, `the set 'factory'`.
    pub origin: String,
    /// The whole answer must be there within this time.
    pub timeout: Span,
    /// How often it is asked while watching.
    pub every: Span,
    /// What is asked.
    pub target: Target,
}

/// What is looked at.
#[derive(Clone, Debug)]
pub enum Target {
    /// A request over HTTP or HTTPS.
    Http(Http),
    /// A port: does somebody answer, and with what?
    Tcp(Tcp),
    /// A file: its age, its size, its content when it is a document. The path may begin with `~` and hold `$VAR`.
    File(String),
    /// A folder: how many entries, the oldest, the newest.
    Folder(Folder),
    /// The file system on which this path lies.
    Disk(String),
    /// Memory and swap of this machine.
    Memory,
    /// The state of units, by name or pattern; `true`: those of the user's own manager.
    Systemd(Vec<String>, bool),
    /// All containers of an engine, and the names (or patterns) of those that must be running.
    Containers(Engine, Vec<Glob>),
    /// A program and its arguments, never a shell; the exit statuses that are fine.
    Command(Vec<String>, Vec<i32>),
}

impl Target {
    /// The key that asks for it, which stands in its rows as `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Target::Http(_) => "http",
            Target::Tcp(_) => "tcp",
            Target::File(_) => "file",
            Target::Folder(_) => "folder",
            Target::Disk(_) => "disk",
            Target::Memory => "memory",
            Target::Systemd(..) => "systemd",
            Target::Containers(..) => "containers",
            Target::Command(..) => "command",
        }
    }

    /// What would be read, and from where: one line for people, without secrets and with variables not filled in.
    pub fn describe(&self) -> String {
        match self {
            Target::Http(http) => http.describe(),
            Target::Tcp(tcp) => {
                let send = tcp.send.as_ref().map_or_else(String::new, |text| format!(", sends {text:?}"));
                let expect = tcp.expect.as_ref().map_or_else(String::new, |text| format!(", expects {text:?}"));
                format!("tcp {}{send}{expect}", tcp.address)
            }
            Target::File(path) => format!("file {path}"),
            Target::Folder(folder) => {
                let pattern = folder.pattern.as_ref().map_or_else(String::new, |glob| format!(" '{}'", glob.as_str()));
                let below = if folder.recursive { " and below" } else { "" };
                let read = match folder.read {
                    0 => String::new(),
                    n => format!(", reads the newest {n}"),
                };
                format!("folder {}{pattern}{below}{read}", folder.path)
            }
            Target::Disk(path) => format!("disk of {path}"),
            Target::Memory => "memory of this machine".to_owned(),
            Target::Systemd(units, user) => {
                format!("systemctl{} show {}", if *user { " --user" } else { "" }, units.join(" "))
            }
            Target::Containers(engine, expected) => {
                let names: Vec<&str> = expected.iter().map(Glob::as_str).collect();
                let expects = if names.is_empty() { String::new() } else { format!(", expects {}", names.join(" ")) };
                format!("{} ps -a{expects}", engine.program())
            }
            Target::Command(argv, _) => format!("command {}", argv.join(" ")),
        }
    }
}

/// A request.
#[derive(Clone)]
pub struct Http {
    /// `http://` or `https://`; may hold `${VAR}`.
    pub url: String,
    /// How it is asked.
    pub method: Method,
    /// What is sent.
    pub body: Option<String>,
    /// Sent as `Authorization: Bearer ...`.
    pub bearer: Option<Secret>,
    /// More headers, in the order in which they were written.
    pub headers: Vec<(String, Given)>,
    /// The status codes that are fine; empty: 200 to 299.
    pub expect: Vec<u16>,
    /// Headers of the answer that its row tells.
    pub keep: Vec<String>,
}

impl Http {
    fn describe(&self) -> String {
        let mut text = format!("{} {}", self.method.word(), shown_url(&self.url));
        if let Some(secret) = &self.bearer {
            text += &format!(", bearer from {secret}");
        }
        for (name, given) in &self.headers {
            if let Given::Secret(secret) = given {
                text += &format!(", {name} from {secret}");
            }
        }
        text
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("asks", &self.describe()).field("expect", &self.expect).finish_non_exhaustive()
    }
}

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read it.
    Get,
    /// Only the head of the answer.
    Head,
    /// A question with a body.
    Post,
}

impl Method {
    /// As HTTP writes it.
    pub fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        }
    }
}

/// The value of a header.
#[derive(Clone)]
pub enum Given {
    /// Written out.
    Text(String),
    /// Kept elsewhere.
    Secret(Secret),
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Given::Text(_) => f.write_str("Text(...)"),
            Given::Secret(secret) => f.debug_tuple("Secret").field(secret).finish(),
        }
    }
}

/// Where a secret stands. Its value is read when it is needed, and forgotten with the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// A file, without white space around the secret.
    File(String),
    /// An environment variable.
    Env(String),
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::File(path) => write!(f, "the file {path}"),
            Secret::Env(name) => write!(f, "the variable {name}"),
        }
    }
}

/// A port.
#[derive(Clone, Debug)]
pub struct Tcp {
    /// `host:port`; may hold `${VAR}`.
    pub address: String,
    /// What is sent once connected.
    pub send: Option<String>,
    /// What must stand in the answer.
    pub expect: Option<String>,
}

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its path; may begin with `~` and hold `$VAR`.
    pub path: String,
    /// Only entries with such a name; without it all but hidden ones.
    pub pattern: Option<Glob>,
    /// Folders within it too; then only files count.
    pub recursive: bool,
    /// So many of the newest files are read, when they are documents.
    pub read: usize,
}

/// What runs containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// `podman`.
    Podman,
    /// `docker`.
    Docker,
}

impl Engine {
    /// The name of its program.
    pub fn program(self) -> &'static str {
        match self {
            Engine::Podman => "podman",
            Engine::Docker => "docker",
        }
    }
}
