//! From what was typed to the files that are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::base::Error;

/// Folders below a named folder that are looked into.
const DEPTH: usize = 32;

/// The files behind the named paths.
#[derive(Debug, Default)]
pub struct Found {
    /// Each once, in the order of their names.
    pub files: Vec<PathBuf>,
    /// What could not be looked at.
    pub errors: Vec<(PathBuf, Error)>,
}

/// All files behind `paths`: files as they are, folders with everything below them. Files whose name begins with a dot
/// and things that are not files (sockets, devices) are left out of folders.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut files = BTreeSet::new();
    let mut errors = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => folder(path, &mut files, &mut errors),
            Ok(_) => {
                files.insert(path.clone());
            }
            Err(err) => errors.push((path.clone(), Error::io(path, err))),
        }
    }
    Found { files: files.into_iter().collect(), errors }
}

fn folder(top: &Path, files: &mut BTreeSet<PathBuf>, errors: &mut Vec<(PathBuf, Error)>) {
    let mut waiting = vec![(top.to_path_buf(), 0)];
    while let Some((dir, depth)) = waiting.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(err) => {
                errors.push((dir.clone(), Error::io(&dir, err)));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") || is_copy(&path) {
                continue;
            }
            // Follows links to files, not to folders: a link to a parent would never end.
            match (entry.file_type(), fs::metadata(&path)) {
                (Ok(kind), _) if kind.is_dir() && depth < DEPTH => waiting.push((path, depth + 1)),
                (_, Ok(meta)) if meta.is_file() => {
                    files.insert(path);
                }
                (_, Err(err)) => errors.push((path.clone(), Error::io(&path, err))),
                _ => {}
            }
        }
    }
}

/// What somebody is just writing, or kept aside, beside the file itself: it says the same a second time.
fn is_copy(path: &Path) -> bool {
    let aside = path.extension().is_some_and(|end| ["tmp", "bak", "swp"].iter().any(|known| end == *known));
    aside && path.with_extension("").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_and_each_file_comes_once() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("x.log"), "x").unwrap();
        fs::write(dir.path().join("y.log"), "y").unwrap();
        fs::write(dir.path().join(".hidden"), "z").unwrap();
        // A copy beside its original is passed over, one without is a file.
        fs::write(deep.join("x.log.tmp"), "x").unwrap();
        fs::write(deep.join("z.log.bak"), "z").unwrap();
        let missing = dir.path().join("missing");
        let found = find(&[dir.path().into(), dir.path().join("y.log"), missing.clone()]);
        assert_eq!(found.files, [deep.join("x.log"), deep.join("z.log.bak"), dir.path().join("y.log")]);
        assert_eq!(found.errors.len(), 1);
        assert!(found.errors[0].1.to_string().contains("missing"));
    }
}
