//! Makes a native journal file of what `journalctl -o json` printed: `make-journal [--compact] [--zstd] <lines >file`.

mod writer;

use std::io::{self, BufRead, Write};

use serde_json::{Map, Value};
use writer::{Stamps, Writer};

fn main() -> io::Result<()> {
    let asked = |word: &str| std::env::args().any(|arg| arg == word);
    let zstd = |plain: &[u8]| zstd::bulk::compress(plain, 3).unwrap_or_else(|_| plain.to_vec());
    let mut writer = Writer::new(asked("--compact"), asked("--zstd").then_some((4, 8, zstd)), 0x8a1b_2c3d_4e5f);
    for (seqnum, line) in (1..).zip(io::stdin().lock().lines()) {
        let entry: Map<String, Value> = serde_json::from_str(&line?)?;
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
    io::stdout().write_all(&writer.finish())
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
