//! Makes the corpora of the benches as files, for measuring by hand and for benches/peers.
//!
//!     cargo run --profile quick --example make-bench -- FOLDER [--mib N | --records N] [--seed N] [NAME...]
//!
//! Without names: all of them. Says what it made, one a line: name, path, bytes, records, failing records.

#[path = "../../benches/corpus/mod.rs"]
mod corpus;

use std::path::PathBuf;
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
