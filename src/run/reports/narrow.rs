//! What narrows an issue down, and what to do about all of them: worked out of the counts.

use std::collections::BTreeMap;

use crate::base::{Severity, Span, Stamp};
use crate::incident::FixReport;
use crate::report::kinds::{Action, Actions, Busiest, Issue};
use crate::rules::{Fix, Signature};

use super::errors::is_constant;

/// An hour, in minutes.
const HOUR: i64 = 60;

/// `The model provider limits requests`: the title of the rule without the code; else the words of the code.
pub(super) fn title(code: &str, rule: Option<&Signature>) -> String {
    if code == "unclassified" {
        return "Errors that no rule knows".to_owned();
    }
    if let Some(rule) = rule {
        let title = rule.title.strip_prefix(code).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&rule.title);
        let mut letters = title.chars();
        return letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    }
    let words: Vec<String> = code
        .split(['_', '/', '-'])
        .enumerate()
        .map(|(n, word)| match (n, word) {
            (_, "LLM" | "ATS" | "URL" | "HTTP" | "API") => word.to_owned(),
            (0, word) => {
                word.get(..1).unwrap_or_default().to_owned() + &word.get(1..).unwrap_or_default().to_lowercase()
            }
            _ => word.to_lowercase(),
        })
        .collect();
    words.join(" ")
}

/// What to search the code for: the search that the rule names, else the code itself.
pub(super) fn search(code: &str, rule: Option<&Signature>) -> Option<String> {
    let by_rule = rule.into_iter().flat_map(|rule| &rule.fixes).filter_map(|fix| fix.run.as_deref());
    let grep = by_rule.into_iter().find(|run| run.starts_with("grep ")).map(str::to_owned);
    grep.or_else(|| is_constant(code).then(|| format!("grep -rn '{code}' --include='*.ts' .")))
}

/// Files of code that the words of fixes name.
pub(super) fn files(fixes: &[Fix]) -> Vec<String> {
    const ENDS: &[&str] =
        &[".ts", ".tsx", ".js", ".py", ".rs", ".go", ".toml", ".yaml", ".yml", ".json", ".container", ".service"];
    let mut found: Vec<String> = Vec::new();
    for text in fixes.iter().flat_map(|fix| [Some(&fix.text), fix.run.as_ref()]).flatten() {
        for word in text.split([' ', '\'', '"', '`', '(', ')', ',', ';', '=']) {
            let file = word.trim_end_matches(['.', ':']);
            let named = file.contains('/') && ENDS.iter().any(|end| file.ends_with(end)) && !file.contains("://");
            if named && !file.contains(['*', '$', '{']) && !found.iter().any(|known| known == file) {
                found.push(file.to_owned());
            }
        }
    }
    found
}

/// The sixty minutes with the most errors; of several the first.
pub(super) fn busiest(minutes: &BTreeMap<i64, u32>) -> Option<Busiest> {
    let all: Vec<(i64, u64)> = minutes.iter().map(|(minute, count)| (*minute, u64::from(*count))).collect();
    let (mut best, mut sum, mut left): (Option<(i64, u64)>, u64, usize) = (None, 0, 0);
    for (minute, count) in &all {
        sum += count;
        while let Some((_, its)) = all.get(left).filter(|(oldest, _)| *oldest <= minute - HOUR) {
            sum -= its;
            left += 1;
        }
        if best.is_none_or(|(_, most)| sum > most) {
            best = all.get(left).map(|(first, _)| (*first, sum));
        }
    }
    best.map(|(minute, count)| Busiest { from: Stamp(minute.saturating_mul(Span::seconds(60).0)), count })
}

/// One or two hours of the day that hold at least half of five errors or more, where errors came on more hours than these.
pub(super) fn cluster(minutes: &BTreeMap<i64, u32>, all: u64) -> Option<(u8, u8, u64)> {
    let mut hours = [0_u64; 24];
    for (minute, count) in minutes {
        let hour = usize::try_from(minute.div_euclid(HOUR).rem_euclid(24)).unwrap_or(0);
        if let Some(slot) = hours.get_mut(hour) {
            *slot += u64::from(*count);
        }
    }
    let spread = hours.iter().filter(|count| **count > 0).count();
    if all < 5 || spread < 3 {
        return None;
    }
    let at = |hour: usize| hours.get(hour % 24).copied().unwrap_or(0);
    let best = |width: usize| {
        let sums = (0..24).map(|from| ((from..from + width).map(at).sum::<u64>(), from));
        sums.max_by_key(|(sum, from)| (*sum, std::cmp::Reverse(*from)))
    };
    [1, 2].into_iter().find_map(|width| {
        let (sum, from) = best(width).filter(|(sum, _)| sum * 2 >= all)?;
        let hour = |hour: usize| u8::try_from(hour % 24).unwrap_or(0);
        Some((hour(from), hour(from + width), sum))
    })
}

