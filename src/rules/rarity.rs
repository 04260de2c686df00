//! How rare is a literal in logs?
//!
//! In: lower-cased literals. Out: the share of lines that hold one of them, roughly. It is a guess from the counts of
//! `grams.txt`, and only decides which of several right literals are looked for: a wrong guess costs time, never a match.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The bytes of a gram.
pub(super) const GRAM: usize = 4;
/// What a gram has that is not in the table.
const UNSEEN: f32 = 0.001;

/// The share of lines that hold one of these literals, at most. More literals cost a little, seen or not.
pub(super) fn share(literals: &[Vec<u8>]) -> f32 {
    literals.iter().map(|literal| of_literal(literal)).sum()
}

/// The share of lines that hold this literal: that of its rarest gram, and less where it is long.
fn of_literal(literal: &[u8]) -> f32 {
    match literal {
        [] => 1.0,
        [_] => 0.9,
        [_, _] => 0.3,
        [_, _, _] => 0.08,
        _ => {
            let rarest = literal.windows(GRAM).map(of_gram).fold(1.0, f32::min);
            rarest / (1.0 + 0.05 * (literal.len() - GRAM) as f32)
        }
    }
}

/// The share of lines that hold these four bytes, in any case.
pub(super) fn of_gram(gram: &[u8]) -> f32 {
    static TABLE: OnceLock<HashMap<u32, f32>> = OnceLock::new();
    let table = TABLE.get_or_init(|| read(include_str!("grams.txt")));
    match gram.iter().filter(|byte| byte.is_ascii_digit()).count() {
        0 => {}
        // The table would only tell from which years its logs are.
        1 => return 0.005,
        2 => return 0.02,
        _ => return 0.1,
    }
    key(gram.iter().copied()).and_then(|key| table.get(&key)).copied().unwrap_or(UNSEEN)
}

/// Four bytes as a number, letters in lower case; signs may fall together, as they do where grams are looked up.
fn key(bytes: impl Iterator<Item = u8>) -> Option<u32> {
    let bytes: Vec<u8> = bytes.collect();
    Some(u32::from_le_bytes(bytes.try_into().ok()?) | 0x2020_2020)
}

fn read(text: &str) -> HashMap<u32, f32> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| {
        let (share, grams) = line.split_once(' ')?;
        Some((share.parse::<f32>().ok()? / 1000.0, grams))
    });
    rows.flat_map(|(share, grams)| grams.split(' ').filter_map(move |gram| Some((key(bytes(gram))?, share)))).collect()
}

/// Letters and digits as they are, all other bytes as `%xx`.
fn bytes(word: &str) -> impl Iterator<Item = u8> {
    let mut rest = word.bytes();
    std::iter::from_fn(move || match rest.next()? {
        b'%' => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(rest.next()?)? * 16 + digit(rest.next()?)?).ok()
        }
        byte => Some(byte),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_log_are_common_and_those_of_failures_are_not() {
        let of = |literal: &str| of_literal(literal.as_bytes());
        assert!(of("error") > 0.05 && of("status") > 0.01, "{} {}", of("error"), of("status"));
        assert!(of("no space left on device") < 0.01 && of("segfault at") < 0.01);
        assert!(share(&[b"error".to_vec(), b"oom-kill".to_vec()]) > of("error"));
    }

    #[test]
    fn the_table_is_read_whole() {
        let text = include_str!("grams.txt");
        let words: usize = text.lines().filter(|l| !l.starts_with('#')).map(|l| l.split(' ').count() - 1).sum();
        let table = read(text);
        assert!(words > 2_000 && table.len() == words, "{words} {}", table.len());
        assert!(table.values().all(|share| (0.004..=0.6).contains(share)));
    }
}
