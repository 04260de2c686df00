//! One file, opened: what it is made of, and its bytes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::UNIX_EPOCH;

use crate::base::{Error, Stamp};

use super::journal::{self, JournalFile};
use super::map::Bytes;

/// Bytes looked at to tell what a file is.
const HEAD: usize = 64 << 10;

/// The header of a journal file is no longer.
const JOURNAL_HEAD: u64 = 512;

/// Export form that is made ahead of the reader, in bytes.
const JOURNAL_BLOCK: usize = 1 << 20;

/// An open file.
pub struct Input {
    /// The first bytes, decompressed, at most 64 KiB.
    pub head: Vec<u8>,
    /// The last bytes; those of `head` where the end cannot be reached without reading all (compressed files, pipes).
    pub tail: Vec<u8>,
    /// When it was last changed.
    pub modified: Option<Stamp>,
    /// How many bytes it has, if that is known before reading.
    pub size: Option<u64>,
    /// The compression, for messages: `gzip`, `zstd`, ...
    pub compression: Option<&'static str>,
    /// The journal file whose entries these are.
    journal: Option<Journal>,
    reader: Box<dyn Read + Send>,
    read: u64,
}

/// A native journal file.
#[derive(Clone, Debug)]
pub struct Journal {
    /// All of it.
    pub bytes: Arc<Bytes>,
    /// Another copy of the file, whose entries are read there.
    pub copy_of: Option<PathBuf>,
}

/// Which of these files are journals of which another copy is among them, and which copy that is: the one with the most
/// entries, of equal ones the first. Copies have the id that the file got when it was made.
pub fn copies(files: &[PathBuf]) -> BTreeMap<PathBuf, PathBuf> {
    let mut known: BTreeMap<u128, Vec<(u64, &PathBuf)>> = BTreeMap::new();
    for path in files.iter().filter(|_| files.len() > 1) {
        if let Some((id, entries)) = identity(path).filter(|(id, _)| *id != 0) {
            known.entry(id).or_default().push((entries, path));
        }
    }
    let mut copies = BTreeMap::new();
    for twins in known.into_values().filter(|twins| twins.len() > 1) {
        let Some((_, best)) = twins.iter().max_by_key(|(entries, path)| (*entries, Reverse(*path))) else { continue };
        copies
            .extend(twins.iter().filter(|(_, path)| path != best).map(|(_, path)| ((*path).clone(), (*best).clone())));
    }
    copies
}

/// The id of a journal file, and how many entries it has; `None` for other files.
fn identity(path: &Path) -> Option<(u128, u64)> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let mut head = Vec::new();
    file.by_ref().take(JOURNAL_HEAD).read_to_end(&mut head).ok()?;
    if let Some((name, _)) = COMPRESSIONS.iter().find(|(_, first)| head.starts_with(first)) {
        file.seek(SeekFrom::Start(0)).ok()?;
        head.clear();
        decoder(name, file).ok()?.take(JOURNAL_HEAD).read_to_end(&mut head).ok()?;
    }
    let journal = JournalFile::open(&head).ok()?;
    Some((journal.id(), journal.count()))
}

