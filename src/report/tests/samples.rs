//! Diagnoses to look at.

use std::collections::BTreeMap;

use crate::base::{Class, FindingKind, Level, Number, Severity, Span, Stamp};
use crate::incident::*;

/// 2026-05-11 22:40:02 UTC, and so many milliseconds.
pub fn at(ms: i64) -> Stamp {
    Stamp(1_778_539_202_000_000_000).plus(Span::millis(ms))
}

pub fn healthy() -> Diagnosis {
    let unit = |name: &str| UnitReport {
        unit: name.into(),
        records: 100,
        errors: 0,
        warnings: 0,
        restarts: 0,
        state: "up",
        last_seen: Some(at(9)),
    };
    Diagnosis {
        schema: SCHEMA,
        tool: Tool { name: "logtriage", version: "0.0.0" },
        severity: Severity::Healthy,
        summary: "nothing wrong in 1,912 entries of 7 units".into(),
        period: Some(Period { from: at(-60_000), to: at(900_000) }),
        input: Input {
            records: 1912,
            bytes: 901_234,
            sources: vec![SourceReport {
                name: "/tmp/journal.json".into(),
                format: "journal-json".into(),
                records: 1912,
                bytes: 901_234,
                unparsed: 0,
                truncated: 0,
                duplicates: None,
                period: Some(Period { from: at(-60_000), to: at(900_000) }),
            }],
            ..Input::default()
        },
        blind: vec![],
        incidents: vec![],
        findings: vec![],
        signatures: vec![],
        unclassified: vec![],
        units: ["api", "b", "c", "d", "indexer.service", "search.service", "z"].map(unit).into(),
        metrics: BTreeMap::new(),
    }
}

fn line(ms: i64, offset: u64, text: &str) -> EvidenceReport {
    EvidenceReport {
        time: at(ms),
        unit: "indexer.service".into(),
        source: "/tmp/journal.json".into(),
        offset,
        cursor: None,
        text: text.into(),
    }
}

fn link(ms: i64, text: &str, offset: Option<u64>) -> Link {
    Link {
        time: at(ms),
        unit: "indexer.service".into(),
        finding: "crash_loop".into(),
        text: text.into(),
        source: offset.map(|_| "/tmp/journal.json".into()),
        offset,
        cursor: None,
    }
}

pub fn finding(id: &str, unit: &str, title: &str) -> FindingReport {
    FindingReport {
        id: id.into(),
        detector: "core/timeouts".into(),
        kind: "count",
        finding: FindingKind::Failure,
        severity: Severity::Degraded,
        class: Class::Timeout,
        unit: unit.into(),
        key: BTreeMap::from([("unit".into(), unit.into())]),
        title: title.into(),
        count: 2,
        value: Some(Number::whole(2)),
        threshold: Some(Number::whole(1)),
        facts: Default::default(),
        window_s: Some(60),
        first_seen: at(0),
        last_seen: at(5000),
        state: "open",
        evidence: vec![line(0, 1700, "upstream timed out (110)")],
    }
}

pub fn unclassified() -> Unclassified {
    Unclassified {
        template: "ingest: shard <n> refused batch <id>".into(),
        level: Some(Level::Err),
        count: 14,
        units: vec!["ingest".into()],
        first_seen: at(0),
        last_seen: at(9000),
        sample: "ingest: shard 4 refused batch 77ab".into(),
    }
}

pub fn incident() -> Incident {
    let error = "PermissionError: [Errno 13] Permission denied: '/var/lib/indexer/wal'";
    Incident {
        id: "0f1e".into(),
        severity: Severity::Down,
        title: "indexer.service crash-loops; systemd gave up after 4 starts in 19 s".into(),
        state: "open",
        first_seen: at(0),
        last_seen: at(19_000),
        root_cause: RootCause {
            signature: Some("python/permission".into()),
            detector: None,
            unit: "indexer.service".into(),
            class: Class::Permission,
            text: error.into(),
            cause: "The process may not open the file.".into(),
            why: "last error before the exit in 4 of 4 crashes; first at 22:40:02.9".into(),
            confidence: Confidence::High,
        },
        alternatives: vec![Alternative {
            text: "full disk".into(),
            why: "no sign of it in these logs".into(),
            confidence: Confidence::Low,
        }],
        chain: vec![
            link(-3900, "stopped on purpose and started again (upgrade)", Some(1655)),
            link(900, "Permission denied: '/var/lib/indexer/wal'", Some(1661)),
            link(1000, "exited, status 1; restarted 3 times until 22:40:18", None),
            link(19_000, "start limit reached: systemd will not start it again", None),
        ],
        affected: vec!["indexer.service".into(), "search.service".into()],
        fixes: vec![
            FixReport {
                text: "who owns it, who runs".into(),
                run: Some("stat -c '%U:%G %a' /var/lib/indexer/wal".into()),
                when: None,
                verify: Some("systemctl is-active 'indexer.service'".into()),
            },
            FixReport {
                text: "give it back, start".into(),
                run: Some("chown -R indexer: /var/lib/indexer | tee log; systemctl reset-failed indexer".into()),
                when: Some("the owner is wrong".into()),
                verify: None,
            },
        ],
        evidence: vec![
            line(900, 1661, error),
            line(19_000, 1702, "indexer.service: Start request repeated too quickly."),
        ],
        crashes: Some(CrashReport {
            total: 4,
            with_last_words: 4,
            repeats: Some(Repeat { text: error.into(), crashes: 4 }),
            first: Some(CrashLines {
                time: at(1000),
                how: "exited, status 1".into(),
                last_words: vec![line(800, 1660, "opening the log"), line(900, 1661, error)],
            }),
            last: None,
        }),
        findings: vec!["f1".into()],
        recurring: Some(Recurring {
            times: 3,
            first: at(-600_000_000),
            last: at(-86_400_000),
            advice: Some("Fix the package's post-install.".into()),
        }),
    }
}

