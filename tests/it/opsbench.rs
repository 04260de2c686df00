//! Recordings by others of twenty-five faults of Kubernetes, with the truth about each. They are no part of the
//! project: the test runs where they are there.
//!
//! Each recording holds what `kubectl` printed and the logs of all pods. They are laid out as a user has them, one file a
//! command and one file a log, written at the time of the last log line, and the first incidents are compared with
//! the label: do they name the kind of fault, and do they name its root cause?

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::drive;

const FOLDER: &str = "../shared/corpora/cloud-opsbench";

/// What was reached: kind of fault by the first incident and by the first three, root cause by the first and by three.
const FLOOR: [usize; 4] = [23, 23, 21, 22];

/// What a root cause in a diagnosis says in the words of the labels: the kind of fault, and which of its root causes it
/// stands for (several where their records are the same).
const MEANING: &[(&str, &str, &[&str])] = &[
    ("kubernetes/service-account-missing", "Admission_Fault", &["missing_service_account"]),
    ("kubernetes/pod-quota", "Admission_Fault", &["namespace_service_quota_exceeded"]),
    ("kubernetes/pod-security", "Admission_Fault", &[]),
    ("kubernetes/webhook-denied", "Admission_Fault", &[]),
    ("kubernetes/webhook-unreachable", "Admission_Fault", &[]),
    ("kubernetes/create-failed", "Admission_Fault", &[]),
    ("kubernetes/runtime-unavailable", "Infrastructure_Fault", &["containerd_unavailable"]),
    ("kubernetes/kubelet-unreachable", "Infrastructure_Fault", &["kubelet_unavailable"]),
    ("kubernetes/node-not-ready", "Infrastructure_Fault", &["kubelet_unavailable"]),
    ("kubernetes/node-lost", "Infrastructure_Fault", &["kubelet_unavailable"]),
    ("kubernetes/oom-killed", "Runtime_Fault", &["oom_killed"]),
    ("kubernetes/sandbox-oom", "Runtime_Fault", &["oom_killed"]),
    ("kubernetes/liveness-killed", "Runtime_Fault", &[]),
    ("lifecycle/crash", "Runtime_Fault", &[]),
    ("lifecycle/crash-loop", "Runtime_Fault", &[]),
    ("common/db-too-many-connections", "Runtime_Fault", &["db_connection_exhaustion"]),
    ("common/database-login-failed", "Runtime_Fault", &["mysql_invalid_credentials"]),
    ("mysql/too-many-connections", "Runtime_Fault", &["db_connection_exhaustion"]),
    ("mysql/login-failed", "Runtime_Fault", &["mysql_invalid_credentials"]),
    ("kubernetes/no-cpu", "Scheduling_Fault", &["cpu_capacity_mismatch"]),
    ("kubernetes/no-memory", "Scheduling_Fault", &["memory_capacity_mismatch"]),
    ("kubernetes/no-room", "Scheduling_Fault", &[]),
    ("kubernetes/cannot-schedule", "Scheduling_Fault", &[]),
    ("kubernetes/taint-refused", "Scheduling_Fault", &["taint_toleration_mismatch"]),
    ("kubernetes/anti-affinity", "Scheduling_Fault", &["pod_anti_affinity_conflict"]),
    ("kubernetes/no-matching-node", "Scheduling_Fault", &["node_affinity_mismatch", "node_selector_mismatch"]),
    ("kubernetes/nodes-cordoned", "Scheduling_Fault", &["node_cordon_mismatch"]),
    (
        "kubernetes/claim-not-bound",
        "Scheduling_Fault",
        &["pv_binding_occupied", "pvc_access_mode_mismatch", "pvc_selector_mismatch"],
    ),
    ("kubernetes/service-name-unknown", "Service_Routing_Fault", &["service_env_var_address_mismatch"]),
    ("kubernetes/no-endpoints", "Service_Routing_Fault", &["service_selector_mismatch"]),
    (
        "kubernetes/service-refused",
        "Service_Routing_Fault",
        &["service_port_mapping_mismatch", "service_selector_mismatch", "service_protocol_mismatch"],
    ),
    ("kubernetes/image-registry-dns", "Startup_Fault", &["image_registry_dns_failure"]),
    ("kubernetes/image-not-found", "Startup_Fault", &["incorrect_image_reference"]),
    ("kubernetes/image-refused", "Startup_Fault", &["incorrect_image_reference", "missing_image_pull_secret"]),
    ("kubernetes/pull-secret-missing", "Startup_Fault", &["missing_image_pull_secret"]),
    ("kubernetes/image-pull-failed", "Startup_Fault", &[]),
    ("kubernetes/container-start-failed", "Startup_Fault", &[]),
];

