//! Many short lists in two arrays, so that they can lie in the program as they are.

use std::borrow::Cow;

/// Lists one after the other, by their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows<T: Clone + 'static> {
    /// Where each list ends.
    pub(super) ends: Cow<'static, [u32]>,
    pub(super) items: Cow<'static, [T]>,
}

impl<T: Clone> Rows<T> {
    /// No list yet.
    pub(super) const fn new() -> Rows<T> {
        Rows { ends: Cow::Borrowed(&[]), items: Cow::Borrowed(&[]) }
    }

    /// Those that were worked out while the program was built.
    pub(super) const fn ahead(ends: &'static [u32], items: &'static [T]) -> Rows<T> {
        Rows { ends: Cow::Borrowed(ends), items: Cow::Borrowed(items) }
    }

    /// The list with this number; an empty one where there is none.
    #[inline]
    pub(super) fn row(&self, number: u32) -> &[T] {
        let number = number as usize;
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.items.get(start..end(number)).unwrap_or_default()
    }

    /// How many lists there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a list and tells its number.
    pub(super) fn push(&mut self, items: impl IntoIterator<Item = T>) -> u32 {
        self.items.to_mut().extend(items);
        let end = self.items.len() as u32;
        self.ends.to_mut().push(end);
        self.len() as u32 - 1
    }
}

impl<T: Clone + Ord> Rows<T> {
    /// The number of this list, where the lists are in order.
    pub(super) fn find(&self, wanted: &[T]) -> Option<u32> {
        let (mut from, mut to) = (0, self.len() as u32);
        while from < to {
            let middle = from + (to - from) / 2;
            match self.row(middle).cmp(wanted) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_by_their_number() {
        let mut rows = Rows::new();
        for (number, row) in [&[1, 2][..], &[], &[3], &[5, 6, 7]].into_iter().enumerate() {
            assert_eq!(rows.push(row.iter().copied()), number as u32);
        }
        assert_eq!(
            (rows.row(0), rows.row(1), rows.row(2), rows.row(3)),
            (&[1, 2][..], &[][..], &[3][..], &[5, 6, 7][..])
        );
        assert_eq!((rows.row(4), rows.len()), (&[][..], 4));
        let mut sorted = Rows::new();
        for row in [[1, 5], [2, 0], [2, 9]] {
            sorted.push(row);
        }
        assert_eq!((sorted.find(&[2, 9]), sorted.find(&[1, 5]), sorted.find(&[2, 1])), (Some(2), Some(0), None));
    }
}
