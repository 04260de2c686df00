//! The calibration table: outcomes of proposals by family and confidence.

use std::collections::BTreeMap;

use crate::base::{Span, Stamp};
use crate::report::kinds::{Calibration, CalibrationRow};

use super::desk::{Desk, Seen};

/// Groups that are told apart.
const GROUPS: usize = 10_000;

/// How the table is made.
#[derive(Clone, Copy, Debug)]
pub struct CalibrationOptions {
    /// Records of so many days.
    pub days: u32,
    /// Groups with fewer records are left out.
    pub least: u64,
    /// A table for each repository.
    pub per_repo: bool,
    /// The moment from which days are counted back; the end of what is there, if nobody says it.
    pub now: Option<Stamp>,
}

impl Default for CalibrationOptions {
    fn default() -> CalibrationOptions {
        CalibrationOptions { days: 90, least: 5, per_repo: false, now: None }
    }
}

/// Reads what lies on the desk.
pub fn calibration(desk: &Desk<'_>, options: CalibrationOptions) -> Calibration {
    let since = desk.now(options.now).map(|now| now.minus(Span::seconds(i64::from(options.days) * 86_400)));
    let mut groups: BTreeMap<(String, String, String), [u64; 4]> = BTreeMap::new();
    let (mut outside, mut beyond) = (0, 0);
    let mut read = desk.each(&mut |seen: &Seen<'_>| {
        let Some(row) = &seen.row else { return false };
        let [Some(family), Some(confidence)] = [row.text(&["family"]), row.text(&["confidence"])] else { return false };
        let Some(outcome) = row.text(&["outcome"]) else { return false };
        if CalibrationRow::of(&family, &confidence, [0; 4]).is_none() {
            return false;
        }
        let at = row.time_of(&["recorded_at"]).or(seen.time);
        if at.zip(since).is_none_or(|(at, since)| at < since) {
            outside += 1;
            return true;
        }
        let repo = if options.per_repo { row.text(&["repo_key"]).unwrap_or_default() } else { String::new() };
        let key = (repo, family, confidence);
        if groups.len() >= GROUPS && !groups.contains_key(&key) {
            beyond += 1;
            return true;
        }
        let place = ["merged", "escalated", "abandoned"].iter().position(|word| *word == outcome).unwrap_or(3);
        if let Some(count) = groups.entry(key).or_default().get_mut(place) {
            *count += 1;
        }
        true
    });
    read.drop("families", beyond);
    let enough = |outcomes: &[u64; 4]| outcomes.iter().sum::<u64>() >= options.least;
    let rows =
        groups.iter().filter(|(_, outcomes)| enough(outcomes)).filter_map(|((repo, family, confidence), outcomes)| {
            let row = CalibrationRow::of(family, confidence, *outcomes)?;
            Some(CalibrationRow { repo_key: Some(repo.clone()).filter(|repo| !repo.is_empty()), ..row })
        });
    Calibration {
        schema: "logtriage.report.calibration/1",
        window_days: options.days,
        min_records: options.least,
        rows: rows.collect(),
        too_few: u64::try_from(groups.values().filter(|outcomes| !enough(outcomes)).count()).unwrap_or(u64::MAX),
        outside,
        read,
    }
}
