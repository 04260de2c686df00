//! One table of lines for every form: what is chosen, and what is read.

use jiff::tz::TimeZone;

use crate::base::{Level, Span, Stamp};
use crate::record::{Format, Reference, Scratch};

fn reference() -> Reference {
    Reference {
        now: Stamp::from_jiff("2026-11-21T00:00:00Z".parse().unwrap()).unwrap(),
        zone: TimeZone::UTC,
        unit: "app".into(),
        boot: None,
        dated: false,
    }
}

/// `time|level|host|unit|identifier|pid|message|detail`, `-` for what is not there.
fn shown(format: Format, line: &str) -> String {
    let mut reference = reference();
    format.anchor(line.as_bytes(), line.as_bytes(), &mut reference);
    let mut scratch = Scratch::default();
    let Some(r) = format.parse(line.as_bytes(), &reference, &mut scratch) else { return "no record".into() };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let or = |s: String| if s.is_empty() { "-".to_owned() } else { s };
    let partial = if r.partial { "+" } else { "" };
    let parsed = if r.parsed { "" } else { "?" };
    format!(
        "{}|{}|{}|{}|{}|{}|{}{partial}{parsed}|{}",
        or(r.time.map(Stamp::rfc3339).unwrap_or_default()),
        or(r.level.map(Level::word).unwrap_or_default().to_owned()),
        or(r.host.to_string()),
        r.unit,
        or(r.identifier.to_string()),
        or(r.pid.map(|p| p.to_string()).unwrap_or_default()),
        or(text(r.message)),
        or(text(r.detail)),
    )
}

/// A script's heading gives its time to what is below, even where it is one line of thirty.
#[test]
fn a_heading_in_a_frame_gives_its_time_to_the_lines_below() {
    let log = |heading: &str| format!("{heading}\n{}", "\u{2705} Redis\n".repeat(30)).repeat(3);
    let framed = log("=== Factory Health Check Sun Feb  8 09:15:01 UTC 2026 ===");
    assert_eq!(Format::sniff(framed.as_bytes()), Format::Text);
    for other in ["Health check Sun Feb  8 09:15:01 UTC 2026", "=== Factory Health Check ===", "=== at 09:15:01 ==="] {
        assert_eq!(Format::sniff(log(other).as_bytes()), Format::Plain, "{other}");
    }
}

/// A log with times of day that was saved, and is read again at any hour, is of one piece.
#[test]
fn times_of_day_count_back_from_the_last_one() {
    let log = b"18:00:04 INFO a: one\n18:05:11 ERROR a: two\n18:25:11 ERROR a: three\n";
    for hour in 0..24 {
        for minute in [0, 4, 24, 26] {
            let mut reference = reference();
            reference.now = format!("2026-11-21T{hour:02}:{minute:02}:00Z")
                .parse::<jiff::Timestamp>()
                .map_or(Stamp(0), |t| Stamp::from_jiff(t).unwrap_or(Stamp(0)));
            Format::Text.anchor(log, log, &mut reference);
            let mut scratch = Scratch::default();
            let times: Vec<Stamp> = log
                .split(|b| *b == b'\n')
                .filter_map(|line| Format::Text.parse(line, &reference, &mut scratch).and_then(|r| r.time))
                .collect();
            assert_eq!(times.len(), 3);
            let span = times[2].minus(Span::seconds(25 * 60 + 7));
            assert_eq!((times[0], times[1].minus(Span::seconds(307))), (span, span), "read at {hour}:{minute:02}");
        }
    }
}

