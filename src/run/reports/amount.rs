//! Dollars in a row.

use crate::report::kinds::Money;

use super::row::Row;

impl Row<'_> {
    /// The first of these fields, in dollars; a field that holds no amount is nothing.
    pub(super) fn money(&self, names: &[&str]) -> Option<Money> {
        self.text(names)?.parse().ok()
    }
}
