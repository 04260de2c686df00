//! The files that benches work on: made once, in the target folder, and made again when the generator changes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::corpus::{self, Form, Made, Recipe, Size};

/// How much of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// For counts: the naive engine is slow.
    Small,
    /// For counts of instructions.
    Middle,
    /// For times.
    Large,
}

impl Scale {
    /// As it stands in expected.toml.
    pub fn word(self) -> &'static str {
        match self {
            Scale::Small => "small",
            Scale::Middle => "middle",
            Scale::Large => "large",
        }
    }
}

/// Entries of a small corpus.
const SMALL: u64 = 500;

/// Entries of a middle one: what is done once a run is little beside them.
const MIDDLE: u64 = 5_000;

/// A corpus that is there.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Its file.
    pub path: PathBuf,
    /// How its entries are written.
    pub form: Form,
    /// What was put into it.
    pub made: Made,
}

/// What the generator is made of.
const GENERATOR: &[&str] = &[
    include_str!("corpora.toml"),
    include_str!("corpus/entry.rs"),
    include_str!("corpus/forms.rs"),
    include_str!("corpus/mod.rs"),
    include_str!("corpus/phrases.rs"),
    include_str!("corpus/recipe.rs"),
    include_str!("../examples/make-corpora/prng.rs"),
];

/// The corpus of that name; made if it is not there.
///
/// # Errors
/// When there is no such recipe, or the file cannot be written.
pub fn corpus(name: &str, scale: Scale) -> Result<Corpus, String> {
    let recipe = Recipe::named(name)?;
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let version = crate::oracle::sum(GENERATOR.iter().flat_map(|text| text.bytes()));
    let folder = root.join(format!("{version:016x}"));
    if !folder.is_dir() {
        // Those of another generator are of no use any more.
        let _ = fs::remove_dir_all(&root);
    }
    let folder = folder.join(scale.word());
    fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let path = folder.join(recipe.file_name());
    let beside = folder.join(format!("{}.made", recipe.file_name()));
    let at = |why: std::io::Error| format!("{}: {why}", path.display());
    let form = recipe.form;
    if let Some(made) = fs::read_to_string(&beside).ok().and_then(|text| numbers(&text)) {
        return Ok(Corpus { path, form, made });
    }
    let size = match scale {
        Scale::Small => Size::Records(SMALL),
        Scale::Middle => Size::Records(MIDDLE),
        Scale::Large => recipe.large,
    };
    let made = corpus::file(&recipe, size, &path).map_err(at)?;
    let text = format!("{} {} {} {}", made.records, made.bytes, made.failing, made.last);
    fs::write(&beside, text).map_err(at)?;
    Ok(Corpus { path, form, made })
}

impl Corpus {
    /// Its bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.path).map_err(|why| format!("{}: {why}", self.path.display()))
    }
}

fn numbers(text: &str) -> Option<Made> {
    let mut numbers = text.split(' ').map_while(|word| word.parse().ok());
    let mut next = || numbers.next();
    Some(Made { records: next()?, bytes: next()?, failing: next()?, last: next()? })
}