#[test]
fn lines_are_chosen_and_read() {
    use Format::*;
    for (format, line, want) in [
        (Syslog3164, "Nov 20 10:00:00 h sshd[7]: Accepted key", "2026-11-20T10:00:00Z|-|h|sshd|sshd|7|Accepted key|-"),
        (
            JournalShort,
            "Nov 20 10:00:00 h systemd[1]: web.service: Failed with result 'exit-code'.",
            "2026-11-20T10:00:00Z|-|h|web.service|systemd|1|web.service: Failed with result 'exit-code'.|-",
        ),
        (
            JournalShort,
            "Nov 20 10:00:00 h systemd[1021]: Started web.service - Web.",
            "2026-11-20T10:00:00Z|-|h|web.service|systemd|1021|Started web.service - Web.|-",
        ),
        (JournalShort, "2026-11-20T10:00:00+0100 h app[7]: ERROR x", "2026-11-20T09:00:00Z|err|h|app|app|7|ERROR x|-"),
        (JournalShort, "2026-11-20T10:00:00.123456+00:00 h app[7]: x", "2026-11-20T10:00:00.123456Z|-|h|app|app|7|x|-"),
        (JournalShort, "Fri 2026-11-20 10:00:00 UTC h app[7]: x", "2026-11-20T10:00:00Z|-|h|app|app|7|x|-"),
        (JournalShort, "1700000000.123456 h app[7]: x", "2023-11-14T22:13:20.123456Z|-|h|app|app|7|x|-"),
        (JournalShort, "[   12.345678] h app[7]: x", "2026-11-21T00:00:00Z|-|h|app|app|7|x|-"),
        (
            JournalShort,
            "Nov 20 10:00:00 h user@1500.service/indexer.service[7]: x",
            "2026-11-20T10:00:00Z|-|h|indexer.service|indexer.service|7|x|-",
        ),
        (
            JournalShort,
            "Nov 20 10:00:00 h init.scope[1]: Stopped web.service - Web.",
            "2026-11-20T10:00:00Z|-|h|web.service|systemd|1|Stopped web.service - Web.|-",
        ),
        (
            Syslog3164,
            "Nov 20 10:00:00 h kernel: Out of memory: Killed process 7",
            "2026-11-20T10:00:00Z|-|h|kernel|kernel|-|Out of memory: Killed process 7|-",
        ),
        (
            Syslog3164,
            "Nov 20 10:00:00 h app[7]: {\"level\":50,\"msg\":\"a\\nb\",\"err\":{\"message\":\"m\",\"stack\":\"s\"}}",
            "2026-11-20T10:00:00Z|err|h|app|app|7|a\nb|m\ns",
        ),
        (
            Syslog3164,
            "Nov 20 10:00:00 h app[7]: level=warn msg=\"slow \\\"x\\\"\" err=EOF",
            "2026-11-20T10:00:00Z|warning|h|app|app|7|slow \"x\"|EOF",
        ),
        (JournalShort, "-- Boot 0123456789abcdef0123456789abcdef --", "no record"),
        (JournalShort, "-- No entries --", "no record"),
        (
            Syslog3164,
            "<34>Oct 11 22:14:15 h su: 'su root' failed",
            "2026-10-11T22:14:15Z|crit|h|su|su|-|'su root' failed|-",
        ),
        (Syslog3164, "<30>dockerd[5]: text", "-|info|-|dockerd|dockerd|5|text|-"),
        (
            Syslog5424,
            "<165>1 2026-10-11T22:14:15.003Z h app 77 ID47 [a@1 k=\"v]\\\"\"][b] \u{feff}An event",
            "2026-10-11T22:14:15.003Z|notice|h|app|app|77|An event|-",
        ),
        (Syslog5424, "<11>1 - - - - - - x", "-|err|-|app|-|-|x|-"),
        (
            Cri,
            "2026-10-06T00:17:09.669794202Z stderr F WARN x",
            "2026-10-06T00:17:09.669794202Z|warning|-|app|-|-|WARN x|-",
        ),
        (
            Cri,
            "2026-10-06T00:17:09.669794202+02:00 stdout P half",
            "2026-10-05T22:17:09.669794202Z|-|-|app|-|-|half+|-",
        ),
        (
            DockerJson,
            "{\"log\":\"ERROR a\\u001b[0m\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-07T16:49:10.5Z\"}",
            "2026-01-07T16:49:10.500Z|err|-|app|-|-|ERROR a|-",
        ),
        (
            DockerJson,
            "{\"log\":\"half\",\"stream\":\"stdout\",\"time\":\"2026-01-07T16:49:10Z\"}",
            "2026-01-07T16:49:10Z|-|-|app|-|-|half+|-",
        ),
        (
            ContainerLogs,
            "2026-10-06T00:17:09.669794202Z level=error msg=x",
            "2026-10-06T00:17:09.669794202Z|err|-|app|-|-|x|-",
        ),
        (
            ContainerLogs,
            "[pod/web-1/app] 2026-10-06T00:17:09.669794202Z x",
            "2026-10-06T00:17:09.669794202Z|-|-|web-1/app|-|-|x|-",
        ),
        (ContainerLogs, "qdrant_1  | plain text", "-|-|-|qdrant_1|-|-|plain text|-"),
        (Dmesg, "[44178.537897] usb 1-1: new device", "2026-11-21T00:00:00Z|-|-|kernel|kernel|-|usb 1-1: new device|-"),
        (Dmesg, "[Sat Oct 22 03:40:43 2022] Out of memory", "2022-10-22T03:40:43Z|-|-|kernel|kernel|-|Out of memory|-"),
        (Dmesg, "kern  :err   : [    1.000000] x", "2026-11-21T00:00:00Z|err|-|kernel|kernel|-|x|-"),
        (Kmsg, "3,1234,5000000,-;text", "2026-11-21T00:00:00Z|err|-|kernel|kernel|-|text|-"),
        (
            Klog,
            "E0517 15:04:22.619632    1234 reflector.go:253] Failed",
            "2026-05-17T15:04:22.619632Z|err|-|app|reflector.go|1234|Failed|-",
        ),
        (
            Logfmt,
            "time=2026-02-02T12:29:02.735Z level=INFO source=server.go:1339 msg=\"a b\"",
            "2026-02-02T12:29:02.735Z|info|-|app|server.go:1339|-|a b|-",
        ),
        (
            JsonLines,
            "{\"ts\":1700000000.5,\"level\":\"error\",\"logger\":\"x\",\"msg\":\"m\",\"error\":\"e\"}",
            "2023-11-14T22:13:20.500Z|err|-|app|x|-|m|e",
        ),
        (
            JsonLines,
            "{\"event\": \"skip_budget\", \"role\": \"goal\"}",
            "-|-|-|app|-|-|{\"event\": \"skip_budget\", \"role\": \"goal\"}|-",
        ),
        (
            JsonLines,
            "{\"event\":\"it went wrong\",\"level\":\"warning\",\"timestamp\":\"2026-01-01T00:00:00Z\"}",
            "2026-01-01T00:00:00Z|warning|-|app|-|-|it went wrong|-",
        ),
        (
            JsonLines,
            "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"log\":{\"level\":\"error\",\"logger\":\"l\"},\"message\":\"m\",\"error\":{\"stack_trace\":\"s\"}}",
            "2026-01-01T00:00:00Z|err|-|app|l|-|m|s",
        ),
        (
            JsonLines,
            "{\"timeUnixNano\":\"1700000000000000000\",\"severityText\":\"WARN\",\"body\":{\"stringValue\":\"b\"}}",
            "2023-11-14T22:13:20Z|warning|-|app|-|-|b|-",
        ),
        (
            JsonLines,
            "{\"@t\":\"2026-01-01T00:00:00Z\",\"@mt\":\"t\",\"@l\":\"Error\",\"@x\":\"x\"}",
            "2026-01-01T00:00:00Z|err|-|app|-|-|t|x",
        ),
        (
            Text,
            "2026-04-27 16:11:03,412 WARNING lyra.core.x: circuit state",
            "2026-04-27T16:11:03.412Z|warning|-|app|lyra.core.x|-|circuit state|-",
        ),
        (
            Text,
            "2026-04-27 16:11:03,412 - app.db - ERROR - boom: x",
            "2026-04-27T16:11:03.412Z|err|-|app|app.db|-|boom: x|-",
        ),
        (Text, "2019-04-26 11:19:59.081 UTC [34] FATAL:  x", "2019-04-26T11:19:59.081Z|crit|-|app|-|34|x|-"),
        (Text, "1:M 10 May 2024 18:42:33.089 # Can't save", "2024-05-10T18:42:33.089Z|warning|-|app|-|1|Can't save|-"),
        (
            Text,
            "[1] 2023/11/19 12:09:48.833073 [INF] Starting",
            "2023-11-19T12:09:48.833073Z|info|-|app|-|1|Starting|-",
        ),
        (
            Text,
            "2015/01/21 10:56:10 [error] 2833#0: *1 open() failed",
            "2015-01-21T10:56:10Z|err|-|app|-|-|2833#0: *1 open() failed|-",
        ),
        (
            Text,
            "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET /error HTTP/1.0\" 500 1",
            "2000-10-10T20:55:36Z|-|-|app|-|-|1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET /error HTTP/1.0\" 500 1|-",
        ),
        (
            Text,
            "[Sun Dec 04 04:47:44 2005] [error] mod_jk failed",
            "2005-12-04T04:47:44Z|err|-|app|-|-|mod_jk failed|-",
        ),
        (Text, "INFO:     Shutting down", "-|info|-|app|-|-|INFO:     Shutting down|-"),
        (Plain, "hello", "-|-|-|app|-|-|hello?|-"),
        (Plain, "  ", "no record"),
    ] {
        assert_eq!(shown(format, line), want, "{line}");
        if want != "no record" && !line.starts_with("<30>dockerd") {
            let chosen = Format::sniff(format!("{line}\n{line}\n").as_bytes());
            assert_eq!(chosen, format, "{line}");
        }
    }
}

