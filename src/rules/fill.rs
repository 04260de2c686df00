//! Placeholders in the words of packs.

use std::borrow::Cow;

/// Puts values in place of `{name}`. A name without a value is shown as `NAME`, for the reader to fill in.
pub fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(rest.get(..open).unwrap_or_default());
        let after = rest.get(open + 1..).unwrap_or_default();
        let name = after.find('}').and_then(|close| after.get(..close)).unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        // `{{.Names}}` is a Go template of docker and podman, `${X}` a variable of the shell, `%{http_code}` one of curl.
        if is_name && !out.ends_with(['{', '$', '%']) {
            match value(name) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&name.to_ascii_uppercase()),
            }
            rest = after.get(name.len() + 1..).unwrap_or_default();
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_values_and_templates_stay() {
        let value = |name: &str| (name == "port").then_some(Cow::Borrowed("8443"));
        for (text, filled) in [
            ("ss -ltnp 'sport = :{port}'", "ss -ltnp 'sport = :8443'"),
            ("restart {unit}", "restart UNIT"),
            ("podman ps --format '{{.Names}}'", "podman ps --format '{{.Names}}'"),
            ("curl -w '%{http_code}' ${HOST}", "curl -w '%{http_code}' ${HOST}"),
            ("{", "{"),
            ("{}", "{}"),
        ] {
            assert_eq!(fill(text, value), filled);
        }
    }
}
