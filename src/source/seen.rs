//! Which rows of a document were given already.
//!
//! In: the rows of one reading after the other. Out: those that are new. Rows are remembered by what they say, as often as
//! they stood in the document; a bounded number of them, those that left the document longest ago go first.

use hashbrown::HashMap;

use crate::record::document::Row;

/// Rows that are remembered for one document.
const MOST: usize = 1 << 18;

type Hash = foldhash::fast::FixedState;

/// The memory of one document.
#[derive(Debug, Default)]
pub struct Seen {
    /// How often each row that is given once stood in any reading, and in which it last did.
    given: HashMap<u64, Given, Hash>,
    /// How often each row that tells a state stood in the last reading.
    states: HashMap<u64, u32, Hash>,
    reading: u64,
    forgotten: u64,
    most: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Given {
    times: u32,
    reading: u64,
}

/// What one reading brought.
#[derive(Debug, Default)]
pub struct News {
    /// The rows that are new, in their order.
    pub rows: Vec<Row>,
    /// Rows were there before, and none of them is there now: some may have come and gone between two readings.
    pub gap: bool,
}

impl Seen {
    /// A memory of nothing, for so many rows.
    #[cfg(test)]
    pub fn of(most: usize) -> Seen {
        Seen { most: Some(most), ..Seen::default() }
    }

    /// Takes all rows of one reading.
    pub fn read(&mut self, rows: Vec<Row>) -> News {
        let last = self.reading;
        self.reading += 1;
        let mut counts: HashMap<u64, u32, Hash> = HashMap::default();
        let mut states: HashMap<u64, u32, Hash> = HashMap::default();
        let (mut kept, mut once) = (false, false);
        let mut news = News::default();
        for row in rows {
            let count = if row.fresh { states.entry(row.identity) } else { counts.entry(row.identity) };
            let count = count.and_modify(|n| *n += 1).or_insert(1);
            let before = if row.fresh {
                self.states.get(&row.identity).copied().unwrap_or(0)
            } else {
                once = true;
                let given = self.given.get(&row.identity);
                kept |= given.is_some_and(|given| given.reading == last);
                given.map_or(0, |given| given.times)
            };
            if *count > before {
                news.rows.push(row);
            }
        }
        let had = last > 0 && self.given.values().any(|given| given.reading == last);
        news.gap = had && once && !kept;
        self.states = states;
        let reading = self.reading;
        for (identity, count) in counts {
            let given = self.given.entry(identity).or_insert(Given { times: 0, reading });
            given.times = given.times.max(count);
            given.reading = reading;
        }
        self.forget();
        news
    }

    /// How many rows had to be forgotten: should they come back, they would be given again.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Keeps the memory within its bound.
    fn forget(&mut self) {
        let most = self.most.unwrap_or(MOST);
        if self.given.len() <= most {
            return;
        }
        // Half of the room is made at once: each time costs a look at all. What stands in the document stays in any case.
        let mut readings: Vec<u64> = self.given.values().map(|given| given.reading).collect();
        readings.sort_unstable();
        let oldest = readings.get(readings.len().saturating_sub(most / 2)).copied().unwrap_or(0);
        let before = self.given.len();
        let now = self.reading;
        self.given.retain(|_, given| given.reading >= oldest.min(now));
        self.forgotten += (before - self.given.len()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(identities: &[u64], fresh: bool) -> Vec<Row> {
        identities.iter().map(|&identity| Row { line: Vec::new(), at: Vec::new(), identity, fresh }).collect()
    }

    fn new(seen: &mut Seen, identities: &[u64]) -> (Vec<u64>, bool) {
        let news = seen.read(rows(identities, false));
        (news.rows.iter().map(|row| row.identity).collect(), news.gap)
    }

    #[test]
    fn each_row_is_given_once_however_often_it_is_read() {
        let mut seen = Seen::default();
        assert_eq!(new(&mut seen, &[1, 2]), (vec![1, 2], false));
        assert_eq!(new(&mut seen, &[1, 2, 3]), (vec![3], false));
        // Pruned, put back by an older copy, one the same as another.
        assert_eq!(new(&mut seen, &[3]), (vec![], false));
        assert_eq!(new(&mut seen, &[1, 2, 3, 3]), (vec![3], false));
        assert_eq!(new(&mut seen, &[]), (vec![], false));
        assert_eq!(new(&mut seen, &[2, 4]), (vec![4], false));
        assert_eq!(new(&mut seen, &[5, 6]), (vec![5, 6], true));
    }

    #[test]
    fn a_state_is_given_again_when_it_comes_back() {
        let mut seen = Seen::default();
        let mut states = |identities: &[u64]| seen.read(rows(identities, true)).rows.len();
        assert_eq!([states(&[1, 2]), states(&[1, 2]), states(&[1, 3]), states(&[2, 1])], [2, 0, 1, 1]);
    }

    #[test]
    fn the_memory_is_bounded_and_says_what_it_forgot() {
        let mut seen = Seen::of(100);
        for n in 0..100 {
            let window: Vec<u64> = (n * 10..n * 10 + 20).collect();
            assert_eq!(new(&mut seen, &window).0.len(), if n == 0 { 20 } else { 10 });
            assert!(seen.given.len() <= 110, "{}", seen.given.len());
        }
        assert_eq!(seen.forgotten() + seen.given.len() as u64, 1_010);
        // More than the bound in one document: all of them are kept, or they would be given with each reading.
        let all: Vec<u64> = (5_000..5_300).collect();
        assert_eq!(new(&mut seen, &all).0.len(), 300);
        assert_eq!(new(&mut seen, &all).0.len(), 0);
    }
}
