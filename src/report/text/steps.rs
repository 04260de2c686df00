//! What to do: the steps worth a tired reader's time, and commands that survive copy and paste.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthChar;

use super::super::screen::{columns, visible};
use super::super::style::Style;
use super::super::words::{count, len};
use super::page::{Page, TAB};
use crate::incident::FixReport;

/// Steps that are told without `-v`.
const STEPS: usize = 4;

/// Writes the steps, each with its command, and how to see whether they helped.
pub(super) fn steps(page: &mut Page<'_>, fixes: &[FixReport], max: Option<usize>) {
    let mut shown = distinct(fixes);
    let keep = max.unwrap_or(if page.verbose() { usize::MAX } else { STEPS });
    if shown.len() > keep && keep > 1 {
        // The last lines stand above; there is something better to do.
        let reads =
            |f: &FixReport| f.run.as_ref().is_some_and(|r| r.starts_with("journalctl -u ") && r.contains(" -n 50 "));
        if let Some(at) = shown.iter().position(|f| reads(f)) {
            shown.remove(at);
        }
    }
    let left = shown.len().saturating_sub(keep);
    shown.truncate(keep);
    let tab = page.tab();
    if tab != TAB && !shown.is_empty() {
        page.heading("Do");
    }
    let one = max == Some(1);
    let texts: Vec<String> = shown.iter().map(|f| said(f)).collect();
    for (n, (fix, text)) in shown.iter().zip(&texts).enumerate() {
        let label = if n == 0 && tab == TAB { "Do" } else { "" };
        let label = format!("{label:tab$}");
        let step = if one { String::new() } else { format!("{}  ", n + 1) };
        let hang = tab + step.len();
        let room = page.width.saturating_sub(hang);
        let head = [(Style::Label, label.as_str()), (Style::Plain, step.as_str())];
        match fix.run.as_deref().map(visible) {
            Some(run) if columns(text) + 3 + columns(&run) <= room => {
                let head = [head[0], head[1], (Style::Plain, text.as_str()), (Style::Plain, "   ")];
                page.row(&head, hang, (Style::Command, &run), "", 1);
            }
            run => {
                page.row(&head, hang, (Style::Plain, text), "", 3);
                if let Some(run) = run {
                    command(page, hang, &run);
                }
            }
        }
    }
    if left > 0 && !one {
        page.more(
            Style::Dim,
            &format!("and {}", count(len(left), "more step: -v shows it", "more steps: -v shows them")),
            1,
        );
    }
}

/// Writes the commands that show whether it helped: one, or with `-v` all.
pub(super) fn verify(page: &mut Page<'_>, fixes: &[FixReport]) {
    let mut told = BTreeSet::new();
    for run in fixes.iter().filter_map(|f| f.verify.as_deref()).map(visible) {
        if !told.insert(run.clone()) {
            continue;
        }
        let tab = page.tab();
        if columns(&run) + tab <= page.width {
            page.field(if told.len() == 1 { "Verify" } else { "" }, &run, "", 1);
        } else {
            if told.len() == 1 {
                page.heading("Verify");
            }
            command(page, tab, &run);
        }
        if !page.verbose() {
            return;
        }
    }
}

fn command(page: &mut Page<'_>, indent: usize, run: &str) {
    for (n, line) in lines(run, page.width.saturating_sub(indent)).iter().enumerate() {
        page.raw(indent + if n == 0 { 0 } else { 2 }, Style::Command, line);
    }
}

/// The steps without those that another one already takes: the same command, or the same words.
pub(in crate::report) fn distinct(fixes: &[FixReport]) -> Vec<&FixReport> {
    let mut out: Vec<&FixReport> = Vec::new();
    for fix in fixes {
        let again = out.iter().any(|other| match (&fix.run, &other.run) {
            (Some(run), Some(earlier)) => covers(earlier, run),
            (None, None) => fix.text.eq_ignore_ascii_case(&other.text),
            _ => false,
        });
        if !again {
            out.push(fix);
        }
    }
    out
}

/// Does the earlier command do all that the later one does? `journalctl -n 100` covers `journalctl -n 50`.
fn covers(earlier: &str, later: &str) -> bool {
    let parts = |run: &str| -> Vec<String> {
        run.split([';', '&', '|'])
            .map(|part| {
                let words: Vec<&str> = part.split_whitespace().collect();
                let lines = |n: usize| n > 0 && words.get(n - 1) == Some(&"-n");
                let kept = words.iter().enumerate().filter(|(n, _)| !lines(*n)).map(|(_, word)| *word);
                kept.collect::<Vec<_>>().join(" ").replace(['\'', '"'], "")
            })
            .filter(|part| !part.is_empty())
            .collect()
    };
    let earlier = parts(earlier);
    parts(later).iter().all(|part| earlier.contains(part))
}

/// The words of a step, with the condition where they do not say it themselves.
fn said(fix: &FixReport) -> String {
    let text = capital(&visible(&fix.text));
    let when = condition(fix);
    if when.is_empty() { text } else { format!("{text} ({when})") }
}

