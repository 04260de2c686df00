//! What programs say. `{n}`, `{m}`, `{a}` and `{b}` are numbers, drawn anew for each entry.

use super::prng::Prng;

/// A template, its syslog priority, and whether it tells of a failure.
pub type Phrase = (&'static str, u8, bool);

/// What they say all day long. No pattern of patterns.tsv matches, and no signature of a built-in pack.
pub const FINE: &[&str] = &[
    "GET /api/v1/items/{n} 200 in {m} ms for client 10.0.{a}.{b}",
    "POST /api/v1/orders 201 in {m} ms, {b} bytes, request r-{n}",
    "started session {n} for the worker of shard {a}",
    "processed batch {n} of {m} items in {a}.{b} s",
    "cache hit ratio 0.{a} over {n} lookups",
    "connection from 10.1.{a}.{b} port {n} accepted",
    "checkpoint complete: wrote {n} buffers ({a}.{b} MB), {m} files added",
    "scheduled job cleanup-{n} finished after {m} ms",
    "user u{n} logged in from 192.168.{a}.{b}",
    "queue depth {m}, {a} consumers, {b} pending",
    "reloaded configuration in {m} ms, {a} routes",
    "compaction of segment {n} done: {a} MB to {b} MB in {m} ms",
    "health of upstream 10.3.{a}.{b}: ok, latency {m} ms",
    "flushed {n} rows to storage, {a} partitions, next flush after {m} rows",
    "lease renewed for node-{a}, term {b}, index {n}",
    "model loaded in {m} ms, {a} layers on the device, context {n} tokens",
];

/// The same with letters beyond ASCII.
pub const WIDE: &[&str] = &[
    "Benutzer Müller hat Sitzung {n} geöffnet — alles gut nach {m} ms",
    "处理完成 批次 {n} 共 {m} 项",
    "Заявка {n} принята за {m} мс, очередь {a}",
    "réponse envoyée à l'élève n° {n} après {m} ms",
    "✓ étape {a} terminée, {n} éléments traités",
];

/// What they say when something fails. Each is matched by a pattern of patterns.tsv and by a signature of a built-in pack.
pub const FAILING: &[Phrase] = &[
    ("connect to 10.0.{a}.{b}:{n} failed: connection refused", 3, true),
    ("dial tcp 10.4.{a}.{b}:5432: connect: connection refused", 3, true),
    ("request r-{n} failed: timed out after {m} ms", 3, true),
    ("upstream call {n}: context deadline exceeded", 4, true),
    ("write /var/lib/spool/{n}: no space left on device", 3, true),
    ("open /etc/secrets/{n}.key: permission denied", 3, true),
    ("read from 10.5.{a}.{b}:443: connection reset by peer", 4, true),
    ("segfault at {n} ip {m} sp {a} error 4 in libworker.so", 3, true),
    ("accept: too many open files ({n})", 3, true),
    ("OperationalError: database is locked (attempt {a} on file {n})", 3, true),
    ("FATAL: sorry, too many connections already, client {n}", 3, true),
    ("ERROR: deadlock detected by process {n} after {m} ms", 3, true),
    ("TLS handshake failed with peer 10.2.{a}.{b}: certificate has expired", 3, true),
    ("authentication failed for user u{n} from 10.6.{a}.{b}", 4, true),
    ("HTTP 503 Service Unavailable from upstream backend-{a}, request {n}", 3, true),
    ("HTTP 502 Bad Gateway from upstream backend-{a}, request {n}", 6, true),
    ("rate limit exceeded for key k-{n}, retry in {m} ms", 4, true),
    ("429 Too Many Requests, request {n}, limit {m}", 4, true),
    ("insufficient_quota: quota exceeded for project p-{n}", 3, true),
    ("Out of memory: Killed process {n} (worker) total-vm:{m}kB", 3, true),
    ("CUDA error: out of memory while allocating {m} MiB for request {n}", 3, true),
    ("lookup backend-{a}.internal: no such host: name resolution failed, request {n}", 3, true),
    ("connect to 10.7.{a}.{b} port 9092: no route to host", 3, true),
    ("lost connection to MySQL server during query {n}", 3, true),
    ("nats: no servers available for connection: connection refused, client {n}", 3, true),
    ("EXT4-fs error (device vda{a}): read-only file system, inode {n}", 3, true),
    ("blk_update_request: I/O error, dev sd{a}, sector {n}", 3, true),
    ("invalid api key for account {n}: authentication failed", 3, true),
];

/// What the service manager says when a process ends: four things, one after the other.
pub const MANAGER: &[Phrase] = &[
    ("{u}.service: Main process exited, code=exited, status=1/FAILURE", 5, true),
    ("{u}.service: Failed with result 'exit-code'.", 4, true),
    ("{u}.service: Scheduled restart job, restart counter is at 1.", 6, true),
    ("Started {u}.service.", 6, false),
];

/// The template with numbers.
pub fn fill(template: &str, dice: &mut Prng) -> String {
    let numbers = [
        ("n", dice.range(1_000, 999_999)),
        ("m", dice.range(1, 900)),
        ("a", dice.range(1, 254)),
        ("b", dice.range(1, 254)),
    ];
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        if let Some((_, number)) = numbers.iter().find(|(known, _)| *known == name) {
            text.push_str(&number.to_string());
        }
        rest = after;
    }
    text.push_str(rest);
    text
}
