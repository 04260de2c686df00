//! Runs of skills: rows of skill_usage_logs, which say how each run ended and how long it took.

use std::collections::BTreeMap;

use crate::report::kinds::{Runs, SkillRuns};

use super::errors::{CodedError, category, is_constant};
use super::row::Row;
use super::tally::Values;

/// Codes that are told apart.
const CODES: usize = 200;

/// All runs that were seen.
#[derive(Debug, Default)]
pub(super) struct Usage {
    runs: u64,
    succeeded: u64,
    failed: u64,
    partial: u64,
    good: Values,
    by_code: BTreeMap<String, (u64, Values)>,
    /// Failed runs whose code found no room.
    pub(super) dropped: u64,
}

impl Usage {
    /// Takes a row, if it is one of skill_usage_logs. A failed run with a code comes back as an error.
    pub(super) fn take(&mut self, row: &Row<'_>) -> Option<Option<CodedError>> {
        let skill = row.text(&["skill_id", "skillId", "skill_slug", "skillSlug"])?;
        let status = row.text(&["status"])?;
        if !row.has(&["duration_ms", "durationMs", "api_key_id", "apiKeyId", "input_summary", "inputSummary"]) {
            return None;
        }
        let duration = row.number(&["duration_ms", "durationMs"]).filter(|ms| *ms >= 0);
        match status.as_str() {
            "success" => {
                self.succeeded += 1;
                duration.into_iter().for_each(|ms| self.good.add(ms));
            }
            "error" => self.failed += 1,
            "partial" => self.partial += 1,
            _ => return None,
        }
        self.runs += 1;
        if status != "error" {
            return Some(None);
        }
        // The column holds a code, not prose.
        let Some(code) = row.text(&["error_message", "errorMessage"]).filter(|code| is_constant(code)) else {
            return Some(None);
        };
        if self.by_code.len() < CODES || self.by_code.contains_key(&code) {
            let (count, durations) = self.by_code.entry(code.clone()).or_default();
            *count += 1;
            duration.into_iter().for_each(|ms| durations.add(ms));
        } else {
            self.dropped += 1;
        }
        let category = category(&code);
        let user = row.text(&["user_id", "userId"]);
        Some(Some(CodedError { code, category, skill: Some(skill), user, ..CodedError::default() }))
    }

    /// All runs, if any row was there.
    pub(super) fn all(&self) -> Option<SkillRuns> {
        (self.runs > 0).then(|| SkillRuns {
            runs: self.runs,
            succeeded: self.succeeded,
            failed: self.failed,
            partial: self.partial,
            median_ms: self.good.median(),
        })
    }

    /// The runs that failed with this code.
    pub(super) fn of(&self, code: &str) -> Option<Runs> {
        let (failed, durations) = self.by_code.get(code)?;
        Some(Runs { failed: *failed, median_ms: durations.median(), good_median_ms: self.good.median() })
    }
}
