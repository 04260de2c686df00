//! A request over HTTP or HTTPS.
//!
//! In: a request as it was written down. Out: the status, the headers that were asked for, and the body. It follows no
//! redirect to another host, so a token goes only where it was meant for; it trusts the certificates that the machine
//! trusts; it ends in time also when a server sends a byte a second, or never stops.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body as Stream, Error, Timeout};

use super::LARGEST;
use super::answer::{Body, Found};
use super::around::Around;
use super::ask::Deadline;
use super::failure::{Failure, Reason, words};
use super::model::{Http, Method};
use super::shown::shown_url;

/// So many redirects within one host are followed.
const HOPS: usize = 5;
/// So many characters of an error's body are shown with its status.
const SNIPPET: usize = 200;
/// The day has so many seconds.
const DAY: i64 = 86_400;

pub(super) fn ask(http: &Http, until: Deadline, around: &Around) -> Result<Found, Failure> {
    let filled = around.text(&http.url)?;
    let mut found = Found { secrets: filled.secrets, ..Found::default() };
    if http.method != Method::Get {
        found.tell("method", http.method.word());
    }
    let mut url = filled.text;
    found.tell("url", shown_url(&url));
    let login = take_login(&mut url);
    let headers = match headers(http, around, &mut found.secrets) {
        Ok(mut headers) => {
            headers.extend(login.map(|login| basic(&login, &mut found.secrets)));
            headers
        }
        Err(failure) => {
            found.fail(failure);
            return Ok(found);
        }
    };
    for _ in 0..=HOPS {
        let response = match send(http, &url, &headers, until) {
            Ok(response) => response,
            Err(failure) => {
                found.fail(failure);
                return Ok(found);
            }
        };
        let status = response.status().as_u16();
        if !(300..400).contains(&status) || http.method == Method::Post || http.expect.contains(&status) {
            read(http, response, until, &mut found);
            return Ok(found);
        }
        found.tell("status", status);
        let Some(target) = location(&response) else {
            found.fail(Failure::new(Reason::Status, told(&response)));
            return Ok(found);
        };
        match same_host(&url, &target) {
            Some(next) => url = next,
            None => {
                let shown = shown_url(&target);
                let why = format!("{}, to {shown}: not followed, it is another host", told(&response));
                found.fail(Failure::new(Reason::Status, why));
                return Ok(found);
            }
        }
    }
    found.fail(Failure::new(Reason::Status, format!("more than {HOPS} redirects")));
    Ok(found)
}

