//! The result of one run, as JSON: what a command printed, its exit code, what it says of itself.
//!
//! In: one JSON object. Out: its texts, unescaped, and its facts; or the answer that it is no result (a log line in JSON,
//! something else). Keys are those that runners of commands and agents write, in either case (`error_code`, `errorCode`).

use std::ops::Range;

use super::json::{Members, Value, unescape};

/// A text of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `stderr`.
    Stderr,
    /// `error`: a text, or the message of an object.
    Error,
    /// `failure_reason`.
    FailureReason,
    /// `message`.
    Message,
    /// `stdout`.
    Stdout,
    /// `summary`.
    Summary,
}

impl Part {
    /// The key.
    pub fn word(self) -> &'static str {
        match self {
            Part::Stderr => "stderr",
            Part::Error => "error",
            Part::FailureReason => "failure_reason",
            Part::Message => "message",
            Part::Stdout => "stdout",
            Part::Summary => "summary",
        }
    }

    /// It speaks about what went wrong; the others may speak about anything.
    pub fn is_error(self) -> bool {
        !matches!(self, Part::Stdout | Part::Summary)
    }
}

/// A result; it can be read into again and again.
#[derive(Debug, Default)]
pub struct Outcome {
    buffer: Vec<u8>,
    parts: Vec<(Part, Range<usize>)>,
    code: Option<Range<usize>>,
    provider: Option<Range<usize>>,
    /// How the process ended.
    pub exit_code: Option<i64>,
    /// What `status` or `succeeded` says: did it work?
    pub succeeded: Option<bool>,
    /// `policy_violations` is not empty.
    pub policy_violations: bool,
    /// `validation_passed` is false, or `validation_failed` is true.
    pub validation_failed: bool,
    /// A command is known to fail without a change.
    pub flaky: bool,
    /// The output is there and empty.
    pub empty_output: bool,
    /// `timeout_hit`.
    pub timeout_hit: bool,
    /// `rate_limited`.
    pub rate_limited: bool,
    /// `quota_exhausted`.
    pub quota_exhausted: bool,
}

/// Which kinds of keys were seen.
#[derive(Default)]
struct Seen {
    /// Only results have them.
    strong: bool,
    /// What a command printed: a result, whatever else stands there.
    output: bool,
    /// Results have them, and others too.
    weak: bool,
    /// Lines of a log have them.
    log: bool,
}

impl Outcome {
    /// Reads one object. `false`: it is no result, and what is here means nothing.
    pub fn read(&mut self, raw: &[u8]) -> bool {
        let (mut buffer, mut parts) = (std::mem::take(&mut self.buffer), std::mem::take(&mut self.parts));
        buffer.clear();
        parts.clear();
        *self = Outcome { buffer, parts, ..Outcome::default() };
        let raw = raw.trim_ascii();
        if raw.first() != Some(&b'{') {
            return false;
        }
        let mut seen = Seen::default();
        let mut members = Members::new(raw);
        for member in members.by_ref() {
            let Ok((key, value)) = member else { return false };
            self.take(key, value, &mut seen);
        }
        // What stands behind the object makes it a line of text.
        members.offset() == raw.len() && (seen.output || (!seen.log && (seen.strong || seen.weak)))
    }

