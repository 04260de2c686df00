//! An address as it may be shown.
//!
//! In: a URL. Out: the same without user, password, fragment, and values of its query that may be secret. It must never let
//! a part through that only whoever asks may know.

/// Names of query parameters whose values are shown when they are short words.
const PLAIN: &[&str] =
    &["limit", "hours", "page", "since", "window", "days", "format", "query", "q", "db", "offset", "n"];

/// The URL without user and password, with the values of its query masked but for those that are known to be plain.
pub fn shown_url(url: &str) -> String {
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    let (place, query) = match url.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (url, None),
    };
    let mut shown = match place.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => place.to_owned(),
    };
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && !PLAIN.contains(&name.to_ascii_lowercase().as_str()) => {
                shown += name;
                shown += "=[masked]";
            }
            _ => shown += pair,
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_not_shown() {
        for (url, shown) in [
            ("http://127.0.0.1:8443/health/detail", "http://127.0.0.1:8443/health/detail"),
            ("https://alice:pw@host/x", "https://host/x"),
            ("https://a@b:c@host:1/x@y", "https://host:1/x@y"),
            ("http://h/x?limit=5&api_key=abc&x=1#token=9", "http://h/x?limit=5&api_key=[masked]&x=[masked]"),
            ("http://h?token=abc", "http://h?token=[masked]"),
            ("http://h/?flag&e=", "http://h/?flag&e="),
            ("${BASE}/health", "${BASE}/health"),
            ("http://user:pw@h", "http://h"),
        ] {
            assert_eq!(shown_url(url), shown, "{url}");
        }
    }
}