/// The headers to send. Values that must not be shown are added to `secrets`.
fn headers(http: &Http, around: &Around, secrets: &mut Vec<String>) -> Result<Vec<(String, String)>, Failure> {
    let mut headers = Vec::new();
    if let Some(bearer) = &http.bearer {
        let token = around.secret(bearer)?;
        headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        secrets.push(token);
    }
    for (name, given) in &http.headers {
        let (value, secret) = around.given(given)?;
        // A token that was written out is a secret all the same.
        let lower = name.to_ascii_lowercase();
        if secret || ["auth", "key", "token", "cookie", "secret"].iter().any(|part| lower.contains(part)) {
            let bare = value.split_once(' ').map_or(value.as_str(), |(_, token)| token);
            secrets.extend([bare.to_owned(), value.clone()]);
        }
        headers.push((name.clone(), value));
    }
    let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let (Some(body), false) = (&http.body, typed) {
        let json = body.trim_start().starts_with(['{', '[']);
        let kind = if json { "application/json" } else { "text/plain; charset=utf-8" };
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    Ok(headers)
}

/// One request, to the head of its answer.
fn send(http: &Http, url: &str, headers: &[(String, String)], until: Deadline) -> Result<Response<Stream>, Failure> {
    let uri: Uri = url.parse().map_err(|_| wrong_address(url))?;
    let host = uri.host().ok_or_else(|| wrong_address(url))?.to_owned();
    let left = until.left();
    if left.is_zero() {
        return Err(slow(until));
    }
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .user_agent(concat!("logtriage/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(left))
        // A little less than the whole: then it is told that nobody was reached, not that the answer was slow.
        .timeout_connect(Some(left.mul_f32(0.9)));
    if uri.scheme_str() == Some("https") {
        config = config.tls_config(tls()?);
    }
    if is_this_machine(&host) {
        config = config.proxy(None);
    }
    let agent = config.build().new_agent();
    let result = match http.method {
        Method::Get | Method::Head => {
            let request = if http.method == Method::Get { agent.get(url) } else { agent.head(url) };
            headers.iter().fold(request, |request, (name, value)| request.header(name, value)).call()
        }
        Method::Post => {
            let request = agent.post(url);
            let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
            request.send(http.body.as_deref().unwrap_or("").as_bytes())
        }
    };
    result.map_err(|why| no_answer(why, &host, until))
}

/// Reads the answer into `found`.
fn read(http: &Http, response: Response<Stream>, until: Deadline, found: &mut Found) {
    let status = response.status().as_u16();
    found.tell("status", status);
    keep(http, &response, found);
    let line = told(&response);
    let mut bytes = Vec::new();
    let mut short = None;
    let mut reader = response.into_body().into_reader();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(why) => {
                short = Some(broken(Error::from(why), bytes.len(), until));
                break;
            }
        }
        if bytes.len() > LARGEST {
            bytes.truncate(LARGEST);
            let what = format!("the answer is longer than {} MiB, the rest was not read", LARGEST >> 20);
            short = Some(Failure::new(Reason::TooLarge, what));
            break;
        }
        if until.over() {
            short = Some(slow(until));
            break;
        }
    }
    found.tell("bytes", bytes.len());
    let fine = if http.expect.is_empty() { (200..300).contains(&status) } else { http.expect.contains(&status) };
    if !fine {
        let reason = match status {
            401 => Reason::Unauthorized,
            403 => Reason::Forbidden,
            _ => Reason::Status,
        };
        let snippet = snippet(&bytes);
        let more = if snippet.is_empty() { String::new() } else { format!(": {snippet}") };
        found.fail(Failure::new(reason, format!("{line}{more}")));
    }
    let whole = short.is_none();
    if let Some(short) = short {
        found.fail(short);
    }
    // The page that a server shows with an error is no log; what it says in JSON may be known.
    found.bodies.push(Body { bytes, whole, documents: !fine, path: None, name: None });
}

/// The headers that the row shall tell; how many days are left when one of them is a time.
fn keep(http: &Http, response: &Response<Stream>, found: &mut Found) {
    let mut kept = serde_json::Map::new();
    let mut days: Option<i64> = None;
    for name in &http.keep {
        let Some(value) = response.headers().get(name).and_then(|value| value.to_str().ok()) else { continue };
        let name = name.to_ascii_lowercase();
        // A cookie opens a door as a token does.
        let secret = ["set-cookie", "cookie", "authorization", "proxy-authorization"].contains(&name.as_str());
        kept.insert(name, if secret { "[masked]" } else { value }.into());
        if let Some(time) = moment(value) {
            let left = (time.as_second() - jiff::Timestamp::now().as_second()).div_euclid(DAY);
            days = Some(days.map_or(left, |days| days.min(left)));
        }
    }
    if !kept.is_empty() {
        found.tell("headers", kept);
    }
    if let Some(days) = days {
        found.tell("days_left", days);
    }
}

/// `2026-12-01T00:00:00Z`, `2026-12-01 00:00:00 UTC`, `2026-12-01 00:00:00 +0200`, or the form of HTTP dates.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp());
    }
    if let Ok(zoned) = jiff::Zoned::strptime("%Y-%m-%d %H:%M:%S %z", text) {
        return Some(zoned.timestamp());
    }
    let plain = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).unwrap_or(text).trim_end();
    let civil: jiff::civil::DateTime = plain.parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn no_answer(why: Error, host: &str, until: Deadline) -> Failure {
    let unreachable = |what: String| Failure::new(Reason::Unreachable, what);
    match why {
        Error::Timeout(Timeout::Connect | Timeout::Resolve | Timeout::SendRequest) => {
            unreachable(format!("no connection to {host} within {}", until.words()))
        }
        Error::Timeout(_) => slow(until),
        Error::HostNotFound => unreachable(format!("the name {host} is not known")),
        Error::Io(why) if why.kind() == std::io::ErrorKind::UnexpectedEof => {
            Failure::new(Reason::Cut, "the connection was closed before an answer came")
        }
        Error::Io(why) if why.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            unreachable(format!("TLS: {why}"))
        }
        Error::Io(why) if why.to_string().starts_with("failed to lookup address") => {
            unreachable(format!("the name {host} is not known"))
        }
        Error::Io(why) => unreachable(words(&why)),
        Error::Tls(why) => unreachable(format!("TLS: {why}")),
        Error::Rustls(why) => unreachable(format!("TLS: {why}")),
        Error::Protocol(why) => Failure::new(Reason::NotHttp, format!("what answers does not speak HTTP: {why}")),
        Error::LargeResponseHeader(..) => Failure::new(Reason::NotHttp, "the head of the answer has no end"),
        Error::BadUri(_) | Error::Http(_) => {
            Failure::new(Reason::Failed, "the address or a header holds what HTTP does not allow")
        }
        other => unreachable(other.to_string()),
    }
}

