//! Case files: small logs next to a pack in which a detector must speak, or must not.
//!
//! In: a pack and the name of a case. Out: its text. Built-in cases come with the binary, like the built-in packs.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use super::builtin::builtin_cases;
use super::model::Pack;
use crate::base::Error;

/// The text of a case of this pack.
///
/// # Errors
/// When the file is not there or cannot be read.
pub fn case(pack: &Pack, name: &str) -> Result<Cow<'static, str>, Error> {
    if pack.is_builtin() {
        let found = builtin_cases().iter().find(|(known, _)| *known == name);
        let missing = || Error::new(format!("{}: no built-in case has the name '{name}'", pack.file));
        return found.map(|(_, text)| Cow::Borrowed(*text)).ok_or_else(missing);
    }
    let path = Path::new(&pack.file).with_file_name(name);
    let text = fs::read_to_string(&path);
    text.map(Cow::Owned).map_err(|err| Error::io(&path, err).help("a case file stands next to its pack"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_the_folder_comes_with_the_binary() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/packs");
        let names = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut there: Vec<String> = names.filter(|n| n.ends_with(".case")).collect();
        there.sort();
        let known: Vec<&str> = builtin_cases().iter().map(|(name, _)| *name).collect();
        assert_eq!(there, known);
    }
}
