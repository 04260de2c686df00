//! The Production Debug Report.

use super::*;

/// 85, 25, 12, 3 and 2 errors as in the runbook's example, with known concentrations.
fn example() -> String {
    let mut rows: Vec<(i64, String)> = Vec::new();
    let mut row = |second: i64, code: &str, skill: &str, provider: &str, user: u32, status: &str| {
        let n = rows.len();
        let category = code.split('_').next().unwrap().to_lowercase();
        let category =
            if matches!(category.as_str(), "validation" | "network") { "system".to_owned() } else { category };
        let row = json!({
            "id": format!("e{n}"), "organization_id": "o_1", "user_id": format!("u_{user}"), "error_code": code,
            "error_category": category, "skill_slug": (!skill.is_empty()).then_some(skill),
            "provider": (!provider.is_empty()).then_some(provider), "action": "run",
            "http_status": status.parse::<u32>().ok(), "session_id": format!("s_{n}"), "created_at": DAY + second,
        });
        rows.push((second, row.to_string()));
    };
    for n in 0..85 {
        // 60 between 14:00 and 15:59, the rest over the day; 80 from ats-search.
        let second = if n < 60 { 14 * 3600 + n * 120 } else { (n - 60) * 1700 };
        row(
            second,
            "LLM_RATE_LIMITED",
            if n < 80 { "ats-search" } else { "email-draft" },
            "anthropic",
            (n % 12) as u32,
            "429",
        );
    }
    for n in 0..25 {
        row(9 * 3600 + n * 60, "INTEGRATION_TOKEN_EXPIRED", "email-draft", "gmail", 7, "401");
    }
    for n in 0..12 {
        row(n * 7000, "SCRAPE_TIMEOUT", "linkedin-lookup", "", n as u32, "");
    }
    for n in 0..3 {
        row(3600 + n, "VALIDATION_ERROR", "", "", 1, "400");
    }
    for n in 0..2 {
        row(7200 + n, "NETWORK_ERROR", "", "", 2, "");
    }
    rows.sort();
    rows.into_iter().map(|(_, row)| row + "\n").collect()
}

fn runs() -> String {
    let mut lines = String::new();
    for n in 0..40 {
        let failed = n % 4 == 0;
        let row = json!({
            "id": format!("l{n}"), "skill_id": "ats-search", "user_id": "u_1", "api_key_id": null,
            "status": if failed { "error" } else { "success" }, "duration_ms": if failed { 31_200 + n } else { 2_000 + n },
            "input_summary": null, "error_message": failed.then_some("LLM_RATE_LIMITED"), "created_at": DAY + 14 * 3600 + n,
        });
        writeln!(lines, "{row}").unwrap();
    }
    lines
}

#[test]
fn the_runbooks_example_in_three_forms() {
    let papers = example()
        + &runs()
        + "{\"event\":\"deploy_finished\",\"version\":\"v2\",\"timestamp\":\"2026-01-30T08:50:00Z\",\"message\":\"Deployed v2 to production\"}\n";
    let deploy = Deploy { time: at(13 * 3600 + 45 * 60), name: "v3".to_owned() };
    let report = with("error_events.jsonl", &papers, |desk| production(desk, &[deploy]));
    insta::assert_snapshot!("production_text", text(&report));
    insta::assert_snapshot!("production_markdown", markdown(&report));
    insta::assert_snapshot!("production_json", serde_json::to_string_pretty(&coded(&report)).unwrap());
}

#[test]
fn the_summary_is_sorted_by_count_then_code() {
    let report = with("rows.jsonl", &example(), |desk| production(desk, &[]));
    let rows: Vec<String> = report
        .summary
        .iter()
        .map(|row| {
            let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            format!("{} {} {} {}", row.error_code, row.count, or(&row.category), or(&row.top_skill))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "LLM_RATE_LIMITED 85 llm ats-search",
            "INTEGRATION_TOKEN_EXPIRED 25 integration email-draft",
            "SCRAPE_TIMEOUT 12 scrape linkedin-lookup",
            "VALIDATION_ERROR 3 system -",
            "NETWORK_ERROR 2 system -",
        ]
    );
    assert_eq!((report.total_errors, report.unique_error_codes, report.counted_from), (127, 5, "error_events"));
    let first = &report.issues[0];
    // 14:00 to 14:59:59 holds 30 of the 60, and one of the others each 28 min 20 s.
    let hand = |from: i64| {
        (0..85)
            .filter(|n| {
                let second: i64 = if *n < 60 { 14 * 3600 + n * 120 } else { (n - 60) * 1700 };
                (from..from + 3600).contains(&(second / 60 * 60))
            })
            .count() as u64
    };
    let best = (0..1440).map(|minute| (hand(minute * 60), std::cmp::Reverse(minute))).max().unwrap();
    let busiest = first.busiest.unwrap();
    assert_eq!(busiest.count, best.0);
    assert_eq!(first.users.as_ref().unwrap().distinct, 12);
    assert_eq!(first.sessions.as_ref().unwrap().distinct, 85);
    let one = report.issues[1].users.as_ref().unwrap();
    assert_eq!((one.distinct, one.top.name.as_str(), one.of), (1, "u_7", 25));
}

