//! The account of the input: what was read, how much of it, what is missing from it, and counts by signature and unit.
//!
//! In: a [`Case`]. Out: the parts of the diagnosis that need no judgement. It must never say what
//! any of it means.

use std::collections::BTreeMap;

use crate::base::Stamp;
use crate::detect::{self, Phase};

use super::case::{Case, Names};
use super::diagnosis::{Blind, Input, Metric, Period, SignatureReport, SourceReport, UnitReport};

/// What was read, by source.
pub(super) fn input(case: &Case<'_>) -> Input {
    let mut input = Input { late: case.late, unreadable: case.unreadable.to_vec(), ..Input::default() };
    for (id, tally) in case.sources {
        input.records += tally.records;
        input.bytes += tally.bytes;
        input.unparsed += tally.unparsed;
        input.truncated += tally.truncated;
        let name = case.names.get(id);
        input.sources.push(SourceReport {
            name: name.map_or_else(String::new, |n| n.name.clone()),
            format: name.map_or_else(String::new, |n| n.format.clone()),
            records: tally.records,
            bytes: tally.bytes,
            unparsed: tally.unparsed,
            truncated: tally.truncated,
            duplicates: Some(tally.duplicates).filter(|n| *n > 0),
            period: period([(tally.first, tally.last)]),
        });
    }
    input.sources.sort_by(|a, b| a.name.cmp(&b.name));
    input.suppressed = case.detectors.losses().iter().filter_map(|l| l.lines).sum();
    input.dropped = case.detectors.board().dropped().iter().map(|(bound, n)| (bound.to_string(), *n)).collect();
    if case.beyond > 0 {
        input.dropped.insert("records of further units".to_owned(), case.beyond);
    }
    if case.forgotten > 0 {
        input.dropped.insert("last lines of units".to_owned(), case.forgotten);
    }
    let beyond: u64 = case.signatures.values().map(|tally| tally.beyond).sum();
    if beyond > 0 {
        input.dropped.insert("matches in further units".to_owned(), beyond);
    }
    if case.strangers.beyond() > 0 {
        input.dropped.insert("templates".to_owned(), case.strangers.beyond());
    }
    input
}

impl SourceReport {
    /// Lines of its form have no times either, so that a line of another form lacks nothing: it is judged as it stands.
    pub(crate) fn is_loose(&self) -> bool {
        self.period.is_none() && matches!(self.format.as_str(), "json-lines" | "logfmt" | "text")
    }
}

/// The numbers that detectors looked at.
pub(super) fn metrics(case: &Case<'_>) -> BTreeMap<String, Metric> {
    let metric = |m: &detect::Metric| Metric {
        n: m.n(),
        min: m.min(),
        p50: m.percentile(50),
        p90: m.percentile(90),
        p99: m.percentile(99),
        max: m.max(),
        trend: m.trend(),
    };
    case.detectors.board().metrics().iter().map(|(name, m)| (name, metric(m))).collect()
}

/// From the earliest first moment to the latest last one; `None` when nothing had a time.
pub(super) fn period(spans: impl IntoIterator<Item = (Option<Stamp>, Option<Stamp>)>) -> Option<Period> {
    let (mut from, mut to) = (None::<Stamp>, None::<Stamp>);
    for (first, last) in spans {
        from = [from, first].into_iter().flatten().min();
        to = to.max(last);
    }
    Some(Period { from: from?, to: to? })
}

/// Where lines are missing, or came where they do not count in full.
pub(super) fn blind(case: &Case<'_>, names: &Names, input: &Input) -> Vec<Blind> {
    let mut all: Vec<Blind> = Vec::new();
    for loss in case.detectors.losses() {
        let lines = loss.lines.map_or("an unknown number of lines".to_owned(), |n| {
            format!("{n} {}", if n == 1 { "line" } else { "lines" })
        });
        let whose = loss.unit.as_ref().map_or("of any unit".to_owned(), |u| format!("of {}", names.of(u)));
        all.push(Blind {
            kind: "suppressed",
            unit: loss.unit.as_ref().map(|u| names.of(u)),
            source: String::new(),
            period: Some(Period { from: loss.time, to: loss.time }),
            lines: loss.lines,
            text: format!("{lines} {whose} lost before {}: {}", loss.time.clock(), loss.text),
        });
    }
    for source in &input.sources {
        for (kind, n, what) in [
            ("truncated", source.truncated, ["line longer than 1 MiB was cut", "lines longer than 1 MiB were cut"]),
            (
                "unparsed",
                source.unparsed,
                ["line did not have the form of the source", "lines did not have the form of the source"],
            ),
        ] {
            // In a log without times nothing hangs on the form: every line is judged as it stands.
            let judged = kind == "unparsed" && source.is_loose();
            if n > 0 && !judged {
                let [one, many] = what;
                let what = if n == 1 { one } else { many };
                all.push(Blind {
                    kind,
                    unit: None,
                    source: source.name.clone(),
                    period: source.period,
                    lines: Some(n),
                    text: format!("{}: {n} {what}", source.name),
                });
            }
        }
    }
    for gone in &input.unreadable {
        all.push(Blind {
            kind: "unreadable",
            unit: None,
            source: gone.name.clone(),
            period: None,
            lines: None,
            text: gone.why.clone(),
        });
    }
    if input.late > 0 {
        all.push(Blind {
            kind: "late",
            unit: None,
            source: String::new(),
            period: None,
            lines: Some(input.late),
            text: match input.late {
                1 => "1 record came too late for its place in the order".to_owned(),
                late => format!("{late} records came too late for their place in the order"),
            },
        });
    }
    for (bound, n) in &input.dropped {
        all.push(Blind {
            kind: "dropped",
            unit: None,
            source: String::new(),
            period: None,
            lines: Some(*n),
            text: format!("{n} {bound} beyond what is kept"),
        });
    }
    all
}

/// What matched, most frequent first.
pub(super) fn signatures(case: &Case<'_>, names: &Names) -> Vec<SignatureReport> {
    let mut all: Vec<SignatureReport> = case
        .signatures
        .iter()
        .map(|(&index, tally)| {
            let signature = case.plan.signature(index);
            let mut units: BTreeMap<String, u64> = BTreeMap::new();
            for (unit, n) in &tally.units {
                *units.entry(names.of(unit)).or_default() += n;
            }
            SignatureReport {
                id: signature.id.clone(),
                class: signature.class,
                severity: signature.severity,
                count: tally.count,
                units,
                first_seen: tally.first,
                last_seen: tally.last,
            }
        })
        .collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.id.cmp(&b.id)));
    all
}

/// All units by name, with the state that their life ended in.
pub(super) fn units(case: &Case<'_>, names: &Names) -> Vec<UnitReport> {
    let mut all: BTreeMap<String, UnitReport> = BTreeMap::new();
    let blank = |unit: &str| UnitReport {
        unit: unit.to_owned(),
        records: 0,
        errors: 0,
        warnings: 0,
        restarts: 0,
        state: Phase::Unknown.word(),
        last_seen: None,
    };
    for ((_, unit), tally) in case.units {
        let name = names.of(unit);
        let report = all.entry(name.clone()).or_insert_with(|| blank(&name));
        report.records += tally.records;
        report.errors += tally.errors;
        report.warnings += tally.warnings;
        report.last_seen = report.last_seen.max(tally.last);
    }
    for (unit, phase, restarts) in case.detectors.units() {
        let name = names.of(unit);
        let report = all.entry(name.clone()).or_insert_with(|| blank(&name));
        report.restarts += restarts;
        report.state = phase.word();
    }
    all.into_values().collect()
}
