//! Checks of the factory: what the lines of health.log and backup.log say, as the rules of its pack know them.

use std::collections::BTreeMap;

use crate::report::kinds::{Backup, Check, Infrastructure};
use crate::scan::{Event, Plan};

/// The pack that knows these logs.
const PACK: &str = "agentic-factory/";
/// Checks that are told apart.
const CHECKS: usize = 200;

/// What was seen of checks.
#[derive(Debug, Default)]
pub(super) struct Checks {
    checks: BTreeMap<String, Check>,
    disk: Option<u8>,
    vram: Option<(u32, u32)>,
    backup: Option<Backup>,
    /// Checks that found no room.
    pub(super) dropped: u64,
}

impl Checks {
    /// Takes an event, if it is the outcome of a check.
    pub(super) fn see(&mut self, plan: &Plan, event: &Event) -> bool {
        let mut used = false;
        for hit in &event.hits {
            let Some(rule) = plan.signature(*hit).id.strip_prefix(PACK) else { continue };
            used = true;
            match rule {
                "check-passed" => self.check(&event.unit, true),
                "other-check" => self.check(event.capture("check").unwrap_or(&event.unit), false),
                "gpu-not-used" => self.check("GPU inference", false),
                "disk-full" => self.check("Disk", false),
                "vram" | "vram-other-card" => {
                    self.vram = numbers(&event.text, "MB").and_then(|(used, all)| Some((used, all?))).or(self.vram);
                }
                "all-checks-passed" | "checks-failed" | "vram-unknown" | "backup-step" => {}
                "backup-unfinished" => {
                    let backup = self.backup.get_or_insert_default();
                    backup.begun += 1;
                    backup.last_complete = false;
                }
                "backup-complete" => {
                    let backup = self.backup.get_or_insert_default();
                    backup.complete += 1;
                    backup.last_complete = true;
                    backup.path = event.capture("path").map(str::to_owned).or(backup.path.take());
                }
                rule if rule.ends_with("-check") => self.check(&event.unit, false),
                _ => {
                    used = false;
                    continue;
                }
            }
            if let Some((percent, _)) = event.text.contains("Disk: ").then(|| numbers(&event.text, "%")).flatten() {
                self.disk = u8::try_from(percent).ok().or(self.disk);
            }
            break;
        }
        used
    }

    fn check(&mut self, name: &str, ok: bool) {
        if self.checks.len() >= CHECKS && !self.checks.contains_key(name) {
            self.dropped += 1;
            return;
        }
        let check = self.checks.entry(name.to_owned()).or_default();
        check.name = name.to_owned();
        check.ok = ok;
        check.runs += 1;
        check.failed += u64::from(!ok);
    }

    /// What was seen, if anything was.
    pub(super) fn infrastructure(self) -> Option<Infrastructure> {
        let seen = !self.checks.is_empty() || self.disk.is_some() || self.vram.is_some() || self.backup.is_some();
        seen.then(|| Infrastructure {
            checks: self.checks.into_values().collect(),
            disk_percent: self.disk,
            vram_mb: self.vram,
            backup: self.backup,
            incidents: None,
        })
    }
}

/// The first number in front of `mark`, and the second, if there is one.
fn numbers(text: &str, mark: &str) -> Option<(u32, Option<u32>)> {
    let mut found = text.match_indices(mark).filter_map(|(at, _)| {
        let before = text.get(..at)?;
        let start = before.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        before.get(start..)?.parse::<u32>().ok()
    });
    Some((found.next()?, found.next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_front_of_a_mark() {
        assert_eq!(numbers("GPU VRAM: 21034MB / 24576MB", "MB"), Some((21_034, Some(24_576))));
        assert_eq!(numbers("✅ Disk: 61% used", "%"), Some((61, None)));
        assert_eq!(numbers("❌ Disk: 91% used (>85% warning)", "%"), Some((91, Some(85))));
        assert_eq!(numbers("GPU VRAM: N/AMB / N/AMB", "MB"), None);
    }
}