/// The body ended before its end.
fn broken(why: Error, read: usize, until: Deadline) -> Failure {
    match why {
        Error::Timeout(_) => slow(until),
        Error::Io(why) => Failure::new(Reason::Cut, format!("the answer ended after {read} bytes: {}", words(&why))),
        why => Failure::new(Reason::Cut, format!("the answer ended after {read} bytes: {why}")),
    }
}

fn slow(until: Deadline) -> Failure {
    Failure::new(Reason::Slow, format!("no whole answer within {}", until.words()))
}

fn wrong_address(url: &str) -> Failure {
    let what = format!("expected an address such as http://127.0.0.1:8080/health, found {}", shown_url(url));
    Failure::new(Reason::Failed, what)
}

/// `401 Unauthorized`.
fn told(response: &Response<Stream>) -> String {
    response.status().to_string()
}

/// The beginning of a body, on one line.
fn snippet(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(bytes.get(..SNIPPET * 4).unwrap_or(bytes)).into_owned();
    if head.trim_start().starts_with('<') {
        return String::new();
    }
    let words = head.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(SNIPPET).collect()
}

fn location(response: &Response<Stream>) -> Option<String> {
    response.headers().get("location")?.to_str().ok().map(str::to_owned)
}

/// Where `target` leads, seen from `url`, when that is the same scheme, host and port.
fn same_host(url: &str, target: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    if let Some(path) = target.strip_prefix('/').filter(|path| !path.starts_with('/')) {
        return Some(format!("{scheme}://{authority}/{path}"));
    }
    let from: Uri = url.parse().ok()?;
    let to: Uri = target.parse().ok()?;
    let port = |uri: &Uri| uri.port_u16().or(if uri.scheme_str() == Some("https") { Some(443) } else { Some(80) });
    let same = from.scheme()? == to.scheme()?
        && from.host()?.eq_ignore_ascii_case(to.host()?)
        && port(&from) == port(&to)
        && from.authority()?.as_str().contains('@') == to.authority()?.as_str().contains('@');
    same.then(|| target.to_owned())
}

