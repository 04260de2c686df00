//! The morning digest.

use super::*;

const NIGHT: Span = Span::seconds(12 * 3600);

fn task(id: &str, status: &str, second: i64, more: Value) -> String {
    let mut row = json!({"id": id, "title": format!("Task {id}"), "status": status, "assignedAgent": "rex", "attempt": 1, "updatedAt": at(second).rfc3339()});
    let members = row.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    format!("{row}\n")
}

/// The morning of 2026-01-31, 07:00: the night began at 19:00.
fn papers() -> String {
    let hour = 3600;
    let mut papers = String::new();
    papers += &task("t-1", "completed", 20 * hour, json!({}));
    papers += &task("t-2", "completed", 18 * hour, json!({}));
    papers += &task("t-3", "failed", 22 * hour, json!({"error": "timeout"}));
    papers += &task("t-4", "dead_letter", 23 * hour, json!({"error": "budget_exceeded", "attempt": 3}));
    papers += &task("t-5", "running", 30 * hour, json!({"startedAt": at(28 * hour).rfc3339()}));
    papers += &task("t-6", "running", 30 * hour, json!({"startedAt": at(29 * hour).rfc3339()}));
    papers += &task("t-7", "ready", 29 * hour + 1800, json!({}));
    papers += &task("t-8", "ready", 30 * hour + 1, json!({}));
    papers += &task("t-3", "running", 21 * hour, json!({}));
    for day in -8..2 {
        for call in 0..4 {
            let time = at(day * 86_400 + call * 3600).rfc3339();
            papers += &format!(
                "{}\n",
                json!({"time": time, "agent_id": "rex", "model": "claude-opus-4", "provider": "anthropic", "cost_usd": 1.5 + day as f64 / 4.0 + 2.5})
            );
        }
    }
    papers += &format!(
        "{}\n",
        json!({"type": "heartbeat", "source": "agent:rex", "timestamp": at(31 * hour - 300).rfc3339()})
    );
    papers += &format!(
        "{}\n",
        json!({"type": "heartbeat", "source": "agent:forge", "timestamp": at(31 * hour - 301).rfc3339()})
    );
    papers += &format!(
        "{}\n",
        json!({"type": "approval_request", "status": "pending", "what": "Deploy pricing-service", "agent": "forge", "risk": "Medium", "deadline": "4h", "timestamp": at(30 * hour).rfc3339()})
    );
    papers += &format!(
        "{}\n",
        json!({"type": "approval_request", "status": "approved", "what": "Deploy blog", "timestamp": at(30 * hour).rfc3339()})
    );
    papers +=
        &format!("{}\n", json!({"type": "heartbeat", "source": "agent:kev", "timestamp": at(31 * hour).rfc3339()}));
    papers
}

#[test]
fn a_whole_morning_in_three_forms() {
    let report = with("digest.jsonl", &papers(), |desk| digest(desk, NIGHT, None));
    let tasks = report.tasks.as_ref().unwrap();
    // In work for exactly two hours and ready for exactly one are not stuck; one second or more is.
    assert_eq!((tasks.completed, tasks.failed, tasks.stuck, tasks.running, tasks.waiting), (1, 2, 2, 1, 1));
    let hanging: Vec<&str> = tasks.hanging.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(hanging, ["t-5", "t-7"]);
    let dead: Vec<&str> = report.dead_letters.as_ref().unwrap().iter().map(|task| task.id.as_str()).collect();
    assert_eq!(dead, ["t-4"]);
    // Day d costs 4 calls of 4 + d/4 dollars: yesterday is day 0, the week the days -6 to 0.
    let cost = &report.cost[0];
    assert_eq!((cost.yesterday.as_str(), cost.yesterday_usd.to_string().as_str()), ("2026-01-30", "$16.00"));
    assert_eq!((cost.mean_7_days_usd.to_string().as_str(), cost.days), ("$13.00", 7));
    assert_eq!(cost.today_usd.to_string(), "$17.00");
    let silent: Vec<&str> =
        report.agents.as_ref().unwrap().agents.iter().filter(|a| a.offline).map(|a| a.name.as_str()).collect();
    assert_eq!(silent, ["forge"]);
    let waiting: Vec<&str> = report.approvals.as_ref().unwrap().iter().map(|one| one.what.as_str()).collect();
    assert_eq!(waiting, ["Deploy pricing-service"]);
    assert!(report.infrastructure.is_none(), "only rows were read");
    insta::assert_snapshot!("digest_text", text(&report));
    insta::assert_snapshot!("digest_markdown", markdown(&report));
    insta::assert_snapshot!("digest_json", serde_json::to_string_pretty(&coded(&report)).unwrap());
}

const HEALTH: &str = "=== Factory Health Check Sun Feb  8 09:00:01 NZDT 2026 ===\n\
    \x1b[0;32m✅ Redis\x1b[0m\n\x1b[0;32m✅ LiteLLM proxy\x1b[0m\n\x1b[0;32m✅ Disk: 61% used\x1b[0m\nGPU VRAM: 21034MB / 24576MB\n\
    \x1b[0;32mAll checks passed ✅\x1b[0m\n\
    === Factory Health Check Sun Feb  8 09:15:01 NZDT 2026 ===\n\
    \x1b[0;32m✅ Redis\x1b[0m\n\x1b[0;31m❌ LiteLLM proxy\x1b[0m\n\x1b[0;31m❌ Disk: 91% used (>85% warning)\x1b[0m\nGPU VRAM: 23890MB / 24576MB\n\
    \x1b[0;31m2 check(s) failed ❌\x1b[0m\n";

