//! The rules of a pack, and those of built-in packs, which are read when somebody looks at them.
//!
//! In: rules, or where they lie encoded in the program. Out: a [`List`], which is a `Vec` to everybody. A list that was
//! never changed knows that it is as it was built, so what was worked out from it while the program was built holds.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

/// Things encoded one after the other, in the program itself.
#[derive(Debug)]
pub struct Store {
    /// All of them.
    pub(super) bytes: &'static [u8],
    /// Where each one ends.
    pub(super) ends: &'static [u32],
}

impl Store {
    /// The thing with this number.
    pub fn get<T: DeserializeOwned>(&self, number: u32) -> Option<T> {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        let bytes = self.bytes.get(start as usize..*self.ends.get(number)? as usize)?;
        postcard::from_bytes(bytes).ok()
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.ends.len() as u32
    }
}

/// Some of the things of a store.
#[derive(Clone, Copy)]
pub struct Lot<T: 'static> {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Reads one of them.
    pub(super) read: fn(u32) -> Option<T>,
}

/// Rules, in the order of their file.
#[derive(Clone)]
pub struct List<T: 'static> {
    own: Option<Vec<T>>,
    /// What is read of `lot`, once somebody looked at it.
    read: OnceLock<Vec<T>>,
    lot: Option<Lot<T>>,
}

impl<T> List<T> {
    /// The rules of a built-in pack.
    pub(super) fn built_in(lot: Lot<T>) -> List<T> {
        List { own: None, read: OnceLock::new(), lot: Some(lot) }
    }

    /// The numbers of its rules among all that are built in, from and to, as long as nobody changed any.
    pub(super) fn untouched(&self) -> Option<(u32, u32)> {
        self.lot.as_ref().map(|lot| (lot.from, lot.to))
    }
}

fn all<T>(lot: &Lot<T>) -> Vec<T> {
    (lot.from..lot.to).filter_map(lot.read).collect()
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        match &self.own {
            Some(own) => own,
            None => self.read.get_or_init(|| self.lot.as_ref().map_or_else(Vec::new, all)),
        }
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        let (read, lot) = (self.read.take(), self.lot.take());
        self.own.get_or_insert_with(|| read.unwrap_or_else(|| lot.as_ref().map_or_else(Vec::new, all)))
    }
}

impl<T> Default for List<T> {
    fn default() -> List<T> {
        Vec::new().into()
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(all: Vec<T>) -> List<T> {
        List { own: Some(all), read: OnceLock::new(), lot: None }
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> List<T> {
        all.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(mut self) -> Self::IntoIter {
        std::mem::take(&mut *self).into_iter()
    }
}

impl<'l, T> IntoIterator for &'l List<T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'l, T> IntoIterator for &'l mut List<T> {
    type Item = &'l mut T;
    type IntoIter = std::slice::IterMut<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_list_is_read_when_looked_at_and_is_its_own_once_changed() {
        let lot = Lot { from: 2, to: 5, read: |number| Some(number * 10) };
        let mut list = List::built_in(lot);
        assert_eq!((list.untouched(), &*list), (Some((2, 5)), &vec![20, 30, 40]));
        assert_eq!((list.clone().into_iter().sum::<u32>(), (&list).into_iter().count()), (90, 3));
        list.push(7);
        assert_eq!((list.untouched(), &*list), (None, &vec![20, 30, 40, 7]));
        let mut unread = List::built_in(lot);
        unread.clear();
        assert!(unread.is_empty() && unread.untouched().is_none());
        assert_eq!(format!("{:?}", (1..3).collect::<List<i32>>()), "[1, 2]");
    }

    #[test]
    fn what_is_not_in_a_store_is_not_given() {
        static STORE: Store = Store { bytes: &[1, b'x', 1, b'y', 200], ends: &[2, 4, 5] };
        assert_eq!((STORE.get::<String>(0), STORE.get::<String>(1)), (Some("x".to_owned()), Some("y".to_owned())));
        assert_eq!((STORE.get::<String>(2), STORE.get::<String>(3), STORE.len()), (None, None, 3));
    }
}
