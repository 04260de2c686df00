//! What to do: the remedies of the signatures, with names filled in and quoted. Nothing of it is ever run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::base::{FindingKind, stem, unit_kind};
use crate::detect::{Evidence, Stop, Unfinished};
use crate::rules::{Fix, fill};
use crate::scan::Plan;

use super::cause::Cause;
use super::diagnosis::FixReport;
use super::group::Group;

/// Remedies told for one incident.
const MOST: usize = 6;

/// The remedies of an incident: those of its cause first, then what its life cycle needs, then those of its symptoms.
pub(super) fn remedies(plan: &Plan, cause: &Cause, unit: &str, members: &[&Group<'_>]) -> Vec<FixReport> {
    let mut fixes: Vec<FixReport> = Vec::new();
    let mut add = |fix: FixReport| {
        if fixes.len() < MOST && !fixes.iter().any(|f| f.text == fix.text || (f.run.is_some() && f.run == fix.run)) {
            fixes.push(fix);
        }
    };
    let named = |detector: &str| {
        let finding = members.iter().flat_map(|g| &g.findings).find(|f| f.detector == detector);
        finding.map(|f| f.named.clone()).unwrap_or_default()
    };
    if let Some(signature) = cause.signature.map(|s| plan.signature(s)) {
        let mut names = named(&signature.id);
        names.insert("unit".to_owned(), unit.to_owned());
        signature.fixes.iter().for_each(|fix| add(filled(fix, &names)));
    }
    for group in members {
        for fix in by_life(group) {
            add(fix);
        }
    }
    for finding in members.iter().flat_map(|g| g.findings.iter().map(move |f| (g, f))) {
        let (group, finding) = finding;
        let mut names = finding.named.clone();
        names.insert("unit".to_owned(), group.unit.clone());
        let signature = plan.find(&finding.detector).map(|index| &plan.signature(index).fixes);
        let detector = plan.detectors().iter().find(|d| d.id == finding.detector).map(|d| &d.fixes);
        for fix in signature.or(detector).into_iter().flatten().take(1) {
            add(filled(fix, &names));
        }
    }
    fixes
}

/// What a crashed unit needs whatever its cause was.
fn by_life(group: &Group<'_>) -> Vec<FixReport> {
    if group.findings.iter().any(|f| f.detector == Stop::DETECTOR && f.resolved.is_none()) {
        let name = quoted(&group.unit);
        return vec![FixReport {
            text: "ask who stopped it and why; then start it again".to_owned(),
            run: Some(format!("systemctl start {name}")),
            when: Some("nobody works on it; with --user for a user unit".to_owned()),
            verify: Some(format!("systemctl is-active {name}")),
        }];
    }
    if group.findings.iter().any(|f| f.detector == Unfinished::DETECTOR) {
        let name = quoted(&group.unit);
        return vec![
            FixReport {
                text: "is it still getting ready, or gone?".to_owned(),
                run: Some(format!("systemctl status {name}; nvidia-smi")),
                when: None,
                verify: None,
            },
            FixReport {
                text: "gone without a word: it was ended from outside (memory, a closed shell, a container that was removed)"
                    .to_owned(),
                run: Some("journalctl -k -g 'Killed process' -n 5 --no-pager".to_owned()),
                when: None,
                verify: None,
            },
        ];
    }
    let Some(crash) = group.crash().or(group.kind(FindingKind::StartLimit)) else { return Vec::new() };
    let of_pod =
        |e: &Evidence| ["Back-off restarting failed container", "CrashLoopBackOff"].iter().any(|w| e.text.contains(w));
    let pod = group.findings.iter().any(|f| f.detector.starts_with("kubernetes/") || f.evidence.iter().any(of_pod));
    if pod || is_replica(&crash.unit) {
        return by_pod(&quoted(&crash.unit), crash.resolved.is_none());
    }
    if let Some(engine) = crash.evidence.first().and_then(|e| engine(&e.text)) {
        return by_engine(engine, &quoted(&crash.unit), crash.resolved.is_none());
    }
    let unit = match unit_kind(&group.unit) {
        Some(_) => group.unit.clone(),
        None => format!("{}.service", group.unit),
    };
    let name = quoted(&unit);
    let mut fixes = vec![FixReport {
        text: "read what it said before it died".to_owned(),
        run: Some(format!("journalctl -u {name} -n 50 --no-pager")),
        when: None,
        verify: None,
    }];
    if crash.resolved.is_none() {
        let (text, run) = match group.kind(FindingKind::StartLimit) {
            Some(_) => (
                "when the cause is gone: clear the start limit and start it",
                format!("systemctl reset-failed {name} && systemctl start {name}"),
            ),
            None => ("when the cause is gone: start it", format!("systemctl restart {name}")),
        };
        fixes.push(FixReport {
            text: text.to_owned(),
            run: Some(run),
            when: Some("the cause is gone; with --user for a user unit".to_owned()),
            verify: Some(format!("systemctl is-active {name}")),
        });
    }
    fixes
}

/// A pod of a deployment, by its name.
fn is_replica(unit: &str) -> bool {
    unit_kind(unit).is_none() && stem(unit) != unit
}

/// A line of `docker events` or of Compose.
fn engine(text: &str) -> Option<&'static str> {
    let docker = ["container die ", "exited with code ", "\"status\":\"die\""];
    match text {
        text if docker.iter().any(|words| text.contains(words)) => Some("docker"),
        text if text.contains("container died ") => Some("podman"),
        _ => None,
    }
}

