//! Signals: the first one asks to finish, the second one ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::exit::{Exit, INTERRUPTED, TERMINATED};

/// Which signal asked us to finish, if any.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(Arc<AtomicUsize>);

impl Asked {
    /// The exit code to end with, if a signal asked us to finish.
    pub(super) fn exit(&self) -> Option<Exit> {
        match self.0.load(Ordering::Relaxed) as i32 {
            SIGINT => Some(INTERRUPTED),
            SIGTERM => Some(TERMINATED),
            _ => None,
        }
    }
}

/// Listens from now on. `stop` is called at the first signal; the second one ends the process at once.
pub(super) fn listen(stop: impl FnOnce() + Send + 'static) -> io::Result<Asked> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let asked = Asked::default();
    let seen = asked.clone();
    thread::spawn(move || {
        let mut stop = Some(stop);
        for signal in signals.forever() {
            if seen.0.swap(signal as usize, Ordering::Relaxed) != 0 {
                std::process::exit(128 + signal);
            }
            // A thread of its own: stopping may have to wait for a full channel, the second signal must not.
            if let Some(stop) = stop.take() {
                thread::spawn(stop);
            }
        }
    });
    Ok(asked)
}
