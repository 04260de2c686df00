//! The benches, which are tests: each counts what it works on, and a wrong count fails it.
//!
//!     cargo bench                          all of them, with their record in benches/record/
//!     cargo bench -- parse start           those whose name contains one of these words
//!     cargo bench --profile counts -- --test     small corpora, each count beside the naive engine's; no times
//!     cargo bench -- --list                what there is, and why
//!     UPDATE=1 cargo bench                 writes benches/expected.toml anew
//!     NAIVE=1 UPDATE=1 cargo bench         the same, and asks the naive engine about the large corpora, too: an hour
//!     ... -- --repeat N NAME               prepares one, does its work N times: for benches/instructions
//!
//! What is measured stands in benches/definitions/, of what in benches/corpora.toml, what it must count in
//! benches/expected.toml. docs/speed.md tells more.

mod corpora;
#[path = "corpus/mod.rs"]
mod corpus;
mod definition;
mod expected;
mod machine;
mod measure;
mod models;
mod oracle;
mod packs;

use std::process::ExitCode;

use corpora::Scale;
use definition::Definition;
use expected::Expected;
use machine::Record;
use measure::Took;

/// What a bench counts, by name.
type Counts = std::collections::BTreeMap<String, u64>;

/// What somebody typed.
#[derive(Default)]
struct Args {
    test: bool,
    list: bool,
    naive: bool,
    repeat: Option<usize>,
    update: bool,
    names: Vec<String>,
}

fn main() -> ExitCode {
    let done = args(std::env::args().skip(1)).and_then(|args| run(&args));
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("\n{wrong} wrong");
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::from(2)
        }
    }
}

fn args(mut typed: impl Iterator<Item = String>) -> Result<Args, String> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|set| set == "1");
    let mut args = Args { update: set("UPDATE"), naive: set("NAIVE"), ..Args::default() };
    while let Some(arg) = typed.next() {
        match arg.as_str() {
            "--test" => args.test = true,
            "--list" => args.list = true,
            // cargo bench says so.
            "--bench" => {}
            "--repeat" => {
                let times = typed.next().unwrap_or_default();
                args.repeat = Some(times.parse().map_err(|_| format!("--repeat: expected a number, found '{times}'"))?);
            }
            _ if arg.starts_with('-') => return Err(format!("expected --test, --list or --repeat N, found '{arg}'")),
            _ => args.names.push(arg),
        }
    }
    Ok(args)
}

/// How many were wrong.
fn run(args: &Args) -> Result<usize, String> {
    let mut all = definition::all()?;
    if args.list {
        for one in &all {
            println!(
                "{:<28} {}\n{:<28} of {}: {}",
                one.name,
                one.why,
                "",
                one.corpus,
                corpus::Recipe::named(&one.corpus)?.why
            );
        }
        return Ok(0);
    }
    if let Some(times) = args.repeat {
        return repeat(&all, times, args.names.first().map_or("", String::as_str));
    }
    all.retain(|one| args.names.is_empty() || args.names.iter().any(|name| one.name.contains(name.as_str())));
    let mut expected = Expected::read()?;
    let mut record = Record::default();
    let mut wrong = 0;
    let scales: &[Scale] = match (args.test, args.update) {
        (_, true) => &[Scale::Small, Scale::Large],
        (true, false) => &[Scale::Small],
        (false, false) => &[Scale::Large],
    };
    for definition in &all {
        for &scale in scales {
            match one(definition, scale, args, &mut expected, &mut record) {
                Ok(told) => println!("{told}"),
                Err(why) => {
                    println!("WRONG {}: {why}", definition.name);
                    wrong += 1;
                }
            }
        }
    }
    if args.update {
        expected.write()?;
    } else if args.names.is_empty() {
        expected.only(&all)?;
        if !args.test && wrong == 0 {
            println!("\nrecorded in {}", record.write()?);
        }
    }
    Ok(wrong)
}

/// Measures, counts, compares: one line about it, or what is wrong.
fn one(
    definition: &Definition,
    scale: Scale,
    args: &Args,
    expected: &mut Expected,
    record: &mut Record,
) -> Result<String, String> {
    let mut work = models::prepare(definition, scale)?;
    let name = format!("{:<28}", definition.name);
    if args.test || args.update {
        work.run()?;
        let counts = work.counts()?;
        // Of rules, it takes an hour on large corpora: there the small ones have to speak for them.
        if scale == Scale::Small || args.naive || !work.is_slow() {
            same("the naive engine", &work.oracle()?, &counts)?;
        }
        if args.update {
            expected.set(&definition.name, scale, counts.clone());
        }
        same("expected.toml", expected.of(&definition.name, scale)?, &counts)?;
        return Ok(format!("{name} {scale:?}: right: {}", show(&counts)));
    }
    let took = Took::of(work.as_mut())?;
    let counts = work.counts()?;
    same("expected.toml", expected.of(&definition.name, scale)?, &counts)?;
    let figures = work.figures(&took);
    record.add(definition, &took, &figures, &counts);
    Ok(format!("{name} {}", figures.iter().map(ToString::to_string).collect::<Vec<_>>().join("  ")))
}

/// Prepares, then works so many times: the difference of two such runs is the work alone.
fn repeat(all: &[Definition], times: usize, name: &str) -> Result<usize, String> {
    let definition = all.iter().find(|one| one.name == name).ok_or_else(|| format!("no bench is called '{name}'"))?;
    let mut work = models::prepare(definition, Scale::Middle)?;
    for _ in 0..times {
        work.run()?;
    }
    println!("{}", work.counts()?.get("records").copied().unwrap_or_default());
    Ok(0)
}

fn same(whose: &str, right: &Counts, found: &Counts) -> Result<(), String> {
    if right == found {
        return Ok(());
    }
    let names = right.keys().chain(found.keys().filter(|name| !right.contains_key(*name)));
    let count = |counts: &Counts, name: &String| counts.get(name).map_or("nothing".to_owned(), u64::to_string);
    let differ: Vec<String> = names
        .filter(|name| right.get(*name) != found.get(*name))
        .map(|name| format!("{name}: expected {}, found {}", count(right, name), count(found, name)))
        .collect();
    Err(format!("its counts are not those of {whose} (when they should differ: UPDATE=1): {}", differ.join("; ")))
}

fn show(counts: &Counts) -> String {
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}