/// Takes user and password out of a URL: `user:password`, without their escapes.
fn take_login(url: &mut String) -> Option<Vec<u8>> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (login, host) = authority.rsplit_once('@')?;
    let bare = format!("{scheme}://{host}{path}");
    let mut plain = Vec::new();
    let mut bytes = login.as_bytes();
    while let Some((first, more)) = bytes.split_first() {
        let digits = more.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let escape = digits.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        plain.push(escape.unwrap_or(*first));
        bytes = if escape.is_some() { more.get(2..).unwrap_or_default() } else { more };
    }
    *url = bare;
    Some(plain)
}

/// The header for user and password, all of whose parts are secret.
fn basic(login: &[u8], secrets: &mut Vec<String>) -> (String, String) {
    let text = String::from_utf8_lossy(login).into_owned();
    let coded = base64(login);
    secrets.extend(text.split_once(':').map(|(_, password)| password.to_owned()));
    secrets.extend([text, coded.clone()]);
    ("Authorization".to_owned(), format!("Basic {coded}"))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0u32, |sum, i| sum << 8 | u32::from(three.get(i).copied().unwrap_or(0)));
        for place in 0..4 {
            let letter = LETTERS.get((number >> (18 - 6 * place)) as usize & 63).copied().unwrap_or(b'=');
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What TLS trusts: the certificates of this machine, read once.
fn tls() -> Result<TlsConfig, Failure> {
    static ROOTS: OnceLock<Vec<Certificate<'static>>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs();
        found.certs.iter().map(|der| Certificate::from_der(der.as_ref()).to_owned()).collect()
    });
    if roots.is_empty() {
        let what = "TLS: this machine trusts no certificate (is ca-certificates installed?)";
        return Err(Failure::new(Reason::Unreachable, what));
    }
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::new_with_certs(roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_their_host() {
        for (url, target, next) in [
            ("http://h:1/a", "/b?c", Some("http://h:1/b?c")),
            ("http://h:1/a", "http://h:1/b", Some("http://h:1/b")),
            ("http://h/a", "http://H:80/b", Some("http://H:80/b")),
            ("http://h:1/a", "http://h:2/b", None),
            ("http://h/a", "https://h/b", None),
            ("https://h/a", "http://h/b", None),
            ("http://h/a", "//other/b", None),
            ("http://h/a", "http://other/b", None),
            ("http://h/a", "http://h@other/b", None),
            ("http://h/a", "b", None),
            ("http://h/a", "javascript:1", None),
        ] {
            assert_eq!(same_host(url, target).as_deref(), next, "{url} {target}");
        }
    }

    #[test]
    fn user_and_password_leave_the_address() {
        for (url, bare, login) in [
            ("http://h/a@b", "http://h/a@b", None),
            ("http://alice:p%40ss@h:1/x", "http://h:1/x", Some("alice:p@ss")),
            ("http://alice:p%4@h", "http://h", Some("alice:p%4")),
            ("http://a@b:c@h?x=@", "http://h?x=@", Some("a@b:c")),
        ] {
            let mut left = url.to_owned();
            let taken = take_login(&mut left).map(|login| String::from_utf8(login).unwrap());
            assert_eq!((left.as_str(), taken.as_deref()), (bare, login), "{url}");
        }
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("alice:p@ss", "YWxpY2U6cEBzcw==")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn times_in_headers_are_read() {
        for text in [
            "2026-12-01T00:00:00Z",
            "2026-12-01 00:00:00 UTC",
            "2026-12-01 02:00:00 +0200",
            "Tue, 01 Dec 2026 00:00:00 GMT",
            "2026-12-01 00:00:00",
        ] {
            assert_eq!(moment(text).map(|time| time.to_string()).as_deref(), Some("2026-12-01T00:00:00Z"), "{text}");
        }
        assert_eq!(moment("soon"), None);
    }

    #[test]
    fn this_machine_needs_no_proxy() {
        for (host, here) in
            [("localhost", true), ("127.0.0.1", true), ("[::1]", true), ("10.0.0.1", false), ("h", false)]
        {
            assert_eq!(is_this_machine(host), here, "{host}");
        }
    }
}