/// What to do, by term: now what is down, stays until somebody acts, or comes in bursts, soon the rest, from now on what shows whether it is over.
pub(super) fn actions(issues: &[Issue]) -> Actions {
    let mut actions = Actions::default();
    for issue in issues {
        let urgent = issue.severity == Some(Severity::Down) || issue.stays || issue.is_burst();
        let told = issue.severity.is_none_or(|severity| severity >= Severity::Degraded);
        // A fix that asks is a look, not a change.
        let change = issue.fixes.iter().find(|fix| !fix.text.ends_with('?')).or(issue.fixes.first());
        let term = if urgent { &mut actions.immediate } else { &mut actions.short_term };
        if let Some(fix) = change.filter(|_| urgent || told) {
            add(term, &issue.error_code, fix.clone());
        }
        if let Some(advice) = issue.if_recurring.as_ref().filter(|_| urgent) {
            let fix = FixReport { text: advice.clone(), run: None, when: None, verify: None };
            add(&mut actions.short_term, &issue.error_code, fix);
        }
        if let Some(verify) = change.and_then(|fix| fix.verify.clone()).filter(|_| urgent) {
            let text = "See whether it helped".to_owned();
            let fix = FixReport { text, run: Some(verify), when: None, verify: None };
            add(&mut actions.monitor, &issue.error_code, fix);
        }
    }
    if !issues.is_empty() {
        let text = "Alert when more than 10 errors of one code come within an hour".to_owned();
        let fix = FixReport { text, run: None, when: None, verify: None };
        let passed = issues.iter().filter(|issue| issue.is_burst()).map(|issue| issue.error_code.clone()).collect();
        actions.monitor.push(Action { error_codes: passed, fix });
    }
    actions
}

/// One action for all codes that need it.
fn add(term: &mut Vec<Action>, code: &str, fix: FixReport) {
    match term.iter_mut().find(|action| action.fix.text == fix.text) {
        Some(action) => action.error_codes.push(code.to_owned()),
        None => term.push(Action { error_codes: vec![code.to_owned()], fix }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(all: &[(i64, u32)]) -> BTreeMap<i64, u32> {
        all.iter().copied().collect()
    }

    #[test]
    fn the_busiest_hour_slides() {
        let best = |all: &[(i64, u32)]| busiest(&minutes(all)).map(|hour| (hour.from.0 / 60_000_000_000, hour.count));
        assert_eq!(best(&[]), None);
        assert_eq!(best(&[(0, 5), (59, 6), (60, 1)]), Some((0, 11)));
        assert_eq!(best(&[(0, 5), (60, 6)]), Some((60, 6)));
        assert_eq!(best(&[(0, 5), (30, 1), (89, 5), (90, 9)]), Some((89, 14)));
        assert_eq!(best(&[(0, 2), (100, 2)]), Some((0, 2)));
    }

    #[test]
    fn hours_of_the_day_cluster_only_where_there_are_others() {
        let at = |hours: &[(i64, u32)]| {
            let all = hours.iter().map(|(_, count)| u64::from(*count)).sum();
            cluster(&hours.iter().map(|(hour, count)| (hour * 60, *count)).collect(), all)
        };
        assert_eq!(at(&[(14, 6), (2, 2), (8, 2)]), Some((14, 15, 6)));
        assert_eq!(at(&[(14, 4), (15, 3), (2, 2), (8, 2)]), Some((14, 16, 7)));
        assert_eq!(at(&[(23, 4), (24, 4), (5, 2), (9, 2), (11, 3)]), Some((23, 1, 8)));
        assert_eq!(at(&[(14, 4), (2, 3), (8, 3), (10, 3)]), None);
        assert_eq!(at(&[(14, 9), (15, 9)]), None);
        assert_eq!(at(&[(14, 2), (2, 1), (8, 1)]), None);
    }

    #[test]
    fn titles_come_from_rules_or_from_the_code() {
        assert_eq!(title("LLM_CONTEXT_TOO_LONG", None), "LLM context too long");
        assert_eq!(title("QUOTA_GONE", None), "Quota gone");
        assert_eq!(title("unclassified", None), "Errors that no rule knows");
    }

    #[test]
    fn files_are_those_that_fixes_name() {
        let fix = |text: &str, run: Option<&str>| Fix { text: text.into(), run: run.map(Into::into), ..Fix::default() };
        let fixes = [
            fix("Look at apps/api/src/routes/v1/email.ts.", Some("grep -n 'X' apps/api/src/routes/v1/email.ts")),
            fix("see https://example.com/a.ts", Some("grep -rn 'X' --include='*.ts' apps/")),
            fix("set it in config/gates.yaml", None),
        ];
        assert_eq!(files(&fixes), ["apps/api/src/routes/v1/email.ts", "config/gates.yaml"]);
    }
}