#[test]
fn infrastructure_is_read_from_the_logs_of_its_scripts() {
    let report = with("health.log", HEALTH, |desk| digest(desk, NIGHT, None));
    let infrastructure = report.infrastructure.as_ref().unwrap();
    let checks: Vec<(&str, bool, u64, u64)> =
        infrastructure.checks.iter().map(|check| (check.name.as_str(), check.ok, check.failed, check.runs)).collect();
    assert_eq!(checks, [("Disk", false, 1, 2), ("LiteLLM proxy", false, 1, 2), ("Redis", true, 0, 2)]);
    assert_eq!((infrastructure.disk_percent, infrastructure.vram_mb), (Some(91), Some((23_890, 24_576))));
    assert!(report.tasks.is_none() && report.dead_letters.is_none() && report.approvals.is_none());
    assert!(text(&report).contains("Disk: 91 % used, above 85 %"));
    let backup = "=== Factory Backup Sun Feb  8 03:00:01 NZDT 2026 ===\n✅ Orchestrator DB\n\
                  === Backup complete: /srv/backups/2026-02-08 ===\n\
                  === Factory Backup Mon Feb  9 03:00:01 NZDT 2026 ===\n✅ Orchestrator DB\n";
    let report = with("backup.log", backup, |desk| digest(desk, NIGHT, None));
    let backup = report.infrastructure.unwrap().backup.unwrap();
    assert_eq!((backup.begun, backup.complete, backup.last_complete), (2, 1, false));
    assert_eq!(backup.path.as_deref(), Some("/srv/backups/2026-02-08"));
}

#[test]
fn requests_as_blocks_of_lines_wait_until_they_are_answered() {
    let block = |what: &str| {
        format!(
            "🔒 APPROVAL REQUEST\n\nWhat: {what}\nWhy: it is time\nAgent: forge\nRisk: Medium\nDeadline: 4h\n\nReply: ✅ approve | ❌ reject | 📝 modify\n"
        )
    };
    let waiting = |log: &str| -> Vec<String> {
        let report = with("whatsapp.log", log, |desk| digest(desk, NIGHT, None));
        report.approvals.unwrap_or_default().into_iter().map(|one| format!("{} {:?}", one.what, one.risk)).collect()
    };
    assert_eq!(waiting(&block("Deploy a")), ["Deploy a Some(\"Medium\")"]);
    assert_eq!(waiting(&(block("Deploy a") + "✅\n" + &block("Deploy b"))), ["Deploy b Some(\"Medium\")"]);
    assert_eq!(waiting("What: a plain line\nno request at all\n"), Vec::<String>::new());
}

/// A task that was made long before it was changed: the end of what is read is the change.
#[test]
fn the_latest_time_of_any_row_is_now() {
    let row = json!({"id": "t-1", "title": "x", "status": "completed", "attempt": 1, "createdAt": at(0).rfc3339(), "updatedAt": at(86_400).rfc3339()});
    let report = with("task.jsonl", &format!("{row}\n"), |desk| digest(desk, NIGHT, None));
    assert_eq!((report.now, report.tasks.map(|tasks| tasks.completed)), (Some(at(86_400)), Some(1)));
    let report = with("task.jsonl", &format!("{row}\n"), |desk| digest(desk, NIGHT, Some(at(3 * 86_400))));
    assert_eq!(report.tasks.map(|tasks| tasks.completed), Some(0));
}

/// A queue on disk: the folder a task lies in says more than its file.
#[test]
fn folders_of_the_queue_say_how_tasks_stand() {
    let folder = tempfile::tempdir().unwrap();
    for (state, id, status) in [
        ("failed", "t-1", "running"),
        ("done", "t-2", "running"),
        ("ready", "t-3", "created"),
        ("in-progress", "t-4", "running"),
    ] {
        let dir = folder.path().join("queue").join(state);
        std::fs::create_dir_all(&dir).unwrap();
        let row = json!({"id": id, "title": "x", "status": status, "attempt": 1, "updatedAt": at(0).rfc3339()});
        let pretty = serde_json::to_string_pretty(&row).unwrap();
        std::fs::write(dir.join(format!("{id}.json")), pretty + "\n").unwrap();
    }
    let desk = Desk::new(pipeline(), Papers::Files(vec![folder.path().to_path_buf()]), Filter::default());
    let report = digest(&desk, NIGHT, Some(at(7200)));
    let tasks = report.tasks.unwrap();
    assert_eq!((tasks.completed, tasks.failed, tasks.stuck, tasks.running, tasks.waiting), (1, 1, 1, 1, 0));
    assert_eq!(report.dead_letters.unwrap().len(), 1);
    let later = digest(&desk, NIGHT, Some(at(7201))).tasks.unwrap();
    assert_eq!((later.stuck, later.running), (2, 0));
}
