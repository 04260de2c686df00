//! Requests, against servers that answer well, badly, slowly, or never stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::*;

/// A server that hands each connection, after its head was read, to `serve`. The heads come out of the receiver.
fn server(serve: impl Fn(&mut TcpStream, &str) + Send + 'static) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, heads) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let head = head(&stream);
            // The test is over when nobody listens.
            let _ = sender.send(head.clone());
            serve(&mut stream, &head);
        }
    });
    (address, heads)
}

/// The head of a request, and its body where it says how long it is.
fn head(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while let Ok(n) = reader.read_line(&mut head) {
        if n == 0 || head.ends_with("\r\n\r\n") {
            break;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    head + &String::from_utf8_lossy(&body)
}

fn reply(stream: &mut TcpStream, status: &str, more: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n", body.len());
    let _ = stream.write_all((head + body).as_bytes());
}

fn get(address: SocketAddr, path: &str) -> Http {
    Http {
        url: format!("http://{address}{path}"),
        method: Method::Get,
        body: None,
        bearer: None,
        headers: Vec::new(),
        expect: Vec::new(),
        keep: Vec::new(),
    }
}

fn ask(http: Http, timeout: Span) -> Vec<Value> {
    rows(Target::Http(http), timeout, &around(&[("SECRET", "t0ken-1234")]))
}

#[test]
fn a_good_answer_becomes_rows() {
    let (address, heads) = server(|stream, _| {
        reply(stream, "200 OK", "X-Token-Expiration: 2200-01-01 00:00:00 UTC\r\n", "{\"ok\": true, \"queue_size\": 3}");
    });
    let http = Http { keep: vec!["x-token-expiration".into(), "x-none".into()], ..get(address, "/health?n=1&key=abc") };
    let rows = ask(http, LONG);
    assert_eq!(word(&rows), "ok");
    assert_eq!((&rows[0]["probe"], &rows[0]["kind"], &rows[0]["status"]), (&"try".into(), &"http".into(), &200.into()));
    assert_eq!(rows[0]["url"], format!("http://{address}/health?n=1&key=[masked]"));
    assert_eq!(rows[0]["headers"]["x-token-expiration"], "2200-01-01 00:00:00 UTC");
    assert!(rows[0]["days_left"].as_i64().unwrap() > 50_000, "{}", rows[0]);
    assert_eq!((&rows[0]["bytes"], &rows[0]["@unit"]), (&29.into(), &"unit-a".into()));
    assert_eq!((rows.len(), &rows[1]["queue_size"], rows[1].get("@row")), (2, &3.into(), None));
    let head = heads.recv().unwrap();
    assert!(head.starts_with("GET /health?n=1&key=abc HTTP/1.1\r\n"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("authorization"), "{head}");
}

#[test]
fn text_becomes_lines_and_a_body_is_posted() {
    let (address, heads) = server(|stream, _| reply(stream, "200 OK", "", "queue_size 3\n\nuptime 9\n"));
    let http = Http { method: Method::Post, body: Some("{\"query\":\"SELECT 1\"}".into()), ..get(address, "/q") };
    let rows = ask(http, LONG);
    let lines: Vec<&str> = rows[1..].iter().map(|row| row["message"].as_str().unwrap()).collect();
    assert_eq!((word(&rows), lines, &rows[1]["@at"]), ("ok", vec!["queue_size 3", "uptime 9"], &"/0".into()));
    assert_eq!(rows[0]["method"], "POST");
    let head = heads.recv().unwrap();
    assert!(head.starts_with("POST /q HTTP/1.1\r\n") && head.ends_with("\r\n\r\n{\"query\":\"SELECT 1\"}"), "{head}");
    assert!(head.to_ascii_lowercase().contains("\r\ncontent-type: application/json\r\n"), "{head}");
}

#[test]
fn every_bad_status_has_its_word() {
    for (status, expect, is, detail) in [
        ("401 Unauthorized", vec![], "unauthorized", "401 Unauthorized: {\"detail\":\"unauthorized\"}"),
        ("403 Forbidden", vec![], "forbidden", "403 Forbidden: {\"detail\":\"unauthorized\"}"),
        ("500 Internal Server Error", vec![], "status", "500 Internal Server Error: {\"detail\":\"unauthorized\"}"),
        ("404 Not Found", vec![200, 404], "ok", ""),
        ("204 No Content", vec![200], "status", "204 No Content"),
        ("304 Not Modified", vec![], "status", "304 Not Modified"),
    ] {
        let (address, _heads) = server(move |stream, _| {
            let body = if status.starts_with(['2', '3']) { "" } else { "{\"detail\":\"unauthorized\"}" };
            reply(stream, status, "", body);
        });
        let rows = ask(Http { expect, ..get(address, "/") }, LONG);
        assert_eq!((word(&rows), rows[0]["detail"].as_str().unwrap_or("")), (is, detail), "{status}");
        assert_eq!(rows[0]["status"].as_u64().unwrap().to_string(), status[..3]);
        let message = rows[0]["message"].as_str().unwrap_or("");
        assert!(is == "ok" || message == format!("probe try: {is}: {detail}"), "{message}");
        // What the server says about it in JSON is a row; a page would not be.
        assert_eq!(rows.len(), if status.starts_with(['2', '3']) { 1 } else { 2 }, "{rows:?}");
    }
}

#[test]
fn an_error_page_is_no_log() {
    let (address, _heads) =
        server(|stream, _| reply(stream, "502 Bad Gateway", "", "<html>ERROR\n<p>FATAL\n</html>\n"));
    let rows = ask(get(address, "/"), LONG);
    assert_eq!((rows.len(), rows[0]["detail"].as_str()), (1, Some("502 Bad Gateway")));
}

#[test]
fn an_answer_that_is_cut_is_told() {
    let cut: [fn(&mut TcpStream); 2] = [
        |stream| drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\": tr")),
        |stream| drop(stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"ok\": tr")),
    ];
    for serve in cut {
        let (address, _heads) = server(move |stream, _| serve(stream));
        let rows = ask(get(address, "/"), LONG);
        assert_eq!((word(&rows), rows.len()), ("cut", 1), "{rows:?}");
        assert!(rows[0]["detail"].as_str().unwrap().starts_with("the answer ended after "), "{}", rows[0]);
    }
    // Before the first byte.
    let (address, _heads) = server(|_, _| {});
    assert_eq!(word(&ask(get(address, "/"), LONG)), "cut");
}

