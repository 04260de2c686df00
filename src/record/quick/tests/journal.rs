//! Made-up entries of the journal, some of them odd.

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::{reference, same, same_at_once};
use crate::record::{Format, Origins, Scratch};

/// Names of fields, of which some decide the origin.
fn key() -> impl Strategy<Value = String> {
    let known = prop_oneof![
        4 => Just("MESSAGE"), 4 => Just("__REALTIME_TIMESTAMP"), 2 => Just("PRIORITY"), 2 => Just("_SYSTEMD_UNIT"),
        1 => Just("_SOURCE_REALTIME_TIMESTAMP"), 1 => Just("__CURSOR"), 1 => Just("_BOOT_ID"), 1 => Just("_HOSTNAME"),
        1 => Just("SYSLOG_IDENTIFIER"), 1 => Just("_COMM"), 1 => Just("_PID"), 1 => Just("SYSLOG_PID"),
        1 => Just("_TRANSPORT"), 1 => Just("_SYSTEMD_INVOCATION_ID"), 1 => Just("MESSAGE_ID"), 1 => Just("_EXE"),
    ];
    let seldom = prop_oneof![
        Just("UNIT"),
        Just("USER_UNIT"),
        Just("_SYSTEMD_USER_UNIT"),
        Just("OBJECT_SYSTEMD_UNIT"),
        Just("OBJECT_SYSTEMD_USER_UNIT"),
        Just("COREDUMP_UNIT"),
        Just("COREDUMP_USER_UNIT"),
        Just("INVOCATION_ID"),
        Just("USER_INVOCATION_ID"),
        Just("CONTAINER_NAME"),
        Just("CONTAINER_ID"),
        Just("CONTAINER_ID_FULL"),
        Just("CONTAINER_PARTIAL_MESSAGE"),
        Just("CONTAINER_PARTIAL_LAST"),
    ];
    prop_oneof![
        12 => known.prop_map(str::to_owned),
        3 => seldom.prop_map(str::to_owned),
        1 => "[A-Z_]{0,40}|[a-zé\"\\\\]{0,6}"
    ]
}

/// Values as text, some of which decide the origin.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("a.service"),
        Just("b.service"),
        Just("init.scope"),
        Just("user@1000.service"),
        Just("systemd"),
        Just("podman"),
        Just("kubelet"),
        Just("kernel"),
        Just("stdout"),
        Just("(sh)"),
        Just("true"),
        Just("web"),
        Just("systemd-web"),
        Just("k8s_c_p_n_u_0"),
        Just("0123456789abcdef0123456789abcdef"),
        Just("a.service: Failed with result 'exit-code'."),
        Just("\u{1b}[31mred\u{1b}[0m and plain\r\n"),
        Just("E0511 22:40:02.1 1 x.go:1] \"pod failed\" pod=\"n/p\""),
        Just("{\"level\":\"error\",\"msg\":\"it \\\"broke\\\"\"}"),
        Just("ERROR it broke"),
        Just(""),
    ];
    prop_oneof![
        6 => word.prop_map(str::to_owned),
        3 => "[0-7]|1[0-9]{15}|[0-9]{1,20}",
        2 => "[ -~]{0,70}",
        1 => "[a-c,:\"\\\\{}\\[\\]é\u{7f}]{0,12}",
    ]
}

/// A value as a line has it: mostly a string that is escaped as it should be.
fn value() -> impl Strategy<Value = String> {
    let array = |bytes: Vec<u8>| format!("[{}]", bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(","));
    prop_oneof![
        90 => text().prop_map(|text| serde_json::to_string(&text).unwrap()),
        2 => proptest::collection::vec(any::<u8>(), 0..9).prop_map(array),
        1 => "null|true|false|-?[0-9]{1,4}|NaN|\\[\"a\",\"b\"\\]|\\[[0-9, ]{0,5}\\]|\\{\"a\":\\{\\}\\}",
        1 => "\"[a-c\"\\\\]{0,5}\"",
    ]
}

/// What stands between two things: mostly nothing but what must.
fn between(mark: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![300 => Just(mark.to_owned()), 1 => Just(format!(" {mark}\t")), 1 => "[,:{}\\\\\"x]{0,3}"]
}

prop_compose! {
    /// Lines of journal JSON, some of them odd.
    fn line()(
        open in between("{"),
        members in proptest::collection::vec((key(), between(":"), value(), between(",")), 1..8),
        close in between("}"),
        end in prop_oneof![9 => Just("\n"), 1 => Just(""), 1 => Just("\r\n"), 1 => Just(" x\n")],
    ) -> String {
        let mut line = open;
        for (n, (key, colon, value, comma)) in members.iter().enumerate() {
            let key = serde_json::to_string(key).unwrap();
            line += &format!("{}{key}{colon}{value}", if n == 0 { "" } else { comma });
        }
        line + &close + end
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn made_up_lines_of_journal_json_say_the_same_at_a_glance(
        lines in proptest::collection::vec(line(), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let reference = reference(None);
        let mut origins = Origins::default();
        let mut scratch = Scratch::default();
        for line in &lines {
            for raw in [line.as_bytes(), &line.as_bytes()[..cut.index(line.len())]] {
                same("made up", Format::JournalJson, raw, &reference, &mut scratch, &mut origins);
            }
        }
    }
}

/// Fields of an entry in the export form, some of them odd.
fn entry() -> impl Strategy<Value = Vec<u8>> {
    let field = (key(), text(), 0..40_u8).prop_map(|(key, text, odd)| {
        let length = text.len() as u64;
        match odd {
            0 => text.into_bytes(),
            1 => [key.as_bytes(), b"\n", &(length + 2).to_le_bytes(), text.as_bytes(), b"\n"].concat(),
            2..8 => [key.as_bytes(), b"\n", &length.to_le_bytes(), text.as_bytes(), b"\n"].concat(),
            _ => format!("{key}={}\n", text.replace('\n', " ")).into_bytes(),
        }
    });
    (proptest::collection::vec(field, 1..9), prop_oneof![9 => Just("\n"), 1 => Just("")])
        .prop_map(|(fields, end)| [fields.concat(), end.into()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn made_up_entries_of_the_export_form_say_the_same_at_a_glance(
        entries in proptest::collection::vec(entry(), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let reference = reference(None);
        let mut origins = Origins::default();
        let mut scratch = Scratch::default();
        for entry in &entries {
            for raw in [&entry[..], &entry[..cut.index(entry.len() + 1)]] {
                same("made up", Format::JournalExport, raw, &reference, &mut scratch, &mut origins);
            }
        }
        // And all together, cut anywhere.
        let all = entries.concat();
        let mut at = 0;
        while at < all.len() {
            let rest = &all[at..];
            for bytes in [rest, &rest[..cut.index(rest.len() + 1)]] {
                same_at_once("made up", Format::JournalExport, bytes, &reference);
            }
            at += Format::JournalExport.extent(rest, true).unwrap();
        }
    }
}

#[test]
fn enough_made_up_lines_are_looked_at_quickly() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let reference = reference(None);
    let (mut origins, mut scratch) = (Origins::default(), Scratch::default());
    let mut quick = 0;
    for _ in 0..1_000 {
        let line = line().new_tree(&mut runner).unwrap().current();
        quick +=
            usize::from(same("made up", Format::JournalJson, line.as_bytes(), &reference, &mut scratch, &mut origins));
    }
    assert!(quick > 100, "{quick} of 1,000");
}
