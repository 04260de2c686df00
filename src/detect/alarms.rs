//! When each detector wants to ring next: asked before every event, so it must cost next to nothing while nothing is due.

use crate::base::Stamp;

/// The moments of all detectors, by their number.
#[derive(Clone, Debug)]
pub(super) struct Alarms {
    /// The end of all time for those that want nothing.
    due: Vec<Stamp>,
    /// None is due before this.
    earliest: Stamp,
}

impl Alarms {
    /// Of these detectors, each with when it wants to ring.
    pub(super) fn new(due: impl Iterator<Item = Option<Stamp>>) -> Alarms {
        let due: Vec<Stamp> = due.map(|due| due.unwrap_or(Stamp::MAX)).collect();
        Alarms { earliest: due.iter().copied().min().unwrap_or(Stamp::MAX), due }
    }

    /// This one wants to ring at `due`, and not when it wanted to before.
    pub(super) fn set(&mut self, detector: usize, due: Option<Stamp>) {
        let due = due.unwrap_or(Stamp::MAX);
        if let Some(known) = self.due.get_mut(detector) {
            *known = due;
            self.earliest = self.earliest.min(due);
        }
    }

    /// The one that is due first, if that lies before `now`; of several the first.
    pub(super) fn before(&mut self, now: Stamp) -> Option<usize> {
        if self.earliest >= now {
            return None;
        }
        // Those that were put off since may have been the earliest.
        let (due, first) = self.due.iter().zip(0..).map(|(due, at)| (*due, at)).min()?;
        self.earliest = due;
        (due < now).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_rings_first_whatever_was_put_off() {
        let mut alarms = Alarms::new([None; 4].into_iter());
        assert_eq!(alarms.before(Stamp(i64::MAX)), None);
        for (detector, due) in [(3, 5), (1, 5), (2, 9)] {
            alarms.set(detector, Some(Stamp(due)));
        }
        assert_eq!((alarms.before(Stamp(5)), alarms.before(Stamp(6))), (None, Some(1)));
        alarms.set(1, Some(Stamp(20)));
        assert_eq!(alarms.before(Stamp(6)), Some(3));
        alarms.set(3, None);
        assert_eq!((alarms.before(Stamp(6)), alarms.before(Stamp(10))), (None, Some(2)));
        alarms.set(0, Some(Stamp(1)));
        assert_eq!(alarms.before(Stamp(2)), Some(0));
    }

    #[test]
    fn it_answers_what_looking_at_all_of_them_answers() {
        let (mut alarms, mut all) = (Alarms::new([None; 7].into_iter()), [None; 7]);
        let mut seed = 1u64;
        for _ in 0..5_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (at, due, now) = ((seed >> 60) as usize % 7, (seed >> 40) as i64 % 100, (seed >> 20) as i64 % 100);
            all[at] = (due > 9).then_some(Stamp(due));
            alarms.set(at, all[at]);
            let naive = all.iter().zip(0..).filter_map(|(due, at)| due.map(|due| (due, at))).min();
            assert_eq!(alarms.before(Stamp(now)), naive.filter(|(due, _)| *due < Stamp(now)).map(|(_, at)| at));
        }
    }
}
