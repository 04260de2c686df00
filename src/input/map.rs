//! Files seen as memory: the one place with code that the compiler cannot check.
//!
//! In: an open file. Out: its bytes as they were when it was opened, without a copy. A native journal is read here and
//! there; to copy all of it costs a sixth of the whole work, and memory as large as the file. Text files are never
//! mapped: they are read once from front to back, and somebody may truncate them (logrotate's `copytruncate`). It never
//! maps what is no regular file, and nobody outside of this file knows whether bytes are mapped.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;

use memmap2::Mmap;

/// Smaller files are read: that is faster than to map them.
const SMALL: u64 = 256 << 10;

/// The bytes of a file.
#[derive(Debug)]
pub struct Bytes(Held);

#[derive(Debug)]
enum Held {
    Mapped(Mmap),
    Read(Vec<u8>),
}

impl Bytes {
    /// The bytes of a file that is open at any place. What cannot be mapped is read.
    ///
    /// # Errors
    /// When it can be neither mapped nor read.
    pub fn of(mut file: &File) -> io::Result<Bytes> {
        let meta = file.metadata()?;
        // SAFETY: `Mmap::map` asks that nobody changes or shortens the file while it is mapped.
        //
        // - Who promises it: journald, the only writer of such a file. It appends, and then sets offsets and counts in
        //   objects that are there; it never moves an object, and never shortens a file to less than its last object
        //   (archiving cuts off what was allocated in advance, and makes holes, which read as zeros). Deleting or renaming
        //   a file, as vacuuming and rotation do, leaves the mapping whole.
        // - What if a number changes between two looks: every offset and size is compared with the length of the map each
        //   time it is used, in checked code, so another number leads to another place in the map or to `None`. The map
        //   has the length that the file had here, and never grows.
        // - What cannot be guarded: somebody else who truncates the file while it is read ends the program with SIGBUS,
        //   as he ends journalctl. Nothing is written, so nothing is lost but this run.
        if meta.is_file()
            && meta.len() > SMALL
            && let Ok(map) = unsafe { Mmap::map(file) }
        {
            return Ok(Bytes(Held::Mapped(map)));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Bytes(Held::Read(bytes)))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes(Held::Read(bytes))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Held::Mapped(map) => map,
            Held::Read(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    #[test]
    fn mapped_bytes_are_those_of_the_file_even_when_it_is_gone() {
        for size in [0, 1, SMALL as usize, SMALL as usize + 1, 3 << 20] {
            let written: Vec<u8> = (0..size).map(|n| (n * 7 % 251) as u8).collect();
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&written).unwrap();
            let mut open = File::open(file.path()).unwrap();
            open.seek(SeekFrom::Start(0)).unwrap();
            let bytes = Bytes::of(&open).unwrap();
            assert_eq!(matches!(bytes.0, Held::Mapped(_)), size as u64 > SMALL);
            // What is appended later is not there, and a deleted file still is.
            file.write_all(b"more").unwrap();
            drop(file);
            assert!(*bytes == *written, "{size}");
        }
    }
}