/// When a step is right, as far as its words do not say it.
pub(in crate::report) fn condition(fix: &FixReport) -> String {
    let said = visible(&fix.text).to_lowercase();
    let when = fix.when.as_deref().map(visible).unwrap_or_default();
    let new = when.split("; ").filter(|part| !part.is_empty() && !said.contains(&part.to_lowercase()));
    new.collect::<Vec<_>>().join("; ")
}

/// Packs and we ourselves write steps with or without a capital; a list has one way.
pub(in crate::report) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() => first.to_uppercase().collect::<String>() + chars.as_str(),
        _ => text.to_owned(),
    }
}

/// A command in lines that a shell reads as one: broken only at spaces outside of quotes, with a backslash at the end of
/// the line, best behind `;`, `|` or `&&`. Without such a place near enough a line is as long as it must be.
fn lines(run: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = run.trim();
    loop {
        // Further lines are indented by two, and each but the last ends with ` \`.
        let room = width.saturating_sub(if out.is_empty() { 0 } else { 2 });
        if columns(rest) <= room {
            break;
        }
        let places = breaks(rest);
        let limit = prefix(rest, room.saturating_sub(2));
        let fits = |at: &&usize| **at <= limit;
        let behind = |at: &&usize| rest.get(..**at).is_some_and(|head| head.ends_with([';', '|', '&']));
        let best = places
            .iter()
            .filter(fits)
            .rfind(behind)
            .filter(|at| **at * 3 >= room)
            .or_else(|| places.iter().rfind(fits))
            .or_else(|| places.first());
        let Some((head, tail)) = best.and_then(|&at| rest.split_at_checked(at)) else { break };
        out.push(format!("{head} \\"));
        rest = tail.trim_start();
    }
    out.push(rest.to_owned());
    out
}

/// How many bytes of a text fit into so many columns.
fn prefix(text: &str, room: usize) -> usize {
    let mut used = 0;
    let over = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > room
    });
    over.map_or(text.len(), |(at, _)| at)
}

/// The spaces at which a shell separates words.
fn breaks(run: &str) -> Vec<usize> {
    let mut out = Vec::new();
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    for (at, c) in run.char_indices() {
        match quote {
            _ if std::mem::take(&mut escaped) => {}
            None | Some('"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '\'' | '"' => quote = Some(c),
                // A comment ends with its line: it must not be broken.
                '#' if before == ' ' => return out,
                ' ' if before != ' ' => out.push(at),
                _ => {}
            },
        }
        before = c;
    }
    // With a quote that never ends nothing is sure.
    if quote.is_some() { Vec::new() } else { out }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fix(text: &str, run: Option<&str>, when: Option<&str>) -> FixReport {
        FixReport { text: text.into(), run: run.map(Into::into), when: when.map(Into::into), verify: None }
    }

    #[test]
    fn commands_break_where_a_shell_allows_it() {
        assert_eq!(lines("df -h; df -i", 20), ["df -h; df -i"]);
        assert_eq!(lines("systemctl cat a; systemctl start a", 24), ["systemctl cat a; \\", "systemctl start a"]);
        assert_eq!(lines("journalctl -u 'a b c d e f' -n 5", 20), ["journalctl -u \\", "'a b c d e f' -n 5"]);
        assert_eq!(lines("grep 'one two three four five' x", 12), ["grep \\", "'one two three four five' \\", "x"]);
        assert_eq!(lines("echo a\\ b\\ c\\ d e", 8), ["echo \\", "a\\ b\\ c\\ d \\", "e"]);
        assert_eq!(lines("echo 'never ends and is long", 10), ["echo 'never ends and is long"]);
        assert_eq!(lines("ls # and a long remark", 10), ["ls \\", "# and a long remark"]);
    }

    #[test]
    fn a_step_is_told_once() {
        let fixes = [
            fix("read it", Some("journalctl -u a.service -n 100 --no-pager"), None),
            fix("read what it said", Some("journalctl -u 'a.service' -n 50 --no-pager"), None),
            fix("start it", Some("systemctl reset-failed a && systemctl start a"), None),
            fix("then start it", Some("systemctl start a"), None),
            fix("ask", None, None),
            fix("Ask", None, None),
        ];
        let texts: Vec<&str> = distinct(&fixes).iter().map(|f| f.text.as_str()).collect();
        assert_eq!(texts, ["read it", "start it", "ask"]);
        let when = Some("the cause is gone; with --user for a user unit");
        assert_eq!(
            said(&fix("when the cause is gone: start it", None, when)),
            "When the cause is gone: start it (with --user for a user unit)"
        );
        assert_eq!(said(&fix("a", None, Some("b"))), "A (b)");
    }

    proptest! {
        #[test]
        fn joined_again_it_is_the_same_command(words in prop::collection::vec("[a-z;|&'\"\\\\$-]{1,9}", 1..20), width in 0usize..60) {
            let run = words.join(" ");
            let shown = lines(&run, width);
            let last = shown.len() - 1;
            let joined: Vec<&str> =
                shown.iter().enumerate().map(|(n, l)| if n < last { l.strip_suffix(" \\").unwrap() } else { l }).collect();
            prop_assert_eq!(joined.join(" "), run);
        }
    }
}
