//! `novelty`: what was not there before.
//!
//! A key is new when it is seen first later than `after` after the begin of the log: what comes in that time is usual. It
//! opens when a new key was seen `at-least` times within `within`, and is over when it was not seen for longer than `within`
//! (where the rule has one), or by a reset. What is known stays known: a reset does not make it new again, and when there
//! is no room for more keys, further ones are left out and told, for a key that was forgotten would look new. Events
//! without a time are left out: nobody knows when they came.

use crate::base::{Certainty, Number, Stamp};
use crate::rules::DetectorRule;

use super::board::Board;
use super::keys::{Keys, MOST_KEYS};
use super::rules::{Sight, Watch, measure};
use super::spell::{Beginning, Spell};
use super::window::Window;

#[derive(Clone, Debug)]
pub(super) struct Novelty {
    keys: Keys<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    /// It was there from the begin on.
    usual: bool,
    window: Window,
    spell: Spell,
}

impl Novelty {
    pub(super) fn new() -> Novelty {
        Novelty { keys: Keys::new() }
    }
}

impl Watch for Novelty {
    fn observe(&mut self, sight: &Sight<'_>, board: &mut Board) {
        let Sight { rule, event, .. } = *sight;
        if let Some(key) = sight.resets()
            && let Some(seen) = self.keys.get_mut(&key)
        {
            seen.spell.end(event.time, board);
            seen.spell.forget();
            seen.window = Window::default();
            // Who ended it knows it.
            seen.usual = true;
        }
        let Some(hit) = sight.on().filter(|_| event.certainty != Certainty::None) else { return };
        let key = sight.key(hit);
        let first = self.keys.get(&key).is_none();
        if first && self.keys.len() >= MOST_KEYS {
            board.refuse(format!("keys of {}", rule.id));
            return;
        }
        let (seen, _) = self.keys.touch(&key, event.time);
        let early = event.time.since(sight.begin) <= rule.numbers.after.unwrap_or_default();
        // What comes late may show that it was there from the begin on.
        seen.usual |= early && !seen.spell.is_on();
        if seen.usual {
            return;
        }
        let within = rule.numbers.within();
        let count = seen.window.add(event.time, within);
        seen.spell.note(event, within);
        if seen.spell.is_on() || count >= rule.numbers.at_least() {
            let first = seen.window.count(within).1.unwrap_or(event.time);
            let last = seen.window.last().unwrap_or(event.time);
            let over = seen.spell.over();
            let again = if over.is_some() { rule.numbers.at_least() } else { 1 };
            let beginning = Beginning { first, last, count, again };
            if let Some(index) = seen.spell.go_on(sight, hit, &key, beginning, board) {
                measure(rule, index, Number::count(count), board);
                board.get_mut(index).threshold = Some(Number::count(rule.numbers.at_least()));
            }
        }
        let silent = rule.numbers.within.filter(|_| seen.spell.is_on());
        let silent = silent.and_then(|within| Some(seen.window.last()?.plus(within)));
        self.keys.wake(&key, silent);
    }

    fn due(&self) -> Option<Stamp> {
        self.keys.due()
    }

    fn ring(&mut self, _rule: &DetectorRule, now: Stamp, board: &mut Board) {
        let Some((at, key)) = self.keys.ring(now) else { return };
        if let Some(seen) = self.keys.get_mut(&key)
            && let Some(last) = seen.window.last()
        {
            seen.spell.fade(last, at, board);
        }
    }
}

#[cfg(test)]
mod tests;
