//! The packs of a bench: the built-in ones, and as many twins of them as it asks for.

use logtriage::rules::{self, Pack, Signature};

/// All built-in packs, and twins until there are `times` as many signatures.
///
/// A twin has literals of the same length and make that stand nowhere, letters and digits moved through the alphabet: it costs what a
/// further rule costs, and never matches.
pub fn packs(times: usize) -> Vec<Pack> {
    let mut packs = rules::load(&[], true).packs;
    let originals = packs.clone();
    for copy in 1..times {
        for pack in &originals {
            packs.push(Pack {
                name: format!("{}-{copy}", pack.name),
                signatures: pack.signatures.iter().map(|signature| twin(signature, copy)).collect(),
                detectors: Vec::new().into(),
                ..pack.clone()
            });
        }
    }
    packs
}

fn twin(signature: &Signature, copy: usize) -> Signature {
    let words = signature.clues.iter().flat_map(|clue| &clue.needles);
    let moved = words.map(|needle| {
        let mut word: Vec<u8> = needle.text.iter().map(|byte| further(*byte, copy)).collect();
        // A short one could stand somewhere after all.
        if word.iter().filter(|byte| byte.is_ascii_lowercase()).count() < 5 {
            word.extend_from_slice(b"qxzj");
        }
        String::from_utf8_lossy(&word).into_owned()
    });
    let twin = Signature {
        id: format!("twin-{copy}/{}", signature.id.replace('/', "-")),
        any: moved.collect(),
        all: Vec::new(),
        none: Vec::new(),
        regex: Vec::new(),
        message_ids: Vec::new(),
        ..signature.clone()
    };
    Signature { clues: rules::clues(&twin), ..twin }
}

fn further(byte: u8, copy: usize) -> u8 {
    let by = u8::try_from(3 + 2 * copy % 22).unwrap_or(3);
    match byte {
        b'a'..=b'z' => b'a' + (byte - b'a' + by) % 26,
        b'A'..=b'Z' => b'a' + (byte - b'A' + by) % 26,
        b'0'..=b'9' => b'a' + (byte - b'0' + by) % 26,
        other => other,
    }
}