/// The same error in every form in which it is written, once each.
#[test]
fn all_forms_of_one_error_count() {
    let report = with("mixed.log", FORMS, |desk| production(desk, &[]));
    let rows: Vec<(&str, u64)> = report.summary.iter().map(|row| (row.error_code.as_str(), row.count)).collect();
    assert_eq!(rows, [("LLM_TIMEOUT", 7)]);
    let skills: Vec<(&str, u64)> = report.issues[0].skills.iter().map(|one| (one.name.as_str(), one.count)).collect();
    assert_eq!(skills, [("ats-search", 6)]);
    assert_eq!(report.skill_runs.map(|runs| (runs.runs, runs.failed)), Some((1, 1)));
    assert_eq!(report.issues[0].usage.map(|runs| runs.median_ms), Some(Some(812)));
}

const FORMS: &str = r#"{"id":"e1","error_code":"LLM_TIMEOUT","error_category":"llm","skill_slug":"ats-search","provider":null,"created_at":1769811245}
{"id": "e2", "errorCode": "LLM_TIMEOUT", "errorCategory": "llm", "skillSlug": "ats-search", "createdAt": "2026-01-30T22:14:05.000Z"}
{"errorCode":"LLM_TIMEOUT","context":{"skillSlug":"ats-search","httpStatus":504},"timestamp":1769811245123,"sessionId":"s1"}
[ERROR_EVENT] { code: 'LLM_TIMEOUT', category: 'llm', skillSlug: 'ats-search', sessionId: '3f0e' }
[ERROR_EVENT] {
  code: 'LLM_TIMEOUT',
  category: 'llm',
  skillSlug: 'ats-search',
  sessionId: '3f0e1a22-0000-4000-8000-121212121212'
}
[AutomationWorker] Failed: 8c2f-11 - LLM_TIMEOUT: Request timeout
e1|o1|u_1|LLM_TIMEOUT|llm|ats-search||run||s1|1769811245
{"errorCode":"LLM_TIMEOUT","errorCategory":"llm","count":85}
{"id":"l1","skill_id":"k1","user_id":"u_1","api_key_id":null,"status":"error","duration_ms":812,"input_summary":null,"error_message":"LLM_TIMEOUT","created_at":1769811245}
if (code === 'LLM_TIMEOUT') return retry();
"#;

/// Without error events, failed runs are what is counted; without codes, rules are.
#[test]
fn other_logs_have_rules_for_codes_and_units_for_skills() {
    let report = with("skill_usage_logs.jsonl", &runs(), |desk| production(desk, &[]));
    assert_eq!((report.counted_from, report.total_errors), ("skill_usage_logs", 10));
    let log = "2026-05-11T22:30:00Z host systemd[1]: Stopping api.service - API...\n\
               2026-05-11T22:30:01Z host systemd[1]: Stopped api.service - API.\n\
               2026-05-11T22:30:02Z host systemd[1]: Started api.service - API.\n\
               2026-05-11T22:40:02Z host api[7]: sqlite3.OperationalError: database is locked\n\
               2026-05-11T22:40:03Z host api[7]: sqlite3.OperationalError: database is locked\n\
               2026-05-11T22:40:04Z host web[9]: ERROR the sprocket has no teeth\n";
    let report = with("journal.log", log, |desk| production(desk, &[]));
    assert_eq!(report.counted_from, "log");
    let rows: Vec<(&str, u64, Option<&str>)> =
        report.summary.iter().map(|row| (row.error_code.as_str(), row.count, row.top_skill.as_deref())).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0].0.contains("locked") && rows[0].1 == 2 && rows[0].2 == Some("api"), "{rows:?}");
    assert_eq!(rows[1], ("unclassified", 1, Some("web")));
    let deployments: Vec<(&str, i64)> =
        report.issues[0].deployments.iter().map(|one| (one.name.as_str(), one.seconds_before)).collect();
    assert_eq!(deployments, [("api.service restarted on purpose", 600)]);
}

/// A hundred thousand rows of as many codes, users and skills: bounded, and what was left out is told.
#[test]
fn many_rows_stay_bounded() {
    let mut papers = String::new();
    for n in 0..100_000_u32 {
        let code = if n % 2 == 0 { "LLM_TIMEOUT".to_owned() } else { format!("CODE_{n}") };
        writeln!(
            papers,
            "{{\"error_code\":\"{code}\",\"skill_slug\":\"k{n}\",\"user_id\":\"u{n}\",\"created_at\":{}}}",
            DAY + i64::from(n)
        )
        .unwrap();
    }
    // Without packs: the bounds are not theirs.
    let pipeline = Pipeline::builder().zone(TimeZone::UTC).build().unwrap();
    let papers = Papers::Bytes("rows.jsonl".to_owned(), papers.into_bytes());
    let report = production(&Desk::new(&pipeline, papers, Filter::default()), &[]);
    assert_eq!((report.unique_error_codes, report.total_errors), (1_000, 50_999));
    assert_eq!(report.issues[0].skills.len(), 50);
    assert_eq!(
        report.issues[0].users.as_ref().map(|who| (who.distinct, who.more, who.of)),
        Some((5_000, true, 50_000))
    );
    let dropped: BTreeMap<&str, u64> = report.read.dropped.clone();
    assert_eq!(dropped.get("errors of further codes"), Some(&49_001));
    assert_eq!(dropped.get("skills of a code"), Some(&49_950));
    assert_eq!(dropped.get("users and sessions of a code"), Some(&45_000));
    assert!(text(&report).contains("left out: 49,001 (errors of further codes)"));
}
