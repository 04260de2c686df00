use std::path::Path;
use std::process::Command;

use super::{Damage, JournalFile, is_journal};
use crate::base::lent;

fn unpacked(path: &Path) -> Vec<u8> {
    zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap()
}

/// All entries of a file, how many they are, and the damage.
fn read(bytes: &[u8]) -> (Vec<u8>, usize, Vec<Damage>) {
    let (mut out, mut count) = (Vec::new(), 0);
    let Ok(file) = JournalFile::open(bytes) else { return (out, 0, Vec::new()) };
    let mut entries = file.entries();
    while entries.next_into(&mut out) {
        count += 1;
    }
    assert!(!entries.next_into(&mut out));
    (out, count, entries.damage().to_vec())
}

/// What journalctl says of the same bytes, when it is installed.
fn journalctl(bytes: &[u8]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.journal");
    std::fs::write(&path, bytes).unwrap();
    let done = Command::new("journalctl").args(["--quiet", "--no-pager", "-o", "export", "--file"]).arg(path).output();
    match done {
        Ok(done) if done.status.success() => Some(done.stdout),
        other => {
            eprintln!("skipped: no journalctl ({:?})", other.map(|o| o.status));
            None
        }
    }
}

fn assert_same(name: &str, ours: &[u8], theirs: &[u8]) {
    if ours == theirs {
        return;
    }
    let at = ours.iter().zip(theirs).position(|(a, b)| a != b).unwrap_or(ours.len().min(theirs.len()));
    let part = |b: &[u8]| {
        String::from_utf8_lossy(&b[at.saturating_sub(200).min(b.len())..(at + 200).min(b.len())]).into_owned()
    };
    panic!("{name}: differs at {at}\n--- ours\n{}\n--- theirs\n{}", part(ours), part(theirs));
}

/// The bytes between the hash tables and the end of the last object.
fn used(bytes: &[u8]) -> std::ops::Range<usize> {
    let word = |at: usize| usize::try_from(super::file::u64_at(bytes, at).unwrap()).unwrap();
    let tables = (word(104) + word(112)).max(word(120) + word(128));
    tables..word(136) + word(word(136) + 8)
}

const WHOLE: [(&str, &str); 3] = [
    ("systemd/no-rtc/system.journal.zst", "systemd/no-rtc-rendered/system.journal.export"),
    ("systemd/no-rtc/user-1000.journal.zst", "systemd/no-rtc-rendered/user-1000.journal.export"),
    ("lab/systemd-crashloops/lab.journal.zst", "lab/systemd-crashloops/lab.export"),
];

