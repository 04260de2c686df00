//! The naive engine of parsing: serde_json, and functions on text. No shortcut, nothing shared with logtriage.

mod journal;
mod text;

use std::collections::BTreeSet;

use crate::Counts;
use crate::corpus::Form;

/// What a record says, as far as benches count it.
pub struct Read {
    /// Nanoseconds since 1970.
    pub time: i64,
    /// What it is about.
    pub unit: String,
    /// Without colours.
    pub message: Vec<u8>,
    /// The level of the form, else that of the message.
    pub level: Option<u8>,
}

/// Counts records.
#[derive(Default)]
pub struct Tally {
    records: u64,
    bytes: u64,
    levels: u64,
    sum: u64,
    units: BTreeSet<String>,
}

impl Tally {
    /// One record more.
    pub fn add(&mut self, time: i64, unit: &str, message: &[u8], level: Option<u8>) {
        self.records += 1;
        self.bytes += message.len() as u64;
        self.levels += level.map_or(8, u64::from);
        let parts = [&time.to_le_bytes(), unit.as_bytes(), b"\0", message];
        self.sum = self.sum.wrapping_add(sum(parts.into_iter().flatten().copied()));
        if !self.units.contains(unit) {
            self.units.insert(unit.to_owned());
        }
    }

    /// The counts. The sum of all times, units and messages is cut to what TOML can hold.
    pub fn counts(&self) -> Counts {
        [
            ("records", self.records),
            ("message-bytes", self.bytes),
            ("levels", self.levels),
            ("units", self.units.len() as u64),
            ("sum", self.sum >> 2),
        ]
        .map(|(name, count)| (name.to_owned(), count))
        .into()
    }
}

/// All records of a corpus, read slowly. `unit` is the one of records that do not name theirs.
///
/// # Errors
/// When something does not have its form.
pub fn read(form: Form, bytes: &[u8], unit: &str) -> Result<Counts, String> {
    let mut tally = Tally::default();
    let mut each = |read: Read| tally.add(read.time, &read.unit, &read.message, read.level);
    match form {
        Form::JournalJson => journal::json(bytes, &mut each)?,
        Form::JournalExport => journal::export(bytes, &mut each)?,
        Form::Docker => text::docker(bytes, unit, &mut each)?,
        Form::Cri => text::cri(bytes, unit, &mut each)?,
        Form::ShortIso => text::short_iso(bytes, &mut each)?,
        Form::Syslog3164 => text::syslog(bytes, &mut each)?,
    }
    Ok(tally.counts())
}

/// FNV-1a.
pub fn sum(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The level: what the message states, else what the form carries.
fn level(message: &[u8], carried: Option<u8>) -> Option<u8> {
    // Those that the phrases of the corpora state.
    let stated = [("FATAL: ", 2), ("ERROR: ", 3)].into_iter().find(|(word, _)| message.starts_with(word.as_bytes()));
    stated.map(|(_, level)| level).or(carried)
}

/// The text without `ESC [ ... m`.
fn without_colours(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut inside = false;
    for &byte in text {
        match byte {
            0x1b => inside = true,
            b'm' if inside => inside = false,
            _ if inside => {}
            _ => plain.push(byte),
        }
    }
    plain
}
