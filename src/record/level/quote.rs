//! The one line of a trace that tells what happened.

/// How much of a message is looked at.
const LIMIT: usize = 256 * 1024;

/// The line a person would quote of a message of many lines: of a Python trace the last exception, of a Java trace the
/// deepest cause, of a Go or Rust one the panic, else the first line with text.
pub fn headline(message: &[u8]) -> &[u8] {
    let whole = message.get(..LIMIT.min(message.len())).unwrap_or(message);
    if memchr::memchr(b'\n', whole).is_none() {
        return if says_something(whole) { whole.trim_ascii_end() } else { b"" };
    }
    let first = lines(whole).find(|line| says_something(line)).unwrap_or_default().trim_ascii_end();
    let (mut python, mut cause, mut panic, mut thrown) = (None, None, None, None);
    let shows_code = shows_code(whole);
    let (mut in_trace, mut after_head, mut frames) = (false, false, false);
    for line in lines(whole) {
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if after_head {
            // `thread 'main' panicked at src/main.rs:2:5:` has its message on the next line.
            panic = Some(text);
            after_head = false;
        }
        let at_margin = line.first().is_some_and(|b| !matches!(b, b' ' | b'\t' | b'|' | b'+'));
        if memchr::memmem::find(text, b"Traceback (most recent call last)").is_some() {
            in_trace = true;
        } else if in_trace && at_margin {
            if !text.starts_with(b"During handling of") && !text.starts_with(b"The above exception was") {
                python = Some(text);
            }
            in_trace = false;
        } else if text.starts_with(b"Caused by: ") {
            cause = Some(text);
        } else if shows_code && thrown.is_none() && at_margin && names_error(text) {
            thrown = Some(text);
        } else if panic.is_none() && (at_margin || frames) {
            if text.starts_with(b"panic: ") || text.starts_with(b"fatal error: ") {
                panic = Some(text);
            } else if text.starts_with(b"thread '") && memchr::memmem::find(text, b"panicked at").is_some() {
                if text.ends_with(b":") { after_head = true } else { panic = Some(text) }
            }
        }
        frames |= text.starts_with(b"at ");
    }
    python.or(cause).or(panic).or(thrown).unwrap_or(first)
}

/// A line of marks only (`    ^`) points at something and says nothing.
fn says_something(line: &[u8]) -> bool {
    line.iter().any(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
}

/// Node shows the place, the line of code and a `^` below it before it says what was thrown.
fn shows_code(whole: &[u8]) -> bool {
    lines(whole).take(5).any(|line| line.contains(&b'^') && !says_something(line))
}

/// `TypeError: ...`, `Error [CODE]: ...`
fn names_error(line: &[u8]) -> bool {
    let name = line.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let (name, rest) = line.split_at(name);
    name.ends_with(b"Error") && (rest.starts_with(b": ") || rest.starts_with(b" ["))
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| *b == b'\n')
}
