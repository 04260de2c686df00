//! Journal entries as `journalctl -o json` prints them, read back for rendering in other forms.

use serde_json::{Map, Value};

/// One entry.
pub struct Entry {
    /// Microseconds since 1970.
    pub time: i64,
    /// The message, also when it is no text.
    pub message: Vec<u8>,
    /// All fields, `__CURSOR` and the like included, in the order of the file.
    pub fields: Map<String, Value>,
}

impl Entry {
    /// A field that is text.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// Printed by a program to its standard output: what a container log would hold.
    pub fn is_application(&self) -> bool {
        self.field("_TRANSPORT") == Some("stdout")
    }

    /// The unit that printed it, without its suffix: the name of the container.
    pub fn stem(&self) -> &str {
        let unit = self.field("_SYSTEMD_USER_UNIT").or_else(|| self.field("_SYSTEMD_UNIT")).unwrap_or("unknown");
        unit.rsplit_once('.').map_or(unit, |(stem, _)| stem)
    }

    /// Syslog priority, 6 when there is none.
    pub fn priority(&self) -> u8 {
        self.field("PRIORITY").and_then(|p| p.parse().ok()).unwrap_or(6)
    }

    /// The lines of the message.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.message.split(|&b| b == b'\n')
    }
}

/// The bytes of a value: text, or the array of numbers that journalctl prints for anything else.
pub fn bytes_of(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_vec(),
        Value::Array(numbers) => numbers.iter().filter_map(|n| n.as_u64().and_then(|n| u8::try_from(n).ok())).collect(),
        _ => vec![],
    }
}

/// The values of a field: one, or those of a field that is there several times.
pub fn values_of(value: &Value) -> Vec<Vec<u8>> {
    match value.as_array() {
        Some(values) if values.iter().any(|v| !v.is_number()) => values.iter().map(bytes_of).collect(),
        _ => vec![bytes_of(value)],
    }
}

/// All entries of a journal.json. Panics on a line that is none: the corpora are ours.
pub fn entries(text: &str) -> Vec<Entry> {
    let entry = |line: &str| {
        let fields: Map<String, Value> = serde_json::from_str(line).expect("a line of journalctl -o json");
        let time = fields.get("__REALTIME_TIMESTAMP").and_then(Value::as_str).and_then(|t| t.parse().ok());
        let message = fields.get("MESSAGE").map(values_of).and_then(|mut all| all.pop()).unwrap_or_default();
        Entry { time: time.expect("__REALTIME_TIMESTAMP"), message, fields }
    };
    text.lines().map(entry).collect()
}
