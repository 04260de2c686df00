//! What leaves the process: every string of a diagnosis cleaned, masked and bounded, once, before any writer sees it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::mask::{is_secret_name, mask_secrets};
use super::screen::clean;
use crate::incident::{CrashLines, Diagnosis, EvidenceReport, FindingReport, Incident};

/// No string of a report is longer than this; what is cut ends with `…`.
const LONGEST: usize = 2048;

/// Texts are cut to this before secrets are looked for: what is behind is not shown anyway.
const LOOKED_AT: usize = 8 << 10;

/// The diagnosis as it may leave the process: terminal sequences removed, secrets masked (if `redact`), long strings cut.
pub fn prepare(mut diagnosis: Diagnosis, redact: bool) -> Diagnosis {
    let d = &mut diagnosis;
    text(&mut d.summary, redact);
    d.input.dropped =
        std::mem::take(&mut d.input.dropped).into_iter().map(|(k, n)| (prepare_text(&k, redact), n)).collect();
    for s in &mut d.input.sources {
        text(&mut s.name, redact);
        text(&mut s.format, redact);
    }
    for u in &mut d.input.unreadable {
        text(&mut u.name, redact);
        text(&mut u.why, redact);
    }
    for b in &mut d.blind {
        maybe(&mut b.unit, redact);
        text(&mut b.source, redact);
        text(&mut b.text, redact);
    }
    d.incidents = std::mem::take(&mut d.incidents).into_iter().map(|i| prepare_incident(i, redact)).collect();
    d.findings = std::mem::take(&mut d.findings).into_iter().map(|f| prepare_finding(f, redact)).collect();
    for s in &mut d.signatures {
        text(&mut s.id, redact);
        s.units = std::mem::take(&mut s.units).into_iter().map(|(k, n)| (prepare_text(&k, redact), n)).collect();
    }
    for u in &mut d.unclassified {
        text(&mut u.template, redact);
        text(&mut u.sample, redact);
        u.units.iter_mut().for_each(|u| text(u, redact));
    }
    d.units.iter_mut().for_each(|u| text(&mut u.unit, redact));
    d.metrics = std::mem::take(&mut d.metrics).into_iter().map(|(k, m)| (prepare_text(&k, redact), m)).collect();
    diagnosis
}

/// One incident, as [`prepare`] does with all; for live output.
pub fn prepare_incident(mut incident: Incident, redact: bool) -> Incident {
    let i = &mut incident;
    text(&mut i.id, redact);
    text(&mut i.title, redact);
    let root = &mut i.root_cause;
    maybe(&mut root.signature, redact);
    maybe(&mut root.detector, redact);
    for s in [&mut root.unit, &mut root.text, &mut root.cause, &mut root.why] {
        text(s, redact);
    }
    for a in &mut i.alternatives {
        text(&mut a.text, redact);
        text(&mut a.why, redact);
    }
    for link in &mut i.chain {
        for s in [&mut link.unit, &mut link.finding, &mut link.text] {
            text(s, redact);
        }
        maybe(&mut link.source, redact);
        maybe(&mut link.cursor, redact);
    }
    i.affected.iter_mut().for_each(|s| text(s, redact));
    for fix in &mut i.fixes {
        text(&mut fix.text, redact);
        for s in [&mut fix.run, &mut fix.when, &mut fix.verify] {
            maybe(s, redact);
        }
    }
    i.evidence.iter_mut().for_each(|e| evidence(e, redact));
    if let Some(crashes) = &mut i.crashes {
        if let Some(repeat) = &mut crashes.repeats {
            text(&mut repeat.text, redact);
        }
        for crash in [&mut crashes.first, &mut crashes.last].into_iter().flatten() {
            crash_lines(crash, redact);
        }
    }
    i.findings.iter_mut().for_each(|s| text(s, redact));
    if let Some(past) = &mut i.recurring {
        maybe(&mut past.advice, redact);
    }
    incident
}

