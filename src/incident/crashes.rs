//! What the crashes of a unit have in common.

use std::collections::BTreeMap;

use crate::detect::{Crash, Finding};
use crate::scan::mask;

use super::case::{Case, Names};
use super::diagnosis::{CrashLines, CrashReport, Repeat};

/// The common line of all crashes, and the first and the latest one in full.
pub(super) fn report(case: &Case<'_>, names: &Names, finding: &Finding) -> Option<CrashReport> {
    let first = finding.crashes.first()?;
    let last = finding.crashes.last().filter(|_| finding.crashes.len() > 1);
    let with_words = finding.crashes.iter().filter(|c| !c.last_words.is_empty() || c.said.is_some()).count();
    let lines = |crash: &Crash| CrashLines {
        time: crash.time,
        how: crash.how.clone(),
        last_words: crash.last_words.iter().map(|e| case.report(names, e)).collect(),
    };
    Some(CrashReport {
        total: finding.count,
        with_last_words: with_words as u64,
        repeats: repeat(&finding.crashes),
        first: Some(lines(first)),
        last: last.map(lines),
    })
}

/// The line that stands before most crashes; of equals what was an error, then what stands nearest to the exit.
fn repeat(crashes: &[Crash]) -> Option<Repeat> {
    let mut shapes: BTreeMap<String, (u64, bool, usize, &str)> = BTreeMap::new();
    for crash in crashes {
        let mut seen = std::collections::BTreeSet::new();
        // First, because the same line stands among the last words too, where nobody knows that it is an error.
        let said = crash.said.as_ref().map(|s| (s.line.text.as_str(), true));
        let words = crash.last_words.iter().map(|e| (e.text.as_str(), false));
        for (at, (text, error)) in said.into_iter().chain(words).enumerate() {
            let shape = mask::shape(text);
            if text.trim().is_empty() || !seen.insert(shape.clone()) {
                continue;
            }
            let entry = shapes.entry(shape).or_insert((0, false, 0, text));
            entry.0 += 1;
            entry.1 |= error;
            entry.2 = entry.2.max(at);
        }
    }
    let (times, _, _, text) = shapes.into_values().max_by_key(|(times, error, at, _)| (*error, *times, *at))?;
    (times > 1).then(|| Repeat { text: text.to_owned(), crashes: times })
}
