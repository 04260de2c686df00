//! Cut, drip, joining, and bad input.

use jiff::tz::TimeZone;

use crate::base::{Place, SourceId, Stamp};
use crate::record::{Format, Gate, Joiner, OwnedRecord, Reference, Scratch};

fn reference() -> Reference {
    Reference {
        now: Stamp::from_jiff("2026-11-21T00:00:00Z".parse().unwrap()).unwrap(),
        zone: TimeZone::UTC,
        unit: "app".into(),
        boot: Some(Stamp(1_700_000_000_000_000_000)),
        dated: false,
    }
}

/// A small generator, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % n.max(1) as u64).unwrap()
    }
}

/// The records of `bytes`, which begins at `base` of its source.
fn records(format: Format, bytes: &[u8], base: usize) -> Vec<OwnedRecord> {
    let reference = reference();
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(len) = format.extent(&bytes[at..], true) {
        let mut scratch = Scratch::default();
        let offset = u64::try_from(base + at).unwrap();
        if let Some(record) = format.parse(&bytes[at..at + len], &reference, &mut scratch) {
            out.push(record.to_owned(Place { source: SourceId(1), offset }));
        }
        at += len;
    }
    assert_eq!(at, bytes.len(), "{format:?}: every byte belongs to a record");
    out
}

const TRACE: &str = "Traceback (most recent call last):
  File \"/app/a.py\", line 3, in f
    g()
    ^^^
  File \"/app/b.py\", line 9, in g
    raise ValueError(1)
ValueError: 1
During handling of the above exception, another exception occurred:
Traceback (most recent call last):
  File \"/app/a.py\", line 5, in h
    raise Gone
app.errors.Gone: it is gone
";

const GO: &str = "panic: runtime error: index out of range [5] with length 3
goroutine 1 [running]:
main.run(0x1, {0xc000, 0x2})
\t/src/main.go:12 +0x1d
main.main()
\t/src/main.go:5 +0x25
exit status 2
";

const JAVA: &str = "java.lang.IllegalStateException: no
\tat a.B.c(B.java:1)
\tat a.B.main(B.java:2)
Caused by: java.io.IOException: disk
\tat a.D.e(D.java:3)
\t... 2 more
";

const RUST: &str = "thread 'main' panicked at src/main.rs:2:5:
index out of bounds: the len is 3
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
";

/// Inputs with everything that makes cutting hard.
fn inputs() -> Vec<(Format, String)> {
    let mut text = String::new();
    let mut cri = String::new();
    let mut short = String::new();
    let mut json = String::new();
    let mut plain = String::new();
    for i in 0..6 {
        text.push_str(&format!("2026-04-27 16:11:0{i},412 ERROR app.core: it failed\n{TRACE}"));
        text.push_str("2026-04-27 16:11:09,000 INFO app.core: next\n\n  indented\n");
        text.push_str(&format!(
            "{{\"time\":\"2026-04-27T16:12:0{i}Z\",\"level\":\"warn\",\"msg\":\"json in text\"}}\n"
        ));
        for (n, line) in TRACE.lines().chain(GO.lines()).chain(RUST.lines()).chain(JAVA.lines()).enumerate() {
            let other = if n % 3 == 0 { "Apr 27 16:11:03 h other[9]: nothing to see\n" } else { "" };
            short.push_str(&format!("Apr 27 16:11:0{i} h app[7]: {line}\n{other}"));
            cri.push_str(&format!("2026-04-27T16:11:0{i}.000000001Z stderr F {line}\n"));
        }
        cri.push_str(&format!("2026-04-27T16:11:0{i}.5Z stdout P first half, \n2026-04-27T16:11:0{i}.5Z stderr F x\n"));
        cri.push_str(&format!("2026-04-27T16:11:0{i}.5Z stdout P second, \n2026-04-27T16:11:0{i}.5Z stdout F third\n"));
        json.push_str(&format!(
            "{{\"time\":\"2026-04-27T16:12:0{i}Z\",\"level\":50,\"msg\":\"a\",\"err\":{{\"stack\":\"x\\ny\"}}}}\n"
        ));
        json.push_str("{\n  \"level\": \"error\",\n  \"time\": \"2026-04-27T16:12:01Z\",\n  \"nested\": {\n    \"a\": 1\n  }\n}\n");
        json.push_str("{\n  \"broken\": 1\nnot closed\n{\"cut\": \"te\nplain text\n");
        plain.push_str(&format!("hello {i}\n\n{GO}world\r\n"));
    }
    vec![
        (Format::Text, text),
        (Format::Cri, cri),
        (Format::JournalShort, short.clone()),
        (Format::Syslog3164, short),
        (Format::JsonLines, json),
        (Format::Plain, plain),
    ]
}

