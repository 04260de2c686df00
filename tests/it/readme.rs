//! What the README shows is what the program prints.
//!
//! A block after `<!-- shows: logtriage ARGUMENTS -->` is compared with the output of that command, run at the root of
//! the project. `UPDATE=1 cargo test --test it readme` writes it anew.

use std::fs;
use std::path::Path;
use std::process::Command;

const MARK: &str = "<!-- shows: logtriage ";

#[test]
fn the_readme_shows_what_the_program_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut fresh = String::new();
    let mut rest = readme.as_str();
    let mut blocks = 0;
    while let Some(at) = rest.find(MARK) {
        let arguments = &rest[at + MARK.len()..];
        let arguments = &arguments[..arguments.find(" -->").expect("a mark ends with ` -->` on its line")];
        let open = at + rest[at..].find("```text\n").expect("a block ```text follows a mark") + "```text\n".len();
        let close = open + rest[open..].find("```\n").expect("a block ends with ```");
        fresh.push_str(&rest[..open]);
        fresh.push_str(&printed(arguments));
        rest = &rest[close..];
        blocks += 1;
    }
    fresh.push_str(rest);
    assert!(blocks > 0, "README.md has no block after `{MARK}... -->`");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, fresh).unwrap();
        return;
    }
    assert!(
        readme == fresh,
        "README.md shows what the program does not print any more: run `UPDATE=1 cargo test --test it readme`, \
         and look at the difference\n{fresh}"
    );
}

fn printed(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_logtriage"))
        .args(arguments.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("TZ", "UTC")
        .env_remove("COLUMNS")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    assert!(output.status.success(), "logtriage {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
