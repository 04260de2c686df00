//! Logs in which nothing is wrong, however they sound.

use super::super::journal::{Manager, Scene};
use super::super::words::prio;
use super::{REQUESTS, utc};

/// A deploy of three Python services; each prints the trace of its cancelled tasks while it stops.
pub fn cancelled_at_stop() -> Scene {
    let mut s = Scene::new(7301, "orchard", Manager::User, utc(2026, 6, 17, 14, 30));
    let units = [
        s.unit("gateway.service", "Gateway"),
        s.unit("embedder.service", "Embedder"),
        s.unit("memory.service", "Memory"),
    ];
    s.chatter(0.0, 900.0, 7.0, &units, REQUESTS);
    let trace = "ERROR:    Traceback (most recent call last):\n  File \"/opt/app/lib/starlette/routing.py\", line 700, in lifespan\n    await receive()\n  File \"/opt/app/lib/uvicorn/lifespan/on.py\", line 137, in receive\n    return await self.receive_queue.get()\n  File \"/usr/lib/python3.12/asyncio/queues.py\", line 158, in get\n    await getter\nasyncio.exceptions.CancelledError";
    for (n, unit) in units.into_iter().enumerate() {
        let at = 400.0 + 20.0 * n as f64;
        s.stopping(at, unit);
        s.says(at + 0.1, unit, prio::INFO, "INFO:     Shutting down");
        s.says(at + 0.2, unit, prio::INFO, "INFO:     Finished server process [5512]");
        s.says_lines(at + 0.3, unit, prio::INFO, trace);
        s.stopped(at + 0.8, unit);
        s.start(at + 2.0, unit);
        s.says(at + 4.0, unit, prio::INFO, "INFO:     Application startup complete.");
    }
    s
}

/// A day of lines that a grep for error, fail, panic or kill would report, and that mean nothing.
pub fn alarming_words() -> Scene {
    let mut s = Scene::new(7302, "prairie", Manager::System, utc(2026, 11, 3, 0, 0));
    let units = [
        s.unit("forum.service", "Forum"),
        s.unit("backup.service", "Backup"),
        s.unit("ci-runner.service", "Test runner"),
        s.unit("panic-button.service", "Panic button of the front desk"),
    ];
    let lines = [
        "0 errors, 0 failures, {} tests passed",
        "finished without errors in {} ms",
        "error budget left: 99.97 %",
        "errors=0 retries=0 rows={}",
        "uploaded error-pages-{}.tar",
        "loaded plugin killswitch (disabled)",
        "failover rehearsal {} succeeded, primary unchanged",
        "GET /docs/how-to-fix-out-of-memory 200 {}us",
        "GET /search?q=connection+refused 200 {}us",
        "no failed units, no crashed workers",
        "panic button: battery 87 %, self test {} ok",
        "subject: \"Re: fatal exception in chapter {}\" delivered",
        "deadlock detector: 0 found in {} locks",
        "recovered from snapshot {} in 3 s, as scheduled",
        "user {} renamed article \"Permission denied\" to \"Access rights\"",
        "timeout set to {} s",
        "disk usage 41 %, warning at 85 %, critical at 95 %",
    ];
    s.chatter(0.0, 86_000.0, 250.0, &units, &lines);
    s
}

/// A day on which nothing happens but work.
pub fn quiet_day() -> Scene {
    let mut s = Scene::new(7303, "heath", Manager::System, utc(2026, 4, 26, 0, 0));
    let units = [
        s.unit("library.service", "Library"),
        s.unit("catalog.service", "Catalogue"),
        s.unit("lending.service", "Lending desk"),
    ];
    s.chatter(0.0, 86_000.0, 280.0, &units, REQUESTS);
    s
}

/// The host is rebooted in order; everything stops and comes back.
pub fn planned_reboot() -> Scene {
    let mut s = Scene::new(7304, "ferry", Manager::System, utc(2025, 12, 31, 23, 40));
    let units = [
        s.unit("tickets.service", "Ticket office"),
        s.unit("timetable.service", "Timetable"),
        s.unit("display.service", "Display"),
    ];
    s.chatter(0.0, 900.0, 8.0, &units, REQUESTS);
    s.reboot(901.0, 45.0);
    s.chatter(960.0, 2_400.0, 9.0, &units, REQUESTS);
    s
}