#[test]
fn a_server_that_never_answers_is_slow() {
    let (address, _heads) = server(|stream, _| drop(stream.read(&mut [0; 1])));
    let rows = ask(get(address, "/"), Span::millis(300));
    assert_eq!((word(&rows), rows[0]["detail"].as_str()), ("slow", Some("no whole answer within 300 ms")));
}

#[test]
fn a_server_that_drips_is_slow() {
    let (address, _heads) = server(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while stream.write_all(b".").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let rows = ask(get(address, "/"), Span::millis(400));
    assert_eq!((word(&rows), &rows[0]["status"], rows.len()), ("slow", &200.into(), 1), "{rows:?}");
}

#[test]
fn a_head_that_drips_is_slow() {
    let (address, _heads) = server(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX: ");
        while stream.write_all(b".").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(word(&ask(get(address, "/"), Span::millis(400))), "slow");
}

#[test]
fn an_endless_answer_ends() {
    let (address, _heads) = server(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let block = "a line that is long enough, so that so many of them are fewer than the most rows that are made of one answer, and whole\n".repeat(20_000);
        while stream.write_all(block.as_bytes()).is_ok() {}
    });
    let rows = ask(get(address, "/"), LONG);
    assert_eq!((word(&rows), &rows[0]["bytes"]), ("too-large", &LARGEST.into()));
    // Lines that are whole are kept.
    assert_eq!(rows.len() - 1, LARGEST / "a line that is long enough, so that so many of them are fewer than the most rows that are made of one answer, and whole\n".len());
}

#[test]
fn a_huge_document_is_told_and_not_read_by_half() {
    let (address, _heads) = server(|stream, _| {
        let body = format!("[{}0]", "1,".repeat(LARGEST / 2 + 10));
        reply(stream, "200 OK", "", &body);
    });
    let rows = ask(get(address, "/"), LONG);
    assert_eq!((word(&rows), rows.len()), ("too-large", 1));
}

#[test]
fn garbage_is_not_http() {
    for garbage in ["SSH-2.0-OpenSSH_9.6\r\n", "\0\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/9 what\r\n\r\n"] {
        let (address, _heads) = server(move |stream, _| drop(stream.write_all(garbage.as_bytes())));
        let rows = ask(get(address, "/"), LONG);
        assert_eq!(word(&rows), "not-http", "{rows:?}");
    }
    let (address, _heads) = server(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-Again: and again and again and again\r\n").is_ok() {}
    });
    assert_eq!(word(&ask(get(address, "/"), LONG)), "not-http");
}

#[test]
fn nobody_there() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rows = ask(get(closed, "/"), LONG);
    assert_eq!((word(&rows), rows[0]["detail"].as_str()), ("unreachable", Some("Connection refused")));
    let name = Http { url: "http://no-such-host.invalid/".into(), ..get(closed, "/") };
    assert_eq!(word(&ask(name, LONG)), "unreachable");
    // A server without TLS where TLS is expected.
    let (address, _heads) = server(|stream, _| reply(stream, "200 OK", "", ""));
    let rows = ask(Http { url: format!("https://{address}/"), ..get(address, "/") }, Span::seconds(20));
    assert!(["unreachable", "slow"].contains(&word(&rows)), "{rows:?}");
    let nonsense = Http { url: "http://".into(), ..get(closed, "/") };
    assert_eq!(word(&ask(nonsense, LONG)), "failed");
}

