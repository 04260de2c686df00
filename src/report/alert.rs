//! An alert for a chat: what fails, why, what to do. Short enough for one message, without markup.
//!
//! The form is that of the monitor that operators know: a mark and a severity in brackets, failed checks with a cross, a
//! diagnosis, a remediation.

use std::io;

use super::screen::{cut, visible};
use super::words::{bare, names, number};
use crate::base::{Severity, stem};
use crate::incident::{Diagnosis, Incident};

/// Incidents that are told.
const CHECKS: usize = 10;
/// Fixes that are told.
const FIXES: usize = 3;
/// Columns of one line: a chat takes 4096 characters in all.
const LINE: usize = 160;

/// Columns of the diagnosis and of the remediation.
const LONG: usize = 1_000;

/// Writes the diagnosis as an alert.
///
/// # Errors
/// Those of `out`.
pub fn alert(diagnosis: &Diagnosis, out: &mut dyn io::Write) -> io::Result<()> {
    let d = diagnosis;
    let (sign, word) = match d.severity {
        Severity::Down => ("🚨", "CRITICAL"),
        Severity::Degraded => ("⚠️", "WARNING"),
        Severity::Healthy | Severity::Info => ("ℹ️", "INFO"),
    };
    let mut page = format!("{sign} logtriage Health Alert [{word}]\n\n");
    if d.incidents.is_empty() {
        say(&mut page, "", &d.summary);
    } else {
        page.push_str("Failed checks:\n");
    }
    for incident in d.incidents.iter().take(CHECKS) {
        say(&mut page, "  ❌ ", &format!("{}: {}", stem(&incident.root_cause.unit), incident.title));
    }
    let more = d.incidents.len().saturating_sub(CHECKS);
    if more > 0 {
        page.push_str(&format!("  and {} more\n", number(super::words::len(more))));
    }
    if let Some(first) = d.incidents.first() {
        page.push('\n');
        say(&mut page, "Diagnosis: ", &told(first));
        page.push('\n');
        say(&mut page, "Remediation: ", &remedy(first));
    }
    out.write_all(page.as_bytes())
}

/// `Permission denied ... (indexer, last error before the exit in 4 of 4 crashes). What the rule says. Affected: a, b`
fn told(incident: &Incident) -> String {
    let root = &incident.root_cause;
    let mut text = bare(&root.text).to_owned();
    if !root.why.is_empty() {
        text.push_str(&format!(" ({})", root.why));
    }
    if !root.cause.is_empty() && root.cause != root.text {
        text.push_str(&format!(". {}", root.cause.trim_end_matches('.')));
    }
    let affected = names(incident.affected.iter().map(String::as_str), 5);
    if !affected.is_empty() {
        text.push_str(&format!(". Affected: {affected}"));
    }
    text
}

fn remedy(incident: &Incident) -> String {
    let fixes: Vec<String> = incident
        .fixes
        .iter()
        .take(FIXES)
        .map(|fix| match &fix.run {
            Some(run) => format!("{}: {run}", fix.text),
            None => fix.text.clone(),
        })
        .collect();
    if fixes.is_empty() { "none known; logtriage -v shows the evidence".to_owned() } else { fixes.join("; ") }
}

fn say(page: &mut String, head: &str, text: &str) {
    page.push_str(head);
    page.push_str(&cut(&visible(text), if head.starts_with(' ') { LINE } else { LONG }));
    page.push('\n');
}