    fn take(&mut self, key: &[u8], value: Value<'_>, seen: &mut Seen) {
        let part = match key {
            b"stderr" | b"stderr_excerpt" => Some(Part::Stderr),
            b"stdout" | b"stdout_excerpt" | b"output" => Some(Part::Stdout),
            b"summary" => Some(Part::Summary),
            b"failure_reason" | b"failureReason" => Some(Part::FailureReason),
            b"error" | b"error_message" | b"errorMessage" | b"last_error" => Some(Part::Error),
            b"message" => Some(Part::Message),
            _ => None,
        };
        if let Some(part) = part {
            match part {
                Part::Stderr | Part::Stdout if key != b"output" => seen.output = true,
                Part::FailureReason => seen.strong = true,
                // It says nothing about how anything ended: lines of a log are called so too.
                Part::Message => {}
                _ => seen.weak = true,
            }
            self.part(part, value);
            return;
        }
        let yes = truthy(value);
        match key {
            b"exit_code" | b"exitCode" | b"returncode" => {
                seen.strong = true;
                self.exit_code =
                    value.scalar().and_then(|raw| std::str::from_utf8(raw).ok()).and_then(|raw| raw.parse().ok());
            }
            b"policy_violations" => {
                seen.output = true;
                self.policy_violations = yes;
            }
            b"validation_passed" => {
                seen.strong = true;
                self.validation_failed |= value == Value::Bool(false);
            }
            b"validation_failed" => {
                seen.strong = true;
                self.validation_failed |= yes;
            }
            b"flaky" | b"known_flaky" => {
                seen.strong = true;
                self.flaky |= yes;
            }
            b"timeout_hit" => (seen.strong, self.timeout_hit) = (true, yes),
            b"rate_limited" => (seen.strong, self.rate_limited) = (true, yes),
            b"quota_exhausted" => (seen.strong, self.quota_exhausted) = (true, yes),
            b"error_code" | b"errorCode" | b"classification" | b"blocked_classification" => {
                seen.strong = true;
                if let Value::Str(raw) = value {
                    self.code = Some(self.keep(raw));
                }
            }
            b"provider" => {
                if let Value::Str(raw) = value {
                    self.provider = Some(self.keep(raw));
                }
            }
            b"status" => {
                seen.weak = true;
                let word = value.scalar().unwrap_or_default().to_ascii_lowercase();
                self.succeeded = match word.as_slice() {
                    b"success" | b"succeeded" | b"ok" | b"passed" | b"completed" | b"done" => Some(true),
                    b"error" | b"failed" | b"failure" | b"timeout" | b"partial" => Some(false),
                    _ => None,
                };
            }
            b"succeeded" | b"success" => {
                seen.weak = true;
                if let Value::Bool(flag) = value {
                    self.succeeded = Some(flag);
                }
            }
            b"level" | b"lvl" | b"severity" | b"event" | b"msg" | b"logger" | b"MESSAGE" | b"log" | b"ts" | b"time" => {
                seen.log = true;
            }
            _ => {}
        }
    }