/// The fields of each entry, sorted, without cursors. Only for entries without binary values.
fn sorted(export: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8(export.to_vec()).unwrap();
    let entry = |entry: &str| {
        let mut lines: Vec<_> = entry.lines().filter(|l| !l.starts_with("__CURSOR=")).map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    text.split_terminator("\n\n").map(entry).collect()
}

#[test]
fn real_journals_are_what_journalctl_exported() {
    for (native, export) in WHOLE {
        let (Some(native_path), Some(export)) = (lent(native), lent(export)) else { return };
        let (ours, count, damage) = read(&unpacked(&native_path));
        let theirs = std::fs::read(export).unwrap();
        if native.starts_with("lab") {
            // The lab's export was made from another copy: cursors and the order of the fields differ, nothing else.
            assert_eq!(sorted(&ours), sorted(&theirs));
        } else {
            assert_same(native, &ours, &theirs);
        }
        // One of the files was copied from a machine that was switched off: `journalctl --verify` finds it corrupt
        // too. Its last 16 entries are zeros, and the last one that can be read misses two fields.
        let lost = if native.contains("user-1000") { 16 + 2 } else { 0 };
        assert_eq!(damage.len(), lost, "{damage:?}");
        eprintln!("{native}: {count} entries, byte for byte");
    }
}

#[test]
fn journalctl_here_agrees() {
    let torn = "systemd/no-rtc/system@0005ebbfd42fc981-39a8842ec948769a.journal~.zst";
    for name in [WHOLE[0].0, WHOLE[1].0, WHOLE[2].0, torn] {
        let Some(path) = lent(name) else { return };
        let bytes = unpacked(&path);
        let Some(theirs) = journalctl(&bytes) else { return };
        let (ours, count, damage) = read(&bytes);
        assert_same(name, &ours, &theirs);
        eprintln!("{name}: {count} entries, byte for byte, damage {damage:?}");
    }
}

/// The file with its longer values replaced by repetitive ones, packed by `pack`, whose flag in objects is `flag` and
/// in the header `feature`; and how many were replaced.
fn repacked(bytes: &[u8], flag: u8, feature: u8, pack: fn(&[u8]) -> Vec<u8>) -> (Vec<u8>, usize) {
    let (mut bytes, mut count) = (bytes.to_vec(), 0);
    bytes[12] |= feature;
    let head = if bytes[12] & 16 != 0 { 72 } else { 64 };
    let used = used(&bytes);
    let mut at = used.start;
    while at < used.end {
        let size = usize::try_from(super::file::u64_at(&bytes, at + 8).unwrap()).unwrap();
        let payload = bytes[at + head.min(size)..at + size].to_vec();
        if bytes[at] == 1 && bytes[at + 1] == 0 && payload.len() >= 100 {
            let key = payload.split(|b| *b == b'=').next().unwrap();
            let packed = pack(&[key, b"=", &b"packed ".repeat(100)].concat());
            if packed.len() <= payload.len() {
                bytes[at + 1] = flag;
                bytes[at + 8..at + 16].copy_from_slice(&((head + packed.len()) as u64).to_le_bytes());
                bytes[at + head..at + head + packed.len()].copy_from_slice(&packed);
                count += 1;
            }
        }
        at = (at + size).next_multiple_of(8);
    }
    (bytes, count)
}

#[test]
fn values_of_every_compression_are_what_journalctl_reads() {
    let (Some(lab), Some(old)) = (lent(WHOLE[2].0), lent(WHOLE[0].0)) else { return };
    for path in [lab, old] {
        let bytes = unpacked(&path);
        type Pack = fn(&[u8]) -> Vec<u8>;
        let ways: [(u8, u8, Pack); 3] = [
            (1, 1, |plain| {
                // journald leaves the checksum out.
                let stream = liblzma::stream::Stream::new_easy_encoder(6, liblzma::stream::Check::None).unwrap();
                let mut xz = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
                std::io::Write::write_all(&mut xz, plain).unwrap();
                xz.finish().unwrap()
            }),
            (2, 2, |plain| [&(plain.len() as u64).to_le_bytes()[..], &lz4_flex::block::compress(plain)].concat()),
            (4, 8, |plain| zstd::bulk::compress(plain, 3).unwrap()),
        ];
        for (flag, feature, pack) in ways {
            let (bytes, replaced) = repacked(&bytes, flag, feature, pack);
            assert!(replaced > 0, "{flag}");
            let (ours, count, damage) = read(&bytes);
            assert!(damage.is_empty(), "{damage:?}");
            assert!(memchr::memmem::find(&ours, &b"packed ".repeat(100)).is_some());
            let Some(theirs) = journalctl(&bytes) else { return };
            assert_same(&format!("flag {flag}"), &ours, &theirs);
            eprintln!("flag {flag}: {replaced} values replaced, {count} entries, byte for byte");
        }
    }
}

#[test]
fn a_cut_file_gives_the_entries_before_the_cut() {
    let Some(path) = lent(WHOLE[2].0) else { return };
    let bytes = unpacked(&path);
    let (whole, all, _) = read(&bytes);
    let used = used(&bytes);
    let mut counts = Vec::new();
    for part in 0..=8 {
        let (ours, count, damage) = read(&bytes[..used.start + used.len() * part / 8]);
        counts.push((count, damage.len()));
        assert_eq!(damage.is_empty(), count == all, "{part}: {count} {damage:?}");
        // Entries are cut between fields at worst: the stamps of each one are those of the whole file.
        for line in ours.split(|b| *b == b'\n').filter(|l| l.starts_with(b"__CURSOR=")) {
            assert!(memchr::memmem::find(&whole, line).is_some());
        }
    }
    eprintln!("entries and damage by eighths: {counts:?} of {all}");
    assert!(counts[0].0 == 0 && counts[8].0 == all && counts.is_sorted_by_key(|c| c.0), "{counts:?}");
}

#[test]
fn a_broken_list_is_passed_by() {
    let Some(path) = lent(WHOLE[2].0) else { return };
    let bytes = unpacked(&path);
    let (whole, all, _) = read(&bytes);
    // The header leads nowhere: every entry is found by walking the objects.
    for list in [0u64, 8, u64::MAX, 1 << 40, 1 << 12] {
        let mut broken = bytes.clone();
        broken[176..184].copy_from_slice(&list.to_le_bytes());
        let (ours, count, damage) = read(&broken);
        assert_eq!((count, ours == whole), (all, true), "{list}");
        assert_eq!(damage.len(), 1, "{damage:?}");
    }
    // A hole of zeros in the middle costs the entries in it, and the list is followed past it.
    let mut broken = bytes.clone();
    let used = used(&bytes);
    let middle = (used.start + used.len() / 2) & !7;
    broken[middle..middle + 4096].fill(0);
    let (_, count, damage) = read(&broken);
    eprintln!("with a hole of 4 KiB: {count} of {all} entries, {} places of damage", damage.len());
    assert!(count > all * 9 / 10, "{count} of {all}");
    assert!(!damage.is_empty());
}

#[test]
fn damaged_files_end() {
    let Some(folder) = lent("systemd/corrupted") else { return };
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = unpacked(&file.unwrap().path());
        if is_journal(&bytes) {
            files.push(bytes);
        } else {
            files.extend(untar(&bytes));
        }
    }
    let start = std::time::Instant::now();
    let (mut entries, mut damaged) = (0, 0);
    for bytes in &files {
        let (_, count, damage) = read(bytes);
        entries += count;
        damaged += usize::from(!damage.is_empty());
    }
    eprintln!("{} files, {entries} entries, {damaged} with damage, {:?}", files.len(), start.elapsed());
    assert!(start.elapsed().as_secs() < 30);
}

