//! klog and glog: `E0517 15:04:22.619632    1234 file.go:253] text`, also with a full date.

use std::borrow::Cow;

use memchr::memmem;

use super::{Buffers, Record, Reference, fallback, stamp};
use crate::base::Level;

/// Does `line` begin like a klog line?
pub fn starts(line: &[u8]) -> bool {
    front(line).is_some()
}

/// The length of letter and date, and of their time of day.
fn front(line: &[u8]) -> Option<(usize, stamp::Seen)> {
    let [b'E' | b'W' | b'I' | b'F' | b'D', rest @ ..] = line else { return None };
    let digits = rest.iter().take(9).take_while(|b| b.is_ascii_digit()).count();
    if !matches!(digits, 4 | 8) || rest.get(digits) != Some(&b' ') {
        return None;
    }
    let seen = stamp::read(rest.get(digits + 1..)?).filter(|s| !s.is_dated())?;
    Some((digits, seen))
}

/// Reads one line.
pub fn parse<'a>(raw: &'a [u8], reference: &'a Reference, scratch: Buffers<'a>) -> Option<Record<'a>> {
    read(raw, reference).or_else(|| fallback::parse(raw, reference, scratch))
}

/// Reads one line, `None` when it is not of this form.
pub fn read<'a>(raw: &'a [u8], reference: &'a Reference) -> Option<Record<'a>> {
    let (digits, seen) = front(raw)?;
    let date = raw.get(1..1 + digits)?;
    let two = |at: usize| -> Option<u8> {
        let [a, b] = date.get(at..at + 2)? else { return None };
        Some((a - b'0') * 10 + (b - b'0'))
    };
    let stamp::Moment::Clock { second, nanos, offset } = seen.moment else { return None };
    let moment = if digits == 4 {
        stamp::Moment::Yearless { month: two(0)?, day: two(2)?, second, nanos, offset }
    } else {
        let year = i32::from(two(0)?) * 100 + i32::from(two(2)?);
        stamp::Moment::Local { year, month: two(4)?, day: two(6)?, second, nanos }
    };
    let mut record = Record::plain(raw, reference);
    record.parsed = true;
    record.state(Level::from_word(raw.get(..1)?));
    if let Some((time, certainty)) = moment.resolve(reference) {
        record.time = Some(time);
        record.certainty = certainty;
    }
    let rest = raw.get(2 + digits + seen.len..)?;
    // `  1234 file.go:253] text`
    if let Some(close) = rest.iter().take(160).position(|b| *b == b']') {
        let mut words = rest.get(..close)?.split(|b| *b == b' ').filter(|w| !w.is_empty());
        let mut word = words.next().unwrap_or_default();
        if word.iter().all(u8::is_ascii_digit) {
            record.pid = std::str::from_utf8(word).ok().and_then(|w| w.parse().ok());
            word = words.next().unwrap_or_default();
        }
        record.identifier = String::from_utf8_lossy(word.split(|b| *b == b':').next()?);
        let message = rest.get(close + 1..)?;
        record.message = message.strip_prefix(b" ").unwrap_or(message);
    } else {
        record.message = rest.trim_ascii_start();
    }
    if record.identifier.is_empty() {
        record.identifier = Cow::Borrowed("");
    }
    if let Some(pod) = subject(raw, record.message) {
        record.unit = Cow::Borrowed(pod);
    }
    Some(record)
}

/// The pod or other object that a line of a Kubernetes component is about: `"Text" pod="namespace/name" ...`. What it does
/// with the pod day by day (`line` begins with `I`) is about the component, unless it is an event.
pub fn subject<'a>(line: &[u8], message: &'a [u8]) -> Option<&'a str> {
    if line.first() == Some(&b'I') && memmem::find(message, b"\"Event occurred\"").is_none() {
        return None;
    }
    let keys = [b" pod=\"".as_slice(), b" object=\""];
    let (at, key) = keys.iter().find_map(|key| Some((memmem::find(message, key)?, key.len())))?;
    let value = message.get(at + key..)?;
    let value = std::str::from_utf8(value.get(..memchr::memchr(b'"', value)?)?).ok()?;
    let name = value.rsplit('/').next().unwrap_or(value);
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    (!name.is_empty() && name.bytes().all(letters)).then_some(name)
}
