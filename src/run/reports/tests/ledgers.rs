//! The spend report and the calibration table, against plain implementations of what the tools do.

use super::*;
use crate::report::kinds::{CalibrationRow, Money};

/// A usage store as JSON lines: costs of several repositories over ten days, in thousandths of a dollar.
fn costs() -> Vec<(i64, Option<&'static str>, i64)> {
    (0..240)
        .map(|n: i64| {
            let repo = [Some("OperationsCenter"), Some("ExternalRepo"), None][(n % 3) as usize];
            (n * 3600 + n % 7, repo, 100 + n * 37 % 451)
        })
        .collect()
}

fn store(costs: &[(i64, Option<&str>, i64)]) -> String {
    let mut lines = String::new();
    for (n, (second, repo, mills)) in costs.iter().enumerate() {
        let time = at(*second).rfc3339().replace('Z', "+00:00");
        let usd = *mills as f64 / 1000.0;
        let row = json!({"kind": "execution_cost", "task_id": format!("T-{n}"), "repo_key": repo, "estimated_usd": usd, "timestamp": time});
        writeln!(lines, "{row}").unwrap();
        writeln!(
            lines,
            "{}",
            json!({"kind": "execution", "role": "goal", "task_id": format!("T-{n}"), "timestamp": time})
        )
        .unwrap();
    }
    lines
}

#[test]
fn the_numbers_are_those_of_the_tool() {
    let costs = costs();
    let papers = store(&costs);
    let end = 239 * 3600 + 239 % 7;
    for days in [1_i64, 2, 7, 30] {
        // As the tool does it, in whole thousandths.
        let mut want: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
        for (_, repo, mills) in costs.iter().filter(|(second, ..)| *second >= end - days * 86_400) {
            let bucket = want.entry(repo.unwrap_or("unknown")).or_default();
            *bucket = (bucket.0 + 1, bucket.1 + mills);
        }
        let told = coded(&with("usage.jsonl", &papers, |desk| spend(desk, days as u32, None)));
        assert_eq!(told["window_days"], days);
        assert_eq!(told["total_executions"], want.values().map(|(n, _)| n).sum::<u64>());
        let total = want.values().map(|(_, mills)| mills).sum::<i64>() as f64 / 1000.0;
        assert_eq!(told["total_estimated_usd"], total, "{days}");
        let repos: BTreeMap<&str, Value> = want
            .iter()
            .map(|(name, (n, mills))| (*name, json!({"executions": n, "estimated_usd": *mills as f64 / 1000.0})))
            .collect();
        assert_eq!(told["per_repo"], json!(repos), "{days}");
    }
}

/// `ts >= now - N days`: exactly N days old is in.
#[test]
fn the_window_is_inclusive_at_its_edge() {
    let papers = store(&[(0, None, 1000), (1, None, 2000), (86_401, None, 4000)]);
    let total =
        |now: Option<Stamp>| with("usage.jsonl", &papers, |desk| spend(desk, 1, now)).total_estimated_usd.to_string();
    assert_eq!(total(None), "$6.00");
    assert_eq!(total(Some(at(86_400))), "$7.00");
    assert_eq!(total(Some(at(86_402))), "$4.00");
    assert_eq!(total(Some(at(400_000))), "$0.00");
}

fn calls() -> String {
    let mut lines = String::new();
    for n in 0..60_i64 {
        let time = at(n * 1800).rfc3339();
        let model = ["claude-opus-4", "gemini-2.5-flash", "qwen2.5-coder-32b"][(n % 3) as usize];
        let spend = [1.25, 0.4, 0.0][(n % 3) as usize];
        let user = if n % 2 == 0 { "forge" } else { "kev" };
        let row = json!({"request_id": format!("r{n}"), "startTime": time, "spend": spend, "model": model, "user": user, "cache_hit": if n % 5 == 0 { "True" } else { "False" }});
        writeln!(lines, "{row}").unwrap();
        let row = json!({"time": time, "agent_id": user, "model": model, "provider": "x", "input_tokens": 1000, "cached_tokens": 250, "cost_usd": spend, "status": "success"});
        writeln!(lines, "{row}").unwrap();
    }
    lines
}

