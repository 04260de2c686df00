//! Errors with a code: rows of error_events, what the API prints about them, what its automation worker says.
//!
//! In: records. Out: one [`CodedError`] each, as soon as it is whole. Node writes long objects over several lines, each a
//! record of its own; they are put together again, also when their first lines come last (the reader of records may hold
//! the first two lines of a stretch back).

use std::collections::BTreeMap;

use crate::base::Stamp;

use super::desk::Seen;
use super::row::{Row, moment};

/// Objects over several lines that are open at once.
const OPEN: usize = 1_000;

/// One error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CodedError {
    pub(super) code: String,
    pub(super) category: Option<String>,
    pub(super) skill: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) action: Option<String>,
    pub(super) status: Option<String>,
    pub(super) user: Option<String>,
    pub(super) session: Option<String>,
    /// Where the record itself does not say it.
    pub(super) time: Option<Stamp>,
}

impl CodedError {
    /// The error that a row of error_events is, with the names of SQL, of the API, and of a client's report.
    pub(super) fn of_row(row: &Row<'_>) -> Option<CodedError> {
        let code = row.text(&["error_code", "errorCode"]).filter(|code| is_code(code))?;
        // `{"errorCode":...,"count":85}` is a statistic: its errors are rows elsewhere.
        if row.has(&["count", "n"]) {
            return None;
        }
        Some(CodedError {
            category: row.text(&["error_category", "errorCategory"]).or_else(|| category(&code)),
            code,
            skill: row.text(&["skill_slug", "skillSlug", "context.skillSlug", "context.skill_slug"]),
            provider: row.text(&["provider", "context.provider"]),
            action: row.text(&["action", "context.action"]),
            status: row.text(&["http_status", "httpStatus", "context.httpStatus", "context.http_status"]),
            user: row.text(&["user_id", "userId"]),
            session: row.text(&["session_id", "sessionId"]),
            time: None,
        })
    }

    /// A row of error_events as sqlite3 prints it: all eleven columns, with bars between them.
    pub(super) fn of_bars(text: &str) -> Option<CodedError> {
        let cells: Vec<&str> = text.trim().split('|').collect();
        let [_, _, user, code, kind, skill, provider, action, status, session, time] = *cells.as_slice() else {
            return None;
        };
        if !is_constant(code) || category(code)? != kind {
            return None;
        }
        let filled = |cell: &str| Some(cell.to_owned()).filter(|cell| !cell.is_empty());
        Some(CodedError {
            code: code.to_owned(),
            category: filled(kind),
            skill: filled(skill),
            provider: filled(provider),
            action: filled(action),
            status: filled(status),
            user: filled(user),
            session: filled(session),
            time: moment(time),
        })
    }

    /// What is known of it, in one line: for those that stood in several.
    pub(super) fn line(&self) -> String {
        let parts = [
            ("category", &self.category),
            ("provider", &self.provider),
            ("skillSlug", &self.skill),
            ("httpStatus", &self.status),
            ("sessionId", &self.session),
        ];
        let known = parts.into_iter().filter_map(|(name, value)| Some(format!(", {name}: {}", value.as_ref()?)));
        format!("[ERROR_EVENT] code: {}{}", self.code, known.collect::<String>())
    }

    /// `[AutomationWorker] Failed: 8c2f - LLM_TIMEOUT: Request timeout`.
    pub(super) fn of_worker(text: &str) -> Option<CodedError> {
        let (_, rest) = text.split_once("[AutomationWorker] Failed: ")?;
        let (_, rest) = rest.split_once(" - ")?;
        let (code, _) = rest.split_once(':')?;
        is_constant(code).then(|| CodedError {
            code: code.to_owned(),
            category: category(code),
            action: Some("automation".to_owned()),
            ..CodedError::default()
        })
    }

    fn take(&mut self, name: &str, value: &str) {
        let value =
            || Some(value.to_owned()).filter(|value| !value.is_empty() && value != "null" && value != "undefined");
        match name {
            "code" | "errorCode" => self.code = value().unwrap_or_default(),
            "category" | "errorCategory" => self.category = value(),
            "skillSlug" => self.skill = value(),
            "provider" => self.provider = value(),
            "action" => self.action = value(),
            "httpStatus" => self.status = value(),
            "userId" => self.user = value(),
            "sessionId" => self.session = value(),
            _ => {}
        }
    }

    /// Takes what the other knows and this does not.
    fn complete(&mut self, other: CodedError) {
        if self.code.is_empty() {
            self.code = other.code;
        }
        let pairs = [
            (&mut self.category, other.category),
            (&mut self.skill, other.skill),
            (&mut self.provider, other.provider),
            (&mut self.action, other.action),
            (&mut self.status, other.status),
            (&mut self.user, other.user),
            (&mut self.session, other.session),
        ];
        for (mine, theirs) in pairs {
            if mine.is_none() {
                *mine = theirs;
            }
        }
    }

    fn whole(mut self) -> Option<CodedError> {
        if !is_code(&self.code) {
            return None;
        }
        self.category = self.category.or_else(|| category(&self.code));
        Some(self)
    }
}

/// What a record is to an [`Inspector`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inspected {
    /// Nothing of an object that Node printed.
    Nothing,
    /// A part of one; the error comes later.
    Part,
    /// The rest of one, or all of it.
    Error(Box<CodedError>),
}

/// Puts objects together that Node printed over several lines.
#[derive(Debug, Default)]
pub(super) struct Inspector {
    open: BTreeMap<String, CodedError>,
    /// Objects without a code, the first of each unit: their first lines may still come.
    headless: BTreeMap<String, CodedError>,
    /// Objects that found no room.
    pub(super) dropped: u64,
}