#[test]
fn redirects_are_followed_at_home_only() {
    let (other, strangers) = server(|stream, _| reply(stream, "200 OK", "", "stolen"));
    let (address, heads) = server(move |stream, head| match head.split_whitespace().nth(1) {
        Some("/a") => reply(stream, "302 Found", "Location: /b\r\n", ""),
        Some("/away") => {
            reply(stream, "307 Temporary Redirect", &format!("Location: http://{other}/x?token=9\r\n"), "")
        }
        Some("/loop") => reply(stream, "301 Moved Permanently", "Location: /loop\r\n", ""),
        _ => reply(stream, "200 OK", "", "home"),
    });
    let asks = |path| Http { bearer: Some(Secret::Env("SECRET".into())), ..get(address, path) };
    let rows = ask(asks("/a"), LONG);
    assert_eq!((word(&rows), rows[1]["message"].as_str()), ("ok", Some("home")));
    let rows = ask(asks("/away"), LONG);
    assert_eq!(word(&rows), "status");
    let detail =
        format!("307 Temporary Redirect, to http://{other}/x?token=[masked]: not followed, it is another host");
    assert_eq!(rows[0]["detail"], detail);
    assert_eq!(rows[0]["status"], 307);
    assert!(strangers.try_recv().is_err(), "the other host was asked");
    let rows = ask(asks("/loop"), LONG);
    assert_eq!((word(&rows), rows[0]["detail"].as_str()), ("status", Some("more than 5 redirects")));
    assert_eq!(heads.try_iter().count(), 2 + 1 + 6);
}

#[test]
fn a_token_is_sent_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "f1le\"tok\\en\n").unwrap();
    // The server says everything that it hears.
    let (address, _heads) = server(|stream, head| {
        let lines = head.replace("\r\n", "\n");
        let quoted = Value::from(lines.as_str()).to_string();
        reply(stream, "200 OK", "", &format!("{{\"heard\": {quoted}}}"));
    });
    let secret = |secret| Http { bearer: Some(secret), ..get(address, "/") };
    let headers = vec![
        ("X-Api-Key".to_owned(), Given::Secret(Secret::Env("SECRET".into()))),
        ("X-Plain".to_owned(), Given::Text("plain".into())),
        ("Cookie".to_owned(), Given::Text("session=abc123".into())),
    ];
    for (http, hidden) in [
        (secret(Secret::File(at(&file))), "f1le"),
        (secret(Secret::Env("SECRET".into())), "t0ken-1234"),
        (Http { headers: headers.clone(), ..get(address, "/") }, "t0ken-1234"),
        (Http { headers, ..get(address, "/") }, "abc123"),
        (Http { url: format!("http://alice:passw0rd@{address}/"), ..get(address, "/") }, "passw0rd"),
        (Http { url: format!("http://{address}/bot${{SECRET}}/me"), ..get(address, "/") }, "t0ken-1234"),
    ] {
        let rows = ask(http.clone(), LONG);
        let text = format!("{rows:?}");
        assert_eq!(word(&rows), "ok", "{text}");
        assert!(text.contains("[masked]") && !text.contains(hidden), "{hidden}: {text}");
        let target = Target::Http(http.clone());
        let shown = format!("{http:?} {target:?} {}", target.describe());
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn without_its_token_nothing_is_asked() {
    let (address, heads) = server(|stream, _| reply(stream, "200 OK", "", ""));
    for (secret, detail) in [
        (Secret::File("/none/secret".into()), "the file /none/secret: No such file or directory"),
        (Secret::Env("NONE".into()), "the variable NONE: it is not set"),
    ] {
        let rows = ask(Http { bearer: Some(secret), ..get(address, "/") }, LONG);
        assert_eq!((word(&rows), rows[0]["detail"].as_str()), ("no-secret", Some(detail)));
    }
    let rows = ask(Http { url: "http://${NONE}/".into(), ..get(address, "/") }, LONG);
    assert_eq!(word(&rows), "no-variable");
    assert!(heads.try_recv().is_err());
}

#[test]
fn answers_come_in_the_order_of_the_probes() {
    let (address, _heads) = server(|stream, head| {
        let path = head.split_whitespace().nth(1).unwrap_or("").to_owned();
        reply(stream, "200 OK", "", &path);
    });
    let probes: Vec<Probe> = (0..40)
        .map(|n| Probe { name: format!("p{n}"), ..probe(Target::Http(get(address, &format!("/{n}"))), LONG) })
        .collect();
    let answers = ask_all(&probes, &around(&[]), &|_, _, _| None);
    for (n, answer) in answers.iter().enumerate() {
        let text = String::from_utf8_lossy(&answer.rows);
        assert!(answer.probe == format!("p{n}") && text.contains(&format!("\"message\":\"/{n}\"")), "{text}");
    }
    assert_eq!(answers.len(), 40);
    assert_eq!(ask_all(&[], &around(&[]), &|_, _, _| None).len(), 0);
}
