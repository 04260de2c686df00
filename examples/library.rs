//! logtriage as a library: files in, a diagnosis out.
//!
//!     cargo run --example library -- corpora/permission-after-upgrade/journal.json

use std::path::PathBuf;

use logtriage::{Pipeline, rules};

fn main() -> Result<(), logtriage::base::Error> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let pipeline = Pipeline::builder().packs(rules::load(&[], true).packs).build()?;
    let diagnosis = pipeline.diagnose(&paths);
    println!("{}: {}", diagnosis.severity, diagnosis.summary);
    for incident in &diagnosis.incidents {
        println!("  {}: {} ({})", incident.root_cause.unit, incident.root_cause.text, incident.root_cause.why);
    }
    for gone in &diagnosis.input.unreadable {
        eprintln!("not read: {}", gone.why);
    }
    Ok(())
}
