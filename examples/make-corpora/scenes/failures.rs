//! Real failures, with a cause and a course.

use super::super::journal::{Manager, Scene};
use super::super::words::prio;
use super::{REQUESTS, utc};

/// The disk fills up; the database cannot write, dies, comes back and dies again; its clients are refused.
pub fn full_disk_cascade() -> Scene {
    let mut s = Scene::new(7101, "harbor", Manager::System, utc(2026, 4, 14, 9, 20));
    let db = s.unit("postgresql.service", "PostgreSQL RDBMS");
    let api = s.unit("orders-api.service", "Orders API");
    let worker = s.unit("invoice-worker.service", "Invoice worker");
    let web = s.unit("storefront.service", "Storefront");
    s.chatter(0.0, 900.0, 7.0, &[api, worker, web], REQUESTS);
    for n in 0..4 {
        let at = 400.0 + 3.0 * f64::from(n);
        let row = "ERROR:  could not extend file \"base/16402/24811\": No space left on device";
        s.says(at, db, prio::ERR, format!("2026-04-14 09:26:4{n}.118 UTC [2211] {row}"));
        s.says(at, db, prio::INFO, "HINT:  Check free disk space.");
    }
    for n in 0..5 {
        let at = 420.0 + 20.0 * f64::from(n);
        let panic = "PANIC:  could not write to file \"pg_wal/xlogtemp.2211\": No space left on device";
        s.says(at, db, prio::CRIT, format!("2026-04-14 09:27:{:02}.870 UTC [2211] {panic}", n * 11));
        s.dies(at + 0.3, db, "killed", "6/ABRT", "signal");
        for k in 0..4 {
            let then = at + 1.0 + 2.1 * f64::from(k);
            let text = "psycopg.OperationalError: connection failed: connection to server at \"10.20.0.5\", port 5432 failed: Connection refused";
            s.says(then, api, prio::ERR, text);
            s.says(
                then + 0.7,
                worker,
                prio::ERR,
                "cannot fetch job: dial tcp 10.20.0.5:5432: connect: connection refused",
            );
        }
        if n < 4 {
            s.restart(at + 10.0, db);
        }
    }
    s
}

/// Every 18 minutes for four hours the same death: far slower than any start limit, and never up for long.
pub fn slow_crash_loop() -> Scene {
    let mut s = Scene::new(7102, "lantern", Manager::User, utc(2026, 6, 2, 1, 5));
    let fetch = s.unit("mailfetch.service", "Mail fetcher");
    let index = s.unit("notes-index.service", "Notes index");
    let feeds = s.unit("feeds.service", "Feed reader");
    s.chatter(0.0, 15_000.0, 60.0, &[index, feeds], REQUESTS);
    for n in 0..13 {
        let at = 300.0 + 1_080.0 * f64::from(n) + s.dice.range(0, 40) as f64;
        s.says(at - 240.0, fetch, prio::INFO, "INBOX: 41 new messages");
        s.says(at - 0.2, fetch, prio::ERR, "thread 'main' panicked at src/imap/fetch.rs:218:41:");
        s.says(at - 0.199, fetch, prio::ERR, "index out of bounds: the len is 512 but the index is 512");
        let note = "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace";
        s.says(at - 0.198, fetch, prio::ERR, note);
        s.dies(at, fetch, "exited", "101/n/a", "exit-code");
        s.restart(at + 30.0, fetch);
    }
    s
}

/// An upgrade runs the service as another user; its own files refuse it; four starts later systemd gives up.
pub fn permission_after_upgrade() -> Scene {
    let mut s = Scene::new(7103, "quarry", Manager::System, utc(2026, 3, 21, 22, 10));
    let store = s.unit("blobstore.service", "Blob store");
    let photos = s.unit("photos.service", "Photo library");
    let site = s.unit("landing.service", "Landing page");
    s.chatter(0.0, 1_200.0, 8.0, &[photos, site], REQUESTS);
    s.chatter(0.0, 590.0, 20.0, &[store], &["put chunk {}", "compacted segment {}"]);
    s.program(
        595.0,
        "sudo",
        "session-4.scope",
        "deploy : PWD=/home/deploy ; USER=root ; COMMAND=/usr/bin/apt-get install blobstore",
    );
    s.stop(600.0, store);
    s.start(604.0, store);
    for n in 0..4 {
        let at = 604.5 + 3.0 * f64::from(n);
        s.says(at, store, prio::INFO, "blobstore 5.0.1 opening /srv/blobs");
        let denied = "fatal: open /srv/blobs/LOCK: permission denied";
        s.says(at + 0.1, store, prio::ERR, denied);
        s.dies(at + 0.2, store, "exited", "1/FAILURE", "exit-code");
        s.says(at + 1.0, photos, prio::WARNING, "upload failed: connect to 127.0.0.1:9710: Connection refused");
        if n < 3 {
            s.restart(at + 2.4, store);
        } else {
            s.start_limit(at + 2.4, store);
        }
    }
    for n in 0..6 {
        let at = 640.0 + 60.0 * f64::from(n);
        s.says(at, photos, prio::WARNING, "upload failed: connect to 127.0.0.1:9710: Connection refused");
    }
    s
}

