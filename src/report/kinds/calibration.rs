//! The calibration table: how often proposals of a family were accepted, against what their confidence promised.
//!
//! The table has the widths and roundings of the tool that operators know (`tune-autonomy`): both can be laid side by side.

use serde::Serialize;

use super::{Intake, Report, many};
use crate::report::sheet::{Line, Sheet};

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Calibration {
    /// `logtriage.report.calibration/1`.
    pub schema: &'static str,
    /// Records of so many days before the end of what was read.
    pub window_days: u32,
    /// Groups with fewer records are left out.
    pub min_records: u64,
    /// By repository, family and confidence, in this order.
    pub rows: Vec<CalibrationRow>,
    /// Groups that were left out because they have too few records.
    pub too_few: u64,
    /// Records that are older than the window, or have no time.
    pub outside: u64,
    /// What was read.
    pub read: Intake,
}

/// One family at one confidence. The keys are those of the tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationRow {
    /// The family of proposals.
    pub family: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
    /// Records.
    pub total: u64,
    /// Accepted.
    pub merged: u64,
    /// Given to a person.
    pub escalated: u64,
    /// Given up.
    pub abandoned: u64,
    /// `merged / total`, three places.
    pub acceptance_rate: f64,
    /// What the confidence promises: 0.8, 0.5, 0.3.
    pub expected_rate: f64,
    /// Acceptance over promise, three places.
    pub calibration_ratio: f64,
    /// The repository, where the table is by repository.
    pub repo_key: Option<String>,
    /// `ok` (0.9 and more), `mild` (0.6 and more), `over-confident`.
    pub verdict: &'static str,
}

impl CalibrationRow {
    /// The row of a group; `None` for a confidence that promises nothing.
    ///
    /// Rates are rounded as Python's `round` does it: the exact value of the double, halves to the even neighbour.
    pub fn of(family: &str, confidence: &str, outcomes: [u64; 4]) -> Option<CalibrationRow> {
        let expected_rate = expected(confidence)?;
        let [merged, escalated, abandoned, other] = outcomes;
        let total = merged + escalated + abandoned + other;
        let rate = if total > 0 { merged as f64 / total as f64 } else { 0.0 };
        let ratio = thousandths(rate / expected_rate);
        Some(CalibrationRow {
            family: family.to_owned(),
            confidence: confidence.to_owned(),
            total,
            merged,
            escalated,
            abandoned,
            acceptance_rate: thousandths(rate),
            expected_rate,
            calibration_ratio: ratio,
            repo_key: None,
            verdict: match ratio {
                r if r >= 0.9 => "ok",
                r if r >= 0.6 => "mild",
                _ => "over-confident",
            },
        })
    }

    /// `  lint_fix                     high         8      62%      80%   0.78  `, as the tool prints it.
    fn line(&self) -> String {
        let flag = match self.verdict {
            "ok" => " ✓",
            "mild" => "  ",
            _ => "⚠",
        };
        let (accepted, expected) = (percent(self.acceptance_rate), percent(self.expected_rate));
        format!(
            "  {:<28} {:<8} {:>5} {accepted:>8} {expected:>8} {:>6.2}{flag}",
            self.family, self.confidence, self.total, self.calibration_ratio
        )
    }
}

/// What a confidence promises.
pub fn expected(confidence: &str) -> Option<f64> {
    match confidence {
        "high" => Some(0.8),
        "medium" => Some(0.5),
        "low" => Some(0.3),
        _ => None,
    }
}

/// Three places. Rust prints the exact value of a double rounded half to even, as Python rounds.
fn thousandths(value: f64) -> f64 {
    format!("{value:.3}").parse().unwrap_or(value)
}

/// Whole percents, rounded as Python's `{:.0%}` does it.
fn percent(rate: f64) -> String {
    format!("{:.0}%", rate * 100.0)
}