    fn part(&mut self, part: Part, value: Value<'_>) {
        let start = self.buffer.len();
        match value {
            Value::Str(raw) => unescape(raw, &mut self.buffer),
            Value::Array(list) => {
                // Lines as items.
                let mut rest = list.get(1..).unwrap_or_default().trim_ascii_start();
                while let Some((item, len)) = Value::read(rest) {
                    if let Value::Str(raw) = item {
                        unescape(raw, &mut self.buffer);
                        self.buffer.push(b'\n');
                    }
                    rest = rest.get(len..).unwrap_or_default().trim_ascii_start();
                    rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
                }
            }
            Value::Object(object) => {
                for (key, value) in Members::new(object).map_while(Result::ok) {
                    match (key, value) {
                        (b"message" | b"type" | b"detail", Value::Str(raw)) => {
                            unescape(raw, &mut self.buffer);
                            self.buffer.push(b'\n');
                        }
                        (b"code", Value::Str(raw)) if self.code.is_none() => {
                            // Behind the text of the part: its end is set below.
                            let code = raw.to_vec();
                            let end = self.buffer.len();
                            self.parts.push((part, start..end));
                            self.code = Some(self.keep(&code));
                            return;
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        self.empty_output |= part == Part::Stdout
            && !matches!(value, Value::Null)
            && self.buffer.get(start..).is_some_and(|text| text.trim_ascii().is_empty());
        self.parts.push((part, start..self.buffer.len()));
    }

    fn keep(&mut self, raw: &[u8]) -> Range<usize> {
        let start = self.buffer.len();
        unescape(raw, &mut self.buffer);
        start..self.buffer.len()
    }

    fn text(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.get(range.clone()).unwrap_or_default()
    }

    /// Its texts, in their order; also empty ones.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &[u8])> {
        self.parts.iter().map(|(part, range)| (*part, self.text(range)))
    }

    /// The error code or the class that it names itself.
    pub fn code(&self) -> Option<&[u8]> {
        self.code.as_ref().map(|range| self.text(range)).filter(|code| !code.is_empty())
    }

    /// The provider that it names.
    pub fn provider(&self) -> Option<&[u8]> {
        self.provider.as_ref().map(|range| self.text(range)).filter(|name| !name.is_empty())
    }

    /// It says that it failed: by its exit code, its status, or its checks.
    pub fn failed(&self) -> bool {
        self.exit_code.is_some_and(|code| code != 0)
            || self.succeeded == Some(false)
            || self.validation_failed
            || self.policy_violations
    }

    /// It says that it worked, and nothing of it says otherwise.
    pub fn worked(&self) -> bool {
        !self.failed() && (self.exit_code == Some(0) || self.succeeded == Some(true))
    }
}

/// Yes, in the ways in which JSON says so: true, a number but 0, a text or list with something in it.
fn truthy(value: Value<'_>) -> bool {
    match value {
        Value::Bool(flag) => flag,
        Value::Number(raw) => raw.iter().any(|b| (b'1'..=b'9').contains(b)),
        Value::Str(raw) => !raw.trim_ascii().is_empty() && raw != b"false",
        Value::Array(raw) | Value::Object(raw) => raw.len() > 2 && raw.iter().any(|b| !b" \t\r\n[]{}".contains(b)),
        Value::Null => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Outcome> {
        let mut outcome = Outcome::default();
        outcome.read(text.as_bytes()).then_some(outcome)
    }

    #[test]
    fn results_are_told_from_lines_of_a_log() {
        for (text, is) in [
            (r#"{"stderr":"x"}"#, true),
            (r#"{"level":"error","stderr":"x"}"#, true),
            (r#"{"exit_code":1}"#, true),
            (r#"{"error":"x","status":"failed"}"#, true),
            (r#"{"message":"x","status":"failed"}"#, true),
            (r#"{"message":"x"}"#, false),
            (r#"{"message":"x","provider":"y"}"#, false),
            (r#"{"level":"error","message":"x"}"#, false),
            (r#"{"event":"watch_error","message":"x","exit_code":1}"#, false),
            (r#"{"MESSAGE":"x"}"#, false),
            (r#"{"a":1}"#, false),
            (r#"{}"#, false),
            (r#"[{"stderr":"x"}]"#, false),
            (r#"{"stderr":"x"} and more"#, false),
            (r#"{"stderr":"x""#, false),
            ("", false),
        ] {
            assert_eq!(read(text).is_some(), is, "{text}");
        }
    }

    #[test]
    fn texts_and_facts_are_read() {
        let outcome = read(
            r#"{"exit_code":-9,"stderr":"a\nb","stdout":"","error":{"message":"m","code":"LLM_TIMEOUT"},
               "policy_violations":["x"],"validation_passed":false,"known_flaky":[],"provider":"gmail"}"#,
        )
        .unwrap();
        let parts: Vec<(Part, &[u8])> = outcome.parts().collect();
        assert_eq!(parts, [(Part::Stderr, b"a\nb".as_slice()), (Part::Stdout, b""), (Part::Error, b"m\n")]);
        assert_eq!(
            (outcome.exit_code, outcome.code(), outcome.provider()),
            (Some(-9), Some(b"LLM_TIMEOUT".as_slice()), Some(b"gmail".as_slice()))
        );
        assert!(outcome.policy_violations && outcome.validation_failed && !outcome.flaky && outcome.empty_output);
        assert!(outcome.failed() && !outcome.worked());
        let lines = read(r#"{"stderr":["a","b"],"exitCode":0}"#).unwrap();
        assert_eq!(lines.parts().next(), Some((Part::Stderr, b"a\nb\n".as_slice())));
        assert!(lines.worked());
    }

    #[test]
    fn it_can_be_read_into_again() {
        let mut outcome = Outcome::default();
        assert!(outcome.read(br#"{"stderr":"x","exit_code":1,"error_code":"A"}"#));
        assert!(outcome.read(br#"{"stdout":"y"}"#));
        assert_eq!((outcome.exit_code, outcome.code(), outcome.parts().count()), (None, None, 1));
    }
}
