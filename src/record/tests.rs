//! What the formats must do together.

mod corpora;
mod forms;
mod laws;

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::lent;

/// Bytes of one file that are looked at.
const BYTES: usize = 1 << 20;

/// Shows lines of all logs of the project and of those by others, and what is left of each behind its first words: what a
/// message is to a form that carries its own time. Returns how many.
pub(super) fn each_line(see: &mut dyn FnMut(&[u8])) -> usize {
    let mut paths = Vec::new();
    files(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora"), &mut paths);
    match lent("") {
        Some(root) => files(root, &mut paths),
        None => println!("the logs by others are not here: skipped"),
    }
    let mut seen = 0;
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        for line in bytes[..bytes.len().min(BYTES)].split(|b| *b == b'\n').take(250) {
            see(line);
            // From each of some words on: what looks like a front stands everywhere.
            let words = line.iter().enumerate().filter(|(_, b)| **b == b' ').map(|(at, _)| at + 1);
            words.take(9).for_each(|at| see(&line[at..]));
            seen += 1;
        }
    }
    seen
}

fn files(root: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { files(path, found) } else { found.push(path) }
    }
}
