//! Whole reports over made-up papers, in their three forms, against numbers worked out by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::base::{Span, Stamp};
use crate::report::kinds::{Report, report_json};
use crate::report::{Screen, markdown_of, text_of};
use crate::rules::{self, ChecklistRule};
use crate::run::{Filter, Pipeline};

mod ledgers;
mod nights;
mod produced;
mod steps;

/// 2026-01-30 00:00 UTC.
const DAY: i64 = 1_769_731_200;

/// Made once: reading all packs takes longer than any of these reports.
fn pipeline() -> &'static Pipeline {
    static ONE: LazyLock<Pipeline> =
        LazyLock::new(|| Pipeline::builder().packs(rules::load(&[], true).packs).zone(TimeZone::UTC).build().unwrap());
    &ONE
}

fn with<T>(name: &str, text: &str, make: impl FnOnce(&Desk<'_>) -> T) -> T {
    make(&Desk::new(pipeline(), Papers::Bytes(name.to_owned(), text.as_bytes().to_vec()), Filter::default()))
}

fn text(report: &impl Report) -> String {
    let mut out = Vec::new();
    text_of(&report.sheet().prepare(true), &Screen { width: 80, color: false, verbose: 0 }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn markdown(report: &impl Report) -> String {
    let mut out = Vec::new();
    markdown_of(&report.sheet().prepare(true), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn coded(report: &impl Report) -> Value {
    let mut out = Vec::new();
    report_json(report, true, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn at(seconds: i64) -> Stamp {
    Stamp(DAY * 1_000_000_000).plus(Span::seconds(seconds))
}

/// Empty papers, papers without times, and hostile ones: every report says so, and none leaks.
#[test]
fn nothing_no_times_and_hostile_lines() {
    let steps = list("operations-center");
    let all = |papers: &str| -> Vec<String> {
        with("papers.jsonl", papers, |desk| {
            let production = production(desk, &[]);
            let spend = spend(desk, 1, None);
            let calibration = calibration(desk, CalibrationOptions::default());
            let digest = digest(desk, Span::seconds(43_200), None);
            let checklist = checklist(desk, &steps);
            let forms = |report: &dyn Fn() -> [String; 3]| report().join("\n");
            vec![
                forms(&|| [text(&production), markdown(&production), coded(&production).to_string()]),
                forms(&|| [text(&spend), markdown(&spend), coded(&spend).to_string()]),
                forms(&|| [text(&calibration), markdown(&calibration), coded(&calibration).to_string()]),
                forms(&|| [text(&digest), markdown(&digest), coded(&digest).to_string()]),
                forms(&|| [text(&checklist), markdown(&checklist), coded(&checklist).to_string()]),
            ]
        })
    };
    let [production, spend, calibration, digest, checklist] = <[String; 5]>::try_from(all("")).unwrap();
    assert!(production.contains("Total Errors: 0") && production.contains("Nothing was read."), "{production}");
    assert!(spend.contains("No rows with costs were read"), "{spend}");
    assert!(calibration.contains("no data yet (need ≥5 records per family/confidence)"), "{calibration}");
    assert_eq!(digest.matches("not read").count(), 12, "{digest}");
    assert!(checklist.contains("34 steps: 0 to look at, 0 ok, 34 not read"), "{checklist}");
    let hostile = "{\"error_code\":\"LLM_TIMEOUT\",\"skill_slug\":\"\\u001b[31m`|` password=hunter2\",\"error\":\"x\"}\n\
                   {\"kind\":\"execution_cost\",\"repo_key\":\"\\u202e token=hunter2 \\n## x\",\"estimated_usd\":1}\n\
                   {\"family\":\"\\u001b]0;x\\u0007\",\"confidence\":\"high\",\"outcome\":\"merged\"}\n\
                   {\"id\":\"\\u001b[2J\",\"title\":\"api_key=hunter2\",\"status\":\"dead_letter\",\"attempt\":3}\n";
    for report in all(hostile) {
        assert!(!report.contains("hunter2") && !report.contains('\u{1b}') && !report.contains('\u{202e}'), "{report}");
    }
}

fn list(name: &str) -> ChecklistRule {
    let (file, text) = rules::builtin_checklists().iter().find(|(file, _)| *file == format!("{name}.toml")).unwrap();
    rules::parse_checklist(file, text).unwrap()
}
