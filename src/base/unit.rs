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
/// Text forms of a journal name the process (`indexer[71]:`), systemd names the unit (`indexer.service:`), Kubernetes
/// names a replica (`indexer-7ff54bf6b6-m2n95`). All have the same stem, and whatever looks for "lines of the same unit"
/// compares stems.
pub fn stem(name: &str) -> &str {
    match unit_kind(name) {
        Some("service" | "scope" | "socket") => &name[..name.rfind('.').unwrap_or(name.len())],
        None => match pod(name) {
            Some(pod) => workload(pod).unwrap_or(pod),
            None => workload(name).unwrap_or(name),
        },
        _ => name,
    }
}

/// The pod of `namespace/pod/container`.
fn pod(name: &str) -> Option<&str> {
    let mut parts = name.split('/');
    let (_, pod, _) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && !pod.is_empty()).then_some(pod)
}

/// The deployment of one of its pods (`web-7ff54bf6b6-m2n95`) or replica sets (`web-7ff54bf6b6`).
fn workload(name: &str) -> Option<&str> {
    // The letters of names that Kubernetes makes up.
    let made_up = |part: &str| part.bytes().all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b));
    let digit = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    let (front, last) = name.rsplit_once('-')?;
    let set = match last.len() {
        5 if made_up(last) => front,
        8..=10 => name,
        _ => return None,
    };
    let (front, hash) = set.rsplit_once('-')?;
    (matches!(hash.len(), 7..=10) && made_up(hash) && digit(hash) && !front.is_empty()).then_some(front)
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
        assert_eq!(stem("web-7ff54bf6b6-m2n95"), "web");
        assert_eq!(stem("redis-cart-58649b5469"), "redis-cart");
        assert_eq!(stem("shop/web-7ff54bf6b6-m2n95/server"), "web");
        assert_eq!(stem("shop/db-0/server"), "db-0");
        for name in ["web-m2n95", "web-pgsql", "a-20240511-m2n95", "7ff54bf6b6-m2n95", "web-backend-https", "web-0"] {
            assert_eq!(stem(name), name);
        }
    }
}
