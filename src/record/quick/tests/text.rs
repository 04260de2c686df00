//! Made-up lines near the shapes of one-line forms: what is read quickly is what the parser reads.

use proptest::prelude::*;

use super::*;

const TIMES: &[&str] = &[
    "2026-01-09T23:06:",
    "2026-01-09 23:06:",
    "2024-02-29T10:00:",
    "2023-02-29T10:00:",
    "Jan  9 23:06:",
    "Jan 09 23:06:",
    "Feb 29 00:00:",
    "Dec 31 23:59:",
    "Mar 29 02:59:",
    "Fri 2026-01-09 23:06:",
    "[   12.3456",
    "17680000",
];

const HEADS: &[&str] = &[
    "node-7 api[312]: ",
    "node-7 api: ",
    "LabSZ sshd[24200]: ",
    "ERROR api[312]: ",
    "info api[312]: ",
    "PM api[312]: ",
    "UTC api[312]: ",
    "CEST node-7 api[312]: ",
    "node-7 systemd[1]: ",
    "node-7 kernel: ",
    "node-7 kubelet[9]: ",
    "node-7 user@1500.service/indexer.service[71]: ",
    "node-7 user@1.service/init.scope[1]: ",
    "node-7 api[]: ",
    "node-7 api[4294967296]: ",
    "node-7 my api[3]: ",
    "node-7 user.warn api[1]: ",
    "node-7 <mail.err> api: ",
    "node-7 local3.info: ",
    "node-7 KeyError: ",
    "node-7 a:b:c[1]: ",
    "node-7\tapi: ",
    "m\u{fc}ller \u{e9}[1]: ",
    "node-7 a\"b[1]: ",
    "pop3-login: ",
    "node-7 [1]: ",
    "[1] api: ",
    "stdout F ",
    "stderr P ",
    "stdout P:1 ",
    "- node-7 api 312 ID47 - ",
    "node-7 api 312 - - ",
    "node-7 api - - [a b=\"]\"] ",
    "node-7 systemd 1 - - ",
];

const MESSAGES: &[&str] = &[
    "text",
    "ERROR text: more",
    "Started web.service - The web.",
    "[    1.000000] oops",
    "<3>text",
    "{\"level\":\"error\",\"msg\":\"x\"}",
    "level=warn msg=\"a b\"",
    "\x1b[31mred\x1b[0m",
    "{\\\"level\\\":50,\\\"msg\\\":\\\"x\\\"}",
    "\\u001b[1mbold\\u001b[0m\\n",
    "tail\\\\",
    "\u{1F980} \u{fc}",
    "E0517 15:04:22.619632    1234 file.go:253] text pod=\"a/b\"",
    "",
];

/// One line of any of the forms, sometimes with a byte changed, taken away or doubled.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let stamp = (
        prop::sample::select(TIMES),
        0u32..62,
        prop::sample::select(&["", ".1", ".123456", ".123456789", ",5", ".1234567890", "5"][..]),
        prop::sample::select(&["", "Z", "+0000", "+01:00", " UTC", "-05:30", "]", " AM"][..]),
    );
    let stamp = stamp.prop_map(|(front, second, fraction, zone)| format!("{front}{second:02}{fraction}{zone}"));
    let parts = (
        stamp,
        prop::sample::select(HEADS),
        prop::sample::select(MESSAGES),
        prop::sample::select(&["", "<30>", "<3>1 ", "<192>", "<30>1 "][..]),
        0..6u8,
        any::<prop::sample::Index>(),
        prop::option::weighted(0.2, any::<u8>()),
    );
    parts.prop_map(|(stamp, head, message, priority, form, place, change)| {
        let stream = if head.len() % 2 == 0 { "stdout" } else { "stderr" };
        let text = match form {
            0 => format!("{{\"log\":\"{message}\\n\",\"stream\":\"{stream}\",\"time\":\"{stamp}\"}}"),
            1 => format!("{{\"log\":\"{head}{message}\",\"stream\":\"{stream}\",\"time\":\"{stamp}\"}}"),
            2 => format!("{priority}{stamp} {head}{message}"),
            3 => format!(
                "{{\"time\":\"{stamp}\",\"level\":\"{stream}\",\"logger\":\"{head}\",\"msg\":\"{message}\",\"pid\":{}}}",
                head.len()
            ),
            4 => format!("time=\"{stamp}\" level=info logger={head} msg=\"{message}\" pid={}", message.len()),
            _ => format!("{stamp} {head}{message}"),
        };
        let mut bytes = text.into_bytes();
        let at = place.index(bytes.len());
        match change {
            Some(0..64) => drop(bytes.remove(at)),
            Some(64..128) => bytes.insert(at, bytes[at]),
            Some(128..160) => bytes.truncate(at),
            Some(160..200) => bytes[at] = b' ',
            Some(byte) => bytes[at] = byte,
            None => {}
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn made_up_lines_are_what_the_parser_reads(
        lines in prop::collection::vec(line(), 1..12),
        zone in prop::sample::select(&["UTC", "Europe/Zurich"][..]),
        now in 1_700_000_000i64..1_800_000_000,
        booted in any::<bool>(),
    ) {
        let mut reference = reference(Some(Stamp(now * 1_000_000_000)));
        reference.zone = TimeZone::get(zone).unwrap();
        reference.boot = booted.then_some(Stamp(1_768_000_000_000_000_000));
        for format in [Format::JournalShort, Format::Syslog3164, Format::Syslog5424, Format::DockerJson, Format::Cri, Format::ContainerLogs, Format::Text, Format::JsonLines, Format::Logfmt] {
            let (mut scratch, mut origins) = (Scratch::default(), Origins::default());
            for line in &lines {
                same("made up", format, line, &reference, &mut scratch, &mut origins);
            }
        }
    }
}