#[test]
fn a_mixed_source_loses_nothing() {
    for (format, line, want) in [
        (
            Format::JsonLines,
            "2026-04-27 16:11:03,412 ERROR a.x: text in json",
            "2026-04-27T16:11:03.412Z|err|-|app|a.x|-|text in json|-",
        ),
        (Format::JsonLines, "just words", "-|-|-|app|-|-|just words?|-"),
        (
            Format::JsonLines,
            "{\"level\":\"error\",\"msg\":\"cut",
            "-|err|-|app|-|-|{\"level\":\"error\",\"msg\":\"cut|-",
        ),
        (Format::Text, "{\"level\":\"error\",\"msg\":\"json in text\"}", "-|err|-|app|-|-|json in text|-"),
        (Format::DockerJson, "level=error msg=x", "-|err|-|app|-|-|x|-"),
        (Format::Cri, "\u{1b}[31mERROR\u{1b}[0m x", "-|err|-|app|-|-|ERROR x|-"),
        (Format::Syslog3164, "not a syslog line", "-|-|-|app|-|-|not a syslog line?|-"),
    ] {
        assert_eq!(shown(format, line), want, "{line}");
    }
}

#[test]
fn names_read_back() {
    for &format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(format));
    }
    assert_eq!(Format::from_name("x"), None);
}

