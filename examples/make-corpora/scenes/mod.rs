//! The incidents that are made up: each a name and a function that plays it.

mod failures;
mod harmless;
mod tricky;

use jiff::civil;

use super::journal::Scene;

/// Plays a scene from its beginning to its end.
type Play = fn() -> Scene;

/// All scenes, by the name of their folder in corpora/.
pub const ALL: &[(&str, Play)] = &[
    ("full-disk-cascade", failures::full_disk_cascade),
    ("slow-crash-loop", failures::slow_crash_loop),
    ("permission-after-upgrade", failures::permission_after_upgrade),
    ("broker-down", failures::broker_down),
    ("kernel-oom", failures::kernel_oom),
    ("single-crash", failures::single_crash),
    ("nightly-job-fails", failures::nightly_job_fails),
    ("deploy-with-one-failure", failures::deploy_with_one_failure),
    ("two-incidents", failures::two_incidents),
    ("flapping-unit", tricky::flapping_unit),
    ("unclassified-burst", tricky::unclassified_burst),
    ("secrets-in-lines", tricky::secrets_in_lines),
    ("control-characters", tricky::control_characters),
    ("interleaved-traces", tricky::interleaved_traces),
    ("odd-fields", tricky::odd_fields),
    ("suppressed-lines", tricky::suppressed_lines),
    ("cancelled-at-stop", harmless::cancelled_at_stop),
    ("alarming-words", harmless::alarming_words),
    ("quiet-day", harmless::quiet_day),
    ("planned-reboot", harmless::planned_reboot),
];

/// Plays the scene of that name: the text of its journal.json.
pub fn play(name: &str) -> Option<String> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, scene)| scene().lines())
}

/// Microseconds since 1970 of a moment in UTC.
fn utc(year: i16, month: i8, day: i8, hour: i8, minute: i8) -> i64 {
    let moment = civil::datetime(year, month, day, hour, minute, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
    moment.map(|zoned| zoned.timestamp().as_microsecond()).unwrap_or_default()
}

/// What a web application prints all day.
const REQUESTS: &[&str] = &[
    "GET /items/{} 200 14ms",
    "GET /items?page={} 200 31ms",
    "POST /orders 201 48ms id={}",
    "session {} opened",
    "cache: 97 % hits, {} entries",
    "job {} done in 310 ms",
    "health ok, {} connections",
];
