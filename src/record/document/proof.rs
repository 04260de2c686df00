//! A definition held against its own samples.

use std::sync::Arc;

use super::catalog::Catalog;
use super::model::Definition;
use super::rows::Context;
use super::stream::{Exploder, Piece};
use crate::base::Stamp;

/// What is wrong with the samples of a definition: they must be known as its documents, and give the rows that it says.
pub fn prove(definition: &Definition) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = &definition.name;
    let catalog = Catalog::new(vec![definition.clone()]);
    let context = Context { path: None, zone: jiff::tz::TimeZone::UTC, now: Stamp(0), moment: None };
    let mut rows: Vec<Vec<u8>> = Vec::new();
    for (index, sample) in definition.sample.iter().enumerate() {
        let nth = index + 1;
        let found = match definition.has.is_empty() {
            true => catalog.named(name),
            false => catalog.look(None, sample.as_bytes(), true),
        };
        let Some(found) = found else {
            wrong.push(format!("{name}: sample {nth} is none of its documents: it lacks something of 'has'"));
            continue;
        };
        let mut exploder = Exploder::of_head(&catalog, context.clone(), &found);
        exploder.feed(sample.as_bytes(), true, &mut |piece| {
            if let Piece::Row(row) = piece {
                rows.push(row.line);
            }
        });
        wrong.extend(exploder.problems().into_iter().map(|why| format!("{name}: sample {nth}: {why}")));
    }
    if definition.sample.is_empty() {
        return wrong;
    }
    if rows.len() != definition.gives as usize {
        wrong.push(format!("{name}: the samples give {} rows, and 'gives' says {}", rows.len(), definition.gives));
    }
    let first = rows.first().map(|row| String::from_utf8_lossy(row.trim_ascii_end()).into_owned()).unwrap_or_default();
    if first != definition.first.trim() {
        wrong.push(format!("{name}: the first row is another than 'first' says: {first}"));
    }
    wrong
}

/// The samples of `definitions` that some other definition takes for its own.
pub fn strangers(catalog: &Arc<Catalog>) -> Vec<String> {
    let mut wrong = Vec::new();
    for definition in catalog.definitions().filter(|definition| !definition.has.is_empty()) {
        for sample in &definition.sample {
            let found = catalog.look(None, sample.as_bytes(), true).and_then(|found| catalog.get(found.definition));
            if let Some(other) = found.filter(|other| other.name != definition.name) {
                wrong.push(format!("a sample of {} is taken for {}", definition.name, other.name));
            }
        }
    }
    wrong
}
