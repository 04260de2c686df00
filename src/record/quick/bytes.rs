//! A message that is no text, as the journal writes it in JSON: an array of numbers, nothing but commas between them.
//!
//! In: where the first number begins. Out: the bytes, and where the array ends; or nothing where there is anything else in
//! it, which [`byte_array`] may still understand. The commas are seen as a mask, so that no number waits for the one before.
//!
//! [`byte_array`]: crate::record::json::byte_array

use super::window::Sight;

/// Appends the bytes of the array whose first number begins at `from`. Where the array ends.
pub(super) fn array(raw: &[u8], from: u32, out: &mut Vec<u8>) -> Option<u32> {
    let mut sight = Sight::new();
    let mut start = from;
    loop {
        let at = start;
        let window = sight.from(raw, at);
        let ends = window.equal(b']');
        // What stands behind the end belongs to others.
        let mut stops = (window.equal(b',') | ends) & (ends ^ ends.wrapping_sub(1));
        let mut wrong = 0;
        while stops != 0 {
            let stop = at + stops.trailing_zeros();
            stops &= stops - 1;
            let (number, odd) = number(raw, start, stop.wrapping_sub(start))?;
            wrong |= odd;
            out.push(number);
            start = stop + 1;
        }
        if wrong != 0 || start == at {
            return None;
        }
        if ends != 0 {
            return Some(start);
        }
    }
}

/// The number of so many digits, and zero if it is one of a byte.
#[inline(always)]
fn number(raw: &[u8], at: u32, len: u32) -> Option<(u8, u32)> {
    let [a, b, c] = *raw.get(at as usize..at as usize + 3)?.first_chunk()?;
    // As if there were zeros in front.
    let missing = 3_u32.wrapping_sub(len);
    if missing > 2 {
        return None;
    }
    let digits = (u32::from_le_bytes([a, b, c, 0]) ^ 0x30_3030) << (8 * missing) & 0xff_ffff;
    let number = (digits & 0xff) * 100 + (digits >> 8 & 0xff) * 10 + (digits >> 16);
    let odd = (digits | (digits + 0x76_7676)) & 0x80_8080;
    Some((number as u8, odd | number >> 8))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::json::byte_array;

    proptest! {
        #[test]
        fn bytes_are_those_of_the_patient_reader(
            text in "(([0-9]{1,3},){0,60}[0-9]{1,3})?|(([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]),){0,60}[0-9]|[0-9,: x]{0,12}",
            behind in "[,\"}\\]0-9]{1,70}",
        ) {
            let raw = format!("[{text}]{behind}");
            let (mut quick, mut patient) = (Vec::new(), Vec::new());
            let end = array(raw.as_bytes(), 1, &mut quick);
            let list = format!("[{text}]");
            let right = byte_array(list.as_bytes(), &mut patient);
            let usual = !text.is_empty() && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b','));
            if usual && right && text.split(',').all(|number| number.len() <= 3) {
                prop_assert_eq!(end, Some(list.len() as u32));
                prop_assert_eq!(quick, patient);
            } else {
                prop_assert_eq!(end, None);
            }
        }
    }

    #[test]
    fn arrays_without_an_end_are_nothing() {
        for raw in ["[1", "[1,", "[1,2", "[", "[,]}", "[1,,2]}", "[256]}", "[1 ]}", "[1234]}"] {
            assert_eq!(array(raw.as_bytes(), 1, &mut Vec::new()), None, "{raw}");
        }
    }
}