/// The forms of compression by their first bytes.
const COMPRESSIONS: &[(&str, &[u8])] = &[
    ("gzip", b"\x1f\x8b"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("xz", b"\xfd7zXZ\0"),
    ("bzip2", b"BZh"),
    ("lz4", b"\x04\x22\x4d\x18"),
];

/// Files that are certainly no logs, by their first bytes.
const NOT_LOGS: &[(&str, &[u8])] = &[
    ("a PNG image", b"\x89PNG\r\n\x1a\n"),
    ("a JPEG image", b"\xff\xd8\xff"),
    ("a GIF image", b"GIF8"),
    ("a PDF document", b"%PDF-"),
    ("a ZIP archive", b"PK\x03\x04"),
    ("an ELF program", b"\x7fELF"),
    ("an SQLite database", b"SQLite format 3\0"),
    ("a 7-Zip archive", b"7z\xbc\xaf\x27\x1c"),
    ("a Java class", b"\xca\xfe\xba\xbe"),
    ("an RPM package", b"\xed\xab\xee\xdb"),
    ("a systemd catalog", b"RHHHKSLP"),
];

/// Opens a file and looks at its beginning.
///
/// # Errors
/// When it cannot be opened or read, when its compression is damaged from the start, or when it is certainly no log
/// (an image, a program).
pub fn open(path: &Path) -> Result<Input, Error> {
    let mut file = File::open(path).map_err(|err| Error::io(path, err))?;
    let meta = file.metadata().map_err(|err| Error::io(path, err))?;
    let modified = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|d| Stamp::from_seconds(d.as_secs() as i64, i64::from(d.subsec_nanos())));
    let mut magic = Vec::new();
    file.by_ref().take(16).read_to_end(&mut magic).map_err(|err| Error::io(path, err))?;
    if let Some((what, _)) = NOT_LOGS.iter().find(|(_, first)| magic.starts_with(first)) {
        return Err(Error::at(path, format!("expected a log, found {what}")));
    }
    let compression = COMPRESSIONS.iter().find(|(_, first)| magic.starts_with(first)).map(|(name, _)| *name);
    let regular = meta.is_file();
    let mut reader: Box<dyn Read + Send> = if regular {
        file.seek(SeekFrom::Start(0)).map_err(|err| Error::io(path, err))?;
        match compression {
            None => Box::new(file.try_clone().map_err(|err| Error::io(path, err))?),
            Some(name) => decoder(name, file.try_clone().map_err(|err| Error::io(path, err))?)
                .map_err(|err| Error::at(path, format!("expected {name} data")).because(err))?,
        }
    } else {
        Box::new(io::Cursor::new(magic).chain(file.try_clone().map_err(|err| Error::io(path, err))?))
    };
    let mut head = Vec::new();
    let first = reader.by_ref().take(HEAD as u64).read_to_end(&mut head);
    if let Err(err) = first
        && head.is_empty()
    {
        return Err(Error::at(path, format!("expected {} data", compression.unwrap_or("readable"))).because(err));
    }
    if journal::is_journal(&head) {
        let bytes = if regular && compression.is_none() {
            file.seek(SeekFrom::Start(0)).map_err(|err| Error::io(path, err))?;
            Bytes::of(&file).map_err(|err| Error::io(path, err))?
        } else {
            let mut bytes = head;
            reader.read_to_end(&mut bytes).map_err(|err| Error::io(path, err))?;
            bytes.into()
        };
        return from_journal(path, bytes, modified);
    }
    let tail = if regular && compression.is_none() {
        last_bytes(&mut file, meta.len()).unwrap_or_default()
    } else {
        head.clone()
    };
    let size = (regular && compression.is_none()).then_some(meta.len());
    if regular && compression.is_none() {
        file.seek(SeekFrom::Start(head.len() as u64)).map_err(|err| Error::io(path, err))?;
    }
    Ok(Input {
        reader: Box::new(io::Cursor::new(head.clone()).chain(reader)),
        head,
        tail,
        modified,
        size,
        compression,
        journal: None,
        read: 0,
    })
}

/// A native journal: its entries in the export form, made by a thread of their own when somebody reads them.
fn from_journal(path: &Path, bytes: Bytes, modified: Option<Stamp>) -> Result<Input, Error> {
    let mut entries = JournalFile::open(&bytes).map_err(|err| Error::at(path, err))?.entries();
    let mut head = Vec::new();
    while head.len() < HEAD && entries.next_into(&mut head) {}
    head.truncate(HEAD);
    let bytes = Arc::new(bytes);
    Ok(Input {
        tail: head.clone(),
        head,
        modified,
        size: None,
        compression: None,
        reader: Box::new(Rendered { bytes: bytes.clone(), blocks: None }),
        journal: Some(Journal { bytes, copy_of: None }),
        read: 0,
    })
}

/// The entries of a journal in the export form.
struct Rendered {
    bytes: Arc<Bytes>,
    blocks: Option<Blocks>,
}

impl Read for Rendered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.blocks.get_or_insert_with(|| render(self.bytes.clone())).read(into)
    }
}

fn render(bytes: Arc<Bytes>) -> Blocks {
    let (sender, receiver) = mpsc::sync_channel(2);
    thread::spawn(move || {
        let Ok(file) = JournalFile::open(&bytes) else { return };
        let mut entries = file.entries();
        let mut block = Vec::new();
        loop {
            let more = entries.next_into(&mut block);
            if (!more || block.len() >= JOURNAL_BLOCK) && sender.send(Ok(std::mem::take(&mut block))).is_err() {
                return;
            }
            if !more {
                break;
            }
        }
        if let Some(text) = journal::Entries::summary(&[entries]) {
            let _ = sender.send(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
    });
    Blocks { receiver, block: io::Cursor::new(Vec::new()) }
}

/// Blocks from another thread, as one stream.
struct Blocks {
    receiver: mpsc::Receiver<io::Result<Vec<u8>>>,
    block: io::Cursor<Vec<u8>>,
}

impl Read for Blocks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let got = self.block.read(into)?;
            if got > 0 || into.is_empty() {
                return Ok(got);
            }
            match self.receiver.recv() {
                Ok(next) => self.block = io::Cursor::new(next?),
                Err(mpsc::RecvError) => return Ok(0),
            }
        }
    }
}