/// The same for a container of Docker or Podman.
fn by_engine(engine: &str, name: &str, open: bool) -> Vec<FixReport> {
    let mut fixes = vec![FixReport {
        text: "read what it said before it died".to_owned(),
        run: Some(format!("{engine} logs --timestamps --tail 50 {name}")),
        when: None,
        verify: None,
    }];
    if open {
        fixes.push(FixReport {
            text: "when the cause is gone: start it".to_owned(),
            run: Some(format!("{engine} start {name}")),
            when: Some("the cause is gone; with Compose: docker compose up -d".replace("docker", engine)),
            verify: Some(format!("{engine} ps --filter name={name}")),
        });
    }
    fixes
}

/// The same for a pod, which Kubernetes starts again by itself.
fn by_pod(name: &str, open: bool) -> Vec<FixReport> {
    let mut fixes = vec![FixReport {
        text: "read what it said before it died".to_owned(),
        run: Some(format!("kubectl logs {name} --previous --tail=50")),
        when: None,
        verify: None,
    }];
    fixes.push(FixReport {
        text: "exit code and reason (137 with OOMKilled: memory limit; 137 without: liveness probe)".to_owned(),
        run: Some(format!("kubectl describe pod {name} | grep -A 6 'Last State'")),
        when: None,
        verify: None,
    });
    if open {
        fixes.push(FixReport {
            text: "when the cause is gone: a new pod starts at once, without the back-off".to_owned(),
            run: Some(format!("kubectl delete pod {name}")),
            when: Some("the cause is gone".to_owned()),
            verify: Some("kubectl get pods".to_owned()),
        });
    }
    fixes
}

/// A remedy with names put in place of its `{name}`s, quoted for the shell where they stand in commands.
pub fn filled(fix: &Fix, names: &BTreeMap<String, String>) -> FixReport {
    FixReport {
        text: fill(&fix.text, |name| names.get(name).map(|v| Cow::Borrowed(v.as_str()))),
        run: fix.run.as_ref().map(|run| fill(run, |name| names.get(name).and_then(|v| argument(v)))),
        when: fix.when.clone(),
        verify: fix.verify.as_ref().map(|run| fill(run, |name| names.get(name).and_then(|v| argument(v)))),
    }
}

/// What may stand in a command. A value that begins with a dash would be read as an option, in quotes or not: the reader
/// fills it in.
fn argument(value: &str) -> Option<Cow<'_, str>> {
    (!value.starts_with('-')).then(|| quoted(value))
}

/// For a POSIX shell: a log line must not be able to put a command of its own into one that a person copies.
fn quoted(value: &str) -> Cow<'_, str> {
    let safe =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b'@' | b':' | b'=' | b',' | b'+');
    if !value.is_empty() && value.bytes().all(safe) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("'{}'", value.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_and_quoted() {
        let names = BTreeMap::from([
            ("unit".to_owned(), "a.service".to_owned()),
            ("path".to_owned(), "/x; rm -rf '$HOME'".to_owned()),
            ("flag".to_owned(), "-rf".to_owned()),
        ]);
        let run = |text: &str| fill(text, |name| names.get(name).and_then(|v| argument(v)));
        assert_eq!(run("systemctl start {unit}"), "systemctl start a.service");
        assert_eq!(run("stat {path}"), r"stat '/x; rm -rf '\''$HOME'\'''");
        assert_eq!(run("rm {flag} {disk}"), "rm FLAG DISK");
        assert_eq!(run("podman ps --format '{{.Names}}' ${HOME} {"), "podman ps --format '{{.Names}}' ${HOME} {");
    }
}
