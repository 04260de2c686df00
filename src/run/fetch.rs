//! Fetching: the events of a ledger, one after the other, unpacked by another thread than the one that judges them.
//!
//! In: a ledger that is complete. Out: all its events, in order, to two listeners: one counts, one judges. Both hear every
//! event, each in order; neither waits for the other. It never holds more than a few hundred events.

use std::sync::mpsc;
use std::{panic, thread};

use crate::base::Stamp;
use crate::scan::Event;

use super::ledger::Ledger;

/// Events that change hands at once.
const BATCH: usize = 128;

/// Batches on the way.
const AHEAD: usize = 2;

/// Hands out all events, and says of which time the last one was. With `beside`, `count` hears them on a thread of its own.
pub(super) fn fetch(
    ledger: &mut Ledger<'_>,
    beside: bool,
    mut count: impl FnMut(&Event) + Send,
    mut judge: impl FnMut(&Event),
) -> Option<Stamp> {
    let mut last = None;
    if !beside {
        ledger.drain(|event| {
            count(&event);
            judge(&event);
            last = Some(event.time);
        });
        return last;
    }
    let (full, batches) = mpsc::sync_channel::<Vec<Event>>(AHEAD);
    // What was judged goes back: memory is freed where it was taken, or threads stand in each other's way.
    let (judged, empty) = mpsc::channel::<Vec<Event>>();
    thread::scope(|scope| {
        let fetching = scope.spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            ledger.drain(|event| {
                count(&event);
                batch.push(event);
                if batch.len() == BATCH {
                    let mut next = empty.try_recv().unwrap_or_default();
                    next.clear();
                    // Nobody hears it only when judging has ended in a panic, which is told there.
                    let _ = full.send(std::mem::replace(&mut batch, next));
                }
            });
            let _ = full.send(batch);
        });
        for batch in batches {
            batch.iter().for_each(&mut judge);
            last = batch.last().map(|event| event.time).or(last);
            let _ = judged.send(batch);
        }
        if let Err(panicked) = fetching.join() {
            panic::resume_unwind(panicked);
        }
    });
    last
}
