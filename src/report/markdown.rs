//! Markdown: for tickets, chats and agents, in the order of the runbooks. What comes from a log stands in code that it
//! cannot break out of.

use std::collections::BTreeMap;
use std::io;

use super::screen::visible;
use super::text::steps::{capital, condition, distinct};
use super::words::{amount, bare, clock_for, completeness, len, number, period, period_of, place, seen_before, unread};
use crate::base::Severity;
use crate::incident::{Diagnosis, Incident, Metric};

/// Numbers that are told; JSON has them all.
const METRICS: usize = 20;

/// Writes the report as GitHub-flavoured Markdown.
pub fn markdown(diagnosis: &Diagnosis, out: &mut dyn io::Write) -> io::Result<()> {
    let d = diagnosis;
    let mut page = String::from("## Diagnosis\n\n");
    let say = &mut page;
    line(say, &format!("**Severity:** {}", sign(d.severity)));
    if d.input.records == 0 {
        line(say, "nothing to judge: no records");
    } else if let Some((first, others)) = d.incidents.split_first() {
        line(say, &prose(&first.title));
        incident(say, d, first, &d.metrics);
        if !others.is_empty() {
            line(say, "### Other incidents");
        }
        for other in others {
            line(say, &format!("### {} {}", sign(other.severity), prose(&other.title)));
            incident(say, d, other, &BTreeMap::new());
        }
    } else {
        line(say, &prose(&d.summary));
        numbers(say, &d.metrics);
    }
    rest(say, d);
    out.write_all(page.trim_end().as_bytes())?;
    out.write_all(b"\n")
}

fn incident(say: &mut String, d: &Diagnosis, i: &Incident, metrics: &BTreeMap<String, Metric>) {
    let root = &i.root_cause;
    line(say, &format!("**Root cause:** {} ({})", code(bare(&root.text)), root.confidence.word()));
    for text in [&root.why, &root.cause] {
        if !text.is_empty() {
            line(say, &prose(text));
        }
    }
    line(say, "**Causal chain:**");
    let clock = clock_for(d, i.chain.iter().map(|l| l.time));
    for (n, link) in i.chain.iter().enumerate() {
        item(say, &format!("{}. {} {}: {}", n + 1, clock(link.time), code(&link.unit), code(bare(&link.text))));
    }
    say.push('\n');
    line(say, "**Evidence:** (quoted from the logs)");
    for e in &i.evidence {
        item(
            say,
            &format!(
                "- {} {}: {}",
                e.time.rfc3339(),
                code(&place(&e.source, e.offset, e.cursor.as_deref())),
                code(&e.text)
            ),
        );
    }
    say.push('\n');
    numbers(say, metrics);
    let units: Vec<String> = i.affected.iter().map(|u| code(u)).collect();
    line(say, &format!("**Affected:** {}", units.join(", ")));
    if !i.fixes.is_empty() {
        item(say, "| Fix | Command | When |");
        item(say, "|---|---|---|");
        for fix in distinct(&i.fixes) {
            let run = fix.run.as_deref().map(cell_code).unwrap_or_default();
            item(say, &format!("| {} | {run} | {} |", prose(&capital(&fix.text)), prose(&condition(fix))));
        }
        say.push('\n');
    }
    let mut told: Vec<&str> = Vec::new();
    for verify in i.fixes.iter().filter_map(|f| f.verify.as_deref()) {
        if !told.contains(&verify) {
            told.push(verify);
            line(say, &format!("**Verify:** {}", code(verify)));
        }
    }
    if let Some(past) = seen_before(i) {
        let advice = i.recurring.as_ref().and_then(|r| r.advice.as_deref()).map(prose).unwrap_or_default();
        let advice = if advice.is_empty() { advice } else { format!(". {advice}") };
        line(say, &format!("**Seen before:** {past}{advice}"));
    }
    if !i.alternatives.is_empty() {
        line(say, "**Instead?**");
        for a in &i.alternatives {
            item(say, &format!("- {}: {} ({})", code(bare(&a.text)), prose(&a.why), a.confidence.word()));
        }
        say.push('\n');
    }
}

/// What the logs count themselves: in the runbooks' order behind the evidence.
fn numbers(say: &mut String, metrics: &BTreeMap<String, Metric>) {
    if metrics.is_empty() {
        return;
    }
    line(say, "**Numbers:**");
    for (name, m) in metrics.iter().take(METRICS) {
        item(say, &format!("- {}: {} to {}, median {}, {}", code(name), m.min, m.max, m.p50, m.trend));
    }
    if let Some(more) = metrics.len().checked_sub(METRICS).filter(|more| *more > 0) {
        item(say, &format!("- and {} more", number(len(more))));
    }
    say.push('\n');
}

fn rest(say: &mut String, d: &Diagnosis) {
    if !d.unclassified.is_empty() {
        line(say, "**Unclassified errors:**");
        for u in d.unclassified.iter().take(20) {
            item(say, &format!("- {} × {}", number(u.count), code(&u.sample)));
        }
        say.push('\n');
    }
    line(say, &format!("**Read:** {}, {} · {}", amount(d), period_of(d.period), prose(&completeness(d))));
    for b in &d.blind {
        let when = b.period.map(|p| format!(" ({})", period(p.from, p.to))).unwrap_or_default();
        item(say, &format!("- blind: {}{when}", code(&b.text)));
    }
    for u in &d.input.unreadable {
        item(say, &format!("- incomplete: {}: {}", code(&u.name), code(unread(u))));
    }
}

fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Down => "🔴 down",
        Severity::Degraded => "🟡 degraded",
        Severity::Healthy | Severity::Info => "🟢 healthy",
    }
}

fn line(say: &mut String, text: &str) {
    say.push_str(text);
    say.push_str("\n\n");
}

fn item(say: &mut String, text: &str) {
    say.push_str(text);
    say.push('\n');
}

/// A code span that its content cannot end: the fence is longer than any run of backticks in it.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Code in a table: a `|` would end the cell, and after a backslash it cannot be escaped within a code span.
pub(super) fn cell_code(text: &str) -> String {
    if !text.contains('|') {
        return code(text);
    }
    if !text.contains("\\|") {
        return code(text).replace('|', "\\|");
    }
    let mut out = String::from("<code>");
    for c in visible(text).chars() {
        if c.is_ascii_punctuation() {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out + "</code>"
}

/// A sentence: nothing in it is markup, a link, a mention or the end of a cell.
pub(super) fn prose(text: &str) -> String {
    let text = visible(text);
    let words: Vec<String> = text
        .split(' ')
        .map(|word| {
            let active = word.contains("://") || word.contains('@') || word.contains("www.") || word.contains('#');
            if active && !word.contains(['`', '|', '\\']) {
                return code(word);
            }
            let mut out = String::new();
            for c in word.chars() {
                match c {
                    '<' => out.push_str("&lt;"),
                    '&' => out.push_str("&amp;"),
                    '|' => out.push_str("&#124;"),
                    '@' => out.push_str("(at)"),
                    '\\' | '`' | '*' | '_' | '[' | ']' | '>' | '~' | '$' | '#' => out.extend(['\\', c]),
                    c => out.push(c),
                }
            }
            out
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        assert_eq!(code("a `b` c"), "``a `b` c``");
        assert_eq!(code("```"), "```` ``` ````");
        assert_eq!(prose("</details> @team a|b"), "&lt;/details> `@team` a&#124;b".replace(">", "\\>"));
        assert_eq!(cell_code("a | b"), "`a \\| b`");
        assert!(!cell_code("grep 'a\\|b'").contains('|'));
    }
}
