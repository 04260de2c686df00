use super::*;
use crate::base::Stamp;
use crate::record::inner::look_inside;
use crate::record::tests::each_line;
use crate::record::{Fields, Gate, Record, Reference, alarming};

/// Numbers out of nothing, the same ones every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick(&mut self, from: &[u8]) -> u8 {
        from[self.roll(from.len() as u64) as usize]
    }
}

fn shape(message: &[u8]) -> Option<Vec<u8>> {
    Shape::default().of(message).map(<[u8]>::to_vec)
}

/// A message of the shape.
fn fill(shape: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut message = Vec::new();
    for (at, byte) in shape.iter().enumerate() {
        if *byte != b'0' {
            message.push(*byte);
        } else if stands_alone(shape, at) && dice.roll(2) == 0 {
            let id = ID as u64 + dice.roll(14);
            let from = message.len();
            (0..id).for_each(|_| message.push(dice.pick(b"0123456789abcdefABCDEF")));
            let digit = from + dice.roll(id) as usize;
            message[digit] = dice.pick(b"0123456789");
            if dice.roll(5) == 0 {
                message.splice(from..from, *b"0x");
            }
        } else {
            (0..=dice.roll(12)).for_each(|_| message.push(dice.pick(b"0123456789")));
        }
    }
    message
}

#[test]
fn numbers_and_ids_leave_a_message_its_shape() {
    for (message, expected) in [
        ("queue depth 840, 245 consumers", "queue depth 0, 0 consumers"),
        ("trace=5ee5cf4612a2edde done", "trace=0 done"),
        ("at ca8ea81493615a24", "at 0"),
        ("id 5e3c7b6f-0d0f-4b1a-a0cf-9d5b7e2d1c3a", "id 0-0-0-0-0"),
        ("id deadbeef-cafe-0001", "id deadbeef-cafe-0"),
        ("user u925226 from 10.0.117.215:80", "user u0 from 0.0.0.0:0"),
        ("0x7f3a is 0xDEAD1, 0x is not, 0xg1 neither", "0 is 0, 0x is not, 0xg0 neither"),
        ("15ms 5b a1 r2d2 v1.2 1a2g3b", "0ms 0b a0 r0d0 v0.0 0a0g0b"),
        ("é1é", "é0é"),
        ("", ""),
        ("7", "0"),
        ("1234567890123456789012345678901234567890x", "0x"),
        ("12345678 12345678", "0 0"),
        ("abcdefgh", "abcdefgh"),
        ("1abcdefgh2", "0abcdefgh0"),
        ("abcdefabcdefabcdef1", "0"),
    ] {
        assert_eq!(String::from_utf8(shape(message.as_bytes()).unwrap()).unwrap(), expected, "{message}");
    }
    assert_eq!(shape(&[b'a'; LONGEST + 1]), None);
    assert_eq!(shape(&[b'a'; LONGEST]).unwrap().len(), LONGEST);
    assert_eq!(shape(&[b'1'; LONGEST]).unwrap(), b"0");
}

/// Bytes are put together eight at a time; this looks at one after the other.
#[test]
fn eight_bytes_at_a_time_find_the_digits_of_one_at_a_time() {
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let bytes: [u8; 8] = std::array::from_fn(|_| match dice.roll(3) {
            0 => dice.roll(256) as u8,
            1 => dice.pick(b"0123456789"),
            _ => dice.pick(b"/:\xb0\xb9\x00\xff\x7f"),
        });
        let found = digits(u64::from_le_bytes(bytes)).to_le_bytes();
        assert_eq!(found.map(|byte| byte != 0), bytes.map(|byte| byte.is_ascii_digit()), "{bytes:?}");
        assert!(found.iter().all(|byte| matches!(byte, 0 | 0x80)));
    }
}

