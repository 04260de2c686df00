//! The messages of systemd's managers: which unit they are about, from the words alone.
//!
//! In: a message that a manager (PID 1, or one of `systemd --user`) printed. Out: the unit it names, or `None` for the
//! wording that only has a description (`Started Disk check.`). Never guesses a unit from a description.

use crate::base::unit_kind;

/// What stands before the unit's name in messages that begin with a verb (systemd 230 to 258). A longer beginning
/// stands before a shorter one that it contains.
const BEFORE: &[&str] = &[
    "Activated swap ",
    "Activating swap ",
    "Assertion failed for ",
    "Closed ",
    "Condition check resulted in ",
    "Created slice ",
    "Deactivated swap ",
    "Deactivating swap ",
    "Dependency failed for ",
    "Expecting device ",
    "Failed deactivating swap ",
    "Failed to activate swap ",
    "Failed to listen on ",
    "Failed to mount ",
    "Failed to set up automount ",
    "Failed to start ",
    "Failed unmounting ",
    "Finished ",
    "Found device ",
    "Job ",
    "Listening on ",
    "Mounted ",
    "Mounting ",
    "Reached target ",
    "Reload failed for ",
    "Reloaded ",
    "Reloading ",
    "Removed slice ",
    "Set up automount ",
    "Skipped ",
    "Started ",
    "Starting ",
    "Stopped target ",
    "Stopped ",
    "Stopping ",
    "Timed out reloading ",
    "Timed out starting ",
    "Timed out stopping ",
    "Timed out waiting for device ",
    "Timed out mounting ",
    "Timed out unmounting ",
    "Unit ",
    "Unmounted ",
    "Unmounting ",
    "Unset automount ",
];

