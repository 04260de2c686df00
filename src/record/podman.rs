//! podman's event lines: `2023-07-06 21:55:50.07 +0000 UTC m=+1.12 container died <id> (image=..., name=web, ...)`.

/// The container's unit (its Quadlet unit, else its name) and id, of an event line.
pub fn subject(message: &[u8]) -> Option<(&str, &str)> {
    let text = std::str::from_utf8(message.get(..4096.min(message.len()))?).ok()?;
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let after = text.get(text.find(" container ")? + 11..)?;
    let open = after.find(" (")?;
    let id = after.get(..open)?.rsplit(' ').next().filter(|id| id.len() >= 12)?;
    if !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let labels = after.get(open + 2..)?;
    let value = |key: &str| -> Option<&str> {
        let mut from = 0;
        while let Some(at) = labels.get(from..)?.find(key) {
            let start = from + at;
            let begins = start == 0 || labels.get(..start).is_some_and(|before| before.ends_with(", "));
            if begins {
                let value = labels.get(start + key.len()..)?;
                return value.get(..value.find([',', ')']).unwrap_or(value.len())).filter(|v| !v.is_empty());
            }
            from = start + key.len();
        }
        None
    };
    Some((value("PODMAN_SYSTEMD_UNIT=").or_else(|| value("name="))?, id))
}

#[cfg(test)]
mod tests {
    use super::subject;

    #[test]
    fn events_name_their_container() {
        let line = b"2023-07-06 21:55:50.079469691 +0000 UTC m=+1.1 container died 0123456789abcdef (image=x, name=web, PODMAN_SYSTEMD_UNIT=web.service)";
        assert_eq!(subject(line), Some(("web.service", "0123456789abcdef")));
        let line = b"2023-07-06 21:55:50 +0000 UTC container start 0123456789abcdef (image=x, name=web)";
        assert_eq!(subject(line), Some(("web", "0123456789abcdef")));
        assert_eq!(subject(b"Error: container x (name=web)"), None);
        assert_eq!(subject(b""), None);
    }
}
