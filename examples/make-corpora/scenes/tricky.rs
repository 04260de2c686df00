//! Logs that are hard to read right: no crash, no signature, dangerous text, mixed lines, missing lines.

use serde_json::{Value, json};

use super::super::journal::{Manager, Scene};
use super::super::words::prio;
use super::{REQUESTS, utc};

/// Up and down in turns, by stop and start of somebody's script: never a crash.
pub fn flapping_unit() -> Scene {
    let mut s = Scene::new(7201, "pier", Manager::System, utc(2026, 9, 1, 13, 0));
    let vpn = s.unit("branch-vpn.service", "VPN to the branch office");
    let phone = s.unit("phones.service", "Telephone exchange");
    s.chatter(0.0, 1_500.0, 9.0, &[phone], REQUESTS);
    for n in 0..10 {
        let at = 200.0 + 55.0 * f64::from(n);
        s.stop(at, vpn);
        s.start(at + 24.0, vpn);
        s.says(at + 25.0, vpn, prio::INFO, "tunnel up, peer 10.77.0.1");
    }
    s
}

/// Forty errors of one shape that no pack knows, ids, paths and quoted words different in each.
pub fn unclassified_burst() -> Scene {
    let mut s = Scene::new(7202, "mill", Manager::System, utc(2026, 2, 11, 6, 30));
    let settle = s.unit("settlement.service", "Settlement of card payments");
    let rates = s.unit("rates.service", "Exchange rates");
    s.chatter(0.0, 1_200.0, 8.0, &[rates, settle], REQUESTS);
    for n in 0..40 {
        let at = 500.0 + 2.5 * f64::from(n);
        let (batch, row) = (s.dice.range(10_000, 99_999), s.dice.range(1, 900));
        let word = *s.dice.pick(&["EUR;", "CHF ", "??", "12,5", "n/a", "GBP|"]);
        let text = format!(
            "ERROR ledger row {row} of /var/spool/settle/batch-{batch}.csv does not balance: unexpected token \"{word}\""
        );
        s.says(at, settle, prio::ERR, text);
    }
    s
}

/// A real failure among lines that carry a bearer token, a password in a URL, an API key and a private header.
pub fn secrets_in_lines() -> Scene {
    let mut s = Scene::new(7203, "vault", Manager::User, utc(2026, 10, 7, 20, 15));
    let sync = s.unit("crm-sync.service", "CRM synchronisation");
    let hub = s.unit("hub.service", "Hub");
    s.chatter(0.0, 900.0, 8.0, &[hub], REQUESTS);
    for n in 0..6 {
        let at = 300.0 + 12.0 * f64::from(n);
        s.says(
            at,
            sync,
            prio::INFO,
            "request headers: Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjcm0ifQ.q7Zt1Xo0mPzR4sVw",
        );
        let url = "cannot connect to postgres://crm_rw:Tr0ub4dor-x9@10.3.3.8:5432/crm: FATAL:  password authentication failed for user \"crm_rw\"";
        s.says(at + 0.4, sync, prio::ERR, url);
        s.says(
            at + 0.5,
            sync,
            prio::ERR,
            "fallback failed: api_key=sk-live-51HxQ2eZvKYlo2C0aTnW8 rejected with 401 Unauthorized",
        );
        s.exits(at + 0.8, sync);
        s.restart(at + 5.0, sync);
    }
    s
}

/// Colours, window titles, bells, carriage returns and backspaces in the lines of a unit that dies.
pub fn control_characters() -> Scene {
    let mut s = Scene::new(7204, "grove", Manager::System, utc(2026, 1, 30, 8, 45));
    let build = s.unit("build-agent.service", "Build agent");
    let docs = s.unit("docs.service", "Documentation");
    s.chatter(0.0, 700.0, 8.0, &[docs], REQUESTS);
    for n in 0..5 {
        let at = 250.0 + 15.0 * f64::from(n);
        s.says(at, build, prio::INFO, "\u{1b}]0;build agent\u{7}\u{1b}[32mINFO\u{1b}[0m fetching job");
        s.says(at + 0.2, build, prio::INFO, "progress 10%\rprogress 60%\rprogress 99%");
        let panic = "\u{1b}[1;31mERROR\u{1b}[0m cannot open registry cache: \u{1b}[33mtoo many open files\u{1b}[0m (os error 24)";
        s.says(at + 0.5, build, prio::ERR, panic);
        s.says(at + 0.6, build, prio::ERR, "\u{1b}[2J\u{1b}[Hgiving up\u{8}\u{8}\u{7}");
        s.exits(at + 0.9, build);
        s.restart(at + 6.0, build);
    }
    s
}