#[test]
fn cut_between_any_two_records_they_are_the_same() {
    for (format, text) in inputs() {
        let bytes = text.as_bytes();
        let whole = records(format, bytes, 0);
        let mut cut = 0;
        while let Some(len) = format.extent(&bytes[cut..], true) {
            cut += len;
            let mut both = records(format, &bytes[..cut], 0);
            both.extend(records(format, &bytes[cut..], cut));
            assert!(both == whole, "{format:?} cut at {cut}");
        }
        assert_eq!(cut, bytes.len(), "{format:?}");
    }
}

#[test]
fn drip_by_drip_the_records_are_the_same() {
    for (format, text) in inputs() {
        let bytes = &text.as_bytes()[..text.len().min(3_000)];
        let mut want = Vec::new();
        let mut at = 0;
        while let Some(len) = format.extent(&bytes[at..], true) {
            want.push(len);
            at += len;
        }
        for size in [1, 2, 7, 64, 1000] {
            let (mut got, mut start, mut seen) = (Vec::new(), 0, 0);
            while seen < bytes.len() {
                seen = (seen + size).min(bytes.len());
                while let Some(len) = format.extent(&bytes[start..seen], seen == bytes.len()) {
                    got.push(len);
                    start += len;
                }
            }
            assert_eq!(got, want, "{format:?} in drips of {size}");
        }
    }
}

/// What a run over `pieces` in chunks says: records that did not wait, and those that came out of the joiner.
fn joined(pieces: &[OwnedRecord], ends: &[usize]) -> Vec<OwnedRecord> {
    let (mut out, mut waiting) = (Vec::new(), Vec::new());
    let mut start = 0;
    for end in ends.iter().copied().chain([pieces.len()]) {
        let mut gate = Gate::new();
        for piece in &pieces[start..end] {
            if gate.holds(&piece.view(), Gate::lane(&piece.view())) {
                waiting.push(piece.clone())
            } else {
                out.push(piece.clone())
            }
        }
        start = end;
    }
    let mut joiner = Joiner::new();
    for piece in waiting {
        joiner.push(piece, &mut out);
    }
    joiner.finish(&mut out);
    assert!(joiner.is_empty());
    out.sort_by_key(|r| r.place);
    out
}