/// A second copy of the broker holds the port: the broker cannot come back; three clients, each with its own words.
pub fn broker_down() -> Scene {
    let mut s = Scene::new(7104, "foundry", Manager::User, utc(2026, 5, 5, 16, 40)).with_old_words();
    let nats = s.unit("relay-nats.service", "Message broker");
    let planner = s.unit("relay-planner.service", "Planner");
    let coder = s.unit("relay-coder.service", "Coder");
    let ledger = s.unit("relay-ledger.service", "Ledger");
    let dash = s.unit("relay-dash.service", "Dashboard");
    s.chatter(0.0, 800.0, 8.0, &[planner, coder, ledger, dash], REQUESTS);
    s.says(
        301.0,
        nats,
        prio::INFO,
        "[2290] 2026/05/05 16:45:01.004112 [ERR] JetStream failed to store a message: write error",
    );
    s.dies(301.2, nats, "exited", "1/FAILURE", "exit-code");
    for n in 0..4 {
        let at = 303.0 + 4.0 * f64::from(n);
        s.restart(at, nats);
        let pid = s.dice.range(900, 9000);
        s.says(at + 0.3, nats, prio::INFO, format!("[{pid}] 2026/05/05 16:45:03.300871 [INF] Starting nats-server"));
        let taken =
            "[FTL] Error listening on port: 0.0.0.0:4222, \"listen tcp 0.0.0.0:4222: bind: address already in use\"";
        s.says(at + 0.4, nats, prio::INFO, format!("[{pid}] 2026/05/05 16:45:03.401122 {taken}"));
        s.exits(at + 0.5, nats);
    }
    s.start_limit(319.0, nats);
    for n in 0..8 {
        let at = 302.0 + 9.0 * f64::from(n);
        let refused = "ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 4222)";
        s.says(at, planner, prio::ERR, refused);
        s.says(at + 1.5, coder, prio::ERR, "nats: no servers available for connection");
        s.says(at + 2.5, ledger, prio::ERR, "publish failed: dial tcp 127.0.0.1:4222: connect: connection refused");
    }
    s
}

/// The kernel takes the largest process of the host; systemd starts it again; it comes back and stays.
pub fn kernel_oom() -> Scene {
    let mut s = Scene::new(7105, "meadow", Manager::System, utc(2026, 7, 9, 3, 50));
    let tiles = s.unit("tileserver.service", "Map tile server");
    let geo = s.unit("geocoder.service", "Geocoder");
    let cron = s.unit("cron.service", "Regular background program processing daemon");
    s.chatter(0.0, 1_800.0, 9.0, &[tiles, geo], REQUESTS);
    s.chatter(0.0, 1_800.0, 300.0, &[cron], &["(root) CMD (run-parts --report /etc/cron.hourly)"]);
    s.kernel_oom(700.0, tiles, 7_340_112);
    s.restart(705.0, tiles);
    s.says(709.0, tiles, prio::INFO, "ready, 14 layers");
    s
}

