//! `logtriage scan --partial` and `logtriage merge`: the same diagnosis, made in parts.

use std::fs;
use std::path::Path;

use crate::base::Error;
use crate::run::{Partial, Pipeline, Settler};

use super::args::{Merge, Scan};
use super::diagnose::{self, tell};
use super::exit::{DONE, Exit, Failure, INCOMPLETE};
use super::{settings, terminal};

pub(super) fn scan(args: &Scan) -> Result<Exit, Failure> {
    let pipeline = diagnose::pipeline(&args.reading, None)?;
    let partial = match (args.part, args.paths.as_slice()) {
        (None, paths) => pipeline.scan(paths, &()),
        (Some((k, n)), [path]) => pipeline.scan_part(path, k, n).map_err(Failure::Input)?,
        (Some(_), _) => {
            let error = Error::new(format!("--part takes one file, found {} paths", args.paths.len()));
            return Err(Failure::Usage(error.help("scan each file by itself, or leave --part out")));
        }
    };
    for gone in partial.failures() {
        terminal::say(format_args!("logtriage: {}", gone.why));
    }
    let incomplete = partial.failures().next().is_some();
    fs::write(&args.partial, partial.encode()).map_err(|err| {
        terminal::say(format_args!("logtriage: {}: cannot leave the partial result here", args.partial.display()));
        Failure::Output(err)
    })?;
    Ok(if incomplete { INCOMPLETE } else { DONE })
}

pub(super) fn merge(args: &Merge) -> Result<Exit, Failure> {
    settings::note(&args.reading.ruling, args.output.verbose, args.output.quiet);
    let pipeline = diagnose::pipeline(&args.reading, None)?;
    let mut whole = Partial::empty(pipeline.plan().fingerprint());
    for file in &args.files {
        let part = read(file, &pipeline)?;
        whole.merge(part).map_err(|err| Failure::Input(Error::at(file, err)))?;
    }
    tell(Settler::diagnose(&pipeline, whole), &args.output)
}

fn read(file: &Path, pipeline: &Pipeline) -> Result<Partial, Failure> {
    let bytes = fs::read(file).map_err(|err| Failure::Input(Error::io(file, err)))?;
    let partial = Partial::decode(&bytes).map_err(|err| {
        let help = err.advice().unwrap_or_default().to_owned();
        Failure::Input(Error::at(file, err).help(help))
    })?;
    if partial.plan() != pipeline.plan().fingerprint() {
        return Err(Failure::Usage(
            Error::at(file, "made with other packs, another configuration, or another version of logtriage")
                .help("scan all parts with the same version, the same --packs and the same --config"),
        ));
    }
    Ok(partial)
}