#[test]
fn text_loggers_of_the_field() {
    for (line, want) in [
        (
            "14:03:11 [goal] ERROR board_worker[goal]: unhandled error - x",
            "2026-11-20T14:03:11Z|err|-|app|goal|-|board_worker[goal]: unhandled error - x|-",
        ),
        (
            "[GIN] 2024/06/07 - 09:15:59 | 200 |            0s |       127.0.0.1 | HEAD     \"/\"",
            "2024-06-07T09:15:59Z|-|-|app|-|-|[GIN] 2024/06/07 - 09:15:59 | 200 |            0s |       127.0.0.1 | HEAD     \"/\"|-",
        ),
        (
            "2026-02-12 21:40:02 | ERROR    | quality_gates | quality_gates:_execute_gate:431 | Gate timeout: x",
            "2026-02-12T21:40:02Z|err|-|app|quality_gates|-|quality_gates:_execute_gate:431 | Gate timeout: x|-",
        ),
        (
            "09:16:12 - LiteLLM Proxy:ERROR: common_request_processing.py:1049 - boom",
            "2026-11-20T09:16:12Z|err|-|app|LiteLLM|-|common_request_processing.py:1049 - boom|-",
        ),
        (
            "2024-11-20T17:15:42.081488Z  INFO storage::content_manager::toc: Loading collection: X",
            "2024-11-20T17:15:42.081488Z|info|-|app|storage::content_manager::toc|-|Loading collection: X|-",
        ),
        (
            "2026-03-03T04:15:00.000Z redis.exceptions.ConnectionError: Error 111",
            "2026-03-03T04:15:00Z|-|-|app|-|-|redis.exceptions.ConnectionError: Error 111|-",
        ),
        (
            "2026-03-03 04:15:00.000 sqlite3.OperationalError: database is locked",
            "2026-03-03T04:15:00Z|-|-|app|-|-|sqlite3.OperationalError: database is locked|-",
        ),
        (
            "2026-03-03 04:15:00 ERROR neo4j.exceptions.ServiceUnavailable: no address answers",
            "2026-03-03T04:15:00Z|err|-|app|-|-|neo4j.exceptions.ServiceUnavailable: no address answers|-",
        ),
        (
            "2017-04-21 20:22:34.601+0000 ERROR Worker for session crashed. GC",
            "2017-04-21T20:22:34.601Z|err|-|app|-|-|Worker for session crashed. GC|-",
        ),
        (
            "(EngineCore pid=1) INFO 11-20 10:00:00 [core.py:1] hello world",
            "2026-11-20T10:00:00Z|info|-|app|-|-|[core.py:1] hello world|-",
        ),
        (
            "2025-04-24T22:09:20.854Z\tinfo\tMetrics\t{\"a\": 1}",
            "2025-04-24T22:09:20.854Z|info|-|app|-|-|Metrics\t{\"a\": 1}|-",
        ),
        (
            "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.MRAppMaster: Created",
            "2015-10-18T18:01:47.978Z|info|-|app|org.apache.hadoop.MRAppMaster|-|Created|-",
        ),
        (
            "2020-08-06T14:25:02.835618Z 0 [Note] [MY-012487] [InnoDB] DDL log recovery : begin",
            "2020-08-06T14:25:02.835618Z|notice|-|app|-|0|[MY-012487] [InnoDB] DDL log recovery : begin|-",
        ),
        (
            "[2025-04-24T19:51:50,262][INFO ][o.o.j.JobSchedulerPlugin ] [demo-node] Loaded",
            "2025-04-24T19:51:50.262Z|info|-|app|-|-|[o.o.j.JobSchedulerPlugin ] [demo-node] Loaded|-",
        ),
        (
            "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezing",
            "2026-03-17T16:13:38.811Z|debug|-|app|-|1702|WindowManager: printFreezing|-",
        ),
        (
            "2026-04-27 16:11:03 [warning  ] it failed   [app] key=1",
            "2026-04-27T16:11:03Z|warning|-|app|-|-|it failed   [app] key=1|-",
        ),
        (
            "Apr 27 16:11:03 h factory-hub[7]: 2026-04-27 16:11:03,412 WARNING factory.core.x: y",
            "2026-04-27T16:11:03Z|warning|h|factory-hub|factory-hub|7|2026-04-27 16:11:03,412 WARNING factory.core.x: y|-",
        ),
        (
            "2024-06-01 10:00:00.123 [main] WARN  c.e.App - slow",
            "2024-06-01T10:00:00.123Z|warning|-|app|c.e.App|-|slow|-",
        ),
        (
            "time=\"2026-01-01T00:00:00Z\" level=warning msg=\"StopSignal SIGTERM failed\"",
            "2026-01-01T00:00:00Z|warning|-|app|-|-|StopSignal SIGTERM failed|-",
        ),
        (
            "2026-04-27 16:11:03,412 INFO sqlalchemy.engine.Engine SELECT error FROM x",
            "2026-04-27T16:11:03.412Z|info|-|app|-|-|sqlalchemy.engine.Engine SELECT error FROM x|-",
        ),
        ("W20260101 10:00:00.5 7 a.cc:1] x", "2026-01-01T10:00:00.500Z|warning|-|app|a.cc|7|x|-"),
    ] {
        let format = Format::sniff(format!("{line}\n").as_bytes());
        assert_eq!(shown(format, line), want, "{line}");
    }
}

