//! What `-v` adds below the stories: all findings, signatures, templates, units and sources.

use super::super::words::{count, names, number, period};
use super::page::Page;
use crate::base::stem;
use crate::incident::Diagnosis;

/// Writes all lists.
pub(super) fn details(page: &mut Page<'_>, d: &Diagnosis) {
    page.list(
        "Findings",
        d.findings.iter().map(|f| {
            format!(
                "{} {}: {} ({}, {}, {})",
                f.severity,
                stem(&f.unit),
                f.title,
                f.detector,
                f.state,
                period(f.first_seen, f.last_seen)
            )
        }),
    );
    page.list(
        "Signatures",
        d.signatures.iter().map(|s| {
            format!("{} {} ({}, {})", number(s.count), s.id, s.severity, names(s.units.keys().map(String::as_str), 5))
        }),
    );
    page.list(
        "Unclassified",
        d.unclassified.iter().map(|u| {
            let level = u.level.map_or("no level", |l| l.word());
            format!(
                "{} {} ({level}, {}); first: {}",
                number(u.count),
                u.template,
                names(u.units.iter().map(String::as_str), 5),
                u.sample
            )
        }),
    );
    page.list(
        "Numbers",
        d.metrics.iter().map(|(name, m)| {
            format!(
                "{name}: {}, {} to {}, p50 {}, p90 {}, p99 {}, {}",
                count(m.n, "reading", "readings"),
                m.min,
                m.max,
                m.p50,
                m.p90,
                m.p99,
                m.trend
            )
        }),
    );
    page.list(
        "Units",
        d.units.iter().map(|u| {
            format!(
                "{}: {}, {}, {}, {}, {}",
                u.unit,
                u.state,
                count(u.records, "entry", "entries"),
                count(u.errors, "error", "errors"),
                count(u.warnings, "warning", "warnings"),
                count(u.restarts, "restart", "restarts")
            )
        }),
    );
    page.list(
        "Sources",
        d.input.sources.iter().map(|s| {
            format!(
                "{}: {}, {}, {}",
                s.name,
                s.format,
                count(s.records, "entry", "entries"),
                count(s.bytes, "byte", "bytes")
            )
        }),
    );
}
