//! A probe as it was written down, before it is known to be whole.
//!
//! In: what one table says. Out: a [`Probe`], perhaps together with the probe of the same name in a set; or what does not fit
//! together about it.

use std::collections::BTreeMap;
use std::fmt;

use super::{KINDS, OPTIONS};
use crate::base::{Glob, Problem, Span, nearest};
use crate::rules::table::quoted;
use crate::source::probe::{Engine, Folder, Given, Http, Method, Probe, Secret, Target, Tcp};

/// When nobody says how long it may take.
const TIMEOUT: Span = Span::seconds(5);
/// When nobody says how often.
const EVERY: Span = Span::seconds(60);

/// A probe as it was written down.
#[derive(Clone)]
pub struct Draft {
    pub name: String,
    pub origin: String,
    pub place: Problem,
    /// Where each option stands.
    pub places: BTreeMap<&'static str, Problem>,
    pub kind: Option<Kind>,
    pub title: Option<String>,
    pub unit: Option<String>,
    pub timeout: Option<Span>,
    pub every: Option<Span>,
    pub enabled: Option<bool>,
    pub method: Option<Method>,
    pub body: Option<String>,
    pub bearer: Option<Secret>,
    pub headers: Option<Vec<(String, Given)>>,
    pub keep: Option<Vec<String>>,
    pub statuses: Option<Vec<u32>>,
    pub send: Option<String>,
    pub expect: Option<String>,
    pub pattern: Option<Glob>,
    pub recursive: Option<bool>,
    pub read: Option<u32>,
    pub user: Option<bool>,
    pub expected: Option<Vec<Glob>>,
}

/// What is asked.
#[derive(Clone)]
pub enum Kind {
    Http(String),
    Tcp(String),
    File(String),
    Folder(String),
    Disk(String),
    Memory,
    Systemd(Vec<String>),
    Containers(Engine),
    Command(Vec<String>),
}

impl Kind {
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Http(_) => "http",
            Kind::Tcp(_) => "tcp",
            Kind::File(_) => "file",
            Kind::Folder(_) => "folder",
            Kind::Disk(_) => "disk",
            Kind::Memory => "memory",
            Kind::Systemd(_) => "systemd",
            Kind::Containers(_) => "containers",
            Kind::Command(_) => "command",
        }
    }
}

/// An address may hold a password.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("name", &self.name).field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Draft {
    /// What this draft says, and what `base`, the probe of a set, says where this one is silent.
    pub fn over(self, base: Draft) -> Draft {
        let other = |a: &Kind, b: &Kind| a.word() != b.word();
        let changed = matches!((&self.kind, &base.kind), (Some(mine), Some(theirs)) if other(mine, theirs));
        // Of another kind: nothing but the name is left of it.
        let base = if changed { Draft { kind: None, ..base.bare() } } else { base };
        Draft {
            name: self.name,
            origin: format!("{}, {}", base.origin, self.origin),
            place: self.place,
            places: self.places,
            kind: self.kind.or(base.kind),
            title: self.title.or(base.title),
            unit: self.unit.or(base.unit),
            timeout: self.timeout.or(base.timeout),
            every: self.every.or(base.every),
            enabled: self.enabled.or(base.enabled),
            method: self.method.or(base.method),
            body: self.body.or(base.body),
            bearer: self.bearer.or(base.bearer),
            headers: self.headers.or(base.headers),
            keep: self.keep.or(base.keep),
            statuses: self.statuses.or(base.statuses),
            send: self.send.or(base.send),
            expect: self.expect.or(base.expect),
            pattern: self.pattern.or(base.pattern),
            recursive: self.recursive.or(base.recursive),
            read: self.read.or(base.read),
            user: self.user.or(base.user),
            expected: self.expected.or(base.expected),
        }
    }

    /// Only what any kind may have.
    fn bare(self) -> Draft {
        Draft {
            method: None,
            body: None,
            bearer: None,
            headers: None,
            keep: None,
            statuses: None,
            send: None,
            expect: None,
            pattern: None,
            recursive: None,
            read: None,
            user: None,
            expected: None,
            ..self
        }
    }

    /// It says itself what is asked.
    pub fn is_whole(&self) -> bool {
        self.kind.is_some()
    }

    /// It says nothing that is asked, and no set has a probe of its name.
    pub fn stranger<'n>(&self, known: impl Iterator<Item = &'n str>) -> Problem {
        let what = format!("the probe {} asks nothing, and no set has a probe of this name", quoted(&self.name));
        let help = match nearest(&self.name, known) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("add one of: {}", KINDS.join(", ")),
        };
        Problem { what, help: Some(help), ..self.place.clone() }
    }

    /// The probe, or what does not fit together about it.
    pub fn finish(self) -> Result<Probe, Vec<Problem>> {
        let Some(kind) = self.kind else { return Err(Vec::new()) };
        let word = kind.word();
        let mut problems: Vec<Problem> = Vec::new();
        for (key, place) in &self.places {
            let fits = OPTIONS.iter().find(|(name, _)| name == key).map_or(&[][..], |(_, kinds)| kinds);
            if !fits.contains(&word) {
                let what = format!("'{key}' goes with {}, this probe has '{word}'", fits.join(" or "));
                problems.push(Problem { what, help: None, ..place.clone() });
            }
        }
        let method = self.method.unwrap_or(if self.body.is_some() { Method::Post } else { Method::Get });
        if let (true, Some(place)) = (self.body.is_some() && method != Method::Post, self.places.get("body")) {
            let what = format!("a body goes with POST, this probe says {}", method.word());
            problems.push(Problem { what, help: Some("leave 'method' out".to_owned()), ..place.clone() });
        }
        let statuses = self.statuses.unwrap_or_default();
        let range = if word == "http" { 100..=599 } else { 0..=255 };
        if let (Some(strange), Some(place)) =
            (statuses.iter().find(|status| !range.contains(*status)), self.places.get("expect-status"))
        {
            let what = format!("a status of '{word}' is from {} to {}, found {strange}", range.start(), range.end());
            problems.push(Problem { what, help: None, ..place.clone() });
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let target = match kind {
            Kind::Http(url) => Target::Http(Http {
                url,
                method,
                body: self.body,
                bearer: self.bearer,
                headers: self.headers.unwrap_or_default(),
                expect: statuses.into_iter().filter_map(|status| u16::try_from(status).ok()).collect(),
                keep: self.keep.unwrap_or_default(),
            }),
            Kind::Tcp(address) => Target::Tcp(Tcp { address, send: self.send, expect: self.expect }),
            Kind::File(path) => Target::File(path),
            Kind::Folder(path) => Target::Folder(Folder {
                path,
                pattern: self.pattern,
                recursive: self.recursive.unwrap_or(false),
                read: self.read.map_or(0, |n| n as usize),
            }),
            Kind::Disk(path) => Target::Disk(path),
            Kind::Memory => Target::Memory,
            Kind::Systemd(units) => Target::Systemd(units, self.user.unwrap_or(false)),
            Kind::Containers(engine) => Target::Containers(engine, self.expected.unwrap_or_default()),
            Kind::Command(argv) => {
                let fine = statuses.into_iter().filter_map(|status| i32::try_from(status).ok()).collect();
                Target::Command(argv, fine)
            }
        };
        Ok(Probe {
            unit: self.unit.unwrap_or_else(|| self.name.clone()),
            name: self.name,
            title: self.title.unwrap_or_default(),
            origin: self.origin,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            every: self.every.unwrap_or(EVERY),
            target,
        })
    }
}
