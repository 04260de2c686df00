//! `logtriage rules`: what the author of a pack and the operator of a site need.
//!
//! In: packs, the configuration, and for `test` and `new` a log. Out: on standard output what was asked for, mistakes
//! on standard error. What a rule means is decided in the rooms below; here it is only said.

mod check;
mod explain;
mod new;
mod page;
mod sheet;
mod test;
mod verdict;

use std::io::{self, Write};

use crate::base::{Error, nearest};
use crate::detect;
use crate::rules::Pack;

use super::args::{Rules, RulesVerb};
use super::exit::{DONE, Exit, Failure};
use super::settings::Settings;

pub(super) fn run(args: &Rules) -> Result<Exit, Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let exit = match &args.verb {
        RulesVerb::Check { paths } => check::run(Settings::read(args.into(), paths)?, &mut out),
        RulesVerb::List => list(&Settings::load(args.into())?.loaded.packs, &mut out),
        RulesVerb::Explain { id, output } => explain::run(&Settings::load(args.into())?, id, *output, &mut out),
        RulesVerb::Test { rule, output, paths } => {
            test::run(Settings::load(args.into())?, rule.as_deref(), paths, *output, &mut out)
        }
        RulesVerb::New { name, from, out: file } => {
            new::run(Settings::load(args.into())?, name, from.as_deref(), file.as_deref(), &mut out)
        }
    }?;
    out.flush()?;
    Ok(exit)
}

fn list(packs: &[Pack], out: &mut dyn Write) -> Result<Exit, Failure> {
    for pack in packs {
        for s in pack.signatures.iter().filter(|s| s.enabled) {
            writeln!(out, "{:<32} {:<18} {:<9} {}", s.id, s.class, s.severity, s.title)?;
        }
        for d in pack.detectors.iter().filter(|d| d.enabled) {
            writeln!(out, "{:<32} {:<18} {:<9} {}", d.id, d.finding, d.severity, d.title)?;
        }
    }
    Ok(DONE)
}

/// The mistake of naming a rule that is not there, with the nearest one that is.
fn unknown(packs: &[Pack], id: &str) -> Failure {
    if ids(packs).any(|known| known == id) {
        let error = Error::new(format!("'{id}' is switched off by the configuration"));
        return Failure::Usage(error.help("--no-config reads none"));
    }
    let judges = detect::judges();
    let ids: Vec<&str> = ids(packs).chain(judges.iter().map(|judge| judge.id)).collect();
    // Whoever leaves the pack out means the rule of this name, whatever its pack.
    let same = ids.iter().find(|known| known.split_once('/').is_some_and(|(_, name)| name == id)).copied();
    // The distance of two words costs the product of their lengths; nobody slips into a word this long.
    let near = same.or_else(|| if id.len() <= 200 { nearest(id, ids.iter().copied()) } else { None });
    let help = match near {
        Some(near) => format!("did you mean '{near}'?"),
        None => "'logtriage rules list' shows them all".to_owned(),
    };
    Failure::Usage(Error::new(format!("no rule has the id '{id}'")).help(help))
}

fn ids(packs: &[Pack]) -> impl Iterator<Item = &str> {
    packs
        .iter()
        .flat_map(|p| p.signatures.iter().map(|s| s.id.as_str()).chain(p.detectors.iter().map(|d| d.id.as_str())))
}
