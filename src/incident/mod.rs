//! Which findings are one story, what came first, what caused what?
//!
//! In: a [`Case`]: the findings and counts of a whole run. Out: the [`Diagnosis`]. Findings of one unit that are near in
//! time are one `group`; each group names its own cause as far as its own lines go (`cause`); groups that only suffer are
//! attached to the group that explains them (`link`); the rest is telling it (`story`). What is not linked by a name, by
//! a rule of a pack or by a dependency stays a story of its own: two things that fail at the same time are not one thing.

mod account;
mod case;
mod cause;
mod crashes;
mod diagnose;
mod diagnosis;
mod group;
mod link;
mod mentions;
mod past;
mod remedy;
mod starts;
mod stops;
mod story;
mod strangers;

pub use case::{Case, SignatureTally};
pub use diagnose::diagnose;
pub use diagnosis::*;
pub use remedy::filled;
pub use strangers::Strangers;

#[cfg(test)]
mod tests;
