//! Makes a native journal file of what `journalctl -o json` printed: `make-journal [--compact] [--zstd] <lines >file`.

mod writer;

use std::io::{self, Read, Write};

fn main() -> io::Result<()> {
    let asked = |word: &str| std::env::args().any(|arg| arg == word);
    let zstd = |plain: &[u8]| zstd::bulk::compress(plain, 3).unwrap_or_else(|_| plain.to_vec());
    let mut lines = String::new();
    io::stdin().lock().read_to_string(&mut lines)?;
    let packing: Option<writer::Packing> = asked("--zstd").then_some((4, 8, zstd));
    io::stdout().write_all(&writer::of_json(&lines, asked("--compact"), packing)?)
}
