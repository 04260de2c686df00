//! The incidents of corpora/.

use std::fs;
use std::path::{Path, PathBuf};

use super::expect::Expect;
use super::forms::Form;
use super::journal::{Entry, entries};

/// One incident.
pub struct Incident {
    /// The name of its folder.
    pub name: String,
    /// Its journal.
    pub entries: Vec<Entry>,
    labels: String,
}

impl Incident {
    /// Its labels in a form; a mistake in them fails the test.
    pub fn expect(&self, form: &Form) -> Expect {
        Expect::read(&self.labels, form).unwrap_or_else(|why| panic!("corpora/{}/{why}", self.name))
    }
}

/// One incident of `corpora/native/`: files in the form in which a program wrote them.
pub struct Native {
    /// The name of its folder.
    pub name: String,
    /// Its logs, by name.
    pub logs: Vec<PathBuf>,
    labels: String,
}

impl Native {
    /// Its labels for its files, or for one of them on standard input.
    pub fn expect(&self, form: &Form) -> Expect {
        Expect::read(&self.labels, form).unwrap_or_else(|why| panic!("corpora/native/{}/{why}", self.name))
    }
}

/// All incidents of `corpora/native/`, by name; only those whose name contains `$INCIDENT`, if that is set.
pub fn native() -> Vec<Native> {
    let only = std::env::var("INCIDENT").unwrap_or_default();
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry of corpora/native/").path()).collect();
        paths.sort();
        paths
    };
    let one = |path: PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let labels = path.join("expect.toml");
        let labels = fs::read_to_string(&labels).unwrap_or_else(|e| panic!("{}: {e}", labels.display()));
        let logs = names(&path).into_iter().filter(|p| !p.ends_with("expect.toml") && !p.ends_with("ORIGIN.md"));
        Native { name, logs: logs.collect(), labels }
    };
    let folders = names(&folder().join("native")).into_iter().filter(|path| path.is_dir());
    folders.map(one).filter(|incident| incident.name.contains(&only)).collect()
}

/// Where the incidents are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora")
}

/// All incidents, by name; only those whose name contains `$INCIDENT`, if that is set.
pub fn all() -> Vec<Incident> {
    let only = std::env::var("INCIDENT").unwrap_or_default();
    let mut incidents: Vec<Incident> = fs::read_dir(folder())
        .expect("corpora/")
        .map(|entry| entry.expect("an entry of corpora/").path())
        .filter(|path| path.join("journal.json").is_file())
        .map(|path| {
            let read = |file: &str| {
                fs::read_to_string(path.join(file)).unwrap_or_else(|e| panic!("{}/{file}: {e}", path.display()))
            };
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Incident { name, entries: entries(&read("journal.json")), labels: read("expect.toml") }
        })
        .filter(|incident| incident.name.contains(&only))
        .collect();
    incidents.sort_by(|a, b| a.name.cmp(&b.name));
    incidents
}
