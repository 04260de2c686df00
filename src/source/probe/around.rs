//! What is around the program: environment variables, the home folder, and where secrets stand.
//!
//! In: names and paths as a person wrote them. Out: what they stand for on this machine. It must never guess: a variable
//! that is not set is a failure, not an empty word.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::{Failure, Reason, io_failure};
use super::model::{Given, Secret};

/// A secret is so many bytes long at most.
const LONGEST: u64 = 64 << 10;

/// Parts of the names of variables whose values are not shown.
const SECRET: &[&str] = &["TOKEN", "SECRET", "PASS", "KEY", "AUTH", "CRED", "PWD"];

/// What probes see of the machine. Tests make their own.
#[derive(Clone)]
pub struct Around {
    /// The environment. `PATH` says where programs are found.
    pub variables: BTreeMap<String, String>,
    /// Where the kernel tells about memory.
    pub meminfo: PathBuf,
    /// Somebody asked to stop: what runs is ended, and nothing more is asked.
    pub stop: Arc<AtomicBool>,
}

/// A text with its variables filled in, and those of their values that must not be shown.
pub(super) struct Filled {
    pub text: String,
    pub secrets: Vec<String>,
}

impl Around {
    /// This process's environment and this machine.
    pub fn of_process() -> Around {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let mut variables: BTreeMap<String, String> = env::vars_os().filter_map(text).collect();
        if let (false, Some(home)) = (variables.contains_key("HOME"), env::home_dir()) {
            variables.insert("HOME".to_owned(), home.display().to_string());
        }
        Around { variables, meminfo: PathBuf::from("/proc/meminfo"), stop: Arc::default() }
    }

    /// Somebody asked to stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A path: `~` at its front, `$VAR`, `${VAR}` and `${VAR:-otherwise}` anywhere.
    pub(super) fn path(&self, path: &str) -> Result<PathBuf, Failure> {
        let text = self.fill(path, true)?.text;
        match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                Ok(PathBuf::from(format!("{}{rest}", self.variable("HOME")?)))
            }
            _ => Ok(PathBuf::from(text)),
        }
    }

    /// An address or an argument: only `${VAR}` and `${VAR:-otherwise}`, for there a bare `$` is often meant.
    pub(super) fn text(&self, text: &str) -> Result<Filled, Failure> {
        self.fill(text, false)
    }

    /// The value of a secret, without white space around it.
    pub(super) fn secret(&self, secret: &Secret) -> Result<String, Failure> {
        let told = |why: String| Failure::new(Reason::NoSecret, format!("{secret}: {why}"));
        let value = match secret {
            Secret::Env(name) => self.variable(name).map_err(|_| told("it is not set".to_owned()))?.to_owned(),
            Secret::File(path) => {
                let path = self.path(path)?;
                let mut text = String::new();
                let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
                read.map_err(|why| told(io_failure(&why).detail))?;
                text
            }
        };
        match value.trim() {
            "" => Err(told("it is empty".to_owned())),
            value if value.chars().any(char::is_control) => Err(told("expected one line, found several".to_owned())),
            value => Ok(value.to_owned()),
        }
    }

    /// The value of a header, and whether it must not be shown.
    pub(super) fn given(&self, given: &Given) -> Result<(String, bool), Failure> {
        match given {
            Given::Text(text) => Ok((text.clone(), false)),
            Given::Secret(secret) => Ok((self.secret(secret)?, true)),
        }
    }

    fn variable(&self, name: &str) -> Result<&str, Failure> {
        let unset = || Failure::new(Reason::NoVariable, format!("the environment variable {name} is not set"));
        self.variables.get(name).map(String::as_str).ok_or_else(unset)
    }

    fn fill(&self, text: &str, bare: bool) -> Result<Filled, Failure> {
        let mut filled = Filled { text: String::new(), secrets: Vec::new() };
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, from) = rest.split_at(at);
            filled.text += before;
            let after = from.get(1..).unwrap_or("");
            let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (name, otherwise, left) = if let Some((inner, left)) = braced {
                match inner.split_once(":-") {
                    Some((name, otherwise)) => (name, Some(otherwise), left),
                    None => (inner, None, left),
                }
            } else {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                let (name, left) = after.split_at(if bare { end } else { 0 });
                (name, None, left)
            };
            if name.is_empty() {
                filled.text.push('$');
                rest = after;
                continue;
            }
            match (self.variable(name), otherwise) {
                (Ok(value), None) => {
                    filled.text += value;
                    if SECRET.iter().any(|part| name.to_ascii_uppercase().contains(part)) {
                        filled.secrets.push(value.to_owned());
                    }
                }
                (Ok(value), Some(_)) if !value.is_empty() => filled.text += value,
                (_, Some(otherwise)) => filled.text += otherwise,
                (Err(unset), None) => return Err(unset),
            }
            rest = left;
        }
        filled.text += rest;
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around() -> Around {
        let variables = [("HOME", "/home/alice"), ("ROOT", "/srv"), ("EMPTY", ""), ("API_KEY", "s3cret")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Around { variables, meminfo: PathBuf::new(), stop: Arc::default() }
    }

    #[test]
    fn paths_are_filled_in() {
        for (path, filled) in [
            ("~/x", "/home/alice/x"),
            ("~", "/home/alice"),
            ("~bob/x", "~bob/x"),
            ("$ROOT/a/${ROOT}b", "/srv/a//srvb"),
            ("${NONE:-~/q}/ready", "/home/alice/q/ready"),
            ("${EMPTY:-/e}", "/e"),
            ("$/x$", "$/x$"),
            ("a~", "a~"),
        ] {
            assert_eq!(around().path(path).ok(), Some(PathBuf::from(filled)), "{path}");
        }
        let unset = around().path("$NONE/x").map_err(|failure| failure.detail);
        assert_eq!(unset, Err("the environment variable NONE is not set".to_owned()));
    }

    #[test]
    fn in_addresses_a_bare_dollar_stays() {
        let filled = around().text("http://h/x?$filter=1&k=${API_KEY}").ok().unwrap();
        assert_eq!(
            (filled.text.as_str(), filled.secrets),
            ("http://h/x?$filter=1&k=s3cret", vec!["s3cret".to_owned()])
        );
    }

    #[test]
    fn secrets_come_from_files_and_variables() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Secret::File(path.display().to_string())
        };
        let value = |secret: &Secret| around().secret(secret).map_err(|failure| failure.reason);
        assert_eq!(value(&file("a", "  t0ken\n")), Ok("t0ken".to_owned()));
        assert_eq!(value(&Secret::Env("API_KEY".into())), Ok("s3cret".to_owned()));
        for wrong in [file("b", "\n"), file("c", "a\nb"), Secret::Env("NONE".into()), Secret::File("/none/x".into())] {
            assert_eq!(value(&wrong), Err(Reason::NoSecret), "{wrong}");
        }
    }
}
