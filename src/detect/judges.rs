//! The judges that are always on, in words: what they look for, from which number on, and what it means.
//!
//! In: nothing. Out: one [`Judge`] for each id that a finding of theirs names; the numbers are the constants that the
//! judges work with. No pack and no configuration changes them.

use crate::base::Span;

use super::burst::BURST;
use super::stop::Stop;
use super::story::{FLAPS, KILLS, SCALES, SLOW, STABLE, TOGETHER};
use super::unfinished::Unfinished;

/// A judge that no pack holds.
#[derive(Clone, Debug)]
pub struct Judge {
    /// What findings name as their `detector`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// The words for what it finds.
    pub findings: &'static [&'static str],
    /// The steps (`step = "..."`) that feed it; empty when it looks at something else.
    pub steps: &'static [&'static str],
    /// What it looks for.
    pub looks_for: &'static str,
    /// Why it matters.
    pub cause: &'static str,
    /// Its numbers, each with what it is for.
    pub numbers: Vec<(String, &'static str)>,
    /// What to do.
    pub fixes: &'static [(&'static str, &'static str)],
}

/// All of them.
pub fn judges() -> Vec<Judge> {
    let within = |(n, span): (usize, Span)| format!("{n} within {span}");
    let mut scales: Vec<(String, &'static str)> =
        SCALES.into_iter().map(|s| (within(s), "deaths are a loop")).collect();
    scales.push((SLOW.to_string(), "above this distance between deaths a loop is degraded, not down"));
    scales.push((STABLE.to_string(), "up for so long, and three times its usual time between deaths: it is over"));
    vec![
        Judge {
            id: "lifecycle/crash",
            title: "A unit died, and nobody had asked it to stop",
            findings: &["failure"],
            steps: &["exited", "failed", "start-failed", "restart"],
            looks_for: "A process of a unit that ends with an error, by a signal, or although it should run on. A stop \
                        that was asked for is none, nor what ends while the host goes down.",
            cause: "The last error that the unit said before its end is the likely reason; it is told beside the finding.",
            numbers: vec![
                (TOGETHER.to_string(), "a kill for memory or a missed watchdog this long before a death explains it"),
                (STABLE.to_string(), "up for so long: it is over"),
            ],
            fixes: &[
                ("Read what it said before it died", "journalctl -u {unit} -n 50 --no-pager"),
                ("When the cause is gone: start it", "systemctl restart {unit}"),
            ],
        },
        Judge {
            id: "lifecycle/crash-loop",
            title: "A unit dies and is started again, over and over",
            findings: &["crash_loop", "oom_loop"],
            steps: &["exited", "failed", "start-failed", "restart"],
            looks_for: "Deaths of one unit, counted at several time scales at once: a slow loop is the one that everybody \
                        misses. More than half of them for memory make it an oom_loop.",
            cause: "What makes it die is there again at every start: a setting, a file, a dependency, too little memory.",
            numbers: scales,
            fixes: &[
                ("Read what it said before it died", "journalctl -u {unit} -n 50 --no-pager"),
                ("Stop it while you look, so that the log stays readable", "systemctl stop {unit}"),
            ],
        },
        Judge {
            id: "lifecycle/start-limit",
            title: "systemd gave up starting a unit",
            findings: &["start_limit"],
            steps: &["start-limit", "failed"],
            looks_for: "The manager's word that a unit was started too often, or the result 'start-limit-hit'.",
            cause: "The unit died faster than StartLimitBurst= in StartLimitIntervalSec= allows; it stays down until \
                    somebody starts it.",
            numbers: vec![("1".to_owned(), "is told at once: systemd did the counting")],
            fixes: &[(
                "When the cause is gone: clear the start limit and start it",
                "systemctl reset-failed {unit} && systemctl start {unit}",
            )],
        },
        Judge {
            id: "lifecycle/dependency",
            title: "A unit was not started because one that it requires failed",
            findings: &["failure"],
            steps: &["dependency-failed"],
            looks_for: "The manager's word 'Dependency failed for'.",
            cause: "Another unit failed; this one only waits for it.",
            numbers: vec![("1".to_owned(), "is told at once; over when the unit has started")],
            fixes: &[("See which of them failed", "systemctl list-dependencies {unit}")],
        },
        Judge {
            id: "lifecycle/oom-kill",
            title: "A process was killed because memory ran out",
            findings: &["failure", "oom_loop"],
            steps: &["oom-kill"],
            looks_for: "The kernel's or the manager's word of a kill for memory. Both words of one kill count once.",
            cause: "The unit, its control group or the host has less memory than is asked for.",
            numbers: vec![
                ("1".to_owned(), "is told at once"),
                (within(KILLS), "kills are an oom_loop"),
                (STABLE.to_string(), "up for so long after it: it is over"),
            ],
            fixes: &[(
                "What uses memory, and what the limit is",
                "systemctl show -p MemoryMax,MemoryPeak {unit}; free -h",
            )],
        },
        Judge {
            id: "lifecycle/flapping",
            title: "A unit is stopped and started by somebody, again and again",
            findings: &["flapping"],
            steps: &["stopping", "stopped", "starting", "started"],
            looks_for: "Stops that were asked for, each with a start after it.",
            cause: "A person, a timer or another program restarts it over and over, perhaps to heal something else.",
            numbers: vec![(within(FLAPS), "stops and starts are flapping")],
            fixes: &[("See who asks for it", "journalctl _PID=1 -u {unit} -n 50 --no-pager")],
        },
        Judge {
            id: Stop::DETECTOR,
            title: "A unit was stopped on purpose, and others failed because of it",
            findings: &["failure"],
            steps: &["stopping"],
            looks_for: "A stop that was asked for, when units that need this one fail while it is away.",
            cause: "Somebody stopped it; by itself that is no failure.",
            numbers: vec![("1".to_owned(), "is told only when others failed because of it")],
            fixes: &[("Ask who stopped it and why; then start it again", "systemctl start {unit}")],
        },
        Judge {
            id: Unfinished::DETECTOR,
            title: "A program never said that it is ready, and the log ends",
            findings: &["stuck"],
            steps: &["loading", "ready", "told-to-stop"],
            looks_for: "A program that begins to get ready, in a log that ends without a word that it is, or that it ended.",
            cause: "It still gets ready, or it was ended from outside without a word.",
            numbers: vec![("1".to_owned(), "is told where nothing else was found in the unit")],
            fixes: &[("Is it still getting ready, or gone?", "systemctl status {unit}")],
        },
        Judge {
            id: "errors/burst",
            title: "Many errors in a short time that no signature knows",
            findings: &["error_burst"],
            steps: &[],
            looks_for: "Records of level err or worse (or with alarming words, where the form has no level) that no \
                        signature matches, by unit. The kernel's are left out: what counts of it stands in its pack.",
            cause: "Nobody has written down what they are, but something is wrong.",
            numbers: vec![
                (within(BURST), "unknown errors of one unit are a burst"),
                (Span(2 * BURST.1.0).to_string(), "without one: it is over"),
            ],
            fixes: &[("Write them down: 'logtriage rules new NAME --from LOG' begins a pack", "logtriage -v LOG")],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{FindingKind, Step};

    #[test]
    fn every_judge_is_in_words_that_exist() {
        let here = [
            include_str!("burst.rs"),
            include_str!("lifecycle.rs"),
            include_str!("stop.rs"),
            include_str!("story.rs"),
            include_str!("finding.rs"),
            include_str!("unfinished.rs"),
        ]
        .concat();
        let mut named: Vec<&str> =
            here.split('"').filter(|word| word.starts_with("lifecycle/") || word.starts_with("errors/")).collect();
        named.sort_unstable();
        named.dedup();
        let mut known: Vec<&str> = judges().iter().map(|judge| judge.id).collect();
        known.sort_unstable();
        assert_eq!(named, known, "ids of findings (left) and judges (right)");
        for judge in judges() {
            assert!(!judge.numbers.is_empty() && !judge.fixes.is_empty(), "{}", judge.id);
            assert!(judge.findings.iter().all(|word| FindingKind::from_word(word).is_some()), "{}", judge.id);
            assert!(judge.steps.iter().all(|word| Step::from_word(word).is_some()), "{}", judge.id);
        }
        assert!(judges()[1].numbers[0].0 == "3 within 60 s", "{:?}", judges()[1].numbers);
    }
}
