//! The corpora of the benches: one stream of entries, written in every form. Comes in: a recipe. Goes out: bytes that are
//! the same on every machine, and what was put into them.
//!
//! Nothing here knows logtriage: what was put in is counted by who put it in, not by who is measured.

mod entry;
mod forms;
mod phrases;
#[path = "../../examples/make-corpora/prng.rs"]
mod prng;
mod recipe;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use entry::Stream;
pub use forms::Form;
pub use recipe::{Pack, Recipe, Size};

/// What was put into a corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Entries.
    pub records: u64,
    /// Bytes, before compression.
    pub bytes: u64,
    /// Entries that tell of a failure.
    pub failing: u64,
    /// The time of the last, in microseconds since 1970.
    pub last: u64,
}

/// Writes the corpus.
pub fn write(recipe: &Recipe, size: Size, out: &mut dyn Write) -> io::Result<Made> {
    let mut stream = Stream::new(recipe);
    let (mut made, mut bytes) = (Made::default(), Vec::new());
    while match size {
        Size::Records(records) => made.records < records,
        Size::Bytes(bytes) => made.bytes < bytes,
    } {
        let entry = stream.next();
        bytes.clear();
        if !recipe.form.write(&entry, &mut stream.dice, &mut bytes) {
            continue;
        }
        out.write_all(&bytes)?;
        made.records += 1;
        made.bytes += bytes.len() as u64;
        made.failing += u64::from(entry.failing);
        made.last = entry.time;
    }
    Ok(made)
}

/// Writes the corpus to a file, compressed where the recipe says so, with the time of its last entry: forms without a year
/// take it from there.
pub fn file(recipe: &Recipe, size: Size, path: &Path) -> io::Result<Made> {
    let out = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    let made = match recipe.pack {
        Pack::None => {
            let mut out = out;
            let made = write(recipe, size, &mut out)?;
            out.flush()?;
            made
        }
        Pack::Gz => {
            let mut out = flate2::write::GzEncoder::new(out, flate2::Compression::new(6));
            let made = write(recipe, size, &mut out)?;
            out.finish()?.flush()?;
            made
        }
        Pack::Zst => {
            let mut out = zstd::stream::write::Encoder::new(out, 3)?;
            let made = write(recipe, size, &mut out)?;
            out.finish()?.flush()?;
            made
        }
    };
    let last = UNIX_EPOCH + Duration::from_micros(made.last);
    fs::File::options().write(true).open(path)?.set_modified(last)?;
    Ok(made)
}