#[test]
fn gateways_rows_by_agent_model_tier_and_against_limits() {
    let report = with("spend-logs.jsonl", &calls(), |desk| spend(desk, 7, None));
    let names: Vec<&str> = report.ledgers.iter().map(|ledger| ledger.name).collect();
    assert_eq!(names, ["litellm", "llm_calls"]);
    for ledger in &report.ledgers {
        // 20 of 1.25 and 20 of 0.4; 48 of the 60 on the first day.
        assert_eq!((ledger.all.calls, ledger.all.usd.to_string().as_str()), (60, "$33.00"));
        let days: Vec<String> =
            ledger.by_day.iter().map(|(day, sum)| format!("{day} {} {}", sum.calls, sum.usd)).collect();
        assert_eq!(days, ["2026-01-30 48 $26.40", "2026-01-31 12 $6.60"]);
        let tiers: Vec<String> = ledger.by_tier.iter().map(|(tier, sum)| format!("{tier} {}", sum.usd)).collect();
        assert_eq!(tiers, ["frontier $25.00", "local $0.00", "mid $8.00"]);
        let agents: Vec<String> =
            ledger.by_agent.iter().map(|(agent, sum)| format!("{agent} {} {}", sum.calls, sum.usd)).collect();
        assert_eq!(agents, ["forge 30 $16.50", "kev 30 $16.50"]);
    }
    let cached: Vec<(u64, u64, &str)> =
        report.ledgers.iter().filter_map(|ledger| ledger.cached).map(|c| (c.cached, c.of, c.what)).collect();
    assert_eq!(cached, [(12, 60, "calls"), (15_000, 60_000, "tokens")]);
    // The first day: 16 of 1.25 are 20 at the frontier (15 to stay below), 13.2 of each agent (10).
    let passed: Vec<String> = report
        .passed
        .iter()
        .filter(|limit| limit.ledger == "litellm")
        .map(|limit| {
            format!("{} {} {} {}", limit.day, limit.agent.as_deref().unwrap_or(limit.what), limit.limit, limit.usd)
        })
        .collect();
    assert_eq!(
        passed,
        ["2026-01-30 forge runaway $13.20", "2026-01-30 kev runaway $13.20", "2026-01-30 frontier target $20.00"]
    );
    insta::assert_snapshot!("spend_text", text(&report));
    insta::assert_snapshot!("spend_markdown", markdown(&report));
    insta::assert_snapshot!("spend_json", serde_json::to_string_pretty(&coded(&report)).unwrap());
}

#[test]
fn what_must_be_known_is_said() {
    let zero = store(&[(0, None, 0), (1, None, 0)]);
    let told = |papers: &str, days| text(&with("usage.jsonl", papers, |desk| spend(desk, days, None)));
    assert!(told(&zero, 1).contains("cost_per_execution_usd is 0.0"));
    assert!(told(&store(&costs()), 30).contains("keeps 7 days and 1,000 events"));
    assert!(!told(&store(&costs()), 7).contains("keeps 7 days"));
    assert!(told(&calls(), 1).contains("may hold the same calls"));
    assert!(told(&store(&costs()), 1).contains("are older than the window"));
    let broken = "{\"kind\":\"execution_cost\",\"estimated_usd\":\"much\",\"timestamp\":\"2026-01-30T00:00:00Z\"}\n\
                  {\"kind\":\"execution_cost\",\"estimated_usd\":2}\n";
    let page = told(broken, 1);
    assert!(page.contains("1 rows have an amount that is no number") && page.contains("1 rows have no time"), "{page}");
}

