//! What a detector remembers, by key: bounded, with the key that was quiet for longest dropped first, and with an alarm
//! clock for each key.
//!
//! Time here is the time of the log. A key that asked to be woken at a moment is handed out once everything up to and
//! including that moment was seen, earliest first, so that it makes no difference how often somebody looks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::Stamp;

/// The values of a detector's key, in the order of its `by`.
pub(super) type Key = Arc<[Box<str>]>;

/// Keys that one detector watches at once.
pub(super) const MOST_KEYS: usize = 20_000;

/// States by key.
#[derive(Clone, Debug)]
pub(super) struct Keys<T> {
    all: BTreeMap<Key, Slot<T>>,
    quiet: BTreeSet<(Stamp, Key)>,
    alarms: BTreeSet<(Stamp, Key)>,
    most: usize,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    state: T,
    touched: Stamp,
    alarm: Option<Stamp>,
}

impl<T: Default> Keys<T> {
    /// No key yet, and never more than [`MOST_KEYS`].
    pub(super) fn new() -> Keys<T> {
        Keys::at_most(MOST_KEYS)
    }

    /// No key yet, and never more than `most`.
    pub(super) fn at_most(most: usize) -> Keys<T> {
        Keys { all: BTreeMap::new(), quiet: BTreeSet::new(), alarms: BTreeSet::new(), most: most.max(1) }
    }

    /// The state of a key that something happened to at `now`. For a new key beyond the bound, the one that was quiet for
    /// longest is forgotten and returned.
    pub(super) fn touch(&mut self, key: &Key, now: Stamp) -> (&mut T, Option<Key>) {
        let mut dropped = None;
        if !self.all.contains_key(key) && self.all.len() >= self.most {
            dropped = self.quiet.first().map(|(_, oldest)| oldest.clone());
            if let Some(oldest) = &dropped {
                self.remove(oldest);
            }
        }
        let slot = self.all.entry(key.clone()).or_insert_with(|| {
            self.quiet.insert((now, key.clone()));
            Slot { state: T::default(), touched: now, alarm: None }
        });
        if slot.touched < now {
            self.quiet.remove(&(slot.touched, key.clone()));
            self.quiet.insert((now, key.clone()));
            slot.touched = now;
        }
        (&mut slot.state, dropped)
    }

    /// The state of a key, if it is known.
    pub(super) fn get(&self, key: &Key) -> Option<&T> {
        self.all.get(key).map(|slot| &slot.state)
    }

    /// The same, to change it.
    pub(super) fn get_mut(&mut self, key: &Key) -> Option<&mut T> {
        self.all.get_mut(key).map(|slot| &mut slot.state)
    }

    /// Forgets a key.
    pub(super) fn remove(&mut self, key: &Key) -> Option<T> {
        let slot = self.all.remove(key)?;
        self.quiet.remove(&(slot.touched, key.clone()));
        if let Some(at) = slot.alarm {
            self.alarms.remove(&(at, key.clone()));
        }
        Some(slot.state)
    }

    /// Wakes the key once the log has passed `at`, and not at the moment it had before. `None`: not at all.
    pub(super) fn wake(&mut self, key: &Key, at: Option<Stamp>) {
        let Some(slot) = self.all.get_mut(key) else { return };
        if slot.alarm == at {
            return;
        }
        if let Some(before) = std::mem::replace(&mut slot.alarm, at) {
            self.alarms.remove(&(before, key.clone()));
        }
        if let Some(at) = at {
            self.alarms.insert((at, key.clone()));
        }
    }

    /// When the next key wants to be woken.
    pub(super) fn due(&self) -> Option<Stamp> {
        self.alarms.first().map(|(at, _)| *at)
    }

    /// The next key whose moment lies before `now`; its alarm is over.
    pub(super) fn ring(&mut self, now: Stamp) -> Option<(Stamp, Key)> {
        let (at, key) = self.alarms.first().filter(|(at, _)| *at < now)?.clone();
        self.wake(&key, None);
        Some((at, key))
    }

    /// How many keys are known.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        [name.into()].into()
    }

    #[test]
    fn the_key_that_was_quiet_for_longest_is_forgotten_first() {
        let mut keys: Keys<u32> = Keys::at_most(2);
        for (name, at, dropped) in
            [("a", 1, None), ("b", 2, None), ("a", 3, None), ("c", 4, Some("b")), ("b", 5, Some("a"))]
        {
            let (state, gone) = keys.touch(&key(name), Stamp(at));
            *state += 1;
            assert_eq!(gone, dropped.map(key), "{name} at {at}");
        }
        assert_eq!((keys.len(), keys.get(&key("b")), keys.get(&key("a"))), (2, Some(&1), None));
        assert_eq!(keys.quiet.len(), 2);
    }

    #[test]
    fn keys_are_woken_after_their_moment_in_the_order_of_the_moments() {
        let mut keys: Keys<()> = Keys::new();
        for (name, at) in [("a", 9), ("b", 5), ("c", 5)] {
            keys.touch(&key(name), Stamp(0));
            keys.wake(&key(name), Some(Stamp(at)));
        }
        keys.wake(&key("c"), Some(Stamp(7)));
        assert_eq!((keys.due(), keys.ring(Stamp(5))), (Some(Stamp(5)), None));
        assert_eq!(keys.ring(Stamp(8)), Some((Stamp(5), key("b"))));
        assert_eq!(keys.ring(Stamp(8)), Some((Stamp(7), key("c"))));
        assert_eq!(keys.ring(Stamp(8)), None);
        keys.remove(&key("a"));
        assert_eq!((keys.due(), keys.alarms.len()), (None, 0));
    }
}
