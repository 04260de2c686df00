//! Makes the corpora of the benches as files, for measuring by hand and for benches/peers.
//!
//!     cargo run --profile quick --example make-bench -- FOLDER [--mib N | --records N] [--seed N] [NAME...]
//!
//!     make-bench --unpack FILE      takes off the compression, and says how many bytes there were: what that alone costs
//!
//! Without names: all of them. Says what it made, one a line: name, path, bytes, records, failing records.

#[path = "../../benches/corpus/mod.rs"]
mod corpus;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use corpus::{Recipe, Size};

fn main() -> ExitCode {
    match make(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("make-bench: {why}");
            ExitCode::from(2)
        }
    }
}

fn make(mut args: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut folder, mut size, mut seed, mut names) = (None, None, None, Vec::new());
    while let Some(arg) = args.next() {
        let mut number = || {
            let next = args.next().unwrap_or_default();
            next.parse::<u64>().map_err(|_| format!("{arg}: expected a number, found '{next}'"))
        };
        match arg.as_str() {
            "--mib" => size = Some(Size::Bytes(number()? << 20)),
            "--records" => size = Some(Size::Records(number()?)),
            "--seed" => seed = Some(number()?),
            "--unpack" => return unpack(&args.next().unwrap_or_default()),
            _ if folder.is_none() => folder = Some(PathBuf::from(arg)),
            _ => names.push(arg),
        }
    }
    let folder = folder.ok_or("expected a folder to write to")?;
    std::fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let recipes = if names.is_empty() {
        Recipe::all()?
    } else {
        names.iter().map(|name| Recipe::named(name)).collect::<Result<_, _>>()?
    };
    for mut recipe in recipes {
        eprintln!("{}: {}", recipe.name, recipe.why);
        recipe.seed = seed.unwrap_or(recipe.seed);
        let path = folder.join(recipe.file_name());
        let made = corpus::file(&recipe, size.unwrap_or(recipe.large), &path);
        let made = made.map_err(|why| format!("{}: {why}", path.display()))?;
        println!("{}\t{}\t{}\t{}\t{}", recipe.name, path.display(), made.bytes, made.records, made.failing);
    }
    Ok(())
}

/// Reads a compressed file as logtriage does, with the same libraries, and does nothing with it.
fn unpack(path: &str) -> Result<(), String> {
    let at = |why: io::Error| format!("{path}: {why}");
    let file = File::open(path).map_err(at)?;
    let mut input: Box<dyn Read> = match Path::new(path).extension().and_then(|ending| ending.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Some("zst") => Box::new(zstd::stream::read::Decoder::new(file).map_err(at)?),
        _ => return Err(format!("{path}: expected .gz or .zst")),
    };
    let (mut buffer, mut bytes) = (vec![0; 1 << 20], 0);
    loop {
        match input.read(&mut buffer).map_err(at)? {
            0 => break,
            read => bytes += read,
        }
    }
    println!("{bytes}");
    Ok(())
}
