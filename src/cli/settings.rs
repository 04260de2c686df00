//! Packs and configuration, as every command loads them.
//!
//! In: `--packs`, `--no-builtin-packs`, `--config`, `--no-config`. Out: the packs with the changes of the configuration
//! made, or all mistakes of all these files at once.

use std::env;
use std::path::{Path, PathBuf};

use crate::base::Error;
use crate::detect;
use crate::rules::{self, Config, Loaded};

use super::args::{Rules, Ruling};
use super::exit::Failure;
use super::terminal;

/// Where the configuration of the machine stands.
const MACHINE: &str = "/etc/logtriage/logtriage.toml";

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'a> {
    pub(super) packs: &'a [PathBuf],
    pub(super) builtin: bool,
    pub(super) config: Option<&'a Path>,
    pub(super) no_config: bool,
}

impl<'a> From<&'a Ruling> for Choice<'a> {
    fn from(ruling: &'a Ruling) -> Choice<'a> {
        Choice {
            packs: &ruling.packs,
            builtin: !ruling.no_builtin_packs,
            config: ruling.config.as_deref(),
            no_config: ruling.no_config,
        }
    }
}

impl<'a> From<&'a Rules> for Choice<'a> {
    fn from(rules: &'a Rules) -> Choice<'a> {
        Choice {
            packs: &rules.packs,
            builtin: !rules.no_builtin_packs,
            config: rules.config.as_deref(),
            no_config: rules.no_config,
        }
    }
}

/// Packs as they were written, the configuration beside them, and all mistakes so far.
pub(super) struct Settings {
    /// The packs of all paths, and what is wrong with them.
    pub(super) loaded: Loaded,
    /// The configuration, if there is one. Its changes are not made yet.
    pub(super) config: Option<Config>,
    /// Not only built-in packs.
    pub(super) own: bool,
    /// Some pack has a mistake, so it is not there.
    broken: bool,
}

impl Settings {
    /// Reads what was asked for, and `more` packs.
    ///
    /// # Errors
    /// When a configuration was named together with `--no-config`.
    pub(super) fn read(choice: Choice<'_>, more: &[PathBuf]) -> Result<Settings, Failure> {
        let config = found(choice)?.map(|path| Config::read(&path));
        let (config, mistakes) = config.map_or((None, Vec::new()), |(config, mistakes)| (Some(config), mistakes));
        let mut paths = config.as_ref().map_or_else(Vec::new, |config| config.packs.clone());
        paths.extend(choice.packs.iter().chain(more).cloned());
        let mut loaded = rules::load(&paths, choice.builtin);
        let broken = !loaded.problems.is_empty();
        loaded.problems.splice(0..0, mistakes);
        Ok(Settings { loaded, config, own: !paths.is_empty(), broken })
    }

    /// Makes the changes of the configuration. Mistakes go to the others.
    pub(super) fn apply(&mut self) {
        let judges: Vec<&str> = detect::judges().iter().map(|judge| judge.id).collect();
        if let Some(config) = &self.config {
            // The rules of a pack that is not there would all be strangers.
            let broken = self.broken || config.more_meant;
            let told = config.apply(&mut self.loaded.packs, &judges);
            let told = told.into_iter().filter(|problem| !(broken && problem.what.starts_with(rules::NO_RULE)));
            self.loaded.problems.extend(told);
        }
    }

    /// What holds: packs with all changes made.
    ///
    /// # Errors
    /// When there is any mistake in packs or configuration.
    pub(super) fn load(choice: Choice<'_>) -> Result<Settings, Failure> {
        let mut settings = Settings::read(choice, &[])?;
        settings.apply();
        if settings.loaded.problems.is_empty() { Ok(settings) } else { Err(Failure::Packs(settings.loaded.problems)) }
    }
}

/// The configuration to read: the one that was named, else that of the user, else that of the machine.
fn found(choice: Choice<'_>) -> Result<Option<PathBuf>, Failure> {
    match (choice.config, choice.no_config) {
        (Some(_), true) => Err(Failure::Usage(Error::new("--config and --no-config cannot stand together"))),
        (Some(path), false) => Ok(Some(path.to_owned())),
        (None, true) => Ok(None),
        (None, false) => Ok(usual(env::var_os("XDG_CONFIG_HOME").map(PathBuf::from), env::home_dir())),
    }
}

fn usual(config: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    // As the XDG specification has it: a relative path is as good as none.
    let config = config.filter(|path| path.is_absolute()).or_else(|| Some(home?.join(".config")));
    let user = config.map(|folder| folder.join("logtriage/logtriage.toml"));
    user.into_iter().chain([PathBuf::from(MACHINE)]).find(|path| path.exists())
}

/// With `-v`: which configuration is read.
pub(super) fn note(ruling: &Ruling, verbose: u8, quiet: bool) {
    if verbose > 0
        && !quiet
        && let Ok(Some(path)) = found(Choice::from(ruling))
    {
        terminal::say(format_args!("logtriage: configuration {}", path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with this configuration, packs and all.
    fn told(folder: &Path, text: &str) -> String {
        let file = folder.join("site.toml");
        std::fs::write(&file, text).unwrap();
        let choice = Choice { packs: &[], builtin: true, config: Some(&file), no_config: false };
        let Ok(mut settings) = Settings::read(choice, &[]) else { panic!("a right choice") };
        settings.apply();
        settings.loaded.problems.iter().map(|problem| format!("{}\n", problem.what)).collect()
    }

    #[test]
    fn ids_and_keys_are_told_in_one_go() {
        let folder = tempfile::tempdir().unwrap();
        let keys = "[override.\"common/watch-limit\"]\nenable = false\n";
        let ids = "[override.\"zebra/stripes\"]\nenabled = false\n";
        let key = "unknown key 'enable' in the override of 'common/watch-limit'\n";
        let id = "no rule has the id 'zebra/stripes'\n";
        assert_eq!(told(folder.path(), &format!("{keys}{ids}")), format!("{key}{id}"));
        // Perhaps 'zebra' is among the packs that were meant.
        let misspelt = told(folder.path(), &format!("pack = [\"zebra.toml\"]\n{keys}{ids}"));
        assert_eq!(misspelt, format!("unknown key 'pack' in the configuration\n{key}"));
        let missing = told(folder.path(), &format!("packs = [\"zebra.toml\"]\n{ids}"));
        assert!(missing.contains("No such file") && !missing.contains(id), "{missing}");
    }

    #[test]
    fn the_user_comes_before_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("logtriage/logtriage.toml");
        std::fs::create_dir(folder.path().join("logtriage")).unwrap();
        let machine = Path::new(MACHINE).exists().then(|| PathBuf::from(MACHINE));
        assert_eq!(usual(Some(folder.path().to_owned()), None), machine);
        std::fs::write(&file, "").unwrap();
        assert_eq!(usual(Some(folder.path().to_owned()), None), Some(file));
        assert_eq!(usual(Some("relative".into()), Some(folder.path().to_owned())), machine);
        std::fs::create_dir_all(folder.path().join(".config/logtriage")).unwrap();
        let home = folder.path().join(".config/logtriage/logtriage.toml");
        std::fs::write(&home, "").unwrap();
        assert_eq!(usual(Some("relative".into()), Some(folder.path().to_owned())), Some(home));
    }
}