/// The end of a stream that broke off.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl Input {
    /// An input over bytes that are already there.
    pub fn from_bytes(bytes: Vec<u8>, modified: Option<Stamp>) -> Input {
        let head = bytes.get(..HEAD).unwrap_or(&bytes).to_vec();
        let tail = bytes.get(bytes.len().saturating_sub(HEAD)..).unwrap_or_default().to_vec();
        let size = Some(bytes.len() as u64);
        Input {
            head,
            tail,
            modified,
            size,
            compression: None,
            journal: None,
            reader: Box::new(io::Cursor::new(bytes)),
            read: 0,
        }
    }

    /// An input over bytes that somebody makes of another one. A failure with the kind `InvalidData` comes with its own words.
    pub fn from_reader(mut reader: impl Read + Send + 'static, modified: Option<Stamp>) -> Input {
        let mut head = Vec::new();
        let early = reader.by_ref().take(HEAD as u64).read_to_end(&mut head);
        // What is wrong is told when the rest is read; the head is what there is.
        let rest: Box<dyn Read + Send> = match early {
            Ok(_) => Box::new(reader),
            Err(err) => Box::new(Broken(Some(err))),
        };
        Input {
            tail: head.clone(),
            reader: Box::new(io::Cursor::new(head.clone()).chain(rest)),
            head,
            modified,
            size: None,
            compression: None,
            journal: None,
            read: 0,
        }
    }

    /// Appends up to `most` bytes to `block`; 0 at the end.
    ///
    /// # Errors
    /// When reading fails; what was read before stays in `block`. The message says at which byte.
    pub fn fill(&mut self, block: &mut Vec<u8>, most: usize) -> Result<usize, String> {
        let before = block.len();
        block.reserve(most);
        let result = self.reader.by_ref().take(most as u64).read_to_end(block);
        let got = block.len() - before;
        self.read += got as u64;
        match result {
            Ok(_) => Ok(got),
            Err(err) => Err(match self.compression {
                None if err.kind() == io::ErrorKind::InvalidData => err.to_string(),
                Some(name) => format!("{name} data ends or breaks off after {} decompressed bytes: {err}", self.read),
                None => format!("reading failed at byte {}: {err}", self.read),
            }),
        }
    }

    /// The journal file whose entries these are, for those who read it without their text.
    pub fn journal(&self) -> Option<Journal> {
        self.journal.clone()
    }

    /// Entries that stand in the journal file at `path` too shall be left out.
    pub fn leave_out(&mut self, path: &Path) {
        if let Some(journal) = &mut self.journal {
            journal.copy_of = Some(path.to_owned());
        }
    }

    /// `head` is all there is.
    pub fn is_whole_in_head(&self) -> bool {
        self.head.len() < HEAD
    }

    /// The file was shorter than it was when it was opened: where it ended, and where it should have.
    pub fn shrunk(&self) -> Option<(u64, u64)> {
        self.size.filter(|size| self.read < *size).map(|size| (self.read, size))
    }
}

fn last_bytes(file: &mut File, len: u64) -> io::Result<Vec<u8>> {
    let at = file.stream_position()?;
    file.seek(SeekFrom::Start(len.saturating_sub(HEAD as u64)))?;
    let mut tail = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(at))?;
    Ok(tail)
}

fn decoder(name: &str, file: File) -> io::Result<Box<dyn Read + Send>> {
    Ok(match name {
        "gzip" => Box::new(flate2::read::MultiGzDecoder::new(file)),
        "zstd" => Box::new(zstd::stream::read::Decoder::new(file)?),
        "xz" => Box::new(liblzma::read::XzDecoder::new_multi_decoder(file)),
        "bzip2" => Box::new(bzip2::read::MultiBzDecoder::new(file)),
        _ => Box::new(lz4_flex::frame::FrameDecoder::new(file)),
    })
}