/// What is said of a shape holds for every message of it.
#[test]
fn what_holds_for_a_shape_holds_for_all_its_messages() {
    let zone = jiff::tz::TimeZone::UTC;
    let reference = Reference { now: Stamp(0), zone, unit: "x".into(), boot: None, dated: false };
    let mut dice = Dice(11);
    let (mut shapes, mut settled, mut calm, mut filled) = (0, 0, 0, 0);
    let lines = each_line(&mut |line| {
        let Some(shape) = shape(line) else { return };
        shapes += 1;
        let (nothing, no_failure) = (says_nothing(&shape), names_no_failure(&shape));
        settled += usize::from(nothing);
        calm += usize::from(no_failure);
        let mut messages = vec![line.to_vec()];
        (0..3).for_each(|_| messages.push(fill(&shape, &mut dice)));
        for message in &messages {
            let text = String::from_utf8_lossy(message);
            // `EC0` filled with four digits is an id.
            if self::shape(message).is_none_or(|other| other != shape) {
                continue;
            }
            filled += 1;
            if no_failure {
                assert!(!alarming(message), "{text}");
            }
            if nothing {
                let mut record = Record::plain(message, &reference);
                let (mut inner, mut detail) = (Vec::new(), Vec::new());
                look_inside(&mut record, &mut inner, &mut detail);
                assert_eq!((record.level, record.stated, record.message), (None, false, &message[..]), "{text}");
                assert!(record.detail.is_empty() && !Gate::looks_joined(&record) && !record.is_row(), "{text}");
                assert!(matches!(record.inner, Fields::None), "{text}");
            }
        }
    });
    println!("{lines} lines, {shapes} shapes, {settled} settled, {calm} calm");
    assert!(filled > 3 * shapes, "{filled} of {shapes}");
    assert!(lines > 1_000 && settled * 5 > shapes && calm * 2 > shapes, "{settled} and {calm} of {shapes}");
}

/// A word that stands in a message may stand in its shape; where it stands in one message of a shape and not in another, it
/// depends on numbers.
#[test]
fn words_are_where_they_may_stand() {
    let mut dice = Dice(13);
    let (mut words, mut differ) = (0, 0);
    each_line(&mut |line| {
        let Some(shape) = shape(line).filter(|shape| shape.contains(&b'0')) else { return };
        let (one, other) = (fill(&shape, &mut dice), fill(&shape, &mut dice));
        for _ in 0..4 {
            let from = dice.roll(one.len() as u64) as usize;
            let to = (from + 1 + dice.roll(9) as usize).min(one.len());
            let word = one[from..to].to_ascii_lowercase();
            let text = format!("{} in {}", String::from_utf8_lossy(&word), String::from_utf8_lossy(&one));
            assert!(may_stand(&shape.to_ascii_lowercase(), &word), "{text}");
            words += 1;
            if memchr::memmem::find(&other.to_ascii_lowercase(), &word).is_none() {
                assert!(depends_on_numbers(&word), "{text}");
                differ += 1;
            }
        }
    });
    assert!(words > 1_000 && differ > 100, "{differ} of {words}");
}

#[test]
fn a_word_may_stand_where_a_number_makes_it() {
    for (shape, word, may) in [
        ("exit code 0", "code 137", true),
        ("exit code 0", "code 137 ", false),
        ("exit code 0x", "code 1", true),
        ("exit code 0x", "code a", false),
        ("id 0 done", "id bad", true),
        ("id 0 done", "id bad done", false),
        ("id 0 done", "bad done", true),
        ("id 0 done", "id b4d done", true),
        ("id 0 done", "dead", true),
        ("id u0 done", "dead", false),
        ("a0b0", "1b2", true),
        ("a0b0", "a1b2c", false),
        ("a b", "", true),
    ] {
        assert_eq!(may_stand(shape.as_bytes(), word.as_bytes()), may, "{word} in {shape}");
    }
    for (word, depends) in [
        ("code 1", true),
        ("is bad", true),
        ("added to", true),
        ("be", true),
        ("failed", false),
        ("not be so", false),
        (" bad ", false),
        ("x", true),
    ] {
        assert_eq!(depends_on_numbers(word.as_bytes()), depends, "{word}");
    }
}