#[test]
fn joined_records_do_not_depend_on_the_cut() {
    let mut dice = Dice(1);
    for round in 0..300 {
        // Lines of several printers, interleaved.
        let ordinary = [
            "ok",
            "  indented",
            "INFO: fine",
            "ValueError: alone",
            "{\"level\":\"info\",\"msg\":\"x\"}",
            "Word: said",
            "",
        ];
        let mut queues: Vec<Vec<String>> = (0..3)
            .map(|_| {
                let mut lines = Vec::new();
                for _ in 0..dice.below(6) + 1 {
                    match dice.below(7) {
                        0 => lines.extend(TRACE.lines().map(str::to_owned)),
                        1 => lines.extend(GO.lines().map(str::to_owned)),
                        2 => lines.extend(JAVA.lines().map(str::to_owned)),
                        3 => lines.extend(RUST.lines().map(str::to_owned)),
                        _ => lines.push(ordinary[dice.below(ordinary.len())].to_owned()),
                    }
                    // A torn trace now and then.
                    if dice.below(4) == 0 && !lines.is_empty() {
                        let at = dice.below(lines.len());
                        lines.remove(at);
                    }
                }
                lines.reverse();
                lines
            })
            .collect();
        let mut pieces = Vec::new();
        while queues.iter().any(|q| !q.is_empty()) {
            let lane = dice.below(queues.len());
            if let Some(line) = queues[lane].pop() {
                let reference = reference();
                let mut record = crate::record::Record::plain(line.as_bytes(), &reference);
                record.unit = format!("u{lane}").into();
                record.partial = line == "ok" && dice.below(3) == 0;
                let offset = u64::try_from(pieces.len()).unwrap();
                pieces.push(record.to_owned(Place { source: SourceId(1), offset }));
            }
        }
        let whole = joined(&pieces, &[]);
        assert_eq!(whole.iter().map(|r| r.lines as usize).sum::<usize>(), pieces.len(), "no line is lost");
        for at in 0..pieces.len() {
            assert!(joined(&pieces, &[at]) == whole, "round {round} cut at {at}");
        }
        let all: Vec<usize> = (1..pieces.len()).collect();
        assert!(joined(&pieces, &all) == whole, "round {round} cut everywhere");
    }
}

#[test]
fn traces_join_into_one_per_unit() {
    let mut pieces = Vec::new();
    let longest = [TRACE, GO, JAVA, RUST].map(|t| t.lines().collect::<Vec<_>>());
    for n in 0..12 {
        for (unit, lines) in longest.iter().enumerate() {
            let Some(line) = lines.get(n) else { continue };
            let reference = reference();
            let mut record = crate::record::Record::plain(line.as_bytes(), &reference);
            record.unit = format!("u{unit}").into();
            let offset = u64::try_from(pieces.len()).unwrap();
            pieces.push(record.to_owned(Place { source: SourceId(1), offset }));
        }
    }
    let whole = joined(&pieces, &[]);
    let got: Vec<String> = whole.iter().map(|r| String::from_utf8_lossy(&r.message).into_owned() + "\n").collect();
    assert_eq!(got, [TRACE, GO, JAVA, RUST]);
}

#[test]
fn bad_input_is_read_without_a_panic() {
    let deep = format!("{{\"a\":{}", "[{\"b\":".repeat(10_000));
    let line = "x".repeat(1 << 20);
    let mut inputs: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"\0\0\0\n\0".to_vec(),
        b"\xff\xfe\xfd 2026-01-01 00:00:00 \xff\n\xc3".to_vec(),
        b"{\"log\":\"abc".to_vec(),
        b"{\"level\":\"error\",\"msg\":\"\\ud83d\\u12\"}\n".to_vec(),
        b"<999>1 x\n<13>1 - - - - - [a b=\"\n<13>\n<\n".to_vec(),
        b"[\n[    \n[ 1.\n[99999999999999.999999] x\n[Sat \n".to_vec(),
        b"6,1,9223372036854775807,-;x\n".to_vec(),
        b"Feb 31 00:00:00 h p: x\nFeb 29 24:61:61 h p: x\n".to_vec(),
        b"\x1b[31m\x1b]0;title\n\x1b[\x1b\n".to_vec(),
        b"\n\n\r\n \n".to_vec(),
        deep.into_bytes(),
        line.into_bytes(),
    ];
    inputs.extend((0..=255u8).map(|b| vec![b]));
    let mut dice = Dice(7);
    let alphabet = b"{}[]\"\\:=<>-+.,0123456789ETZ |\n\tabcIWEF@\x1b\xff";
    for _ in 0..1_500 {
        let len = dice.below(60);
        inputs.push((0..len).map(|_| alphabet[dice.below(alphabet.len())]).collect());
    }
    for input in &inputs {
        let _ = Format::sniff(input);
        let _ = crate::record::alarming(input);
        let _ = crate::record::headline(input);
        let _ = crate::record::stated_level(input);
        for &format in Format::ALL {
            let mut anchored = reference();
            anchored.boot = None;
            format.anchor(input, input, &mut anchored);
            let _ = records(format, input, 0);
        }
    }
}
