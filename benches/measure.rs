//! Times: so many runs of one work, and what they say.

use std::time::{Duration, Instant};

use crate::models::Work;

/// Runs at least, so that a median means something.
const LEAST: usize = 5;

/// Runs at most.
const MOST: usize = 21;

/// No further run begins after this.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long the runs took.
#[derive(Clone, Debug)]
pub struct Took {
    sorted: Vec<Duration>,
}

impl Took {
    /// Runs it once to warm up, then until it is known well enough.
    ///
    /// # Errors
    /// When the work fails.
    pub fn of(work: &mut dyn Work) -> Result<Took, String> {
        if work.is_long() {
            let begun = Instant::now();
            work.run()?;
            return Ok(Took { sorted: vec![begun.elapsed()] });
        }
        work.run()?;
        let mut sorted = Vec::new();
        let begun = Instant::now();
        while sorted.len() < LEAST || sorted.len() < MOST && begun.elapsed() < PATIENCE {
            work.rest()?;
            let one = Instant::now();
            work.run()?;
            sorted.push(one.elapsed());
        }
        sorted.sort_unstable();
        Ok(Took { sorted })
    }

    /// Half of the runs took no longer.
    pub fn median(&self) -> Duration {
        self.sorted.get(self.sorted.len() / 2).copied().unwrap_or_default()
    }

    /// The fastest.
    pub fn least(&self) -> Duration {
        self.sorted.first().copied().unwrap_or_default()
    }

    /// How many.
    pub fn runs(&self) -> usize {
        self.sorted.len()
    }
}

/// A figure for people and for the record.
#[derive(Clone, Debug)]
pub struct Figure {
    /// `MB/s`.
    pub unit: &'static str,
    /// So much of it.
    pub value: f64,
}

impl Figure {
    /// A figure.
    pub fn new(unit: &'static str, value: f64) -> Figure {
        Figure { unit, value }
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = if self.value < 10.0 { 2 } else { 0 };
        write!(f, "{:>9.digits$} {}", self.value, self.unit)
    }
}

/// Bytes and records a second.
pub fn rates(took: &Took, bytes: u64, records: u64) -> Vec<Figure> {
    let seconds = took.median().as_secs_f64().max(f64::MIN_POSITIVE);
    vec![
        Figure::new("ms", seconds * 1e3),
        Figure::new("MB/s", bytes as f64 / seconds / 1e6),
        Figure::new("thousand records/s", records as f64 / seconds / 1e3),
    ]
}
