//! Blind windows: where the log itself says that lines were lost.

use crate::base::Stamp;
use crate::scan::Event;

/// Losses kept; beyond it they are added to the last one.
const MOST: usize = 256;

/// Lines that somebody dropped before we could read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// When it was told.
    pub time: Stamp,
    /// Whose lines; `None` when they can be anybody's.
    pub unit: Option<String>,
    /// How many, if the log says.
    pub lines: Option<u64>,
    /// What the log says.
    pub text: String,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    all: Vec<Loss>,
}

impl Losses {
    pub(super) fn observe(&mut self, event: &Event) {
        let lines = event.capture("n").and_then(|n| n.parse().ok());
        if self.all.len() >= MOST
            && let Some(last) = self.all.last_mut()
        {
            last.lines = Some(last.lines.unwrap_or(0).saturating_add(lines.unwrap_or(0)));
            last.unit = None;
            return;
        }
        let named = event.capture("unit").is_some();
        self.all.push(Loss {
            time: event.time,
            unit: named.then(|| event.unit.to_string()),
            lines,
            text: event.text.to_string(),
        });
    }

    pub(super) fn all(&self) -> &[Loss] {
        &self.all
    }
}
