//! Logs by others, lent to the tests of all rooms. They are no part of the project: where they are not there, a test says
//! that it is skipped.

use std::path::{Path, PathBuf};

/// A file or folder of them.
pub(crate) fn lent(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}
