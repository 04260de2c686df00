//! The counts that the naive engine found when somebody last looked: benches/expected.toml, written by `UPDATE=1`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Counts;
use crate::corpora::Scale;
use crate::definition::Definition;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/expected.toml");

const HEAD: &str = "\
# What each bench must count: the counts of the naive engine (each signature asked about each record, serde_json, no
# shortcuts). Written by 'UPDATE=1 cargo bench'; a difference is a mistake, or a change of the packs or of the corpora.
";

/// Counts by name and scale.
pub struct Expected(BTreeMap<(String, Scale), Counts>);

impl Expected {
    /// Those that were written down.
    ///
    /// # Errors
    /// When the file is there and not as it should be.
    pub fn read() -> Result<Expected, String> {
        let text = match std::fs::read_to_string(FILE) {
            Ok(text) => text,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(why) => return Err(format!("{FILE}: {why}")),
        };
        let table: toml::Table = text.parse().map_err(|why| format!("{FILE}: {why}"))?;
        let mut all = BTreeMap::new();
        for (name, scales) in &table {
            for scale in [Scale::Small, Scale::Large] {
                let Some(counts) = scales.get(scale.word()).and_then(toml::Value::as_table) else { continue };
                let count = |(what, count): (&String, &toml::Value)| {
                    let count = count.as_integer().and_then(|n| u64::try_from(n).ok());
                    count.map(|count| (what.clone(), count)).ok_or_else(|| format!("{FILE}: {name}: {what}: no count"))
                };
                all.insert((name.clone(), scale), counts.iter().map(count).collect::<Result<_, _>>()?);
            }
        }
        Ok(Expected(all))
    }

    /// What this bench must count.
    ///
    /// # Errors
    /// When nobody has written it down.
    pub fn of(&self, name: &str, scale: Scale) -> Result<&Counts, String> {
        let found = self.0.get(&(name.to_owned(), scale));
        found.ok_or_else(|| "expected.toml has no counts for it: UPDATE=1 writes them".to_owned())
    }

    /// What it counts from now on.
    pub fn set(&mut self, name: &str, scale: Scale, counts: Counts) {
        self.0.insert((name.to_owned(), scale), counts);
    }

    /// Are these all that have counts?
    ///
    /// # Errors
    /// When there are counts of a bench that is gone.
    pub fn only(&self, all: &[Definition]) -> Result<(), String> {
        match self.0.keys().find(|(name, _)| !all.iter().any(|one| one.name == *name)) {
            Some((name, _)) => Err(format!("expected.toml: no bench is called '{name}'")),
            None => Ok(()),
        }
    }

    /// Writes them down.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self) -> Result<(), String> {
        let mut text = HEAD.to_owned();
        for ((name, scale), counts) in &self.0 {
            // Writing into a string cannot fail.
            let _ = write!(text, "\n[\"{name}\".{}]\n", scale.word());
            for (what, count) in counts {
                let _ = writeln!(text, "{what} = {count}");
            }
        }
        std::fs::write(FILE, text).map_err(|why| format!("{FILE}: {why}"))
    }
}
