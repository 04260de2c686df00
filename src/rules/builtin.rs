//! The packs that come with the binary.
//!
//! Out: their file names and texts, and what they say. `build.rs` reads them with the reader of this room, so a start of
//! the program decodes them and does not read them again.

use super::model::Pack;
use crate::record::document::Definition;

/// File name and text of every built-in pack, in the order in which they are loaded.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/packs.rs"))
}

/// Name and text of every case of the built-in packs.
pub fn builtin_cases() -> &'static [(&'static str, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/cases.rs"))
}

/// The built-in packs, read and found right. Their links were followed when the program was built and are left out.
pub(super) fn packs() -> Vec<Pack> {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/packs.bin"));
    // The same program wrote and reads them, so nothing can be wrong with them; the tests hold them to the texts.
    postcard::from_bytes(bytes).unwrap_or_default()
}

/// The built-in definitions of documents, in the order of their files.
pub fn builtin_formats() -> Vec<Definition> {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/formats.bin"));
    postcard::from_bytes(bytes).unwrap_or_default()
}

impl Pack {
    /// It came with the binary.
    pub fn is_builtin(&self) -> bool {
        builtin().iter().any(|(file, _)| *file == self.file)
    }
}
