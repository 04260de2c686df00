//! The law: a glance with its origin is the record that `parse` makes.

mod journal;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::*;
use crate::base::{Place, SourceId, lent};
use crate::input;

/// Records of a file that are compared.
const RECORDS: usize = 3_000;

/// How many of a hundred records of the corpora are read quickly, at least.
const FLOORS: &[(Format, usize)] = &[
    (Format::JournalJson, 90),
    (Format::JournalExport, 90),
    (Format::JournalShort, 50),
    (Format::Syslog3164, 85),
    (Format::Syslog5424, 50),
    (Format::DockerJson, 90),
    (Format::Cri, 90),
    (Format::ContainerLogs, 15),
    (Format::JsonLines, 20),
    (Format::Logfmt, 20),
    (Format::Text, 25),
];

fn files(root: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// How many records were looked at quickly, and how many there are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    pub(super) quick: usize,
    pub(super) all: usize,
}

/// Compares every record of `bytes`, with and without its line end, and cut at some places.
pub(super) fn compare(name: &str, format: Format, bytes: &[u8], reference: &Reference) -> Share {
    let mut share = Share::default();
    let mut origins: Origins<()> = Origins::default();
    let mut scratch = Scratch::default();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let len = format.extent(rest, true).unwrap_or(rest.len()).clamp(1, rest.len());
        let whole = &rest[..len];
        for cut in [rest.len(), len, len - 1, len / 2] {
            same_at_once(name, format, &rest[..cut], reference);
        }
        at += len;
        share.all += 1;
        if share.all > RECORDS {
            break;
        }
        let cuts = [len, len.saturating_sub(1), len * 3 / 4, len / 2, (at * 7) % len];
        for cut in cuts.into_iter().take(if share.all % 16 == 0 { 5 } else { 2 }) {
            let raw = &whole[..cut];
            share.quick += usize::from(same(name, format, raw, reference, &mut scratch, &mut origins) && cut == len);
        }
    }
    share
}

/// Where one walk tells length and glance, both are what two walks tell; `true` when it does.
pub(super) fn same_at_once(name: &str, format: Format, bytes: &[u8], reference: &Reference) -> bool {
    let (mut one, mut other) = (Scratch::default(), Scratch::default());
    if let Some(len) = export_length(bytes).filter(|_| format == Format::JournalExport) {
        let patient = [false, true].map(|end| crate::record::journal::export::extent(bytes, end));
        assert_eq!(patient, [Some(len); 2], "{name}");
    }
    let Some((len, glance)) = format.first(bytes, &mut one) else { return false };
    assert_eq!(format.extent(bytes, false), Some(len), "{name}");
    let alone = format.glance(&bytes[..len], reference, &mut other);
    let text = || String::from_utf8_lossy(&bytes[..len]);
    assert_eq!(alone.map(|alone| format!("{alone:?}")), Some(format!("{glance:?}")), "{name}: {}", text());
    true
}

/// Compares one record; `true` when there was a glance.
pub(super) fn same(
    name: &str,
    format: Format,
    raw: &[u8],
    reference: &Reference,
    scratch: &mut Scratch,
    origins: &mut Origins<()>,
) -> bool {
    let place = Place { source: SourceId(1), offset: 0 };
    let text = || String::from_utf8_lossy(raw).into_owned();
    let mut other = Scratch::default();
    let parsed = format.parse(raw, reference, &mut other);
    let Some(glance) = format.glance(raw, reference, scratch) else { return false };
    let Some(parsed) = parsed else { panic!("{name}: a glance at what is no record: {}", text()) };
    let key = glance.key.to_vec();
    if origins.find(&key).is_none() && !format.vouches(&key) {
        return false;
    }
    let origin = Origin::of(&parsed);
    if let Some((known, ())) = origins.find(&key) {
        assert_eq!(*known, origin, "{name}: another origin of the same key {key:?}: {}", text());
    }
    let quick = glance.record(&origin).to_owned(place);
    assert_eq!(quick, parsed.to_owned(place), "{name} ({}): {}", format.name(), text());
    origins.learn(&key, origin, ());
    true
}

/// Compares these lines, and says of each whether there must be a glance.
pub(super) fn are_quick<L: AsRef<str>>(format: Format, lines: &[(L, bool)]) {
    let (mut scratch, mut origins, reference) = (Scratch::default(), Origins::default(), reference(None));
    for (line, quick) in lines {
        let line = line.as_ref();
        let got = same("made up", format, line.as_bytes(), &reference, &mut scratch, &mut origins);
        assert_eq!(got, *quick, "{line}");
    }
}

pub(super) fn reference(now: Option<Stamp>) -> Reference {
    Reference {
        now: now.unwrap_or(Stamp(1_780_000_000_000_000_000)),
        zone: TimeZone::UTC,
        unit: "u".into(),
        boot: None,
        dated: false,
    }
}

#[test]
fn a_glance_says_what_the_record_says_on_all_corpora() {
    let mut roots = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora")];
    roots.extend(lent(""));
    let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
    for path in roots.into_iter().flat_map(files) {
        let Ok(mut input) = input::open(&path) else { continue };
        let mut bytes = Vec::new();
        // What is there before a damaged place counts.
        let _ = input.fill(&mut bytes, 4 << 20);
        let sniffed = Format::sniff(&input.head);
        for format in
            [sniffed, Format::JournalJson, Format::JournalShort, Format::Syslog3164, Format::DockerJson, Format::Cri]
        {
            let mut reference = reference(input.modified);
            format.anchor(&input.head, &input.tail, &mut reference);
            let share = compare(&path.display().to_string(), format, &bytes, &reference);
            if format == sniffed {
                let sum = shares.entry(format.name()).or_default();
                sum.quick += share.quick;
                sum.all += share.all;
            }
            if sniffed == Format::Plain {
                break;
            }
        }
    }
    for (format, share) in &shares {
        println!("{format}: {} of {} at a glance", share.quick, share.all);
        if let Some((_, floor)) = FLOORS.iter().find(|(of, _)| of.name() == *format) {
            assert!(share.quick * 100 >= share.all * floor, "{format}: less than {floor} % at a glance");
        }
    }
}