/// Two units print their traces line by line at the same moment: the lines come out mixed.
pub fn interleaved_traces() -> Scene {
    let mut s = Scene::new(7205, "delta", Manager::System, utc(2026, 5, 28, 17, 5));
    let ingest = s.unit("ingest.service", "Event ingestion");
    let billing = s.unit("billing.service", "Billing");
    let api = s.unit("console.service", "Operator console");
    s.chatter(0.0, 700.0, 8.0, &[api], REQUESTS);
    let python = "Traceback (most recent call last):\n  File \"/opt/ingest/app.py\", line 88, in consume\n    self.route(event)\n  File \"/opt/ingest/app.py\", line 131, in route\n    queue = self.tenants[event[\"tenant\"]]\n            ~~~~~~~~~~~~^^^^^^^^^^^^^^^^^\nKeyError: 'tenant-4419'";
    let java = "Exception in thread \"main\" java.lang.IllegalStateException: ledger 2026-05 is already closed\n\tat net.example.billing.Ledger.append(Ledger.java:204)\n\tat net.example.billing.Run.once(Run.java:77)\n\tat net.example.billing.Main.main(Main.java:19)\nCaused by: java.time.DateTimeException: no open period\n\tat net.example.billing.Period.current(Period.java:51)\n\t... 3 more";
    for n in 0..6 {
        let at = 200.0 + 9.0 * f64::from(n);
        s.says_lines(at, ingest, prio::ERR, python);
        s.says_lines(at + 0.000_025, billing, prio::ERR, java);
        s.exits(at + 0.2, ingest);
        s.exits(at + 0.3, billing);
        s.restart(at + 3.0, ingest);
        s.restart(at + 3.5, billing);
    }
    s
}

/// A chatty unit loses lines to the journal's rate limit: what it said meanwhile, nobody knows.
pub fn suppressed_lines() -> Scene {
    let mut s = Scene::new(7206, "reef", Manager::System, utc(2026, 3, 3, 23, 55));
    let sensor = s.unit("sensor-gateway.service", "Sensor gateway");
    let store = s.unit("timeseries.service", "Time series store");
    s.chatter(0.0, 900.0, 8.0, &[store], REQUESTS);
    for n in 0..120 {
        let at = 200.0 + 0.2 * f64::from(n);
        s.says(at, sensor, prio::INFO, format!("frame {} from node {}", 88_000 + n, n % 7));
    }
    s.suppressed(254.0, sensor, 4_499);
    s.suppressed(284.0, sensor, 3_120);
    s.chatter(300.0, 900.0, 12.0, &[sensor], &["frame {} from node 3"]);
    s
}

/// Messages that are no text, too large to be shown, empty, or there twice, around a unit that dies of a full inode table.
pub fn odd_fields() -> Scene {
    let mut s = Scene::new(7207, "marsh", Manager::System, utc(2026, 7, 22, 4, 30));
    let scans = s.unit("scan-import.service", "Import of scanned pages");
    let viewer = s.unit("viewer.service", "Page viewer");
    s.chatter(0.0, 700.0, 8.0, &[viewer], REQUESTS);
    for n in 0..5 {
        let at = 250.0 + 14.0 * f64::from(n);
        s.says_raw(at, scans, prio::INFO, json!(b"page \xff\xfe\x80 read from r\xe9sum\xe9.pdf".as_slice()));
        s.says_raw(at + 0.1, scans, prio::INFO, Value::Null);
        s.says_raw(at + 0.2, scans, prio::INFO, json!(["first of two messages", "second of two messages"]));
        s.says_raw(at + 0.3, scans, prio::INFO, json!(""));
        let full = b"cannot create /srv/scans/r\xe9sum\xe9.png: No space left on device (os error 28)";
        s.says_raw(at + 0.5, scans, prio::ERR, json!(full.as_slice()));
        s.exits(at + 0.7, scans);
        s.restart(at + 6.0, scans);
    }
    s
}
