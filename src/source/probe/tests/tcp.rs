//! Ports: a service that greets, one that is asked, one that wants a password, one that says nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use super::*;

fn server(serve: impl Fn(&mut TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            serve(&mut stream);
        }
    });
    address
}

/// Answers each line as a small redis does.
fn redis(stream: &mut TcpStream) {
    let mut heard = [0; 64];
    while let Ok(n @ 1..) = stream.read(&mut heard) {
        let answer: &[u8] = match &heard[..n] {
            b"PING\r\n" => b"+PONG\r\n",
            b"SECRET\r\n" => b"-NOAUTH Authentication required.\r\n",
            _ => {
                let _ = stream.write_all(b"$8\r\n# Memory\r\n+OK\r\n");
                return;
            }
        };
        let _ = stream.write_all(answer);
    }
}

fn ask(address: impl ToString, send: Option<&str>, expect: Option<&str>, timeout: Span) -> Vec<Value> {
    let (send, expect) = (send.map(str::to_owned), expect.map(str::to_owned));
    rows(Target::Tcp(Tcp { address: address.to_string(), send, expect }), timeout, &around(&[]))
}

#[test]
fn what_is_expected_is_found_or_told() {
    let address = server(redis);
    let rows = ask(address, Some("PING\r\n"), Some("+PONG"), LONG);
    assert_eq!((word(&rows), &rows[0]["address"], rows.len()), ("ok", &address.to_string().into(), 2));
    assert_eq!(rows[1]["message"], "+PONG");
    // No answer is waited for.
    assert_eq!(word(&ask(address, None, None, LONG)), "ok");
    let rows = ask(address, Some("SECRET\r\n"), Some("+PONG"), Span::millis(300));
    assert_eq!((word(&rows), rows[0]["detail"].as_str()), ("unauthorized", Some("-NOAUTH Authentication required.")));
    let rows = ask(address, Some("INFO memory\r\n"), Some("+PONG"), LONG);
    let detail = "expected \"+PONG\", found \"$8 # Memory +OK\"";
    assert_eq!((word(&rows), rows[0]["detail"].as_str()), ("unexpected", Some(detail)));
    // To the end of the answer.
    let rows = ask(address, Some("INFO memory\r\n"), None, LONG);
    let lines: Vec<&str> = rows[1..].iter().filter_map(|row| row["message"].as_str()).collect();
    assert_eq!((word(&rows), lines), ("ok", vec!["$8", "# Memory", "+OK"]));
}

#[test]
fn a_greeting_is_enough() {
    let address = server(|stream| drop(stream.write_all(b"INFO {\"server_id\":\"N\"}\r\n")));
    assert_eq!(word(&ask(address, None, Some("INFO {"), LONG)), "ok");
}

#[test]
fn silence_is_slow_and_a_closed_port_is_unreachable() {
    let address = server(|stream| drop(stream.read(&mut [0; 1])));
    assert_eq!(word(&ask(address, None, Some("x"), Span::millis(200))), "slow");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rows = ask(closed, None, None, LONG);
    assert_eq!((word(&rows), rows[0]["detail"].as_str()), ("unreachable", Some("Connection refused")));
    assert_eq!(word(&ask("no-such-host.invalid:1", None, None, LONG)), "unreachable");
    assert_eq!(word(&ask("nonsense", None, None, LONG)), "failed");
}

#[test]
fn a_service_that_never_stops_talking_is_cut() {
    let address = server(|stream| {
        let block = [b'.'; 65_536];
        while stream.write_all(&block).is_ok() {}
    });
    assert_eq!(word(&ask(address, Some("x"), None, LONG)), "too-large");
}