pub fn crash_loop() -> Diagnosis {
    let mut d = healthy();
    d.severity = Severity::Down;
    d.summary = incident().title;
    d.incidents = vec![incident()];
    d.findings = vec![finding("f1", "indexer.service", "crash loop"), finding("f2", "api", "2 timeouts")];
    d.unclassified = vec![unclassified()];
    d.signatures = vec![SignatureReport {
        id: "python/permission".into(),
        class: Class::Permission,
        severity: Severity::Down,
        count: 4,
        units: BTreeMap::from([("indexer.service".into(), 4)]),
        first_seen: at(0),
        last_seen: at(9),
    }];
    d.metrics = BTreeMap::from([(
        "dead_backend_hits".into(),
        Metric {
            n: 3,
            min: Number::ZERO,
            p50: Number(500_000),
            p90: Number::whole(2),
            p99: Number::whole(2),
            max: Number::whole(2),
            trend: "rising",
        },
    )]);
    d
}

pub fn two() -> Diagnosis {
    let mut d = crash_loop();
    let mut other = incident();
    other.id = "2".into();
    other.severity = Severity::Degraded;
    other.title = "api answers late".into();
    other.state = "resolved";
    d.incidents.push(other);
    d.input.suppressed = 4499;
    d.blind = vec![Blind {
        kind: "suppressed",
        unit: Some("api".into()),
        source: "/tmp/journal.json".into(),
        period: None,
        lines: Some(4499),
        text: "4499 lines of api.service suppressed 10:02-10:04".into(),
    }];
    d.input.unreadable =
        vec![Unreadable { name: "b.gz".into(), why: "expected gzip, found end of file at byte 12".into() }];
    d
}

pub fn burst() -> Diagnosis {
    let mut d = healthy();
    d.severity = Severity::Degraded;
    d.summary = "14 errors of one shape that no signature knows, in ingest".into();
    d.unclassified = vec![unclassified()];
    d
}

/// The crash loop with `text` in every place that a log can fill.
pub fn filled(text: &str) -> Diagnosis {
    let mut d = two();
    let s = || text.to_owned();
    d.summary = s();
    for i in &mut d.incidents {
        (i.title, i.root_cause.text, i.root_cause.why, i.root_cause.cause) = (s(), s(), s(), s());
        i.chain.iter_mut().for_each(|l| (l.unit, l.text, l.source) = (s(), s(), Some(s())));
        i.affected = vec![s(), s()];
        i.fixes.iter_mut().for_each(|f| (f.text, f.run, f.when, f.verify) = (s(), Some(s()), Some(s()), Some(s())));
        i.evidence.iter_mut().for_each(|e| (e.unit, e.text, e.source) = (s(), s(), s()));
        i.alternatives.iter_mut().for_each(|a| (a.text, a.why) = (s(), s()));
        if let Some(c) = &mut i.crashes {
            c.repeats.iter_mut().for_each(|r| r.text = s());
            c.first.iter_mut().flat_map(|f| &mut f.last_words).for_each(|e| e.text = s());
        }
    }
    d.findings.iter_mut().for_each(|f| (f.unit, f.title, f.detector) = (s(), s(), s()));
    d.unclassified.iter_mut().for_each(|u| (u.template, u.sample, u.units) = (s(), s(), vec![s()]));
    d.units.iter_mut().for_each(|u| u.unit = s());
    d.blind.iter_mut().for_each(|b| b.text = s());
    d.input.unreadable.iter_mut().for_each(|u| (u.name, u.why) = (s(), s()));
    d.input.sources.iter_mut().for_each(|x| x.name = s());
    d
}