impl Inspector {
    /// Looks at one record.
    pub(super) fn see(&mut self, seen: &Seen<'_>, text: &str) -> Inspected {
        let unit = seen.record.unit.as_ref();
        if let Some((_, object)) = text.split_once("[ERROR_EVENT]") {
            let mut error = CodedError::default();
            pairs(object, &mut |name, value| error.take(name, value));
            self.open.remove(unit);
            if object.contains('}') {
                return error.whole().map_or(Inspected::Nothing, |error| Inspected::Error(Box::new(error)));
            }
            self.keep(unit, error);
            return Inspected::Part;
        }
        let line = text.trim();
        if line == "}" {
            let Some(error) = self.open.remove(unit) else { return Inspected::Nothing };
            if error.code.is_empty() {
                self.headless.entry(unit.to_owned()).or_insert(error);
                return Inspected::Part;
            }
            return error.whole().map_or(Inspected::Nothing, |error| Inspected::Error(Box::new(error)));
        }
        if !is_member(line) {
            return Inspected::Nothing;
        }
        let mut part = CodedError::default();
        pairs(line, &mut |name, value| part.take(name, value));
        match self.open.get_mut(unit) {
            Some(error) => error.complete(part),
            None if part.code.is_empty() || is_constant(&part.code) => self.keep(unit, part),
            None => return Inspected::Nothing,
        }
        Inspected::Part
    }

    fn keep(&mut self, unit: &str, error: CodedError) {
        if self.open.len() < OPEN {
            self.open.insert(unit.to_owned(), error);
        } else {
            self.dropped += 1;
        }
    }

    /// The source is at its end: what is open and has a code is an error.
    pub(super) fn end(&mut self) -> Vec<CodedError> {
        let headless = std::mem::take(&mut self.headless);
        let open = std::mem::take(&mut self.open);
        open.into_iter()
            .filter_map(|(unit, mut error)| {
                if let Some(rest) = headless.get(&unit) {
                    error.complete(rest.clone());
                }
                error.whole()
            })
            .collect()
    }
}

/// Members of the object that the API prints.
const MEMBERS: &[&str] =
    &["code", "category", "provider", "skillSlug", "sessionId", "action", "httpStatus", "userId", "organizationId"];

/// `  skillSlug: 'ats-search',`
fn is_member(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(name, value)| {
        MEMBERS.contains(&name)
            && (value.starts_with(['\'', '"', '`'])
                || value.trim_end_matches(',').bytes().all(|b| b.is_ascii_alphanumeric()))
    })
}

/// The `name: value` pairs of an object as Node shows it.
fn pairs(text: &str, take: &mut dyn FnMut(&str, &str)) {
    let mut rest = text;
    while let Some(colon) = rest.find(':') {
        let before = rest.get(..colon).unwrap_or_default();
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        let name = before.get(start..).unwrap_or_default();
        let after = rest.get(colon + 1..).unwrap_or_default().trim_start();
        let (value, left) = match after.chars().next() {
            Some(quote @ ('\'' | '"' | '`')) => {
                let inner = after.get(1..).unwrap_or_default();
                let end = inner.find(quote).unwrap_or(inner.len());
                (
                    inner.get(..end).unwrap_or_default(),
                    inner.get(end..).unwrap_or_default().get(1..).unwrap_or_default(),
                )
            }
            _ => {
                let end = after.find([',', '}', '\n']).unwrap_or(after.len());
                (after.get(..end).unwrap_or_default().trim(), after.get(end..).unwrap_or_default())
            }
        };
        if !name.is_empty() {
            take(name, value);
        }
        rest = left;
    }
}

/// `LLM_TIMEOUT`.
pub(super) fn is_constant(code: &str) -> bool {
    code.len() >= 4
        && code.contains('_')
        && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_code(code: &str) -> bool {
    (2..=80).contains(&code.len())
        && code.bytes().any(|b| b.is_ascii_alphabetic())
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/:".contains(&b))
}

/// The category that the beginning of a code names.
pub(super) fn category(code: &str) -> Option<String> {
    if !is_constant(code) {
        return None;
    }
    let (first, _) = code.split_once('_')?;
    Some(match first {
        "LLM" | "ATS" | "SKILL" | "SCRAPE" | "INTEGRATION" => first.to_ascii_lowercase(),
        _ => "system".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_an_object_as_node_shows_it() {
        let mut seen = Vec::new();
        let text = " { code: 'LLM_TIMEOUT', httpStatus: 504, skillSlug: \"a, b: c\",\n  provider: null, sessionId: '3f";
        pairs(text, &mut |name, value| seen.push(format!("{name}={value}")));
        assert_eq!(seen, ["code=LLM_TIMEOUT", "httpStatus=504", "skillSlug=a, b: c", "provider=null", "sessionId=3f"]);
        pairs(&":".repeat(1000), &mut |_, _| panic!("no names"));
    }

    #[test]
    fn codes_and_their_categories() {
        for (code, want) in [
            ("LLM_TIMEOUT", Some("llm")),
            ("SCRAPE_BLOCKED", Some("scrape")),
            ("NETWORK_ERROR", Some("system")),
            ("EXECUTION_FAILED", Some("system")),
            ("E1", None),
            ("enoent", None),
        ] {
            assert_eq!(category(code).as_deref(), want, "{code}");
        }
        let worker =
            CodedError::of_worker("2026-01-30 [AutomationWorker] Failed: 8c2-1 - LLM_TIMEOUT: Request timeout");
        assert_eq!(worker.map(|error| error.code).as_deref(), Some("LLM_TIMEOUT"));
        assert_eq!(CodedError::of_worker("[AutomationWorker] Failed: it - did not: work"), None);
    }
}
