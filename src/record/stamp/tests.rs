use super::*;

fn reference(zone: &str, now: &str) -> Reference {
    Reference {
        now: Stamp::from_jiff(now.parse().unwrap()).unwrap(),
        zone: TimeZone::get(zone).unwrap(),
        unit: "u".into(),
        boot: None,
        dated: false,
    }
}

fn shown(text: &str, reference: &Reference) -> String {
    match read_at(text.as_bytes(), reference) {
        Some((stamp, certainty, len)) => format!("{} {certainty:?} {:?}", stamp.rfc3339(), &text[len..]),
        None => "none".into(),
    }
}

#[test]
fn shapes() {
    use Certainty::{AssumedYear, AssumedZone, Exact};
    let utc = reference("UTC", "2026-11-21T10:00:00Z");
    for (text, time, certainty, rest) in [
        ("2026-04-27T16:11:03Z x", "2026-04-27T16:11:03Z", Exact, " x"),
        ("2026-04-27 16:11:03,412 WARNING", "2026-04-27T16:11:03.412Z", AssumedZone, " WARNING"),
        ("2026-04-27T16:11:03.123456789+02:00", "2026-04-27T14:11:03.123456789Z", Exact, ""),
        ("2017-04-21 20:22:34.601+0000 ERROR", "2017-04-21T20:22:34.601Z", Exact, " ERROR"),
        ("2019-04-26 11:19:59.081 UTC [34]", "2019-04-26T11:19:59.081Z", Exact, " [34]"),
        ("2023-07-06 21:55:50.079469691 +0200 CEST m=+1.1", "2023-07-06T19:55:50.079469691Z", Exact, " m=+1.1"),
        ("2024/06/07 - 09:15:59 | 200", "2024-06-07T09:15:59Z", AssumedZone, " | 200"),
        ("2023/11/19 12:09:48.833073 [INF]", "2023-11-19T12:09:48.833073Z", AssumedZone, " [INF]"),
        ("10/Oct/2000:13:55:36 -0700] x", "2000-10-10T20:55:36Z", Exact, "] x"),
        ("02/sept./2015:00:11:31 +0200]", "2015-09-01T22:11:31Z", Exact, "]"),
        ("Sat Oct 22 03:40:43 2016] x", "2016-10-22T03:40:43Z", AssumedZone, "] x"),
        ("Sat Apr 27 03:33:07 PDT 2013", "2013-04-27T10:33:07Z", Exact, ""),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", Exact, ""),
        ("Wed 2026-11-18 10:00:00 UTC host", "2026-11-18T10:00:00Z", Exact, " host"),
        ("10 May 18:42:33.089 # x", "2026-05-10T18:42:33.089Z", AssumedYear, " # x"),
        ("10 May 2024 18:42:33.089 # x", "2024-05-10T18:42:33.089Z", AssumedZone, " # x"),
        ("Nov 21 09:59:59 host", "2026-11-21T09:59:59Z", AssumedYear, " host"),
        ("Nov 23 09:59:59 host", "2025-11-23T09:59:59Z", AssumedYear, " host"),
        ("Nov 23 09:59:59 2024 is a number", "2025-11-23T09:59:59Z", AssumedYear, " 2024 is a number"),
        ("Feb 29 00:00:00 x", "2024-02-29T00:00:00Z", AssumedYear, " x"),
        ("aoÃ»t", "", Exact, ""),
        ("août 19 11:08:37 x", "2026-08-19T11:08:37Z", AssumedYear, " x"),
        ("170213 16:00:33", "2017-02-13T16:00:33Z", AssumedZone, ""),
        ("081109 203615 148", "2008-11-09T20:36:15Z", AssumedZone, " 148"),
        ("17/06/09 20:10:40 INFO", "2017-06-09T20:10:40Z", AssumedZone, " INFO"),
        ("03-17 16:13:38.811  1702", "2026-03-17T16:13:38.811Z", AssumedYear, "  1702"),
        ("2012-025T10:22:40,672:DEBUG", "2012-01-25T10:22:40.672Z", AssumedZone, ":DEBUG"),
        ("2005-06-03-15.42.50.675872 R", "2005-06-03T15:42:50.675872Z", AssumedZone, " R"),
        ("20120702.102240,672:D", "2012-07-02T10:22:40.672Z", AssumedZone, ":D"),
        ("1428634687123 Hello", "2015-04-10T02:58:07.123Z", Exact, " Hello"),
        ("1700000000.25 x", "2023-11-14T22:13:20.250Z", Exact, " x"),
        ("@40000000433225833b6e1a8c tcp", "2005-09-22T03:31:05.997071500Z", Exact, " tcp"),
        ("09:16:12 - LiteLLM", "2026-11-21T09:16:12Z", AssumedYear, " - LiteLLM"),
        ("23:16:12 x", "2026-11-20T23:16:12Z", AssumedYear, " x"),
        ("6/12/2026 3:04:05 PM x", "2026-06-12T15:04:05Z", AssumedZone, " x"),
        ("Jun 12, 2026 3:04:05 PM", "2026-06-12T15:04:05Z", AssumedZone, ""),
    ] {
        let want = if time.is_empty() { "none".to_owned() } else { format!("{time} {certainty:?} {rest:?}") };
        assert_eq!(shown(text, &utc), want, "{text}");
    }
}

#[test]
fn what_is_no_time() {
    let utc = reference("UTC", "2026-11-21T10:00:00Z");
    for text in [
        "",
        "2",
        "2026",
        "2026-",
        "2026-13-01 00:00:00",
        "2026-02-30 00:00:00",
        "25:00:00",
        "12:60:00",
        "1.2.3.4",
        "10.0.0.1:80",
        "Mon",
        "May be",
        "Marching",
        "123456789012345678901234567890",
        "@4000",
        "12345",
        "99/99/9999 1:1",
        "Jan",
        "Jan 5",
        "Jan 5 1",
        "2026-01-01T10:00:001",
        "::1",
        "\u{0}",
    ] {
        assert_eq!(shown(text, &utc), "none", "{text}");
    }
}

#[test]
fn zones_skip_and_repeat_hours() {
    let zurich = reference("Europe/Zurich", "2026-11-21T10:00:00Z");
    // 02:30 does not exist in March, and exists twice in October.
    assert!(shown("2026-03-29 02:30:00", &zurich).starts_with("2026-03-29T01:30:00Z"));
    assert!(shown("2026-10-25 02:30:00", &zurich).starts_with("2026-10-25T00:30:00Z"));
    assert!(shown("2026-07-01 12:00:00", &zurich).starts_with("2026-07-01T10:00:00Z"));
    assert!(shown("Jul  1 12:00:00 x", &zurich).starts_with("2026-07-01T10:00:00Z"));
}
