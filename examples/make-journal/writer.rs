//! Writes journal files as journald does: each value once, entries that name them, lists of entries that grow.
//!
//! In: entries. Out: the bytes of a file that journalctl reads. The indexes by value are left out: who reads a file from
//! front to back needs none. For tests and measurements; nothing here is part of the program.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// What stands in an entry beside its fields.
#[derive(Clone, Copy, Debug)]
pub struct Stamps {
    pub seqnum: u64,
    pub realtime: u64,
    pub monotonic: u64,
    pub boot: u128,
    pub xor_hash: u64,
}

/// How large values are packed: the flag of their objects, the feature of the file, the packer.
pub type Packing = (u8, u32, fn(&[u8]) -> Vec<u8>);

/// The file that holds the entries of what `journalctl -o json` printed.
pub fn of_json(lines: &str, compact: bool, packing: Option<Packing>) -> serde_json::Result<Vec<u8>> {
    let mut writer = Writer::new(compact, packing, 0x8a1b_2c3d_4e5f);
    for (seqnum, line) in (1..).zip(lines.lines()) {
        let entry: Map<String, Value> = serde_json::from_str(line)?;
        let number = |key: &str| entry.get(key).and_then(Value::as_str).and_then(|text| text.parse().ok());
        let boot = entry.get("_BOOT_ID").and_then(Value::as_str).and_then(|id| u128::from_str_radix(id, 16).ok());
        let stamps = Stamps {
            seqnum,
            realtime: number("__REALTIME_TIMESTAMP").unwrap_or(seqnum),
            monotonic: number("__MONOTONIC_TIMESTAMP").unwrap_or(seqnum),
            boot: boot.unwrap_or(1),
            xor_hash: seqnum.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        let mut fields = Vec::new();
        for (key, value) in entry.iter().filter(|(key, _)| !key.starts_with("__")) {
            match value {
                Value::Array(values) if values.iter().any(Value::is_string) => {
                    fields.extend(values.iter().map(|value| field(key, value)));
                }
                value => fields.push(field(key, value)),
            }
        }
        writer.entry(stamps, &fields);
    }
    Ok(writer.finish())
}

fn field(key: &str, value: &Value) -> Vec<u8> {
    let mut field = [key.as_bytes(), b"="].concat();
    match value {
        Value::String(text) => field.extend_from_slice(text.as_bytes()),
        Value::Array(bytes) => field.extend(bytes.iter().filter_map(Value::as_u64).map(|byte| byte as u8)),
        other => field.extend_from_slice(other.to_string().as_bytes()),
    }
    field
}

/// A file that is being written.
pub struct Writer {
    bytes: Vec<u8>,
    compact: bool,
    packing: Option<Packing>,
    values: HashMap<Vec<u8>, u64>,
    names: HashMap<Vec<u8>, u64>,
    /// The list that is being filled: where its next free slot is, and where it ends.
    slot: usize,
    slots_end: usize,
    list: usize,
    last: Option<Stamps>,
}

const HEADER: usize = 272;
/// Values of this many bytes and more are packed.
const LARGE: usize = 512;

impl Writer {
    pub fn new(compact: bool, packing: Option<Packing>, seqnum_id: u128) -> Writer {
        let mut bytes = vec![0; HEADER];
        bytes[..8].copy_from_slice(b"LPKSHHRH");
        let features = if compact { 16 } else { 0 } | packing.map_or(0, |(_, feature, _)| feature);
        bytes[12..16].copy_from_slice(&u32::to_le_bytes(features));
        for (at, id) in [(24, !seqnum_id), (40, 7), (72, seqnum_id)] {
            bytes[at..at + 16].copy_from_slice(&u128::to_be_bytes(id));
        }
        let mut writer = Writer {
            bytes,
            compact,
            packing,
            values: HashMap::new(),
            names: HashMap::new(),
            slot: 0,
            slots_end: 0,
            list: 0,
            last: None,
        };
        writer.word(88, HEADER as u64);
        for (kind, at, size) in [(5, 120, 333 * 16), (4, 104, 2047 * 16)] {
            let table = writer.object(kind, 0, &vec![0; size]);
            writer.word(at, table + 16);
            writer.word(at + 8, size as u64);
        }
        writer
    }

    /// Appends an entry. Fields are `KEY=value`.
    pub fn entry(&mut self, stamps: Stamps, fields: &[Vec<u8>]) -> u64 {
        let mut items: Vec<u64> = fields.iter().map(|field| self.value(field)).collect();
        items.sort_unstable();
        items.dedup();
        let Stamps { seqnum, realtime, monotonic, boot, xor_hash } = stamps;
        let mut body = Vec::new();
        for number in [seqnum, realtime, monotonic] {
            body.extend_from_slice(&number.to_le_bytes());
        }
        body.extend_from_slice(&boot.to_be_bytes());
        body.extend_from_slice(&xor_hash.to_le_bytes());
        for item in items {
            if self.compact {
                body.extend_from_slice(&(item as u32).to_le_bytes());
            } else {
                body.extend_from_slice(&item.to_le_bytes());
                body.extend_from_slice(&[0; 8]);
            }
        }
        let entry = self.object(3, 0, &body);
        self.list(entry);
        if self.last.is_none() {
            self.word(168, seqnum);
            self.word(184, realtime);
        }
        self.last = Some(stamps);
        self.word(160, seqnum);
        self.word(192, realtime);
        self.word(200, monotonic);
        self.bytes[56..72].copy_from_slice(&boot.to_be_bytes());
        self.count(152);
        entry
    }

    /// The file, as journald leaves it behind: archived.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes[16] = 2;
        self.bytes
    }

    fn value(&mut self, field: &[u8]) -> u64 {
        if let Some(at) = self.values.get(field) {
            return *at;
        }
        let mut body = vec![0; if self.compact { 56 } else { 48 }];
        let packed = self.packing.filter(|_| field.len() >= LARGE).map(|(flag, _, pack)| (flag, pack(field)));
        let (flag, payload) = packed.filter(|(_, packed)| packed.len() < field.len()).unwrap_or((0, field.to_vec()));
        body.extend_from_slice(&payload);
        let at = self.object(1, flag, &body);
        self.values.insert(field.to_vec(), at);
        self.count(208);
        let name = field.split(|byte| *byte == b'=').next().unwrap_or_default().to_vec();
        if !self.names.contains_key(&name) {
            let body = [&[0; 24], &name[..]].concat();
            let at = self.object(2, 0, &body);
            self.names.insert(name, at);
            self.count(216);
        }
        at
    }

    /// Names an entry in the list, which gets a longer one after it when it is full.
    fn list(&mut self, entry: u64) {
        let width = if self.compact { 4 } else { 8 };
        if self.slot == self.slots_end {
            let slots = ((self.slots_end - self.list.min(self.slots_end)) / width * 2).max(4);
            let at = self.object(6, 0, &vec![0; 8 + slots * width]);
            if self.list == 0 {
                self.word(176, at);
            } else {
                self.word(self.list - 8, at);
            }
            self.list = at as usize + 24;
            self.slot = self.list;
            self.slots_end = self.list + slots * width;
            self.count(232);
        }
        self.bytes[self.slot..self.slot + width].copy_from_slice(&entry.to_le_bytes()[..width]);
        self.slot += width;
    }

    fn object(&mut self, kind: u8, flag: u8, body: &[u8]) -> u64 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.bytes.len() as u64;
        self.bytes.extend_from_slice(&[kind, flag, 0, 0, 0, 0, 0, 0]);
        self.bytes.extend_from_slice(&(16 + body.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(body);
        self.word(136, at);
        self.count(144);
        let arena = self.bytes.len().next_multiple_of(8) - HEADER;
        self.word(96, arena as u64);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        at
    }

    fn word(&mut self, at: usize, number: u64) {
        self.bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }

    fn count(&mut self, at: usize) {
        let mut number = [0; 8];
        number.copy_from_slice(&self.bytes[at..at + 8]);
        self.word(at, u64::from_le_bytes(number) + 1);
    }
}
