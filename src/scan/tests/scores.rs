//! How well the signatures classify logs by others (lent for tests, not part of the project): the figures are told, and
//! they must not get worse.

use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::base::{Class, Place, Severity, SourceId, Stamp, lent};
use crate::record::{Format, Reference, Scratch};
use crate::rules;
use crate::scan::{Classifier, Plan};

/// What is told of a line: the worst signature that speaks about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    class: Class,
    severity: Severity,
    /// Anything at all of class `auth` or `security`.
    access: bool,
    /// One such line is told.
    alone: bool,
}

struct Judge {
    plan: Plan,
}

impl Judge {
    fn new() -> Judge {
        Judge { plan: Plan::new(rules::load(&[], true).packs).expect("the built-in packs") }
    }

    /// The verdict on each line, read in one form. `None`: no signature speaks.
    fn judge(&self, format: Format, lines: &[&str]) -> Vec<Option<(Verdict, String)>> {
        let reference = Reference { now: Stamp(0), zone: TimeZone::UTC, unit: "u".into(), boot: None, dated: false };
        let mut classifier = Classifier::new(&self.plan);
        let place = Place { source: SourceId(1), offset: 0 };
        let verdict = |line: &&str| {
            let mut scratch = Scratch::default();
            let record = format.parse(line.as_bytes(), &reference, &mut scratch)?;
            let event = classifier.classify(&record, Stamp(0), record.certainty, place)?;
            let best = self.plan.signature(*event.hits.first()?);
            let is_access = |hit: &u32| matches!(self.plan.signature(*hit).class, Class::Auth | Class::Security);
            let told = Verdict {
                class: best.class,
                severity: best.severity,
                access: event.hits.iter().any(is_access),
                alone: best.at_least == 1,
            };
            Some((told, best.id.clone()))
        };
        lines.iter().map(verdict).collect()
    }
}

/// Precision and recall.
#[derive(Default)]
struct Score {
    right: u32,
    false_alarms: u32,
    missed: u32,
}

impl Score {
    fn add(&mut self, wanted: bool, found: bool) {
        match (wanted, found) {
            (true, true) => self.right += 1,
            (false, true) => self.false_alarms += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.false_alarms).max(1))
    }

    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.missed).max(1))
    }

    fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) }
    }
}

