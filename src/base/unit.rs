//! Names of units: what an operator can act on.

/// The suffixes systemd gives to unit names.
const KINDS: &[&str] =
    &["service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path", "slice", "scope"];

/// The unit type of a systemd unit name (`service` for `a.service`), `None` for a name without one.
pub fn unit_kind(name: &str) -> Option<&'static str> {
    let (stem, kind) = name.rsplit_once('.')?;
    if stem.is_empty() { None } else { KINDS.iter().copied().find(|k| *k == kind) }
}

/// The part of a unit name that its processes also use as identifier: `indexer` for `indexer.service`.
///
/// Text forms of a journal name the process (`indexer[71]:`), systemd names the unit (`indexer.service:`). Both have
/// the same stem, and whatever looks for "lines of the same unit" compares stems.
pub fn stem(name: &str) -> &str {
    match unit_kind(name) {
        Some("service" | "scope" | "socket") => &name[..name.rfind('.').unwrap_or(name.len())],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_stems() {
        assert_eq!(unit_kind("a.service"), Some("service"));
        assert_eq!(unit_kind(".service"), None);
        assert_eq!(unit_kind("api.v2"), None);
        assert_eq!(stem("indexer.service"), "indexer");
        assert_eq!(stem("indexer"), "indexer");
        assert_eq!(stem("var-lib.mount"), "var-lib.mount");
        assert_eq!(stem("getty@tty1.service"), "getty@tty1");
    }
}