impl Report for Calibration {
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new("Confidence calibration");
        let mut lines = Vec::new();
        if self.rows.is_empty() {
            let need = self.min_records;
            lines.push(format!("  Confidence calibration: no data yet (need ≥{need} records per family/confidence)."));
        } else {
            lines.push("  Confidence calibration:".to_owned());
        }
        let mut repo: Option<&Option<String>> = None;
        for row in &self.rows {
            if repo != Some(&row.repo_key) {
                if let Some(name) = &row.repo_key {
                    lines.push(format!("  {name}:"));
                }
                if repo.is_none() {
                    let [family, conf, n] = ["family", "conf", "n"];
                    let [accept, expected, ratio] = ["accept%", "expected", "ratio"];
                    lines.push(format!("  {family:<28} {conf:<8} {n:>5} {accept:>9} {expected:>9} {ratio:>7}"));
                }
                repo = Some(&row.repo_key);
            }
            lines.push(row.line());
        }
        sheet.verbatim(lines);
        let over: Vec<&CalibrationRow> = self.rows.iter().filter(|row| row.verdict == "over-confident").collect();
        if !over.is_empty() {
            sheet.heading("What to do");
            sheet.paragraph(
                "A family with ⚠ promises more than it keeps: raise its min_confidence, or lower its tier until the rate recovers.",
            );
            sheet.bullets(over.iter().map(|row| {
                Line::own("")
                    .join(Line::name(&row.family))
                    .and(format!(" at {} confidence: {} of {} accepted", row.confidence, row.merged, row.total))
            }));
        }
        if self.too_few > 0 {
            let groups = super::count(self.too_few, "group has", "groups have");
            sheet.paragraph(format!("{groups} fewer than {} records and no row.", self.min_records));
        }
        if self.outside > 0 {
            let records = super::count(self.outside, "record is", "records are");
            sheet.paragraph(format!(
                "{records} outside of the window of {}.",
                many(self.window_days as usize, "day", "days")
            ));
        }
        self.read.foot(&mut sheet);
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line as Python's format prints the same numbers.
    #[test]
    fn rows_are_those_of_the_tool() {
        for (confidence, outcomes, line, ratio) in [
            ("high", [5, 2, 1, 0], "  lint_fix                     high         8      62%      80%   0.78  ", 0.781),
            ("high", [2, 4, 0, 0], "  lint_fix                     high         6      33%      80%   0.42⚠", 0.417),
            ("high", [8, 1, 0, 0], "  lint_fix                     high         9      89%      80%   1.11 ✓", 1.111),
            ("medium", [9, 11, 0, 0], "  lint_fix                     medium      20      45%      50%   0.90 ✓", 0.9),
            ("medium", [3, 7, 0, 0], "  lint_fix                     medium      10      30%      50%   0.60  ", 0.6),
            ("low", [1, 0, 4, 0], "  lint_fix                     low          5      20%      30%   0.67  ", 0.667),
            ("low", [0, 0, 0, 5], "  lint_fix                     low          5       0%      30%   0.00⚠", 0.0),
            ("high", [12, 13, 0, 0], "  lint_fix                     high        25      48%      80%   0.60  ", 0.6),
            // 0.125 * 100 is a half: to the even neighbour.
            ("low", [1, 7, 0, 0], "  lint_fix                     low          8      12%      30%   0.42⚠", 0.417),
        ] {
            let row = CalibrationRow::of("lint_fix", confidence, outcomes).unwrap();
            assert_eq!((row.line().as_str(), row.calibration_ratio), (line, ratio), "{outcomes:?}");
        }
        assert_eq!(CalibrationRow::of("lint_fix", "certain", [5, 0, 0, 0]), None);
    }

    #[test]
    fn the_verdict_is_about_the_rounded_ratio() {
        // 0.5996 is 0.6 in three places, 0.5994 is 0.599.
        let verdict =
            |merged, total| CalibrationRow::of("f", "medium", [merged, total - merged, 0, 0]).unwrap().verdict;
        assert_eq!(verdict(2998, 10_000), "mild");
        assert_eq!(verdict(2997, 10_000), "over-confident");
        assert_eq!(verdict(4498, 10_000), "ok");
        assert_eq!(verdict(4497, 10_000), "mild");
    }
}
