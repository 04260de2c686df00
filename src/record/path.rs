//! The unit that a file's name tells.

use std::path::Path;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::base::Stamp;

/// What rotation, compression and habit append to a log's name.
const SUFFIXES: &[&str] = &[
    "gz", "zst", "xz", "bz2", "lz4", "log", "txt", "json", "jsonl", "ndjson", "out", "err", "old", "journal", "export",
];

/// The unit of records in the file at `path` that do not name theirs.
///
/// ```
/// use std::path::Path;
/// use logtriage::record::unit_of_path;
/// assert_eq!(unit_of_path(Path::new("logs/api-json.log.1.gz")), "api");
/// assert_eq!(unit_of_path(Path::new("watch-all/20260515T180000_goal.log")), "goal");
/// assert_eq!(unit_of_path(Path::new("/var/log/pods/prod_web-1_0a1b/app/0.log")), "prod/web-1/app");
/// ```
pub fn unit_of_path(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(unit) = of_pod(path).or_else(|| of_container(&name)) {
        return unit;
    }
    let stem = after_stamp(strip(&name));
    if stem.is_empty() { "-".to_owned() } else { stem.to_owned() }
}

/// `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<n>.log`
fn of_pod(path: &Path) -> Option<String> {
    let stem = path.file_name()?.to_str()?;
    if !stem.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let container = path.parent()?;
    let folder = container.parent()?;
    let mut parts = folder.file_name()?.to_str()?.splitn(3, '_');
    let (namespace, pod, uid) = (parts.next()?, parts.next()?, parts.next()?);
    if namespace.is_empty() || pod.is_empty() || uid.is_empty() {
        return None;
    }
    Some(format!("{namespace}/{pod}/{}", container.file_name()?.to_str()?))
}

/// `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`, docker's `<id>-json.log`.
fn of_container(name: &str) -> Option<String> {
    let stem = strip(name);
    let id = stem.get(stem.len().checked_sub(64)?..)?;
    if !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    if stem.len() == 64 {
        return id.get(..12).map(str::to_owned);
    }
    let mut parts = stem.get(..stem.len() - 64)?.strip_suffix('-')?.splitn(3, '_');
    let (pod, namespace, container) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{namespace}/{pod}/{container}"))
}

/// The name without suffixes, as long as something is left.
fn strip(name: &str) -> &str {
    let mut name = name;
    loop {
        let shorter = match name.rsplit_once('.') {
            Some((stem, last)) if SUFFIXES.contains(&last) || is_rotation(last) => stem,
            _ => match name.rsplit_once('-') {
                Some((stem, last)) if last == "json" || is_date(last) => stem,
                _ => return name,
            },
        };
        if shorter.is_empty() {
            return name;
        }
        name = shorter;
    }
}

/// What follows a time in front of a name: `goal` of `20260515T180000_goal`.
fn after_stamp(name: &str) -> &str {
    let end = name.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | 'T' | 'Z' | '_' | ':'))).unwrap_or(0);
    let (stamp, rest) = name.split_at(end);
    let digits = stamp.bytes().filter(u8::is_ascii_digit).count();
    let fits = (digits == 12 || digits == 14) && stamp.ends_with(['_', '-']);
    if fits && rest.starts_with(|c: char| c.is_ascii_alphabetic()) { rest } else { name }
}

/// When the file at `path` was begun, where its name begins with a time: `20260515T180000_goal.log`. Without `Z` it is a time
/// of `zone`.
pub fn begin_of_path(path: &Path, zone: &TimeZone) -> Option<Stamp> {
    let name = path.file_name()?.to_str()?;
    let stem = strip(name);
    let stamp = stem.strip_suffix(after_stamp(stem)).filter(|stamp| !stamp.is_empty())?;
    let digits: String = stamp.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    let year = digits.get(..4)?.parse::<i16>().ok()?;
    let second = if digits.len() == 14 { part(12..14)? } else { 0 };
    let time = civil::DateTime::new(year, part(4..6)?, part(6..8)?, part(8..10)?, part(10..12)?, second, 0).ok()?;
    let zone = if stamp.contains('Z') { &TimeZone::UTC } else { zone };
    Stamp::from_jiff(zone.to_ambiguous_zoned(time).compatible().ok()?.timestamp())
}

/// `.1`, `.20260101`, `.2026-01-01`.
fn is_rotation(part: &str) -> bool {
    !part.is_empty() && (part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit()) || is_date(part))
}

/// `20260101`, with or without a time or an epoch behind it.
fn is_date(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    (8..=14).contains(&digits) && part.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'T'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_front_of_a_name_is_when_the_file_was_begun() {
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        for (path, begin) in [
            ("logs/20260515T180000_goal.log", Some("2026-05-15T23:00:00Z")),
            ("20260515T180000Z_goal.log", Some("2026-05-15T18:00:00Z")),
            ("2026-05-15_18-00-07_goal.log.1.gz", Some("2026-05-15T23:00:07Z")),
            ("202605151800_goal.log", Some("2026-05-15T23:00:00Z")),
            ("20261315T180000_goal.log", None),
            ("20260515_goal.log", None),
            ("20260515T180000.log", None),
            ("goal.log", None),
            ("", None),
        ] {
            let found = begin_of_path(Path::new(path), &zone).map(Stamp::rfc3339);
            assert_eq!(found.as_deref(), begin, "{path}");
        }
    }

    #[test]
    fn names_become_units() {
        let id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        for (path, unit) in [
            ("api.log", "api"),
            ("api-json.log", "api"),
            ("/var/log/nginx/error.log.2.gz", "error"),
            ("messages-20260101.xz", "messages"),
            ("app.log-20260101-1700000000", "app"),
            ("web.out", "web"),
            ("nats.err.1", "nats"),
            ("syslog", "syslog"),
            (".log", ".log"),
            ("", "-"),
            ("api.v2.log", "api.v2"),
            ("/var/log/pods/kube-system_coredns-1_77aa/coredns/0.log", "kube-system/coredns-1/coredns"),
            ("/var/log/pods/a_b_c/d/0.log.20260101-101010.gz", "a/b/d"),
            ("2026/app.jsonl.zst", "app"),
        ] {
            assert_eq!(unit_of_path(Path::new(path)), unit, "{path}");
        }
        assert_eq!(unit_of_path(Path::new(&format!("web-1_prod_app-{id}.log"))), "prod/web-1/app");
        assert_eq!(unit_of_path(Path::new(&format!("{id}-json.log"))), "0123456789ab");
    }
}