fn show(text: impl std::fmt::Display) {
    if std::env::var_os("LOGTRIAGE_SHOW").is_some() {
        println!("{text}");
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> =
        fs::read_dir(folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Every annotated line, of login failures and of other abuse alike, against the classes `auth` and `security`.
#[test]
fn refused_logins_of_fifty_services() {
    let Some(root) = lent("fail2ban/logs") else { return };
    let judge = Judge::new();
    let mut score = Score::default();
    for path in files(&root) {
        let bytes = fs::read(&path).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        let plain: Vec<&str> = text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect();
        // Several forms stand in one file: each line is read as if it were alone.
        let mut wanted = None;
        for line in text.lines() {
            if let Some((_, json)) = line.split_once("failJSON:").filter(|_| line.starts_with('#')) {
                let value: Option<serde_json::Value> = serde_json::from_str(json).ok();
                wanted = value.and_then(|v| v.get("match").and_then(serde_json::Value::as_bool));
            } else if !line.starts_with('#')
                && !line.is_empty()
                && let Some(wanted) = wanted.take()
            {
                let found = judge.judge(Format::sniff(line.as_bytes()), &[line]);
                let access = found[0].as_ref().is_some_and(|(v, _)| v.access);
                score.add(wanted, access);
                if wanted != access {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    show(format!("{} {name}: {line}", if wanted { "missed" } else { "false" }));
                }
            }
        }
        assert!(!plain.is_empty(), "{}", path.display());
    }
    println!(
        "fail2ban: precision {:.3}, recall {:.3} ({} right, {} false, {} missed)",
        score.precision(),
        score.recall(),
        score.right,
        score.false_alarms,
        score.missed
    );
    assert!(score.precision() >= 0.98 && score.recall() >= 0.9);
}

/// Lines made from patterns of harmless lines: none may be called down, hardly any degraded.
#[test]
fn harmless_lines_raise_no_alarm() {
    let Some(root) = lent("logcheck") else { return };
    let judge = Judge::new();
    let mut runner = TestRunner::deterministic();
    let (mut lines, mut down, mut degraded, mut several) = (0u32, 0u32, 0u32, 0u32);
    for folder in ["ignore.d.paranoid", "ignore.d.server", "ignore.d.workstation", "violations.ignore.d"] {
        for path in files(&root.join(folder)) {
            let bytes = fs::read(&path).expect("a file");
            for pattern in String::from_utf8_lossy(&bytes).lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
                // The time and the host in front are written with bounds that make no real time: they are replaced.
                let tail = pattern.split_once("[._[:alnum:]-]+ ").map_or(pattern, |(_, tail)| tail);
                let Ok(strategy) = proptest::string::string_regex(tail.trim_start_matches('^').trim_end_matches('$'))
                else {
                    continue;
                };
                let Ok(tree) = strategy.new_tree(&mut runner) else { continue };
                let line = format!("May 11 22:40:02 web {}", tree.current().replace(['\n', '\r'], " "));
                lines += 1;
                let found = judge.judge(Format::sniff(line.as_bytes()), &[&line]);
                match found[0].as_ref() {
                    Some((v, id)) if v.severity == Severity::Down => {
                        down += 1;
                        show(format!("down {id}: {line}"));
                    }
                    Some((v, _)) if v.severity == Severity::Degraded && !v.alone => several += 1,
                    Some((v, id)) if v.severity == Severity::Degraded => {
                        degraded += 1;
                        show(format!("degraded {id}: {line}"));
                    }
                    _ => {}
                }
            }
        }
    }
    let per_thousand = |n: u32| f64::from(n) * 1000.0 / f64::from(lines.max(1));
    println!(
        "harmless lines: {lines}; down {down} ({:.2} in 1000), degraded {degraded} ({:.2} in 1000), {several} more that are \
         told when there are several",
        per_thousand(down),
        per_thousand(degraded)
    );
    assert!(lines > 1000, "{lines} lines were made");
    assert_eq!(down, 0);
    assert!(per_thousand(degraded) <= 10.0);
}

/// RAS events of a supercomputer: those with a category are alerts.
#[test]
fn alerts_of_a_supercomputer() {
    let Some(path) = lent("loghub/BGL/BGL_2k.first1000.log") else { return };
    let text = fs::read_to_string(path).expect("a file");
    let judge = Judge::new();
    let lines: Vec<&str> = text.lines().collect();
    let format = Format::sniff(text.as_bytes());
    let mut score = Score::default();
    for (line, found) in lines.iter().zip(judge.judge(format, &lines)) {
        let wanted = !line.starts_with("- ");
        let alarm = found.as_ref().is_some_and(|(v, _)| v.severity >= Severity::Degraded);
        score.add(wanted, alarm);
        if wanted != alarm {
            show(format!("{} {line}", if wanted { "missed" } else { "false" }));
        }
    }
    println!("BGL alerts: F1 {:.3}, precision {:.3}, recall {:.3}", score.f1(), score.precision(), score.recall());
    assert!(score.f1() >= 0.95);
}

/// What the labels of `corpora/lines` say, against the classes of the signatures: for each file precision and recall of the
/// class over all failures, and the harmless lines that were taken for one. `held.tsv` is never looked at when rules are
/// written.
#[test]
fn labelled_lines_get_their_class() {
    let judge = Judge::new();
    for (file, least_precision, least_recall, most_false) in
        [("tuned.tsv", 0.9, 0.75, 0.02), ("held.tsv", 0.85, 0.55, 0.02)]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/lines").join(file);
        let text = fs::read_to_string(path).expect("labelled lines");
        let (mut right, mut other, mut missed) = (0u32, 0u32, 0u32);
        let (mut harmless, mut alarmed) = (0u32, 0u32);
        for (label, line) in text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')) {
            let found = judge.judge(Format::Plain, &[line]);
            let told = found[0].as_ref().filter(|(v, _)| v.class != Class::Noise);
            if label == "ok" {
                harmless += 1;
                let alarm = told.is_some_and(|(v, _)| v.severity > Severity::Info);
                alarmed += u32::from(alarm);
                if alarm {
                    show(format!("{file} false {:?}: {line}", told));
                }
                continue;
            }
            match told {
                Some((v, _)) if label.split('|').any(|class| class == v.class.word()) => right += 1,
                Some((v, id)) => {
                    other += 1;
                    show(format!("{file} {label} taken for {} ({id}): {line}", v.class));
                }
                None => {
                    missed += 1;
                    show(format!("{file} {label} missed: {line}"));
                }
            }
        }
        let of = |n: u32, all: u32| f64::from(n) / f64::from(all.max(1));
        let (precision, recall) = (of(right, right + other), of(right, right + other + missed));
        println!(
            "{file}: class precision {precision:.3}, recall {recall:.3} ({right} right, {other} of another class, {missed} \
             missed); {alarmed} of {harmless} harmless lines taken for a failure"
        );
        assert!(precision >= least_precision && recall >= least_recall && of(alarmed, harmless) <= most_false);
    }
}
