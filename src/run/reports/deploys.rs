//! Deployments: told by the user, said in the log, or seen as a restart on purpose.

use std::collections::BTreeMap;

use crate::base::{Span, Stamp, Step};
use crate::report::kinds::Deployment;
use crate::scan::Plan;

use super::desk::Seen;

/// A deployment this long before the first error may have to do with it.
const BEFORE: Span = Span::seconds(1800);
/// A stop and a start this far apart are one restart.
const RESTART: Span = Span::seconds(600);
/// Deployments that are kept.
const MOST: usize = 1_000;
/// Deployments that are told of one issue.
const TOLD: usize = 3;
/// Bytes of a line that are looked at.
const LOOKED_AT: usize = 400;

/// A deployment that the user names: `--deploy TIME[=NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// When.
    pub time: Stamp,
    /// What.
    pub name: String,
}

/// All deployments so far.
#[derive(Debug, Default)]
pub(super) struct Deploys {
    all: BTreeMap<(Stamp, String), ()>,
    stops: BTreeMap<String, Stamp>,
    /// Those that found no room.
    pub(super) dropped: u64,
}

impl Deploys {
    /// Begins with what the user said.
    pub(super) fn new(told: &[Deploy]) -> Deploys {
        let all = told.iter().map(|deploy| ((deploy.time, deploy.name.clone()), ())).collect();
        Deploys { all, ..Deploys::default() }
    }

    /// Looks at a record, and at the steps that its event marks.
    pub(super) fn see(&mut self, seen: &Seen<'_>, plan: &Plan, text: &str) {
        let Some(at) = seen.time else { return };
        if let Some(event) = seen.event {
            for step in event.hits.iter().filter_map(|hit| plan.signature(*hit).step) {
                self.step(step, &event.unit, at);
            }
        }
        let head = text.get(..LOOKED_AT.min(text.len())).unwrap_or(text);
        if seen.record.level.is_none_or(|level| level > crate::base::Level::Err) && says_deployed(head) {
            self.add(at, first_line(head).to_owned());
        }
    }

    fn step(&mut self, step: Step, unit: &str, at: Stamp) {
        match step {
            Step::Stopping if self.stops.len() < MOST => {
                self.stops.insert(unit.to_owned(), at);
            }
            // What died did not stop on purpose.
            Step::Failed | Step::Restart => {
                self.stops.remove(unit);
            }
            Step::Started => {
                if let Some(stopped) = self.stops.remove(unit)
                    && at >= stopped
                    && at.since(stopped) <= RESTART
                {
                    self.add(at, format!("{unit} restarted on purpose"));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, at: Stamp, name: String) {
        if self.all.len() < MOST {
            self.all.insert((at, name), ());
        } else {
            self.dropped += 1;
        }
    }

    /// Those in the half hour before any of these moments, the nearest first.
    pub(super) fn before(&self, moments: &[Stamp]) -> Vec<Deployment> {
        let mut near: Vec<Deployment> = Vec::new();
        for ((time, name), ()) in self.all.iter().rev() {
            let onset = moments.iter().filter(|onset| **onset >= *time && onset.since(*time) <= BEFORE).min();
            if let Some(onset) = onset {
                let seconds_before = onset.since(*time).as_seconds();
                near.push(Deployment { time: *time, name: name.clone(), seconds_before });
            }
        }
        near.sort_by_key(|deployment| deployment.seconds_before);
        near.truncate(TOLD);
        near
    }
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}

/// Does a line say that something was deployed, and not only speak of deployments?
fn says_deployed(text: &str) -> bool {
    if memchr::memmem::find(text.as_bytes(), b"eploy").is_none()
        && memchr::memmem::find(text.as_bytes(), b"ollout").is_none()
    {
        return false;
    }
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if any(&["failed", "failure", "error", "cannot", "not"]) {
        return false;
    }
    let done =
        any(&["complete", "completed", "finished", "succeeded", "success", "successful", "started", "done", "live"]);
    any(&["deployed", "deploying", "redeployed"]) || (any(&["deploy", "deployment", "rollout"]) && done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_say_deployed() {
        for (text, want) in [
            ("Deployed pricing-service v2.3.1 to production", true),
            ("deploy.sh: deploying api 1.4.2", true),
            ("Deployment api-7 finished in 31 s", true),
            ("rollout of web completed", true),
            ("{\"event\":\"deploy_finished\",\"version\":\"v2\"}", true),
            ("GET /api/deployments 200", false),
            ("deployment failed", false),
            ("kubectl rollout status", false),
            ("employed as before, all done", false),
        ] {
            assert_eq!(says_deployed(text), want, "{text}");
        }
    }

    #[test]
    fn a_restart_on_purpose_is_a_deployment_and_a_crash_is_none() {
        let at = |s: i64| Stamp(1_778_539_200_000_000_000).plus(Span::seconds(s));
        let mut deploys = Deploys::new(&[Deploy { time: at(0), name: "v2".to_owned() }]);
        for (step, unit, s) in [
            (Step::Stopping, "api", 100),
            (Step::Started, "api", 110),
            (Step::Stopping, "db", 100),
            (Step::Failed, "db", 105),
            (Step::Started, "db", 110),
            (Step::Stopping, "slow", 100),
            (Step::Started, "slow", 701),
            (Step::Started, "new", 120),
        ] {
            deploys.step(step, unit, at(s));
        }
        let told = |s| -> Vec<(String, i64)> {
            deploys.before(&[at(s)]).into_iter().map(|one| (one.name, one.seconds_before)).collect()
        };
        let api = "api restarted on purpose".to_owned();
        assert_eq!(told(1800), [(api.clone(), 1690), ("v2".to_owned(), 1800)]);
        assert_eq!(told(1801), [(api.clone(), 1691)]);
        assert_eq!(told(110), [(api, 0), ("v2".to_owned(), 110)]);
        assert_eq!(told(109), [("v2".to_owned(), 109)]);
        assert!(told(-1).is_empty());
    }
}
