//! What a line alone tells: is it a line of a trace?

/// The languages whose traces are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trace {
    /// `Traceback (most recent call last):`
    Python,
    /// Java and its kin, Node, .NET: `at ...`
    Java,
    /// `goroutine 1 [running]:`
    Go,
    /// `thread 'main' panicked at`
    Rust,
}

/// The part that a line may have in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// None.
    Ordinary,
    /// It begins one.
    Begin(Trace),
    /// It can only be in the middle of one.
    Frame(Trace),
    /// `pkg.SomeError: text`: the end of a Python trace, the beginning of a Java one.
    Exception,
    /// Begins with white space.
    Indented,
    /// Is empty.
    Blank,
}

/// The role of a message that is one line.
pub(super) fn role(message: &[u8]) -> Role {
    match role_of_line(message) {
        Role::Ordinary => Role::Ordinary,
        // Asked last: few messages have another role.
        _ if message.len() < 4096 && memchr::memchr(b'\n', message).is_some() => Role::Ordinary,
        role => role,
    }
}

/// The role of a message, as if it were one line.
fn role_of_line(message: &[u8]) -> Role {
    let Some(first) = message.first() else { return Role::Blank };
    let begins = |text: &[u8]| message.starts_with(text);
    let known = match first {
        b' ' | b'\t' => return indented(message.trim_ascii_start()),
        b'T' if begins(b"Traceback (most recent call last)") => Some(Role::Begin(Trace::Python)),
        b'T' | b'D' if is_chain(message) => Some(Role::Frame(Trace::Python)),
        b'C' if begins(b"Caused by: ") => Some(Role::Frame(Trace::Java)),
        b'S' if begins(b"Suppressed: ") => Some(Role::Frame(Trace::Java)),
        b'E' if begins(b"Exception in thread ") => Some(Role::Begin(Trace::Java)),
        b'.' if is_more(message) => Some(Role::Frame(Trace::Java)),
        b'a' if begins(b"at ") && is_place(message) => Some(Role::Frame(Trace::Java)),
        b'g' if begins(b"goroutine ") && message.trim_ascii_end().ends_with(b":") => Some(Role::Begin(Trace::Go)),
        b'c' if begins(b"created by ") => Some(Role::Frame(Trace::Go)),
        b'e' if begins(b"exit status ") => Some(Role::Frame(Trace::Go)),
        b'[' if begins(b"[signal SIG") => Some(Role::Frame(Trace::Go)),
        b'p' if begins(b"panic: ") => Some(Role::Begin(Trace::Go)),
        b'f' if begins(b"fatal error: ") => Some(Role::Begin(Trace::Go)),
        b't' if begins(b"thread '") && memchr::memmem::find(message, b"panicked at ").is_some() => {
            Some(Role::Begin(Trace::Rust))
        }
        b'n' if begins(b"note: run with `RUST_BACKTRACE") || begins(b"note: Some details are omitted") => {
            Some(Role::Frame(Trace::Rust))
        }
        b's' if begins(b"stack backtrace:") => Some(Role::Frame(Trace::Rust)),
        b'^' | b'~' if is_marks(message) => Some(Role::Frame(Trace::Python)),
        _ => None,
    };
    if let Some(role) = known {
        return role;
    }
    if is_exception(message) {
        return Role::Exception;
    }
    match message.last() {
        // uvicorn: `ERROR:    Traceback (most recent call last):`
        Some(b':') if message.ends_with(b"Traceback (most recent call last):") => Role::Begin(Trace::Python),
        Some(b')') if is_go_call(message) => Role::Frame(Trace::Go),
        _ => Role::Ordinary,
    }
}

/// A line that begins with white space, without it.
fn indented(text: &[u8]) -> Role {
    match text.first() {
        None => Role::Blank,
        Some(b'F') if text.starts_with(b"File \"") => Role::Frame(Trace::Python),
        Some(b'+' | b'|') if text.ends_with(b"Traceback (most recent call last):") => Role::Begin(Trace::Python),
        Some(b'^' | b'~') if is_marks(text) => Role::Frame(Trace::Python),
        Some(b'a') if text.starts_with(b"at ") => Role::Frame(Trace::Java),
        Some(b'.') if is_more(text) => Role::Frame(Trace::Java),
        Some(b'S') if text.starts_with(b"Suppressed: ") => Role::Frame(Trace::Java),
        Some(b'C') if text.starts_with(b"Caused by: ") => Role::Frame(Trace::Java),
        Some(b'/') if memchr::memmem::find(text, b".go:").is_some() => Role::Frame(Trace::Go),
        Some(b'0'..=b'9') => {
            let digits = text.iter().take(6).take_while(|b| b.is_ascii_digit()).count();
            if text.get(digits..).is_some_and(|rest| rest.starts_with(b": ")) {
                Role::Frame(Trace::Rust)
            } else {
                Role::Indented
            }
        }
        Some(_) => Role::Indented,
    }
}

/// The lines between chained Python tracebacks.
pub(super) fn is_chain(line: &[u8]) -> bool {
    line.starts_with(b"During handling of the above exception")
        || line.starts_with(b"The above exception was the direct")
}

/// `... 12 more`
fn is_more(text: &[u8]) -> bool {
    text.strip_prefix(b"... ").is_some_and(|rest| rest.trim_ascii_end().ends_with(b" more"))
}

/// `at f (file:1:2)`, `at pkg.Class.method(File.java:3)`
fn is_place(text: &[u8]) -> bool {
    text.trim_ascii_end().ends_with(b")") && memchr::memchr(b'(', text).is_some()
}

/// `^^^^`, `~~~~^^^`
fn is_marks(text: &[u8]) -> bool {
    text.trim_ascii_end().iter().all(|b| matches!(b, b'^' | b'~' | b' '))
}

/// `main.run(0x1, 0x2)`, `net/http.(*conn).serve(...)`
fn is_go_call(text: &[u8]) -> bool {
    let Some(open) = memchr::memrchr(b'(', text) else { return false };
    let Some(name) = text.get(..open) else { return false };
    name.len() > 2
        && name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'.' | b'/' | b'_' | b'-' | b'(' | b')' | b'*' | b'[' | b']' | b'@')
        })
        && memchr::memchr(b'.', name).is_some()
}

/// `pkg.mod.SomeError: text`, `KeyboardInterrupt`
fn is_exception(message: &[u8]) -> bool {
    const ENDINGS: &[&[u8]] =
        &[b"Error", b"Exception", b"Interrupt", b"Exit", b"Iteration", b"ExceptionGroup", b"Throwable", b"Failure"];
    name_of_exception(message).is_some_and(|name| ENDINGS.iter().any(|end| name.ends_with(end)))
}

/// The same with any name in camel case: believed only where an exception is expected.
pub(super) fn names_exception(message: &[u8]) -> bool {
    name_of_exception(message).is_some()
}

fn name_of_exception(message: &[u8]) -> Option<&[u8]> {
    if !message.first()?.is_ascii_alphabetic() && message.first() != Some(&b'_') {
        return None;
    }
    let window = message.get(..128.min(message.len()))?;
    let len = window
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$')))
        .unwrap_or(window.len());
    let name = window.get(..len)?;
    match message.get(len..)? {
        [] | [b':'] | [b':', b' ', ..] | [b' ', b'[', ..] => {}
        _ => return None,
    }
    let last = name.rsplit(|b| matches!(b, b'.' | b'$')).next()?;
    (last.first()?.is_ascii_uppercase() && last.iter().any(u8::is_ascii_lowercase)).then_some(name)
}
