//! Packs carry their own tests: samples that must match and lines that must not.

use crate::base::{Place, SourceId, Stamp};
use crate::record::{Format, Outcome, Record, Reference, Scratch};
use crate::rules::{ClassTable, Signature};

use super::classes::{Case, ClassPlan};
use super::classify::{Classifier, whole};
use super::examine::near_misses;
use super::miss::Miss;
use super::plan::Plan;

/// What the author of a sample forgot who wrote only the message of a record.
const BARE: &str = "\n  = help: only 'where' keeps it out: a text has no unit, level or fields: write a record in JSON, such as \
                    '{\"MESSAGE\": \"...\", \"_SYSTEMD_UNIT\": \"nats.service\", \"PRIORITY\": \"4\"}'";

/// One sentence for each sample that does not match and each counter-sample that does, by the fast and by the slow way.
pub fn prove(plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut fast = Classifier::new(plan);
    for (index, signature) in (0u32..).zip(plan.signatures()) {
        for (text, expected) in wanted(signature) {
            let (by_fast, by_slow) = (speaks(&mut fast, index, text), matches(plan, index, text));
            let id = &signature.id;
            if by_fast != by_slow {
                wrong.push(format!("{id}: the fast and the slow matcher differ on {text:?} (a fault of ours)"));
            } else if by_fast && !expected {
                wrong.push(format!("{id}: must not match its counter-sample {text:?}"));
            } else if !by_fast && expected {
                let why = if bare(plan, index, text) { BARE } else { "" };
                wrong.push(format!("{id}: must match its sample {text:?}{why}"));
            }
        }
    }
    wrong
}

fn wanted(signature: &Signature) -> impl Iterator<Item = (&str, bool)> {
    let must = signature.sample.iter().map(|s| (s.as_str(), true));
    must.chain(signature.not.iter().map(|s| (s.as_str(), false)))
}

fn speaks(classifier: &mut Classifier<'_>, index: u32, sample: &str) -> bool {
    let place = Place { source: SourceId::of("sample"), offset: 0 };
    let mut speaks = false;
    with_sample(sample, |record| {
        let event = classifier.classify(record, Stamp(0), record.certainty, place);
        speaks = event.is_some_and(|event| event.hits.contains(&index));
    });
    speaks
}

/// Is this sample a text, and does only `where` keep it from matching?
fn bare(plan: &Plan, index: u32, sample: &str) -> bool {
    let mut bare = false;
    with_sample(sample, |record| {
        let near = near_misses(plan, record, Some(index));
        let mut misses = near.iter().flat_map(|near| &near.misses).peekable();
        bare = !sample.starts_with('{') && misses.peek().is_some() && misses.all(Miss::is_scope);
    });
    bare
}

/// The slow way, for one signature: all others would be asked in vain.
fn matches(plan: &Plan, index: u32, sample: &str) -> bool {
    let (mut buffer, mut matches) = (Vec::new(), false);
    with_sample(sample, |record| {
        let text = whole(record, &mut buffer);
        matches = plan.verifier(index).matches(plan.signature(index), record, text, &mut Vec::new());
    });
    matches
}

/// Shows a sample as the record that it is; one that is no record is not shown.
pub(super) fn with_sample(sample: &str, see: impl FnOnce(&Record<'_>)) {
    let reference =
        Reference { now: Stamp(0), zone: jiff::tz::TimeZone::UTC, unit: String::new(), boot: None, dated: false };
    let mut scratch = Scratch::default();
    let record = if sample.starts_with('{') {
        let format = if sample.contains("\"MESSAGE\"") { Format::JournalJson } else { Format::JsonLines };
        format.parse(sample.as_bytes(), &reference, &mut scratch)
    } else {
        Some(Record::plain(sample.as_bytes(), &reference))
    };
    if let Some(record) = record {
        see(&record);
    }
}

/// One sentence for each sample of a classifier that some order sorts elsewhere, each counter-sample that it takes, and
/// each text about which the fast and the slow way differ.
pub fn prove_classifier(table: &ClassTable) -> Vec<String> {
    let mut wrong = Vec::new();
    for (order, _) in &table.orders {
        let plan = |naive| ClassPlan::new(table.clone(), Some(order)).map(|plan| plan.naive(naive));
        let (fast, slow) = match (plan(false), plan(true)) {
            (Ok(fast), Ok(slow)) => (fast, slow),
            (Err(err), _) | (_, Err(err)) => {
                wrong.push(err.to_string());
                continue;
            }
        };
        for (index, rule) in table.rules.iter().enumerate() {
            let must = rule.sample.iter().map(|s| (s, true));
            for (text, expected) in must.chain(rule.not.iter().map(|s| (s, false))) {
                let mut outcome = Outcome::default();
                let case =
                    if outcome.read(text.as_bytes()) { Case::Outcome(&outcome) } else { Case::Line(text.as_bytes()) };
                let answer = fast.ask(case);
                let told = answer.better.as_ref().map(|hit| hit.rule).or(table.otherwise());
                let name = told.and_then(|told| table.rules.get(told)).map_or("nothing", |rule| rule.id.as_str());
                let id = format!("{}/{} ({order})", table.name, rule.id);
                if answer != slow.ask(case) {
                    wrong.push(format!("{id}: the fast and the slow way differ on {text:?} (a fault of ours)"));
                } else if expected && told != Some(index) {
                    wrong.push(format!("{id}: its sample is sorted as {name}: {text:?}"));
                } else if !expected && told == Some(index) {
                    wrong.push(format!("{id}: must not take its counter-sample {text:?}"));
                }
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{builtin_classifiers, parse, parse_classifier};

    #[test]
    fn a_text_that_only_where_keeps_out_is_told_so() {
        let rule = r#"
[pack]
name = "p"
[[signature]]
id = "slow"
class = "network"
severity = "info"
cause = "x"
any = "too slow"
where = { unit = "web*", level = "err" }
not = "fast"
"#;
        let told = |sample: &str| {
            let pack = parse("p.toml", &format!("{rule}sample = '{sample}'\n")).unwrap();
            prove(&Plan::new(vec![pack]).unwrap()).join("\n")
        };
        let text = told("it is too slow");
        assert!(text.starts_with("p/slow: must match its sample \"it is too slow\"\n  = help: only 'where'"), "{text}");
        assert_eq!(told("it is quick"), "p/slow: must match its sample \"it is quick\"");
        let record = r#"{"MESSAGE": "too slow", "_SYSTEMD_UNIT": "db.service", "PRIORITY": "3"}"#;
        assert!(!told(record).contains("help"));
        assert_eq!(told(&record.replace("db", "web")), "");
    }

    /// What `rules check` would say of each of them.
    #[test]
    fn the_examples_of_the_documentation_match_their_samples() {
        let page = include_str!("../../docs/packs.md");
        let mut examples = 0;
        for block in page.split("```toml\n").skip(1) {
            let text = block.split("```").next().unwrap_or_default();
            let Ok(pack) = parse("docs/packs.md", text) else { panic!("rules::tests says what is wrong") };
            assert!(crate::rules::builtin().iter().all(|(file, _)| *file != format!("{}.toml", pack.name)));
            assert_eq!(prove(&Plan::new(vec![pack]).unwrap()), Vec::<String>::new());
            examples += 1;
        }
        assert!(examples > 0);
    }

    #[test]
    fn the_built_in_classifiers_sort_their_samples() {
        for (file, text) in builtin_classifiers() {
            let table = parse_classifier(file, text)
                .unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()));
            let wrong = prove_classifier(&table);
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    }
}