#[test]
fn faults_of_kubernetes_are_named() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let Ok(labels) = fs::read_to_string(folder.join("LABELS.developers.tsv")) else {
        println!("skipped: there is no {FOLDER}");
        return;
    };
    let labels: Vec<Vec<&str>> = labels.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let judged = drive::each(&labels, |label| vec![judge(&folder, label)]);
    let mut reached = [0; 4];
    for (hits, line) in &judged {
        println!("{line}");
        for (sum, hit) in reached.iter_mut().zip(hits) {
            *sum += usize::from(*hit);
        }
    }
    println!(
        "kind: {} first, {} of three; root cause: {} first, {} of three",
        reached[0], reached[1], reached[2], reached[3]
    );
    let lost = reached.iter().zip(FLOOR).any(|(reached, floor)| *reached < floor);
    assert!(!lost, "{reached:?} of {}, was {FLOOR:?}", judged.len());
}

/// Kind by the first and by three, root cause by the first and by three; and a line for people.
fn judge(folder: &Path, label: &[&str]) -> ([bool; 4], String) {
    let [case, kind, _, cause] = label else { panic!("four columns: {label:?}") };
    let outcome = lay_out(&folder.join(case))
        .and_then(|files| drive::run(&["-o", "json", &files.path().to_string_lossy()], None));
    let outcome = outcome.unwrap_or_else(|why| panic!("{case}: {why}"));
    let diagnosis: Value = serde_json::from_str(&outcome).expect("a diagnosis");
    let incidents = diagnosis["incidents"].as_array().cloned().unwrap_or_default();
    let name = |incident: &Value| {
        let root = &incident["root_cause"];
        root["signature"].as_str().or_else(|| root["detector"].as_str()).unwrap_or_default().to_owned()
    };
    let names: Vec<String> = incidents.iter().take(3).map(name).collect();
    let meanings: Vec<_> = names.iter().map(|n| MEANING.iter().find(|(id, ..)| id == n)).collect();
    let is_kind = |m: &Option<&(&str, &str, &[&str])>| m.is_some_and(|(_, k, _)| k == kind);
    let is_cause =
        |m: &Option<&(&str, &str, &[&str])>| m.is_some_and(|(_, k, causes)| k == kind && causes.contains(cause));
    let hits = [
        meanings.iter().take(1).any(is_kind),
        meanings.iter().any(is_kind),
        meanings.iter().take(1).any(is_cause),
        meanings.iter().any(is_cause),
    ];
    let marks: String = hits.iter().map(|hit| if *hit { '+' } else { '.' }).collect();
    (hits, format!("{marks} {case:28} {cause:34} {}", names.join(", ")))
}

/// One file a command, one file a log, all written when the last line was logged.
fn lay_out(case: &Path) -> Result<tempfile::TempDir, String> {
    let read = |name: &str| -> Result<Value, String> {
        let text = fs::read_to_string(case.join(name)).map_err(|e| e.to_string())?;
        serde_json::from_str(&text).map_err(|e| e.to_string())
    };
    let (commands, logs) = (read("k8s_events_pods.json")?, read("logs.json")?);
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut files = Vec::new();
    for (command, output) in commands.as_object().into_iter().flatten() {
        let name = command.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-");
        files.push((format!("{:.120}.txt", name.trim_matches('-')), output.as_str().unwrap_or_default().to_owned()));
    }
    let mut latest = 0;
    for (app, lines) in logs.as_object().into_iter().flatten() {
        let text = match lines {
            Value::Array(lines) => lines.iter().filter_map(Value::as_str).map(|l| format!("{l}\n")).collect(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        latest = latest.max(last_second(&text));
        files.push((format!("{app}.log"), text));
    }
    let written = SystemTime::UNIX_EPOCH + Duration::from_secs(latest + 1);
    for (name, text) in files.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let path = folder.path().join(name);
        fs::write(&path, text).map_err(|e| e.to_string())?;
        let file = fs::File::options().append(true).open(&path).map_err(|e| e.to_string())?;
        file.set_modified(written).map_err(|e| e.to_string())?;
    }
    Ok(folder)
}

/// The latest time with a zone in a text, in seconds.
fn last_second(text: &str) -> u64 {
    let zoned = text
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, 'T' | 'Z' | ':' | '.' | '+' | '-')))
        .filter(|word| word.len() >= 20 && word.starts_with("20"))
        .filter_map(|word| word.parse::<jiff::Timestamp>().ok())
        .map(|at| at.as_second());
    let epochs = text.split("\"epochSecond\":").skip(1).filter_map(|rest| rest.get(..10)?.parse().ok());
    zoned.chain(epochs).max().and_then(|at| u64::try_from(at).ok()).unwrap_or(0)
}
