//! Makes what is in corpora/: plays the made-up incidents, and cleans recorded ones.
//!
//!     cargo run --example make-corpora                       # writes corpora/*/journal.json of all made-up incidents
//!     cargo run --example make-corpora -- --scrub lab-out/journal.json HOST > corpora/NAME/journal.json

mod journal;
mod prng;
mod scenes;
mod scrub;
mod words;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => make(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora").as_path()),
        ["--scrub", file, host] => clean(file, host),
        _ => Err("usage: make-corpora | make-corpora --scrub JOURNAL.json HOST".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("make-corpora: {why}");
            ExitCode::from(2)
        }
    }
}

fn make(corpora: &Path) -> Result<(), String> {
    for (name, _) in scenes::ALL {
        let Some(text) = scenes::play(name) else { continue };
        let folder = corpora.join(name);
        let file = folder.join("journal.json");
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, text));
        written.map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}

fn clean(file: &str, host: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    print!("{}", scrub::scrub(&text, host).map_err(|e| format!("{file}: {e}"))?);
    Ok(())
}