/// Two stories that have nothing to do with each other, at the same time.
pub fn two_incidents() -> Scene {
    let mut s = Scene::new(7106, "summit", Manager::System, utc(2026, 8, 19, 11, 0));
    let llm = s.unit("llama-server.service", "Language model server");
    let relay = s.unit("mail-relay.service", "Outgoing mail relay");
    let wiki = s.unit("wiki.service", "Wiki");
    s.chatter(0.0, 1_200.0, 7.0, &[wiki], REQUESTS);
    for n in 0..6 {
        let at = 300.0 + 25.0 * f64::from(n);
        s.says(at, llm, prio::INFO, "main: loading model");
        let memory = "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 21504.00 MiB on device 0: cudaMalloc failed: out of memory";
        s.says(at + 2.0, llm, prio::ERR, memory);
        s.says(at + 2.1, llm, prio::ERR, "llama_model_load: error loading model: unable to allocate CUDA0 buffer");
        s.says(at + 2.2, llm, prio::ERR, "main: exiting due to model loading error");
        s.exits(at + 2.4, llm);
        s.restart(at + 12.0, llm);
    }
    for n in 0..6 {
        let at = 310.0 + 22.0 * f64::from(n);
        let expired =
            "TLS handshake with mx1.example.net failed: certificate has expired (notAfter=Aug 19 10:59:59 2026 GMT)";
        s.says(at, relay, prio::ERR, expired);
        s.says(at + 0.1, relay, prio::CRIT, "no usable upstream left, giving up");
        s.dies(at + 0.3, relay, "exited", "69/UNAVAILABLE", "exit-code");
        s.restart(at + 8.0, relay);
    }
    s
}

/// One death, one restart, and all is well for the rest of the day: told, but no loop.
pub fn single_crash() -> Scene {
    let mut s = Scene::new(7107, "brook", Manager::System, utc(2026, 2, 23, 10, 0));
    let sessions = s.unit("session-cache.service", "Session cache");
    let login = s.unit("login.service", "Login");
    s.chatter(0.0, 14_000.0, 60.0, &[sessions, login], REQUESTS);
    s.says(3_000.0, sessions, prio::ERR, "Assertion `slot->owner == self' failed at slab.c:412");
    s.dies(3_000.2, sessions, "dumped", "6/ABRT", "core-dump");
    s.restart(3_001.0, sessions);
    s.says(3_002.0, sessions, prio::INFO, "cache is warm");
    s
}

/// A job of every night fails three nights in a row for the same reason; nothing restarts it.
pub fn nightly_job_fails() -> Scene {
    let mut s = Scene::new(7108, "abbey", Manager::System, utc(2026, 9, 14, 2, 0));
    let export = s.unit("nightly-export.service", "Nightly export to the archive");
    let shop = s.unit("shop.service", "Shop");
    s.chatter(0.0, 190_000.0, 900.0, &[shop], REQUESTS);
    for n in 0..3 {
        let at = 600.0 + 86_400.0 * f64::from(n);
        s.begin(at, export);
        s.says(at + 2.0, export, prio::INFO, "exporting 18 tables");
        s.says(
            at + 40.0,
            export,
            prio::ERR,
            "rsync: connection unexpectedly closed (0 bytes received so far) [sender]",
        );
        let refused = "ssh: connect to host archive.example.net port 22: Connection refused";
        s.says(at + 40.1, export, prio::ERR, refused);
        s.exits(at + 40.3, export);
        s.start_failed(at + 40.4, export);
    }
    s
}

/// Six units get a new version one after the other; one of them does not survive it.
pub fn deploy_with_one_failure() -> Scene {
    let mut s = Scene::new(7109, "canal", Manager::User, utc(2026, 10, 27, 15, 0));
    let units = [
        s.unit("news-web.service", "News site"),
        s.unit("news-feed.service", "News feed"),
        s.unit("news-search.service", "News search"),
        s.unit("news-images.service", "News images"),
        s.unit("news-comments.service", "News comments"),
        s.unit("news-stats.service", "News statistics"),
    ];
    s.chatter(0.0, 590.0, 5.0, &units, REQUESTS);
    for (n, unit) in units.into_iter().enumerate() {
        let at = 600.0 + 15.0 * n as f64;
        s.stop(at, unit);
        s.start(at + 1.0, unit);
    }
    let broken = units[3];
    for n in 0..5 {
        let at = 646.3 + 3.0 * f64::from(n);
        let missing = "ImportError: libvips.so.42: cannot open shared object file: No such file or directory";
        s.says_lines(at, broken, prio::ERR, &format!("Traceback (most recent call last):\n  File \"/opt/news/images.py\", line 3, in <module>\n    import pyvips\n{missing}"));
        s.exits(at + 0.2, broken);
        if n < 4 {
            s.restart(at + 2.2, broken);
        } else {
            s.start_limit(at + 2.2, broken);
        }
    }
    let rest = [units[0], units[1], units[2], units[4], units[5]];
    s.chatter(700.0, 1_200.0, 6.0, &rest, REQUESTS);
    s
}
