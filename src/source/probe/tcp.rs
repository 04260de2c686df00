//! A port: does somebody answer, and with what?
//!
//! In: an address, what to send, what must stand in the answer. Out: whether it was reached, and the answer. What is sent is
//! only what a person wrote down. The answer is read until what was expected stands in it, until its end, or until the time
//! is over.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;

use super::LARGEST;
use super::answer::{Body, Found};
use super::around::Around;
use super::ask::Deadline;
use super::failure::{Failure, Reason, words};
use super::model::Tcp;

/// So many addresses of one name are tried.
const ADDRESSES: usize = 8;
/// So much of an answer is shown when another one was expected.
const SNIPPET: usize = 100;

pub(super) fn ask(tcp: &Tcp, until: Deadline, around: &Around) -> Result<Found, Failure> {
    let filled = around.text(&tcp.address)?;
    let mut found = Found { secrets: filled.secrets, ..Found::default() };
    found.tell("address", filled.text.as_str());
    let result = connect(&filled.text, until).and_then(|stream| talk(tcp, stream, until, &mut found));
    if let Err(failure) = result {
        found.fail(failure);
    }
    Ok(found)
}

fn connect(address: &str, until: Deadline) -> Result<TcpStream, Failure> {
    let mut last = Failure::new(Reason::Unreachable, format!("the name {address} is not known"));
    for address in resolve(address, until)?.into_iter().take(ADDRESSES) {
        let left = until.left();
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => return Ok(stream),
            Err(why) if matches!(why.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                last = Failure::new(Reason::Unreachable, format!("no connection within {}", until.words()));
            }
            Err(why) => last = Failure::new(Reason::Unreachable, words(&why)),
        }
    }
    Err(last)
}

/// The addresses of a name. A resolver knows no time-out, so it works on a thread that nobody waits for too long.
fn resolve(address: &str, until: Deadline) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(address) = address.parse() {
        return Ok(vec![address]);
    }
    let (sender, receiver) = mpsc::channel();
    let name = address.to_owned();
    thread::spawn(move || sender.send(name.to_socket_addrs().map(Iterator::collect)));
    match receiver.recv_timeout(until.left()) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(why)) if why.kind() == ErrorKind::InvalidInput => {
            let what = format!("expected host:port such as 127.0.0.1:6379, found {address}");
            Err(Failure::new(Reason::Failed, what))
        }
        Ok(Err(_)) => Err(Failure::new(Reason::Unreachable, format!("the name {address} is not known"))),
        Err(_) => {
            let what = format!("no address for the name {address} within {}", until.words());
            Err(Failure::new(Reason::Unreachable, what))
        }
    }
}

fn talk(tcp: &Tcp, mut stream: TcpStream, until: Deadline, found: &mut Found) -> Result<(), Failure> {
    if let Some(send) = &tcp.send {
        stream.set_write_timeout(Some(until.left().max(MOMENT))).map_err(|why| failed(&why))?;
        stream.write_all(send.as_bytes()).map_err(|why| failed(&why))?;
    }
    if tcp.send.is_none() && tcp.expect.is_none() {
        return Ok(());
    }
    let expect = tcp.expect.as_deref().unwrap_or("").as_bytes();
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 16 << 10];
    let mut failure = None;
    let met = |bytes: &[u8]| !expect.is_empty() && memchr::memmem::find(bytes, expect).is_some();
    while !met(&bytes) {
        if until.over() {
            failure = Some(Failure::new(Reason::Slow, format!("no whole answer within {}", until.words())));
            break;
        }
        if bytes.len() > LARGEST {
            bytes.truncate(LARGEST);
            failure = Some(Failure::new(Reason::TooLarge, format!("the answer is longer than {} MiB", LARGEST >> 20)));
            break;
        }
        stream.set_read_timeout(Some(until.left().max(MOMENT))).map_err(|why| failed(&why))?;
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            // The time is over, which the next turn tells.
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(why) => {
                failure = Some(Failure::new(Reason::Cut, format!("the answer ended: {}", words(&why))));
                break;
            }
        }
    }
    found.tell("bytes", bytes.len());
    let whole = failure.is_none();
    if expect.is_empty() || met(&bytes) {
        found.failure = found.failure.take().or(failure);
    } else {
        found.fail(unexpected(&bytes, tcp.expect.as_deref().unwrap_or(""), failure));
    }
    found.bodies.push(Body { bytes, whole, documents: false, path: None, name: None });
    Ok(())
}

/// The shortest time that a socket takes for a time-out.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(1);

fn failed(why: &std::io::Error) -> Failure {
    Failure::new(Reason::Cut, words(why))
}

/// The answer does not hold what it should.
fn unexpected(bytes: &[u8], expect: &str, failure: Option<Failure>) -> Failure {
    let head = String::from_utf8_lossy(bytes.get(..SNIPPET).unwrap_or(bytes)).into_owned();
    let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
    if head.starts_with("-NOAUTH") || head.starts_with("-WRONGPASS") || head.starts_with("-NOPERM") {
        return Failure::new(Reason::Unauthorized, head);
    }
    match failure {
        Some(failure) if bytes.is_empty() => failure,
        _ => Failure::new(Reason::Unexpected, format!("expected {expect:?}, found {head:?}")),
    }
}
