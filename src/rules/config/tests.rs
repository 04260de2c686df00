use super::*;
use crate::rules::parse;

mod probe;

const PACK: &str = r#"
[pack]
name = "nats"

[[signature]]
id = "no-servers"
class = "network"
severity = "down"
any = "no servers available"
at-least = 3
cause = "The server is away."
fix = [{ text = "Start it" }]
sample = "no servers available"
not = "servers"

[[signature]]
id = "started"
class = "noise"
severity = "info"
any = "Server is ready"
step = "started"
sample = "Server is ready"
not = "ready"

[[signature]]
id = "seen"
class = "network"
severity = "info"
any = "client connected"
cause = "A client came."
sample = "client connected"
not = "client"

[[detector]]
id = "loop"
kind = "count"
on = "nats/no-servers"
at-least = 5
within = "60s"
severity = "degraded"
finding = "crash_loop"
cause = "It cannot start."
fix = { text = "Read its log." }

[[detector]]
id = "order"
kind = "sequence"
steps = ["nats/no-servers", "nats/seen"]
within = "5min"
severity = "down"
finding = "sequence"
cause = "One follows the other."
fix = [{ text = "Read its log." }]
"#;

fn packs() -> Vec<Pack> {
    vec![parse("nats.toml", PACK).unwrap()]
}

/// All that is told about this configuration, beside these packs.
fn told(text: &str) -> String {
    let (config, mut problems) = Config::parse("site.toml", text);
    problems.extend(config.apply(&mut packs(), &["lifecycle/crash-loop"]));
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_number_can_be_changed_and_says_where() {
    let text = r#"
packs = ["more", "/etc/x.toml"]

[override."nats/no-servers"]
at-least = 7
within = "1h"
severity = "degraded"
cause = "The ops network is slow on Mondays."
fix = [{ text = "Call the network people", run = "true" }]

[override."nats/started"]
enabled = false

[override."nats/seen"]
severity = "degraded"
at-least = 2
fix = { text = "Ask who it was" }

[override."nats/loop"]
at-least = 9
within = "2min"
severity = "down"

[override."nats/order"]
enabled = false
"#;
    let (config, problems) = Config::parse("site.toml", text);
    assert_eq!(problems, []);
    assert_eq!(config.packs, [PathBuf::from("more"), PathBuf::from("/etc/x.toml")]);
    let mut packs = packs();
    assert_eq!(config.apply(&mut packs, &[]), []);
    let [no_servers, started, seen] = packs[0].signatures.as_slice() else { panic!("three") };
    assert_eq!((no_servers.at_least, no_servers.within), (7, Span::seconds(3600)));
    assert_eq!((no_servers.severity, no_servers.fixes.len()), (Severity::Degraded, 1));
    assert!(no_servers.cause.contains("Mondays") && !started.enabled && seen.enabled);
    assert_eq!((seen.at_least, seen.severity), (2, Severity::Degraded));
    let changed = |key: &str| no_servers.set.change(key).map(|c| format!("{}:{} before {}", c.file, c.line, c.before));
    assert_eq!(changed("at-least").as_deref(), Some("site.toml:5 before 3"));
    assert_eq!(changed("within").as_deref(), Some("site.toml:6 before 10 min"));
    assert_eq!((no_servers.set.line("at-least"), no_servers.set.line("within")), (Some(10), None));
    let [lo, order] = packs[0].detectors.as_slice() else { panic!("two") };
    assert_eq!((lo.numbers.at_least, lo.numbers.within()), (Some(9), Span::seconds(120)));
    assert!(lo.severity == Severity::Down && !order.enabled);
}

#[test]
fn all_mistakes_are_told_at_once() {
    insta::assert_snapshot!(told(
        r#"
pack = ["x"]
colour = "red"

[override."nats/no-server"]
at-least = 3

[override."nats/no-servers"]
at_least = 3
within = "soon"
severity = "critical"
enabled = "no"

[override."nats/no-servers ".x]

[override.nats]
at-least = 3

[override."nats/*"]
enabled = false

[override."zebra/stripes"]
enabled = false

[override."lifecycle/crash-loop"]
at-least = 9

[override."nats/started"]
at-least = 2
within = "1h"
severity = "down"

[override."nats/seen"]
severity = "down"
at-least = 0

[override."nats/order"]
at-least = 2

[override."nats/loop"]
severity = "info"
at-least = "many"
fix = [{ txt = "x" }]
"#
    ));
    insta::assert_snapshot!("not_toml", told("packs = [\n[override.nats/x]\nat-least = 1\n"));
    assert!(told(&format!("# {}", "x".repeat(LARGEST))).contains("1 MiB"));
}

#[test]
fn a_number_that_nobody_looks_at_is_refused() {
    assert!(told("[override.\"nats/seen\"]\nat-least = 2\n").contains("'nats/seen' has no 'at-least'"));
    assert_eq!(told("[override.\"nats/seen\"]\nat-least = 2\nseverity = \"down\"\nfix = { text = \"x\" }\n"), "");
    assert_eq!(told(""), "");
}

#[test]
fn a_configuration_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::read(&folder.path().join("missing.toml")).1;
    assert!(missing[0].to_string().contains("missing.toml: No such file"), "{missing:?}");
    assert_eq!(Config::read(folder.path()).1.len(), 1);
    let file = folder.path().join("binary.toml");
    std::fs::write(&file, b"packs = [\"\xff\"]").unwrap();
    assert!(Config::read(&file).1[0].what.contains("not UTF-8"));
    std::fs::write(&file, "packs = [\"near\"]").unwrap();
    assert_eq!(Config::read(&file).0.packs, [folder.path().join("near")]);
}

#[test]
fn the_example_of_the_documentation_is_right() {
    let page = include_str!("../../../docs/config.md");
    let text = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let (config, problems) = Config::parse("docs/config.md", text);
    let mut packs = crate::rules::load(&[], true).packs;
    assert_eq!((problems, config.apply(&mut packs, &[])), (vec![], vec![]));
    assert!(config.overrides.len() > 3);
    for key in KEYS {
        assert!(page.contains(&format!("`{key}`")), "the page does not tell of '{key}'");
    }
}