/// The files in a tar archive.
fn untar(mut tar: &[u8]) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    while let Some((head, rest)) = tar.split_at_checked(512) {
        let digits: String = head[124..135].iter().map(|b| char::from(*b)).collect();
        let Ok(size) = usize::from_str_radix(digits.trim_matches(['\0', ' ']), 8) else { break };
        let Some(bytes) = rest.get(..size) else { break };
        files.push(bytes.to_vec());
        tar = rest.get(size.next_multiple_of(512)..).unwrap_or(b"");
    }
    files
}

#[test]
fn a_file_made_to_exhaust_memory_does_not() {
    // One value of 3 MiB, and 3 entries that name it a thousand times each: 9 GiB, were they written out.
    let object = |kind: u8, body: &[u8]| {
        let mut object = vec![kind, 0, 0, 0, 0, 0, 0, 0];
        object.extend_from_slice(&(16 + body.len() as u64).to_le_bytes());
        object.extend_from_slice(body);
        object.resize(object.len().next_multiple_of(8), 0);
        object
    };
    let mut bytes = [&b"LPKSHHRH"[..], &[0; 200]].concat();
    bytes[152] = 3;
    let value = bytes.len() as u64;
    bytes.extend(object(1, &[&[0; 48][..], b"MESSAGE=", &vec![b'x'; 3 << 20]].concat()));
    let mut slots = vec![0; 8];
    for seqnum in 1..=3u64 {
        slots.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        let stamps = [&seqnum.to_le_bytes()[..], &1u64.to_le_bytes(), &[0; 32]].concat();
        let item = [value.to_le_bytes(), [0; 8]].concat();
        bytes.extend(object(3, &[stamps, item.repeat(1000)].concat()));
    }
    let array = bytes.len() as u64;
    bytes[176..184].copy_from_slice(&array.to_le_bytes());
    bytes.extend(object(6, &slots));
    let mut entries = JournalFile::open(&bytes).unwrap().entries();
    let (mut entry, mut count) = (Vec::new(), 0);
    while entries.next_into(&mut entry) {
        assert!(entry.len() < 80 << 20);
        entry.clear();
        count += 1;
    }
    assert_eq!((count, entries.damaged()), (3, 3));
}

#[test]
fn what_is_no_journal_says_so() {
    for (bytes, word) in [
        (b"".to_vec(), "LPKSHHRH"),
        (b"LPKSHHR_".to_vec(), "LPKSHHRH"),
        (b"LPKSHHRH".to_vec(), "208"),
        ([&b"LPKSHHRH\0\0\0\0\x20\0\0\0"[..], &[0; 256]].concat(), "0x20"),
    ] {
        let error = JournalFile::open(&bytes).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let empty = [&b"LPKSHHRH"[..], &[0; 256]].concat();
    assert_eq!(read(&empty).1, 0);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    #[test]
    fn flipped_bytes_never_harm(flips in proptest::collection::vec((0usize..60_000, 0u8..=255), 1..40)) {
        thread_local! {
            static FILE: Option<Vec<u8>> = lent(WHOLE[2].0).map(|path| unpacked(&path));
        }
        FILE.with(|file| {
            let Some(file) = file else { return };
            // Half of the flips hit the header and the first objects, where the structure is.
            let mut bytes = file.clone();
            for (n, (at, value)) in flips.iter().enumerate() {
                let at = if n % 2 == 0 { at % 300 } else { at * 16 % file.len() };
                if at > 16 {
                    bytes[at] = *value;
                }
            }
            read(&bytes);
        });
    }
}