fn outcomes() -> Vec<(i64, &'static str, &'static str, &'static str, &'static str)> {
    let mut rows = Vec::new();
    for n in 0..40_i64 {
        let outcome = |merged: i64, of: i64| {
            if n % of < merged {
                "merged"
            } else if n % 2 == 0 {
                "escalated"
            } else {
                "abandoned"
            }
        };
        rows.push((n * 3600, "lint_fix", "high", outcome(5, 8), "repo-a"));
        rows.push((n * 3600, "type_fix", "high", outcome(1, 3), "repo-b"));
        rows.push((n * 3600, "type_fix", "medium", outcome(9, 20), "repo-a"));
        if n < 4 {
            rows.push((n * 3600, "few", "low", "merged", "repo-a"));
        }
    }
    // Too old, unknown confidence, no family.
    rows.push((-95 * 86_400, "lint_fix", "high", "merged", "repo-a"));
    rows.push((0, "lint_fix", "certain", "merged", "repo-a"));
    rows.push((0, "", "high", "merged", "repo-a"));
    rows
}

fn records() -> String {
    let mut lines = String::new();
    for (second, family, confidence, outcome, repo) in outcomes() {
        let time = at(second).rfc3339().replace('Z', "+00:00");
        let row = json!({"recorded_at": time, "family": family, "confidence": confidence, "outcome": outcome, "repo_key": repo});
        writeln!(lines, "{row}").unwrap();
    }
    lines
}

/// The same table, worked out plainly.
#[test]
fn the_table_is_that_of_the_tool() {
    let mut want: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    let end = 39 * 3600;
    for (second, family, confidence, outcome, _) in outcomes() {
        if second >= end - 90 * 86_400 && !family.is_empty() && ["high", "medium", "low"].contains(&confidence) {
            want.entry((family.to_owned(), confidence.to_owned())).or_default().push(outcome);
        }
    }
    want.retain(|_, outcomes| outcomes.len() >= 5);
    let report = with("calibration.jsonl", &records(), |desk| calibration(desk, CalibrationOptions::default()));
    let rows: Vec<(String, String, u64, u64)> =
        report.rows.iter().map(|row| (row.family.clone(), row.confidence.clone(), row.total, row.merged)).collect();
    let plain: Vec<(String, String, u64, u64)> = want
        .into_iter()
        .map(|((family, confidence), outcomes)| {
            let merged = outcomes.iter().filter(|outcome| **outcome == "merged").count() as u64;
            (family, confidence, outcomes.len() as u64, merged)
        })
        .collect();
    assert_eq!(rows, plain);
    assert_eq!((report.too_few, report.outside), (1, 1));
    insta::assert_snapshot!("calibration_text", text(&report));
    insta::assert_snapshot!("calibration_markdown", markdown(&report));
    insta::assert_snapshot!("calibration_json", serde_json::to_string_pretty(&coded(&report)).unwrap());
    let by_repo = CalibrationOptions { per_repo: true, least: 1, ..CalibrationOptions::default() };
    let report = with("calibration.jsonl", &records(), |desk| calibration(desk, by_repo));
    let repos: Vec<(Option<&str>, &str)> =
        report.rows.iter().map(|row: &CalibrationRow| (row.repo_key.as_deref(), row.family.as_str())).collect();
    assert_eq!(
        repos,
        [
            (Some("repo-a"), "few"),
            (Some("repo-a"), "lint_fix"),
            (Some("repo-a"), "type_fix"),
            (Some("repo-b"), "type_fix")
        ]
    );
}

#[test]
fn names_beyond_the_bound_are_others() {
    let mut papers = String::new();
    for n in 0..3_000 {
        let row = json!({"kind": "execution_cost", "repo_key": format!("r{n}"), "estimated_usd": 0.5, "timestamp": at(n).rfc3339()});
        writeln!(papers, "{row}").unwrap();
    }
    let report = with("usage.jsonl", &papers, |desk| spend(desk, 1, None));
    assert_eq!(report.per_repo.len(), 1_001);
    assert_eq!(report.per_repo["(others)"].estimated_usd, "1000".parse::<Money>().unwrap());
    assert_eq!(report.total_estimated_usd, Money::dollars(1_500));
}
