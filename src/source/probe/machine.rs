//! What the machine has left: room on a disk, memory.
//!
//! Out: whole megabytes (of 1024 x 1024 bytes) and whole percents. What is used is rounded up, as `df` does, what is left is rounded
//! down.

use std::fs;

use super::answer::Found;
use super::around::Around;
use super::failure::{Failure, Reason, io_failure};

/// Bytes of a megabyte.
const MB: u64 = 1 << 20;

pub(super) fn disk(path: &str, around: &Around) -> Result<Found, Failure> {
    let path = around.path(path)?;
    let mut found = Found::default();
    found.tell("path", path.display().to_string());
    match rustix::fs::statvfs(&path) {
        Ok(stat) => {
            let megabytes = |blocks: u64| (u128::from(blocks) * u128::from(stat.f_frsize) / u128::from(MB)) as u64;
            let used = stat.f_blocks.saturating_sub(stat.f_bfree);
            found.tell("total_mb", megabytes(stat.f_blocks));
            found.tell("free_mb", megabytes(stat.f_bavail));
            if let Some(percent) = percent(used, stat.f_bavail) {
                found.tell("used_percent", percent);
            }
            // Some file systems make inodes as they need them, and tell none.
            if let Some(percent) = percent(stat.f_files.saturating_sub(stat.f_ffree), stat.f_favail) {
                found.tell("inodes_used_percent", percent);
            }
        }
        Err(why) => found.fail(io_failure(&why.into())),
    }
    Ok(found)
}

/// The share of `used` in what this user can have, rounded up as `df` does.
fn percent(used: u64, free: u64) -> Option<u64> {
    let all = u128::from(used) + u128::from(free);
    (all > 0).then(|| (u128::from(used) * 100).div_ceil(all) as u64)
}

pub(super) fn memory(around: &Around) -> Result<Found, Failure> {
    let mut found = Found::default();
    let text = match fs::read_to_string(&around.meminfo) {
        Ok(text) => text,
        Err(why) => {
            found.fail(io_failure(&why));
            return Ok(found);
        }
    };
    let kilobytes = |name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let Some(available) = kilobytes("MemAvailable") else {
        found.fail(Failure::new(Reason::Unexpected, "the kernel tells no MemAvailable"));
        return Ok(found);
    };
    let swap = kilobytes("SwapFree").unwrap_or(0);
    found.tell("mem_available_mb", available / 1024);
    found.tell("swap_free_mb", swap / 1024);
    found.tell("available_mb", available.saturating_add(swap) / 1024);
    let mut all = 0u64;
    for (key, name) in [("mem_total_mb", "MemTotal"), ("swap_total_mb", "SwapTotal")] {
        if let Some(total) = kilobytes(name) {
            found.tell(key, total / 1024);
            all = all.saturating_add(total);
        }
    }
    if all > 0 {
        let share = u128::from(available.saturating_add(swap)) * 100 / u128::from(all);
        found.tell("available_percent", share.min(100) as u64);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up_as_df_does() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(0, 10), Some(0));
        assert_eq!(percent(85, 15), Some(85));
        assert_eq!(percent(8501, 1499), Some(86));
        assert_eq!(percent(10, 0), Some(100));
        assert_eq!(percent(u64::MAX, u64::MAX), Some(50));
    }
}
