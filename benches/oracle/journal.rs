//! Entries of the journal, as serde_json and a walk over lengths read them.

use serde_json::Value;

use super::{Read, level, without_colours};

/// `journalctl -o json`: a line an entry.
pub fn json(bytes: &[u8], each: &mut dyn FnMut(Read)) -> Result<(), String> {
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let value: Value = serde_json::from_slice(line).map_err(|why| why.to_string())?;
        let field = |name: &str| match value.get(name) {
            Some(Value::String(text)) => Some(text.clone().into_bytes()),
            Some(Value::Array(bytes)) => {
                bytes.iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect()
            }
            _ => None,
        };
        each(entry(&field)?);
    }
    Ok(())
}

/// `journalctl -o export`: a blank line after each entry.
pub fn export(bytes: &[u8], each: &mut dyn FnMut(Read)) -> Result<(), String> {
    let mut rest = bytes;
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    let line = |rest: &mut &[u8]| -> Vec<u8> {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = rest[..end].to_vec();
        *rest = rest.get(end + 1..).unwrap_or_default();
        line
    };
    while !rest.is_empty() {
        let text = line(&mut rest);
        if text.is_empty() {
            each(entry(&|name| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()))?);
            fields.clear();
        } else if let Some(equals) = text.iter().position(|byte| *byte == b'=') {
            fields.push((String::from_utf8_lossy(&text[..equals]).into_owned(), text[equals + 1..].to_vec()));
        } else {
            let (length, after) = rest.split_first_chunk::<8>().ok_or("a length is cut")?;
            let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|why| why.to_string())?;
            fields.push((String::from_utf8_lossy(&text).into_owned(), after[..length].to_vec()));
            rest = &after[length + 1..];
        }
    }
    Ok(())
}

fn entry(field: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Read, String> {
    let text = |name: &str| field(name).map(|value| String::from_utf8_lossy(&value).into_owned());
    let time = text("__REALTIME_TIMESTAMP").ok_or("an entry has no time")?;
    let micros: i64 = time.parse().map_err(|_| format!("{time} is no time"))?;
    let message = without_colours(&field("MESSAGE").ok_or("an entry has no message")?);
    let unit = text("UNIT").or_else(|| text("_SYSTEMD_UNIT")).ok_or("an entry has no unit")?;
    let priority = text("PRIORITY").and_then(|priority| priority.parse().ok());
    Ok(Read { time: micros * 1_000, unit, level: level(&message, priority), message })
}
