//! Findings of one unit that are near in time.

use std::collections::BTreeMap;

use crate::base::{FindingKind, Severity, Span, Stamp, stem};
use crate::detect::Finding;

use super::case::Names;

/// Findings of one unit further apart than this are two stories.
const APART: Span = Span::seconds(600);

/// Findings of one unit that belong together.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The unit, by the name that the whole report uses.
    pub(super) unit: String,
    /// In the order in which they began.
    pub(super) findings: Vec<&'a Finding>,
    /// The first event.
    pub(super) first: Stamp,
    /// The last event.
    pub(super) last: Stamp,
}

impl<'a> Group<'a> {
    /// The finding about crashes, if there is one.
    pub(super) fn crash(&self) -> Option<&'a Finding> {
        self.findings.iter().copied().find(|f| !f.crashes.is_empty())
    }

    /// The finding of this kind, if there is one.
    pub(super) fn kind(&self, kind: FindingKind) -> Option<&'a Finding> {
        self.findings.iter().copied().find(|f| f.finding == kind)
    }

    /// The finding that says most: the worst, then what the manager gave up on, then loops, then the earliest.
    pub(super) fn headline(&self) -> Option<&'a Finding> {
        let weight = |f: &Finding| match f.finding {
            FindingKind::StartLimit => 0,
            FindingKind::CrashLoop | FindingKind::OomLoop => 1,
            _ if !f.crashes.is_empty() => 2,
            _ => 3,
        };
        self.findings.iter().copied().min_by_key(|f| (std::cmp::Reverse(now(f)), weight(f), f.first_seen))
    }

    /// All lines of its findings.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let said = self.findings.iter().flat_map(|f| &f.crashes).filter_map(|c| c.said.as_ref()).map(|s| &s.line);
        self.findings.iter().flat_map(|f| &f.evidence).chain(said).map(|e| e.text.as_str())
    }

    /// When it was over, if all of it is.
    pub(super) fn resolved(&self) -> Option<Stamp> {
        self.findings.iter().map(|f| f.resolved).collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// How bad it is at the end of the log.
    pub(super) fn severity(&self) -> Severity {
        self.findings.iter().map(|f| now(f)).max().unwrap_or(Severity::Healthy)
    }
}

/// How bad a finding is at the end of the log: what is over is not down any more.
pub(super) fn now(finding: &Finding) -> Severity {
    if finding.resolved.is_some() { finding.severity.min(Severity::Degraded) } else { finding.severity }
}

/// Groups all findings, in the order in which the groups began.
pub(super) fn group<'a>(findings: &'a [Finding], names: &Names) -> Vec<Group<'a>> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    let key =
        |f: &Finding| (f.first_seen, f.unit.clone(), std::cmp::Reverse(f.severity), f.detector.clone(), f.key.clone());
    sorted.sort_by_cached_key(|f| key(f));
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut latest: BTreeMap<(String, String), usize> = BTreeMap::new();
    for finding in sorted {
        let key = (finding.host.clone(), stem(&finding.unit).to_owned());
        let near = latest.get(&key).copied().filter(|&i| finding.first_seen <= groups[i].last.plus(APART));
        match near {
            Some(i) => {
                groups[i].last = groups[i].last.max(finding.last_seen);
                groups[i].findings.push(finding);
            }
            None => {
                latest.insert(key, groups.len());
                groups.push(Group {
                    unit: names.of(&finding.unit),
                    findings: vec![finding],
                    first: finding.first_seen,
                    last: finding.last_seen,
                });
            }
        }
    }
    groups
}