#[test]
fn what_kubectl_prints() {
    for (line, want) in [
        (
            "113s        Warning   FailedScheduling    pod/cart-6f966d9cc9-nsxrp      0/4 nodes are available",
            "2026-11-20T23:58:07Z|warning|-|cart-6f966d9cc9-nsxrp|-|-|0/4 nodes are available|FailedScheduling",
        ),
        (
            "shop   3m8s   Normal   Scheduled   pod/cart-0   Successfully assigned shop/cart-0 to worker-01",
            "2026-11-20T23:56:52Z|info|-|cart-0|-|-|Successfully assigned shop/cart-0 to worker-01|Scheduled",
        ),
        (
            "2m1s (x3 over 5m2s)   Warning   BackOff   Pod/cart-0   Back-off restarting failed container",
            "2026-11-20T23:57:59Z|warning|-|cart-0|-|-|Back-off restarting failed container|BackOff",
        ),
        (
            "<unknown>   Warning   FailedMount   pod/cart-0   no volume",
            "2026-11-21T00:00:00Z|warning|-|cart-0|-|-|no volume|FailedMount",
        ),
        (
            "  Warning  Unhealthy  88s (x2 over 94s)  kubelet  Liveness probe failed: x",
            "2026-11-20T23:58:32Z|warning|-|app|kubelet|-|Liveness probe failed: x|Unhealthy",
        ),
        (
            "cart-0   0/1     CrashLoopBackOff   4 (77s ago)   4m55s",
            "2026-11-21T00:00:00Z|-|-|cart-0|-|-|cart-0   0/1     CrashLoopBackOff   4 (77s ago)   4m55s|-",
        ),
        (
            "{\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"cart-0\"},\"lastTimestamp\":\"2026-11-20T10:00:00Z\",\
             \"message\":\"a \\\"b\\\"\",\"reason\":\"Failed\",\"source\":{\"component\":\"kubelet\"},\"type\":\"Warning\"}",
            "2026-11-20T10:00:00Z|warning|-|cart-0|kubelet|-|a \"b\"|Failed",
        ),
    ] {
        assert_eq!(Format::sniff(format!("{line}\n").as_bytes()), Format::Kubectl, "{line}");
        assert_eq!(shown(Format::Kubectl, line), want, "{line}");
    }
    for line in ["94s of silence", "Warning  Failed", "  Warning signs were seen", "cart 1/2 cup 3 spoons", "Name: Ann"]
    {
        assert_ne!(Format::sniff(format!("{line}\n").as_bytes()), Format::Kubectl, "{line}");
    }
}

#[test]
fn describe_tells_whom_it_is_about() {
    let page = "Name:             cart-0\nNamespace:        shop\nEvents:\n  Warning  Failed  4s  kubelet  x\n";
    assert_eq!(Format::sniff(page.as_bytes()), Format::Kubectl);
    let mut reference = reference();
    Format::Kubectl.anchor(page.as_bytes(), page.as_bytes(), &mut reference);
    assert_eq!(reference.unit, "cart-0");
}

#[test]
fn a_list_of_events_is_cut_into_its_objects() {
    let page = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {\n            \"involvedObject\": {\n                \
                \"name\": \"cart-0\"\n            },\n            \"message\": \"x\"\n        },\n        {\n            \
                \"message\": \"y\"\n        }\n    ],\n    \"kind\": \"List\"\n}\n";
    assert_eq!(Format::sniff(page.as_bytes()), Format::Kubectl);
    let (mut rest, mut heads) = (page.as_bytes(), Vec::new());
    while let Some(len) = Format::Kubectl.extent(rest, true) {
        heads.push(rest[..len].iter().filter(|b| **b == b'\n').count());
        rest = &rest[len..];
    }
    assert_eq!(heads, [1, 1, 1, 6, 3, 1, 1, 1]);
}