/// One finding, as [`prepare`] does with all; for live output.
pub fn prepare_finding(mut finding: FindingReport, redact: bool) -> FindingReport {
    let f = &mut finding;
    for s in [&mut f.id, &mut f.detector, &mut f.unit, &mut f.title] {
        text(s, redact);
    }
    for named in [&mut f.key, &mut f.facts] {
        let one = |(name, value): (String, String)| {
            let value =
                if redact && is_secret_name(&name) { "[masked]".to_owned() } else { prepare_text(&value, redact) };
            (prepare_text(&name, redact), value)
        };
        *named = std::mem::take(named).into_iter().map(one).collect::<BTreeMap<_, _>>();
    }
    f.evidence.iter_mut().for_each(|e| evidence(e, redact));
    finding
}

/// One text, for notices.
pub fn prepare_text(raw: &str, redact: bool) -> String {
    prepared(raw, redact, LONGEST).into_owned()
}

/// One text, at most `longest` bytes of it.
pub(super) fn prepared(raw: &str, redact: bool, longest: usize) -> Cow<'_, str> {
    // Colours first: `password\x1b[0m=...` is a key with its value, too.
    match clean(raw) {
        Cow::Borrowed(clean) => masked(clean, redact, longest),
        Cow::Owned(clean) => Cow::Owned(masked(&clean, redact, longest).into_owned()),
    }
}

fn masked(clean: &str, redact: bool, longest: usize) -> Cow<'_, str> {
    let short = head(clean, LOOKED_AT);
    let masked = if redact { mask_secrets(short) } else { Cow::Borrowed(short) };
    if masked.len() <= longest && short.len() == clean.len() {
        return masked;
    }
    Cow::Owned(format!("{}…", head(&masked, longest - '…'.len_utf8())))
}

/// At most `max` bytes of a text. The last word goes when it may be cut in two: half a secret is not recognised as one.
fn head(text: &str, max: usize) -> &str {
    let mut end = max;
    if text.len() <= end {
        return text;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or("");
    match head.rfind(char::is_whitespace) {
        Some(space) if end - space <= 512 => head.get(..space).unwrap_or(""),
        _ => head,
    }
}

fn text(value: &mut String, redact: bool) {
    *value = prepare_text(value, redact);
}

fn maybe(value: &mut Option<String>, redact: bool) {
    if let Some(value) = value {
        text(value, redact);
    }
}

fn evidence(e: &mut EvidenceReport, redact: bool) {
    for s in [&mut e.unit, &mut e.source, &mut e.text] {
        text(s, redact);
    }
    maybe(&mut e.cursor, redact);
}

fn crash_lines(crash: &mut CrashLines, redact: bool) {
    text(&mut crash.how, redact);
    crash.last_words.iter_mut().for_each(|e| evidence(e, redact));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_a_finding_are_masked_as_its_key_is() {
        let diagnosis = super::super::tests::samples::crash_loop();
        let mut finding = diagnosis.findings.into_iter().next().unwrap();
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        finding.facts.insert("top".to_owned(), format!("{token}: 12 of 15"));
        finding.facts.insert("password".to_owned(), "open sesame".to_owned());
        let facts = prepare_finding(finding, true).facts;
        assert_eq!(facts.values().map(String::as_str).collect::<Vec<_>>(), ["[masked]", "ghp_[masked]: 12 of 15"]);
    }

    #[test]
    fn what_is_cut_shows_no_half_secret() {
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        for at in LOOKED_AT - 60..LOOKED_AT + 20 {
            let text = format!("{}{} {token} and more", "\u{1b}[1m", "x".repeat(at));
            assert!(!prepare_text(&text, true).contains("0123"), "{at}");
        }
        for at in LONGEST - 60..LONGEST + 20 {
            let shown = prepare_text(&format!("{} password={token} and more", "x ".repeat(at / 2)), true);
            assert!(!shown.contains("0123") && shown.len() <= LONGEST, "{at}");
        }
        assert_eq!(prepare_text(&"é".repeat(5000), false).len(), LONGEST - 1);
        assert_eq!(prepare_text("a b", true), "a b");
    }
}
