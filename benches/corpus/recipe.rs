//! Recipes: what a corpus is made of. Comes in: a table of `corpora.toml`. Goes out: a [`Recipe`].

use super::Form;

/// What a corpus is made of. Shares are in thousandths of the entries.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// How it is called.
    pub name: String,
    /// Why it exists.
    pub why: String,
    /// How entries are written.
    pub form: Form,
    /// The same seed gives the same entries, in every form.
    pub seed: u64,
    /// Entries that tell of a failure.
    pub failing: u64,
    /// Entries with letters beyond ASCII.
    pub wide: u64,
    /// Entries with colour codes, as text.
    pub colours: u64,
    /// Entries with colour codes that journald's JSON writes as an array of bytes.
    pub arrays: u64,
    /// Do failing entries come as arrays, too? Searching the text of the file does not find those.
    pub failing_arrays: bool,
    /// Compressed?
    pub pack: Pack,
    /// How much of it is made for measuring.
    pub large: Size,
    /// The end of its file's name.
    pub suffix: String,
}

/// How much to make.
#[derive(Clone, Copy, Debug)]
pub enum Size {
    /// So many entries.
    Records(u64),
    /// Entries until there are as many bytes.
    Bytes(u64),
}

/// Compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pack {
    None,
    Gz,
    Zst,
}

/// The recipes themselves.
const RECIPES: &str = include_str!("../corpora.toml");

impl Recipe {
    /// All recipes.
    ///
    /// # Errors
    /// When the file is not as it should be: what is wrong, and where.
    pub fn all() -> Result<Vec<Recipe>, String> {
        let table: toml::Table = RECIPES.parse().map_err(|why| format!("corpora.toml: {why}"))?;
        let corpora = table.get("corpus").and_then(toml::Value::as_array).ok_or("corpora.toml: expected [[corpus]]")?;
        corpora.iter().map(|value| value.as_table().ok_or("corpora.toml: expected a table".to_owned())).try_fold(
            Vec::new(),
            |mut all, table| {
                all.push(Recipe::read(table?)?);
                Ok(all)
            },
        )
    }

    /// The recipe with this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Recipe, String> {
        let all = Recipe::all()?;
        let names: Vec<String> = all.iter().map(|recipe| recipe.name.clone()).collect();
        all.into_iter()
            .find(|recipe| recipe.name == name)
            .ok_or_else(|| format!("no corpus is called '{name}'; there are {}", names.join(", ")))
    }

    fn read(table: &toml::Table) -> Result<Recipe, String> {
        const KEYS: [&str; 12] = [
            "name",
            "why",
            "form",
            "seed",
            "failing",
            "wide",
            "colours",
            "arrays",
            "failing-arrays",
            "pack",
            "large-mib",
            "suffix",
        ];
        let name = text(table, "name", None)?;
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("corpora.toml: {name}: expected one of {}, found '{key}'", KEYS.join(", ")));
        }
        let at = |why: String| format!("corpora.toml: {name}: {why}");
        let number = |key: &str, missing: u64| match table.get(key) {
            None => Ok(missing),
            Some(value) => value
                .as_integer()
                .and_then(|n| u64::try_from(n).ok())
                .ok_or_else(|| format!("corpora.toml: {name}: {key}: expected a number, found {value}")),
        };
        let form = text(table, "form", None).map_err(at)?;
        let form = Form::named(&form).ok_or_else(|| format!("corpora.toml: {name}: no form is called '{form}'"))?;
        let pack = match text(table, "pack", Some("none"))?.as_str() {
            "none" => Pack::None,
            "gz" => Pack::Gz,
            "zst" => Pack::Zst,
            other => return Err(at(format!("pack: expected none, gz or zst, found '{other}'"))),
        };
        let suffix = match pack {
            Pack::None => "",
            Pack::Gz => ".gz",
            Pack::Zst => ".zst",
        };
        Ok(Recipe {
            why: text(table, "why", None).map_err(at)?,
            suffix: format!("{}{suffix}", text(table, "suffix", Some("log"))?),
            form,
            seed: number("seed", 42)?,
            failing: number("failing", 30)?,
            wide: number("wide", 20)?,
            colours: number("colours", 0)?,
            arrays: number("arrays", 2)?,
            failing_arrays: table.get("failing-arrays").and_then(toml::Value::as_bool).unwrap_or(false),
            pack,
            large: Size::Bytes(number("large-mib", 16)? << 20),
            name,
        })
    }

    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.name, self.suffix)
    }
}

fn text(table: &toml::Table, key: &str, missing: Option<&str>) -> Result<String, String> {
    match (table.get(key), missing) {
        (Some(toml::Value::String(text)), _) => Ok(text.clone()),
        (None, Some(missing)) => Ok(missing.to_owned()),
        (found, _) => Err(format!("corpora.toml: {key}: expected text, found {found:?}")),
    }
}