/// The unit that a message of the service manager is about: `web.service` for `web.service: Main process exited, ...` and
/// for `Started web.service - The web.`, none for `Started The web.`
pub fn subject(message: &[u8]) -> Option<&str> {
    let line = message.split(|b| *b == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    if let Some(path) = line.strip_prefix('[').or(Some(line)).filter(|l| l.starts_with('/')) {
        return of_file(path);
    }
    let (word, rest) = split(line);
    if let Some(unit) = word.strip_suffix(':').filter(|w| is_unit(w)) {
        return Some(unit);
    }
    // `web.service - The web was skipped because of an unmet condition check (...)`, also without a description.
    if is_unit(word) && (rest.starts_with(" - ") || rest.starts_with(" was skipped ")) {
        return Some(word);
    }
    // Its first letter sorts out nearly all of them.
    let first = line.as_bytes().first();
    let before = BEFORE.iter().find(|b| b.as_bytes().first() == first && line.starts_with(**b))?;
    let (word, rest) = split(line.get(before.len()..)?);
    match *before {
        // `Job dev-sdb.device/start timed out.`
        "Job " => word.split_once('/').map(|(unit, _)| unit).filter(|u| is_unit(u)),
        // `Unit web.service entered failed state.`
        "Unit " => Some(word.trim_end_matches(['.', ',', ':'])).filter(|u| is_unit(u)),
        _ => {
            // A description may begin with the name of another unit: the name must stand alone or before its dash.
            let alone = rest.is_empty() || rest.starts_with(" - ") || rest == " being skipped.";
            let unit = word.trim_end_matches(['.', '…']);
            (alone && is_unit(unit)).then_some(unit)
        }
    }
}

/// The first word and what follows it, with its space.
fn split(text: &str) -> (&str, &str) {
    text.split_at(text.find(' ').unwrap_or(text.len()))
}

/// The unit of a message about a line of a unit file: `/etc/systemd/system/web.service:12: Unknown key ...`, also of
/// a drop-in (`web.service.d/limits.conf:3:`).
fn of_file(text: &str) -> Option<&str> {
    let (path, rest) = text.split_once(':')?;
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut parts = path.rsplit('/');
    let file = parts.next()?;
    if is_unit(file) {
        return Some(file);
    }
    parts.next()?.strip_suffix(".d").filter(|u| is_unit(u))
}

/// Is `word` the full name of a unit?
fn is_unit(word: &str) -> bool {
    let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.' | b'\\' | b'@');
    word.len() < 256 && unit_kind(word).is_some() && word.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_name_their_unit() {
        for (message, unit) in [
            ("web.service: Main process exited, code=exited, status=1/FAILURE", "web.service"),
            ("web.service: Scheduled restart job, restart counter is at 5.", "web.service"),
            ("web.service: Service RestartSec=100ms expired, scheduling restart.", "web.service"),
            ("web.service: Service hold-off time over, scheduling restart.", "web.service"),
            ("web.service: Start request repeated too quickly.", "web.service"),
            ("web.service: Failed with result 'exit-code'.", "web.service"),
            ("web.service: Deactivated successfully.", "web.service"),
            ("web.service: Succeeded.", "web.service"),
            ("web.service: Consumed 1.5s CPU time.", "web.service"),
            ("Starting web.service - The web...", "web.service"),
            ("Starting web.service...", "web.service"),
            ("Started web.service.", "web.service"),
            ("Started web.service - The web: now - better.", "web.service"),
            ("Started session-3.scope - Session 3 of User ann.", "session-3.scope"),
            ("Finished web.service - The web.", "web.service"),
            ("Stopping user@1000.service - User Manager for UID 1000...", "user@1000.service"),
            ("Stopped web.service - The web.", "web.service"),
            ("Stopped target basic.target - Basic System.", "basic.target"),
            ("Failed to start web.service - The web.", "web.service"),
            ("Dependency failed for web.service - The web.", "web.service"),
            ("Reached target multi-user.target - Multi-User System.", "multi-user.target"),
            ("Listening on dbus.socket - D-Bus Socket.", "dbus.socket"),
            ("Closed dbus.socket - D-Bus Socket.", "dbus.socket"),
            ("Failed to listen on dbus.socket - D-Bus Socket.", "dbus.socket"),
            ("Mounting var-lib.mount - /var/lib...", "var-lib.mount"),
            ("Mounted var-lib.mount - /var/lib.", "var-lib.mount"),
            ("Failed unmounting var-lib.mount - /var/lib.", "var-lib.mount"),
            ("Created slice user-1000.slice - User Slice of UID 1000.", "user-1000.slice"),
            ("Found device dev-disk-by\\x2duuid-1.device - X.", "dev-disk-by\\x2duuid-1.device"),
            ("Timed out waiting for device dev-sdb.device - /dev/sdb.", "dev-sdb.device"),
            ("Job dev-sdb.device/start timed out.", "dev-sdb.device"),
            ("Unit web.service entered failed state.", "web.service"),
            ("web.service - The web was skipped because of an unmet condition check (X=1).", "web.service"),
            ("web.service was skipped because of a failed condition check (X=1).", "web.service"),
            ("Condition check resulted in web.service - The web being skipped.", "web.service"),
            ("/etc/systemd/system/web.service:12: Unknown key name 'X' in section 'Y', ignoring.", "web.service"),
            ("/run/systemd/system/web.service.d/a.conf:3: Unknown section 'X'. Ignoring.", "web.service"),
            ("[/etc/systemd/system/web.service:12] Unknown lvalue 'X' in section 'Y'", "web.service"),
            ("web.service: two\nlines", "web.service"),
        ] {
            assert_eq!(subject(message.as_bytes()), Some(unit), "{message}");
        }
    }

    #[test]
    fn messages_that_do_not() {
        for message in [
            "",
            "Started The web.",
            "Started Session 3 of User ann.",
            "Started Run anacron.service now.",
            "Started web.service helper.",
            "Reached target Basic System.",
            "Startup finished in 1.2s (kernel) + 3s (userspace) = 4.2s.",
            "https://web.service: no",
            "web: x",
            ".service: x",
            "Unit",
            "Started ",
            "/etc/systemd/system/web.service: x",
            "Started \u{e9}.service.",
        ] {
            assert_eq!(subject(message.as_bytes()), None, "{message}");
        }
        assert_eq!(subject(b"web.service\xff: x"), None);
    }
}
