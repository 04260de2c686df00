//! Takes the names of the machine out of a recorded journal: host, machine and boot ids become invented ones, also in
//! cursors; fields that show how the recording was done are left out. Comes in: `journalctl -o json` of a lab. Goes out:
//! the same lines, fit for corpora/.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::prng::Prng;

/// Fields that say something about the lab and nothing about the incident.
const LEFT_OUT: &[&str] = &[
    "_CMDLINE",
    "_CAP_EFFECTIVE",
    "_RUNTIME_SCOPE",
    "_SYSTEMD_CGROUP",
    "_SYSTEMD_SLICE",
    "TID",
    "CODE_FILE",
    "CODE_LINE",
    "CODE_FUNC",
    "_GID",
    "_STREAM_ID",
    "_SELINUX_CONTEXT",
];

/// Fields whose values are ids or names of the machine.
const RENAMED: &[&str] = &["_MACHINE_ID", "_BOOT_ID"];

/// The scrubbed text, on a host named `host`; an error names the line that is no JSON object.
pub fn scrub(text: &str, host: &str) -> Result<String, String> {
    let mut dice = Prng::new(host.bytes().fold(7, |sum, b| sum * 31 + u64::from(b)));
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut out = String::new();
    for (n, line) in text.lines().enumerate() {
        let wrong = |why: String| format!("line {}: expected a JSON object of journalctl -o json, {why}", n + 1);
        let entry: Map<String, Value> = serde_json::from_str(line).map_err(|e| wrong(e.to_string()))?;
        if skipped(&entry) {
            continue;
        }
        let mut kept: Vec<(String, Value)> =
            entry.into_iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())).collect();
        // journalctl's order of fields differs from run to run
        kept.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut clean = Map::new();
        for (name, value) in kept {
            let value = match value.as_str() {
                Some(_) if name == "_HOSTNAME" => json!(host),
                Some(id) if RENAMED.contains(&name.as_str()) => json!(renamed(&mut names, &mut dice, id)),
                Some(cursor) if name == "__CURSOR" => json!(cursor_of(&mut names, &mut dice, cursor)),
                _ => value,
            };
            clean.insert(name, value);
        }
        out.push_str(&Value::Object(clean).to_string());
        out.push('\n');
    }
    Ok(out)
}

/// The lab's own start, which no real host logs.
fn skipped(entry: &Map<String, Value>) -> bool {
    let message = entry.get("MESSAGE").and_then(Value::as_str).unwrap_or_default();
    let unit = entry.get("UNIT").and_then(Value::as_str).unwrap_or_default();
    message.contains("compat systemd cgroup") || unit == "lab.target"
}

/// `s=` (the journal file) and `b=` (the boot) of a cursor are ids of the machine.
fn cursor_of(names: &mut BTreeMap<String, String>, dice: &mut Prng, cursor: &str) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some((key @ ("s" | "b"), id)) => format!("{key}={}", renamed(names, dice, id)),
        _ => part.to_owned(),
    };
    cursor.split(';').map(part).collect::<Vec<_>>().join(";")
}

fn renamed(names: &mut BTreeMap<String, String>, dice: &mut Prng, id: &str) -> String {
    names.entry(id.to_owned()).or_insert_with(|| dice.id()).clone()
}
